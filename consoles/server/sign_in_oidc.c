/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "consoles/server/console.h"

/* To the provider. Nothing that a link says decides where somebody is sent, or where they come back. */
void sign_in_leave(struct console *console, struct exchange *exchange,
                   const struct request *request)
{
    char secret[SESSION_SECRET_BYTES], url[PASSAGE_URL_BYTES];
    const struct oidc_settings *oidc = console->oidc;
    uint64_t now_ms = clock_mono_ms();
    if (!oidc) {
        api_answer(exchange, 404, json_object());
        return;
    }
    if (!throttle_take(&console->leavings, request->address, now_ms)) {
        api_refuse(exchange, REFUSAL_TOO_MANY_TRIES, NULL);
        return;
    }
    const struct passage_way way = { .authorize = oidc->authorize,
                                     .client = oidc->client,
                                     .back = oidc->back,
                                     .scope = oidc->scope };
    const struct passage *passage =
        passages_begin(&console->passages, now_ms, clock_wall_ms(), secret);
    if (!passage_url(passage, &way, url)) {
        api_refuse(exchange, REFUSAL_LIMIT, NULL);
        return;
    }
    struct response response = { .status = 303, .location = url, .passage_secret = secret };
    exchange_answer(exchange, &response);
}

static const char *word_in(const json_t *body, const char *name, size_t most)
{
    const json_t *value = json_object_get(body, name);
    bool is_word = json_is_string(value) && json_string_length(value) < most &&
                   utf8_is_text(json_string_value(value), json_string_length(value));
    return is_word ? json_string_value(value) : NULL;
}

static bool read_grant(const json_t *body, const char **state, struct link_grant *grant,
                       const char **code)
{
    size_t optional =
        (json_object_get(body, "issuer") ? 1U : 0U) + (json_object_get(body, "code") ? 1U : 0U);
    const struct sign_in *room = NULL;
    *state = word_in(body, "state", PASSAGE_WORD_BYTES);
    grant->grant = word_in(body, "grant", sizeof room->grant);
    grant->issuer =
        json_object_get(body, "issuer") ? word_in(body, "issuer", sizeof room->issuer) : "";
    *code = json_object_get(body, "code") ? word_in(body, "code", sizeof room->code) : "";
    return json_object_size(body) == 2 + optional && *state && grant->grant && grant->grant[0] &&
           grant->issuer && *code;
}

void sign_in_return(struct console *console, const struct session *session,
                    struct exchange *exchange, const json_t *body)
{
    struct waiter waiter = { .wait = session ? WAIT_PROVE : WAIT_SIGN_IN,
                             .exchange = exchange,
                             .until_ms = clock_mono_ms() + WAITING_MS };
    struct link_grant grant;
    const char *state, *code;
    if (!read_grant(body, &state, &grant, &code)) {
        api_refuse(exchange, REFUSAL_MALFORMED, "state and grant are wanted");
        return;
    }
    const struct passage *passage = passages_return(
        &console->passages, exchange_request(exchange)->passage, state, clock_mono_ms());
    if (!passage) {
        api_refuse(exchange, REFUSAL_PROVIDER_REFUSED, NULL);
        return;
    }
    grant.verifier = passage->verifier;
    grant.nonce = passage->nonce;
    grant.since_ms = passage->wall_ms;
    if (sign_in_is_crowded(console) ||
        link_grant(console->link, &grant, session ? session->token : NULL,
                   session ? session->token_size : 0, code, &waiter.id) < 0)
        api_refuse(exchange, REFUSAL_BUSY, NULL);
    else
        waiting_add(&console->waiting, &waiter);
}

void sign_in_passed(struct console *console, const struct exchange *exchange, enum refusal refusal)
{
    if (refusal != REFUSAL_CODE_WANTED && refusal != REFUSAL_BUSY)
        passages_end(&console->passages, exchange_request(exchange)->passage);
}
