/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/mark.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/contact.h"

struct mark *core_mark(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_MARK, id, 0);
}

static const struct mark *mark_of(const struct core *core, uint64_t caller, enum mark_kind kind)
{
    return caller ? index_find(&core->index, ENTRY_CALLER_MARK, caller, kind) : NULL;
}

uint32_t marks_of(const struct core *core, uint64_t caller)
{
    uint32_t bits = 0;
    for (enum mark_kind kind = 1; kind < MARK_KIND_COUNT; kind++) {
        const struct mark *mark = mark_of(core, caller, kind);
        bits |= mark && mark->set ? 1U << kind : 0;
    }
    return bits;
}

static void set(struct decision *decision, uint64_t mark, enum mark_kind kind, uint32_t days)
{
    struct event *event = decision_event(decision, EVENT_MARK_SET);
    event->mark_set.mark = mark;
    event->mark_set.kind = kind;
    event->mark_set.until_ms = days ? decision->at_ms + days * DAY_MS : 0;
}

static void end(struct decision *decision, const struct mark *mark, enum mark_end_reason reason)
{
    struct event *event = decision_event(decision, EVENT_MARK_ENDED);
    event->mark_ended.mark = mark->id;
    event->mark_ended.kind = mark->kind;
    event->mark_ended.reason = reason;
}

void mark_due(struct decision *decision, const struct mark *mark)
{
    end(decision, mark, mark->set ? MARK_END_REASON_EXPIRED : MARK_END_REASON_NOT_CONFIRMED);
}

static bool days_are_sound(enum mark_kind kind, uint32_t days)
{
    return kind == MARK_KIND_NUISANCE ? days == 7 || days == 30 || days == 90 : days == 0;
}

enum refusal decide_mark_ask(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct mark_ask *asked = &decision->command->mark_ask;
    const struct contact *contact = core_contact(core, asked->contact);
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (asked->kind == MARK_KIND_NONE || !days_are_sound(asked->kind, asked->days) ||
        (asked->kind == MARK_KIND_LANGUAGE && !asked->language[0]))
        return REFUSAL_MALFORMED;
    if (!contact->caller)
        return REFUSAL_WRONG_STATE; /* a withheld number is nobody's */
    if (mark_of(core, contact->caller, asked->kind))
        return REFUSAL_ALREADY;
    if (pool_room(&core->marks) == 0)
        return REFUSAL_LIMIT;
    struct event *event = contact_event(decision, EVENT_MARK_ASKED, contact);
    struct mark_asked *mark = &event->mark_asked;
    mark->mark = decision_id(decision);
    mark->kind = asked->kind;
    mark->caller = contact->caller;
    mark->days = asked->days;
    mark->until_ms = decision->at_ms + core->parameters[PARAMETER_MARK_ASK_MS];
    memcpy(mark->language, asked->language, sizeof mark->language);
    decision->verdict->contact = contact->id;
    if (asked->kind != MARK_KIND_NUISANCE) /* it helps the citizen and harms nobody */
        set(decision, mark->mark, asked->kind, 0);
    return REFUSAL_NONE;
}

bool mark_by_citizen(struct decision *decision, const struct event *arrived, enum mark_kind kind)
{
    uint64_t caller = arrived->contact_arrived.caller;
    if (mark_of(decision->core, caller, kind))
        return true;
    if (pool_room(&decision->core->marks) == 0)
        return false;
    struct event *event = decision_event(decision, EVENT_MARK_ASKED);
    event->contact = arrived->contact;
    event->line = arrived->line;
    event->mark_asked.mark = decision_id(decision);
    event->mark_asked.kind = kind;
    event->mark_asked.caller = caller;
    event->mark_asked.until_ms =
        decision->at_ms + decision->core->parameters[PARAMETER_MARK_ASK_MS];
    set(decision, event->mark_asked.mark, kind, 0);
    return true;
}

void mark_end_by_citizen(struct decision *decision, uint64_t caller, enum mark_kind kind)
{
    const struct mark *mark = mark_of(decision->core, caller, kind);
    if (mark)
        end(decision, mark, MARK_END_REASON_CITIZEN);
}

enum refusal decide_mark_confirm(struct decision *decision)
{
    const struct mark *mark = core_mark(decision->core, decision->command->mark_confirm.mark);
    if (!mark)
        return REFUSAL_NO_SUCH_MARK;
    if (mark->set)
        return REFUSAL_ALREADY;
    if (decision->user && decision->actor == mark->asked_by)
        return REFUSAL_SAME_PERSON;
    set(decision, mark->id, mark->kind, mark->days);
    return REFUSAL_NONE;
}

enum refusal decide_mark_end(struct decision *decision)
{
    const struct mark_end *asked = &decision->command->mark_end;
    const struct mark *mark = core_mark(decision->core, asked->mark);
    if (!mark)
        return REFUSAL_NO_SUCH_MARK;
    switch (asked->reason) {
    case MARK_END_REASON_REFUSED:
        if (mark->set)
            return REFUSAL_WRONG_STATE;
        break;
    case MARK_END_REASON_APPEAL:
    case MARK_END_REASON_MISTAKE:
    case MARK_END_REASON_NEW_OWNER:
    case MARK_END_REASON_CITIZEN:
        break;
    case MARK_END_REASON_NONE:
    case MARK_END_REASON_EXPIRED: /* these are the clock's */
    case MARK_END_REASON_NOT_CONFIRMED:
    case MARK_END_REASON_COUNT:
        return REFUSAL_REASON_MISSING;
    }
    end(decision, mark, asked->reason);
    return REFUSAL_NONE;
}

static void refile(struct core *core, struct mark *mark)
{
    deadline_set(core, &mark->deadline, mark->until_ms ? mark->until_ms : NEVER, mark->id);
}

void apply_mark_asked(struct core *core, const struct event *event)
{
    const struct mark_asked *asked = &event->mark_asked;
    struct mark *mark = pool_take(&core->marks);
    core_id_used(core, asked->mark);
    mark->id = asked->mark;
    mark->caller = asked->caller;
    mark->kind = asked->kind;
    mark->days = asked->days;
    mark->asked_by = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    mark->until_ms = asked->until_ms;
    mark->deadline.kind = DEADLINE_MARK;
    mark->deadline.owner = mark;
    index_put(&core->index, ENTRY_MARK, mark->id, 0, mark);
    index_put(&core->index, ENTRY_CALLER_MARK, mark->caller, mark->kind, mark);
    refile(core, mark);
}

void apply_mark_set(struct core *core, const struct event *event)
{
    struct mark *mark = core_mark(core, event->mark_set.mark);
    REQUIRE(mark && !mark->set);
    mark->set = true;
    mark->until_ms = event->mark_set.until_ms;
    refile(core, mark);
}

void apply_mark_ended(struct core *core, const struct event *event)
{
    struct mark *mark = core_mark(core, event->mark_ended.mark);
    REQUIRE(mark);
    deadline_set(core, &mark->deadline, NEVER, mark->id);
    index_remove(&core->index, ENTRY_MARK, mark->id, 0);
    index_remove(&core->index, ENTRY_CALLER_MARK, mark->caller, mark->kind);
    pool_give(&core->marks, mark);
}
