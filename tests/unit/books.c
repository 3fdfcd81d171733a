/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/books.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dispatcher/kpi/formula.h"
#include "dispatcher/kpi/recount.h"
#include "tests/unit/own_journal.h"

static char folder[FOLDER_BYTES];
static struct journal *journal;
static struct recount *recount;
static struct answer said;

void books_open(void)
{
    assert_int_equal(own_journal_open(&journal, folder), 0);
    recount = recount_open();
    assert_non_null(recount);
}

void books_close(void)
{
    journal_close(journal);
    recount_close(recount);
    folder_remove(folder);
}

/* The dispatcher's books and the auditor's get the same events. */
void enter(const struct event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count;) {
        assert_int_equal(journal_begin(journal), 0);
        uint64_t at_ms = events[i].at_ms;
        for (uint32_t turn = 0; turn < 50 && i < count; turn++, i++) {
            const struct stored_event *row;
            at_ms = events[i].at_ms;
            assert_int_equal(journal_append(journal, &events[i], NULL, &row), 0);
            assert_int_equal(recount_see(recount, &events[i]), 0);
        }
        assert_int_equal(journal_commit(journal, at_ms), 0);
    }
}

const struct kpi_row *kept(uint32_t from, uint32_t to, enum kpi_scope scope, uint32_t number)
{
    struct query query = { .kind = QUERY_KPI,
                           .kpi = { .from = from, .to = to, .scope = scope, .number = number } };
    journal_query(journal, &query, 0, &said);
    assert_int_equal(said.refusal, REFUSAL_NONE);
    assert_int_equal(said.kpi.version, KPI_VERSION);
    assert_int_equal(said.kpi.rows_count, 1);
    return &said.kpi.rows[0];
}

static uint64_t compare(uint32_t from, uint32_t to, enum kpi_scope scope, uint32_t number)
{
    static struct kpi_row counted;
    const struct kpi_row *row = kept(from, to, scope, number);
    uint64_t sum = 0;
    recount_sum(recount, from, to, scope, number, &counted);
    for (enum kpi_count count = 0; count < KPI_COUNT_COUNT; count++) {
        if (row->counts[count] != counted.counts[count])
            fail_msg("%u to %u, %s %u: %s is kept as %llu and counted as %llu", from, to,
                     kpi_scope_name(scope), number, kpi_count_name(count),
                     (unsigned long long)row->counts[count],
                     (unsigned long long)counted.counts[count]);
        sum += row->counts[count];
    }
    return sum;
}

void all_agree(uint32_t first_day, uint32_t last_day)
{
    static const uint32_t lines[] = { 110, 119, 120, 122, 12345 };
    uint64_t sum = 0;
    for (int whole = 0; whole < 2; whole++) {
        uint32_t from = whole ? 1 : first_day, to = whole ? EVER : last_day;
        for (uint32_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
            sum += compare(from, to, KPI_SCOPE_LINE, lines[i]);
        sum += compare(from, to, KPI_SCOPE_CITY, 0);
        for (uint32_t department = 1; department <= 8; department++)
            sum += compare(from, to, KPI_SCOPE_DEPARTMENT, department);
    }
    assert_true(sum > 0);
}

uint64_t count_of(const struct kpi_row *row, enum kpi_count count)
{
    return row->counts[count];
}
