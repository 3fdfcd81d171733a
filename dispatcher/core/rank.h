/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rank: where idle takers stand for the contacts they may have, as taxis stand at a rank. It has rows,
 * and who stands in an earlier row goes first; in a row the longest idle, then the lowest number.
 *
 * Whoever becomes idle has been idle for the shortest time and steps behind the last: O(1), as is
 * leaving. Who returns to an older place (an offer was withdrawn) looks for it from both ends of the
 * row at once. */
#ifndef DISPATCHER_CORE_RANK_H
#define DISPATCHER_CORE_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RANK_ROWS = 20 /* levels 0 … 9 of those who are ready, then of those in wrap-up */
};

struct rank;
struct user;

/* Where one taker stands, or may. All zero: nowhere. */
struct seat {
    struct seat *next;
    struct seat *prev;
    struct rank *rank; /* NULL: nowhere */
    struct user *taker;
    uint64_t idle_ms; /* since when */
    uint32_t number;  /* the taker's */
    uint32_t row;
};

/* All zero: empty. */
struct rank {
    uint32_t taken; /* bits (1 << row): somebody stands there */
    struct {
        struct seat *first;
        struct seat *last;
    } rows[RANK_ROWS];
};

/* Puts the seat where it belongs, from wherever it stood. Its taker and number are set. */
void rank_enter(struct rank *rank, struct seat *seat, uint32_t row, uint64_t idle_ms);

/* Takes the seat out of its rank; one that stands nowhere stays so. */
void rank_leave(struct seat *seat);

/* Does a go before b? */
static inline bool seat_before(const struct seat *a, const struct seat *b)
{
    if (a->row != b->row)
        return a->row < b->row;
    return a->idle_ms != b->idle_ms ? a->idle_ms < b->idle_ms : a->number < b->number;
}

/* Who goes first of those in these rows (bits), NULL: nobody. */
static inline const struct seat *rank_first(const struct rank *rank, uint32_t rows)
{
    uint32_t taken = rank->taken & rows;
    return taken ? rank->rows[__builtin_ctz(taken)].first : NULL;
}

#endif
