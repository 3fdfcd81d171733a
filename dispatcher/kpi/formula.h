/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * formula: the figures a centre is judged by, as sums of counts over sums of counts. Every figure is
 * published with its definition's version and what stands above and below the line; where the trade
 * uses several formulas under one name (service level: four), each is here under its own letter.
 * A definition that changes gets a new KPI_VERSION; figures of different versions are not compared. */
#ifndef DISPATCHER_KPI_FORMULA_H
#define DISPATCHER_KPI_FORMULA_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/kpi/histogram.h"
#include "proto/message.h"

enum {
    KPI_VERSION = 4,
    FORMULA_TERMS_MAX = 6,
    FORMULA_QUANTILES = 3 /* p50, p90, p99 */
};

enum formula_unit {
    FORMULA_SHARE, /* shown as per cent */
    FORMULA_MEAN_MS,
    FORMULA_MEAN,        /* a plain number */
    FORMULA_PER_100K,    /* for each 100,000 below the line */
    FORMULA_LONGEST_MS,  /* above the line; below it: of how many */
    FORMULA_RATES,       /* T1, T2 and T3 in one share, by the city's weights */
    FORMULA_QUANTILES_MS /* of a histogram: upper limits of classes */
};

struct formula {
    const char *id; /* C: calls, O: orders, T: the citizen's word, M: emergencies */
    const char *english;
    const char *chinese;
    enum kpi_scope scope; /* LINE, or CITY for orders (departments have them, too) */
    enum formula_unit unit;
    enum histogram histogram;
    int over[FORMULA_TERMS_MAX]; /* enum kpi_count; a negative one is subtracted */
    int under[FORMULA_TERMS_MAX];
};

/* Which they are, in permille. */
extern const uint32_t formula_quantiles[FORMULA_QUANTILES];

/* All of them; *count how many. */
const struct formula *formulas(uint32_t *count);

/* Does a sum of days (or rows) take the longest instead? */
bool kpi_is_longest(enum kpi_count count);

/* The count that a parameter of the city is; NONE: it is none. */
enum kpi_count kpi_count_of(enum parameter parameter);

/* Puts an amount to what is there: the longest of both, or their sum. */
uint64_t kpi_join(enum kpi_count count, uint64_t there, uint64_t amount);

/* What stands above and below the line. counts by enum kpi_count. */
uint64_t formula_over(const struct formula *formula, const uint64_t *counts);
uint64_t formula_under(const struct formula *formula, const uint64_t *counts);

/* The 95 % interval of a share by Wilson's score: small numbers are not ranked. In permille; false
 * when there is nothing below the line. */
bool formula_interval(uint64_t over, uint64_t under, uint32_t *low, uint32_t *high);

#endif
