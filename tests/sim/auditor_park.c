/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on who is parked (I26): with nobody for a time that is known before, asked for by
 * nobody else meanwhile, and then offered to who asked, to who parked them, or to the queue. */
#include "tests/sim/ledger.h"

static void see_parked(struct auditor *auditor, const struct event *event)
{
    const struct contact_parked *parked = &event->contact_parked;
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I26", contact, "nobody is parked");
    bool urgent =
        auditor_line(auditor, contact->line)->emergency || contact->band <= BAND_EMERGENCY;
    uint64_t length_ms = auditor->parameters[urgent ? PARAMETER_PARK_URGENT_MS : PARAMETER_PARK_MS];
    struct seen_taker *taker = auditor_taker(auditor, parked->from_taker);
    PROMISE("I26",
            contact->stranger ||
                (contact->state == CONTACT_STATE_CONNECTED && contact->channel == CHANNEL_VOICE &&
                 contact->taker == parked->from_taker && !contact->transfer.kind && !contact->dial),
            "parked by nobody who had them");
    PROMISE("I26", contact->stranger || (!contact->held_ms && !contact->muted_ms),
            "parked, and held or muted");
    PROMISE("I32", contact->stranger || !auditor_is_unheard(contact), "who is not heard is let go");
    PROMISE("I26", parked->until_ms == event->at_ms + length_ms, "parked for another time");
    contact->state = CONTACT_STATE_WAITING;
    contact->taker = 0;
    contact->parked_ms = event->at_ms;
    contact->park_until_ms = parked->until_ms;
    contact->parker = parked->from_taker;
    taker->contact = 0;
    taker->idle_ms = event->at_ms;
}

static void see_unparked(struct auditor *auditor, const struct event *event)
{
    const struct contact_unparked *unparked = &event->contact_unparked;
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I26", contact && (contact->stranger || contact->parked_ms),
            "who comes back was not parked");
    if (contact->stranger)
        return;
    PROMISE("I26", unparked->parked_ms == event->at_ms - contact->parked_ms,
            "parked for another time");
    bool asked = event->actor_kind == ACTOR_KIND_USER;
    PROMISE("I26", asked != unparked->lapsed && (asked || event->at_ms >= contact->park_until_ms),
            "comes back before the time, and nobody asked");
    PROMISE("I26",
            unparked->to_taker == (asked ? event->actor : contact->parker) ||
                (!asked && !unparked->to_taker),
            "comes back to another than who asked, or parked");
    contact->parked_ms = contact->park_until_ms = 0;
    contact->unparked_to = unparked->to_taker;
}

bool auditor_unparked(struct seen_contact *contact, const struct event *offer)
{
    uint32_t taker = contact->unparked_to;
    contact->unparked_to = 0;
    PROMISE("I26",
            contact->stranger || ((taker != 0) == (offer->offer_made.kind == OFFER_KIND_PARKED) &&
                                  (!taker || taker == offer->taker)),
            "another is asked than who asked for them");
    return taker != 0;
}

void auditor_rest_of_park(const struct seen_contact *contact, uint64_t now_ms)
{
    PROMISE("I26", !contact->parked_ms || contact->park_until_ms > now_ms,
            "who was parked is forgotten");
    PROMISE("I26", !contact->unparked_to, "who was asked for is offered to nobody");
}

bool auditor_see_park(struct auditor *auditor, const struct event *event)
{
    if (event->kind == EVENT_CONTACT_PARKED)
        see_parked(auditor, event);
    else if (event->kind == EVENT_CONTACT_UNPARKED)
        see_unparked(auditor, event);
    else
        return false;
    return true;
}
