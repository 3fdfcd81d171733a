/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/survive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/dial_plan.h"
#include "gateways/trunk/plan_turn.h"
#include "tests/sim/ledger.h"
#include "tests/sim/sim.h"

enum {
    ALONE_LOOK_MS = 100,
    OVERFLOW_PERMILLE = 300, /* of plans that end with a number of somebody else */
    BUSY_MS = 300            /* until a telephone says so */
};

static struct kernel *kernel_of(struct trunk *trunk)
{
    return &trunk->sim->kernel;
}

static uint64_t between(struct sim *sim, uint64_t from, uint64_t to)
{
    return kernel_between(&sim->kernel, STREAM_PLANS, from, to);
}

static bool chance(struct sim *sim, uint32_t permille)
{
    return kernel_chance(&sim->kernel, STREAM_PLANS, permille);
}

/* ---- plans ------------------------------------------------------------------------------------- */

void survive_row(struct sim *sim, struct line_row *row)
{
    size_t length = 0, room = sizeof row->survival;
    if (!chance(sim, sim->swarm.plans))
        return;
    for (uint64_t left = between(sim, 1, 6); left > 0; left--)
        length += (size_t)snprintf(row->survival + length, room - length, "%s%u",
                                   length == 0        ? ""
                                   : chance(sim, 500) ? "&"
                                                      : " ",
                                   FIRST_TAKER + (unsigned)between(sim, 0, sim->swarm.takers - 1));
    if (chance(sim, OVERFLOW_PERMILLE))
        (void)snprintf(row->survival + length, room - length, " sip:0551%u@10.1.2.3", row->line);
}

void survive_open(struct trunk *trunk)
{
    trunk->plan = calloc(1, sizeof *trunk->plan);
    REQUIRE(trunk->plan);
    dial_plan_default(trunk->plan);
}

void survive_close(struct trunk *trunk)
{
    free(trunk->plan);
}

void survive_take_plan(struct trunk *trunk, const struct setup *setup)
{
    if (setup->lines_count > 0)
        dial_plan_from_setup(trunk->plan, setup);
}

void survive_learn(struct trunk *trunk, uint32_t user, const char *phone)
{
    (void)dial_plan_learn(trunk->plan, user, phone);
}

static const char *plan_of(const struct trunk *trunk, const struct call *call)
{
    const struct line *line = dial_plan_line(trunk->plan, call->line);
    return line ? line->survival : "";
}

static bool is_emergency(const struct trunk *trunk, const struct call *call)
{
    const struct line *line = dial_plan_line(trunk->plan, call->line);
    return line && line->emergency;
}

/* ---- telephones -------------------------------------------------------------------------------- */

static struct leg *leg_of(struct trunk *trunk, uint64_t id)
{
    for (uint32_t i = 0; i < trunk->leg_count; i++)
        if (trunk->legs[i].id == id)
            return &trunk->legs[i];
    return NULL;
}

static void stop(struct trunk *trunk, struct leg *leg)
{
    *leg = trunk->legs[--trunk->leg_count];
}

void survive_stop(struct trunk *trunk, const struct call *call)
{
    for (uint32_t i = trunk->leg_count; i-- > 0;)
        if (trunk->legs[i].call == call->number)
            stop(trunk, &trunk->legs[i]);
}

void survive_yield(struct trunk *trunk, const struct call *call, const char *phone)
{
    for (uint32_t i = trunk->leg_count; i-- > 0;)
        if (trunk->legs[i].call == call->number || strcmp(trunk->legs[i].uri, phone) == 0)
            stop(trunk, &trunk->legs[i]);
}

static bool engages(const struct trunk *trunk, uint32_t user)
{
    for (uint32_t i = 0; i < trunk->count; i++)
        if (trunk->calls[i].taker == user && trunk->calls[i].state >= CALL_ANSWERING)
            return true;
    return false;
}

bool survive_engages(const struct sim *sim, uint32_t user)
{
    for (uint32_t i = 0; i < sim->swarm.trunks; i++)
        for (uint32_t j = 0; j < sim->trunks[i].count; j++)
            if (sim->trunks[i].calls[j].survived && sim->trunks[i].calls[j].taker == user)
                return true;
    return false;
}

/* At any gateway: a telephone says busy to whom does not know of the other's calls. */
static bool is_busy(const struct sim *sim, uint32_t user)
{
    for (uint32_t i = 0; user && i < sim->swarm.trunks; i++)
        if (engages(&sim->trunks[i], user))
            return true;
    return false;
}

void survive_report(struct trunk *trunk, struct call *call)
{
    struct command command = command_of(COMMAND_CONTACT_SURVIVE);
    struct contact_survive *told = &command.contact_survive;
    told->call = call->number;
    told->user = call->taker;
    told->answered_ms = call->answered_ms;
    (void)text_copy(told->phone, sizeof told->phone, call->phone);
    auditor_survives(&trunk->sim->auditor, trunk->port.gateway, call->line, told, trunk->alone);
    if (call->survive_ticket && call->earlier_count < EARLIER_MAX)
        call->earlier[call->earlier_count++] =
            (struct report){ call->survive_ticket, call->told_ms };
    call->told_ms = call->answered_ms;
    call->survive_ticket = trunk_submit(trunk, command);
    if (trunk->sim->swarm.depth == DEPTH_BARE) /* what a bare port has outlives its process */
        auditor_survival_kept(&trunk->sim->auditor, trunk->port.gateway, call->number,
                              call->told_ms);
}

bool survive_slip(struct trunk *trunk, const struct contact_survive *said)
{
    const struct auditor *auditor = &trunk->sim->auditor;
    const struct call *call = trunk_find(trunk, said->call);
    uint32_t place = ledger_find(auditor, LEDGER_CALL, said->call, trunk->port.gateway);
    if (!call && !place)
        return false;
    auditor_survives(&trunk->sim->auditor, trunk->port.gateway,
                     call ? call->line : auditor->contacts[place - 1].dialled, said, false);
    return true;
}

static void answers(void *owner, uint64_t id)
{
    struct trunk *trunk = owner;
    struct leg *leg = leg_of(trunk, id);
    if (!leg)
        return;
    if (!trunk->port.alive) { /* it says so again, until somebody hears it */
        kernel_plan(kernel_of(trunk), BUSY_MS, answers, trunk, id);
        return;
    }
    struct call *call = trunk_find(trunk, leg->call);
    if (!call || call->state >= CALL_ANSWERING || is_busy(trunk->sim, leg->user)) {
        stop(trunk, leg);
        return;
    }
    call->survived = true;
    call->offer = 0;
    call->taker = leg->user;
    call->answered_ms = MONDAY_MIDNIGHT_MS + kernel_of(trunk)->now_ms;
    memcpy(call->phone, leg->uri, sizeof call->phone);
    survive_stop(trunk, call);
    trunk->sim->survived++;
    trunk_talk(trunk, call);
    survive_report(trunk, call);
}

static void gives_up(void *owner, uint64_t id)
{
    struct trunk *trunk = owner;
    struct leg *leg = leg_of(trunk, id);
    if (leg)
        stop(trunk, leg);
}

static void live(struct trunk *trunk, const struct leg *leg)
{
    struct sim *sim = trunk->sim;
    bool misses = chance(sim, sim->swarm.misses + 100);
    bool refuses =
        is_busy(sim, leg->user) || chance(sim, sim->swarm.phone_fails + sim->swarm.declines);
    kernel_plan(kernel_of(trunk), refuses ? BUSY_MS : sim->swarm.plan_ring_ms, gives_up, trunk,
                leg->id);
    if (!misses && !refuses)
        kernel_plan(kernel_of(trunk), between(sim, 500, 9000), answers, trunk, leg->id);
}

/* ---- whose turn it is -------------------------------------------------------------------------- */

static bool waits(const struct trunk *trunk, const struct call *call)
{
    if (call->state >= CALL_ANSWERING || !call->kept || !plan_of(trunk, call)[0] ||
        call->plan_ms > trunk->sim->kernel.now_ms)
        return false;
    for (uint32_t i = 0; i < trunk->leg_count; i++)
        if (trunk->legs[i].call == call->number)
            return false;
    return true;
}

static struct plan_caller in_plan(const struct trunk *trunk, const struct call *call)
{
    return (struct plan_caller){ is_emergency(trunk, call), call->arrived_ms, call->number };
}

static struct call *next_call(struct trunk *trunk)
{
    struct call *best = NULL;
    for (uint32_t i = 0; i < trunk->count; i++) {
        struct call *call = &trunk->calls[i];
        struct plan_caller one = in_plan(trunk, call);
        struct plan_caller other = best ? in_plan(trunk, best) : one;
        if (waits(trunk, call) && (!best || plan_comes_before(&one, &other)))
            best = call;
    }
    return best;
}

/* Of this gateway: what it knows. */
static bool is_engaged(struct trunk *trunk, const char *uri, bool emergency)
{
    for (uint32_t i = 0; i < trunk->count; i++) {
        const struct call *call = &trunk->calls[i];
        struct plan_leg leg = { .talks = call->state >= CALL_ANSWERING,
                                .rings = call->state == CALL_RINGING };
        if (strcmp(call->phone, uri) == 0 && plan_use_of(&leg, emergency) != PLAN_FREE)
            return true;
    }
    for (uint32_t i = trunk->leg_count; i-- > 0;) {
        const struct call *call = trunk_find(trunk, trunk->legs[i].call);
        struct plan_leg leg = { .rings = true,
                                .by_plan = true,
                                .for_emergency = call && is_emergency(trunk, call) };
        if (strcmp(trunk->legs[i].uri, uri) != 0)
            continue;
        if (plan_use_of(&leg, emergency) == PLAN_ENGAGED)
            return true;
        stop(trunk, &trunk->legs[i]);
    }
    return false;
}

static void ring_step(struct trunk *trunk, struct call *call)
{
    struct survival_target targets[SURVIVAL_TARGETS_MAX];
    uint32_t count = plan_take_step(plan_of(trunk, call), &call->plan_step, targets);
    call->plan_ms = trunk->sim->kernel.now_ms + trunk->sim->swarm.plan_pause_ms;
    for (uint32_t i = 0; i < count; i++) {
        const char *uri = dial_plan_uri(trunk->plan, &targets[i]);
        if (!uri || trunk->leg_count == LEGS_MAX ||
            is_engaged(trunk, uri, is_emergency(trunk, call)))
            continue;
        struct leg *leg = &trunk->legs[trunk->leg_count++];
        *leg =
            (struct leg){ .id = ++trunk->last_leg, .call = call->number, .user = targets[i].user };
        (void)text_copy(leg->uri, sizeof leg->uri, uri);
        live(trunk, leg);
    }
}

/* No telephone rings by plan for an ordinary caller while one of those in danger could be rung there. (I38) */
static void check_order(struct trunk *trunk, const struct call *rung)
{
    for (uint32_t i = 0; i < trunk->count && !is_emergency(trunk, rung); i++)
        if (is_emergency(trunk, &trunk->calls[i]) && waits(trunk, &trunk->calls[i]))
            auditor_broken("I38", "an ordinary caller is put through before one in danger");
}

/* ---- the time without one ---------------------------------------------------------------------- */

static void begin(struct trunk *trunk)
{
    trunk->alone = true;
    trunk->silent_ms =
        MONDAY_MIDNIGHT_MS + trunk->sim->kernel.now_ms - port_silent_ms(&trunk->port);
    trunk->sim->alone++;
    port_was_alone(&trunk->port, true);
}

/* An offer's telephone answered in the silence: the dispatcher knows of no answer, and may have given the offer up. */
static void keep_answered(struct trunk *trunk, struct call *call)
{
    if (call->state != CALL_ANSWERING || call->answered_ms < trunk->silent_ms)
        return;
    call->survived = true;
    call->offer = call->answer_ticket = 0;
    trunk_talk(trunk, call);
}

void survive_over(struct trunk *trunk)
{
    if (!trunk->alone)
        return;
    for (uint32_t i = 0; i < trunk->count; i++)
        keep_answered(trunk, &trunk->calls[i]);
    trunk->alone = false;
    port_was_alone(&trunk->port, false);
    trunk_name_all(trunk);
}

static void look(void *owner, uint64_t what)
{
    struct trunk *trunk = owner;
    uint64_t after_ms = trunk->sim->swarm.alone_after_ms;
    uint64_t silent_ms = port_silent_ms(&trunk->port);
    struct call *call;
    (void)what;
    if (trunk->port.alive && silent_ms >= after_ms && !trunk->alone)
        begin(trunk);
    else if (trunk->port.alive && silent_ms < after_ms && trunk->alone &&
             port_is_up(&trunk->port)) {
        auditor_stood(&trunk->sim->auditor, trunk->port.gateway);
        survive_over(trunk);
    }
    while (trunk->port.alive && trunk->alone && (call = next_call(trunk)) != NULL) {
        check_order(trunk, call);
        ring_step(trunk, call);
    }
    bool soon = trunk->alone || after_ms < 4 * ALONE_LOOK_MS;
    kernel_plan(kernel_of(trunk), soon ? ALONE_LOOK_MS : after_ms / 4, look, trunk, 0);
}

void survive_listen(struct trunk *trunk)
{
    look(trunk, 0);
}
