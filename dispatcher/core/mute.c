/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/mute.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"

void mute_end(struct decision *decision, const struct contact *contact)
{
    if (!contact->muted_ms)
        return;
    struct event *event = contact_event(decision, EVENT_CONTACT_UNMUTED, contact);
    event->taker = contact_taker(contact);
    event->contact_unmuted =
        (struct contact_unmuted){ .muted_ms = decision->at_ms - contact->muted_ms,
                                  .gateway = contact->gateway->row.gateway,
                                  .call = contact->call };
}

static enum refusal find(struct decision *decision, uint64_t id, const struct contact **found)
{
    const struct contact *contact = core_contact(decision->core, id);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (contact->state != CONTACT_STATE_CONNECTED || contact->channel != CHANNEL_VOICE ||
        contact->dial || !contact->taker)
        return REFUSAL_WRONG_STATE;
    *found = contact;
    return contact->taker == decision->user || decision_forces(decision) ? REFUSAL_NONE
                                                                         : REFUSAL_NOT_YOURS;
}

enum refusal decide_contact_mute(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal = find(decision, decision->command->contact_mute.contact, &contact);
    if (refusal || contact->muted_ms)
        return refusal ? refusal : REFUSAL_ALREADY;
    struct event *event = contact_event(decision, EVENT_CONTACT_MUTED, contact);
    event->taker = contact_taker(contact);
    event->contact_muted =
        (struct contact_muted){ .gateway = contact->gateway->row.gateway, .call = contact->call };
    return REFUSAL_NONE;
}

enum refusal decide_contact_unmute(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal = find(decision, decision->command->contact_unmute.contact, &contact);
    if (refusal || !contact->muted_ms)
        return refusal ? refusal : REFUSAL_ALREADY;
    mute_end(decision, contact);
    return REFUSAL_NONE;
}

void apply_contact_muted(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->state == CONTACT_STATE_CONNECTED && !contact->muted_ms);
    contact->muted_ms = event->at_ms;
}

void apply_contact_unmuted(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->muted_ms);
    contact->muted_ms = 0;
}
