/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/city.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/city/entry.h"
#include "dispatcher/city/grid.h"
#include "dispatcher/city/table.h"
#include "dispatcher/city/tree.h"
#include "proto/codec.h"

/* The tables in the order in which their rows may refer to each other. The row's place inside the
 * command differs by body. */
struct source {
    enum city_file number; /* its name and its rows' schema: grid.h */
    enum command_kind kind;
    size_t offset;     /* of the row in struct command */
    size_t has_offset; /* of has_row, 0 when the body itself is the row */
};

#define SOURCE(NUMBER, KIND, member)                                                               \
    {                                                                                              \
        CITY_FILE_##NUMBER, COMMAND_##KIND, offsetof(struct command, member.row),                  \
            offsetof(struct command, member.has_row)                                               \
    }

static const struct source sources[] = {
    { CITY_FILE_PARAMETERS, COMMAND_PARAMETER_SET, offsetof(struct command, parameter_set), 0 },
    SOURCE(LINES, LINE_DEFINE, line_define),
    SOURCE(FORECAST, FORECAST_DEFINE, forecast_define),
    SOURCE(DEPARTMENTS, DEPARTMENT_DEFINE, department_define),
    SOURCE(DISTRICTS, DISTRICT_DEFINE, district_define),
    SOURCE(LIMITS, LIMIT_DEFINE, limit_define),
    SOURCE(DAYS, DAY_DEFINE, day_define),
    SOURCE(TEMPLATES, TEMPLATE_DEFINE, template_define),
    SOURCE(WISHES, WISH_DEFINE, wish_define),
    SOURCE(DISPOSITIONS, DISPOSITION_DEFINE, disposition_define),
    SOURCE(RETENTION, RETENTION_DEFINE, retention_define),
    SOURCE(GATEWAYS, GATEWAY_DEFINE, gateway_define),
    SOURCE(CATEGORIES, CATEGORY_DEFINE, category_define),
    SOURCE(UNITS, UNIT_DEFINE, unit_define),
    SOURCE(TREES, TREE_DEFINE, tree_define),
    SOURCE(QUESTIONS, QUESTION_DEFINE, question_define),
    SOURCE(ANSWERS, ANSWER_DEFINE, answer_define),
    SOURCE(RUNCARDS, RUN_CARD_DEFINE, run_card_define),
    SOURCE(COVERAGE, COVERAGE_DEFINE, coverage_define),
    SOURCE(USERS, USER_DEFINE, user_define),
    { CITY_FILE_CITY, COMMAND_CITY_LOAD, offsetof(struct command, city_load), 0 },
};
enum {
    SOURCES = sizeof sources / sizeof *sources
};

struct city {
    struct entries entries;
    uint32_t room;
    uint8_t digest[32];
    const struct source *source; /* being read */
    bool short_of_memory;
};

static void take_row(void *owner, int line, const void *row)
{
    struct city *city = owner;
    const struct source *source = city->source;
    if (city->entries.count == city->room) {
        uint32_t room = city->room ? 2 * city->room : 256;
        struct entry *rows = realloc(city->entries.rows, room * sizeof *rows);
        if (!rows) {
            city->short_of_memory = true;
            return;
        }
        city->entries.rows = rows;
        city->room = room;
    }
    struct entry *entry = &city->entries.rows[city->entries.count++];
    *entry = (struct entry){ .file = grid_file(source->number), .line = line };
    entry->command.kind = source->kind;
    memcpy((char *)&entry->command + source->offset, row,
           schemas[grid_schema(source->number)].size);
    if (source->has_offset != 0)
        *((bool *)&entry->command + source->has_offset) = true;
    if (source->kind == COMMAND_FORECAST_DEFINE)
        forecast_number(&entry->command.forecast_define.row);
}

static void pass_complaint(void *owner, const char *sentence)
{
    struct city *city = owner;
    entries_complain(&city->entries, sentence);
}

static int digest_rows(struct city *city)
{
    crypto_generichash_state state;
    uint8_t bytes[4096];
    struct codec *codec = codec_open();
    if (!codec)
        return -ENOMEM;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof city->digest);
    for (uint32_t i = 0; i < city->entries.count; i++) {
        int size =
            codec_pack(codec, SCHEMA_COMMAND, &city->entries.rows[i].command, bytes, sizeof bytes);
        REQUIRE(size > 0);
        (void)crypto_generichash_update(&state, bytes, (unsigned long long)size);
    }
    (void)crypto_generichash_final(&state, city->digest, sizeof city->digest);
    codec_close(codec);
    memcpy(city->entries.rows[city->entries.count - 1].command.city_load.digest, city->digest,
           sizeof city->digest);
    return 0;
}

/* A table as it lies in the folder, or as it would be. */
static int read_table(struct city *city, const char *folder, const struct city_text *text)
{
    const struct table_reader reader = { take_row, pass_complaint, city };
    const struct source *source = city->source;
    if (!text || !text->bytes) {
        if (grid_is_missing(folder, source->number))
            return 0;
        (void)table_read(folder, grid_file(source->number), grid_schema(source->number), &reader);
        return 0;
    }
    FILE *stream = fmemopen((void *)text->bytes, text->size, "r");
    if (!stream)
        return -ENOMEM;
    (void)table_read_stream(stream, grid_file(source->number), grid_schema(source->number),
                            &reader);
    (void)fclose(stream);
    return 0;
}

static int read_tables(struct city *city, const char *folder, const struct city_text *texts)
{
    for (int i = 0; i < SOURCES; i++) {
        city->source = &sources[i];
        int status = read_table(city, folder, texts ? &texts[sources[i].number] : NULL);
        if (status < 0)
            return status;
    }
    if (city->short_of_memory)
        return -ENOMEM;
    if (city->entries.complaints == 0)
        entries_check(&city->entries);
    if (city->entries.complaints > 0)
        return -EINVAL;
    int status = trees_fill(&city->entries);
    return status < 0 ? status : digest_rows(city);
}

int city_open(struct city **city, const char *folder, city_complain *complain, void *owner)
{
    return city_open_amended(city, folder, NULL, complain, owner);
}

int city_open_amended(struct city **city, const char *folder, const struct city_text *texts,
                      city_complain *complain, void *owner)
{
    struct city *fresh = calloc(1, sizeof *fresh);
    if (!fresh || sodium_init() < 0) {
        free(fresh);
        return -ENOMEM;
    }
    fresh->entries.complain = complain;
    fresh->entries.owner = owner;
    int status = read_tables(fresh, folder, texts);
    if (status < 0) {
        city_close(fresh);
        return status;
    }
    *city = fresh;
    return 0;
}

void city_close(struct city *city)
{
    if (city)
        free(city->entries.rows);
    free(city);
}

uint32_t city_count(const struct city *city)
{
    return city->entries.count;
}

const struct command *city_command(const struct city *city, uint32_t index)
{
    REQUIRE(index < city->entries.count);
    return &city->entries.rows[index].command;
}

bool city_has(const struct city *city, enum command_kind kind, uint32_t number)
{
    return entries_find(&city->entries, kind, number) != NULL;
}

const uint8_t *city_digest(const struct city *city)
{
    return city->digest;
}
