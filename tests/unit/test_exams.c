/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What people see of tests: those they take and how they stand, the questions in an order of their own, and for
 * supervisors how everybody stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/own_views.h"

enum {
    WANG = 3,
    LI = 4,
    CHIEF = 9
};

static struct answer answer;

static struct event by(uint32_t user, enum event_kind kind)
{
    return (struct event){ .kind = kind, .actor_kind = ACTOR_KIND_USER, .actor = user };
}

static void hired(uint32_t user, uint32_t roles, uint32_t department)
{
    struct event event = { .kind = EVENT_USER_DEFINED, .actor_kind = ACTOR_KIND_SYSTEM };
    event.user_defined.has_row = true;
    event.user_defined.row.user = user;
    event.user_defined.row.roles = roles;
    event.user_defined.row.department = department;
    own_views_happen(event);
}

static void drafted(uint32_t exam, uint32_t edition)
{
    struct event event = by(CHIEF, EVENT_EXAM_DRAFTED);
    event.exam_drafted = (struct exam_drafted){ .exam = exam,
                                                .title_zh = "口令考核",
                                                .role = ROLE_TAKER,
                                                .pass = 60,
                                                .attempts = 2,
                                                .minutes = 30,
                                                .due_ms = own_views_now_ms + 1000,
                                                .edition = edition };
    own_views_happen(event);
}

static void written(uint32_t exam, uint32_t question, const char *text)
{
    struct event event = by(CHIEF, EVENT_EXAM_WRITTEN);
    event.exam_written = (struct exam_written){ .exam = exam,
                                                .question = question,
                                                .kind = EXAM_QUESTION_KIND_SINGLE,
                                                .options = "甲\n乙\n丙\n丁",
                                                .blind = 77 };
    (void)snprintf(event.exam_written.text, sizeof event.exam_written.text, "%s", text);
    own_views_happen(event);
}

static void opened(uint32_t exam, uint32_t edition)
{
    struct event event = by(CHIEF, EVENT_EXAM_OPENED);
    event.exam_opened = (struct exam_opened){ exam, edition, 5 };
    own_views_happen(event);
}

static void two_takers_and_an_open_test(void)
{
    hired(WANG, 1U << ROLE_TAKER, 0);
    hired(LI, 1U << ROLE_TAKER, 2);
    hired(CHIEF, 1U << ROLE_SUPERVISOR, 0);
    drafted(1, 1);
    for (uint32_t i = 1; i <= 12; i++)
        written(1, i, "问");
    opened(1, 1);
}

static void begins(uint32_t user, uint64_t attempt)
{
    struct event event = by(user, EVENT_EXAM_BEGUN);
    event.exam_begun = (struct exam_begun){ 1, attempt, 1, own_views_now_ms + 30 * 60000ULL };
    own_views_happen(event);
}

static void closes(uint32_t user, uint64_t attempt, uint32_t right, bool passed)
{
    struct event event = by(user, EVENT_EXAM_CLOSED);
    event.exam_closed = (struct exam_closed){ .exam = 1,
                                              .attempt = attempt,
                                              .user = user,
                                              .right = right,
                                              .questions = 12,
                                              .passed = passed,
                                              .wrong_count = 1,
                                              .wrong = { 4 } };
    own_views_happen(event);
}

static const struct exams *exams_of(uint32_t user)
{
    struct query query = { .kind = QUERY_EXAMS, .exams = { .user = user } };
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    assert_int_equal(answer.kind, ANSWER_EXAMS);
    return &answer.exams;
}

/* The questions as this person is shown them, and each one's first option; returns how many. */
static uint32_t paper_of(uint32_t user, uint32_t numbers[20], uint32_t first[20])
{
    struct query query = { .kind = QUERY_EXAM_PAPER, .exam_paper = { .exam = 1, .user = user } };
    uint32_t count = 0;
    do {
        journal_query(own_views_journal, &query, own_views_now_ms, &answer);
        for (uint32_t i = 0; answer.kind == ANSWER_EXAM_PAPER && i < answer.exam_paper.rows_count;
             i++) {
            assert_int_equal(answer.exam_paper.rows[i].order_count, 4);
            numbers[count] = answer.exam_paper.rows[i].question;
            first[count++] = answer.exam_paper.rows[i].order[0];
        }
        query.exam_paper.after = answer.next;
    } while (answer.more);
    return count;
}

static void everybody_gets_all_questions_in_an_order_of_their_own(void **state)
{
    uint32_t one[20] = { 0 }, other[20], again[20], options[20], others[20], seen = 0;
    (void)state;
    two_takers_and_an_open_test();
    assert_int_equal(paper_of(WANG, one, options), 0); /* before an attempt there are none */
    assert_int_equal(answer.refusal, REFUSAL_NO_ATTEMPT_OPEN);
    assert_int_equal(paper_of(0, one, options), 12);
    assert_int_equal(one[11], 12); /* as they are written */
    begins(WANG, 501);
    begins(LI, 502);
    assert_int_equal(paper_of(WANG, one, options), 12);
    assert_int_equal(paper_of(WANG, again, options), 12);
    assert_int_equal(paper_of(LI, other, others), 12);
    for (uint32_t i = 0; i < 12; i++)
        seen |= 1U << one[i];
    assert_int_equal(seen, 0x1ffe); /* each once */
    assert_memory_equal(one, again, 12 * sizeof one[0]);
    assert_memory_not_equal(one, other, 12 * sizeof one[0]);
    assert_memory_not_equal(options, others, 12 * sizeof one[0]);
}

static void a_person_sees_what_to_take_and_how_it_went(void **state)
{
    (void)state;
    two_takers_and_an_open_test();
    drafted(2, 1); /* nobody takes a draft */
    assert_int_equal(exams_of(CHIEF)->rows_count, 0);
    assert_int_equal(exams_of(WANG)->rows_count, 1);
    assert_false(answer.exams.rows[0].has_sitting);
    assert_int_equal(answer.exams.rows[0].exam.questions, 12);
    begins(WANG, 501);
    struct event said = by(WANG, EVENT_EXAM_ANSWERED);
    said.exam_answered = (struct exam_answered){ 1, 501, 4, 78 };
    own_views_happen(said);
    assert_int_equal(exams_of(WANG)->rows[0].sitting.answered, 1U << 4);
    assert_int_equal(answer.exams.rows[0].sitting.until_ms, own_views_now_ms + 30 * 60000ULL);
    closes(WANG, 501, 5, false);
    struct event strike = by(CHIEF, EVENT_EXAM_STRUCK);
    strike.exam_struck = (struct exam_struck){ 1, 501, WANG, "接警" };
    own_views_happen(strike);
    assert_int_equal(exams_of(WANG)->rows[0].sitting.used, 0);
    begins(WANG, 503);
    closes(WANG, 503, 9, true);
    assert_int_equal(exams_of(WANG)->rows[0].sitting.best, 9);
    assert_int_equal(answer.exams.rows[0].sitting.used, 1);
    assert_int_equal(answer.exams.rows[0].sitting.wrong[0], 4);
    assert_int_not_equal(answer.exams.rows[0].sitting.passed_ms, 0);
    drafted(1, 2);
    opened(1, 2);
    assert_false(exams_of(WANG)->rows[0].has_sitting); /* another edition, taken anew */
    struct event end = by(CHIEF, EVENT_EXAM_ENDED);
    end.exam_ended.exam = 1;
    own_views_happen(end);
    assert_int_equal(exams_of(WANG)->rows_count, 0);
}

static const struct exam_results *results_of(uint32_t exam, uint32_t department)
{
    struct query query = { .kind = QUERY_EXAM_RESULTS,
                           .exam_results = { .exam = exam, .department = department } };
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    return &answer.exam_results;
}

static void supervisors_see_how_everybody_stands(void **state)
{
    (void)state;
    two_takers_and_an_open_test();
    begins(WANG, 501);
    assert_int_equal(results_of(1, 0)->rows_count, 2);
    assert_true(answer.exam_results.rows[0].open);
    closes(WANG, 501, 9, true);
    own_views_now_ms += 2000;
    assert_int_equal(results_of(1, 0)->rows[0].best, 9);
    assert_false(answer.exam_results.rows[0].overdue);
    assert_true(answer.exam_results.rows[1].overdue);
    assert_int_equal(results_of(1, 2)->rows_count, 1);
    assert_int_equal(answer.exam_results.rows[0].user, LI);
    (void)results_of(7, 0);
    assert_int_equal(answer.refusal, REFUSAL_NO_SUCH_EXAM);
    struct query query = { .kind = QUERY_EXAM_LIST };
    drafted(2, 1);
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    assert_int_equal(answer.exam_list.rows_count, 2);
    assert_int_equal(answer.exam_list.rows[0].state, EXAM_STATE_OPEN);
}

static void a_question_that_is_taken_out_is_asked_no_longer(void **state)
{
    uint32_t numbers[20] = { 0 }, first[20];
    (void)state;
    two_takers_and_an_open_test();
    drafted(1, 2);
    written(1, 5, "");
    written(1, 6, "又问");
    assert_int_equal(paper_of(0, numbers, first), 11);
    assert_int_equal(numbers[4], 6);
    opened(1, 2);
    assert_int_equal(exams_of(WANG)->rows[0].exam.questions, 11);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, own_views_set_up, own_views_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everybody_gets_all_questions_in_an_order_of_their_own),
        TEST(a_person_sees_what_to_take_and_how_it_went),
        TEST(supervisors_see_how_everybody_stands),
        TEST(a_question_that_is_taken_out_is_asked_no_longer),
    };
    return cmocka_run_group_tests_name("exams", tests, NULL, NULL);
}
