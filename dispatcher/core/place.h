/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * place: where something is, as precisely as an open event may say it: a square cell of 250 m,
 * counted east and north from the city's south-western corner, 1 being the first; (0, 0) is unknown.
 * The exact place is sealed with the personal data (docs/decisions/0009-places-in-cells.md). */
#ifndef DISPATCHER_CORE_PLACE_H
#define DISPATCHER_CORE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CELL_METRES = 250,
    CELLS_MAX = 4000 /* 1000 km each way: wider than any city */
};

struct cell {
    uint32_t east;
    uint32_t north;
};

static inline bool cell_is_known(struct cell cell)
{
    return cell.east != 0 && cell.north != 0;
}

/* Both parts given and inside the grid, or none. */
bool cell_is_sound(struct cell cell);

/* The largest whole number whose square is not above `square`. */
uint64_t whole_root(uint64_t square);

/* Metres between the middles of two known cells, rounded down. */
uint32_t cell_distance_m(struct cell a, struct cell b);

#endif
