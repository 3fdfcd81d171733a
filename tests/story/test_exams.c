/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of tests: who writes them, who takes them how often, what becomes of an attempt that nobody hands in, and
 * who is told what is right. The dispatcher's edge makes the blind indexes, as in its own process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/core/exam_register.h"
#include "dispatcher/io/exam.h"
#include "tests/sim/ledger.h"
#include "tests/story/world.h"

enum {
    TAKER = 1001,
    OTHER = 1002,
    EDITOR = 3001 /* a supervisor */
};

static const uint8_t key[EXAM_KEY_BYTES] = { 4, 6 };

static enum refusal say(struct world *w, struct command command)
{
    enum refusal refusal = exam_blind(key, w->core, &command);
    return refusal ? refusal : world_send(w, command);
}

static struct command drafted(uint32_t user)
{
    struct command command = from_user(user, COMMAND_EXAM_DRAFT);
    command.exam_draft = (struct exam_draft){ .title_zh = "心肺复苏口令考核",
                                              .role = ROLE_TAKER,
                                              .pass = 60,
                                              .minutes = 30,
                                              .due_ms = UINT64_MAX };
    return command;
}

static struct command question(uint32_t exam, uint32_t number, enum exam_question_kind kind)
{
    struct command command = from_user(EDITOR, COMMAND_EXAM_WRITE);
    command.exam_write = (struct exam_write){ .exam = exam,
                                              .question = number,
                                              .kind = kind,
                                              .text = "按压频率是多少？",
                                              .options = "60次\n100至120次\n150次",
                                              .right_count = 1,
                                              .right = { 2 } };
    if (kind == EXAM_QUESTION_KIND_TRUE_FALSE)
        command.exam_write.options[0] = '\0';
    return command;
}

/* Three questions: 2; 1 and 3; true. */
static uint32_t open_exam(struct world *w)
{
    assert_int_equal(say(w, drafted(EDITOR)), REFUSAL_NONE);
    uint32_t exam = w->verdict.exam;
    struct command many = question(exam, 2, EXAM_QUESTION_KIND_MULTIPLE);
    many.exam_write.right_count = 2;
    many.exam_write.right[0] = 3;
    many.exam_write.right[1] = 1;
    struct command yes = question(exam, 3, EXAM_QUESTION_KIND_TRUE_FALSE);
    yes.exam_write.right[0] = 1;
    assert_int_equal(say(w, question(exam, 1, EXAM_QUESTION_KIND_SINGLE)), REFUSAL_NONE);
    assert_int_equal(say(w, many), REFUSAL_NONE);
    assert_int_equal(say(w, yes), REFUSAL_NONE);
    struct command open = from_user(EDITOR, COMMAND_EXAM_OPEN);
    open.exam_open.exam = exam;
    assert_int_equal(say(w, open), REFUSAL_NONE);
    return exam;
}

static enum refusal begin(struct world *w, uint32_t user, uint32_t exam)
{
    struct command command = from_user(user, COMMAND_EXAM_BEGIN);
    command.exam_begin.exam = exam;
    return say(w, command);
}

static enum refusal choose(struct world *w, uint32_t user, uint32_t number, uint32_t option,
                           uint32_t other)
{
    struct command command = from_user(user, COMMAND_EXAM_ANSWER);
    command.exam_answer = (struct exam_answer){
        .exam = 1, .question = number, .chosen_count = other ? 2 : 1, .chosen = { option, other }
    };
    return say(w, command);
}

static enum refusal hand_in(struct world *w, uint32_t user)
{
    struct command command = from_user(user, COMMAND_EXAM_HAND_IN);
    command.exam_hand_in.exam = 1;
    return say(w, command);
}

static const struct exam_closed *closed(const struct world *w)
{
    return &last_event(w, EVENT_EXAM_CLOSED)->exam_closed;
}

static struct answer answer_told;

static const struct exam_marks *marks_of(struct world *w, uint32_t user)
{
    struct exam_marks_query asked = { .exam = 1, .user = user };
    exam_answer_marks(key, w->core, &asked, &answer_told);
    return &answer_told.exam_marks;
}

static void a_test_is_written_then_opened_and_only_by_those_who_may(void **state)
{
    struct world *w = *state;
    struct command command = drafted(TAKER);
    assert_int_equal(say(w, command), REFUSAL_NOT_ALLOWED);
    command = drafted(EDITOR);
    command.exam_draft.title_zh[0] = '\0';
    assert_int_equal(say(w, command), REFUSAL_INCOMPLETE);
    command = drafted(EDITOR);
    command.exam_draft.role = ROLE_SECURITY; /* takes no tests */
    assert_int_equal(say(w, command), REFUSAL_MALFORMED);
    command = drafted(EDITOR);
    command.exam_draft.due_ms = w->now_ms;
    assert_int_equal(say(w, command), REFUSAL_MALFORMED);
    command = drafted(EDITOR);
    command.exam_draft.minutes = EXAM_MINUTES_MAX + 1;
    assert_int_equal(say(w, command), REFUSAL_MALFORMED);
    assert_int_equal(say(w, drafted(EDITOR)), REFUSAL_NONE);
    assert_int_equal(w->verdict.exam, 1);
    assert_int_equal(last_event(w, EVENT_EXAM_DRAFTED)->exam_drafted.attempts, EXAM_ATTEMPTS);
    struct command open = from_user(EDITOR, COMMAND_EXAM_OPEN);
    open.exam_open.exam = 1;
    assert_int_equal(say(w, open), REFUSAL_INCOMPLETE); /* nothing is asked */
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_EXAM_NOT_OPEN);
    struct command write = question(1, 1, EXAM_QUESTION_KIND_SINGLE);
    write.exam_write.right_count = 2;
    write.exam_write.right[1] = 3;
    assert_int_equal(say(w, write), REFUSAL_MALFORMED); /* one is right */
    write = question(1, 1, EXAM_QUESTION_KIND_SINGLE);
    write.exam_write.right[0] = 4;
    assert_int_equal(say(w, write), REFUSAL_MALFORMED); /* there are three */
    write = question(1, EXAM_QUESTIONS_MAX + 1, EXAM_QUESTION_KIND_SINGLE);
    assert_int_equal(say(w, write), REFUSAL_MALFORMED);
    write = question(1, 1, EXAM_QUESTION_KIND_SINGLE);
    (void)snprintf(write.exam_write.options, sizeof write.exam_write.options,
                   "甲\n乙\n丙\n丁\n戊\n己\n庚");
    assert_int_equal(say(w, write), REFUSAL_MALFORMED);
    write = question(1, 1, EXAM_QUESTION_KIND_SINGLE);
    write.exam_write.article = 9;
    assert_int_equal(say(w, write), REFUSAL_NO_SUCH_ARTICLE);
    assert_int_equal(say(w, question(1, 1, EXAM_QUESTION_KIND_SINGLE)), REFUSAL_NONE);
    assert_int_equal(say(w, open), REFUSAL_NONE);
    assert_int_equal(say(w, question(1, 2, EXAM_QUESTION_KIND_SINGLE)), REFUSAL_WRONG_STATE);
    world_skip(w);
}

static void what_is_right_is_in_no_event_and_told_when_the_attempt_is_closed(void **state)
{
    struct world *w = *state;
    (void)open_exam(w);
    const struct event *written = last_event(w, EVENT_EXAM_WRITTEN);
    assert_int_not_equal(written->exam_written.blind, 0);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_NONE);
    assert_int_equal(choose(w, TAKER, 1, 3, 0), REFUSAL_NONE);
    assert_int_equal(choose(w, TAKER, 1, 2, 0), REFUSAL_ALREADY); /* an answer stands */
    assert_int_equal(choose(w, TAKER, 4, 1, 0), REFUSAL_MALFORMED);
    assert_int_equal(marks_of(w, TAKER)->rows_count, 3);
    assert_int_equal(marks_of(w, TAKER)->rows[0].chosen[0], 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(marks_of(w, TAKER)->rows[i].right_count, 0);
    assert_int_equal(choose(w, TAKER, 2, 1, 3), REFUSAL_NONE);
    assert_int_equal(choose(w, TAKER, 3, 1, 0), REFUSAL_NONE);
    assert_int_equal(hand_in(w, TAKER), REFUSAL_NONE);
    assert_int_equal(closed(w)->right, 2);
    assert_int_equal(closed(w)->questions, 3);
    assert_true(closed(w)->passed); /* 60 percent of three are two */
    assert_int_equal(closed(w)->wrong_count, 1);
    assert_int_equal(closed(w)->wrong[0], 1);
    assert_int_equal(marks_of(w, TAKER)->rows[0].right[0], 2);
    assert_int_equal(marks_of(w, TAKER)->rows[1].right_count, 2);
    assert_int_equal(marks_of(w, TAKER)->rows[1].right[1], 3);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_EXAM_PASSED);
    assert_int_equal(hand_in(w, TAKER), REFUSAL_NO_ATTEMPT_OPEN);
    (void)marks_of(w, OTHER);
    assert_int_equal(answer_told.refusal, REFUSAL_NO_ATTEMPT_OPEN);
    world_skip(w);
}

static void attempts_count_and_one_is_struck_for_whoever_was_called_away(void **state)
{
    struct world *w = *state;
    (void)open_exam(w);
    assert_int_equal(begin(w, EDITOR, 1), REFUSAL_NOT_YOURS); /* it is for takers */
    for (uint32_t i = 0; i < EXAM_ATTEMPTS; i++) {
        assert_int_equal(begin(w, TAKER, 1), REFUSAL_NONE);
        assert_int_equal(begin(w, TAKER, 1), REFUSAL_ATTEMPT_OPEN);
        assert_int_equal(hand_in(w, TAKER), REFUSAL_NONE);
        assert_false(closed(w)->passed);
    }
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_NO_ATTEMPT_LEFT);
    struct command strike = from_user(EDITOR, COMMAND_EXAM_STRIKE);
    strike.exam_strike = (struct exam_strike){ .exam = 1, .user = TAKER };
    assert_int_equal(say(w, strike), REFUSAL_REASON_MISSING);
    (void)snprintf(strike.exam_strike.words, sizeof strike.exam_strike.words, "接了一通长电话");
    assert_int_equal(say(w, strike), REFUSAL_NONE);
    assert_int_equal(say(w, strike), REFUSAL_ALREADY);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_NONE);
    assert_int_equal(say(w, strike), REFUSAL_ATTEMPT_OPEN);
    world_skip(w);
}

static void an_emergency_goes_first_and_the_attempt_goes_on_until_its_time_is_over(void **state)
{
    struct world *w = *state;
    (void)open_exam(w);
    on_duty(w, TAKER);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_NONE);
    assert_int_equal(choose(w, TAKER, 2, 3, 1), REFUSAL_NONE);
    uint64_t began_ms = w->now_ms;
    uint64_t contact = call_in(w, 110, 77);
    uint64_t offer = last_offer(w);
    assert_int_equal(last_event(w, EVENT_OFFER_MADE)->at_ms, began_ms); /* at once */
    assert_int_equal(answer(w, offer), REFUSAL_NONE);
    assert_int_equal(choose(w, TAKER, 1, 2, 0), REFUSAL_NONE);
    world_wait(w, 29 * MINUTE);
    assert_int_equal(count_events(w, EVENT_EXAM_CLOSED), 0);
    world_wait(w, MINUTE);
    assert_int_equal(count_events(w, EVENT_EXAM_CLOSED), 1);
    assert_int_equal(last_event(w, EVENT_EXAM_CLOSED)->at_ms, began_ms + 30 * MINUTE);
    assert_true(closed(w)->expired);
    assert_true(closed(w)->passed); /* what was said counts */
    assert_int_equal(choose(w, TAKER, 3, 1, 0), REFUSAL_NO_ATTEMPT_OPEN);
    assert_int_equal(finish(w, TAKER, contact), REFUSAL_NONE);
    world_skip(w);
}

static void a_change_is_another_edition_and_an_end_lets_attempts_go_on(void **state)
{
    struct world *w = *state;
    (void)open_exam(w);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_NONE);
    struct command again = drafted(EDITOR);
    again.exam_draft.exam = 1;
    assert_int_equal(say(w, again), REFUSAL_ATTEMPT_OPEN);
    assert_int_equal(hand_in(w, TAKER), REFUSAL_NONE);
    assert_int_equal(say(w, again), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_EXAM_DRAFTED)->exam_drafted.edition, 2);
    struct command out = question(1, 3, EXAM_QUESTION_KIND_TRUE_FALSE);
    out.exam_write.text[0] = '\0';
    assert_int_equal(say(w, out), REFUSAL_NONE);
    assert_int_equal(say(w, out), REFUSAL_ALREADY);
    struct command open = from_user(EDITOR, COMMAND_EXAM_OPEN);
    open.exam_open.exam = 1;
    assert_int_equal(say(w, open), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_EXAM_OPENED)->exam_opened.questions, 2);
    for (uint32_t i = 0; i < EXAM_ATTEMPTS; i++) { /* anew: it is another one */
        assert_int_equal(begin(w, TAKER, 1), REFUSAL_NONE);
        assert_int_equal(hand_in(w, TAKER), REFUSAL_NONE);
    }
    assert_int_equal(begin(w, OTHER, 1), REFUSAL_NONE);
    struct command end = from_user(EDITOR, COMMAND_EXAM_END);
    end.exam_end.exam = 1;
    assert_int_equal(say(w, end), REFUSAL_REASON_MISSING);
    (void)snprintf(end.exam_end.words, sizeof end.exam_end.words, "题目有误");
    assert_int_equal(say(w, end), REFUSAL_NONE);
    assert_int_equal(say(w, end), REFUSAL_NO_SUCH_EXAM);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_NO_SUCH_EXAM);
    assert_int_equal(choose(w, OTHER, 1, 2, 0), REFUSAL_NONE);
    assert_int_equal(hand_in(w, OTHER), REFUSAL_NONE);
    assert_int_equal(closed(w)->right, 1);
    world_skip(w);
}

static void it_is_begun_between_its_days_alone(void **state)
{
    struct world *w = *state;
    struct command command = drafted(EDITOR);
    command.exam_draft.from_ms = w->now_ms + 10 * MINUTE;
    command.exam_draft.due_ms = w->now_ms + 20 * MINUTE;
    assert_int_equal(say(w, command), REFUSAL_NONE);
    assert_int_equal(say(w, question(1, 1, EXAM_QUESTION_KIND_SINGLE)), REFUSAL_NONE);
    struct command open = from_user(EDITOR, COMMAND_EXAM_OPEN);
    open.exam_open.exam = 1;
    assert_int_equal(say(w, open), REFUSAL_NONE);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_EXAM_NOT_OPEN);
    world_wait(w, 10 * MINUTE);
    assert_int_equal(begin(w, TAKER, 1), REFUSAL_NONE);
    world_wait(w, 10 * MINUTE);
    assert_int_equal(begin(w, OTHER, 1), REFUSAL_EXAM_NOT_OPEN);
    assert_int_equal(choose(w, TAKER, 1, 2, 0), REFUSAL_NONE); /* who began in time goes on */
    assert_int_equal(hand_in(w, TAKER), REFUSAL_NONE);
    assert_true(closed(w)->passed);
    world_skip(w);
}

static void so_many_tests_hold_at_one_time_and_so_many_ever(void **state)
{
    struct world *w = *state;
    struct command end = from_user(EDITOR, COMMAND_EXAM_END);
    end.exam_end = (struct exam_end){ .exam = 1, .words = "x" };
    for (uint32_t i = 0; i < EXAMS_HOLDING_MAX; i++)
        assert_int_equal(say(w, drafted(EDITOR)), REFUSAL_NONE);
    assert_int_equal(say(w, drafted(EDITOR)), REFUSAL_LIMIT);
    for (uint32_t i = EXAMS_HOLDING_MAX; i < EXAMS_MAX; i++) {
        assert_int_equal(say(w, end), REFUSAL_NONE);
        end.exam_end.exam++;
        assert_int_equal(say(w, drafted(EDITOR)), REFUSAL_NONE);
    }
    assert_int_equal(say(w, end), REFUSAL_NONE);
    assert_int_equal(say(w, drafted(EDITOR)), REFUSAL_LIMIT);
    world_skip(w);
}

_Noreturn void auditor_broken(const char *id, const char *words)
{
    fail_msg("%s: %s", id, words);
    abort();
}

/* The simulation's auditor shares no code with the core: it agrees with each story. */
static void audit(const struct world *w)
{
    static struct auditor auditor;
    auditor = (struct auditor){ 0 };
    for (uint32_t i = 0; i < w->history_count; i++)
        (void)auditor_see_exam(&auditor, &w->history[i]);
    free(auditor.papers);
    free(auditor.places);
}

static int audited(void **state)
{
    audit(*state);
    return world_teardown(state);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, audited)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_test_is_written_then_opened_and_only_by_those_who_may),
        STORY(what_is_right_is_in_no_event_and_told_when_the_attempt_is_closed),
        STORY(attempts_count_and_one_is_struck_for_whoever_was_called_away),
        STORY(an_emergency_goes_first_and_the_attempt_goes_on_until_its_time_is_over),
        STORY(a_change_is_another_edition_and_an_end_lets_attempts_go_on),
        STORY(it_is_begun_between_its_days_alone),
        STORY(so_many_tests_hold_at_one_time_and_so_many_ever),
    };
    return cmocka_run_group_tests_name("exams", tests, NULL, NULL);
}
