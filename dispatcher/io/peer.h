/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * peer: a program's connection that said hello. The route is its identity: a program that reconnects
 * is a new peer until it says hello again, and a ghost of an earlier process falls silent and goes. */
#ifndef DISPATCHER_IO_PEER_H
#define DISPATCHER_IO_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/io/bus.h"

enum {
    PEERS_MAX = 128
};

struct peer {
    struct bus_sender sender; /* name[0] == 0: free */
    uint64_t epoch;           /* of its process */
    bool keeps;               /* it names calls of its former life that go on */
    bool alone;               /* it was without a dispatcher */
    uint64_t taken;      /* last submission of this epoch that is journaled, or in the open turn */
    uint32_t gateway;    /* its row's number, 0: none */
    uint64_t heard_ms;   /* monotonic */
    uint64_t gone_ms;    /* since when its connection is known to be over, 0: it is not */
    uint64_t probed_ms;  /* when something was said to it to learn that */
    uint64_t order_sent; /* last order sent on this connection */
    uint64_t order_done; /* last one it said is done */
    uint64_t done_ms;    /* since when the journal does not know that, 0: it does */
    uint64_t order_ms;   /* when one was sent last */
    uint64_t retry_ms;   /* not before this are orders behind sent again */
    bool orders_behind;  /* a send failed, or older ones may lie in the journal */
};

struct peer_table {
    uint32_t count;
    struct peer peers[PEERS_MAX]; /* the first count are used */
};

/* NULL when the route said no hello yet. */
struct peer *peer_of(struct peer_table *table, const struct bus_sender *sender);

/* The newest connection of a program, NULL when there is none. */
struct peer *peer_named(struct peer_table *table, const char *name);

/* The highest submission any connection of this process had taken. */
uint64_t peer_taken(const struct peer_table *table, const char *name, uint64_t epoch);

/* A peer for the route, blank but for sender; NULL when the table is full. */
struct peer *peer_add(struct peer_table *table, const struct bus_sender *sender);

/* A later process of this program speaks. */
bool peer_is_late(const struct peer_table *table, const char *name, uint64_t epoch);

/* Drops the connections of its earlier processes: what they still say is heard no more. */
void peer_succeed(struct peer_table *table, const char *name, uint64_t epoch);

/* Drops those that were silent since before_ms. */
void peer_sweep(struct peer_table *table, uint64_t before_ms);

#endif
