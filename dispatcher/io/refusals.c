/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/refusals.h"

static struct checked *next_due(struct refusals *refusals)
{
    struct checked *next = NULL;
    for (uint32_t i = 0; i < refusals->count; i++) {
        struct checked *one = &refusals->held[i];
        if (!next || one->asked_ms < next->asked_ms)
            next = one;
    }
    return next;
}

static void let_go(struct refusals *refusals, struct checked *one, struct checked *to)
{
    *to = *one;
    *one = refusals->held[--refusals->count];
}

bool refusals_hold(struct refusals *refusals, const struct checked *refused, struct checked *early)
{
    bool full = refusals->count == REFUSALS_MAX;
    if (full)
        let_go(refusals, next_due(refusals), early);
    refusals->held[refusals->count++] = *refused;
    return !full;
}

bool refusals_take(struct refusals *refusals, struct checked *due, uint64_t mono_ms)
{
    struct checked *next = next_due(refusals);
    if (!next || mono_ms - next->asked_ms < REFUSALS_LEVEL_MS)
        return false;
    let_go(refusals, next, due);
    return true;
}

uint64_t refusals_wait_ms(struct refusals *refusals, uint64_t mono_ms)
{
    const struct checked *next = next_due(refusals);
    if (!next)
        return UINT64_MAX;
    uint64_t held_ms = mono_ms - next->asked_ms;
    return held_ms < REFUSALS_LEVEL_MS ? REFUSALS_LEVEL_MS - held_ms : 0;
}
