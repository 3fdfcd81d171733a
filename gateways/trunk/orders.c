/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dispatcher's words: what it orders, what it says of our reports. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"
#include "proto/tape.h"

struct call *call_of_number(struct exchange *exchange, uint64_t number)
{
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++)
        if (exchange->calls[i].token != 0 && exchange->calls[i].number == number) {
            call_touch(exchange, &exchange->calls[i]);
            return &exchange->calls[i];
        }
    return NULL;
}

static struct phone *phone_of_offer(struct exchange *exchange, uint64_t offer)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        if (exchange->phones[i].token != 0 && exchange->phones[i].offer == offer) {
            phone_touch(exchange, &exchange->phones[i]);
            return &exchange->phones[i];
        }
    return NULL;
}

static void fail_offer(struct exchange *exchange, uint64_t offer, enum offer_end cause)
{
    struct command command = { .kind = COMMAND_OFFER_FAIL };
    uint64_t ticket;
    command.offer_fail.offer = offer;
    command.offer_fail.cause = cause;
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

/* How long the phone may ring, by the order's wall clock. */
static uint64_t ring_time(const struct exchange *exchange, uint64_t until_ms)
{
    if (until_ms == 0)
        return EXCHANGE_RING_MS;
    uint64_t wait = until_ms > exchange->wall_ms ? until_ms - exchange->wall_ms : 0;
    wait += EXCHANGE_RING_GRACE_MS;
    return wait > EXCHANGE_RING_MAX_MS ? EXCHANGE_RING_MAX_MS : wait;
}

/* The plan makes the telephone ring for this caller already: it rings on, for the dispatcher now. */
static void take_order(struct exchange *exchange, struct phone *phone,
                       const struct order_offer *order)
{
    phone->offer = order->offer;
    phone->user = order->taker;
    phone->give_up_ms = exchange->mono_ms + ring_time(exchange, order->until_ms);
    phone_report_again(exchange, phone);
}

static void carry_out_offer(struct exchange *exchange, const struct order_offer *order)
{
    struct call *call = call_of_number(exchange, order->call);
    if (phone_of_offer(exchange, order->offer))
        return; /* it is being carried out */
    exchange->counts.offers++;
    if (call && call->state == CALLER_ARRIVING)
        caller_step(exchange, call, CALLER_KEPT); /* who offers it has it in the journal */
    bool waits = call && (call->state == CALLER_WAITING || call->state == CALLER_ANSWERED ||
                          call->state == CALLER_TALKING);
    if (!waits) {
        fail_offer(exchange, order->offer, OFFER_END_CALLER_GONE);
        return;
    }
    enum room_role role = ROOM_TAKER;
    struct phone *rings = alone_yield(exchange, call, order->phone);
    if (rings) {
        take_order(exchange, rings, order);
        return;
    }
    if (call->phone && call->phone->state == PHONE_TALKING) {
        if (order->kind != OFFER_KIND_TRANSFER) { /* who talks keeps the caller */
            fail_offer(exchange, order->offer, OFFER_END_PHONE_FAILED);
            return;
        }
        role = ROOM_RECEIVER;
        call->transferring = true;
    } else if (call->phone && order->kind != OFFER_KIND_PARALLEL) {
        phone_step(exchange, call->phone, PHONE_WITHDRAW); /* an older offer's */
    }
    struct phone *phone = phone_ring(exchange, call, order->offer, order->phone);
    if (!phone) {
        fail_offer(exchange, order->offer, OFFER_END_PHONE_FAILED);
        return;
    }
    phone->role = role;
    phone->user = order->taker;
    phone->auto_answer = order->auto_answer;
    phone->give_up_ms = exchange->mono_ms + ring_time(exchange, order->until_ms);
    if (!call->phone)
        call->phone = phone; /* else a second one rings beside it */
    phone_step(exchange, phone, PHONE_OFFER);
}

static void fail_party(struct exchange *exchange, uint64_t party)
{
    struct command command = { .kind = COMMAND_PARTY_LEAVE };
    uint64_t ticket;
    command.party_leave.party = party;
    command.party_leave.cause = PARTY_OUT_FAILED;
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

static uint32_t phones_of(const struct exchange *exchange, const struct call *call)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        count += exchange->phones[i].token != 0 && exchange->phones[i].call == call;
    return count;
}

static void carry_out_party(struct exchange *exchange, const struct order_party *order)
{
    static const enum room_role roles[PARTY_ROLE_COUNT] = {
        [PARTY_ROLE_NONE] = ROOM_LISTENER,     [PARTY_ROLE_GUEST] = ROOM_GUEST,
        [PARTY_ROLE_LISTENER] = ROOM_LISTENER, [PARTY_ROLE_COACH] = ROOM_COACH,
        [PARTY_ROLE_BARGE] = ROOM_GUEST,
    };
    struct call *call = call_of_number(exchange, order->call);
    struct phone *phone = phone_of_offer(exchange, order->party);
    enum room_role role = order->role < PARTY_ROLE_COUNT ? roles[order->role] : ROOM_LISTENER;
    if (phone) { /* known already: does otherwise from now on */
        phone->role = role;
        if (phone->call)
            call_arrange(exchange, phone->call);
        return;
    }
    if (!order->phone[0])
        return; /* left before the change came */
    bool talks = call && call->phone && call->phone->state == PHONE_TALKING;
    if (talks && phones_of(exchange, call) < ROOM_SEATS_MAX - 1)
        phone = phone_ring(exchange, call, order->party, order->phone);
    if (!phone) {
        fail_party(exchange, order->party);
        return;
    }
    phone->role = role;
    phone->auto_answer = order->auto_answer;
    phone->give_up_ms = exchange->mono_ms + EXCHANGE_RING_MS;
    phone_step(exchange, phone, PHONE_OFFER);
}

static void carry_out_hand_over(struct exchange *exchange, const struct order_hand_over *order)
{
    struct call *call = call_of_number(exchange, order->call);
    struct phone *phone = phone_of_offer(exchange, order->offer);
    if (!call)
        return;
    call->finish_ticket = 0;
    call->sender_gone = false;
    if (phone && phone->call == call && phone->state == PHONE_TALKING)
        call_hand_over(exchange, call, phone);
    else /* hung up at the same moment: who has the caller keeps them */
        log_warn("cannot hand over call=%" PRIu64 " offer=%" PRIu64 ": no such phone talks",
                 call->number, order->offer);
}

static void carry_out_transfer(struct exchange *exchange, const struct order_transfer *order)
{
    struct call *call = call_of_number(exchange, order->call);
    if (!call)
        return;
    call->transferring = order->outcome == TRANSFER_OUTCOME_NONE;
    if (call->transferring && order->phone[0])
        refer_out(exchange, call, order->phone);
    else if (!call->transferring)
        refer_out_leave(exchange, call);
    if (!call->transferring && call->phone)
        refer_missed(exchange, call->phone, order->outcome);
}

static void carry_out_hold(struct exchange *exchange, const struct order_hold *order)
{
    struct call *call = call_of_number(exchange, order->call);
    if (!call)
        return;
    if (order->on)
        call->language = order->language;
    call_hold(exchange, call, order->on);
}

static void carry_out_mute(struct exchange *exchange, const struct order_mute *order)
{
    struct call *call = call_of_number(exchange, order->call);
    if (call)
        call_mute(exchange, call, order->on);
}

/* Who hung up at the same moment has ended it: then there is nobody to park. */
static void carry_out_park(struct exchange *exchange, const struct order_park *order)
{
    struct call *call = call_of_number(exchange, order->call);
    if (!call || !call->phone || call->phone->state != PHONE_TALKING)
        return;
    call->language = order->language;
    call->parked = true;
    phone_step(exchange, call->phone, PHONE_WITHDRAW);
}

static void carry_out_press(struct exchange *exchange, const struct order_press *order)
{
    const struct call *call = call_of_number(exchange, order->call);
    const struct phone *phone = order->party ? phone_of_offer(exchange, order->party) : NULL;
    int64_t channel = phone ? phone->media.channel : call ? call->media.channel : 0;
    if (order->party && (!phone || phone->call != call))
        return; /* left before the order came */
    media_channel_press(exchange->media, channel, order->keys);
}

static void carry_out_release(struct exchange *exchange, const struct order_release *order)
{
    struct call *call = call_of_number(exchange, order->call);
    if (!call)
        return;
    if (call->cause == END_CAUSE_NONE)
        call->cause = order->cause;
    if (order->cause == END_CAUSE_TEST)
        call_answer_test(exchange, call);
    else if (order->last != ANNOUNCEMENT_NONE && call->state == CALLER_WAITING)
        call_farewell(exchange, call, order->last);
    else
        caller_step(exchange, call, CALLER_RELEASE);
}

static void hear_order(void *owner, const struct order *order)
{
    struct exchange *exchange = owner;
    struct phone *phone;
    struct call *call;
    if (exchange->alone)
        alone_over(exchange); /* it hears who talks before it takes anything away */
    switch (order->kind) {
    case ORDER_OFFER:
        carry_out_offer(exchange, &order->offer);
        break;
    case ORDER_ANSWER:
        phone = phone_of_offer(exchange, order->answer.offer);
        if (phone)
            phone_step(exchange, phone, PHONE_PRESS);
        break;
    case ORDER_WITHDRAW:
        phone = phone_of_offer(exchange, order->withdraw.offer);
        if (phone)
            phone_step(exchange, phone, PHONE_WITHDRAW);
        break;
    case ORDER_RELEASE:
        carry_out_release(exchange, &order->release);
        break;
    case ORDER_ANNOUNCE:
        call = call_of_number(exchange, order->announce.call);
        if (call)
            call_announce(exchange, call, order->announce.announcement, order->announce.minutes);
        break;
    case ORDER_HAND_OVER:
        carry_out_hand_over(exchange, &order->hand_over);
        break;
    case ORDER_HOLD:
        carry_out_hold(exchange, &order->hold);
        break;
    case ORDER_MUTE:
        carry_out_mute(exchange, &order->mute);
        break;
    case ORDER_PARK:
        carry_out_park(exchange, &order->park);
        break;
    case ORDER_PARTY:
        carry_out_party(exchange, &order->party);
        break;
    case ORDER_TRANSFER:
        carry_out_transfer(exchange, &order->transfer);
        break;
    case ORDER_PRESS:
        carry_out_press(exchange, &order->press);
        break;
    case ORDER_TYPE:
        typing_say(exchange, &order->type);
        break;
    case ORDER_TEXT:
    case ORDER_RECALL:
    case ORDER_CORRECT:
    case ORDER_ERASE:
    case ORDER_NONE:
    case ORDER_KIND_COUNT:
        log_error("cannot carry out order seq=%" PRIu64 " kind=%d", order->seq, (int)order->kind);
        break;
    }
    exchange_keep(exchange); /* it will not come again */
    link_order_done(exchange->link, order->seq);
}

/* The dispatcher does not take an arrival. An emergency caller waits on and is reported again: a
 * full pool or a line missing in a table must not cost a life. Who talks is not cut off. Who is gone
 * already: gone.h. */
static void hear_refusal(struct exchange *exchange, struct call *call, enum refusal refusal)
{
    log_error("dispatcher refuses call=%" PRIu64 " line=%" PRIu32 ": %s", call->number,
              call->line.number, refusal_name(refusal));
    call->ticket = 0;
    if (call->test) { /* no life hangs on it */
        call->deny_status = refusal == REFUSAL_TOO_SOON ? 486 : 503;
        caller_step(exchange, call, CALLER_REFUSE);
        return;
    }
    if (!call_may_be_refused(call) ||
        (refusal == REFUSAL_BUSY && call->tries < EXCHANGE_ORDINARY_TRIES)) {
        exchange->counts.emergency_refusals += call->line.emergency;
        call->retry_ms = exchange->mono_ms + EXCHANGE_RETRY_MS;
        return;
    }
    call->deny_status = refusal == REFUSAL_NO_SUCH_LINE ? 404 : 503;
    if (call->deny_status == 503)
        turned_away_count(exchange, call->line.number);
    caller_step(exchange, call, CALLER_REFUSE);
}

/* The call that waits for this outcome; *own: which of its tickets it is. */
static struct call *call_of_ticket(struct exchange *exchange, uint64_t ticket, uint64_t **own)
{
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++) {
        struct call *call = &exchange->calls[i];
        uint64_t *const tickets[] = { &call->ticket, &call->finish_ticket, &call->keep_ticket };
        for (size_t j = 0; call->token != 0 && j < sizeof tickets / sizeof tickets[0]; j++)
            if (*tickets[j] == ticket) {
                call_touch(exchange, call);
                *own = tickets[j];
                return call;
            }
    }
    return NULL;
}

/* If the outcome is that of a recording, its key goes from here. */
static void hear_recording_taken(struct exchange *exchange, const struct outcome *outcome)
{
    if (!tape_is(outcome->key))
        return;
    if (outcome->refusal == REFUSAL_NONE || outcome->refusal == REFUSAL_ALREADY)
        media_recording_taken(exchange->media, outcome->key);
    else
        log_error("recording %s: refused by the dispatcher: %s; its key stays here", outcome->key,
                  refusal_name(outcome->refusal));
}

static void hear_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct exchange *exchange = owner;
    uint64_t *own = NULL;
    hear_recording_taken(exchange, outcome); /* also one that an earlier process told of */
    if (ticket == 0)
        return;
    bool good = outcome->refusal == REFUSAL_NONE || outcome->refusal == REFUSAL_ALREADY;
    struct call *call = call_of_ticket(exchange, ticket, &own);
    if (!call) {
        if (!gone_hear_outcome(exchange, ticket, outcome->refusal) &&
            !registers_settle(exchange, ticket, outcome->refusal))
            (void)refer_hear_outcome(exchange, ticket, outcome->refusal);
        return;
    }
    *own = 0;
    if (own == &call->keep_ticket) {
        exchange_hear_kept(exchange, call, outcome->refusal);
    } else if (own == &call->finish_ticket) {
        if (!good)
            call_refuse_finish(exchange, call);
    } else if (!good) {
        hear_refusal(exchange, call, outcome->refusal);
    } else {
        caller_step(exchange, call, CALLER_KEPT);
    }
}

static void hear_spooled(void *owner, uint64_t ticket)
{
    struct exchange *exchange = owner;
    uint64_t *own = NULL;
    struct call *call = ticket ? call_of_ticket(exchange, ticket, &own) : NULL;
    if (call && own == &call->ticket)
        caller_step(exchange, call, CALLER_KEPT); /* the ticket stays: the outcome is to come */
    else if (ticket && !call)
        (void)registers_settle(exchange, ticket, REFUSAL_NONE);
}

static void hear_up(void *owner, const struct welcome *welcome)
{
    (void)welcome;
    alone_over(owner);
}

static void hear_setup(void *owner, const struct setup *setup)
{
    struct exchange *exchange = owner;
    struct dial_plan fresh;
    dial_plan_from_setup(&fresh, setup);
    if (fresh.count == 0) {
        log_warn("setup without lines: the known ones stay");
        return;
    }
    if (dial_plan_is_same(&fresh, &exchange->plan))
        return;
    exchange->plan = fresh;
    int status = dial_plan_write(&fresh, exchange->lines_path);
    if (status < 0)
        log_error("cannot write lines file=%s: %s", exchange->lines_path, strerror(-status));
    log_info("take lines count=%" PRIu32, fresh.count);
}

const struct link_handlers exchange_link_handlers = { .up = hear_up,
                                                      .refused = gone_hear_refused,
                                                      .outcome = hear_outcome,
                                                      .spooled = hear_spooled,
                                                      .order = hear_order,
                                                      .setup = hear_setup };
