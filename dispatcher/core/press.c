/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/press.h"

#include <string.h>

#include "dispatcher/core/contact.h"
#include "dispatcher/core/party.h"

static bool is_key(char c)
{
    return (c >= '0' && c <= '9') || c == '*' || c == '#' || (c >= 'A' && c <= 'D');
}

static bool are_keys(const char *keys)
{
    const char *at = keys;
    while (is_key(*at))
        at++;
    return at > keys && *at == 0;
}

/* A guest's telephone that is on the line, NULL: none such. */
static const struct party *guest_of(const struct contact *contact,
                                    const struct contact_press *asked)
{
    for (uint32_t i = 0; i < PARTIES_MAX; i++) {
        const struct party *party = &contact->parties[i];
        bool named = party->user ? party->user->row.user == asked->user
                                 : asked->department && party->department == asked->department;
        if (party->id && named && party->joined_ms && party->role == PARTY_ROLE_GUEST)
            return party;
    }
    return NULL;
}

enum refusal decide_contact_press(struct decision *decision)
{
    const struct contact_press *asked = &decision->command->contact_press;
    const struct contact *contact = core_contact(decision->core, asked->contact);
    const struct party *guest = NULL;
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (contact->state != CONTACT_STATE_CONNECTED || contact->channel != CHANNEL_VOICE ||
        contact->dial)
        return REFUSAL_WRONG_STATE;
    if (contact->taker != decision->user)
        return REFUSAL_NOT_YOURS;
    if (!are_keys(asked->keys) || (asked->user && asked->department))
        return REFUSAL_MALFORMED;
    if (asked->user || asked->department) {
        guest = guest_of(contact, asked);
        if (!guest)
            return REFUSAL_NO_SUCH_PARTY;
    }
    struct event *event = contact_event(decision, EVENT_KEYS_PRESSED, contact);
    event->taker = contact_taker(contact);
    event->keys_pressed = (struct keys_pressed){ .gateway = contact->gateway->row.gateway,
                                                 .call = contact->call,
                                                 .party = guest ? guest->id : 0,
                                                 .user = asked->user,
                                                 .department = asked->department };
    memcpy(event->keys_pressed.keys, asked->keys, sizeof event->keys_pressed.keys);
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}
