/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/silence.h"

#include "base/require.h"
#include "dispatcher/core/announcement.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queue.h"

/* clang-format off */
static const enum silence_state next[SILENCE_STATE_COUNT][SILENCE_STEP_COUNT] = {
    [SILENCE_STATE_NONE] = {
        [SILENCE_STEP_SUSPECT] = SILENCE_STATE_SUSPECTED,
    },
    [SILENCE_STATE_SUSPECTED] = {
        [SILENCE_STEP_PROMPT] = SILENCE_STATE_PROMPTED,
        [SILENCE_STEP_GONE] = SILENCE_STATE_CHECKLIST,
        [SILENCE_STEP_SPEAK] = SILENCE_STATE_HEARD,
    },
    [SILENCE_STATE_PROMPTED] = {
        [SILENCE_STEP_KEY] = SILENCE_STATE_CONFIRMED,
        [SILENCE_STEP_DANGER] = SILENCE_STATE_DURESS,
        [SILENCE_STEP_NO_REACTION] = SILENCE_STATE_CHECKLIST,
        [SILENCE_STEP_GONE] = SILENCE_STATE_CHECKLIST,
        [SILENCE_STEP_SPEAK] = SILENCE_STATE_HEARD,
    },
    [SILENCE_STATE_CONFIRMED] = {
        [SILENCE_STEP_DANGER] = SILENCE_STATE_DURESS,
        [SILENCE_STEP_GONE] = SILENCE_STATE_CHECKLIST,
        [SILENCE_STEP_SPEAK] = SILENCE_STATE_HEARD,
        [SILENCE_STEP_RULE] = SILENCE_STATE_RULED,
    },
    /* What is said on the line now may be said by somebody else. */
    [SILENCE_STATE_DURESS] = {
        [SILENCE_STEP_RULE] = SILENCE_STATE_RULED,
    },
    [SILENCE_STATE_CHECKLIST] = {
        [SILENCE_STEP_KEY] = SILENCE_STATE_CONFIRMED,
        [SILENCE_STEP_DANGER] = SILENCE_STATE_DURESS,
        [SILENCE_STEP_SPEAK] = SILENCE_STATE_HEARD,
        [SILENCE_STEP_RULE] = SILENCE_STATE_RULED,
    },
    [SILENCE_STATE_HEARD] = {
        [SILENCE_STEP_SUSPECT] = SILENCE_STATE_SUSPECTED,
    },
};
/* clang-format on */

enum {
    ALL_CHECKS = 1 << SILENCE_CHECK_ITEM_RECALL | 1 << SILENCE_CHECK_ITEM_PLACE |
                 1 << SILENCE_CHECK_ITEM_HISTORY
};

enum silence_state silence_next(enum silence_state state, enum silence_step step)
{
    return next[state][step];
}

bool silence_is_open(enum silence_state state)
{
    return state != SILENCE_STATE_NONE && state != SILENCE_STATE_HEARD &&
           state != SILENCE_STATE_RULED;
}

bool silence_listens(const struct contact *contact)
{
    return contact->state == CONTACT_STATE_CONNECTED &&
           (contact->silence == SILENCE_STATE_PROMPTED ||
            contact->silence == SILENCE_STATE_CONFIRMED ||
            contact->silence == SILENCE_STATE_CHECKLIST);
}

static struct event *move(struct decision *decision, const struct contact *contact,
                          enum silence_state from, enum silence_step step)
{
    REQUIRE(next[from][step] != SILENCE_STATE_NONE);
    struct event *event = contact_event(decision, EVENT_SILENCE_MOVED, contact);
    if (contact->taker)
        event->taker = contact->taker->row.user;
    event->silence_moved.step = step;
    event->silence_moved.from = from;
    event->silence_moved.to = next[from][step];
    event->silence_moved.gateway = contact->gateway->row.gateway;
    event->silence_moved.call = contact->call;
    return event;
}

/* The caller's number can get a text that makes no sound. */
static void danger(struct decision *decision, const struct contact *contact,
                   enum silence_state from)
{
    move(decision, contact, from, SILENCE_STEP_DANGER);
    if (contact->caller && !contact->undiallable)
        citizen_text_order(decision, TEMPLATE_DURESS, NULL, contact->id);
}

enum refusal silence_keys(struct decision *decision, const struct contact *contact,
                          const char *digits)
{
    bool five = contact->five;
    bool twice = false;
    for (; *digits && !twice; digits++) {
        twice = five && *digits == '5';
        five = *digits == '5';
    }
    if (twice) {
        danger(decision, contact, contact->silence);
        return REFUSAL_NONE;
    }
    if (contact->silence == SILENCE_STATE_CONFIRMED)
        return REFUSAL_ALREADY;
    move(decision, contact, contact->silence, SILENCE_STEP_KEY)->silence_moved.five = five;
    return REFUSAL_NONE;
}

uint64_t silence_due(const struct contact *contact)
{
    return contact->silence == SILENCE_STATE_PROMPTED && contact->state == CONTACT_STATE_CONNECTED
               ? contact->silence_ms
               : NEVER;
}

void silence_no_reaction(struct decision *decision, const struct contact *contact)
{
    move(decision, contact, contact->silence, SILENCE_STEP_NO_REACTION);
}

void silence_gone(struct decision *decision, const struct contact *contact)
{
    if (next[contact->silence][SILENCE_STEP_GONE] != SILENCE_STATE_NONE)
        move(decision, contact, contact->silence, SILENCE_STEP_GONE);
}

/* The contact meant: by the gateway's call, or by a person's word. */
static enum refusal find(struct decision *decision, uint64_t id, const struct contact **contact)
{
    *contact = core_contact(decision->core, id);
    if (!*contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = id;
    if ((*contact)->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    return REFUSAL_NONE;
}

enum refusal decide_contact_silent(struct decision *decision)
{
    const struct contact_silent *asked = &decision->command->contact_silent;
    const struct contact *contact;
    enum refusal refusal = REFUSAL_NONE;
    if (decision->actor_kind == ACTOR_KIND_GATEWAY)
        contact = core_call(decision->core, decision->actor, asked->call);
    else
        refusal = find(decision, asked->contact, &contact);
    if (refusal || !contact)
        return refusal ? refusal : REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (silence_is_open(contact->silence))
        return REFUSAL_ALREADY;
    if (contact->state != CONTACT_STATE_CONNECTED || contact->channel != CHANNEL_VOICE ||
        contact->dial || next[contact->silence][SILENCE_STEP_SUSPECT] == SILENCE_STATE_NONE)
        return REFUSAL_WRONG_STATE;
    move(decision, contact, contact->silence, SILENCE_STEP_SUSPECT);
    struct event *prompt = move(decision, contact, SILENCE_STATE_SUSPECTED, SILENCE_STEP_PROMPT);
    prompt->silence_moved.until_ms =
        decision->at_ms + decision->core->parameters[PARAMETER_SILENCE_MS];
    announce(decision, contact, ANNOUNCEMENT_SILENT);
    return REFUSAL_NONE;
}

enum refusal decide_contact_speak(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal = find(decision, decision->command->contact_speak.contact, &contact);
    if (refusal)
        return refusal;
    if (next[contact->silence][SILENCE_STEP_SPEAK] == SILENCE_STATE_NONE)
        return REFUSAL_WRONG_STATE;
    move(decision, contact, contact->silence, SILENCE_STEP_SPEAK);
    return REFUSAL_NONE;
}

enum refusal decide_silence_check(struct decision *decision)
{
    const struct silence_check *asked = &decision->command->silence_check;
    const struct contact *contact;
    enum refusal refusal = find(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    if (asked->item == SILENCE_CHECK_ITEM_NONE)
        return REFUSAL_REASON_MISSING;
    if (!silence_is_open(contact->silence))
        return REFUSAL_WRONG_STATE;
    if (contact->checks & 1U << asked->item)
        return REFUSAL_ALREADY; /* who cannot speak is not rung again and again */
    if (asked->item == SILENCE_CHECK_ITEM_RECALL && contact->quiet)
        return REFUSAL_QUIET;
    if (asked->item == SILENCE_CHECK_ITEM_RECALL && asked->found &&
        (contact->undiallable || !contact->caller))
        return REFUSAL_NOT_DIALLABLE;
    struct event *event = contact_event(decision, EVENT_SILENCE_CHECKED, contact);
    event->silence_checked.item = asked->item;
    event->silence_checked.found = asked->found;
    if (asked->item == SILENCE_CHECK_ITEM_RECALL && asked->found &&
        next[contact->silence][SILENCE_STEP_SPEAK] != SILENCE_STATE_NONE)
        move(decision, contact, contact->silence, SILENCE_STEP_SPEAK);
    return REFUSAL_NONE;
}

enum refusal decide_silence_rule(struct decision *decision)
{
    const struct silence_rule *asked = &decision->command->silence_rule;
    const struct contact *contact;
    enum refusal refusal = find(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    if (asked->ruling == SILENCE_RULING_NONE)
        return REFUSAL_REASON_MISSING;
    if (next[contact->silence][SILENCE_STEP_RULE] == SILENCE_STATE_NONE)
        return REFUSAL_WRONG_STATE;
    if (asked->ruling == SILENCE_RULING_ACCIDENT) {
        if (contact->silence != SILENCE_STATE_CHECKLIST)
            return REFUSAL_WRONG_STATE; /* somebody pressed a key: no accident */
        if ((contact->checks & ALL_CHECKS) != ALL_CHECKS)
            return REFUSAL_CHECK_MISSING;
    }
    move(decision, contact, contact->silence, SILENCE_STEP_RULE)->silence_moved.ruling =
        asked->ruling;
    return REFUSAL_NONE;
}

void apply_silence_moved(struct core *core, const struct event *event)
{
    const struct silence_moved *moved = &event->silence_moved;
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->silence == moved->from);
    REQUIRE(next[moved->from][moved->step] == moved->to);
    contact->silence = moved->to;
    contact->silence_ms = moved->until_ms;
    contact->five = moved->five;
    if (moved->to == SILENCE_STATE_SUSPECTED)
        contact->checks = 0;
    if (moved->to == SILENCE_STATE_DURESS)
        contact->quiet = true;
    queue_file(core, contact);
}

void apply_silence_checked(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact);
    contact->checks |= 1U << event->silence_checked.item;
}
