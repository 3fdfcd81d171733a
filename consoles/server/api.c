/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"
#include "consoles/server/console.h"
#include "consoles/server/kpi.h"

enum {
    TRAIL_ROWS_MAX = 256,
    KEY_BYTES_MAX = 40
};

/* ------------------------------------------------------------------------------------ answers */

/* What is not here is a conflict with what stands: 409. */
static const uint16_t statuses[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = 200,
    [REFUSAL_MALFORMED] = 400,
    [REFUSAL_UNKNOWN_KIND] = 400,
    [REFUSAL_NOT_SIGNED_IN] = 401,
    [REFUSAL_BAD_PASSWORD] = 401,
    [REFUSAL_CODE_WANTED] = 401,
    [REFUSAL_PROVIDER_WANTED] = 401,
    [REFUSAL_PROVIDER_REFUSED] = 401,
    [REFUSAL_NOT_ALLOWED] = 403,
    [REFUSAL_PROOF_WANTED] = 403,
    [REFUSAL_LOCKED] = 423,
    [REFUSAL_DIRECTORY_AWAY] = 503,
    [REFUSAL_ROLE_UNCONFIRMED] = 403,
    [REFUSAL_NOT_YOURS] = 403,
    [REFUSAL_NO_SUCH_LINE] = 404,
    [REFUSAL_NO_SUCH_CONTACT] = 404,
    [REFUSAL_NO_SUCH_OFFER] = 404,
    [REFUSAL_NO_SUCH_INCIDENT] = 404,
    [REFUSAL_NO_SUCH_TASK] = 404,
    [REFUSAL_NO_SUCH_DEPARTMENT] = 404,
    [REFUSAL_NO_SUCH_CATEGORY] = 404,
    [REFUSAL_NO_SUCH_USER] = 404,
    [REFUSAL_NO_SUCH_CALLBACK] = 404,
    [REFUSAL_NO_SUCH_GATEWAY] = 404,
    [REFUSAL_NO_SUCH_TEXT] = 404,
    [REFUSAL_NO_SUCH_ARTICLE] = 404,
    [REFUSAL_NO_SUCH_READING_LIST] = 404,
    [REFUSAL_NO_SUCH_EXAM] = 404,
    [REFUSAL_NO_SUCH_AMENDMENT] = 404,
    [REFUSAL_NO_SUCH_GRANT] = 404,
    [REFUSAL_NO_SUCH_GLASS] = 404,
    [REFUSAL_SECOND_WANTED] = 403,
    [REFUSAL_NO_SUCH_EVENT] = 404,
    [REFUSAL_TOO_MANY_TRIES] = 429,
    [REFUSAL_LIMIT] = 503,
    [REFUSAL_BUSY] = 503,
};

static unsigned status_of(enum refusal refusal)
{
    return statuses[refusal] ? statuses[refusal] : 409;
}

void api_answer(struct exchange *exchange, unsigned status, json_t *object)
{
    struct response response = { .status = status, .type = "application/json" };
    response.parcel = parcel_from_json(object);
    if (!response.parcel)
        response.status = 503;
    exchange_answer(exchange, &response);
}

/* {"refusal":"…","words":"…"}; words may be NULL. */
static json_t *refusal_json(enum refusal refusal, const char *words)
{
    json_t *object = json_pack("{s:s}", "refusal", refusal_name(refusal));
    if (object && words)
        (void)json_object_set_new(object, "words", json_string(words));
    return object;
}

void api_refuse(struct exchange *exchange, enum refusal refusal, const char *words)
{
    api_answer(exchange, status_of(refusal), refusal_json(refusal, words));
}

/* Answers whoever waits: an exchange with a status, a screen with {"ack":name,…}. Takes over the
 * object. member: "ack" or "answer". */
static void answer_waiter(const struct waiter *waiter, const char *member, enum refusal refusal,
                          json_t *object)
{
    if (waiter->exchange) {
        api_answer(waiter->exchange, status_of(refusal), object);
        return;
    }
    json_t *envelope = json_pack("{s:s}", member, waiter->name);
    if (!envelope || !object || json_object_update(envelope, object) < 0) {
        json_decref(envelope);
        envelope = NULL;
    }
    json_decref(object);
    screen_send(waiter->screen, parcel_from_json(envelope));
}

static json_t *outcome_json(const struct outcome *outcome, const char *words)
{
    struct outcome shown = *outcome;
    shown.epoch = shown.seq = 0;
    shown.key[0] = 0;
    json_t *object = json_pack("{s:b}", "ok", outcome->refusal == REFUSAL_NONE);
    json_t *rest = json_from_message(SCHEMA_OUTCOME, &shown);
    if (object && rest)
        (void)json_object_update(object, rest);
    if (object && words)
        (void)json_object_set_new(object, "words", json_string(words));
    json_decref(rest);
    sodium_memzero(&shown.personal, sizeof shown.personal);
    return object;
}

static void refuse_command(struct console *console, const struct waiter *waiter,
                           enum refusal refusal, const char *words)
{
    struct outcome outcome = { .refusal = refusal };
    console->counts.refused++;
    answer_waiter(waiter, "ack", refusal, outcome_json(&outcome, words));
}

/* ----------------------------------------------------------------------------------- commands */

/* Keys of different people never meet on the bus, and fit its bound. */
static bool bus_key(char key[41], uint32_t user, const char *said)
{
    char named[64];
    uint8_t hash[20];
    size_t length = strlen(said);
    if (length == 0 || length > KEY_BYTES_MAX ||
        strspn(said, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != length)
        return false;
    int size = snprintf(named, sizeof named, "%" PRIu32 ":%s", user, said);
    crypto_generichash(hash, sizeof hash, (const uint8_t *)named, (unsigned)size, NULL, 0);
    hex_write(hash, sizeof hash, key);
    return true;
}

/* Reads {"key":…,"KIND":{…},"personal":{…}}. Returns 0, or -EBADMSG after a complaint. */
static int read_command(const json_t *body, uint32_t user, struct command *command,
                        struct personal *personal, char *complaint, size_t room)
{
    const json_t *personal_said = json_object_get(body, "personal");
    const char *key = json_string_value(json_object_get(body, "key"));
    json_t *bare = json_is_object(body) ? json_copy((json_t *)(uintptr_t)body) : NULL;
    int status = -EBADMSG;
    (void)snprintf(complaint, room, "a command is an object of key, one kind and perhaps personal");
    if (bare)
        (void)json_object_del(bare, "personal");
    if (bare && json_object_size(bare) == 2 && key)
        status = json_to_message(SCHEMA_COMMAND, bare, command, complaint, room);
    json_decref(bare);
    if (status < 0)
        return status;
    if (command->kind == COMMAND_NONE) {
        (void)snprintf(complaint, room, "the kind of command is missing");
        return -EBADMSG;
    }
    if (!bus_key(command->key, user, key)) {
        (void)snprintf(complaint, room, "key: 1 to 40 letters, digits, - and _ are wanted");
        return -EBADMSG;
    }
    if (!personal_said)
        return 0;
    char inner[JSON_COMPLAINT_BYTES];
    status = json_to_message(SCHEMA_PERSONAL, personal_said, personal, inner, sizeof inner);
    if (status < 0)
        (void)snprintf(complaint, room, "personal%s%s", strchr(inner, ':') ? "." : ": ", inner);
    return status;
}

bool api_submit(struct console *console, const struct session *session, struct waiter *waiter,
                const struct command *command, const struct personal *personal)
{
    enum refusal refusal = session->locked && !access_locked_command(command->kind)
                               ? REFUSAL_LOCKED
                               : access_command(&session->user, command->kind);
    if (refusal == REFUSAL_NOT_ALLOWED && access_glass_may(session->user.roles, command->kind))
        refusal = REFUSAL_NONE; /* whether it is open the core knows */
    bool room = !waiter->screen || *screen_waiting(waiter->screen) < SCREEN_WAITING_MAX;
    if (refusal == REFUSAL_NONE &&
        (!room || waiting_is_full(&console->waiting) || !console_is_up(console)))
        refusal = REFUSAL_BUSY;
    if (refusal == REFUSAL_NONE && link_submit(console->link, command, personal, session->token,
                                               session->token_size, &waiter->id) < 0)
        refusal = REFUSAL_BUSY;
    if (refusal != REFUSAL_NONE) {
        refuse_command(console, waiter, refusal, NULL);
        return false;
    }
    console->counts.commands++;
    waiter->until_ms = clock_mono_ms() + WAITING_MS;
    waiting_add(&console->waiting, waiter);
    if (waiter->screen)
        ++*screen_waiting(waiter->screen);
    return true;
}

static void take_command(struct console *console, const struct session *session,
                         struct waiter *waiter, const json_t *body)
{
    char complaint[JSON_COMPLAINT_BYTES + 16];
    struct command command;
    struct personal personal;
    REQUIRE(session); /* the route table and the screen's hello see to it */
    schema_clear(SCHEMA_PERSONAL, &personal);
    if (read_command(body, session->user.user, &command, &personal, complaint, sizeof complaint) <
        0)
        refuse_command(console, waiter, REFUSAL_MALFORMED, complaint);
    else
        api_submit(console, session, waiter, &command,
                   json_object_get(body, "personal") ? &personal : NULL);
    sodium_memzero(&personal, sizeof personal);
}

void api_screen_command(struct console *console, struct screen *screen, const char *name,
                        const json_t *body)
{
    struct viewer *viewer = screen_owner(screen);
    struct waiter waiter = { .wait = WAIT_OUTCOME, .screen = screen };
    (void)text_copy(waiter.name, sizeof waiter.name, name);
    take_command(console, viewer->session, &waiter, body);
}

struct session *api_session(struct console *console, const struct waiter *waiter)
{
    if (waiter->screen) {
        const struct viewer *viewer = screen_owner(waiter->screen);
        return viewer->session;
    }
    return sessions_find(console->sessions, exchange_request(waiter->exchange)->secret,
                         clock_mono_ms());
}

void api_outcome(struct console *console, const struct waiter *waiter,
                 const struct outcome *outcome)
{
    if (waiter->screen)
        --*screen_waiting(waiter->screen);
    if (outcome->refusal != REFUSAL_NONE)
        console->counts.refused++;
    struct session *session = api_session(console, waiter);
    if (session && waiter->wait == WAIT_LISTEN && outcome->refusal == REFUSAL_NONE) {
        session_hear(session, waiter->contact, outcome->personal.tape_key);
        recording_answer(console, waiter->exchange, session_heard(session, waiter->contact));
        return;
    }
    if (session && outcome->refusal == REFUSAL_NOT_SIGNED_IN) /* a token the dispatcher forgot */
        console_drop_session(console, session, SCREEN_CLOSE_NOT_SIGNED_IN);
    answer_waiter(waiter, "ack", outcome->refusal, outcome_json(outcome, NULL));
}

void api_late(struct console *console, const struct waiter *waiter)
{
    if (waiter->screen)
        --*screen_waiting(waiter->screen);
    struct outcome busy = { .refusal = REFUSAL_BUSY };
    if (waiter->wait == WAIT_VISIT)
        citizen_outcome(console, waiter, &busy);
    else if (waiter->wait == WAIT_SEEN)
        citizen_seen(waiter);
    else if (waiter->wait == WAIT_EXPORT)
        export_outcome(console, waiter, &busy);
    else if (waiter->wait == WAIT_PRINT)
        print_outcome(console, waiter, &busy);
    else if (waiter->wait == WAIT_ATTACH)
        attach_outcome(console, waiter, &busy);
    else if (waiter->wait == WAIT_SIGN_IN || waiter->wait == WAIT_PROVE ||
             waiter->wait == WAIT_AML || waiter->wait == WAIT_LOOK)
        api_refuse(waiter->exchange, REFUSAL_BUSY, NULL);
    else if (waiter->wait == WAIT_REPLY)
        answer_waiter(waiter, "answer", REFUSAL_BUSY, refusal_json(REFUSAL_BUSY, NULL));
    else
        refuse_command(console, waiter, REFUSAL_BUSY, "no outcome yet; ask again with this key");
}

/* ------------------------------------------------------------------------------------ queries */

/* The record as it was hashed, for who checks the chain. A department's events lack the caller; the
 * record does not. */
static void add_record(json_t *row, const struct stored_event *event)
{
    static char digits[2 * sizeof event->record + 1];
    hex_write(event->record, event->record_size, digits);
    (void)json_object_set_new(row, "record", json_string(digits));
}

static json_t *events_json(struct console *console, const struct user_row *user,
                           const struct events *events, bool records)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; rows && i < events->rows_count; i++) {
        json_t *row = replica_event_json(console->replica, &events->rows[i], user);
        if (row && records && !access_is_bound(user))
            add_record(row, &events->rows[i]);
        if (row && json_array_append_new(rows, row) < 0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

static json_t *answer_message_json(struct console *console, const struct user_row *user,
                                   struct answer *answer)
{
    access_redact(user, answer);
    if (answer->kind != ANSWER_EVENTS)
        return json_from_message(SCHEMA_ANSWER, answer);
    json_t *object = json_pack("{s:o, s:{s:o}}", "seq", json_from_uint64(answer->seq), "events",
                               "rows", events_json(console, user, &answer->events, false));
    if (object && answer->more) {
        (void)json_object_set_new(object, "more", json_true());
        (void)json_object_set_new(object, "next", json_from_uint64(answer->next));
    }
    return object;
}

/* A bound user's question about one incident: is there a task of the own department? */
static enum refusal check_owned(struct console *console, const struct user_row *user,
                                const struct query *query)
{
    static struct incident_detail detail;
    uint64_t incident = access_subject(query);
    if (incident == 0) /* by order number: judged by the answer */
        return REFUSAL_NONE;
    if (!replica_incident(console->replica, incident, &detail))
        return REFUSAL_NO_SUCH_INCIDENT;
    return access_owns(user, &detail) ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
}

enum refusal api_ask_replica(struct console *console, const struct user_row *user,
                             struct query *query)
{
    bool owned;
    struct answer *answer = &console->answer;
    enum refusal refusal = access_query(user, query, &owned);
    console->counts.queries++;
    if (refusal == REFUSAL_NONE && owned)
        refusal = check_owned(console, user, query);
    if (refusal != REFUSAL_NONE)
        return refusal;
    replica_query(console->replica, query, clock_wall_ms(), answer);
    if (answer->refusal == REFUSAL_NONE && owned && answer->kind == ANSWER_INCIDENT_DETAIL &&
        !access_owns(user, &answer->incident_detail))
        return REFUSAL_NOT_ALLOWED;
    replica_conceal(console->replica, user, query, answer);
    return answer->refusal;
}

/* What only the running dispatcher knows: why a contact stands where it stands, what it signed, the
 * tables on its disk. */
static bool is_dispatchers(enum query_kind kind)
{
    return kind == QUERY_EXPLAIN || kind == QUERY_CHECKPOINT || kind == QUERY_PROOF ||
           kind == QUERY_CONSISTENCY || kind == QUERY_SUCCESSIONS || kind == QUERY_SIGNETS ||
           kind == QUERY_TABLE_PAGE || kind == QUERY_AMENDMENT_CHECK || kind == QUERY_RETENTION ||
           kind == QUERY_EXAM_MARKS || kind == QUERY_TEXT_PREVIEW;
}

static enum refusal ask_dispatcher(struct console *console, const struct session *session,
                                   struct waiter *waiter, struct query *query)
{
    bool owned;
    enum refusal refusal = access_query(&session->user, query, &owned);
    bool room = !waiter->screen || *screen_waiting(waiter->screen) < SCREEN_WAITING_MAX;
    console->counts.queries++;
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (!room || waiting_is_full(&console->waiting) || !console_is_up(console) ||
        link_ask(console->link, query, session->token, session->token_size, &waiter->id) < 0)
        return REFUSAL_BUSY;
    waiter->wait = WAIT_REPLY;
    waiter->until_ms = clock_mono_ms() + WAITING_MS;
    waiting_add(&console->waiting, waiter);
    if (waiter->screen)
        ++*screen_waiting(waiter->screen);
    return REFUSAL_NONE;
}

void api_reply(struct console *console, const struct waiter *waiter, const struct answer *answer)
{
    struct session *session = api_session(console, waiter);
    if (waiter->screen)
        --*screen_waiting(waiter->screen);
    enum refusal refusal = session ? answer->refusal : REFUSAL_NOT_SIGNED_IN;
    if (refusal == REFUSAL_NONE)
        console->answer = *answer;
    answer_waiter(waiter, "answer", refusal,
                  refusal != REFUSAL_NONE
                      ? refusal_json(refusal, NULL)
                      : answer_message_json(console, &session->user, &console->answer));
}

static void take_query(struct console *console, const struct session *session,
                       struct waiter *waiter, const json_t *body)
{
    char complaint[JSON_COMPLAINT_BYTES];
    struct query query;
    if (json_to_message(SCHEMA_QUERY, body, &query, complaint, sizeof complaint) < 0) {
        answer_waiter(waiter, "answer", REFUSAL_MALFORMED,
                      refusal_json(REFUSAL_MALFORMED, complaint));
        return;
    }
    REQUIRE(session != NULL); /* nobody asks without having signed in */
    if (session->locked && !access_locked_query(query.kind)) {
        answer_waiter(waiter, "answer", REFUSAL_LOCKED, refusal_json(REFUSAL_LOCKED, NULL));
        return;
    }
    if (is_dispatchers(query.kind)) {
        enum refusal refusal = ask_dispatcher(console, session, waiter, &query);
        if (refusal != REFUSAL_NONE)
            answer_waiter(waiter, "answer", refusal, refusal_json(refusal, NULL));
        return;
    }
    const struct user_row *user = &session->user;
    enum refusal refusal = api_ask_replica(console, user, &query);
    answer_waiter(waiter, "answer", refusal,
                  refusal != REFUSAL_NONE ? refusal_json(refusal, NULL)
                                          : answer_message_json(console, user, &console->answer));
}

void api_screen_query(struct console *console, struct screen *screen, const char *name,
                      const json_t *body)
{
    struct viewer *viewer = screen_owner(screen);
    struct waiter waiter = { .screen = screen };
    (void)text_copy(waiter.name, sizeof waiter.name, name);
    take_query(console, viewer->session, &waiter, body);
}

/* {"from":…,"to":…,"scope":"line","number":…}: as the kpi query, answered with what it comes to. */
static void take_figures(struct console *console, const struct session *session,
                         struct exchange *exchange, const json_t *body)
{
    char complaint[JSON_COMPLAINT_BYTES];
    struct query query = { .kind = QUERY_KPI };
    if (json_to_message(SCHEMA_KPI_QUERY, body, &query.kpi, complaint, sizeof complaint) < 0) {
        api_refuse(exchange, REFUSAL_MALFORMED, complaint);
        return;
    }
    enum refusal refusal = api_ask_replica(console, &session->user, &query);
    const struct answer *answer = &console->answer;
    if (refusal != REFUSAL_NONE) {
        api_refuse(exchange, refusal, NULL);
        return;
    }
    json_t *object = kpi_json(&answer->kpi);
    if (object && answer->more)
        (void)json_object_set_new(object, "next", json_integer((json_int_t)answer->next));
    api_answer(exchange, 200, object);
}

/* A recording is heard only after the trail says by whom, and why. */
static void take_recording(struct console *console, const struct session *session,
                           struct exchange *exchange, const struct request *request,
                           uint64_t contact)
{
    struct waiter waiter = { .wait = WAIT_LISTEN, .exchange = exchange, .contact = contact };
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    char reason[32], complaint[JSON_COMPLAINT_BYTES];
    route_argument(request->arguments, "reason", reason, sizeof reason);
    if (!recording_must_ask(session, request, contact)) {
        recording_answer(console, exchange, session_heard(session, contact));
        return;
    }
    json_t *body = json_pack("{s:s}", "reason", reason);
    int status = json_to_message(SCHEMA_PERSONAL_READ, body, &command.personal_read, complaint,
                                 sizeof complaint);
    json_decref(body);
    if (status < 0 || command.personal_read.reason == READ_REASON_NONE) {
        api_refuse(exchange, REFUSAL_REASON_MISSING, "reason: why it is heard is wanted");
        return;
    }
    command.personal_read.subject = contact;
    command.personal_read.fields = 1U << PERSONAL_FIELD_RECORDING;
    command.personal_read.seq = recording_seq(console, contact);
    (void)api_submit(console, session, &waiter, &command, NULL);
}

static void answer_trail(struct console *console, const struct session *session,
                         struct exchange *exchange, const struct request *request,
                         uint64_t incident)
{
    const struct answer *answer = &console->answer;
    char after_said[24], records_said[4];
    route_argument(request->arguments, "after", after_said, sizeof after_said);
    route_argument(request->arguments, "records", records_said, sizeof records_said);
    bool records = strcmp(records_said, "1") == 0;
    uint64_t after = strtoull(after_said, NULL, 10);
    json_t *rows = json_array();
    bool more = true;
    while (rows && more && json_array_size(rows) < TRAIL_ROWS_MAX) {
        struct query query = { .kind = QUERY_EVENTS,
                               .events = { .incident = incident, .after = after } };
        enum refusal refusal =
            incident ? api_ask_replica(console, &session->user, &query) : REFUSAL_NO_SUCH_INCIDENT;
        if (refusal != REFUSAL_NONE) {
            json_decref(rows);
            api_refuse(exchange, refusal, NULL);
            return;
        }
        json_t *some = events_json(console, &session->user, &answer->events, records);
        if (some)
            (void)json_array_extend(rows, some);
        json_decref(some);
        more = answer->more && answer->events.rows_count > 0;
        if (more)
            after = answer->events.rows[answer->events.rows_count - 1].seq;
    }
    api_answer(exchange, 200,
               json_pack("{s:o, s:b, s:o}", "incident", json_from_uint64(incident), "more",
                         (int)more, "rows", rows));
}

/* ------------------------------------------------------------------------------------- health */

static void answer_health(const struct console *console, struct exchange *exchange)
{
    struct standing standing;
    console_stand(console, &standing);
    api_answer(
        exchange, standing.up ? 200 : 503,
        json_pack("{s:b, s:b}", "up", (int)standing.up, "provider", (int)(console->oidc != NULL)));
}

/* ------------------------------------------------------------------------------------ requests */

static void answer_page(const struct page *page, struct exchange *exchange,
                        const struct request *request)
{
    struct response response = { .status = 404 };
    if (page && request->method != METHOD_GET)
        response.status = 405;
    else if (page && strcmp(request->match, page->etag) == 0)
        response = (struct response){ .status = 304, .etag = page->etag };
    else if (page)
        response = (struct response){ .status = 200,
                                      .type = page->type,
                                      .page = page->bytes,
                                      .page_size = page->size,
                                      .etag = page->etag };
    exchange_answer(exchange, &response);
}

static void take_body(struct console *console, const struct route *route, struct session *session,
                      struct exchange *exchange, const struct request *request)
{
    char complaint[JSON_COMPLAINT_BYTES];
    struct waiter waiter = { .wait = WAIT_OUTCOME, .exchange = exchange };
    json_t *body = json_read_object(request->body, request->body_size, complaint, sizeof complaint);
    if (!body)
        api_refuse(exchange, REFUSAL_MALFORMED, complaint);
    else if (route->endpoint == ENDPOINT_SIGN_IN)
        sign_in_take(console, exchange, body);
    else if (route->endpoint == ENDPOINT_PROVE)
        sign_in_prove(console, session, exchange, body);
    else if (route->endpoint == ENDPOINT_FIGURES)
        take_figures(console, session, exchange, body);
    else if (route->endpoint == ENDPOINT_EXPORT)
        export_take(console, session, exchange, body);
    else if (route->endpoint == ENDPOINT_COMMAND)
        take_command(console, session, &waiter, body);
    else
        take_query(console, session, &waiter, body);
    json_decref(body);
}

static void answer_route(struct console *console, const struct route *route, uint64_t number,
                         struct session *session, struct exchange *exchange,
                         const struct request *request)
{
    char reason[32];
    switch (route->endpoint) {
    case ENDPOINT_SIGN_IN:
    case ENDPOINT_PROVE:
    case ENDPOINT_QUERY:
    case ENDPOINT_COMMAND:
    case ENDPOINT_FIGURES:
    case ENDPOINT_EXPORT:
        take_body(console, route, session, exchange, request);
        return;
    case ENDPOINT_SIGN_OUT:
        sign_in_out(console, session, exchange);
        return;
    case ENDPOINT_LOCK:
        sign_in_lock(console, session, exchange);
        return;
    case ENDPOINT_ACTIVE:
        REQUIRE(session); /* the route wants one */
        session->touched_ms = clock_mono_ms();
        api_answer(exchange, 200, json_object());
        return;
    case ENDPOINT_ME:
        sign_in_tell(console, session, exchange);
        return;
    case ENDPOINT_TRAIL:
        answer_trail(console, session, exchange, request, number);
        return;
    case ENDPOINT_HEALTH:
        answer_health(console, exchange);
        return;
    case ENDPOINT_MAP:
        answer_page(console->map.bytes ? &console->map : NULL, exchange, request);
        return;
    case ENDPOINT_RECORDING:
        take_recording(console, session, exchange, request, number);
        return;
    case ENDPOINT_ATTACH:
        attach_take(console, exchange, request, number);
        return;
    case ENDPOINT_ATTACHMENT:
        route_argument(request->arguments, "reason", reason, sizeof reason);
        attach_look(console, session, exchange, reason, number);
        return;
    case ENDPOINT_AML:
        aml_post(console, exchange, request);
        return;
    case ENDPOINT_LEAVE:
        sign_in_leave(console, exchange, request);
        return;
    case ENDPOINT_BACK:
        answer_page(console->oidc ? pages_find(console->pages, "/") : NULL, exchange, request);
        return;
    case ENDPOINT_NONE:
    case ENDPOINT_COUNT:
        break;
    }
    api_answer(exchange, 404, json_object());
}

void api_request(struct console *console, struct exchange *exchange, const struct request *request)
{
    uint64_t number;
    const struct route *route = route_find(request->path, &number);
    if (!route && strncmp(request->path, "/api/", 5) != 0) {
        answer_page(pages_find(console->pages, request->path), exchange, request);
        return;
    }
    if (!route) {
        api_answer(exchange, 404, json_object());
        return;
    }
    if (request->method != route->method) {
        api_answer(exchange, 405, json_object());
        return;
    }
    bool is_json = route->endpoint != ENDPOINT_AML && route->endpoint != ENDPOINT_ATTACH;
    if (request->method == METHOD_POST && !request->json && is_json) {
        api_answer(exchange, 415, refusal_json(REFUSAL_MALFORMED, "application/json is wanted"));
        return;
    }
    struct session *session = NULL;
    if (route->signed_in) {
        session = sessions_find(console->sessions, request->secret, clock_mono_ms());
        if (!session || (session->user.roles & route->roles) == 0) {
            api_refuse(exchange, session ? REFUSAL_NOT_ALLOWED : REFUSAL_NOT_SIGNED_IN, NULL);
            return;
        }
        if (session->locked && !route->locked) {
            api_refuse(exchange, REFUSAL_LOCKED, NULL);
            return;
        }
    }
    answer_route(console, route, number, session, exchange, request);
}
