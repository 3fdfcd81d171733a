/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an order of the queue and a reserve are worth: the table of docs/figures.md.
 *     build/release/tests/bench_discipline [hours] */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/discipline.h"

static const struct {
    const char *name;
    bool one_band;
    uint32_t reserve;
} rows[] = {
    { "all by arrival", true, 0 }, { "strict", false, 0 },    { "reserve 1", false, 1 },
    { "reserve 2", false, 2 },     { "reserve 3", false, 3 }, { "reserve 6", false, 6 },
};

/* Calls of an hour: as usual, half as many more on 12345, three times the emergencies. */
static const double loads[][2] = { { 420, 600 }, { 420, 900 }, { 1260, 600 } };

int main(int argc, char **argv)
{
    double hours = argc > 1 ? strtod(argv[1], NULL) : 400;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)printf("%-16s", rows[i].name);
        for (unsigned k = 0; k < sizeof loads / sizeof loads[0]; k++) {
            struct discipline discipline = { .takers = 58,
                                             .reserve = rows[i].reserve,
                                             .one_band = rows[i].one_band,
                                             .emergency_per_hour = loads[k][0],
                                             .ordinary_per_hour = loads[k][1],
                                             .hours = hours,
                                             .seed = 2026 + k };
            struct outcome_of_discipline outcome = discipline_run(&discipline);
            (void)printf(" | %5.1f / %5.2f  %5.1f / %5.1f / %4.0f", 100 * outcome.emergency_in_10,
                         100 * outcome.emergency_lost, 100 * outcome.ordinary_in_15,
                         100 * outcome.ordinary_lost, outcome.ordinary_p99);
            (void)fflush(stdout);
        }
        (void)putchar('\n');
    }
    return 0;
}
