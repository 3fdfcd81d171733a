/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/paper/paper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "base/utf8.h"

enum {
    FIRST_ROOM = 16384,
    LINE_END = 0x1f /* stands for an end of line inside a cell */
};

static const char letters[PAPER_KIND_COUNT] = {
    [PAPER_TITLE] = 'T', [PAPER_HEADING] = 'H', [PAPER_PARAGRAPH] = 'P',
    [PAPER_FIELD] = 'F', [PAPER_COLUMNS] = 'C', [PAPER_ROW] = 'R',
};

/* Bytes of the character there; 0: it is none. */
static size_t character_size(const char *at)
{
    uint32_t character;
    return utf8_decode(at, strnlen(at, 4), &character);
}

/* ---- writing ------------------------------------------------------------------------------------ */

static bool make_room(struct paper *paper, size_t wanted)
{
    size_t room = paper->room ? paper->room : FIRST_ROOM;
    while (room < wanted)
        room *= 2;
    if (room == paper->room)
        return true;
    char *grown = malloc(room); /* no realloc(): what it leaves behind would not be wiped */
    if (!grown)
        return false;
    if (paper->bytes) {
        memcpy(grown, paper->bytes, paper->size);
        sodium_memzero(paper->bytes, paper->size);
        free(paper->bytes);
    }
    paper->bytes = grown;
    paper->room = room;
    return true;
}

static void put(struct paper *paper, const char *bytes, size_t size)
{
    size_t wanted = paper->size + size + 1; /* and its NUL */
    if (paper->failed || wanted > PAPER_BYTES_MAX || !make_room(paper, wanted)) {
        paper->failed = true;
        return;
    }
    memcpy(paper->bytes + paper->size, bytes, size);
    paper->size += size;
    paper->bytes[paper->size] = '\0';
}

void paper_begin(struct paper *paper)
{
    *paper = (struct paper){ 0 };
}

void paper_done(struct paper *paper)
{
    if (paper->bytes)
        sodium_memzero(paper->bytes, paper->size);
    free(paper->bytes);
    *paper = (struct paper){ 0 };
}

void paper_line(struct paper *paper, enum paper_kind kind)
{
    REQUIRE(!paper->in_line && kind != PAPER_NONE && kind < PAPER_KIND_COUNT);
    paper->in_line = true;
    paper->rows += kind == PAPER_ROW;
    if (++paper->lines > PAPER_LINES_MAX)
        paper->failed = true;
    put(paper, &letters[kind], 1);
}

void paper_cell(struct paper *paper, const char *words)
{
    static const char line_end = LINE_END;
    REQUIRE(paper->in_line);
    put(paper, "\t", 1);
    for (const char *at = words; *at;) {
        size_t size = character_size(at);
        unsigned char first = (unsigned char)*at;
        if (size == 1 && first == '\n')
            put(paper, &line_end, 1);
        else if (size == 1 && first == '\t')
            put(paper, " ", 1);
        else if (size > 1 || (size == 1 && first >= 0x20 && first != 0x7f))
            put(paper, at, size);
        at += size ? size : 1;
    }
}

void paper_end(struct paper *paper)
{
    REQUIRE(paper->in_line);
    paper->in_line = false;
    put(paper, "\n", 1);
}

void paper_say(struct paper *paper, enum paper_kind kind, const char *words, const char *value)
{
    paper_line(paper, kind);
    paper_cell(paper, words);
    if (value)
        paper_cell(paper, value);
    paper_end(paper);
}

void paper_append(struct paper *paper, const struct paper *other)
{
    REQUIRE(!paper->in_line && !other->in_line);
    put(paper, other->bytes ? other->bytes : "", other->size);
    paper->rows += other->rows;
    paper->lines += other->lines;
    paper->failed = paper->failed || other->failed || paper->lines > PAPER_LINES_MAX;
}

/* ---- reading ------------------------------------------------------------------------------------ */

static enum paper_kind kind_of(char letter)
{
    for (unsigned kind = PAPER_NONE + 1; kind < PAPER_KIND_COUNT; kind++)
        if (letters[kind] == letter)
            return (enum paper_kind)kind;
    return PAPER_NONE;
}

/* Makes the ends of line of a cell what they were; false: there is what a cell does not hold. */
static bool mend(char *cell)
{
    while (*cell) {
        size_t size = character_size(cell);
        if (*cell == LINE_END)
            *cell = '\n';
        else if (size == 0 || (size == 1 && ((unsigned char)*cell < 0x20 || *cell == 0x7f)))
            return false;
        cell += size;
    }
    return true;
}

int paper_read(char **text, struct paper_cells *line)
{
    char *at = *text;
    char *end = strchr(at, '\n');
    if (!*at)
        return 0;
    if (!end)
        return -EBADMSG;
    *end = '\0';
    *line = (struct paper_cells){ .kind = kind_of(*at) };
    if (line->kind == PAPER_NONE || at[1] != '\t')
        return -EBADMSG;
    for (char *cell = at + 1; cell;) {
        char *next = strchr(cell + 1, '\t');
        if (next)
            *next = '\0';
        if (line->count == PAPER_CELLS_MAX || !mend(cell + 1))
            return -EBADMSG;
        line->cells[line->count++] = cell + 1;
        cell = next;
    }
    *text = end + 1;
    return 1;
}
