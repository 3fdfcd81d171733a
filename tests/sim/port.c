/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "gateways/link/link.h"
#include "tests/sim/sim.h"
#include "tests/sim/trio.h"
#include "tests/sim/wire.h"

enum {
    AGAIN_MS = 100 /* nobody listened */
};

static bool is_whole(const struct port *port)
{
    return port->sim->swarm.depth == DEPTH_WHOLE;
}

static bool is_cut(const struct port *port)
{
    return port->sim->kernel.now_ms < port->cut_until_ms;
}

/* A frame's way, with what loss and resending cost. */
static uint64_t delay_ms(const struct port *port)
{
    struct kernel *kernel = &port->sim->kernel;
    const struct swarm *swarm = &port->sim->swarm;
    uint64_t delay = kernel_wait(kernel, STREAM_NETWORK, swarm->delay_ms);
    if (kernel_chance(kernel, STREAM_NETWORK, (uint32_t)swarm->slow_permille))
        delay *= 100;
    for (uint32_t i = 0; i < 5 && kernel_chance(kernel, STREAM_NETWORK, swarm->loss); i++)
        delay += 300ULL << i;
    return delay;
}

void port_refused(struct port *port, const struct command *said, uint32_t citizen,
                  const struct outcome *outcome)
{
    bool taken = outcome->refusal == REFUSAL_NONE || outcome->refusal == REFUSAL_ALREADY;
    if (!taken && port->handlers.refused)
        port->handlers.refused(port->owner, said, citizen, outcome->refusal);
}

/* ---- a bare port ----------------------------------------------------------------------------- */

static void answer(void *owner, uint64_t what)
{
    struct port *port = owner;
    /* A parcel's address is no number of the simulation: nothing but this reads it. */
    struct parcel *parcel = (struct parcel *)(uintptr_t)what;
    if (!port->alive) { /* the next process hears what was not taken, as of the real link */
        kernel_plan(&port->sim->kernel, AGAIN_MS, answer, port, what);
        return;
    }
    bool own = parcel->epoch == port->epoch && parcel->ticket;
    if (own)
        auditor_answered(&port->sim->auditor, parcel->asked_seq, &parcel->outcome);
    port_refused(port, &parcel->command, (uint32_t)parcel->command.caller, &parcel->outcome);
    if (own && port->handlers.outcome)
        port->handlers.outcome(port->owner, parcel->ticket, &parcel->outcome);
    free(parcel);
}

static void arrive(void *owner, uint64_t what)
{
    struct port *port = owner;
    (void)what;
    if (port->alone)
        (void)port_silent_ms(port); /* a hello comes first */
    struct parcel *parcel = port->first;
    REQUIRE(parcel);
    port->asker.serial = parcel->serial;
    if (is_cut(port) ||
        !node_take(&port->sim->node, &parcel->command, &port->asker, &parcel->outcome)) {
        kernel_plan(&port->sim->kernel, AGAIN_MS, arrive, port, 0);
        return;
    }
    port->first = parcel->next;
    if (!port->first)
        port->last = NULL;
    if (parcel->command.kind == COMMAND_GATEWAY_RISE)
        port->fallen = false;
    kernel_plan(&port->sim->kernel, delay_ms(port), answer, port, (uint64_t)(uintptr_t)parcel);
}

static void send(struct port *port, struct parcel *parcel)
{
    uint64_t now_ms = port->sim->kernel.now_ms;
    uint64_t at_ms = now_ms + delay_ms(port);
    if (at_ms > port->arrives_ms)
        port->arrives_ms = at_ms;
    if (port->last)
        port->last->next = parcel;
    else
        port->first = parcel;
    port->last = parcel;
    kernel_plan(&port->sim->kernel, port->arrives_ms - now_ms, arrive, port, 0);
}

static uint64_t submit_bare(struct port *port, const struct command *command, uint32_t user,
                            uint32_t citizen)
{
    struct parcel *parcel = calloc(1, sizeof *parcel);
    REQUIRE(parcel);
    parcel->port = port;
    parcel->ticket = ++port->tickets;
    parcel->serial = ++port->sim->asked;
    parcel->epoch = port->epoch;
    parcel->asked_seq = port->sim->auditor.seq;
    parcel->command = *command;
    parcel->command.caller = citizen;
    parcel->command.has_personal = citizen != 0;
    parcel->command.actor_kind = user ? ACTOR_KIND_USER : ACTOR_KIND_GATEWAY;
    parcel->command.actor = user ? user : port->gateway;
    send(port, parcel);
    return parcel->ticket;
}

/* What was done alone is told after the hello that says so. */
static void say_first(struct port *port)
{
    struct parcel *before = port->first, *hello = port->last;
    while (before && before->next && before->next != hello)
        before = before->next;
    if (!before || before == hello)
        return;
    before->next = NULL;
    port->last = before;
    hello->next = port->first;
    port->first = hello;
}

static void say_rise(struct port *port)
{
    static struct setup setup;
    struct command command = { .kind = COMMAND_GATEWAY_RISE };
    command.gateway_rise.epoch = port->epoch;
    command.gateway_rise.keeps = port->keeps;
    command.gateway_rise.alone = port->alone;
    (void)submit_bare(port, &command, 0, 0);
    if (port->alone)
        say_first(port);
    if (!port->handlers.setup)
        return;
    memset(&setup, 0, sizeof setup);
    roster_setup(&port->sim->node.roster, &setup);
    port->handlers.setup(port->owner, &setup);
}

/* The dispatcher's own patience. */
static void give_up(void *owner, uint64_t silent)
{
    struct port *port = owner;
    struct command command = { .kind = COMMAND_GATEWAY_FALL };
    if (port->silent != silent)
        return;
    if (!port->sim->node.up) {
        kernel_plan(&port->sim->kernel, SECOND_MS, give_up, port, silent);
        return;
    }
    command.gateway_fall.gateway = port->gateway;
    command.gateway_fall.epoch = port->epoch;
    (void)node_system(&port->sim->node, &command);
    port->fallen = true;
}

static void fall_silent(struct port *port)
{
    if (port->silent & 1)
        return;
    port->silent++;
    kernel_plan(&port->sim->kernel, port->sim->node.roster.lost_ms + 1, give_up, port,
                port->silent);
}

static void deliver_orders(void *owner, uint64_t what)
{
    struct port *port = owner;
    (void)what;
    if (!port->alive)
        return; /* the next process gets them */
    if (is_cut(port)) {
        kernel_plan(&port->sim->kernel, AGAIN_MS, deliver_orders, port, 0);
        return;
    }
    if (port->sim->node.trio)
        port->asker.epoch = trio_epoch(port->sim->node.trio);
    for (uint32_t i = 0; i < port->order_count && port->alive; i++)
        if (port->handlers.order)
            port->handlers.order(port->owner, &port->orders[i]);
    port->order_count = 0;
}

void port_deliver(struct port *port, const struct order *order)
{
    if (port->order_count == PORT_ORDERS_MAX)
        port->order_count--; /* to a gateway that is dead for hours */
    port->orders[port->order_count] = *order;
    port->orders[port->order_count++].seq = ++port->order_seq;
    kernel_plan(&port->sim->kernel, delay_ms(port), deliver_orders, port, 0);
}

static void hear_again(void *owner, uint64_t silent)
{
    struct port *port = owner;
    if (port->silent != silent || is_cut(port) || !port->alive)
        return;
    port->silent++;
    if (port->fallen)
        say_rise(port);
    deliver_orders(port, 0);
}

static bool hears(const struct port *port)
{
    return !is_cut(port) && node_listens(&port->sim->node);
}

uint64_t port_silent_ms(struct port *port)
{
    if (is_whole(port))
        return port->alive ? wire_silent_ms(port) : 0;
    uint64_t now_ms = port->sim->kernel.now_ms;
    uint64_t silent_ms = now_ms - port->heard_ms;
    if (!hears(port))
        return silent_ms;
    if (port->alone && silent_ms >= LINK_DEAD_MS)
        say_rise(port); /* else the connection stood, and nobody noticed */
    port->heard_ms = now_ms;
    return 0;
}

bool port_is_up(const struct port *port)
{
    return is_whole(port) ? wire_is_up(port) : hears(port);
}

void port_was_alone(struct port *port, bool alone)
{
    port->alone = alone;
    if (is_whole(port))
        wire_was_alone(port, alone);
}

/* ---- both ---------------------------------------------------------------------------------------- */

void port_open(struct port *port, struct sim *sim, uint32_t gateway, const char *name,
               const struct port_handlers *handlers, void *owner)
{
    *port = (struct port){
        .sim = sim, .gateway = gateway, .handlers = *handlers, .owner = owner, .epoch = gateway
    };
    (void)snprintf(port->name, sizeof port->name, "%s", name);
    port->orders = calloc(PORT_ORDERS_MAX, sizeof *port->orders);
    REQUIRE(port->orders);
    port_rise(port);
}

void port_close(struct port *port)
{
    if (is_whole(port))
        wire_close(port);
    for (struct parcel *parcel = port->first; parcel;) {
        struct parcel *next = parcel->next;
        free(parcel);
        parcel = next;
    }
    free(port->orders);
}

void port_die(struct port *port)
{
    if (!port->alive)
        return;
    port->alive = false;
    if (is_whole(port))
        wire_die(port);
    else
        fall_silent(port);
}

void port_rise(struct port *port)
{
    if (port->alive)
        return;
    port->alive = true;
    port->alone = false;
    port->heard_ms = port->sim->kernel.now_ms;
    port->epoch += PORTS_MAX + 1;
    if (is_whole(port)) {
        wire_rise(port);
        return;
    }
    if (port->silent & 1)
        port->silent++;
    say_rise(port);
    deliver_orders(port, 0);
}

void port_cut(struct port *port, uint64_t for_ms, enum port_way way)
{
    uint64_t until_ms = port->sim->kernel.now_ms + for_ms;
    if (until_ms <= port->cut_until_ms)
        return;
    port->cut_until_ms = until_ms;
    port->cut_way = way;
    if (is_whole(port) || !port->alive)
        return;
    fall_silent(port);
    kernel_plan(&port->sim->kernel, for_ms + 1, hear_again, port, port->silent);
}

uint64_t port_submit(struct port *port, const struct command *command, uint32_t user,
                     uint32_t citizen, const char *words)
{
    if (!port->alive)
        return 0;
    return is_whole(port) ? wire_submit(port, command, user, citizen, words)
                          : submit_bare(port, command, user, citizen);
}

void port_done(struct port *port, uint64_t seq)
{
    if (is_whole(port) && port->alive)
        wire_done(port, seq);
}
