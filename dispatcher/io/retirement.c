/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "dispatcher/io/dispatcher.h"

/* A table whose rows retire: where they stand in an answer, and in the command that defines one. */
struct holding {
    enum city_table table;
    enum command_kind kind;
    size_t count, rows;           /* in struct answer */
    size_t has_row, row;          /* in struct command */
    size_t size, number, retired; /* of a row, and in it */
};

#define HOLDING(TABLE, KIND, list, define, type, key)                                              \
    {                                                                                              \
        CITY_TABLE_##TABLE, COMMAND_##KIND, offsetof(struct answer, list.rows_count),              \
            offsetof(struct answer, list.rows), offsetof(struct command, define.has_row),          \
            offsetof(struct command, define.row), sizeof(struct type), offsetof(struct type, key), \
            offsetof(struct type, retired)                                                         \
    }

/* Who refers to others goes first. */
static const struct holding holdings[] = {
    HOLDING(USERS, USER_DEFINE, users, user_define, user_row, user),
    HOLDING(CATEGORIES, CATEGORY_DEFINE, categories, category_define, category_row, category),
    HOLDING(TREES, TREE_DEFINE, trees, tree_define, tree_row, tree),
    HOLDING(RUN_CARDS, RUN_CARD_DEFINE, run_cards, run_card_define, run_card_row, run_card),
    HOLDING(COVERAGE, COVERAGE_DEFINE, coverages, coverage_define, coverage_row, coverage),
    HOLDING(DISPOSITIONS, DISPOSITION_DEFINE, dispositions, disposition_define, disposition_row,
            disposition),
    HOLDING(RETENTION, RETENTION_DEFINE, retention_rules, retention_define, retention_row, rule),
    HOLDING(UNITS, UNIT_DEFINE, units, unit_define, unit_row, unit),
    HOLDING(GATEWAYS, GATEWAY_DEFINE, gateways, gateway_define, gateway_row, gateway),
    HOLDING(DISTRICTS, DISTRICT_DEFINE, districts, district_define, district_row, district),
    HOLDING(DEPARTMENTS, DEPARTMENT_DEFINE, departments, department_define, department_row,
            department),
    HOLDING(FORECASTS, FORECAST_DEFINE, forecasts, forecast_define, forecast_row, forecast),
    HOLDING(LINES, LINE_DEFINE, lines, line_define, line_row, line),
};

/* Returns 1 when the row vanished and was retired. */
static int retire_row(struct dispatcher *dispatcher, const struct city *city,
                      const struct holding *holding, const char *row)
{
    static struct command command;
    const bool *retired = (const bool *)(row + holding->retired);
    uint32_t number;
    memcpy(&number, row + holding->number, sizeof number);
    if (*retired || city_has(city, holding->kind, number))
        return 0;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = holding->kind;
    *((bool *)&command + holding->has_row) = true;
    char *place = (char *)&command + holding->row;
    memcpy(place, row, holding->size);
    *(bool *)(place + holding->retired) = true;
    turn_system(dispatcher, &command);
    log_info("retire command=%s number=%u refusal=%s", command_kind_name(command.kind), number,
             refusal_name(dispatcher->verdict.refusal));
    return dispatcher->verdict.refusal == REFUSAL_NONE;
}

static int retire_of(struct dispatcher *dispatcher, const struct city *city,
                     const struct holding *holding)
{
    static struct answer answer;
    static struct query query;
    int retired = 0;
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_CITY;
    query.city = (struct city_query){ .table = holding->table };
    do {
        journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
        if (answer.refusal != REFUSAL_NONE)
            return -EBUSY;
        uint32_t count;
        memcpy(&count, (const char *)&answer + holding->count, sizeof count);
        for (uint32_t i = 0; i < count; i++)
            retired += retire_row(dispatcher, city, holding,
                                  (const char *)&answer + holding->rows + i * holding->size);
        query.city.after = answer.next;
    } while (answer.more);
    return retired;
}

int retire_vanished(struct dispatcher *dispatcher, const struct city *city)
{
    int sum = 0;
    for (size_t i = 0; i < sizeof holdings / sizeof holdings[0]; i++) {
        int retired = retire_of(dispatcher, city, &holdings[i]);
        if (retired < 0)
            return retired;
        sum += retired;
    }
    return sum;
}
