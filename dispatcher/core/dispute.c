/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/dispute.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/assignment.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/work.h"

enum {
    MEETING_TIMES = 2 /* on the spot it may take twice as long */
};

static void begin(struct decision *decision, const struct incident *incident,
                  enum incident_state from, const uint32_t *parties, uint32_t count,
                  uint64_t meeting_ms)
{
    struct event *event = incident_event(decision, EVENT_DISPUTE_OPENED, incident);
    for (uint32_t i = 0; i < count && i < DISPUTE_PARTIES_MAX; i++)
        event->dispute_opened.parties[event->dispute_opened.parties_count++] = parties[i];
    event->dispute_opened.meeting_ms = meeting_ms;
    incident_step(decision, incident, from, INCIDENT_STEP_DISPUTE);
    struct span length =
        clock_length(decision->core, incident, incident->round, CLOCK_KIND_DISPUTE);
    if (meeting_ms)
        length.ms *= MEETING_TIMES;
    clock_begin_for(decision, incident, CLOCK_KIND_DISPUTE, length);
}

/* They meet in time for a ruling. */
static bool meeting_is_sound(const struct decision *decision, const struct incident *incident,
                             uint64_t meeting_ms)
{
    struct span length =
        clock_length(decision->core, incident, incident->round, CLOCK_KIND_DISPUTE);
    return meeting_ms == 0 ||
           (meeting_ms > decision->at_ms &&
            meeting_ms <= calendar_after(decision->core, length.measure, decision->at_ms,
                                         length.ms * MEETING_TIMES));
}

void dispute_open(struct decision *decision, const struct incident *incident,
                  enum incident_state from, const uint32_t *parties, uint32_t count)
{
    begin(decision, incident, from, parties, count, 0);
}

enum refusal decide_incident_dispute(struct decision *decision)
{
    const struct incident_dispute *asked = &decision->command->incident_dispute;
    const struct incident *incident;
    enum refusal refusal =
        incident_find(decision, asked->incident, INCIDENT_STEP_DISPUTE, &incident);
    if (refusal)
        return refusal;
    for (uint32_t i = 0; i < asked->parties_count; i++)
        if (!core_department(decision->core, asked->parties[i]))
            return REFUSAL_NO_SUCH_DEPARTMENT;
    if (!meeting_is_sound(decision, incident, asked->meeting_ms))
        return REFUSAL_MALFORMED;
    work_recall(decision, incident);
    begin(decision, incident, incident->state, asked->parties, asked->parties_count,
          asked->meeting_ms);
    return REFUSAL_NONE;
}

/* Emits the ruling and sends the incident out. */
static void rule(struct decision *decision, const struct incident *incident,
                 const struct dispute_ruled *ruling, const uint32_t *assists, uint32_t count)
{
    struct event *event = incident_event(decision, EVENT_DISPUTE_RULED, incident);
    event->department = ruling->lead;
    event->dispute_ruled = *ruling;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_RULE);
    decision->verdict->task = task_open(decision, incident, ruling->lead, TASK_KIND_LEAD);
    decision->verdict->events[decision->verdict->count - 1].task_opened.final = true;
    for (uint32_t i = 0; i < count; i++)
        task_open(decision, incident, assists[i], TASK_KIND_ASSIST);
}

enum refusal decide_incident_rule_dispute(struct decision *decision)
{
    const struct incident_rule_dispute *asked = &decision->command->incident_rule_dispute;
    const struct core *core = decision->core;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_RULE, &incident);
    if (!refusal)
        refusal =
            assignment_check(core, incident, asked->lead, asked->assists, asked->assists_count);
    if (refusal)
        return refusal;
    if (pool_room(&core->tasks) < asked->assists_count + 1U)
        return REFUSAL_LIMIT;
    if (asked->precedent && !precedent_of(core, incident->category, incident->district) &&
        pool_room(&core->precedents) == 0)
        return REFUSAL_LIMIT;
    rule(decision, incident,
         &(struct dispute_ruled){ .lead = asked->lead,
                                  .precedent = asked->precedent,
                                  .category = incident->category,
                                  .district = incident->district },
         asked->assists, asked->assists_count);
    return REFUSAL_NONE;
}

/* The district's own backstop before the city's. */
static uint32_t backstop_of(const struct core *core, uint32_t district)
{
    for (uint32_t i = 0; i < core->departments.reached; i++) {
        const struct department_row *row =
            &((const struct department *)pool_at(&core->departments, i))->row;
        if (row->department && !row->retired && row->backstop && row->backstop == district)
            return row->department;
    }
    uint64_t number = core->parameters[PARAMETER_BACKSTOP_DEPARTMENT];
    const struct department *department = core_department(core, (uint32_t)number);
    return department && !department->row.retired ? department->row.department : 0;
}

bool dispute_fall_back(struct decision *decision, const struct incident *incident)
{
    uint32_t lead = backstop_of(decision->core, incident->district);
    if (lead == 0 || pool_room(&decision->core->tasks) == 0)
        return false;
    rule(decision, incident,
         &(struct dispute_ruled){ .lead = lead,
                                  .backstop = true,
                                  .category = incident->category,
                                  .district = incident->district },
         NULL, 0);
    return true;
}

static struct precedent *precedent_find(const struct core *core, uint32_t category,
                                        uint32_t district)
{
    return index_find(&core->index, ENTRY_PRECEDENT, (uint64_t)category << 32 | district, 0);
}

uint32_t precedent_of(const struct core *core, uint32_t category, uint32_t district)
{
    const struct precedent *precedent = precedent_find(core, category, district);
    const struct department *department =
        precedent ? core_department(core, precedent->department) : NULL;
    return department && !department->row.retired ? precedent->department : 0;
}

void apply_dispute_opened(struct core *core, const struct event *event)
{
    const struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident);
}

void apply_dispute_ruled(struct core *core, const struct event *event)
{
    const struct dispute_ruled *ruled = &event->dispute_ruled;
    const struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->state == INCIDENT_STATE_DISPUTE);
    if (!ruled->precedent)
        return;
    struct precedent *precedent = precedent_find(core, ruled->category, ruled->district);
    if (!precedent) {
        precedent = pool_take(&core->precedents);
        precedent->category = ruled->category;
        precedent->district = ruled->district;
        index_put(&core->index, ENTRY_PRECEDENT, (uint64_t)ruled->category << 32 | ruled->district,
                  0, precedent);
    }
    precedent->department = ruled->lead;
}
