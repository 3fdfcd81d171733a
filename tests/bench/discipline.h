/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * discipline: the real core in virtual time, fed with the calls of a city of 58 takers who may all take
 * everything, answer at once and need no wrap-up: arrivals, talk and patience are exponential. It
 * measures what an order of the queue and a reserve are worth. */
#ifndef TESTS_BENCH_DISCIPLINE_H
#define TESTS_BENCH_DISCIPLINE_H

#include <stdbool.h>
#include <stdint.h>

struct discipline {
    uint32_t takers;
    uint32_t reserve; /* takers left alone by ordinary calls */
    bool one_band;    /* all calls by arrival */
    double emergency_per_hour;
    double ordinary_per_hour;
    double hours;
    uint64_t seed;
};

/* Shares from 0 to 1; waits in seconds. */
struct outcome_of_discipline {
    double emergency_in_10;
    double emergency_lost;
    double ordinary_in_15;
    double ordinary_lost;
    double ordinary_p99;
    uint64_t calls;
};

/* Memory that cannot be had ends the process. */
struct outcome_of_discipline discipline_run(const struct discipline *discipline);

#endif
