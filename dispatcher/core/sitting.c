/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/sitting.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/exam.h"

static struct sitting *find(const struct core *core, uint32_t exam, uint32_t user)
{
    return exam <= EXAMS_MAX ? index_find(&core->index, ENTRY_SITTING, user, exam) : NULL;
}

static bool concerns(const struct exam *exam, const struct user_row *row)
{
    if (exam->role && !(row->roles & 1U << exam->role))
        return false;
    if (exam->department && exam->department != row->department)
        return false;
    for (uint32_t i = 0; exam->line && i < row->skills_count; i++)
        if (row->skills[i].line == exam->line)
            return true;
    return exam->line == 0;
}

/* ---- deciding -------------------------------------------------------------------------------- */

static enum refusal check_begin(const struct decision *decision, const struct exam *exam,
                                const struct sitting *sitting)
{
    const struct core *core = decision->core;
    if (!concerns(exam, &decision->user->row))
        return REFUSAL_NOT_YOURS;
    if (sitting && sitting->until_ms)
        return REFUSAL_ATTEMPT_OPEN;
    if (exam->state != EXAM_STATE_OPEN || decision->at_ms < exam->from_ms ||
        decision->at_ms >= exam->due_ms)
        return REFUSAL_EXAM_NOT_OPEN;
    if (sitting && sitting->passed)
        return REFUSAL_EXAM_PASSED;
    if (sitting && sitting->used >= exam->attempts)
        return REFUSAL_NO_ATTEMPT_LEFT;
    if (core->exams.open == SITTINGS_OPEN_MAX || (!sitting && pool_room(&core->sittings) == 0))
        return REFUSAL_LIMIT;
    return REFUSAL_NONE;
}

enum refusal decide_exam_begin(struct decision *decision)
{
    uint32_t number = decision->command->exam_begin.exam;
    const struct exam *exam = core_exam(decision->core, number);
    if (!decision->user)
        return REFUSAL_NO_SUCH_USER;
    if (!exam || exam->state == EXAM_STATE_ENDED)
        return REFUSAL_NO_SUCH_EXAM;
    enum refusal refusal =
        check_begin(decision, exam, find(decision->core, number, decision->actor));
    if (refusal)
        return refusal;
    struct event *event = decision_event(decision, EVENT_EXAM_BEGUN);
    event->exam_begun.exam = number;
    event->exam_begun.attempt = decision_id(decision);
    event->exam_begun.edition = exam->edition;
    event->exam_begun.until_ms = decision->at_ms + exam->minutes * 60000ULL;
    decision->verdict->exam = number;
    return REFUSAL_NONE;
}

static const struct sitting *under_way(const struct decision *decision, uint32_t exam)
{
    const struct sitting *sitting = find(decision->core, exam, decision->actor);
    return decision->user && sitting && sitting->until_ms ? sitting : NULL;
}

enum refusal decide_exam_answer(struct decision *decision)
{
    const struct exam_answer *asked = &decision->command->exam_answer;
    const struct sitting *sitting = under_way(decision, asked->exam);
    if (!sitting)
        return REFUSAL_NO_ATTEMPT_OPEN;
    const struct exam *exam = core_exam(decision->core, asked->exam);
    if (asked->question == 0 || asked->question > EXAM_QUESTIONS_MAX ||
        !exam->questions[asked->question - 1].right)
        return REFUSAL_MALFORMED;
    if (!asked->blind)
        return REFUSAL_INCOMPLETE;
    if (sitting->chosen[asked->question - 1])
        return REFUSAL_ALREADY; /* whoever could try again would find out by trying */
    struct event *event = decision_event(decision, EVENT_EXAM_ANSWERED);
    event->exam_answered =
        (struct exam_answered){ asked->exam, sitting->attempt, asked->question, asked->blind };
    decision->verdict->exam = asked->exam;
    return REFUSAL_NONE;
}

static void close_attempt(struct decision *decision, const struct sitting *sitting, bool expired)
{
    const struct exam *exam = core_exam(decision->core, sitting->exam);
    struct event *event = decision_event(decision, EVENT_EXAM_CLOSED);
    struct exam_closed *closed = &event->exam_closed;
    closed->exam = sitting->exam;
    closed->attempt = sitting->attempt;
    closed->user = sitting->user;
    closed->expired = expired;
    for (uint32_t i = 0; i < EXAM_QUESTIONS_MAX; i++) {
        if (!exam->questions[i].right)
            continue;
        closed->questions++;
        if (exam->questions[i].right == sitting->chosen[i])
            closed->right++;
        else
            closed->wrong[closed->wrong_count++] = i + 1;
    }
    closed->passed = closed->right * 100 >= exam->pass * closed->questions;
    decision->verdict->exam = sitting->exam;
}

enum refusal decide_exam_hand_in(struct decision *decision)
{
    const struct sitting *sitting = under_way(decision, decision->command->exam_hand_in.exam);
    if (!sitting)
        return REFUSAL_NO_ATTEMPT_OPEN;
    close_attempt(decision, sitting, false);
    return REFUSAL_NONE;
}

enum refusal decide_exam_strike(struct decision *decision)
{
    const struct exam_strike *asked = &decision->command->exam_strike;
    const struct sitting *sitting = find(decision->core, asked->exam, asked->user);
    if (!sitting)
        return REFUSAL_NO_ATTEMPT_OPEN;
    if (asked->user == decision->actor && decision->user)
        return REFUSAL_SAME_PERSON;
    if (sitting->until_ms)
        return REFUSAL_ATTEMPT_OPEN;
    if (sitting->passed)
        return REFUSAL_EXAM_PASSED;
    if (sitting->struck)
        return REFUSAL_ALREADY;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct event *event = decision_event(decision, EVENT_EXAM_STRUCK);
    event->exam_struck.exam = asked->exam;
    event->exam_struck.attempt = sitting->attempt;
    event->exam_struck.user = asked->user;
    memcpy(event->exam_struck.words, asked->words, sizeof asked->words);
    decision->verdict->exam = asked->exam;
    return REFUSAL_NONE;
}

void sitting_due(struct decision *decision, const struct sitting *sitting)
{
    REQUIRE(sitting->until_ms);
    close_attempt(decision, sitting, true);
}

enum refusal core_exam_marks(const struct core *core, const struct exam_marks_query *asked,
                             core_exam_each *each, void *owner)
{
    static const struct sitting nobody;
    const struct exam *exam = core_exam(core, asked->exam);
    const struct sitting *sitting = asked->user ? find(core, asked->exam, asked->user) : &nobody;
    if (!exam)
        return REFUSAL_NO_SUCH_EXAM;
    if (!sitting)
        return REFUSAL_NO_ATTEMPT_OPEN;
    for (uint32_t i = 0; i < EXAM_QUESTIONS_MAX; i++) {
        const struct exam_question *question = &exam->questions[i];
        if (question->right)
            each(owner, &(struct exam_shown){ i + 1, question->time, question->article,
                                              sitting->until_ms ? 0 : question->right,
                                              sitting->chosen[i] });
    }
    return REFUSAL_NONE;
}

/* ---- applying --------------------------------------------------------------------------------- */

static struct exam *exam_of(struct core *core, const struct sitting *sitting)
{
    REQUIRE(sitting->exam > 0 && sitting->exam <= core->exams.count);
    return &core->exams.all[sitting->exam - 1];
}

static struct sitting *attempted(struct core *core, uint32_t exam, uint32_t user, uint64_t attempt)
{
    struct sitting *sitting = find(core, exam, user);
    REQUIRE(sitting && sitting->attempt == attempt);
    return sitting;
}

void sittings_clear(struct core *core, struct exam *exam)
{
    struct sitting *sitting = exam->sittings;
    exam->sittings = NULL;
    while (sitting) {
        struct sitting *next = sitting->next;
        if (sitting->until_ms) {
            sitting->next = exam->sittings;
            exam->sittings = sitting;
        } else {
            index_remove(&core->index, ENTRY_SITTING, sitting->user, sitting->exam);
            pool_give(&core->sittings, sitting);
        }
        sitting = next;
    }
}

void apply_exam_begun(struct core *core, const struct event *event)
{
    const struct exam_begun *begun = &event->exam_begun;
    struct sitting *sitting = find(core, begun->exam, event->actor);
    core_id_used(core, begun->attempt);
    if (!sitting) {
        sitting = pool_take(&core->sittings);
        sitting->exam = begun->exam;
        sitting->user = event->actor;
        sitting->deadline = (struct deadline){ .kind = DEADLINE_SITTING, .owner = sitting };
        index_put(&core->index, ENTRY_SITTING, event->actor, begun->exam, sitting);
        sitting->next = exam_of(core, sitting)->sittings;
        exam_of(core, sitting)->sittings = sitting;
    }
    REQUIRE(sitting->until_ms == 0);
    sitting->attempt = begun->attempt;
    sitting->used++;
    sitting->struck = false;
    sitting->until_ms = begun->until_ms;
    memset(sitting->chosen, 0, sizeof sitting->chosen);
    exam_of(core, sitting)->open++;
    core->exams.open++;
    deadline_set(core, &sitting->deadline, begun->until_ms, sitting->attempt);
}

void apply_exam_answered(struct core *core, const struct event *event)
{
    const struct exam_answered *answered = &event->exam_answered;
    struct sitting *sitting = attempted(core, answered->exam, event->actor, answered->attempt);
    REQUIRE(sitting->until_ms && answered->question > 0 &&
            answered->question <= EXAM_QUESTIONS_MAX);
    sitting->chosen[answered->question - 1] = answered->blind;
}

void apply_exam_closed(struct core *core, const struct event *event)
{
    const struct exam_closed *closed = &event->exam_closed;
    struct sitting *sitting = attempted(core, closed->exam, closed->user, closed->attempt);
    struct exam *exam = exam_of(core, sitting);
    REQUIRE(sitting->until_ms && exam->open > 0 && core->exams.open > 0);
    deadline_set(core, &sitting->deadline, NEVER, sitting->attempt);
    sitting->until_ms = 0;
    sitting->passed = closed->passed;
    exam->open--;
    core->exams.open--;
    if (exam->state == EXAM_STATE_ENDED)
        sittings_clear(core, exam);
}

void apply_exam_struck(struct core *core, const struct event *event)
{
    const struct exam_struck *struck = &event->exam_struck;
    struct sitting *sitting = attempted(core, struck->exam, struck->user, struck->attempt);
    REQUIRE(sitting->used > 0 && !sitting->until_ms);
    sitting->used--;
    sitting->struck = true;
}
