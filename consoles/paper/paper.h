/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * paper: a document that is to be printed, as lines of text: a kind, then cells, with tabs between. Whoever knows
 * the words writes it; yihao-press, which knows nothing else, reads it and makes the pages. A cell holds any words:
 * tabs become blanks, ends of line stay, control characters and what is no UTF-8 are left out.
 *
 *     T  title  foot  language (zh, en)  shape (high, wide)     first, once; the foot stands on each page
 *     H  heading                     P  paragraph                F  name  value
 *     C  head…  with its width: "6 time" is six parts wide       R  cell…  of the columns above */
#ifndef CONSOLES_PAPER_PAPER_H
#define CONSOLES_PAPER_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PAPER_BYTES_MAX = 4 * 1024 * 1024,
    PAPER_LINES_MAX = 20000,
    PAPER_CELLS_MAX = 20
};

enum paper_kind {
    PAPER_NONE,
    PAPER_TITLE,
    PAPER_HEADING,
    PAPER_PARAGRAPH,
    PAPER_FIELD,
    PAPER_COLUMNS,
    PAPER_ROW,
    PAPER_KIND_COUNT
};

struct paper {
    char *bytes; /* the owner's: paper_done() */
    size_t size;
    size_t room;
    uint32_t rows; /* lines of PAPER_ROW */
    uint32_t lines;
    bool in_line;
    bool failed; /* too long, or memory is short */
};

/* Each line is begun, gets its cells, and is ended. */
void paper_begin(struct paper *paper);
void paper_done(struct paper *paper); /* wipes: citizens' words may stand in it */
void paper_line(struct paper *paper, enum paper_kind kind);
void paper_cell(struct paper *paper, const char *words);
void paper_end(struct paper *paper);

/* A whole line at once; value may be NULL. */
void paper_say(struct paper *paper, enum paper_kind kind, const char *words, const char *value);

/* Adds what another one has, all of its lines. */
void paper_append(struct paper *paper, const struct paper *other);

struct paper_cells {
    enum paper_kind kind;
    uint32_t count;
    const char *cells[PAPER_CELLS_MAX]; /* into the text that is read */
};

/* The next line of `text` (NUL-terminated, written into while it is read); *text goes on behind it. Returns 1;
 * 0 at the end; -EBADMSG for what no paper_*() wrote: an unknown kind, more cells, no UTF-8, control characters. */
int paper_read(char **text, struct paper_cells *line);

#endif
