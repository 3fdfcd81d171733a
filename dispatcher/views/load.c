/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What came on each line in the last 24 hours, in slots of five minutes. A slot of the day is
 * overwritten a day later, so that the table never grows. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

enum {
    SLOT_MS = 5 * 60 * 1000,
    SLOTS = 24 * 60 * 60 * 1000 / SLOT_MS
};

_Static_assert(sizeof((struct load_board *)0)->rows / sizeof(struct load_row) == SLOTS + 1,
               "a day, and the slot that has begun");

static struct key load_key(uint32_t line, uint64_t from_ms)
{
    return key_of2(VIEW_LOAD, line, from_ms / SLOT_MS % (SLOTS + 1));
}

int load_count(const struct change *change, const struct contact_row *contact,
               const struct line_status *before, const struct line_status *today)
{
    uint64_t at_ms = change->event->at_ms, from_ms = at_ms - at_ms % SLOT_MS;
    struct key key = load_key(today->line, from_ms);
    struct load_row row;
    int status = row_take(change, key, SCHEMA_LOAD_ROW, &row);
    if (status == -ENOENT || (status == 0 && row.from_ms != from_ms)) {
        row = (struct load_row){ .from_ms = from_ms };
        status = 0;
    }
    if (status < 0)
        return status;
    row.arrived += today->arrived - before->arrived;
    row.answered += today->answered - before->answered;
    row.answered_in_time += today->answered_in_time - before->answered_in_time;
    row.abandoned += today->abandoned - before->abandoned;
    bool waited = today->answered != before->answered || today->abandoned != before->abandoned;
    if (waited && at_ms - contact->arrived_ms > row.longest_ms)
        row.longest_ms = at_ms - contact->arrived_ms;
    return row_put(change, key, SCHEMA_LOAD_ROW, &row);
}

static void load_add(struct load_row *sum, const struct load_row *row)
{
    sum->from_ms = row->from_ms;
    sum->arrived += row->arrived;
    sum->answered += row->answered;
    sum->answered_in_time += row->answered_in_time;
    sum->abandoned += row->abandoned;
    if (row->longest_ms > sum->longest_ms)
        sum->longest_ms = row->longest_ms;
}

/* Adds the line's slots; slots[i] begins at first_ms + i * SLOT_MS. */
static int of_line(const struct question *question, uint32_t line, uint64_t first_ms,
                   struct load_row *slots)
{
    for (uint32_t i = 0; i <= SLOTS; i++) {
        struct load_row row;
        uint64_t from_ms = first_ms + (uint64_t)i * SLOT_MS;
        int status = row_get(question->views, question->read, load_key(line, from_ms),
                             SCHEMA_LOAD_ROW, &row);
        if (status == 0 && row.from_ms == from_ms)
            load_add(&slots[i], &row);
        else if (status < 0 && status != -ENOENT)
            return status;
    }
    return 0;
}

static int of_all_lines(const struct question *question, uint64_t first_ms, struct load_row *slots)
{
    struct key prefix = key_of1(VIEW_CITY, CITY_TABLE_LINES), from = prefix;
    for (;;) {
        struct slice value;
        uint64_t line;
        int status = view_next(question->read, &prefix, &from, &line, &value);
        if (status == 0)
            status = of_line(question, (uint32_t)line, first_ms, slots);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        from = key_of2(VIEW_CITY, CITY_TABLE_LINES, line + 1);
    }
}

int answer_load(const struct question *question, struct answer *answer)
{
    struct load_board *board = &answer->load;
    uint32_t line = question->query->load.line;
    uint64_t now_ms = question->now_ms - question->now_ms % SLOT_MS;
    uint64_t first_ms = now_ms - (uint64_t)SLOTS * SLOT_MS;
    answer->kind = ANSWER_LOAD;
    memset(board, 0, sizeof *board);
    board->slot_ms = SLOT_MS;
    int status = line ? of_line(question, line, first_ms, board->rows)
                      : of_all_lines(question, first_ms, board->rows);
    for (uint32_t i = 0; i <= SLOTS; i++)
        if (board->rows[i].from_ms)
            board->rows[board->rows_count++] = board->rows[i];
    return status;
}
