/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading lists: what oneself or another must read, which lists there are, and who has not read what. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/json.h"

enum {
    PAGES_MAX = 200,
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

static bool read_option(struct request *request, const char *name, uint32_t *number)
{
    const char *word = request_option(request, name);
    uint64_t value = 0;
    if (!word)
        return true;
    if (!number_read(word, &value) || value == 0 || value > UINT32_MAX) {
        complain(words("a number is wanted, not \"%s\"", "应为编号，不是“%s”"), word);
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

static void add_json(json_t *all, enum schema_id schema, const void *first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        (void)json_array_append_new(
            all, json_from_message(schema, (const char *)first + i * schemas[schema].size));
}

static void print_all(json_t *all)
{
    (void)json_dumpf(all, stdout, JSON_INDENT(2));
    (void)putchar('\n');
}

static int print_readings(struct request *request, struct query *query)
{
    bool lists = query->kind == QUERY_READING_LISTS;
    enum schema_id schema = lists ? SCHEMA_READING_LIST_ROW : SCHEMA_READING_ROW;
    struct rows *rows =
        lists ? rows_open(schema, list_columns, sizeof list_columns / sizeof list_columns[0])
              : rows_open(schema, due_columns, sizeof due_columns / sizeof due_columns[0]);
    json_t *all = json_array();
    struct session *session = NULL;
    const struct answer *answer = NULL;
    int code = session_look(&session, request);
    bool more = true;
    for (unsigned page = 0; code == EXIT_DONE && more && page < PAGES_MAX; page++) {
        code = session_ask(session, query, &answer);
        if (code != EXIT_DONE)
            break;
        const void *first =
            lists ? (const void *)answer->reading_lists.rows : (const void *)answer->readings.rows;
        uint32_t count = lists ? answer->reading_lists.rows_count : answer->readings.rows_count;
        rows_add(rows, first, count);
        add_json(all, schema, first, count);
        more = answer->more;
        if (lists)
            query->reading_lists.after = answer->next;
        else
            query->readings.after = answer->next;
    }
    if (code == EXIT_DONE && request->json)
        print_all(all);
    else if (code == EXIT_DONE)
        rows_print(rows);
    json_decref(all);
    rows_close(rows);
    session_close(session);
    return code;
}

int run_reading_due(struct request *request)
{
    struct query query = { .kind = QUERY_READINGS };
    return read_option(request, "user", &query.readings.user) ? print_readings(request, &query)
                                                              : EXIT_USAGE;
}

int run_reading_list(struct request *request)
{
    struct query query = { .kind = QUERY_READING_LISTS };
    return print_readings(request, &query);
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

static void add_number(struct sheet *sheet, uint64_t number)
{
    char cell[24];
    (void)snprintf(cell, sizeof cell, "%" PRIu64, number);
    (void)sheet_add(sheet, cell);
}

static void add_time(struct sheet *sheet, uint64_t at_ms)
{
    char cell[TIME_BYTES];
    if (sheets_are_csv())
        time_write_utc(cell, at_ms);
    else
        time_write(cell, at_ms);
    (void)sheet_add(sheet, cell);
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
        add_number(sheet, rows[i].user);
        add_number(sheet, rows[i].articles);
        add_number(sheet, rows[i].read);
        add_number(sheet, rows[i].overdue);
        add_time(sheet, rows[i].due_ms);
        add_time(sheet, rows[i].read_ms);
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
        json_t *all = json_array();
        add_json(all, SCHEMA_READING_PROGRESS_ROW, rows, count);
        print_all(all);
        json_decref(all);
    } else if (code == EXIT_DONE) {
        print_progress(rows, count);
    }
    session_close(session);
    return code;
}
