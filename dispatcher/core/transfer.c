/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/transfer.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/hold.h"
#include "dispatcher/core/mute.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/party.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/taker.h"

/* Who has the contact when the transfer ended so; NULL: the queue. */
static const struct user *keeper(const struct contact *contact, enum transfer_outcome outcome,
                                 const struct user *receiver)
{
    if (outcome == TRANSFER_OUTCOME_TAKEN)
        return receiver;
    return outcome == TRANSFER_OUTCOME_SENDER_LEFT ? NULL : contact->taker;
}

static void record(struct decision *decision, const struct contact *contact,
                   enum transfer_outcome outcome, const struct user *receiver, uint64_t offer,
                   uint64_t answered_ms)
{
    const struct transfer *transfer = &contact->transfer;
    const struct user *kept = keeper(contact, outcome, receiver);
    bool gone = outcome == TRANSFER_OUTCOME_CALLER_GONE || outcome == TRANSFER_OUTCOME_REFERRED;
    REQUIRE(contact->taker && transfer->line);
    if (!gone)
        hold_end(decision, contact);
    if (kept != contact->taker)
        mute_end(decision, contact); /* who comes is heard */
    if (outcome == TRANSFER_OUTCOME_SENDER_LEFT)
        parties_end(decision, contact, PARTY_OUT_DROPPED);
    struct event *event = contact_event(decision, EVENT_TRANSFER_ENDED, contact);
    event->taker = kept ? kept->row.user : 0;
    event->transfer_ended = (struct transfer_ended){
        .from_taker = contact->taker->row.user,
        .to_taker = receiver ? receiver->row.user : transfer->named,
        .from_line = contact->line->row.line,
        .to_line = transfer->line->row.line,
        .kind = transfer->kind,
        .asked_ms = transfer->asked_ms,
        .answered_ms = answered_ms,
        .outcome = outcome,
        .returned = kept == contact->taker && !gone,
        .gateway = contact->gateway->row.gateway,
        .call = contact->call,
        .offer = offer,
        .band = kept == contact->taker || transfer->line == contact->line
                    ? contact->band
                    : transfer->line->row.band,
        .status = outcome == TRANSFER_OUTCOME_CARRIER_REFUSED
                      ? decision->command->transfer_cancel.status
                      : 0,
    };
    if (kept == contact->taker)
        return;
    taker_wrap_up(decision, contact);
    if (kept && transfer->line != contact->line && transfer->line->row.line == contact->came_from &&
        !contact->bounced) {
        struct event *bounced = contact_event(decision, EVENT_TRANSFER_BOUNCED, contact);
        bounced->transfer_bounced.from_line = contact->line->row.line;
        bounced->transfer_bounced.to_line = transfer->line->row.line;
    }
}

void transfer_answer(struct decision *decision, const struct contact *contact,
                     const struct lease *lease)
{
    /* A text has no voices to bring together. */
    if (contact->transfer.kind == TRANSFER_KIND_WARM && contact->channel == CHANNEL_VOICE) {
        struct event *event = contact_event(decision, EVENT_TRANSFER_ANSWERED, contact);
        event->offer = lease->id;
        event->taker = lease->taker->row.user;
        return;
    }
    record(decision, contact, TRANSFER_OUTCOME_TAKEN, lease->taker, lease->id, decision->at_ms);
}

void transfer_end(struct decision *decision, const struct contact *contact,
                  enum transfer_outcome outcome)
{
    const struct transfer *transfer = &contact->transfer;
    record(decision, contact, outcome, transfer->receiver, transfer->offer, transfer->answered_ms);
}

void transfer_stop(struct decision *decision, const struct contact *contact,
                   enum transfer_outcome outcome)
{
    if (contact->leases[0].id)
        offer_end(decision, contact, &contact->leases[0], OFFER_END_TRANSFER_OVER);
    transfer_end(decision, contact, outcome);
}

/* ---- what is asked ------------------------------------------------------------------------- */

static enum refusal check_way(const struct contact *contact, const struct line *line,
                              enum transfer_kind kind)
{
    bool emergency = contact->line->row.emergency || line->row.emergency;
    if (kind == TRANSFER_KIND_BLIND && emergency)
        return REFUSAL_WARM_ONLY;
    return contact->bounced && line != contact->line ? REFUSAL_BOUNCED : REFUSAL_NONE;
}

static enum refusal check_taker(const struct decision *decision, const struct contact *contact,
                                const struct line *line, const struct user *taker)
{
    if (!taker)
        return REFUSAL_NO_SUCH_USER;
    bool reachable = contact->channel == CHANNEL_SMS || taker_phone(taker)[0];
    bool rests = taker->rest_ms > decision->at_ms &&
                 !(taker->ordinary_rest && (queue_is_urgent(contact) || line->row.emergency));
    return taker_state(taker) == TAKER_STATE_READY && !rests && reachable ? REFUSAL_NONE
                                                                          : REFUSAL_TAKER_BUSY;
}

/* Outside nobody records, and nobody comes back: not with an emergency (decision 0053). */
static enum refusal check_outside(const struct decision *decision, const struct contact *contact,
                                  const struct department *department)
{
    const struct contact_transfer *asked = &decision->command->contact_transfer;
    if (asked->taker || asked->line || asked->kind || decision->actor_kind == ACTOR_KIND_GATEWAY)
        return REFUSAL_MALFORMED;
    if (contact->channel != CHANNEL_VOICE)
        return REFUSAL_WRONG_STATE;
    if (queue_is_urgent(contact))
        return REFUSAL_STAYS_HERE;
    if (!department || department->row.retired)
        return REFUSAL_NO_SUCH_DEPARTMENT;
    if (!department->row.phone[0])
        return REFUSAL_NO_PHONE;
    return party_may_call(decision, department) ? REFUSAL_NONE : REFUSAL_NUMBER_RESERVED;
}

static enum refusal check_contact(const struct decision *decision, const struct contact *contact)
{
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (contact->state != CONTACT_STATE_CONNECTED || contact->dial || !contact->taker)
        return REFUSAL_WRONG_STATE; /* who was dialled has no leg to hand over; nobody's seat does not hand over */
    bool by_phone = decision->actor_kind == ACTOR_KIND_GATEWAY; /* the gateway knows whose it is */
    if (!by_phone && contact->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    return contact->transfer.kind ? REFUSAL_TRANSFER_RUNS : REFUSAL_NONE;
}

/* By its number, or by the call of the gateway that carries it. */
static const struct contact *find(const struct decision *decision, uint64_t contact, uint64_t call)
{
    if (decision->actor_kind == ACTOR_KIND_GATEWAY)
        return core_call(decision->core, decision->actor, call);
    return core_contact(decision->core, contact);
}

/* What was asked, whole: a telephone dials numbers, and does not say whose they are, nor how. */
static struct contact_transfer complete(const struct decision *decision,
                                        const struct contact *contact)
{
    const struct core *core = decision->core;
    struct contact_transfer asked = decision->command->contact_transfer;
    bool by_phone = decision->actor_kind == ACTOR_KIND_GATEWAY;
    if (!by_phone) {
        memset(asked.referred_by, 0, sizeof asked.referred_by);
    } else if (asked.taker && !core_user(core, asked.taker) && core_line(core, asked.taker)) {
        asked.line = asked.taker;
        asked.taker = 0;
    }
    const struct line *line = asked.line ? core_line(core, asked.line) : contact->line;
    bool emergency = contact->line->row.emergency || (line && line->row.emergency);
    if (!asked.kind)
        asked.kind = by_phone && !emergency ? TRANSFER_KIND_BLIND : TRANSFER_KIND_WARM;
    return asked;
}

static uint64_t length_of(const struct core *core, const struct contact *contact,
                          const struct line *line, enum transfer_kind kind)
{
    if (kind == TRANSFER_KIND_CARRIER)
        return TRANSFER_CARRIER_MS;
    return core
        ->parameters[line == contact->line ? PARAMETER_TRANSFER_MS : PARAMETER_TRANSFER_LINE_MS];
}

static void begin(struct decision *decision, const struct contact *contact,
                  const struct contact_transfer *asked, const struct line *line)
{
    const struct core *core = decision->core;
    const struct department *department = core_department(core, asked->department);
    const struct user *taker = core_user(core, asked->taker);
    uint64_t length_ms = length_of(core, contact, line, asked->kind);
    struct event *event = contact_event(decision, EVENT_TRANSFER_ASKED, contact);
    event->taker = contact->taker->row.user;
    event->transfer_asked = (struct transfer_asked){ .to_taker = asked->taker,
                                                     .to_line = line->row.line,
                                                     .kind = asked->kind,
                                                     .until_ms = decision->at_ms + length_ms,
                                                     .gateway = contact->gateway->row.gateway,
                                                     .call = contact->call,
                                                     .to_department = asked->department };
    memcpy(event->transfer_asked.referred_by, asked->referred_by, sizeof asked->referred_by);
    if (department)
        memcpy(event->transfer_asked.phone, department->row.phone, sizeof department->row.phone);
    bool emergency = contact->line->row.emergency || line->row.emergency;
    if (contact->channel == CHANNEL_VOICE && !emergency && !contact->held_ms)
        hold_begin(decision, contact); /* who is in danger is never left alone with music */
    decision->verdict->contact = contact->id;
    if (!taker)
        return;
    taker_cut_in(decision, taker);
    offer_make(decision, contact, taker, OFFER_KIND_TRANSFER, length_ms);
}

enum refusal decide_contact_transfer(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct contact *contact = find(decision, decision->command->contact_transfer.contact,
                                         decision->command->contact_transfer.call);
    enum refusal refusal = check_contact(decision, contact);
    if (refusal)
        return refusal;
    struct contact_transfer asked = complete(decision, contact);
    if (asked.department) {
        refusal = check_outside(decision, contact, core_department(core, asked.department));
        asked.kind = TRANSFER_KIND_CARRIER;
        if (!refusal)
            begin(decision, contact, &asked, contact->line);
        return refusal;
    }
    if (!asked.taker == !asked.line || asked.kind == TRANSFER_KIND_CARRIER)
        return REFUSAL_MALFORMED; /* one of the two */
    const struct line *line = asked.line ? core_line(core, asked.line) : contact->line;
    if (!line || line->row.retired)
        return REFUSAL_NO_SUCH_LINE;
    refusal = check_way(contact, line, asked.kind);
    if (!refusal && asked.taker)
        refusal = check_taker(decision, contact, line, core_user(core, asked.taker));
    if (!refusal)
        begin(decision, contact, &asked, line);
    return refusal;
}

static enum refusal check_running(const struct decision *decision, const struct contact *contact)
{
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (!contact->transfer.kind)
        return REFUSAL_NO_TRANSFER;
    bool theirs = decision->actor_kind == ACTOR_KIND_GATEWAY || contact->taker == decision->user ||
                  contact->transfer.receiver == decision->user;
    return theirs || decision_forces(decision) ? REFUSAL_NONE : REFUSAL_NOT_YOURS;
}

enum refusal decide_transfer_cancel(struct decision *decision)
{
    const struct transfer_cancel *asked = &decision->command->transfer_cancel;
    const struct contact *contact = find(decision, asked->contact, asked->call);
    enum refusal refusal = check_running(decision, contact);
    if (refusal)
        return refusal;
    /* The gateway speaks of the receiver's phone: it hung up before the hand-over. */
    bool by_receiver = contact->transfer.receiver && (decision->actor_kind == ACTOR_KIND_GATEWAY ||
                                                      contact->transfer.receiver == decision->user);
    decision->verdict->contact = contact->id;
    bool by_carrier = contact->transfer.kind == TRANSFER_KIND_CARRIER &&
                      decision->actor_kind == ACTOR_KIND_GATEWAY;
    transfer_stop(decision, contact,
                  by_receiver  ? TRANSFER_OUTCOME_RECEIVER_LEFT
                  : by_carrier ? TRANSFER_OUTCOME_CARRIER_REFUSED
                               : TRANSFER_OUTCOME_CANCELLED);
    return REFUSAL_NONE;
}

/* A phone without power takes its taker away, and must not take the citizen along. */
static enum refusal requeue(struct decision *decision, const struct contact *contact)
{
    const struct user *taker = contact->taker;
    if (contact->state != CONTACT_STATE_CONNECTED || contact->channel != CHANNEL_VOICE ||
        contact->dial)
        return REFUSAL_WRONG_STATE;
    decision->verdict->contact = contact->id;
    hold_end(decision, contact);
    mute_end(decision, contact);
    parties_end(decision, contact, PARTY_OUT_DROPPED);
    contact_event(decision, EVENT_CONTACT_REQUEUED, contact)->contact_requeued.from_taker =
        contact_taker(contact);
    if (!taker)
        return REFUSAL_NONE;
    if (taker->row.retired) {
        taker_wrap_up(decision, contact); /* signs them off */
        return REFUSAL_NONE;
    }
    struct event *away = decision_event(decision, EVENT_TAKER_WENT_AWAY);
    away->taker = taker->row.user;
    away->taker_went_away.reason = AWAY_REASON_PHONE_FAILED;
    return REFUSAL_NONE;
}

enum refusal decide_transfer_finish(struct decision *decision)
{
    const struct transfer_finish *asked = &decision->command->transfer_finish;
    const struct contact *contact = find(decision, asked->contact, asked->call);
    if (contact && !contact->transfer.kind && asked->lost &&
        decision->actor_kind == ACTOR_KIND_GATEWAY)
        return requeue(decision, contact);
    enum refusal refusal = check_running(decision, contact);
    if (refusal)
        return refusal;
    /* Only a phone that hung up leaves nobody on the line. */
    if (!contact->transfer.receiver && decision->actor_kind != ACTOR_KIND_GATEWAY)
        return REFUSAL_WRONG_STATE;
    decision->verdict->contact = contact->id;
    transfer_stop(decision, contact,
                  contact->transfer.receiver ? TRANSFER_OUTCOME_TAKEN
                                             : TRANSFER_OUTCOME_SENDER_LEFT);
    return REFUSAL_NONE;
}

/* ---- what the events do -------------------------------------------------------------------- */

static struct contact *transferred(const struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->state == CONTACT_STATE_CONNECTED);
    return contact;
}

void apply_transfer_asked(struct core *core, const struct event *event)
{
    struct contact *contact = transferred(core, event);
    const struct transfer_asked *asked = &event->transfer_asked;
    REQUIRE(!contact->transfer.kind);
    contact->transfer = (struct transfer){ .kind = asked->kind,
                                           .named = asked->to_taker,
                                           .line = core_line(core, asked->to_line),
                                           .until_ms = asked->until_ms,
                                           .asked_ms = event->at_ms };
    REQUIRE(contact->transfer.line);
    queue_file(core, contact);
}

void apply_transfer_answered(struct core *core, const struct event *event)
{
    struct contact *contact = transferred(core, event);
    const struct lease *lease = offer_lease(contact, event->offer);
    REQUIRE(lease && lease->taker->row.user == event->taker);
    struct user *receiver = lease->taker;
    offer_drop(core, contact, event->offer);
    contact->transfer.receiver = receiver;
    contact->transfer.offer = event->offer;
    contact->transfer.answered_ms = event->at_ms;
    receiver->unanswered = 0;
    queue_file(core, contact);
    taker_refile(core, receiver);
}

/* The contact moves with its record; the sender is free. */
static void hand_over(struct core *core, struct contact *contact, const struct event *event)
{
    const struct transfer_ended *ended = &event->transfer_ended;
    struct user *sender = contact->taker;
    struct user *receiver =
        ended->outcome == TRANSFER_OUTCOME_TAKEN ? core_user(core, ended->to_taker) : NULL;
    struct line *line = core_line(core, ended->to_line);
    REQUIRE(line && (receiver || ended->outcome == TRANSFER_OUTCOME_SENDER_LEFT));
    if (offer_lease(contact, ended->offer))
        offer_drop(core, contact, ended->offer);
    contact->transfer = (struct transfer){ 0 };
    if (line != contact->line) {
        contact->came_from = contact->line->row.line;
        contact->line = line;
        contact->band = ended->band;
        contact->level = 0;
        contact->widen_ms = 0;
    }
    contact->taker = receiver;
    contact->stale_ms = 0;
    if (!receiver)
        contact_move(core, contact, CONTACT_STATE_WAITING);
    taker_let_go(core, sender, event->at_ms);
    queue_file(core, contact);
    if (!receiver)
        return;
    REQUIRE(receiver->contact == contact);
    receiver->unanswered = 0;
    taker_refile(core, receiver);
}

void apply_transfer_ended(struct core *core, const struct event *event)
{
    struct contact *contact = transferred(core, event);
    enum transfer_outcome outcome = event->transfer_ended.outcome;
    struct user *receiver = contact->transfer.receiver;
    REQUIRE(contact->transfer.kind);
    if (outcome == TRANSFER_OUTCOME_TAKEN || outcome == TRANSFER_OUTCOME_SENDER_LEFT) {
        hand_over(core, contact, event);
        return;
    }
    contact->transfer = (struct transfer){ 0 };
    contact->stale_ms = 0;
    if (receiver)
        taker_let_go(core, receiver, event->at_ms);
    queue_file(core, contact);
}

void apply_contact_requeued(struct core *core, const struct event *event)
{
    struct contact *contact = transferred(core, event);
    struct user *former = contact->taker;
    contact->taker = NULL;
    contact_move(core, contact, CONTACT_STATE_WAITING);
    if (former)
        taker_let_go(core, former, event->at_ms);
    queue_file(core, contact);
}

void apply_transfer_bounced(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact);
    contact->bounced = true;
}
