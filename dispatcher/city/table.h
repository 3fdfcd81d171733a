/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * table: one CSV file (RFC 4180, UTF-8) whose columns are the fields of a message of proto/rows.proto.
 * The field tables say what each column may hold, so that a table is described nowhere twice.
 *
 * Cells: numbers; yes/no; enumeration words; durations 500ms 15s 2m 4h 3d 5wd for fields ending in
 * _ms (wd = working day = 8 h of working time); lists of words separated by spaces. */
#ifndef DISPATCHER_CITY_TABLE_H
#define DISPATCHER_CITY_TABLE_H

#include <stdio.h>

#include "proto/schema.h"

enum {
    TABLE_COLUMNS_MAX = 24,
    TABLE_ROWS_MAX = 20000
};

/* Takes one checked row: a struct of the table's schema. */
typedef void table_take(void *owner, int line, const void *row);

/* "FILE:LINE: what is wrong; what to do" */
typedef void table_complain(void *owner, const char *sentence);

struct table_reader {
    table_take *take;
    table_complain *complain;
    void *owner;
};

/* Reads folder/file, or what the stream holds of it. The first line names the columns, in any order; columns of the schema that are
 * not there stay absent. Returns how many complaints it made (0: every row was taken). */
unsigned table_read(const char *folder, const char *file, enum schema_id schema,
                    const struct table_reader *reader);
unsigned table_read_stream(FILE *stream, const char *file, enum schema_id schema,
                           const struct table_reader *reader);

#endif
