/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/offer.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/taker.h"

static struct event *offer_event(struct decision *decision, enum event_kind kind,
                                 const struct contact *contact)
{
    struct event *event = contact_event(decision, kind, contact);
    event->offer = contact->offer;
    event->taker = contact->taker->row.user;
    return event;
}

bool offer_next(struct decision *decision)
{
    const struct contact *contact;
    const struct user *taker;
    if (!queue_next(decision->core, &contact, &taker))
        return false;
    if (taker->wrap_up_ms)
        taker_due(decision, taker); /* an emergency cuts the wrap-up short */
    struct event *event = contact_event(decision, EVENT_OFFER_MADE, contact);
    event->offer = decision_id(decision);
    event->taker = taker->row.user;
    struct offer_made *offer = &event->offer_made;
    offer->gateway = contact->gateway->row.gateway;
    offer->call = contact->call;
    offer->until_ms = decision->at_ms + decision->core->parameters[PARAMETER_OFFER_LEASE_MS];
    offer->dial = contact->dial;
    if (contact->channel == CHANNEL_VOICE && !contact->dial) {
        memcpy(offer->phone, taker_phone(taker), sizeof offer->phone);
        offer->auto_answer = taker->row.auto_answer;
    }
    return true;
}

void offer_end(struct decision *decision, const struct contact *contact, enum offer_end cause)
{
    REQUIRE(contact->state == CONTACT_STATE_OFFERED);
    struct event *event = offer_event(decision, EVENT_OFFER_ENDED, contact);
    event->offer_ended.cause = cause;
    event->offer_ended.gateway = contact->gateway->row.gateway;
    event->offer_ended.call = contact->call;
}

static void send_away(struct decision *decision, const struct user *taker, enum away_reason reason)
{
    struct event *event = decision_event(decision, EVENT_TAKER_WENT_AWAY);
    event->taker = taker->row.user;
    event->taker_went_away.reason = reason;
}

static void unanswered(struct decision *decision, const struct contact *contact)
{
    const struct user *taker = contact->taker;
    offer_end(decision, contact, OFFER_END_UNANSWERED);
    if (taker->unanswered + 1 >= decision->core->parameters[PARAMETER_UNANSWERED_AWAY])
        send_away(decision, taker, AWAY_REASON_UNANSWERED);
}

void offer_expire(struct decision *decision, const struct contact *contact)
{
    unanswered(decision, contact);
}

/* The offer's contact, asked by the gateway that carries it. */
static enum refusal find_of_gateway(const struct decision *decision, uint64_t offer,
                                    const struct contact **contact)
{
    *contact = core_offer(decision->core, offer);
    if (!*contact)
        return REFUSAL_NO_SUCH_OFFER;
    if (decision->actor_kind == ACTOR_KIND_GATEWAY && (*contact)->gateway != decision->gateway)
        return REFUSAL_NOT_YOURS;
    return REFUSAL_NONE;
}

static enum refusal find_of_taker(const struct decision *decision, uint64_t offer,
                                  const struct contact **contact)
{
    *contact = core_offer(decision->core, offer);
    if (!*contact)
        return REFUSAL_NO_SUCH_OFFER;
    if (decision->actor_kind == ACTOR_KIND_USER && (*contact)->taker != decision->user)
        return REFUSAL_NOT_YOURS;
    return REFUSAL_NONE;
}

void offer_connect(struct decision *decision, const struct contact *contact)
{
    struct event *event = offer_event(decision, EVENT_CONTACT_CONNECTED, contact);
    event->contact_connected.waited_ms = decision->at_ms - contact->arrived_ms;
    decision->verdict->contact = contact->id;
}

enum refusal decide_offer_ring(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal = find_of_gateway(decision, decision->command->offer_ring.offer, &contact);
    if (refusal)
        return refusal;
    if (contact->rang)
        return REFUSAL_ALREADY;
    offer_event(decision, EVENT_OFFER_RANG, contact);
    return REFUSAL_NONE;
}

enum refusal decide_offer_answer(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal =
        find_of_gateway(decision, decision->command->offer_answer.offer, &contact);
    if (refusal)
        return refusal;
    offer_connect(decision, contact);
    return REFUSAL_NONE;
}

enum refusal decide_offer_fail(struct decision *decision)
{
    const struct contact *contact;
    enum offer_end cause = decision->command->offer_fail.cause;
    enum refusal refusal = find_of_gateway(decision, decision->command->offer_fail.offer, &contact);
    if (refusal)
        return refusal;
    switch (cause) {
    case OFFER_END_UNANSWERED:
        unanswered(decision, contact);
        return REFUSAL_NONE;
    case OFFER_END_DECLINED:
        offer_end(decision, contact, cause);
        return REFUSAL_NONE;
    case OFFER_END_PHONE_FAILED:
        offer_end(decision, contact, cause);
        send_away(decision, contact->taker, AWAY_REASON_PHONE_FAILED);
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
    enum refusal refusal = find_of_taker(decision, decision->command->offer_accept.offer, &contact);
    if (refusal)
        return refusal;
    decision->verdict->contact = contact->id;
    if (contact->channel == CHANNEL_SMS) {
        offer_connect(decision, contact); /* a text has no phone that must answer first */
        return REFUSAL_NONE;
    }
    if (contact->accepted)
        return REFUSAL_ALREADY;
    struct event *event = offer_event(decision, EVENT_OFFER_ACCEPTED, contact);
    event->offer_accepted.gateway = contact->gateway->row.gateway;
    event->offer_accepted.call = contact->call;
    enum parameter lease = contact->dial ? PARAMETER_DIAL_LEASE_MS : PARAMETER_OFFER_LEASE_MS;
    event->offer_accepted.until_ms = decision->at_ms + decision->core->parameters[lease];
    return REFUSAL_NONE;
}

enum refusal decide_offer_decline(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal =
        find_of_taker(decision, decision->command->offer_decline.offer, &contact);
    if (refusal)
        return refusal;
    offer_end(decision, contact, OFFER_END_DECLINED);
    return REFUSAL_NONE;
}

void apply_offer_made(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    struct user *taker = core_user(core, event->taker);
    REQUIRE(contact && taker && taker_state(taker) == TAKER_STATE_READY);
    core_id_used(core, event->offer);
    contact_move(core, contact, CONTACT_STATE_OFFERED);
    contact->offer = event->offer;
    contact->offer_until_ms = event->offer_made.until_ms;
    contact->rang = contact->accepted = false;
    contact->taker = taker;
    taker->contact = contact;
    index_put(&core->index, ENTRY_OFFER, contact->offer, 0, contact);
    queue_file(core, contact);
    taker_refile(core, taker);
}

static struct contact *offered(const struct core *core, const struct event *event)
{
    struct contact *contact = core_offer(core, event->offer);
    REQUIRE(contact && contact->id == event->contact && contact->taker->row.user == event->taker);
    return contact;
}

void apply_offer_rang(struct core *core, const struct event *event)
{
    offered(core, event)->rang = true;
}

void apply_offer_accepted(struct core *core, const struct event *event)
{
    struct contact *contact = offered(core, event);
    REQUIRE(!contact->accepted);
    contact->accepted = true;
    contact->offer_until_ms = event->offer_accepted.until_ms;
    queue_file(core, contact);
}

void apply_offer_ended(struct core *core, const struct event *event)
{
    struct contact *contact = offered(core, event);
    struct user *taker = contact->taker;
    index_remove(&core->index, ENTRY_OFFER, contact->offer, 0);
    contact->offer = contact->offer_until_ms = 0;
    contact->taker = NULL;
    contact_move(core, contact, CONTACT_STATE_WAITING);
    taker->contact = NULL;
    enum offer_end cause = event->offer_ended.cause;
    if (cause == OFFER_END_UNANSWERED)
        taker->unanswered++;
    if (cause == OFFER_END_UNANSWERED || cause == OFFER_END_DECLINED)
        taker->idle_ms = event->at_ms; /* behind the others; a withdrawn offer costs no place */
    queue_file(core, contact);
    taker_refile(core, taker);
}
