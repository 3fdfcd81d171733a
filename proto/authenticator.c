/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/authenticator.h"

#include <string.h>

#include <sodium.h>

#include "proto/cbor.h"
#include "proto/p256.h"

enum {
    HEAD_BYTES = 37, /* hash, flags, counter */
    AAGUID_BYTES = 16,
    CHALLENGE_LETTERS = 43 /* 32 bytes in base64url */
};

enum flag {
    FLAG_PRESENT = 1 << 0,
    FLAG_VERIFIED = 1 << 2,
    FLAG_CREDENTIAL = 1 << 6,
    FLAG_EXTENSIONS = 1 << 7
};

/* ---- authenticatorData --------------------------------------------------------------------------- */

/* RFC 9053 §7: labels of a COSE key, and what stands there. */
enum label {
    LABEL_KIND = 1,
    LABEL_ALGORITHM = 3,
    LABEL_CURVE = -1,
    LABEL_X = -2,
    LABEL_Y = -3
};

static const struct {
    int64_t kind;
    int64_t algorithm;
    int64_t curve;
    uint32_t pairs;
    uint32_t ours;
} key_kinds[] = {
    { 2, -7, 1, 5, AUTHENTICATOR_ES256 },
    { 1, -8, 6, 4, AUTHENTICATOR_ED25519 },
};

/* WebAuthn §6.5.1: what is wanted, and nothing else. CTAP2 writes the labels in this order. */
static bool read_key(struct cbor *cbor, struct authenticator_key *key)
{
    static const int64_t numbers[] = { LABEL_KIND, LABEL_ALGORITHM, LABEL_CURVE };
    static const int64_t coordinates[] = { LABEL_X, LABEL_Y };
    uint8_t *const places[] = { key->key, key->ordinate };
    int64_t label, values[3] = { 0 };
    uint64_t pairs;
    size_t kind = 0;
    if (!cbor_map(cbor, &pairs))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!cbor_integer(cbor, &label) || label != numbers[i] || !cbor_integer(cbor, &values[i]))
            return false;
    while (kind < 2 && key_kinds[kind].kind != values[0])
        kind++;
    if (kind == 2 || key_kinds[kind].algorithm != values[1] || key_kinds[kind].curve != values[2] ||
        key_kinds[kind].pairs != pairs)
        return false;
    for (size_t i = 0; i < 2 && i + 3 < pairs; i++) {
        const uint8_t *bytes;
        size_t size;
        if (!cbor_integer(cbor, &label) || label != coordinates[i] ||
            !cbor_bytes(cbor, &bytes, &size) || size != AUTHENTICATOR_KEY_BYTES)
            return false;
        memcpy(places[i], bytes, size);
    }
    key->algorithm = key_kinds[kind].ours;
    return true;
}

static bool read_credential(struct cbor *cbor, struct authenticator_words *words)
{
    if (cbor->left < AAGUID_BYTES + 2)
        return false;
    size_t size = (size_t)cbor->at[AAGUID_BYTES] << 8 | cbor->at[AAGUID_BYTES + 1];
    cbor->at += AAGUID_BYTES + 2;
    cbor->left -= AAGUID_BYTES + 2;
    if (size == 0 || size > cbor->left)
        return false;
    words->credential = cbor->at;
    words->credential_size = size;
    cbor->at += size;
    cbor->left -= size;
    return read_key(cbor, &words->key);
}

bool authenticator_read(const uint8_t *bytes, size_t size, struct authenticator_words *words)
{
    *words = (struct authenticator_words){ .party_hash = bytes };
    if (size < HEAD_BYTES)
        return false;
    struct cbor cbor = { .at = bytes + HEAD_BYTES, .left = size - HEAD_BYTES };
    const uint8_t *counter = bytes + AUTHENTICATOR_HASH_BYTES + 1;
    uint8_t flags = bytes[AUTHENTICATOR_HASH_BYTES];
    words->present = flags & FLAG_PRESENT;
    words->verified = flags & FLAG_VERIFIED;
    words->counter = (uint32_t)counter[0] << 24 | (uint32_t)counter[1] << 16 |
                     (uint32_t)counter[2] << 8 | counter[3];
    if ((flags & FLAG_CREDENTIAL) && !read_credential(&cbor, words))
        return false;
    if ((flags & FLAG_EXTENSIONS) && (cbor.left == 0 || *cbor.at >> 5 != 5 || !cbor_skip(&cbor)))
        return false;
    return cbor.left == 0;
}

/* ---- clientDataJSON ------------------------------------------------------------------------------ */

static bool take(const char **at, size_t *left, const char *letters)
{
    size_t length = strlen(letters);
    if (*left < length || memcmp(*at, letters, length) != 0)
        return false;
    *at += length;
    *left -= length;
    return true;
}

/* Letters that JSON writes as they are, and hosts, ports and schemes are made of. */
static bool is_of_origin(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
           (letter != '\0' && strchr(":/.-[]", letter));
}

bool client_read(const uint8_t *bytes, size_t size, struct client_words *words)
{
    const char *at = (const char *)bytes;
    char again[CHALLENGE_LETTERS + 1];
    size_t length = 0;
    if (!take(&at, &size, "{\"type\":\"webauthn.get\",\"challenge\":\"") ||
        size < CHALLENGE_LETTERS ||
        sodium_base642bin(words->challenge, sizeof words->challenge, at, CHALLENGE_LETTERS, NULL,
                          &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        length != sizeof words->challenge)
        return false;
    (void)sodium_bin2base64(again, sizeof again, words->challenge, sizeof words->challenge,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (!take(&at, &size, again) || !take(&at, &size, "\",\"origin\":\""))
        return false;
    words->origin = at;
    while (size > 0 && is_of_origin(*at)) {
        at++;
        size--;
    }
    words->origin_size = (size_t)(at - words->origin);
    return take(&at, &size, "\",\"crossOrigin\":false") && size > 0 &&
           (size == 1 ? *at == '}' : *at == ',' && at[size - 1] == '}');
}

/* ---- both together ------------------------------------------------------------------------------- */

static bool is_party(const uint8_t hash[AUTHENTICATOR_HASH_BYTES], const char *party, size_t size)
{
    uint8_t digest[AUTHENTICATOR_HASH_BYTES];
    (void)crypto_hash_sha256(digest, (const uint8_t *)party, size);
    return sodium_memcmp(digest, hash, sizeof digest) == 0;
}

/* Is the origin's host the party, or below it? */
static bool is_of_party(const struct client_words *client, const uint8_t *party_hash)
{
    static const struct {
        const char *words;
        size_t host;
    } schemes[] = { { "https://", 8 }, { "http://localhost", 7 } };
    const char *host = NULL, *end = client->origin + client->origin_size;
    for (size_t i = 0; i < 2 && !host; i++)
        if (client->origin_size >= strlen(schemes[i].words) &&
            memcmp(client->origin, schemes[i].words, strlen(schemes[i].words)) == 0)
            host = client->origin + schemes[i].host;
    if (!host)
        return false;
    const char *port = memchr(host, ':', (size_t)(end - host));
    if (port)
        end = port;
    if (client->origin[4] == ':' && end - host != (ptrdiff_t)strlen("localhost"))
        return false;
    while (host < end) {
        if (is_party(party_hash, host, (size_t)(end - host)))
            return true;
        const char *dot = memchr(host, '.', (size_t)(end - host));
        host = dot ? dot + 1 : end;
    }
    return false;
}

static bool is_allowed(const struct client_words *client, const struct authenticator_words *words,
                       const struct authenticator_policy *policy)
{
    if (!policy)
        return true;
    return policy->origin[0] && strlen(policy->origin) == client->origin_size &&
           memcmp(policy->origin, client->origin, client->origin_size) == 0 &&
           is_party(words->party_hash, policy->party, strlen(policy->party)) &&
           (words->verified || !policy->verified);
}

static bool covers(const struct authenticator_key *key, const struct touch *touch,
                   const uint8_t signature[64])
{
    uint8_t bytes[sizeof touch->authenticator + AUTHENTICATOR_HASH_BYTES];
    size_t size = touch->authenticator_size;
    memcpy(bytes, touch->authenticator, size);
    (void)crypto_hash_sha256(bytes + size, touch->client, touch->client_size);
    size += AUTHENTICATOR_HASH_BYTES;
    if (key->algorithm == AUTHENTICATOR_ES256)
        return p256_signed(key->key, key->ordinate, bytes, size, signature);
    return key->algorithm == AUTHENTICATOR_ED25519 &&
           sodium_is_zero(key->ordinate, sizeof key->ordinate) &&
           crypto_sign_verify_detached(signature, bytes, size, key->key) == 0;
}

bool authenticator_signed(const struct authenticator_key *key, const struct touch *touch,
                          const uint8_t signature[64], const struct statement *statement,
                          const struct authenticator_policy *policy)
{
    struct authenticator_words words;
    struct client_words client;
    uint8_t challenge[AUTHENTICATOR_HASH_BYTES];
    if (!client_read(touch->client, touch->client_size, &client) ||
        !authenticator_read(touch->authenticator, touch->authenticator_size, &words) ||
        words.credential || !words.present)
        return false;
    (void)crypto_hash_sha256(challenge, statement->bytes, statement->size);
    return memcmp(challenge, client.challenge, sizeof challenge) == 0 &&
           is_of_party(&client, words.party_hash) && is_allowed(&client, &words, policy) &&
           covers(key, touch, signature);
}

bool authenticator_attests(const uint8_t *attested, size_t size,
                           const struct authenticator_key *key, const uint8_t *credential,
                           size_t credential_size, const struct authenticator_policy *policy)
{
    struct authenticator_words words;
    return authenticator_read(attested, size, &words) && words.credential && words.present &&
           (words.verified || !policy->verified) && policy->party[0] &&
           is_party(words.party_hash, policy->party, strlen(policy->party)) &&
           words.credential_size == credential_size &&
           memcmp(words.credential, credential, credential_size) == 0 &&
           memcmp(&words.key, key, sizeof *key) == 0;
}
