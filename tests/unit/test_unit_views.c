/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The board of units, the plans of an incident and coverage are what the events said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "proto/codec.h"
#include "tests/unit/own_views.h"

enum {
    FIRE = 7,
    SECOND_FIRE = 8,
    UNITS = 200
};

static struct query query;
static struct answer answer;

static void ask(void)
{
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    assert_int_equal(answer.refusal, REFUSAL_NONE);
}

static void define(uint32_t unit, uint32_t department)
{
    struct event event = { .kind = EVENT_UNIT_DEFINED };
    event.unit_defined.has_row = true;
    event.unit_defined.row = (struct unit_row){ .unit = unit, .department = department };
    (void)strcpy(event.unit_defined.row.kind, "engine");
    own_views_happen(event);
}

static void move(uint32_t unit, uint64_t incident, enum unit_step step, enum unit_state to)
{
    struct event event = { .kind = EVENT_UNIT_MOVED, .incident = incident };
    event.unit_moved = (struct unit_moved){ .unit = unit, .step = step, .to = to };
    own_views_happen(event);
}

static const struct unit_status *board_of(uint64_t incident)
{
    query = (struct query){ .kind = QUERY_UNITS, .units = { .incident = incident } };
    ask();
    return answer.unit_board.rows_count ? &answer.unit_board.rows[0] : NULL;
}

static void the_board_follows_a_run(void **state)
{
    (void)state;
    define(301, 3);
    define(302, 3);
    move(301, FIRE, UNIT_STEP_ALERT, UNIT_STATE_ALERTED);
    move(301, FIRE, UNIT_STEP_SIGN, UNIT_STATE_SIGNED);
    struct event stacked = { .kind = EVENT_UNIT_STACKED, .incident = SECOND_FIRE };
    stacked.unit_stacked.unit = 301;
    own_views_happen(stacked);
    const struct unit_status *unit = board_of(FIRE);
    assert_non_null(unit);
    assert_int_equal(unit->state, UNIT_STATE_SIGNED);
    assert_int_equal(unit->stack[0], SECOND_FIRE);
    assert_ptr_equal(board_of(SECOND_FIRE), &answer.unit_board.rows[0]);
    move(301, FIRE, UNIT_STEP_STAND_DOWN, UNIT_STATE_AVAILABLE);
    move(301, SECOND_FIRE, UNIT_STEP_ALERT, UNIT_STATE_ALERTED);
    assert_null(board_of(FIRE));
    unit = board_of(SECOND_FIRE);
    assert_int_equal(unit->incident, SECOND_FIRE);
    assert_int_equal(unit->stack_count, 0);
}

static void a_position_tells_its_age(void **state)
{
    (void)state;
    define(301, 3);
    struct event placed = { .kind = EVENT_UNIT_PLACED };
    placed.unit_placed = (struct unit_placed){
        .unit = 301, .east_cell = 9, .north_cell = 8, .measured_ms = own_views_now_ms
    };
    own_views_happen(placed);
    own_views_now_ms += 1800000;
    query = (struct query){ .kind = QUERY_UNITS };
    ask();
    assert_int_equal(answer.unit_board.rows[0].age_s, 1800);
    assert_false(answer.unit_board.rows[0].stale);
    own_views_now_ms += 1000;
    ask();
    assert_true(answer.unit_board.rows[0].stale);
    struct event changed = { .kind = EVENT_PARAMETER_CHANGED };
    changed.parameter_changed.parameter = PARAMETER_POSITION_STALE_MS;
    changed.parameter_changed.value = 7200000;
    own_views_happen(changed);
    ask();
    assert_false(answer.unit_board.rows[0].stale);
}

static void a_long_board_comes_page_by_page(void **state)
{
    (void)state;
    uint32_t seen = 0;
    for (uint32_t i = 1; i <= UNITS; i++)
        define(i, i % 2 ? 3 : 4);
    query = (struct query){ .kind = QUERY_UNITS, .units = { .department = 3 } };
    do {
        ask();
        for (uint32_t i = 0; i < answer.unit_board.rows_count; i++)
            assert_int_equal(answer.unit_board.rows[i].department, 3);
        seen += answer.unit_board.rows_count;
        query.units.after = (uint32_t)answer.next;
    } while (answer.more);
    assert_int_equal(seen, UNITS / 2);
    query = (struct query){ .kind = QUERY_UNITS };
    ask();
    assert_true(answer.more);
}

static void plans_come_newest_first_with_their_reasons(void **state)
{
    (void)state;
    for (uint32_t level = 1; level <= 10; level++) {
        struct event event = { .kind = EVENT_PLAN_ACTIVATED, .incident = FIRE };
        event.plan_activated = (struct plan_activated){
            .card = 10,
            .level = level,
            .picks_count = 1,
            .picks = { { .unit = 300 + level, .reason = PICK_REASON_ONLY_ONE } }
        };
        own_views_happen(event);
        own_views_now_ms += 1000;
    }
    query = (struct query){ .kind = QUERY_PLANS, .plans = { .incident = FIRE } };
    ask();
    assert_int_equal(answer.plans.rows_count, 8);
    assert_int_equal(answer.plans.rows[0].plan.level, 10);
    assert_int_equal(answer.plans.rows[0].plan.picks[0].unit, 310);
    assert_true(answer.more);
    query.plans.before = answer.next;
    ask();
    assert_int_equal(answer.plans.rows_count, 2);
    assert_int_equal(answer.plans.rows[1].plan.level, 1);
    query.plans = (struct plans_query){ .incident = SECOND_FIRE };
    ask();
    assert_int_equal(answer.plans.rows_count, 0);
}

static void coverage_tells_who_could_go_now(void **state)
{
    (void)state;
    struct event defined = { .kind = EVENT_COVERAGE_DEFINED };
    defined.coverage_defined.has_row = true;
    defined.coverage_defined.row =
        (struct coverage_row){ .coverage = 1, .kind = "engine", .minimum = 4 };
    own_views_happen(defined);
    query = (struct query){ .kind = QUERY_COVERAGE, .coverage = { .low = true } };
    ask();
    assert_int_equal(answer.coverage_board.rows_count, 0);
    struct event changed = { .kind = EVENT_COVERAGE_CHANGED };
    changed.coverage_changed = (struct coverage_changed){
        .coverage = 1, .low = true, .available = 3, .minimum = 4, .kind = "engine"
    };
    own_views_happen(changed);
    ask();
    assert_int_equal(answer.coverage_board.rows[0].available, 0); /* there is none at all */
    define(301, 3);
    define(302, 3);
    define(303, 3);
    move(301, FIRE, UNIT_STEP_ALERT, UNIT_STATE_ALERTED);
    move(302, 0, UNIT_STEP_LEAVE, UNIT_STATE_LEFT);
    ask();
    assert_true(answer.coverage_board.rows[0].low); /* as it was told */
    assert_int_equal(answer.coverage_board.rows[0].available, 2);
    defined.coverage_defined.row.retired = true;
    own_views_happen(defined);
    ask();
    assert_int_equal(answer.coverage_board.rows_count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, own_views_set_up, own_views_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_board_follows_a_run),         TEST(a_position_tells_its_age),
        TEST(a_long_board_comes_page_by_page), TEST(plans_come_newest_first_with_their_reasons),
        TEST(coverage_tells_who_could_go_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
