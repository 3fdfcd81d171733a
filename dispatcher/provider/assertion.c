/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/provider/assertion.h"

#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "proto/json.h"

enum {
    SIGNATURE_BYTES_MAX = 1024, /* RSA of 8192 bits */
    HEADER_BYTES_MAX = 2048
};

static const char *const fault_names[ASSERTION_FAULT_COUNT] = {
    [ASSERTION_HOLDS] = "holds",
    [ASSERTION_NO_TOKEN] = "no_token",
    [ASSERTION_ALGORITHM] = "algorithm",
    [ASSERTION_CRITICAL] = "critical",
    [ASSERTION_KEY] = "key",
    [ASSERTION_SIGNATURE] = "signature",
    [ASSERTION_ISSUER] = "issuer",
    [ASSERTION_AUDIENCE] = "audience",
    [ASSERTION_EXPIRED] = "expired",
    [ASSERTION_EARLY] = "early",
    [ASSERTION_NONCE] = "nonce",
    [ASSERTION_STALE] = "stale",
    [ASSERTION_LOGIN] = "login",
};

const char *assertion_fault_name(enum assertion_fault fault)
{
    return fault_names[fault];
}

/* ---- the three parts ----------------------------------------------------------------------- */

struct part {
    const char *at;
    size_t length;
};

static bool split(const char *token, struct part parts[3])
{
    for (int i = 0; i < 3; i++) {
        parts[i] = (struct part){ .at = token, .length = strcspn(token, ".") };
        token += parts[i].length;
        if (*token != (i < 2 ? '.' : '\0'))
            return false;
        token += i < 2;
    }
    return true;
}

/* Returns the size, 0: not base64url, or more than there is room for. */
static size_t decode(const struct part *part, void *bytes, size_t room)
{
    size_t size = 0;
    bool read = sodium_base642bin(bytes, room, part->at, part->length, NULL, &size, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    return read ? size : 0;
}

static json_t *object_of(const struct part *part, char *bytes, size_t room)
{
    char complaint[JSON_COMPLAINT_BYTES];
    size_t size = decode(part, bytes, room);
    return size ? json_read_object(bytes, size, complaint, sizeof complaint) : NULL;
}

static const char *words_of(const json_t *object, const char *name)
{
    const char *words = json_string_value(json_object_get(object, name));
    return words ? words : "";
}

static bool is_words(const json_t *object, const char *name, const char *words)
{
    return *words && strcmp(words_of(object, name), words) == 0;
}

/* ---- who signed it ------------------------------------------------------------------------- */

static enum assertion_fault check_signature(const struct part parts[3], const struct keyset *keyset)
{
    char bytes[HEADER_BYTES_MAX], name[KEYSET_NAME_BYTES];
    uint8_t signature[SIGNATURE_BYTES_MAX];
    json_t *header = object_of(&parts[0], bytes, sizeof bytes);
    if (!header)
        return ASSERTION_NO_TOKEN;
    enum algorithm algorithm = algorithm_of(words_of(header, "alg"));
    bool named = text_copy(name, sizeof name, words_of(header, "kid"));
    bool critical = json_object_get(header, "crit") != NULL;
    json_decref(header);
    if (algorithm == ALGORITHM_NONE)
        return ASSERTION_ALGORITHM;
    if (critical)
        return ASSERTION_CRITICAL;
    if (!named || !keyset_has(keyset, algorithm, name))
        return ASSERTION_KEY;
    size_t length = decode(&parts[2], signature, sizeof signature);
    size_t size = (size_t)(parts[1].at - parts[0].at) + parts[1].length;
    return length && keyset_signed(keyset, algorithm, name, parts[0].at, size, signature, length)
               ? ASSERTION_HOLDS
               : ASSERTION_SIGNATURE;
}

/* ---- what it says -------------------------------------------------------------------------- */

/* For us; when for others, too, then given to us (OpenID Connect Core §3.1.3.7, 3–5). */
static bool is_for(const json_t *claims, const char *client)
{
    const json_t *audience = json_object_get(claims, "aud");
    bool named = is_words(claims, "aud", client);
    for (size_t i = 0; i < json_array_size(audience); i++) {
        const char *one = json_string_value(json_array_get(audience, i));
        named = named || (one && strcmp(one, client) == 0);
    }
    bool party_wanted = json_array_size(audience) > 1 || json_object_get(claims, "azp");
    return named && (!party_wanted || is_words(claims, "azp", client));
}

/* Seconds since 1970, 0: absent or none. */
static uint64_t time_of(const json_t *claims, const char *name)
{
    double seconds = json_number_value(json_object_get(claims, name));
    return seconds >= 1 && seconds < 1e12 ? (uint64_t)seconds : 0;
}

static enum assertion_fault check_times(const json_t *claims, const struct expectation *expected)
{
    uint64_t latest_s = expected->now_s + expected->skew_s;
    uint64_t issued_s = time_of(claims, "iat"), expires_s = time_of(claims, "exp");
    const json_t *from = json_object_get(claims, "nbf");
    if (expires_s + expected->skew_s <= expected->now_s || !expires_s)
        return ASSERTION_EXPIRED;
    if (!issued_s || issued_s > latest_s ||
        (from && (!time_of(claims, "nbf") || time_of(claims, "nbf") > latest_s)))
        return ASSERTION_EARLY;
    if (expected->since_s && time_of(claims, "auth_time") + expected->skew_s < expected->since_s)
        return ASSERTION_STALE;
    return ASSERTION_HOLDS;
}

static bool is_login(const char *words)
{
    size_t length = strlen(words);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)words[i] <= ' ' || words[i] == ':' || words[i] == 0x7f)
            return false;
    return length > 0 && length < ASSERTION_LOGIN_BYTES;
}

static bool is_member(const json_t *groups, const char *pattern, enum role role)
{
    static const char place[] = "{role}";
    char name[128];
    const char *at = strstr(pattern, place);
    if (!at)
        return false;
    struct text out = text_into(name, sizeof name);
    text_print(&out, "%.*s%s%s", (int)(at - pattern), pattern, role_name(role),
               at + sizeof place - 1);
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const char *group = json_string_value(json_array_get(groups, i));
        if (group && strcmp(group, name) == 0)
            return true;
    }
    return false;
}

static enum assertion_fault check_claims(const json_t *claims, const struct expectation *expected,
                                         struct assertion *assertion)
{
    if (!is_words(claims, "iss", expected->issuer))
        return ASSERTION_ISSUER;
    if (!is_for(claims, expected->client))
        return ASSERTION_AUDIENCE;
    enum assertion_fault fault = check_times(claims, expected);
    if (fault != ASSERTION_HOLDS)
        return fault;
    if (!is_words(claims, "nonce", expected->nonce))
        return ASSERTION_NONCE;
    const char *login = words_of(claims, expected->login);
    if (!is_login(login))
        return ASSERTION_LOGIN;
    *assertion = (struct assertion){ .confirmed = 0 };
    (void)text_copy(assertion->login, sizeof assertion->login, login);
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++)
        if ((expected->confirm & 1U << role) &&
            is_member(json_object_get(claims, expected->groups), expected->group, role))
            assertion->confirmed |= 1U << role;
    return ASSERTION_HOLDS;
}

enum assertion_fault assertion_read(const char *token, const struct keyset *keyset,
                                    const struct expectation *expected, struct assertion *assertion)
{
    char bytes[ASSERTION_BYTES_MAX];
    struct part parts[3];
    if (strlen(token) > ASSERTION_BYTES_MAX || !split(token, parts))
        return ASSERTION_NO_TOKEN;
    enum assertion_fault fault = check_signature(parts, keyset);
    if (fault != ASSERTION_HOLDS)
        return fault;
    json_t *claims = object_of(&parts[1], bytes, sizeof bytes);
    if (!claims)
        return ASSERTION_NO_TOKEN;
    fault = check_claims(claims, expected, assertion);
    json_decref(claims);
    return fault;
}
