/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/citizen_text.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/conversation.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/notice.h"
#include "dispatcher/core/subscription.h"
#include "dispatcher/core/telling.h"
#include "dispatcher/core/text_lease.h"

enum {
    HELD_LEAVE_ONE_IN = 8, /* places for texts */
    SENSITIVE = 1U << RISK_CHILD | 1U << RISK_TEXT_UNSAFE | 1U << RISK_SUICIDE | 1U << RISK_VIOLENCE
};

/* What is not listed goes out at once and as often as it is ordered: it answers what the citizen
 * just did. */
static const struct text_rule {
    bool waits;     /* until the quiet hours are over */
    bool once;      /* in each round of an incident */
    bool must_tell; /* who cannot be texted is told by a person */
    bool asks;      /* a favour of the citizen, who may have said no to such texts */
} rules[TEMPLATE_COUNT] = {
    [TEMPLATE_RECEIVED] = { .once = true },
    [TEMPLATE_RESULT] = { .waits = true, .once = true, .must_tell = true },
    [TEMPLATE_SURVEY] = { .waits = true, .once = true, .asks = true },
    [TEMPLATE_REDO] = { .waits = true, .once = true },
    [TEMPLATE_NOT_RATED] = { .waits = true, .once = true, .asks = true },
    [TEMPLATE_INFO] = { .waits = true, .must_tell = true },
    [TEMPLATE_NOT_ACCEPTED] = { .waits = true, .once = true, .must_tell = true },
    [TEMPLATE_EXTENDED] = { .waits = true, .must_tell = true },
    [TEMPLATE_WITHDRAWN] = { .waits = true, .once = true },
    [TEMPLATE_LAPSED] = { .waits = true },
};

static enum text_excuse danger_of(const struct incident *incident)
{
    if (incident->text_unsafe)
        return TEXT_EXCUSE_UNSAFE;
    if (incident->secrecy >= SECRECY_IDENTITY_HIDDEN)
        return TEXT_EXCUSE_SECRET;
    return incident->risks & SENSITIVE ? TEXT_EXCUSE_SENSITIVE : TEXT_EXCUSE_NONE;
}

static enum text_excuse excuse_of(const struct incident *incident)
{
    if (incident->anonymous)
        return TEXT_EXCUSE_ANONYMOUS;
    return incident->caller ? danger_of(incident) : TEXT_EXCUSE_NO_NUMBER;
}

bool citizen_text_endangers(const struct incident *incident)
{
    return danger_of(incident) != TEXT_EXCUSE_NONE;
}

static enum text_excuse excuse_from(const struct core *core, const struct incident *incident,
                                    enum template template)
{
    if (!incident)
        return TEXT_EXCUSE_NONE;
    enum text_excuse excuse = excuse_of(incident);
    if (!excuse && rules[template].asks && subscription_is_off(core, incident->caller))
        return TEXT_EXCUSE_UNSUBSCRIBED;
    return excuse;
}

bool citizen_may_be_texted(const struct incident *incident)
{
    return excuse_of(incident) == TEXT_EXCUSE_NONE;
}

bool core_may_notify(const struct core *core, uint64_t id)
{
    const struct incident *incident = core_incident(core, id);
    return incident && citizen_may_be_texted(incident) &&
           !subscription_is_off(core, incident->caller);
}

bool citizen_has_text(const struct incident *incident, enum template template)
{
    return rules[template].once && (incident->texted & 1ULL << template);
}

uint64_t citizen_quiet_until(const struct core *core, uint64_t at_ms)
{
    const uint64_t *parameters = core->parameters;
    uint64_t begin = parameters[PARAMETER_TEXT_QUIET_BEGIN_MIN];
    uint64_t end = parameters[PARAMETER_TEXT_QUIET_END_MIN];
    uint64_t local_ms = at_ms + parameters[PARAMETER_UTC_OFFSET_MIN] * MINUTE_MS;
    uint64_t minute = local_ms % DAY_MS / MINUTE_MS;
    bool over_night = begin > end;
    bool quiet = over_night ? minute >= begin || minute < end : minute >= begin && minute < end;
    if (!quiet)
        return 0;
    uint64_t midnight_ms = at_ms - local_ms % DAY_MS;
    return midnight_ms + (minute < end ? 0 : DAY_MS) + end * MINUTE_MS;
}

static void excuse_text(struct decision *decision, enum template template,
                        const struct incident *incident, enum text_excuse excuse, uint64_t text)
{
    bool reachable = excuse != TEXT_EXCUSE_ANONYMOUS && excuse != TEXT_EXCUSE_NO_NUMBER &&
                     excuse != TEXT_EXCUSE_SENT_BEFORE && excuse != TEXT_EXCUSE_OVERTAKEN;
    struct event *event = decision_event(decision, EVENT_TEXT_EXCUSED);
    event->incident = incident ? incident->id : 0;
    event->line = incident ? incident->line : 0;
    event->text_excused.text = text;
    event->text_excused.template = template;
    event->text_excused.excuse = excuse;
    event->text_excused.phone = reachable && rules[template].must_tell;
}

/* The oldest text that only waits for its receipt: its place may be taken. NULL: there is none. */
static struct citizen_text *replaceable(const struct core *core)
{
    struct citizen_text *text = list_first(&core->sent_texts);
    while (text && text->state != TEXT_STATE_SENT)
        text = list_next(&core->sent_texts, &text->link);
    return text;
}

/* What is held stays until the morning: it never takes the last places of what goes out now. */
static bool has_room(const struct core *core, bool held)
{
    uint32_t room = pool_room(&core->texts);
    return held ? room > core->texts.size / HELD_LEAVE_ONE_IN : room > 0 || replaceable(core);
}

static enum text_excuse excuse_now(const struct core *core, const struct incident *incident,
                                   enum template template)
{
    enum text_excuse excuse = excuse_from(core, incident, template);
    bool before = !excuse && incident && citizen_has_text(incident, template);
    return before ? TEXT_EXCUSE_SENT_BEFORE : excuse;
}

enum text_excuse core_text_outlook(const struct core *core, uint64_t incident,
                                   enum template template, uint64_t at_ms, uint64_t *until_ms)
{
    *until_ms = rules[template].waits ? citizen_quiet_until(core, at_ms) : 0;
    return excuse_now(core, core_incident(core, incident), template);
}

uint64_t citizen_text_order(struct decision *decision, enum template template,
                            const struct incident *incident, uint64_t contact)
{
    enum text_excuse excuse = excuse_now(decision->core, incident, template);
    if (excuse == TEXT_EXCUSE_NO_NUMBER)
        return 0; /* there is nobody to excuse from it */
    if (excuse) {
        excuse_text(decision, template, incident, excuse, decision_id(decision));
        return 0;
    }
    uint64_t until_ms =
        rules[template].waits ? citizen_quiet_until(decision->core, decision->at_ms) : 0;
    /* Whoever calls in danger gets a word all the same; of an incident a person tells in the end. */
    if ((incident || until_ms) && !has_room(decision->core, until_ms))
        return 0;
    uint64_t answer_of = incident && template == TEMPLATE_RESULT ? incident->answer_of : 0;
    uint64_t text = decision_id(decision);
    struct event *event = decision_event(decision, until_ms ? EVENT_TEXT_HELD : EVENT_TEXT_ORDERED);
    event->contact = contact;
    event->incident = incident ? incident->id : 0;
    event->line = incident ? incident->line : 0;
    if (until_ms) {
        event->text_held.text = text;
        event->text_held.template = template;
        event->text_held.until_ms = until_ms;
        event->text_held.answer_of = answer_of;
        return text;
    }
    event->text_ordered.text = text;
    event->text_ordered.template = template;
    event->text_ordered.gateway = text_lease_choose(decision->core, NULL);
    event->text_ordered.answer_of = answer_of;
    return text;
}

/* Much may happen in a night. What an incident that left memory was told for good still holds. */
static bool is_overtaken(const struct citizen_text *text, const struct incident *incident)
{
    switch (text->template) {
    case TEMPLATE_RESULT:
        return !incident || incident->result != text->id ||
               (incident->state != INCIDENT_STATE_REPLIED &&
                incident->state != INCIDENT_STATE_MERGED);
    case TEMPLATE_SURVEY:
        return !incident || incident->survey != text->id || incident->state != INCIDENT_STATE_TOLD;
    case TEMPLATE_INFO:
        return !incident || incident->state != INCIDENT_STATE_PENDING_INFO;
    case TEMPLATE_REDO:
    case TEMPLATE_EXTENDED:
        return !incident || incident_is_closed(incident->state);
    default:
        return false;
    }
}

void citizen_text_due(struct decision *decision, const struct citizen_text *text)
{
    const struct incident *incident = core_incident(decision->core, text->incident);
    enum text_excuse excuse = excuse_from(decision->core, incident, text->template);
    if (text->incident && is_overtaken(text, incident))
        excuse = TEXT_EXCUSE_OVERTAKEN;
    if (excuse) {
        excuse_text(decision, text->template, incident, excuse, text->id);
        return;
    }
    struct event *event = decision_event(decision, EVENT_TEXT_ORDERED);
    event->contact = text->contact;
    event->incident = text->incident;
    event->line = incident ? incident->line : 0;
    event->text_ordered.text = text->id;
    event->text_ordered.template = text->template;
    event->text_ordered.gateway = text_lease_choose(decision->core, NULL);
    event->text_ordered.answer_of = text->answer_of;
}

void citizen_text_recall(struct decision *decision, uint64_t id)
{
    const struct citizen_text *text = id ? core_text(decision->core, id) : NULL;
    if (!text || text->recalled)
        return;
    if (text->state == TEXT_STATE_HELD || text->state == TEXT_STATE_ORDERED) {
        /* Without leave no gateway sends it. */
        excuse_text(decision, text->template, core_incident(decision->core, text->incident),
                    TEXT_EXCUSE_OVERTAKEN, text->id);
        return;
    }
    struct event *event = decision_event(decision, EVENT_TEXT_RECALLED);
    event->incident = text->incident;
    event->contact = text->contact;
    event->text_recalled.text = text->id;
    event->text_recalled.template = text->template;
}

/* Nothing is sent twice and nothing becomes unsent, but for what was recalled before it went out; a
 * receipt may still say it never arrived. */
static bool may_report(const struct citizen_text *text, enum text_state to)
{
    enum text_state from = text->state;
    switch (to) {
    case TEXT_STATE_SENT:
        return from == TEXT_STATE_ORDERED || from == TEXT_STATE_SENDING;
    case TEXT_STATE_DELIVERED:
    case TEXT_STATE_FAILED:
        return from != TEXT_STATE_HELD;
    case TEXT_STATE_EXCUSED:
        return text->recalled && from == TEXT_STATE_SENDING;
    case TEXT_STATE_NONE:
    case TEXT_STATE_ORDERED:
    case TEXT_STATE_HELD:
    case TEXT_STATE_SENDING:
    case TEXT_STATE_COUNT:
        return false;
    }
    return false;
}

/* The result has its own clock (telling.h). */
static bool is_phoned(enum template template)
{
    return rules[template].must_tell && template != TEMPLATE_RESULT;
}

enum refusal decide_text_phone(struct decision *decision)
{
    const struct text_phone *asked = &decision->command->text_phone;
    const struct incident *incident = core_incident(decision->core, asked->incident);
    if (!incident)
        return REFUSAL_NO_SUCH_INCIDENT;
    if (!asked->text)
        return REFUSAL_NO_SUCH_TEXT;
    incident_event(decision, EVENT_TEXT_PHONED, incident)->text_phoned.text = asked->text;
    decision->verdict->incident = incident->id;
    return REFUSAL_NONE;
}

enum refusal decide_text_report(struct decision *decision)
{
    const struct text_report *asked = &decision->command->text_report;
    const struct notice *notice = notice_of_text(decision->core, asked->text);
    if (notice)
        return notice_text_report(decision, notice);
    const struct citizen_text *text = core_text(decision->core, asked->text);
    if (!text)
        return REFUSAL_NO_SUCH_TEXT;
    if (text->state == asked->state)
        return REFUSAL_ALREADY;
    if (!may_report(text, asked->state))
        return REFUSAL_WRONG_STATE;
    /* That it went out is so whoever says it; that it cannot, only its own gateway knows. */
    if (asked->state == TEXT_STATE_FAILED && !text_lease_is_with(text, decision->gateway))
        return REFUSAL_NOT_LEASED;
    const struct incident *incident = core_incident(decision->core, text->incident);
    struct event *event = decision_event(decision, EVENT_TEXT_REPORTED);
    event->contact = text->contact;
    event->incident = text->incident;
    event->text_reported.text = text->id;
    event->text_reported.state = asked->state;
    event->text_reported.cause = asked->cause;
    event->text_reported.phone =
        asked->state == TEXT_STATE_FAILED && !text->recalled && is_phoned(text->template);
    memcpy(event->text_reported.reference, asked->reference, sizeof asked->reference);
    memcpy(event->text_reported.original, asked->original, sizeof asked->original);
    if (incident && !text->recalled)
        incident_text_reported(decision, incident, text, asked->state);
    return REFUSAL_NONE;
}

/* ---- applying --------------------------------------------------------------------------------- */

static void forget(struct core *core, struct citizen_text *text)
{
    deadline_set(core, &text->deadline, NEVER, text->id);
    link_leave(&text->link);
    text_lease_end(core, text);
    index_remove(&core->index, ENTRY_TEXT, text->id, 0);
    pool_give(&core->texts, text);
}

/* Receipts that never come must not fill the pool: the oldest of those is no longer waited for. What is
 * held is on the trail alone, and the last to go. */
static void make_room(struct core *core)
{
    struct citizen_text *text = replaceable(core);
    if (!text)
        text = list_first(&core->sent_texts);
    while (text && text->state == TEXT_STATE_HELD)
        text = list_next(&core->sent_texts, &text->link);
    forget(core, text ? text : list_first(&core->sent_texts));
}

static struct citizen_text *begin(struct core *core, const struct event *event, uint64_t id,
                                  enum template template)
{
    if (pool_room(&core->texts) == 0)
        make_room(core);
    struct citizen_text *text = pool_take(&core->texts);
    core_id_used(core, id);
    text->id = id;
    text->incident = event->incident;
    text->contact = event->contact;
    text->template = template;
    text->deadline.kind = DEADLINE_TEXT;
    text->deadline.owner = text;
    list_append(&core->sent_texts, &text->link, text);
    index_put(&core->index, ENTRY_TEXT, text->id, 0, text);
    struct incident *incident = core_incident(core, event->incident);
    if (!incident)
        return text;
    incident->texted |= 1ULL << template;
    if (template == TEMPLATE_RESULT)
        incident->result = text->id;
    if (template == TEMPLATE_SURVEY)
        incident->survey = text->id;
    return text;
}

/* It may be ordered again. */
static void unmark(struct core *core, const struct citizen_text *text)
{
    struct incident *incident = core_incident(core, text->incident);
    if (incident)
        incident->texted &= ~(1ULL << text->template);
}

void apply_text_held(struct core *core, const struct event *event)
{
    const struct text_held *held = &event->text_held;
    struct citizen_text *text = begin(core, event, held->text, held->template);
    text->state = TEXT_STATE_HELD;
    text->until_ms = held->until_ms;
    text->answer_of = held->answer_of;
    deadline_set(core, &text->deadline, held->until_ms, text->id);
}

void apply_text_excused(struct core *core, const struct event *event)
{
    struct citizen_text *text = core_text(core, event->text_excused.text);
    if (!text) {
        core_id_used(core, event->text_excused.text);
        return;
    }
    unmark(core, text);
    forget(core, text);
}

void apply_text_ordered(struct core *core, const struct event *event)
{
    const struct text_ordered *ordered = &event->text_ordered;
    struct citizen_text *text = core_text(core, ordered->text);
    if (!text)
        text = begin(core, event, ordered->text, ordered->template);
    deadline_set(core, &text->deadline, NEVER, text->id);
    text->state = TEXT_STATE_ORDERED;
    text->until_ms = 0;
    text->answer_of = ordered->answer_of;
    text->seq = event->seq;
    text_lease_begin(core, text, core_gateway(core, ordered->gateway));
    if (ordered->template == TEMPLATE_WORDS)
        conversation_written(core, event);
}

void apply_text_reported(struct core *core, const struct event *event)
{
    struct citizen_text *text = core_text(core, event->text_reported.text);
    REQUIRE(text && may_report(text, event->text_reported.state));
    text->state = event->text_reported.state;
    if (text->state == TEXT_STATE_FAILED || text->state == TEXT_STATE_EXCUSED)
        unmark(core, text);
    if (text->state != TEXT_STATE_SENT)
        forget(core, text);
    else
        text_lease_end(core, text);
}

void apply_text_recalled(struct core *core, const struct event *event)
{
    struct citizen_text *text = core_text(core, event->text_recalled.text);
    REQUIRE(text);
    text->recalled = true;
}
