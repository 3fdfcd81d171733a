/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cell: one cell of a table as the value of a message's field. */
#ifndef DISPATCHER_CITY_CELL_H
#define DISPATCHER_CITY_CELL_H

#include "proto/schema.h"

enum {
    CELL_LIST_MAX_BYTES = 1024
};

/* Reads `words` into the field of `row` (a struct of the field's schema). An empty cell leaves the
 * field absent. Returns NULL, or what the operator shall write instead. */
const char *cell_read(const struct field *field, const char *words, char *row);

/* "500ms", "15s", "2m", "4h", "3d", "5wd", or plain milliseconds. Returns false for anything else. */
bool cell_duration_ms(const char *words, uint64_t *ms);

#endif
