/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/citizen_text.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/conversation.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/telling.h"

bool citizen_may_be_texted(const struct incident *incident)
{
    return incident->caller && !incident->text_unsafe && !incident->anonymous &&
           incident->secrecy < SECRECY_IDENTITY_HIDDEN;
}

uint64_t citizen_text_order(struct decision *decision, enum template template,
                            const struct incident *incident, uint64_t contact)
{
    struct event *event = decision_event(decision, EVENT_TEXT_ORDERED);
    event->contact = contact;
    event->incident = incident ? incident->id : 0;
    event->line = incident ? incident->line : 0;
    event->text_ordered.text = decision_id(decision);
    event->text_ordered.template = template;
    if (incident && template == TEMPLATE_RESULT)
        event->text_ordered.answer_of = incident->answer_of;
    return event->text_ordered.text;
}

/* Nothing is sent twice and nothing becomes unsent; a receipt may still say it never arrived. */
static bool may_report(enum text_state from, enum text_state to)
{
    switch (to) {
    case TEXT_STATE_SENT:
        return from == TEXT_STATE_ORDERED;
    case TEXT_STATE_DELIVERED:
    case TEXT_STATE_FAILED:
        return true;
    case TEXT_STATE_NONE:
    case TEXT_STATE_ORDERED:
    case TEXT_STATE_COUNT:
        return false;
    }
    return false;
}

enum refusal decide_text_report(struct decision *decision)
{
    const struct text_report *asked = &decision->command->text_report;
    const struct citizen_text *text = core_text(decision->core, asked->text);
    if (!text)
        return REFUSAL_NO_SUCH_TEXT;
    if (text->state == asked->state)
        return REFUSAL_ALREADY;
    if (!may_report(text->state, asked->state))
        return REFUSAL_WRONG_STATE;
    const struct incident *incident = core_incident(decision->core, text->incident);
    struct event *event = decision_event(decision, EVENT_TEXT_REPORTED);
    event->contact = text->contact;
    event->incident = text->incident;
    event->text_reported.text = text->id;
    event->text_reported.state = asked->state;
    event->text_reported.cause = asked->cause;
    memcpy(event->text_reported.reference, asked->reference, sizeof asked->reference);
    if (incident)
        incident_text_reported(decision, incident, text, asked->state);
    return REFUSAL_NONE;
}

static void forget(struct core *core, struct citizen_text *text)
{
    link_leave(&text->link);
    index_remove(&core->index, ENTRY_TEXT, text->id, 0);
    pool_give(&core->texts, text);
}

void apply_text_ordered(struct core *core, const struct event *event)
{
    const struct text_ordered *ordered = &event->text_ordered;
    /* Receipts that never come must not fill the pool: the oldest is no longer waited for. */
    if (pool_room(&core->texts) == 0)
        forget(core, list_first(&core->sent_texts));
    struct citizen_text *text = pool_take(&core->texts);
    core_id_used(core, ordered->text);
    text->id = ordered->text;
    text->incident = event->incident;
    text->contact = event->contact;
    text->template = ordered->template;
    text->state = TEXT_STATE_ORDERED;
    if (ordered->template == TEMPLATE_WORDS)
        conversation_written(core, event);
    list_append(&core->sent_texts, &text->link, text);
    index_put(&core->index, ENTRY_TEXT, text->id, 0, text);
    struct incident *incident = core_incident(core, event->incident);
    if (incident && ordered->template == TEMPLATE_RESULT)
        incident->result = text->id;
    if (incident && ordered->template == TEMPLATE_SURVEY)
        incident->survey = text->id;
}

void apply_text_reported(struct core *core, const struct event *event)
{
    struct citizen_text *text = core_text(core, event->text_reported.text);
    REQUIRE(text && may_report(text->state, event->text_reported.state));
    text->state = event->text_reported.state;
    if (text->state != TEXT_STATE_SENT)
        forget(core, text);
}
