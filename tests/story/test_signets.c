/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of departments whose people sign what they acknowledge. Whether a signature is one is another
 * test's (unit/test_signature.c): here stands what the core judges of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/signet.h"
#include "dispatcher/core/state.h"
#include "tests/story/staff.h"

enum {
    WATER = 2,
    OFFICER = 2002,
    OTHER_OFFICER = 2003
};

static struct command enrolment(uint32_t user, uint8_t key)
{
    struct command command = from_user(user, COMMAND_SIGNET_ENROL);
    command.signet_enrol.algorithm = 1;
    memset(command.signet_enrol.key, key, sizeof command.signet_enrol.key);
    (void)snprintf(command.signet_enrol.label, sizeof command.signet_enrol.label, "office");
    return command;
}

/* The number of the new key. */
static uint64_t enrolled(struct world *w, uint32_t user, uint8_t key)
{
    assert_int_equal(world_send(w, enrolment(user, key)), REFUSAL_NONE);
    return last_event(w, EVENT_SIGNET_ENROLLED)->seq;
}

static enum refusal rule_signet(struct world *w, uint32_t user, uint64_t signet, bool agree)
{
    struct command command = from_user(user, COMMAND_SIGNET_RULE);
    command.signet_rule = (struct signet_rule){ .signet = signet, .agree = agree };
    return world_send(w, command);
}

static enum refusal revoke(struct world *w, uint32_t user, uint64_t signet,
                           enum signet_reason reason)
{
    struct command command = from_user(user, COMMAND_SIGNET_REVOKE);
    command.signet_revoke = (struct signet_revoke){ .signet = signet, .reason = reason };
    return world_send(w, command);
}

static void water_signs(struct world *w)
{
    struct command command = from_system(COMMAND_DEPARTMENT_DEFINE);
    command.department_define.has_row = true;
    command.department_define.row = (struct department_row){ .department = WATER, .signs = true };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static uint64_t sent(struct world *w)
{
    uint64_t contact = talk(w, 12345, LI);
    uint64_t incident = register_incident(w, 1001, contact, 20100);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
    assert_int_equal(dispatch(w, incident, WATER, 0), REFUSAL_NONE);
    return task_at(w, incident, WATER);
}

static struct acknowledgement acknowledgement_of(const struct world *w, uint64_t task,
                                                 uint64_t signet, uint8_t key)
{
    const struct task *stands = core_task(w->core, task);
    struct acknowledgement acknowledgement = { .algorithm = 1,
                                               .signet = signet,
                                               .incident = stands->incident->id,
                                               .version = stands->version,
                                               .at_ms = w->now_ms };
    memset(acknowledgement.key, key, sizeof acknowledgement.key);
    return acknowledgement;
}

static enum refusal sign_with(struct world *w, uint32_t user, uint64_t task,
                              struct acknowledgement acknowledgement)
{
    struct command command = from_user(user, COMMAND_TASK_SIGN);
    command.task_sign = (struct task_sign){ .task = task,
                                            .has_acknowledgement = true,
                                            .acknowledgement = acknowledgement };
    return world_send(w, command);
}

static void a_department_that_signs_acknowledges_nothing_without_a_key(void **state)
{
    struct world *w = *state;
    uint64_t before = sent(w);
    assert_int_equal(sign(w, before), REFUSAL_NONE);
    water_signs(w);
    uint64_t task = sent(w);
    assert_int_equal(sign(w, task), REFUSAL_SIGNATURE_WANTED);
    assert_int_equal(send_back(w, task, RETURN_REASON_DUTY), REFUSAL_SIGNATURE_WANTED);
    assert_int_equal(reply(w, before), REFUSAL_SIGNATURE_WANTED);
    struct command command = from_user(SUPERVISOR, COMMAND_TASK_SIGN);
    command.task_sign.task = task;
    assert_int_equal(world_send(w, command), REFUSAL_SIGNATURE_WANTED);
}

static void the_step_bears_what_was_signed(void **state)
{
    struct world *w = *state;
    water_signs(w);
    uint64_t task = sent(w), signet = enrolled(w, OFFICER, 7);
    struct acknowledgement mine = acknowledgement_of(w, task, signet, 7);
    memset(mine.signature, 0x5a, sizeof mine.signature);
    assert_int_equal(sign_with(w, OFFICER, task, mine), REFUSAL_NONE);
    const struct task_moved *moved = &last_event(w, EVENT_TASK_MOVED)->task_moved;
    assert_true(moved->has_acknowledgement);
    assert_memory_equal(&moved->acknowledgement, &mine, sizeof mine);

    struct command command = from_user(OFFICER, COMMAND_TASK_REPLY);
    command.task_reply = (struct task_reply){
        .task = task,
        .solved = DEGREE_YES,
        .has_acknowledgement = true,
        .acknowledgement = acknowledgement_of(w, task, signet, 7),
    };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_TASK_MOVED)->task_moved.step, TASK_STEP_REPLY);
    assert_true(last_event(w, EVENT_TASK_MOVED)->task_moved.has_acknowledgement);
}

static struct touch touch_counting(uint32_t count)
{
    struct touch touch = { .client_size = 1, .authenticator_size = 37 };
    for (int i = 0; i < 4; i++)
        touch.authenticator[33 + i] = (uint8_t)(count >> (24 - 8 * i));
    return touch;
}

/* A copy of a security key has counted as far as the original had; so does a touch that is told twice. */
static void an_authenticator_that_does_not_count_on_is_taken_for_a_copy(void **state)
{
    struct world *w = *state;
    static const struct {
        uint32_t count;
        enum refusal refusal;
    } rows[] = { { 7, REFUSAL_SIGNATURE_COPIED },
                 { 0, REFUSAL_SIGNATURE_COPIED },
                 { 6, REFUSAL_SIGNATURE_COPIED },
                 { 256, REFUSAL_NONE } };
    water_signs(w);
    uint64_t task = sent(w);
    struct command command = enrolment(OFFICER, 7);
    command.signet_enrol.algorithm = 7;
    command.signet_enrol.has_touch = true;
    command.signet_enrol.touch = touch_counting(7);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t signet = last_event(w, EVENT_SIGNET_ENROLLED)->seq;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct acknowledgement mine = acknowledgement_of(w, task, signet, 7);
        mine.algorithm = 7;
        mine.has_touch = true;
        mine.touch = touch_counting(rows[i].count);
        assert_int_equal(sign_with(w, OFFICER, task, mine), rows[i].refusal);
    }
    struct signets answer;
    (void)core_signets(w->core, &(struct signets_query){ .user = OFFICER }, &answer);
    assert_int_equal(answer.rows[0].counter, 256);
}

/* Many of today's count nothing at all. */
static void an_authenticator_that_counts_nothing_is_taken(void **state)
{
    struct world *w = *state;
    water_signs(w);
    uint64_t task = sent(w);
    struct command command = enrolment(OFFICER, 7);
    command.signet_enrol.algorithm = 8;
    command.signet_enrol.has_touch = true;
    command.signet_enrol.touch = touch_counting(0);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    struct acknowledgement mine =
        acknowledgement_of(w, task, last_event(w, EVENT_SIGNET_ENROLLED)->seq, 7);
    mine.algorithm = 8;
    mine.has_touch = true;
    mine.touch = touch_counting(0);
    assert_int_equal(sign_with(w, OFFICER, task, mine), REFUSAL_NONE);
}

static void a_send_back_is_signed_with_its_reason(void **state)
{
    struct world *w = *state;
    water_signs(w);
    uint64_t task = sent(w), signet = enrolled(w, OFFICER, 7);
    struct command command = from_user(OFFICER, COMMAND_TASK_SEND_BACK);
    command.task_send_back = (struct task_send_back){
        .task = task,
        .reason = RETURN_REASON_DUTY,
        .suggest = 3,
        .has_acknowledgement = true,
        .acknowledgement = acknowledgement_of(w, task, signet, 7),
    };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    const struct task_moved *moved = &last_event(w, EVENT_TASK_MOVED)->task_moved;
    assert_int_equal(moved->reason, RETURN_REASON_DUTY);
    assert_int_equal(moved->suggest, 3);
    assert_true(moved->has_acknowledgement);
}

static void what_was_signed_counts_for_this_task_as_it_stands(void **state)
{
    struct world *w = *state;
    water_signs(w);
    uint64_t task = sent(w), other = sent(w), signet = enrolled(w, OFFICER, 7);
    struct acknowledgement good = acknowledgement_of(w, task, signet, 7), bad = good;
    bad.incident = core_task(w->core, other)->incident->id;
    assert_int_equal(sign_with(w, OFFICER, task, bad), REFUSAL_SIGNATURE_WRONG);
    bad = good;
    bad.version++;
    assert_int_equal(sign_with(w, OFFICER, task, bad), REFUSAL_SIGNATURE_STALE);
    bad = good;
    bad.at_ms = w->now_ms - 2 * MINUTE - 1;
    assert_int_equal(sign_with(w, OFFICER, task, bad), REFUSAL_SIGNATURE_STALE);
    bad.at_ms = w->now_ms + 2 * MINUTE + 1;
    assert_int_equal(sign_with(w, OFFICER, task, bad), REFUSAL_SIGNATURE_STALE);
    assert_int_equal(sign_with(w, OFFICER, task, good), REFUSAL_NONE);
    assert_int_equal(sign_with(w, OFFICER, task, good), REFUSAL_WRONG_STATE); /* once more */

    /* Sent back and refused, it may be replied to: what was signed before counts no more. */
    struct command command = from_user(OFFICER, COMMAND_TASK_REPLY);
    command.task_reply = (struct task_reply){
        .task = task, .solved = DEGREE_YES, .has_acknowledgement = true, .acknowledgement = good
    };
    assert_int_equal(world_send(w, command), REFUSAL_SIGNATURE_STALE);
}

static void only_ones_own_key_that_still_holds(void **state)
{
    struct world *w = *state;
    water_signs(w);
    uint64_t task = sent(w), mine = enrolled(w, OFFICER, 7), theirs = enrolled(w, OTHER_OFFICER, 8);
    assert_int_equal(sign_with(w, OFFICER, task, acknowledgement_of(w, task, 999999, 7)),
                     REFUSAL_NO_SUCH_SIGNET);
    assert_int_equal(sign_with(w, OFFICER, task, acknowledgement_of(w, task, theirs, 8)),
                     REFUSAL_NOT_YOURS);
    assert_int_equal(sign_with(w, OFFICER, task, acknowledgement_of(w, task, mine, 8)),
                     REFUSAL_SIGNATURE_WRONG);
    assert_int_equal(revoke(w, OTHER_OFFICER, mine, SIGNET_REASON_LOST), REFUSAL_NOT_YOURS);
    assert_int_equal(revoke(w, OFFICER, mine, SIGNET_REASON_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(revoke(w, OFFICER, mine, SIGNET_REASON_LOST), REFUSAL_NONE);
    assert_int_equal(revoke(w, OFFICER, mine, SIGNET_REASON_LOST), REFUSAL_ALREADY);
    assert_int_equal(sign_with(w, OFFICER, task, acknowledgement_of(w, task, mine, 7)),
                     REFUSAL_SIGNET_REVOKED);
    assert_int_equal(world_send(w, enrolment(OFFICER, 7)), REFUSAL_ALREADY); /* nor ever again */
    assert_int_equal(revoke(w, SECURITY, theirs, SIGNET_REASON_STOLEN), REFUSAL_NONE);
    assert_int_equal(revoke(w, SECURITY, 999999, SIGNET_REASON_STOLEN), REFUSAL_NO_SUCH_SIGNET);
}

static void a_heads_key_waits_for_a_second_person(void **state)
{
    struct world *w = *state;
    uint64_t signet = enrolled(w, HEAD_OF_WATER, 9);
    assert_int_equal(last_event(w, EVENT_SIGNET_ENROLLED)->signet_enrolled.state,
                     SIGNET_STATE_WAITING);
    assert_int_equal(rule_signet(w, HEAD_OF_WATER, signet, true), REFUSAL_NOT_ALLOWED);
    assert_int_equal(rule_signet(w, SECURITY, 999999, true), REFUSAL_NO_SUCH_SIGNET);
    assert_int_equal(rule_signet(w, SECURITY, signet, true), REFUSAL_NONE);
    assert_int_equal(rule_signet(w, SECURITY, signet, true), REFUSAL_WRONG_STATE);
    uint64_t refused = enrolled(w, SUPERVISOR, 10);
    assert_int_equal(rule_signet(w, SECURITY, refused, false), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_SIGNET_MOVED)->signet_moved.reason, SIGNET_REASON_REFUSED);
}

static void a_key_that_waits_signs_nothing(void **state)
{
    struct world *w = *state;
    water_signs(w);
    uint64_t task = sent(w), signet = enrolled(w, SUPERVISOR, 9);
    struct acknowledgement mine = acknowledgement_of(w, task, signet, 9);
    assert_int_equal(sign_with(w, SUPERVISOR, task, mine), REFUSAL_WRONG_STATE);
    assert_int_equal(rule_signet(w, SECURITY, signet, true), REFUSAL_NONE);
    assert_int_equal(sign_with(w, SUPERVISOR, task, mine), REFUSAL_NONE);
}

static void a_person_has_few_keys_and_all_of_them_are_listed(void **state)
{
    struct world *w = *state;
    static struct signets answer;
    for (uint8_t i = 1; i <= SIGNETS_OF_PERSON_MAX; i++)
        (void)enrolled(w, OFFICER, i);
    assert_int_equal(world_send(w, enrolment(OFFICER, 100)), REFUSAL_LIMIT);
    uint64_t theirs = enrolled(w, OTHER_OFFICER, 101);
    struct command nameless = enrolment(OTHER_OFFICER, 102);
    nameless.signet_enrol.label[0] = 0;
    assert_int_equal(world_send(w, nameless), REFUSAL_INCOMPLETE);
    assert_int_equal(core_signets(w->core, &(struct signets_query){ .user = OFFICER }, &answer), 0);
    assert_int_equal(answer.rows_count, SIGNETS_OF_PERSON_MAX);
    assert_int_equal(core_signets(w->core, &(struct signets_query){ .user = 0 }, &answer), 0);
    assert_int_equal(answer.rows_count, SIGNETS_OF_PERSON_MAX + 1);
    struct signets_query behind = { .after = answer.rows[SIGNETS_OF_PERSON_MAX - 1].signet };
    assert_int_equal(core_signets(w->core, &behind, &answer), 0);
    assert_int_equal(answer.rows_count, 1);
    assert_int_equal(answer.rows[0].signet, theirs);
    assert_int_equal(
        revoke(w, OFFICER, answer.rows[0].signet - SIGNETS_OF_PERSON_MAX, SIGNET_REASON_REPLACED),
        REFUSAL_NONE);
    assert_int_equal(world_send(w, enrolment(OFFICER, 100)), REFUSAL_NONE);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, staffed, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_department_that_signs_acknowledges_nothing_without_a_key),
        STORY(the_step_bears_what_was_signed),
        STORY(an_authenticator_that_does_not_count_on_is_taken_for_a_copy),
        STORY(an_authenticator_that_counts_nothing_is_taken),
        STORY(a_send_back_is_signed_with_its_reason),
        STORY(what_was_signed_counts_for_this_task_as_it_stands),
        STORY(only_ones_own_key_that_still_holds),
        STORY(a_heads_key_waits_for_a_second_person),
        STORY(a_key_that_waits_signs_nothing),
        STORY(a_person_has_few_keys_and_all_of_them_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
