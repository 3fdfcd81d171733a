/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of changes to the city's tables: drafted by one person, ruled by another. What the tables
 * would say to them is the dispatcher's part (tests/e2e/city_changes.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

enum {
    OPERATOR = 3003,
    OTHER_OPERATOR = 3103,
    SECURITY = 3104
};

static void add_users(struct world *w)
{
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row = (struct user_row){ .user = SECURITY, .roles = 1U << ROLE_SECURITY };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command.user_define.row =
        (struct user_row){ .user = OTHER_OPERATOR, .roles = 1U << ROLE_OPERATOR };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static enum refusal draft(struct world *w, uint32_t user, const char *why)
{
    struct command command = from_user(user, COMMAND_AMENDMENT_DRAFT);
    (void)snprintf(command.amendment_draft.words, sizeof command.amendment_draft.words, "%s", why);
    return world_send(w, command);
}

static enum refusal write_row(struct world *w, uint32_t user, uint32_t amendment, uint32_t row)
{
    struct command command = from_user(user, COMMAND_AMENDMENT_WRITE);
    command.amendment_write = (struct amendment_write){ .amendment = amendment,
                                                        .row = row,
                                                        .file = CITY_FILE_USERS,
                                                        .after = true,
                                                        .cells = "user=1009,login=1009" };
    return world_send(w, command);
}

static enum refusal submit(struct world *w, uint32_t user, uint32_t amendment, bool grave)
{
    struct command command = from_user(user, COMMAND_AMENDMENT_SUBMIT);
    command.amendment_submit = (struct amendment_submit){ .amendment = amendment, .grave = grave };
    return world_send(w, command);
}

static enum refusal ruling(struct world *w, uint32_t user, uint32_t amendment, bool agree,
                           const char *why)
{
    struct command command = from_user(user, COMMAND_AMENDMENT_RULE);
    command.amendment_rule.amendment = amendment;
    command.amendment_rule.agree = agree;
    (void)snprintf(command.amendment_rule.words, sizeof command.amendment_rule.words, "%s", why);
    return world_send(w, command);
}

static enum refusal withdraw(struct world *w, uint32_t user, uint32_t amendment)
{
    struct command command = from_user(user, COMMAND_AMENDMENT_WITHDRAW);
    command.amendment_withdraw.amendment = amendment;
    return world_send(w, command);
}

static uint32_t waiting_amendment(struct world *w)
{
    assert_int_equal(draft(w, OPERATOR, "a taker more"), REFUSAL_NONE);
    uint32_t amendment = w->verdict.amendment;
    assert_int_equal(write_row(w, OPERATOR, amendment, 1), REFUSAL_NONE);
    assert_int_equal(submit(w, OPERATOR, amendment, true), REFUSAL_NONE);
    return amendment;
}

static void what_matters_comes_into_force_by_a_second_persons_word(void **state)
{
    struct world *w = *state;
    add_users(w);
    uint32_t amendment = waiting_amendment(w);
    assert_int_equal(last_event(w, EVENT_AMENDMENT_MOVED)->amendment_moved.to,
                     AMENDMENT_STATE_WAITING);
    assert_int_equal(ruling(w, OPERATOR, amendment, true, ""), REFUSAL_NOT_ALLOWED);
    assert_int_equal(ruling(w, OTHER_OPERATOR, amendment, true, ""), REFUSAL_NOT_ALLOWED);
    assert_int_equal(ruling(w, SECURITY, amendment, true, ""), REFUSAL_NONE);
    const struct event *event = last_event(w, EVENT_AMENDMENT_MOVED);
    assert_int_equal(event->actor, SECURITY);
    assert_int_equal(event->amendment_moved.to, AMENDMENT_STATE_APPLIED);
    assert_int_equal(ruling(w, SECURITY, amendment, true, ""), REFUSAL_WRONG_STATE);
    world_skip(w);
}

/* Even when an operator is made security in between. */
static void nobody_rules_their_own(void **state)
{
    struct world *w = *state;
    add_users(w);
    uint32_t amendment = waiting_amendment(w);
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row = (struct user_row){ .user = OPERATOR, .roles = 1U << ROLE_SECURITY };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(ruling(w, OPERATOR, amendment, true, ""), REFUSAL_SAME_PERSON);
    world_skip(w);
}

static void one_person_is_enough_where_it_does_not_matter(void **state)
{
    struct world *w = *state;
    assert_int_equal(draft(w, OPERATOR, "her name was wrong"), REFUSAL_NONE);
    assert_int_equal(submit(w, OPERATOR, 1, false), REFUSAL_INCOMPLETE);
    assert_int_equal(write_row(w, OPERATOR, 1, 1), REFUSAL_NONE);
    assert_int_equal(submit(w, OPERATOR, 1, false), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_AMENDMENT_MOVED)->amendment_moved.to,
                     AMENDMENT_STATE_APPLIED);
    world_skip(w);
}

static void a_draft_is_its_authors_alone(void **state)
{
    struct world *w = *state;
    add_users(w);
    assert_int_equal(draft(w, OPERATOR, ""), REFUSAL_REASON_MISSING);
    assert_int_equal(draft(w, 1001, "not mine"), REFUSAL_NOT_ALLOWED);
    assert_int_equal(draft(w, OPERATOR, "a taker more"), REFUSAL_NONE);
    assert_int_equal(write_row(w, OTHER_OPERATOR, 1, 1), REFUSAL_NOT_YOURS);
    assert_int_equal(write_row(w, OPERATOR, 1, 2), REFUSAL_MALFORMED); /* rows have no gap */
    assert_int_equal(write_row(w, OPERATOR, 2, 1), REFUSAL_NO_SUCH_AMENDMENT);
    assert_int_equal(write_row(w, OPERATOR, 1, 1), REFUSAL_NONE);
    assert_int_equal(ruling(w, SECURITY, 1, true, ""), REFUSAL_WRONG_STATE);
    assert_int_equal(withdraw(w, OTHER_OPERATOR, 1), REFUSAL_NOT_YOURS);
    assert_int_equal(withdraw(w, OPERATOR, 1), REFUSAL_NONE);
    assert_int_equal(write_row(w, OPERATOR, 1, 1), REFUSAL_WRONG_STATE);
    world_skip(w);
}

static void who_rejects_says_why(void **state)
{
    struct world *w = *state;
    add_users(w);
    uint32_t amendment = waiting_amendment(w);
    assert_int_equal(ruling(w, SECURITY, amendment, false, ""), REFUSAL_REASON_MISSING);
    assert_int_equal(ruling(w, SECURITY, amendment, false, "nobody of that name"), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_AMENDMENT_MOVED)->amendment_moved.to,
                     AMENDMENT_STATE_REJECTED);
    world_skip(w);
}

static void only_so_many_are_open_at_once(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < AMENDMENTS_OPEN_MAX; i++)
        assert_int_equal(draft(w, OPERATOR, "one more"), REFUSAL_NONE);
    assert_int_equal(draft(w, OPERATOR, "one more"), REFUSAL_LIMIT);
    assert_int_equal(withdraw(w, OPERATOR, 3), REFUSAL_NONE);
    assert_int_equal(draft(w, OPERATOR, "one more"), REFUSAL_NONE);
    assert_int_equal(w->verdict.amendment, AMENDMENTS_OPEN_MAX + 1);
    world_skip(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_matters_comes_into_force_by_a_second_persons_word),
        STORY(nobody_rules_their_own),
        STORY(one_person_is_enough_where_it_does_not_matter),
        STORY(a_draft_is_its_authors_alone),
        STORY(who_rejects_says_why),
        STORY(only_so_many_are_open_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
