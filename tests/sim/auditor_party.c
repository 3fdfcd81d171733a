/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on who else is in a conversation: guests, and supervisors who listen, whisper, speak
 * or take over. Nobody is in two conversations, who was idle pauses meanwhile, and all of it ends with
 * the conversation. (I37) */
#include "tests/sim/ledger.h"

enum {
    VOICES_MAX = 5 /* beside the citizen, the taker and who takes over */
};

static bool comes_unasked(enum party_role role)
{
    return role >= PARTY_ROLE_LISTENER && role <= PARTY_ROLE_BARGE;
}

static struct seen_contact *talked_with(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I37",
            contact && contact->state == CONTACT_STATE_CONNECTED &&
                contact->channel == CHANNEL_VOICE && !contact->dial,
            "somebody takes part in no conversation");
    return contact;
}

static struct seen_party *party_of(struct auditor *auditor, uint64_t id)
{
    for (uint32_t i = 0; i < auditor->party_count; i++)
        if (auditor->parties[i].id == id)
            return &auditor->parties[i];
    auditor_broken("I37", "a part that nobody was asked to take");
}

static uint32_t voices(const struct auditor *auditor, uint64_t contact)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < auditor->party_count; i++)
        count += auditor->parties[i].contact == contact;
    return count;
}

static void see_invited(struct auditor *auditor, const struct event *event)
{
    const struct party_invited *invited = &event->party_invited;
    const struct seen_contact *contact = talked_with(auditor, event);
    PROMISE("I37", event->taker == contact->taker, "called into another's conversation");
    PROMISE("I37",
            voices(auditor, contact->id) < VOICES_MAX && auditor->party_count < SEEN_PARTIES_MAX,
            "more voices than a conversation has room for");
    PROMISE("I37",
            !comes_unasked(invited->role) ||
                (event->actor_kind == ACTOR_KIND_USER && event->actor == invited->user),
            "somebody listens whom another sent");
    struct seen_party *party = &auditor->parties[auditor->party_count++];
    *party = (struct seen_party){
        .id = invited->party, .contact = contact->id, .user = invited->user, .role = invited->role
    };
    if (!invited->user)
        return;
    struct seen_taker *guest = auditor_taker(auditor, invited->user);
    PROMISE("I37", !guest->contact && !guest->guest_of && !guest->wrap_up_ms,
            "somebody is in two conversations");
    PROMISE("I37", invited->paused == (guest->on && !guest->away),
            "who is idle does not pause for a conversation");
    guest->guest_of = contact->id;
    party->must_pause = party->pauses = invited->paused;
}

static void see_joined(struct auditor *auditor, const struct event *event)
{
    struct seen_party *party = party_of(auditor, event->party_joined.party);
    PROMISE("I37", !party->joined_ms && party->contact == event->contact, "two join as one");
    party->joined_ms = event->at_ms;
}

static void see_changed(struct auditor *auditor, const struct event *event)
{
    const struct party_changed *changed = &event->party_changed;
    struct seen_party *party = party_of(auditor, changed->party);
    PROMISE("I37",
            party->role == changed->from && comes_unasked(changed->from) &&
                comes_unasked(changed->role),
            "a guest becomes a listener");
    party->role = changed->role;
}

static void see_left(struct auditor *auditor, const struct event *event)
{
    const struct party_left *left = &event->party_left;
    struct seen_party *party = party_of(auditor, left->party);
    PROMISE("I37",
            party->contact == event->contact && party->user == left->user &&
                party->joined_ms == left->joined_ms,
            "another leaves than who took part");
    PROMISE("I37", !party->must_pause, "who is idle does not pause for a conversation");
    if (left->user) {
        struct seen_taker *guest = auditor_taker(auditor, left->user);
        guest->guest_of = 0;
        guest->comes_back = party->pauses && left->cause != PARTY_OUT_TOOK_OVER && guest->on &&
                            guest->away && guest->reason == AWAY_REASON_CONFERENCE;
        guest->takes_over = left->cause == PARTY_OUT_TOOK_OVER ? event->contact : 0;
    }
    *party = auditor->parties[--auditor->party_count];
}

static void see_taken_over(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = talked_with(auditor, event);
    uint32_t from = event->contact_taken_over.from_taker; /* 0: nobody's seat had them */
    struct seen_taker *former = from ? auditor_taker(auditor, from) : NULL;
    struct seen_taker *fresh = auditor_taker(auditor, event->taker);
    PROMISE("I37", contact->taker == from && (!former || former->contact == contact->id),
            "taken over from whom nobody talked with");
    PROMISE("I37", fresh->takes_over == contact->id && fresh->on && !fresh->contact,
            "taken over by who did not take part");
    fresh->takes_over = 0;
    if (former) {
        former->contact = 0;
        former->idle_ms = event->at_ms;
    }
    contact->taker = fresh->row.user;
    fresh->contact = contact->id;
    fresh->unanswered = 0;
    fresh->away = fresh->away && fresh->reason != AWAY_REASON_CONFERENCE;
}

/* Who pauses for a conversation does so at once, and comes back at once. */
static void see_pause(struct auditor *auditor, const struct event *event)
{
    struct seen_taker *taker = auditor_taker(auditor, event->taker);
    taker->comes_back = false;
    for (uint32_t i = 0; i < auditor->party_count; i++)
        if (auditor->parties[i].user == event->taker)
            auditor->parties[i].must_pause = false;
    PROMISE("I37", event->kind != EVENT_TAKER_BECAME_READY || !taker->guest_of,
            "ready in the middle of another's conversation");
}

bool auditor_see_party(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_PARTY_INVITED:
        see_invited(auditor, event);
        return true;
    case EVENT_PARTY_JOINED:
        see_joined(auditor, event);
        return true;
    case EVENT_PARTY_CHANGED:
        see_changed(auditor, event);
        return true;
    case EVENT_PARTY_LEFT:
        see_left(auditor, event);
        return true;
    case EVENT_CONTACT_TAKEN_OVER:
        see_taken_over(auditor, event);
        return true;
    case EVENT_TAKER_BECAME_READY:
    case EVENT_TAKER_WENT_AWAY:
        see_pause(auditor, event);
        return false; /* a taker's own matter besides */
    default:
        return false;
    }
}

void auditor_rest_of_parties(const struct auditor *auditor)
{
    for (uint32_t i = 0; i < auditor->party_count; i++) {
        const struct seen_party *party = &auditor->parties[i];
        const struct seen_contact *contact = ledger_contact(auditor, party->contact);
        PROMISE("I37", contact->stranger || contact->state == CONTACT_STATE_CONNECTED,
                "somebody takes part in a conversation that is over");
        PROMISE("I37", !party->must_pause, "who is idle does not pause for a conversation");
    }
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        PROMISE("I37", !auditor->takers[i].comes_back && !auditor->takers[i].takes_over,
                "who took part does not come back to work");
}
