/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/trunk.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "base/text.h"
#include "tests/sim/sim.h"
#include "tests/sim/survive.h"

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

struct call *trunk_find(struct trunk *trunk, uint64_t number)
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
    survive_stop(trunk, call);
    *call = trunk->calls[--trunk->count];
}

uint64_t trunk_submit(struct trunk *trunk, struct command command)
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
    bool untaken = !call->contact && !call->arrive_ticket;
    if (untaken) /* the dispatcher does not know of them yet */
        gone_take(trunk, call, cause);
    forget(trunk, call);
    if (!untaken)
        (void)trunk_submit(trunk, command);
    if (!talked || !chance(trunk, 300))
        return;
    struct command sound = command_of(COMMAND_SOUND_REPORT);
    sound.sound_report = (struct sound_report){ .call = number,
                                                .side = SOUND_SIDE_CITIZEN,
                                                .state = SOUND_STATE_GOOD,
                                                .packets = 1000,
                                                .lost = (uint32_t)(number % 100),
                                                .final = true };
    (void)trunk_submit(trunk, sound);
    struct command recording = command_of(COMMAND_RECORDING_STORE);
    recording.recording_store.call = number;
    recording.recording_store.size = 1000;
    (void)snprintf(recording.recording_store.file, sizeof recording.recording_store.file,
                   "%llu.wav", (unsigned long long)number);
    (void)trunk_submit(trunk, recording);
}

static void lose_patience(void *owner, uint64_t number)
{
    struct trunk *trunk = owner;
    struct call *call = trunk_find(trunk, number);
    if (call && call->state < CALL_TALKING)
        hang_up(trunk, call, chance(trunk, 500) ? END_CAUSE_CALLER : END_CAUSE_CANCELLED);
}

static void wait_patiently(struct trunk *trunk, const struct call *call)
{
    uint64_t mean_ms = chance(trunk, trunk->sim->swarm.abandons) ? 8 * SECOND_MS : 5 * MINUTE_MS;
    kernel_plan(kernel_of(trunk), kernel_wait(kernel_of(trunk), STREAM_PEOPLE, mean_ms),
                lose_patience, trunk, call->number);
}

/* The telephone is without power, and the citizen waits again. */
static void lose_phone(struct trunk *trunk, struct call *call)
{
    struct command command = command_of(COMMAND_TRANSFER_FINISH);
    command.transfer_finish.call = call->number;
    command.transfer_finish.lost = true;
    call->state = CALL_WAITING;
    call->survived = false;
    call->plan_step = 0;
    (void)trunk_submit(trunk, command);
    wait_patiently(trunk, call);
}

static void end_talk(void *owner, uint64_t number)
{
    struct trunk *trunk = owner;
    struct call *call = trunk_find(trunk, number);
    if (!call || call->state < CALL_TALKING)
        return;
    if (call->survived && !trunk->port.alive) { /* both hang up: nobody hears it yet */
        kernel_plan(kernel_of(trunk), SECOND_MS, end_talk, trunk, number);
        return;
    }
    if (call->survived && chance(trunk, trunk->sim->swarm.phone_fails)) {
        lose_phone(trunk, call);
        return;
    }
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

void trunk_talk(struct trunk *trunk, struct call *call)
{
    uint64_t mean_ms = call->line == 12345 ? 180 * SECOND_MS : 90 * SECOND_MS;
    call->state = CALL_TALKING;
    kernel_plan(kernel_of(trunk), kernel_wait(kernel_of(trunk), STREAM_PEOPLE, mean_ms), end_talk,
                trunk, call->number);
}

static struct command arrival_of(const struct call *call)
{
    struct command command = command_of(COMMAND_CONTACT_ARRIVE);
    command.contact_arrive.call = call->number;
    command.contact_arrive.line = call->line;
    command.contact_arrive.channel = CHANNEL_VOICE;
    command.contact_arrive.arrived_ms = call->arrived_ms;
    return command;
}

static uint64_t arrive(struct trunk *trunk, const struct call *call)
{
    struct command command = arrival_of(call);
    return port_submit(&trunk->port, &command, 0, call->citizen, NULL);
}

void trunk_call(struct trunk *trunk, uint32_t line, uint32_t citizen)
{
    if (!trunk->port.alive || trunk->count == CALLS_MAX)
        return; /* the carrier tries the other trunk, or says busy */
    struct call *call = &trunk->calls[trunk->count++];
    *call = (struct call){ .number = trunk->next_call++,
                           .line = line,
                           .citizen = citizen,
                           .kept = trunk->sim->swarm.depth == DEPTH_BARE,
                           .arrived_ms = MONDAY_MIDNIGHT_MS + trunk->sim->kernel.now_ms };
    struct command command = arrival_of(call);
    kin_place(trunk->sim, &command.contact_arrive);
    caller_arrive(trunk->sim, &command.contact_arrive);
    call->arrive_ticket = port_submit(&trunk->port, &command, 0, citizen, NULL);
    wait_patiently(trunk, call);
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
    survive_learn(trunk, user, asked->phone);
    (void)trunk_submit(trunk, command);
}

/* ---- outcomes -------------------------------------------------------------------------------- */

static void arrive_again(void *owner, uint64_t number)
{
    struct trunk *trunk = owner;
    struct call *call = trunk_find(trunk, number);
    if (!trunk->port.alive || !call || call->contact || call->arrive_ticket)
        return;
    call->arrive_ticket = arrive(trunk, call);
    if (call->survived && call->state >= CALL_TALKING)
        survive_report(trunk, call);
}

/* The citizen hears the tone of an overload, and is counted. */
void trunk_turn_away(struct trunk *trunk, uint64_t call, uint32_t line, uint64_t arrived_ms)
{
    struct command command = command_of(COMMAND_CALLS_TURN_AWAY);
    command.calls_turn_away.line = line;
    command.calls_turn_away.minute_ms = arrived_ms - arrived_ms % MINUTE_MS;
    command.calls_turn_away.calls = 1;
    auditor_turned_away(&trunk->sim->auditor, trunk->port.gateway, call);
    (void)trunk_submit(trunk, command);
}

/* As the real gateway: who is in danger is reported again, and who talks is not cut off. */
static void refused(struct trunk *trunk, struct call *call)
{
    if (call->line != 12345 || call->state >= CALL_ANSWERING) {
        kernel_plan(kernel_of(trunk), SECOND_MS, arrive_again, trunk, call->number);
    } else {
        trunk_turn_away(trunk, call->number, call->line, call->arrived_ms);
        forget(trunk, call);
    }
}

static void arrived(struct trunk *trunk, struct call *call, const struct outcome *outcome)
{
    call->arrive_ticket = 0;
    if (outcome->refusal != REFUSAL_NONE && outcome->refusal != REFUSAL_ALREADY) {
        refused(trunk, call);
        return;
    }
    call->contact = outcome->contact;
    call->kept = true;
    auditor_promised(&trunk->sim->auditor, trunk->port.gateway, call->number);
}

/* Refused or not: whoever the dispatcher does not want to talk is taken away by an order. */
static void answered(struct trunk *trunk, struct call *call)
{
    call->answer_ticket = 0;
    if (call->state != CALL_ANSWERING)
        return;
    trunk_talk(trunk, call);
}

/* It is over for the dispatcher, and its caller is here: nobody is cut off. */
static void begin_anew(struct trunk *trunk, struct call *call)
{
    bool talks = call->state >= CALL_ANSWERING;
    survive_stop(trunk, call);
    call->number = trunk->next_call++;
    call->contact = call->offer = call->answer_ticket = call->survive_ticket = 0;
    call->earlier_count = 0;
    call->state = CALL_WAITING;
    call->arrive_ticket = arrive(trunk, call);
    if (!talks) {
        wait_patiently(trunk, call);
        return;
    }
    trunk_talk(trunk, call);
    call->survived = true;
    survive_report(trunk, call);
}

/* Was it the answer to an earlier telephone's report? */
static bool earlier_heard(struct trunk *trunk, struct call *call, uint64_t ticket,
                          enum refusal refusal)
{
    for (uint32_t i = 0; i < call->earlier_count; i++) {
        struct report report = call->earlier[i];
        if (report.ticket != ticket)
            continue;
        call->earlier[i] = call->earlier[--call->earlier_count];
        auditor_survival_heard(&trunk->sim->auditor, trunk->port.gateway, call->number,
                               report.answered_ms, refusal);
        return true;
    }
    return false;
}

static void take_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct trunk *trunk = owner;
    if (gone_hear_outcome(trunk, ticket, outcome->refusal))
        return;
    for (uint32_t i = 0; ticket && i < trunk->count; i++) {
        struct call *call = &trunk->calls[i];
        if (earlier_heard(trunk, call, ticket, outcome->refusal))
            return;
        if (call->survive_ticket == ticket) {
            call->survive_ticket = 0;
            auditor_survival_heard(&trunk->sim->auditor, trunk->port.gateway, call->number,
                                   call->told_ms, outcome->refusal);
            return;
        }
        if (call->keep_ticket == ticket) {
            call->keep_ticket = 0;
            if (call->contact && !call->arrive_ticket && outcome->refusal != REFUSAL_NONE &&
                outcome->refusal != REFUSAL_ALREADY)
                begin_anew(trunk, call);
            return;
        }
        if (call->arrive_ticket == ticket) {
            arrived(trunk, call, outcome);
            return;
        }
        if (call->answer_ticket == ticket) {
            answered(trunk, call);
            return;
        }
    }
}

static void take_refused(void *owner, const struct command *said, uint32_t citizen,
                         enum refusal refusal)
{
    gone_hear_refused(owner, said, citizen, refusal);
}

/* It lies in the spool: the citizen is told that they are heard. */
static void take_spooled(void *owner, uint64_t ticket)
{
    struct trunk *trunk = owner;
    for (uint32_t i = 0; ticket && i < trunk->count; i++) {
        struct call *call = &trunk->calls[i];
        if (call->survive_ticket == ticket)
            auditor_survival_kept(&trunk->sim->auditor, trunk->port.gateway, call->number,
                                  call->told_ms);
        if (call->arrive_ticket != ticket)
            continue;
        call->kept = true;
        auditor_promised(&trunk->sim->auditor, trunk->port.gateway, call->number);
    }
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
    call->answered_ms = MONDAY_MIDNIGHT_MS + kernel_of(trunk)->now_ms;
    survive_stop(trunk, call);
    call->answer_ticket = trunk_submit(trunk, command);
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
    (void)trunk_submit(trunk, command);
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
    (void)trunk_submit(trunk, command);
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

/* Who talks keeps the caller. */
static void refuse_offer(struct trunk *trunk, uint64_t offer)
{
    struct command command = command_of(COMMAND_OFFER_FAIL);
    command.offer_fail.offer = offer;
    command.offer_fail.cause = OFFER_END_PHONE_FAILED;
    (void)trunk_submit(trunk, command);
}

static void carry_out_offer(struct trunk *trunk, const struct order_offer *order)
{
    struct call *call = trunk_find(trunk, order->call);
    const struct swarm *swarm = &trunk->sim->swarm;
    struct kernel *kernel = kernel_of(trunk);
    if (call && call->state >= CALL_ANSWERING && order->kind == OFFER_KIND_TRANSFER)
        kernel_plan(kernel, between_others(trunk), other_phone, trunk, order->offer);
    else if (call && call->survived && call->state >= CALL_TALKING)
        refuse_offer(trunk, order->offer);
    if (!call || call->state >= CALL_ANSWERING)
        return;
    survive_yield(trunk, call, order->phone);
    call->state = CALL_RINGING;
    call->offer = order->offer;
    call->taker = order->taker;
    (void)text_copy(call->phone, sizeof call->phone, order->phone);
    if (chance(trunk, swarm->phone_fails) || survive_engages(trunk->sim, order->taker)) {
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

static void park(struct trunk *trunk, struct call *call)
{
    bool talked = call->state >= CALL_ANSWERING;
    call->state = CALL_WAITING;
    call->offer = call->answer_ticket = 0;
    if (talked) /* the dispatcher withdrew while the phone answered */
        wait_patiently(trunk, call);
}

/* The carrier has somebody out there, or says no. */
static void carrier_answers(void *owner, uint64_t number)
{
    struct trunk *trunk = owner;
    struct call *call = trunk_find(trunk, number);
    if (!call || call->state < CALL_TALKING)
        return;
    if (number % 2 == 0) {
        hang_up(trunk, call, END_CAUSE_REFERRED);
        return;
    }
    struct command command = command_of(COMMAND_TRANSFER_CANCEL);
    command.transfer_cancel.call = number;
    command.transfer_cancel.status = 486;
    (void)trunk_submit(trunk, command);
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
        if (call)
            park(trunk, call);
        return;
    case ORDER_PARK:
        call = trunk_find(trunk, order->park.call);
        if (call && call->state >= CALL_ANSWERING)
            park(trunk, call);
        return;
    case ORDER_TRANSFER: /* some carriers never say what came of it */
        if (order->transfer.phone[0] && order->transfer.call % 5 != 0)
            kernel_plan(kernel_of(trunk), 1000 + order->transfer.call % 8000, carrier_answers,
                        trunk, order->transfer.call);
        return;
    case ORDER_RELEASE:
        call = trunk_find(trunk, order->release.call);
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
    survive_over(trunk); /* it hears who talks before it takes anything away */
    carry_out(trunk, order);
    port_done(&trunk->port, order->seq);
}

/* ---- the dispatcher -------------------------------------------------------------------------- */

static void take_setup(void *owner, const struct setup *setup)
{
    survive_take_plan(owner, setup);
}

static void take_up(void *owner)
{
    survive_over(owner);
}

/* ---- life ------------------------------------------------------------------------------------ */

void trunk_open(struct trunk *trunk, struct sim *sim, uint32_t gateway)
{
    static const struct port_handlers handlers = { .refused = take_refused,
                                                   .outcome = take_outcome,
                                                   .spooled = take_spooled,
                                                   .order = take_order,
                                                   .setup = take_setup,
                                                   .up = take_up };
    char name[16];
    *trunk = (struct trunk){ .sim = sim, .next_call = 1 };
    trunk->calls = calloc(CALLS_MAX, sizeof *trunk->calls);
    REQUIRE(trunk->calls);
    (void)snprintf(name, sizeof name, "trunk-%u", gateway);
    survive_open(trunk);
    port_open(&trunk->port, sim, gateway, name, &handlers, trunk);
    survive_listen(trunk);
}

void trunk_close(struct trunk *trunk)
{
    port_close(&trunk->port);
    survive_close(trunk);
    free(trunk->calls);
}

static void name_kept(struct trunk *trunk, struct call *call)
{
    struct command keep = command_of(COMMAND_CONTACT_KEEP);
    keep.contact_keep.call = call->number;
    uint64_t ticket = trunk_submit(trunk, keep);
    call->keep_ticket = call->contact ? ticket : 0; /* who arrives is reported as such */
    if (!call->contact)
        call->arrive_ticket = arrive(trunk, call);
    if (call->state == CALL_ANSWERING) {
        struct command answer = command_of(COMMAND_OFFER_ANSWER);
        answer.offer_answer.offer = call->offer;
        call->answer_ticket = trunk_submit(trunk, answer);
    }
    if (call->survived && call->state >= CALL_TALKING)
        survive_report(trunk, call);
}

void trunk_name_all(struct trunk *trunk)
{
    for (uint32_t i = 0; i < trunk->count; i++)
        name_kept(trunk, &trunk->calls[i]);
    (void)trunk_submit(trunk, command_of(COMMAND_GATEWAY_SETTLE));
}

static void rise(void *owner, uint64_t what)
{
    struct trunk *trunk = owner;
    (void)what;
    port_rise(&trunk->port);
    if (trunk->port.keeps)
        trunk_name_all(trunk);
}

void trunk_crash(struct trunk *trunk, uint64_t for_ms)
{
    if (!trunk->port.alive)
        return;
    port_die(&trunk->port);
    trunk->alone = false;
    trunk->port.keeps = chance(trunk, 500);
    gone_crash(trunk);
    if (!trunk->port.keeps)
        trunk->count = trunk->leg_count = 0;
    for (uint32_t i = 0; i < trunk->count; i++)
        trunk->calls[i].arrive_ticket = trunk->calls[i].answer_ticket =
            trunk->calls[i].keep_ticket = trunk->calls[i].survive_ticket =
                trunk->calls[i].earlier_count = 0;
    kernel_plan(kernel_of(trunk), for_ms, rise, trunk, 0);
}
