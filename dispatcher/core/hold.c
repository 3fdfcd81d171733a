/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/hold.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"

static struct event *held_event(struct decision *decision, enum event_kind kind,
                                const struct contact *contact)
{
    struct event *event = contact_event(decision, kind, contact);
    event->taker = contact_taker(contact);
    return event;
}

void hold_begin(struct decision *decision, const struct contact *contact)
{
    struct event *event = held_event(decision, EVENT_CONTACT_HELD, contact);
    event->contact_held = (struct contact_held){ .gateway = contact->gateway->row.gateway,
                                                 .call = contact->call,
                                                 .language = contact->language };
}

void hold_end(struct decision *decision, const struct contact *contact)
{
    if (!contact->held_ms)
        return;
    struct event *event = held_event(decision, EVENT_CONTACT_RESUMED, contact);
    event->contact_resumed =
        (struct contact_resumed){ .held_ms = decision->at_ms - contact->held_ms,
                                  .gateway = contact->gateway->row.gateway,
                                  .call = contact->call };
}

/* By its number, or by the call of the gateway whose phone did it. */
static enum refusal find(struct decision *decision, uint64_t id, uint64_t call,
                         const struct contact **found)
{
    bool by_phone = decision->actor_kind == ACTOR_KIND_GATEWAY;
    const struct contact *contact = by_phone ? core_call(decision->core, decision->actor, call)
                                             : core_contact(decision->core, id);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (contact->state != CONTACT_STATE_CONNECTED || contact->channel != CHANNEL_VOICE ||
        contact->dial)
        return REFUSAL_WRONG_STATE;
    if (!by_phone && contact->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    *found = contact;
    return REFUSAL_NONE;
}

enum refusal decide_contact_hold(struct decision *decision)
{
    const struct contact_hold *asked = &decision->command->contact_hold;
    const struct contact *contact;
    enum refusal refusal = find(decision, asked->contact, asked->call, &contact);
    if (refusal || contact->held_ms)
        return refusal ? refusal : REFUSAL_ALREADY;
    hold_begin(decision, contact);
    return REFUSAL_NONE;
}

enum refusal decide_contact_resume(struct decision *decision)
{
    const struct contact_resume *asked = &decision->command->contact_resume;
    const struct contact *contact;
    enum refusal refusal = find(decision, asked->contact, asked->call, &contact);
    if (refusal || !contact->held_ms)
        return refusal ? refusal : REFUSAL_ALREADY;
    hold_end(decision, contact);
    return REFUSAL_NONE;
}

void apply_contact_held(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->state == CONTACT_STATE_CONNECTED && !contact->held_ms);
    contact->held_ms = event->at_ms;
}

void apply_contact_resumed(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->held_ms);
    contact->held_ms = 0;
}
