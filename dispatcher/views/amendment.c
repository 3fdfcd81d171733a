/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Amendments of the city's tables: who wanted what otherwise and why, both sides of every row, and what
 * became of it. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

enum {
    ROWS_MAX = sizeof(((struct amendments *)0)->rows) / sizeof(struct amendment_row),
    CHANGES_MAX = sizeof(((struct amendment_detail *)0)->changes) / sizeof(struct amendment_change)
};

static struct key row_key(uint32_t amendment)
{
    return key_of1(VIEW_AMENDMENT, amendment);
}

static int drafted(const struct change *change)
{
    const struct event *event = change->event;
    const struct amendment_drafted *said = &event->amendment_drafted;
    struct amendment_row row = { .amendment = said->amendment,
                                 .state = AMENDMENT_STATE_DRAFT,
                                 .author = event->actor,
                                 .drafted_ms = event->at_ms,
                                 .undoes = said->undoes };
    memcpy(row.words, said->words, sizeof row.words);
    return row_put(change, row_key(row.amendment), SCHEMA_AMENDMENT_ROW, &row);
}

static int written(const struct change *change)
{
    const struct amendment_written *said = &change->event->amendment_written;
    struct key key = key_of2(VIEW_AMENDMENT_CHANGE, said->amendment, said->row);
    struct amendment_row row;
    struct amendment_change side;
    int status = row_take(change, row_key(said->amendment), SCHEMA_AMENDMENT_ROW, &row);
    if (status < 0)
        return status;
    status = row_take(change, key, SCHEMA_AMENDMENT_CHANGE, &side);
    if (status == -ENOENT || (status == 0 && side.file != said->file))
        side = (struct amendment_change){ .row = said->row, .file = said->file };
    else if (status < 0)
        return status;
    memcpy(said->after ? side.after : side.before, said->cells, sizeof said->cells);
    status = row_put(change, key, SCHEMA_AMENDMENT_CHANGE, &side);
    if (status < 0 || row.rows >= said->row)
        return status;
    row.rows = said->row;
    return row_put(change, row_key(row.amendment), SCHEMA_AMENDMENT_ROW, &row);
}

/* What it takes back says so. */
static int mark_undone(const struct change *change, const struct amendment_row *by)
{
    struct amendment_row row;
    int status = row_take(change, row_key(by->undoes), SCHEMA_AMENDMENT_ROW, &row);
    if (status < 0)
        return status;
    row.undone_by = by->amendment;
    return row_put(change, row_key(row.amendment), SCHEMA_AMENDMENT_ROW, &row);
}

static int moved(const struct change *change)
{
    const struct event *event = change->event;
    const struct amendment_moved *said = &event->amendment_moved;
    struct amendment_row row;
    int status = row_take(change, row_key(said->amendment), SCHEMA_AMENDMENT_ROW, &row);
    if (status < 0)
        return status;
    row.state = said->to;
    row.grave = said->grave;
    if (said->from == AMENDMENT_STATE_DRAFT && said->step != AMENDMENT_STEP_WITHDRAW)
        row.submitted_ms = event->at_ms;
    if (said->step == AMENDMENT_STEP_SUBMIT || said->step == AMENDMENT_STEP_APPLY)
        memcpy(row.digest, said->digest, sizeof row.digest);
    if (said->to != AMENDMENT_STATE_WAITING) {
        row.ruler = event->actor;
        row.ended_ms = event->at_ms;
        memcpy(row.ruling, said->words, sizeof row.ruling);
    }
    status = row_put(change, row_key(row.amendment), SCHEMA_AMENDMENT_ROW, &row);
    if (status < 0 || said->to != AMENDMENT_STATE_APPLIED || !row.undoes)
        return status;
    return mark_undone(change, &row);
}

int apply_to_amendments(const struct change *change)
{
    switch (change->event->kind) {
    case EVENT_AMENDMENT_DRAFTED:
        return drafted(change);
    case EVENT_AMENDMENT_WRITTEN:
        return written(change);
    case EVENT_AMENDMENT_MOVED:
        return moved(change);
    default:
        return 0;
    }
}

int answer_amendments(const struct question *question, struct answer *answer)
{
    const struct amendments_query *asked = &question->query->amendments;
    struct amendments *amendments = &answer->amendments;
    struct key prefix = key_of(VIEW_AMENDMENT);
    uint64_t before = asked->before ? asked->before : UINT64_MAX;
    answer->kind = ANSWER_AMENDMENTS;
    amendments->rows_count = 0;
    for (;;) {
        struct key limit = key_of1(VIEW_AMENDMENT, before);
        struct slice value;
        struct amendment_row row = { 0 };
        int status = view_previous(question->read, &prefix, &limit, &before, &value);
        if (status == 0)
            status = codec_unpack(question->views->codec, SCHEMA_AMENDMENT_ROW, value.data,
                                  value.size, &row);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (asked->state && row.state != asked->state)
            continue;
        if (amendments->rows_count == ROWS_MAX) {
            answer->more = true;
            answer->next = amendments->rows[ROWS_MAX - 1].amendment;
            return 0;
        }
        amendments->rows[amendments->rows_count++] = row;
    }
}

int answer_amendment(const struct question *question, struct answer *answer)
{
    const struct amendment_query *asked = &question->query->amendment;
    struct amendment_detail *detail = &answer->amendment_detail;
    struct key prefix = key_of1(VIEW_AMENDMENT_CHANGE, asked->amendment);
    uint64_t row = asked->after;
    answer->kind = ANSWER_AMENDMENT_DETAIL;
    int status = row_get(question->views, question->read, row_key(asked->amendment),
                         SCHEMA_AMENDMENT_ROW, &detail->row);
    if (status < 0)
        return status;
    detail->has_row = true;
    detail->changes_count = 0;
    for (;;) {
        struct key from = key_of2(VIEW_AMENDMENT_CHANGE, asked->amendment, row + 1);
        struct slice value;
        status = view_next(question->read, &prefix, &from, &row, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (detail->changes_count == CHANGES_MAX) {
            answer->more = true;
            answer->next = row - 1;
            return 0;
        }
        status = codec_unpack(question->views->codec, SCHEMA_AMENDMENT_CHANGE, value.data,
                              value.size, &detail->changes[detail->changes_count++]);
        if (status < 0)
            return status;
    }
}
