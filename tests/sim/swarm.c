/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/swarm.h"

#include <string.h>

#include "dispatcher/core/city.h"
#include "gateways/trunk/plan_turn.h"

enum {
    KNOBS_PERCENT = 25, /* of the seeds that turn any knob */
    WHOLE_ONE_IN = 6    /* seeds that run the whole dispatcher */
};

static uint64_t below(struct kernel *kernel, uint64_t limit)
{
    return kernel_below(kernel, STREAM_CITY, limit);
}

/* Zero on about half of the seeds, else up to `most`. */
static uint32_t rate(struct kernel *kernel, uint32_t percent, uint32_t most)
{
    uint64_t drawn = below(kernel, most) + 1;
    return below(kernel, 2) ? (uint32_t)(drawn * percent / 100) : 0;
}

/* Like rate(), for means of waiting times: fewer faults, longer waits. */
static uint64_t every(struct kernel *kernel, uint32_t percent, uint64_t least_ms, uint64_t most_ms)
{
    uint64_t drawn = kernel_between(kernel, STREAM_CITY, least_ms, most_ms);
    return below(kernel, 2) && percent ? drawn * 100 / percent : 0;
}

/* Durations are drawn by their magnitude: short ones are as likely as long ones. */
static uint64_t knob(struct kernel *kernel, const struct parameter_rule *rule)
{
    uint64_t span = rule->most - rule->least;
    uint64_t shrink = below(kernel, 20);
    return rule->least + below(kernel, (span >> shrink) + 1);
}

static void draw_knobs(struct swarm *swarm, struct kernel *kernel)
{
    bool turned = below(kernel, 100) < KNOBS_PERCENT;
    for (enum parameter parameter = 1; parameter < PARAMETER_COUNT; parameter++) {
        const struct parameter_rule *rule = parameter_rule(parameter);
        uint64_t value = knob(kernel, rule);
        bool this_one = below(kernel, 3) == 0;
        if (turned && this_one && rule->most > rule->least && parameter != PARAMETER_UTC_OFFSET_MIN)
            swarm->parameters[parameter] = value;
    }
}

static void draw_people(struct swarm *swarm, struct kernel *kernel)
{
    uint32_t percent = swarm->faults;
    swarm->misses = rate(kernel, percent, 150);
    swarm->declines = rate(kernel, percent, 60);
    swarm->wanders = rate(kernel, percent, 40);
    swarm->leaves_offered = rate(kernel, percent, 20);
    swarm->phone_fails = rate(kernel, percent, 60);
    swarm->accepts = (uint32_t)below(kernel, 1001);
    swarm->signs_late = rate(kernel, percent, 200);
    swarm->sends_back = rate(kernel, percent, 150);
    swarm->silent = rate(kernel, percent, 100);
    swarm->unsolved = rate(kernel, percent, 300);
    swarm->abandons = rate(kernel, percent, 200);
    swarm->errors = rate(kernel, percent, 60);
    swarm->trade = rate(kernel, percent, 400);
    swarm->repeat_permille = rate(kernel, percent, 400);
}

static void draw_machines(struct swarm *swarm, struct kernel *kernel)
{
    uint32_t percent = swarm->faults;
    swarm->loss = rate(kernel, percent, 300);
    swarm->repeats = rate(kernel, percent, 300);
    swarm->reorders = rate(kernel, percent, 200);
    swarm->delay_ms = 1 + below(kernel, below(kernel, 2) ? 3 : 200);
    swarm->slow_permille = rate(kernel, percent, 20);
    swarm->partition_every_ms = every(kernel, percent, 30 * MINUTE_MS, 12 * HOUR_MS);
    swarm->partition_ms = kernel_between(kernel, STREAM_CITY, 2 * SECOND_MS, 120 * SECOND_MS);
    swarm->crash_every_ms = every(kernel, percent, 20 * MINUTE_MS, 12 * HOUR_MS);
    swarm->pause_every_ms = every(kernel, percent, 20 * MINUTE_MS, 12 * HOUR_MS);
    swarm->pause_ms = kernel_between(kernel, STREAM_CITY, 1 * SECOND_MS, 60 * SECOND_MS);
    swarm->gateway_crash_every_ms = every(kernel, percent, 30 * MINUTE_MS, 12 * HOUR_MS);
    swarm->clock_jump_every_ms = every(kernel, percent, 2 * HOUR_MS, 24 * HOUR_MS);
    swarm->clock_jump_ms = 1 + below(kernel, below(kernel, 2) ? 5 * SECOND_MS : 30 * MINUTE_MS);
    swarm->commit_error = rate(kernel, percent, 500);
    swarm->commit_ms = 1 + below(kernel, below(kernel, 3) ? 4 : 400);
    swarm->receipt_lost = rate(kernel, percent, 200);
    swarm->receipt_twice = rate(kernel, percent, 200);
    swarm->receipt_failed = rate(kernel, percent, 150);
    swarm->receipt_ms = kernel_between(kernel, STREAM_CITY, 1 * SECOND_MS, 20 * MINUTE_MS);
}

/* One taker for about so many contacts a day, all around the clock, and a few more than that. */
static uint32_t takers_for(uint32_t volume, struct kernel *kernel)
{
    uint64_t takers = 6 + volume / 40 + below(kernel, 4 + volume / 60);
    return takers < 300 ? (uint32_t)takers : 300;
}

/* Where numbers of other widths end. */
static uint64_t some_edge(struct kernel *kernel)
{
    static const uint64_t edges[] = { 1ULL << 31, 1ULL << 32, 40000000, 1ULL << 53, 1ULL << 62 };
    return edges[kernel_below(kernel, STREAM_LIMITS, sizeof edges / sizeof edges[0])] -
           kernel_below(kernel, STREAM_LIMITS, 4000);
}

static void draw_limits(struct swarm *swarm, struct kernel *kernel)
{
    uint64_t rises_badly = kernel_below(kernel, STREAM_LIMITS, 500);
    uint64_t snapshot_events = 1500 + kernel_below(kernel, STREAM_LIMITS, 20000);
    bool keeps = kernel_below(kernel, STREAM_LIMITS, 4) > 0;
    uint64_t first_id = some_edge(kernel), first_seq = some_edge(kernel);
    bool counts = kernel_below(kernel, STREAM_LIMITS, 4) == 0;
    uint64_t tight = kernel_below(kernel, STREAM_LIMITS, 1U << TIGHT_COUNT);
    bool is_tight = kernel_below(kernel, STREAM_LIMITS, 6) == 0;
    if (swarm->faults == 0)
        return;
    swarm->rises_badly = (uint32_t)rises_badly;
    swarm->snapshot_events = keeps ? (uint32_t)snapshot_events : 0;
    swarm->first_id = counts ? first_id : 0;
    swarm->first_seq = counts ? first_seq : 0;
    swarm->tight = is_tight ? (uint32_t)tight : 0;
}

/* Zero on a third of the seeds each. */
static uint32_t habit(struct kernel *kernel, uint32_t most)
{
    uint64_t drawn = kernel_below(kernel, STREAM_TRADE, most) + 1;
    return kernel_below(kernel, STREAM_TRADE, 3) ? (uint32_t)drawn : 0;
}

static void draw_habits(struct swarm *swarm, struct kernel *kernel)
{
    swarm->transfers = habit(kernel, 250);
    swarm->guides = habit(kernel, 400);
    swarm->crews = habit(kernel, 1000);
    swarm->kin = habit(kernel, 300);
    swarm->storms = habit(kernel, 200);
    uint64_t callers = kernel_below(kernel, STREAM_CALLERS, 400) + 1;
    swarm->callers = kernel_below(kernel, STREAM_CALLERS, 3) ? (uint32_t)callers : 0;
    uint64_t guests = kernel_below(kernel, STREAM_GUESTS, 300) + 1;
    swarm->guests = kernel_below(kernel, STREAM_GUESTS, 3) ? (uint32_t)guests : 0;
}

/* The time-outs of the real gateway on most seeds, any others on the rest. */
static void draw_plans(struct swarm *swarm, struct kernel *kernel)
{
    uint64_t after_ms = kernel_between(kernel, STREAM_PLANS, 1200, 10 * SECOND_MS);
    uint64_t ring_ms = kernel_between(kernel, STREAM_PLANS, SECOND_MS, MINUTE_MS);
    uint64_t pause_ms = kernel_between(kernel, STREAM_PLANS, 1, 5 * SECOND_MS);
    uint64_t down_ms = kernel_between(kernel, STREAM_PLANS, 5 * SECOND_MS, 5 * MINUTE_MS);
    bool turned = kernel_below(kernel, STREAM_PLANS, 100) < KNOBS_PERCENT;
    bool away = kernel_below(kernel, STREAM_PLANS, 3) == 0;
    uint64_t every_ms = kernel_between(kernel, STREAM_PLANS, 20 * MINUTE_MS, 8 * HOUR_MS);
    bool often = kernel_below(kernel, STREAM_PLANS, 2) && swarm->faults;
    swarm->outage_every_ms = often ? every_ms * 100 / swarm->faults : 0;
    swarm->outage_ms = kernel_between(kernel, STREAM_PLANS, 3 * SECOND_MS, 10 * MINUTE_MS);
    swarm->plans = kernel_below(kernel, STREAM_PLANS, 3) ? 800 : 0;
    swarm->alone_after_ms = turned ? after_ms : ALONE_AFTER_MS;
    swarm->plan_ring_ms = turned ? ring_ms : PLAN_RING_MS;
    swarm->plan_pause_ms = turned ? pause_ms : PLAN_PAUSE_MS;
    swarm->down_ms = away ? down_ms : 3 * SECOND_MS;
}

void swarm_draw(struct swarm *swarm, struct kernel *kernel, bool depth_is_set)
{
    enum depth depth = below(kernel, WHOLE_ONE_IN) == 0 ? DEPTH_WHOLE : DEPTH_BARE;
    if (!depth_is_set)
        swarm->depth = depth;
    swarm->takers = takers_for(swarm->volume, kernel);
    swarm->departments = 4 + (uint32_t)below(kernel, 37);
    swarm->trunks = 1 + (uint32_t)below(kernel, 4);
    swarm->posts = 1 + (uint32_t)below(kernel, 2);
    swarm->flood = rate(kernel, swarm->faults, 40);
    draw_people(swarm, kernel);
    draw_machines(swarm, kernel);
    draw_knobs(swarm, kernel);
    draw_limits(swarm, kernel);
    draw_habits(swarm, kernel);
    draw_plans(swarm, kernel);
}

enum {
    HEALED_DELAY_MS = 20
};

void swarm_heal(struct swarm *swarm)
{
    if (swarm->delay_ms >
        HEALED_DELAY_MS) /* else a lease of 1 s is over before anybody sees the offer */
        swarm->delay_ms = HEALED_DELAY_MS;
    swarm->misses = swarm->declines = swarm->wanders = swarm->leaves_offered = 0;
    swarm->phone_fails = swarm->signs_late = swarm->sends_back = swarm->silent = 0;
    swarm->unsolved = swarm->abandons = swarm->errors = 0;
    swarm->trade = 0;
    swarm->loss = swarm->repeats = swarm->reorders = 0;
    swarm->slow_permille = swarm->partition_every_ms = swarm->crash_every_ms = 0;
    swarm->pause_every_ms = swarm->gateway_crash_every_ms = swarm->clock_jump_every_ms = 0;
    swarm->receipt_lost = swarm->receipt_twice = swarm->receipt_failed = 0;
    swarm->outage_every_ms = 0;
    swarm->commit_error = swarm->flood = swarm->rises_badly = 0;
    swarm->strangers = false;
}
