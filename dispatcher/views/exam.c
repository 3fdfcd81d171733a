/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests: which there are, their questions, and how each person stands. What is right is not here: the dispatcher alone
 * can tell it (docs/decisions/0046-exams.md). Lists walk the tests that hold, 32 at most. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

enum {
    USERS_PER_QUESTION = 300, /* who is looked at, so that no call waits for it */
    OPTIONS_MAX = sizeof(((struct exam_question_row *)0)->order) / sizeof(uint32_t),
    QUESTIONS_MAX = 20,
    PAPER_MAX = sizeof(((struct exam_paper *)0)->rows) / sizeof(struct exam_question_row),
    TRUE_OR_FALSE = 2
};

static struct key exam_key(uint64_t exam)
{
    return key_of1(VIEW_EXAM, exam);
}

static struct key question_key(uint32_t exam, uint64_t question)
{
    return key_of2(VIEW_EXAM_QUESTION, exam, question);
}

static struct key sitting_key(uint32_t exam, uint64_t user)
{
    return key_of2(VIEW_SITTING, exam, user);
}

/* ---- events --------------------------------------------------------------------------------------- */

static int drafted(const struct change *change)
{
    const struct event *event = change->event;
    const struct exam_drafted *said = &event->exam_drafted;
    struct exam_row row;
    int status = row_take(change, exam_key(said->exam), SCHEMA_EXAM_ROW, &row);
    if (status < 0 && status != -ENOENT)
        return status;
    uint32_t questions = status == 0 ? row.questions : 0;
    row = (struct exam_row){ .exam = said->exam,
                             .role = said->role,
                             .department = said->department,
                             .line = said->line,
                             .pass = said->pass,
                             .attempts = said->attempts,
                             .minutes = said->minutes,
                             .from_ms = said->from_ms,
                             .due_ms = said->due_ms,
                             .edition = said->edition,
                             .state = EXAM_STATE_DRAFT,
                             .questions = questions,
                             .drafted_by = event->actor,
                             .drafted_ms = event->at_ms };
    memcpy(row.title_zh, said->title_zh, sizeof row.title_zh);
    memcpy(row.title_en, said->title_en, sizeof row.title_en);
    status = mark_put(change, key_of1(VIEW_EXAM_HOLDING, said->exam));
    return status < 0 ? status : row_put(change, exam_key(said->exam), SCHEMA_EXAM_ROW, &row);
}

static int written(const struct change *change)
{
    const struct exam_written *said = &change->event->exam_written;
    struct key key = question_key(said->exam, said->question);
    struct exam_question_row question;
    struct exam_row row;
    int status = row_take(change, exam_key(said->exam), SCHEMA_EXAM_ROW, &row);
    if (status < 0)
        return status;
    status = row_take(change, key, SCHEMA_EXAM_QUESTION_ROW, &question);
    if (status < 0 && status != -ENOENT)
        return status;
    row.questions -= status == 0;
    row.questions += said->text[0] != '\0';
    row.drafted_ms = change->event->at_ms;
    status = row_put(change, exam_key(said->exam), SCHEMA_EXAM_ROW, &row);
    if (status < 0)
        return status;
    if (!said->text[0])
        return row_remove(change, key);
    question = (struct exam_question_row){ .question = said->question,
                                           .kind = said->kind,
                                           .article = said->article };
    memcpy(question.text, said->text, sizeof question.text);
    memcpy(question.options, said->options, sizeof question.options);
    return row_put(change, key, SCHEMA_EXAM_QUESTION_ROW, &question);
}

/* It is open from now on, or ended. */
static int moved(const struct change *change)
{
    const struct event *event = change->event;
    bool opened = event->kind == EVENT_EXAM_OPENED;
    uint32_t exam = opened ? event->exam_opened.exam : event->exam_ended.exam;
    struct exam_row row;
    int status = row_take(change, exam_key(exam), SCHEMA_EXAM_ROW, &row);
    if (status < 0)
        return status;
    row.state = opened ? EXAM_STATE_OPEN : EXAM_STATE_ENDED;
    if (opened) {
        row.opened_ms = event->at_ms;
    } else {
        row.ended_ms = event->at_ms;
        memcpy(row.words, event->exam_ended.words, sizeof row.words);
        status = mark_remove(change, key_of1(VIEW_EXAM_HOLDING, exam));
    }
    return status < 0 ? status : row_put(change, exam_key(exam), SCHEMA_EXAM_ROW, &row);
}

static int begun(const struct change *change)
{
    const struct event *event = change->event;
    const struct exam_begun *said = &event->exam_begun;
    struct key key = sitting_key(said->exam, event->actor);
    struct sitting_row row;
    int status = row_take(change, key, SCHEMA_SITTING_ROW, &row);
    if (status < 0 && status != -ENOENT)
        return status;
    if (status == -ENOENT || row.edition != said->edition)
        row = (struct sitting_row){ .exam = said->exam,
                                    .user = event->actor,
                                    .edition = said->edition };
    row.used++;
    row.attempt = said->attempt;
    row.begun_ms = event->at_ms;
    row.until_ms = said->until_ms;
    row.closed_ms = 0;
    row.expired = false;
    row.last = row.answered = row.wrong_count = 0;
    return row_put(change, key, SCHEMA_SITTING_ROW, &row);
}

static void close_row(struct sitting_row *row, const struct event *event)
{
    const struct exam_closed *said = &event->exam_closed;
    row->until_ms = 0;
    row->closed_ms = event->at_ms;
    row->expired = said->expired;
    row->last = said->right;
    if (said->right > row->best)
        row->best = said->right;
    if (said->passed)
        row->passed_ms = event->at_ms;
    row->wrong_count = said->wrong_count;
    memcpy(row->wrong, said->wrong, sizeof row->wrong);
}

static int sat(const struct change *change, uint32_t exam, uint32_t user)
{
    const struct event *event = change->event;
    struct sitting_row row;
    int status = row_take(change, sitting_key(exam, user), SCHEMA_SITTING_ROW, &row);
    if (status < 0)
        return status;
    if (event->kind == EVENT_EXAM_ANSWERED)
        row.answered |= 1U << event->exam_answered.question;
    else if (event->kind == EVENT_EXAM_CLOSED)
        close_row(&row, event);
    else
        row.used--;
    return row_put(change, sitting_key(exam, user), SCHEMA_SITTING_ROW, &row);
}

int apply_to_exams(const struct change *change)
{
    const struct event *event = change->event;
    switch (event->kind) {
    case EVENT_EXAM_DRAFTED:
        return drafted(change);
    case EVENT_EXAM_WRITTEN:
        return written(change);
    case EVENT_EXAM_OPENED:
    case EVENT_EXAM_ENDED:
        return moved(change);
    case EVENT_EXAM_BEGUN:
        return begun(change);
    case EVENT_EXAM_ANSWERED:
        return sat(change, event->exam_answered.exam, event->actor);
    case EVENT_EXAM_CLOSED:
        return sat(change, event->exam_closed.exam, event->exam_closed.user);
    case EVENT_EXAM_STRUCK:
        return sat(change, event->exam_struck.exam, event->exam_struck.user);
    default:
        return 0;
    }
}

/* ---- lists ---------------------------------------------------------------------------------------- */

static bool concerns(const struct exam_row *exam, const struct user_row *user)
{
    if (user->retired || user->roles == 0 || (exam->role && !(user->roles & 1U << exam->role)))
        return false;
    if (exam->department && exam->department != user->department)
        return false;
    for (uint32_t i = 0; exam->line && i < user->skills_count; i++)
        if (user->skills[i].line == exam->line)
            return true;
    return exam->line == 0;
}

static int get_sitting(const struct question *question, const struct exam_row *exam, uint32_t user,
                       struct sitting_row *row)
{
    int status = row_get(question->views, question->read, sitting_key(exam->exam, user),
                         SCHEMA_SITTING_ROW, row);
    return status == 0 && row->edition != exam->edition ? -ENOENT : status;
}

static int get_exam(const struct question *question, uint64_t exam, struct exam_row *row)
{
    return row_get(question->views, question->read, exam_key(exam), SCHEMA_EXAM_ROW, row);
}

int answer_exams(const struct question *question, struct answer *answer)
{
    const struct exams_query *asked = &question->query->exams;
    struct exams *exams = &answer->exams;
    struct key prefix = key_of(VIEW_EXAM_HOLDING);
    struct user_row user;
    uint64_t number = asked->after;
    answer->kind = ANSWER_EXAMS;
    exams->rows_count = 0;
    int status = row_get(question->views, question->read,
                         key_of2(VIEW_CITY, CITY_TABLE_USERS, asked->user), SCHEMA_USER_ROW, &user);
    while (status == 0) {
        struct key from = key_of1(VIEW_EXAM_HOLDING, number + 1);
        struct exam_standing row = { .has_exam = true };
        struct slice value;
        status = view_next(question->read, &prefix, &from, &number, &value);
        if (status == 0)
            status = get_exam(question, number, &row.exam);
        if (status < 0 || row.exam.state != EXAM_STATE_OPEN || !concerns(&row.exam, &user))
            continue;
        if (exams->rows_count == sizeof exams->rows / sizeof exams->rows[0]) {
            answer->more = true;
            return 0;
        }
        int sitting = get_sitting(question, &row.exam, asked->user, &row.sitting);
        if (sitting < 0 && sitting != -ENOENT)
            return sitting;
        row.has_sitting = sitting == 0;
        exams->rows[exams->rows_count++] = row;
        answer->next = number;
    }
    return status == -ENOENT ? 0 : status;
}

int answer_exam_list(const struct question *question, struct answer *answer)
{
    struct exam_list *list = &answer->exam_list;
    struct key prefix = key_of(VIEW_EXAM);
    uint64_t number = question->query->exam_list.after;
    answer->kind = ANSWER_EXAM_LIST;
    list->rows_count = 0;
    for (;;) {
        struct key from = exam_key(number + 1);
        struct slice value;
        int status = view_next(question->read, &prefix, &from, &number, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (list->rows_count == sizeof list->rows / sizeof list->rows[0]) {
            answer->more = true;
            return 0;
        }
        status = codec_unpack(question->views->codec, SCHEMA_EXAM_ROW, value.data, value.size,
                              &list->rows[list->rows_count]);
        if (status < 0)
            return status;
        list->rows_count++;
        answer->next = number;
    }
}

/* ---- the paper ------------------------------------------------------------------------------------ */

/* The next of a row of numbers that looks like chance, the same for the same attempt. */
static uint64_t stir(uint64_t *seed)
{
    uint64_t value = *seed += 0x9e3779b97f4a7c15ULL;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
    return value ^ value >> 31;
}

static void shuffle(uint64_t seed, uint32_t *numbers, uint32_t count)
{
    for (uint32_t i = count; seed && i > 1; i--) {
        uint32_t other = (uint32_t)(stir(&seed) % i), kept = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = kept;
    }
}

static void order_options(struct exam_question_row *row, uint64_t attempt)
{
    uint32_t count = TRUE_OR_FALSE;
    if (row->kind != EXAM_QUESTION_KIND_TRUE_FALSE) {
        count = 1;
        for (const char *at = row->options; *at; at++)
            count += at[0] == '\n' && at[1] != '\0';
    }
    row->order_count = count < OPTIONS_MAX ? count : OPTIONS_MAX;
    for (uint32_t i = 0; i < row->order_count; i++)
        row->order[i] = i + 1;
    if (row->kind != EXAM_QUESTION_KIND_TRUE_FALSE)
        shuffle(attempt ? attempt ^ (uint64_t)row->question << 32 : 0, row->order,
                row->order_count);
}

static int list_questions(const struct question *question, uint32_t exam, uint32_t *numbers,
                          uint32_t *count)
{
    struct key prefix = key_of1(VIEW_EXAM_QUESTION, exam);
    uint64_t number = 0;
    for (*count = 0; *count < QUESTIONS_MAX;) {
        struct key from = question_key(exam, number + 1);
        struct slice value;
        int status = view_next(question->read, &prefix, &from, &number, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        numbers[(*count)++] = (uint32_t)number;
    }
    return 0;
}

int answer_exam_paper(const struct question *question, struct answer *answer)
{
    const struct exam_paper_query *asked = &question->query->exam_paper;
    struct exam_paper *paper = &answer->exam_paper;
    struct exam_row exam;
    struct sitting_row sitting = { .attempt = 0 };
    uint32_t numbers[QUESTIONS_MAX], count = 0;
    answer->kind = ANSWER_EXAM_PAPER;
    paper->rows_count = 0;
    int status = get_exam(question, asked->exam, &exam);
    if (status == 0 && asked->user)
        status = get_sitting(question, &exam, asked->user, &sitting);
    if (status == 0)
        status = list_questions(question, asked->exam, numbers, &count);
    if (status < 0)
        return status;
    shuffle(sitting.attempt, numbers, count);
    for (uint64_t i = asked->after; i < count && paper->rows_count < PAPER_MAX; i++) {
        struct exam_question_row *row = &paper->rows[paper->rows_count++];
        status = row_get(question->views, question->read, question_key(asked->exam, numbers[i]),
                         SCHEMA_EXAM_QUESTION_ROW, row);
        if (status < 0)
            return status;
        order_options(row, sitting.attempt);
        answer->next = i + 1;
    }
    answer->more = asked->after < count && answer->next < count;
    return 0;
}

/* ---- results -------------------------------------------------------------------------------------- */

static int add_result(const struct question *question, const struct exam_row *exam,
                      const struct user_row *user, struct exam_results *results)
{
    struct sitting_row sitting = { .attempt = 0 };
    int status = get_sitting(question, exam, user->user, &sitting);
    if (status < 0 && status != -ENOENT)
        return status;
    results->rows[results->rows_count++] =
        (struct exam_result){ .user = user->user,
                              .department = user->department,
                              .used = sitting.used,
                              .best = sitting.best,
                              .questions = exam->questions,
                              .passed_ms = sitting.passed_ms,
                              .last_ms = sitting.begun_ms,
                              .open = sitting.until_ms > question->now_ms,
                              .overdue = !sitting.passed_ms && exam->due_ms < question->now_ms };
    return 0;
}

int answer_exam_results(const struct question *question, struct answer *answer)
{
    const struct exam_results_query *asked = &question->query->exam_results;
    struct exam_results *results = &answer->exam_results;
    struct key prefix = key_of1(VIEW_CITY, CITY_TABLE_USERS);
    struct exam_row exam;
    uint64_t number = asked->after;
    answer->kind = ANSWER_EXAM_RESULTS;
    results->rows_count = 0;
    int status = get_exam(question, asked->exam, &exam);
    for (uint32_t looked = 0; status == 0; looked++) {
        struct key from = key_of2(VIEW_CITY, CITY_TABLE_USERS, number + 1);
        struct user_row user;
        struct slice value;
        uint64_t next;
        status = view_next(question->read, &prefix, &from, &next, &value);
        if (status == -ENOENT)
            return 0;
        answer->more =
            status == 0 && (looked == USERS_PER_QUESTION ||
                            results->rows_count == sizeof results->rows / sizeof results->rows[0]);
        if (answer->more)
            return 0;
        if (status == 0)
            status = codec_unpack(question->views->codec, SCHEMA_USER_ROW, value.data, value.size,
                                  &user);
        answer->next = number = next;
        if (status == 0 && concerns(&exam, &user) &&
            (!asked->department || asked->department == user.department))
            status = add_result(question, &exam, &user, results);
    }
    return status;
}
