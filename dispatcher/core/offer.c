/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/offer.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/reserve.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/transfer.h"

const struct lease *offer_lease(const struct contact *contact, uint64_t offer)
{
    for (uint32_t i = 0; i < OFFERS_MAX; i++)
        if (offer && contact->leases[i].id == offer)
            return &contact->leases[i];
    return NULL;
}

const struct lease *offer_to(const struct contact *contact, const struct user *taker)
{
    for (uint32_t i = 0; i < OFFERS_MAX; i++)
        if (contact->leases[i].id && contact->leases[i].taker == taker)
            return &contact->leases[i];
    return NULL;
}

static struct event *offer_event(struct decision *decision, enum event_kind kind,
                                 const struct contact *contact, const struct lease *lease)
{
    struct event *event = contact_event(decision, kind, contact);
    event->offer = lease->id;
    event->taker = lease->taker->row.user;
    return event;
}

static uint64_t lease_ms(const struct core *core, const struct line *line)
{
    return line->row.lease_ms ? line->row.lease_ms : core->parameters[PARAMETER_OFFER_LEASE_MS];
}

void offer_make(struct decision *decision, const struct contact *contact, const struct user *taker,
                enum offer_kind kind, uint64_t most_ms)
{
    uint64_t length_ms = lease_ms(decision->core, queue_line(contact));
    struct event *event = contact_event(decision, EVENT_OFFER_MADE, contact);
    event->offer = decision_id(decision);
    event->taker = taker->row.user;
    struct offer_made *offer = &event->offer_made;
    offer->gateway = contact->gateway->row.gateway;
    offer->call = contact->call;
    offer->until_ms = decision->at_ms + (length_ms < most_ms ? length_ms : most_ms);
    offer->kind = kind;
    offer->dial = contact->dial;
    if (contact->channel == CHANNEL_VOICE && !contact->dial) {
        memcpy(offer->phone, taker_phone(taker), sizeof offer->phone);
        offer->auto_answer =
            taker->row.auto_answer || (kind == OFFER_KIND_PARKED && taker == decision->user);
    }
}

bool offer_next(struct decision *decision)
{
    const struct contact *contact;
    const struct user *taker;
    if (!queue_next(decision->core, decision->at_ms, &contact, &taker))
        return false;
    /* A late step: the transfer's time is over, though its deadline has not fired yet. */
    if (contact->transfer.kind && contact->transfer.until_ms <= decision->at_ms) {
        transfer_end(decision, contact, TRANSFER_OUTCOME_UNANSWERED);
        return true;
    }
    taker_cut_in(decision, taker);
    enum offer_kind kind = contact->transfer.kind                    ? OFFER_KIND_TRANSFER
                           : contact->state == CONTACT_STATE_OFFERED ? OFFER_KIND_PARALLEL
                                                                     : OFFER_KIND_NONE;
    offer_make(decision, contact, taker, kind,
               contact->transfer.kind ? contact->transfer.until_ms - decision->at_ms : NEVER);
    return true;
}

void offer_end(struct decision *decision, const struct contact *contact, const struct lease *lease,
               enum offer_end cause)
{
    REQUIRE(lease && lease->id);
    struct event *event = offer_event(decision, EVENT_OFFER_ENDED, contact, lease);
    struct offer_ended *ended = &event->offer_ended;
    uint64_t rest_ms = lease->made_ms + decision->core->parameters[PARAMETER_OFFER_PAUSE_MS];
    bool missed = cause == OFFER_END_UNANSWERED && lease->kind != OFFER_KIND_TRANSFER;
    ended->cause = cause;
    ended->gateway = contact->gateway->row.gateway;
    ended->call = contact->call;
    ended->unanswered = contact->unanswered + missed;
    /* Who took it and dialled in vain has nothing to rest from. */
    bool rests = rest_ms > decision->at_ms && cause != OFFER_END_NOT_REACHED;
    ended->rest_until_ms = rests ? rest_ms : 0;
    /* A phone that refuses by itself must not be asked without end. */
    bool refused = cause == OFFER_END_DECLINED || cause == OFFER_END_UNANSWERED;
    ended->ordinary_only = rests && !(refused && queue_is_urgent(contact));
}

/* Ends the offer, and the transfer with it when this taker alone was meant. */
static void fall_through(struct decision *decision, const struct contact *contact,
                         const struct lease *lease, enum offer_end cause)
{
    offer_end(decision, contact, lease, cause);
    if (contact->transfer.kind && contact->transfer.named)
        transfer_end(decision, contact,
                     cause == OFFER_END_UNANSWERED ? TRANSFER_OUTCOME_UNANSWERED
                                                   : TRANSFER_OUTCOME_RECEIVER_LEFT);
}

static void send_away(struct decision *decision, const struct user *taker, enum away_reason reason)
{
    struct event *event = decision_event(decision, EVENT_TAKER_WENT_AWAY);
    event->taker = taker->row.user;
    event->taker_went_away.reason = reason;
}

static void unanswered(struct decision *decision, const struct contact *contact,
                       const struct lease *lease)
{
    const struct user *taker = lease->taker;
    fall_through(decision, contact, lease, OFFER_END_UNANSWERED);
    if (taker->unanswered + 1 >= decision->core->parameters[PARAMETER_UNANSWERED_AWAY])
        send_away(decision, taker, AWAY_REASON_UNANSWERED);
}

void offer_expire(struct decision *decision, const struct contact *contact,
                  const struct lease *lease)
{
    unanswered(decision, contact, lease);
}

void offer_leave(struct decision *decision, const struct user *taker)
{
    fall_through(decision, taker->contact, offer_to(taker->contact, taker), OFFER_END_TAKER_LEFT);
}

/* The offer's contact, asked by the gateway that carries it. */
static enum refusal find_of_gateway(const struct decision *decision, uint64_t offer,
                                    const struct contact **contact, const struct lease **lease)
{
    *contact = core_offer(decision->core, offer);
    if (!*contact)
        return REFUSAL_NO_SUCH_OFFER;
    *lease = offer_lease(*contact, offer);
    if (decision->actor_kind == ACTOR_KIND_GATEWAY && (*contact)->gateway != decision->gateway)
        return REFUSAL_NOT_YOURS;
    return REFUSAL_NONE;
}

static enum refusal find_of_taker(const struct decision *decision, uint64_t offer,
                                  const struct contact **contact, const struct lease **lease)
{
    *contact = core_offer(decision->core, offer);
    if (!*contact)
        return REFUSAL_NO_SUCH_OFFER;
    *lease = offer_lease(*contact, offer);
    if (decision->actor_kind == ACTOR_KIND_USER && (*lease)->taker != decision->user)
        return REFUSAL_NOT_YOURS;
    return REFUSAL_NONE;
}

void offer_connect(struct decision *decision, const struct contact *contact,
                   const struct lease *lease)
{
    decision->verdict->contact = contact->id;
    if (lease->kind == OFFER_KIND_TRANSFER) {
        transfer_answer(decision, contact, lease);
        return;
    }
    for (uint32_t i = 0; i < OFFERS_MAX; i++)
        if (contact->leases[i].id && &contact->leases[i] != lease)
            offer_end(decision, contact, &contact->leases[i], OFFER_END_TAKEN_ELSEWHERE);
    struct event *event = offer_event(decision, EVENT_CONTACT_CONNECTED, contact, lease);
    event->contact_connected.waited_ms = decision->at_ms - contact->arrived_ms;
    event->contact_connected.emergency = contact->line->row.emergency && !contact->parker;
    event->contact_connected.in_time = decision->at_ms <= contact->due_ms;
}

enum refusal decide_offer_ring(struct decision *decision)
{
    const struct contact *contact;
    const struct lease *lease;
    enum refusal refusal =
        find_of_gateway(decision, decision->command->offer_ring.offer, &contact, &lease);
    if (refusal)
        return refusal;
    if (lease->rang)
        return REFUSAL_ALREADY;
    offer_event(decision, EVENT_OFFER_RANG, contact, lease);
    return REFUSAL_NONE;
}

enum refusal decide_offer_answer(struct decision *decision)
{
    const struct contact *contact;
    const struct lease *lease;
    enum refusal refusal =
        find_of_gateway(decision, decision->command->offer_answer.offer, &contact, &lease);
    if (refusal)
        return refusal;
    offer_connect(decision, contact, lease);
    return REFUSAL_NONE;
}

enum refusal decide_offer_fail(struct decision *decision)
{
    const struct contact *contact;
    const struct lease *lease;
    enum offer_end cause = decision->command->offer_fail.cause;
    enum refusal refusal =
        find_of_gateway(decision, decision->command->offer_fail.offer, &contact, &lease);
    if (refusal)
        return refusal;
    switch (cause) {
    case OFFER_END_UNANSWERED:
        unanswered(decision, contact, lease);
        return REFUSAL_NONE;
    case OFFER_END_DECLINED:
        fall_through(decision, contact, lease, cause);
        return REFUSAL_NONE;
    case OFFER_END_PHONE_FAILED:
        fall_through(decision, contact, lease, cause);
        send_away(decision, lease->taker, AWAY_REASON_PHONE_FAILED);
        return REFUSAL_NONE;
    case OFFER_END_NONE:
    case OFFER_END_COUNT:
    case OFFER_END_CALLER_GONE:
    case OFFER_END_TAKER_LEFT:
    case OFFER_END_GATEWAY_LOST:
    case OFFER_END_CONNECTED:
    case OFFER_END_NOT_REACHED:
    case OFFER_END_TAKEN_ELSEWHERE:
    case OFFER_END_TRANSFER_OVER:
        break;
    }
    return REFUSAL_MALFORMED;
}

enum refusal decide_offer_accept(struct decision *decision)
{
    const struct contact *contact;
    const struct lease *lease;
    enum refusal refusal =
        find_of_taker(decision, decision->command->offer_accept.offer, &contact, &lease);
    if (refusal)
        return refusal;
    decision->verdict->contact = contact->id;
    if (contact->channel == CHANNEL_SMS) {
        offer_connect(decision, contact, lease); /* a text has no phone that must answer first */
        return REFUSAL_NONE;
    }
    if (lease->accepted)
        return REFUSAL_ALREADY;
    struct event *event = offer_event(decision, EVENT_OFFER_ACCEPTED, contact, lease);
    event->offer_accepted.gateway = contact->gateway->row.gateway;
    event->offer_accepted.call = contact->call;
    event->offer_accepted.until_ms =
        decision->at_ms + (contact->dial ? decision->core->parameters[PARAMETER_DIAL_LEASE_MS]
                                         : lease_ms(decision->core, queue_line(contact)));
    return REFUSAL_NONE;
}

enum refusal decide_offer_decline(struct decision *decision)
{
    const struct contact *contact;
    const struct lease *lease;
    enum refusal refusal =
        find_of_taker(decision, decision->command->offer_decline.offer, &contact, &lease);
    if (refusal)
        return refusal;
    fall_through(decision, contact, lease, OFFER_END_DECLINED);
    return REFUSAL_NONE;
}

void apply_offer_made(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    struct user *taker = core_user(core, event->taker);
    REQUIRE(contact && taker && taker_state(taker) == TAKER_STATE_READY);
    struct lease *lease = &contact->leases[contact->leases[0].id != 0];
    REQUIRE(!lease->id);
    core_id_used(core, event->offer);
    if (contact->state == CONTACT_STATE_WAITING)
        contact_move(core, contact, CONTACT_STATE_OFFERED);
    *lease = (struct lease){ .id = event->offer,
                             .until_ms = event->offer_made.until_ms,
                             .made_ms = event->at_ms,
                             .taker = taker,
                             .kind = event->offer_made.kind };
    contact->rang = contact->accepted = false;
    taker->contact = contact;
    index_put(&core->index, ENTRY_OFFER, lease->id, 0, contact);
    queue_file(core, contact);
    taker_refile(core, taker);
}

static struct lease *offered(const struct core *core, const struct event *event,
                             struct contact **contact)
{
    *contact = core_offer(core, event->offer);
    REQUIRE(*contact && (*contact)->id == event->contact);
    struct lease *lease = &(*contact)->leases[(*contact)->leases[0].id != event->offer];
    REQUIRE(lease->id == event->offer && lease->taker->row.user == event->taker);
    return lease;
}

void apply_offer_rang(struct core *core, const struct event *event)
{
    struct contact *contact;
    offered(core, event, &contact)->rang = true;
    contact->rang = true;
}

void apply_offer_accepted(struct core *core, const struct event *event)
{
    struct contact *contact;
    struct lease *lease = offered(core, event, &contact);
    REQUIRE(!lease->accepted);
    lease->accepted = contact->accepted = true;
    lease->until_ms = event->offer_accepted.until_ms;
    queue_file(core, contact);
}

void offer_drop(struct core *core, struct contact *contact, uint64_t offer)
{
    struct lease *lease = &contact->leases[contact->leases[0].id != offer];
    REQUIRE(lease->id == offer);
    index_remove(&core->index, ENTRY_OFFER, offer, 0);
    contact->leases[0] = contact->leases[lease == &contact->leases[0]];
    contact->leases[1] = (struct lease){ 0 };
}

void apply_offer_ended(struct core *core, const struct event *event)
{
    struct contact *contact;
    struct user *taker = offered(core, event, &contact)->taker;
    const struct offer_ended *ended = &event->offer_ended;
    offer_drop(core, contact, event->offer);
    if (contact->state == CONTACT_STATE_OFFERED && !contact->leases[0].id)
        contact_move(core, contact, CONTACT_STATE_WAITING);
    contact->unanswered = ended->unanswered;
    if (contact->ended_by[ended->cause] < UINT8_MAX)
        contact->ended_by[ended->cause]++;
    taker->contact = NULL;
    taker->rest_ms = ended->rest_until_ms;
    taker->ordinary_rest = ended->ordinary_only;
    if (ended->cause == OFFER_END_UNANSWERED)
        taker->unanswered++;
    if (ended->cause == OFFER_END_UNANSWERED || ended->cause == OFFER_END_DECLINED)
        taker->idle_ms = event->at_ms; /* behind the others; a withdrawn offer costs no place */
    queue_file(core, contact);
    taker_refile(core, taker);
}
