/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * load: a city's work for the core, as fast as it takes it: calls become requests that are dispatched,
 * stay open, and are closed. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stdint.h>

#include "dispatcher/core/core.h"

/* An open incident and its lead's task. */
struct load_open {
    uint64_t incident;
    uint64_t task;
};

struct load {
    struct core *core;
    struct command command;
    struct verdict verdict;
    void (*see)(void *owner, const struct event *event); /* may be NULL */
    void *owner;
    uint64_t now_ms;
    uint64_t call;
    uint64_t steps;
    uint64_t events;
    uint64_t refused;
    struct load_open *open; /* room for all that are open at once */
    uint64_t open_count;
};

/* Lines, takers, a department, a category, a gateway. */
void load_build(struct load *load);

/* One request from its call to its dispatch: six steps. */
void load_request(struct load *load);

/* An open incident, by its place in open[], comes to its end: four steps. */
void load_close(struct load *load, uint64_t which);

#endif
