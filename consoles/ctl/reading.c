/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading lists: what oneself or another must read, which lists there are, and who has not read what. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/listing.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    PERSONS_MAX = 8192,
    OWED_BYTES = 200
};

static const struct column due_columns[] = {
    { "due_ms", "BY", "期限", COLUMN_TIME },
    { "article", "ARTICLE", "知识", COLUMN_PLAIN },
    { "edition", "EDITION", "版次", COLUMN_PLAIN },
    { "read", "READ", "已读版次", COLUMN_PLAIN },
    { "list", "LIST", "清单", COLUMN_PLAIN },
    { "title_zh", "TITLE", "标题", COLUMN_PLAIN },
    { "title_en", "ENGLISH", "英文标题", COLUMN_PLAIN },
};
static const struct column list_columns[] = {
    { "list", "LIST", "清单", COLUMN_PLAIN },
    { "name_zh", "NAME", "名称", COLUMN_PLAIN },
    { "name_en", "ENGLISH", "英文名称", COLUMN_PLAIN },
    { "role", "ROLE", "角色", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "due_ms", "BY", "期限", COLUMN_TIME },
    { "assigned_by", "GIVEN BY", "布置人", COLUMN_PLAIN },
    { "ended_ms", "ENDED", "结束", COLUMN_TIME },
};

static const void *due_rows(struct answer *answer, uint32_t *count)
{
    *count = answer->readings.rows_count;
    return answer->readings.rows;
}

int run_reading_due(struct request *request)
{
    struct query query = { .kind = QUERY_READINGS };
    struct listing listing = { SCHEMA_READING_ROW, due_columns,
                               sizeof due_columns / sizeof due_columns[0], due_rows,
                               &query.readings.after };
    int code = number_wanted(request_option(request, "user"), &query.readings.user);
    return code == EXIT_DONE ? listing_print(request, &query, &listing) : code;
}

static const void *list_rows(struct answer *answer, uint32_t *count)
{
    *count = answer->reading_lists.rows_count;
    return answer->reading_lists.rows;
}

int run_reading_list(struct request *request)
{
    struct query query = { .kind = QUERY_READING_LISTS };
    struct listing listing = { SCHEMA_READING_LIST_ROW, list_columns,
                               sizeof list_columns / sizeof list_columns[0], list_rows,
                               &query.reading_lists.after };
    return listing_print(request, &query, &listing);
}

/* Overdue first, then what is due next, then who has read all. */
static int compare(const void *first, const void *second)
{
    const struct reading_progress_row *one = first, *other = second;
    if (one->overdue != other->overdue)
        return one->overdue > other->overdue ? -1 : 1;
    uint64_t one_due = one->due_ms ? one->due_ms : UINT64_MAX;
    uint64_t other_due = other->due_ms ? other->due_ms : UINT64_MAX;
    if (one_due != other_due)
        return one_due < other_due ? -1 : 1;
    return one->user < other->user ? -1 : one->user > other->user;
}

static void print_progress(const struct reading_progress_row *rows, uint32_t count)
{
    const char *const said[] = { words("USER", "人员"),        words("ARTICLES", "应读"),
                                 words("READ", "已读"),        words("OVERDUE", "逾期"),
                                 words("BY", "最近期限"),      words("LAST READ", "最后阅读"),
                                 words("NOT READ", "未读知识") };
    static const char *const plain[] = { "user",   "articles", "read",    "overdue",
                                         "due_ms", "read_ms",  "not_read" };
    struct sheet *sheet = sheet_open(sheets_are_csv() ? plain : said, sizeof said / sizeof said[0]);
    for (uint32_t i = 0; sheet && i < count; i++) {
        char owed[OWED_BYTES];
        struct text text = text_into(owed, sizeof owed);
        for (uint32_t k = 0; k < rows[i].owed_count; k++)
            text_print(&text, "%s%u", k ? " " : "", rows[i].owed[k]);
        sheet_add_number(sheet, rows[i].user);
        sheet_add_number(sheet, rows[i].articles);
        sheet_add_number(sheet, rows[i].read);
        sheet_add_number(sheet, rows[i].overdue);
        sheet_add_time(sheet, rows[i].due_ms);
        sheet_add_time(sheet, rows[i].read_ms);
        (void)sheet_add(sheet, owed);
    }
    if (count == 0 && !sheets_are_csv())
        (void)puts(words("it concerns nobody", "没有适用的人员"));
    else if (sheet)
        sheet_print(sheet, stdout);
    sheet_close(sheet);
}

int run_reading_progress(struct request *request)
{
    static struct reading_progress_row rows[PERSONS_MAX];
    struct query query = { .kind = QUERY_READING_PROGRESS };
    struct session *session = NULL;
    const struct answer *answer = NULL;
    uint64_t list = 0;
    uint32_t count = 0;
    bool more = number_read(request->arguments[0], &list) && list <= UINT32_MAX;
    int code = more ? session_look(&session, request) : EXIT_USAGE;
    query.reading_progress.list = (uint32_t)list;
    while (code == EXIT_DONE && more) {
        code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        const struct reading_progress *page = &answer->reading_progress;
        for (uint32_t i = 0; i < page->rows_count && count < PERSONS_MAX; i++)
            rows[count++] = page->rows[i];
        more = answer->more && count < PERSONS_MAX;
        query.reading_progress.after = answer->next;
    }
    qsort(rows, count, sizeof rows[0], compare);
    if (code == EXIT_DONE && request->json) {
        struct rows *whole = rows_open(SCHEMA_READING_PROGRESS_ROW, NULL, 0);
        rows_add(whole, rows, count);
        rows_print_json(whole);
        rows_close(whole);
    } else if (code == EXIT_DONE) {
        print_progress(rows, count);
    }
    session_close(session);
    return code;
}
