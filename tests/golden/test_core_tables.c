/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state machines as text that people read and sign: tests/golden/core_tables.txt. A changed cell
 * shows as a changed line.
 *     build/dev/tests/test_core_tables --print > tests/golden/core_tables.txt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/core/amendment.h"
#include "dispatcher/core/article.h"
#include "dispatcher/core/city.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/task.h"
#include "tests/golden/golden_text.h"

static char written[65536];

static void write_incidents(struct text *out, bool emergency)
{
    text_print(out, "%s: state, step -> state\n", emergency ? "\nemergency" : "work order");
    for (enum incident_state from = 0; from < INCIDENT_STATE_COUNT; from++)
        for (enum incident_step step = 0; step < INCIDENT_STEP_COUNT; step++)
            if (incident_next(emergency, from, step))
                text_print(out, "%-16s %-16s -> %s\n", incident_state_name(from),
                           incident_step_name(step),
                           incident_state_name(incident_next(emergency, from, step)));
}

static void write_tasks(struct text *out)
{
    text_add(out, "\ntask: state, step -> state\n");
    for (enum task_state from = 0; from < TASK_STATE_COUNT; from++)
        for (enum task_step step = 0; step < TASK_STEP_COUNT; step++)
            if (task_next(from, step))
                text_print(out, "%-16s %-16s -> %s\n", task_state_name(from), task_step_name(step),
                           task_state_name(task_next(from, step)));
}

static void write_contacts(struct text *out)
{
    text_add(out, "\ncontact: state -> state\n");
    for (enum contact_state from = 0; from < CONTACT_STATE_COUNT; from++)
        for (enum contact_state to = 0; to < CONTACT_STATE_COUNT; to++)
            if (contact_may_move(from, to))
                text_print(out, "%-12s -> %s\n", contact_state_name(from), contact_state_name(to));
}

static void write_silence(struct text *out)
{
    text_add(out, "\nsilence: state, step -> state\n");
    for (enum silence_state from = 0; from < SILENCE_STATE_COUNT; from++)
        for (enum silence_step step = 0; step < SILENCE_STEP_COUNT; step++)
            if (silence_next(from, step))
                text_print(out, "%-12s %-16s -> %s\n", silence_state_name(from),
                           silence_step_name(step), silence_state_name(silence_next(from, step)));
}

static void write_articles(struct text *out)
{
    text_add(out, "\narticle: state of an edition, step -> state\n");
    for (enum article_state from = 0; from < ARTICLE_STATE_COUNT; from++)
        for (enum article_step step = 0; step < ARTICLE_STEP_COUNT; step++)
            if (article_next(from, step))
                text_print(out, "%-12s %-16s -> %s\n", article_state_name(from),
                           article_step_name(step), article_state_name(article_next(from, step)));
}

static void write_amendments(struct text *out)
{
    text_add(out, "\namendment: state, step -> state\n");
    for (enum amendment_state from = 0; from < AMENDMENT_STATE_COUNT; from++)
        for (enum amendment_step step = 0; step < AMENDMENT_STEP_COUNT; step++)
            if (amendment_next(from, step))
                text_print(out, "%-12s %-16s -> %s\n", amendment_state_name(from),
                           amendment_step_name(step),
                           amendment_state_name(amendment_next(from, step)));
}

static void write_roles(struct text *out, uint32_t roles)
{
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++)
        if (roles & 1U << role)
            text_print(out, " %s", role_name(role));
}

static void write_approvals(struct text *out)
{
    static const char *const occasions[] = { "", " (the second)", " (disputed)",
                                             " (another city)" };
    text_add(out, "\npetition: who asks, who answers\n");
    for (uint32_t i = 0; i < approval_count; i++) {
        const struct approval *approval = &approvals[i];
        text_print(out, "%s%s:", petition_kind_name(approval->kind), occasions[approval->occasion]);
        write_roles(out, approval->askers);
        for (uint32_t stage = 0; stage < PETITION_STAGES_MAX && approval->stages[stage]; stage++) {
            text_add(out, " ->");
            write_roles(out, approval->stages[stage]);
        }
        text_print(out, "%s%s\n", approval->alone ? ", one person will do" : "",
                   approval->lapses ? ", silence is a no" : "");
    }
}

static void write_parameters(struct text *out)
{
    text_add(out, "\nparameter: at first, least, most\n");
    for (enum parameter parameter = 1; parameter < PARAMETER_COUNT; parameter++) {
        const struct parameter_rule *rule = parameter_rule(parameter);
        if (rule->most == 0) /* a number nobody uses */
            continue;
        text_print(out, "%-18s %llu, %llu, %llu\n", parameter_name(parameter),
                   (unsigned long long)rule->initial, (unsigned long long)rule->least,
                   (unsigned long long)rule->most);
    }
}

static void write_tables(void)
{
    struct text out = text_into(written, sizeof written);
    write_incidents(&out, false);
    write_incidents(&out, true);
    write_tasks(&out);
    write_contacts(&out);
    write_silence(&out);
    write_articles(&out);
    write_amendments(&out);
    write_approvals(&out);
    write_parameters(&out);
}

static void the_tables_are_those_that_were_signed(void **state)
{
    (void)state;
    assert_golden("tests/golden/core_tables.txt", written);
}

/* Everything that can follow `from`, itself included. */
static void reach(bool emergency, enum incident_state from, bool reached[INCIDENT_STATE_COUNT])
{
    memset(reached, 0, INCIDENT_STATE_COUNT * sizeof reached[0]);
    reached[from] = true;
    for (int round = 0; round < INCIDENT_STATE_COUNT; round++)
        for (enum incident_state at = 0; at < INCIDENT_STATE_COUNT; at++)
            for (enum incident_step step = 0; reached[at] && step < INCIDENT_STEP_COUNT; step++)
                if (incident_next(emergency, at, step))
                    reached[incident_next(emergency, at, step)] = true;
}

/* What an emergency never is: it is not refused, disputed, put off or reviewed before its dispatch. */
static bool is_for_orders_alone(enum incident_state state)
{
    return state == INCIDENT_STATE_PENDING_INFO || state == INCIDENT_STATE_PENDING_DISPATCH ||
           state == INCIDENT_STATE_DISPUTE || state == INCIDENT_STATE_SUSPENDED ||
           state == INCIDENT_STATE_NOT_ACCEPTED;
}

static bool is_for_emergencies_alone(enum incident_state state)
{
    return state == INCIDENT_STATE_ON_SCENE || state == INCIDENT_STATE_CONTROLLED;
}

static void every_state_is_reached_by_the_machine_it_belongs_to(void **state)
{
    (void)state;
    bool orders[INCIDENT_STATE_COUNT], emergencies[INCIDENT_STATE_COUNT];
    reach(false, INCIDENT_STATE_NONE, orders);
    reach(true, INCIDENT_STATE_NONE, emergencies);
    for (enum incident_state at = 1; at < INCIDENT_STATE_COUNT; at++) {
        assert_int_equal(orders[at], !is_for_emergencies_alone(at));
        assert_int_equal(emergencies[at], !is_for_orders_alone(at));
    }
}

/* Every state leads to the archive, and no open one is a place to stay. */
static void no_state_is_a_dead_end(void **state)
{
    (void)state;
    bool reached[INCIDENT_STATE_COUNT];
    for (int emergency = 0; emergency < 2; emergency++)
        for (enum incident_state at = 1; at < INCIDENT_STATE_COUNT; at++) {
            if (emergency ? is_for_orders_alone(at) : is_for_emergencies_alone(at))
                continue;
            reach(emergency, at, reached);
            assert_true(reached[INCIDENT_STATE_ARCHIVED]);
            uint32_t ways = 0;
            for (enum incident_step step = 0; step < INCIDENT_STEP_COUNT; step++)
                ways += incident_next(emergency, at, step) != INCIDENT_STATE_NONE;
            assert_true((ways > 0) == (at != INCIDENT_STATE_ARCHIVED));
        }
}

static void a_step_leads_out_of_nothing_but_its_own_machine(void **state)
{
    (void)state;
    for (int emergency = 0; emergency < 2; emergency++)
        for (enum incident_state at = 1; at < INCIDENT_STATE_COUNT; at++)
            for (enum incident_step step = 0; step < INCIDENT_STEP_COUNT; step++)
                if (emergency ? is_for_orders_alone(at) : is_for_emergencies_alone(at))
                    assert_int_equal(incident_next(emergency, at, step), INCIDENT_STATE_NONE);
}

static void every_open_task_can_end(void **state)
{
    (void)state;
    for (enum task_state at = 1; at < TASK_STATE_COUNT; at++)
        if (task_is_open(at))
            assert_false(task_is_open(task_next(at, TASK_STEP_RECALL)));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_those_that_were_signed),
        cmocka_unit_test(every_state_is_reached_by_the_machine_it_belongs_to),
        cmocka_unit_test(no_state_is_a_dead_end),
        cmocka_unit_test(a_step_leads_out_of_nothing_but_its_own_machine),
        cmocka_unit_test(every_open_task_can_end),
    };
    write_tables();
    if (argc > 1 && strcmp(argv[1], "--print") == 0)
        return fputs(written, stdout) < 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
