/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/cells.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <csv.h>

#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"

struct reading {
    struct cells *cells;
    enum schema_id schema;
    size_t used;
    uint32_t rows;
    bool wrong;
};

/* The column's place in the schema; the number of fields when it has none of that name. */
static uint32_t place_of(enum schema_id schema, const char *column)
{
    uint32_t place = 0;
    while (place < schemas[schema].field_count &&
           strcmp(schemas[schema].fields[place].name, column) != 0)
        place++;
    return place;
}

/* Takes column=words into the cells' bytes, at its place among those that are there. */
static void on_cell(void *bytes, size_t size, void *owner)
{
    struct reading *reading = owner;
    struct cells *cells = reading->cells;
    const char *equals = memchr(bytes, '=', size);
    if (!equals || cells->count == TABLE_COLUMNS_MAX || reading->used + size >= CELLS_BYTES ||
        !utf8_is_text(bytes, size)) {
        reading->wrong = true;
        return;
    }
    char *column = cells->bytes + reading->used;
    memcpy(column, bytes, size);
    column[size] = 0;
    reading->used += size + 1;
    char *words = column + (equals - (const char *)bytes);
    *words++ = 0;
    if (!*words)
        return;
    uint32_t place = place_of(reading->schema, column), at = 0;
    while (at < cells->count && place_of(reading->schema, cells->at[at].column) < place)
        at++;
    if (place == schemas[reading->schema].field_count ||
        (at < cells->count && strcmp(cells->at[at].column, column) == 0)) {
        reading->wrong = true;
        return;
    }
    memmove(&cells->at[at + 1], &cells->at[at], (cells->count - at) * sizeof cells->at[0]);
    cells->at[at].column = column;
    cells->at[at].words = words;
    cells->count++;
}

static void on_row(int ending, void *owner)
{
    (void)ending;
    ((struct reading *)owner)->rows++;
}

int cells_read(struct cells *cells, enum schema_id schema, const char *record)
{
    struct reading reading = { .cells = cells, .schema = schema };
    struct csv_parser parser;
    cells->count = 0;
    REQUIRE(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    bool right =
        csv_parse(&parser, record, strlen(record), on_cell, on_row, &reading) == strlen(record) &&
        csv_fini(&parser, on_cell, on_row, &reading) == 0;
    csv_free(&parser);
    return right && !reading.wrong && reading.rows == 1 && cells->count > 0 ? 0 : -EBADMSG;
}

int cells_write(const struct cells *cells, char record[CELLS_BYTES])
{
    size_t length = 0;
    record[0] = 0;
    for (uint32_t i = 0; i < cells->count; i++) {
        char cell[CELLS_BYTES + COLUMN_BYTES];
        struct text text = text_into(cell, sizeof cell);
        text_print(&text, "%s=%s", cells->at[i].column, cells->at[i].words);
        if (i > 0 && length + 1 < CELLS_BYTES)
            record[length++] = ',';
        length += cell_quote(record + length, CELLS_BYTES - length, cell);
        if (text.cut || length >= CELLS_BYTES)
            return -EMSGSIZE;
    }
    return 0;
}

const char *cells_find(const struct cells *cells, const char *column)
{
    for (uint32_t i = 0; i < cells->count; i++)
        if (strcmp(cells->at[i].column, column) == 0)
            return cells->at[i].words;
    return "";
}

static void put(char *to, size_t size, size_t at, char c)
{
    if (at + 1 < size)
        to[at] = c;
}

/* What a reader takes off a cell that is not quoted. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

size_t cell_quote(char *to, size_t size, const char *words)
{
    size_t length = 0, end = strlen(words);
    bool quoted =
        strpbrk(words, ",\"\r\n") || (end > 0 && (is_blank(words[0]) || is_blank(words[end - 1])));
    if (quoted)
        put(to, size, length++, '"');
    for (; *words; words++) {
        if (*words == '"')
            put(to, size, length++, '"');
        put(to, size, length++, *words);
    }
    if (quoted)
        put(to, size, length++, '"');
    if (size > 0)
        to[length < size ? length : size - 1] = 0;
    return length;
}
