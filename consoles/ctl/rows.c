/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/require.h"
#include "base/text.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/words.h"
#include "proto/json.h"

enum {
    CELL_BYTES = 512
};

struct rows {
    const struct schema *schema;
    const struct column *columns;
    uint32_t count;
    const struct field *fields[SHEET_COLUMNS_MAX];
    const char *heads[SHEET_COLUMNS_MAX];
    struct sheet *sheet;
    json_t *all; /* every message, whole */
};

void time_write(char out[TIME_BYTES], uint64_t at_ms)
{
    struct tm civil;
    time_t seconds = (time_t)(at_ms / 1000);
    out[0] = '\0';
    if (at_ms > 0 && localtime_r(&seconds, &civil))
        (void)strftime(out, TIME_BYTES, "%Y-%m-%d %H:%M:%S", &civil);
}

void time_write_utc(char out[TIME_BYTES], uint64_t at_ms)
{
    struct tm civil;
    time_t seconds = (time_t)(at_ms / 1000);
    out[0] = '\0';
    if (at_ms == 0 || !gmtime_r(&seconds, &civil))
        return;
    size_t length = strftime(out, TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &civil);
    (void)snprintf(out + length, TIME_BYTES - length, ".%03uZ", (unsigned)(at_ms % 1000));
}

void span_write(char out[TIME_BYTES], uint64_t ms)
{
    uint64_t seconds = ms / 1000;
    if (seconds >= 3600)
        (void)snprintf(out, TIME_BYTES, "%" PRIu64 "h%02um%02us", seconds / 3600,
                       (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
    else if (seconds >= 60)
        (void)snprintf(out, TIME_BYTES, "%um%02us", (unsigned)(seconds / 60),
                       (unsigned)(seconds % 60));
    else
        (void)snprintf(out, TIME_BYTES, "%us", (unsigned)seconds);
}

static const struct field *field_named(const struct schema *schema, const char *name)
{
    for (uint32_t i = 0; i < schema->field_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    REQUIRE(!"a column names a field that exists");
    return NULL;
}

struct rows *rows_open(enum schema_id schema, const struct column *columns, uint32_t count)
{
    REQUIRE(count <= SHEET_COLUMNS_MAX);
    struct rows *rows = calloc(1, sizeof *rows);
    REQUIRE(rows != NULL);
    rows->schema = &schemas[schema];
    rows->columns = columns;
    rows->count = count;
    rows->all = json_array();
    REQUIRE(rows->all != NULL);
    for (uint32_t i = 0; i < count; i++) {
        rows->fields[i] = field_named(rows->schema, columns[i].field);
        rows->heads[i] = sheets_are_csv()      ? columns[i].field
                         : words_are_chinese() ? columns[i].chinese
                                               : columns[i].english;
    }
    if (count == 0)
        return rows;
    rows->sheet = sheet_open(rows->heads, count);
    REQUIRE(rows->sheet != NULL);
    return rows;
}

void rows_close(struct rows *rows)
{
    sheet_close(rows->sheet);
    json_decref(rows->all);
    free(rows);
}

static void fields_cell(char cell[CELL_BYTES], uint64_t bits)
{
    struct text out = text_into(cell, CELL_BYTES);
    for (enum personal_field field = PERSONAL_FIELD_NUMBER; field < PERSONAL_FIELD_COUNT; field++)
        if (bits >> field & 1U)
            text_print(&out, "%s%s", out.length ? " " : "",
                       sheets_are_csv() ? personal_field_name(field)
                                        : words_of_state(personal_field_name(field)));
}

static void number_cell(char cell[CELL_BYTES], enum column_kind kind, uint64_t value)
{
    cell[0] = '\0';
    if (value == 0 && kind != COLUMN_COUNT)
        return;
    if (kind == COLUMN_FIELDS)
        fields_cell(cell, value);
    else if (kind == COLUMN_TIME)
        (sheets_are_csv() ? time_write_utc : time_write)(cell, value);
    else if (kind == COLUMN_SPAN && !sheets_are_csv())
        span_write(cell, value);
    else
        (void)snprintf(cell, CELL_BYTES, "%" PRIu64, value);
}

/* As limits.csv writes it: 5wd, 4wh, 24h, 30s. */
static void span_cell(char cell[CELL_BYTES], const struct span *span)
{
    struct text out = text_into(cell, CELL_BYTES);
    uint64_t seconds = span->ms / 1000, hours = seconds / 3600;
    if (span->measure == MEASURE_WORKING_DAY && hours % 24 == 0)
        text_print(&out, "%" PRIu64 "wd", hours / 24);
    else if (seconds % 3600 == 0)
        text_print(&out, "%" PRIu64 "%s", hours, span->measure == MEASURE_WALL ? "h" : "wh");
    else if (seconds % 60 == 0)
        text_print(&out, "%" PRIu64 "m", seconds / 60);
    else
        text_print(&out, "%" PRIu64 "s", seconds);
}

static const char *bool_word(bool yes)
{
    if (sheets_are_csv())
        return yes ? "true" : "false";
    return yes ? words("yes", "是") : "";
}

static const char *state_word(const char *word)
{
    return sheets_are_csv() ? word : words_of_state(word);
}

static void cell_of(char cell[CELL_BYTES], const struct field *field, enum column_kind kind,
                    const char *message)
{
    const char *at = message + field->offset;
    uint32_t small = 0;
    uint64_t large = 0;
    cell[0] = '\0';
    if (field->maximum > 0) { /* of a list, the first */
        memcpy(&small, message + field->count_offset, sizeof small);
        if (small == 0)
            return;
        small = 0;
    }
    switch (field->type) {
    case FIELD_UINT32:
        memcpy(&small, at, sizeof small);
        number_cell(cell, kind, small);
        return;
    case FIELD_UINT64:
        memcpy(&large, at, sizeof large);
        number_cell(cell, kind, large);
        return;
    case FIELD_BOOL:
        (void)text_copy(cell, CELL_BYTES, bool_word(*(const bool *)at));
        return;
    case FIELD_ENUM:
        memcpy(&small, at, sizeof small);
        if (small > 0 && small < field->words->count && field->words->words[small])
            (void)text_copy(cell, CELL_BYTES, state_word(field->words->words[small]));
        return;
    case FIELD_TEXT:
        (void)text_copy(cell, CELL_BYTES, at);
        return;
    case FIELD_MESSAGE:
        if (field->message == SCHEMA_SPAN && message[field->count_offset])
            span_cell(cell, (const struct span *)(const void *)at);
        return;
    case FIELD_BYTES:
    case FIELD_DIGEST:
        return;
    }
}

void rows_add(struct rows *rows, const void *first, uint32_t count)
{
    char cell[CELL_BYTES];
    enum schema_id id = (enum schema_id)(rows->schema - schemas);
    for (uint32_t row = 0; row < count; row++)
        (void)json_array_append_new(
            rows->all, json_from_message(id, (const char *)first + row * rows->schema->size));
    for (uint32_t row = 0; row < count; row++)
        for (uint32_t i = 0; i < rows->count; i++) {
            const char *message = (const char *)first + row * rows->schema->size;
            cell_of(cell, rows->fields[i], rows->columns[i].kind, message);
            if (!sheet_add(rows->sheet, cell))
                return;
        }
}

void rows_print(const struct rows *rows)
{
    if (sheet_rows(rows->sheet) == 0 && !sheets_are_csv())
        (void)puts(words("none", "无"));
    else
        sheet_print(rows->sheet, stdout);
}

static void json_out(const json_t *words)
{
    (void)json_dumpf(words, stdout, JSON_INDENT(2));
    (void)putchar('\n');
}

void rows_print_json(const struct rows *rows)
{
    json_out(rows->all);
}

void print_json(enum schema_id schema, const void *message)
{
    json_t *object = json_from_message(schema, message);
    REQUIRE(object != NULL);
    json_out(object);
    json_decref(object);
}

void sheet_add_time(struct sheet *sheet, uint64_t at_ms)
{
    char cell[TIME_BYTES];
    if (sheets_are_csv())
        time_write_utc(cell, at_ms);
    else
        time_write(cell, at_ms);
    (void)sheet_add(sheet, cell);
}
