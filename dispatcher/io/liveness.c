/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "dispatcher/io/dispatcher.h"

enum {
    PROBE_MS = 250, /* between words to a message gateway that tell whether its connection stands */
    GONE_MS = 1000  /* without a connection for so long it is dead; a live one calls again sooner */
};

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

static void fall(struct dispatcher *dispatcher, const struct roster_gateway *gateway,
                 uint64_t since_ms)
{
    static struct command command;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_GATEWAY_FALL;
    command.gateway_fall.gateway = gateway->row.gateway;
    command.gateway_fall.epoch = gateway->epoch;
    log_warn("gateway=%s falls: away for %llu ms", gateway->row.name, (unsigned long long)since_ms);
    turn_system(dispatcher, &command);
}

/* A process that was killed leaves no connection behind, which a send finds out; a pong without a ping is no
 * more than a word. */
static void probe(struct dispatcher *dispatcher, struct peer *peer)
{
    uint64_t now_ms = dispatcher->mono_ms;
    if (peer->gone_ms || now_ms - peer->heard_ms < PROBE_MS || now_ms - peer->probed_ms < PROBE_MS)
        return;
    peer->probed_ms = now_ms;
    speech_begin(dispatcher, FRAME_PONG);
    speech_say(dispatcher, peer->sender.route);
}

/* Who wrote for help is answered by the twin before three seconds are over: a message gateway is not waited
 * for as long as a trunk gateway is, whose calls may go on (decision 0012). */
static void look_at_texts(struct dispatcher *dispatcher, const struct roster_gateway *gateway,
                          struct peer *peer)
{
    uint64_t now_ms = dispatcher->mono_ms;
    if (peer->gone_ms && now_ms - peer->gone_ms >= GONE_MS)
        fall(dispatcher, gateway, now_ms - peer->gone_ms);
    else
        probe(dispatcher, peer);
}

void liveness_check(struct dispatcher *dispatcher)
{
    uint64_t lost_ms = dispatcher->roster.lost_ms, now_ms = dispatcher->mono_ms;
    bool is_found = now_ms - dispatcher->started_mono_ms >= lost_ms;
    if (is_found)
        peer_sweep(&dispatcher->peers, now_ms - lost_ms);
    for (uint32_t i = 0; i < dispatcher->roster.gateway_count; i++) {
        const struct roster_gateway *gateway = &dispatcher->roster.gateways[i];
        struct peer *peer = peer_named(&dispatcher->peers, gateway->row.name);
        if (!gateway->up)
            continue;
        if (peer && gateway->row.kind == GATEWAY_KIND_SMS)
            look_at_texts(dispatcher, gateway, peer);
        else if (!peer && is_found) /* else it is still finding us */
            fall(dispatcher, gateway, lost_ms);
    }
}
