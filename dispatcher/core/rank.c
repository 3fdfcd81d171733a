/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/rank.h"

#include "base/require.h"

/* Between two neighbours, each NULL at the row's end. */
static void stand(struct rank *rank, struct seat *prev, struct seat *seat, struct seat *next)
{
    seat->prev = prev;
    seat->next = next;
    *(prev ? &prev->next : &rank->rows[seat->row].first) = seat;
    *(next ? &next->prev : &rank->rows[seat->row].last) = seat;
}

void rank_enter(struct rank *rank, struct seat *seat, uint32_t row, uint64_t idle_ms)
{
    REQUIRE(row < RANK_ROWS);
    if (seat->rank == rank && seat->row == row && seat->idle_ms == idle_ms)
        return;
    rank_leave(seat);
    seat->rank = rank;
    seat->row = row;
    seat->idle_ms = idle_ms;
    rank->taken |= 1U << row;
    struct seat *early = rank->rows[row].first;
    struct seat *late = rank->rows[row].last;
    while (late && seat_before(seat, late)) {
        if (seat_before(seat, early)) {
            stand(rank, early->prev, seat, early);
            return;
        }
        early = early->next;
        late = late->prev;
    }
    stand(rank, late, seat, late ? late->next : rank->rows[row].first);
}

void rank_leave(struct seat *seat)
{
    struct rank *rank = seat->rank;
    if (!rank)
        return;
    *(seat->prev ? &seat->prev->next : &rank->rows[seat->row].first) = seat->next;
    *(seat->next ? &seat->next->prev : &rank->rows[seat->row].last) = seat->prev;
    if (!rank->rows[seat->row].first)
        rank->taken &= ~(1U << seat->row);
    seat->rank = NULL;
    seat->next = seat->prev = NULL;
}
