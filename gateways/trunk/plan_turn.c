/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/plan_turn.h"

bool plan_comes_before(const struct plan_caller *a, const struct plan_caller *b)
{
    if (a->emergency != b->emergency)
        return a->emergency;
    return a->arrived_ms != b->arrived_ms ? a->arrived_ms < b->arrived_ms : a->number < b->number;
}

uint32_t plan_take_step(const char *words, uint32_t *next,
                        struct survival_target targets[SURVIVAL_TARGETS_MAX])
{
    uint32_t wanted = *next % survival_steps(words), step = 0, count = 0;
    *next = wanted + 1;
    while (count < SURVIVAL_TARGETS_MAX && survival_next(&words, &step, &targets[count]))
        count += targets[count].step == wanted;
    return count;
}

enum plan_use plan_use_of(const struct plan_leg *leg, bool emergency)
{
    if (!leg->talks && !leg->rings)
        return PLAN_FREE;
    bool may_stop = leg->rings && leg->by_plan && !leg->for_emergency;
    return emergency && may_stop ? PLAN_GIVES_WAY : PLAN_ENGAGED;
}
