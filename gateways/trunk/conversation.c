/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who speaks with a caller: the room, hold, hand-over, and what follows when somebody leaves. Whatever
 * fails, the caller is with somebody afterwards, or waits in the queue. */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "gateways/trunk/call.h"

void call_play_hold(struct exchange *exchange, const struct call *call)
{
    char name[CALL_PROMPT_BYTES];
    const char *const names[] = { name, "music", NULL };
    call_prompt(exchange, call, "hold", name);
    media_channel_play(exchange->media, call->media.channel, names, 0);
}

static void play_as_held(struct exchange *exchange, struct call *call)
{
    static const char *const nothing[] = { NULL };
    if (call->held == call->hears_hold)
        return;
    call->hears_hold = call->held;
    if (call->held)
        call_play_hold(exchange, call);
    else
        media_channel_play(exchange->media, call->media.channel, nothing, 1);
}

void call_arrange(struct exchange *exchange, struct call *call)
{
    enum room_role roles[ROOM_SEATS_MAX];
    struct media_seat seats[ROOM_SEATS_MAX];
    unsigned count = 1;
    if (call->media.channel == 0)
        return;
    roles[0] = call->held ? ROOM_HELD : ROOM_CALLER;
    seats[0].channel = call->media.channel;
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX && count < ROOM_SEATS_MAX; i++) {
        const struct phone *phone = &exchange->phones[i];
        if (phone->token == 0 || phone->call != call || phone->state != PHONE_TALKING)
            continue;
        roles[count] = phone != call->phone ? phone->role : call->muted ? ROOM_MUTED : ROOM_TAKER;
        seats[count++].channel = phone->media.channel;
    }
    for (unsigned i = 0; i < count; i++)
        seats[i].hears = room_mask(roles, count, i);
    if (count > 1 || call->in_room)
        media_room(exchange->media, seats, count, room_recorded(roles, count));
    call->in_room = count > 1;
    play_as_held(exchange, call);
}

void call_hold(struct exchange *exchange, struct call *call, bool on)
{
    bool talks = call->phone && call->phone->state == PHONE_TALKING;
    if (call->held == on || (on && !talks))
        return;
    call->held = on;
    call_arrange(exchange, call);
}

void call_mute(struct exchange *exchange, struct call *call, bool on)
{
    bool talks = call->phone && call->phone->state == PHONE_TALKING;
    if (call->muted == on || (on && !talks))
        return;
    call->muted = on;
    call_arrange(exchange, call);
}

static void put_through(struct exchange *exchange, struct call *call, struct phone *phone)
{
    log_info("hand over call=%" PRIu64 " offer=%" PRIu64, call->number, phone->offer);
    call->phone = phone;
    phone->role = ROOM_TAKER;
    call->transferring = false;
    call->held = call->muted = false;
    call_arrange(exchange, call);
}

void call_hand_over(struct exchange *exchange, struct call *call, struct phone *phone)
{
    struct phone *sender = call->phone;
    if (sender == phone)
        return;
    if (sender)
        refer_reached(exchange, sender);
    if (sender)
        sender->call = NULL;
    put_through(exchange, call, phone);
    if (sender)
        phone_step(exchange, sender, PHONE_RELEASE);
}

void call_park(struct exchange *exchange, struct call *call)
{
    exchange->counts.parked++;
    call->held = call->hears_hold = call->muted = false;
    call_arrange(exchange, call);
    caller_step(exchange, call, CALLER_PARK);
    if (call->sender_gone)
        caller_step(exchange, call, CALLER_RELEASE);
}

static void report_of_call(struct exchange *exchange, const struct call *call,
                           enum command_kind kind, uint64_t *ticket)
{
    struct command command = { .kind = kind };
    if (kind == COMMAND_TRANSFER_FINISH)
        command.transfer_finish =
            (struct transfer_finish){ .call = call->number, .lost = call->phone_lost };
    else
        command.transfer_cancel.call = call->number;
    *ticket = 0;
    (void)exchange_report(exchange, &command, NULL, ticket);
}

static struct phone *receiver_of(struct exchange *exchange, const struct call *call)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        if (phone->token != 0 && phone->call == call && phone->state == PHONE_TALKING &&
            phone->role == ROOM_RECEIVER)
            return phone;
    }
    return NULL;
}

/* The sender of a transfer hung up, or a taker's phone is dead: the receiver has the caller, or the queue
 * until there is one. */
static void leave_to_receiver(struct exchange *exchange, struct call *call)
{
    struct phone *receiver = receiver_of(exchange, call);
    report_of_call(exchange, call, COMMAND_TRANSFER_FINISH, &call->finish_ticket);
    call->phone_lost = false;
    if (receiver)
        put_through(exchange, call, receiver);
    else
        call_park(exchange, call);
}

void call_left(struct exchange *exchange, struct call *call, const struct phone *phone,
               bool had_caller)
{
    struct command command = { .kind = COMMAND_PARTY_LEAVE };
    uint64_t ticket;
    if (had_caller && (call->transferring || call->phone_lost || receiver_of(exchange, call))) {
        leave_to_receiver(exchange, call);
        return;
    }
    if (had_caller) {
        caller_step(exchange, call, CALLER_RELEASE);
        return;
    }
    if (phone->role == ROOM_RECEIVER) {
        report_of_call(exchange, call, COMMAND_TRANSFER_CANCEL, &ticket);
        if (!link_is_up(exchange->link))
            call->held = false;
    } else {
        command.party_leave.party = phone->offer;
        command.party_leave.cause = PARTY_OUT_LEFT;
        (void)exchange_report(exchange, &command, NULL, &ticket);
    }
    call_arrange(exchange, call);
}

void call_refuse_finish(struct exchange *exchange, struct call *call)
{
    if (call->phone && call->phone->state == PHONE_TALKING)
        call->sender_gone = true; /* the receiver's phone is about to be taken away, or not */
    else
        caller_step(exchange, call, CALLER_RELEASE);
}

struct phone *call_other_phone(struct exchange *exchange, const struct call *call,
                               const struct phone *phone)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *other = &exchange->phones[i];
        if (other->token != 0 && other != phone && other->call == call && other->role == ROOM_TAKER)
            return other;
    }
    return NULL;
}

struct phone *call_any_phone(struct exchange *exchange, const struct call *call)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        if (exchange->phones[i].token != 0 && exchange->phones[i].call == call)
            return &exchange->phones[i];
    return NULL;
}
