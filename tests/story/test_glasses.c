/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of what two persons open for the first of them, what it gives, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/glass.h"
#include "dispatcher/core/state.h"
#include "proto/access.h"
#include "tests/story/world.h"

enum {
    TAKER = 1001,
    OTHER_TAKER = 1002,
    FIREMAN = 2001,
    SUPERVISOR = 3001,
    AUDITOR = 3002,
    OPERATOR = 3003,
    SECOND_SUPERVISOR = 3101,
    SECOND_AUDITOR = 3102,
    THIRD_AUDITOR = 3103, /* looks at what the other two opened */
    PEOPLE = 8
};

static const uint32_t people[PEOPLE] = {
    TAKER, OTHER_TAKER, FIREMAN, SUPERVISOR, AUDITOR, OPERATOR, SECOND_SUPERVISOR, SECOND_AUDITOR,
};

static void add_user(struct world *w, uint32_t user, enum role role)
{
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row = (struct user_row){ .user = user, .roles = 1U << role };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static int begin(void **state)
{
    int status = world_setup(state);
    if (status == 0) {
        add_user(*state, SECOND_SUPERVISOR, ROLE_SUPERVISOR);
        add_user(*state, SECOND_AUDITOR, ROLE_AUDITOR);
        add_user(*state, THIRD_AUDITOR, ROLE_AUDITOR);
    }
    return status;
}

static enum refusal ask(struct world *w, uint32_t user, enum glass_right right)
{
    struct command command = from_user(user, COMMAND_GLASS_ASK);
    command.glass_ask.right = right;
    (void)snprintf(command.glass_ask.words, sizeof command.glass_ask.words, "nobody else is here");
    return world_send(w, command);
}

static uint64_t asked(const struct world *w)
{
    return last_event(w, EVENT_GLASS_ASKED)->glass_asked.glass;
}

static enum refusal agree(struct world *w, uint32_t user, bool yes)
{
    struct command command = from_user(user, COMMAND_GLASS_AGREE);
    command.glass_agree.glass = asked(w);
    command.glass_agree.agree = yes;
    (void)snprintf(command.glass_agree.words, sizeof command.glass_agree.words, "by telephone");
    return world_send(w, command);
}

static enum refusal end(struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_GLASS_END);
    command.glass_end.glass = asked(w);
    return world_send(w, command);
}

static enum refusal review(struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_GLASS_REVIEW);
    command.glass_review.glass = asked(w);
    command.glass_review.sound = true;
    (void)snprintf(command.glass_review.words, sizeof command.glass_review.words, "it was needed");
    return world_send(w, command);
}

static enum refusal enter_storm(struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_STORM_ENTER);
    return world_send(w, command);
}

static enum refusal take_rows(struct world *w, uint32_t user, uint32_t rows)
{
    struct command command = from_user(user, COMMAND_EXPORT_BEGIN);
    command.export_begin.kind = EXPORT_KIND_TABLE;
    command.export_begin.rows = rows;
    return world_send(w, command);
}

static void a_taker_leads_through_a_storm_by_two_persons_word(void **state)
{
    struct world *w = *state;
    assert_int_equal(enter_storm(w, TAKER), REFUSAL_NOT_ALLOWED);
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_STORM), REFUSAL_NONE);
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_STORM), REFUSAL_ALREADY);
    assert_int_equal(enter_storm(w, TAKER), REFUSAL_NOT_ALLOWED);
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_WRONG_STATE);
    assert_int_equal(enter_storm(w, OTHER_TAKER), REFUSAL_NOT_ALLOWED);
    assert_int_equal(enter_storm(w, TAKER), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_STORM_ENTERED)->glass, asked(w));
    /* Nothing else comes with it. */
    struct command notice = from_user(TAKER, COMMAND_NOTICE_CREATE);
    assert_int_equal(world_send(w, notice), REFUSAL_NOT_ALLOWED);
    assert_int_equal(end(w, OTHER_TAKER), REFUSAL_NOT_ALLOWED);
    assert_int_equal(review(w, AUDITOR), REFUSAL_WRONG_STATE);
    assert_int_equal(end(w, TAKER), REFUSAL_NONE);
    struct command leave = from_user(TAKER, COMMAND_STORM_LEAVE);
    assert_int_equal(world_send(w, leave), REFUSAL_NOT_ALLOWED);
    assert_int_equal(review(w, SUPERVISOR), REFUSAL_NOT_ALLOWED);
    assert_int_equal(review(w, AUDITOR), REFUSAL_NONE);
    assert_int_equal(review(w, AUDITOR), REFUSAL_NO_SUCH_GLASS);
}

/* At night one taker warns the city, and finds a word wrong. */
static void a_warning_given_by_two_persons_word_can_be_corrected_by_it(void **state)
{
    struct world *w = *state;
    struct command notice = from_user(TAKER, COMMAND_NOTICE_CREATE);
    notice.has_personal = true;
    struct command correct = from_user(TAKER, COMMAND_NOTICE_CORRECT);
    correct.has_personal = true;
    assert_int_equal(world_send(w, correct), REFUSAL_NOT_ALLOWED);
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_WARNING), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_NONE);
    assert_int_equal(world_send(w, notice), REFUSAL_NONE);
    correct.notice_correct.notice = last_event(w, EVENT_NOTICE_CREATED)->notice;
    assert_int_equal(world_send(w, correct), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_NOTICE_CORRECTED)->glass, asked(w));
    struct command again = from_user(TAKER, COMMAND_NOTICE_AGAIN);
    again.notice_again.notice = correct.notice_correct.notice;
    assert_int_equal(world_send(w, again), REFUSAL_WRONG_STATE); /* but allowed */
}

/* What the role does by itself is not done under it. */
static void an_act_of_the_own_role_is_not_marked(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_STORM), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_NONE);
    on_duty(w, TAKER);
    assert_int_equal(last_event(w, EVENT_TAKER_SIGNED_ON)->glass, 0);
    assert_int_equal(enter_storm(w, SUPERVISOR), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_STORM_ENTERED)->glass, 0);
}

/* Whoever asks next is told of the own doing alone. */
static void nobody_is_told_of_what_another_asked_for(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_STORM), REFUSAL_NONE);
    assert_int_equal(w->verdict.glass, asked(w));
    on_duty(w, OTHER_TAKER);
    assert_int_equal(w->verdict.glass, 0);
    struct command erase = from_user(SUPERVISOR, COMMAND_ERASURE_ASK);
    erase.erasure_ask.basis = ERASURE_BASIS_REQUEST;
    erase.caller = 7;
    (void)snprintf(erase.erasure_ask.words, sizeof erase.erasure_ask.words, "letter of May 2");
    assert_int_equal(world_send(w, erase), REFUSAL_NONE);
    assert_int_not_equal(w->verdict.erasure, 0);
    on_duty(w, TAKER);
    assert_int_equal(w->verdict.erasure, 0);
}

static void it_ends_by_the_clock(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_STORM), REFUSAL_NONE);
    world_wait(w, 30 * MINUTE);
    assert_int_equal(last_event(w, EVENT_GLASS_MOVED)->glass_moved.to, GLASS_STATE_LAPSED);
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_NO_SUCH_GLASS);

    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_STORM), REFUSAL_NONE);
    world_wait(w, 29 * MINUTE);
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_NONE);
    world_wait(w, 4 * HOUR - 1);
    assert_int_equal(enter_storm(w, TAKER), REFUSAL_NONE);
    world_wait(w, 1);
    const struct event *over = last_event(w, EVENT_GLASS_MOVED);
    assert_int_equal(over->glass_moved.to, GLASS_STATE_ENDED);
    assert_true(over->glass_moved.expired);
    struct command leave = from_user(TAKER, COMMAND_STORM_LEAVE);
    assert_int_equal(world_send(w, leave), REFUSAL_NOT_ALLOWED);
}

static void nobody_is_asked_twice_once_it_was_refused(void **state)
{
    struct world *w = *state;
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_SHIFT), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, false), REFUSAL_NONE);
    assert_int_equal(agree(w, SECOND_SUPERVISOR, true), REFUSAL_NO_SUCH_GLASS);
    assert_int_equal(review(w, AUDITOR), REFUSAL_NO_SUCH_GLASS); /* it was never open */
}

/* Whoever takes more rows out of the house than one may: a second person, and an auditor who is neither. */
static void many_rows_leave_the_house_by_two_persons_word(void **state)
{
    struct world *w = *state;
    assert_int_equal(take_rows(w, AUDITOR, 100), REFUSAL_NONE);
    assert_int_equal(take_rows(w, AUDITOR, 101), REFUSAL_SECOND_WANTED);
    assert_int_equal(ask(w, AUDITOR, GLASS_RIGHT_EXPORT), REFUSAL_NONE);
    assert_int_equal(agree(w, SECOND_AUDITOR, true),
                     REFUSAL_NOT_ALLOWED); /* who looks back does not act */
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_NONE);
    assert_int_equal(take_rows(w, SUPERVISOR, 101), REFUSAL_SECOND_WANTED); /* it is not theirs */
    assert_int_equal(take_rows(w, AUDITOR, 5000), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_EXPORT_BEGUN)->glass, asked(w));
    assert_int_equal(end(w, SUPERVISOR), REFUSAL_NONE);
    assert_int_equal(take_rows(w, AUDITOR, 101), REFUSAL_SECOND_WANTED);
    assert_int_equal(review(w, AUDITOR), REFUSAL_SAME_PERSON);
    assert_int_equal(review(w, SECOND_AUDITOR), REFUSAL_NONE);

    assert_int_equal(ask(w, SUPERVISOR, GLASS_RIGHT_EXPORT), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_SAME_PERSON);
}

/* Every right by everybody who asks, with everybody who agrees: as the table says, and never the same person. */
static void each_cell_of_the_table_holds(void **state)
{
    struct world *w = *state;
    for (enum glass_right right = GLASS_RIGHT_STORM; right < GLASS_RIGHT_COUNT; right++)
        for (unsigned i = 0; i < PEOPLE; i++) {
            const struct user *first = core_user(w->core, people[i]);
            bool may = first->row.roles & access_glass(right)->asks;
            assert_int_equal(ask(w, people[i], right) == REFUSAL_NONE, may);
            for (unsigned k = 0; may && k < PEOPLE; k++) {
                const struct user *second = core_user(w->core, people[k]);
                bool agrees = second->row.roles & access_glass(right)->agrees;
                enum refusal refusal = agree(w, people[k], true);
                if (k == i)
                    assert_int_not_equal(refusal, REFUSAL_NONE);
                else
                    assert_int_equal(refusal == REFUSAL_NONE, agrees);
                if (refusal != REFUSAL_NONE)
                    continue;
                assert_int_equal(end(w, people[k] == OPERATOR ? people[i] : people[k]),
                                 REFUSAL_NONE);
                assert_int_equal(review(w, THIRD_AUDITOR), REFUSAL_NONE);
                assert_int_equal(ask(w, people[i], right), REFUSAL_NONE);
            }
            if (may)
                world_wait(w, 30 * MINUTE);
        }
}

static void what_no_auditor_looked_at_stops_at_a_limit(void **state)
{
    struct world *w = *state;
    for (unsigned i = 0; i < GLASSES_MAX; i++) {
        assert_int_equal(ask(w, TAKER, GLASS_RIGHT_ORDERS), REFUSAL_NONE);
        assert_int_equal(agree(w, SUPERVISOR, true), REFUSAL_NONE);
        assert_int_equal(end(w, AUDITOR), REFUSAL_NONE);
    }
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_ORDERS), REFUSAL_LIMIT);
    assert_int_equal(review(w, AUDITOR), REFUSAL_NONE);
    assert_int_equal(ask(w, TAKER, GLASS_RIGHT_ORDERS), REFUSAL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_taker_leads_through_a_storm_by_two_persons_word, begin,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_warning_given_by_two_persons_word_can_be_corrected_by_it,
                                        begin, world_teardown),
        cmocka_unit_test_setup_teardown(an_act_of_the_own_role_is_not_marked, begin,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(nobody_is_told_of_what_another_asked_for, begin,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(it_ends_by_the_clock, begin, world_teardown),
        cmocka_unit_test_setup_teardown(nobody_is_asked_twice_once_it_was_refused, begin,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(many_rows_leave_the_house_by_two_persons_word, begin,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(each_cell_of_the_table_holds, begin, world_teardown),
        cmocka_unit_test_setup_teardown(what_no_auditor_looked_at_stops_at_a_limit, begin,
                                        world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
