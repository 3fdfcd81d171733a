/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bus: the dispatcher's two sockets: ROUTER for commands, XPUB for events, CURVE on both, guarded by
 * zap. What comes out of bus_receive() comes from a program whose key is known; its name is the
 * key's. Sending is no more than an attempt; the window and the journal make it
 * certain (docs/decisions/0004-link.md).
 *
 * A connection's route is the number that ROUTER gave it. A client that chooses a routing id of its
 * own is refused: it could choose another program's and take its orders away. */
#ifndef DISPATCHER_IO_BUS_H
#define DISPATCHER_IO_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/keys.h"

enum {
    BUS_ROUTE_BYTES = 5, /* a zero byte and 32 bits (ZeroMQ RFC 28) */
    BUS_PART_MS = 500,   /* so long whoever heard the last word has to go */
    BUS_PART_AGAIN_MS = 20
};

struct bus;

/* Where a frame came from, and where the answer goes. */
struct bus_sender {
    char name[KEYS_NAME_BYTES + 1];
    uint8_t route[BUS_ROUTE_BYTES];
};

struct bus_settings {
    const char *home;
    const char *name;     /* of its own key files */
    const char *commands; /* tcp://… */
    const char *events;
    struct curve_keys keys;
    bool (*hears)(const void *owner, const char *name); /* who may read the events; NULL: all */
    const void *owner;                                  /* both for the bus's life */
};

/* Returns 0 and *bus, or a negative errno. Nothing is bound before the key check works. */
int bus_open(struct bus **bus, const struct bus_settings *settings);
void bus_close(struct bus *bus);

/* Edge-triggered, for epoll; what waits is told by bus_receive() alone. */
int bus_fd(const struct bus *bus);

/* Returns the size of one frame and its sender, -EAGAIN when nothing waits, -EPERM for a frame of a
 * self-chosen routing id, -EBADMSG for one of several parts or too many bytes (both are gone and
 * counted). */
int bus_receive(struct bus *bus, struct bus_sender *sender, uint8_t *bytes, size_t room);

/* Whether bus_receive() has something. To be asked before sleeping: a send may have swallowed the
 * descriptor's edge. */
bool bus_waits(struct bus *bus);

/* Returns 0, -EHOSTUNREACH when the connection is gone, -EAGAIN when its queue is full. */
int bus_send(struct bus *bus, const uint8_t route[BUS_ROUTE_BYTES], const uint8_t *bytes,
             size_t size);

/* It is closed next: says these bytes, the last ones, to each of so many routes, and stays until all of them are gone,
 * BUS_PART_MS at most. Closed at once it would take the word along: a libzmq socket that connects with ZMQ_IMMEDIATE throws
 * away what it has received and nobody has read yet when the connection ends. */
void bus_part(struct bus *bus, uint8_t (*routes)[BUS_ROUTE_BYTES], unsigned count,
              const uint8_t *bytes, size_t size);

/* To all subscribers; a slow one loses frames and notices by their numbers. */
void bus_publish(struct bus *bus, const uint8_t *bytes, size_t size);

/* Looks (or believes it: anyway) whether the keys in HOME/keys changed, or one's time is over. Where a key is admitted no more, or the
 * bus has another key itself, all connections end and come anew, within a second: returns 1, and the
 * descriptor is another. Else 0, or a negative errno: the keys stay as they were, or (-EADDRINUSE) nothing
 * is bound any more. */
int bus_look_at_keys(struct bus *bus, bool anyway);

struct bus_counts {
    uint64_t received, sent, published, unreachable, full, own_route, misshapen;
    uint64_t keys_admitted, keys_refused;
};
void bus_count(struct bus *bus, struct bus_counts *counts);

#endif
