/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "dispatcher/io/dispatcher.h"

/* Trunk and message gateways rise and fall; of the programs that only ask, the console servers of
 * the settings do. */
static bool rises(const struct dispatcher *dispatcher, const struct roster_gateway *gateway)
{
    return gateway->row.kind != GATEWAY_KIND_CONSOLE ||
           settings_console(dispatcher->settings, gateway->row.name) != NULL;
}

void liveness_rise(struct dispatcher *dispatcher, const struct peer *peer)
{
    static struct command command;
    const struct roster_gateway *gateway = roster_gateway(&dispatcher->roster, peer->gateway);
    if (!gateway || !rises(dispatcher, gateway) ||
        (gateway->up && gateway->epoch == peer->epoch && !peer->alone))
        return;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_GATEWAY_RISE;
    command.actor_kind = ACTOR_KIND_GATEWAY;
    command.actor = peer->gateway;
    command.gateway_rise.epoch = peer->epoch;
    command.gateway_rise.keeps = peer->keeps;
    command.gateway_rise.alone = peer->alone;
    log_info("gateway=%s rises epoch=%llu", peer->sender.name, (unsigned long long)peer->epoch);
    turn_step(dispatcher, &command, NULL);
}

static void fall(struct dispatcher *dispatcher, const struct roster_gateway *gateway)
{
    static struct command command;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_GATEWAY_FALL;
    command.gateway_fall.gateway = gateway->row.gateway;
    command.gateway_fall.epoch = gateway->epoch;
    log_warn("gateway=%s falls: silent for %llu ms", gateway->row.name,
             (unsigned long long)dispatcher->roster.lost_ms);
    turn_system(dispatcher, &command);
}

void liveness_check(struct dispatcher *dispatcher)
{
    uint64_t lost_ms = dispatcher->roster.lost_ms, now_ms = dispatcher->mono_ms;
    if (now_ms - dispatcher->started_mono_ms < lost_ms)
        return; /* they are still finding us */
    peer_sweep(&dispatcher->peers, now_ms - lost_ms);
    for (uint32_t i = 0; i < dispatcher->roster.gateway_count; i++) {
        const struct roster_gateway *gateway = &dispatcher->roster.gateways[i];
        if (gateway->up && !peer_named(&dispatcher->peers, gateway->row.name))
            fall(dispatcher, gateway);
    }
}
