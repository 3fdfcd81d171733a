/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench_recommend: how long the core takes to decide which units go, with 3,000 units on the road: a
 * run card of 13 units of five kinds, proposed for fires all over the city while the units move.
 *     bench_recommend [UNITS] [PLANS] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/prng.h"
#include "base/require.h"
#include "base/text.h"
#include "dispatcher/core/core.h"
#include "tests/bench/cpu.h"

enum {
    CELLS = 240, /* 60 km each way */
    INCIDENTS = 64,
    START_MS = 1772413200
};

static struct core *core;
static struct verdict verdict;
static uint64_t now_ms = START_MS * 1000ULL;

static const char *const kinds[] = { "engine", "ladder", "rescue", "ambulance", "patrol" };

static void step(struct command *command)
{
    command->at_ms = now_ms;
    command->actor_kind = ACTOR_KIND_SYSTEM;
    core_step(core, command, &verdict);
}

static void define_city(void)
{
    struct command line = { .kind = COMMAND_LINE_DEFINE };
    line.line_define.has_row = true;
    line.line_define.row = (struct line_row){
        .line = 119, .emergency = true, .band = BAND_LIFE, .answer_target_ms = 10000
    };
    step(&line);
    struct command department = { .kind = COMMAND_DEPARTMENT_DEFINE };
    department.department_define.has_row = true;
    department.department_define.row = (struct department_row){ .department = 3, .force = true };
    step(&department);
    struct command category = { .kind = COMMAND_CATEGORY_DEFINE };
    category.category_define.has_row = true;
    category.category_define.row =
        (struct category_row){ .category = 150100, .priority = PRIORITY_P0, .sla = SLA_CLASS_E0 };
    step(&category);
    struct command card = { .kind = COMMAND_RUN_CARD_DEFINE };
    card.run_card_define.has_row = true;
    card.run_card_define.row = (struct run_card_row){ .run_card = 11,
                                                      .category = 15,
                                                      .radius_m = 30000,
                                                      .needs_count = 5,
                                                      .needs = { { "engine", 4 },
                                                                 { "ladder", 2 },
                                                                 { "rescue", 1 },
                                                                 { "ambulance", 3 },
                                                                 { "patrol", 3 } } };
    step(&card);
    REQUIRE(!verdict.refusal);
}

static void define_units(uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        struct command unit = { .kind = COMMAND_UNIT_DEFINE };
        unit.unit_define.has_row = true;
        unit.unit_define.row =
            (struct unit_row){ .unit = i, .department = 3, .district = 1 + i % 12 };
        (void)text_copy(unit.unit_define.row.kind, sizeof unit.unit_define.row.kind, kinds[i % 5]);
        step(&unit);
        REQUIRE(!verdict.refusal);
    }
}

static uint32_t any_cell(struct prng *prng)
{
    return 1 + (uint32_t)prng_below(prng, CELLS);
}

static void move_units(struct prng *prng, uint32_t count)
{
    now_ms += 11000;
    for (uint32_t i = 1; i <= count; i++) {
        struct command place = { .kind = COMMAND_UNIT_PLACE };
        place.unit_place = (struct unit_place){ .unit = i,
                                                .east_cell = any_cell(prng),
                                                .north_cell = any_cell(prng) };
        step(&place);
    }
}

static uint64_t fire(struct prng *prng)
{
    struct command command = { .kind = COMMAND_INCIDENT_REGISTER };
    command.incident_register = (struct incident_register){ .line = 119,
                                                            .category = 150100,
                                                            .district = 1,
                                                            .east_cell = any_cell(prng),
                                                            .north_cell = any_cell(prng) };
    step(&command);
    REQUIRE(!verdict.refusal);
    return verdict.incident;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    uint32_t units = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 3000;
    uint32_t plans = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 10000;
    struct prng prng;
    prng_seed(&prng, 7);
    struct core_limits limits = core_limits_default();
    limits.contacts = 1024;
    limits.incidents = 1024;
    limits.tasks = 1024;
    limits.texts = 1024;
    core = core_init(calloc(1, core_size(&limits)), core_size(&limits), &limits);
    uint64_t *taken_ns = calloc(plans, sizeof *taken_ns);
    REQUIRE(taken_ns && plans > 0);
    define_city();
    define_units(units);
    uint64_t incidents[INCIDENTS];
    for (uint32_t i = 0; i < INCIDENTS; i++)
        incidents[i] = fire(&prng);
    for (uint32_t i = 0; i < plans; i++) {
        if (i % 1000 == 0)
            move_units(&prng, units);
        struct command command = { .kind = COMMAND_PLAN_ACTIVATE };
        command.plan_activate =
            (struct plan_activate){ .incident = incidents[i % INCIDENTS], .propose = true };
        uint64_t start_ns = thread_cpu_ns();
        step(&command);
        taken_ns[i] = thread_cpu_ns() - start_ns;
        REQUIRE(!verdict.refusal && verdict.events[0].plan_activated.picks_count == 13);
    }
    qsort(taken_ns, plans, sizeof *taken_ns, compare);
    const uint64_t p50_ns = taken_ns[plans / 2];
    const uint64_t p99_ns = taken_ns[plans - plans / 100 - 1];
    const uint64_t most_ns = taken_ns[plans - 1];
    printf("%u units, 13 picks of 5 kinds: p50 %.1f µs, p99 %.1f µs, most %.1f µs\n", units,
           (double)p50_ns / 1000, (double)p99_ns / 1000, (double)most_ns / 1000);
    return 0;
}
