/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <csv.h>

#include "base/require.h"
#include "base/utf8.h"
#include "dispatcher/city/cell.h"

enum {
    ROW_MAX_BYTES = 4096,
    CELL_MAX_BYTES = 1024,
    LINE_MAX_BYTES = 8192
};

struct reading {
    const char *file;
    enum schema_id schema;
    const struct table_reader *reader;
    const struct field *columns[TABLE_COLUMNS_MAX];
    int column_count;
    int column; /* of the next cell */
    int line;
    int rows;    /* with the heading; -1 after a wrong heading */
    bool spoilt; /* this row already has a complaint */
    unsigned complaints;
    _Alignas(16) char row[ROW_MAX_BYTES];
};

static void complain(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void complain(struct reading *reading, const char *format, ...)
{
    char words[512], sentence[640];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(words, sizeof words, format, list);
    va_end(list);
    (void)snprintf(sentence, sizeof sentence, "%s:%d: %s", reading->file, reading->line, words);
    reading->complaints++;
    reading->spoilt = true;
    if (reading->reader->complain)
        reading->reader->complain(reading->reader->owner, sentence);
}

static const struct field *find_field(enum schema_id schema, const char *name)
{
    for (uint32_t i = 0; i < schemas[schema].field_count; i++)
        if (!strcmp(schemas[schema].fields[i].name, name))
            return &schemas[schema].fields[i];
    return NULL;
}

static void take_heading(struct reading *reading, const char *name)
{
    const struct field *field = find_field(reading->schema, name);
    if (reading->column_count == TABLE_COLUMNS_MAX || !field) {
        complain(reading, "there is no column \"%s\"; docs/operating.md lists the columns", name);
        return;
    }
    for (int i = 0; i < reading->column_count; i++)
        if (reading->columns[i] == field)
            complain(reading, "column \"%s\" stands twice; keep one", name);
    reading->columns[reading->column_count++] = field;
}

static void on_cell(void *bytes, size_t size, void *owner)
{
    struct reading *reading = owner;
    char cell[CELL_MAX_BYTES];
    if (reading->rows < 0 || reading->spoilt)
        return;
    if (size >= sizeof cell || !utf8_is_text(bytes, size) || memchr(bytes, '\n', size)) {
        complain(reading, "a cell is not plain UTF-8 text of one line; save the table as UTF-8");
        return;
    }
    memcpy(cell, bytes, size);
    cell[size] = 0;
    if (reading->rows == 0) {
        take_heading(reading, cell);
        return;
    }
    if (reading->column == reading->column_count) {
        complain(reading, "more cells than columns; quote cells that hold a comma");
        return;
    }
    const struct field *field = reading->columns[reading->column++];
    const char *cure = cell_read(field, cell, reading->row);
    if (cure)
        complain(reading, "%s \"%s\" cannot be read; %s", field->name, cell, cure);
}

static void finish_row(struct reading *reading)
{
    if (reading->column < reading->column_count)
        complain(reading, "%d cells instead of %d; add the missing ones", reading->column,
                 reading->column_count);
    else if (reading->rows > TABLE_ROWS_MAX)
        complain(reading, "more than %d rows; this many are not meant", TABLE_ROWS_MAX);
    else
        reading->reader->take(reading->reader->owner, reading->line, reading->row);
}

static void on_row(int ending, void *owner)
{
    struct reading *reading = owner;
    (void)ending;
    if (reading->rows == 0 && reading->spoilt)
        reading->rows = -1; /* with wrong headings no row can be right */
    if (reading->rows > 0 && !reading->spoilt)
        finish_row(reading);
    if (reading->rows >= 0)
        reading->rows++;
    reading->column = 0;
    reading->spoilt = false;
    schema_clear(reading->schema, reading->row);
}

/* Line by line, so that a complaint knows its line; a quoted cell may not span lines. */
static void read_lines(struct reading *reading, FILE *file, struct csv_parser *parser)
{
    char line[LINE_MAX_BYTES];
    while (fgets(line, sizeof line, file)) {
        size_t length = strlen(line);
        const char *bytes = line;
        reading->line++;
        if (reading->line == 1 && !strncmp(line, "\xEF\xBB\xBF", 3)) {
            bytes += 3; /* the mark spreadsheets put before UTF-8 */
            length -= 3;
        }
        if (csv_parse(parser, bytes, length, on_cell, on_row, reading) != length) {
            complain(reading, "a quote is wrong; double a quote inside a quoted cell");
            return;
        }
    }
    if (csv_fini(parser, on_cell, on_row, reading) != 0)
        complain(reading, "a quoted cell does not end; add the closing quote");
    else if (reading->rows == 0)
        complain(reading, "the table is empty; its first line names the columns");
}

unsigned table_read_stream(FILE *stream, const char *file, enum schema_id schema,
                           const struct table_reader *reader)
{
    struct reading reading = { .file = file, .schema = schema, .reader = reader };
    struct csv_parser parser;
    REQUIRE(schemas[schema].size <= ROW_MAX_BYTES);
    schema_clear(schema, reading.row);
    REQUIRE(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    read_lines(&reading, stream, &parser);
    csv_free(&parser);
    return reading.complaints;
}

unsigned table_read(const char *folder, const char *file, enum schema_id schema,
                    const struct table_reader *reader)
{
    char path[512], reason[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *stream = fopen(path, "re");
    if (!stream) {
        struct reading reading = { .file = file, .schema = schema, .reader = reader };
        complain(&reading, "%s cannot be opened (%s); every city has this table", path,
                 strerror_r(errno, reason, sizeof reason));
        return reading.complaints;
    }
    unsigned complaints = table_read_stream(stream, file, schema, reader);
    (void)fclose(stream);
    return complaints;
}
