/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/retention.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/erasure.h"
#include "dispatcher/core/rows.h"

static struct retention_rule *find(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_RETENTION, number, 0);
}

/* ---- which rule ------------------------------------------------------------------------------ */

/* How particular the rule is for this category (AABBCC, with all below it); 0: it is another's. */
static uint32_t category_weight(uint32_t rule, uint32_t category)
{
    if (rule == 0)
        return 1;
    if (rule % 10000 == 0)
        return rule / 10000 == category / 10000 ? 2 : 0;
    if (rule % 100 == 0)
        return rule / 100 == category / 100 ? 3 : 0;
    return rule == category ? 4 : 0;
}

static uint32_t weight(const struct retention_row *row, const struct retention_subject *subject)
{
    enum retention_thing thing = subject->sound      ? RETENTION_THING_SOUND
                                 : subject->incident ? RETENTION_THING_CASE
                                                     : RETENTION_THING_CONTACT;
    if (row->retired || row->thing != thing || (row->line && row->line != subject->line))
        return 0;
    uint32_t category = category_weight(row->category, subject->category);
    return category ? 2 * category + (row->line != 0) : 0;
}

static const struct retention_row *rule_of(const struct core *core,
                                           const struct retention_subject *subject)
{
    const struct retention_row *best = NULL;
    uint32_t most = 0;
    for (uint32_t i = 0; i < core->retention_rules.reached; i++) {
        const struct retention_rule *rule = pool_at(&core->retention_rules, i);
        uint32_t fits = rule->row.rule ? weight(&rule->row, subject) : 0;
        if (fits > most || (fits && fits == most && rule->row.days > best->days)) {
            most = fits;
            best = &rule->row;
        }
    }
    return best;
}

enum refusal core_retention_judge(const struct core *core, const struct retention_subject *subject,
                                  uint64_t now_ms, uint32_t *rule, uint64_t *preservation)
{
    const struct retention_row *row = rule_of(core, subject);
    *rule = row ? row->rule : 0;
    *preservation = 0;
    if (!row || subject->since_ms == 0 || now_ms < subject->since_ms + row->days * DAY_MS)
        return REFUSAL_NOT_EXPIRED;
    *preservation = preservation_of(core, subject->incident, subject->caller);
    return erasure_objection(core, subject->incident, subject->caller);
}

/* ---- when ------------------------------------------------------------------------------------ */

/* Nights are counted from the minute at which they begin. */
static uint64_t night_of(const struct core *core, uint64_t at_ms)
{
    uint64_t local_ms = at_ms + core->parameters[PARAMETER_UTC_OFFSET_MIN] * MINUTE_MS;
    uint64_t begin_ms = core->parameters[PARAMETER_RETENTION_AT_MIN] * MINUTE_MS;
    return local_ms < begin_ms ? 0 : (local_ms - begin_ms) / DAY_MS;
}

static bool has_rule(const struct core *core)
{
    for (uint32_t i = 0; i < core->retention_rules.reached; i++) {
        const struct retention_rule *rule = pool_at(&core->retention_rules, i);
        if (rule->row.rule && !rule->row.retired)
            return true;
    }
    return false;
}

bool core_retention_is_due(const struct core *core, uint64_t now_ms)
{
    return core->retention.run == 0 && has_rule(core) &&
           night_of(core, now_ms) > night_of(core, core->retention.begun_ms);
}

uint64_t core_retention(const struct core *core)
{
    return core->retention.run;
}

bool core_is_quiet(const struct core *core)
{
    return core->contacts_in[CONTACT_STATE_WAITING] == 0 &&
           core->contacts_in[CONTACT_STATE_OFFERED] == 0 && core->storm.cause == STORM_CAUSE_NONE;
}

/* ---- deciding -------------------------------------------------------------------------------- */

enum refusal decide_retention_define(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct retention_define *asked = &decision->command->retention_define;
    if (!asked->has_row || asked->row.rule == 0 || asked->row.thing == RETENTION_THING_NONE ||
        asked->row.days == 0)
        return REFUSAL_MALFORMED;
    const struct retention_rule *known = find(core, asked->row.rule);
    if (!known && pool_room(&core->retention_rules) == 0)
        return REFUSAL_LIMIT;
    if (known && retention_fingerprint(&known->row) == retention_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_RETENTION_DEFINED);
    event->retention_defined.has_row = true;
    event->retention_defined.row = asked->row;
    return REFUSAL_NONE;
}

enum refusal decide_retention_run(struct decision *decision)
{
    const struct core *core = decision->core;
    if (core->retention.run)
        return REFUSAL_ALREADY;
    if (!has_rule(core) || (decision->actor_kind == ACTOR_KIND_SYSTEM &&
                            !core_retention_is_due(core, decision->at_ms)))
        return REFUSAL_NOT_EXPIRED;
    struct event *event = decision_event(decision, EVENT_RETENTION_BEGUN);
    event->retention_begun.retention = decision_id(decision);
    return REFUSAL_NONE;
}

enum refusal decide_retention_step(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct retention_step *step = &decision->command->retention_step;
    if (decision->actor_kind != ACTOR_KIND_SYSTEM)
        return REFUSAL_NOT_ALLOWED;
    if (core->retention.run == 0)
        return REFUSAL_WRONG_STATE;
    if (step->over) {
        struct event *event = decision_event(decision, EVENT_RETENTION_ENDED);
        event->retention_ended = (struct retention_ended){ .retention = core->retention.run,
                                                           .erased = core->retention.erased,
                                                           .preserved = step->preserved,
                                                           .open = step->open };
        return REFUSAL_NONE;
    }
    const struct retention_subject subject = { step->incident, step->contact,  step->caller,
                                               step->line,     step->category, step->since_ms,
                                               step->sound };
    uint32_t rule;
    uint64_t preservation;
    enum refusal refusal =
        core_retention_judge(core, &subject, decision->at_ms, &rule, &preservation);
    if (refusal)
        return refusal;
    if (pool_room(&core->erasures) == 0)
        return REFUSAL_LIMIT;
    erasure_by_rule(decision, step, &find(core, rule)->row);
    return REFUSAL_NONE;
}

/* ---- what follows ---------------------------------------------------------------------------- */

void apply_retention_defined(struct core *core, const struct event *event)
{
    const struct retention_row *row = &event->retention_defined.row;
    struct retention_rule *rule = find(core, row->rule);
    if (!rule) {
        rule = pool_take(&core->retention_rules);
        index_put(&core->index, ENTRY_RETENTION, row->rule, 0, rule);
    }
    rule->row = *row;
    if (core->retention.begun_ms == 0) /* the first rules wait for their first night */
        core->retention.begun_ms = event->at_ms;
}

void apply_retention_begun(struct core *core, const struct event *event)
{
    REQUIRE(core->retention.run == 0);
    core_id_used(core, event->retention_begun.retention);
    core->retention =
        (struct retention){ .run = event->retention_begun.retention, .begun_ms = event->at_ms };
}

void apply_retention_ended(struct core *core, const struct event *event)
{
    REQUIRE(core->retention.run == event->retention_ended.retention);
    core->retention.run = 0;
    core->retention.erased = 0;
}
