/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/returning.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/tie.h"

enum {
    CLOSED_STAY_PERCENT = 90, /* of the pool; above it closed ones make room */
    LOOKED_AT_MAX = 16        /* of the longest closed, for one that may leave */
};

void returning_row(const struct incident *incident, struct closed_incident *row)
{
    *row = (struct closed_incident){ .incident = incident->id,
                                     .number = incident->number,
                                     .caller = incident->caller,
                                     .started_ms = incident->started_ms,
                                     .closed_ms = incident->closed_ms,
                                     .result = incident->result,
                                     .survey = incident->survey,
                                     .line = incident->line,
                                     .category = incident->category,
                                     .district = incident->district,
                                     .taker = incident->taker,
                                     .round = incident->round,
                                     .returns = incident->returns,
                                     .tries = incident->tries,
                                     .priority = incident->priority,
                                     .sla = incident->sla,
                                     .secrecy = incident->secrecy,
                                     .state = incident->state,
                                     .emergency = incident->emergency,
                                     .text_unsafe = incident->text_unsafe,
                                     .anonymous = incident->anonymous,
                                     .told = incident->told,
                                     .east_cell = incident->cell.east,
                                     .north_cell = incident->cell.north,
                                     .risks = incident->risks,
                                     .plan_flags = incident->plan_flags,
                                     .info_pauses = incident->info_pauses,
                                     .supervise = incident->supervise,
                                     .bounced = incident->bounced,
                                     .urges = incident->urges,
                                     .returned_by = incident->returned_by,
                                     .handler = incident->handler,
                                     .parent = incident->parent,
                                     .answer_of = incident->answer_of,
                                     .handed_on = incident->handed_on,
                                     .merged_by = incident->merged_by,
                                     .callers = incident->callers,
                                     .owner = incident->ledger.owner,
                                     .since_ms = incident->ledger.since_ms,
                                     .booked_ms_count = OWNER_COUNT,
                                     .clock = incident->clock,
                                     .due_ms = incident->promise.due_ms,
                                     .overdue = incident->promise.reported };
    _Static_assert(sizeof incident->ledger.booked_ms <= sizeof row->booked_ms, "all owners");
    memcpy(row->booked_ms, incident->ledger.booked_ms, sizeof incident->ledger.booked_ms);
}

void returning_fill(struct incident *incident, const struct closed_incident *row)
{
    *incident = (struct incident){ .id = row->incident,
                                   .number = row->number,
                                   .caller = row->caller,
                                   .started_ms = row->started_ms,
                                   .closed_ms = row->closed_ms,
                                   .result = row->result,
                                   .survey = row->survey,
                                   .line = row->line,
                                   .category = row->category,
                                   .district = row->district,
                                   .taker = row->taker,
                                   .round = row->round,
                                   .returns = row->returns,
                                   .tries = row->tries,
                                   .priority = row->priority,
                                   .sla = row->sla,
                                   .secrecy = row->secrecy,
                                   .state = row->state,
                                   .emergency = row->emergency,
                                   .text_unsafe = row->text_unsafe,
                                   .anonymous = row->anonymous,
                                   .told = row->told,
                                   .cell = { row->east_cell, row->north_cell },
                                   .risks = row->risks,
                                   .plan_flags = row->plan_flags,
                                   .info_pauses = (uint8_t)row->info_pauses,
                                   .supervise = (uint8_t)row->supervise,
                                   .bounced = row->bounced,
                                   .urges = row->urges,
                                   .returned_by = row->returned_by,
                                   .handler = row->handler,
                                   .parent = row->parent,
                                   .answer_of = row->answer_of,
                                   .handed_on = row->handed_on,
                                   .merged_by = row->merged_by,
                                   .callers = row->callers,
                                   .ledger = { .owner = row->owner, .since_ms = row->since_ms },
                                   .clock = row->clock,
                                   .promise = { .due_ms = row->due_ms, .reported = row->overdue } };
    for (uint32_t i = 0; i < row->booked_ms_count && i < OWNER_COUNT; i++)
        incident->ledger.booked_ms[i] = row->booked_ms[i];
}

bool returning_is_held(const struct incident *incident)
{
    return list_first(&incident->tasks) || incident->petitions || incident->family ||
           incident->ties || link_held(&incident->sibling);
}

static bool is_full(const struct core *core)
{
    return (uint64_t)pool_used(&core->incidents) * 100 >=
           (uint64_t)core->incidents.size * CLOSED_STAY_PERCENT;
}

/* The longest closed that may leave; while there is room, clocks of closed ones run on in memory. */
static const struct incident *oldest(const struct core *core, bool with_clock)
{
    const struct incident *incident = list_first(&core->closed_incidents);
    for (int i = 0; incident && i < LOOKED_AT_MAX; i++) {
        bool ticks = incident->promise.due_ms && !incident->promise.reported;
        if (!returning_is_held(incident) && (with_clock || !ticks))
            return incident;
        incident = list_next(&core->closed_incidents, &incident->closed);
    }
    return NULL;
}

bool returning_next(struct decision *decision)
{
    const struct core *core = decision->core;
    uint64_t stay_ms = core->parameters[PARAMETER_CLOSED_STAY_MS];
    bool full = is_full(core);
    if (!full && stay_ms == 0)
        return false;
    const struct incident *incident = oldest(core, false);
    if (full && !incident)
        incident = oldest(core, true);
    if (!incident || (!full && incident->closed_ms + stay_ms > decision->at_ms))
        return false;
    struct event *event = incident_event(decision, EVENT_INCIDENT_LEFT, incident);
    event->incident_left.has_row = true;
    returning_row(incident, &event->incident_left.row);
    return true;
}

enum refusal decide_incident_return(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct incident_return *asked = &decision->command->incident_return;
    const struct closed_incident *row = &asked->row;
    if (!asked->has_row || row->incident == 0 || row->incident >= core->next_id ||
        !incident_is_closed(row->state))
        return REFUSAL_MALFORMED;
    if (core_incident(core, row->incident))
        return REFUSAL_ALREADY;
    if (pool_room(&core->incidents) == 0)
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_INCIDENT_RETURNED);
    event->incident = row->incident;
    event->line = row->line;
    event->incident_returned.has_row = true;
    event->incident_returned.row = *row;
    decision->verdict->incident = row->incident;
    return REFUSAL_NONE;
}

/* Those that leave next closed long ago: of the oldest, whose own lines came when another left, what
 * hangs on it; of the one behind it the lines. No link of theirs is followed, for that would wait. */
static void foresee_oldest(const struct core *core)
{
    const struct link *end = &core->closed_incidents.ring;
    if (end->next == end)
        return;
    const struct incident *oldest = end->next->owner;
    const struct link *task = oldest->tasks.ring.next;
    index_foresee(&core->index, ENTRY_INCIDENT, oldest->id, 0);
    if (task != &oldest->tasks.ring)
        pool_foresee(&core->tasks, (const char *)task - offsetof(struct task, of_incident));
    if (oldest->closed.next != end)
        pool_foresee(&core->incidents,
                     (const char *)oldest->closed.next - offsetof(struct incident, closed));
}

static void forget(struct core *core, struct incident *incident)
{
    REQUIRE(incident_is_closed(incident->state));
    ties_forget(core, incident);
    link_leave(&incident->closed);
    tasks_forget(core, incident);
    petitions_forget(core, incident);
    deadline_set(core, &incident->deadline, NEVER, incident->id);
    core->incidents_in[incident->state]--;
    index_remove(&core->index, ENTRY_INCIDENT, incident->id, 0);
    pool_give(&core->incidents, incident);
    foresee_oldest(core);
}

void returning_forget_oldest(struct core *core)
{
    struct incident *incident = list_first(&core->closed_incidents);
    while (incident && incident->family) /* whose children are just being called */
        incident = list_next(&core->closed_incidents, &incident->closed);
    REQUIRE(incident);
    forget(core, incident);
}

/* With other limits than it was decided under, an incident may be gone already, or here still. */
void apply_incident_left(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    if (incident)
        forget(core, incident);
}

void apply_incident_returned(struct core *core, const struct event *event)
{
    if (core_incident(core, event->incident))
        return;
    struct incident *incident = pool_take(&core->incidents);
    returning_fill(incident, &event->incident_returned.row);
    incident->deadline.kind = DEADLINE_INCIDENT;
    incident->deadline.owner = incident;
    list_init(&incident->tasks);
    core->incidents_in[incident->state]++;
    index_put(&core->index, ENTRY_INCIDENT, incident->id, 0, incident);
    list_append(&core->closed_incidents, &incident->closed, incident);
    incident_refile(core, incident);
}
