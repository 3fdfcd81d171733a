/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * subscription: numbers that want no surveys and notices ("TD"). What concerns their own matter they
 * are told all the same. The oldest of SUBSCRIPTIONS_OFF_MAX is forgotten when another comes. */
#ifndef DISPATCHER_CORE_SUBSCRIPTION_H
#define DISPATCHER_CORE_SUBSCRIPTION_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

enum {
    SUBSCRIPTIONS_OFF_MAX = 65536
};

bool subscription_is_off(const struct core *core, uint64_t caller);

/* Notes that the caller wants them no more, or again; nothing when it is so already. */
void subscription_set(struct decision *decision, uint64_t caller, bool off);

enum refusal decide_subscription_set(struct decision *decision);

void apply_subscription_changed(struct core *core, const struct event *event);

#endif
