/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench_distribution: how long the core thinks when a taker is free again (the next offer is in the same
 * step) and when a call arrives, with 2,000 waiting and 500 takers.
 *     bench_distribution [WAITING] [TAKERS] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "dispatcher/core/core.h"
#include "tests/bench/cpu.h"

enum {
    ROUNDS = 20000,
    TAKERS_MAX = 2000
};

static const uint32_t lines[] = { 110, 119, 120, 122, 12345 };
static struct core *core;
static struct verdict verdict;
static uint64_t now_ms = 1772413200000;
static uint64_t calls;
static uint64_t offer_of[TAKERS_MAX], call_of[TAKERS_MAX]; /* what each taker was offered last */
static uint64_t freed[ROUNDS], arrived[ROUNDS];

static uint64_t step(struct command *command)
{
    command->at_ms = now_ms;
    uint64_t start_ns = thread_cpu_ns();
    core_step(core, command, &verdict);
    uint64_t took_ns = thread_cpu_ns() - start_ns;
    for (uint32_t i = 0; i < verdict.count; i++) {
        const struct event *event = &verdict.events[i];
        if (event->kind != EVENT_OFFER_MADE)
            continue;
        offer_of[event->taker - 1000] = event->offer;
        call_of[event->taker - 1000] = event->offer_made.call;
    }
    return took_ns;
}

static void by_system(struct command command)
{
    command.actor_kind = ACTOR_KIND_SYSTEM;
    (void)step(&command);
    REQUIRE(!verdict.refusal);
}

static void build(uint32_t takers)
{
    for (uint32_t i = 0; i < 5; i++) {
        struct command line = { .kind = COMMAND_LINE_DEFINE, .line_define = { .has_row = true } };
        line.line_define.row = (struct line_row){ .line = lines[i],
                                                  .emergency = i < 4,
                                                  .band = i < 4 ? BAND_LIFE : BAND_ORDINARY,
                                                  .answer_target_ms = 10000 };
        by_system(line);
    }
    struct command gateway = { .kind = COMMAND_GATEWAY_DEFINE,
                               .gateway_define = { .has_row = true, .row = { .gateway = 1 } } };
    by_system(gateway);
    struct command wrap_up = { .kind = COMMAND_PARAMETER_SET };
    wrap_up.parameter_set.parameter = PARAMETER_WRAP_UP_MS; /* 0: free at once */
    by_system(wrap_up);
    for (uint32_t i = 0; i < takers; i++) {
        struct command user = { .kind = COMMAND_USER_DEFINE, .user_define = { .has_row = true } };
        struct user_row *row = &user.user_define.row;
        *row = (struct user_row){
            .user = 1000 + i, .roles = 1U << ROLE_TAKER, .skills_count = 5, .phone = "sip:a@b"
        };
        for (uint32_t j = 0; j < 5; j++)
            row->skills[j] = (struct skill){ .line = lines[j], .level = 1 + (i + j) % 3 };
        by_system(user);
        struct command on = { .actor_kind = ACTOR_KIND_USER,
                              .actor = 1000 + i,
                              .kind = COMMAND_TAKER_SIGN_ON };
        (void)step(&on);
        on.kind = COMMAND_TAKER_READY;
        (void)step(&on);
    }
}

static uint64_t arrive(void)
{
    struct command command = { .actor_kind = ACTOR_KIND_GATEWAY,
                               .actor = 1,
                               .kind = COMMAND_CONTACT_ARRIVE };
    calls++;
    command.caller = 1 + calls % 90000;
    command.contact_arrive.call = calls;
    command.contact_arrive.line = lines[calls % 8 < 4 ? 4 : calls % 4];
    command.contact_arrive.channel = CHANNEL_VOICE;
    return step(&command);
}

/* The taker answers and the caller hangs up: the next offer follows in the same step. */
static uint64_t serve(uint32_t taker)
{
    struct command answer = { .actor_kind = ACTOR_KIND_GATEWAY,
                              .actor = 1,
                              .kind = COMMAND_OFFER_ANSWER };
    answer.offer_answer.offer = offer_of[taker];
    uint64_t call = call_of[taker];
    (void)step(&answer);
    REQUIRE(!verdict.refusal);
    struct command end = { .actor_kind = ACTOR_KIND_GATEWAY,
                           .actor = 1,
                           .kind = COMMAND_CONTACT_END };
    end.contact_end.call = call;
    uint64_t took_ns = step(&end);
    REQUIRE(!verdict.refusal);
    return took_ns;
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void print(const char *what, uint64_t *times)
{
    qsort(times, ROUNDS, sizeof times[0], by_size);
    (void)printf(" %s_p50_us=%.2f %s_p99_us=%.2f", what, (double)times[ROUNDS / 2] / 1e3, what,
                 (double)times[ROUNDS * 99 / 100] / 1e3);
}

int main(int argc, char **argv)
{
    uint32_t waiting = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 2000;
    uint32_t takers = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 500;
    struct core_limits limits = core_limits_default();
    void *memory = calloc(1, core_size(&limits));
    REQUIRE(memory && takers > 0 && takers <= TAKERS_MAX);
    core = core_init(memory, core_size(&limits), &limits);
    build(takers);
    for (uint32_t i = 0; i < waiting + takers; i++)
        (void)arrive();
    struct core_counts counts;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t taker = i % takers;
        if (i % 64 == 0)
            now_ms++;
        if (offer_of[taker])
            freed[i] = serve(taker);
        arrived[i] = arrive();
    }
    core_count(core, &counts);
    (void)printf("distribution waiting=%u takers=%u", counts.waiting, takers);
    print("freed", freed);
    print("arrived", arrived);
    (void)printf("\n");
    free(memory);
    return 0;
}
