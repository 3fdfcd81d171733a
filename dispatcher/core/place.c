/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/place.h"

#include "base/require.h"

bool cell_is_sound(struct cell cell)
{
    return (cell.east == 0) == (cell.north == 0) && cell.east <= CELLS_MAX &&
           cell.north <= CELLS_MAX;
}

/* Newton's method in whole numbers: from above, down as long as it goes down. */
uint64_t whole_root(uint64_t square)
{
    if (square < 2)
        return square;
    /* A power of two that is not below the root, so that few rounds remain. */
    uint64_t guess = 1ULL << (65 - __builtin_clzll(square)) / 2;
    for (uint64_t next = (guess + square / guess) / 2; next < guess;
         next = (guess + square / guess) / 2)
        guess = next;
    return guess;
}

uint32_t cell_distance_m(struct cell a, struct cell b)
{
    REQUIRE(cell_is_known(a) && cell_is_known(b));
    int64_t east = (int64_t)a.east - b.east;
    int64_t north = (int64_t)a.north - b.north;
    uint64_t square = (uint64_t)(east * east + north * north);
    return (uint32_t)whole_root(square * CELL_METRES * CELL_METRES);
}
