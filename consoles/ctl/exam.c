/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tests: those one takes and how one stands, the questions of an attempt, what was right; for supervisors all of them,
 * and how everybody stands. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/listing.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    CELL_BYTES = 64
};

static const struct column list_columns[] = {
    { "exam", "TEST", "考核", COLUMN_PLAIN },
    { "edition", "EDITION", "版次", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "title_zh", "TITLE", "名称", COLUMN_PLAIN },
    { "title_en", "ENGLISH", "英文名称", COLUMN_PLAIN },
    { "role", "ROLE", "角色", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "questions", "QUESTIONS", "题数", COLUMN_COUNT },
    { "pass", "PASS %", "及格%", COLUMN_COUNT },
    { "attempts", "ATTEMPTS", "次数", COLUMN_COUNT },
    { "minutes", "MINUTES", "限时", COLUMN_COUNT },
    { "from_ms", "FROM", "开始", COLUMN_TIME },
    { "due_ms", "BY", "期限", COLUMN_TIME },
    { "drafted_by", "WRITTEN BY", "拟定人", COLUMN_PLAIN },
    { "ended_ms", "ENDED", "撤销", COLUMN_TIME },
};
static const struct column result_columns[] = {
    { "user", "USER", "人员", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "used", "ATTEMPTS", "已考次数", COLUMN_COUNT },
    { "best", "BEST", "最好答对", COLUMN_COUNT },
    { "questions", "QUESTIONS", "题数", COLUMN_COUNT },
    { "passed_ms", "PASSED", "通过时间", COLUMN_TIME },
    { "last_ms", "LAST BEGUN", "最近开考", COLUMN_TIME },
    { "open", "UNDER WAY", "考核中", COLUMN_PLAIN },
    { "overdue", "OVERDUE", "逾期", COLUMN_PLAIN },
};
static const struct column paper_columns[] = {
    { "question", "QUESTION", "题号", COLUMN_PLAIN },
    { "kind", "KIND", "题型", COLUMN_PLAIN },
    { "text", "TEXT", "题目", COLUMN_PLAIN },
    { "options", "OPTIONS", "选项", COLUMN_PLAIN },
};

/* ---- lists -------------------------------------------------------------------------------------- */

static const void *list_rows(struct answer *answer, uint32_t *count)
{
    *count = answer->exam_list.rows_count;
    return answer->exam_list.rows;
}

int run_exam_list(struct request *request)
{
    struct query query = { .kind = QUERY_EXAM_LIST };
    struct listing listing = { SCHEMA_EXAM_ROW, list_columns,
                               sizeof list_columns / sizeof list_columns[0], list_rows,
                               &query.exam_list.after };
    return listing_print(request, &query, &listing);
}

static const void *result_rows(struct answer *answer, uint32_t *count)
{
    *count = answer->exam_results.rows_count;
    return answer->exam_results.rows;
}

int run_exam_results(struct request *request)
{
    struct query query = { .kind = QUERY_EXAM_RESULTS };
    struct listing listing = { SCHEMA_EXAM_RESULT, result_columns,
                               sizeof result_columns / sizeof result_columns[0], result_rows,
                               &query.exam_results.after };
    int code = number_wanted(request->arguments[0], &query.exam_results.exam);
    if (code == EXIT_DONE)
        code = number_wanted(request_option(request, "department"), &query.exam_results.department);
    return code == EXIT_DONE ? listing_print(request, &query, &listing) : code;
}

/* The options on one line, each behind its number, in the order they are shown in. */
static void number_options(struct exam_question_row *row)
{
    char numbered[sizeof row->options] = "";
    struct text text = text_into(numbered, sizeof numbered);
    for (uint32_t i = 0; row->options[0] && i < row->order_count; i++) {
        const char *line = row->options;
        for (uint32_t k = 1; k < row->order[i]; k++)
            line += strcspn(line, "\n") + 1;
        text_print(&text, "%s%u %.*s", i ? "  " : "", row->order[i], (int)strcspn(line, "\n"),
                   line);
    }
    if (!row->options[0])
        text_print(&text, "%s", words("1 true  2 false", "1 对  2 错"));
    memcpy(row->options, numbered, sizeof row->options);
}

static const void *paper_rows(struct answer *answer, uint32_t *count)
{
    *count = answer->exam_paper.rows_count;
    for (uint32_t i = 0; i < *count; i++)
        number_options(&answer->exam_paper.rows[i]);
    return answer->exam_paper.rows;
}

int run_exam_paper(struct request *request)
{
    struct query query = { .kind = QUERY_EXAM_PAPER };
    struct listing listing = { SCHEMA_EXAM_QUESTION_ROW, paper_columns,
                               sizeof paper_columns / sizeof paper_columns[0], paper_rows,
                               &query.exam_paper.after };
    int code = number_wanted(request->arguments[0], &query.exam_paper.exam);
    if (code == EXIT_DONE)
        code = number_wanted(request_option(request, "user"), &query.exam_paper.user);
    return code == EXIT_DONE ? listing_print(request, &query, &listing) : code;
}

/* ---- what hangs together -------------------------------------------------------------------------- */

static void add_standing(struct sheet *sheet, const struct exam_standing *row)
{
    sheet_add_number(sheet, row->exam.exam);
    (void)sheet_add(sheet, row->exam.title_zh);
    sheet_add_number(sheet, row->exam.questions);
    sheet_add_number(sheet, row->exam.minutes);
    sheet_add_time(sheet, row->exam.due_ms);
    sheet_add_number(sheet, row->exam.attempts - row->sitting.used);
    sheet_add_number(sheet, row->sitting.best);
    sheet_add_time(sheet, row->sitting.passed_ms);
    sheet_add_time(sheet, row->sitting.until_ms);
}

int run_exam_due(struct request *request)
{
    const char *const said[] = {
        words("TEST", "考核"),     words("TITLE", "名称"),      words("QUESTIONS", "题数"),
        words("MINUTES", "限时"),  words("BY", "期限"),         words("ATTEMPTS LEFT", "剩余次数"),
        words("BEST", "最好答对"), words("PASSED", "通过时间"), words("UNDER WAY UNTIL", "本次截止")
    };
    static const char *const plain[] = { "exam",    "title_zh",  "questions",
                                         "minutes", "due_ms",    "attempts_left",
                                         "best",    "passed_ms", "until_ms" };
    struct query query = { .kind = QUERY_EXAMS };
    struct session *session = NULL;
    const struct answer *answer = NULL;
    int code = number_wanted(request_option(request, "user"), &query.exams.user);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    struct sheet *sheet = sheet_open(sheets_are_csv() ? plain : said, sizeof said / sizeof said[0]);
    struct rows *whole = rows_open(SCHEMA_EXAM_STANDING, NULL, 0);
    bool more = true;
    while (code == EXIT_DONE && more) {
        code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        for (uint32_t i = 0; i < answer->exams.rows_count; i++)
            add_standing(sheet, &answer->exams.rows[i]);
        rows_add(whole, answer->exams.rows, answer->exams.rows_count);
        more = answer->more;
        query.exams.after = more ? answer->next : 0;
    }
    if (code == EXIT_DONE && request->json)
        rows_print_json(whole);
    else if (code == EXIT_DONE)
        sheet_print(sheet, stdout);
    rows_close(whole);
    sheet_close(sheet);
    session_close(session);
    return code;
}

static void add_set(struct sheet *sheet, const uint32_t *numbers, uint32_t count)
{
    char cell[CELL_BYTES];
    struct text text = text_into(cell, sizeof cell);
    text_print(&text, "%s", "");
    for (uint32_t i = 0; i < count; i++)
        text_print(&text, "%s%u", i ? " " : "", numbers[i]);
    (void)sheet_add(sheet, cell);
}

int run_exam_marks(struct request *request)
{
    const char *const said[] = { words("QUESTION", "题号"), words("CHOSEN", "所选"),
                                 words("RIGHT", "正确答案"), words("ARTICLE", "请重读") };
    static const char *const plain[] = { "question", "chosen", "right", "article" };
    struct query query = { .kind = QUERY_EXAM_MARKS };
    struct session *session = NULL;
    const struct answer *answer = NULL;
    int code = number_wanted(request->arguments[0], &query.exam_marks.exam);
    if (code == EXIT_DONE)
        code = number_wanted(request_option(request, "user"), &query.exam_marks.user);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json) {
        print_json(SCHEMA_EXAM_MARKS, &answer->exam_marks);
    } else if (code == EXIT_DONE) {
        struct sheet *sheet =
            sheet_open(sheets_are_csv() ? plain : said, sizeof said / sizeof said[0]);
        for (uint32_t i = 0; i < answer->exam_marks.rows_count; i++) {
            const struct exam_mark *mark = &answer->exam_marks.rows[i];
            sheet_add_number(sheet, mark->question);
            add_set(sheet, mark->chosen, mark->chosen_count);
            add_set(sheet, mark->right, mark->right_count);
            sheet_add_number(sheet, mark->article);
        }
        sheet_print(sheet, stdout);
        sheet_close(sheet);
    }
    session_close(session);
    return code;
}
