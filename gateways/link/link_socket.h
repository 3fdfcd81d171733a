/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * link_socket: the ZeroMQ side of a link, the only file of it that sees zmq.h. A DEALER for
 * commands, a SUB for events, CURVE on both. Nothing here is certain: a frame that was sent may be
 * lost; link.c decides what to send again. */
#ifndef GATEWAYS_LINK_LINK_SOCKET_H
#define GATEWAYS_LINK_LINK_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_socket;

struct link_socket_settings {
    const char *endpoint; /* of the dispatcher's commands */
    const char *server_public;
    const char *public_key; /* z85, 40 characters */
    const char *secret_key;
    bool eager; /* there are two dispatchers: the one that begins to listen is found at once */
};

enum link_socket_side {
    LINK_SOCKET_COMMANDS,
    LINK_SOCKET_EVENTS,
    LINK_SOCKET_SIDES
};

/* Starts connecting. Returns 0 and *socket, -EINVAL for a bad key or endpoint, -ENOMEM. The
 * settings' strings are borrowed for the socket's life. */
int link_socket_open(struct link_socket **socket, const struct link_socket_settings *settings);
void link_socket_close(struct link_socket *socket);

/* Throws away the commands' connection with everything queued in it and connects anew. */
int link_socket_reconnect(struct link_socket *socket);

/* Subscribes to all events of this endpoint; an earlier subscription ends. */
int link_socket_subscribe(struct link_socket *socket, const char *endpoint);

/* Edge-triggered: readable says no more than "call link_socket_receive() until it has nothing".
 * Returns -1 while the side is closed. A new descriptor after reconnect and subscribe. */
int link_socket_fd(const struct link_socket *socket, enum link_socket_side side);

/* Returns 0, or -EAGAIN when there is no connection or its queue is full. */
int link_socket_send(struct link_socket *socket, const uint8_t *bytes, size_t size);

/* Returns the size of a single-part message, -EAGAIN when nothing waits, -EMSGSIZE for one that is
 * too long or has several parts (it is gone). */
int link_socket_receive(struct link_socket *socket, enum link_socket_side side, uint8_t *bytes,
                        size_t room);

#endif
