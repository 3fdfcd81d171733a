/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was counted (kpi.c), summed over the days that are asked for. */
#include <errno.h>

#include "dispatcher/kpi/formula.h"
#include "dispatcher/views/row.h"

#define DAYS_MAX 4000 /* of one question: ten years */

/* Adds one day's counts of one scope to the row. */
static int day_sum(const struct question *question, uint32_t day, struct kpi_row *row)
{
    struct key prefix = key_of2(VIEW_KPI, day, (uint64_t)row->scope << 32 | row->number);
    struct key from = prefix;
    struct slice value;
    uint64_t count;
    int status;
    while ((status = view_next(question->read, &prefix, &from, &count, &value)) == 0) {
        if (count < sizeof row->counts / sizeof row->counts[0]) {
            row->counts[count] =
                kpi_join((enum kpi_count)count, row->counts[count], slice_u64(value, 0));
            if (row->counts_count <= count)
                row->counts_count = (uint32_t)count + 1;
        }
        from = prefix;
        key_u64(&from, count + 1);
    }
    return status == -ENOENT ? 0 : status;
}

/* The next day that has counts, from `day` on; 0: none up to `last`. */
static int day_next(const struct question *question, uint32_t day, uint32_t last, uint32_t *next)
{
    struct key from = key_of1(VIEW_KPI, day);
    struct slice key, value;
    int status = transaction_from(question->read, TABLE_VIEWS, key_slice(&from), &key, &value);
    *next = 0;
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    if (key.size >= 9 && *(const uint8_t *)key.data == VIEW_KPI && slice_u64(key, 1) <= last)
        *next = (uint32_t)slice_u64(key, 1);
    return 0;
}

static int row_sum(const struct question *question, struct kpi_row *row)
{
    uint32_t day = question->query->kpi.from > KPI_NOW ? question->query->kpi.from : 1, next;
    int now = day_sum(question, KPI_NOW, row);
    if (now < 0)
        return now;
    for (int days = 0; days < DAYS_MAX; days++) {
        int status = day_next(question, day, question->query->kpi.to, &next);
        if (status == 0 && next)
            status = day_sum(question, next, row);
        if (status < 0 || !next)
            return status;
        day = next + 1;
    }
    return 0;
}

static int rows_of_table(const struct question *question, enum city_table table,
                         struct answer *answer)
{
    struct key prefix = key_of1(VIEW_CITY, table), from = prefix;
    struct slice value;
    uint64_t number;
    int status;
    key_u64(&from, question->query->kpi.after + 1ULL);
    while ((status = view_next(question->read, &prefix, &from, &number, &value)) == 0) {
        struct kpi_row *row = &answer->kpi.rows[answer->kpi.rows_count];
        if (answer->kpi.rows_count == sizeof answer->kpi.rows / sizeof answer->kpi.rows[0]) {
            answer->more = true;
            answer->next = number - 1;
            return 0;
        }
        *row = (struct kpi_row){ .scope = question->query->kpi.scope, .number = (uint32_t)number };
        status = row_sum(question, row);
        if (status < 0)
            return status;
        answer->kpi.rows_count += row->counts_count > 0;
        from = prefix;
        key_u64(&from, number + 1);
    }
    return status == -ENOENT ? 0 : status;
}

int answer_kpi(const struct question *question, struct answer *answer)
{
    const struct kpi_query *asked = &question->query->kpi;
    struct kpi_rows *rows = &answer->kpi;
    answer->kind = ANSWER_KPI;
    rows->version = KPI_VERSION;
    rows->rows_count = 0;
    if (asked->number == 0 && asked->scope == KPI_SCOPE_LINE)
        return rows_of_table(question, CITY_TABLE_LINES, answer);
    if (asked->number == 0 && asked->scope == KPI_SCOPE_DEPARTMENT)
        return rows_of_table(question, CITY_TABLE_DEPARTMENTS, answer);
    rows->rows[0] = (struct kpi_row){ .scope = asked->scope, .number = asked->number };
    rows->rows_count = 1;
    return row_sum(question, &rows->rows[0]);
}
