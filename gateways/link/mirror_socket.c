/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/mirror_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <zmq.h>

#include "base/log.h"
#include "base/text.h"

enum {
    KEY_BYTES = 41,
    ROUTE_BYTES = 64,
    ZAP_PARTS = 7, /* RFC 27: version, request, domain, address, identity, mechanism, credentials */
    ZAP_REQUEST = 1,
    ZAP_CREDENTIALS = 6,
    ZAP_PART_BYTES = 256
};

struct mirror_socket {
    char public_key[KEY_BYTES];
    char secret_key[KEY_BYTES];
    void *context;
    void *socket;
    void *judge; /* NULL on the side that calls */
    char route[ROUTE_BYTES];
    size_t route_size; /* 0: nobody has spoken yet */
    struct log_limit refused;
};

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static bool set_key(void *socket, int option, const char *key)
{
    return zmq_setsockopt(socket, option, key, KEY_BYTES) == 0;
}

static bool set_options(const struct mirror_socket *mirror)
{
    int64_t longest = MIRROR_WORDS_MAX;
    return set_number(mirror->socket, ZMQ_LINGER, 0) &&
           set_number(mirror->socket, ZMQ_SNDHWM, MIRROR_QUEUE) &&
           set_number(mirror->socket, ZMQ_RCVHWM, MIRROR_QUEUE) &&
           set_number(mirror->socket, ZMQ_HANDSHAKE_IVL, 2000) &&
           zmq_setsockopt(mirror->socket, ZMQ_MAXMSGSIZE, &longest, sizeof longest) == 0 &&
           set_key(mirror->socket, ZMQ_CURVE_PUBLICKEY, mirror->public_key) &&
           set_key(mirror->socket, ZMQ_CURVE_SECRETKEY, mirror->secret_key);
}

static int open(struct mirror_socket **mirror, const struct mirror_socket_settings *settings,
                int kind)
{
    struct mirror_socket *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    *mirror = fresh;
    if (!text_copy(fresh->public_key, KEY_BYTES, settings->public_key) ||
        !text_copy(fresh->secret_key, KEY_BYTES, settings->secret_key))
        return -EINVAL;
    fresh->context = zmq_ctx_new();
    fresh->socket = fresh->context ? zmq_socket(fresh->context, kind) : NULL;
    if (!fresh->socket)
        return -ENOMEM;
    return set_options(fresh) ? 0 : -EINVAL;
}

static int settle(struct mirror_socket **mirror, struct mirror_socket *fresh, int status)
{
    if (status < 0)
        mirror_socket_close(fresh);
    else
        *mirror = fresh;
    return status;
}

int mirror_socket_listen(struct mirror_socket **mirror,
                         const struct mirror_socket_settings *settings)
{
    struct mirror_socket *fresh = NULL;
    int status = open(&fresh, settings, ZMQ_ROUTER);
    if (status == 0) { /* who judges is there before anybody can knock */
        fresh->judge = zmq_socket(fresh->context, ZMQ_REP);
        bool good = fresh->judge && zmq_bind(fresh->judge, "inproc://zeromq.zap.01") == 0 &&
                    set_number(fresh->socket, ZMQ_CURVE_SERVER, 1) &&
                    zmq_setsockopt(fresh->socket, ZMQ_ZAP_DOMAIN, "mirror", 6) == 0 &&
                    set_number(fresh->socket, ZMQ_ROUTER_MANDATORY, 1) &&
                    zmq_bind(fresh->socket, settings->endpoint) == 0;
        status = good ? 0 : zmq_errno() == EADDRINUSE ? -EADDRINUSE : -EINVAL;
    }
    return settle(mirror, fresh, status);
}

int mirror_socket_call(struct mirror_socket **mirror, const struct mirror_socket_settings *settings)
{
    struct mirror_socket *fresh = NULL;
    int status = open(&fresh, settings, ZMQ_DEALER);
    if (status == 0) { /* no ZMQ_HEARTBEAT_*: link_socket.c */
        bool good = set_key(fresh->socket, ZMQ_CURVE_SERVERKEY, fresh->public_key) &&
                    set_number(fresh->socket, ZMQ_IMMEDIATE, 1) &&
                    set_number(fresh->socket, ZMQ_RECONNECT_IVL, 50) &&
                    set_number(fresh->socket, ZMQ_RECONNECT_IVL_MAX, 500) &&
                    zmq_connect(fresh->socket, settings->endpoint) == 0;
        status = good ? 0 : -EINVAL;
    }
    return settle(mirror, fresh, status);
}

void mirror_socket_close(struct mirror_socket *mirror)
{
    if (!mirror)
        return;
    if (mirror->socket)
        (void)zmq_close(mirror->socket);
    if (mirror->judge)
        (void)zmq_close(mirror->judge);
    if (mirror->context)
        (void)zmq_ctx_term(mirror->context);
    sodium_memzero(mirror, sizeof *mirror);
    free(mirror);
}

int mirror_socket_fd(const struct mirror_socket *mirror)
{
    int fd = -1;
    size_t size = sizeof fd;
    (void)zmq_getsockopt(mirror->socket, ZMQ_FD, &fd, &size);
    return fd;
}

static bool more_of(void *socket)
{
    int more = 0;
    size_t size = sizeof more;
    return zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) == 0 && more;
}

/* The rest of a message that is not what it should be. */
static void drop_rest(void *socket)
{
    char rest[1];
    while (more_of(socket))
        (void)zmq_recv(socket, rest, sizeof rest, ZMQ_DONTWAIT);
}

/* Holds the gateway's own key, and no other, for the twin's. */
static bool is_own(const struct mirror_socket *mirror, const char *credentials, int size)
{
    char key[KEY_BYTES];
    return size == 32 && zmq_z85_encode(key, (const uint8_t *)credentials, 32) &&
           sodium_memcmp(key, mirror->public_key, KEY_BYTES) == 0;
}

static void judge_one(struct mirror_socket *mirror, char parts[ZAP_PARTS][ZAP_PART_BYTES],
                      const int sizes[ZAP_PARTS], int count)
{
    bool good = count == ZAP_PARTS && strcmp(parts[ZAP_CREDENTIALS - 1], "CURVE") == 0 &&
                is_own(mirror, parts[ZAP_CREDENTIALS], sizes[ZAP_CREDENTIALS]);
    size_t id =
        count > ZAP_REQUEST && sizes[ZAP_REQUEST] < ZAP_PART_BYTES ? (size_t)sizes[ZAP_REQUEST] : 0;
    if (!good && log_allowed(&mirror->refused))
        log_warn("refuse a twin with another key");
    (void)zmq_send(mirror->judge, "1.0", 3, ZMQ_SNDMORE);
    (void)zmq_send(mirror->judge, parts[ZAP_REQUEST], id, ZMQ_SNDMORE);
    (void)zmq_send(mirror->judge, good ? "200" : "400", 3, ZMQ_SNDMORE);
    (void)zmq_send(mirror->judge, "", 0, ZMQ_SNDMORE);
    (void)zmq_send(mirror->judge, "", 0, ZMQ_SNDMORE);
    (void)zmq_send(mirror->judge, "", 0, 0);
}

void mirror_socket_turn(struct mirror_socket *mirror)
{
    while (mirror->judge) {
        char parts[ZAP_PARTS][ZAP_PART_BYTES] = { { 0 } };
        int sizes[ZAP_PARTS] = { 0 }, count = 0;
        do {
            int size = zmq_recv(mirror->judge, parts[count], ZAP_PART_BYTES - 1, ZMQ_DONTWAIT);
            if (size < 0)
                return;
            sizes[count++] = size;
        } while (count < ZAP_PARTS && more_of(mirror->judge));
        drop_rest(mirror->judge);
        judge_one(mirror, parts, sizes, count);
    }
}

int mirror_socket_send(struct mirror_socket *mirror, const uint8_t *bytes, size_t size)
{
    if (mirror->judge) {
        if (mirror->route_size == 0 || zmq_send(mirror->socket, mirror->route, mirror->route_size,
                                                ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
            return -EAGAIN;
    }
    return zmq_send(mirror->socket, bytes, size, ZMQ_DONTWAIT) < 0 ? -EAGAIN : 0;
}

/* Who speaks last is whom we answer: a twin that was started anew has another route. */
static bool receive_route(struct mirror_socket *mirror)
{
    char route[ROUTE_BYTES];
    int size = zmq_recv(mirror->socket, route, sizeof route, ZMQ_DONTWAIT);
    if (size < 0)
        return false;
    mirror->route_size = (size_t)size <= sizeof route ? (size_t)size : 0;
    memcpy(mirror->route, route, mirror->route_size);
    return true;
}

int mirror_socket_receive(struct mirror_socket *mirror, uint8_t bytes[MIRROR_WORDS_MAX])
{
    if (mirror->judge && !receive_route(mirror))
        return -EAGAIN;
    int size = zmq_recv(mirror->socket, bytes, MIRROR_WORDS_MAX, ZMQ_DONTWAIT);
    if (size < 0)
        return -EAGAIN;
    drop_rest(mirror->socket);
    return size <= MIRROR_WORDS_MAX ? size : 0;
}
