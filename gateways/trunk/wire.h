/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wire: the sockets of SIP: one UDP socket and TCP connections on the same port, each message framed
 * and filtered (filter.h) before anybody sees it. Nothing blocks; no name is ever resolved. */
#ifndef GATEWAYS_TRUNK_WIRE_H
#define GATEWAYS_TRUNK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/filter.h"

enum {
    WIRE_CONNECTIONS_MAX = 128,
    WIRE_QUEUE_BYTES = 65536, /* unsent on one connection, then it is closed */
    WIRE_IDLE_MS = 600000,    /* a connection without a message; RFC 5626 pings come at ≤ 120 s */
    WIRE_TURN_MAX = 256,      /* datagrams taken in one turn */
    WIRE_SOURCES = 1024,      /* sources whose rate is watched at a time */
    WIRE_RATE = 2000          /* datagrams per source and second; the rest is dropped, counted */
};

struct wire;

struct wire_peer {
    bool tcp;
    char ip[46];
    uint16_t port;
    uint32_t connection; /* TCP: the one it came by; 0: any, or a new one */
};

/* One message that passed the filter; bytes + filtered->skip is where it begins. Borrowed. */
typedef void wire_heard(void *owner, const struct wire_peer *peer, const char *bytes,
                        const struct filtered *filtered);

struct wire_counts {
    uint64_t messages_in, messages_out, send_errors, flooded;
    uint64_t refused[FILTER_CAUSE_COUNT];
    uint32_t connections;
};

/* Binds address:port for UDP and TCP; port 0 takes any. Returns 0 or a negative errno. */
int wire_open(struct wire **wire, const char *address, uint16_t port, wire_heard *heard,
              void *owner);
void wire_close(struct wire *wire);

uint16_t wire_port(const struct wire *wire);

/* Readable when wire_turn() has something to do. */
int wire_fd(const struct wire *wire);
void wire_turn(struct wire *wire, uint64_t mono_ms);

/* Sends one message. Returns 0, or a negative errno: -EHOSTUNREACH for an address that is not
 * numeric, -EMSGSIZE, -ENFILE at WIRE_CONNECTIONS_MAX, the socket's own. */
int wire_send(struct wire *wire, const struct wire_peer *peer, const char *bytes, size_t length);

const struct wire_counts *wire_count(const struct wire *wire);

#endif
