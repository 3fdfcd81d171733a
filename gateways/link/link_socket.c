/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/link_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <zmq.h>

#include "proto/codec.h"

enum {
    EAGER_MS = 15 /* and up to as much again by chance */
};

struct link_socket {
    struct link_socket_settings settings;
    void *context;
    void *sides[LINK_SOCKET_SIDES];
};

static bool set_number(void *side, int option, int value)
{
    return zmq_setsockopt(side, option, &value, sizeof value) == 0;
}

static bool set_text(void *side, int option, const char *text, size_t size)
{
    return zmq_setsockopt(side, option, text, size) == 0;
}

/* No ZMQ_HEARTBEAT_* here: libzmq 4.3.4 can abort a connecting process (zeromq/libzmq #3937). */
static bool set_options(const struct link_socket *socket, void *side)
{
    int64_t frame_max = FRAME_MAX_BYTES;
    bool eager = socket->settings.eager;
    return set_number(side, ZMQ_LINGER, 0) && set_number(side, ZMQ_SNDHWM, 1000) &&
           set_number(side, ZMQ_RCVHWM, 10000) &&
           set_number(side, ZMQ_RECONNECT_IVL, eager ? EAGER_MS : 50) &&
           set_number(side, ZMQ_RECONNECT_IVL_MAX, eager ? 0 : 500) && /* 0: it does not grow */
           set_number(side, ZMQ_HANDSHAKE_IVL, 2000) && set_number(side, ZMQ_TCP_KEEPALIVE, 1) &&
           zmq_setsockopt(side, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0 &&
           set_text(side, ZMQ_CURVE_SERVERKEY, socket->settings.server_public, 41) &&
           set_text(side, ZMQ_CURVE_PUBLICKEY, socket->settings.public_key, 41) &&
           set_text(side, ZMQ_CURVE_SECRETKEY, socket->settings.secret_key, 41);
}

int link_socket_reconnect(struct link_socket *socket)
{
    if (socket->sides[LINK_SOCKET_COMMANDS])
        (void)zmq_close(socket->sides[LINK_SOCKET_COMMANDS]);
    void *dealer = socket->sides[LINK_SOCKET_COMMANDS] = zmq_socket(socket->context, ZMQ_DEALER);
    if (!dealer)
        return -ENOMEM;
    bool good = set_options(socket, dealer) && set_number(dealer, ZMQ_IMMEDIATE, 1) &&
                zmq_connect(dealer, socket->settings.endpoint) == 0;
    return good ? 0 : -EINVAL;
}

int link_socket_subscribe(struct link_socket *socket, const char *endpoint)
{
    if (socket->sides[LINK_SOCKET_EVENTS])
        (void)zmq_close(socket->sides[LINK_SOCKET_EVENTS]);
    void *sub = socket->sides[LINK_SOCKET_EVENTS] = zmq_socket(socket->context, ZMQ_SUB);
    if (!sub)
        return -ENOMEM;
    bool good = set_options(socket, sub) && set_text(sub, ZMQ_SUBSCRIBE, "", 0) &&
                zmq_connect(sub, endpoint) == 0;
    return good ? 0 : -EINVAL;
}

int link_socket_open(struct link_socket **socket, const struct link_socket_settings *settings)
{
    struct link_socket *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = *settings;
    fresh->context = zmq_ctx_new();
    int status = fresh->context ? link_socket_reconnect(fresh) : -ENOMEM;
    if (status < 0) {
        link_socket_close(fresh);
        return status;
    }
    *socket = fresh;
    return 0;
}

void link_socket_close(struct link_socket *socket)
{
    if (!socket)
        return;
    for (int i = 0; i < LINK_SOCKET_SIDES; i++)
        if (socket->sides[i])
            (void)zmq_close(socket->sides[i]);
    if (socket->context)
        (void)zmq_ctx_term(socket->context);
    free(socket);
}

int link_socket_fd(const struct link_socket *socket, enum link_socket_side side)
{
    int fd = -1;
    size_t size = sizeof fd;
    if (socket->sides[side])
        (void)zmq_getsockopt(socket->sides[side], ZMQ_FD, &fd, &size);
    return fd;
}

int link_socket_send(struct link_socket *socket, const uint8_t *bytes, size_t size)
{
    int done;
    do
        done = zmq_send(socket->sides[LINK_SOCKET_COMMANDS], bytes, size, ZMQ_DONTWAIT);
    while (done < 0 && zmq_errno() == EINTR);
    return done < 0 ? -EAGAIN : 0;
}

int link_socket_receive(struct link_socket *socket, enum link_socket_side side, uint8_t *bytes,
                        size_t room)
{
    void *from = socket->sides[side];
    if (!from)
        return -EAGAIN;
    int size, more = 0;
    do
        size = zmq_recv(from, bytes, room, ZMQ_DONTWAIT);
    while (size < 0 && zmq_errno() == EINTR);
    if (size < 0)
        return -EAGAIN;
    bool single = true;
    for (;;) {
        size_t more_size = sizeof more;
        if (zmq_getsockopt(from, ZMQ_RCVMORE, &more, &more_size) < 0 || !more)
            break;
        single = false;
        (void)zmq_recv(from, bytes, room, ZMQ_DONTWAIT);
    }
    return single && (size_t)size <= room ? size : -EMSGSIZE;
}
