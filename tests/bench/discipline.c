/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/discipline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/prng.h"
#include "base/require.h"
#include "dispatcher/core/core.h"

enum {
    EMERGENCY = 110,
    ORDINARY = 12345,
    CALLS_MAX = 4096, /* at one time */
    WAITS_MAX = 1 << 22
};
#define START_MS 1772413200000ULL

struct caller {
    struct heap_node node; /* gives up, or has said all */
    uint64_t call;
    uint64_t contact;
    uint64_t arrived_ms;
    uint32_t taker;
    bool emergency;
    bool talking;
};

struct town {
    const struct discipline *discipline;
    struct prng prng;
    struct core *core;
    struct verdict verdict;
    uint64_t now_ms;
    uint64_t next_call;
    struct heap ends;
    struct heap_place places[CALLS_MAX];
    struct caller callers[CALLS_MAX];
    uint64_t arrived[2];
    uint64_t in_time[2];
    uint64_t lost[2];
    float *waits; /* of ordinary calls */
    uint32_t wait_count;
};

static double exponential(struct town *town, double mean)
{
    double share = ((double)(prng_next(&town->prng) >> 11) + 1) / 9007199254740993.0;
    return -mean * log(share);
}

static void hear(struct town *town);

static void step(struct town *town, struct command command)
{
    command.at_ms = town->now_ms;
    core_step(town->core, &command, &town->verdict);
    hear(town);
}

static struct caller *caller_of(struct town *town, uint64_t call)
{
    return &town->callers[call % CALLS_MAX];
}

static void count_wait(struct town *town, const struct caller *caller, bool lost)
{
    double waited = (double)(town->now_ms - caller->arrived_ms) / 1000;
    bool in_time = !lost && waited <= (caller->emergency ? 10.0 : 15.0);
    town->arrived[caller->emergency]++;
    town->in_time[caller->emergency] += in_time;
    town->lost[caller->emergency] += lost;
    if (!caller->emergency && town->wait_count < WAITS_MAX)
        town->waits[town->wait_count++] = (float)waited;
}

/* Whoever is asked answers at once. */
static void hear(struct town *town)
{
    struct command answers[CORE_EVENTS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < town->verdict.count; i++) {
        const struct event *event = &town->verdict.events[i];
        if (event->kind != EVENT_OFFER_MADE)
            continue;
        struct caller *caller = caller_of(town, event->offer_made.call);
        caller->taker = event->taker;
        answers[count++] = (struct command){ .actor_kind = ACTOR_KIND_GATEWAY,
                                             .actor = 1,
                                             .kind = COMMAND_OFFER_ANSWER,
                                             .offer_answer = { event->offer } };
        count_wait(town, caller, false);
        caller->talking = true;
        double talk = exponential(town, caller->emergency ? 150 : 240);
        heap_set(&town->ends, &caller->node, town->now_ms + (uint64_t)(talk * 1000), caller->call);
    }
    for (uint32_t i = 0; i < count; i++)
        step(town, answers[i]);
}

static void define(struct town *town, struct command command)
{
    command.actor_kind = ACTOR_KIND_SYSTEM;
    step(town, command);
    REQUIRE(town->verdict.refusal == REFUSAL_NONE);
}

static void set(struct town *town, enum parameter parameter, uint64_t value)
{
    struct command command = { .actor_kind = ACTOR_KIND_SYSTEM, .kind = COMMAND_PARAMETER_SET };
    command.parameter_set.parameter = parameter;
    command.parameter_set.value = value;
    step(town, command);
}

static void define_line(struct town *town, uint32_t line, bool emergency)
{
    struct command command = { .kind = COMMAND_LINE_DEFINE };
    bool first = emergency && !town->discipline->one_band;
    command.line_define.has_row = true;
    command.line_define.row = (struct line_row){
        .line = line,
        .emergency = first,
        .band = first ? BAND_LIFE : BAND_ORDINARY,
        .answer_target_ms = 10000,
    };
    define(town, command);
}

static void hire(struct town *town, uint32_t number)
{
    struct command command = { .kind = COMMAND_USER_DEFINE };
    struct user_row *row = &command.user_define.row;
    command.user_define.has_row = true;
    row->user = number;
    row->roles = 1U << ROLE_TAKER;
    memcpy(row->phone, "sip:seat@city", 14);
    row->skills_count = 2;
    row->skills[0] = (struct skill){ .line = EMERGENCY, .level = 1 };
    row->skills[1] = (struct skill){ .line = ORDINARY, .level = 1 };
    define(town, command);
    struct command come = { .actor_kind = ACTOR_KIND_USER,
                            .actor = number,
                            .kind = COMMAND_TAKER_SIGN_ON };
    step(town, come);
    come.kind = COMMAND_TAKER_READY;
    step(town, come);
}

/* The reserve stands as asked: no share, no service level. */
static void build(struct town *town)
{
    struct command gateway = { .kind = COMMAND_GATEWAY_DEFINE };
    gateway.gateway_define.has_row = true;
    gateway.gateway_define.row = (struct gateway_row){ .gateway = 1, .kind = GATEWAY_KIND_TRUNK };
    define(town, gateway);
    define_line(town, EMERGENCY, true);
    define_line(town, ORDINARY, false);
    set(town, PARAMETER_WRAP_UP_MS, 0);
    set(town, PARAMETER_RESERVE_PERMILLE, 0);
    set(town, PARAMETER_RESERVE_GOAL_PERMILLE, 0);
    set(town, PARAMETER_RESERVE_MOST_PERMILLE, 500);
    set(town, PARAMETER_RESERVE_LEAST, town->discipline->reserve);
    for (uint32_t i = 0; i < town->discipline->takers; i++)
        hire(town, 1001 + i);
}

static void arrive(struct town *town, bool emergency)
{
    uint64_t call = ++town->next_call;
    struct caller *caller = caller_of(town, call);
    REQUIRE(!heap_has(&caller->node)); /* CALLS_MAX at one time */
    *caller = (struct caller){ .call = call, .arrived_ms = town->now_ms, .emergency = emergency };
    double patience = exponential(town, emergency ? 90 : 180);
    heap_set(&town->ends, &caller->node, town->now_ms + (uint64_t)(patience * 1000), call);
    struct command command = { .actor_kind = ACTOR_KIND_GATEWAY,
                               .actor = 1,
                               .kind = COMMAND_CONTACT_ARRIVE };
    command.contact_arrive.call = call;
    command.contact_arrive.line = emergency ? EMERGENCY : ORDINARY;
    command.contact_arrive.channel = CHANNEL_VOICE;
    step(town, command);
}

static void leave(struct town *town, struct caller *caller)
{
    heap_remove(&town->ends, &caller->node);
    if (!caller->talking)
        count_wait(town, caller, true);
    struct command command = { .actor_kind = ACTOR_KIND_GATEWAY,
                               .actor = 1,
                               .kind = COMMAND_CONTACT_END };
    command.contact_end.call = caller->call;
    command.contact_end.cause = caller->talking ? END_CAUSE_CALLER : END_CAUSE_CANCELLED;
    step(town, command);
}

static uint64_t after(struct town *town, double per_hour)
{
    return town->now_ms + (uint64_t)(exponential(town, 3600.0 / per_hour) * 1000);
}

static void live(struct town *town)
{
    const struct discipline *discipline = town->discipline;
    uint64_t until_ms = town->now_ms + (uint64_t)(discipline->hours * 3600000);
    uint64_t emergency_ms = after(town, discipline->emergency_per_hour);
    uint64_t ordinary_ms = after(town, discipline->ordinary_per_hour);
    while (town->now_ms < until_ms) {
        struct caller *first = (struct caller *)heap_first(&town->ends);
        uint64_t end_ms = first ? first->node.key : UINT64_MAX;
        if (end_ms <= emergency_ms && end_ms <= ordinary_ms) {
            town->now_ms = end_ms > town->now_ms ? end_ms : town->now_ms;
            leave(town, first);
        } else if (emergency_ms <= ordinary_ms) {
            town->now_ms = emergency_ms;
            emergency_ms = after(town, discipline->emergency_per_hour);
            arrive(town, true);
        } else {
            town->now_ms = ordinary_ms;
            ordinary_ms = after(town, discipline->ordinary_per_hour);
            arrive(town, false);
        }
    }
}

static int by_length(const void *a, const void *b)
{
    float left = *(const float *)a;
    float right = *(const float *)b;
    return left < right ? -1 : left > right;
}

struct outcome_of_discipline discipline_run(const struct discipline *discipline)
{
    struct core_limits limits = core_limits_default();
    limits.incidents = limits.tasks = limits.callbacks = limits.texts = 64;
    size_t size = core_size(&limits);
    void *memory = calloc(1, size);
    struct town *town = calloc(1, sizeof *town);
    float *waits = calloc(WAITS_MAX, sizeof *waits);
    REQUIRE(memory && town && waits);
    town->discipline = discipline;
    town->waits = waits;
    town->now_ms = START_MS;
    town->core = core_init(memory, size, &limits);
    heap_init(&town->ends, town->places, CALLS_MAX);
    prng_seed(&town->prng, discipline->seed);
    build(town);
    live(town);
    qsort(waits, town->wait_count, sizeof *waits, by_length);
    struct outcome_of_discipline outcome = {
        .emergency_in_10 = (double)town->in_time[1] / (double)town->arrived[1],
        .emergency_lost = (double)town->lost[1] / (double)town->arrived[1],
        .ordinary_in_15 = (double)town->in_time[0] / (double)town->arrived[0],
        .ordinary_lost = (double)town->lost[0] / (double)town->arrived[0],
        .ordinary_p99 = (double)waits[town->wait_count * 99ULL / 100],
        .calls = town->arrived[0] + town->arrived[1],
    };
    free(waits);
    free(town);
    free(memory);
    return outcome;
}
