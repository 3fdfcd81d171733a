/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Marks on numbers, the storm that is, and clusters. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

static int mark_asked(const struct change *change)
{
    const struct event *event = change->event;
    const struct mark_asked *asked = &event->mark_asked;
    struct mark_row row = { .mark = asked->mark,
                            .kind = asked->kind,
                            .caller = asked->caller,
                            .asked_by = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0,
                            .asked_ms = event->at_ms,
                            .until_ms = asked->until_ms,
                            .days = asked->days };
    memcpy(row.language, asked->language, sizeof row.language);
    return row_put(change, key_of1(VIEW_MARK, row.mark), SCHEMA_MARK_ROW, &row);
}

static int mark_set(const struct change *change)
{
    const struct event *event = change->event;
    struct mark_row row;
    struct key key = key_of1(VIEW_MARK, event->mark_set.mark);
    int status = row_take(change, key, SCHEMA_MARK_ROW, &row);
    if (status < 0)
        return status;
    row.confirmed_by = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    row.until_ms = event->mark_set.until_ms;
    return row_put(change, key, SCHEMA_MARK_ROW, &row);
}

static int storm_entered(const struct change *change)
{
    const struct event *event = change->event;
    struct storm_board board = { .cause = event->storm_entered.cause,
                                 .line = event->line,
                                 .since_ms = event->at_ms,
                                 .rate = event->storm_entered.rate,
                                 .forecast = event->storm_entered.forecast };
    return row_put(change, key_of1(VIEW_STORM, 0), SCHEMA_STORM_BOARD, &board);
}

static int cluster_formed(const struct change *change)
{
    const struct event *event = change->event;
    const struct cluster_formed *formed = &event->cluster_formed;
    struct cluster_row row = { .cluster = formed->cluster,
                               .incident = event->incident,
                               .line = event->line,
                               .east_cell = formed->east_cell,
                               .north_cell = formed->north_cell,
                               .calls = formed->calls,
                               .formed_ms = event->at_ms,
                               .grew_ms = event->at_ms };
    return row_put(change, key_of1(VIEW_CLUSTER, row.cluster), SCHEMA_CLUSTER_ROW, &row);
}

static int cluster_moved(const struct change *change, uint64_t cluster)
{
    const struct event *event = change->event;
    struct cluster_row row;
    struct key key = key_of1(VIEW_CLUSTER, cluster);
    int status = row_take(change, key, SCHEMA_CLUSTER_ROW, &row);
    if (status < 0)
        return status;
    if (event->kind == EVENT_CLUSTER_GREW) {
        row.calls = event->cluster_grew.calls;
        row.grew_ms = event->at_ms;
    } else {
        row.announced = event->cluster_announced.on;
    }
    return row_put(change, key, SCHEMA_CLUSTER_ROW, &row);
}

int apply_to_storms(const struct change *change)
{
    const struct event *event = change->event;
    switch (event->kind) {
    case EVENT_MARK_ASKED:
        return mark_asked(change);
    case EVENT_MARK_SET:
        return mark_set(change);
    case EVENT_MARK_ENDED:
        return row_remove(change, key_of1(VIEW_MARK, event->mark_ended.mark));
    case EVENT_STORM_ENTERED:
        return storm_entered(change);
    case EVENT_STORM_LEFT:
        return row_remove(change, key_of1(VIEW_STORM, 0));
    case EVENT_CLUSTER_FORMED:
        return cluster_formed(change);
    case EVENT_CLUSTER_GREW:
        return cluster_moved(change, event->cluster_grew.cluster);
    case EVENT_CLUSTER_ANNOUNCED:
        return cluster_moved(change, event->cluster_announced.cluster);
    case EVENT_CLUSTER_ENDED:
        return row_remove(change, key_of1(VIEW_CLUSTER, event->cluster_ended.cluster));
    default: /* the many kinds that have nothing to do with it */
        return 0;
    }
}

int answer_marks(const struct question *question, struct answer *answer)
{
    struct marks *marks = &answer->marks;
    uint32_t room = sizeof marks->rows / sizeof marks->rows[0];
    uint64_t after = question->query->marks.after;
    struct key prefix = key_of(VIEW_MARK);
    answer->kind = ANSWER_MARKS;
    marks->rows_count = 0;
    for (;;) {
        struct key from = key_of1(VIEW_MARK, after + 1);
        struct slice value;
        uint64_t mark;
        int status = view_next(question->read, &prefix, &from, &mark, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (marks->rows_count == room) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        status = codec_unpack(question->views->codec, SCHEMA_MARK_ROW, value.data, value.size,
                              &marks->rows[marks->rows_count++]);
        if (status < 0)
            return status;
        after = mark;
    }
}

int answer_storm(const struct question *question, struct answer *answer)
{
    struct storm_board *board = &answer->storm_board;
    uint32_t room = sizeof board->clusters / sizeof board->clusters[0];
    struct key prefix = key_of(VIEW_CLUSTER);
    uint64_t after = 0;
    answer->kind = ANSWER_STORM_BOARD;
    int status =
        row_get(question->views, question->read, key_of1(VIEW_STORM, 0), SCHEMA_STORM_BOARD, board);
    if (status == -ENOENT)
        *board = (struct storm_board){ .cause = STORM_CAUSE_NONE };
    else if (status < 0)
        return status;
    for (board->clusters_count = 0; board->clusters_count < room;) {
        struct key from = key_of1(VIEW_CLUSTER, after + 1);
        struct slice value;
        status = view_next(question->read, &prefix, &from, &after, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        status = codec_unpack(question->views->codec, SCHEMA_CLUSTER_ROW, value.data, value.size,
                              &board->clusters[board->clusters_count++]);
        if (status < 0)
            return status;
    }
    return 0;
}
