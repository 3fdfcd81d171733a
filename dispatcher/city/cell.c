/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/cell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"

static bool whole_number(const char *words, uint64_t *number)
{
    char *end;
    if (*words < '0' || *words > '9')
        return false;
    errno = 0;
    *number = strtoull(words, &end, 10);
    return errno == 0 && *end == 0;
}

struct duration_unit {
    const char *word;
    uint64_t ms;
    enum measure measure;
};

/* Where working time has no field of its own a working day is 8 h. */
static const struct duration_unit duration_units[] = {
    { "", 1, MEASURE_WALL },
    { "ms", 1, MEASURE_WALL },
    { "s", 1000, MEASURE_WALL },
    { "m", 60000, MEASURE_WALL },
    { "h", 3600000, MEASURE_WALL },
    { "d", 86400000, MEASURE_WALL },
    { "wd", 8 * 3600000, MEASURE_WORKING_DAY },
};

static const struct duration_unit span_units[] = {
    { "s", 1000, MEASURE_WALL },
    { "m", 60000, MEASURE_WALL },
    { "h", 3600000, MEASURE_WALL },
    { "d", 86400000, MEASURE_WALL },
    { "wh", 3600000, MEASURE_WORKING_HOUR },
    { "wd", 86400000, MEASURE_WORKING_DAY },
};

static bool read_length(const char *words, const struct duration_unit *units, size_t count,
                        struct span *span)
{
    size_t digits = strspn(words, "0123456789");
    char number[11];
    uint64_t value;
    if (digits == 0 || digits >= sizeof number)
        return false;
    memcpy(number, words, digits);
    number[digits] = 0;
    if (!whole_number(number, &value))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words + digits, units[i].word) != 0)
            continue;
        *span = (struct span){ value * units[i].ms, units[i].measure };
        return true;
    }
    return false;
}

bool cell_duration_ms(const char *words, uint64_t *ms)
{
    struct span span;
    if (!read_length(words, duration_units, sizeof duration_units / sizeof *duration_units, &span))
        return false;
    *ms = span.ms;
    return true;
}

static const char *read_span(const struct field *field, const char *words, char *row)
{
    enum {
        YEARS_MS = 34
    };
    struct span span;
    if (!read_length(words, span_units, sizeof span_units / sizeof *span_units, &span) ||
        span.ms == 0 || span.ms > YEARS_MS * 365ULL * 86400000)
        return "write a length such as 30s, 15m, 24h, 7d, 4wh (working hours) or 5wd (working days)";
    memcpy(row + field->offset, &span, sizeof span);
    row[field->count_offset] = true;
    return NULL;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length > tail && !strcmp(name + length - tail, end);
}

static const char *read_number(const struct field *field, const char *words, char *to)
{
    uint64_t value;
    if (field->type == FIELD_UINT64) {
        /* A parameter's value may be a count or a duration. */
        bool duration = ends_with(field->name, "_ms") || !strcmp(field->name, "value");
        if (duration && !cell_duration_ms(words, &value))
            return "write a duration such as 15s, 30m, 4h, 3d or 5wd";
        if (!duration && !whole_number(words, &value))
            return "write a whole number";
        memcpy(to, &value, sizeof value);
        return NULL;
    }
    if (!whole_number(words, &value) || value > UINT32_MAX)
        return "write a whole number up to 4294967295";
    uint32_t small = (uint32_t)value;
    memcpy(to, &small, sizeof small);
    return NULL;
}

static const char *read_word(const struct field *field, const char *word, char *to)
{
    for (uint32_t i = 1; i < field->words->count; i++)
        if (field->words->words[i] && !strcmp(field->words->words[i], word)) {
            memcpy(to, &i, sizeof i);
            return NULL;
        }
    return "the word is not one of those in docs/operating.md";
}

static const char *read_yes(const char *word, char *to)
{
    bool yes = !strcmp(word, "yes");
    if (!yes && strcmp(word, "no") != 0)
        return "write yes or no";
    memcpy(to, &yes, sizeof yes);
    return NULL;
}

/* "110:1": a line and the level on it. */
static const char *read_skill(const char *word, char *to)
{
    unsigned line, level;
    char rest;
    if (sscanf(word, "%9u:%1u%c", &line, &level, &rest) != 2 || level < 1)
        return "write LINE:LEVEL with a level from 1 (best) to 9, e.g. 110:1";
    struct skill skill = { .line = line, .level = level };
    memcpy(to, &skill, sizeof skill);
    return NULL;
}

/* "engine:2": a kind of unit and how many. */
static const char *read_need(const char *word, char *to)
{
    struct plan_need need = { .count = 0 };
    const char *colon = strrchr(word, ':');
    uint64_t count;
    char kind[sizeof need.kind];
    size_t length = colon ? (size_t)(colon - word) : 0;
    if (length == 0 || length >= sizeof kind || !whole_number(colon + 1, &count) || count == 0 ||
        count > 99)
        return "write KIND:COUNT with a unit's kind and a number from 1, e.g. engine:2";
    memcpy(kind, word, length);
    kind[length] = 0;
    (void)text_copy(need.kind, sizeof need.kind, kind);
    need.count = (uint32_t)count;
    memcpy(to, &need, sizeof need);
    return NULL;
}

static const char *read_element(const struct field *field, const char *word, char *to)
{
    if (field->type == FIELD_MESSAGE && field->message == SCHEMA_SKILL)
        return read_skill(word, to);
    if (field->type == FIELD_MESSAGE && field->message == SCHEMA_PLAN_NEED)
        return read_need(word, to);
    if (field->type == FIELD_ENUM)
        return read_word(field, word, to);
    if (field->type == FIELD_UINT32)
        return read_number(field, word, to);
    REQUIRE(field->type == FIELD_TEXT);
    return text_copy(to, field->bound + 1, word) ? NULL : "a word of the list is too long";
}

/* A set of roles as bits; the one column whose words are not its own type's. */
static const char *read_role(const char *word, uint32_t *roles)
{
    for (uint32_t role = ROLE_TAKER; role < ROLE_COUNT; role++)
        if (!strcmp(role_name((enum role)role), word)) {
            *roles |= 1U << role;
            return NULL;
        }
    return "roles are taker, department, supervisor, auditor, operator, reviewer, director, "
           "adjudicator, department_head, security";
}

static const char *read_list(const struct field *field, const char *words, char *row)
{
    char copy[CELL_LIST_MAX_BYTES], *rest = NULL;
    const char *cure = NULL;
    uint32_t count = 0, roles = 0;
    if (!text_copy(copy, sizeof copy, words))
        return "the list is too long";
    for (char *word = strtok_r(copy, " ", &rest); word && !cure;
         word = strtok_r(NULL, " ", &rest)) {
        if (field->maximum == 0)
            cure = read_role(word, &roles);
        else if (count == field->maximum)
            cure = "the list has too many words";
        else
            cure = read_element(field, word, row + field->offset + count++ * field->stride);
    }
    if (field->maximum == 0)
        memcpy(row + field->offset, &roles, sizeof roles);
    else
        memcpy(row + field->count_offset, &count, sizeof count);
    return cure;
}

const char *cell_read(const struct field *field, const char *words, char *row)
{
    char *to = row + field->offset;
    if (*words == 0)
        return NULL;
    if (field->maximum > 0 || !strcmp(field->name, "roles"))
        return read_list(field, words, row);
    switch (field->type) {
    case FIELD_UINT32:
    case FIELD_UINT64:
        return read_number(field, words, to);
    case FIELD_BOOL:
        return read_yes(words, to);
    case FIELD_ENUM:
        return read_word(field, words, to);
    case FIELD_TEXT:
        return text_copy(to, field->bound + 1, words) ? NULL : "the text is too long; shorten it";
    case FIELD_MESSAGE:
        if (field->message == SCHEMA_SPAN)
            return read_span(field, words, row);
        break;
    case FIELD_BYTES:
    case FIELD_DIGEST:
        break;
    }
    return "this column cannot stand in a table";
}
