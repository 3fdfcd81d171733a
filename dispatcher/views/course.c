/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/course.h"

#include <string.h>

#include "proto/owner.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void course_begin(struct course *course, struct incident_detail *detail)
{
    *course = (struct course){ .detail = detail };
}

/* ---- who has the ball ------------------------------------------------------------------------ */

/* The owner's sum; NULL when there are more owners than it holds. */
static struct owned_time *owned_by(struct incident_detail *detail, enum owner owner,
                                   uint32_t department)
{
    for (uint32_t i = 0; i < detail->owned_count; i++)
        if (detail->owned[i].owner == owner && detail->owned[i].department == department)
            return &detail->owned[i];
    if (detail->owned_count == COUNT(detail->owned))
        return NULL;
    struct owned_time *row = &detail->owned[detail->owned_count++];
    *row = (struct owned_time){ .owner = owner, .department = department };
    return row;
}

static void book(struct course *course, uint64_t until_ms)
{
    const struct owned_segment *now = &course->now;
    uint64_t ms = until_ms > now->from_ms ? until_ms - now->from_ms : 0;
    struct owned_time *row = owned_by(course->detail, now->owner, now->department);
    if (row)
        row->ms += ms;
    if (now->owner == OWNER_DEPARTMENT)
        course->lead_owned_ms += ms;
}

/* Who gets it back at once never lost it. */
static void keep(struct incident_detail *detail, const struct owned_segment *segment)
{
    struct owned_segment *last =
        detail->segments_count ? &detail->segments[detail->segments_count - 1] : NULL;
    if (last && last->owner == segment->owner && last->department == segment->department &&
        last->round == segment->round && last->until_ms == segment->from_ms)
        last->until_ms = segment->until_ms;
    else if (detail->segments_count < COUNT(detail->segments))
        detail->segments[detail->segments_count++] = *segment;
}

static void close_segment(struct course *course, uint64_t until_ms)
{
    if (course->now.owner == OWNER_NONE || until_ms <= course->now.from_ms)
        return;
    book(course, until_ms);
    course->now.until_ms = until_ms;
    keep(course->detail, &course->now);
}

static void pass(struct course *course, uint64_t at_ms)
{
    enum owner owner =
        owner_of(course->state, course->return_asked ? OVERLAY_RETURN_ASKED : OVERLAY_NONE);
    uint32_t department = owner == OWNER_DEPARTMENT ? course->lead : 0;
    if (owner == course->now.owner && department == course->now.department)
        return;
    close_segment(course, at_ms);
    course->now = (struct owned_segment){
        .owner = owner, .department = department, .from_ms = at_ms, .round = course->round
    };
}

static void begin(struct course *course, uint64_t started_ms, enum incident_state state)
{
    if (course->now.owner != OWNER_NONE)
        return; /* a draft that is complete now */
    course->state = state;
    course->round = 1;
    course->now = (struct owned_segment){ .owner = owner_of(state, OVERLAY_NONE),
                                          .from_ms = started_ms,
                                          .round = 1 };
}

/* What its department had of the task was air: the order flew there and back. */
static void lead_returned(struct course *course)
{
    struct owned_time *row = owned_by(course->detail, OWNER_DEPARTMENT, course->lead);
    if (row)
        row->air_ms += course->lead_owned_ms;
}

static void take_owner(struct course *course, const struct event *event)
{
    switch (event->kind) {
    case EVENT_INCIDENT_DRAFTED:
        begin(course, event->incident_drafted.started_ms, INCIDENT_STATE_DRAFT);
        return;
    case EVENT_INCIDENT_REGISTERED:
        begin(course, event->incident_registered.started_ms, INCIDENT_STATE_REGISTERED);
        return;
    case EVENT_INCIDENT_MOVED:
        course->state = event->incident_moved.to;
        course->round = event->incident_moved.round;
        break;
    case EVENT_TASK_OPENED:
        if (event->task_opened.kind != TASK_KIND_LEAD)
            return;
        course->lead_task = event->task;
        course->lead = event->department;
        course->lead_owned_ms = 0;
        course->return_asked = false;
        break;
    case EVENT_TASK_MOVED:
        if (event->task != course->lead_task)
            return;
        course->return_asked = event->task_moved.to == TASK_STATE_RETURN_ASKED;
        pass(course, event->at_ms);
        if (event->task_moved.step == TASK_STEP_RETURN_ACCEPT)
            lead_returned(course);
        return;
    default: /* all that pass no ball */
        return;
    }
    pass(course, event->at_ms);
}

/* ---- which clocks run ------------------------------------------------------------------------ */

static bool is_step(enum clock_kind clock)
{
    return clock == CLOCK_KIND_SIGN || clock == CLOCK_KIND_CONTACT || clock == CLOCK_KIND_ARRIVE ||
           clock == CLOCK_KIND_FEEDBACK;
}

static void remove_clock(struct incident_detail *detail, uint32_t i)
{
    memmove(&detail->clocks[i], &detail->clocks[i + 1],
            (detail->clocks_count - i - 1) * sizeof detail->clocks[0]);
    detail->clocks_count--;
}

/* Of the task (0: the incident's own): this kind, or NONE for all. */
static void remove_clocks(struct incident_detail *detail, uint64_t task, enum clock_kind clock)
{
    for (uint32_t i = detail->clocks_count; i > 0; i--)
        if (detail->clocks[i - 1].task == task &&
            (!clock || detail->clocks[i - 1].clock == clock ||
             (is_step(clock) && is_step(detail->clocks[i - 1].clock))))
            remove_clock(detail, i - 1);
}

static struct running_clock *find_clock(struct incident_detail *detail, uint64_t task,
                                        enum clock_kind clock)
{
    for (uint32_t i = 0; i < detail->clocks_count; i++)
        if (detail->clocks[i].task == task && detail->clocks[i].clock == clock)
            return &detail->clocks[i];
    return NULL;
}

static void add_clock(struct incident_detail *detail, struct running_clock clock)
{
    remove_clocks(detail, clock.task, clock.task ? clock.clock : CLOCK_KIND_NONE);
    if (detail->clocks_count < COUNT(detail->clocks))
        detail->clocks[detail->clocks_count++] = clock;
}

static struct running_clock clock_row(const struct event *event, enum clock_kind clock,
                                      uint64_t due_ms, bool has, const struct span *length)
{
    struct running_clock row = { .clock = clock,
                                 .task = event->task,
                                 .department = event->department,
                                 .start_ms = event->at_ms,
                                 .due_ms = due_ms,
                                 .has_length = has };
    if (has)
        row.length = *length;
    return row;
}

static void task_opened(struct incident_detail *detail, const struct event *event)
{
    const struct task_opened *opened = &event->task_opened;
    struct running_clock sign =
        clock_row(event, CLOCK_KIND_SIGN, opened->sign_due_ms, opened->has_sign, &opened->sign);
    struct running_clock reply =
        clock_row(event, CLOCK_KIND_REPLY, opened->reply_due_ms, opened->has_reply, &opened->reply);
    sign.sla = reply.sla = opened->sla;
    sign.calendar = reply.calendar = opened->calendar;
    sign.provisional = opened->sign_provisional;
    reply.provisional = opened->provisional;
    if (sign.due_ms)
        add_clock(detail, sign);
    if (reply.due_ms)
        add_clock(detail, reply);
}

static void replied(struct course *course, uint64_t task)
{
    if (course->replied_count < COUNT(course->replied))
        course->replied[course->replied_count++] = task;
}

static void not_replied(struct course *course, uint64_t task)
{
    for (uint32_t i = course->replied_count; i > 0; i--)
        if (course->replied[i - 1] == task)
            course->replied[i - 1] = course->replied[--course->replied_count];
}

static void task_moved(struct course *course, const struct event *event)
{
    struct incident_detail *detail = course->detail;
    switch (event->task_moved.step) {
    case TASK_STEP_RETURN_ACCEPT:
    case TASK_STEP_RECALL:
    case TASK_STEP_NOTE:
        remove_clocks(detail, event->task, CLOCK_KIND_NONE);
        return;
    case TASK_STEP_REPLY:
        replied(course, event->task);
        return;
    case TASK_STEP_REJECT_REPLY:
        not_replied(course, event->task);
        return;
    case TASK_STEP_SIGN:
    case TASK_STEP_CONTACT:
    case TASK_STEP_ARRIVE: /* the next acknowledgement's clock follows as an event */
        remove_clocks(detail, event->task, CLOCK_KIND_SIGN);
        return;
    case TASK_STEP_RETURN_REFUSE:
        remove_clocks(detail, event->task, CLOCK_KIND_RULE_RETURN);
        remove_clocks(detail, event->task, CLOCK_KIND_SIGN);
        return;
    case TASK_STEP_NONE:
    case TASK_STEP_SEND:
    case TASK_STEP_ROLL:
    case TASK_STEP_SEND_BACK:
    case TASK_STEP_COUNT:
        return;
    }
}

static void clock_started(struct incident_detail *detail, const struct event *event)
{
    const struct clock_started *started = &event->clock_started;
    struct running_clock row =
        clock_row(event, started->clock, started->due_ms, started->has_length, &started->length);
    if (started->start_ms)
        row.start_ms = started->start_ms;
    row.sla = started->sla;
    row.calendar = started->calendar;
    row.provisional = started->provisional;
    add_clock(detail, row);
}

static void clock_moved(struct incident_detail *detail, const struct event *event)
{
    const struct clock_moved *moved = &event->clock_moved;
    struct running_clock *row = find_clock(detail, event->task, moved->clock);
    if (!row)
        return;
    row->start_ms = moved->start_ms;
    row->has_length = true;
    row->length = moved->length;
    row->due_ms = moved->due_ms;
    row->sla = moved->sla;
    row->calendar = moved->calendar;
    row->provisional = moved->provisional;
    row->paused_ms = moved->length.measure == MEASURE_WORKING_DAY    ? moved->paused_days_ms
                     : moved->length.measure == MEASURE_WORKING_HOUR ? moved->paused_hours_ms
                                                                     : moved->paused_ms;
}

static void take_clock(struct course *course, const struct event *event)
{
    struct incident_detail *detail = course->detail;
    struct running_clock *row = NULL;
    switch (event->kind) {
    case EVENT_INCIDENT_MOVED:
        remove_clocks(detail, 0, CLOCK_KIND_NONE);
        return;
    case EVENT_TASK_OPENED:
        task_opened(detail, event);
        return;
    case EVENT_TASK_MOVED:
        task_moved(course, event);
        return;
    case EVENT_CLOCK_STARTED:
        clock_started(detail, event);
        return;
    case EVENT_INCIDENT_NOTED: /* the first word from the spot */
        if (event->task && find_clock(detail, event->task, CLOCK_KIND_FEEDBACK))
            remove_clocks(detail, event->task, CLOCK_KIND_FEEDBACK);
        return;
    case EVENT_REVISIT_OPENED:
        add_clock(detail,
                  clock_row(event, CLOCK_KIND_REVISIT, event->revisit_opened.due_ms, false, NULL));
        return;
    case EVENT_CLOCK_MOVED:
        clock_moved(detail, event);
        return;
    case EVENT_CLOCK_OVERDUE:
        row = find_clock(detail, event->task, event->clock_overdue.clock);
        if (row)
            row->overdue = true;
        return;
    case EVENT_LADDER_CLIMBED:
        row = find_clock(detail, event->task, event->ladder_climbed.clock);
        if (row && event->ladder_climbed.level > row->level)
            row->level = event->ladder_climbed.level;
        return;
    default: /* all that touch no clock */
        return;
    }
}

void course_take(struct course *course, const struct event *event)
{
    take_owner(course, event);
    take_clock(course, event);
}

void course_end(struct course *course, uint64_t at_ms)
{
    struct incident_detail *detail = course->detail;
    for (uint32_t i = 0; i < course->replied_count; i++)
        remove_clocks(detail, course->replied[i], CLOCK_KIND_NONE);
    if (course->now.owner == OWNER_NONE)
        return;
    book(course, at_ms);
    keep(detail, &course->now);
}
