/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/park.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/disposition.h"
#include "dispatcher/core/hold.h"
#include "dispatcher/core/mute.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/party.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/taker.h"

uint64_t park_due(const struct contact *contact)
{
    return contact->parked_ms ? contact->park_until_ms : NEVER;
}

static enum refusal check_park(const struct decision *decision, const struct contact *contact)
{
    if (contact->state != CONTACT_STATE_CONNECTED || contact->channel != CHANNEL_VOICE ||
        contact->dial || !contact->taker || silence_is_open(contact->silence))
        return REFUSAL_WRONG_STATE;
    if (contact->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    return contact->transfer.kind ? REFUSAL_TRANSFER_RUNS : REFUSAL_NONE;
}

enum refusal decide_contact_park(struct decision *decision)
{
    const uint64_t *parameters = decision->core->parameters;
    const struct contact *contact =
        core_contact(decision->core, decision->command->contact_park.contact);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    enum refusal refusal = contact->parked_ms ? REFUSAL_ALREADY : check_park(decision, contact);
    if (refusal)
        return refusal;
    bool urgent = queue_is_urgent(contact);
    const struct user *taker = contact->taker;
    hold_end(decision, contact);
    mute_end(decision, contact);
    parties_end(decision, contact, PARTY_OUT_DROPPED);
    struct event *event = contact_event(decision, EVENT_CONTACT_PARKED, contact);
    event->contact_parked = (struct contact_parked){
        .from_taker = taker->row.user,
        .until_ms =
            decision->at_ms + parameters[urgent ? PARAMETER_PARK_URGENT_MS : PARAMETER_PARK_MS],
        .gateway = contact->gateway->row.gateway,
        .call = contact->call,
        .language = contact->language,
    };
    if (taker->row.retired)
        taker_wrap_up(decision, contact); /* signs them off */
    return REFUSAL_NONE;
}

static bool is_resting(const struct decision *decision, const struct contact *contact,
                       const struct user *taker)
{
    return taker->rest_ms > decision->at_ms && !(taker->ordinary_rest && queue_is_urgent(contact));
}

static void unpark(struct decision *decision, const struct contact *contact,
                   const struct user *taker, bool lapsed)
{
    struct event *event = contact_event(decision, EVENT_CONTACT_UNPARKED, contact);
    event->contact_unparked =
        (struct contact_unparked){ .parked_ms = decision->at_ms - contact->parked_ms,
                                   .to_taker = taker ? taker->row.user : 0,
                                   .lapsed = lapsed };
    if (taker)
        offer_make(decision, contact, taker, OFFER_KIND_PARKED, NEVER);
}

enum refusal decide_contact_unpark(struct decision *decision)
{
    const struct user *taker = decision->user;
    const struct contact *contact =
        core_contact(decision->core, decision->command->contact_unpark.contact);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (!contact->parked_ms || !queue_is_reachable(contact))
        return REFUSAL_WRONG_STATE;
    enum taker_state state = taker_state(taker);
    bool free = state == TAKER_STATE_READY || state == TAKER_STATE_WRAP_UP;
    if (!free || taker->away || !taker_phone(taker)[0] || is_resting(decision, contact, taker))
        return REFUSAL_TAKER_BUSY;
    if (state == TAKER_STATE_WRAP_UP && disposition_is_owed(decision->core, taker))
        return REFUSAL_DISPOSITION_MISSING;
    taker_cut_in(decision, taker);
    unpark(decision, contact, taker, false);
    return REFUSAL_NONE;
}

void park_lapse(struct decision *decision, const struct contact *contact)
{
    const struct user *taker = contact->parker;
    bool free = taker_state(taker) == TAKER_STATE_READY && taker_phone(taker)[0] &&
                !is_resting(decision, contact, taker) && queue_is_reachable(contact);
    unpark(decision, contact, free ? taker : NULL, true);
}

void apply_contact_parked(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->state == CONTACT_STATE_CONNECTED && contact->taker);
    struct user *taker = contact->taker;
    REQUIRE(taker->row.user == event->contact_parked.from_taker);
    contact->parked_ms = event->at_ms;
    contact->park_until_ms = event->contact_parked.until_ms;
    contact->parker = taker;
    contact->taker = NULL;
    contact_move(core, contact, CONTACT_STATE_WAITING);
    taker_let_go(core, taker, event->at_ms);
    queue_file(core, contact);
}

void apply_contact_unparked(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->parked_ms);
    contact->parked_ms = contact->park_until_ms = 0;
    queue_file(core, contact);
}
