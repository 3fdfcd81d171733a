/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The city's calendar: a table of limits people can check with a wall calendar, and a slow second
 * reckoning that must agree at any time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/prng.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/promise.h"
#include "tests/unit/wall_calendar.h"

/* The State Council's notices for 2025 and 2026, as ops/city/days.csv has them. */
static const uint32_t days_off[] = {
    20250101, 20250128, 20250129, 20250130, 20250131, 20250201, 20250202, 20250203, 20250204,
    20250404, 20250405, 20250406, 20250501, 20250502, 20250503, 20250504, 20250505, 20250531,
    20250601, 20250602, 20251001, 20251002, 20251003, 20251004, 20251005, 20251006, 20251007,
    20251008, 20260101, 20260102, 20260103, 20260215, 20260216, 20260217, 20260218, 20260219,
    20260220, 20260221, 20260222, 20260223, 20260404, 20260405, 20260406, 20260501, 20260502,
    20260503, 20260504, 20260505, 20260619, 20260620, 20260621, 20260925, 20260926, 20260927,
    20261001, 20261002, 20261003, 20261004, 20261005, 20261006, 20261007,
};
static const uint32_t days_on[] = {
    20250126, 20250208, 20250427, 20250928, 20251011, 20260104,
    20260214, 20260228, 20260509, 20260920, 20261010,
};

static struct core *city;
static struct verdict *verdict;

static void send(struct command command)
{
    command.actor_kind = ACTOR_KIND_SYSTEM;
    core_step(city, &command, verdict);
    assert_int_equal(verdict->refusal, REFUSAL_NONE);
}

static void list_day(uint32_t date, bool working)
{
    struct command command = { .kind = COMMAND_DAY_DEFINE };
    command.day_define.has_row = true;
    command.day_define.row = (struct day_row){ .day = date, .working = working };
    send(command);
}

static void load_city(uint8_t number)
{
    struct command command = { .kind = COMMAND_CITY_LOAD };
    command.city_load.digest[0] = number;
    send(command);
}

static int found_city(void **state)
{
    struct core_limits limits = core_limits_default();
    (void)state;
    limits.incidents = limits.tasks = limits.contacts = 16;
    limits.callbacks = limits.texts = limits.users = limits.categories = 16;
    city = core_init(calloc(1, core_size(&limits)), core_size(&limits), &limits);
    verdict = malloc(sizeof *verdict);
    for (size_t i = 0; i < sizeof days_off / sizeof days_off[0]; i++)
        list_day(days_off[i], false);
    for (size_t i = 0; i < sizeof days_on / sizeof days_on[0]; i++)
        list_day(days_on[i], true);
    load_city(1);
    return 0;
}

static int leave_city(void **state)
{
    (void)state;
    free(city);
    free(verdict);
    return 0;
}

static const struct {
    uint32_t date;
    uint32_t hour;
    uint32_t minute;
    enum measure measure;
    uint64_t length_ms;
    uint32_t due;
    uint32_t due_hour;
    uint32_t due_minute;
    bool provisional;
} vectors[] = {
    { 20250124, 12, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20250126, 24, 0,
      false }, /* make-up Sunday */
    { 20250124, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20250207, 24, 0,
      false }, /* Spring Festival skipped */
    { 20250125, 12, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20250126, 24, 0,
      false }, /* received on a rest day */
    { 20250926, 12, 0, MEASURE_WORKING_DAY, 3 * DAY_MS, 20250930, 24, 0,
      false }, /* 09-28, a Sunday, counts */
    { 20250930, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20251014, 24, 0,
      false }, /* Golden Week, and 10-11, a Saturday, counts */
    { 20260213, 12, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260214, 24, 0,
      false }, /* make-up Saturday */
    { 20260213, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20260227, 24, 0,
      false }, /* nine days of feast */
    { 20260214, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20260228, 24, 0,
      false }, /* both ends are make-up days */
    { 20260218, 12, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260224, 24, 0,
      false }, /* received in the feast */
    { 20260430, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20260511, 24, 0,
      false }, /* 05-09, a Saturday, counts */
    { 20260918, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20260924, 24, 0,
      false }, /* 09-20, a Sunday, counts */
    { 20260930, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20261013, 24, 0, false }, /* 10-10 counts */
    { 20261225, 12, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20270101, 24, 0,
      true }, /* the list of 2027 is not published */
    { 20260302, 0, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260303, 24, 0,
      false }, /* the first minute of Monday */
    { 20260302, 23, 59, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260303, 24, 0,
      false }, /* the last minute of Monday */
    { 20260306, 23, 59, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260309, 24, 0,
      false }, /* Friday night */
    { 20260307, 0, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260309, 24, 0,
      false }, /* Saturday, one minute later: the same */
    { 20260308, 23, 59, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260309, 24, 0,
      false }, /* Sunday night */
    { 20260309, 0, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260310, 24, 0,
      false }, /* Monday, one minute later: a day more */
    { 20260302, 12, 0, MEASURE_WORKING_DAY, 15 * DAY_MS, 20260323, 24, 0,
      false }, /* class C in an ordinary month */
    { 20260123, 10, 0, MEASURE_WORKING_DAY, 15 * DAY_MS, 20260213, 24, 0,
      false }, /* class C across the make-up Saturday */
    { 20260206, 10, 0, MEASURE_WORKING_DAY, 15 * DAY_MS, 20260305, 24, 0,
      false }, /* class C across Spring Festival */
    { 20250120, 10, 0, MEASURE_WORKING_DAY, 15 * DAY_MS, 20250214, 24, 0,
      false }, /* class C across Spring Festival 2025 */
    { 20260921, 10, 0, MEASURE_WORKING_DAY, 15 * DAY_MS, 20261019, 24, 0,
      false }, /* class C across both feasts of autumn */
    { 20251231, 18, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260104, 24, 0,
      false }, /* New Year 2026; 01-04, a Sunday, counts */
    { 20260101, 0, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260104, 24, 0,
      false }, /* received on New Year */
    { 20251226, 9, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20260105, 24, 0,
      false }, /* across the year that is known */
    { 20261231, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20270101, 24, 0,
      true }, /* into the year that is not */
    { 20261224, 9, 0, MEASURE_WORKING_DAY, 5 * DAY_MS, 20261231, 24, 0,
      false }, /* the last day that is known */
    { 20260403, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260407, 24, 0, false }, /* Qingming */
    { 20260404, 9, 0, MEASURE_WORKING_DAY, 3 * DAY_MS, 20260409, 24, 0,
      false }, /* received on Qingming */
    { 20250427, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20250428, 24, 0,
      false }, /* received on a make-up Sunday */
    { 20250425, 9, 0, MEASURE_WORKING_DAY, 2 * DAY_MS, 20250428, 24, 0,
      false }, /* a make-up Sunday in between */
    { 20250430, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20250506, 24, 0,
      false }, /* Labour Day 2025 */
    { 20260501, 9, 0, MEASURE_WORKING_DAY, 4 * DAY_MS, 20260509, 24, 0,
      false }, /* received on Labour Day; 05-09 is the fourth */
    { 20260618, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20260622, 24, 0,
      false }, /* Dragon Boat: Friday is off */
    { 20250530, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20250603, 24, 0,
      false }, /* Dragon Boat 2025: Monday is off */
    { 20251008, 23, 59, MEASURE_WORKING_DAY, 3 * DAY_MS, 20251011, 24, 0,
      false }, /* the last minute of Golden Week; 10-11 is the third */
    { 20261009, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20261010, 24, 0,
      false }, /* 10-10, a Saturday */
    { 20261010, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20261012, 24, 0,
      false },                                                                  /* received on it */
    { 20280228, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20280229, 24, 0, true }, /* a leap day */
    { 20280229, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20280301, 24, 0, true }, /* received on it */
    { 20270226, 9, 0, MEASURE_WORKING_DAY, 1 * DAY_MS, 20270301, 24, 0, true }, /* no leap day */
    { 20260302, 10, 0, MEASURE_WORKING_HOUR, 4 * HOUR_MS, 20260302, 14, 0,
      false }, /* half a working day */
    { 20260302, 15, 30, MEASURE_WORKING_HOUR, 4 * HOUR_MS, 20260303, 11, 30,
      false }, /* over the night */
    { 20260306, 16, 0, MEASURE_WORKING_HOUR, 2 * HOUR_MS, 20260309, 10, 0,
      false }, /* over the weekend */
    { 20260302, 3, 0, MEASURE_WORKING_HOUR, 1 * HOUR_MS, 20260302, 10, 0,
      false }, /* before work begins */
    { 20260302, 20, 0, MEASURE_WORKING_HOUR, 1 * HOUR_MS, 20260303, 10, 0,
      false }, /* after work ended */
    { 20260302, 9, 0, MEASURE_WORKING_HOUR, 8 * HOUR_MS, 20260302, 17, 0,
      false }, /* exactly one day: ends with it */
    { 20260302, 17, 0, MEASURE_WORKING_HOUR, 8 * HOUR_MS, 20260303, 17, 0,
      false }, /* begins with the end of work */
    { 20260302, 16, 59, MEASURE_WORKING_HOUR, 4 * HOUR_MS, 20260303, 12, 59,
      false }, /* one minute of today */
    { 20260214, 16, 0, MEASURE_WORKING_HOUR, 2 * HOUR_MS, 20260224, 10, 0,
      false }, /* from a make-up Saturday over the feast */
    { 20260228, 10, 0, MEASURE_WORKING_HOUR, 4 * HOUR_MS, 20260228, 14, 0,
      false }, /* on a make-up Saturday */
    { 20260920, 15, 0, MEASURE_WORKING_HOUR, 4 * HOUR_MS, 20260921, 11, 0,
      false }, /* from a make-up Sunday into Monday */
    { 20261231, 15, 0, MEASURE_WORKING_HOUR, 4 * HOUR_MS, 20270101, 11, 0,
      true }, /* into the year that is not known */
    { 20260930, 16, 30, MEASURE_WORKING_HOUR, 12 * HOUR_MS, 20261009, 12, 30,
      false }, /* over Golden Week, a day and a half */
    { 20260214, 16, 0, MEASURE_WALL, 24 * HOUR_MS, 20260215, 16, 0,
      false }, /* by the clock no feast counts */
    { 20261231, 23, 59, MEASURE_WALL, 2 * HOUR_MS, 20270101, 1, 59,
      false }, /* by the clock the year is known */
    { 20260302, 10, 0, MEASURE_WALL, 168 * HOUR_MS, 20260309, 10, 0, false }, /* seven days */
};

static void limits_end_where_a_wall_calendar_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint64_t due_ms = calendar_after(
            city, vectors[i].measure,
            wall_time(vectors[i].date, vectors[i].hour, vectors[i].minute), vectors[i].length_ms);
        assert_int_equal(due_ms,
                         wall_time(vectors[i].due, vectors[i].due_hour, vectors[i].due_minute));
        assert_int_equal(calendar_is_provisional(city, vectors[i].measure, due_ms),
                         vectors[i].provisional);
    }
}

static void no_length_ends_at_once(void **state)
{
    (void)state;
    for (enum measure measure = MEASURE_WALL; measure < MEASURE_COUNT; measure++)
        for (uint32_t date = 20260213; date < 20260219; date++)
            assert_int_equal(calendar_after(city, measure, wall_time(date, 3, 33), 0),
                             wall_time(date, 3, 33));
}

/* Does this minute of the city count? */
static bool counts(enum measure measure, uint64_t start_ms, uint64_t at_ms)
{
    uint64_t local_ms = at_ms + 8 * HOUR_MS, within = local_ms % DAY_MS;
    if (measure == MEASURE_WALL)
        return true;
    if (!calendar_works(city, local_ms / DAY_MS))
        return false;
    return measure == MEASURE_WORKING_DAY ? local_ms / DAY_MS > (start_ms + 8 * HOUR_MS) / DAY_MS
                                          : within >= 9 * HOUR_MS && within < 17 * HOUR_MS;
}

static void a_slow_reckoning_agrees(void **state)
{
    struct prng prng;
    (void)state;
    prng_seed(&prng, 2026);
    for (int i = 0; i < 600; i++) {
        enum measure measure = (enum measure)(MEASURE_WALL + prng_below(&prng, 3));
        uint64_t start_ms = wall_time(20250101, 0, 0) + prng_below(&prng, 800 * 1440) * MINUTE_MS;
        uint64_t minutes = 1 + prng_below(&prng, 20 * 1440), at_ms = start_ms, left = minutes;
        for (; left > 0; at_ms += MINUTE_MS)
            left -= counts(measure, start_ms, at_ms);
        assert_int_equal(calendar_after(city, measure, start_ms, minutes * MINUTE_MS), at_ms);
        assert_int_equal(calendar_between(city, measure, start_ms, start_ms, at_ms),
                         minutes * MINUTE_MS);
        uint64_t middle_ms = start_ms + prng_below(&prng, at_ms - start_ms);
        assert_int_equal(calendar_between(city, measure, start_ms, start_ms, middle_ms) +
                             calendar_between(city, measure, start_ms, middle_ms, at_ms),
                         minutes * MINUTE_MS);
    }
}

static void the_table_and_the_walk_agree(void **state)
{
    (void)state;
    /* 1999 and 2100 lie outside the table: weekdays alone. */
    assert_int_equal(
        calendar_after(city, MEASURE_WORKING_DAY, wall_time(19991231, 12, 0), 2 * DAY_MS),
        wall_time(20000104, 24, 0));
    assert_int_equal(
        calendar_after(city, MEASURE_WORKING_DAY, wall_time(19991230, 12, 0), 2 * DAY_MS),
        wall_time(20000103, 24, 0));
    assert_int_equal(
        calendar_after(city, MEASURE_WORKING_DAY, wall_time(20991231, 12, 0), 2 * DAY_MS),
        wall_time(21000104, 24, 0));
}

static void a_city_has_its_own_hours_and_its_own_offset(void **state)
{
    static const struct {
        enum parameter parameter;
        uint64_t value;
    } settings[] = { { PARAMETER_WORKDAY_BEGIN_MIN, 510 },
                     { PARAMETER_WORKDAY_END_MIN, 1080 },
                     { PARAMETER_DUE_TIME_MIN, 1050 },
                     { PARAMETER_UTC_OFFSET_MIN, 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct command command = { .kind = COMMAND_PARAMETER_SET };
        command.parameter_set.parameter = settings[i].parameter;
        command.parameter_set.value = settings[i].value;
        send(command);
    }
    uint64_t monday_ms = wall_time(20260302, 8, 0); /* 00:00 UTC, and the city's from now on */
    uint64_t closing_ms = calendar_after(city, MEASURE_WORKING_HOUR, monday_ms, 9 * HOUR_MS);
    assert_int_equal(closing_ms, monday_ms + DAY_MS + 10 * HOUR_MS); /* the old hours still */
    load_city(2);
    assert_int_equal(verdict->events[0].kind, EVENT_CALENDAR_LOADED);
    assert_int_equal(verdict->events[0].calendar_loaded.version, 2);
    assert_int_equal(calendar_after(city, MEASURE_WORKING_HOUR, monday_ms, 9 * HOUR_MS),
                     monday_ms + 17 * HOUR_MS + HOUR_MS / 2);
    assert_int_equal(calendar_after(city, MEASURE_WORKING_DAY, monday_ms, DAY_MS),
                     monday_ms + DAY_MS + 17 * HOUR_MS + HOUR_MS / 2);
    load_city(3); /* nothing changed: no new version */
    assert_int_equal(verdict->count, 1);
}

/* ---- promises ------------------------------------------------------------------------------- */

/* One more day off, from this moment's day; false when it was one. */
static bool publish_holiday(uint64_t at_ms)
{
    if (!calendar_works(city, (at_ms + 8 * HOUR_MS) / DAY_MS))
        return false;
    list_day(calendar_date(city, at_ms), false);
    return true;
}

/* Whatever happens to a clock, the time that counted against it is its length when it is due. */
static void no_pause_loses_or_gives_a_millisecond(void **state)
{
    struct prng prng;
    (void)state;
    prng_seed(&prng, 7);
    for (int i = 0; i < 10000; i++) {
        enum measure measure = (enum measure)(MEASURE_WALL + prng_below(&prng, 3));
        struct span length = { 1 + prng_below(&prng, 15 * DAY_MS), measure };
        uint64_t start_ms = wall_time(20250101, 0, 0) + prng_below(&prng, 700 * DAY_MS);
        uint64_t at_ms = start_ms, ran_ms = 0, stood_ms = 0;
        struct promise promise = promise_begin(city, length, SLA_CLASS_G, start_ms);
        struct pauses pauses = { 0 };
        uint64_t without_ms = promise.due_ms;
        for (uint32_t steps = (uint32_t)prng_below(&prng, 12); steps > 0; steps--) {
            uint64_t then_ms = at_ms + prng_below(&prng, 4 * DAY_MS);
            uint64_t counted_ms = calendar_between(city, measure, start_ms, at_ms, then_ms);
            *(promise.paused ? &stood_ms : &ran_ms) += counted_ms;
            at_ms = then_ms;
            uint64_t due_ms = promise.due_ms;
            bool stood = promise.paused;
            if (promise.paused)
                promise_resume(city, &promise, &pauses, at_ms);
            else if (prng_below(&prng, 40) == 0 &&
                     publish_holiday(at_ms + DAY_MS + prng_below(&prng, 10 * DAY_MS)))
                promise_reckon(city, &promise, &pauses);
            else if (prng_below(&prng, 4) == 0)
                promise_extend(city, &promise, &pauses, at_ms + prng_below(&prng, 9 * DAY_MS));
            else
                promise_pause(&promise, at_ms);
            assert_true(stood || promise.paused || promise.due_ms >= due_ms);
        }
        if (promise.paused) {
            uint64_t then_ms = at_ms + prng_below(&prng, 4 * DAY_MS);
            stood_ms += calendar_between(city, measure, start_ms, at_ms, then_ms);
            at_ms = then_ms;
            promise_resume(city, &promise, &pauses, at_ms);
        }
        assert_true(promise.due_ms >= without_ms);
        assert_int_equal(ran_ms + stood_ms,
                         calendar_between(city, measure, start_ms, start_ms, at_ms));
        /* Its start, its length and the pauses: all that an auditor needs. */
        assert_int_equal(promise.due_ms,
                         calendar_after(city, measure, start_ms, promise.length_ms + stood_ms));
        assert_int_equal(calendar_between(city, measure, start_ms, start_ms, promise.due_ms) -
                             stood_ms,
                         promise.length_ms);
    }
}

static void another_class_keeps_the_pauses(void **state)
{
    (void)state;
    struct pauses pauses = { 0 };
    struct promise promise = promise_begin(city, (struct span){ 5 * DAY_MS, MEASURE_WORKING_DAY },
                                           SLA_CLASS_G, wall_time(20260302, 10, 0));
    promise_pause(&promise, wall_time(20260303, 0, 0));
    promise_resume(city, &promise, &pauses, wall_time(20260307, 12, 0)); /* four working days */
    assert_int_equal(promise.due_ms, wall_time(20260313, 24, 0));
    promise_relength(city, &promise, &pauses, (struct span){ DAY_MS, MEASURE_WALL }, SLA_CLASS_L);
    assert_int_equal(promise.due_ms, wall_time(20260303, 10, 0) + 4 * DAY_MS + 12 * HOUR_MS);
    promise_relength(city, &promise, &pauses, (struct span){ 5 * DAY_MS, MEASURE_WORKING_DAY },
                     SLA_CLASS_G);
    assert_int_equal(promise.due_ms, wall_time(20260313, 24, 0));
}

static void a_pause_in_a_holiday_costs_no_working_time(void **state)
{
    (void)state;
    struct pauses pauses = { 0 };
    struct promise promise = promise_begin(city, (struct span){ 5 * DAY_MS, MEASURE_WORKING_DAY },
                                           SLA_CLASS_G, wall_time(20260213, 10, 0));
    uint64_t due_ms = promise.due_ms;
    promise_pause(&promise, wall_time(20260215, 8, 0));
    promise_resume(city, &promise, &pauses, wall_time(20260223, 22, 0));
    assert_int_equal(promise.due_ms, due_ms);
    assert_int_equal(pauses.days_ms, 0);
    promise_pause(&promise, wall_time(20260223, 22, 0));
    promise_resume(city, &promise, &pauses, wall_time(20260224, 6, 0)); /* six hours of Tuesday */
    assert_int_equal(promise.due_ms, wall_time(20260228, 6, 0));
}

#define STORY(story) cmocka_unit_test_setup_teardown(story, found_city, leave_city)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(limits_end_where_a_wall_calendar_says),
        STORY(no_length_ends_at_once),
        STORY(a_slow_reckoning_agrees),
        STORY(the_table_and_the_walk_agree),
        STORY(no_pause_loses_or_gives_a_millisecond),
        STORY(another_class_keeps_the_pauses),
        STORY(a_pause_in_a_holiday_costs_no_working_time),
        STORY(a_city_has_its_own_hours_and_its_own_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
