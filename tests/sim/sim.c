/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sim: a city and its dispatcher in virtual time, watched by the auditor. Equal arguments are equal
 * runs. Many seeds at once, and the smallest failure of one: ops/sim.
 *     sim SEED [--days D] [--volume N] [--faults PERCENT] [--depth bare|whole] [--strangers]
 *         [--nodes 3]               bare, with three dispatchers and their journal service (trio.h)
 *         [--journal FILE]          also writes the history of a bare run (tests/golden)
 * First the faults, then everything heals, and what is left must come to rest in bounded time. */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/require.h"
#include "dispatcher/core/city.h"
#include "tests/golden/journal_file.h"
#include "tests/sim/trio.h"

enum {
    LOOK_EVERY_MS = 7 * MINUTE_MS, /* the auditor looks at everything */
    GRACE_MS = 2000,               /* deadlines are handled within it (I9) */
    QUEUE_DRAINS_MS = 90 * MINUTE_MS,
    SWEEPS = 40 /* of everything that lay about, a day apart */
};

struct command command_of(enum command_kind kind)
{
    return (struct command){ .kind = kind };
}

void console_send(struct sim *sim, uint32_t user, const struct command *command)
{
    if (user) /* 0: nobody's seat */
        (void)port_submit(&sim->console, command, user, 0, NULL);
}

void sim_see(struct sim *sim, const struct event *event)
{
    auditor_see(&sim->auditor, event);
    if (sim->swarm.depth == DEPTH_BARE)
        sim_show(sim, event);
}

void sim_show(struct sim *sim, const struct event *event)
{
    desks_see(sim, event);
    office_see(sim, event);
    bureau_see(sim, event);
    trade_see(sim, event);
    crew_see(sim, event);
    talk_see(sim, event);
    guest_see(sim, event);
    kin_see(sim, event);
    notices_see(sim, event);
    caller_see(sim, event);
}

/* ---- watching -------------------------------------------------------------------------------- */

static void look(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    (void)what;
    kernel_plan(&sim->kernel, LOOK_EVERY_MS, look, sim, 0);
    node_check(&sim->node);
    if (node_is_settled(&sim->node, GRACE_MS))
        auditor_rest(&sim->auditor, node_clock_ms(&sim->node) - GRACE_MS);
}

/* ---- the two phases -------------------------------------------------------------------------- */

static void open_city(struct sim *sim)
{
    uint64_t initial[PARAMETER_COUNT];
    for (enum parameter parameter = 0; parameter < PARAMETER_COUNT; parameter++)
        initial[parameter] = parameter_rule(parameter)->initial;
    auditor_open(&sim->auditor, initial);
    node_open(&sim->node, sim);
    sim->auditor.callbacks_most = sim->node.limits.callbacks; /* of a bare run */
    city_define(sim);
    node_start(&sim->node);
    for (uint32_t i = 0; i < sim->swarm.trunks; i++)
        trunk_open(&sim->trunks[i], sim, i + 1);
    for (uint32_t i = 0; i < sim->swarm.posts; i++)
        post_open(&sim->posts[i], sim, TRUNKS_MAX + 1 + i);
    static const struct port_handlers silent = { 0 };
    port_open(&sim->console, sim, GATEWAY_CONSOLE, "console", &silent, sim);
    for (uint32_t i = 0; i < sim->swarm.takers; i++)
        desk_open(&sim->desks[i], sim, FIRST_TAKER + i, i);
}

static void close_city(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->swarm.trunks; i++)
        trunk_close(&sim->trunks[i]);
    for (uint32_t i = 0; i < sim->swarm.posts; i++)
        post_close(&sim->posts[i]);
    port_close(&sim->console);
    node_close(&sim->node);
    auditor_close(&sim->auditor);
}

/* Parameters that were turned to the absurd are set back, so that "in bounded time" means something. */
static void set_back(struct sim *sim)
{
    for (enum parameter parameter = 1; parameter < PARAMETER_COUNT; parameter++) {
        struct command command = command_of(COMMAND_PARAMETER_SET);
        command.parameter_set.parameter = parameter;
        command.parameter_set.value = parameter_rule(parameter)->initial;
        if (parameter_name(parameter)[0] != '?' && parameter != PARAMETER_UTC_OFFSET_MIN)
            (void)node_system(&sim->node, &command); /* as when a city's table is loaded anew */
    }
}

static void heal(struct sim *sim)
{
    sim->healing = sim->closing = true;
    if (sim->node.trio)
        trio_heal(sim->node.trio);
    swarm_heal(&sim->swarm);
    kernel_run(&sim->kernel, sim->kernel.now_ms + 10 * MINUTE_MS); /* machines come back */
    set_back(sim);
    desks_heal(sim);
    kernel_run(&sim->kernel, sim->kernel.now_ms + QUEUE_DRAINS_MS);
    auditor_drained(&sim->auditor);
    for (uint32_t i = 0; i < sim->sweeps; i++) {
        office_sweep(sim);
        bureau_sweep(sim);
        kernel_run(&sim->kernel, sim->kernel.now_ms + DAY_MS);
    }
    kernel_run(&sim->kernel, sim->kernel.now_ms + HOUR_MS);
    node_check(&sim->node);
    auditor_rest(&sim->auditor, node_clock_ms(&sim->node) - GRACE_MS);
    auditor_finished(&sim->auditor, sim->sweeps > 0);
    node_prove(&sim->node);
}

static double cpu_s(void)
{
    struct timespec used;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void report(const struct sim *sim)
{
    const struct node *node = &sim->node;
    const struct trio *trio = node->trio;
    uint64_t first = sim->swarm.depth == DEPTH_BARE ? sim->swarm.first_seq : 0;
    (void)printf(
        "seed %" PRIu64 ": %s %.2f days %.1f cpu %" PRIu64 " calls %" PRIu64 " texts %" PRIu64
        " events %" PRIu64 " commands %" PRIu64 " refused %" PRIu64 " crashes %" PRIu64
        " pauses %" PRIu64 " jumps %" PRIu64 " partitions %" PRIu64 " gateway-crashes %" PRIu64
        " alone %" PRIu64 " survived %" PRIu64 " errors %" PRIu64 " snapshots %" PRIu64 " unjudged",
        sim->swarm.seed, sim->swarm.depth == DEPTH_WHOLE ? "whole" : "bare", sim->swarm.days,
        cpu_s(), sim->calls, sim->texts, sim->auditor.seq - first, node->commands, node->refused,
        node->crashes, node->pauses, node->jumps, sim->partitions, sim->gateway_crashes, sim->alone,
        sim->survived, sim->errors, node->snapshots, sim->auditor.strangers);
    if (trio)
        (void)printf(" %" PRIu64 " take-overs %" PRIu64 " longest-ms %" PRIu64
                     " hand-overs %" PRIu64 " cuts %" PRIu64 " outages %" PRIu64 " doubts %" PRIu64
                     " deposed",
                     trio->take_overs, trio->longest_ms, trio->hand_overs, trio->cuts,
                     trio->outages, service.doubts, service.deposed);
    (void)printf(" digest %016" PRIx64 "\n", node->digest);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static bool read_option(struct swarm *swarm, const char *name, const char *value, bool *depth)
{
    if (strcmp(name, "--days") == 0)
        swarm->days = strtod(value, NULL);
    else if (strcmp(name, "--volume") == 0)
        swarm->volume = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--faults") == 0)
        swarm->faults = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--nodes") == 0)
        swarm->nodes = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--depth") == 0)
        swarm->depth = strcmp(value, "whole") == 0 ? DEPTH_WHOLE : DEPTH_BARE;
    else
        return false;
    *depth |= strcmp(name, "--depth") == 0;
    return true;
}

static bool read_arguments(struct sim *sim, int argc, char **argv, bool *depth)
{
    if (argc < 2)
        return false;
    sim->swarm.seed = strtoull(argv[1], NULL, 10);
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--strangers") == 0)
            sim->swarm.strangers = true;
        else if (i + 1 < argc && strcmp(argv[i], "--journal") == 0)
            sim->journal = argv[++i];
        else if (i + 1 == argc || !read_option(&sim->swarm, argv[i], argv[i + 1], depth))
            return false;
        else
            i++;
    }
    if (sim->swarm.nodes) { /* three are bare ones */
        sim->swarm.depth = DEPTH_BARE;
        *depth = true;
    }
    return sim->swarm.days > 0 && sim->swarm.volume > 0 &&
           (sim->swarm.nodes == 0 || sim->swarm.nodes == MEMBERS);
}

int main(int argc, char **argv)
{
    static struct sim sim;
    bool depth_is_set = false;
    sim.swarm = (struct swarm){ .days = 1, .volume = 2000, .faults = 100 };
    if (!read_arguments(&sim, argc, argv, &depth_is_set)) {
        (void)fputs("usage: sim SEED [--days D] [--volume N] [--faults PERCENT] "
                    "[--depth bare|whole] [--strangers] [--nodes 3]\n",
                    stderr);
        return 2;
    }
    kernel_open(&sim.kernel, sim.swarm.seed);
    swarm_draw(&sim.swarm, &sim.kernel, depth_is_set);
    sim.sweeps = sim.swarm.depth == DEPTH_BARE ? SWEEPS : 0;
    open_city(&sim);
    city_wake(&sim);
    storm_begin(&sim);
    if (sim.node.trio)
        trio_storm(sim.node.trio);
    kin_wake(&sim);
    notices_wake(&sim);
    kernel_plan(&sim.kernel, LOOK_EVERY_MS, look, &sim, 0);
    kernel_run(&sim.kernel, (uint64_t)(sim.swarm.days * (double)DAY_MS));
    heal(&sim);
    report(&sim);
    if (sim.journal)
        journal_file_write(sim.journal, sim.node.history, (uint32_t)sim.node.history_count);
    close_city(&sim);
    return 0;
}
