/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The units' state machines as text that people read and sign: tests/golden/unit_table.txt.
 *     build/dev/tests/test_unit_table --print > tests/golden/unit_table.txt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/core/unit.h"
#include "tests/golden/golden_text.h"

static char written[32768];

static void write_machine(struct text *out, enum unit_machine machine)
{
    text_print(out, "%s%s: state, step -> state\n", out->length ? "\n" : "",
               unit_machine_name(machine));
    for (enum unit_state from = 0; from < UNIT_STATE_COUNT; from++)
        for (enum unit_step step = 0; step < UNIT_STEP_COUNT; step++)
            if (unit_next(machine, from, step))
                text_print(out, "%-14s %-14s -> %s\n", unit_state_name(from), unit_step_name(step),
                           unit_state_name(unit_next(machine, from, step)));
}

static void write_tables(void)
{
    struct text out = text_into(written, sizeof written);
    for (enum unit_machine machine = UNIT_MACHINE_COMMON; machine < UNIT_MACHINE_COUNT; machine++)
        write_machine(&out, machine);
}

static void the_tables_are_those_that_were_signed(void **state)
{
    (void)state;
    assert_golden("tests/golden/unit_table.txt", written);
}

/* Can it be there, and does it come home from there? */
static bool leads(enum unit_machine machine, enum unit_state from, enum unit_state goal)
{
    bool reached[UNIT_STATE_COUNT] = { false };
    reached[from] = true;
    for (int round = 0; round < UNIT_STATE_COUNT; round++)
        for (enum unit_state at = 1; at < UNIT_STATE_COUNT; at++)
            for (enum unit_step step = 0; reached[at] && step < UNIT_STEP_COUNT; step++)
                reached[unit_next(machine, at, step)] = true;
    return reached[goal];
}

static void every_state_it_can_be_in_leads_home(void **state)
{
    (void)state;
    for (enum unit_machine machine = UNIT_MACHINE_COMMON; machine < UNIT_MACHINE_COUNT; machine++)
        for (enum unit_state at = UNIT_STATE_AVAILABLE; at < UNIT_STATE_COUNT; at++)
            if (leads(machine, UNIT_STATE_AVAILABLE, at))
                assert_true(leads(machine, at, UNIT_STATE_AVAILABLE));
}

static void nobody_stands_down_with_a_patient_aboard(void **state)
{
    static const enum unit_state aboard[] = { UNIT_STATE_LOADED, UNIT_STATE_LEFT_SCENE,
                                              UNIT_STATE_AT_HOSPITAL };
    (void)state;
    for (size_t i = 0; i < sizeof aboard / sizeof aboard[0]; i++) {
        assert_int_equal(unit_next(UNIT_MACHINE_AMBULANCE, aboard[i], UNIT_STEP_STAND_DOWN), 0);
        assert_int_equal(unit_next(UNIT_MACHINE_AMBULANCE, aboard[i], UNIT_STEP_RELEASE), 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_those_that_were_signed),
        cmocka_unit_test(every_state_it_can_be_in_leads_home),
        cmocka_unit_test(nobody_stands_down_with_a_patient_aboard),
    };
    write_tables();
    if (argc > 1 && strcmp(argv[1], "--print") == 0)
        return fputs(written, stdout) < 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
