/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/position.h"

#include <math.h>
#include <stdlib.h>

#include "dispatcher/core/place.h"

#define METRES_PER_DEGREE 111320.0 /* of latitude; a city is small enough for one sphere */

void position_cell(const char *south, const char *west, const char *position, uint32_t *east_cell,
                   uint32_t *north_cell)
{
    char *comma;
    char *end;
    *east_cell = *north_cell = 0;
    if (!south[0] || !west[0] || !position[0])
        return;
    double south_deg = strtod(south, NULL);
    double west_deg = strtod(west, NULL);
    double latitude = strtod(position, &comma);
    if (*comma != ',')
        return;
    double longitude = strtod(comma + 1, &end);
    double scale = METRES_PER_DEGREE / CELL_METRES;
    double north = floor((latitude - south_deg) * scale) + 1;
    double east = floor((longitude - west_deg) * scale * cos(south_deg * M_PI / 180)) + 1;
    if (!(north >= 1 && north <= CELLS_MAX && east >= 1 && east <= CELLS_MAX))
        return;
    *east_cell = (uint32_t)east;
    *north_cell = (uint32_t)north;
}
