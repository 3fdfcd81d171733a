/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Units as they stand, the plans of an incident, and coverage. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "dispatcher/store/events.h"
#include "dispatcher/views/row.h"

enum {
    STALE_MS_DEFAULT = 1800000 /* PARAMETER_POSITION_STALE_MS until somebody sets it */
};

/* ---- applying ------------------------------------------------------------------------------ */

/* The unit an event is about; 0: none. */
static uint32_t unit_of(const struct event *event)
{
    switch (event->kind) {
    case EVENT_UNIT_DEFINED:
        return event->unit_defined.row.unit;
    case EVENT_UNIT_MOVED:
        return event->unit_moved.unit;
    case EVENT_UNIT_PLACED:
        return event->unit_placed.unit;
    case EVENT_UNIT_STACKED:
        return event->unit_stacked.unit;
    case EVENT_UNIT_UNSTACKED:
        return event->unit_unstacked.unit;
    case EVENT_UNIT_PASSED:
        return event->unit_passed.unit;
    case EVENT_UNIT_STAFFED:
        return event->unit_staffed.unit;
    case EVENT_CHECK_IN_MISSED:
        return event->check_in_missed.unit;
    case EVENT_CHECKED_IN:
        return event->checked_in.unit;
    case EVENT_MAYDAY_CALLED:
        return event->mayday_called.unit;
    case EVENT_MAYDAY_ENDED:
        return event->mayday_ended.unit;
    default: /* kinds that are about no unit */
        return 0;
    }
}

static void take_row(const struct unit_row *row, struct unit_status *unit)
{
    if (unit->state == UNIT_STATE_NONE)
        unit->state = UNIT_STATE_AVAILABLE;
    unit->unit = row->unit;
    (void)text_copy(unit->kind, sizeof unit->kind, row->kind);
    unit->department = row->department;
    unit->district = row->district;
    unit->retired = row->retired;
}

static void unstack(struct unit_status *unit, uint64_t incident)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < unit->stack_count; i++)
        if (unit->stack[i] != incident)
            unit->stack[kept++] = unit->stack[i];
    unit->stack_count = kept;
}

static void move(const struct event *event, struct unit_status *unit)
{
    const struct unit_moved *moved = &event->unit_moved;
    unit->state = moved->to;
    unit->since_ms = event->at_ms;
    unit->sign_due_ms = moved->sign_due_ms;
    unit->unanswered = false;
    if (unit->check_in_due_ms != moved->check_in_due_ms)
        unit->check_in_missed = false;
    unit->check_in_due_ms = moved->check_in_due_ms;
    unit->reason = moved->to == UNIT_STATE_OUT_OF_SERVICE ? moved->reason : UNABLE_REASON_NONE;
    if (moved->step == UNIT_STEP_ALERT) {
        unit->incident = event->incident;
        unstack(unit, event->incident);
    } else if (moved->to < UNIT_STATE_ALERTED || moved->to > UNIT_STATE_OUT) {
        unit->incident = 0;
    }
}

static void unit_change(const struct event *event, struct unit_status *unit)
{
    switch (event->kind) {
    case EVENT_UNIT_DEFINED:
        take_row(&event->unit_defined.row, unit);
        return;
    case EVENT_UNIT_MOVED:
        move(event, unit);
        return;
    case EVENT_UNIT_PLACED:
        unit->east_cell = event->unit_placed.east_cell;
        unit->north_cell = event->unit_placed.north_cell;
        unit->measured_ms = event->unit_placed.measured_ms;
        return;
    case EVENT_UNIT_STACKED:
        if (unit->stack_count < sizeof unit->stack / sizeof unit->stack[0])
            unit->stack[unit->stack_count++] = event->incident;
        return;
    case EVENT_UNIT_UNSTACKED:
        unstack(unit, event->incident);
        return;
    case EVENT_UNIT_PASSED:
        unit->unanswered |= event->unit_passed.unanswered;
        return;
    case EVENT_UNIT_STAFFED:
        unit->crew = event->unit_staffed.crew;
        return;
    case EVENT_CHECK_IN_MISSED:
        unit->check_in_due_ms = event->check_in_missed.next_due_ms;
        unit->check_in_missed = true;
        return;
    case EVENT_CHECKED_IN:
        unit->check_in_due_ms = event->checked_in.next_due_ms;
        unit->check_in_missed = false;
        return;
    case EVENT_MAYDAY_CALLED:
    case EVENT_MAYDAY_ENDED:
        unit->mayday = event->kind == EVENT_MAYDAY_CALLED;
        return;
    default: /* unit_of() lets no other in */
        return;
    }
}

static int coverage_defined(const struct change *change)
{
    const struct coverage_row *row = &change->event->coverage_defined.row;
    struct key key = key_of1(VIEW_COVERAGE, row->coverage);
    struct coverage_status coverage = { .since_ms = change->event->at_ms };
    int status = row_take(change, key, SCHEMA_COVERAGE_STATUS, &coverage);
    if (status < 0 && status != -ENOENT)
        return status;
    if (row->retired)
        return status == 0 ? row_remove(change, key) : 0;
    coverage.coverage = row->coverage;
    coverage.minimum = row->minimum;
    coverage.district = row->district;
    (void)text_copy(coverage.kind, sizeof coverage.kind, row->kind);
    return row_put(change, key, SCHEMA_COVERAGE_STATUS, &coverage);
}

static int coverage_changed(const struct change *change)
{
    const struct coverage_changed *changed = &change->event->coverage_changed;
    struct coverage_status coverage = { .coverage = changed->coverage,
                                        .low = changed->low,
                                        .available = changed->available,
                                        .minimum = changed->minimum,
                                        .district = changed->district,
                                        .since_ms = change->event->at_ms };
    (void)text_copy(coverage.kind, sizeof coverage.kind, changed->kind);
    return row_put(change, key_of1(VIEW_COVERAGE, changed->coverage), SCHEMA_COVERAGE_STATUS,
                   &coverage);
}

int apply_to_units(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_COVERAGE_DEFINED)
        return coverage_defined(change);
    if (event->kind == EVENT_COVERAGE_CHANGED)
        return coverage_changed(change);
    if (event->kind == EVENT_PLAN_ACTIVATED)
        return mark_put(change, key_of2(VIEW_PLAN, event->incident, event->seq));
    uint32_t number = unit_of(event);
    if (number == 0)
        return 0;
    struct unit_status unit = { .unit = number };
    struct key key = key_of1(VIEW_UNIT, number);
    int status = row_take(change, key, SCHEMA_UNIT_STATUS, &unit);
    if (status < 0 && status != -ENOENT)
        return status;
    unit_change(event, &unit);
    return row_put(change, key, SCHEMA_UNIT_STATUS, &unit);
}

/* ---- answering ----------------------------------------------------------------------------- */

static bool works_on(const struct unit_status *unit, uint64_t incident)
{
    for (uint32_t i = 0; i < unit->stack_count; i++)
        if (unit->stack[i] == incident)
            return true;
    return unit->incident == incident;
}

static bool is_asked_for(const struct units_query *query, const struct unit_status *unit)
{
    return !unit->retired && (!query->department || query->department == unit->department) &&
           (!query->state || query->state == unit->state) &&
           (!query->district || query->district == unit->district) &&
           (!query->incident || works_on(unit, query->incident));
}

static int stale_ms(const struct question *question, uint64_t *ms)
{
    int status =
        number_get(question->read, key_of1(VIEW_PARAMETER, PARAMETER_POSITION_STALE_MS), ms);
    if (status == 0 && *ms == 0)
        *ms = STALE_MS_DEFAULT;
    return status;
}

int answer_units(const struct question *question, struct answer *answer)
{
    const struct units_query *query = &question->query->units;
    struct unit_board *board = &answer->unit_board;
    uint32_t room = sizeof board->rows / sizeof board->rows[0];
    struct key prefix = key_of(VIEW_UNIT);
    uint64_t number = query->after;
    answer->kind = ANSWER_UNIT_BOARD;
    board->rows_count = 0;
    int status = stale_ms(question, &board->stale_ms);
    while (status == 0) {
        struct unit_status unit = { .unit = 0 };
        struct slice value;
        struct key from = key_of1(VIEW_UNIT, number + 1);
        status = view_next(question->read, &prefix, &from, &number, &value);
        if (status == 0)
            status = codec_unpack(question->views->codec, SCHEMA_UNIT_STATUS, value.data,
                                  value.size, &unit);
        if (status < 0 || !is_asked_for(query, &unit))
            continue;
        if (board->rows_count == room) {
            answer->more = true;
            answer->next = board->rows[room - 1].unit;
            return 0;
        }
        if (unit.measured_ms && unit.measured_ms < question->now_ms)
            unit.age_s = (uint32_t)((question->now_ms - unit.measured_ms) / 1000);
        unit.stale = unit.age_s > board->stale_ms / 1000;
        board->rows[board->rows_count++] = unit;
    }
    return status == -ENOENT ? 0 : status;
}

static int plan_read(const struct question *question, uint64_t seq, struct plan_row *plan)
{
    struct views *views = question->views;
    int status = events_get(question->read, seq, &views->row);
    if (status == 0)
        status = codec_unpack(views->codec, SCHEMA_RECORD, views->row.record,
                              views->row.record_size, &views->record);
    if (status < 0)
        return status;
    const struct event *event = &views->record.event;
    *plan = (struct plan_row){ .seq = seq,
                               .at_ms = event->at_ms,
                               .incident = event->incident,
                               .actor_kind = event->actor_kind,
                               .actor = event->actor,
                               .has_plan = true,
                               .plan = event->plan_activated };
    return 0;
}

int answer_plans(const struct question *question, struct answer *answer)
{
    const struct plans_query *query = &question->query->plans;
    struct plans *plans = &answer->plans;
    uint32_t room = sizeof plans->rows / sizeof plans->rows[0];
    struct key prefix = key_of1(VIEW_PLAN, query->incident);
    uint64_t seq = query->before ? query->before : UINT64_MAX;
    answer->kind = ANSWER_PLANS;
    plans->rows_count = 0;
    for (;;) {
        struct key limit = key_of2(VIEW_PLAN, query->incident, seq);
        struct slice value;
        int status = view_previous(question->read, &prefix, &limit, &seq, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (plans->rows_count == room) {
            answer->more = true;
            answer->next = plans->rows[room - 1].seq;
            return 0;
        }
        status = plan_read(question, seq, &plans->rows[plans->rows_count++]);
        if (status < 0)
            return status;
    }
}

/* As the core counts it: free, and as many aboard as its row asks for, as far as anybody said. */
static bool could_go(const struct question *question, const struct unit_status *unit)
{
    struct unit_row row = { .unit = 0 };
    if (unit->retired || (unit->state != UNIT_STATE_AVAILABLE && unit->state != UNIT_STATE_LEFT))
        return false;
    return !unit->crew ||
           row_get(question->views, question->read,
                   key_of2(VIEW_CITY, CITY_TABLE_UNITS, unit->unit), SCHEMA_UNIT_ROW, &row) < 0 ||
           unit->crew >= row.crew;
}

/* How many of each kind and district could go now. */
static int count_available(const struct question *question, struct coverage_board *board)
{
    struct key prefix = key_of(VIEW_UNIT), from = prefix;
    struct slice value;
    uint64_t number;
    int status;
    for (uint32_t i = 0; i < board->rows_count; i++)
        board->rows[i].available = 0;
    while ((status = view_next(question->read, &prefix, &from, &number, &value)) == 0) {
        struct unit_status unit = { .unit = 0 };
        status =
            codec_unpack(question->views->codec, SCHEMA_UNIT_STATUS, value.data, value.size, &unit);
        if (status < 0)
            return status;
        bool counts = could_go(question, &unit);
        for (uint32_t i = 0; counts && i < board->rows_count; i++) {
            struct coverage_status *coverage = &board->rows[i];
            coverage->available += strcmp(coverage->kind, unit.kind) == 0 &&
                                   (!coverage->district || coverage->district == unit.district);
        }
        from = key_of1(VIEW_UNIT, number + 1);
    }
    return status == -ENOENT ? 0 : status;
}

int answer_coverage(const struct question *question, struct answer *answer)
{
    const struct coverage_query *query = &question->query->coverage;
    struct coverage_board *board = &answer->coverage_board;
    uint32_t room = sizeof board->rows / sizeof board->rows[0];
    struct key prefix = key_of(VIEW_COVERAGE);
    uint64_t number = query->after;
    answer->kind = ANSWER_COVERAGE_BOARD;
    board->rows_count = 0;
    for (;;) {
        struct coverage_status coverage = { .coverage = 0 };
        struct slice value;
        struct key from = key_of1(VIEW_COVERAGE, number + 1);
        int status = view_next(question->read, &prefix, &from, &number, &value);
        if (status == 0)
            status = codec_unpack(question->views->codec, SCHEMA_COVERAGE_STATUS, value.data,
                                  value.size, &coverage);
        if (status < 0)
            return status == -ENOENT ? count_available(question, board) : status;
        if (query->low && !coverage.low)
            continue;
        if (board->rows_count == room) {
            answer->more = true;
            answer->next = board->rows[room - 1].coverage;
            return count_available(question, board);
        }
        board->rows[board->rows_count++] = coverage;
    }
}
