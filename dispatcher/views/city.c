/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

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
    case EVENT_CITY_LOADED:
        return (struct definition){ CITY_ITSELF, 0, SCHEMA_CITY_LOADED, &event->city_loaded };
    default: /* kinds that define nothing */
        return (struct definition){ .schema = SCHEMA_COUNT };
    }
}

static int gateway_moved(const struct change *change, uint32_t gateway, bool up)
{
    struct gateway_status row = { .gateway = gateway, .up = up, .since_ms = change->event->at_ms };
    return row_put(change, key_of1(VIEW_GATEWAY, gateway), SCHEMA_GATEWAY_STATUS, &row);
}

int apply_to_city(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_GATEWAY_ROSE)
        return gateway_moved(change, event->gateway_rose.gateway, true);
    if (event->kind == EVENT_GATEWAY_FELL)
        return gateway_moved(change, event->gateway_fell.gateway, false);
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
