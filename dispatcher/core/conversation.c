/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/conversation.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/number.h"
#include "dispatcher/core/queue.h"

const struct contact *conversation_of(const struct core *core, const struct command *command,
                                      const struct line *line)
{
    if (command->contact_arrive.channel != CHANNEL_SMS)
        return NULL;
    const struct contact *contact = number_newest(core, command->caller);
    while (contact && (contact->channel != CHANNEL_SMS ||
                       (contact->line != line && contact->dialled != line->row.line)))
        contact = contact->same_older;
    return contact;
}

void conversation_join(struct decision *decision, const struct contact *contact)
{
    const struct contact_arrive *asked = &decision->command->contact_arrive;
    struct event *event = contact_event(decision, EVENT_TEXT_RECEIVED, contact);
    event->incident = 0; /* all words of a conversation lie under the contact's key */
    if (contact->taker)
        event->taker = contact->taker->row.user;
    struct text_received *received = &event->text_received;
    received->text = decision_id(decision);
    received->gateway = decision->actor;
    received->call = asked->call;
    received->texts = contact->texts + 2;
    received->arrived_ms = asked->arrived_ms && asked->arrived_ms < decision->at_ms
                               ? asked->arrived_ms
                               : decision->at_ms;
    memcpy(received->original, asked->original, sizeof received->original);
    decision->verdict->contact = contact->id;
}

void conversation_receipt(struct decision *decision, const struct event *arrived)
{
    struct event *event = decision_event(decision, EVENT_TEXT_ORDERED);
    event->contact = arrived->contact;
    event->line = arrived->line;
    event->text_ordered.text = decision_id(decision);
    event->text_ordered.template = TEMPLATE_EMERGENCY_RECEIVED;
    event->text_ordered.gateway = arrived->contact_arrived.gateway;
}

uint64_t conversation_due(const struct contact *contact)
{
    bool runs = contact->stale_ms && contact->state == CONTACT_STATE_CONNECTED &&
                !contact->transfer.kind && !contact->line->row.emergency;
    return runs ? contact->stale_ms : NEVER;
}

/* A telephone that rings beside a caller whose record says so could endanger them; who wrote first chose
 * to be written to. */
static bool may_be_written_to(const struct core *core, const struct contact *contact)
{
    const struct incident *incident = core_incident(core, contact->incident);
    return contact->channel == CHANNEL_SMS || !incident || !incident->text_unsafe;
}

enum refusal decide_contact_type(struct decision *decision)
{
    const struct contact_type *asked = &decision->command->contact_type;
    const struct contact *contact = core_call(decision->core, decision->actor, asked->call);
    if (!contact || contact->channel != CHANNEL_VOICE)
        return REFUSAL_NO_SUCH_CONTACT;
    if (asked->typing == TYPING_NONE)
        return REFUSAL_MALFORMED;
    if (!decision->command->has_personal && contact->typing)
        return REFUSAL_ALREADY;
    if (!decision->command->has_personal) {
        struct event *opened = contact_event(decision, EVENT_TYPING_OPENED, contact);
        opened->typing_opened =
            (struct typing_opened){ decision->actor, asked->call, asked->typing };
        return REFUSAL_NONE;
    }
    struct event *event = contact_event(decision, EVENT_TEXT_RECEIVED, contact);
    event->incident = 0;
    event->taker = contact_taker(contact);
    event->text_received = (struct text_received){ .text = decision_id(decision),
                                                   .gateway = decision->actor,
                                                   .call = asked->call,
                                                   .texts = contact->texts + 1,
                                                   .arrived_ms = decision->at_ms,
                                                   .typing = asked->typing };
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

/* The gateway that has the call has been told by the order; nothing is waited for. */
static enum refusal type_words(struct decision *decision, const struct contact *contact)
{
    struct event *event = contact_event(decision, EVENT_TEXT_TYPED, contact);
    event->incident = 0;
    event->taker = decision->user ? decision->user->row.user : 0;
    event->text_typed = (struct text_typed){ .text = decision_id(decision),
                                             .gateway = contact->gateway->row.gateway,
                                             .call = contact->call,
                                             .typing = contact->typing };
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

enum refusal decide_contact_write(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct contact *contact = core_contact(core, decision->command->contact_write.contact);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (contact->state != CONTACT_STATE_CONNECTED)
        return REFUSAL_WRONG_STATE;
    if (!contact_is_with(contact, decision->user) && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    if (!decision->command->has_personal)
        return REFUSAL_INCOMPLETE;
    if (contact->typing)
        return type_words(decision, contact);
    if (!contact->caller || contact->undiallable)
        return REFUSAL_NOT_DIALLABLE;
    if (!may_be_written_to(core, contact))
        return REFUSAL_QUIET;
    uint64_t silence_ms = core->parameters[PARAMETER_TEXT_STALE_MS];
    bool ends = contact->channel == CHANNEL_SMS && !contact->line->row.emergency && silence_ms;
    struct event *event = contact_event(decision, EVENT_TEXT_ORDERED, contact);
    event->incident = 0;
    event->taker = decision->user ? decision->user->row.user : 0;
    struct text_ordered *ordered = &event->text_ordered;
    ordered->text = decision_id(decision);
    ordered->template = TEMPLATE_WORDS;
    ordered->gateway = contact->channel == CHANNEL_SMS ? contact->gateway->row.gateway : 0;
    ordered->stale_ms = ends ? decision->at_ms + silence_ms : 0;
    decision->verdict->contact = contact->id;
    return REFUSAL_NONE;
}

void apply_text_received(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && (contact->channel == CHANNEL_SMS || event->text_received.typing));
    core_id_used(core, event->text_received.text);
    contact->texts++;
    contact->typing = event->text_received.typing;
    contact->stale_ms = 0;
    queue_file(core, contact);
}

void apply_typing_opened(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact);
    contact->typing = event->typing_opened.typing;
}

void apply_text_typed(struct core *core, const struct event *event)
{
    REQUIRE(core_contact(core, event->contact));
    core_id_used(core, event->text_typed.text);
}

void conversation_written(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact);
    contact->stale_ms = event->text_ordered.stale_ms;
    queue_file(core, contact);
}
