/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao retention try: what the rules of retention would erase now, and what stays, added up over all that is kept. */
#include <stdio.h>

#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/json.h"

enum {
    RULES_MAX = 64
};

static const struct column due_columns[] = {
    { "rule", "RULE", "规则", COLUMN_PLAIN },
    { "thing", "OF", "对象", COLUMN_PLAIN },
    { "due", "DUE", "到期", COLUMN_COUNT },
    { "oldest_ms", "OLDEST", "最早", COLUMN_TIME },
    { "preserved", "PRESERVED", "保全", COLUMN_COUNT },
    { "preservation", "BY ORDER", "保全令", COLUMN_PLAIN },
    { "open", "OPEN", "未了", COLUMN_COUNT },
};

struct sums {
    struct retention_due_row rows[RULES_MAX];
    uint32_t count;
    uint64_t looked;
};

static void add_row(struct sums *sums, const struct retention_due_row *row)
{
    uint32_t i = 0;
    while (i < sums->count && sums->rows[i].rule != row->rule)
        i++;
    if (i == RULES_MAX)
        return;
    struct retention_due_row *sum = &sums->rows[i];
    if (i == sums->count) {
        *sum = *row;
        sums->count++;
        return;
    }
    sum->due += row->due;
    sum->preserved += row->preserved;
    sum->open += row->open;
    if (row->oldest_ms && (!sum->oldest_ms || row->oldest_ms < sum->oldest_ms))
        sum->oldest_ms = row->oldest_ms;
    if (!sum->preservation)
        sum->preservation = row->preservation;
}

static int add_up(struct session *session, struct sums *sums)
{
    struct query query = { .kind = QUERY_RETENTION };
    const struct answer *answer;
    for (;;) {
        int code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            return code;
        const struct retention_due *due = &answer->retention_due;
        sums->looked += due->looked;
        for (uint32_t i = 0; i < due->rows_count; i++)
            add_row(sums, &due->rows[i]);
        if (!answer->more)
            return EXIT_DONE;
        query.retention.after = answer->next;
    }
}

static void print_sums(const struct request *request, const struct sums *sums)
{
    struct rows *rows = rows_open(SCHEMA_RETENTION_DUE_ROW, due_columns,
                                  sizeof due_columns / sizeof due_columns[0]);
    rows_add(rows, sums->rows, sums->count);
    if (request->json)
        rows_print_json(rows);
    else
        rows_print(rows);
    rows_close(rows);
    if (request->json)
        return;
    (void)printf(words("%llu contacts and cases are kept; nothing was erased\n",
                       "共保存 %llu 项联系与工单;本次仅试算,未删除\n"),
                 (unsigned long long)sums->looked);
}

int run_retention_try(struct request *request)
{
    static struct sums sums;
    struct session *session = NULL;
    int code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = add_up(session, &sums);
    if (code == EXIT_DONE)
        print_sums(request, &sums);
    session_close(session);
    return code;
}
