/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wire: the sockets of SIP: one UDP socket, TCP connections on the same port and TLS connections on
 * another, each message framed and filtered (filter.h) before anybody sees it. Nothing blocks; no name
 * is ever resolved. A TLS connection that we make must prove the name of the other end (RFC 5922). */
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
    WIRE_RATE = 2000,         /* datagrams per source and second; the rest is dropped, counted */
    WIRE_GREET_MS = 5000,     /* for the TLS handshake; then the connection is closed */
    WIRE_RENEW_MS = 60000     /* how often certificate and key are looked at for new ones */
};

struct wire;

struct wire_peer {
    bool tcp; /* a connection, TLS included */
    bool tls;
    char ip[46];
    uint16_t port;
    uint32_t connection; /* TCP: the one it came by; 0: any, or a new one */
};

/* One message that passed the filter; bytes + filtered->skip is where it begins. Borrowed. */
typedef void wire_heard(void *owner, const struct wire_peer *peer, const char *bytes,
                        const struct filtered *filtered);

/* What the filter refused, whole; of a stream all that was read. True: it was understood all the same,
 * and a stream goes on behind it. Borrowed. */
typedef bool wire_refused(void *owner, const struct wire_peer *peer, const char *bytes,
                          size_t length, enum filter_cause cause);

struct wire_counts {
    uint64_t messages_in, messages_out, send_errors, flooded;
    uint64_t refused[FILTER_CAUSE_COUNT];
    uint64_t greetings_failed, renewals;
    uint32_t connections, secured;
};

struct wire_settings {
    const char *address;
    uint16_t port;      /* UDP and TCP; 0: any */
    uint16_t tls_port;  /* 0: any, when there is a server */
    struct tls *server; /* borrowed; NULL: nobody is heard over TLS */
    struct tls *client; /* borrowed; NULL: nobody is called over TLS */
    /* The name that the end at this address must prove; NULL, or the answer NULL: its address. */
    const char *(*name_of)(void *owner, const char *ip);
    void *name_owner;
    wire_refused *refused; /* its owner is wire_heard's; NULL: nobody asks */
};

/* Binds address:port. Returns 0 or a negative errno. */
int wire_open(struct wire **wire, const struct wire_settings *settings, wire_heard *heard,
              void *owner);
void wire_close(struct wire *wire);

uint16_t wire_port(const struct wire *wire);
uint16_t wire_tls_port(const struct wire *wire); /* 0: none */

/* The connection the peer names is open. */
bool wire_holds(const struct wire *wire, const struct wire_peer *peer);

/* Over the peer's connection its end showed a certificate for this name. */
bool wire_proves(const struct wire *wire, const struct wire_peer *peer, const char *name);

/* What is to go to port of the peer's address goes over the peer's connection from now on: a phone
 * that registered over a connection is called over it (RFC 5923). */
void wire_reuse(struct wire *wire, const struct wire_peer *peer, uint16_t port);

/* Readable when wire_turn() has something to do. */
int wire_fd(const struct wire *wire);
void wire_turn(struct wire *wire, uint64_t mono_ms);

/* Sends one message. Returns 0, or a negative errno: -EHOSTUNREACH for an address that is not
 * numeric, -EMSGSIZE, -ENFILE at WIRE_CONNECTIONS_MAX, -EPROTONOSUPPORT for TLS without settings for
 * it, the socket's own. */
int wire_send(struct wire *wire, const struct wire_peer *peer, const char *bytes, size_t length);

const struct wire_counts *wire_count(const struct wire *wire);

#endif
