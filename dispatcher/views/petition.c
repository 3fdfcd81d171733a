/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Petitions, open and ended, and the rulings that are precedents. */
#include <errno.h>

#include "dispatcher/views/row.h"

static struct key petition_key(uint64_t petition)
{
    return key_of1(VIEW_PETITION, petition);
}

static int petition_asked(const struct change *change)
{
    const struct event *event = change->event;
    const struct petition_asked *asked = &event->petition_asked;
    struct incident_row incident = { .number = 0 };
    int status =
        row_take(change, key_of1(VIEW_INCIDENT, event->incident), SCHEMA_INCIDENT_ROW, &incident);
    if (status < 0 && status != -ENOENT)
        return status;
    struct petition_row row = { .petition = asked->petition,
                                .incident = event->incident,
                                .number = incident.number,
                                .kind = asked->kind,
                                .stage = 1,
                                .roles = asked->roles,
                                .asked_ms = event->at_ms,
                                .due_ms = asked->due_ms,
                                .until_ms = asked->until_ms,
                                .department = event->department,
                                .user = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0,
                                .task = event->task };
    status = row_put(change, petition_key(row.petition), SCHEMA_PETITION_ROW, &row);
    if (status == 0)
        status = mark_put(change, key_of1(VIEW_PETITION_OPEN, row.petition));
    if (status == 0)
        status = mark_put(change, key_of2(VIEW_PETITION_HAS, row.incident, row.petition));
    return status;
}

static void agreed(const struct petition_agreed *said, struct petition_row *row)
{
    row->stage = said->stage + 1;
    row->roles = said->roles;
    row->due_ms = said->due_ms;
    row->overdue = false;
}

static int petition_changed(const struct change *change, uint64_t petition)
{
    const struct event *event = change->event;
    struct petition_row row;
    int status = row_take(change, petition_key(petition), SCHEMA_PETITION_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    if (event->kind == EVENT_PETITION_AGREED) {
        agreed(&event->petition_agreed, &row);
    } else if (event->kind == EVENT_PETITION_ENDED) {
        row.end = event->petition_ended.end;
        row.ended_ms = event->at_ms;
        row.overdue = false;
        status = mark_remove(change, key_of1(VIEW_PETITION_OPEN, petition));
    } else {
        row.overdue = true;
    }
    return status < 0 ? status : row_put(change, petition_key(petition), SCHEMA_PETITION_ROW, &row);
}

static int dispute_ruled(const struct change *change)
{
    const struct event *event = change->event;
    const struct dispute_ruled *ruled = &event->dispute_ruled;
    if (!ruled->precedent)
        return 0;
    struct precedent_row row = { .category = ruled->category,
                                 .district = ruled->district,
                                 .department = ruled->lead,
                                 .incident = event->incident,
                                 .ruled_ms = event->at_ms };
    return row_put(change,
                   key_of1(VIEW_PRECEDENT, (uint64_t)ruled->category << 32 | ruled->district),
                   SCHEMA_PRECEDENT_ROW, &row);
}

int apply_to_petitions(const struct change *change)
{
    const struct event *event = change->event;
    switch (event->kind) {
    case EVENT_PETITION_ASKED:
        return petition_asked(change);
    case EVENT_PETITION_AGREED:
        return petition_changed(change, event->petition_agreed.petition);
    case EVENT_PETITION_ENDED:
        return petition_changed(change, event->petition_ended.petition);
    case EVENT_CLOCK_OVERDUE:
        return event->clock_overdue.clock == CLOCK_KIND_PETITION
                   ? petition_changed(change, event->clock_overdue.subject)
                   : 0;
    case EVENT_DISPUTE_RULED:
        return dispute_ruled(change);
    default:
        return 0;
    }
}

int answer_petitions(const struct question *question, struct answer *answer)
{
    const struct petitions_query *query = &question->query->petitions;
    struct petitions *petitions = &answer->petitions;
    uint32_t room = sizeof petitions->rows / sizeof petitions->rows[0];
    struct key prefix =
        query->incident ? key_of1(VIEW_PETITION_HAS, query->incident) : key_of(VIEW_PETITION_OPEN);
    struct key from = prefix;
    key_u64(&from, query->after + 1);
    answer->kind = ANSWER_PETITIONS;
    petitions->rows_count = 0;
    for (;;) {
        struct slice value;
        uint64_t petition;
        int status = view_next(question->read, &prefix, &from, &petition, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        answer->more = petitions->rows_count == room;
        if (answer->more)
            return 0;
        status = row_get(question->views, question->read, petition_key(petition),
                         SCHEMA_PETITION_ROW, &petitions->rows[petitions->rows_count++]);
        if (status < 0)
            return status;
        answer->next = petition;
        from = prefix;
        key_u64(&from, petition + 1);
    }
}

int answer_precedents(const struct question *question, struct answer *answer)
{
    struct precedents *precedents = &answer->precedents;
    uint32_t room = sizeof precedents->rows / sizeof precedents->rows[0];
    struct key prefix = key_of(VIEW_PRECEDENT);
    struct key from = key_of1(VIEW_PRECEDENT, question->query->precedents.after + 1);
    answer->kind = ANSWER_PRECEDENTS;
    precedents->rows_count = 0;
    for (;;) {
        struct slice value;
        uint64_t number;
        int status = view_next(question->read, &prefix, &from, &number, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        answer->more = precedents->rows_count == room;
        if (answer->more)
            return 0;
        status = codec_unpack(question->views->codec, SCHEMA_PRECEDENT_ROW, value.data, value.size,
                              &precedents->rows[precedents->rows_count++]);
        if (status < 0)
            return status;
        answer->next = number;
        from = key_of1(VIEW_PRECEDENT, number + 1);
    }
}
