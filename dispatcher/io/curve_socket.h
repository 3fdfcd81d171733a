/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * curve_socket: what the sockets between dispatchers, and to their arbiter, have in common: CURVE both ways, strangers
 * refused by ZAP (zap.h), a peer without a word let go. No ZMQ_HEARTBEAT_* here: libzmq 4.3.4 can abort a connecting process
 * (zeromq/libzmq #3937); who was not heard for too long is connected anew instead. */
#ifndef DISPATCHER_IO_CURVE_SOCKET_H
#define DISPATCHER_IO_CURVE_SOCKET_H

#include <stdbool.h>

#include "proto/keys.h"

/* Before zmq_bind() and zmq_connect(). Return false when libzmq takes one of the options not. */
bool curve_socket_serves(void *socket, const struct curve_keys *keys);
bool curve_socket_asks(void *socket, const struct curve_keys *keys, const char *server_public);

bool curve_socket_set(void *socket, int option, int value);

#endif
