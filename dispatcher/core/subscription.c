/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/subscription.h"

#include "base/require.h"

static struct subscription *find(const struct core *core, uint64_t caller)
{
    return caller ? index_find(&core->index, ENTRY_CALLER_OFF, caller, 0) : NULL;
}

bool subscription_is_off(const struct core *core, uint64_t caller)
{
    return find(core, caller) != NULL;
}

bool core_is_unsubscribed(const struct core *core, uint64_t caller)
{
    return subscription_is_off(core, caller);
}

void subscription_set(struct decision *decision, uint64_t caller, bool off)
{
    if (!caller || subscription_is_off(decision->core, caller) == off)
        return;
    struct event *event = decision_event(decision, EVENT_SUBSCRIPTION_CHANGED);
    event->subscription_changed.caller = caller;
    event->subscription_changed.off = off;
}

enum refusal decide_subscription_set(struct decision *decision)
{
    const struct command *command = decision->command;
    bool off = command->subscription_set.off;
    if (!command->caller)
        return REFUSAL_INCOMPLETE;
    if (subscription_is_off(decision->core, command->caller) == off)
        return REFUSAL_ALREADY;
    subscription_set(decision, command->caller, off);
    return REFUSAL_NONE;
}

static void forget(struct core *core, struct subscription *subscription)
{
    link_leave(&subscription->link);
    index_remove(&core->index, ENTRY_CALLER_OFF, subscription->caller, 0);
    pool_give(&core->subscriptions, subscription);
}

void apply_subscription_changed(struct core *core, const struct event *event)
{
    uint64_t caller = event->subscription_changed.caller;
    struct subscription *known = find(core, caller);
    if (known && !event->subscription_changed.off)
        forget(core, known);
    if (known || !event->subscription_changed.off)
        return;
    if (pool_room(&core->subscriptions) == 0)
        forget(core, list_first(&core->subscriptions_off));
    struct subscription *subscription = pool_take(&core->subscriptions);
    subscription->caller = caller;
    list_append(&core->subscriptions_off, &subscription->link, subscription);
    index_put(&core->index, ENTRY_CALLER_OFF, caller, 0, subscription);
}
