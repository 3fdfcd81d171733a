/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * When who follows by the annals may take the epoch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/annals/watch.h"

static struct annals_stand of(const char *holder, uint64_t beat)
{
    struct annals_stand stand = { .epoch = 7, .beat = beat };
    (void)strncpy(stand.holder, holder, sizeof stand.holder - 1);
    return stand;
}

static void a_leader_that_beats_is_left_alone_and_a_silent_one_replaced(void **state)
{
    struct watch watch;
    struct annals_stand stand = of("a", 1);
    (void)state;
    watch_begin(&watch, 1000);
    for (uint64_t at_ms = 1000; at_ms < 9000; at_ms += 400, stand.beat++)
        assert_false(watch_may_rise(&watch, &stand, "b", at_ms));
    stand.beat--;
    assert_false(watch_may_rise(&watch, &stand, "b", 8600 + WATCH_SILENT_MS - 1));
    assert_true(watch_may_rise(&watch, &stand, "b", 8600 + WATCH_SILENT_MS));
}

static void a_turn_and_a_new_epoch_are_signs_of_life(void **state)
{
    struct watch watch;
    struct annals_stand stand = of("a", 1);
    (void)state;
    watch_begin(&watch, 0);
    assert_false(watch_may_rise(&watch, &stand, "b", 0));
    stand.last.turn = 5;
    assert_false(watch_may_rise(&watch, &stand, "b", 1999));
    stand.epoch++;
    assert_false(watch_may_rise(&watch, &stand, "b", 3998));
    assert_true(watch_may_rise(&watch, &stand, "b", 5998));
}

static void who_cannot_see_hears_no_silence(void **state)
{
    struct watch watch;
    struct annals_stand stand = of("a", 1);
    (void)state;
    watch_begin(&watch, 0);
    assert_false(watch_may_rise(&watch, &stand, "b", 0));
    watch_blind(&watch, 60000);
    assert_false(watch_may_rise(&watch, &stand, "b", 60050));
    assert_true(watch_may_rise(&watch, &stand, "b", 62000));
}

static void what_nobody_has_is_taken_at_once(void **state)
{
    struct watch watch;
    struct annals_stand laid_down = of("", 1), own = of("b", 1), never = { .epoch = 0 };
    (void)state;
    watch_begin(&watch, 0);
    assert_true(watch_may_rise(&watch, &laid_down, "b", 0));
    assert_true(watch_may_rise(&watch, &own, "b", 0)); /* of a former life */
    assert_true(watch_may_rise(&watch, &never, "b", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leader_that_beats_is_left_alone_and_a_silent_one_replaced),
        cmocka_unit_test(a_turn_and_a_new_epoch_are_signs_of_life),
        cmocka_unit_test(who_cannot_see_hears_no_silence),
        cmocka_unit_test(what_nobody_has_is_taken_at_once),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
