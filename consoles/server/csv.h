/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * csv: a table as a file (RFC 4180), or as the lines of a paper that is printed; the file with the mark by which spreadsheets know UTF-8. A cell that a
 * spreadsheet would take for a formula gets an apostrophe in front. */
#ifndef CONSOLES_SERVER_CSV_H
#define CONSOLES_SERVER_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct paper;

enum {
    CSV_BYTES_MAX = 3 * 1024 * 1024 /* an answer's bound, with room for its JSON */
};

struct csv {
    char *bytes; /* the owner's, to be freed */
    size_t size;
    size_t room;
    uint32_t rows; /* that were ended */
    bool in_row;
    bool failed;         /* too long, or memory is short */
    struct paper *paper; /* borrowed, NULL: a file */
    unsigned part;       /* how wide the next head's column is on paper, 0: 1 */
};

void csv_begin(struct csv *csv);
void csv_begin_paper(struct csv *csv, struct paper *paper);
void csv_cell(struct csv *csv, const char *words);
void csv_number(struct csv *csv, uint64_t number);
void csv_end_row(struct csv *csv);

#endif
