/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * recommend: which units should go, and a reason for every pick and every hole. A pure function of
 * the state: one walk over all units for each kind that is wanted, no more memory than the answer.
 *
 * Gate: free (a busy unit is never taken), staffed, rested, inside the radius, its position fresh.
 * Order: who would be there first (straight line × PARAMETER_ROAD_PERCENT at PARAMETER_UNIT_SPEED_KMH,
 * plus the turnout of a unit in its station); where no distance can be told, the incident's own district
 * first; then who has waited longest since its last run; then the smaller number.
 * A position older than PARAMETER_POSITION_STALE_MS says nothing about where the unit is: it goes only
 * into its own district. A unit that never reported stands in its station. */
#ifndef DISPATCHER_CORE_RECOMMEND_H
#define DISPATCHER_CORE_RECOMMEND_H

#include "dispatcher/core/state.h"

struct request_for_units {
    const struct incident *incident;
    const struct plan_need *needs; /* each kind once */
    uint32_t needs_count;
    uint32_t radius_m; /* 0: from anywhere */
    uint32_t most;     /* picks */
    uint64_t at_ms;
};

/* Fills plan->picks and plan->holes. */
void recommend(const struct core *core, const struct request_for_units *request,
               struct plan_activated *plan);

#endif
