/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/kpi.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"
#include "base/text.h"
#include "dispatcher/kpi/formula.h"

enum {
    WORDS_BYTES = 512
};

static const char *const share_names[FORMULA_QUANTILES] = { "p50_ms", "p90_ms", "p99_ms" };

/* A figure as it stands in a row; false: nothing is below its line. */
struct reckoned {
    uint64_t over, under;
    uint64_t quantiles_ms[FORMULA_QUANTILES];
    bool is_share;
    uint32_t low, high; /* permille */
};

static bool reckon(const struct formula *formula, const struct kpi_row *row,
                   struct reckoned *reckoned)
{
    *reckoned = (struct reckoned){ 0 };
    if ((formula->scope == KPI_SCOPE_LINE) != (row->scope == KPI_SCOPE_LINE))
        return false;
    if (formula->unit == FORMULA_QUANTILES_MS) {
        for (unsigned i = 0; i < FORMULA_QUANTILES; i++)
            reckoned->quantiles_ms[i] =
                histogram_quantile_ms(formula->histogram, row->counts, formula_quantiles[i]);
        return reckoned->quantiles_ms[0] != 0;
    }
    reckoned->over = formula_over(formula, row->counts);
    reckoned->under = formula_under(formula, row->counts);
    reckoned->is_share =
        formula->unit == FORMULA_SHARE &&
        formula_interval(reckoned->over, reckoned->under, &reckoned->low, &reckoned->high);
    return reckoned->under != 0;
}

static const char *unit_name(enum formula_unit unit)
{
    static const char *const names[] = { [FORMULA_SHARE] = "share",
                                         [FORMULA_MEAN_MS] = "mean_ms",
                                         [FORMULA_MEAN] = "mean",
                                         [FORMULA_PER_100K] = "per_100k",
                                         [FORMULA_LONGEST_MS] = "longest_ms",
                                         [FORMULA_RATES] = "rates",
                                         [FORMULA_QUANTILES_MS] = "quantiles_ms" };
    REQUIRE((size_t)unit < sizeof names / sizeof names[0] && names[unit]);
    return names[unit];
}

/* "answered + abandoned - abandoned_in_target" */
static void sum_write(struct text *text, const int terms[FORMULA_TERMS_MAX])
{
    for (unsigned i = 0; i < FORMULA_TERMS_MAX && terms[i] != 0; i++) {
        const char *sign = terms[i] < 0 ? i ? " - " : "-" : i ? " + " : "";
        text_print(text, "%s%s", sign, kpi_count_name((enum kpi_count)abs(terms[i])));
    }
}

static void formula_write(const struct formula *formula, char words[WORDS_BYTES])
{
    struct text text = text_into(words, WORDS_BYTES);
    enum kpi_count first;
    uint64_t limits_ms[HISTOGRAM_CLASSES_MAX];
    if (formula->unit != FORMULA_QUANTILES_MS) {
        text_add(&text, formula->unit == FORMULA_LONGEST_MS ? "longest of (" : "(");
        sum_write(&text, formula->over);
        text_add(&text, ") / (");
        sum_write(&text, formula->under);
        text_add_char(&text, ')');
        return;
    }
    uint32_t count = histogram_classes(formula->histogram, &first, limits_ms);
    text_print(&text, "p50 p90 p99 of %s … %s", kpi_count_name(first),
               kpi_count_name((enum kpi_count)(first + count - 1)));
}

static json_t *formula_json(const struct formula *formula)
{
    char words[WORDS_BYTES];
    formula_write(formula, words);
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", formula->id, "zh", formula->chinese, "en",
                     formula->english, "unit", unit_name(formula->unit), "formula", words);
}

static json_t *reckoned_json(const struct formula *formula, const struct reckoned *reckoned)
{
    json_t *object = json_pack("{s:s}", "id", formula->id);
    if (formula->unit == FORMULA_QUANTILES_MS) {
        for (unsigned i = 0; object && i < FORMULA_QUANTILES; i++)
            (void)json_object_set_new(object, share_names[i],
                                      reckoned->quantiles_ms[i] == UINT64_MAX
                                          ? json_null() /* beyond the last class */
                                          : json_integer((json_int_t)reckoned->quantiles_ms[i]));
        return object;
    }
    if (object) {
        (void)json_object_set_new(object, "over", json_integer((json_int_t)reckoned->over));
        (void)json_object_set_new(object, "under", json_integer((json_int_t)reckoned->under));
    }
    if (object && reckoned->is_share) {
        (void)json_object_set_new(object, "low", json_integer(reckoned->low));
        (void)json_object_set_new(object, "high", json_integer(reckoned->high));
    }
    return object;
}

static json_t *row_json(const struct kpi_row *row)
{
    uint32_t count;
    const struct formula *table = formulas(&count);
    json_t *figures = json_array();
    for (uint32_t i = 0; figures && i < count; i++) {
        struct reckoned reckoned;
        if (reckon(&table[i], row, &reckoned))
            (void)json_array_append_new(figures, reckoned_json(&table[i], &reckoned));
    }
    return json_pack("{s:s, s:i, s:o}", "scope", kpi_scope_name(row->scope), "number",
                     (int)row->number, "figures", figures);
}

json_t *kpi_json(const struct kpi_rows *rows)
{
    uint32_t count;
    const struct formula *table = formulas(&count);
    json_t *all = json_array(), *shown = json_array();
    for (uint32_t i = 0; all && i < count; i++)
        (void)json_array_append_new(all, formula_json(&table[i]));
    for (uint32_t i = 0; shown && i < rows->rows_count; i++)
        (void)json_array_append_new(shown, row_json(&rows->rows[i]));
    return json_pack("{s:i, s:o, s:o}", "version", (int)rows->version, "formulas", all, "rows",
                     shown);
}

void kpi_csv_heads(struct csv *csv, bool english)
{
    static const char *const heads[][2] = { { "scope", "范围" },
                                            { "number", "编号" },
                                            { "name", "名称" },
                                            { "from", "起" },
                                            { "to", "止" },
                                            { "id", "代码" },
                                            { "figure", "指标" },
                                            { "over", "分子" },
                                            { "under", "分母" },
                                            { "low_permille", "区间下限‰" },
                                            { "high_permille", "区间上限‰" },
                                            { "p50_ms", "p50 毫秒" },
                                            { "p90_ms", "p90 毫秒" },
                                            { "p99_ms", "p99 毫秒" },
                                            { "unit", "单位" },
                                            { "formula", "公式" },
                                            { "definitions", "口径版本" } };
    static const unsigned parts[] = { 2, 2, 4, 3, 3, 3, 6, 2, 2, 2, 2, 2, 2, 2, 2, 6, 2 };
    for (unsigned i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        csv->part = parts[i];
        csv_cell(csv, heads[i][!english]);
    }
    csv_end_row(csv);
}

static void figure_csv(struct csv *csv, const struct formula *formula,
                       const struct reckoned *reckoned)
{
    bool quantiles = formula->unit == FORMULA_QUANTILES_MS;
    const uint64_t sums[] = { reckoned->over, reckoned->under, reckoned->low, reckoned->high };
    const bool has[] = { !quantiles, !quantiles, reckoned->is_share, reckoned->is_share };
    for (unsigned i = 0; i < sizeof sums / sizeof sums[0]; i++)
        if (has[i])
            csv_number(csv, sums[i]);
        else
            csv_cell(csv, "");
    for (unsigned i = 0; i < FORMULA_QUANTILES; i++)
        if (quantiles && reckoned->quantiles_ms[i] != UINT64_MAX)
            csv_number(csv, reckoned->quantiles_ms[i]);
        else
            csv_cell(csv, quantiles ? ">" : "");
}

void kpi_csv_row(struct csv *csv, const struct kpi_row *row, const char *name,
                 const struct kpi_query *asked, bool english)
{
    uint32_t count;
    const struct formula *table = formulas(&count);
    for (uint32_t i = 0; i < count; i++) {
        struct reckoned reckoned;
        char words[WORDS_BYTES];
        if (!reckon(&table[i], row, &reckoned))
            continue;
        csv_cell(csv, kpi_scope_name(row->scope));
        csv_number(csv, row->number);
        csv_cell(csv, name);
        csv_number(csv, asked->from);
        csv_number(csv, asked->to);
        csv_cell(csv, table[i].id);
        csv_cell(csv, english ? table[i].english : table[i].chinese);
        figure_csv(csv, &table[i], &reckoned);
        csv_cell(csv, unit_name(table[i].unit));
        formula_write(&table[i], words);
        csv_cell(csv, words);
        csv_number(csv, KPI_VERSION);
        csv_end_row(csv);
    }
}
