/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/exam.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/article.h"
#include "proto/access.h"

const struct exam *core_exam(const struct core *core, uint32_t number)
{
    return number > 0 && number <= core->exams.count ? &core->exams.all[number - 1] : NULL;
}

uint32_t exam_questions(const struct exam *exam)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < EXAM_QUESTIONS_MAX; i++)
        count += exam->questions[i].right != 0;
    return count;
}

uint32_t core_exam_time(const struct core *core, uint32_t number, uint32_t question)
{
    const struct exam *exam = core_exam(core, number);
    if (!exam || question == 0 || question > EXAM_QUESTIONS_MAX)
        return 0;
    return exam->questions[question - 1].time + (exam->state == EXAM_STATE_DRAFT);
}

/* ---- deciding -------------------------------------------------------------------------------- */

static enum refusal find(struct decision *decision, uint32_t number, const struct exam **exam)
{
    *exam = core_exam(decision->core, number);
    if (!*exam || (*exam)->state == EXAM_STATE_ENDED)
        return REFUSAL_NO_SUCH_EXAM;
    decision->verdict->exam = number;
    return REFUSAL_NONE;
}

/* Only people who can take a test are asked to. */
static bool may_take(enum role role)
{
    return role == ROLE_NONE || (access_command_roles(COMMAND_EXAM_BEGIN) & 1U << role);
}

static enum refusal check_head(const struct decision *decision, const struct exam_draft *asked)
{
    if (!asked->title_zh[0])
        return REFUSAL_INCOMPLETE;
    if (!may_take(asked->role) || asked->pass > 100 || asked->attempts > EXAM_ATTEMPTS_MAX ||
        asked->minutes > EXAM_MINUTES_MAX || asked->due_ms <= decision->at_ms ||
        asked->due_ms <= asked->from_ms)
        return REFUSAL_MALFORMED;
    if (asked->department && !core_department(decision->core, asked->department))
        return REFUSAL_NO_SUCH_DEPARTMENT;
    if (asked->line && !core_line(decision->core, asked->line))
        return REFUSAL_NO_SUCH_LINE;
    return REFUSAL_NONE;
}

enum refusal decide_exam_draft(struct decision *decision)
{
    const struct exam_draft *asked = &decision->command->exam_draft;
    const struct exam_register *exams = &decision->core->exams;
    const struct exam *exam = NULL;
    enum refusal refusal = asked->exam ? find(decision, asked->exam, &exam) : REFUSAL_NONE;
    if (!refusal)
        refusal = check_head(decision, asked);
    if (refusal)
        return refusal;
    if (exam && exam->open)
        return REFUSAL_ATTEMPT_OPEN;
    if (!exam && (exams->count == EXAMS_MAX || exams->holding == EXAMS_HOLDING_MAX))
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_EXAM_DRAFTED);
    struct exam_drafted *drafted = &event->exam_drafted;
    drafted->exam = exam ? asked->exam : exams->count + 1;
    memcpy(drafted->title_zh, asked->title_zh, sizeof drafted->title_zh);
    memcpy(drafted->title_en, asked->title_en, sizeof drafted->title_en);
    drafted->role = asked->role;
    drafted->department = asked->department;
    drafted->line = asked->line;
    drafted->pass = asked->pass ? asked->pass : EXAM_PASS;
    drafted->attempts = asked->attempts ? asked->attempts : EXAM_ATTEMPTS;
    drafted->minutes = asked->minutes ? asked->minutes : EXAM_MINUTES;
    drafted->from_ms = asked->from_ms;
    drafted->due_ms = asked->due_ms;
    drafted->edition = !exam ? 1 : exam->edition + (exam->state == EXAM_STATE_OPEN);
    decision->verdict->exam = drafted->exam;
    return REFUSAL_NONE;
}

/* How many lines; 0: one of them is empty. */
static uint32_t lines_of(const char *options)
{
    uint32_t count = 0;
    char before = '\n';
    for (const char *at = options; *at; before = *at++) {
        if (before == '\n' && *at == '\n')
            return 0;
        count += before == '\n';
    }
    return count;
}

static enum refusal check_options(const struct exam_write *asked)
{
    uint32_t count = lines_of(asked->options);
    switch (asked->kind) {
    case EXAM_QUESTION_KIND_TRUE_FALSE:
        return asked->options[0] ? REFUSAL_MALFORMED : REFUSAL_NONE;
    case EXAM_QUESTION_KIND_SINGLE:
    case EXAM_QUESTION_KIND_MULTIPLE:
        return count >= EXAM_OPTIONS_MIN && count <= EXAM_OPTIONS_MAX ? REFUSAL_NONE
                                                                      : REFUSAL_MALFORMED;
    case EXAM_QUESTION_KIND_NONE:
    case EXAM_QUESTION_KIND_COUNT:
        break;
    }
    return REFUSAL_INCOMPLETE;
}

/* Which options are right the core never sees: whoever makes the blind index looks at them (dispatcher/io/exam.c). */
enum refusal decide_exam_write(struct decision *decision)
{
    const struct exam_write *asked = &decision->command->exam_write;
    const struct exam *exam;
    enum refusal refusal = find(decision, asked->exam, &exam);
    if (refusal)
        return refusal;
    if (exam->state != EXAM_STATE_DRAFT)
        return REFUSAL_WRONG_STATE;
    if (asked->question == 0 || asked->question > EXAM_QUESTIONS_MAX)
        return REFUSAL_MALFORMED;
    const struct exam_question *before = &exam->questions[asked->question - 1];
    if (!asked->text[0] && !before->right)
        return REFUSAL_ALREADY;
    refusal = asked->text[0] ? check_options(asked) : REFUSAL_NONE;
    if (refusal)
        return refusal;
    if (asked->text[0] && !asked->blind)
        return REFUSAL_INCOMPLETE;
    if (asked->article && !core_article(decision->core, asked->article))
        return REFUSAL_NO_SUCH_ARTICLE;
    struct event *event = decision_event(decision, EVENT_EXAM_WRITTEN);
    struct exam_written *written = &event->exam_written;
    written->exam = asked->exam;
    written->question = asked->question;
    written->edition = exam->edition;
    written->time = before->time + 1;
    if (!asked->text[0])
        return REFUSAL_NONE;
    written->kind = asked->kind;
    memcpy(written->text, asked->text, sizeof written->text);
    memcpy(written->options, asked->options, sizeof written->options);
    written->article = asked->article;
    written->blind = asked->blind;
    return REFUSAL_NONE;
}

enum refusal decide_exam_open(struct decision *decision)
{
    uint32_t number = decision->command->exam_open.exam;
    const struct exam *exam;
    enum refusal refusal = find(decision, number, &exam);
    if (refusal)
        return refusal;
    if (exam->state != EXAM_STATE_DRAFT || exam->due_ms <= decision->at_ms)
        return REFUSAL_WRONG_STATE;
    if (exam_questions(exam) == 0)
        return REFUSAL_INCOMPLETE;
    struct event *event = decision_event(decision, EVENT_EXAM_OPENED);
    event->exam_opened = (struct exam_opened){ number, exam->edition, exam_questions(exam) };
    return REFUSAL_NONE;
}

enum refusal decide_exam_end(struct decision *decision)
{
    const struct exam_end *asked = &decision->command->exam_end;
    const struct exam *exam;
    enum refusal refusal = find(decision, asked->exam, &exam);
    if (refusal)
        return refusal;
    if (!asked->words[0])
        return REFUSAL_REASON_MISSING;
    struct event *event = decision_event(decision, EVENT_EXAM_ENDED);
    event->exam_ended.exam = asked->exam;
    memcpy(event->exam_ended.words, asked->words, sizeof asked->words);
    return REFUSAL_NONE;
}

/* ---- applying --------------------------------------------------------------------------------- */

static struct exam *place(struct core *core, uint32_t number)
{
    REQUIRE(number > 0 && number <= core->exams.count);
    return &core->exams.all[number - 1];
}

void apply_exam_drafted(struct core *core, const struct event *event)
{
    const struct exam_drafted *drafted = &event->exam_drafted;
    struct exam_register *exams = &core->exams;
    REQUIRE(drafted->exam > 0 && drafted->exam <= exams->count + 1 && drafted->exam <= EXAMS_MAX);
    if (drafted->exam > exams->count) {
        exams->count++;
        exams->holding++;
    }
    struct exam *exam = place(core, drafted->exam);
    REQUIRE(exam->open == 0 && exam->state != EXAM_STATE_ENDED);
    sittings_clear(core, exam);
    exam->edition = drafted->edition;
    exam->state = EXAM_STATE_DRAFT;
    exam->role = drafted->role;
    exam->department = drafted->department;
    exam->line = drafted->line;
    exam->pass = drafted->pass;
    exam->attempts = drafted->attempts;
    exam->minutes = drafted->minutes;
    exam->from_ms = drafted->from_ms;
    exam->due_ms = drafted->due_ms;
}

void apply_exam_written(struct core *core, const struct event *event)
{
    const struct exam_written *written = &event->exam_written;
    struct exam *exam = place(core, written->exam);
    REQUIRE(exam->state == EXAM_STATE_DRAFT && written->question > 0 &&
            written->question <= EXAM_QUESTIONS_MAX);
    exam->questions[written->question - 1] = (struct exam_question){ .right = written->blind,
                                                                     .article = written->article,
                                                                     .time = written->time };
}

void apply_exam_opened(struct core *core, const struct event *event)
{
    struct exam *exam = place(core, event->exam_opened.exam);
    REQUIRE(exam->state == EXAM_STATE_DRAFT);
    exam->state = EXAM_STATE_OPEN;
}

void apply_exam_ended(struct core *core, const struct event *event)
{
    struct exam *exam = place(core, event->exam_ended.exam);
    REQUIRE(exam->state != EXAM_STATE_ENDED);
    exam->state = EXAM_STATE_ENDED;
    core->exams.holding--;
    sittings_clear(core, exam);
}
