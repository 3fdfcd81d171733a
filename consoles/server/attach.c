/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/civil.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "consoles/server/console.h"
#include "consoles/server/range.h"

unsigned attach_admits(struct console *console, const struct request *request)
{
    uint64_t task;
    const struct route *route = route_find(request->path, &task);
    const struct session *session =
        sessions_find(console->sessions, request->secret, clock_mono_ms());
    if (!route || route->endpoint != ENDPOINT_ATTACH || request->method != route->method)
        return 413;
    if (!session)
        return 401;
    return session->locked ? 423 : session->user.roles & route->roles ? 0 : 403;
}

/* ---- a file comes ------------------------------------------------------------------------------- */

static struct attaching *free_place(struct attachings *attachings)
{
    for (unsigned i = 0; i < ATTACH_AT_ONCE_MAX; i++)
        if (!attachings->all[i].busy)
            return &attachings->all[i];
    return NULL;
}

static void leave_place(struct attaching *place)
{
    free(place->bytes);
    sodium_memzero(&place->made, sizeof place->made);
    *place = (struct attaching){ .busy = false };
}

static void remove_file(const struct attaching *place)
{
    char path[ATTACH_PATH_BYTES + ATTACHMENT_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", place->folder, place->made.file);
    if (unlink(path) < 0)
        log_warn("remove attachment failed file=%s error=%s", path, strerror(errno));
}

/* On a thread of libuv: an fsync may take its time. */
static void seal(uv_work_t *work)
{
    struct attaching *place = work->data;
    place->status = attachment_write(place->folder, place->day, place->console->suite, place->bytes,
                                     place->size, &place->made);
}

static void tell_dispatcher(struct attaching *place, const struct session *session)
{
    struct waiter waiter = { .wait = WAIT_ATTACH, .exchange = place->exchange };
    struct command command = { .kind = COMMAND_ATTACHMENT_STORE };
    struct personal personal;
    struct attachment_store *store = &command.attachment_store;
    schema_clear(SCHEMA_PERSONAL, &personal);
    schema_clear(SCHEMA_ATTACHMENT_STORE, store);
    memcpy(personal.file_key, place->made.key, sizeof personal.file_key);
    store->task = place->task;
    store->kind = place->kind;
    store->size = place->size;
    (void)text_copy(store->server, sizeof store->server, place->console->name);
    (void)text_copy(store->file, sizeof store->file, place->made.file);
    memcpy(store->digest, place->made.digest, sizeof store->digest);
    store->algorithm = place->made.algorithm;
    bool waits = api_submit(place->console, session, &waiter, &command, &personal);
    sodium_memzero(&personal, sizeof personal);
    if (waits)
        return;
    remove_file(place);
    leave_place(place);
}

static void sealed(uv_work_t *work, int cancelled)
{
    struct attaching *place = work->data;
    struct waiter asker = { .exchange = place->exchange };
    const struct session *session = place->exchange ? api_session(place->console, &asker) : NULL;
    place->sealing = false;
    if (cancelled || place->status < 0) {
        log_error("seal attachment failed folder=%s error=%s", place->folder,
                  strerror(cancelled ? ECANCELED : -place->status));
        if (place->exchange)
            api_refuse(place->exchange, REFUSAL_BUSY, NULL);
        leave_place(place);
    } else if (!session) {
        remove_file(place);
        if (place->exchange)
            api_refuse(place->exchange, REFUSAL_NOT_SIGNED_IN, NULL);
        leave_place(place);
    } else {
        tell_dispatcher(place, session);
    }
}

static uint32_t city_day(struct console *console)
{
    struct query query = { .kind = QUERY_STATUS };
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    uint64_t offset_min =
        console->answer.kind == ANSWER_STATUS ? console->answer.status.utc_offset_min : 0;
    return civil_date_at(clock_wall_ms(), offset_min);
}

void attach_take(struct console *console, struct exchange *exchange, const struct request *request,
                 uint64_t task)
{
    struct attaching *place = free_place(&console->attachings);
    const uint8_t *bytes = (const uint8_t *)request->body;
    enum attachment_kind kind = attachment_read_kind(bytes, request->body_size);
    if (kind == ATTACHMENT_KIND_NONE) {
        api_answer(exchange, 415,
                   json_pack("{s:s, s:s}", "refusal", refusal_name(REFUSAL_MALFORMED), "words",
                             "JPEG, PNG, WebP or PDF is wanted"));
        return;
    }
    uint8_t *copy = place ? malloc(request->body_size) : NULL; /* the asker may leave meanwhile */
    if (!copy) {
        api_refuse(exchange, REFUSAL_BUSY, NULL);
        return;
    }
    memcpy(copy, bytes, request->body_size);
    *place = (struct attaching){ .console = console,
                                 .exchange = exchange,
                                 .busy = true,
                                 .sealing = true,
                                 .task = task,
                                 .day = city_day(console),
                                 .kind = kind,
                                 .bytes = copy,
                                 .size = request->body_size };
    (void)snprintf(place->folder, sizeof place->folder, "%s/%s/attachments", console->home,
                   console->name);
    place->work.data = place;
    if (uv_queue_work(&console->loop, &place->work, seal, sealed) < 0) {
        leave_place(place);
        api_refuse(exchange, REFUSAL_BUSY, NULL);
    }
}

void attach_outcome(struct console *console, const struct waiter *waiter,
                    const struct outcome *outcome)
{
    for (unsigned i = 0; i < ATTACH_AT_ONCE_MAX; i++) {
        struct attaching *place = &console->attachings.all[i];
        if (!place->busy || place->exchange != waiter->exchange)
            continue;
        /* What was not answered in time may be in the trail. */
        if (outcome->refusal != REFUSAL_NONE && outcome->refusal != REFUSAL_BUSY)
            remove_file(place);
        leave_place(place);
        break;
    }
    api_outcome(console, waiter, outcome);
}

void attach_forget(struct attachings *attachings, const struct exchange *exchange)
{
    for (unsigned i = 0; i < ATTACH_AT_ONCE_MAX; i++) {
        struct attaching *place = &attachings->all[i];
        if (!place->busy || place->exchange != exchange)
            continue;
        place->exchange = NULL;
        if (!place->sealing) /* the outcome finds nobody; the file is in the trail, or noise */
            leave_place(place);
    }
}

/* ---- a file is looked at ------------------------------------------------------------------------ */

/* The event of this number when it is an attachment's, NULL otherwise; until the next call. */
static const struct event *find(struct console *console, uint64_t seq)
{
    struct query query = { .kind = QUERY_EVENTS, .events = { .after = seq - 1 } };
    const struct answer *answer = &console->answer;
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    if (seq == 0 || answer->kind != ANSWER_EVENTS || answer->events.rows_count == 0 ||
        answer->events.rows[0].seq != seq)
        return NULL;
    const struct event *event = replica_event(console->replica, &answer->events.rows[0]);
    return event && event->kind == EVENT_ATTACHMENT_STORED ? event : NULL;
}

void attach_look(struct console *console, const struct session *session, struct exchange *exchange,
                 const char *reason, uint64_t seq)
{
    char complaint[JSON_COMPLAINT_BYTES];
    struct waiter waiter = { .wait = WAIT_LOOK, .exchange = exchange, .contact = seq };
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    const struct event *event = find(console, seq);
    if (!event) {
        api_refuse(exchange, REFUSAL_NO_SUCH_EVENT, NULL);
        return;
    }
    json_t *body = json_pack("{s:s}", "reason", reason);
    int status = json_to_message(SCHEMA_PERSONAL_READ, body, &command.personal_read, complaint,
                                 sizeof complaint);
    json_decref(body);
    if (status < 0 || command.personal_read.reason == READ_REASON_NONE) {
        api_refuse(exchange, REFUSAL_REASON_MISSING, "reason: why it is looked at is wanted");
        return;
    }
    command.personal_read.subject = event->incident;
    command.personal_read.fields = 1U << PERSONAL_FIELD_ATTACHMENT;
    command.personal_read.seq = seq;
    (void)api_submit(console, session, &waiter, &command, NULL);
}

/* Returns 0 and the opened bytes, or the status that says why not. */
static unsigned open_file(struct console *console, uint64_t seq, const uint8_t *key,
                          struct response *response)
{
    char path[CONSOLE_PATH_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    const struct event *event = find(console, seq);
    if (!event || !range_path_is_plain(event->attachment_stored.server) ||
        !range_path_is_plain(event->attachment_stored.file) ||
        snprintf(path, sizeof path, "%s/%s/attachments/%s", console->home,
                 event->attachment_stored.server,
                 event->attachment_stored.file) >= (int)sizeof path)
        return 404;
    if (sodium_is_zero(key, ATTACHMENT_KEY)) {
        log_info("look at attachment event=%" PRIu64 ": its key is gone", seq);
        return 410;
    }
    enum attachment_kind kind = event->attachment_stored.kind;
    int status = attachment_read(path, key, &bytes, &size);
    if (status < 0) {
        log_warn("look at attachment event=%" PRIu64 " failed error=%s", seq, strerror(-status));
        return status == -ENOENT ? 404 : 500;
    }
    *response = (struct response){ .status = 200,
                                   .type = attachment_type(kind),
                                   .parcel = parcel_from_text((const char *)bytes, size) };
    free(bytes);
    return response->parcel ? 0 : 503;
}

void attach_looked(struct console *console, const struct waiter *waiter,
                   const struct outcome *outcome)
{
    struct response response = { .status = 0 };
    if (outcome->refusal != REFUSAL_NONE) {
        api_refuse(waiter->exchange, outcome->refusal, NULL);
        return;
    }
    unsigned status = open_file(console, waiter->contact, outcome->personal.file_key, &response);
    if (status != 0)
        response = (struct response){ .status = status };
    exchange_answer(waiter->exchange, &response);
}
