/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When what breaks. Each kind of fault is a chain of its own: the next one is planned when one
 * happens. */
#include "tests/sim/sim.h"

static uint64_t wait(struct sim *sim, uint64_t mean_ms)
{
    return kernel_wait(&sim->kernel, STREAM_FAULTS, mean_ms);
}

static uint64_t below(struct sim *sim, uint64_t limit)
{
    return kernel_below(&sim->kernel, STREAM_FAULTS, limit);
}

static void again(struct sim *sim, uint64_t mean_ms, happening *happens)
{
    if (mean_ms)
        kernel_plan(&sim->kernel, wait(sim, mean_ms), happens, sim, 0);
}

static void crash(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    (void)what;
    if (sim->healing)
        return;
    node_crash(&sim->node);
    again(sim, sim->swarm.crash_every_ms, crash);
}

static void pause(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    (void)what;
    if (sim->healing)
        return;
    node_pause(&sim->node, wait(sim, sim->swarm.pause_ms));
    again(sim, sim->swarm.pause_every_ms, pause);
}

static void move_clock(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    (void)what;
    if (sim->healing)
        return;
    int64_t by_ms = (int64_t)wait(sim, sim->swarm.clock_jump_ms);
    node_move_clock(&sim->node, below(sim, 2) ? by_ms : -by_ms);
    again(sim, sim->swarm.clock_jump_every_ms, move_clock);
}

static void cut(struct sim *sim, struct port *port)
{
    port_cut(port, wait(sim, sim->swarm.partition_ms), PORT_BOTH_WAYS);
}

/* One program, or the dispatcher from all of them. */
static void partition(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    uint64_t one = below(sim, 8);
    (void)what;
    if (sim->healing)
        return;
    sim->partitions++;
    for (uint32_t i = 0; i < sim->swarm.trunks; i++)
        if (one == i || one == 7)
            cut(sim, &sim->trunks[i].port);
    for (uint32_t i = 0; i < sim->swarm.posts; i++)
        if (one == TRUNKS_MAX + i || one == 7)
            cut(sim, &sim->posts[i].port);
    if (one >= 6)
        cut(sim, &sim->console);
    again(sim, sim->swarm.partition_every_ms, partition);
}

/* Everybody is cut off one by one, and heard again in another order. */
static void clog_all(struct sim *sim, uint64_t mean_ms)
{
    struct kernel *kernel = &sim->kernel;
    for (uint32_t i = 0; i < sim->swarm.trunks; i++)
        port_cut(&sim->trunks[i].port, kernel_wait(kernel, STREAM_PLANS, mean_ms), PORT_BOTH_WAYS);
    for (uint32_t i = 0; i < sim->swarm.posts; i++)
        port_cut(&sim->posts[i].port, kernel_wait(kernel, STREAM_PLANS, mean_ms), PORT_BOTH_WAYS);
    port_cut(&sim->console, kernel_wait(kernel, STREAM_PLANS, mean_ms / 4), PORT_BOTH_WAYS);
}

/* Gateways for calls hear nothing of a dispatcher for longer than a partition lasts; on some seeds it is then that all
 * call at once. */
static void outage(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    struct kernel *kernel = &sim->kernel;
    uint64_t all = sim->swarm.trunks;
    uint64_t one = kernel_below(kernel, STREAM_PLANS, all + 2);
    uint64_t for_ms = kernel_wait(kernel, STREAM_PLANS, sim->swarm.outage_ms);
    uint64_t way = kernel_below(kernel, STREAM_PLANS, 4); /* half of them cut both */
    (void)what;
    if (sim->healing)
        return;
    sim->partitions++;
    for (uint32_t i = 0; i < sim->swarm.trunks; i++)
        if (one == i || one == all)
            port_cut(&sim->trunks[i].port, for_ms, (enum port_way)(way < 3 ? way : 0));
    if (one > all)
        clog_all(sim, for_ms);
    if (sim->swarm.flood)
        sim->flood_until_ms = kernel->now_ms + for_ms;
    kernel_plan(kernel, kernel_wait(kernel, STREAM_PLANS, sim->swarm.outage_every_ms), outage, sim,
                0);
}

static void gateway_crash(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    uint64_t one = below(sim, sim->swarm.trunks + sim->swarm.posts);
    uint64_t for_ms = wait(sim, 20 * SECOND_MS);
    (void)what;
    if (sim->healing)
        return;
    sim->gateway_crashes++;
    if (one < sim->swarm.trunks)
        trunk_crash(&sim->trunks[one], for_ms);
    else
        post_crash(&sim->posts[one - sim->swarm.trunks], for_ms);
    again(sim, sim->swarm.gateway_crash_every_ms, gateway_crash);
}

static void err(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    (void)what;
    if (sim->healing)
        return;
    slip(sim);
    again(sim, DAY_MS / (1 + (uint64_t)sim->swarm.volume * sim->swarm.errors / 100), err);
}

void storm_begin(struct sim *sim)
{
    const struct swarm *swarm = &sim->swarm;
    again(sim, swarm->crash_every_ms, crash);
    again(sim, swarm->pause_every_ms, pause);
    again(sim, swarm->clock_jump_every_ms, move_clock);
    again(sim, swarm->partition_every_ms, partition);
    again(sim, swarm->gateway_crash_every_ms, gateway_crash);
    if (swarm->outage_every_ms)
        kernel_plan(&sim->kernel, kernel_wait(&sim->kernel, STREAM_PLANS, swarm->outage_every_ms),
                    outage, sim, 0);
    if (swarm->errors)
        again(sim, HOUR_MS, err);
}
