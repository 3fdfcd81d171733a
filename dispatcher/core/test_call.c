/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/test_call.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/rows.h"

static struct tested_trunk *find(const struct core *core, const char *trunk, uint32_t gateway)
{
    return index_find(&core->index, ENTRY_TRUNK, stir_text(0, trunk), gateway);
}

enum refusal test_call_check(const struct decision *decision)
{
    const struct core *core = decision->core;
    const struct contact_arrive *asked = &decision->command->contact_arrive;
    const struct tested_trunk *trunk = find(core, asked->trunk, decision->actor);
    return trunk && decision->at_ms < trunk->last_ms + core->parameters[PARAMETER_TEST_GUARD_MS]
               ? REFUSAL_TOO_SOON
               : REFUSAL_NONE;
}

void test_call_end(struct decision *decision, const struct event *arrived)
{
    struct event *event = decision_event(decision, EVENT_CONTACT_ENDED);
    event->actor_kind = ACTOR_KIND_SYSTEM; /* so that the gateway is told to release it */
    event->actor = 0;
    event->contact = arrived->contact;
    event->line = arrived->line;
    event->contact_ended.cause = END_CAUSE_TEST;
    event->contact_ended.from = CONTACT_STATE_WAITING;
    event->contact_ended.gateway = arrived->contact_arrived.gateway;
    event->contact_ended.call = arrived->contact_arrived.call;
}

void test_call_missed(struct decision *decision, const struct tested_trunk *trunk)
{
    struct event *event = decision_event(decision, EVENT_TEST_MISSED);
    event->test_missed.gateway = trunk->gateway;
    memcpy(event->test_missed.trunk, trunk->trunk, sizeof trunk->trunk);
    event->test_missed.last_ms = trunk->last_ms;
}

static struct tested_trunk *watch(struct core *core, const struct contact_arrived *arrived)
{
    struct tested_trunk *trunk = find(core, arrived->trunk, arrived->gateway);
    if (trunk || pool_room(&core->tested_trunks) == 0)
        return trunk;
    trunk = pool_take(&core->tested_trunks);
    trunk->gateway = arrived->gateway;
    memcpy(trunk->trunk, arrived->trunk, sizeof trunk->trunk);
    trunk->deadline.kind = DEADLINE_TEST;
    trunk->deadline.owner = trunk;
    index_put(&core->index, ENTRY_TRUNK, stir_text(0, trunk->trunk), trunk->gateway, trunk);
    return trunk;
}

static void refile(struct core *core, struct tested_trunk *trunk)
{
    uint64_t silence_ms =
        core->parameters[PARAMETER_TEST_EVERY_MS] * core->parameters[PARAMETER_TEST_MISSED];
    deadline_set(core, &trunk->deadline, trunk->missed ? NEVER : trunk->last_ms + silence_ms,
                 trunk->gateway);
}

void test_calls_refile(struct core *core)
{
    for (uint32_t i = 0; i < core->tested_trunks.reached; i++)
        refile(core, pool_at(&core->tested_trunks, i));
}

void test_call_hear(struct core *core, const struct event *event)
{
    if (!event->contact_arrived.test)
        return;
    struct tested_trunk *trunk = watch(core, &event->contact_arrived);
    if (!trunk)
        return;
    trunk->last_ms = event->at_ms;
    trunk->missed = false;
    refile(core, trunk);
}

void apply_test_missed(struct core *core, const struct event *event)
{
    struct tested_trunk *trunk = find(core, event->test_missed.trunk, event->test_missed.gateway);
    REQUIRE(trunk && !trunk->missed);
    trunk->missed = true;
    refile(core, trunk);
}
