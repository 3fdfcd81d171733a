/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/trunk.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "tests/sim/sim.h"

static struct kernel *kernel_of(struct trunk *trunk)
{
    return &trunk->sim->kernel;
}

static bool chance(struct trunk *trunk, uint32_t permille)
{
    return kernel_chance(kernel_of(trunk), STREAM_PEOPLE, permille);
}

static uint64_t between(struct trunk *trunk, uint64_t from, uint64_t to)
{
    return kernel_between(kernel_of(trunk), STREAM_PEOPLE, from, to);
}

static struct call *call_of(struct trunk *trunk, uint64_t number)
{
    for (uint32_t i = 0; i < trunk->count; i++)
        if (trunk->calls[i].number == number)
            return &trunk->calls[i];
    return NULL;
}

static struct call *call_of_offer(struct trunk *trunk, uint64_t offer)
{
    for (uint32_t i = 0; offer && i < trunk->count; i++)
        if (trunk->calls[i].offer == offer)
            return &trunk->calls[i];
    return NULL;
}

static void forget(struct trunk *trunk, struct call *call)
{
    *call = trunk->calls[--trunk->count];
}

static uint64_t submit(struct trunk *trunk, struct command command)
{
    return port_submit(&trunk->port, &command, 0, 0, NULL);
}

/* The citizen or the line ended it. */
static void hang_up(struct trunk *trunk, struct call *call, enum end_cause cause)
{
    struct command command = command_of(COMMAND_CONTACT_END);
    command.contact_end.call = call->number;
    command.contact_end.cause = cause;
    uint64_t number = call->number;
    bool talked = call->state >= CALL_TALKING;
    forget(trunk, call);
    (void)submit(trunk, command);
    if (!talked || !chance(trunk, 300))
        return;
    struct command sound = command_of(COMMAND_SOUND_REPORT);
    sound.sound_report = (struct sound_report){ .call = number,
                                                .side = SOUND_SIDE_CITIZEN,
                                                .state = SOUND_STATE_GOOD,
                                                .packets = 1000,
                                                .lost = (uint32_t)(number % 100),
                                                .final = true };
    (void)submit(trunk, sound);
    struct command recording = command_of(COMMAND_RECORDING_STORE);
    recording.recording_store.call = number;
    recording.recording_store.size = 1000;
    (void)snprintf(recording.recording_store.file, sizeof recording.recording_store.file,
                   "%llu.wav", (unsigned long long)number);
    (void)submit(trunk, recording);
}

static void lose_patience(void *owner, uint64_t number)
{
    struct trunk *trunk = owner;
    struct call *call = call_of(trunk, number);
    if (call && call->state < CALL_TALKING)
        hang_up(trunk, call, chance(trunk, 500) ? END_CAUSE_CALLER : END_CAUSE_CANCELLED);
}

static void end_talk(void *owner, uint64_t number)
{
    struct trunk *trunk = owner;
    struct call *call = call_of(trunk, number);
    if (!call || call->state < CALL_TALKING)
        return;
    if (call->state == CALL_FINISHING || !call->taker || !call->contact || chance(trunk, 500)) {
        hang_up(trunk, call,
                chance(trunk, trunk->sim->swarm.phone_fails / 4) ? END_CAUSE_MEDIA_LOST
                                                                 : END_CAUSE_CALLER);
        return;
    }
    struct command command = command_of(COMMAND_CONTACT_FINISH);
    command.contact_finish.contact = call->contact;
    call->state = CALL_FINISHING;
    console_send(trunk->sim, call->taker, &command);
    kernel_plan(kernel_of(trunk), MINUTE_MS, end_talk, trunk, number);
}

static struct command arrival_of(const struct trunk *trunk, const struct call *call)
{
    struct command command = command_of(COMMAND_CONTACT_ARRIVE);
    command.contact_arrive.call = call->number;
    command.contact_arrive.line = call->line;
    command.contact_arrive.channel = CHANNEL_VOICE;
    command.contact_arrive.arrived_ms = MONDAY_MIDNIGHT_MS + trunk->sim->kernel.now_ms;
    return command;
}

static uint64_t arrive(struct trunk *trunk, const struct call *call)
{
    struct command command = arrival_of(trunk, call);
    return port_submit(&trunk->port, &command, 0, call->citizen, NULL);
}

void trunk_call(struct trunk *trunk, uint32_t line, uint32_t citizen)
{
    if (!trunk->port.alive || trunk->count == CALLS_MAX)
        return; /* the carrier tries the other trunk, or says busy */
    struct call *call = &trunk->calls[trunk->count++];
    *call = (struct call){ .number = trunk->next_call++, .line = line, .citizen = citizen };
    struct command command = arrival_of(trunk, call);
    kin_place(trunk->sim, &command.contact_arrive);
    caller_arrive(trunk->sim, &command.contact_arrive);
    call->arrive_ticket = port_submit(&trunk->port, &command, 0, citizen, NULL);
    uint64_t mean_ms = chance(trunk, trunk->sim->swarm.abandons) ? 8 * SECOND_MS : 5 * MINUTE_MS;
    kernel_plan(kernel_of(trunk), kernel_wait(kernel_of(trunk), STREAM_PEOPLE, mean_ms),
                lose_patience, trunk, call->number);
    if (chance(trunk, trunk->sim->swarm.repeats / 10)) /* a gateway repeats itself */
        (void)port_submit(&trunk->port, &command, 0, citizen, NULL);
    trunk->sim->calls++;
}

void trunk_register(struct trunk *trunk, uint32_t user)
{
    struct command command = command_of(COMMAND_PHONE_REGISTER);
    struct phone_register *asked = &command.phone_register;
    asked->user = user;
    asked->until_ms = MONDAY_MIDNIGHT_MS + kernel_of(trunk)->now_ms + 12 * HOUR_MS;
    (void)snprintf(asked->phone, sizeof asked->phone, "sip:%u@registered", user);
    (void)submit(trunk, command);
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static void arrived(struct trunk *trunk, struct call *call, const struct outcome *outcome)
{
    call->arrive_ticket = 0;
    if (outcome->refusal != REFUSAL_NONE && outcome->refusal != REFUSAL_ALREADY) {
        forget(trunk, call); /* the citizen hears the tone of an overload */
        return;
    }
    call->contact = outcome->contact;
    auditor_promised(&trunk->sim->auditor, trunk->port.gateway, call->number);
}

static void answered(struct trunk *trunk, struct call *call, const struct outcome *outcome)
{
    call->answer_ticket = 0;
    if (call->state != CALL_ANSWERING)
        return;
    if (outcome->refusal != REFUSAL_NONE) {
        call->state = CALL_WAITING; /* too late: the phone is hung up again */
        call->offer = 0;
        return;
    }
    call->state = CALL_TALKING;
    uint64_t mean_ms = call->line == 12345 ? 180 * SECOND_MS : 90 * SECOND_MS;
    kernel_plan(kernel_of(trunk), kernel_wait(kernel_of(trunk), STREAM_PEOPLE, mean_ms), end_talk,
                trunk, call->number);
}

static void take_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct trunk *trunk = owner;
    for (uint32_t i = 0; ticket && i < trunk->count; i++) {
        struct call *call = &trunk->calls[i];
        if (call->keep_ticket == ticket) {
            call->keep_ticket = 0;
            if (call->contact && outcome->refusal != REFUSAL_NONE &&
                outcome->refusal != REFUSAL_ALREADY)
                forget(trunk, call); /* it is over there */
            return;
        }
        if (call->arrive_ticket == ticket) {
            arrived(trunk, call, outcome);
            return;
        }
        if (call->answer_ticket == ticket) {
            answered(trunk, call, outcome);
            return;
        }
    }
}

/* It lies in the spool: the citizen is told that they are heard. */
static void take_spooled(void *owner, uint64_t ticket)
{
    struct trunk *trunk = owner;
    for (uint32_t i = 0; ticket && i < trunk->count; i++)
        if (trunk->calls[i].arrive_ticket == ticket)
            auditor_promised(&trunk->sim->auditor, trunk->port.gateway, trunk->calls[i].number);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void phone_answers(void *owner, uint64_t offer)
{
    struct trunk *trunk = owner;
    struct call *call = call_of_offer(trunk, offer);
    if (!call || call->state != CALL_RINGING)
        return;
    struct command command = command_of(COMMAND_OFFER_ANSWER);
    command.offer_answer.offer = offer;
    call->state = CALL_ANSWERING;
    call->answer_ticket = submit(trunk, command);
}

static void fail(struct trunk *trunk, uint64_t offer, enum offer_end cause)
{
    struct call *call = call_of_offer(trunk, offer);
    if (!call || call->state != CALL_RINGING)
        return;
    struct command command = command_of(COMMAND_OFFER_FAIL);
    command.offer_fail.offer = offer;
    command.offer_fail.cause = cause;
    call->state = CALL_WAITING;
    call->offer = 0;
    (void)submit(trunk, command);
}

static void phone_fails(void *owner, uint64_t offer)
{
    fail(owner, offer, OFFER_END_PHONE_FAILED);
}

static void phone_declines(void *owner, uint64_t offer)
{
    fail(owner, offer, OFFER_END_DECLINED);
}

static void phone_gives_up(void *owner, uint64_t offer)
{
    fail(owner, offer, OFFER_END_UNANSWERED);
}

static void phone_rings(void *owner, uint64_t offer)
{
    struct trunk *trunk = owner;
    struct call *call = call_of_offer(trunk, offer);
    if (!call || call->state != CALL_RINGING)
        return;
    struct command command = command_of(COMMAND_OFFER_RING);
    command.offer_ring.offer = offer;
    (void)submit(trunk, command);
}

/* The citizen talks already: whoever is to take them over has another phone. */
static void other_phone(void *owner, uint64_t offer)
{
    struct trunk *trunk = owner;
    talk_ring(trunk->sim, &trunk->port, offer);
}

static void guests_phone(void *owner, uint64_t party)
{
    struct trunk *trunk = owner;
    guest_ring(trunk->sim, &trunk->port, party);
}

static uint64_t between_others(struct trunk *trunk)
{
    return kernel_between(kernel_of(trunk), STREAM_TRADE, 500, 9000);
}

static void carry_out_offer(struct trunk *trunk, const struct order_offer *order)
{
    struct call *call = call_of(trunk, order->call);
    const struct swarm *swarm = &trunk->sim->swarm;
    struct kernel *kernel = kernel_of(trunk);
    if (call && call->state >= CALL_ANSWERING)
        kernel_plan(kernel, between_others(trunk), other_phone, trunk, order->offer);
    if (!call || call->state >= CALL_ANSWERING)
        return;
    call->state = CALL_RINGING;
    call->offer = order->offer;
    call->taker = order->taker;
    if (chance(trunk, swarm->phone_fails)) {
        kernel_plan(kernel, between(trunk, 100, 2000), phone_fails, trunk, order->offer);
        return;
    }
    kernel_plan(kernel, between(trunk, 20, 400), phone_rings, trunk, order->offer);
    if (chance(trunk, swarm->misses)) {
        if (chance(trunk, 500))
            kernel_plan(kernel, between(trunk, 5000, 40000), phone_gives_up, trunk, order->offer);
        return; /* else the lease runs out */
    }
    bool declines = chance(trunk, swarm->declines);
    kernel_plan(kernel, between(trunk, 500, 9000), declines ? phone_declines : phone_answers, trunk,
                order->offer);
}

static void carry_out(struct trunk *trunk, const struct order *order)
{
    struct call *call = NULL;
    switch (order->kind) {
    case ORDER_OFFER:
        carry_out_offer(trunk, &order->offer);
        return;
    case ORDER_PARTY:
        kernel_plan(kernel_of(trunk), 100 + order->party.party % 8000, guests_phone, trunk,
                    order->party.party);
        return;
    case ORDER_ANSWER:
        kernel_plan(kernel_of(trunk), between(trunk, 50, 600), phone_answers, trunk,
                    order->answer.offer);
        return;
    case ORDER_WITHDRAW:
        call = call_of_offer(trunk, order->withdraw.offer);
        if (call && call->state == CALL_RINGING) {
            call->state = CALL_WAITING;
            call->offer = 0;
        }
        return;
    case ORDER_RELEASE:
        call = call_of(trunk, order->release.call);
        if (call)
            forget(trunk, call);
        return;
    default:
        return;
    }
}

static void take_order(void *owner, const struct order *order)
{
    struct trunk *trunk = owner;
    carry_out(trunk, order);
    port_done(&trunk->port, order->seq);
}

/* ---- life ------------------------------------------------------------------------------------ */

void trunk_open(struct trunk *trunk, struct sim *sim, uint32_t gateway)
{
    static const struct port_handlers handlers = { take_outcome, take_spooled, take_order };
    char name[16];
    *trunk = (struct trunk){ .sim = sim, .next_call = 1 };
    trunk->calls = calloc(CALLS_MAX, sizeof *trunk->calls);
    REQUIRE(trunk->calls);
    (void)snprintf(name, sizeof name, "trunk-%u", gateway);
    port_open(&trunk->port, sim, gateway, name, &handlers, trunk);
}

void trunk_close(struct trunk *trunk)
{
    port_close(&trunk->port);
    free(trunk->calls);
}

static void name_kept(struct trunk *trunk, struct call *call)
{
    struct command keep = command_of(COMMAND_CONTACT_KEEP);
    keep.contact_keep.call = call->number;
    call->keep_ticket = submit(trunk, keep);
    if (!call->contact)
        call->arrive_ticket = arrive(trunk, call);
    if (call->state == CALL_ANSWERING) {
        struct command answer = command_of(COMMAND_OFFER_ANSWER);
        answer.offer_answer.offer = call->offer;
        call->answer_ticket = submit(trunk, answer);
    }
}

static void rise(void *owner, uint64_t what)
{
    struct trunk *trunk = owner;
    (void)what;
    port_rise(&trunk->port);
    if (!trunk->port.keeps)
        return;
    for (uint32_t i = 0; i < trunk->count; i++)
        name_kept(trunk, &trunk->calls[i]);
    (void)submit(trunk, command_of(COMMAND_GATEWAY_SETTLE));
}

void trunk_crash(struct trunk *trunk, uint64_t for_ms)
{
    if (!trunk->port.alive)
        return;
    port_die(&trunk->port);
    trunk->port.keeps = chance(trunk, 500);
    if (!trunk->port.keeps)
        trunk->count = 0;
    for (uint32_t i = 0; i < trunk->count; i++)
        trunk->calls[i].arrive_ticket = trunk->calls[i].answer_ticket =
            trunk->calls[i].keep_ticket = 0;
    kernel_plan(kernel_of(trunk), for_ms, rise, trunk, 0);
}
