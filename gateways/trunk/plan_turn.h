/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plan_turn: whose turn it is, and at which telephones, while a gateway has no dispatcher (the rules of alone.c without
 * its telephones; docs/decisions/0019-survival.md). Pure: the simulated gateways of tests/sim go by it, too. */
#ifndef GATEWAYS_TRUNK_PLAN_TURN_H
#define GATEWAYS_TRUNK_PLAN_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/survival.h"

enum {
    ALONE_AFTER_MS = 2000, /* without a word of a dispatcher */
    PLAN_RING_MS = 20000,  /* a step of a plan */
    PLAN_PAUSE_MS = 1000   /* between two steps of which nobody is left */
};

/* Who waits, as the plan sees them. */
struct plan_caller {
    bool emergency;
    uint64_t arrived_ms, number;
};

/* Emergencies first, then who came first. */
bool plan_comes_before(const struct plan_caller *a, const struct plan_caller *b);

/* The targets of the step whose turn it is in a sound plan that is not empty; *next, 0 in the beginning, moves on,
 * and from the last step to the first. Returns how many. */
uint32_t plan_take_step(const char *words, uint32_t *next,
                        struct survival_target targets[SURVIVAL_TARGETS_MAX]);

/* What a leg at the same telephone is to somebody who is to be rung there. */
enum plan_use {
    PLAN_FREE,
    PLAN_GIVES_WAY, /* it rings by plan, for an ordinary caller: it stops, and then the telephone is free */
    PLAN_ENGAGED
};

struct plan_leg {
    bool talks, rings;
    bool by_plan, for_emergency; /* while it rings */
};

enum plan_use plan_use_of(const struct plan_leg *leg, bool emergency);

#endif
