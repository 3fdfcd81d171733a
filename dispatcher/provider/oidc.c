/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/provider/oidc.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "dispatcher/provider/assertion.h"
#include "dispatcher/provider/directory.h"
#include "dispatcher/provider/fetch.h"
#include "proto/json.h"

enum {
    URL_BYTES = 384,
    FORM_BYTES = 8192
};

/* What its discovery says (OpenID Connect Discovery 1.0 §3). */
struct endpoints {
    char authorize[URL_BYTES], token[URL_BYTES], keys[URL_BYTES];
    bool names_itself; /* in what it sends back by the browser, RFC 9207 */
};

struct oidc {
    struct oidc_settings settings;
    char secret[OIDC_SECRET_BYTES];
    char authorities[SETTINGS_PATH_BYTES + 32]; /* empty: the machine's own */
    uint32_t confirm;

    pthread_mutex_t lock; /* guards what follows; held for one fetch of discovery or keys */
    struct endpoints endpoints;
    struct keyset *keys;
    uint64_t keys_ms;       /* when they were fetched, monotonic; 0: never */
    uint64_t seen_ms;       /* when it answered last */
    uint64_t away_until_ms; /* it did not answer lately */
};

/* ---- asking -------------------------------------------------------------------------------- */

static void tell(const char *what, const char *url, int status)
{
    static _Thread_local struct log_limit limit;
    if (log_allowed(&limit))
        log_warn("ask oidc failed what=%s url=%s error=%s status=%d", what, url,
                 status < 0 ? strerror(-status) : "", status < 0 ? 0 : status);
}

/* Any answer shows that it is there; returns the HTTP status or a negative errno. */
static int ask(const struct oidc *oidc, const char *url, const char *form, char *answer)
{
    struct fetch_terms terms = { .url = url, .form = form, .wait_ms = oidc->settings.wait_ms };
    terms.authorities = oidc->authorities[0] ? oidc->authorities : NULL;
    if (form && oidc->secret[0]) {
        terms.user = oidc->settings.client;
        terms.secret = oidc->secret;
    }
    return fetch_run(&terms, answer, OIDC_ANSWER_MAX);
}

static int ask_object(const struct oidc *oidc, const char *url, const char *form, json_t **object)
{
    char complaint[JSON_COMPLAINT_BYTES];
    char *answer = malloc(OIDC_ANSWER_MAX);
    int status = answer ? ask(oidc, url, form, answer) : -ENOMEM;
    if (status >= 0)
        *object = json_read_object(answer, strlen(answer), complaint, sizeof complaint);
    if (answer)
        sodium_memzero(answer, OIDC_ANSWER_MAX);
    free(answer);
    return status;
}

static bool take_words(const json_t *object, const char *name, char *words, size_t room)
{
    const char *said = json_string_value(json_object_get(object, name));
    return said && *said && text_copy(words, room, said);
}

static int discover(const struct oidc *oidc, struct endpoints *endpoints)
{
    char url[URL_BYTES], issuer[sizeof oidc->settings.issuer];
    json_t *object = NULL;
    size_t length = strlen(oidc->settings.issuer); /* §4.1: without a / at its end */
    length -= oidc->settings.issuer[length - 1] == '/';
    (void)snprintf(url, sizeof url, "%.*s/.well-known/openid-configuration", (int)length,
                   oidc->settings.issuer);
    int status = ask_object(oidc, url, NULL, &object);
    if (status >= 0) {
        bool sound = status == 200 && take_words(object, "issuer", issuer, sizeof issuer) &&
                     strcmp(issuer, oidc->settings.issuer) == 0 &&
                     take_words(object, "token_endpoint", endpoints->token, URL_BYTES) &&
                     take_words(object, "jwks_uri", endpoints->keys, URL_BYTES) &&
                     take_words(object, "authorization_endpoint", endpoints->authorize, URL_BYTES);
        endpoints->names_itself =
            json_is_true(json_object_get(object, "authorization_response_iss_parameter_supported"));
        status = sound ? 0 : -EBADMSG;
    }
    json_decref(object);
    if (status < 0)
        tell("discovery", url, status);
    return status;
}

static int fetch_keys(const struct oidc *oidc, const char *url, struct keyset **keys)
{
    char *answer = malloc(OIDC_ANSWER_MAX);
    int status = answer ? ask(oidc, url, NULL, answer) : -ENOMEM;
    if (status == 200)
        status = keyset_read(keys, answer, strlen(answer));
    else if (status >= 0)
        status = -EBADMSG;
    free(answer);
    if (status < 0)
        tell("keys", url, status);
    return status;
}

/* ---- what is known of it (under the lock) -------------------------------------------------- */

static void note(struct oidc *oidc, int status, uint64_t now_ms)
{
    if (status < 0)
        oidc->away_until_ms = now_ms + OIDC_AWAY_MS;
    else
        oidc->seen_ms = now_ms;
}

static bool is_away(const struct oidc *oidc, uint64_t now_ms)
{
    return now_ms < oidc->away_until_ms;
}

/* Endpoints and keys, anew when they are old. Returns 0 or a negative errno. */
static int refresh(struct oidc *oidc, bool anew, uint64_t now_ms)
{
    uint64_t age_ms = now_ms - oidc->keys_ms;
    bool old = !oidc->keys || age_ms > OIDC_KEYS_MS || (anew && age_ms > OIDC_KEYS_PAUSE_MS);
    struct endpoints endpoints;
    struct keyset *keys = NULL;
    if (!old)
        return 0;
    if (is_away(oidc, now_ms))
        return -EHOSTUNREACH;
    int status = discover(oidc, &endpoints);
    if (status == 0)
        status = fetch_keys(oidc, endpoints.keys, &keys);
    note(oidc, status, clock_mono_ms());
    if (status < 0)
        return status;
    keyset_close(oidc->keys);
    oidc->keys = keys;
    oidc->endpoints = endpoints;
    oidc->keys_ms = now_ms;
    return 0;
}

static enum provider_verdict probe(struct oidc *oidc)
{
    uint64_t now_ms = clock_mono_ms();
    struct endpoints endpoints;
    bool there = true;
    (void)pthread_mutex_lock(&oidc->lock);
    if (is_away(oidc, now_ms)) {
        there = false;
    } else if (!oidc->seen_ms || now_ms - oidc->seen_ms > OIDC_SEEN_MS) {
        int status = discover(oidc, &endpoints);
        note(oidc, status, clock_mono_ms());
        there = status == 0;
    }
    (void)pthread_mutex_unlock(&oidc->lock);
    return there ? PROVIDER_ELSEWHERE : PROVIDER_AWAY;
}

/* ---- one grant ----------------------------------------------------------------------------- */

static void add_field(struct text *form, const char *name, const char *value)
{
    text_print(form, "%s%s=", form->length ? "&" : "", name);
    for (; *value; value++) {
        unsigned char letter = (unsigned char)*value;
        bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                     (letter >= '0' && letter <= '9') || strchr("-._~", letter);
        text_print(form, plain ? "%c" : "%%%02X", letter);
    }
}

/* Returns 0 and the ID token, -EACCES when the code is not good, or a negative errno: it is away, or does
 * not take us for its client. */
static int redeem(const struct oidc *oidc, const char *url, const struct sign_in *asked,
                  char token[ASSERTION_BYTES_MAX])
{
    char words[FORM_BYTES], error[32] = "";
    json_t *object = NULL;
    struct text form = text_into(words, sizeof words);
    add_field(&form, "grant_type", "authorization_code");
    add_field(&form, "code", asked->grant);
    add_field(&form, "redirect_uri", oidc->settings.back);
    add_field(&form, "client_id", oidc->settings.client);
    add_field(&form, "code_verifier", asked->verifier);
    int status = form.cut ? -EACCES : ask_object(oidc, url, words, &object);
    sodium_memzero(words, sizeof words);
    if (status == 200)
        status = take_words(object, "id_token", token, ASSERTION_BYTES_MAX) ? 0 : -EBADMSG;
    else if (status == 400 && take_words(object, "error", error, sizeof error) &&
             strcmp(error, "invalid_grant") == 0)
        status = -EACCES;
    else if (status > 0)
        status = -EPROTO;
    json_decref(object);
    if (status < 0 && status != -EACCES)
        tell("token", url, status);
    return status;
}

static enum assertion_fault read_token(struct oidc *oidc, const char *token,
                                       const struct sign_in *asked, struct assertion *assertion)
{
    const struct oidc_settings *settings = &oidc->settings;
    struct expectation expected = { .issuer = settings->issuer,
                                    .client = settings->client,
                                    .nonce = asked->nonce,
                                    .login = settings->login,
                                    .groups = settings->groups,
                                    .group = settings->group,
                                    .confirm = oidc->confirm,
                                    .now_s = clock_wall_ms() / 1000,
                                    .skew_s = settings->skew_s,
                                    .since_s = asked->since_ms / 1000 };
    (void)pthread_mutex_lock(&oidc->lock);
    enum assertion_fault fault = assertion_read(token, oidc->keys, &expected, assertion);
    if (fault == ASSERTION_KEY && refresh(oidc, true, clock_mono_ms()) == 0)
        fault = assertion_read(token, oidc->keys, &expected, assertion);
    (void)pthread_mutex_unlock(&oidc->lock);
    return fault;
}

static struct identified identify_grant(struct oidc *oidc, const struct sign_in *asked)
{
    struct identified identified = { .verdict = PROVIDER_WRONG, .asked = oidc->confirm };
    struct assertion assertion;
    struct endpoints endpoints;
    char token[ASSERTION_BYTES_MAX];
    (void)pthread_mutex_lock(&oidc->lock);
    uint64_t now_ms = clock_mono_ms();
    int status = is_away(oidc, now_ms) ? -EHOSTUNREACH : refresh(oidc, false, now_ms);
    endpoints = oidc->endpoints;
    (void)pthread_mutex_unlock(&oidc->lock);
    if (status < 0) {
        identified.verdict = PROVIDER_AWAY;
        return identified;
    }
    /* RFC 9207 §2.4: an answer that another provider sent must not reach this one. */
    if (strcmp(asked->issuer, oidc->settings.issuer) != 0 &&
        (asked->issuer[0] || endpoints.names_itself)) {
        log_warn("refuse sign-in oidc fault=mixed_up");
        return identified;
    }
    status = redeem(oidc, endpoints.token, asked, token);
    if (status == -EACCES)
        return identified;
    if (status < 0) {
        (void)pthread_mutex_lock(&oidc->lock);
        note(oidc, status, clock_mono_ms());
        (void)pthread_mutex_unlock(&oidc->lock);
        identified.verdict = PROVIDER_AWAY;
        return identified;
    }
    enum assertion_fault fault = read_token(oidc, token, asked, &assertion);
    sodium_memzero(token, sizeof token);
    if (fault != ASSERTION_HOLDS) {
        log_warn("refuse sign-in oidc fault=%s", assertion_fault_name(fault));
        return identified;
    }
    identified.verdict = PROVIDER_RIGHT;
    identified.confirmed = assertion.confirmed;
    (void)text_copy(identified.login, sizeof identified.login, assertion.login);
    return identified;
}

static struct identified identify(void *owner, const struct sign_in *asked)
{
    struct oidc *oidc = owner;
    if (!asked->grant[0])
        return (struct identified){ .verdict = probe(oidc) };
    return identify_grant(oidc, asked);
}

/* ---- opening ------------------------------------------------------------------------------- */

const char *oidc_complaint(const struct oidc_settings *settings)
{
    uint32_t confirm, spare, own;
    if (strncmp(settings->issuer, "https://", 8) != 0)
        return "issuer: write https://…, as the provider calls itself";
    if (strncmp(settings->authorize, "https://", 8) != 0)
        return "authorize: write the provider's authorization_endpoint, https://…";
    if (strncmp(settings->back, "https://", 8) != 0 &&
        strncmp(settings->back, "http://127.0.0.1", 16) != 0)
        return "back: write https://CONSOLE/oidc/back";
    if (!directory_roles(settings->confirm, &confirm) ||
        !directory_roles(settings->spare, &spare) || !directory_roles(settings->own, &own))
        return "confirm, spare, own: names of roles are wanted, as in users.csv";
    if (confirm && !strstr(settings->group, "{role}"))
        return "group: write it with {role} in it";
    return NULL;
}

static int read_secret(struct oidc *oidc, const char *home)
{
    char path[SETTINGS_PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/keys/oidc", home);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : -errno;
    bool got = fgets(oidc->secret, sizeof oidc->secret, file) != NULL;
    (void)fclose(file);
    oidc->secret[strcspn(oidc->secret, "\r\n")] = 0;
    if (got && oidc->secret[0])
        return 0;
    log_error("%s is empty; write the client's secret into it, mode 0600, or remove it", path);
    return -EINVAL;
}

int oidc_open(struct oidc **oidc, const char *home, const struct oidc_settings *settings)
{
    *oidc = NULL;
    if (!settings->issuer[0])
        return 0;
    const char *complaint = oidc_complaint(settings);
    if (complaint) {
        log_error("settings.conf: oidc %s", complaint);
        return -EINVAL;
    }
    struct oidc *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = *settings;
    (void)directory_roles(settings->confirm, &fresh->confirm);
    (void)pthread_mutex_init(&fresh->lock, NULL);
    (void)snprintf(fresh->authorities, sizeof fresh->authorities, "%s/keys/oidc.pem", home);
    if (access(fresh->authorities, R_OK) < 0)
        fresh->authorities[0] = 0;
    int status = fetch_begin();
    if (status == 0)
        status = read_secret(fresh, home);
    if (status < 0) {
        oidc_close(fresh);
        return status;
    }
    *oidc = fresh;
    return 0;
}

void oidc_close(struct oidc *oidc)
{
    if (!oidc)
        return;
    keyset_close(oidc->keys);
    (void)pthread_mutex_destroy(&oidc->lock);
    sodium_memzero(oidc, sizeof *oidc);
    free(oidc);
}

struct provider oidc_provider(struct oidc *oidc)
{
    return (struct provider){ .owner = oidc, .identify = identify };
}

int oidc_look(struct oidc *oidc, char *authorize, size_t room)
{
    struct endpoints endpoints;
    struct keyset *keys = NULL;
    int status = discover(oidc, &endpoints);
    if (status == 0)
        status = fetch_keys(oidc, endpoints.keys, &keys);
    keyset_close(keys);
    if (status < 0)
        return status;
    (void)text_copy(authorize, room, endpoints.authorize);
    return strcmp(endpoints.authorize, oidc->settings.authorize) == 0 ? 0 : -EXDEV;
}
