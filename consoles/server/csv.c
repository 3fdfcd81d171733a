/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consoles/paper/paper.h"

enum {
    FIRST_ROOM = 16384
};

static void put(struct csv *csv, const char *bytes, size_t size)
{
    size_t wanted = csv->size + size;
    if (csv->failed || wanted > CSV_BYTES_MAX) {
        csv->failed = true;
        return;
    }
    if (wanted > csv->room) {
        size_t room = csv->room ? csv->room : FIRST_ROOM;
        while (room < wanted)
            room *= 2;
        char *grown = realloc(csv->bytes, room);
        if (!grown) {
            csv->failed = true;
            return;
        }
        csv->bytes = grown;
        csv->room = room;
    }
    memcpy(csv->bytes + csv->size, bytes, size);
    csv->size = wanted;
}

void csv_begin(struct csv *csv)
{
    *csv = (struct csv){ 0 };
    put(csv, "\xEF\xBB\xBF", 3);
}

void csv_begin_paper(struct csv *csv, struct paper *paper)
{
    *csv = (struct csv){ .paper = paper };
}

/* The first row is the heads. */
static void cell_on_paper(struct csv *csv, const char *words)
{
    char head[256];
    if (!csv->in_row)
        paper_line(csv->paper, csv->rows == 0 ? PAPER_COLUMNS : PAPER_ROW);
    csv->in_row = true;
    (void)snprintf(head, sizeof head, "%u %s", csv->part ? csv->part : 1, words);
    paper_cell(csv->paper, csv->rows == 0 ? head : words);
    csv->part = 0;
    csv->failed = csv->failed || csv->paper->failed;
}

void csv_cell(struct csv *csv, const char *words)
{
    if (csv->paper) {
        cell_on_paper(csv, words);
        return;
    }
    bool formula = *words && strchr("=+-@\t\r", *words);
    bool quoted = strpbrk(words, ",\"\r\n") != NULL;
    if (csv->in_row)
        put(csv, ",", 1);
    csv->in_row = true;
    if (quoted)
        put(csv, "\"", 1);
    if (formula)
        put(csv, "'", 1);
    while (quoted && *words) {
        size_t plain = strcspn(words, "\"");
        put(csv, words, plain);
        words += plain;
        if (*words == '"') {
            put(csv, "\"\"", 2);
            words++;
        }
    }
    put(csv, words, strlen(words));
    if (quoted)
        put(csv, "\"", 1);
}

void csv_number(struct csv *csv, uint64_t number)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
    csv_cell(csv, digits);
}

void csv_end_row(struct csv *csv)
{
    if (csv->paper)
        paper_end(csv->paper);
    else
        put(csv, "\r\n", 2);
    csv->in_row = false;
    csv->rows++;
}
