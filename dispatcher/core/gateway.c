/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/gateway.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/notice.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/text_lease.h"

static void settle(struct decision *decision, uint32_t gateway)
{
    decision_event(decision, EVENT_GATEWAY_SETTLED)->gateway_settled.gateway = gateway;
}

void gateway_due(struct decision *decision, const struct gateway *gateway)
{
    if (gateway->hold_ms && gateway->hold_ms <= decision->at_ms) {
        settle(decision, gateway->row.gateway);
        return;
    }
    const struct contact *contact = list_first(&gateway->contacts);
    REQUIRE(contact);
    contact_end(decision, contact, END_CAUSE_GATEWAY_LOST);
}

void gateway_refile(struct core *core, struct gateway *gateway)
{
    const struct contact *oldest = list_first(&gateway->contacts);
    uint64_t due_ms = NEVER;
    if (oldest && oldest->epoch != gateway->epoch)
        due_ms = gateway->keep_ms > core->at_ms ? gateway->keep_ms : core->at_ms;
    else if (oldest && gateway->fell_ms)
        due_ms = gateway->fell_ms + core->parameters[PARAMETER_GATEWAY_LOST_MS];
    if (gateway->hold_ms && gateway->hold_ms < due_ms)
        due_ms = gateway->hold_ms;
    deadline_set(core, &gateway->deadline, due_ms, gateway->row.gateway);
}

void gateways_refile(struct core *core)
{
    for (uint32_t i = 0; i < core->gateways.reached; i++)
        gateway_refile(core, pool_at(&core->gateways, i));
}

enum refusal decide_gateway_rise(struct decision *decision)
{
    const struct gateway *gateway = decision->gateway;
    uint64_t epoch = decision->command->gateway_rise.epoch;
    bool alone = decision->command->gateway_rise.alone;
    if (!gateway)
        return REFUSAL_NO_SUCH_GATEWAY;
    if (epoch == 0)
        return REFUSAL_MALFORMED;
    if (gateway->epoch == epoch && gateway->fell_ms == 0 && !alone)
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_GATEWAY_ROSE);
    event->gateway_rose.gateway = gateway->row.gateway;
    event->gateway_rose.epoch = epoch;
    if (decision->command->gateway_rise.keeps && gateway->epoch != epoch &&
        list_first(&gateway->contacts))
        event->gateway_rose.keep_until_ms = decision->at_ms + GATEWAY_KEEP_MS;
    /* A connection that was lost before all was told: what this process owes, it owes still. */
    bool owes = alone || (gateway->epoch == epoch && gateway->hold_ms);
    if (owes)
        event->gateway_rose.hold_until_ms = decision->at_ms + GATEWAY_HOLD_MS;
    return REFUSAL_NONE;
}

enum refusal decide_contact_keep(struct decision *decision)
{
    const struct gateway *gateway = decision->gateway;
    const struct contact_keep *asked = &decision->command->contact_keep;
    const struct contact *contact =
        gateway ? core_call(decision->core, decision->actor, asked->call) : NULL;
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    decision->verdict->contact = contact->id;
    if (!link_held(&contact->of_gateway))
        return REFUSAL_WRONG_STATE; /* it is over, or has no leg any more */
    if (contact->epoch == gateway->epoch)
        return REFUSAL_ALREADY;
    struct event *event = contact_event(decision, EVENT_CONTACT_KEPT, contact);
    event->contact_kept = (struct contact_kept){ .gateway = decision->actor,
                                                 .call = asked->call,
                                                 .silent_ms = asked->silent_ms,
                                                 .recorded_ms = asked->recorded_ms };
    return REFUSAL_NONE;
}

enum refusal decide_gateway_settle(struct decision *decision)
{
    if (!decision->gateway)
        return REFUSAL_NO_SUCH_GATEWAY;
    if (!decision->gateway->keep_ms && !decision->gateway->hold_ms)
        return REFUSAL_ALREADY;
    settle(decision, decision->actor);
    return REFUSAL_NONE;
}

enum refusal decide_gateway_fall(struct decision *decision)
{
    const struct gateway_fall *asked = &decision->command->gateway_fall;
    const struct gateway *gateway = core_gateway(decision->core, asked->gateway);
    if (!gateway)
        return REFUSAL_NO_SUCH_GATEWAY;
    if (gateway->epoch != asked->epoch)
        return REFUSAL_WRONG_STATE; /* word of a former life */
    if (gateway->fell_ms)
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_GATEWAY_FELL);
    event->gateway_fell.gateway = asked->gateway;
    event->gateway_fell.epoch = asked->epoch;
    return REFUSAL_NONE;
}

/* They were no contacts, and nothing follows; figures count them (docs/kpi.md, C2). */
enum refusal decide_calls_turn_away(struct decision *decision)
{
    const struct calls_turn_away *asked = &decision->command->calls_turn_away;
    if (!core_line(decision->core, asked->line))
        return REFUSAL_NO_SUCH_LINE;
    if (asked->calls == 0)
        return REFUSAL_MALFORMED;
    struct event *event = decision_event(decision, EVENT_CALLS_TURNED_AWAY);
    event->line = asked->line;
    event->calls_turned_away.gateway = decision->actor;
    /* A gateway's clock may run ahead of ours: they count all the same, and not in the future. */
    event->calls_turned_away.minute_ms =
        asked->minute_ms < decision->at_ms ? asked->minute_ms : decision->at_ms;
    event->calls_turned_away.calls = asked->calls;
    return REFUSAL_NONE;
}

/* Silence takes its waiting calls out of reach, its return brings them back to their places. */
static void refile_contacts(struct core *core, struct gateway *gateway)
{
    for (struct contact *contact = list_first(&gateway->contacts); contact;
         contact = list_next(&gateway->contacts, &contact->of_gateway))
        queue_file(core, contact);
    gateway_refile(core, gateway);
}

void apply_gateway_rose(struct core *core, const struct event *event)
{
    struct gateway *gateway = core_gateway(core, event->gateway_rose.gateway);
    REQUIRE(gateway);
    if (gateway->epoch != event->gateway_rose.epoch)
        gateway->unable = false; /* a new life tries for itself */
    gateway->epoch = event->gateway_rose.epoch;
    gateway->keep_ms = event->gateway_rose.keep_until_ms;
    gateway->hold_ms = event->gateway_rose.hold_until_ms;
    gateway->fell_ms = 0;
    refile_contacts(core, gateway);
    text_lease_refile(core);
    notices_refile(core);
}

void apply_gateway_fell(struct core *core, const struct event *event)
{
    struct gateway *gateway = core_gateway(core, event->gateway_fell.gateway);
    REQUIRE(gateway && gateway->epoch == event->gateway_fell.epoch);
    gateway->fell_ms = event->at_ms;
    refile_contacts(core, gateway);
    text_lease_refile(core);
    notices_refile(core);
}

void apply_contact_kept(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && link_held(&contact->of_gateway));
    struct gateway *gateway = contact->gateway;
    contact->epoch = gateway->epoch;
    link_leave(&contact->of_gateway);
    list_append(&gateway->contacts, &contact->of_gateway, contact);
    queue_file(core, contact);
    gateway_refile(core, gateway);
}

void apply_gateway_settled(struct core *core, const struct event *event)
{
    struct gateway *gateway = core_gateway(core, event->gateway_settled.gateway);
    REQUIRE(gateway);
    gateway->keep_ms = gateway->hold_ms = 0;
    refile_contacts(core, gateway);
}
