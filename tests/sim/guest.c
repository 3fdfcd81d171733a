/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Somebody more in a conversation: takers call in a colleague or a department, a supervisor listens,
 * whispers, speaks, takes over; telephones answer, or do not. */
#include "tests/sim/sim.h"

static uint64_t between(struct sim *sim, uint64_t from, uint64_t to)
{
    return kernel_between(&sim->kernel, STREAM_GUESTS, from, to);
}

static bool chance(struct sim *sim, uint32_t permille)
{
    return kernel_chance(&sim->kernel, STREAM_GUESTS, permille);
}

/* Mostly a taker, whatever they do just now; sometimes a department. */
static void name_guest(struct sim *sim, struct party_invite *asked)
{
    if (chance(sim, 800))
        asked->user = FIRST_TAKER + (uint32_t)between(sim, 0, sim->swarm.takers - 1);
    else
        asked->department = 1 + (uint32_t)between(sim, 0, sim->swarm.departments - 1);
}

static void invite(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_PARTY_INVITE);
    command.party_invite.contact = id;
    if (!contact || contact->state != CONTACT_STATE_CONNECTED)
        return;
    if (chance(sim, 600)) {
        name_guest(sim, &command.party_invite);
        console_send(sim, contact->taker, &command);
        return;
    }
    command.party_invite.role =
        (enum party_role)between(sim, PARTY_ROLE_LISTENER, PARTY_ROLE_BARGE);
    console_send(sim, SUPERVISOR, &command);
    if (chance(sim, 300)) { /* who takes over must be on duty */
        struct command on = command_of(COMMAND_TAKER_SIGN_ON);
        console_send(sim, SUPERVISOR, &on);
    }
}

/* The guest's phone. */
static void phone_answers(struct port *port, uint64_t party)
{
    struct command command = command_of(COMMAND_PARTY_JOIN);
    command.party_join.party = party;
    (void)port_submit(port, &command, 0, 0, NULL);
}

static void phone_leaves(struct port *port, uint64_t party, enum party_out cause)
{
    struct command command = command_of(COMMAND_PARTY_LEAVE);
    command.party_leave.party = party;
    command.party_leave.cause = cause;
    (void)port_submit(port, &command, 0, 0, NULL);
}

void guest_ring(struct sim *sim, struct port *port, uint64_t party)
{
    if (chance(sim, 800))
        phone_answers(port, party);
    else
        phone_leaves(port, party,
                     (enum party_out)between(sim, PARTY_OUT_DECLINED, PARTY_OUT_FAILED));
    if (chance(sim, 200))
        phone_leaves(port, party, PARTY_OUT_LEFT);
}

static void go_on(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    struct command command = command_of(COMMAND_PARTY_DROP);
    command.party_drop.contact = id;
    if (!contact || contact->state != CONTACT_STATE_CONNECTED)
        return;
    switch (between(sim, 0, 3)) {
    case 0:
        command = command_of(COMMAND_PARTY_CHANGE);
        command.party_change.contact = id;
        command.party_change.role =
            (enum party_role)between(sim, PARTY_ROLE_LISTENER, PARTY_ROLE_BARGE);
        break;
    case 1:
        command = command_of(COMMAND_PARTY_TAKE_OVER);
        command.party_take_over.contact = id;
        break;
    default: /* leaves again */
        break;
    }
    console_send(sim, SUPERVISOR, &command);
}

void guest_see(struct sim *sim, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_CONTACT_CONNECTED:
        if (!sim->healing && chance(sim, sim->swarm.guests))
            kernel_plan(&sim->kernel, between(sim, 3 * SECOND_MS, 60 * SECOND_MS), invite, sim,
                        event->contact);
        break;
    case EVENT_PARTY_JOINED:
        if (event->party_joined.user == SUPERVISOR || chance(sim, 100))
            kernel_plan(&sim->kernel, between(sim, 2 * SECOND_MS, 30 * SECOND_MS), go_on, sim,
                        event->contact);
        break;
    default:
        break;
    }
}
