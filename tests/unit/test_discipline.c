/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The orderings that published models and our own reckoning agree on, held by the real core. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/bench/discipline.h"

static struct outcome_of_discipline run(bool one_band, uint32_t reserve, double emergencies,
                                        double ordinary)
{
    struct discipline discipline = { .takers = 58,
                                     .reserve = reserve,
                                     .one_band = one_band,
                                     .emergency_per_hour = emergencies,
                                     .ordinary_per_hour = ordinary,
                                     .hours = 80,
                                     .seed = 7 };
    return discipline_run(&discipline);
}

/* Bands help emergencies, each taker in reserve helps more, and somebody pays for it. */
static void check_load(double emergencies, double ordinary)
{
    static const uint32_t reserves[] = { 0, 1, 2, 3, 6 };
    struct outcome_of_discipline before = run(true, 0, emergencies, ordinary);
    for (unsigned i = 0; i < sizeof reserves / sizeof reserves[0]; i++) {
        struct outcome_of_discipline now = run(false, reserves[i], emergencies, ordinary);
        assert_true(now.emergency_in_10 > before.emergency_in_10);
        assert_true(now.emergency_lost < before.emergency_lost);
        before = now;
    }
    assert_true(before.ordinary_lost > run(false, 0, emergencies, ordinary).ordinary_lost);
}

static void a_reserve_buys_answers_in_time(void **state)
{
    (void)state;
    check_load(420, 600);
    check_load(420, 900);
    check_load(1260, 600);
}

static void a_reserve_of_two_holds_the_target_in_a_surge_of_the_hotline(void **state)
{
    (void)state;
    assert_true(run(false, 0, 420, 900).emergency_in_10 < 0.90);
    assert_true(run(false, 2, 420, 900).emergency_in_10 > 0.95);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reserve_buys_answers_in_time),
        cmocka_unit_test(a_reserve_of_two_holds_the_target_in_a_surge_of_the_hotline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
