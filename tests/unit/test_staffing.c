/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many takers, how many trunks. The first rows are published examples of the formulae (CRAN
 * ErlangC 0.1.0; PyPI call-center-tools); those of Palm's model were reckoned by another program, a
 * birth and death chain solved with Runge and Kutta's method. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dispatcher/kpi/staffing.h"

static void near(double got, double want, double by)
{
    if (fabs(got - want) > by)
        fail_msg("%.9f, not %.9f", got, want);
}

static void test_lines_without_a_queue_block_as_erlang_said(void **state)
{
    (void)state;
    near(blocking(5, 10), 0.018384570, 1e-9);
    near(blocking(10, 14), 0.056819143, 1e-9);
    near(blocking(40, 50), 0.018690671, 1e-9);
    near(blocking(180, 200), 0.010324995, 1e-9);
}

static void test_patient_callers_wait_as_published(void **state)
{
    (void)state;
    static const struct {
        double calls, talk;
        uint32_t takers;
        double within, waits, share, wait, busy;
    } rows[] = {
        { 200, 180, 14, 20, 0.1741319, 0.8883500, 7.835937, 0.714286 },
        { 1000, 120, 40, 20, 0.1907373, 0.9372106, 3.433271, 0.833333 },
        { 420, 150, 22, 10, 0.2258849, 0.8326604, 7.529495, 0.795455 },
        { 420, 150, 24, 10, 0.0996168, 0.9354140, 2.298849, 0.729167 },
        { 600, 240, 48, 15, 0.1559612, 0.9054047, 4.678836, 0.833333 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct workload workload = { .calls_per_hour = rows[i].calls,
                                     .talk_s = rows[i].talk,
                                     .within_s = rows[i].within };
        struct service service = service_of(&workload, rows[i].takers);
        near(service.waits, rows[i].waits, 1e-7);
        near(service.within, rows[i].share, 1e-7);
        near(service.mean_wait_s, rows[i].wait, 1e-6);
        near(service.occupancy, rows[i].busy, 1e-6);
        near(service.abandons, 0, 0);
    }
}

static void test_impatient_callers_wait_less_because_some_hang_up(void **state)
{
    (void)state;
    static const struct {
        double calls, talk, patience;
        uint32_t takers;
        double within, waits, abandons, wait, share;
    } rows[] = {
        { 200, 180, 120, 14, 20, 0.126976, 0.022839, 2.74071, 0.932730 },
        { 420, 150, 90, 22, 10, 0.153031, 0.024200, 2.17804, 0.906634 },
        { 600, 240, 180, 44, 15, 0.266669, 0.029039, 5.22709, 0.848172 },
        { 900, 240, 180, 44, 15, 0.972460, 0.268010, 48.24185, 0.077690 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct workload workload = { rows[i].calls, rows[i].talk, rows[i].patience,
                                     rows[i].within };
        struct service service = service_of(&workload, rows[i].takers);
        near(service.waits, rows[i].waits, 1e-6);
        near(service.abandons, rows[i].abandons, 1e-6);
        near(service.mean_wait_s, rows[i].wait, 1e-5);
        near(service.within, rows[i].share, 1e-6);
    }
}

static void test_four_emergency_lines_together_need_a_third_less(void **state)
{
    (void)state;
    static const struct workload lines[] = {
        { 240, 120, 0, 10 }, { 30, 150, 0, 10 }, { 90, 150, 0, 10 }, { 60, 150, 0, 10 }
    };
    uint32_t apart90 = 0, apart95 = 0;
    struct workload together = { .within_s = 10 };
    double load = 0;
    for (size_t i = 0; i < 4; i++) {
        apart90 += staffing_takers(&lines[i], 0.90);
        apart95 += staffing_takers(&lines[i], 0.95);
        together.calls_per_hour += lines[i].calls_per_hour;
        load += lines[i].calls_per_hour * lines[i].talk_s;
    }
    together.talk_s = load / together.calls_per_hour;
    assert_int_equal(apart90, 30);
    assert_int_equal(staffing_takers(&together, 0.90), 21);
    assert_int_equal(apart95, 32);
    assert_int_equal(staffing_takers(&together, 0.95), 23);
}

static void test_trunks_are_found_for_a_loss(void **state)
{
    (void)state;
    static const struct {
        double load;
        uint32_t percent, tenth, hundredth;
    } rows[] = {
        { 60, 75, 83, 89 }, { 90, 107, 117, 125 }, { 120, 138, 151, 160 }, { 200, 221, 238, 249 }
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(staffing_trunks(rows[i].load, 0.01), rows[i].percent);
        assert_int_equal(staffing_trunks(rows[i].load, 0.001), rows[i].tenth);
        assert_int_equal(staffing_trunks(rows[i].load, 0.0001), rows[i].hundredth);
    }
}

static void test_overload_is_said_not_reckoned_away(void **state)
{
    (void)state;
    struct workload workload = { 900, 240, 0, 15 };
    struct service service = service_of(&workload, 44);
    assert_true(isinf(service.mean_wait_s));
    near(service.within, 0, 0);
    assert_int_equal(staffing_trunks(30000, 0.01), 0);
    workload.patience_s = 180;
    assert_true(service_of(&workload, 44).within < 0.1);
}

static void test_numbers_no_city_has_are_not_sound(void **state)
{
    (void)state;
    static const struct workload bad[] = {
        { 0, 240, 180, 10 },          { -1, 240, 180, 10 },  { NAN, 240, 180, 10 },
        { 600, 0, 180, 10 },          { 600, 240, 0.5, 10 }, { 600, 240, 180, 601 },
        { INFINITY, 240, 180, 10 },   { 1e6, 240, 180, 10 }, { 400000, 100, 180, 10 },
        { 600, 240, 180, -INFINITY },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(workload_is_sound(&bad[i]));
    struct workload most = { 190000, 300, 180, 10 };
    assert_true(workload_is_sound(&most));
    assert_true(staffing_takers(&most, 0.95) > 15000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_without_a_queue_block_as_erlang_said),
        cmocka_unit_test(test_patient_callers_wait_as_published),
        cmocka_unit_test(test_impatient_callers_wait_less_because_some_hang_up),
        cmocka_unit_test(test_four_emergency_lines_together_need_a_third_less),
        cmocka_unit_test(test_trunks_are_found_for_a_loss),
        cmocka_unit_test(test_overload_is_said_not_reckoned_away),
        cmocka_unit_test(test_numbers_no_city_has_are_not_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
