/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/ladder.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/lateness.h"
#include "dispatcher/core/overlay.h"
#include "dispatcher/core/promise.h"
#include "dispatcher/core/task.h"

#define TO(who)  (1U << RECIPIENT_##who)

#define HANDLERS (TO(HANDLER) | TO(LIAISON))
#define CHIEFS   (TO(LIAISON) | TO(SECTION_CHIEF))
#define DEPUTIES (TO(LIAISON) | TO(SECTION_CHIEF) | TO(DEPUTY_HEAD))
#define OFFICES  (TO(HEAD) | TO(SUPERVISION_OFFICE) | TO(CENTRE_DIRECTOR))

/* A clock's own rungs stand in the order of their times. */
static const struct rung work[] = {
    { LADDER_LEVEL_URGE_1, CLOCK_KIND_SIGN, RUNG_PERCENT, 100, LADDER_CAUSE_UNSIGNED, DEMAND_SIGN,
      RUNG_ANSWER, CHIEFS },
    { LADDER_LEVEL_YELLOW, CLOCK_KIND_REPLY, RUNG_YELLOW, 0, LADDER_CAUSE_TIME, DEMAND_NONE,
      RUNG_NEVER, HANDLERS },
    { LADDER_LEVEL_ORANGE, CLOCK_KIND_REPLY, RUNG_ORANGE, 0, LADDER_CAUSE_TIME,
      DEMAND_PROGRESS_NOTE, RUNG_DUE, HANDLERS | TO(SECTION_CHIEF) },
    { LADDER_LEVEL_URGE_1, CLOCK_KIND_REPLY, RUNG_PARAMETER, PARAMETER_URGE_1_PERCENT,
      LADDER_CAUSE_TIME, DEMAND_ANSWER, RUNG_ANSWER, CHIEFS },
    { LADDER_LEVEL_RED, CLOCK_KIND_REPLY, RUNG_PERCENT, 100, LADDER_CAUSE_TIME, DEMAND_LATE_REASON,
      RUNG_ANSWER, DEPUTIES },
    { LADDER_LEVEL_URGE_2, CLOCK_KIND_REPLY, RUNG_AFTER, PARAMETER_URGE_2_AFTER_MS,
      LADDER_CAUSE_TIME, DEMAND_WRITTEN_ANSWER, RUNG_ANSWER, DEPUTIES | TO(DISTRICT) },
    { LADDER_LEVEL_SUPERVISE_1, CLOCK_KIND_REPLY, RUNG_AFTER, PARAMETER_SUPERVISE_1_AFTER_MS,
      LADDER_CAUSE_TIME, DEMAND_REPLY, RUNG_CLASS_V, TO(HEAD) },
    { LADDER_LEVEL_SUPERVISE_2, CLOCK_KIND_REPLY, RUNG_AFTER, PARAMETER_SUPERVISE_2_AFTER_MS,
      LADDER_CAUSE_TIME, DEMAND_EXPLANATION, RUNG_CLASS_V, OFFICES },
    { LADDER_LEVEL_SUPERVISE_3, CLOCK_KIND_REPLY, RUNG_AFTER, PARAMETER_SUPERVISE_3_AFTER_MS,
      LADDER_CAUSE_TIME, DEMAND_MEETING, RUNG_CLASS_V, OFFICES | TO(LEADER) },
    { LADDER_LEVEL_VERY_LATE, CLOCK_KIND_REPLY, RUNG_PARAMETER, PARAMETER_VERY_LATE_PERCENT,
      LADDER_CAUSE_TIME, DEMAND_NONE, RUNG_NEVER, TO(CENTRE_DIRECTOR) | TO(PUBLIC) },
    { LADDER_LEVEL_SUPERVISE_1, CLOCK_KIND_REPLY, RUNG_ROUND, 0, LADDER_CAUSE_ROUND, DEMAND_REPLY,
      RUNG_CLASS_V, TO(HEAD) },
    { LADDER_LEVEL_SUPERVISE_1, CLOCK_KIND_REPLY, RUNG_RETURNS, PARAMETER_SUPERVISE_RETURNS,
      LADDER_CAUSE_RETURNS, DEMAND_REPLY, RUNG_CLASS_V, TO(HEAD) },
    { LADDER_LEVEL_SUPERVISE_1, CLOCK_KIND_REPLY, RUNG_CALLERS, PARAMETER_REPEAT_CALLERS,
      LADDER_CAUSE_CALLERS, DEMAND_REPLY, RUNG_CLASS_V, TO(HEAD) },
    { LADDER_LEVEL_SUPERVISE_2, CLOCK_KIND_REPLY, RUNG_MISSED, LADDER_LEVEL_SUPERVISE_1,
      LADDER_CAUSE_DEMAND_MISSED, DEMAND_EXPLANATION, RUNG_CLASS_V, OFFICES },
    { LADDER_LEVEL_SUPERVISE_3, CLOCK_KIND_REPLY, RUNG_CALLERS, PARAMETER_MASS_CALLERS,
      LADDER_CAUSE_MASS, DEMAND_MEETING, RUNG_CLASS_V, OFFICES | TO(LEADER) },
};

/* Unsigned in 30 s: a tone at the seat; in 60 s: another unit and the shift lead; in 120 s: the
 * commander. Alarm centres report 97.6 to 98.9 % signed within 30 s. */
static const struct rung emergency[] = {
    { LADDER_LEVEL_ALARM, CLOCK_KIND_SIGN, RUNG_PERCENT, 100, LADDER_CAUSE_UNSIGNED, DEMAND_SIGN,
      RUNG_NEVER, HANDLERS },
    { LADDER_LEVEL_NEXT_UNIT, CLOCK_KIND_SIGN, RUNG_PARAMETER, PARAMETER_NEXT_UNIT_PERCENT,
      LADDER_CAUSE_UNSIGNED, DEMAND_SIGN, RUNG_NEVER, HANDLERS | TO(SHIFT_LEAD) },
    { LADDER_LEVEL_COMMANDER, CLOCK_KIND_SIGN, RUNG_PARAMETER, PARAMETER_COMMANDER_PERCENT,
      LADDER_CAUSE_UNSIGNED, DEMAND_SIGN, RUNG_NEVER, TO(SHIFT_LEAD) | TO(COMMANDER) },
    { LADDER_LEVEL_URGE_1, CLOCK_KIND_FEEDBACK, RUNG_PERCENT, 100, LADDER_CAUSE_NO_FEEDBACK,
      DEMAND_FEEDBACK, RUNG_NEVER, HANDLERS | TO(SHIFT_LEAD) },
    { LADDER_LEVEL_YELLOW, CLOCK_KIND_REPLY, RUNG_YELLOW, 0, LADDER_CAUSE_TIME, DEMAND_NONE,
      RUNG_NEVER, HANDLERS },
    { LADDER_LEVEL_ORANGE, CLOCK_KIND_REPLY, RUNG_ORANGE, 0, LADDER_CAUSE_TIME,
      DEMAND_PROGRESS_NOTE, RUNG_DUE, HANDLERS | TO(SECTION_CHIEF) },
    { LADDER_LEVEL_RED, CLOCK_KIND_REPLY, RUNG_PERCENT, 100, LADDER_CAUSE_TIME, DEMAND_LATE_REASON,
      RUNG_ANSWER, DEPUTIES | TO(SHIFT_LEAD) },
};

const struct rung *ladder_rungs(enum sla_class sla, uint32_t *count)
{
    bool none = sla == SLA_CLASS_NONE || sla == SLA_CLASS_X;
    bool urgent = sla >= SLA_CLASS_E0 && sla <= SLA_CLASS_E3;
    *count = none ? 0 : urgent ? sizeof emergency / sizeof *emergency : sizeof work / sizeof *work;
    return urgent ? emergency : work;
}

uint32_t ladder_percent(const struct core *core, enum sla_class sla, enum rung_when when)
{
    static const struct {
        uint8_t yellow;
        uint8_t orange;
    } starters[SLA_CLASS_COUNT] = {
        [SLA_CLASS_E3] = { 70, 90 }, [SLA_CLASS_U] = { 50, 80 }, [SLA_CLASS_L] = { 50, 80 },
        [SLA_CLASS_G] = { 60, 80 },  [SLA_CLASS_C] = { 60, 80 }, [SLA_CLASS_Q] = { 0, 80 },
        [SLA_CLASS_S] = { 0, 80 },   [SLA_CLASS_R] = { 50, 80 }, [SLA_CLASS_V] = { 50, 80 },
    };
    const struct limit_row *row = &core->sla_limits[sla];
    if (row->has_reply) /* a row that could say so */
        return when == RUNG_YELLOW ? row->yellow_percent : row->orange_percent;
    return when == RUNG_YELLOW ? starters[sla].yellow : starters[sla].orange;
}

/* Working days of a parameter (8 h each) in the clock's own measure. */
static uint64_t behind(const struct core *core, const struct promise *promise, uint32_t parameter)
{
    uint64_t ms = core->parameters[parameter];
    return promise->measure == MEASURE_WORKING_HOUR
               ? ms
               : ms / WORKING_DAY_MS * DAY_MS + ms % WORKING_DAY_MS;
}

/* How much of the clock's length has passed when the rung is due; NEVER: it has no such rung. */
static uint64_t length_at(const struct core *core, const struct promise *promise,
                          const struct rung *rung)
{
    uint64_t percent = rung->value;
    switch (rung->when) {
    case RUNG_AFTER:
        return promise->length_ms + behind(core, promise, rung->value);
    case RUNG_YELLOW:
    case RUNG_ORANGE:
        percent = ladder_percent(core, (enum sla_class)promise->sla, rung->when);
        break;
    case RUNG_PARAMETER:
        percent = core->parameters[rung->value];
        break;
    case RUNG_PERCENT:
        break;
    case RUNG_ROUND:
    case RUNG_RETURNS:
    case RUNG_CALLERS:
    case RUNG_MISSED:
        REQUIRE(!"a rung that has a time");
    }
    return percent ? promise->length_ms * percent / 100 : NEVER;
}

/* Rungs that are due as soon as something is so; of the lead's task alone. */
static bool holds(const struct core *core, const struct task *task, const struct rung *rung)
{
    const struct incident *incident = task->incident;
    if (task->kind != TASK_KIND_LEAD)
        return false;
    switch (rung->when) {
    case RUNG_ROUND:
        return incident->round > 1;
    case RUNG_RETURNS:
        return incident->returns >= core->parameters[rung->value];
    case RUNG_CALLERS:
        return incident->callers >= core->parameters[rung->value];
    case RUNG_MISSED:
        return task->missed == rung->value;
    case RUNG_PERCENT:
    case RUNG_YELLOW:
    case RUNG_ORANGE:
    case RUNG_PARAMETER:
    case RUNG_AFTER:
        break;
    }
    return false;
}

static bool is_timed(const struct rung *rung)
{
    return rung->when <= RUNG_AFTER;
}

static const struct promise *running(const struct promise *promise)
{
    return promise->measure && promise_runs(promise) ? promise : NULL;
}

/* When a rung of this clock is due; NEVER: it is not. Of the reply clock *found_ms is the length at
 * which an earlier rung of the table is due: what is not shorter is not earlier, and only the last
 * rung of all, a parameter, may be shorter. */
static uint64_t rung_at(const struct core *core, const struct task *task,
                        const struct promise *promise, const struct rung *rung, uint64_t *found_ms)
{
    static const struct pauses none;
    bool on_reply = rung->clock == CLOCK_KIND_REPLY;
    if (!is_timed(rung))
        return holds(core, task, rung) ? core->at_ms : NEVER;
    if (on_reply && *found_ms != NEVER && rung->level != LADDER_LEVEL_VERY_LATE)
        return NEVER;
    uint64_t length_ms = length_at(core, promise, rung);
    if (length_ms == NEVER || (on_reply && length_ms >= *found_ms))
        return NEVER;
    if (on_reply)
        *found_ms = length_ms;
    return promise_at(core, promise, on_reply ? &task->pauses : &none, length_ms);
}

const struct rung *ladder_next(const struct core *core, const struct task *task, uint64_t *due_ms)
{
    uint32_t count;
    uint64_t found_ms = NEVER;
    const struct rung *rungs = ladder_rungs((enum sla_class)task->reply.sla, &count), *next = NULL;
    *due_ms = NEVER;
    if (!task_is_open(task->state) || !task_owes_reply(task))
        return NULL;
    const struct promise *reply = running(&task->reply);
    const struct promise *step = task_awaits_step(task) ? running(&task->step) : NULL;
    for (const struct rung *rung = rungs; rung < rungs + count; rung++) {
        const struct promise *promise = rung->clock == CLOCK_KIND_REPLY   ? reply
                                        : rung->clock == task->step_clock ? step
                                                                          : NULL;
        if (!promise || promise->climbed & 1U << rung->level)
            continue;
        uint64_t at_ms = rung_at(core, task, promise, rung, &found_ms);
        if (at_ms < *due_ms) {
            *due_ms = at_ms;
            next = rung;
        }
    }
    return next;
}

/* What asks for more stays: its deadline counts. */
static bool stands_higher(const struct task *task, enum ladder_level level)
{
    return task->demand_due_ms && task->demanded > level;
}

static uint64_t demand_due(const struct decision *decision, const struct task *task,
                           const struct rung *rung)
{
    const struct core *core = decision->core;
    if (stands_higher(task, rung->level))
        return 0;
    struct limit_row row = core->sla_limits[SLA_CLASS_V];
    struct span span = row.has_reply ? row.reply : calendar_span(row.reply_ms, row.working_time);
    switch (rung->until) {
    case RUNG_NEVER:
        return 0;
    case RUNG_DUE:
        return task->reply.due_ms;
    case RUNG_ANSWER:
        return clock_due(core, task->incident, task->incident->round, CLOCK_KIND_DEMAND,
                         decision->at_ms);
    case RUNG_CLASS_V:
        return calendar_after(core, span.measure, decision->at_ms, span.ms);
    }
    return 0;
}

void ladder_climb(struct decision *decision, const struct task *task, const struct rung *rung,
                  uint64_t due_ms)
{
    struct event *event = incident_event(decision, EVENT_LADDER_CLIMBED, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->ladder_climbed.level = rung->level;
    event->ladder_climbed.clock = rung->clock;
    event->ladder_climbed.subject = task->id;
    event->ladder_climbed.at_due_ms = due_ms;
    event->ladder_climbed.due_ms = demand_due(decision, task, rung);
    event->ladder_climbed.cause = rung->cause;
    event->ladder_climbed.demand = rung->demand;
    event->ladder_climbed.told = rung->told;
    if (rung->level >= LADDER_LEVEL_SUPERVISE_1 && rung->level <= LADDER_LEVEL_SUPERVISE_3) {
        uint32_t level = rung->level - LADDER_LEVEL_SUPERVISE_1 + 1;
        if (level > task->incident->supervise)
            overlay_supervise(decision, task->incident, level);
    }
}

/* The rung of this level on the reply's clock; NULL: the class has none. */
static const struct rung *rung_of(const struct task *task, enum ladder_level level)
{
    uint32_t count;
    const struct rung *rungs = ladder_rungs((enum sla_class)task->reply.sla, &count);
    for (const struct rung *rung = rungs; rung < rungs + count; rung++)
        if (rung->level == level && rung->clock == CLOCK_KIND_REPLY)
            return rung;
    return NULL;
}

bool ladder_order(struct decision *decision, const struct task *task, enum ladder_level level)
{
    const struct rung *rung = rung_of(task, level);
    if (!rung || !task->reply.measure || task->reply.climbed & 1U << level)
        return false;
    struct rung ordered = *rung;
    ordered.cause = LADDER_CAUSE_PERSON;
    ladder_climb(decision, task, &ordered, decision->at_ms);
    return true;
}

uint64_t ladder_urge_due(const struct decision *decision, const struct task *task)
{
    const struct rung *rung = rung_of(task, LADDER_LEVEL_URGE_1);
    return rung ? demand_due(decision, task, rung) : 0;
}

enum ladder_level ladder_highest(uint32_t climbed)
{
    for (enum ladder_level level = LADDER_LEVEL_SUPERVISE_3; level > LADDER_LEVEL_NONE; level--)
        if (climbed & 1U << level)
            return level;
    return LADDER_LEVEL_NONE;
}

void apply_ladder_climbed(struct core *core, const struct event *event)
{
    const struct ladder_climbed *climbed = &event->ladder_climbed;
    struct task *task = core_task(core, event->task);
    REQUIRE(task && (unsigned)climbed->level < LADDER_LEVEL_COUNT);
    struct promise *promise = task_promise(task, climbed->clock);
    REQUIRE(!(promise->climbed & 1U << climbed->level));
    promise->climbed = (promise->climbed | 1U << climbed->level) & 0x1fffU;
    if (climbed->due_ms) {
        task->demand_due_ms = climbed->due_ms;
        task->demanded = (uint8_t)climbed->level;
    }
    task_refile(core, task);
}

struct event *ladder_answered(struct decision *decision, const struct task *task)
{
    struct event *event = incident_event(decision, EVENT_DEMAND_ANSWERED, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->demand_answered.level = task->demanded;
    return event;
}

enum refusal decide_demand_answer(struct decision *decision)
{
    const struct task *task;
    enum refusal refusal =
        task_find_own(decision, decision->command->demand_answer.task, TASK_STEP_NONE, &task);
    if (refusal)
        return refusal;
    if (decision->command->demand_answer.reason)
        return lateness_explain(decision, task);
    if (!task->demanded)
        return task->late ? REFUSAL_LATE_REASON_MISSING : REFUSAL_ALREADY; /* nothing is asked */
    ladder_answered(decision, task);
    return REFUSAL_NONE;
}

void apply_demand_answered(struct core *core, const struct event *event)
{
    struct task *task = core_task(core, event->task);
    REQUIRE(task);
    lateness_explained(task, &event->demand_answered);
    if (event->demand_answered.level) {
        REQUIRE(task->demanded == event->demand_answered.level);
        task->demand_due_ms = 0;
        task->demanded = LADDER_LEVEL_NONE;
    }
    task_refile(core, task);
}
