/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one person begins another has to finish (docs/access.md, Two persons). Each rule is begun by somebody
 * who could finish it by role, too; then everybody tries: the same person, every role that may not, one that
 * may, and one that comes too late. Break-glass has stories of its own (test_glasses.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "proto/access.h"
#include "tests/story/staff.h"
#include "tests/story/world.h"

enum {
    EVERYBODY = 5000, /* has each role of the centre that may be held together */
    LINE = 12345
};

/* One of each role. */
static const uint32_t of_role[ROLE_COUNT] = {
    [ROLE_TAKER] = 1002,        [ROLE_DEPARTMENT] = 2001,
    [ROLE_SUPERVISOR] = 3001,   [ROLE_AUDITOR] = 3002,
    [ROLE_OPERATOR] = 3003,     [ROLE_REVIEWER] = REVIEWER,
    [ROLE_DIRECTOR] = DIRECTOR, [ROLE_ADJUDICATOR] = ADJUDICATOR,
    [ROLE_SECURITY] = SECURITY, [ROLE_DEPARTMENT_HEAD] = HEAD_OF_WATER,
};

static int begin(void **state)
{
    int status = world_setup(state);
    if (status != 0)
        return status;
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row = (struct user_row){ .user = EVERYBODY, .roles = ROLES_STAFF };
    assert_int_equal(world_send(*state, command), REFUSAL_NONE);
    define(*state, REVIEWER, ROLE_REVIEWER, 0);
    define(*state, DIRECTOR, ROLE_DIRECTOR, 0);
    define(*state, ADJUDICATOR, ROLE_ADJUDICATOR, 0);
    define(*state, SECURITY, ROLE_SECURITY, 0);
    define(*state, HEAD_OF_WATER, ROLE_DEPARTMENT_HEAD, 2);
    return 0;
}

/* The second step of a rule, as this user gives it. */
typedef struct command second_step(const struct world *w, uint32_t user);

/* The same person, and who has no mark in the table. */
static void refuse_the_rest(struct world *w, second_step *second, enum refusal same)
{
    struct command command = second(w, EVERYBODY);
    assert_int_equal(world_send(w, command), same);
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++) {
        struct command other = second(w, of_role[role]);
        if (!(access_command_roles(other.kind) & 1U << role))
            assert_int_equal(world_send(w, other), REFUSAL_NOT_ALLOWED);
    }
}

/* ---- a mark on a number ---------------------------------------------------------------------- */

static struct command confirm_mark(const struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_MARK_CONFIRM);
    command.mark_confirm.mark = last_event(w, EVENT_MARK_ASKED)->mark_asked.mark;
    return command;
}

static void ask_for_a_mark(struct world *w)
{
    uint64_t contact = talk(w, LINE, LI);
    struct command command = from_user(EVERYBODY, COMMAND_MARK_ASK);
    command.mark_ask.contact = contact;
    command.mark_ask.kind = MARK_KIND_NUISANCE;
    command.mark_ask.days = 7;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void a_mark_is_confirmed_by_another(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    ask_for_a_mark(w);
    refuse_the_rest(w, confirm_mark, REFUSAL_SAME_PERSON);
    struct command late = confirm_mark(w, of_role[ROLE_SUPERVISOR]);
    world_wait(w, core_parameter(w->core, PARAMETER_MARK_ASK_MS));
    assert_int_equal(world_send(w, late), REFUSAL_NO_SUCH_MARK);
}

/* ---- texts to many --------------------------------------------------------------------------- */

static struct command start_notice(const struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_NOTICE_START);
    command.notice_start.notice = last_event(w, EVENT_NOTICE_CREATED)->notice;
    return command;
}

static void many_are_told_by_another(void **state)
{
    struct world *w = *state;
    struct command create = from_user(EVERYBODY, COMMAND_NOTICE_CREATE);
    create.has_personal = true; /* its words */
    assert_int_equal(world_send(w, create), REFUSAL_NONE);
    struct command add = from_user(EVERYBODY, COMMAND_NOTICE_ADD);
    add.notice_add.notice = last_event(w, EVENT_NOTICE_CREATED)->notice;
    add.notice_add.count = 3;
    add.has_personal = true;
    assert_int_equal(world_send(w, add), REFUSAL_NONE);
    refuse_the_rest(w, start_notice, REFUSAL_SAME_PERSON);
    assert_int_equal(world_send(w, start_notice(w, of_role[ROLE_DIRECTOR])), REFUSAL_NONE);
}

/* ---- an emergency is less urgent than it was taken for ---------------------------------------- */

static struct command rule_petition(const struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_PETITION_RULE);
    command.petition_rule.petition = last_event(w, EVENT_PETITION_ASKED)->petition_asked.petition;
    command.petition_rule.agree = true;
    return command;
}

static void an_emergency_is_lowered_by_another(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    struct command alone = from_user(EVERYBODY, COMMAND_INCIDENT_PRIORITIZE);
    alone.incident_prioritize.incident = incident;
    alone.incident_prioritize.priority = PRIORITY_P4;
    assert_int_equal(world_send(w, alone), REFUSAL_SAME_PERSON);
    struct command ask = from_user(EVERYBODY, COMMAND_PETITION_ASK);
    ask.petition_ask.incident = incident;
    ask.petition_ask.kind = PETITION_KIND_PRIORITY;
    ask.petition_ask.priority = PRIORITY_P4;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    refuse_the_rest(w, rule_petition, REFUSAL_SAME_PERSON);
    assert_int_equal(world_send(w, rule_petition(w, of_role[ROLE_REVIEWER])), REFUSAL_NOT_ALLOWED);
    assert_int_equal(world_send(w, rule_petition(w, of_role[ROLE_SUPERVISOR])), REFUSAL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_mark_is_confirmed_by_another, begin, world_teardown),
        cmocka_unit_test_setup_teardown(many_are_told_by_another, begin, world_teardown),
        cmocka_unit_test_setup_teardown(an_emergency_is_lowered_by_another, begin, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
