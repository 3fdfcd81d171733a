/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of what is kept how long: which rule holds, when the night's erasures begin, and what stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/calendar.h"
#include "dispatcher/core/retention.h"
#include "dispatcher/core/state.h"
#include "tests/story/world.h"

enum {
    OPERATOR = 3003,
    AUDITOR = 3002
};

static enum refusal define(struct world *w, uint32_t number, enum retention_thing thing,
                           uint32_t line, uint32_t category, uint32_t days)
{
    struct command command = from_system(COMMAND_RETENTION_DEFINE);
    command.retention_define.has_row = true;
    command.retention_define.row = (struct retention_row){
        .rule = number, .thing = thing, .line = line, .category = category, .days = days
    };
    (void)snprintf(command.retention_define.row.basis, sizeof command.retention_define.row.basis,
                   "article %u", number);
    return world_send(w, command);
}

/* Which rule would have this case or contact erased after so many days; 0: none. */
static uint32_t rule_after(struct world *w, struct retention_subject subject, uint64_t days)
{
    uint32_t number;
    uint64_t preservation;
    subject.since_ms = 1;
    enum refusal refusal =
        core_retention_judge(w->core, &subject, 1 + days * DAY_MS, &number, &preservation);
    return refusal == REFUSAL_NONE ? number : 0;
}

static enum refusal step(struct world *w, uint64_t contact, uint64_t caller, uint64_t since_ms)
{
    struct command command = from_system(COMMAND_RETENTION_STEP);
    command.retention_step.contact = contact;
    command.retention_step.caller = caller;
    command.retention_step.line = 12345;
    command.retention_step.since_ms = since_ms;
    return world_send(w, command);
}

static enum refusal over(struct world *w, uint64_t preserved)
{
    struct command command = from_system(COMMAND_RETENTION_STEP);
    command.retention_step.over = true;
    command.retention_step.preserved = preserved;
    return world_send(w, command);
}

static uint64_t call_that_is_over(struct world *w)
{
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    return contact;
}

static void the_most_particular_rule_holds(void **state)
{
    struct world *w = *state;
    assert_int_equal(define(w, 1, RETENTION_THING_CONTACT, 0, 0, 100), REFUSAL_NONE);
    assert_int_equal(define(w, 2, RETENTION_THING_CONTACT, 110, 0, 300), REFUSAL_NONE);
    assert_int_equal(define(w, 3, RETENTION_THING_CASE, 0, 0, 200), REFUSAL_NONE);
    assert_int_equal(define(w, 4, RETENTION_THING_CASE, 12345, 0, 250), REFUSAL_NONE);
    assert_int_equal(define(w, 5, RETENTION_THING_CASE, 0, 20000, 400), REFUSAL_NONE);
    assert_int_equal(define(w, 6, RETENTION_THING_CASE, 0, 20100, 50), REFUSAL_NONE);
    const struct retention_subject ordinary = { .contact = 1, .line = 12345 };
    const struct retention_subject emergency = { .contact = 1, .line = 110 };
    const struct retention_subject of_line = { .incident = 1, .line = 12345, .category = 30100 };
    const struct retention_subject above = { .incident = 1, .line = 12345, .category = 20200 };
    const struct retention_subject exact = { .incident = 1, .line = 12345, .category = 20101 };
    assert_int_equal(rule_after(w, ordinary, 99), 0);
    assert_int_equal(rule_after(w, ordinary, 100), 1);
    assert_int_equal(rule_after(w, emergency, 299), 0);
    assert_int_equal(rule_after(w, emergency, 300), 2);
    assert_int_equal(rule_after(w, of_line, 249), 0);
    assert_int_equal(rule_after(w, of_line, 250), 4);
    assert_int_equal(rule_after(w, above, 250), 0);
    assert_int_equal(rule_after(w, above, 400), 5);
    assert_int_equal(rule_after(w, exact, 50), 6);
}

static void a_night_erases_what_was_kept_long_enough(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_that_is_over(w), since_ms = w->now_ms;
    assert_int_equal(define(w, 1, RETENTION_THING_CONTACT, 0, 0, 730), REFUSAL_NONE);
    world_wait(w, 2 * DAY_MS);
    assert_int_equal(world_send(w, from_system(COMMAND_RETENTION_RUN)), REFUSAL_NONE);
    assert_int_equal(step(w, contact, LI, since_ms), REFUSAL_NOT_EXPIRED);
    assert_int_equal(over(w, 0), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_RETENTION_ENDED)->retention_ended.erased, 0);
    assert_false(core_retention_is_due(w->core, w->now_ms)); /* once a night */
    assert_int_equal(world_send(w, from_system(COMMAND_RETENTION_RUN)), REFUSAL_NOT_EXPIRED);
    world_wait(w, 729 * DAY_MS);
    assert_true(core_retention_is_due(w->core, w->now_ms));
    assert_int_equal(world_send(w, from_system(COMMAND_RETENTION_RUN)), REFUSAL_NONE);
    assert_int_equal(step(w, contact, LI, since_ms), REFUSAL_NONE);
    const struct event *asked = last_event(w, EVENT_ERASURE_ASKED);
    assert_int_equal(asked->contact, contact);
    assert_int_equal(asked->erasure_asked.rule, 1);
    assert_int_equal(asked->erasure_asked.basis, ERASURE_BASIS_EXPIRED);
    assert_string_equal(asked->erasure_asked.words, "article 1");
    struct command erase = from_system(COMMAND_ERASURE_STEP);
    erase.erasure_step.erasure = asked->erasure_asked.erasure;
    erase.erasure_step.subject = erase.erasure_step.contact = contact;
    assert_int_equal(world_send(w, erase), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_ERASED)->erased.erasure, asked->erasure_asked.erasure);
    assert_int_equal(over(w, 3), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_RETENTION_ENDED)->retention_ended.erased, 1);
    assert_int_equal(last_event(w, EVENT_RETENTION_ENDED)->retention_ended.preserved, 3);
}

static void what_is_preserved_or_open_stays(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_that_is_over(w), since_ms = w->now_ms;
    assert_int_equal(define(w, 1, RETENTION_THING_CONTACT, 0, 0, 1), REFUSAL_NONE);
    struct command preserve = from_user(AUDITOR, COMMAND_PRESERVATION_SET);
    preserve.caller = LI;
    (void)snprintf(preserve.preservation_set.words, sizeof preserve.preservation_set.words,
                   "court");
    assert_int_equal(world_send(w, preserve), REFUSAL_NONE);
    world_wait(w, 2 * DAY_MS);
    assert_int_equal(world_send(w, from_user(AUDITOR, COMMAND_RETENTION_RUN)), REFUSAL_NOT_ALLOWED);
    assert_int_equal(world_send(w, from_user(OPERATOR, COMMAND_RETENTION_RUN)), REFUSAL_NONE);
    assert_int_equal(world_send(w, from_user(OPERATOR, COMMAND_RETENTION_RUN)), REFUSAL_ALREADY);
    assert_int_equal(step(w, contact, LI, since_ms), REFUSAL_PRESERVED);
    struct command lift = from_user(AUDITOR, COMMAND_PRESERVATION_LIFT);
    lift.preservation_lift.preservation =
        last_event(w, EVENT_PRESERVATION_BEGUN)->preservation_begun.preservation;
    (void)snprintf(lift.preservation_lift.words, sizeof lift.preservation_lift.words, "over");
    assert_int_equal(world_send(w, lift), REFUSAL_NONE);
    assert_int_equal(hang_up(w, call_in(w, 110, LI), END_CAUSE_CANCELLED), REFUSAL_NONE);
    assert_int_equal(step(w, contact, LI, since_ms), REFUSAL_STILL_OPEN); /* to be called back */
    assert_int_equal(over(w, 0), REFUSAL_NONE);
    assert_int_equal(step(w, contact, LI, since_ms), REFUSAL_WRONG_STATE);
}

static void without_rules_nothing_begins(void **state)
{
    struct world *w = *state;
    world_wait(w, 2 * DAY_MS);
    assert_false(core_retention_is_due(w->core, w->now_ms));
    assert_int_equal(world_send(w, from_user(OPERATOR, COMMAND_RETENTION_RUN)),
                     REFUSAL_NOT_EXPIRED);
    for (uint32_t number = 1; number <= RETENTION_RULES_MAX; number++)
        assert_int_equal(define(w, number, RETENTION_THING_CASE, 0, number * 100, 1), REFUSAL_NONE);
    assert_int_equal(define(w, RETENTION_RULES_MAX + 1, RETENTION_THING_CASE, 0, 0, 1),
                     REFUSAL_LIMIT);
    assert_int_equal(define(w, 1, RETENTION_THING_CASE, 0, 100, 1), REFUSAL_ALREADY);
    assert_int_equal(define(w, 1, RETENTION_THING_NONE, 0, 100, 1), REFUSAL_MALFORMED);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_most_particular_rule_holds),
        STORY(a_night_erases_what_was_kept_long_enough),
        STORY(what_is_preserved_or_open_stays),
        STORY(without_rules_nothing_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
