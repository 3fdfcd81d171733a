/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/storm.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/forecast.h"
#include "dispatcher/core/place.h"
#include "dispatcher/core/queue.h"

#define ONE       (1ULL << 20) /* call */
#define MINUTE_MS 60000ULL

/* ---- the rule ------------------------------------------------------------------------------ */

static uint64_t limit(const struct core *core)
{
    return core->parameters[PARAMETER_STORM_CALLS] * ONE;
}

/* What a line may have in this time before it counts, in ONE. */
static uint64_t allowance(const struct core *core, uint32_t forecast, uint64_t passed_ms)
{
    uint64_t percent = whole_root(core->parameters[PARAMETER_STORM_PERCENT] * 100);
    uint64_t a_second = forecast * percent * ONE / (100 * 3600);
    return a_second * (passed_ms < DAY_MS ? passed_ms : DAY_MS) / 1000;
}

/* The line's surge with one arrival more. */
static struct surge surge_after(const struct core *core, const struct line *line, uint64_t at_ms)
{
    struct surge surge = line->surge;
    uint64_t minute = at_ms / MINUTE_MS;
    uint64_t passed = minute - surge.minute;
    for (uint64_t i = 0; i < passed && i < RATE_MINUTES; i++)
        surge.calls[(minute - i) % RATE_MINUTES] = 0;
    surge.minute = minute;
    surge.calls[minute % RATE_MINUTES]++;
    uint32_t forecast = forecast_calls(core, line, at_ms);
    uint64_t passed_ms = at_ms - surge.at_ms;
    surge.at_ms = at_ms;
    if (forecast == 0) {
        surge.excess = 0;
        return surge;
    }
    uint64_t allowed = allowance(core, forecast, passed_ms);
    surge.excess = surge.excess > allowed ? surge.excess - allowed : 0;
    surge.excess += ONE;
    if (surge.excess > 2 * limit(core))
        surge.excess = 2 * limit(core); /* a long storm is over when it is over */
    return surge;
}

static uint32_t rate_of(const struct surge *surge)
{
    uint32_t calls = 0;
    for (uint32_t i = 0; i < RATE_MINUTES; i++)
        calls += surge->calls[i];
    return calls * (60 / RATE_MINUTES);
}

static struct event *enter(struct decision *decision, enum storm_cause cause, uint32_t line)
{
    struct event *event = decision_event(decision, EVENT_STORM_ENTERED);
    event->line = line;
    event->storm_entered.cause = cause;
    return event;
}

void storm_arrival(struct decision *decision, const struct line *line)
{
    const struct core *core = decision->core;
    if (core->storm.cause != STORM_CAUSE_NONE)
        return;
    struct surge surge = surge_after(core, line, decision->at_ms);
    if (surge.excess < limit(core))
        return;
    struct event *event = enter(decision, STORM_CAUSE_RATE, line->row.line);
    event->storm_entered.rate = rate_of(&surge);
    event->storm_entered.forecast = forecast_calls(core, line, decision->at_ms);
}

void storm_by_cluster(struct decision *decision, uint64_t cluster, uint32_t line)
{
    if (decision->core->storm.cause != STORM_CAUSE_NONE)
        return;
    enter(decision, STORM_CAUSE_CLUSTER, line)->storm_entered.cluster = cluster;
}

enum refusal decide_storm_enter(struct decision *decision)
{
    if (decision->core->storm.cause != STORM_CAUSE_NONE)
        return REFUSAL_ALREADY;
    enter(decision, STORM_CAUSE_HAND, 0);
    return REFUSAL_NONE;
}

static void leave(struct decision *decision, enum storm_cause cause)
{
    struct event *event = decision_event(decision, EVENT_STORM_LEFT);
    event->storm_left.cause = cause;
    event->storm_left.lasted_ms = decision->at_ms - decision->core->storm.since_ms;
}

enum refusal decide_storm_leave(struct decision *decision)
{
    if (decision->core->storm.cause == STORM_CAUSE_NONE)
        return REFUSAL_ALREADY;
    leave(decision, STORM_CAUSE_HAND);
    return REFUSAL_NONE;
}

void storm_due(struct decision *decision)
{
    leave(decision, STORM_CAUSE_QUIET);
}

void storm_refile(struct core *core)
{
    struct storm *storm = &core->storm;
    bool by_itself = storm->cause != STORM_CAUSE_NONE && storm->cause != STORM_CAUSE_HAND;
    storm->deadline.kind = DEADLINE_STORM;
    storm->deadline.owner = storm;
    deadline_set(core, &storm->deadline,
                 by_itself ? storm->stirred_ms + core->parameters[PARAMETER_STORM_QUIET_MS] : NEVER,
                 0);
}

static void stir_storm(struct core *core, uint64_t at_ms)
{
    if (core->storm.cause == STORM_CAUSE_NONE)
        return;
    core->storm.stirred_ms = at_ms;
    storm_refile(core);
}

void storm_hear_cluster(struct core *core, const struct event *event)
{
    stir_storm(core, event->at_ms);
}

void storm_hear_arrival(struct core *core, const struct event *event)
{
    if (event->contact_arrived.test)
        return;
    struct line *line = core_line(core, event->line);
    line->surge = surge_after(core, line, event->at_ms);
    if (line->surge.excess >= limit(core) / 2)
        stir_storm(core, event->at_ms);
}

/* ---- what follows -------------------------------------------------------------------------- */

uint64_t storm_wrap_up_ms(const struct core *core, const struct line *line)
{
    uint64_t own = line->row.wrap_up_ms;
    uint64_t usual = own ? own : core->parameters[PARAMETER_WRAP_UP_MS];
    uint64_t brief = core->parameters[PARAMETER_STORM_WRAP_UP_MS];
    bool short_now = core->storm.cause != STORM_CAUSE_NONE && !line->row.emergency;
    return short_now && brief < usual ? brief : usual;
}

/* Who may come back: not those the system or a supervisor sent away. */
static bool may_return(const struct user *taker)
{
    return taker->signed_on && !taker->row.retired &&
           (taker->away == AWAY_REASON_BREAK || taker->away == AWAY_REASON_MEAL ||
            taker->away == AWAY_REASON_TRAINING || taker->away == AWAY_REASON_RECORD);
}

bool storm_next(struct decision *decision)
{
    const struct core *core = decision->core;
    if (core->storm.recalls == 0)
        return false;
    for (uint32_t i = 0; i < core->users.reached; i++) {
        const struct user *taker = pool_at(&core->users, i);
        if (!taker->recall)
            continue;
        decision_event(decision, EVENT_TAKER_RECALLED)->taker = taker->row.user;
        return true;
    }
    REQUIRE(!"recalls were counted");
    return false;
}

void apply_storm_entered(struct core *core, const struct event *event)
{
    struct storm *storm = &core->storm;
    REQUIRE(storm->cause == STORM_CAUSE_NONE && event->storm_entered.cause != STORM_CAUSE_NONE);
    storm->cause = event->storm_entered.cause;
    storm->since_ms = storm->stirred_ms = event->at_ms;
    for (uint32_t i = 0; i < core->users.reached; i++) {
        struct user *taker = pool_at(&core->users, i);
        storm->recalls += !taker->recall && may_return(taker);
        taker->recall |= may_return(taker);
    }
    storm_refile(core);
    queue_refile_waits(core); /* whose waits are told has changed */
}

void apply_storm_left(struct core *core, const struct event *event)
{
    REQUIRE(core->storm.cause != STORM_CAUSE_NONE);
    core->storm.cause = STORM_CAUSE_NONE;
    core->storm.since_ms = core->storm.stirred_ms = 0;
    for (uint32_t i = 0; i < pool_used(&core->lines); i++) {
        struct line *line = pool_at(&core->lines, i);
        if (event->storm_left.cause == STORM_CAUSE_HAND)
            line->surge.excess = 0; /* it is not entered again by the next call */
    }
    storm_refile(core);
    queue_refile_waits(core); /* whose waits are told has changed */
}

void apply_taker_recalled(struct core *core, const struct event *event)
{
    struct user *taker = core_user(core, event->taker);
    REQUIRE(taker && taker->recall && core->storm.recalls > 0);
    taker->recall = false;
    core->storm.recalls--;
}
