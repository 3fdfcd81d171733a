/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/promise.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"

#define START_MAX  ((1ULL << 44) - 1) /* the bits of struct promise */
#define LENGTH_MAX ((1ULL << 40) - 1)

static void set_length(struct promise *promise, uint64_t length_ms)
{
    REQUIRE(length_ms <= LENGTH_MAX); /* 34 years */
    promise->length_ms = length_ms & LENGTH_MAX;
}

void promise_fill(struct promise *promise, uint64_t start_ms, struct span length,
                  enum sla_class sla, uint32_t calendar, bool provisional)
{
    REQUIRE(start_ms <= START_MAX && (unsigned)length.measure < MEASURE_COUNT &&
            (unsigned)sla < SLA_CLASS_COUNT);
    promise->start_ms = start_ms & START_MAX;
    set_length(promise, length.ms);
    promise->measure = (unsigned)length.measure & 3;
    promise->sla = (unsigned)sla & 15;
    promise->calendar = calendar & UINT16_MAX;
    promise->provisional = provisional;
}

struct promise promise_begin(const struct core *core, struct span length, enum sla_class sla,
                             uint64_t start_ms)
{
    static const struct pauses none;
    struct promise promise = { 0 };
    promise_fill(&promise, start_ms, length, sla, 0, false);
    promise_reckon(core, &promise, &none);
    return promise;
}

bool promise_runs(const struct promise *promise)
{
    return promise->due_ms && !promise->paused;
}

struct span promise_length(const struct promise *promise)
{
    return (struct span){ promise->length_ms, (enum measure)promise->measure };
}

static uint64_t paused(const struct promise *promise, const struct pauses *pauses)
{
    switch ((enum measure)promise->measure) {
    case MEASURE_WALL:
        return pauses->wall_ms;
    case MEASURE_WORKING_HOUR:
        return pauses->hours_ms;
    case MEASURE_WORKING_DAY:
        return pauses->days_ms;
    case MEASURE_NONE:
    case MEASURE_COUNT:
        break;
    }
    REQUIRE(!"a measure");
}

uint64_t promise_at(const struct core *core, const struct promise *promise,
                    const struct pauses *pauses, uint64_t length_ms)
{
    return calendar_after(core, (enum measure)promise->measure, promise->start_ms,
                          length_ms + paused(promise, pauses));
}

void promise_reckon(const struct core *core, struct promise *promise, const struct pauses *pauses)
{
    enum measure measure = (enum measure)promise->measure;
    if (promise->paused)
        return;
    promise->due_ms = promise_at(core, promise, pauses, promise->length_ms);
    promise->calendar = core->calendar.version & UINT16_MAX;
    promise->provisional = calendar_is_provisional(core, measure, promise->due_ms);
}

void promise_pause(struct promise *promise, uint64_t at_ms)
{
    REQUIRE(promise_runs(promise));
    if (!promise->measure)
        set_length(promise, promise->due_ms > at_ms ? promise->due_ms - at_ms : 0);
    promise->paused = true;
    promise->due_ms = at_ms;
}

void promise_resume(const struct core *core, struct promise *promise, struct pauses *pauses,
                    uint64_t at_ms)
{
    uint64_t since_ms = promise->due_ms, start_ms = promise->start_ms;
    REQUIRE(promise->paused && since_ms <= at_ms);
    promise->paused = false;
    if (!promise->measure) { /* of an old journal: what was left begins now */
        promise->start_ms = since_ms & START_MAX;
        promise->measure = MEASURE_WALL;
        start_ms = since_ms;
    }
    pauses->wall_ms += at_ms - since_ms;
    pauses->hours_ms += calendar_between(core, MEASURE_WORKING_HOUR, start_ms, since_ms, at_ms);
    pauses->days_ms += calendar_between(core, MEASURE_WORKING_DAY, start_ms, since_ms, at_ms);
    promise_reckon(core, promise, pauses);
}

void promise_extend(const struct core *core, struct promise *promise, const struct pauses *pauses,
                    uint64_t until_ms)
{
    enum measure measure = (enum measure)promise->measure;
    if (!measure) {
        if (until_ms > promise->due_ms)
            promise->due_ms = until_ms;
        return;
    }
    if (until_ms < promise->start_ms)
        return;
    uint64_t counted_ms =
        calendar_between(core, measure, promise->start_ms, promise->start_ms, until_ms);
    if (promise_at(core, promise, &(struct pauses){ 0 }, counted_ms) < until_ms)
        counted_ms++; /* in the night or on a holiday: the first moment behind it */
    uint64_t pause_ms = paused(promise, pauses);
    if (counted_ms > pause_ms + promise->length_ms)
        set_length(promise, counted_ms - pause_ms);
    promise_reckon(core, promise, pauses);
}

void promise_relength(const struct core *core, struct promise *promise, const struct pauses *pauses,
                      struct span length, enum sla_class sla)
{
    if (!promise->measure)
        return; /* its start is not known */
    promise_fill(promise, promise->start_ms, length, sla, 0, false);
    promise_reckon(core, promise, pauses);
}

void promise_tell(const struct promise *promise, const struct pauses *pauses,
                  struct clock_moved *moved)
{
    moved->due_ms = promise->paused ? 0 : promise->due_ms;
    moved->start_ms = promise->start_ms;
    moved->has_length = true;
    moved->length = promise_length(promise);
    moved->paused_ms = pauses->wall_ms;
    moved->paused_hours_ms = pauses->hours_ms;
    moved->paused_days_ms = pauses->days_ms;
    moved->sla = (enum sla_class)promise->sla;
    moved->calendar = promise->calendar;
    moved->provisional = promise->provisional;
}

void promise_take(struct promise *promise, struct pauses *pauses, const struct clock_moved *moved,
                  uint64_t at_ms)
{
    promise->paused = moved->due_ms == 0;
    promise->due_ms = moved->due_ms ? moved->due_ms : at_ms;
    promise_fill(promise, moved->start_ms, moved->length, moved->sla, moved->calendar,
                 moved->provisional);
    pauses->wall_ms = moved->paused_ms;
    pauses->hours_ms = moved->paused_hours_ms;
    pauses->days_ms = moved->paused_days_ms;
}
