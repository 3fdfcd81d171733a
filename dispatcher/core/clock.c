/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/clock.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/callback.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/promise.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/task.h"

#define LIMIT(class, dispatch, sign, reply, tell, working)                                         \
    [class] = { .sla = class,                                                                      \
                .dispatch_ms = dispatch,                                                           \
                .sign_ms = sign,                                                                   \
                .reply_ms = reply,                                                                 \
                .tell_ms = tell,                                                                   \
                .working_time = working }

/* What Chinese rules and emergency centres publish, as a start; ops/city/limits.csv sets a city's
 * own. dispatch, sign, reply, tell. */
static const struct limit_row defaults[SLA_CLASS_COUNT] = {
    LIMIT(SLA_CLASS_E0, 45000, 30000, 30 * MINUTE_MS, 4 * HOUR_MS, false),
    LIMIT(SLA_CLASS_E1, 60000, 30000, HOUR_MS, 8 * HOUR_MS, false),
    LIMIT(SLA_CLASS_E2, 3 * MINUTE_MS, 2 * MINUTE_MS, 2 * HOUR_MS, DAY_MS, false),
    LIMIT(SLA_CLASS_E3, 10 * MINUTE_MS, 5 * MINUTE_MS, DAY_MS, DAY_MS, false),
    LIMIT(SLA_CLASS_U, HOUR_MS, 15 * MINUTE_MS, 2 * HOUR_MS, 30 * MINUTE_MS, false),
    LIMIT(SLA_CLASS_L, 2 * HOUR_MS, 30 * MINUTE_MS, DAY_MS, 4 * HOUR_MS, false),
    LIMIT(SLA_CLASS_G, WORKING_DAY_MS, 4 * HOUR_MS, 5 * WORKING_DAY_MS, WORKING_DAY_MS, true),
    LIMIT(SLA_CLASS_C, WORKING_DAY_MS, 4 * HOUR_MS, 15 * WORKING_DAY_MS, WORKING_DAY_MS, true),
    LIMIT(SLA_CLASS_Q, HOUR_MS, 4 * HOUR_MS, WORKING_DAY_MS, WORKING_DAY_MS, true),
    LIMIT(SLA_CLASS_S, WORKING_DAY_MS, WORKING_DAY_MS, 5 * WORKING_DAY_MS, WORKING_DAY_MS, true),
    LIMIT(SLA_CLASS_R, HOUR_MS, 2 * HOUR_MS, 3 * WORKING_DAY_MS, 4 * HOUR_MS, true),
    LIMIT(SLA_CLASS_V, HOUR_MS, HOUR_MS, 3 * WORKING_DAY_MS, 4 * HOUR_MS, true),
    LIMIT(SLA_CLASS_X, DAY_MS, DAY_MS, 5 * DAY_MS, DAY_MS, false),
};

void clock_limits_default(struct limit_row limits[SLA_CLASS_COUNT])
{
    memcpy(limits, defaults, sizeof defaults);
}

enum sla_class clock_class(const struct incident *incident, uint32_t round)
{
    return round > 1 && !incident->emergency ? SLA_CLASS_R : incident->sla;
}

/* The new span of a limit, or the older field. */
static struct span limit_span(const struct limit_row *row, bool has, const struct span *span,
                              uint64_t older_ms)
{
    return has && span->measure ? *span : calendar_span(older_ms, row->working_time);
}

static struct span reply_length(const struct limit_row *row)
{
    return limit_span(row, row->has_reply, &row->reply, row->reply_ms);
}

/* A further round has the limit of class R, but not more than half of the first one's in whole
 * working days, and a working day at least. */
static struct span round_length(const struct core *core, const struct incident *incident)
{
    const struct span again = reply_length(&core->sla_limits[SLA_CLASS_R]);
    const struct span first = reply_length(&core->sla_limits[incident->sla]);
    if (again.measure != MEASURE_WORKING_DAY)
        return again;
    uint64_t days = (first.ms / 2 + DAY_MS - 1) / DAY_MS;
    if (days == 0)
        days = 1;
    return (struct span){ days * DAY_MS < again.ms ? days * DAY_MS : again.ms, again.measure };
}

static struct span tell_length(const struct core *core, const struct limit_row *row)
{
    if (!row->has_tell && row->tell_ms == 0)
        return calendar_span(core->parameters[PARAMETER_TELL_WAIT_MS], row->working_time);
    return limit_span(row, row->has_tell, &row->tell, row->tell_ms);
}

static struct span optional(bool has, const struct span *span)
{
    return has ? *span : (struct span){ 0 };
}

static struct span waits(const struct core *core, enum parameter parameter)
{
    return (struct span){ core->parameters[parameter], MEASURE_WALL };
}

static bool is_far(const struct core *core, const struct incident *incident)
{
    const struct district *district =
        index_find(&core->index, ENTRY_DISTRICT, incident->district, 0);
    return district && district->far;
}

struct span clock_length(const struct core *core, const struct incident *incident, uint32_t round,
                         enum clock_kind clock)
{
    const struct limit_row *row = &core->sla_limits[clock_class(incident, round)];
    switch (clock) {
    case CLOCK_KIND_DISPATCH:
    case CLOCK_KIND_RULE_RETURN: /* the centre rules as fast as it dispatches */
        return limit_span(row, row->has_dispatch, &row->dispatch, row->dispatch_ms);
    case CLOCK_KIND_SIGN:
        return limit_span(row, row->has_sign, &row->sign, row->sign_ms);
    case CLOCK_KIND_REPLY:
        return clock_class(incident, round) == SLA_CLASS_R ? round_length(core, incident)
                                                           : reply_length(row);
    case CLOCK_KIND_TELL:
        return tell_length(core, row);
    case CLOCK_KIND_REVIEW:
        return row->has_review ? row->review : tell_length(core, row);
    case CLOCK_KIND_CONTACT:
        return optional(row->has_contact, &row->contact);
    case CLOCK_KIND_ARRIVE:
        return row->has_arrive_far && is_far(core, incident)
                   ? row->arrive_far
                   : optional(row->has_arrive, &row->arrive);
    case CLOCK_KIND_FEEDBACK:
        return optional(row->has_feedback, &row->feedback);
    case CLOCK_KIND_DEMAND:
        return calendar_span(core->parameters[PARAMETER_URGE_ANSWER_MS], true);
    case CLOCK_KIND_SURVEY:
        return waits(core, PARAMETER_SURVEY_WAIT_MS);
    case CLOCK_KIND_REVISIT:
        return row->has_revisit ? row->revisit : waits(core, PARAMETER_REVISIT_WAIT_MS);
    case CLOCK_KIND_DRAFT:
        return waits(core, PARAMETER_DRAFT_WAIT_MS);
    case CLOCK_KIND_INFO:
        return waits(core, PARAMETER_INFO_WAIT_MS);
    case CLOCK_KIND_DISPUTE:
        return calendar_span(core->parameters[PARAMETER_DISPUTE_WAIT_MS], true);
    case CLOCK_KIND_CLOSE:
    case CLOCK_KIND_PETITION:
        return calendar_span(core->parameters[PARAMETER_PETITION_WAIT_MS], true);
    case CLOCK_KIND_ARCHIVE:
        return (struct span){ core->parameters[PARAMETER_REOPEN_WINDOW_MS] +
                                  core->parameters[PARAMETER_ARCHIVE_WAIT_MS],
                              MEASURE_WALL };
    case CLOCK_KIND_SUSPENSION: /* due at the review date */
    case CLOCK_KIND_NONE:
    case CLOCK_KIND_COUNT:
    case CLOCK_KIND_ANSWER:
    case CLOCK_KIND_CALLBACK:
        break;
    }
    REQUIRE(!"a clock of an incident");
}

struct promise clock_promise(const struct core *core, const struct incident *incident,
                             uint32_t round, enum clock_kind clock, uint64_t start_ms)
{
    return promise_begin(core, clock_length(core, incident, round, clock),
                         clock_class(incident, round), start_ms);
}

uint64_t clock_due(const struct core *core, const struct incident *incident, uint32_t round,
                   enum clock_kind clock, uint64_t at_ms)
{
    return clock_promise(core, incident, round, clock, at_ms).due_ms;
}

uint64_t clock_sooner(const struct decision *decision, const struct incident *incident,
                      enum sla_class sla)
{
    if (sla == incident->sla || incident->clock != CLOCK_KIND_DISPATCH ||
        !incident->promise.due_ms || incident->promise.reported)
        return 0;
    struct incident raised = *incident;
    raised.sla = sla;
    uint64_t due_ms =
        clock_due(decision->core, &raised, incident->round, CLOCK_KIND_DISPATCH, decision->at_ms);
    return due_ms < incident->promise.due_ms ? due_ms : 0;
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

static struct event *start_promise(struct decision *decision, const struct incident *incident,
                                   enum clock_kind clock, const struct promise *promise)
{
    struct event *event = clock_start(decision, incident, clock, promise->due_ms);
    event->clock_started.has_length = true;
    event->clock_started.length = promise_length(promise);
    event->clock_started.sla = (enum sla_class)promise->sla;
    event->clock_started.calendar = promise->calendar;
    event->clock_started.provisional = promise->provisional;
    event->clock_started.start_ms = promise->start_ms == decision->at_ms ? 0 : promise->start_ms;
    return event;
}

struct event *clock_begin(struct decision *decision, const struct incident *incident,
                          uint32_t round, enum clock_kind clock, uint64_t start_ms)
{
    struct promise promise = clock_promise(decision->core, incident, round, clock, start_ms);
    return start_promise(decision, incident, clock, &promise);
}

void clock_begin_for(struct decision *decision, const struct incident *incident,
                     enum clock_kind clock, struct span length)
{
    struct promise promise = promise_begin(decision->core, length,
                                           clock_class(incident, incident->round), decision->at_ms);
    (void)start_promise(decision, incident, clock, &promise);
}

static struct promise promise_of(const struct event *event)
{
    const struct clock_started *started = &event->clock_started;
    struct promise promise = { .due_ms = started->due_ms };
    if (!started->has_length)
        return promise;
    promise_fill(&promise, started->start_ms ? started->start_ms : event->at_ms, started->length,
                 started->sla, started->calendar, started->provisional);
    return promise;
}

static void task_started(struct core *core, const struct event *event)
{
    struct task *task = core_task(core, event->task);
    REQUIRE(task);
    if (event->clock_started.clock == CLOCK_KIND_RULE_RETURN) {
        task->rule = promise_of(event);
    } else {
        task->step_clock = event->clock_started.clock;
        task->step = promise_of(event);
    }
    task_refile(core, task);
}

void apply_clock_started(struct core *core, const struct event *event)
{
    if (event->task) {
        task_started(core, event);
        return;
    }
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident);
    incident->clock = event->clock_started.clock;
    incident->promise = promise_of(event);
    incident_refile(core, incident);
}

/* ---- the clocks of a task ------------------------------------------------------------------- */

void clock_tell_task(const struct core *core, const struct incident *incident, uint64_t at_ms,
                     struct task_opened *opened)
{
    struct promise sign = clock_promise(core, incident, incident->round, CLOCK_KIND_SIGN, at_ms);
    struct promise reply = clock_promise(core, incident, incident->round, CLOCK_KIND_REPLY, at_ms);
    opened->sign_due_ms = sign.due_ms;
    opened->has_sign = opened->has_reply = true;
    opened->sign = promise_length(&sign);
    opened->sign_provisional = sign.provisional;
    opened->reply_due_ms = reply.due_ms;
    opened->reply = promise_length(&reply);
    opened->provisional = reply.provisional;
    opened->sla = (enum sla_class)reply.sla;
    opened->calendar = reply.calendar;
}

void clock_take_task(const struct event *event, struct task *task)
{
    const struct task_opened *opened = &event->task_opened;
    task->step_clock = CLOCK_KIND_SIGN;
    task->step.due_ms = opened->sign_due_ms;
    task->reply.due_ms = opened->reply_due_ms;
    if (!opened->has_reply)
        return;
    promise_fill(&task->step, event->at_ms, opened->sign, opened->sla, opened->calendar,
                 opened->sign_provisional);
    promise_fill(&task->reply, event->at_ms, opened->reply, opened->sla, opened->calendar,
                 opened->provisional);
}

/* ---- moved ---------------------------------------------------------------------------------- */

static struct clock_moved *clock_move(struct decision *decision, const struct task *task,
                                      const struct promise *promise, const struct pauses *pauses,
                                      enum clock_cause cause)
{
    struct event *event = incident_event(decision, EVENT_CLOCK_MOVED, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->clock_moved.clock = CLOCK_KIND_REPLY;
    event->clock_moved.subject = task->id;
    event->clock_moved.cause = cause;
    event->clock_moved.from_ms = task->reply.paused ? 0 : task->reply.due_ms;
    promise_tell(promise, pauses, &event->clock_moved);
    return &event->clock_moved;
}

/* What was left of it, in working hours and on working days: whichever is later, so that a pause takes
 * nothing away. 0: nothing is demanded, or it was due. */
static uint64_t demand_behind(const struct decision *decision, const struct task *task,
                              uint64_t since_ms)
{
    const struct core *core = decision->core;
    uint64_t due_ms = task->demand_due_ms, latest_ms = 0;
    if (due_ms <= since_ms)
        return 0;
    for (enum measure measure = MEASURE_WORKING_HOUR; measure <= MEASURE_WORKING_DAY; measure++) {
        uint64_t left_ms = calendar_between(core, measure, since_ms, since_ms, due_ms);
        uint64_t at_ms = calendar_after(core, measure, decision->at_ms, left_ms);
        if (at_ms > latest_ms)
            latest_ms = at_ms;
    }
    return latest_ms;
}

void clock_pause(struct decision *decision, const struct task *task)
{
    struct promise promise = task->reply;
    if (!promise_runs(&promise))
        return;
    promise_pause(&promise, decision->at_ms);
    clock_move(decision, task, &promise, &task->pauses, CLOCK_CAUSE_PAUSE);
}

void clock_resume(struct decision *decision, const struct task *task)
{
    struct promise promise = task->reply;
    struct pauses pauses = task->pauses;
    if (!promise.paused)
        return;
    uint64_t since_ms = promise.due_ms;
    promise_resume(decision->core, &promise, &pauses, decision->at_ms);
    clock_move(decision, task, &promise, &pauses, CLOCK_CAUSE_RESUME)->demand_due_ms =
        demand_behind(decision, task, since_ms);
}

void clock_extend(struct decision *decision, const struct task *task, uint64_t until_ms)
{
    struct promise promise = task->reply;
    promise_extend(decision->core, &promise, &task->pauses, until_ms);
    struct clock_moved *moved =
        clock_move(decision, task, &promise, &task->pauses, CLOCK_CAUSE_EXTENSION);
    if (task->demanded == LADDER_LEVEL_ORANGE && task->demand_due_ms)
        moved->demand_due_ms = promise.due_ms; /* its note is due with the reply */
}

void clock_relength(struct decision *decision, const struct task *task, struct span length,
                    enum sla_class sla)
{
    struct promise promise = task->reply;
    promise_relength(decision->core, &promise, &task->pauses, length, sla);
    clock_move(decision, task, &promise, &task->pauses, CLOCK_CAUSE_CLASS);
}

void clock_reclass(struct decision *decision, const struct incident *incident, enum sla_class sla)
{
    struct incident as = *incident;
    as.sla = sla;
    enum sla_class now = clock_class(&as, incident->round);
    struct span length = clock_length(decision->core, &as, incident->round, CLOCK_KIND_REPLY);
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task_is_open(task->state) && task_owes_reply(task) && task->reply.measure &&
            (enum sla_class)task->reply.sla != now)
            clock_relength(decision, task, length, now);
}

void apply_clock_moved(struct core *core, const struct event *event)
{
    const struct clock_moved *moved = &event->clock_moved;
    struct pauses unused = { 0 };
    if (event->task) {
        struct task *task = core_task(core, event->task);
        REQUIRE(task);
        bool is_reply = moved->clock == CLOCK_KIND_REPLY;
        promise_take(task_promise(task, moved->clock), is_reply ? &task->pauses : &unused, moved,
                     event->at_ms);
        if (moved->demand_due_ms)
            task->demand_due_ms = moved->demand_due_ms;
        task_refile(core, task);
        return;
    }
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->clock == moved->clock);
    promise_take(&incident->promise, &unused, moved, event->at_ms);
    incident_refile(core, incident);
}

/* ---- overdue -------------------------------------------------------------------------------- */

static void report(struct promise *promise)
{
    REQUIRE(promise->due_ms && !promise->reported);
    promise->reported = true;
}

static void task_overdue(struct core *core, const struct event *event)
{
    struct task *task = core_task(core, event->task);
    REQUIRE(task);
    if (event->clock_overdue.clock == CLOCK_KIND_DEMAND) {
        task->missed = task->demanded;
        task->demand_due_ms = 0;
    } else {
        report(task_promise(task, event->clock_overdue.clock));
    }
    task->late |= event->clock_overdue.owes_reason;
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
    } else if (overdue->clock == CLOCK_KIND_PETITION) {
        apply_petition_overdue(core, overdue->subject);
    } else if (overdue->clock == CLOCK_KIND_CALLBACK) {
        struct callback *callback = core_callback(core, overdue->subject);
        REQUIRE(callback);
        report(&callback->promise);
        callback_refile(core, callback);
    } else if (event->task) {
        task_overdue(core, event);
    } else {
        struct incident *incident = core_incident(core, overdue->subject);
        REQUIRE(incident && incident->clock == overdue->clock);
        report(&incident->promise);
        incident_refile(core, incident);
    }
}
