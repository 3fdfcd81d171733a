/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures the city is judged by: what the dispatcher kept while it crashed and rose is what the bare
 * events say, counted by another road. (I23) */
#include "tests/sim/figures.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/require.h"
#include "dispatcher/kpi/recount.h"
#include "tests/sim/auditor.h"

enum {
    ROWS = 64,
    FIRST_DAY = 20260101, /* the simulation's year */
    LAST_DAY = 20281231
};

static void see_all(struct journal *journal, struct recount *recount)
{
    static struct stored_event rows[ROWS];
    static struct record record;
    uint64_t after = 0;
    for (;;) {
        int count = journal_read(journal, after, rows, ROWS);
        REQUIRE(count >= 0);
        if (count == 0)
            return;
        for (int i = 0; i < count; i++) {
            REQUIRE(journal_unpack(journal, &rows[i], &record) == 0);
            REQUIRE(recount_see(recount, &record.event) == 0);
        }
        after = rows[count - 1].seq;
    }
}

static void compare(struct journal *journal, const struct recount *recount, enum kpi_scope scope,
                    uint32_t number)
{
    static struct answer kept;
    static struct kpi_row counted;
    struct query query = {
        .kind = QUERY_KPI,
        .kpi = { .from = FIRST_DAY, .to = LAST_DAY, .scope = scope, .number = number }
    };
    journal_query(journal, &query, 0, &kept);
    REQUIRE(kept.refusal == REFUSAL_NONE && kept.kpi.rows_count == 1);
    recount_sum(recount, FIRST_DAY, LAST_DAY, scope, number, &counted);
    for (enum kpi_count count = 1; count < KPI_COUNT_COUNT; count++) {
        if (kept.kpi.rows[0].counts[count] == counted.counts[count])
            continue;
        (void)fprintf(stderr, "%s of %u: kept %" PRIu64 ", counted %" PRIu64 "\n",
                      kpi_count_name(count), number, kept.kpi.rows[0].counts[count],
                      counted.counts[count]);
        auditor_broken("I23", "a figure is not what the events say");
    }
}

void figures_prove(struct journal *journal, const uint32_t *lines, uint32_t line_count,
                   uint32_t departments)
{
    struct recount *recount = recount_open();
    REQUIRE(recount);
    see_all(journal, recount);
    compare(journal, recount, KPI_SCOPE_CITY, 0);
    for (uint32_t i = 0; i < line_count; i++)
        compare(journal, recount, KPI_SCOPE_LINE, lines[i]);
    for (uint32_t department = 1; department <= departments; department++)
        compare(journal, recount, KPI_SCOPE_DEPARTMENT, department);
    recount_close(recount);
}
