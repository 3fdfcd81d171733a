/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/screen.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"

enum stage {
    STAGE_NEW, /* hello has not come */
    STAGE_LIVE,
    STAGE_ENDED
};

struct screen {
    const struct screen_handlers *handlers;
    void *owner;
    const struct feed *feed;
    const struct user_row *user;
    enum stage stage;
    bool locked;
    enum screen_close code;
    uint64_t opened_ms;
    uint64_t cursor; /* the feed is read up to here */
    uint64_t told;   /* seq of the last event sent: the next one's prev */
    bool beat_due;
    uint32_t malformed;
    uint32_t waiting;
    uint32_t parcel_count;
    size_t parcel_bytes;
    struct parcel *first, *last;
    struct parcel *leaving; /* handed to the transport */
};

struct screen *screen_open(const struct screen_handlers *handlers, void *owner,
                           const struct feed *feed, const struct user_row *user, uint64_t mono_ms)
{
    struct screen *screen = calloc(1, sizeof *screen);
    if (!screen)
        return NULL;
    screen->handlers = handlers;
    screen->owner = owner;
    screen->feed = feed;
    screen->user = user;
    screen->opened_ms = mono_ms;
    return screen;
}

void *screen_owner(const struct screen *screen)
{
    return screen->owner;
}

static void drop_parcels(struct screen *screen)
{
    parcel_close(screen->leaving);
    while (screen->first) {
        struct parcel *next = screen->first->next;
        parcel_close(screen->first);
        screen->first = next;
    }
    screen->last = screen->leaving = NULL;
    screen->parcel_count = 0;
    screen->parcel_bytes = 0;
}

void screen_close(struct screen *screen)
{
    if (!screen)
        return;
    drop_parcels(screen);
    free(screen);
}

void screen_end(struct screen *screen, enum screen_close code)
{
    REQUIRE(code != SCREEN_CLOSE_NONE);
    if (screen->stage == STAGE_ENDED)
        return;
    screen->stage = STAGE_ENDED;
    screen->code = code;
    screen->handlers->wake(screen->owner, screen);
}

enum screen_close screen_ended(const struct screen *screen)
{
    return screen->code;
}

void screen_lock(struct screen *screen, bool locked)
{
    screen->locked = locked;
    if (screen->stage == STAGE_LIVE)
        screen_send(screen, parcel_from_json(json_pack("{s:b}", "locked", (int)locked)));
}

uint32_t *screen_waiting(struct screen *screen)
{
    return &screen->waiting;
}

uint32_t screen_malformed(const struct screen *screen)
{
    return screen->malformed;
}

/* ---------------------------------------------------------------------------------- outgoing */

void screen_send(struct screen *screen, struct parcel *parcel)
{
    if (screen->stage == STAGE_ENDED) {
        parcel_close(parcel);
        return;
    }
    if (!parcel || screen->parcel_count >= SCREEN_PARCELS_MAX ||
        screen->parcel_bytes + parcel->size > SCREEN_PARCEL_BYTES_MAX) {
        parcel_close(parcel);
        screen_end(screen, SCREEN_CLOSE_COME_AGAIN);
        return;
    }
    parcel->next = NULL;
    if (screen->last)
        screen->last->next = parcel;
    else
        screen->first = parcel;
    screen->last = parcel;
    screen->parcel_count++;
    screen->parcel_bytes += parcel->size;
    screen->handlers->wake(screen->owner, screen);
}

void screen_notice(struct screen *screen, uint64_t mono_ms, bool beat)
{
    if (screen->stage == STAGE_NEW && mono_ms - screen->opened_ms > SCREEN_HELLO_MS)
        screen_end(screen, SCREEN_CLOSE_POLICY);
    if (screen->stage != STAGE_LIVE)
        return;
    if (!feed_reaches(screen->feed, screen->cursor)) {
        screen_end(screen, SCREEN_CLOSE_COME_AGAIN);
        return;
    }
    screen->beat_due |= beat;
    if (screen->beat_due || screen->cursor < feed_last(screen->feed))
        screen->handlers->wake(screen->owner, screen);
}

static char *next_parcel(struct screen *screen, size_t *size)
{
    struct parcel *parcel = screen->first;
    screen->first = parcel->next;
    if (!screen->first)
        screen->last = NULL;
    screen->parcel_count--;
    screen->parcel_bytes -= parcel->size;
    screen->leaving = parcel;
    *size = parcel->size;
    return parcel->bytes;
}

static char *next_event(struct screen *screen, const struct feed_event *event, char *scratch,
                        size_t *size)
{
    REQUIRE(event->size <= FEED_EVENT_BYTES);
    memcpy(scratch, event->words, event->size);
    int tail = snprintf(scratch + event->size, SCREEN_EVENT_ROOM - event->size,
                        ",\"prev\":%" PRIu64 "}", screen->told);
    screen->told = event->seq;
    *size = event->size + (size_t)tail;
    return scratch;
}

static char *next_beat(struct screen *screen, const struct standing *standing, char *scratch,
                       size_t *size)
{
    int length = snprintf(scratch, SCREEN_EVENT_ROOM,
                          "{\"beat\":{\"epoch\":\"%" PRIu64 "\",\"seq\":%" PRIu64 ",\"ms\":%" PRIu64
                          ",\"up\":%s,\"age_ms\":%" PRIu64 "%s}}",
                          standing->epoch, screen->cursor, standing->wall_ms,
                          standing->up ? "true" : "false", standing->age_ms,
                          standing->doubted ? ",\"doubted\":true" : "");
    screen->beat_due = false;
    *size = (size_t)length;
    return scratch;
}

char *screen_next(struct screen *screen, const struct standing *standing, char *scratch,
                  size_t *size)
{
    struct feed_event event;
    parcel_close(screen->leaving);
    screen->leaving = NULL;
    if (screen->stage == STAGE_ENDED)
        return NULL;
    if (screen->first)
        return next_parcel(screen, size);
    if (screen->stage != STAGE_LIVE)
        return NULL;
    if (!feed_reaches(screen->feed, screen->cursor)) {
        screen_end(screen, SCREEN_CLOSE_COME_AGAIN);
        return NULL;
    }
    if (feed_next(screen->feed, screen->user, screen->locked, &screen->cursor, &event))
        return next_event(screen, &event, scratch, size);
    return screen->beat_due ? next_beat(screen, standing, scratch, size) : NULL;
}

/* ---------------------------------------------------------------------------------- incoming */

static void object_to(struct screen *screen, const char *words)
{
    screen->malformed++;
    json_t *sentence = json_object();
    if (sentence && json_object_set_new(sentence, "malformed", json_string(words)) < 0) {
        json_decref(sentence);
        sentence = NULL;
    }
    screen_send(screen, parcel_from_json(sentence));
    if (screen->malformed >= SCREEN_MALFORMED_MAX)
        screen_end(screen, SCREEN_CLOSE_POLICY);
}

static struct parcel *welcome(const struct screen *screen, const struct standing *standing,
                              bool resume)
{
    json_t *user = json_from_message(SCHEMA_USER_ROW, screen->user);
    json_t *epoch = json_from_uint64(standing->epoch);
    json_t *object =
        json_pack("{s:{s:o, s:I, s:b, s:b, s:b, s:I, s:o, s:s}}", "welcome", "epoch", epoch, "seq",
                  (json_int_t)feed_last(screen->feed), "resume", (int)resume, "up",
                  (int)standing->up, "locked", (int)screen->locked, "ms",
                  (json_int_t)standing->wall_ms, "user", user, "server", standing->server);
    if (object && standing->doubted)
        (void)json_object_set_new(json_object_get(object, "welcome"), "doubted", json_true());
    return parcel_from_json(object);
}

static void take_hello(struct screen *screen, const struct standing *standing, const json_t *hello)
{
    uint64_t epoch = 0, last = 0;
    const json_t *epoch_said = json_object_get(hello, "epoch");
    const json_t *last_said = json_object_get(hello, "last");
    size_t known = (epoch_said ? 1U : 0U) + (last_said ? 1U : 0U);
    if (screen->stage != STAGE_NEW) {
        object_to(screen, "hello: was said already");
        return;
    }
    if (!json_is_object(hello) || json_object_size(hello) != known) {
        object_to(screen, "hello: an object of epoch and last is wanted");
        return;
    }
    if ((epoch_said && !json_to_uint64(epoch_said, &epoch)) ||
        (last_said && !json_to_uint64(last_said, &last))) {
        object_to(screen, "hello: epoch and last are decimal numbers");
        return;
    }
    bool resume =
        epoch_said && last_said && epoch == standing->epoch && feed_resumes(screen->feed, last);
    screen->cursor = screen->told = resume ? last : feed_last(screen->feed);
    screen->stage = STAGE_LIVE;
    screen_send(screen, welcome(screen, standing, resume));
}

/* The client's name for a command or query, NULL after a complaint. */
static const char *name_in(struct screen *screen, const json_t *frame, const char *member)
{
    const json_t *value = json_object_get(frame, member);
    const char *name = json_string_value(value);
    size_t length = name ? json_string_length(value) : 0;
    if (length == 0 || length >= SCREEN_NAME_BYTES || !utf8_is_text(name, length)) {
        object_to(screen, "cid and qid: a text of 1 to 64 bytes is wanted");
        return NULL;
    }
    return name;
}

static void take_asked(struct screen *screen, const json_t *frame)
{
    const json_t *command = json_object_get(frame, "command");
    const json_t *query = json_object_get(frame, "query");
    if (json_object_size(frame) != 2 || !command == !query) {
        object_to(screen, "a frame holds hello, or cid and command, or qid and query");
        return;
    }
    if (screen->stage != STAGE_LIVE) {
        object_to(screen, "hello comes first");
        return;
    }
    const char *name = name_in(screen, frame, command ? "cid" : "qid");
    if (!name)
        return;
    if (command)
        screen->handlers->command(screen->owner, screen, name, command);
    else
        screen->handlers->query(screen->owner, screen, name, query);
}

void screen_take(struct screen *screen, const struct standing *standing, const char *bytes,
                 size_t size)
{
    char complaint[JSON_COMPLAINT_BYTES];
    if (screen->stage == STAGE_ENDED)
        return;
    if (size > SCREEN_FRAME_MAX) {
        screen_end(screen, SCREEN_CLOSE_TOO_BIG);
        return;
    }
    json_t *frame = json_read_object(bytes, size, complaint, sizeof complaint);
    if (!frame) {
        object_to(screen, complaint);
        return;
    }
    const json_t *hello = json_object_get(frame, "hello");
    if (hello && json_object_size(frame) == 1)
        take_hello(screen, standing, hello);
    else
        take_asked(screen, frame);
    json_decref(frame);
}
