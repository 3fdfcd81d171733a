/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reckoning: the year's holidays were published while clocks ran. Each clock that counts working time
 * is reckoned again, once, a bounded number of them per step; it becomes later or stays, never
 * earlier, and is provisional no more when its year is known. */
#ifndef DISPATCHER_CORE_RECKONING_H
#define DISPATCHER_CORE_RECKONING_H

#include "dispatcher/core/decision.h"

enum {
    RECKONED_PER_STEP_MAX = 4096 /* slots looked at: below a millisecond */
};

/* Goes on with it; true when a clock moved. Where it stands is no part of the state: after a restart
 * it begins anew and finds what is left. */
bool reckon_next(struct core *core, struct decision *decision);

/* Is nothing left? */
bool reckon_done(const struct core *core);

#endif
