/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/queued_callback.h"

#include "base/require.h"
#include "dispatcher/core/announcement.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/gateway.h"
#include "dispatcher/core/offer.h"
#include "dispatcher/core/queue.h"

const struct contact *queued_callback_of(const struct core *core, uint64_t caller)
{
    return caller ? index_find(&core->index, ENTRY_CALLER_QUEUED, caller, 0) : NULL;
}

/* May the citizen be asked? */
static enum refusal check(const struct decision *decision, const struct contact *contact)
{
    if (contact->line->row.emergency)
        return REFUSAL_EMERGENCY_LINE;
    if (contact->dial || queued_callback_of(decision->core, contact->caller))
        return REFUSAL_ALREADY;
    if (contact->state != CONTACT_STATE_WAITING || contact->parked_ms ||
        contact->channel != CHANNEL_VOICE)
        return REFUSAL_WRONG_STATE;
    return contact->caller && !contact->undiallable ? REFUSAL_NONE : REFUSAL_NOT_DIALLABLE;
}

enum refusal queued_callback_begin(struct decision *decision, const struct contact *contact)
{
    enum refusal refusal = check(decision, contact);
    if (refusal)
        return refusal;
    struct event *event = contact_event(decision, EVENT_CALLBACK_QUEUED, contact);
    event->callback_queued.until_ms =
        decision->at_ms + decision->core->parameters[PARAMETER_QUEUED_LAPSE_MS];
    event->callback_queued.gateway = contact->gateway->row.gateway;
    event->callback_queued.call = contact->call;
    return REFUSAL_NONE;
}

uint64_t queued_callback_due(const struct contact *contact)
{
    if (!contact->dial || contact->state != CONTACT_STATE_WAITING)
        return NEVER;
    return contact->next_ms && contact->next_ms < contact->lapse_ms ? contact->next_ms
                                                                    : contact->lapse_ms;
}

bool queued_callback_is_ripe(const struct contact *contact)
{
    return contact->dial && contact->next_ms == 0;
}

/* Nobody calls any more, and the citizen shall know. */
static void give_up(struct decision *decision, const struct contact *contact, enum end_cause cause)
{
    contact_end(decision, contact, cause);
    citizen_text_order(decision, TEMPLATE_LAPSED, NULL, contact->id);
}

static struct event *tried_event(struct decision *decision, const struct contact *contact,
                                 enum try_result result, uint64_t next_ms)
{
    struct event *event = contact_event(decision, EVENT_CALLBACK_TRIED, contact);
    event->taker = contact->leases[0].taker->row.user;
    event->callback_tried.result = result;
    event->callback_tried.tries = contact->tries + 1;
    event->callback_tried.next_ms = next_ms;
    return event;
}

void queued_callback_fall(struct decision *decision, const struct contact *contact)
{
    if (contact->lapse_ms <= decision->at_ms) {
        give_up(decision, contact, END_CAUSE_CALLBACK_LAPSED);
        return;
    }
    struct event *event = contact_event(decision, EVENT_CALLBACK_FELL, contact);
    event->callback_fell.tries = contact->tries;
}

void queued_callback_hasten(struct decision *decision, const struct contact *contact)
{
    if (contact->dial && contact->next_ms)
        contact_event(decision, EVENT_CALLBACK_FELL, contact)->callback_fell.tries = contact->tries;
}

enum refusal queued_callback_tried(struct decision *decision, const struct contact *contact,
                                   enum try_result result)
{
    const struct core *core = decision->core;
    if (!contact->dial || contact->state != CONTACT_STATE_OFFERED || !contact->leases[0].accepted)
        return REFUSAL_WRONG_STATE;
    const struct lease *lease = &contact->leases[0];
    if (lease->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    decision->verdict->contact = contact->id;
    if (result == TRY_RESULT_REACHED) {
        tried_event(decision, contact, result, 0);
        offer_connect(decision, contact, lease);
    } else if (contact->tries + 1 >= core->parameters[PARAMETER_RETRIES]) {
        tried_event(decision, contact, result, 0);
        give_up(decision, contact, END_CAUSE_NOT_REACHED);
    } else {
        tried_event(decision, contact, result,
                    decision->at_ms + core->parameters[PARAMETER_RETRY_MS]);
        offer_end(decision, contact, lease, OFFER_END_NOT_REACHED);
    }
    return REFUSAL_NONE;
}

/* A person may speak of any contact that waits. */
static enum refusal find(struct decision *decision, uint64_t id, const struct contact **contact)
{
    *contact = core_contact(decision->core, id);
    if (!*contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = id;
    return REFUSAL_NONE;
}

enum refusal decide_callback_offer(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal = find(decision, decision->command->callback_offer.contact, &contact);
    if (!refusal)
        refusal = check(decision, contact);
    if (refusal)
        return refusal;
    if (contact->announced == ANNOUNCEMENT_CALLBACK_OFFER)
        return REFUSAL_ALREADY;
    announce(decision, contact, ANNOUNCEMENT_CALLBACK_OFFER);
    return REFUSAL_NONE;
}

enum refusal decide_callback_queue(struct decision *decision)
{
    const struct contact *contact;
    enum refusal refusal = find(decision, decision->command->callback_queue.contact, &contact);
    return refusal ? refusal : queued_callback_begin(decision, contact);
}

void apply_callback_queued(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->caller && !contact->dial &&
            contact->state == CONTACT_STATE_WAITING);
    contact->dial = true;
    contact->lapse_ms = event->callback_queued.until_ms;
    link_leave(&contact->of_gateway);
    gateway_refile(core, contact->gateway);
    index_put(&core->index, ENTRY_CALLER_QUEUED, contact->caller, 0, contact);
    queue_file(core, contact);
}

void queued_callback_apply_tried(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->dial);
    contact->tries = event->callback_tried.tries;
    contact->next_ms = event->callback_tried.next_ms;
    queue_file(core, contact);
}

void queued_callback_apply_fell(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && contact->next_ms);
    contact->next_ms = 0;
    queue_file(core, contact);
}

void queued_callback_forget(struct core *core, const struct contact *contact)
{
    if (contact->dial && queued_callback_of(core, contact->caller) == contact)
        index_remove(&core->index, ENTRY_CALLER_QUEUED, contact->caller, 0);
}
