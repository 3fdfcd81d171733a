/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sheet: rows of words under heads, laid out in columns as a terminal shows them: a Chinese character
 * takes two columns, a combining mark none. Numbers stand right, words left. */
#ifndef CONSOLES_CTL_SHEET_H
#define CONSOLES_CTL_SHEET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
    SHEET_COLUMNS_MAX = 24,
    SHEET_ROWS_MAX = 20000,
    SHEET_GAP = 2
};

struct sheet;

/* heads are borrowed. Returns NULL when memory is short. */
struct sheet *sheet_open(const char *const *heads, uint32_t columns);
void sheet_close(struct sheet *sheet);

/* The next cell; a row is full after its last column. Returns false when memory is short or
 * SHEET_ROWS_MAX rows are there. */
bool sheet_add(struct sheet *sheet, const char *words);
void sheet_add_number(struct sheet *sheet, uint64_t number);

uint32_t sheet_rows(const struct sheet *sheet);

/* Writes heads and rows: in columns, or as CSV (RFC 4180) after sheets_become_csv(). */
void sheet_print(const struct sheet *sheet, FILE *to);

/* From now on this program's sheets are for other programs. Whoever fills one gives plain heads and
 * cells then, the same in every language. */
void sheets_become_csv(void);
bool sheets_are_csv(void);

/* Columns that the words take on a terminal; bytes that are no UTF-8 count as one each. */
uint32_t width_of(const char *words);

#endif
