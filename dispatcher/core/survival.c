/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/survival.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/callback.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/taker.h"

/* Whose telephone it was, when the contact can be theirs; NULL: it cannot. */
static const struct user *adopter(const struct decision *decision, const struct contact *contact)
{
    const struct user *user = core_user(decision->core, decision->command->contact_survive.user);
    if (!user || user->row.retired || !user->signed_on || user->guest_of)
        return NULL;
    bool asked = user->contact && offer_to(user->contact, user);
    return !user->contact || asked || user->contact == contact ? user : NULL;
}

/* Their phone was in use: what they were asked meanwhile goes to somebody else. */
static void make_free(struct decision *decision, const struct contact *contact,
                      const struct user *user)
{
    if (user->contact && user->contact != contact)
        offer_leave(decision, user);
    taker_cut_in(decision, user);
}

static void note(struct decision *decision, const struct contact *contact, const struct user *user)
{
    const struct contact_survive *asked = &decision->command->contact_survive;
    struct event *event = contact_event(decision, EVENT_CONTACT_SURVIVED, contact);
    event->taker = user ? user->row.user : 0;
    struct contact_survived *survived = &event->contact_survived;
    survived->gateway = decision->actor;
    survived->call = asked->call;
    survived->user = asked->user;
    memcpy(survived->phone, asked->phone, sizeof survived->phone);
    survived->answered_ms = asked->answered_ms;
    survived->from = contact->state;
}

/* Nobody answers before the call, nor in the future: the gateway's clock may be another. */
static uint64_t answered_ms(const struct decision *decision, const struct contact *contact)
{
    uint64_t told_ms = decision->command->contact_survive.answered_ms;
    if (told_ms < contact->arrived_ms)
        return contact->arrived_ms;
    return told_ms < decision->at_ms ? told_ms : decision->at_ms;
}

static void connect(struct decision *decision, const struct contact *contact,
                    const struct user *user)
{
    uint64_t at_ms = answered_ms(decision, contact);
    struct event *event = contact_event(decision, EVENT_CONTACT_CONNECTED, contact);
    event->taker = user ? user->row.user : 0;
    event->contact_connected =
        (struct contact_connected){ .waited_ms = at_ms - contact->arrived_ms,
                                    .emergency = contact->line->row.emergency,
                                    .in_time = at_ms <= contact->due_ms,
                                    .answered_ms = at_ms };
}

static void note_ended(struct decision *decision, const struct contact *contact)
{
    const struct callback *callback = callback_of(decision->core, contact->caller);
    note(decision, contact, NULL);
    if (callback && callback->contact == contact->id)
        callback_end(decision, callback, CALLBACK_END_REACHED);
}

enum refusal decide_contact_survive(struct decision *decision)
{
    const struct contact_survive *asked = &decision->command->contact_survive;
    const struct contact *contact =
        decision->gateway ? core_call(decision->core, decision->actor, asked->call) : NULL;
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (contact->channel != CHANNEL_VOICE || contact->dial)
        return REFUSAL_WRONG_STATE;
    if (contact->state == CONTACT_STATE_CONNECTED ||
        (contact->survived_ms && contact->survived_ms == asked->answered_ms))
        return REFUSAL_ALREADY;
    if (!contact_is_live(contact)) {
        note_ended(decision, contact);
        return REFUSAL_NONE;
    }
    const struct user *user = adopter(decision, contact);
    for (uint32_t i = 0; i < OFFERS_MAX; i++)
        if (contact->leases[i].id)
            offer_end(decision, contact, &contact->leases[i], OFFER_END_TAKEN_ELSEWHERE);
    if (user)
        make_free(decision, contact, user);
    note(decision, contact, user);
    connect(decision, contact, user);
    return REFUSAL_NONE;
}

void apply_contact_survived(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact);
    contact->survived_ms =
        event->contact_survived.answered_ms; /* what follows from it are events */
}
