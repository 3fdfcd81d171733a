/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/curve_socket.h"

#include <stdint.h>

#include <zmq.h>

enum {
    KEY_BYTES = 41,
    HANDSHAKE_MS = 2000
};

bool curve_socket_set(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

bool curve_socket_serves(void *socket, const struct curve_keys *keys)
{
    int64_t message_max = 4096; /* the handshake is the longest that is said to who serves */
    return curve_socket_set(socket, ZMQ_LINGER, 0) &&
           curve_socket_set(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
           curve_socket_set(socket, ZMQ_TCP_KEEPALIVE, 1) &&
           curve_socket_set(socket, ZMQ_CURVE_SERVER, 1) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max) == 0 &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "yihao", 5) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, KEY_BYTES) == 0;
}

bool curve_socket_asks(void *socket, const struct curve_keys *keys, const char *server_public)
{
    return curve_socket_set(socket, ZMQ_LINGER, 0) && curve_socket_set(socket, ZMQ_IMMEDIATE, 1) &&
           curve_socket_set(socket, ZMQ_RECONNECT_IVL, 50) &&
           curve_socket_set(socket, ZMQ_RECONNECT_IVL_MAX, 500) &&
           curve_socket_set(socket, ZMQ_TCP_KEEPALIVE, 1) &&
           zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_public, KEY_BYTES) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, KEY_BYTES) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, KEY_BYTES) == 0;
}
