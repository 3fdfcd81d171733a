/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * position: an exact position (personal data) as the cell that an open event may say
 * (docs/decisions/0009-places-in-cells.md). */
#ifndef DISPATCHER_IO_POSITION_H
#define DISPATCHER_IO_POSITION_H

#include <stdint.h>

/* The cell of "latitude,longitude" in degrees, counted from the city's south-western corner. Both 0 when
 * one of the three is missing or the position lies outside the grid. */
void position_cell(const char *south, const char *west, const char *position, uint32_t *east_cell,
                   uint32_t *north_cell);

#endif
