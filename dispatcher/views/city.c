/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

/* Where a defined row goes; schema SCHEMA_COUNT: the event defines none. */
struct definition {
    uint64_t table;
    uint64_t number;
    enum schema_id schema;
    const void *row;
};

static struct definition definition_of(const struct event *event)
{
    switch (event->kind) {
    case EVENT_LINE_DEFINED:
        return (struct definition){ CITY_TABLE_LINES, event->line_defined.row.line, SCHEMA_LINE_ROW,
                                    &event->line_defined.row };
    case EVENT_DEPARTMENT_DEFINED:
        return (struct definition){ CITY_TABLE_DEPARTMENTS,
                                    event->department_defined.row.department, SCHEMA_DEPARTMENT_ROW,
                                    &event->department_defined.row };
    case EVENT_USER_DEFINED:
        return (struct definition){ CITY_TABLE_USERS, event->user_defined.row.user, SCHEMA_USER_ROW,
                                    &event->user_defined.row };
    case EVENT_CATEGORY_DEFINED:
        return (struct definition){ CITY_TABLE_CATEGORIES, event->category_defined.row.category,
                                    SCHEMA_CATEGORY_ROW, &event->category_defined.row };
    case EVENT_DISTRICT_DEFINED:
        return (struct definition){ CITY_TABLE_DISTRICTS, event->district_defined.row.district,
                                    SCHEMA_DISTRICT_ROW, &event->district_defined.row };
    case EVENT_GATEWAY_DEFINED:
        return (struct definition){ CITY_TABLE_GATEWAYS, event->gateway_defined.row.gateway,
                                    SCHEMA_GATEWAY_ROW, &event->gateway_defined.row };
    case EVENT_UNIT_DEFINED:
        return (struct definition){ CITY_TABLE_UNITS, event->unit_defined.row.unit, SCHEMA_UNIT_ROW,
                                    &event->unit_defined.row };
    case EVENT_RUN_CARD_DEFINED:
        return (struct definition){ CITY_TABLE_RUN_CARDS, event->run_card_defined.row.run_card,
                                    SCHEMA_RUN_CARD_ROW, &event->run_card_defined.row };
    case EVENT_COVERAGE_DEFINED:
        return (struct definition){ CITY_TABLE_COVERAGE, event->coverage_defined.row.coverage,
                                    SCHEMA_COVERAGE_ROW, &event->coverage_defined.row };
    case EVENT_TREE_DEFINED:
        return (struct definition){ CITY_TABLE_TREES, event->tree_defined.row.tree, SCHEMA_TREE_ROW,
                                    &event->tree_defined.row };
    case EVENT_FORECAST_DEFINED:
        return (struct definition){ CITY_TABLE_FORECASTS, event->forecast_defined.row.forecast,
                                    SCHEMA_FORECAST_ROW, &event->forecast_defined.row };
    case EVENT_LIMIT_DEFINED:
        return (struct definition){ CITY_LIMITS, event->limit_defined.row.sla, SCHEMA_LIMIT_ROW,
                                    &event->limit_defined.row };
    case EVENT_DAY_DEFINED:
        return (struct definition){ CITY_DAYS, event->day_defined.row.day, SCHEMA_DAY_ROW,
                                    &event->day_defined.row };
    case EVENT_TEMPLATE_DEFINED:
        return (struct definition){ CITY_TEMPLATES, event->template_defined.row.template,
                                    SCHEMA_TEMPLATE_ROW, &event->template_defined.row };
    case EVENT_WISH_DEFINED:
        return (struct definition){ CITY_WISHES, event->wish_defined.row.wish, SCHEMA_WISH_ROW,
                                    &event->wish_defined.row };
    case EVENT_DISPOSITION_DEFINED:
        return (struct definition){ CITY_TABLE_DISPOSITIONS,
                                    event->disposition_defined.row.disposition,
                                    SCHEMA_DISPOSITION_ROW, &event->disposition_defined.row };
    case EVENT_RETENTION_DEFINED:
        return (struct definition){ CITY_TABLE_RETENTION, event->retention_defined.row.rule,
                                    SCHEMA_RETENTION_ROW, &event->retention_defined.row };
    case EVENT_CITY_LOADED:
        return (struct definition){ CITY_ITSELF, 0, SCHEMA_CITY_LOADED, &event->city_loaded };
    default: /* kinds that define nothing */
        return (struct definition){ .schema = SCHEMA_COUNT };
    }
}

static int gateway_take(const struct change *change, uint32_t gateway, struct gateway_status *row)
{
    int status = row_take(change, key_of1(VIEW_GATEWAY, gateway), SCHEMA_GATEWAY_STATUS, row);
    if (status != -ENOENT)
        return status;
    *row = (struct gateway_status){ .gateway = gateway };
    return 0;
}

static int gateway_moved(const struct change *change, uint32_t gateway, bool up)
{
    struct gateway_status row;
    int status = gateway_take(change, gateway, &row);
    if (status < 0)
        return status;
    row.up = up;
    row.since_ms = change->event->at_ms;
    return row_put(change, key_of1(VIEW_GATEWAY, gateway), SCHEMA_GATEWAY_STATUS, &row);
}

/* A trunk's synthetic calls stay away; the next one tells that they do not. */
static int test_missed(const struct change *change)
{
    const struct test_missed *missed = &change->event->test_missed;
    struct gateway_status row;
    int status = gateway_take(change, missed->gateway, &row);
    if (status < 0)
        return status;
    memcpy(row.silent_trunk, missed->trunk, sizeof row.silent_trunk);
    row.test_ms = missed->last_ms;
    return row_put(change, key_of1(VIEW_GATEWAY, missed->gateway), SCHEMA_GATEWAY_STATUS, &row);
}

static int test_came(const struct change *change)
{
    const struct contact_arrived *arrived = &change->event->contact_arrived;
    struct gateway_status row;
    int status = gateway_take(change, arrived->gateway, &row);
    if (status < 0 || strcmp(row.silent_trunk, arrived->trunk) != 0)
        return status;
    row.silent_trunk[0] = 0;
    row.test_ms = 0;
    return row_put(change, key_of1(VIEW_GATEWAY, arrived->gateway), SCHEMA_GATEWAY_STATUS, &row);
}

int apply_to_city(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_GATEWAY_ROSE)
        return gateway_moved(change, event->gateway_rose.gateway, true);
    if (event->kind == EVENT_GATEWAY_FELL)
        return gateway_moved(change, event->gateway_fell.gateway, false);
    if (event->kind == EVENT_TEST_MISSED)
        return test_missed(change);
    if (event->kind == EVENT_CONTACT_ARRIVED && event->contact_arrived.test)
        return test_came(change);
    if (event->kind == EVENT_PARAMETER_CHANGED) {
        if (event->parameter_changed.parameter == PARAMETER_UTC_OFFSET_MIN)
            change->views->offset_min = event->parameter_changed.value;
        return number_put(change, key_of1(VIEW_PARAMETER, event->parameter_changed.parameter),
                          event->parameter_changed.value);
    }
    struct definition definition = definition_of(event);
    if (definition.schema == SCHEMA_COUNT)
        return 0;
    return row_put(change, key_of2(VIEW_CITY, definition.table, definition.number),
                   definition.schema, definition.row);
}
