/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is to be erased, what was, and what must not be. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

static int erasure_put(const struct change *change, const struct erasure_row *row)
{
    bool open = row->state != ERASURE_STATE_DONE && row->state != ERASURE_STATE_REFUSED;
    struct key mark = key_of1(VIEW_ERASURE_OPEN, row->erasure);
    int status = open ? mark_put(change, mark) : mark_remove(change, mark);
    return status < 0
               ? status
               : row_put(change, key_of1(VIEW_ERASURE, row->erasure), SCHEMA_ERASURE_ROW, row);
}

static int erasure_forget(const struct change *change, uint64_t erasure)
{
    int status = mark_remove(change, key_of1(VIEW_ERASURE_OPEN, erasure));
    return status < 0 ? status : row_remove(change, key_of1(VIEW_ERASURE, erasure));
}

static int erasure_asked(const struct change *change)
{
    const struct event *event = change->event;
    const struct erasure_asked *asked = &event->erasure_asked;
    struct erasure_row row = { .erasure = asked->erasure,
                               .state = ERASURE_STATE_ASKED,
                               .basis = asked->basis,
                               .incident = event->incident,
                               .contact = event->contact,
                               .rule = asked->rule,
                               .sound = asked->sound,
                               .caller = asked->caller,
                               .asked_by = event->actor,
                               .asked_ms = event->at_ms };
    memcpy(row.words, asked->words, sizeof row.words);
    return erasure_put(change, &row);
}

static int erasure_moved(const struct change *change)
{
    const struct event *event = change->event;
    const struct erasure_moved *moved = &event->erasure_moved;
    struct erasure_row row;
    int status = row_take(change, key_of1(VIEW_ERASURE, moved->erasure), SCHEMA_ERASURE_ROW, &row);
    if (status < 0)
        return status;
    row.state = moved->to;
    if (moved->to == ERASURE_STATE_APPROVED || moved->to == ERASURE_STATE_REFUSED) {
        row.ruled_by = event->actor;
        row.ruled_ms = event->at_ms;
        memcpy(row.ruling, moved->words, sizeof row.ruling);
    }
    if (moved->to == ERASURE_STATE_RUNNING)
        row.run_by = event->actor;
    if (moved->to == ERASURE_STATE_DONE) {
        row.done_ms = event->at_ms;
        row.subjects = moved->subjects;
        row.preserved = moved->preserved;
        row.caller = 0; /* nobody is found by it any more */
    }
    if (moved->to == ERASURE_STATE_DONE && row.rule) /* a night's thousands: the trail has them */
        return erasure_forget(change, row.erasure);
    return erasure_put(change, &row);
}

static int erased(const struct change *change)
{
    struct key key = key_of1(VIEW_ERASURE, change->event->erased.erasure);
    struct erasure_row row;
    int status = row_take(change, key, SCHEMA_ERASURE_ROW, &row);
    row.subjects++;
    return status < 0 ? status : row_put(change, key, SCHEMA_ERASURE_ROW, &row);
}

static int preservation_begun(const struct change *change)
{
    const struct event *event = change->event;
    const struct preservation_begun *begun = &event->preservation_begun;
    struct preservation_row row = { .preservation = begun->preservation,
                                    .incident = event->incident,
                                    .caller = begun->caller,
                                    .set_by = event->actor,
                                    .set_ms = event->at_ms };
    memcpy(row.words, begun->words, sizeof row.words);
    return row_put(change, key_of1(VIEW_PRESERVATION, row.preservation), SCHEMA_PRESERVATION_ROW,
                   &row);
}

int apply_to_erasures(const struct change *change)
{
    switch (change->event->kind) {
    case EVENT_ERASURE_ASKED:
        return erasure_asked(change);
    case EVENT_ERASURE_MOVED:
        return erasure_moved(change);
    case EVENT_ERASED:
        return erased(change);
    case EVENT_PRESERVATION_BEGUN:
        return preservation_begun(change);
    case EVENT_PRESERVATION_LIFTED:
        return row_remove(
            change, key_of1(VIEW_PRESERVATION, change->event->preservation_lifted.preservation));
    default:
        return 0;
    }
}

static int erasure_read(const struct question *question, uint64_t erasure, struct erasure_row *row)
{
    struct key key = key_of1(VIEW_ERASURE, erasure);
    return row_get(question->views, question->read, key, SCHEMA_ERASURE_ROW, row);
}

int answer_erasures(const struct question *question, struct answer *answer)
{
    struct erasures *erasures = &answer->erasures;
    const struct erasures_query *asked = &question->query->erasures;
    uint8_t kind = asked->open ? VIEW_ERASURE_OPEN : VIEW_ERASURE;
    uint64_t after = asked->after;
    struct key prefix = key_of(kind);
    answer->kind = ANSWER_ERASURES;
    erasures->rows_count = 0;
    for (;;) {
        struct key from = key_of1(kind, after + 1);
        struct slice value;
        uint64_t erasure;
        int status = view_next(question->read, &prefix, &from, &erasure, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (erasures->rows_count == sizeof erasures->rows / sizeof erasures->rows[0]) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        status = erasure_read(question, erasure, &erasures->rows[erasures->rows_count++]);
        if (status < 0)
            return status;
        after = erasure;
    }
}

int answer_preservations(const struct question *question, struct answer *answer)
{
    struct preservations *preservations = &answer->preservations;
    uint64_t after = question->query->preservations.after;
    struct key prefix = key_of(VIEW_PRESERVATION);
    answer->kind = ANSWER_PRESERVATIONS;
    preservations->rows_count = 0;
    for (;;) {
        struct key from = key_of1(VIEW_PRESERVATION, after + 1);
        struct slice value;
        uint64_t preservation;
        int status = view_next(question->read, &prefix, &from, &preservation, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (preservations->rows_count ==
            sizeof preservations->rows / sizeof preservations->rows[0]) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        status = codec_unpack(question->views->codec, SCHEMA_PRESERVATION_ROW, value.data,
                              value.size, &preservations->rows[preservations->rows_count++]);
        if (status < 0)
            return status;
        after = preservation;
    }
}

static int kept_contact(struct views *views, const struct slice *value, struct retention_step *kept)
{
    struct contact_row row;
    int status = codec_unpack(views->codec, SCHEMA_CONTACT_ROW, value->data, value->size, &row);
    if (status < 0)
        return status;
    bool goes_alone = row.incident == 0 && row.erased_ms == 0;
    *kept = (struct retention_step){ .contact = row.contact,
                                     .caller = row.caller,
                                     .line = row.line,
                                     .since_ms = goes_alone ? row.ended_ms : 0 };
    return 0;
}

static int kept_incident(struct views *views, const struct slice *value,
                         struct retention_step *kept)
{
    struct incident_row row;
    int status = codec_unpack(views->codec, SCHEMA_INCIDENT_ROW, value->data, value->size, &row);
    if (status < 0)
        return status;
    *kept = (struct retention_step){ .incident = row.incident,
                                     .caller = row.caller,
                                     .line = row.line,
                                     .category = row.category,
                                     .since_ms = row.erased_ms ? 0 : row.moved_ms };
    return 0;
}

int views_kept_next(struct views *views, bool incidents, uint64_t *after,
                    struct retention_step *kept)
{
    struct transaction *read;
    uint8_t kind = incidents ? VIEW_INCIDENT : VIEW_CONTACT;
    struct key prefix = key_of(kind), from = key_of1(kind, *after + 1);
    struct slice value;
    int status = store_begin_read(views->store, &read);
    if (status < 0)
        return status;
    status = view_next(read, &prefix, &from, after, &value);
    if (status == 0)
        status = incidents ? kept_incident(views, &value, kept) : kept_contact(views, &value, kept);
    transaction_end(read);
    return status;
}
