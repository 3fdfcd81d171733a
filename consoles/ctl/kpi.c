/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs about figures: what the dispatcher keeps, and the recount from the bare events, of the running
 * city or of an exported trail, that does not trust what is kept. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "dispatcher/journal/bundle.h"
#include "dispatcher/kpi/formula.h"
#include "dispatcher/kpi/recount.h"
#include "proto/codec.h"

enum {
    SCOPES_MAX = 1100, /* lines, the city, departments */
    LINES_MAX = 64,
    CELL_BYTES = 64,
    CATCH_UPS_MAX = 10, /* a busy city goes on while it is counted */
    SMALL_SAMPLE = 20   /* below it a share is not ranked (small-number rule) */
};

/* ---- what is asked ---------------------------------------------------------------------------- */

static uint32_t today(void)
{
    time_t now = time(NULL);
    struct tm civil;
    return localtime_r(&now, &civil) ? (uint32_t)((civil.tm_year + 1900) * 10000 +
                                                  (civil.tm_mon + 1) * 100 + civil.tm_mday)
                                     : 0;
}

static int number_of(const struct request *request, const char *name, uint32_t otherwise,
                     uint32_t *number)
{
    const char *value = request_option(request, name);
    uint64_t read = otherwise;
    if (value && (!number_read(value, &read) || read > UINT32_MAX)) {
        complain(words("--%s wants a number, not \"%s\"", "--%s 要数字,不是“%s”"), name, value);
        return EXIT_USAGE;
    }
    *number = (uint32_t)read;
    return EXIT_DONE;
}

static int days_of(const struct request *request, struct kpi_query *query)
{
    int code = number_of(request, "from", today(), &query->from);
    code =
        code ? code
             : number_of(request, "to", query->from > today() ? query->from : today(), &query->to);
    if (code == EXIT_DONE && (query->from < 19700101 || query->to < query->from)) {
        complain(words("--from and --to want days as 20261122, the first not behind the last",
                       "--from 与 --to 要日期,如 20261122,且起不晚于止"));
        return EXIT_USAGE;
    }
    return code;
}

/* ---- printing --------------------------------------------------------------------------------- */

static void quantiles_write(char cell[CELL_BYTES], const struct formula *formula,
                            const uint64_t *counts)
{
    struct text text = text_into(cell, CELL_BYTES);
    for (int i = 0; i < FORMULA_QUANTILES; i++) {
        char span[TIME_BYTES];
        uint64_t ms = histogram_quantile_ms(formula->histogram, counts, formula_quantiles[i]);
        span_write(span, ms);
        text_print(&text, "%s%s", i ? " / " : "",
                   ms == 0            ? "-"
                   : ms == UINT64_MAX ? words("longer", "更长")
                                      : span);
    }
}

static void share_write(char value[CELL_BYTES], char interval[CELL_BYTES], uint64_t over,
                        uint64_t under)
{
    uint32_t low, high;
    if (!formula_interval(over, under, &low, &high))
        return;
    (void)snprintf(value, CELL_BYTES, "%.2f %%", 100.0 * (double)over / (double)under);
    (void)snprintf(interval, CELL_BYTES, "%.1f–%.1f %%%s", low / 10.0, high / 10.0,
                   under < SMALL_SAMPLE ? words(" few", " 样本少") : "");
}

/* A figure without anything below its line is left out. */
static void figure_add(struct sheet *sheet, const struct formula *formula, const uint64_t *counts)
{
    char value[CELL_BYTES] = "", interval[CELL_BYTES] = "", over[CELL_BYTES] = "",
         under[CELL_BYTES] = "", span[TIME_BYTES];
    uint64_t above = formula_over(formula, counts), below = formula_under(formula, counts);
    if (formula->unit == FORMULA_QUANTILES_MS) {
        if (histogram_quantile_ms(formula->histogram, counts, 500) == 0)
            return;
        quantiles_write(value, formula, counts);
    } else if (below == 0) {
        return;
    } else {
        (void)snprintf(over, sizeof over, "%" PRIu64, above);
        (void)snprintf(under, sizeof under, "%" PRIu64, below);
        if (formula->unit == FORMULA_SHARE)
            share_write(value, interval, above, below);
        else if (formula->unit == FORMULA_RATES)
            (void)snprintf(value, sizeof value, "%.2f %%", 100.0 * (double)above / (double)below);
        else if (formula->unit == FORMULA_MEAN || formula->unit == FORMULA_PER_100K)
            (void)snprintf(value, sizeof value, "%.2f",
                           (formula->unit == FORMULA_PER_100K ? 100000.0 : 1.0) * (double)above /
                               (double)below);
        else {
            span_write(span, formula->unit == FORMULA_LONGEST_MS ? above : above / below);
            (void)snprintf(value, sizeof value, "%s", span);
            span_write(span, above);
            (void)snprintf(over, sizeof over, "%s", span);
        }
    }
    (void)(sheet_add(sheet, formula->id) &&
           sheet_add(sheet, words(formula->english, formula->chinese)) && sheet_add(sheet, value) &&
           sheet_add(sheet, over) && sheet_add(sheet, under) && sheet_add(sheet, interval));
}

static void title_print(const struct kpi_row *row)
{
    if (row->scope == KPI_SCOPE_CITY)
        (void)puts(words("The city's orders", "全市工单"));
    else
        (void)printf(row->scope == KPI_SCOPE_LINE ? words("Line %u\n", "号线 %u\n")
                                                  : words("Department %u\n", "部门 %u\n"),
                     row->number);
}

static void row_print(const struct kpi_row *row)
{
    const char *const heads[] = { "ID",
                                  words("FIGURE", "指标"),
                                  words("VALUE", "值"),
                                  words("OVER", "分子"),
                                  words("UNDER", "分母"),
                                  words("95 % INTERVAL", "95% 区间") };
    uint32_t count;
    const struct formula *table = formulas(&count);
    struct sheet *sheet = sheet_open(heads, sizeof heads / sizeof heads[0]);
    if (!sheet)
        return;
    for (uint32_t i = 0; i < count; i++)
        if ((table[i].scope == KPI_SCOPE_LINE) == (row->scope == KPI_SCOPE_LINE))
            figure_add(sheet, &table[i], row->counts);
    if (sheet_rows(sheet) > 0) {
        title_print(row);
        sheet_print(sheet, stdout);
        (void)putchar('\n');
    }
    sheet_close(sheet);
}

static void version_print(const struct kpi_query *query)
{
    (void)printf(words("Definitions %d, days %u to %u\n\n", "口径第 %d 版,%u 至 %u\n\n"),
                 KPI_VERSION, query->from, query->to);
}

/* ---- what is kept ----------------------------------------------------------------------------- */

/* All rows of a scope behind each other; *seq: the last event they know. */
struct kept {
    struct kpi_row *rows;
    uint32_t count;
    uint64_t seq;
    bool moved; /* the city went on between two answers */
};

/* What lies behind the counts that came is nobody's. */
static void row_copy(struct kpi_row *row, const struct kpi_row *from)
{
    *row = (struct kpi_row){ .scope = from->scope,
                             .number = from->number,
                             .counts_count = from->counts_count };
    memcpy(row->counts, from->counts, from->counts_count * sizeof from->counts[0]);
}

static int kept_add(struct session *session, struct kpi_query asked, struct kept *kept)
{
    const struct answer *answer;
    struct query query = { .kind = QUERY_KPI, .kpi = asked };
    do {
        int code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            return code;
        if (answer->kpi.version != KPI_VERSION) {
            complain(words("the dispatcher counts by definitions %u, this program by %d",
                           "调度程序的口径为第 %u 版,本程序为第 %d 版"),
                     answer->kpi.version, KPI_VERSION);
            return EXIT_CONFLICT;
        }
        kept->moved |= kept->seq && kept->seq != answer->seq;
        kept->seq = answer->seq;
        for (uint32_t i = 0; i < answer->kpi.rows_count && kept->count < SCOPES_MAX; i++)
            row_copy(&kept->rows[kept->count++], &answer->kpi.rows[i]);
        query.kpi.after = (uint32_t)answer->next;
    } while (answer->more);
    return EXIT_DONE;
}

static int kept_read(struct session *session, const struct kpi_query *asked, struct kept *kept)
{
    static const enum kpi_scope scopes[] = { KPI_SCOPE_LINE, KPI_SCOPE_CITY, KPI_SCOPE_DEPARTMENT };
    kept->count = 0;
    kept->seq = 0;
    kept->moved = false;
    for (uint32_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        struct kpi_query query = *asked;
        if (asked->scope && asked->scope != scopes[i])
            continue;
        query.scope = scopes[i];
        int code = kept_add(session, query, kept);
        if (code != EXIT_DONE)
            return code;
    }
    return EXIT_DONE;
}

static int session_to_look(struct session **session, const struct request *request, enum role role)
{
    char login[33] = "";
    if (!request->as)
        login_of_role(request->home, role, login);
    return session_open(session, request, login);
}

static int scope_of(const struct request *request, struct kpi_query *query)
{
    uint32_t line = 0, department = 0;
    int code = days_of(request, query);
    code = code ? code : number_of(request, "line", 0, &line);
    code = code ? code : number_of(request, "department", 0, &department);
    if (line)
        query->scope = KPI_SCOPE_LINE;
    else if (department)
        query->scope = KPI_SCOPE_DEPARTMENT;
    query->number = line ? line : department;
    return code;
}

static void cell_add(struct sheet *sheet, uint64_t value)
{
    char cell[CELL_BYTES];
    (void)snprintf(cell, sizeof cell, "%" PRIu64, value);
    (void)sheet_add(sheet, cell);
}

/* One line a figure, every number whole: over and under divide to its value, times are milliseconds. */
static void figures_add_csv(struct sheet *sheet, const struct kpi_row *row)
{
    uint32_t count;
    const struct formula *table = formulas(&count);
    for (uint32_t i = 0; i < count; i++) {
        const struct formula *formula = &table[i];
        bool quantiles = formula->unit == FORMULA_QUANTILES_MS;
        uint64_t under = quantiles ? 0 : formula_under(formula, row->counts);
        if ((formula->scope == KPI_SCOPE_LINE) != (row->scope == KPI_SCOPE_LINE) ||
            (quantiles ? histogram_quantile_ms(formula->histogram, row->counts, 500) : under) == 0)
            continue;
        (void)sheet_add(sheet, kpi_scope_name(row->scope));
        cell_add(sheet, row->number);
        (void)sheet_add(sheet, formula->id);
        for (int k = 0; k < 2; k++)
            if (quantiles)
                (void)sheet_add(sheet, "");
            else
                cell_add(sheet, k ? under : formula_over(formula, row->counts));
        for (int k = 0; k < FORMULA_QUANTILES; k++)
            if (quantiles)
                cell_add(sheet, histogram_quantile_ms(formula->histogram, row->counts,
                                                      formula_quantiles[k]));
            else
                (void)sheet_add(sheet, "");
    }
}

static void kept_print_csv(const struct kept *kept)
{
    static const char *const heads[] = { "scope", "number", "id",     "over",
                                         "under", "p50_ms", "p90_ms", "p99_ms" };
    struct sheet *sheet = sheet_open(heads, sizeof heads / sizeof heads[0]);
    for (uint32_t i = 0; sheet && i < kept->count; i++)
        figures_add_csv(sheet, &kept->rows[i]);
    if (sheet)
        sheet_print(sheet, stdout);
    sheet_close(sheet);
}

static void kept_print(const struct request *request, const struct kept *kept,
                       const struct kpi_query *query)
{
    if (request->csv) {
        kept_print_csv(kept);
        return;
    }
    if (!request->json)
        version_print(query);
    for (uint32_t i = 0; i < kept->count; i++)
        if (request->json)
            print_json(SCHEMA_KPI_ROW, &kept->rows[i]);
        else
            row_print(&kept->rows[i]);
}

int run_kpi(struct request *request)
{
    struct session *session = NULL;
    struct kpi_query query = { .scope = KPI_SCOPE_NONE };
    struct kept kept = { .rows = calloc(SCOPES_MAX, sizeof *kept.rows) };
    int code = kept.rows ? scope_of(request, &query) : EXIT_FAILED;
    if (code == EXIT_DONE)
        code = session_to_look(&session, request, ROLE_SUPERVISOR);
    if (code == EXIT_DONE)
        code = kept_read(session, &query, &kept);
    if (code == EXIT_DONE)
        kept_print(request, &kept, &query);
    session_close(session);
    free(kept.rows);
    return code;
}

/* ---- counting again --------------------------------------------------------------------------- */

struct counting {
    struct recount *recount;
    struct codec *codec;
    struct record record;
    uint64_t seq;
    int status;
};

static void see(void *owner, const struct event *event)
{
    struct counting *counting = owner;
    if (counting->status == 0)
        counting->status = recount_see(counting->recount, event);
    counting->seq = event->seq;
}

/* Takes all events behind counting->seq that the dispatcher has. */
static int events_take(struct session *session, struct counting *counting)
{
    const struct answer *answer;
    struct query query = { .kind = QUERY_EVENTS };
    do {
        query.events.after = counting->seq;
        int code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            return code;
        for (uint32_t i = 0; i < answer->events.rows_count; i++) {
            const struct stored_event *row = &answer->events.rows[i];
            if (codec_unpack(counting->codec, SCHEMA_RECORD, row->record, row->record_size,
                             &counting->record) < 0)
                return EXIT_FAILED;
            see(counting, &counting->record.event);
        }
    } while (answer->events.rows_count > 0);
    return counting->status == 0 ? EXIT_DONE : EXIT_FAILED;
}

/* The first count that differs; false: none. */
static bool differs(const struct kpi_row *kept, const struct kpi_row *counted,
                    enum kpi_count *count)
{
    for (*count = 1; *count < KPI_COUNT_COUNT; ++*count)
        if (kept->counts[*count] != counted->counts[*count])
            return true;
    return false;
}

static int compare(const struct counting *counting, const struct kept *kept,
                   const struct kpi_query *query)
{
    for (uint32_t i = 0; i < kept->count; i++) {
        struct kpi_row counted;
        const struct kpi_row *row = &kept->rows[i];
        enum kpi_count count;
        recount_sum(counting->recount, query->from, query->to, row->scope, row->number, &counted);
        if (!differs(row, &counted, &count))
            continue;
        title_print(row);
        (void)printf(words("%s is kept as %" PRIu64 " and counted as %" PRIu64 "\n",
                           "%s 登记为 %" PRIu64 ",重算为 %" PRIu64 "\n"),
                     kpi_count_name(count), row->counts[count], counted.counts[count]);
        return EXIT_TAMPERED;
    }
    (void)printf(words("counted again from %" PRIu64 " events: all %u rows are equal\n",
                       "由 %" PRIu64 " 个事件重算:%u 行完全一致\n"),
                 counting->seq, kept->count);
    return EXIT_DONE;
}

/* A busy city goes on: ask until both know the same last event. */
static int recount_city(const struct request *request, struct counting *counting,
                        const struct kpi_query *query, struct kept *kept)
{
    struct session *session = NULL;
    /* Every event counts, a secret incident's too: to nobody else are they all told. */
    int code = session_to_look(&session, request, ROLE_AUDITOR);
    for (int i = 0; code == EXIT_DONE && i < CATCH_UPS_MAX; i++) {
        code = events_take(session, counting);
        if (code == EXIT_DONE)
            code = kept_read(session, query, kept);
        if (code == EXIT_DONE && !kept->moved && kept->seq == counting->seq)
            break;
        if (i + 1 == CATCH_UPS_MAX) {
            complain(words("the city goes on too fast to be compared; give --to as yesterday",
                           "事件进展太快,无法比对;请以 --to 指定昨天"));
            code = EXIT_FAILED;
        }
    }
    session_close(session);
    return code == EXIT_DONE ? compare(counting, kept, query) : code;
}

static int recount_file(const struct request *request, struct counting *counting,
                        const struct kpi_query *query)
{
    static struct bundle_report report;
    uint32_t lines[LINES_MAX];
    struct kpi_row row;
    int status = bundle_read(request->arguments[0], NULL, &report, see, counting);
    if (status < 0 || !report.ok) {
        complain("%s: %s", request->arguments[0], status < 0 ? strerror(-status) : report.reason);
        return status < 0 ? EXIT_FAILED : EXIT_TAMPERED;
    }
    if (counting->status < 0 || report.first != 1 || report.gaps > 0) {
        complain(words("figures need the whole journal: yihao trail export --first 1",
                       "重算需要完整日志:yihao trail export --first 1"));
        return EXIT_GAPS;
    }
    version_print(query);
    uint32_t count = recount_lines(counting->recount, lines, LINES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        recount_sum(counting->recount, query->from, query->to, KPI_SCOPE_LINE, lines[i], &row);
        row_print(&row);
    }
    recount_sum(counting->recount, query->from, query->to, KPI_SCOPE_CITY, 0, &row);
    row_print(&row);
    return EXIT_DONE;
}

int run_kpi_recount(struct request *request)
{
    struct kpi_query query = { .scope = KPI_SCOPE_NONE };
    struct kept kept = { .rows = calloc(SCOPES_MAX, sizeof *kept.rows) };
    struct counting *counting = calloc(1, sizeof *counting);
    int code = kept.rows && counting ? days_of(request, &query) : EXIT_FAILED;
    if (code == EXIT_DONE) {
        counting->recount = recount_open();
        counting->codec = codec_open();
        if (!counting->recount || !counting->codec)
            code = EXIT_FAILED;
    }
    if (code == EXIT_DONE)
        code = request_argument(request, 0) ? recount_file(request, counting, &query)
                                            : recount_city(request, counting, &query, &kept);
    if (counting) {
        recount_close(counting->recount);
        codec_close(counting->codec);
    }
    free(counting);
    free(kept.rows);
    return code;
}
