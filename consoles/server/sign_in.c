/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "consoles/server/console.h"

enum {
    PASSWORD_BYTES_MAX = 128,
    CODE_BYTES_MAX = 16,
    LOGIN_BYTES_MAX = 32
};

/* ------------------------------------------------------------------------------- who they are */

static bool is_text(const json_t *value, size_t most)
{
    return json_is_string(value) && json_string_length(value) <= most &&
           utf8_is_text(json_string_value(value), json_string_length(value));
}

/* A password, perhaps a code, and `others` members more. */
static bool has_password(const json_t *body, size_t others)
{
    const json_t *code = json_object_get(body, "code");
    return json_object_size(body) == others + (code ? 2 : 1) &&
           is_text(json_object_get(body, "password"), PASSWORD_BYTES_MAX) &&
           (!code || is_text(code, CODE_BYTES_MAX));
}

static const char *code_in(const json_t *body)
{
    const char *code = json_string_value(json_object_get(body, "code"));
    return code ? code : "";
}

/* Each costs the dispatcher an Argon2id. */
bool sign_in_is_crowded(const struct console *console)
{
    uint32_t under_way = 0;
    for (uint32_t i = 0; i < console->waiting.count; i++)
        under_way += console->waiting.waiters[i].wait == WAIT_SIGN_IN ||
                     console->waiting.waiters[i].wait == WAIT_PROVE;
    return !console_is_up(console) || under_way >= CONSOLE_SIGN_INS_MAX ||
           waiting_is_full(&console->waiting);
}

void sign_in_take(struct console *console, struct exchange *exchange, const json_t *body)
{
    struct waiter waiter = { .wait = WAIT_SIGN_IN,
                             .exchange = exchange,
                             .until_ms = clock_mono_ms() + WAITING_MS };
    const json_t *login = json_object_get(body, "login");
    if (json_object_get(body, "grant"))
        sign_in_return(console, NULL, exchange, body);
    else if (!has_password(body, 1) || !is_text(login, LOGIN_BYTES_MAX))
        api_refuse(exchange, REFUSAL_MALFORMED, "login and password are wanted");
    else if (sign_in_is_crowded(console) ||
             link_sign_in(console->link, json_string_value(login),
                          json_string_value(json_object_get(body, "password")), code_in(body),
                          &waiter.id) < 0)
        api_refuse(exchange, REFUSAL_BUSY, NULL);
    else
        waiting_add(&console->waiting, &waiter);
}

void sign_in_prove(struct console *console, const struct session *session,
                   struct exchange *exchange, const json_t *body)
{
    struct waiter waiter = { .wait = WAIT_PROVE,
                             .exchange = exchange,
                             .until_ms = clock_mono_ms() + WAITING_MS };
    if (json_object_get(body, "grant"))
        sign_in_return(console, session, exchange, body);
    else if (!has_password(body, 0))
        api_refuse(exchange, REFUSAL_MALFORMED, "the password is wanted");
    else if (sign_in_is_crowded(console) ||
             link_prove(console->link, session->token, session->token_size,
                        json_string_value(json_object_get(body, "password")), code_in(body),
                        &waiter.id) < 0)
        api_refuse(exchange, REFUSAL_BUSY, NULL);
    else
        waiting_add(&console->waiting, &waiter);
}

/* A call taker sits at one seat: the older session ends. */
static void end_older_seats(struct console *console, const struct session *fresh)
{
    if ((fresh->user.roles & ROLES_TAKER) == 0)
        return;
    for (struct session *session = sessions_next(console->sessions, NULL); session;) {
        struct session *next = sessions_next(console->sessions, session);
        if (session != fresh && session->user.user == fresh->user.user) {
            viewer_end_all(console, session, SCREEN_CLOSE_TAKEN_OVER);
            sessions_close(console->sessions, session);
        }
        session = next;
    }
}

static void let_in(struct console *console, const struct waiter *waiter,
                   const struct signed_in *signed_in)
{
    char secret[SESSION_SECRET_BYTES];
    struct session *session = sessions_open(console->sessions, signed_in, clock_mono_ms(), secret);
    if (!session) {
        api_refuse(waiter->exchange, REFUSAL_BUSY, NULL);
        return;
    }
    end_older_seats(console, session);
    log_info("sign in user=%" PRIu32 " sessions=%" PRIu32, session->user.user,
             sessions_count(console->sessions));
    struct response response = { .status = 200,
                                 .type = "application/json",
                                 .session_secret = secret };
    response.parcel = parcel_from_json(
        json_pack("{s:o}", "user", json_from_message(SCHEMA_USER_ROW, &session->user)));
    exchange_answer(waiter->exchange, &response);
    sodium_memzero(secret, sizeof secret);
}

/* Their session goes on with the fresh token; every screen of it is open again. */
static void take_proof(struct console *console, const struct waiter *waiter,
                       const struct signed_in *signed_in)
{
    struct session *session = api_session(console, waiter);
    if (!session || session->user.user != signed_in->user.user) {
        api_refuse(waiter->exchange, REFUSAL_NOT_SIGNED_IN, NULL);
        return;
    }
    bool was_locked = session->locked;
    session_prove(session, signed_in, clock_mono_ms());
    if (was_locked)
        viewer_lock_all(console, session);
    api_answer(waiter->exchange, 200, json_object());
}

void sign_in_answered(struct console *console, const struct waiter *waiter,
                      const struct signed_in *signed_in)
{
    enum refusal refusal = signed_in->refusal;
    console->counts.sign_ins++;
    sign_in_passed(console, waiter->exchange, refusal);
    if (refusal == REFUSAL_NONE) {
        (waiter->wait == WAIT_PROVE ? take_proof : let_in)(console, waiter, signed_in);
        return;
    }
    console->counts.sign_ins_refused++;
    struct session *session = waiter->wait == WAIT_PROVE ? api_session(console, waiter) : NULL;
    if (session && refusal == REFUSAL_NOT_SIGNED_IN) /* a token the dispatcher forgot */
        console_drop_session(console, session, SCREEN_CLOSE_NOT_SIGNED_IN);
    api_refuse(waiter->exchange, refusal, NULL);
}

void sign_in_out(struct console *console, struct session *session, struct exchange *exchange)
{
    link_sign_out(console->link, session->token, session->token_size); /* everywhere */
    console_drop_session(console, session, SCREEN_CLOSE_NOT_SIGNED_IN);
    struct response response = { .status = 200, .type = "application/json", .session_secret = "" };
    response.parcel = parcel_from_json(json_object());
    exchange_answer(exchange, &response);
}

void sign_in_tell(const struct console *console, const struct session *session,
                  struct exchange *exchange)
{
    struct standing standing;
    console_stand(console, &standing);
    api_answer(exchange, 200,
               json_pack("{s:o, s:s, s:o, s:I, s:b, s:b, s:I, s:I}", "user",
                         json_from_message(SCHEMA_USER_ROW, &session->user), "server",
                         console->name, "epoch", json_from_uint64(standing.epoch), "seq",
                         (json_int_t)replica_seq(console->replica), "up", (int)standing.up,
                         "locked", (int)session->locked, "idle_ms", (json_int_t)console->idle_ms,
                         "ms", (json_int_t)standing.wall_ms));
}

/* --------------------------------------------------------------------------------- the lock */

static void lock(struct console *console, struct session *session)
{
    if (session->locked)
        return;
    session->locked = true;
    viewer_lock_all(console, session);
}

void sign_in_lock(struct console *console, struct session *session, struct exchange *exchange)
{
    lock(console, session);
    api_answer(exchange, 200, json_object());
}

void sign_in_lock_idle(struct console *console)
{
    uint64_t now_ms = clock_mono_ms();
    for (struct session *session = sessions_next(console->sessions, NULL); session;
         session = sessions_next(console->sessions, session))
        if (session_is_idle(session, console->idle_ms, now_ms))
            lock(console, session);
}
