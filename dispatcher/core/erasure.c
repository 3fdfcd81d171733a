/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/erasure.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/callback.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/number.h"

static struct erasure *erasure_find(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_ERASURE, id, 0);
}

static struct preservation *preservation_find(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_PRESERVATION, id, 0);
}

/* ---- what stands against it ------------------------------------------------------------------ */

/* What left memory was closed long ago. */
static bool case_is_open(const struct core *core, uint64_t id)
{
    const struct incident *incident = id ? core_incident(core, id) : NULL;
    return incident && !incident_is_closed(incident->state);
}

static bool person_is_open(const struct core *core, uint64_t caller)
{
    if (caller == 0)
        return false;
    if (number_live(core, caller) != 0 || callback_of(core, caller))
        return true;
    for (uint32_t i = 0; i < core->incidents.reached; i++) {
        const struct incident *incident = pool_at(&core->incidents, i);
        if (incident->id && incident->caller == caller && !incident_is_closed(incident->state))
            return true;
    }
    return false;
}

uint64_t preservation_of(const struct core *core, uint64_t incident, uint64_t caller)
{
    for (uint32_t i = 0; i < core->preservations.reached; i++) {
        const struct preservation *kept = pool_at(&core->preservations, i);
        if (kept->id &&
            ((incident && kept->incident == incident) || (caller && kept->caller == caller)))
            return kept->id;
    }
    return 0;
}

enum refusal erasure_objection(const struct core *core, uint64_t id, uint64_t caller)
{
    const struct incident *incident = id ? core_incident(core, id) : NULL;
    if (case_is_open(core, id) || person_is_open(core, caller))
        return REFUSAL_STILL_OPEN;
    return preservation_of(core, id,
                           caller     ? caller
                           : incident ? incident->caller
                                      : 0)
               ? REFUSAL_PRESERVED
               : REFUSAL_NONE;
}

/* A person by the number that came along, or a case. */
static enum refusal target(const struct decision *decision, uint64_t incident)
{
    uint64_t caller = decision->command->caller;
    if ((incident != 0) == (caller != 0))
        return REFUSAL_MALFORMED;
    return incident >= decision->core->next_id ? REFUSAL_NO_SUCH_INCIDENT : REFUSAL_NONE;
}

/* ---- deciding -------------------------------------------------------------------------------- */

enum refusal decide_erasure_ask(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct erasure_ask *asked = &decision->command->erasure_ask;
    uint64_t caller = decision->command->caller;
    enum refusal refusal = target(decision, asked->incident);
    if (refusal)
        return refusal;
    if (asked->basis == ERASURE_BASIS_NONE || !asked->words[0])
        return REFUSAL_REASON_MISSING;
    refusal = erasure_objection(core, asked->incident, caller);
    if (refusal)
        return refusal;
    for (uint32_t i = 0; i < core->erasures.reached; i++) {
        const struct erasure *other = pool_at(&core->erasures, i);
        if (other->id && other->incident == asked->incident && other->caller == caller)
            return REFUSAL_ALREADY;
    }
    if (pool_room(&core->erasures) == 0)
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_ERASURE_ASKED);
    event->incident = asked->incident;
    event->erasure_asked.erasure = decision_id(decision);
    event->erasure_asked.caller = caller;
    event->erasure_asked.basis = asked->basis;
    memcpy(event->erasure_asked.words, asked->words, sizeof asked->words);
    decision->verdict->erasure = event->erasure_asked.erasure;
    return REFUSAL_NONE;
}

void erasure_by_rule(struct decision *decision, const struct retention_step *step,
                     const struct retention_row *rule)
{
    struct event *event = decision_event(decision, EVENT_ERASURE_ASKED);
    uint64_t id = decision_id(decision);
    event->incident = step->incident;
    event->contact = step->contact;
    event->erasure_asked.erasure = id;
    event->erasure_asked.basis = ERASURE_BASIS_EXPIRED;
    event->erasure_asked.rule = rule->rule;
    event->erasure_asked.sound = step->sound;
    _Static_assert(sizeof rule->basis <= sizeof event->erasure_asked.words, "the basis fits");
    memcpy(event->erasure_asked.words, rule->basis, sizeof rule->basis);
    event = decision_event(decision, EVENT_ERASURE_MOVED);
    event->incident = step->incident;
    event->contact = step->contact;
    event->erasure_moved.erasure = id;
    event->erasure_moved.from = ERASURE_STATE_ASKED;
    event->erasure_moved.to = ERASURE_STATE_RUNNING;
    decision->verdict->erasure = id;
}

static struct erasure_moved *move(struct decision *decision, const struct erasure *erasure,
                                  enum erasure_state to)
{
    struct event *event = decision_event(decision, EVENT_ERASURE_MOVED);
    event->incident = erasure->incident;
    event->erasure_moved.erasure = erasure->id;
    event->erasure_moved.from = erasure->state;
    event->erasure_moved.to = to;
    return &event->erasure_moved;
}

enum refusal decide_erasure_rule(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct erasure_rule *asked = &decision->command->erasure_rule;
    const struct erasure *erasure = erasure_find(core, asked->erasure);
    if (!erasure)
        return REFUSAL_NO_SUCH_ERASURE;
    if (erasure->state != ERASURE_STATE_ASKED)
        return REFUSAL_WRONG_STATE;
    if (decision->user && decision->actor == erasure->asked_by)
        return REFUSAL_SAME_PERSON;
    if (!asked->agree && !asked->words[0])
        return REFUSAL_REASON_MISSING;
    enum refusal refusal =
        asked->agree ? erasure_objection(core, erasure->incident, erasure->caller) : REFUSAL_NONE;
    if (refusal)
        return refusal;
    struct erasure_moved *moved =
        move(decision, erasure, asked->agree ? ERASURE_STATE_APPROVED : ERASURE_STATE_REFUSED);
    memcpy(moved->words, asked->words, sizeof moved->words);
    return REFUSAL_NONE;
}

enum refusal decide_erasure_run(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct erasure *erasure = erasure_find(core, decision->command->erasure_run.erasure);
    if (!erasure)
        return REFUSAL_NO_SUCH_ERASURE;
    if (erasure->state != ERASURE_STATE_APPROVED)
        return REFUSAL_WRONG_STATE;
    if (decision->user && decision->actor == erasure->ruled_by)
        return REFUSAL_SAME_PERSON;
    enum refusal refusal = erasure_objection(core, erasure->incident, erasure->caller);
    if (refusal)
        return refusal;
    (void)move(decision, erasure, ERASURE_STATE_RUNNING);
    return REFUSAL_NONE;
}

enum refusal decide_erasure_step(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct erasure_step *step = &decision->command->erasure_step;
    const struct erasure *erasure = erasure_find(core, step->erasure);
    if (decision->actor_kind != ACTOR_KIND_SYSTEM)
        return REFUSAL_NOT_ALLOWED;
    if (!erasure)
        return REFUSAL_NO_SUCH_ERASURE;
    if (erasure->state != ERASURE_STATE_RUNNING)
        return REFUSAL_WRONG_STATE;
    if (step->subject == 0) {
        struct erasure_moved *moved = move(decision, erasure, ERASURE_STATE_DONE);
        moved->subjects = erasure->subjects;
        moved->preserved = step->preserved;
        return REFUSAL_NONE;
    }
    if (case_is_open(core, step->incident))
        return REFUSAL_STILL_OPEN;
    if (preservation_of(core, step->incident, step->caller))
        return REFUSAL_PRESERVED;
    struct event *event = decision_event(decision, EVENT_ERASED);
    event->contact = step->contact;
    event->incident = step->incident;
    event->erased.erasure = erasure->id;
    event->erased.subject = step->subject;
    return REFUSAL_NONE;
}

enum refusal decide_preservation_set(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct preservation_set *asked = &decision->command->preservation_set;
    enum refusal refusal = target(decision, asked->incident);
    if (refusal)
        return refusal;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    if (pool_room(&core->preservations) == 0)
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_PRESERVATION_BEGUN);
    event->incident = asked->incident;
    event->preservation_begun.preservation = decision_id(decision);
    event->preservation_begun.caller = decision->command->caller;
    memcpy(event->preservation_begun.words, asked->words, sizeof asked->words);
    return REFUSAL_NONE;
}

enum refusal decide_preservation_lift(struct decision *decision)
{
    const struct preservation_lift *asked = &decision->command->preservation_lift;
    const struct preservation *preservation =
        preservation_find(decision->core, asked->preservation);
    if (!preservation)
        return REFUSAL_NO_SUCH_PRESERVATION;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct event *event = decision_event(decision, EVENT_PRESERVATION_LIFTED);
    event->incident = preservation->incident;
    event->preservation_lifted.preservation = preservation->id;
    memcpy(event->preservation_lifted.words, asked->words, sizeof asked->words);
    return REFUSAL_NONE;
}

/* ---- what follows ---------------------------------------------------------------------------- */

void apply_erasure_asked(struct core *core, const struct event *event)
{
    const struct erasure_asked *asked = &event->erasure_asked;
    struct erasure *erasure = pool_take(&core->erasures);
    core_id_used(core, asked->erasure);
    *erasure = (struct erasure){ .id = asked->erasure,
                                 .incident = event->incident,
                                 .caller = asked->caller,
                                 .contact = event->contact,
                                 .rule = asked->rule,
                                 .state = ERASURE_STATE_ASKED,
                                 .asked_by = event->actor };
    index_put(&core->index, ENTRY_ERASURE, erasure->id, 0, erasure);
    if (asked->rule)
        core->retention.erased++;
}

void apply_erasure_moved(struct core *core, const struct event *event)
{
    const struct erasure_moved *moved = &event->erasure_moved;
    struct erasure *erasure = erasure_find(core, moved->erasure);
    REQUIRE(erasure);
    erasure->state = moved->to;
    if (moved->to == ERASURE_STATE_APPROVED)
        erasure->ruled_by = event->actor;
    if (moved->to != ERASURE_STATE_REFUSED && moved->to != ERASURE_STATE_DONE)
        return;
    index_remove(&core->index, ENTRY_ERASURE, erasure->id, 0);
    pool_give(&core->erasures, erasure);
}

void apply_erased(struct core *core, const struct event *event)
{
    struct erasure *erasure = erasure_find(core, event->erased.erasure);
    REQUIRE(erasure);
    erasure->subjects++;
}

void apply_preservation_begun(struct core *core, const struct event *event)
{
    const struct preservation_begun *begun = &event->preservation_begun;
    struct preservation *preservation = pool_take(&core->preservations);
    core_id_used(core, begun->preservation);
    *preservation = (struct preservation){ .id = begun->preservation,
                                           .incident = event->incident,
                                           .caller = begun->caller };
    index_put(&core->index, ENTRY_PRESERVATION, preservation->id, 0, preservation);
}

void apply_preservation_lifted(struct core *core, const struct event *event)
{
    struct preservation *preservation =
        preservation_find(core, event->preservation_lifted.preservation);
    REQUIRE(preservation);
    index_remove(&core->index, ENTRY_PRESERVATION, preservation->id, 0);
    pool_give(&core->preservations, preservation);
}
