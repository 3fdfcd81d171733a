/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on tests (I40): nobody is asked what is still being written, an attempt is one person's, each of
 * its questions is answered once and while it is open, it closes once, by its person or when its time is over, and as
 * many were right as the auditor counts. */
#include "tests/sim/kernel.h"
#include "tests/sim/ledger.h"

enum {
    QUESTIONS = 32, /* more than a test can have */
    ATTEMPT_OPEN = 1,
    STRUCK = 2
};

static struct seen_paper *book(struct auditor *auditor, enum paper paper, uint64_t number)
{
    uint32_t place = ledger_find(auditor, LEDGER_PAPER, number, paper);
    if (!place) {
        place = auditor->paper_count + 1;
        *LEDGER_ADD(auditor, paper) = (struct seen_paper){ 0 };
        ledger_put(auditor, LEDGER_PAPER, number, paper, place - 1);
    }
    return &auditor->papers[place - 1];
}

static uint64_t question_of(uint32_t exam, uint32_t question)
{
    return (uint64_t)exam * QUESTIONS + question;
}

/* Which blind index is right now: an earlier one of the same question is not. */
static void see_written(struct auditor *auditor, const struct event *event)
{
    const struct exam_written *said = &event->exam_written;
    uint64_t question = question_of(said->exam, said->question);
    PROMISE("I40", book(auditor, PAPER_EXAM, said->exam)->state == EXAM_STATE_DRAFT,
            "written into after it was opened");
    PROMISE("I40", !said->text[0] == !said->blind, "asked without an answer");
    ledger_put(auditor, LEDGER_EXAM_TIME, question, 0, said->time);
    if (said->blind)
        ledger_put(auditor, LEDGER_EXAM_RIGHT, said->blind, question, said->time);
}

static struct seen_paper *attempt(struct auditor *auditor, uint64_t number, uint32_t user)
{
    struct seen_paper *seen = book(auditor, PAPER_ATTEMPT, number);
    PROMISE("I40", seen->by && seen->by == user, "somebody else's attempt, or nobody's");
    return seen;
}

static void see_begun(struct auditor *auditor, const struct event *event)
{
    const struct exam_begun *said = &event->exam_begun;
    struct seen_paper *seen = book(auditor, PAPER_ATTEMPT, said->attempt);
    PROMISE("I40", book(auditor, PAPER_EXAM, said->exam)->state == EXAM_STATE_OPEN,
            "somebody begins what is not open");
    PROMISE("I40",
            event->actor_kind == ACTOR_KIND_USER && !seen->by && said->until_ms > event->at_ms,
            "an attempt by nobody, a second time, or for no time");
    *seen = (struct seen_paper){ .state = ATTEMPT_OPEN,
                                 .by = event->actor,
                                 .until_ms = said->until_ms };
}

static void see_answered(struct auditor *auditor, const struct event *event)
{
    const struct exam_answered *said = &event->exam_answered;
    struct seen_paper *seen = attempt(auditor, said->attempt, event->actor);
    uint64_t question = question_of(said->exam, said->question);
    uint32_t bit = 1U << said->question;
    PROMISE("I40", (seen->state & ATTEMPT_OPEN) && !(seen->state & bit),
            "answered twice, or when the attempt was closed");
    seen->state |= bit; /* questions count from 1: bit 0 says that it is open */
    uint32_t right = ledger_find(auditor, LEDGER_EXAM_RIGHT, said->blind, question);
    seen->right += right && right == ledger_find(auditor, LEDGER_EXAM_TIME, question, 0);
}

static void see_closed(struct auditor *auditor, const struct event *event)
{
    const struct exam_closed *said = &event->exam_closed;
    struct seen_paper *seen = attempt(auditor, said->attempt, said->user);
    PROMISE("I40", seen->state & ATTEMPT_OPEN, "an attempt closes twice");
    PROMISE("I40",
            said->expired == (event->actor_kind != ACTOR_KIND_USER) &&
                (said->expired ? event->at_ms >= seen->until_ms : event->actor == said->user),
            "closed by somebody else, or before its time");
    PROMISE("I40", said->right == seen->right, "other answers are right than were given");
    PROMISE("I40", said->right + said->wrong_count == said->questions, "a question is lost");
    seen->state = 0;
}

static void see_struck(struct auditor *auditor, const struct event *event)
{
    const struct exam_struck *said = &event->exam_struck;
    struct seen_paper *seen = attempt(auditor, said->attempt, said->user);
    PROMISE("I40", seen->state == 0 && event->actor != said->user,
            "struck while it is open, twice, or by its own person");
    seen->state = STRUCK;
}

bool auditor_see_exam(struct auditor *auditor, const struct event *event)
{
    struct seen_paper *exam;
    switch ((uint32_t)event->kind) {
    case EVENT_EXAM_DRAFTED:
        exam = book(auditor, PAPER_EXAM, event->exam_drafted.exam);
        PROMISE("I40", exam->state != EXAM_STATE_ENDED, "a test that ended goes on");
        exam->state = EXAM_STATE_DRAFT;
        return true;
    case EVENT_EXAM_WRITTEN:
        see_written(auditor, event);
        return true;
    case EVENT_EXAM_OPENED:
        exam = book(auditor, PAPER_EXAM, event->exam_opened.exam);
        PROMISE("I40", exam->state == EXAM_STATE_DRAFT && event->exam_opened.questions > 0,
                "opened twice, or without a question");
        exam->state = EXAM_STATE_OPEN;
        return true;
    case EVENT_EXAM_ENDED:
        exam = book(auditor, PAPER_EXAM, event->exam_ended.exam);
        PROMISE("I40", exam->state && exam->state != EXAM_STATE_ENDED, "it ended before");
        exam->state = EXAM_STATE_ENDED;
        return true;
    case EVENT_EXAM_BEGUN:
        see_begun(auditor, event);
        return true;
    case EVENT_EXAM_ANSWERED:
        see_answered(auditor, event);
        return true;
    case EVENT_EXAM_CLOSED:
        see_closed(auditor, event);
        return true;
    case EVENT_EXAM_STRUCK:
        see_struck(auditor, event);
        return true;
    default:
        return false;
    }
}
