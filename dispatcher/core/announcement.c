/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/announcement.h"

#include "base/require.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queued_callback.h"
#include "dispatcher/core/silence.h"

void announce(struct decision *decision, const struct contact *contact,
              enum announcement announcement)
{
    REQUIRE(!contact->dial);
    struct event *event = contact_event(decision, EVENT_CONTACT_ANNOUNCED, contact);
    event->contact_announced.announcement = announcement;
    event->contact_announced.gateway = contact->gateway->row.gateway;
    event->contact_announced.call = contact->call;
}

void announce_arrived(struct decision *decision, const struct event *arrived,
                      enum announcement announcement)
{
    struct event *event = decision_event(decision, EVENT_CONTACT_ANNOUNCED);
    event->contact = arrived->contact;
    event->line = arrived->line;
    event->contact_announced.announcement = announcement;
    event->contact_announced.gateway = arrived->contact_arrived.gateway;
    event->contact_announced.call = arrived->contact_arrived.call;
}

enum refusal decide_contact_digits(struct decision *decision)
{
    const struct contact_digits *asked = &decision->command->contact_digits;
    const struct contact *contact = core_call(decision->core, decision->actor, asked->call);
    if (decision->actor_kind != ACTOR_KIND_GATEWAY || !contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (silence_listens(contact))
        return silence_keys(decision, contact, asked->digits);
    if (asked->digits[0] != '1')
        return REFUSAL_NOTHING_OFFERED;
    if (contact->announced == ANNOUNCEMENT_CALLBACK_OFFER)
        return queued_callback_begin(decision, contact);
    if (contact->announced == ANNOUNCEMENT_CLUSTER)
        return cluster_subscribe(decision, contact);
    return REFUSAL_NOTHING_OFFERED;
}

/* Was a key asked for? */
static bool asks(enum announcement announcement)
{
    return announcement == ANNOUNCEMENT_CALLBACK_OFFER || announcement == ANNOUNCEMENT_CLUSTER;
}

void apply_contact_announced(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact);
    if (asks(event->contact_announced.announcement))
        contact->announced = event->contact_announced.announcement;
}
