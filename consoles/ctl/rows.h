/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rows: messages of an answer as a sheet or as JSON, by the field tables. */
#ifndef CONSOLES_CTL_ROWS_H
#define CONSOLES_CTL_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "consoles/ctl/sheet.h"
#include "proto/schema.h"

enum column_kind {
    COLUMN_PLAIN, /* words, yes, numbers of things: none is blank */
    COLUMN_COUNT, /* how many, 0 too */
    COLUMN_TIME,  /* UTC milliseconds as the machine's civil time */
    COLUMN_SPAN,  /* milliseconds as 1h02m03s */
    COLUMN_FIELDS /* bits (1 << personal field) as words */
};

struct column {
    const char *field;
    const char *english;
    const char *chinese;
    enum column_kind kind;
};

/* Rows of one answer after the other under one head. count 0: they are printed as JSON alone. */
struct rows;
struct rows *rows_open(enum schema_id schema, const struct column *columns, uint32_t count);
void rows_add(struct rows *rows, const void *first, uint32_t count);
void rows_print(const struct rows *rows);
void rows_print_json(const struct rows *rows); /* the messages whole, as one array */
void rows_close(struct rows *rows);

/* Prints a message as JSON, indented. */
void print_json(enum schema_id schema, const void *message);

/* "2026-11-21 08:03:07" in local time, "" for 0. */
enum {
    TIME_BYTES = 32
};
void time_write(char out[TIME_BYTES], uint64_t at_ms);
/* "2026-11-21T08:03:07.250Z" (RFC 3339), "" for 0. */
void time_write_utc(char out[TIME_BYTES], uint64_t at_ms);
void span_write(char out[TIME_BYTES], uint64_t ms);

/* The next cell of a sheet that is filled by hand: in local time, in a CSV as RFC 3339. */
void sheet_add_time(struct sheet *sheet, uint64_t at_ms);

#endif
