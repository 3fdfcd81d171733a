/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/clock.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/task.h"

#define MINUTE_MS 60000ULL

/* What Chinese rules and emergency centres publish, as a start; ops/city/limits.csv sets a city's
 * own. dispatch, sign, reply, tell. */
static const struct limit_row defaults[SLA_CLASS_COUNT] = {
    [SLA_CLASS_E0] = { SLA_CLASS_E0, 45000, 30000, 30 * MINUTE_MS, 4 * HOUR_MS, false },
    [SLA_CLASS_E1] = { SLA_CLASS_E1, 60000, 30000, HOUR_MS, 8 * HOUR_MS, false },
    [SLA_CLASS_E2] = { SLA_CLASS_E2, 3 * MINUTE_MS, 2 * MINUTE_MS, 2 * HOUR_MS, DAY_MS, false },
    [SLA_CLASS_E3] = { SLA_CLASS_E3, 10 * MINUTE_MS, 5 * MINUTE_MS, DAY_MS, DAY_MS, false },
    [SLA_CLASS_U] = { SLA_CLASS_U, HOUR_MS, 15 * MINUTE_MS, 2 * HOUR_MS, 30 * MINUTE_MS, false },
    [SLA_CLASS_L] = { SLA_CLASS_L, 2 * HOUR_MS, 30 * MINUTE_MS, DAY_MS, 4 * HOUR_MS, false },
    [SLA_CLASS_G] = { SLA_CLASS_G, WORKING_DAY_MS, 4 * HOUR_MS, 5 * WORKING_DAY_MS, WORKING_DAY_MS,
                      true },
    [SLA_CLASS_C] = { SLA_CLASS_C, WORKING_DAY_MS, 4 * HOUR_MS, 15 * WORKING_DAY_MS, WORKING_DAY_MS,
                      true },
    [SLA_CLASS_Q] = { SLA_CLASS_Q, HOUR_MS, 4 * HOUR_MS, WORKING_DAY_MS, WORKING_DAY_MS, true },
    [SLA_CLASS_S] = { SLA_CLASS_S, WORKING_DAY_MS, WORKING_DAY_MS, 5 * WORKING_DAY_MS,
                      WORKING_DAY_MS, true },
    [SLA_CLASS_R] = { SLA_CLASS_R, HOUR_MS, 2 * HOUR_MS, 3 * WORKING_DAY_MS, 4 * HOUR_MS, true },
    [SLA_CLASS_V] = { SLA_CLASS_V, HOUR_MS, HOUR_MS, 3 * WORKING_DAY_MS, 4 * HOUR_MS, true },
    [SLA_CLASS_X] = { SLA_CLASS_X, DAY_MS, DAY_MS, 5 * DAY_MS, DAY_MS, false },
};

void clock_limits_default(struct limit_row limits[SLA_CLASS_COUNT])
{
    memcpy(limits, defaults, sizeof defaults);
}

enum sla_class clock_class(const struct incident *incident, uint32_t round)
{
    return round > 1 && !incident->emergency ? SLA_CLASS_R : incident->sla;
}

uint64_t clock_due(const struct core *core, const struct incident *incident, uint32_t round,
                   enum clock_kind clock, uint64_t at_ms)
{
    const struct limit_row *limit = &core->sla_limits[clock_class(incident, round)];
    uint64_t length_ms = 0;
    switch (clock) {
    case CLOCK_KIND_DISPATCH:
    case CLOCK_KIND_RULE_RETURN: /* the centre rules as fast as it dispatches */
        length_ms = limit->dispatch_ms;
        break;
    case CLOCK_KIND_SIGN:
        length_ms = limit->sign_ms;
        break;
    case CLOCK_KIND_REPLY:
        length_ms = limit->reply_ms;
        break;
    case CLOCK_KIND_REVIEW:
    case CLOCK_KIND_TELL:
        length_ms = limit->tell_ms ? limit->tell_ms : core->parameters[PARAMETER_TELL_WAIT_MS];
        break;
    case CLOCK_KIND_SURVEY:
        return at_ms + core->parameters[PARAMETER_SURVEY_WAIT_MS];
    case CLOCK_KIND_REVISIT:
        return at_ms + core->parameters[PARAMETER_REVISIT_WAIT_MS];
    case CLOCK_KIND_DRAFT:
        return at_ms + core->parameters[PARAMETER_DRAFT_WAIT_MS];
    case CLOCK_KIND_INFO:
        return at_ms + core->parameters[PARAMETER_INFO_WAIT_MS];
    case CLOCK_KIND_DISPUTE:
        return calendar_due(core, at_ms, core->parameters[PARAMETER_DISPUTE_WAIT_MS], true);
    case CLOCK_KIND_CLOSE:
    case CLOCK_KIND_PETITION:
        return calendar_due(core, at_ms, core->parameters[PARAMETER_PETITION_WAIT_MS], true);
    case CLOCK_KIND_ARCHIVE:
        return at_ms + core->parameters[PARAMETER_REOPEN_WINDOW_MS] +
               core->parameters[PARAMETER_ARCHIVE_WAIT_MS];
    case CLOCK_KIND_SUSPENSION: /* due at the review date */
    case CLOCK_KIND_NONE:
    case CLOCK_KIND_COUNT:
    case CLOCK_KIND_ANSWER:
    case CLOCK_KIND_CALLBACK:
    case CLOCK_KIND_CONTACT:
    case CLOCK_KIND_ARRIVE:
    case CLOCK_KIND_FEEDBACK:
    case CLOCK_KIND_DEMAND:
        REQUIRE(!"a clock of an incident");
    }
    return calendar_due(core, at_ms, length_ms, limit->working_time);
}

struct event *clock_start(struct decision *decision, const struct incident *incident,
                          enum clock_kind clock, uint64_t due_ms)
{
    struct event *event = decision_event(decision, EVENT_CLOCK_STARTED);
    event->incident = incident->id;
    event->line = incident->line;
    event->clock_started.clock = clock;
    event->clock_started.due_ms = due_ms;
    return event;
}

void apply_clock_started(struct core *core, const struct event *event)
{
    const struct clock_started *started = &event->clock_started;
    if (event->task) {
        struct task *task = core_task(core, event->task);
        REQUIRE(task && started->clock == CLOCK_KIND_RULE_RETURN);
        task->rule = (struct promise){ .due_ms = started->due_ms };
        task_refile(core, task);
        return;
    }
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident);
    incident->clock = started->clock;
    incident->promise = (struct promise){ .due_ms = started->due_ms };
    incident_refile(core, incident);
}

static void report(struct promise *promise)
{
    REQUIRE(promise->due_ms && !promise->reported);
    promise->reported = true;
}

static void task_overdue(struct core *core, const struct event *event)
{
    struct task *task = core_task(core, event->task);
    REQUIRE(task);
    report(task_promise(task, event->clock_overdue.clock));
    task_refile(core, task);
}

void apply_clock_overdue(struct core *core, const struct event *event)
{
    const struct clock_overdue *overdue = &event->clock_overdue;
    if (overdue->clock == CLOCK_KIND_ANSWER) {
        struct contact *contact = core_contact(core, overdue->subject);
        REQUIRE(contact && !contact->late);
        contact->late = true;
        queue_file(core, contact);
    } else if (overdue->clock == CLOCK_KIND_CALLBACK) {
        struct callback *callback = core_callback(core, overdue->subject);
        REQUIRE(callback);
        report(&callback->promise);
        deadline_set(core, &callback->deadline, NEVER, callback->id);
    } else if (event->task) {
        task_overdue(core, event);
    } else {
        struct incident *incident = core_incident(core, overdue->subject);
        REQUIRE(incident && incident->clock == overdue->clock);
        report(&incident->promise);
        incident_refile(core, incident);
    }
}
