/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/sheet.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/require.h"
#include "base/utf8.h"

struct sheet {
    const char *const *heads;
    uint32_t columns;
    char **cells; /* row after row */
    uint32_t count;
    uint32_t room;
};

static bool as_csv;

void sheets_become_csv(void)
{
    as_csv = true;
}

bool sheets_are_csv(void)
{
    return as_csv;
}

uint32_t width_of(const char *words)
{
    uint32_t width = 0;
    for (size_t left = strlen(words); left > 0;) {
        uint32_t character = 0;
        size_t size = utf8_decode(words, left, &character);
        int columns = size > 0 ? wcwidth((wchar_t)character) : 1;
        width += columns > 0 ? (uint32_t)columns : 0;
        size = size > 0 ? size : 1;
        words += size;
        left -= size;
    }
    return width;
}

struct sheet *sheet_open(const char *const *heads, uint32_t columns)
{
    REQUIRE(columns > 0 && columns <= SHEET_COLUMNS_MAX);
    struct sheet *sheet = calloc(1, sizeof *sheet);
    if (sheet) {
        sheet->heads = heads;
        sheet->columns = columns;
    }
    return sheet;
}

void sheet_close(struct sheet *sheet)
{
    for (uint32_t i = 0; sheet && i < sheet->count; i++)
        free(sheet->cells[i]);
    if (sheet)
        free(sheet->cells);
    free(sheet);
}

bool sheet_add(struct sheet *sheet, const char *words)
{
    if (sheet->count == sheet->room) {
        uint32_t room = sheet->room ? sheet->room * 2 : 64;
        char **cells = realloc(sheet->cells, room * sizeof *cells);
        if (!cells)
            return false;
        sheet->cells = cells;
        sheet->room = room;
    }
    if (sheet_rows(sheet) == SHEET_ROWS_MAX)
        return false;
    sheet->cells[sheet->count] = strdup(words);
    return sheet->cells[sheet->count++] != NULL;
}

void sheet_add_number(struct sheet *sheet, uint64_t number)
{
    char cell[24];
    (void)snprintf(cell, sizeof cell, "%" PRIu64, number);
    (void)sheet_add(sheet, cell);
}

uint32_t sheet_rows(const struct sheet *sheet)
{
    REQUIRE(sheet->columns > 0);
    return sheet->count / sheet->columns;
}

/* Digits and what stands between them. */
static bool is_number(const char *words)
{
    return *words && strspn(words, "0123456789.,%-+") == strlen(words);
}

static bool column_is_number(const struct sheet *sheet, uint32_t column)
{
    bool any = false;
    for (uint32_t row = 0; row < sheet_rows(sheet); row++) {
        const char *cell = sheet->cells[row * sheet->columns + column];
        if (*cell && !is_number(cell))
            return false;
        any = any || *cell;
    }
    return any;
}

static void print_cell(FILE *to, const char *words, uint32_t width, bool right, bool last)
{
    int blanks = (int)(width - width_of(words));
    if (right)
        (void)fprintf(to, "%*s%s", blanks, "", words);
    else
        (void)fprintf(to, "%s%*s", words, last ? 0 : blanks, "");
    if (!last)
        (void)fprintf(to, "%*s", SHEET_GAP, "");
}

/* The words of a line, 0 for the heads. */
static const char *cell_at(const struct sheet *sheet, uint32_t line, uint32_t column)
{
    return line == 0 ? sheet->heads[column] : sheet->cells[(line - 1) * sheet->columns + column];
}

/* Quoted where RFC 4180 wants it. */
static void print_csv_cell(FILE *to, const char *words)
{
    bool quoted = strpbrk(words, "\",\r\n") != NULL;
    if (quoted)
        (void)fputc('"', to);
    for (; *words; words++) {
        if (*words == '"')
            (void)fputc('"', to);
        (void)fputc(*words, to);
    }
    if (quoted)
        (void)fputc('"', to);
}

static void print_csv(const struct sheet *sheet, FILE *to)
{
    for (uint32_t line = 0; line <= sheet_rows(sheet); line++)
        for (uint32_t column = 0; column < sheet->columns; column++) {
            print_csv_cell(to, cell_at(sheet, line, column));
            (void)fputs(column + 1 < sheet->columns ? "," : "\r\n", to);
        }
}

void sheet_print(const struct sheet *sheet, FILE *to)
{
    if (as_csv) {
        print_csv(sheet, to);
        return;
    }
    uint32_t widths[SHEET_COLUMNS_MAX];
    bool right[SHEET_COLUMNS_MAX];
    for (uint32_t column = 0; column < sheet->columns; column++) {
        widths[column] = width_of(sheet->heads[column]);
        right[column] = column_is_number(sheet, column);
        for (uint32_t row = 0; row < sheet_rows(sheet); row++) {
            uint32_t width = width_of(sheet->cells[row * sheet->columns + column]);
            widths[column] = width > widths[column] ? width : widths[column];
        }
    }
    for (uint32_t line = 0; line <= sheet_rows(sheet); line++) {
        for (uint32_t column = 0; column < sheet->columns; column++)
            print_cell(to, cell_at(sheet, line, column), widths[column], right[column],
                       column + 1 == sheet->columns);
        (void)fputc('\n', to);
    }
}
