/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Callers who hung up before the dispatcher had room for them, as the real gateway keeps them
 * (gateways/trunk/gone.h): said again until it has, or counted. */
#include <string.h>

#include "base/require.h"
#include "tests/sim/sim.h"
#include "tests/sim/trunk.h"

static struct gone *gone_of(struct trunk *trunk, uint64_t call)
{
    for (uint32_t i = 0; i < trunk->gone_count; i++)
        if (trunk->gone[i].call == call)
            return &trunk->gone[i];
    return NULL;
}

static void forget(struct trunk *trunk, struct gone *gone)
{
    *gone = trunk->gone[--trunk->gone_count];
}

static bool matters(const struct gone *gone)
{
    return gone->line != 12345 || gone->talk.answered_ms != 0;
}

static void say(struct trunk *trunk, struct gone *gone)
{
    struct command arrive = command_of(COMMAND_CONTACT_ARRIVE);
    struct command talk = command_of(COMMAND_CONTACT_SURVIVE);
    struct command end = command_of(COMMAND_CONTACT_END);
    arrive.contact_arrive.call = gone->call;
    arrive.contact_arrive.line = gone->line;
    arrive.contact_arrive.channel = CHANNEL_VOICE;
    arrive.contact_arrive.arrived_ms = gone->arrived_ms;
    talk.contact_survive = gone->talk;
    end.contact_end.call = gone->call;
    end.contact_end.cause = gone->cause;
    (void)port_submit(&trunk->port, &arrive, 0, gone->citizen, NULL);
    if (gone->talk.answered_ms)
        (void)trunk_submit(trunk, talk);
    gone->ticket = trunk_submit(trunk, end);
}

static void turn_away(struct trunk *trunk, struct gone *gone)
{
    trunk_turn_away(trunk, gone->call, gone->line, gone->arrived_ms);
    forget(trunk, gone);
}

static void is_due(void *owner, uint64_t call)
{
    struct trunk *trunk = owner;
    struct gone *gone = gone_of(trunk, call);
    if (!gone)
        return;
    if (trunk->port.alive && !matters(gone)) {
        turn_away(trunk, gone);
        return;
    }
    kernel_plan(&trunk->sim->kernel, 4 * SECOND_MS, is_due, trunk, call);
    if (trunk->port.alive && !gone->ticket)
        say(trunk, gone);
}

static struct gone *begin(struct trunk *trunk, uint64_t call, uint32_t line, uint64_t arrived_ms,
                          uint32_t citizen)
{
    REQUIRE(trunk->gone_count < GONE_MAX);
    struct gone *gone = &trunk->gone[trunk->gone_count++];
    *gone = (struct gone){ .call = call,
                           .line = line,
                           .citizen = citizen,
                           .arrived_ms = arrived_ms,
                           .cause = END_CAUSE_CALLER };
    if (line != 12345)
        auditor_promised(&trunk->sim->auditor, trunk->port.gateway, call);
    kernel_plan(&trunk->sim->kernel, SECOND_MS, is_due, trunk, call);
    return gone;
}

void gone_take(struct trunk *trunk, const struct call *call, enum end_cause cause)
{
    struct gone *gone = begin(trunk, call->number, call->line, call->arrived_ms, call->citizen);
    gone->cause = cause;
    if (!call->told_ms)
        return;
    gone->talk.call = call->number;
    gone->talk.user = call->taker;
    gone->talk.answered_ms = call->told_ms;
    memcpy(gone->talk.phone, call->phone, sizeof call->phone);
}

/* Of several telephones one after the other the last one is told of; nobody hears of those before. */
static void take_talk(struct trunk *trunk, struct gone *gone, const struct contact_survive *said,
                      enum refusal refusal)
{
    struct contact_survive left = gone->talk;
    if (left.answered_ms > said->answered_ms)
        left = *said;
    else
        gone->talk = *said;
    if (left.answered_ms && left.answered_ms != gone->talk.answered_ms)
        auditor_survival_heard(&trunk->sim->auditor, trunk->port.gateway, left.call,
                               left.answered_ms, refusal);
}

void gone_hear_refused(struct trunk *trunk, const struct command *said, uint32_t citizen,
                       enum refusal refusal)
{
    const struct contact_arrive *arrive = &said->contact_arrive;
    struct gone *gone;
    switch (said->kind) {
    case COMMAND_CONTACT_ARRIVE:
        if (refusal == REFUSAL_LIMIT && !gone_of(trunk, arrive->call) &&
            !trunk_find(trunk, arrive->call))
            (void)begin(trunk, arrive->call, arrive->line, arrive->arrived_ms, citizen);
        return;
    case COMMAND_CONTACT_SURVIVE:
        gone = gone_of(trunk, said->contact_survive.call);
        if (gone)
            take_talk(trunk, gone, &said->contact_survive, refusal);
        else if (!trunk_find(trunk, said->contact_survive.call)) /* over, and out of its memory */
            auditor_survival_heard(&trunk->sim->auditor, trunk->port.gateway,
                                   said->contact_survive.call, said->contact_survive.answered_ms,
                                   refusal);
        return;
    case COMMAND_CONTACT_END:
        gone = gone_of(trunk, said->contact_end.call);
        if (gone)
            gone->cause = said->contact_end.cause;
        return;
    default:
        return;
    }
}

bool gone_hear_outcome(struct trunk *trunk, uint64_t ticket, enum refusal refusal)
{
    for (uint32_t i = 0; ticket && i < trunk->gone_count; i++) {
        struct gone *gone = &trunk->gone[i];
        if (gone->ticket != ticket)
            continue;
        gone->ticket = 0;
        if (refusal == REFUSAL_NONE || refusal == REFUSAL_ALREADY)
            forget(trunk, gone);
        return true;
    }
    return false;
}

void gone_crash(struct trunk *trunk)
{
    for (uint32_t i = 0; i < trunk->gone_count; i++)
        trunk->gone[i].ticket = 0;
}
