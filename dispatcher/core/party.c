/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/party.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/hold.h"
#include "dispatcher/core/mute.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/taker.h"

/* Who may take part so: a supervisor who comes unasked, or somebody who is called in. */
static bool comes_unasked(enum party_role role)
{
    return role == PARTY_ROLE_LISTENER || role == PARTY_ROLE_COACH || role == PARTY_ROLE_BARGE;
}

/* The place of this party, or, with 0, a free one; PARTIES_MAX: none. */
static uint32_t place_of(const struct contact *contact, uint64_t id)
{
    uint32_t place = 0;
    while (place < PARTIES_MAX && contact->parties[place].id != id)
        place++;
    return place;
}

static const struct party *party_of(const struct contact *contact, const struct user *user,
                                    uint32_t department)
{
    for (uint32_t i = 0; i < PARTIES_MAX; i++) {
        const struct party *party = &contact->parties[i];
        if (party->id &&
            (user ? party->user == user : department && party->department == department))
            return party;
    }
    return NULL;
}

static struct event *party_event(struct decision *decision, enum event_kind kind,
                                 const struct contact *contact)
{
    struct event *event = contact_event(decision, kind, contact);
    event->taker = contact_taker(contact);
    return event;
}

static uint32_t number_of(const struct user *user)
{
    return user ? user->row.user : 0;
}

/* ---- coming ---------------------------------------------------------------------------------- */

static enum refusal check_conversation(const struct contact *contact)
{
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    bool talks = contact->state == CONTACT_STATE_CONNECTED && contact->channel == CHANNEL_VOICE &&
                 !contact->dial;
    return talks ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

static enum refusal check_right(const struct decision *decision, const struct contact *contact,
                                enum party_role role, const struct user *user)
{
    if (comes_unasked(role))
        return decision_may(decision, ROLE_SUPERVISOR) && user == decision->user
                   ? REFUSAL_NONE
                   : REFUSAL_NOT_ALLOWED;
    if (role != PARTY_ROLE_GUEST)
        return REFUSAL_MALFORMED;
    return contact->taker == decision->user || decision_forces(decision) ? REFUSAL_NONE
                                                                         : REFUSAL_NOT_YOURS;
}

/* Nobody speaks in two conversations. */
static enum refusal check_user(const struct contact *contact, const struct user *user)
{
    enum taker_state state = taker_state(user);
    if (user->row.retired)
        return REFUSAL_NO_SUCH_USER;
    if (user->contact || user->guest_of || state == TAKER_STATE_WRAP_UP)
        return contact->taker == user || user->guest_of == contact->id ? REFUSAL_ALREADY
                                                                       : REFUSAL_TAKER_BUSY;
    return taker_phone(user)[0] ? REFUSAL_NONE : REFUSAL_NO_PHONE;
}

bool party_may_call(const struct decision *decision, const struct department *department)
{
    return !department->row.roles || !decision->user ||
           (decision->user->row.roles & department->row.roles);
}

static void invite(struct decision *decision, const struct contact *contact,
                   const struct user *user, const struct department *department,
                   enum party_role role)
{
    REQUIRE(user || department);
    bool paused = user && taker_state(user) == TAKER_STATE_READY;
    struct event *event = party_event(decision, EVENT_PARTY_INVITED, contact);
    struct party_invited *invited = &event->party_invited;
    *invited = (struct party_invited){ .party = decision_id(decision),
                                       .user = number_of(user),
                                       .department = department ? department->row.department : 0,
                                       .role = role,
                                       .auto_answer = user && user->row.auto_answer,
                                       .gateway = contact->gateway->row.gateway,
                                       .call = contact->call,
                                       .paused = paused };
    memcpy(invited->phone, user ? taker_phone(user) : department->row.phone, sizeof invited->phone);
    if (!paused)
        return;
    event = decision_event(decision, EVENT_TAKER_WENT_AWAY);
    event->taker = user->row.user;
    event->taker_went_away.reason = AWAY_REASON_CONFERENCE;
}

enum refusal decide_party_invite(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct party_invite *asked = &decision->command->party_invite;
    const struct contact *contact = core_contact(core, asked->contact);
    enum party_role role = asked->role ? asked->role : PARTY_ROLE_GUEST;
    const struct user *user = asked->user ? core_user(core, asked->user) : NULL;
    const struct department *department = core_department(core, asked->department);
    enum refusal refusal = check_conversation(contact);
    if (refusal)
        return refusal;
    if (!asked->user && !asked->department)
        user = decision->user;
    if (asked->user && asked->department)
        return REFUSAL_MALFORMED;
    if (asked->department && !department)
        return REFUSAL_NO_SUCH_DEPARTMENT;
    if (!user && !department)
        return REFUSAL_NO_SUCH_USER;
    refusal = check_right(decision, contact, role, user);
    if (!refusal && user)
        refusal = check_user(contact, user);
    else if (!refusal && party_of(contact, NULL, asked->department))
        refusal = REFUSAL_ALREADY;
    else if (!refusal && !department->row.phone[0])
        refusal = REFUSAL_NO_PHONE;
    else if (!refusal && !party_may_call(decision, department))
        refusal = REFUSAL_NUMBER_RESERVED;
    if (!refusal && place_of(contact, 0) == PARTIES_MAX)
        refusal = REFUSAL_LIMIT;
    if (refusal)
        return refusal;
    decision->verdict->contact = contact->id;
    invite(decision, contact, user, department, role);
    return REFUSAL_NONE;
}

enum refusal decide_party_join(struct decision *decision)
{
    uint64_t id = decision->command->party_join.party;
    const struct contact *contact = core_party(decision->core, id);
    if (!contact)
        return REFUSAL_NO_SUCH_PARTY;
    if (contact->gateway != decision->gateway)
        return REFUSAL_NOT_YOURS;
    const struct party *party = &contact->parties[place_of(contact, id)];
    if (party->joined_ms)
        return REFUSAL_ALREADY;
    struct event *event = party_event(decision, EVENT_PARTY_JOINED, contact);
    event->party_joined = (struct party_joined){ .party = id,
                                                 .user = number_of(party->user),
                                                 .department = party->department,
                                                 .role = party->role };
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

/* ---- staying --------------------------------------------------------------------------------- */

enum refusal decide_party_change(struct decision *decision)
{
    const struct party_change *asked = &decision->command->party_change;
    const struct contact *contact = core_contact(decision->core, asked->contact);
    enum refusal refusal = check_conversation(contact);
    if (refusal)
        return refusal;
    const struct party *party = party_of(contact, decision->user, 0);
    if (!decision->user || !party)
        return REFUSAL_NO_SUCH_PARTY;
    if (!comes_unasked(asked->role) || !comes_unasked(party->role))
        return REFUSAL_NOT_ALLOWED;
    if (asked->role == party->role)
        return REFUSAL_ALREADY;
    struct event *event = party_event(decision, EVENT_PARTY_CHANGED, contact);
    event->party_changed = (struct party_changed){ .party = party->id,
                                                   .user = number_of(party->user),
                                                   .from = party->role,
                                                   .role = asked->role,
                                                   .gateway = contact->gateway->row.gateway,
                                                   .call = contact->call };
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

/* ---- leaving --------------------------------------------------------------------------------- */

static void leave(struct decision *decision, const struct contact *contact,
                  const struct party *party, enum party_out cause)
{
    const struct user *user = party->user;
    struct event *event = party_event(decision, EVENT_PARTY_LEFT, contact);
    event->party_left = (struct party_left){ .party = party->id,
                                             .user = number_of(user),
                                             .department = party->department,
                                             .role = party->role,
                                             .cause = cause,
                                             .joined_ms = party->joined_ms,
                                             .gateway = contact->gateway->row.gateway,
                                             .call = contact->call };
    if (!user || !party->paused || cause == PARTY_OUT_TOOK_OVER || !user->signed_on ||
        user->away != AWAY_REASON_CONFERENCE)
        return;
    event = decision_event(decision, EVENT_TAKER_BECAME_READY);
    event->taker = user->row.user;
}

void parties_end(struct decision *decision, const struct contact *contact, enum party_out cause)
{
    for (uint32_t i = 0; i < PARTIES_MAX; i++)
        if (contact->parties[i].id)
            leave(decision, contact, &contact->parties[i], cause);
}

enum refusal decide_party_drop(struct decision *decision)
{
    const struct party_drop *asked = &decision->command->party_drop;
    const struct contact *contact = core_contact(decision->core, asked->contact);
    const struct user *user = asked->user         ? core_user(decision->core, asked->user)
                              : asked->department ? NULL
                                                  : decision->user;
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    const struct party *party = party_of(contact, user, asked->department);
    if (!party)
        return REFUSAL_NO_SUCH_PARTY;
    bool own = party->user && party->user == decision->user;
    bool guest = contact->taker == decision->user && !comes_unasked(party->role);
    if (!own && !guest && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    decision->verdict->contact = contact->id;
    leave(decision, contact, party, PARTY_OUT_DROPPED);
    return REFUSAL_NONE;
}

enum refusal decide_party_leave(struct decision *decision)
{
    const struct party_leave *asked = &decision->command->party_leave;
    const struct contact *contact = core_party(decision->core, asked->party);
    if (!contact)
        return REFUSAL_NO_SUCH_PARTY;
    if (contact->gateway != decision->gateway)
        return REFUSAL_NOT_YOURS;
    if (asked->cause < PARTY_OUT_DECLINED || asked->cause > PARTY_OUT_LEFT)
        return REFUSAL_MALFORMED;
    decision->verdict->contact = contact->id;
    leave(decision, contact, &contact->parties[place_of(contact, asked->party)], asked->cause);
    return REFUSAL_NONE;
}

enum refusal decide_party_take_over(struct decision *decision)
{
    const struct contact *contact =
        core_contact(decision->core, decision->command->party_take_over.contact);
    enum refusal refusal = check_conversation(contact);
    if (refusal)
        return refusal;
    const struct party *party = party_of(contact, decision->user, 0);
    if (!decision->user || !party || !party->joined_ms || !comes_unasked(party->role))
        return REFUSAL_NO_SUCH_PARTY;
    if (!decision->user->signed_on)
        return REFUSAL_WRONG_STATE; /* who has a contact is on duty */
    if (contact->transfer.kind)
        return REFUSAL_TRANSFER_RUNS;
    decision->verdict->contact = contact->id;
    uint64_t id = party->id;
    hold_end(decision, contact);
    mute_end(decision, contact);
    leave(decision, contact, party, PARTY_OUT_TOOK_OVER);
    struct event *event = contact_event(decision, EVENT_CONTACT_TAKEN_OVER, contact);
    event->taker = decision->user->row.user;
    event->contact_taken_over =
        (struct contact_taken_over){ .from_taker = contact_taker(contact),
                                     .party = id,
                                     .gateway = contact->gateway->row.gateway,
                                     .call = contact->call };
    taker_wrap_up(decision, contact);
    return REFUSAL_NONE;
}

/* ---- what the events do ------------------------------------------------------------------------ */

void apply_party_invited(struct core *core, const struct event *event)
{
    const struct party_invited *invited = &event->party_invited;
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && place_of(contact, 0) < PARTIES_MAX);
    struct party *party = &contact->parties[place_of(contact, 0)];
    core_id_used(core, invited->party);
    *party = (struct party){ .id = invited->party,
                             .user = invited->user ? core_user(core, invited->user) : NULL,
                             .department = invited->department,
                             .role = invited->role,
                             .paused = invited->paused };
    if (party->user)
        party->user->guest_of = contact->id;
    index_put(&core->index, ENTRY_PARTY, party->id, 0, contact);
}

static struct party *taking_part(const struct core *core, uint64_t id)
{
    struct contact *contact = core_party(core, id);
    REQUIRE(contact && place_of(contact, id) < PARTIES_MAX);
    return &contact->parties[place_of(contact, id)];
}

void apply_party_joined(struct core *core, const struct event *event)
{
    taking_part(core, event->party_joined.party)->joined_ms = event->at_ms;
}

void apply_party_changed(struct core *core, const struct event *event)
{
    taking_part(core, event->party_changed.party)->role = event->party_changed.role;
}

void apply_party_left(struct core *core, const struct event *event)
{
    struct party *party = taking_part(core, event->party_left.party);
    struct contact *contact = core_contact(core, event->contact);
    struct user *user = party->user;
    struct party *end = &contact->parties[PARTIES_MAX];
    index_remove(&core->index, ENTRY_PARTY, party->id, 0);
    memmove(party, party + 1, (size_t)((char *)end - (char *)(party + 1)));
    end[-1] = (struct party){ 0 };
    if (!user)
        return;
    user->guest_of = 0;
    if (user->row.user)
        taker_refile(core, user);
}

void apply_contact_taken_over(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    struct user *fresh = core_user(core, event->taker);
    REQUIRE(contact && contact->state == CONTACT_STATE_CONNECTED && fresh && !fresh->contact);
    struct user *former = contact->taker;
    if (former) {
        former->contact = NULL;
        former->idle_ms = event->at_ms;
        taker_refile(core, former);
    }
    contact->taker = fresh;
    fresh->contact = contact;
    fresh->unanswered = 0;
    if (fresh->away == AWAY_REASON_CONFERENCE)
        fresh->away = AWAY_REASON_NONE;
    taker_refile(core, fresh);
    queue_file(core, contact);
}
