/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What departments' tasks count. */
#include <errno.h>

#include "dispatcher/kpi/histogram.h"
#include "dispatcher/views/kpi.h"

#define ROLL_3M_MS 180000 /* an ambulance's time to roll */

static bool is_supervision(enum ladder_level level)
{
    return level >= LADDER_LEVEL_SUPERVISE_1 && level <= LADDER_LEVEL_SUPERVISE_3;
}

/* A supervision order is over: answered, replied to, its time has passed without, or the next level
 * replaces it. */
static int count_supervised(const struct change *change, const struct task_row *task, bool in_time)
{
    uint64_t at_ms = change->event->at_ms;
    if (!is_supervision(task->demanded))
        return 0;
    int status = kpi_add_to_order(change, at_ms, task->department, KPI_COUNT_SUPERVISIONS_DUE, 1);
    return status < 0 ? status
                      : kpi_add_to_order(change, at_ms, task->department,
                                         KPI_COUNT_SUPERVISIONS_IN_TIME, in_time);
}

static int count_signed(const struct change *change, const struct task_row *task,
                        const struct incident_row *incident)
{
    uint64_t at_ms = change->event->at_ms;
    bool in_time = task->clock == CLOCK_KIND_SIGN && at_ms <= task->due_ms;
    int status = kpi_add_to_order(change, at_ms, task->department, KPI_COUNT_TASKS_SIGNED, 1);
    if (status == 0)
        status = kpi_add_to_order(change, at_ms, task->department, KPI_COUNT_TASKS_SIGNED_IN_TIME,
                                  in_time);
    return status < 0
               ? status
               : kpi_add_to_emergency(change, incident,
                                      histogram_class(HISTOGRAM_SIGN, at_ms - task->sent_ms), 1);
}

/* The lead's first reply of the round counts on the day it was due. */
static int count_lead_replied(const struct change *change, const struct task_row *task)
{
    uint64_t at_ms = change->event->at_ms;
    uint64_t due_ms = task->missed_ms ? task->missed_ms : task->reply_due_ms;
    bool late = at_ms > due_ms;
    int status = kpi_add_to_order(change, due_ms, task->department, KPI_COUNT_LATE_REPLIES, late);
    if (status == 0)
        status = kpi_add_to_order(change, due_ms, task->department, KPI_COUNT_LATE_MS,
                                  late ? at_ms - due_ms : 0);
    if (status == 0 && late)
        status = kpi_add_to_order(change, due_ms, task->department,
                                  histogram_class(HISTOGRAM_LATE, at_ms - due_ms), 1);
    if (status == 0 && late)
        status = kpi_add_to_order(change, due_ms, task->department, KPI_COUNT_LATE_OVER_3X,
                                  at_ms - task->sent_ms > 3 * (task->first_due_ms - task->sent_ms));
    if (status < 0 || task->missed_ms) /* then it was counted as due */
        return status;
    status = kpi_add_to_order(change, due_ms, task->department, KPI_COUNT_DUE, 1);
    if (status < 0 || late)
        return status;
    status = kpi_add_to_order(change, due_ms, task->department, KPI_COUNT_REPLIED_IN_TIME, 1);
    return status < 0
               ? status
               : kpi_add_to_order(change, due_ms, task->department, KPI_COUNT_REPLIED_IN_FIRST_TIME,
                                  at_ms <= task->first_due_ms);
}

static int count_replied(const struct change *change, const struct task_row *task,
                         const struct incident_row *incident)
{
    uint64_t at_ms = change->event->at_ms;
    int status = kpi_add_to_order(change, at_ms, task->department, KPI_COUNT_REPLIED, 1);
    if (status == 0)
        status = kpi_add_to_emergency(change, incident, KPI_COUNT_FEEDBACKS, 1);
    if (status == 0)
        status = count_supervised(change, task, true);
    if (status < 0 || task->replied_ms)
        return status;
    if (task->kind == TASK_KIND_LEAD && task->reply_due_ms)
        status = count_lead_replied(change, task);
    return status < 0
               ? status
               : kpi_add_to_emergency(change, incident,
                                      histogram_class(HISTOGRAM_FEEDBACK, at_ms - task->sent_ms),
                                      1);
}

/* The first word with the citizen, before its clock rang. */
static int count_contacted(const struct change *change, const struct task_row *task)
{
    uint64_t at_ms = change->event->at_ms;
    bool in_time = task->clock == CLOCK_KIND_CONTACT && at_ms < task->due_ms;
    int status = kpi_add_to_order(change, at_ms, task->department, KPI_COUNT_TASKS_CONTACTED, 1);
    if (status == 0)
        status = kpi_add_to_order(change, at_ms, task->department, KPI_COUNT_CONTACTS_DUE, in_time);
    return status < 0 ? status
                      : kpi_add_to_order(change, at_ms, task->department,
                                         KPI_COUNT_CONTACTED_IN_TIME, in_time);
}

static int count_rolled(const struct change *change, const struct task_row *task,
                        const struct incident_row *incident)
{
    uint64_t took_ms = change->event->at_ms - task->signed_ms;
    if (!task->signed_ms) /* nobody knows from when */
        return 0;
    int status =
        kpi_add_to_emergency(change, incident, KPI_COUNT_ROLL_TO_3M, took_ms <= ROLL_3M_MS);
    return status < 0 ? status
                      : kpi_add_to_emergency(change, incident,
                                             histogram_class(HISTOGRAM_ROLL, took_ms), 1);
}

static int count_rejected(const struct change *change, const struct task_row *task,
                          const struct incident_row *incident)
{
    uint64_t at_ms = change->event->at_ms;
    enum defect defect = change->event->task_moved.defect;
    int status = kpi_add_to_order(change, at_ms, task->department, KPI_COUNT_REPLIES_REJECTED, 1);
    if (status == 0)
        status = kpi_add_to_emergency(change, incident, KPI_COUNT_FEEDBACKS_REJECTED, 1);
    return status < 0 || !defect
               ? status
               : kpi_add_to_order(change, at_ms, task->department,
                                  KPI_COUNT_REJECTED_ELEMENTS + defect - DEFECT_ELEMENTS, 1);
}

static int count_task_moved(const struct change *change, const struct task_row *task,
                            const struct incident_row *incident)
{
    uint64_t at_ms = change->event->at_ms;
    uint32_t department = task->department;
    switch (change->event->task_moved.step) {
    case TASK_STEP_SIGN:
        return count_signed(change, task, incident);
    case TASK_STEP_ROLL:
        return count_rolled(change, task, incident);
    case TASK_STEP_ARRIVE:
        return kpi_add_to_emergency(change, incident,
                                    histogram_class(HISTOGRAM_ARRIVE, at_ms - task->sent_ms),
                                    task->arrived_ms == 0);
    case TASK_STEP_REPLY:
        return count_replied(change, task, incident);
    case TASK_STEP_CONTACT:
        return count_contacted(change, task);
    case TASK_STEP_SEND_BACK:
        return kpi_add_to_order(change, at_ms, department, KPI_COUNT_RETURNS_ASKED, 1);
    case TASK_STEP_RETURN_REFUSE:
        return kpi_add_to_order(change, at_ms, department, KPI_COUNT_RETURNS_REFUSED, 1);
    case TASK_STEP_REJECT_REPLY:
        return count_rejected(change, task, incident);
    case TASK_STEP_RETURN_ACCEPT: {
        int status = kpi_add_to_order(change, at_ms, department, KPI_COUNT_RETURNS_ACCEPTED, 1);
        return status < 0 ? status
                          : kpi_add_to_order(change, at_ms, department, KPI_COUNT_AIR_MS,
                                             at_ms - task->sent_ms);
    }
    default: /* the other steps count nothing */
        return 0;
    }
}

static int count_overdue(const struct change *change, const struct task_row *task)
{
    const struct clock_overdue *overdue = &change->event->clock_overdue;
    if (overdue->clock == CLOCK_KIND_DEMAND)
        return count_supervised(change, task, false);
    if (overdue->clock == CLOCK_KIND_CONTACT)
        return kpi_add_to_order(change, change->event->at_ms, task->department,
                                KPI_COUNT_CONTACTS_DUE, task->clock == CLOCK_KIND_CONTACT);
    if (overdue->clock != CLOCK_KIND_REPLY || task->kind != TASK_KIND_LEAD || task->replied_ms ||
        task->missed_ms)
        return 0;
    return kpi_add_to_order(change, task->reply_due_ms, task->department, KPI_COUNT_DUE, 1);
}

int kpi_task(const struct change *change, const struct incident_row *incident,
             const struct incident_stamps *stamps)
{
    const struct event *event = change->event;
    struct task_row task;
    if (event->kind == EVENT_TASK_OPENED) {
        int sent =
            kpi_add_to_order(change, event->at_ms, event->department, KPI_COUNT_TASKS_SENT, 1);
        return sent < 0 ? sent : kpi_sibling(change, incident, stamps);
    }
    if (event->kind != EVENT_TASK_MOVED && event->kind != EVENT_CLOCK_OVERDUE &&
        event->kind != EVENT_DEMAND_ANSWERED && event->kind != EVENT_LADDER_CLIMBED)
        return 0;
    int status = row_take(change, key_of1(VIEW_TASK, event->task), SCHEMA_TASK_ROW, &task);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    if (event->kind == EVENT_DEMAND_ANSWERED)
        return event->demand_answered.level ? count_supervised(change, &task, true) : 0;
    if (event->kind == EVENT_LADDER_CLIMBED)
        return event->ladder_climbed.due_ms && is_supervision(event->ladder_climbed.level)
                   ? count_supervised(change, &task, false)
                   : 0;
    return event->kind == EVENT_TASK_MOVED ? count_task_moved(change, &task, incident)
                                           : count_overdue(change, &task);
}
