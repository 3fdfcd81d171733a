/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The leg tables as text people can read: tests/golden/legs.ok. With YIHAO_GOLDEN=write the text is
 * written instead of compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/trunk/leg.h"
#include "tests/golden/golden_text.h"

static char words[16384];

static void add_acts(struct text *text, unsigned acts, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (acts & 1U << i)
            text_print(text, " %s", names[i]);
    text_add(text, "\n");
}

static void write_tables(void)
{
    struct text text = text_into(words, sizeof words);
    for (int from = 0; from < CALLER_STATE_COUNT; from++)
        for (int step = 0; step < CALLER_STEP_COUNT; step++) {
            struct leg_rule rule = caller_rule((enum caller_state)from, (enum caller_step)step);
            if (rule.to == 0)
                continue;
            text_print(&text, "caller %-8s %-11s -> %-8s:", caller_state_name(from),
                       caller_step_name(step), caller_state_name(rule.to));
            add_acts(&text, rule.acts, caller_act_names);
        }
    for (int from = 0; from < PHONE_STATE_COUNT; from++)
        for (int step = 0; step < PHONE_STEP_COUNT; step++) {
            struct leg_rule rule = phone_rule((enum phone_state)from, (enum phone_step)step);
            if (rule.to == 0)
                continue;
            text_print(&text, "phone  %-9s %-9s -> %-9s:", phone_state_name(from),
                       phone_step_name(step), phone_state_name(rule.to));
            add_acts(&text, rule.acts, phone_act_names);
        }
    assert_false(text.cut);
}

static void the_tables_are_as_written(void **state)
{
    (void)state;
    write_tables();
    assert_golden("tests/golden/legs.ok", words);
}

/* Whatever ends a call after it was reported must report its end. */
static void no_end_goes_unreported(void **state)
{
    (void)state;
    for (int from = CALLER_ARRIVING; from < CALLER_LEAVING; from++)
        for (int step = 0; step < CALLER_STEP_COUNT; step++) {
            struct leg_rule rule = caller_rule((enum caller_state)from, (enum caller_step)step);
            bool ends = rule.to == CALLER_OVER || rule.to == CALLER_LEAVING;
            bool reports = rule.acts & CALLER_DO_REPORT_END;
            if (ends && step != CALLER_REFUSE) /* the dispatcher itself said no */
                assert_true(reports);
        }
}

/* An INVITE that waits gets a final response whatever ends it (RFC 3261 §13.3.1). */
static void no_waiting_invite_stays_unanswered(void **state)
{
    (void)state;
    for (int from = CALLER_ARRIVING; from <= CALLER_WAITING; from++)
        for (int step = 0; step < CALLER_STEP_COUNT; step++) {
            struct leg_rule rule = caller_rule((enum caller_state)from, (enum caller_step)step);
            if (rule.to == CALLER_OVER)
                assert_true(rule.acts & (CALLER_DO_GONE | CALLER_DO_DENY));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_as_written),
        cmocka_unit_test(no_end_goes_unreported),
        cmocka_unit_test(no_waiting_invite_stays_unanswered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
