/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The estimate of waits beside three others, on the real core under a hand-turned clock: calls come as a
 * Poisson process, conversations and patience are exponential, takers answer at once and need no
 * wrap-up (ideal takers, as in the published comparisons). Of every contact that has to wait, each
 * estimator says at its arrival how long; who is answered in the end tells how long it was.
 *
 *     EMA   exponential average of answered waits, three parts old, one new (Asterisk)
 *     HOL   what the first in line has waited already
 *     QL    (ahead + 1) · mean handling / takers
 *     ours  dispatcher/core/estimate.h
 *
 * Prints the table of docs/figures.md; fails where ours is not the best. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/prng.h"
#include "base/require.h"
#include "dispatcher/core/estimate.h"
#include "dispatcher/core/state.h"

#define MONDAY_MS 1772413200000ULL
#define HOUR_MS   3600000.0

enum {
    ORDINARY = 12345,
    EMERGENCY = 110,
    CALLS_MAX = 60000,
    ESTIMATORS = 4
};

struct scenario {
    const char *name;
    uint32_t takers;
    double ordinary; /* calls an hour */
    double swing;    /* of both rates, over four hours */
    double emergency;
    uint32_t reserve_permille;
    double hours;
};

/* A call in the simulated city. */
struct call {
    struct heap_node node; /* when it gives up, or ends */
    uint64_t contact;
    uint64_t arrived_ms;
    bool talking;
    bool ordinary;
    bool judged; /* it had to wait, after the first hour */
    double said[ESTIMATORS];
};

struct error {
    double square;
    double sum;
    uint32_t near; /* within 10 s or 30 % */
};

struct city {
    const struct scenario *scenario;
    struct prng dice;
    void *memory;
    struct core *core;
    struct verdict verdict;
    uint64_t now_ms;
    uint64_t next_ms[2]; /* the next ordinary and emergency call */
    struct call calls[CALLS_MAX];
    uint32_t call_count;
    struct heap due;
    struct heap_place places[CALLS_MAX];
    double average; /* the EMA */
    struct error errors[ESTIMATORS];
    uint32_t judged;
};

static double chance(struct city *city)
{
    return ((double)(prng_next(&city->dice) >> 11) + 0.5) / 9007199254740992.0;
}

static uint64_t after(struct city *city, double mean_ms)
{
    return city->now_ms + (uint64_t)(-log(chance(city)) * mean_ms) + 1;
}

static void send(struct city *city, struct command command);

static void hear(struct city *city, const struct event *event)
{
    static const double handling_ms[2] = { 140000, 240000 };
    if (event->kind == EVENT_OFFER_MADE) {
        struct command answer = { .kind = COMMAND_OFFER_ANSWER,
                                  .actor_kind = ACTOR_KIND_GATEWAY,
                                  .actor = 1 };
        answer.offer_answer.offer = event->offer;
        send(city, answer);
        return;
    }
    if (event->kind != EVENT_CONTACT_CONNECTED)
        return;
    const struct contact *contact = core_contact(city->core, event->contact);
    struct call *call = &city->calls[contact->call - 1];
    double waited_ms = (double)event->contact_connected.waited_ms;
    call->talking = true;
    heap_set(&city->due, &call->node, after(city, handling_ms[call->ordinary]), contact->call);
    if (call->ordinary)
        city->average = 0.75 * city->average + 0.25 * waited_ms;
    if (!call->judged)
        return;
    city->judged++;
    for (int i = 0; i < ESTIMATORS; i++) {
        double off = call->said[i] - waited_ms;
        double most = waited_ms * 0.3 > 10000 ? waited_ms * 0.3 : 10000;
        city->errors[i].square += off * off;
        city->errors[i].sum += off;
        city->errors[i].near += fabs(off) <= most;
    }
}

static void send(struct city *city, struct command command)
{
    struct event events[CORE_EVENTS_MAX];
    command.at_ms = city->now_ms;
    core_step(city->core, &command, &city->verdict);
    uint32_t count = city->verdict.count;
    for (uint32_t i = 0; i < count; i++)
        events[i] = city->verdict.events[i];
    for (uint32_t i = 0; i < count; i++)
        hear(city, &events[i]);
}

static void judge(struct city *city, struct call *call, const struct contact *contact)
{
    const struct contact *head = list_first(&contact->line->standing);
    struct estimate ours = estimate_wait(city->core, contact);
    if (city->now_ms < MONDAY_MS + (uint64_t)HOUR_MS || ours.wait_ms == 0)
        return;
    call->judged = true;
    call->said[0] = city->average;
    call->said[1] = (double)(city->now_ms - head->arrived_ms);
    call->said[2] = (ours.ahead + 1.0) * (double)ours.handling_ms / ours.takers;
    call->said[3] = (double)ours.wait_ms;
}

static void arrive(struct city *city, bool ordinary)
{
    const struct scenario *scenario = city->scenario;
    REQUIRE(city->call_count < CALLS_MAX);
    struct call *call = &city->calls[city->call_count++];
    call->ordinary = ordinary;
    call->arrived_ms = city->now_ms;
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE,
                               .actor_kind = ACTOR_KIND_GATEWAY,
                               .actor = 1 };
    command.contact_arrive.call = city->call_count;
    command.contact_arrive.line = ordinary ? ORDINARY : EMERGENCY;
    command.contact_arrive.channel = CHANNEL_VOICE;
    send(city, command);
    const struct contact *contact = core_call(city->core, 1, city->call_count);
    call->contact = contact->id;
    double phase = (double)(city->now_ms - MONDAY_MS) / (4 * HOUR_MS);
    double rate = (ordinary ? scenario->ordinary : scenario->emergency) *
                  (1 + scenario->swing * sin(phase * 6.283185307179586));
    city->next_ms[ordinary] = after(city, HOUR_MS / rate);
    if (contact->state != CONTACT_STATE_WAITING)
        return;
    heap_set(&city->due, &call->node, after(city, ordinary ? 180000 : 90000), city->call_count);
    if (ordinary)
        judge(city, call, contact);
}

/* The first of those who give up or are done. */
static void leave(struct city *city)
{
    struct call *call = (struct call *)heap_first(&city->due);
    struct command command = { .kind = COMMAND_CONTACT_END,
                               .actor_kind = ACTOR_KIND_GATEWAY,
                               .actor = 1 };
    command.contact_end.call = call->node.order;
    command.contact_end.cause = call->talking ? END_CAUSE_CALLER : END_CAUSE_CANCELLED;
    heap_remove(&city->due, &call->node);
    send(city, command);
}

static struct command by_system(enum command_kind kind)
{
    return (struct command){ .kind = kind, .actor_kind = ACTOR_KIND_SYSTEM };
}

static void set(struct city *city, enum parameter parameter, uint64_t value)
{
    struct command command = by_system(COMMAND_PARAMETER_SET);
    command.parameter_set.parameter = parameter;
    command.parameter_set.value = value;
    send(city, command);
}

static void define_line(struct city *city, uint32_t line, enum band band)
{
    struct command command = by_system(COMMAND_LINE_DEFINE);
    command.line_define.has_row = true;
    command.line_define.row = (struct line_row){
        .line = line, .band = band, .emergency = band == BAND_LIFE, .answer_target_ms = 15000
    };
    send(city, command);
}

static void bring_taker(struct city *city, uint32_t number)
{
    struct command command = by_system(COMMAND_USER_DEFINE);
    struct user_row *row = &command.user_define.row;
    command.user_define.has_row = true;
    *row = (struct user_row){ .user = number, .roles = 1U << ROLE_TAKER, .phone = "sip:seat" };
    row->skills[row->skills_count++] = (struct skill){ ORDINARY, 1 };
    if (city->scenario->emergency > 0)
        row->skills[row->skills_count++] = (struct skill){ EMERGENCY, 1 };
    send(city, command);
    for (int i = 0; i < 2; i++) {
        struct command word = { .kind = i ? COMMAND_TAKER_READY : COMMAND_TAKER_SIGN_ON,
                                .actor_kind = ACTOR_KIND_USER,
                                .actor = number };
        send(city, word);
    }
}

static void build(struct city *city, const struct scenario *scenario)
{
    static const struct core_limits limits = { .lines = 2,
                                               .departments = 1,
                                               .users = 64,
                                               .categories = 1,
                                               .gateways = 1,
                                               .contacts = 4096,
                                               .incidents = 1,
                                               .tasks = 1,
                                               .callbacks = 1,
                                               .texts = 1 };
    memset(city, 0, sizeof *city);
    city->scenario = scenario;
    prng_seed(&city->dice, 20260302);
    heap_init(&city->due, city->places, CALLS_MAX);
    city->memory = calloc(1, core_size(&limits));
    REQUIRE(city->memory);
    city->core = core_init(city->memory, core_size(&limits), &limits);
    city->now_ms = MONDAY_MS;
    set(city, PARAMETER_WRAP_UP_MS, 0);
    set(city, PARAMETER_RESERVE_PERMILLE, scenario->reserve_permille);
    set(city, PARAMETER_RESERVE_LEAST, 0);
    set(city, PARAMETER_RESERVE_GOAL_PERMILLE, 0); /* it does not move */
    define_line(city, ORDINARY, BAND_ORDINARY);
    define_line(city, EMERGENCY, BAND_LIFE);
    struct command gateway = by_system(COMMAND_GATEWAY_DEFINE);
    gateway.gateway_define.has_row = true;
    gateway.gateway_define.row = (struct gateway_row){ .gateway = 1, .kind = GATEWAY_KIND_TRUNK };
    send(city, gateway);
    struct command rise = { .kind = COMMAND_GATEWAY_RISE,
                            .actor_kind = ACTOR_KIND_GATEWAY,
                            .actor = 1,
                            .gateway_rise = { .epoch = 1 } };
    send(city, rise);
    for (uint32_t i = 0; i < scenario->takers; i++)
        bring_taker(city, 1001 + i);
    city->next_ms[true] = after(city, HOUR_MS / scenario->ordinary);
    city->next_ms[false] =
        scenario->emergency > 0 ? after(city, HOUR_MS / scenario->emergency) : NEVER;
}

static void live(struct city *city)
{
    uint64_t end_ms = MONDAY_MS + (uint64_t)(city->scenario->hours * HOUR_MS);
    for (;;) {
        const struct heap_node *due = heap_first(&city->due);
        uint64_t next_ms = due ? due->key : NEVER;
        uint64_t tick_ms = core_next_deadline_ms(city->core);
        bool ordinary = city->next_ms[true] <= city->next_ms[false];
        uint64_t call_ms = city->next_ms[ordinary];
        uint64_t first_ms = next_ms < call_ms ? next_ms : call_ms;
        first_ms = tick_ms < first_ms ? tick_ms : first_ms;
        if (first_ms >= end_ms)
            return;
        city->now_ms = first_ms > city->now_ms ? first_ms : city->now_ms;
        if (tick_ms <= city->now_ms)
            send(city, by_system(COMMAND_TICK));
        else if (next_ms <= call_ms)
            leave(city);
        else
            arrive(city, ordinary);
    }
}

/* Is ours the best? */
static bool report(const struct city *city)
{
    bool best = true;
    double ours = sqrt(city->errors[ESTIMATORS - 1].square / city->judged);
    (void)printf("| %s |", city->scenario->name);
    for (int i = 0; i < ESTIMATORS; i++) {
        const struct error *error = &city->errors[i];
        double rmse = sqrt(error->square / city->judged);
        best &= i == ESTIMATORS - 1 || ours < rmse;
        (void)printf(" %.1f / %+.1f / %.0f %% |", rmse / 1000, error->sum / city->judged / 1000,
                     100.0 * error->near / city->judged);
    }
    (void)printf(" %u |\n", city->judged);
    return best;
}

int main(void)
{
    static const struct scenario scenarios[] = {
        { "n=44 stationary, 640/h", 44, 640, 0, 0, 0, 40 },
        { "n=44 ±40 % swing", 44, 640, 0.4, 0, 0, 40 },
        { "n=44 overloaded, 900/h", 44, 900, 0, 0, 0, 20 },
        { "n=12 ±40 % swing, 170/h", 12, 170, 0.4, 0, 0, 80 },
        { "58 takers, 420 + 600/h, r=2", 58, 600, 0, 420, 30, 40 },
        { "58 takers, 420 + 900/h, r=2", 58, 900, 0, 420, 30, 20 },
        { "58 takers, 900 + 600/h, r=3", 58, 600, 0, 900, 50, 20 },
    };
    struct city *city = malloc(sizeof *city);
    bool best = true;
    REQUIRE(city);
    (void)printf("| | EMA | HOL | (q+1)·AHT/n | ours | contacts |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        build(city, &scenarios[i]);
        live(city);
        best &= report(city);
        free(city->memory);
    }
    free(city);
    return best ? 0 : 1;
}
