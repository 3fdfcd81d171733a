/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/token.h"
#include "gateways/link/link.h"
#include "proto/codec.h"
#include "tests/sim/machine.h"
#include "tests/sim/network.h"
#include "tests/sim/sim.h"

enum {
    SIGN_IN_AGAIN_MS = 5000,
    REUSE_ONE_IN = 500 /* submissions that come with the key of another one */
};

static struct codec *codec;
static struct record record;

/* ---- turns ----------------------------------------------------------------------------------- */

static void turn(void *owner, uint64_t at_ms)
{
    struct port *port = owner;
    if (!port->alive || at_ms != port->wake_ms)
        return;
    port->wake_ms = 0;
    int wait = link_turn(port->link, clock_mono_ms());
    if (port->wake_ms) /* a frame came meanwhile */
        return;
    port->wake_ms = port->sim->kernel.now_ms + (uint64_t)(wait > 0 ? wait : 1);
    kernel_plan(&port->sim->kernel, port->wake_ms - port->sim->kernel.now_ms, turn, port,
                port->wake_ms);
}

void wire_wake(struct port *port)
{
    uint64_t soon_ms = port->sim->kernel.now_ms + 1;
    if (!port->alive || (port->wake_ms && port->wake_ms <= soon_ms))
        return;
    port->wake_ms = soon_ms;
    kernel_plan(&port->sim->kernel, 1, turn, port, soon_ms);
}

/* ---- what the link says ---------------------------------------------------------------------- */

/* NULL: asked by an earlier life, or too long ago. */
static const struct port_asked *asked(const struct port *port, uint64_t ticket)
{
    const struct port_asked *asked = &port->asked[ticket % ASKED_MAX];
    return ticket && asked->ticket == ticket ? asked : NULL;
}

/* A token the dispatcher forgot: whoever it was signs in again, as at a real console. */
static void forget_token(struct port *port, uint32_t user)
{
    for (uint32_t i = 0; i < port->session_count; i++)
        if (port->sessions[i].user == user)
            port->sessions[i].token_size = 0;
}

static void take_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct port *port = owner;
    const struct port_asked *before = asked(port, ticket);
    auditor_answered(&port->sim->auditor, before ? before->seq : 0, outcome);
    if (before && before->user && outcome->refusal == REFUSAL_NOT_SIGNED_IN)
        forget_token(port, before->user);
    if (ticket && ticket == port->reused_ticket) {
        /* I16: the same key with other content is no repeat. */
        if (outcome->refusal != REFUSAL_KEY_REUSED) {
            (void)fprintf(stderr, "%s key %s: %s\n", port->name, outcome->key,
                          refusal_name(outcome->refusal));
            auditor_broken("I16", "a reused key was taken for a repeat");
        }
        port->reused_ticket = 0;
        return;
    }
    if (port->handlers.outcome)
        port->handlers.outcome(port->owner, ticket, outcome);
}

static void take_refused(void *owner, const struct submit *submit, enum refusal refusal)
{
    struct outcome outcome = { .refusal = refusal };
    uint32_t citizen = submit->has_personal && submit->personal.number[0]
                           ? (uint32_t)strtoul(submit->personal.number + 3, NULL, 10)
                           : 0;
    port_refused(owner, &submit->command, citizen, &outcome);
}

static void take_spooled(void *owner, uint64_t ticket)
{
    struct port *port = owner;
    if (port->handlers.spooled)
        port->handlers.spooled(port->owner, ticket);
}

static void take_order(void *owner, const struct order *order)
{
    struct port *port = owner;
    if (port->handlers.order)
        port->handlers.order(port->owner, order);
}

static void take_setup(void *owner, const struct setup *setup)
{
    struct port *port = owner;
    if (port->handlers.setup)
        port->handlers.setup(port->owner, setup);
}

static void take_up(void *owner, const struct welcome *welcome)
{
    struct port *port = owner;
    (void)welcome;
    if (port->handlers.up)
        port->handlers.up(port->owner);
}

static void take_event(void *owner, uint64_t epoch, uint64_t seq, const struct stored_event *row)
{
    struct port *port = owner;
    (void)epoch;
    (void)seq;
    if (!row)
        return;
    if (row->seq != port->followed + 1)
        auditor_broken("I17", "a follower of the events missed one");
    port->followed = row->seq;
    REQUIRE(codec_unpack(codec, SCHEMA_RECORD, row->record, row->record_size, &record) == 0);
    struct event event = record.event;
    sim_show(port->sim, &event);
}

static struct port_session *session_of(struct port *port, uint32_t user)
{
    for (uint32_t i = 0; i < port->session_count; i++)
        if (port->sessions[i].user == user)
            return &port->sessions[i];
    REQUIRE(port->session_count < PORT_SESSIONS_MAX);
    port->sessions[port->session_count] = (struct port_session){ .user = user };
    return &port->sessions[port->session_count++];
}

static uint64_t submit(struct port *port, struct command *command, const struct personal *personal,
                       const struct port_session *session)
{
    uint64_t ticket = 0;
    if (!command->key[0])
        (void)snprintf(command->key, sizeof command->key, "%s-%" PRIu64 "-%" PRIu64, port->name,
                       port->epoch, ++port->tickets);
    (void)link_submit(port->link, command, personal, session ? session->token : NULL,
                      session ? session->token_size : 0, &ticket);
    port->asked[ticket % ASKED_MAX] = (struct port_asked){ .ticket = ticket,
                                                           .seq = port->sim->auditor.seq,
                                                           .user = session ? session->user : 0 };
    wire_wake(port);
    return ticket;
}

static void take_signed_in(void *owner, const struct signed_in *answer)
{
    struct port *port = owner;
    for (uint32_t i = 0; i < port->session_count; i++) {
        struct port_session *session = &port->sessions[i];
        if (session->asked != answer->id || !answer->id)
            continue;
        session->asked = 0;
        if (answer->refusal != REFUSAL_NONE)
            return;
        session->token_size = answer->token_size;
        session->opened_ms = port->sim->kernel.now_ms;
        memcpy(session->token, answer->token, sizeof session->token);
        while (session->waiting) {
            struct parcel *parcel = session->waiting;
            session->waiting = parcel->next;
            (void)submit(port, &parcel->command, NULL, session);
            free(parcel);
        }
        return;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

void wire_rise(struct port *port)
{
    static const struct link_handlers handlers = { .refused = take_refused,
                                                   .outcome = take_outcome,
                                                   .spooled = take_spooled,
                                                   .order = take_order,
                                                   .setup = take_setup,
                                                   .up = take_up,
                                                   .signed_in = take_signed_in,
                                                   .event = take_event };
    bool console = port->gateway == GATEWAY_CONSOLE;
    struct link_settings settings = { .name = port->name,
                                      .endpoint = "tcp://dispatcher",
                                      .spool_path = console ? NULL : port->name,
                                      .subscribe = console,
                                      .keeps = port->keeps,
                                      .after = port->followed };
    if (!codec)
        codec = codec_open();
    if (!port->sessions)
        port->sessions = calloc(PORT_SESSIONS_MAX, sizeof *port->sessions);
    REQUIRE(codec && port->sessions);
    network_opens(port);
    REQUIRE(link_open(&port->link, &settings, &handlers, port) == 0);
    network_opens(NULL);
    wire_wake(port);
}

static void forget_sessions(struct port *port)
{
    for (uint32_t i = 0; i < port->session_count; i++)
        while (port->sessions[i].waiting) {
            struct parcel *parcel = port->sessions[i].waiting;
            port->sessions[i].waiting = parcel->next;
            free(parcel);
        }
    port->session_count = 0;
}

void wire_die(struct port *port)
{
    link_close(port->link);
    port->link = NULL;
    port->reused_ticket = port->wake_ms = 0;
    port->last_key[0] = 0;
    machine_spool_dies(port->name);
    forget_sessions(port);
}

void wire_close(struct port *port)
{
    if (port->link)
        link_close(port->link);
    if (port->sessions)
        forget_sessions(port);
    free(port->sessions);
    codec_close(codec);
    codec = NULL;
}

/* ---- submissions ----------------------------------------------------------------------------- */

static void queue_for(struct port *port, struct port_session *session,
                      const struct command *command)
{
    struct parcel *parcel = calloc(1, sizeof *parcel), **last = &session->waiting;
    char login[33];
    REQUIRE(parcel);
    parcel->command = *command;
    while (*last)
        last = &(*last)->next;
    *last = parcel;
    uint64_t now_ms = port->sim->kernel.now_ms;
    if (session->asked && now_ms - session->asked_ms < SIGN_IN_AGAIN_MS)
        return;
    (void)snprintf(login, sizeof login, "u%u", session->user);
    session->asked_ms = now_ms;
    if (link_sign_in(port->link, login, "password", "", &session->asked) < 0)
        session->asked = 0;
    wire_wake(port);
}

/* Now and then a program uses a key twice for two things. */
static void reuse_key(struct port *port, const struct command *command)
{
    if (port->last_key[0] && !port->reused_ticket && port->last_kind != command->kind &&
        kernel_below(&port->sim->kernel, STREAM_NETWORK, REUSE_ONE_IN) == 0) {
        struct command other = *command;
        memcpy(other.key, port->last_key, sizeof other.key);
        port->reused_ticket = submit(port, &other, NULL, NULL);
    }
}

uint64_t wire_submit(struct port *port, const struct command *command, uint32_t user,
                     uint32_t citizen, const char *words)
{
    struct command own = *command;
    struct personal personal;
    memset(&personal, 0, sizeof personal);
    if (citizen)
        (void)snprintf(personal.number, sizeof personal.number, "138%08u", citizen);
    if (words)
        (void)snprintf(personal.text, sizeof personal.text, "%s", words);
    if (user) { /* what waits for a new session has lost its words */
        struct port_session *session = session_of(port, user);
        bool fresh = session->token_size &&
                     port->sim->kernel.now_ms - session->opened_ms < TOKEN_LIFE_MS - HOUR_MS;
        if (fresh)
            return submit(port, &own, words ? &personal : NULL, session);
        session->token_size = 0;
        queue_for(port, session, &own);
        return 0;
    }
    reuse_key(port, command);
    uint64_t ticket = submit(port, &own, citizen || words ? &personal : NULL, NULL);
    /* What a gateway may not say is not remembered: it might come again with a session. */
    if (own.kind < COMMAND_TAKER_SIGN_ON) {
        memcpy(port->last_key, own.key, sizeof port->last_key);
        port->last_kind = own.kind;
    }
    return ticket;
}

uint64_t wire_silent_ms(const struct port *port)
{
    return link_silent_ms(port->link, clock_mono_ms());
}

bool wire_is_up(const struct port *port)
{
    return link_is_up(port->link);
}

void wire_was_alone(struct port *port, bool alone)
{
    link_was_alone(port->link, alone);
}

void wire_done(struct port *port, uint64_t seq)
{
    link_order_done(port->link, seq);
    wire_wake(port);
}
