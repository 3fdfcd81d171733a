/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cells: one row of a city's table that speaks for itself: a CSV record (RFC 4180) whose cells are
 * column=words, without the empty ones. So a row that was written down stays readable when its table
 * gets a column more. In its normal form the columns stand in the order of the row's schema: equal rows
 * have equal bytes. */
#ifndef DISPATCHER_CITY_CELLS_H
#define DISPATCHER_CITY_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "dispatcher/city/table.h"

enum {
    CELLS_BYTES = sizeof(((struct amendment_write *)0)->cells), /* of a record, with its end */
    COLUMN_BYTES = 25
};

struct cells {
    uint32_t count;
    struct {
        const char *column, *words;
    } at[TABLE_COLUMNS_MAX];
    char bytes[CELLS_BYTES];
};

/* Reads a record. Returns 0, or -EBADMSG: it is no such record, names a column that the schema lacks,
 * or one twice. The cells come out in the order of the schema. */
int cells_read(struct cells *cells, enum schema_id schema, const char *record);

/* Writes the record. Returns 0, or -EMSGSIZE: it is too long. */
int cells_write(const struct cells *cells, char record[CELLS_BYTES]);

/* "" for a column that it does not have. */
const char *cells_find(const struct cells *cells, const char *column);

/* Writes words as a cell of a CSV file, quoted where that is needed. Returns the length; what exceeds
 * `size` is missing. */
size_t cell_quote(char *to, size_t size, const char *words);

#endif
