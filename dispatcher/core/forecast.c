/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/forecast.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/rows.h"

#define HALF_HOUR_MS (HOUR_MS / 2)

enum {
    MONDAY,
    SATURDAY = 5,
    SUNDAY = 6,
    FIRST_WEEKDAY = 3, /* 1970-01-01 was a Thursday */
    CALLS_MOST = 100000
};

uint32_t forecast_calls(const struct core *core, const struct line *line, uint64_t at_ms)
{
    uint64_t local_ms = at_ms + core->parameters[PARAMETER_UTC_OFFSET_MIN] * 60000;
    uint64_t day = local_ms / DAY_MS;
    uint32_t weekday = (uint32_t)((day + FIRST_WEEKDAY) % WEEKDAYS);
    bool works = calendar_works(core, day);
    if (works && weekday >= SATURDAY)
        weekday = MONDAY;
    else if (!works && weekday < SATURDAY)
        weekday = SUNDAY;
    const struct forecast_row *row = &line->forecasts[weekday];
    if (row->line == 0 || row->retired)
        return 0;
    return row->calls[local_ms % DAY_MS / HALF_HOUR_MS];
}

enum refusal decide_forecast_define(struct decision *decision)
{
    const struct forecast_define *asked = &decision->command->forecast_define;
    const struct forecast_row *row = &asked->row;
    const struct line *line = core_line(decision->core, row->line);
    if (!asked->has_row || row->weekday < 1 || row->weekday > WEEKDAYS ||
        row->calls_count != HALF_HOURS)
        return REFUSAL_MALFORMED;
    for (uint32_t i = 0; i < HALF_HOURS; i++)
        if (row->calls[i] > CALLS_MOST)
            return REFUSAL_MALFORMED;
    if (!line)
        return REFUSAL_NO_SUCH_LINE;
    const struct forecast_row *known = &line->forecasts[row->weekday - 1];
    if (known->line && forecast_fingerprint(known) == forecast_fingerprint(row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_FORECAST_DEFINED);
    event->line = row->line;
    event->forecast_defined.has_row = true;
    event->forecast_defined.row = *row;
    return REFUSAL_NONE;
}

void apply_forecast_defined(struct core *core, const struct event *event)
{
    const struct forecast_row *row = &event->forecast_defined.row;
    struct line *line = core_line(core, row->line);
    REQUIRE(line && row->weekday >= 1 && row->weekday <= WEEKDAYS);
    line->forecasts[row->weekday - 1] = *row;
}
