/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of clocks: the ladder, calendars that come late, pauses, and who had the ball. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/ball.h"
#include "dispatcher/views/course.h"
#include "tests/story/world.h"

#define OF_WATER 20100 /* class G: five working days, sign within four working hours */

/* An order without a contact: of a citizen at the desk. */
static uint64_t desk_order(struct world *w)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.line = 12345;
    command.incident_register.category = OF_WATER;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return w->verdict.incident;
}

/* The lead's task of a new order of Li's, dispatched to the water works at once. */
static uint64_t new_order(struct world *w, uint64_t *incident)
{
    *incident = register_incident(w, 1001, talk(w, 12345, LI), OF_WATER);
    assert_int_equal(dispatch(w, *incident, 2, 0), REFUSAL_NONE);
    return task_at(w, *incident, 2);
}

static const struct event *climbed(const struct world *w, uint64_t task, enum ladder_level level,
                                   enum clock_kind clock)
{
    const struct event *found = NULL;
    for (uint32_t i = 0; i < w->history_count; i++) {
        const struct event *event = &w->history[i];
        if (event->kind != EVENT_LADDER_CLIMBED || event->task != task ||
            event->ladder_climbed.level != level || event->ladder_climbed.clock != clock)
            continue;
        assert_null(found); /* once per clock */
        found = event;
    }
    return found;
}

/* The dispatcher dies, and another one takes up the journal. */
static void die_and_come_back(struct world *w)
{
    void *memory = calloc(1, core_size(&w->limits));
    struct core *core = core_init(memory, core_size(&w->limits), &w->limits);
    core_count_from(core, w->base, w->base + 1);
    for (uint32_t i = 0; i < w->history_count; i++)
        core_apply(core, &w->history[i]);
    free(w->memory);
    w->memory = memory;
    w->core = core;
}

static void list_day(struct world *w, uint32_t date, bool working)
{
    struct command command = from_system(COMMAND_DAY_DEFINE);
    command.day_define.has_row = true;
    command.day_define.row = (struct day_row){ .day = date, .working = working };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void load_city(struct world *w, uint8_t number)
{
    struct command command = from_system(COMMAND_CITY_LOAD);
    command.city_load.digest[0] = number;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void ask_citizen(struct world *w, uint64_t incident)
{
    struct command command = from_user(2002, COMMAND_INCIDENT_ASK_INFO);
    command.incident_ask_info.incident = incident;
    command.incident_ask_info.missing = 1U << FACT_PLACE;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void citizen_answers(struct world *w, uint64_t incident)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_GIVE_INFO);
    command.incident_give_info.incident = incident;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

/* ---- the ladder ----------------------------------------------------------------------------- */

/* Days and hours from Monday 2026-03-02, 09:00; due on Monday 03-09, 24:00. */
static const struct {
    enum ladder_level level;
    enum clock_kind clock;
    uint64_t days;
    uint64_t hours;
} weeks[] = {
    { LADDER_LEVEL_URGE_1, CLOCK_KIND_SIGN, 0, 4 },         /* unsigned: 13:00 */
    { LADDER_LEVEL_YELLOW, CLOCK_KIND_REPLY, 3, 15 },       /* 60 %: Thursday night */
    { LADDER_LEVEL_ORANGE, CLOCK_KIND_REPLY, 4, 15 },       /* 80 %: Friday night */
    { LADDER_LEVEL_URGE_1, CLOCK_KIND_REPLY, 7, 3 },        /* 90 %: Monday noon */
    { LADDER_LEVEL_RED, CLOCK_KIND_REPLY, 7, 15 },          /* Monday night */
    { LADDER_LEVEL_URGE_2, CLOCK_KIND_REPLY, 8, 15 },       /* a working day later */
    { LADDER_LEVEL_SUPERVISE_1, CLOCK_KIND_REPLY, 9, 15 },  /* two */
    { LADDER_LEVEL_SUPERVISE_2, CLOCK_KIND_REPLY, 14, 15 }, /* five */
    { LADDER_LEVEL_SUPERVISE_3, CLOCK_KIND_REPLY, 21, 15 }, /* ten */
    { LADDER_LEVEL_VERY_LATE, CLOCK_KIND_REPLY, 21, 15 },   /* three times the limit */
};

static void check_weeks(const struct world *w, uint64_t task)
{
    for (size_t i = 0; i < sizeof weeks / sizeof weeks[0]; i++) {
        const struct event *event = climbed(w, task, weeks[i].level, weeks[i].clock);
        assert_non_null(event);
        assert_int_equal(event->at_ms - w->start_ms, weeks[i].days * DAY + weeks[i].hours * HOUR);
        assert_int_equal(event->ladder_climbed.at_due_ms, event->at_ms);
    }
}

static void a_forgotten_order_climbs_the_whole_ladder_once(void **state)
{
    struct world *w = *state;
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident);
    world_wait(w, 90 * DAY);
    check_weeks(w, task);
    assert_int_equal(core_incident(w->core, incident)->supervise, 3);
}

static void a_city_warns_when_it_says(void **state)
{
    struct world *w = *state;
    struct command limit = from_system(COMMAND_LIMIT_DEFINE);
    limit.limit_define.has_row = limit.limit_define.row.has_reply = true;
    limit.limit_define.row.sla = SLA_CLASS_G;
    limit.limit_define.row.reply = (struct span){ 10 * DAY, MEASURE_WALL };
    limit.limit_define.row.yellow_percent = 10;
    limit.limit_define.row.orange_percent = 30;
    assert_int_equal(world_send(w, limit), REFUSAL_NONE);
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident), begun_ms = w->now_ms;
    world_wait(w, 9 * DAY);
    world_skip(w);
    assert_int_equal(climbed(w, task, LADDER_LEVEL_YELLOW, CLOCK_KIND_REPLY)->at_ms - begun_ms,
                     DAY);
    assert_int_equal(climbed(w, task, LADDER_LEVEL_ORANGE, CLOCK_KIND_REPLY)->at_ms - begun_ms,
                     3 * DAY);
}

static void the_ladder_goes_on_after_a_death(void **state)
{
    struct world *w = *state;
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident);
    for (uint32_t days = 0; days < 40; days++) {
        die_and_come_back(w);
        world_wait(w, DAY);
    }
    check_weeks(w, task);
}

static void whoever_replies_leaves_the_ladder(void **state)
{
    struct world *w = *state;
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    world_wait(w, 4 * DAY); /* past yellow */
    assert_int_equal(reply(w, task), REFUSAL_NONE);
    world_wait(w, 60 * DAY);
    assert_non_null(climbed(w, task, LADDER_LEVEL_YELLOW, CLOCK_KIND_REPLY));
    assert_null(climbed(w, task, LADDER_LEVEL_ORANGE, CLOCK_KIND_REPLY));
    assert_null(climbed(w, task, LADDER_LEVEL_URGE_1, CLOCK_KIND_SIGN));
}

static void a_demand_is_answered_or_missed(void **state)
{
    struct world *w = *state;
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    struct command answers = from_user(2002, COMMAND_DEMAND_ANSWER);
    answers.demand_answer.task = task;
    assert_int_equal(world_send(w, answers), REFUSAL_ALREADY); /* nothing is asked */
    world_wait(w, 7 * DAY + 4 * HOUR);                         /* urged on Monday noon */
    answers.actor = 2003;
    assert_int_equal(world_send(w, answers), REFUSAL_NOT_YOURS);
    answers.actor = 2002;
    world_skip(w);
    assert_int_equal(world_send(w, answers), REFUSAL_NONE);
    world_expect(w, "[619200.0] demand_answered department=2 level=urge_1\n");
    world_wait(w, 5 * HOUR); /* 17:00: the urge's deadline would have been Tuesday 08:00 */
    world_expect(w, "");
    world_wait(w,
               DAY); /* red on Monday night; its reason is due on Tuesday, four hours into work */
    world_expect(w, "[658800.0] clock_overdue clock=reply\n"
                    "[658800.0] ladder_climbed level=red demand=late_reason due=705600.0\n"
                    "[705600.0] clock_overdue clock=demand due=705600.0\n");
}

static void twenty_citizens_are_the_leaders_matter(void **state)
{
    struct world *w = *state;
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    struct command add = from_user(1001, COMMAND_TASK_ADD);
    add.task_add.incident = incident;
    add.task_add.department = 3;
    add.task_add.kind = TASK_KIND_ASSIST;
    assert_int_equal(world_send(w, add), REFUSAL_NONE);
    uint64_t assist = task_at(w, incident, 3);
    for (uint32_t callers = 2; callers <= 20; callers++) {
        assert_null(climbed(w, task, LADDER_LEVEL_SUPERVISE_3, CLOCK_KIND_REPLY));
        struct command attach = from_system(COMMAND_INCIDENT_ATTACH);
        attach.incident_attach.contact = text_in(w, 12345, 1000 + callers);
        attach.incident_attach.incident = incident;
        assert_int_equal(world_send(w, attach), REFUSAL_NONE);
        assert_int_equal(climbed(w, task, LADDER_LEVEL_SUPERVISE_1, CLOCK_KIND_REPLY) != NULL,
                         callers >= 3);
    }
    const struct event *event = climbed(w, task, LADDER_LEVEL_SUPERVISE_3, CLOCK_KIND_REPLY);
    assert_non_null(event);
    assert_int_equal(event->ladder_climbed.cause, LADDER_CAUSE_MASS);
    assert_true(event->ladder_climbed.told & 1U << RECIPIENT_LEADER);
    assert_int_equal(core_incident(w->core, incident)->supervise, 3);
    /* The lead answers for how many ask, who assists for its own clock alone. */
    assert_int_equal(sign(w, assist), REFUSAL_NONE);
    world_wait(w, MINUTE);
    assert_null(climbed(w, assist, LADDER_LEVEL_SUPERVISE_1, CLOCK_KIND_REPLY));
    assert_null(climbed(w, assist, LADDER_LEVEL_SUPERVISE_3, CLOCK_KIND_REPLY));
}

/* ---- calendars ------------------------------------------------------------------------------ */

static void holidays_published_later_move_clocks_later(void **state)
{
    struct world *w = *state;
    uint64_t incident;
    on_duty(w, 1001);
    list_day(w, 20261010, true);
    load_city(w, 1);
    world_wait(w, 298 * DAY); /* Friday 2026-12-25, 09:00 */
    uint64_t task = new_order(w, &incident);
    const struct task *water = core_task(w->core, task);
    assert_int_equal(water->reply.provisional, 1);
    uint64_t due_ms = water->reply.due_ms; /* 2027-01-01, 24:00 */
    assert_int_equal(due_ms - w->now_ms, 7 * DAY + 15 * HOUR);
    list_day(w, 20270101, false);
    list_day(w, 20270103, true);
    world_skip(w);
    load_city(w, 2);
    assert_int_equal(water->reply.due_ms, due_ms + 2 * DAY); /* Sunday the 3rd makes up for it */
    assert_int_equal(water->reply.provisional, 0);
    assert_int_equal(water->reply.calendar, 2);
    assert_int_equal(water->step.calendar, 1); /* due on the 25th: as it was */
    die_and_come_back(w);
    world_wait(w, SECOND);
    assert_int_equal(core_task(w->core, task)->reply.due_ms, due_ms + 2 * DAY);
    list_day(w, 20270101, true); /* the notice is taken back: nobody loses a day */
    load_city(w, 3);
    assert_int_equal(core_task(w->core, task)->reply.due_ms, due_ms + 2 * DAY);
}

static void a_hundred_clocks_move_over_many_steps(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    list_day(w, 20261010, true);
    load_city(w, 1);
    world_wait(w, 303 * DAY); /* Wednesday 2026-12-30 */
    uint64_t tasks[60];
    for (uint32_t i = 0; i < 60; i++) {
        uint64_t incident = desk_order(w);
        assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
        tasks[i] = task_at(w, incident, 2);
    }
    list_day(w, 20270101, false);
    load_city(w, 2);
    assert_true(core_next_deadline_ms(w->core) <= w->now_ms); /* more than one step holds */
    world_wait(w, 0);
    for (uint32_t i = 0; i < 60; i++) {
        assert_int_equal(core_task(w->core, tasks[i])->reply.calendar, 2);
        assert_int_equal(core_task(w->core, tasks[i])->reply.provisional, 0);
    }
    assert_true(core_next_deadline_ms(w->core) > w->now_ms);
}

/* ---- pauses --------------------------------------------------------------------------------- */

static void the_citizens_time_is_not_the_departments(void **state)
{
    struct world *w = *state;
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    uint64_t due_ms = core_task(w->core, task)->reply.due_ms;
    world_wait(w, 3 * DAY); /* Thursday, 09:00 */
    ask_citizen(w, incident);
    assert_true(core_task(w->core, task)->reply.paused);
    world_wait(w, 2 * DAY + 6 * HOUR); /* Saturday, 15:00: 39 hours of working days */
    assert_null(climbed(w, task, LADDER_LEVEL_YELLOW, CLOCK_KIND_REPLY));
    citizen_answers(w, incident);
    assert_int_equal(core_task(w->core, task)->reply.due_ms, due_ms + DAY + 15 * HOUR);
    world_wait(w, 10 * DAY);
    /* 60 %, and 39 hours: Thursday 24:00 becomes Monday 15:00 */
    assert_int_equal(climbed(w, task, LADDER_LEVEL_YELLOW, CLOCK_KIND_REPLY)->at_ms - w->start_ms,
                     7 * DAY + 6 * HOUR);
}

/* ---- who had the ball ----------------------------------------------------------------------- */

static uint64_t owned_ms(const struct incident_detail *detail, enum owner owner)
{
    uint64_t ms = 0;
    for (uint32_t i = 0; i < detail->owned_count; i++)
        if (detail->owned[i].owner == owner)
            ms += detail->owned[i].ms;
    return ms;
}

static void every_hour_is_somebodys(void **state)
{
    static struct incident_detail detail;
    struct world *w = *state;
    struct course course;
    uint64_t incident;
    on_duty(w, 1001);
    uint64_t task = new_order(w, &incident);
    world_wait(w, 6 * HOUR);
    assert_int_equal(send_back(w, task, RETURN_REASON_DUTY), REFUSAL_NONE);
    world_wait(w, 2 * HOUR);
    assert_int_equal(rule(w, task, true), REFUSAL_NONE);
    world_wait(w, HOUR);
    assert_int_equal(dispatch(w, incident, 3, 0), REFUSAL_NONE);
    task = task_at(w, incident, 3);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    world_wait(w, 20 * HOUR);
    assert_int_equal(reply(w, task), REFUSAL_NONE);
    world_wait(w, 3 * HOUR);
    assert_int_equal(tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NONE);
    world_wait(w, 5 * HOUR);
    assert_int_equal(survey(w, incident, DEGREE_YES), REFUSAL_NONE);
    memset(&detail, 0, sizeof detail);
    course_begin(&course, &detail);
    for (uint32_t i = 0; i < w->history_count; i++)
        if (w->history[i].incident == incident)
            course_take(&course, &w->history[i]);
    course_end(&course, w->now_ms);
    assert_int_equal(owned_ms(&detail, OWNER_CENTRE), (2 + 1 + 3) * HOUR);
    assert_int_equal(owned_ms(&detail, OWNER_DEPARTMENT), (6 + 20) * HOUR);
    assert_int_equal(owned_ms(&detail, OWNER_CITIZEN), 5 * HOUR);
    assert_int_equal(detail.segments_count, 5);
    assert_int_equal(detail.segments[0].department, 2);
    assert_int_equal(detail.segments[2].department, 3);
    for (uint32_t i = 0; i < detail.owned_count; i++)
        assert_int_equal(detail.owned[i].air_ms, detail.owned[i].department == 2 ? 6 * HOUR : 0);
    assert_int_equal(detail.clocks_count, 0);
    const struct incident *closed = core_incident(w->core, incident);
    for (enum owner owner = OWNER_CENTRE; owner < OWNER_COUNT; owner++)
        assert_int_equal(ball_booked_ms(closed, owner, w->now_ms), owned_ms(&detail, owner));
}

/* ---- the auditor ---------------------------------------------------------------------------- */

/* A calendar of the auditor's own, from the events alone. */
struct audit {
    uint32_t days[64];
    bool working[64];
    uint32_t count;
};

static bool works(const struct audit *audit, uint64_t day)
{
    uint64_t days = day + 719468, era = days / 146097, rest = days % 146097;
    uint64_t year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    uint64_t in_year = rest - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * in_year + 2) / 153, date = in_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    uint64_t number = (year + era * 400 + (month <= 2)) * 10000 + month * 100 + date;
    for (uint32_t i = 0; i < audit->count; i++)
        if (audit->days[i] == number)
            return audit->working[i];
    return (day + 3) % 7 < 5;
}

/* Hour by hour: everything in this story begins on a full hour. */
static uint64_t audit_due(const struct audit *audit, uint64_t start_ms, struct span length,
                          uint64_t paused_ms)
{
    uint64_t at_ms = start_ms + 8 * HOUR, left_ms = length.ms + paused_ms;
    uint64_t first = at_ms / DAY;
    for (; left_ms > 0; at_ms += HOUR) {
        uint64_t hour = at_ms % DAY / HOUR, day = at_ms / DAY;
        bool counts =
            length.measure == MEASURE_WALL ||
            (works(audit, day) &&
             (length.measure == MEASURE_WORKING_DAY ? day > first : hour >= 9 && hour < 17));
        if (counts)
            left_ms -= HOUR;
    }
    return at_ms - 8 * HOUR;
}

static void an_auditor_reckons_each_due_time_from_the_trail(void **state)
{
    struct world *w = *state;
    struct audit audit = { .count = 0 };
    uint64_t incident;
    uint32_t reckoned = 0;
    on_duty(w, 1001);
    list_day(w, 20260304, false);
    list_day(w, 20260307, true);
    load_city(w, 1);
    uint64_t task = new_order(w, &incident);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    for (uint32_t i = 0; i < 2; i++) {
        world_wait(w, 30 * HOUR);
        ask_citizen(w, incident);
        world_wait(w, 50 * HOUR);
        citizen_answers(w, incident);
    }
    for (uint32_t i = 0; i < w->history_count; i++) {
        const struct event *event = &w->history[i];
        if (event->kind == EVENT_DAY_DEFINED) {
            audit.days[audit.count] = event->day_defined.row.day;
            audit.working[audit.count++] = event->day_defined.row.working;
        } else if (event->kind == EVENT_TASK_OPENED) {
            assert_int_equal(event->task_opened.reply_due_ms,
                             audit_due(&audit, event->at_ms, event->task_opened.reply, 0));
            assert_int_equal(event->task_opened.sign_due_ms,
                             audit_due(&audit, event->at_ms, event->task_opened.sign, 0));
            reckoned++;
        } else if (event->kind == EVENT_CLOCK_MOVED && event->clock_moved.due_ms) {
            assert_int_equal(event->clock_moved.due_ms,
                             audit_due(&audit, event->clock_moved.start_ms,
                                       event->clock_moved.length,
                                       event->clock_moved.paused_days_ms));
            reckoned++;
        }
    }
    assert_int_equal(reckoned, 3);
}

#define STORY(story) cmocka_unit_test_setup_teardown(story, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_forgotten_order_climbs_the_whole_ladder_once),
        STORY(a_city_warns_when_it_says),
        STORY(the_ladder_goes_on_after_a_death),
        STORY(whoever_replies_leaves_the_ladder),
        STORY(a_demand_is_answered_or_missed),
        STORY(twenty_citizens_are_the_leaders_matter),
        STORY(holidays_published_later_move_clocks_later),
        STORY(a_hundred_clocks_move_over_many_steps),
        STORY(the_citizens_time_is_not_the_departments),
        STORY(every_hour_is_somebodys),
        STORY(an_auditor_reckons_each_due_time_from_the_trail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
