/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/turned_away.h"

#include "gateways/trunk/call.h"

#define MINUTE_MS 60000

static void tell(struct exchange *exchange)
{
    struct turned_away *away = &exchange->turned_away;
    for (uint32_t i = 0; i < away->count; i++) {
        struct command command = { .kind = COMMAND_CALLS_TURN_AWAY };
        uint64_t ticket;
        command.calls_turn_away = (struct calls_turn_away){ .line = away->lines[i].line,
                                                            .minute_ms = away->minute_ms,
                                                            .calls = away->lines[i].calls };
        (void)exchange_report(exchange, &command, NULL, &ticket);
    }
    away->count = 0;
}

void turned_away_count(struct exchange *exchange, uint32_t line)
{
    struct turned_away *away = &exchange->turned_away;
    uint64_t minute_ms = exchange->wall_ms - exchange->wall_ms % MINUTE_MS;
    uint32_t i = 0;
    if (away->minute_ms != minute_ms)
        tell(exchange);
    away->minute_ms = minute_ms;
    while (i < away->count && away->lines[i].line != line)
        i++;
    if (i == DIAL_PLAN_LINES_MAX) { /* the plan was read anew within the minute */
        tell(exchange);
        i = 0;
    }
    if (i == away->count)
        away->lines[away->count++] = (struct turned_away_line){ .line = line };
    away->lines[i].calls++;
}

void turned_away_tick(struct exchange *exchange)
{
    const struct turned_away *away = &exchange->turned_away;
    if (away->count > 0 && (exchange->draining || exchange->wall_ms >= away->minute_ms + MINUTE_MS))
        tell(exchange);
}
