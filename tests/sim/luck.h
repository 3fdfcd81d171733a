/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * luck: the dice of those whose doings have a stream of their own (STREAM_TRADE), so that what they do
 * moves nobody else's dice. */
#ifndef TESTS_SIM_LUCK_H
#define TESTS_SIM_LUCK_H

#include "tests/sim/sim.h"

static inline bool chance(struct sim *sim, uint32_t permille)
{
    return kernel_chance(&sim->kernel, STREAM_TRADE, permille);
}

static inline uint64_t between(struct sim *sim, uint64_t from, uint64_t to)
{
    return kernel_between(&sim->kernel, STREAM_TRADE, from, to);
}

static inline void soon(struct sim *sim, uint64_t mean_ms, happening *happens, uint64_t what)
{
    kernel_plan(&sim->kernel, kernel_wait(&sim->kernel, STREAM_TRADE, mean_ms), happens, sim, what);
}

#endif
