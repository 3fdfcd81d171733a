/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/reserve.h"

enum {
    MINUTE_MS = 60000,
    LOWER_MS = RESERVE_MINUTES * MINUTE_MS, /* quiet before one is given back */
    ANSWERED_LEAST = 5                      /* fewer say nothing about a service level */
};

struct level {
    uint32_t answered;
    uint32_t in_time;
};

/* The last five minutes, as far as they were counted. */
static struct level service_level(const struct reserve *reserve, uint64_t now_ms)
{
    struct level level = { 0, 0 };
    for (uint32_t i = 0; i < RESERVE_MINUTES; i++)
        if (reserve->window[i].minute + RESERVE_MINUTES > now_ms / MINUTE_MS) {
            level.answered += reserve->window[i].answered;
            level.in_time += reserve->window[i].in_time;
        }
    return level;
}

static uint32_t permille_up(uint64_t count, uint64_t permille)
{
    return (uint32_t)((count * permille + 999) / 1000);
}

static uint32_t least(const struct core *core)
{
    uint64_t wanted = permille_up(core->emergency_on, core->parameters[PARAMETER_RESERVE_PERMILLE]);
    uint64_t at_least = core->parameters[PARAMETER_RESERVE_LEAST];
    return (uint32_t)(core->emergency_on == 0 ? 0 : wanted > at_least ? wanted : at_least);
}

/* A city that asks for a large share has meant it. */
static uint32_t most(const struct core *core)
{
    uint64_t share = core->parameters[PARAMETER_RESERVE_PERMILLE];
    uint64_t cap = core->parameters[PARAMETER_RESERVE_MOST_PERMILLE];
    return (uint32_t)(core->emergency_on * (share > cap ? share : cap) / 1000);
}

/* A service level moves the reserve when one was answered late within its time, or when it has moved
 * it already. */
static bool is_moved(const struct reserve *reserve, uint64_t now_ms)
{
    return reserve->extra > 0 || reserve->late_minute + RESERVE_MINUTES > now_ms / MINUTE_MS;
}

/* What the service level asks for beside the least; room: it may be more. */
static uint32_t step(const struct decision *decision, const struct level *level, bool room)
{
    const struct core *core = decision->core;
    const struct reserve *reserve = &core->reserve;
    uint64_t since_ms = decision->at_ms - reserve->stepped_ms;
    bool short_of = (uint64_t)level->in_time * 1000 <
                    level->answered * core->parameters[PARAMETER_RESERVE_GOAL_PERMILLE];
    if (since_ms < core->parameters[PARAMETER_RESERVE_STEP_MS])
        return reserve->extra;
    if (short_of && level->answered >= ANSWERED_LEAST && room)
        return reserve->extra + 1;
    if (reserve->extra > 0 && level->in_time == level->answered && since_ms >= LOWER_MS)
        return reserve->extra - 1;
    return reserve->extra;
}

bool reserve_next(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct reserve *reserve = &core->reserve;
    if (core->emergency_on == 0 && reserve->takers == 0)
        return false;
    struct level level = { 0, 0 };
    if (is_moved(reserve, decision->at_ms))
        level = service_level(reserve, decision->at_ms);
    uint32_t lowest = least(core), highest = most(core);
    uint32_t extra = step(decision, &level, lowest + reserve->extra < highest);
    uint32_t takers = lowest + extra < highest ? lowest + extra : highest;
    if (takers == reserve->takers && extra == reserve->extra)
        return false;
    level = service_level(reserve, decision->at_ms);
    struct event *event = decision_event(decision, EVENT_RESERVE_CHANGED);
    event->reserve_changed = (struct reserve_changed){
        .reserve = takers,
        .signed_on = core->emergency_on,
        .extra = extra,
        .answered = level.answered,
        .in_time = level.in_time,
        .stepped_ms = extra != reserve->extra ? decision->at_ms : reserve->stepped_ms,
    };
    return true;
}

void reserve_count(struct core *core, uint64_t at_ms, bool in_time)
{
    uint64_t minute = at_ms / MINUTE_MS;
    uint32_t place = (uint32_t)(minute % RESERVE_MINUTES);
    struct reserve *reserve = &core->reserve;
    if (reserve->window[place].minute != minute) {
        reserve->window[place].minute = minute;
        reserve->window[place].answered = reserve->window[place].in_time = 0;
    }
    reserve->window[place].answered++;
    reserve->window[place].in_time += in_time;
    if (!in_time)
        reserve->late_minute = minute;
}

void core_reserve(const struct core *core, uint64_t now_ms, struct reserve_status *status)
{
    struct level level = service_level(&core->reserve, now_ms);
    *status = (struct reserve_status){ .takers = core->reserve.takers,
                                       .signed_on = core->emergency_on,
                                       .extra = core->reserve.extra,
                                       .answered = level.answered,
                                       .in_time = level.in_time,
                                       .since_ms = core->reserve.since_ms };
}

void apply_reserve_changed(struct core *core, const struct event *event)
{
    const struct reserve_changed *changed = &event->reserve_changed;
    core->reserve.takers = changed->reserve;
    core->reserve.extra = changed->extra;
    core->reserve.since_ms = event->at_ms;
    core->reserve.stepped_ms = changed->stepped_ms;
}
