/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench_core: how fast the core decides with 100,000 open incidents, and how fast it comes back.
 *     bench_core [OPEN] [STEPS] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/prng.h"
#include "base/require.h"
#include "dispatcher/core/core.h"

enum {
    TAKERS = 200,
    KEPT_MAX = 3000000
};

struct bench {
    struct core *core;
    struct verdict verdict;
    struct event *kept; /* for the replay */
    uint64_t kept_count;
    uint64_t now_ms;
    uint64_t call;
    uint64_t steps;
    uint64_t events;
    uint64_t refused;
    uint64_t *open; /* incidents and their lead's task */
    uint64_t *tasks;
    uint64_t open_count;
};

static void step(struct bench *bench, struct command *command)
{
    command->at_ms = bench->now_ms;
    core_step(bench->core, command, &bench->verdict);
    bench->steps++;
    bench->events += bench->verdict.count;
    bench->refused += bench->verdict.refusal != REFUSAL_NONE;
    for (uint32_t i = 0; bench->kept && i < bench->verdict.count; i++) {
        REQUIRE(bench->kept_count < KEPT_MAX);
        bench->kept[bench->kept_count++] = bench->verdict.events[i];
    }
}

static void system_step(struct bench *bench, struct command command)
{
    command.actor_kind = ACTOR_KIND_SYSTEM;
    step(bench, &command);
    REQUIRE(!bench->verdict.refusal);
}

static void build(struct bench *bench)
{
    static const uint32_t lines[] = { 110, 119, 120, 122, 12345 };
    for (uint32_t i = 0; i < 5; i++) {
        struct command line = { .kind = COMMAND_LINE_DEFINE, .line_define = { .has_row = true } };
        line.line_define.row = (struct line_row){ .line = lines[i],
                                                  .emergency = i < 4,
                                                  .band = i < 4 ? BAND_LIFE : BAND_ORDINARY,
                                                  .answer_target_ms = 10000 };
        system_step(bench, line);
    }
    for (uint32_t i = 0; i < TAKERS; i++) {
        struct command user = { .kind = COMMAND_USER_DEFINE, .user_define = { .has_row = true } };
        struct user_row *row = &user.user_define.row;
        *row = (struct user_row){ .user = 1000 + i,
                                  .roles = 1U << ROLE_TAKER,
                                  .skills_count = 5,
                                  .phone = "sip:seat@phones" };
        for (uint32_t j = 0; j < 5; j++)
            row->skills[j] = (struct skill){ lines[j], 1 + i % 2 };
        system_step(bench, user);
        struct command on = { .actor_kind = ACTOR_KIND_USER,
                              .actor = 1000 + i,
                              .kind = COMMAND_TAKER_SIGN_ON };
        step(bench, &on);
        on.kind = COMMAND_TAKER_READY;
        step(bench, &on);
    }
    struct command department = { .kind = COMMAND_DEPARTMENT_DEFINE,
                                  .department_define = { .has_row = true,
                                                         .row = { .department = 1 } } };
    system_step(bench, department);
    struct command category = { .kind = COMMAND_CATEGORY_DEFINE,
                                .category_define = { .has_row = true, .row = { .category = 1 } } };
    category.category_define.row.sla = SLA_CLASS_G;
    system_step(bench, category);
    struct command gateway = { .kind = COMMAND_GATEWAY_DEFINE,
                               .gateway_define = { .has_row = true, .row = { .gateway = 1 } } };
    system_step(bench, gateway);
}

/* One request from its call to its dispatch: six steps. */
static void request(struct bench *bench)
{
    struct command arrive = { .actor_kind = ACTOR_KIND_GATEWAY,
                              .actor = 1,
                              .kind = COMMAND_CONTACT_ARRIVE,
                              .caller = 1 + bench->call % 90000 };
    arrive.contact_arrive.call = ++bench->call;
    arrive.contact_arrive.line = bench->call % 3 ? 12345 : 110;
    arrive.contact_arrive.channel = CHANNEL_VOICE;
    step(bench, &arrive);
    uint64_t contact = bench->verdict.contact;
    REQUIRE(bench->verdict.count >= 2);
    const struct event *offer = &bench->verdict.events[bench->verdict.count - 1];
    REQUIRE(offer->kind == EVENT_OFFER_MADE);
    uint32_t taker = offer->taker;
    struct command answer = { .actor_kind = ACTOR_KIND_GATEWAY,
                              .actor = 1,
                              .kind = COMMAND_OFFER_ANSWER };
    answer.offer_answer.offer = offer->offer;
    step(bench, &answer);
    struct command write = { .actor_kind = ACTOR_KIND_USER,
                             .actor = taker,
                             .kind = COMMAND_INCIDENT_REGISTER };
    write.incident_register.contact = contact;
    write.incident_register.category = 1;
    write.incident_register.text_unsafe = true;
    step(bench, &write);
    uint64_t incident = bench->verdict.incident;
    struct command end = { .actor_kind = ACTOR_KIND_GATEWAY,
                           .actor = 1,
                           .kind = COMMAND_CONTACT_END };
    end.contact_end.call = bench->call;
    step(bench, &end);
    struct command send = { .actor_kind = ACTOR_KIND_USER,
                            .actor = taker,
                            .kind = COMMAND_INCIDENT_DISPATCH };
    send.incident_dispatch.incident = incident;
    send.incident_dispatch.lead = 1;
    step(bench, &send);
    bench->open[bench->open_count] = incident;
    bench->tasks[bench->open_count++] = bench->verdict.task;
    struct command finish = { .actor_kind = ACTOR_KIND_USER,
                              .actor = taker,
                              .kind = COMMAND_WRAP_UP_FINISH };
    step(bench, &finish);
}

/* Some open incident comes to its end: five steps. */
static void close(struct bench *bench, uint64_t which)
{
    uint64_t incident = bench->open[which];
    struct command command = { .actor_kind = ACTOR_KIND_SYSTEM, .kind = COMMAND_TASK_SIGN };
    command.task_sign.task = bench->tasks[which];
    step(bench, &command);
    command.kind = COMMAND_TASK_REPLY;
    command.task_reply.task = bench->tasks[which];
    command.task_reply.solved = DEGREE_YES;
    step(bench, &command);
    command.kind = COMMAND_INCIDENT_TELL;
    command.incident_tell.incident = incident;
    command.incident_tell.means = TELL_MEANS_PHONE;
    command.incident_tell.excuse = EXCUSE_REASON_NONE;
    step(bench, &command);
    command.kind = COMMAND_SURVEY_ANSWER;
    command.survey_answer.incident = incident;
    command.survey_answer.contacted = DEGREE_YES;
    command.survey_answer.solved = command.survey_answer.satisfied = DEGREE_YES;
    step(bench, &command);
    REQUIRE(!bench->verdict.refusal);
    bench->open[which] = bench->open[--bench->open_count];
    bench->tasks[which] = bench->tasks[bench->open_count];
}

/* The processor's time: a pure library waits for nothing, and other work on the machine does not count. */
static uint64_t cpu_ns(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static double rate(uint64_t count, uint64_t start_ns)
{
    return (double)count * 1e9 / (double)(cpu_ns() - start_ns);
}

/* As the dispatcher does it. */
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}

int main(int argc, char **argv)
{
    uint64_t open = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    uint64_t steps = argc > 2 ? strtoull(argv[2], NULL, 10) : 2000000;
    struct core_limits limits = core_limits_default();
    void *memory = map(core_size(&limits));
    struct bench bench = { .now_ms = 1772413200000 };
    struct prng prng;
    REQUIRE(memory && open + 2 < limits.incidents);
    prng_seed(&prng, 1);
    bench.core = core_init(memory, core_size(&limits), &limits);
    bench.open = calloc(open + 2, sizeof *bench.open);
    bench.tasks = calloc(open + 2, sizeof *bench.tasks);
    bench.kept = malloc(sizeof *bench.kept * (open * 12 + 10000));
    REQUIRE(bench.open && bench.tasks && bench.kept);
    build(&bench);
    while (bench.open_count < open) {
        request(&bench);
        bench.now_ms++;
    }
    struct event *kept = bench.kept;
    bench.kept = NULL;
    uint64_t digest = core_digest(bench.core);

    uint64_t start_ns = cpu_ns();
    bench.steps = bench.events = 0;
    while (bench.steps < steps) {
        request(&bench);
        close(&bench, prng_below(&prng, bench.open_count));
        bench.now_ms++;
    }
    (void)printf("core: %.2f M steps/s, %.2f M events/s mixed with %" PRIu64
                 " open incidents (%" PRIu64 " steps, %" PRIu64 " refused), %zu MiB\n",
                 rate(bench.steps, start_ns) / 1e6, rate(bench.events, start_ns) / 1e6,
                 bench.open_count, bench.steps, bench.refused, core_size(&limits) >> 20);

    void *fresh = map(core_size(&limits));
    start_ns = cpu_ns();
    struct core *replayed = core_init(fresh, core_size(&limits), &limits);
    double init_ms = (double)(cpu_ns() - start_ns) / 1e6;
    start_ns = cpu_ns();
    for (uint64_t i = 0; i < bench.kept_count; i++)
        core_apply(replayed, &kept[i]);
    double replay = rate(bench.kept_count, start_ns);
    REQUIRE(core_digest(replayed) == digest);
    (void)printf("core: %.2f M events/s replayed (%" PRIu64 " events to %" PRIu64
                 " open incidents in %.0f ms, after %.1f ms for an empty core)\n",
                 replay / 1e6, bench.kept_count, open, (double)bench.kept_count / replay * 1e3,
                 init_ms);
    free(kept);
    free(bench.open);
    free(bench.tasks);
    (void)munmap(memory, core_size(&limits));
    (void)munmap(fresh, core_size(&limits));
    return 0;
}
