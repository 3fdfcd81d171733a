/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of which run card counts, and of how long the way of those is whom it asks for (forces: forces.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/forces.h"

/* Another card than the forces' own for any fire, with one more thing that it asks for. */
static void define_other(struct world *w, struct run_card_row row)
{
    row.run_card = 21;
    row.category = 10100;
    row.needs_count = 1;
    row.needs[0] = (struct plan_need){ .kind = "ladder", .count = 1 };
    define_card(w, row);
}

static uint32_t card_of(struct world *w, uint64_t incident)
{
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    return plan(w)->card;
}

static uint64_t fire_of(struct world *w, enum priority priority)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.line = 110;
    command.incident_register.category = 10100;
    command.incident_register.priority = priority;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return w->verdict.incident;
}

static void a_card_for_the_worse_counts_for_the_worse_alone(void **state)
{
    struct world *w = *state;
    define_other(w, (struct run_card_row){ .priority = PRIORITY_P1 });
    assert_int_equal(card_of(w, fire_of(w, PRIORITY_P0)), 2);
    assert_int_equal(card_of(w, fire_of(w, PRIORITY_P1)), 2);
    assert_int_equal(card_of(w, fire_of(w, PRIORITY_P2)), 1);
}

static void a_premises_card_ends_where_the_premises_do(void **state)
{
    struct world *w = *state;
    define_other(w, (struct run_card_row){ .east_cell = 100, .north_cell = 100, .within_m = 500 });
    assert_int_equal(card_of(w, register_fire(w, 101, 100)), 2);
    assert_int_equal(card_of(w, register_fire(w, 100 + CELLS_1_KM, 100)), 1);
    assert_int_equal(card_of(w, register_fire(w, 0, 0)), 1); /* nobody knows where it is */
}

static void what_the_questions_found_out_is_a_fact_for_the_card(void **state)
{
    struct world *w = *state;
    define_other(w, (struct run_card_row){ .flags_count = 1, .flags = { PLAN_FLAG_TRAPPED } });
    uint64_t incident = register_fire(w, 100, 100);
    assert_int_equal(card_of(w, incident), 1);
    core_incident(w->core, incident)->risks |= 1U << RISK_TRAPPED; /* as an answer does */
    assert_int_equal(card_of(w, incident), 2);
}

static void a_way_is_as_long_as_the_road(void **state)
{
    struct world *w = *state;
    uint64_t incident = register_fire(w, 100, 100);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    assert_int_equal(plan(w)->picks[0].unit, 501);
    assert_int_equal(plan(w)->picks[0].distance_m, 1000);
    assert_int_equal(plan(w)->picks[0].travel_s, 60 + 117); /* 1.3 km at 40 km/h */
    assert_int_equal(set_parameter(w, PARAMETER_ROAD_PERCENT, 200), REFUSAL_NONE);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    assert_int_equal(plan(w)->picks[0].travel_s, 60 + 180);
}

static void who_comes_back_from_somewhere_is_not_at_the_station(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    run(w, 501, UNIT_STEP_ARRIVE);
    assert_int_equal(report(w, 501, UNIT_STEP_LEAVE),
                     REFUSAL_NONE); /* free, and without a position */
    assert_int_equal(raise_to(w, register_fire(w, 100, 100), 1, true), REFUSAL_NONE);
    expect_plan(w, "503 next_station, 504 next_station, 602 only_one");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, forces_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_card_for_the_worse_counts_for_the_worse_alone),
        STORY(a_premises_card_ends_where_the_premises_do),
        STORY(a_way_is_as_long_as_the_road),
        STORY(who_comes_back_from_somewhere_is_not_at_the_station),
        cmocka_unit_test_setup_teardown(what_the_questions_found_out_is_a_fact_for_the_card,
                                        forces_setup, world_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
