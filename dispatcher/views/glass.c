/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Break-glass: who asked for what, who agreed, what was done under it, and what an auditor found. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

static bool waits(enum glass_state state)
{
    return state == GLASS_STATE_ASKED || state == GLASS_STATE_OPEN || state == GLASS_STATE_ENDED;
}

static int glass_put(const struct change *change, const struct glass_row *row)
{
    struct key mark = key_of1(VIEW_GLASS_OPEN, row->glass);
    int status = waits(row->state) ? mark_put(change, mark) : mark_remove(change, mark);
    return status < 0 ? status
                      : row_put(change, key_of1(VIEW_GLASS, row->glass), SCHEMA_GLASS_ROW, row);
}

static int glass_asked(const struct change *change)
{
    const struct event *event = change->event;
    const struct glass_asked *asked = &event->glass_asked;
    struct glass_row row = { .glass = asked->glass,
                             .state = GLASS_STATE_ASKED,
                             .right = asked->right,
                             .asked_by = event->actor,
                             .asked_ms = event->at_ms,
                             .until_ms = asked->until_ms };
    memcpy(row.words, asked->words, sizeof row.words);
    return glass_put(change, &row);
}

static int glass_moved(const struct change *change)
{
    const struct event *event = change->event;
    const struct glass_moved *moved = &event->glass_moved;
    struct glass_row row;
    int status = row_take(change, key_of1(VIEW_GLASS, moved->glass), SCHEMA_GLASS_ROW, &row);
    if (status < 0)
        return status;
    row.state = moved->to;
    if (moved->to == GLASS_STATE_OPEN || moved->to == GLASS_STATE_REFUSED)
        row.ruled_by = event->actor;
    if (moved->to == GLASS_STATE_OPEN) {
        row.opened_ms = event->at_ms;
        row.until_ms = moved->until_ms;
    }
    if (moved->to == GLASS_STATE_ENDED) {
        row.ended_ms = event->at_ms;
        row.ended_by = moved->expired ? 0 : event->actor;
    }
    if (moved->to == GLASS_STATE_REVIEWED) {
        row.reviewed_by = event->actor;
        row.reviewed_ms = event->at_ms;
        row.sound = moved->sound;
    }
    if (moved->words[0])
        memcpy(row.finding, moved->words, sizeof row.finding);
    return glass_put(change, &row);
}

/* An event more that was done under it. */
static int glass_acted(const struct change *change)
{
    struct key key = key_of1(VIEW_GLASS, change->event->glass);
    struct glass_row row;
    int status = row_take(change, key, SCHEMA_GLASS_ROW, &row);
    if (status < 0)
        return status;
    row.acts++;
    row.last_act = change->event->seq;
    return row_put(change, key, SCHEMA_GLASS_ROW, &row);
}

int apply_to_glasses(const struct change *change)
{
    if (change->event->kind == EVENT_GLASS_ASKED)
        return glass_asked(change);
    if (change->event->kind == EVENT_GLASS_MOVED)
        return glass_moved(change);
    return change->event->glass ? glass_acted(change) : 0;
}

int answer_glasses(const struct question *question, struct answer *answer)
{
    struct glasses *glasses = &answer->glasses;
    const struct glasses_query *asked = &question->query->glasses;
    uint8_t kind = asked->open ? VIEW_GLASS_OPEN : VIEW_GLASS;
    uint64_t after = asked->after;
    struct key prefix = key_of(kind);
    answer->kind = ANSWER_GLASSES;
    glasses->rows_count = 0;
    for (;;) {
        struct key from = key_of1(kind, after + 1);
        struct slice value;
        uint64_t glass;
        int status = view_next(question->read, &prefix, &from, &glass, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (glasses->rows_count == sizeof glasses->rows / sizeof glasses->rows[0]) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        status = row_get(question->views, question->read, key_of1(VIEW_GLASS, glass),
                         SCHEMA_GLASS_ROW, &glasses->rows[glasses->rows_count++]);
        if (status < 0)
            return status;
        after = glass;
    }
}
