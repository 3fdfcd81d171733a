/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's own calendar and its books on clocks: a start, a length in a measure and the pauses so
 * far, from which anybody can reckon when a clock is due. And who has the ball: every millisecond of
 * an incident is booked to one owner. It walks day by day, where the core looks up a table. (I31) */
#include <string.h>

#include "tests/sim/ledger.h"

#define MINUTES_MS 60000ULL
#define DAY_MS     86400000ULL

enum {
    DAYS_WALKED_MAX = 4000,
    USUAL_BEGIN_MIN = 9 * 60,
    USUAL_END_MIN = 17 * 60
};

/* ---- the calendar ---------------------------------------------------------------------------- */

static bool is_leap(uint64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* yyyymmdd of a day counted from 1970-01-01. */
static uint32_t date_of(uint64_t day)
{
    uint64_t year = 1970;
    for (;; year++) {
        uint64_t length = is_leap(year) ? 366 : 365;
        if (day < length)
            break;
        day -= length;
    }
    static const uint32_t lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    uint32_t month = 0;
    for (;; month++) {
        uint64_t length = lengths[month] + (month == 1 && is_leap(year) ? 1U : 0U);
        if (day < length)
            break;
        day -= length;
    }
    return (uint32_t)(year * 10000 + (month + 1ULL) * 100 + day + 1);
}

static bool works(const struct auditor *auditor, uint64_t day)
{
    uint32_t date = auditor->day_count ? date_of(day) : 0;
    for (uint32_t i = 0; i < auditor->day_count; i++)
        if (auditor->days[i].day == date)
            return auditor->days[i].working;
    return (day + 3) % 7 < 5; /* 1970-01-01 was a Thursday */
}

static uint64_t offset_ms(const struct auditor *auditor)
{
    return auditor->parameters[PARAMETER_UTC_OFFSET_MIN] * MINUTES_MS;
}

/* What of a day counts, from its midnight. */
static void hours_of(const struct auditor *auditor, enum measure measure, uint64_t *begin_ms,
                     uint64_t *end_ms)
{
    const struct calendar_loaded *calendar = &auditor->calendar;
    bool days = measure == MEASURE_WORKING_DAY;
    uint32_t begin = calendar->version ? calendar->begin_min : USUAL_BEGIN_MIN;
    uint32_t end = calendar->version ? calendar->end_min : USUAL_END_MIN;
    *begin_ms = days ? 0 : begin * MINUTES_MS;
    *end_ms = days ? DAY_MS : end * MINUTES_MS;
}

static uint64_t after(const struct auditor *auditor, enum measure measure, uint64_t start_ms,
                      uint64_t length_ms)
{
    uint64_t begin_ms, end_ms;
    uint64_t local_ms = start_ms + offset_ms(auditor);
    if (measure == MEASURE_WALL || length_ms == 0)
        return start_ms + length_ms;
    hours_of(auditor, measure, &begin_ms, &end_ms);
    uint64_t day = local_ms / DAY_MS;
    uint64_t from_ms = local_ms % DAY_MS;
    if (measure == MEASURE_WORKING_DAY) { /* the day it began does not count */
        day++;
        from_ms = 0;
    }
    for (uint32_t i = 0; i < DAYS_WALKED_MAX; i++, day++, from_ms = 0) {
        if (from_ms < begin_ms)
            from_ms = begin_ms;
        if (from_ms >= end_ms || !works(auditor, day))
            continue;
        if (length_ms <= end_ms - from_ms) {
            uint64_t within_ms = from_ms + length_ms;
            uint64_t last_ms = auditor->calendar.due_min * MINUTES_MS;
            bool cut =
                measure == MEASURE_WORKING_DAY && auditor->calendar.version && within_ms > last_ms;
            return day * DAY_MS + (cut ? last_ms : within_ms) - offset_ms(auditor);
        }
        length_ms -= end_ms - from_ms;
    }
    return UINT64_MAX;
}

/* How much of from … until counts for a length that began at start. */
static uint64_t between(const struct auditor *auditor, enum measure measure, uint64_t start_ms,
                        uint64_t from_ms, uint64_t until_ms)
{
    uint64_t begin_ms, end_ms, sum_ms = 0;
    if (measure == MEASURE_WALL)
        return until_ms - from_ms;
    hours_of(auditor, measure, &begin_ms, &end_ms);
    uint64_t from = from_ms + offset_ms(auditor), until = until_ms + offset_ms(auditor);
    uint64_t began = (start_ms + offset_ms(auditor)) / DAY_MS;
    for (uint64_t day = from / DAY_MS; day <= until / DAY_MS; day++) {
        if (!works(auditor, day) || (measure == MEASURE_WORKING_DAY && day == began))
            continue;
        uint64_t a = day * DAY_MS + begin_ms, b = day * DAY_MS + end_ms;
        a = a > from ? a : from;
        b = b < until ? b : until;
        sum_ms += b > a ? b - a : 0;
    }
    return sum_ms;
}

static void see_day(struct auditor *auditor, const struct event *event)
{
    uint32_t place = 0;
    while (place < auditor->day_count && auditor->days[place].day != event->day_defined.row.day)
        place++;
    PROMISE("I18", place < SEEN_DAYS_MAX, "room for days");
    auditor->days[place] = event->day_defined.row;
    auditor->day_count += place == auditor->day_count;
}

static void see_calendar(struct auditor *auditor, const struct event *event)
{
    const struct calendar_loaded *loaded = &event->calendar_loaded;
    PROMISE("I31", loaded->version == auditor->calendar.version + 1, "a calendar is left out");
    PROMISE("I31", loaded->begin_min < loaded->end_min, "no hours of work");
    auditor->calendar = *loaded;
}

/* ---- clocks ---------------------------------------------------------------------------------- */

static uint64_t due_of(const struct auditor *auditor, const struct seen_clock *clock)
{
    return after(auditor, clock->length.measure, clock->start_ms,
                 clock->length.ms + clock->paused_ms[clock->length.measure]);
}

struct seen_clock auditor_clock(const struct auditor *auditor, uint64_t start_ms,
                                const struct span *length, uint64_t due_ms)
{
    struct seen_clock clock = { .start_ms = start_ms, .length = *length };
    PROMISE("I31", !length->measure || due_ms == due_of(auditor, &clock),
            "a clock is due at another time than its length says");
    return clock;
}

static bool same_pauses(const struct seen_clock *a, const struct seen_clock *b)
{
    return memcmp(a->paused_ms, b->paused_ms, sizeof a->paused_ms) == 0;
}

/* No cause takes from what was granted, and none gives time away. */
static void check_moved(const struct auditor *auditor, const struct seen_clock *was,
                        const struct seen_clock *is, const struct clock_moved *moved)
{
    uint64_t now_ms = auditor->at_ms;
    bool same_length = was->length.ms == is->length.ms && was->length.measure == is->length.measure;
    PROMISE("I31", was->start_ms == is->start_ms, "a clock that moves begins anew");
    switch ((uint32_t)moved->cause) {
    case CLOCK_CAUSE_RESUME:
        for (enum measure measure = MEASURE_WALL; measure < MEASURE_COUNT; measure++)
            PROMISE("I31",
                    is->paused_ms[measure] ==
                        was->paused_ms[measure] +
                            between(auditor, measure, was->start_ms, was->pause_since_ms, now_ms),
                    "a pause costs time, or gives it away");
        PROMISE("I31", was->pause_since_ms && same_length, "what does not rest goes on");
        break;
    case CLOCK_CAUSE_PAUSE:
        PROMISE("I31", !was->pause_since_ms && !moved->due_ms && same_length,
                "a pause changes a length");
        PROMISE("I31", same_pauses(was, is), "a pause counts before it is over");
        break;
    case CLOCK_CAUSE_EXTENSION:
        PROMISE("I31", is->length.ms >= was->length.ms && same_pauses(was, is),
                "an extension takes time away");
        break;
    case CLOCK_CAUSE_CLASS:
        PROMISE("I31", same_pauses(was, is), "another class forgets the pauses");
        break;
    case CLOCK_CAUSE_CALENDAR:
        PROMISE("I31", same_length && same_pauses(was, is) && moved->due_ms >= moved->from_ms,
                "a calendar takes time away");
        break;
    default:
        auditor_broken("I31", "a clock moves for no cause");
    }
}

/* Takes the clock as it is told now; returns when it is due, UINT64_MAX while it rests. */
static uint64_t move(const struct auditor *auditor, struct seen_clock *clock, uint64_t due_ms,
                     const struct clock_moved *moved, bool judged)
{
    struct seen_clock is = { .start_ms = moved->start_ms,
                             .length = moved->length,
                             .paused_ms = { [MEASURE_WALL] = moved->paused_ms,
                                            [MEASURE_WORKING_HOUR] = moved->paused_hours_ms,
                                            [MEASURE_WORKING_DAY] = moved->paused_days_ms } };
    bool known = judged && clock->length.measure && is.length.measure;
    if (known) {
        check_moved(auditor, clock, &is, moved);
        PROMISE("I31", moved->from_ms == (due_ms == UINT64_MAX ? 0 : due_ms),
                "a clock moves from where it was not");
    }
    uint64_t reckoned_ms = is.length.measure ? due_of(auditor, &is) : 0;
    if (moved->cause == CLOCK_CAUSE_CALENDAR && reckoned_ms < moved->from_ms)
        reckoned_ms = moved->from_ms;
    PROMISE("I31", !known || !moved->due_ms || moved->due_ms == reckoned_ms,
            "a clock is moved to another time than its length and pauses say");
    is.pause_since_ms = moved->due_ms           ? 0
                        : clock->pause_since_ms ? clock->pause_since_ms
                                                : auditor->at_ms;
    *clock = is;
    return moved->due_ms ? moved->due_ms : UINT64_MAX;
}

static void see_moved(struct auditor *auditor, const struct event *event)
{
    const struct clock_moved *moved = &event->clock_moved;
    if (!event->task) {
        struct seen_incident *incident = ledger_incident(auditor, event->incident);
        PROMISE("I31", incident, "nothing's clock moves");
        incident->clock_due_ms = move(auditor, &incident->promise, incident->clock_due_ms, moved,
                                      !incident->stranger && incident->clock == moved->clock);
        return;
    }
    struct seen_task *task = ledger_task(auditor, event->task);
    PROMISE("I31", task, "no task's clock moves");
    struct seen_clock other = { 0 };
    if (moved->clock == CLOCK_KIND_REPLY)
        task->reply_due_ms =
            move(auditor, &task->reply, task->reply_due_ms, moved, !task->stranger);
    else if (moved->clock == CLOCK_KIND_SIGN)
        task->sign_due_ms = move(auditor, &task->sign, task->sign_due_ms, moved, !task->stranger);
    else if (moved->clock == CLOCK_KIND_RULE_RETURN)
        task->rule_due_ms = move(auditor, &other, task->rule_due_ms, moved, false);
}

static void see_answered(struct auditor *auditor, const struct event *event)
{
    const struct demand_answered *answered = &event->demand_answered;
    struct seen_task *task = ledger_task(auditor, event->task);
    PROMISE("I31", task, "an answer about no task");
    PROMISE("I31", answered->level || answered->reason, "an answer to nothing");
    PROMISE("I31", answered->level || task->stranger || task->late, "it was not late");
    if (answered->reason)
        task->late = false;
}

bool auditor_see_clock(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_DAY_DEFINED:
        see_day(auditor, event);
        return true;
    case EVENT_CALENDAR_LOADED:
        see_calendar(auditor, event);
        return true;
    case EVENT_CLOCK_MOVED:
        see_moved(auditor, event);
        return true;
    case EVENT_DEMAND_ANSWERED:
        see_answered(auditor, event);
        return true;
    default:
        return false;
    }
}

/* ---- who has the ball -------------------------------------------------------------------------- */

/* By the state of the work; while the lead asks to send back, the centre must decide. */
static enum owner owner_now(const struct auditor *auditor, const struct seen_incident *incident)
{
    switch ((uint32_t)incident->state) {
    case INCIDENT_STATE_PENDING_INFO:
    case INCIDENT_STATE_TOLD:
        return OWNER_CITIZEN;
    case INCIDENT_STATE_DISPUTE:
        return OWNER_DISPUTE;
    case INCIDENT_STATE_SUSPENDED:
        return OWNER_SUSPENDED;
    case INCIDENT_STATE_TRANSFERRED:
        return OWNER_OTHER_LINE;
    case INCIDENT_STATE_DISPATCHED:
    case INCIDENT_STATE_HANDLING:
    case INCIDENT_STATE_ON_SCENE:
    case INCIDENT_STATE_CONTROLLED:
        for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task)
            if (auditor->tasks[at - 1].kind == TASK_KIND_LEAD &&
                auditor->tasks[at - 1].state == TASK_STATE_RETURN_ASKED)
                return OWNER_CENTRE;
        return OWNER_DEPARTMENT;
    case INCIDENT_STATE_MERGED:
        return OWNER_NONE; /* its parent's */
    default:
        return auditor_incident_is_closed(incident->state) ? OWNER_NONE : OWNER_CENTRE;
    }
}

void auditor_pass_ball(struct auditor *auditor, struct seen_incident *incident)
{
    enum owner owner = owner_now(auditor, incident);
    if (owner == incident->owner)
        return;
    if (incident->owner != OWNER_COUNT && auditor->at_ms > incident->since_ms)
        incident->booked_ms[incident->owner] += auditor->at_ms - incident->since_ms;
    if (incident->owner != OWNER_COUNT && auditor->at_ms > incident->since_ms)
        incident->since_ms = auditor->at_ms;
    incident->owner = owner;
}

uint64_t auditor_booked_ms(const struct seen_incident *incident, enum owner owner, uint64_t at_ms)
{
    bool runs = incident->owner == owner && at_ms > incident->since_ms;
    return incident->booked_ms[owner] + (runs ? at_ms - incident->since_ms : 0);
}
