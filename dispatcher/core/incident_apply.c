/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What events do to an incident. */
#include "base/require.h"
#include "dispatcher/core/ball.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/merge.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/returning.h"
#include "dispatcher/core/scene.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/tie.h"

void incident_refile(struct core *core, struct incident *incident)
{
    bool runs = incident->promise.due_ms && !incident->promise.reported;
    deadline_set(core, &incident->deadline, runs ? incident->promise.due_ms : NEVER, incident->id);
}

static bool waits_for_rating(const struct incident *incident)
{
    return incident->caller &&
           (incident->state == INCIDENT_STATE_TOLD || incident->state == INCIDENT_STATE_REVISIT);
}

/* A caller's incidents that wait for a rating hang on a chain, the last told first. */
static void chain_enter(struct core *core, struct incident *incident)
{
    struct incident *newest = index_find(&core->index, ENTRY_CALLER_TOLD, incident->caller, 0);
    if (newest)
        index_remove(&core->index, ENTRY_CALLER_TOLD, incident->caller, 0);
    incident->told_older = newest;
    if (newest)
        newest->told_newer = incident;
    index_put(&core->index, ENTRY_CALLER_TOLD, incident->caller, 0, incident);
}

static void chain_leave(struct core *core, struct incident *incident)
{
    if (incident->told_older)
        incident->told_older->told_newer = incident->told_newer;
    if (incident->told_newer) {
        incident->told_newer->told_older = incident->told_older;
    } else {
        index_remove(&core->index, ENTRY_CALLER_TOLD, incident->caller, 0);
        if (incident->told_older)
            index_put(&core->index, ENTRY_CALLER_TOLD, incident->caller, 0, incident->told_older);
    }
    incident->told_older = incident->told_newer = NULL;
}

struct incident *incident_enter(struct core *core, uint64_t id, uint64_t number)
{
    if (pool_room(&core->incidents) == 0)
        returning_forget_oldest(core);
    struct incident *incident = pool_take(&core->incidents);
    core_id_used(core, id);
    incident->id = id;
    incident->number = number;
    incident->round = 1;
    incident->deadline.kind = DEADLINE_INCIDENT;
    incident->deadline.owner = incident;
    list_init(&incident->tasks);
    index_put(&core->index, ENTRY_INCIDENT, id, 0, incident);
    core->number_day = number / 1000000;
    core->number_count = number % 1000000;
    return incident;
}

void apply_incident_registered(struct core *core, const struct event *event)
{
    const struct incident_registered *row = &event->incident_registered;
    struct incident *incident = core_incident(core, event->incident);
    if (!incident) {
        incident = incident_enter(core, event->incident, row->number);
        incident->state =
            incident_next(row->emergency, INCIDENT_STATE_NONE, INCIDENT_STEP_REGISTER);
        core->incidents_in[incident->state]++;
        incident->started_ms = row->started_ms;
        ball_begin(incident);
    }
    incident->caller = row->caller;
    incident->line = event->line;
    incident->category = row->category;
    incident->district = row->district;
    incident->taker = event->taker;
    incident->priority = row->priority;
    incident->sla = row->sla;
    incident->secrecy = row->secrecy;
    incident->emergency = row->emergency;
    incident->text_unsafe = row->text_unsafe;
    incident->anonymous = row->anonymous;
    incident->cell = (struct cell){ row->east_cell, row->north_cell };
}

static void begin_again(struct core *core, struct incident *incident)
{
    link_leave(&incident->closed);
    tasks_forget(core, incident);
    incident->told = false;
    incident->result = incident->survey = 0;
    incident->texted = 0;
    incident->tries = 0;
    incident->closed_ms = 0;
}

/* The work begins once more, with no department. */
static bool is_new_start(enum incident_step step)
{
    switch (step) {
    case INCIDENT_STEP_UNSATISFIED:
    case INCIDENT_STEP_REOPEN:
    case INCIDENT_STEP_RETURN:
    case INCIDENT_STEP_RECALL:
    case INCIDENT_STEP_DISPUTE:
    case INCIDENT_STEP_OBJECT:
    case INCIDENT_STEP_UNMERGE:
    case INCIDENT_STEP_BOUNCE:
        return true;
    default:
        return false;
    }
}

/* Nobody waits for an answer there: it was no request, it was taken back, or it is told elsewhere. */
static bool may_close_untold(enum incident_state state)
{
    return state == INCIDENT_STATE_VOID || state == INCIDENT_STATE_WITHDRAWN ||
           state == INCIDENT_STATE_TRANSFERRED;
}

static void close(struct core *core, struct incident *incident, uint64_t at_ms)
{
    REQUIRE(incident->told || may_close_untold(incident->state));
    tasks_forget(core, incident);
    incident->closed_ms = at_ms;
    if (core->parameters[PARAMETER_ARCHIVE_WAIT_MS]) {
        incident->clock = CLOCK_KIND_ARCHIVE;
        incident->promise.due_ms =
            clock_due(core, incident, incident->round, CLOCK_KIND_ARCHIVE, at_ms);
    }
    list_append(&core->closed_incidents, &incident->closed, incident);
}

void apply_incident_moved(struct core *core, const struct event *event)
{
    const struct incident_moved *moved = &event->incident_moved;
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->state == moved->from);
    REQUIRE(incident_next(incident->emergency, moved->from, moved->step) == moved->to);
    bool waited = waits_for_rating(incident);
    core->incidents_in[incident->state]--;
    core->incidents_in[moved->to]++;
    incident->state = moved->to;
    incident->round = moved->round;
    incident->clock = CLOCK_KIND_NONE;
    incident->promise = (struct promise){ 0 };
    incident->tried_days = incident->tried_parts = 0;
    incident->tried_on = 0;
    if (waited && !waits_for_rating(incident))
        chain_leave(core, incident);
    if (!waited && waits_for_rating(incident))
        chain_enter(core, incident);
    if (is_new_start(moved->step))
        begin_again(core, incident);
    if (moved->step == INCIDENT_STEP_RETURN) {
        incident->returns++;
        incident->returned_by = event->department;
    }
    if (moved->step == INCIDENT_STEP_BOUNCE)
        incident->bounced = true;
    if (moved->step == INCIDENT_STEP_REJECT_REPLY ||
        moved->step ==
            INCIDENT_STEP_REINFORCE) { /* a report about the rejected result tells nobody anything */
        incident->result = 0;
        incident->texted &= ~(1ULL << TEMPLATE_RESULT);
    }
    if (incident_is_closed(moved->to) && !incident_is_closed(moved->from))
        close(core, incident, event->at_ms);
    ball_pass(incident, event->at_ms);
    incident_refile(core, incident);
    petitions_refile(core, incident);
    if (moved->step == INCIDENT_STEP_DISPATCH || moved->step == INCIDENT_STEP_REDISPATCH)
        scene_dispatched(core, incident);
    scene_refile(core, incident->id);
    merge_moved(core, incident, moved->step);
}

void apply_citizen_told(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && (event->citizen_told.means != TELL_MEANS_EXCUSED) ==
                            (event->citizen_told.excuse == EXCUSE_REASON_NONE));
    incident->told = true;
}

void incident_heard(struct core *core, uint64_t id, int64_t contacts)
{
    struct incident *incident = core_incident(core, id);
    if (!incident)
        return; /* long closed, and out of memory */
    incident->callers = (uint32_t)(incident->callers + contacts);
    const struct task *lead = task_lead(incident);
    if (lead)
        task_refile(core, core_task(core, lead->id));
}

/* The department's word from the spot. */
void apply_incident_noted(struct core *core, const struct event *event)
{
    struct task *task = core_task(core, event->task);
    if (!task)
        return;
    task_step_done(task, CLOCK_KIND_FEEDBACK);
    if (task->demanded == LADDER_LEVEL_ORANGE) { /* it asked for a note */
        task->demanded = LADDER_LEVEL_NONE;
        task->demand_due_ms = 0;
    }
    task_refile(core, task);
}
