/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/peer.h"

#include <string.h>

struct peer *peer_of(struct peer_table *table, const struct bus_sender *sender)
{
    for (uint32_t i = 0; i < table->count; i++) {
        struct peer *peer = &table->peers[i];
        if (memcmp(peer->sender.route, sender->route, BUS_ROUTE_BYTES) == 0 &&
            strcmp(peer->sender.name, sender->name) == 0)
            return peer;
    }
    return NULL;
}

/* Peers are kept in the order of their first hello. */
struct peer *peer_named(struct peer_table *table, const char *name)
{
    for (uint32_t i = table->count; i > 0; i--)
        if (strcmp(table->peers[i - 1].sender.name, name) == 0)
            return &table->peers[i - 1];
    return NULL;
}

uint64_t peer_taken(const struct peer_table *table, const char *name, uint64_t epoch)
{
    uint64_t taken = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct peer *peer = &table->peers[i];
        if (peer->epoch == epoch && peer->taken > taken && strcmp(peer->sender.name, name) == 0)
            taken = peer->taken;
    }
    return taken;
}

struct peer *peer_add(struct peer_table *table, const struct bus_sender *sender)
{
    if (table->count == PEERS_MAX)
        return NULL;
    struct peer *peer = &table->peers[table->count++];
    *peer = (struct peer){ .sender = *sender };
    return peer;
}

bool peer_is_late(const struct peer_table *table, const char *name, uint64_t epoch)
{
    for (uint32_t i = 0; i < table->count; i++)
        if (table->peers[i].epoch > epoch && strcmp(table->peers[i].sender.name, name) == 0)
            return true;
    return false;
}

void peer_succeed(struct peer_table *table, const char *name, uint64_t epoch)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->count; i++)
        if (table->peers[i].epoch >= epoch || strcmp(table->peers[i].sender.name, name) != 0)
            table->peers[kept++] = table->peers[i];
    table->count = kept;
}

void peer_sweep(struct peer_table *table, uint64_t before_ms)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->count; i++)
        if (table->peers[i].heard_ms >= before_ms)
            table->peers[kept++] = table->peers[i];
    table->count = kept;
}
