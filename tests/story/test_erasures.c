/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of what is erased, by whom, and what stands against it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/erasure.h"
#include "dispatcher/core/state.h"
#include "tests/story/world.h"

enum {
    SUPERVISOR = 3001,
    AUDITOR = 3002,
    OPERATOR = 3003
};

static enum refusal ask(struct world *w, uint32_t user, uint64_t incident, uint64_t caller)
{
    struct command command = from_user(user, COMMAND_ERASURE_ASK);
    command.caller = caller;
    command.erasure_ask.incident = incident;
    command.erasure_ask.basis = ERASURE_BASIS_REQUEST;
    (void)snprintf(command.erasure_ask.words, sizeof command.erasure_ask.words, "letter of May 2");
    return world_send(w, command);
}

static uint64_t asked(const struct world *w)
{
    return last_event(w, EVENT_ERASURE_ASKED)->erasure_asked.erasure;
}

static enum refusal approve(struct world *w, uint32_t user, bool agree)
{
    struct command command = from_user(user, COMMAND_ERASURE_RULE);
    command.erasure_rule.erasure = asked(w);
    command.erasure_rule.agree = agree;
    return world_send(w, command);
}

static enum refusal run(struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_ERASURE_RUN);
    command.erasure_run.erasure = asked(w);
    return world_send(w, command);
}

static enum refusal step(struct world *w, uint64_t subject, uint64_t contact, uint64_t caller)
{
    struct command command = from_system(COMMAND_ERASURE_STEP);
    command.erasure_step = (struct erasure_step){
        .erasure = asked(w), .subject = subject, .contact = contact, .caller = caller
    };
    return world_send(w, command);
}

static enum refusal preserve(struct world *w, uint32_t user, uint64_t incident, uint64_t caller)
{
    struct command command = from_user(user, COMMAND_PRESERVATION_SET);
    command.caller = caller;
    command.preservation_set.incident = incident;
    (void)snprintf(command.preservation_set.words, sizeof command.preservation_set.words, "court");
    return world_send(w, command);
}

static enum refusal lift(struct world *w)
{
    struct command command = from_user(AUDITOR, COMMAND_PRESERVATION_LIFT);
    command.preservation_lift.preservation =
        last_event(w, EVENT_PRESERVATION_BEGUN)->preservation_begun.preservation;
    (void)snprintf(command.preservation_lift.words, sizeof command.preservation_lift.words, "over");
    return world_send(w, command);
}

static uint64_t call_that_is_over(struct world *w)
{
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_skip(w);
    return contact;
}

static void a_person_is_erased_by_three_people(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_that_is_over(w);
    assert_int_equal(ask(w, AUDITOR, 0, LI), REFUSAL_NOT_ALLOWED);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_NONE);
    assert_int_equal(ask(w, OPERATOR, 0, LI), REFUSAL_ALREADY);
    assert_int_equal(run(w, OPERATOR), REFUSAL_WRONG_STATE);
    assert_int_equal(approve(w, OPERATOR, true), REFUSAL_NOT_ALLOWED);
    assert_int_equal(approve(w, SUPERVISOR, true), REFUSAL_NOT_ALLOWED);
    assert_int_equal(approve(w, AUDITOR, true), REFUSAL_NONE);
    assert_int_equal(approve(w, AUDITOR, true), REFUSAL_WRONG_STATE);
    assert_int_equal(step(w, contact, contact, LI), REFUSAL_WRONG_STATE);
    assert_int_equal(run(w, SUPERVISOR), REFUSAL_NOT_ALLOWED);
    assert_int_equal(run(w, OPERATOR), REFUSAL_NONE);
    assert_int_equal(step(w, contact, contact, LI), REFUSAL_NONE);
    assert_int_equal(step(w, 0, 0, 0), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_ERASED)->contact, contact);
    const struct erasure_moved *moved = &last_event(w, EVENT_ERASURE_MOVED)->erasure_moved;
    assert_int_equal(moved->to, ERASURE_STATE_DONE);
    assert_int_equal(moved->subjects, 1);
    assert_int_equal(step(w, contact, contact, LI), REFUSAL_NO_SUCH_ERASURE);
}

static void nothing_is_erased_while_it_is_open(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_STILL_OPEN);
    uint64_t incident = register_incident(w, 1001, contact, 20100);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_STILL_OPEN);
    assert_int_equal(ask(w, SUPERVISOR, incident, 0), REFUSAL_STILL_OPEN);
    assert_int_equal(ask(w, SUPERVISOR, 0, WANG), REFUSAL_NONE);
}

/* Without the number nobody could call back. */
static void who_is_to_be_called_back_is_not_erased(void **state)
{
    struct world *w = *state;
    assert_int_equal(hang_up(w, call_in(w, 110, LI), END_CAUSE_CANCELLED), REFUSAL_NONE);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_STILL_OPEN);
    struct command done = from_user(SUPERVISOR, COMMAND_CALLBACK_FINISH);
    done.callback_finish.callback = last_event(w, EVENT_CALLBACK_OPENED)->callback_opened.callback;
    done.callback_finish.end = CALLBACK_END_REACHED;
    assert_int_equal(world_send(w, done), REFUSAL_NONE);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_NONE);
}

static void who_calls_again_meanwhile_is_not_erased(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_that_is_over(w);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_NONE);
    assert_int_equal(approve(w, AUDITOR, true), REFUSAL_NONE);
    uint64_t again = call_in(w, 12345, LI);
    assert_int_equal(run(w, OPERATOR), REFUSAL_STILL_OPEN);
    assert_int_equal(hang_up(w, again, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(run(w, OPERATOR), REFUSAL_NONE);
    assert_int_equal(step(w, contact, contact, LI), REFUSAL_NONE);
}

static void what_is_to_be_preserved_is_asked_for_at_every_step(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_that_is_over(w);
    assert_int_equal(preserve(w, OPERATOR, 0, LI), REFUSAL_NOT_ALLOWED);
    assert_int_equal(preserve(w, SUPERVISOR, 0, LI), REFUSAL_NONE);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_PRESERVED);
    assert_int_equal(lift(w), REFUSAL_NONE);
    assert_int_equal(lift(w), REFUSAL_NO_SUCH_PRESERVATION);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_NONE);
    assert_int_equal(preserve(w, AUDITOR, 0, LI), REFUSAL_NONE);
    assert_int_equal(approve(w, AUDITOR, true), REFUSAL_PRESERVED);
    assert_int_equal(lift(w), REFUSAL_NONE);
    assert_int_equal(approve(w, AUDITOR, true), REFUSAL_NONE);
    assert_int_equal(run(w, OPERATOR), REFUSAL_NONE);
    assert_int_equal(preserve(w, AUDITOR, 0, LI), REFUSAL_NONE); /* at the last moment */
    assert_int_equal(step(w, contact, contact, LI), REFUSAL_PRESERVED);
    assert_int_equal(count_events(w, EVENT_ERASED), 0);
}

static void it_is_asked_for_soundly_or_not_at_all(void **state)
{
    struct world *w = *state;
    struct command command = from_user(SUPERVISOR, COMMAND_ERASURE_ASK);
    assert_int_equal(ask(w, SUPERVISOR, 0, 0), REFUSAL_MALFORMED);
    assert_int_equal(ask(w, SUPERVISOR, 1, LI), REFUSAL_MALFORMED);
    assert_int_equal(ask(w, SUPERVISOR, UINT64_MAX, 0), REFUSAL_NO_SUCH_INCIDENT);
    command.caller = LI;
    assert_int_equal(world_send(w, command), REFUSAL_REASON_MISSING);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_NONE);
    assert_int_equal(approve(w, AUDITOR, false), REFUSAL_REASON_MISSING);
    command = from_user(AUDITOR, COMMAND_ERASURE_RULE);
    command.erasure_rule.erasure = asked(w);
    (void)snprintf(command.erasure_rule.words, sizeof command.erasure_rule.words, "not the owner");
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(run(w, OPERATOR), REFUSAL_NO_SUCH_ERASURE);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_NONE); /* again, with a better reason */
}

static void so_many_wait_at_once_and_no_more(void **state)
{
    struct world *w = *state;
    for (uint64_t caller = 1000; caller < 1000 + ERASURES_MAX; caller++)
        assert_int_equal(ask(w, SUPERVISOR, 0, caller), REFUSAL_NONE);
    assert_int_equal(ask(w, SUPERVISOR, 0, LI), REFUSAL_LIMIT);
    for (uint64_t caller = 1; caller <= PRESERVATIONS_MAX; caller++)
        assert_int_equal(preserve(w, AUDITOR, 0, caller), REFUSAL_NONE);
    assert_int_equal(preserve(w, AUDITOR, 0, LI), REFUSAL_LIMIT);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_person_is_erased_by_three_people),
        STORY(nothing_is_erased_while_it_is_open),
        STORY(who_is_to_be_called_back_is_not_erased),
        STORY(who_calls_again_meanwhile_is_not_erased),
        STORY(what_is_to_be_preserved_is_asked_for_at_every_step),
        STORY(it_is_asked_for_soundly_or_not_at_all),
        STORY(so_many_wait_at_once_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
