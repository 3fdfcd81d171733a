/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What supervisors see over the single incident: that two are one matter, or one is two; that a storm
 * is on; that a department needs more time. */
#include "tests/sim/ledger.h"
#include "tests/sim/luck.h"
#include "tests/sim/sim.h"

static uint64_t some_open(struct sim *sim, bool emergency)
{
    const struct auditor *auditor = &sim->auditor;
    for (uint32_t i = 0; auditor->open_incident_count && i < 8; i++) {
        uint64_t place = between(sim, 0, auditor->open_incident_count - 1);
        const struct seen_incident *incident = &auditor->incidents[auditor->open_incidents[place]];
        if (incident->emergency == emergency)
            return incident->id;
    }
    return 0;
}

/* ---- families -------------------------------------------------------------------------------- */

static void relate(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    if (!incident || sim->healing)
        return;
    struct command command = command_of(COMMAND_INCIDENT_MERGE);
    command.incident_merge.child = id;
    command.incident_merge.parent = some_open(sim, incident->emergency);
    command.incident_merge.basis = MERGE_BASIS_SAME_EVENT;
    if (chance(sim, 250)) {
        command = command_of(chance(sim, 700) ? COMMAND_INCIDENT_LINK : COMMAND_INCIDENT_UNLINK);
        command.incident_link.incident = id; /* both alike */
        command.incident_link.other = some_open(sim, chance(sim, 500));
        command.incident_link.relation = (enum relation)between(sim, 1, 2);
    }
    console_send(sim, SUPERVISOR, &command);
}

static void split(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_contact *contact = auditor_contact(&sim->auditor, id);
    if (!contact || sim->healing)
        return;
    struct command command = command_of(COMMAND_INCIDENT_SPLIT);
    command.incident_split.incident = contact->incident;
    command.incident_split.contact = id;
    console_send(sim, SUPERVISOR, &command);
}

static void part(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_INCIDENT_UNMERGE);
    command.incident_unmerge.incident = id;
    command.incident_unmerge.reason = UNMERGE_REASON_MISTAKE;
    if (!sim->healing)
        console_send(sim, DIRECTOR, &command);
}

/* The parent's answer is out, and this citizen cannot be texted: somebody calls. */
static void tell(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    if (!incident || incident->state != INCIDENT_STATE_MERGED || !incident->called)
        return;
    struct command command = command_of(COMMAND_INCIDENT_TELL);
    command.incident_tell.incident = id;
    command.incident_tell.means = TELL_MEANS_PHONE;
    console_send(sim, SUPERVISOR, &command);
    soon(sim, DAY_MS, tell, id);
}

/* ---- more time ----------------------------------------------------------------------------------- */

static void ask_time(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_task *task = auditor_task(&sim->auditor, id);
    if (!task || sim->healing || task->reply_due_ms == UINT64_MAX)
        return;
    struct command command = command_of(COMMAND_PETITION_ASK);
    struct petition_ask *asked = &command.petition_ask;
    asked->incident = task->incident;
    asked->task = id;
    asked->kind = PETITION_KIND_EXTENSION;
    asked->until_ms = task->reply_due_ms + between(sim, HOUR_MS, 4 * DAY_MS);
    asked->told = true;
    asked->extension = EXTENSION_REASON_WORKS;
    console_send(sim, FIRST_CLERK + task->department - 1, &command);
}

/* ---- storms -------------------------------------------------------------------------------------- */

static void leave_storm(void *owner, uint64_t what)
{
    struct command command = command_of(COMMAND_STORM_LEAVE);
    (void)what;
    console_send(owner, SUPERVISOR, &command);
}

static void enter_storm(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_STORM_ENTER);
    if (sim->healing)
        return;
    console_send(sim, SUPERVISOR, &command);
    soon(sim, HOUR_MS, leave_storm, 0);
    soon(sim, 8 * HOUR_MS, enter_storm, what);
}

void kin_wake(struct sim *sim)
{
    if (sim->swarm.storms)
        soon(sim, 5 * HOUR_MS, enter_storm, 0);
}

/* A shift's tables come anew, with the same questions in another edition. */
void kin_see(struct sim *sim, const struct event *event)
{
    const struct swarm *swarm = &sim->swarm;
    switch ((uint32_t)event->kind) {
    case EVENT_INCIDENT_REGISTERED:
        if (chance(sim, swarm->kin))
            soon(sim, 8 * MINUTE_MS, relate, event->incident);
        if (event->contact && chance(sim, swarm->kin / 4))
            soon(sim, 20 * MINUTE_MS, split, event->contact);
        break;
    case EVENT_INCIDENT_MERGED:
        if (chance(sim, 250))
            soon(sim, 2 * HOUR_MS, part, event->incident);
        break;
    case EVENT_FOLLOWER_CALLED:
        soon(sim, HOUR_MS, tell, event->incident);
        break;
    case EVENT_TASK_MOVED:
        if (event->task_moved.to == TASK_STATE_SIGNED && event->line == 12345 &&
            chance(sim, swarm->kin / 2))
            soon(sim, HOUR_MS, ask_time, event->task);
        break;
    default:
        break;
    }
}

/* Places where many calls come from: a few corners of the city. */
void kin_place(struct sim *sim, struct contact_arrive *arrive)
{
    if (!chance(sim, sim->swarm.storms))
        return;
    arrive->east_cell = 200 + 40 * (uint32_t)between(sim, 0, 3);
    arrive->north_cell = 300 + (uint32_t)between(sim, 0, 1);
}
