/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/replica.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/text.h"
#include "dispatcher/views/views.h"
#include "proto/codec.h"
#include "proto/format.h"

enum {
    FOLDER_BYTES = 512,
    LINE_BYTES = 2048
};

struct replica {
    char folder[FOLDER_BYTES];
    struct views *views;
    struct codec *codec;
    struct feed *feed;
    replica_applied *applied;
    void *owner;
    uint64_t epoch;
    uint64_t batch_epoch;
    uint32_t batch_count;
    struct stored_event batch[REPLICA_BATCH];
    struct record record;
    struct answer answer;
    char words[FEED_EVENT_BYTES + 1];
};

const struct event *replica_event(struct replica *replica, const struct stored_event *row)
{
    if (codec_unpack(replica->codec, SCHEMA_RECORD, row->record, row->record_size,
                     &replica->record) < 0 ||
        !replica->record.has_event || replica->record.event.seq != row->seq)
        return NULL;
    return &replica->record.event;
}

bool replica_incident(struct replica *replica, uint64_t incident, struct incident_detail *detail)
{
    struct query query = { .kind = QUERY_INCIDENT, .incident = { .incident = incident } };
    views_query(replica->views, &query, 0, &replica->answer);
    if (replica->answer.refusal != REFUSAL_NONE || replica->answer.kind != ANSWER_INCIDENT_DETAIL)
        return false;
    *detail = replica->answer.incident_detail;
    return true;
}

/* Writes the event as screens get it, without the closing brace. Returns its size, 0: too long, or memory ran out. */
static size_t write_event(struct replica *replica, const struct event *event)
{
    (void)json_lacked_memory();
    json_t *object = json_from_message(SCHEMA_EVENT, event);
    if (!object)
        return 0;
    int head =
        snprintf(replica->words, sizeof replica->words,
                 "{\"seq\":%" PRIu64 ",\"at_ms\":%" PRIu64 ",\"event\":", event->seq, event->at_ms);
    size_t room = FEED_EVENT_BYTES - (size_t)head;
    size_t size = json_dumpb(object, replica->words + head, room, JSON_COMPACT);
    json_decref(object);
    return size == 0 || size > room || json_lacked_memory() ? 0 : (size_t)head + size;
}

static void feed_event(struct replica *replica, const struct stored_event *row)
{
    static struct incident_detail detail;
    static struct log_limit limit;
    struct audience audience = { 0 };
    size_t size = 0;
    const struct event *event = replica_event(replica, row);
    if (event) {
        bool found = event->incident != 0 && replica_incident(replica, event->incident, &detail);
        static struct circle circle;
        bool secret = event->incident && views_circle(replica->views, event->incident, &circle);
        audience_of(&audience, event, found ? &detail : NULL, secret ? &circle : NULL);
        size = write_event(replica, event);
    }
    if (!feed_add(replica->feed, row->seq, &audience, size > 0 ? replica->words : NULL, size) &&
        log_allowed(&limit))
        log_error("show event seq=%" PRIu64 " failed: it does not read as an event", row->seq);
}

static int fill_feed(struct replica *replica)
{
    uint64_t seq = views_seq(replica->views);
    uint64_t after = seq > FEED_EVENTS ? seq - FEED_EVENTS : 0;
    replica->feed = feed_create(after);
    if (!replica->feed)
        return -ENOMEM;
    while (feed_last(replica->feed) < seq) {
        int count =
            views_rows(replica->views, feed_last(replica->feed), replica->batch, REPLICA_BATCH);
        if (count <= 0)
            return count < 0 ? count : -EBADMSG;
        for (int i = 0; i < count; i++)
            feed_event(replica, &replica->batch[i]);
    }
    return 0;
}

static uint64_t stored_epoch(struct replica *replica)
{
    struct query query = { .kind = QUERY_STATUS };
    views_query(replica->views, &query, 0, &replica->answer);
    return replica->answer.kind == ANSWER_STATUS ? replica->answer.status.epoch : 0;
}

/* Nobody shall wait for the first search: the words of all articles are gathered at the start. */
static void gather_articles(struct replica *replica)
{
    struct query query = { .kind = QUERY_ARTICLES, .articles = { .words = "-" } };
    do
        views_query(replica->views, &query, 0, &replica->answer);
    while (replica->answer.refusal == REFUSAL_NONE && replica->answer.more);
}

int replica_open(struct replica **replica, const char *home, const char *name,
                 replica_applied *applied, void *owner)
{
    struct replica *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->applied = applied;
    fresh->owner = owner;
    int status = -ENOMEM;
    fresh->codec = codec_open();
    if (!fresh->codec)
        goto fail;
    (void)snprintf(fresh->folder, sizeof fresh->folder, "%s/%s", home, name);
    if (mkdir(fresh->folder, 0750) < 0 && errno != EEXIST) {
        status = -errno;
        goto fail;
    }
    (void)snprintf(fresh->folder, sizeof fresh->folder, "%s/%s/views", home, name);
    status = views_open(&fresh->views, fresh->folder);
    if (status < 0)
        goto fail;
    fresh->epoch = stored_epoch(fresh);
    status = fill_feed(fresh);
    if (status < 0)
        goto fail;
    gather_articles(fresh);
    *replica = fresh;
    return 0;

fail:
    replica_close(fresh);
    return status;
}

void replica_close(struct replica *replica)
{
    if (!replica)
        return;
    views_close(replica->views);
    codec_close(replica->codec);
    feed_destroy(replica->feed);
    free(replica);
}

int replica_put_aside(struct replica *replica, uint64_t wall_ms)
{
    char folder[FOLDER_BYTES], aside[FOLDER_BYTES + 32];
    memcpy(folder, replica->folder, sizeof folder);
    (void)snprintf(aside, sizeof aside, "%s.aside-%" PRIu64, folder, wall_ms);
    replica_close(replica);
    return rename(folder, aside) < 0 ? -errno : 0;
}

int replica_flush(struct replica *replica)
{
    uint32_t count = replica->batch_count;
    if (count == 0)
        return 0;
    replica->batch_count = 0;
    int status = views_apply_rows(replica->views, replica->batch_epoch, replica->batch, count);
    if (status < 0)
        return status;
    replica->epoch = replica->batch_epoch;
    for (uint32_t i = 0; i < count; i++) {
        feed_event(replica, &replica->batch[i]);
        const struct event *event = replica_event(replica, &replica->batch[i]);
        if (event)
            replica->applied(replica->owner, event);
    }
    return 0;
}

int replica_take(struct replica *replica, uint64_t epoch, const struct stored_event *row)
{
    int status = 0;
    if (replica->batch_count == REPLICA_BATCH || replica->batch_epoch != epoch)
        status = replica_flush(replica);
    if (status < 0)
        return status;
    if (row->seq != replica_seq(replica) + replica->batch_count + 1)
        return -EBADMSG;
    replica->batch_epoch = epoch;
    replica->batch[replica->batch_count++] = *row;
    return 0;
}

uint64_t replica_seq(const struct replica *replica)
{
    return views_seq(replica->views);
}

uint64_t replica_epoch(const struct replica *replica)
{
    return replica->epoch;
}

const struct feed *replica_feed(const struct replica *replica)
{
    return replica->feed;
}

void replica_conceal(struct replica *replica, const struct user_row *user,
                     const struct query *query, struct answer *answer)
{
    views_conceal(replica->views, user, query, answer);
}

void replica_query(struct replica *replica, const struct query *query, uint64_t wall_ms,
                   struct answer *answer)
{
    views_query(replica->views, query, wall_ms, answer);
}

const struct record *replica_record(struct replica *replica, const struct stored_event *row,
                                    const struct user_row *user)
{
    if (!replica_event(replica, row))
        return NULL;
    access_redact_event(user, &replica->record.event);
    return &replica->record;
}

json_t *replica_event_json(struct replica *replica, const struct stored_event *row,
                           const struct user_row *user)
{
    char bytes[LINE_BYTES], link[65];
    struct text line = text_into(bytes, sizeof bytes);
    if (!replica_event(replica, row))
        return NULL;
    struct event *event = &replica->record.event;
    access_redact_event(user, event);
    format_message(&line, SCHEMA_EVENT, event);
    hex_write(row->link, sizeof row->link, link);
    json_t *object = json_pack("{s:I, s:I, s:o, s:s, s:s}", "seq", (json_int_t)event->seq, "at_ms",
                               (json_int_t)event->at_ms, "event",
                               json_from_message(SCHEMA_EVENT, event), "line", bytes, "link", link);
    if (object && replica->record.sealed_size > 0)
        (void)json_object_set_new(object, "sealed", json_true());
    return object;
}
