/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/calendar.h"

#include "base/civil.h"
#include "base/require.h"
#include "dispatcher/core/rows.h"

enum {
    DAYS_WALKED_MAX =
        3660,          /* ten years: no limit is longer; a city without working days ends here */
    FIRST_DAY = 10957, /* 2000-01-01 */
    LAST_DATE = 20991231
};

static uint64_t offset_ms(const struct core *core)
{
    return core->parameters[PARAMETER_UTC_OFFSET_MIN] * MINUTE_MS;
}

uint32_t calendar_date(const struct core *core, uint64_t at_ms)
{
    return civil_date_at(at_ms, core->parameters[PARAMETER_UTC_OFFSET_MIN]);
}

bool calendar_works(const struct core *core, uint64_t day)
{
    const struct day *listed = index_find(&core->index, ENTRY_DAY, civil_date(day), 0);
    if (listed)
        return listed->row.working;
    uint64_t weekday = (day + 3) % 7; /* 1970-01-01 was a Thursday; 0 is Monday */
    return weekday < 5;
}

/* ---- the table ----------------------------------------------------------------------------- */

static bool is_worked(const struct calendar *calendar, uint32_t i)
{
    return calendar->worked[i + 1] > calendar->worked[i];
}

/* One more or one fewer working day at `from`: the numbers behind it shift. */
static void shift(struct calendar *calendar, uint32_t from, bool works)
{
    for (uint32_t i = from; i < CALENDAR_DAYS; i++) {
        uint16_t before = calendar->worked[i];
        uint16_t after = calendar->worked[i + 1];
        calendar->worked[i + 1] = (uint16_t)(works ? after + 1 : after - 1);
        if (calendar->worked[i + 1] > before)
            calendar->nth[before] = (uint16_t)i;
    }
}

void calendar_begin(struct core *core)
{
    struct calendar *calendar = &core->calendar;
    for (uint32_t i = 0; i < CALENDAR_DAYS; i++) {
        uint16_t before = calendar->worked[i];
        bool works = calendar_works(core, FIRST_DAY + i);
        if (works)
            calendar->nth[before] = (uint16_t)i;
        calendar->worked[i + 1] = (uint16_t)(before + works);
    }
}

void calendar_relist(struct core *core, uint32_t date)
{
    uint64_t day = date > LAST_DATE ? FIRST_DAY + CALENDAR_DAYS : civil_day(date);
    if (day < FIRST_DAY || day >= FIRST_DAY + CALENDAR_DAYS)
        return;
    uint32_t i = (uint32_t)(day - FIRST_DAY);
    bool works = calendar_works(core, day);
    if (works != is_worked(&core->calendar, i))
        shift(&core->calendar, i, works);
}

static bool is_tabled(uint64_t day)
{
    return day >= FIRST_DAY && day <= FIRST_DAY + CALENDAR_DAYS;
}

/* Working days among from … until - 1. */
static uint64_t working_days(const struct core *core, uint64_t from, uint64_t until)
{
    const struct calendar *calendar = &core->calendar;
    if (is_tabled(from) && is_tabled(until))
        return (uint64_t)calendar->worked[until - FIRST_DAY] - calendar->worked[from - FIRST_DAY];
    uint64_t count = 0;
    for (uint64_t i = 0; i < DAYS_WALKED_MAX && from < until; i++, from++)
        count += calendar_works(core, from);
    return count;
}

/* The n-th working day after this day; n > 0. */
static uint64_t working_day(const struct core *core, uint64_t day, uint64_t n)
{
    const struct calendar *calendar = &core->calendar;
    if (is_tabled(day + 1)) {
        uint64_t number = calendar->worked[day + 1 - FIRST_DAY] + n - 1;
        if (number < calendar->worked[CALENDAR_DAYS])
            return FIRST_DAY + calendar->nth[number];
    }
    for (uint64_t i = 0; i < DAYS_WALKED_MAX && n > 0; i++)
        n -= calendar_works(core, ++day);
    return day;
}

/* ---- measures ------------------------------------------------------------------------------ */

/* The hours of a working day that count. */
struct hours {
    uint64_t begin_ms;
    uint64_t end_ms;
};

static struct hours hours_of(const struct core *core, enum measure measure)
{
    const struct calendar *calendar = &core->calendar;
    if (measure == MEASURE_WORKING_DAY)
        return (struct hours){ 0, DAY_MS };
    if (calendar->version == 0)
        return (struct hours){ WORKDAY_FIRST_HOUR * HOUR_MS, WORKDAY_LAST_HOUR * HOUR_MS };
    return (struct hours){ calendar->begin_min * MINUTE_MS, calendar->end_min * MINUTE_MS };
}

static uint64_t after_hours(const struct core *core, uint64_t local_ms, uint64_t length_ms)
{
    struct hours hours = hours_of(core, MEASURE_WORKING_HOUR);
    uint64_t day = local_ms / DAY_MS, within = local_ms % DAY_MS;
    if (within < hours.end_ms && calendar_works(core, day)) {
        if (within < hours.begin_ms)
            within = hours.begin_ms;
        if (length_ms <= hours.end_ms - within)
            return day * DAY_MS + within + length_ms;
        length_ms -= hours.end_ms - within;
    }
    uint64_t whole = hours.end_ms - hours.begin_ms, before = (length_ms - 1) / whole;
    day = working_day(core, day, before + 1);
    return day * DAY_MS + hours.begin_ms + length_ms - before * whole;
}

static uint64_t after_days(const struct core *core, uint64_t local_ms, uint64_t length_ms)
{
    uint64_t before = (length_ms - 1) / DAY_MS;
    uint64_t day = working_day(core, local_ms / DAY_MS, before + 1);
    uint64_t within = length_ms - before * DAY_MS;
    uint64_t last = core->calendar.version ? core->calendar.due_min * MINUTE_MS : DAY_MS;
    return day * DAY_MS + (within < last ? within : last);
}

uint64_t calendar_after(const struct core *core, enum measure measure, uint64_t start_ms,
                        uint64_t length_ms)
{
    if (length_ms == 0 || measure == MEASURE_WALL)
        return start_ms + length_ms;
    uint64_t local_ms = start_ms + offset_ms(core);
    REQUIRE(measure == MEASURE_WORKING_HOUR || measure == MEASURE_WORKING_DAY);
    return (measure == MEASURE_WORKING_HOUR ? after_hours(core, local_ms, length_ms)
                                            : after_days(core, local_ms, length_ms)) -
           offset_ms(core);
}

static uint64_t part_of_day(const struct core *core, struct hours hours, uint64_t local_ms)
{
    uint64_t within = local_ms % DAY_MS;
    if (within <= hours.begin_ms || !calendar_works(core, local_ms / DAY_MS))
        return 0;
    return (within < hours.end_ms ? within : hours.end_ms) - hours.begin_ms;
}

uint64_t calendar_between(const struct core *core, enum measure measure, uint64_t start_ms,
                          uint64_t from_ms, uint64_t until_ms)
{
    REQUIRE(start_ms <= from_ms && from_ms <= until_ms);
    if (measure == MEASURE_WALL)
        return until_ms - from_ms;
    struct hours hours = hours_of(core, measure);
    uint64_t from = from_ms + offset_ms(core), until = until_ms + offset_ms(core);
    uint64_t first = ((start_ms + offset_ms(core)) / DAY_MS + 1) * DAY_MS;
    if (measure == MEASURE_WORKING_DAY && from < first)
        from = first;
    if (from >= until)
        return 0;
    return working_days(core, from / DAY_MS, until / DAY_MS) * (hours.end_ms - hours.begin_ms) +
           part_of_day(core, hours, until) - part_of_day(core, hours, from);
}

bool calendar_is_provisional(const struct core *core, enum measure measure, uint64_t due_ms)
{
    return core->calendar.version && measure != MEASURE_WALL && due_ms > 0 &&
           calendar_date(core, due_ms - 1) > core->calendar.published;
}

struct span calendar_span(uint64_t length_ms, bool working_time)
{
    if (!working_time)
        return (struct span){ length_ms, MEASURE_WALL };
    if (length_ms % WORKING_DAY_MS == 0)
        return (struct span){ length_ms / WORKING_DAY_MS * DAY_MS, MEASURE_WORKING_DAY };
    return (struct span){ length_ms, MEASURE_WORKING_HOUR };
}

uint64_t calendar_due(const struct core *core, uint64_t at_ms, uint64_t length_ms,
                      bool working_time)
{
    struct span span = calendar_span(length_ms, working_time);
    return calendar_after(core, span.measure, at_ms, span.ms);
}

/* ---- versions ------------------------------------------------------------------------------ */

static void read_days(const struct core *core, struct calendar_loaded *loaded)
{
    uint32_t year = 0;
    for (uint32_t i = 0; i < core->days.reached; i++) {
        const struct day *day = pool_at(&core->days, i);
        loaded->fingerprint += day_fingerprint(&day->row);
        if (!day->row.provisional && day->row.day / 10000 > year)
            year = day->row.day / 10000;
    }
    loaded->published = year * 10000 + 1231;
}

void calendar_load(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct calendar *calendar = &core->calendar;
    struct calendar_loaded loaded = {
        .version = calendar->version + 1,
        .begin_min = (uint32_t)core->parameters[PARAMETER_WORKDAY_BEGIN_MIN],
        .end_min = (uint32_t)core->parameters[PARAMETER_WORKDAY_END_MIN],
        .due_min = (uint32_t)core->parameters[PARAMETER_DUE_TIME_MIN],
    };
    if (loaded.begin_min >= loaded.end_min) /* two parameters, one rule: no hours are no calendar */
        loaded.begin_min = WORKDAY_FIRST_HOUR * 60, loaded.end_min = WORKDAY_LAST_HOUR * 60;
    read_days(core, &loaded);
    if (core->days.reached == 0 ||
        (loaded.fingerprint == calendar->fingerprint && loaded.begin_min == calendar->begin_min &&
         loaded.end_min == calendar->end_min && loaded.due_min == calendar->due_min))
        return;
    decision_event(decision, EVENT_CALENDAR_LOADED)->calendar_loaded = loaded;
}

void apply_calendar_loaded(struct core *core, const struct event *event)
{
    const struct calendar_loaded *loaded = &event->calendar_loaded;
    struct calendar *calendar = &core->calendar;
    REQUIRE(loaded->version == calendar->version + 1 && loaded->begin_min < loaded->end_min);
    calendar->version = loaded->version;
    calendar->published = loaded->published;
    calendar->begin_min = loaded->begin_min;
    calendar->end_min = loaded->end_min;
    calendar->due_min = loaded->due_min;
    calendar->fingerprint = loaded->fingerprint;
    calendar->reckoned = 0;
}
