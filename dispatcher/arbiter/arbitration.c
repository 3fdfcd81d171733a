/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/arbiter/arbitration.h"

#include <errno.h>
#include <stdlib.h>

#include <zmq.h>

enum {
    SILENT_MS = 3000, /* an arbiter that was not heard so long is away */
    RULINGS_AT_ONCE = 64
};

struct arbitration {
    void *context, *socket;
    struct pleader pleader;
};

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

static int connect_socket(struct arbitration *arbitration, const char *endpoint,
                          const struct curve_keys *keys, const char *server_public)
{
    void *socket = arbitration->socket = zmq_socket(arbitration->context, ZMQ_DEALER);
    bool good = socket && set_number(socket, ZMQ_LINGER, 0) &&
                set_number(socket, ZMQ_IMMEDIATE, 1) && set_number(socket, ZMQ_SNDHWM, 16) &&
                set_number(socket, ZMQ_RECONNECT_IVL, 50) &&
                set_number(socket, ZMQ_RECONNECT_IVL_MAX, 500) &&
                set_number(socket, ZMQ_HEARTBEAT_IVL, 500) &&
                set_number(socket, ZMQ_HEARTBEAT_TIMEOUT, 1500) &&
                zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_public, 41) == 0 &&
                zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, 41) == 0 &&
                zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 41) == 0 &&
                zmq_connect(socket, endpoint) == 0;
    return good ? 0 : -EINVAL;
}

int arbitration_open(struct arbitration **arbitration, const char *home, const char *endpoint,
                     const struct curve_keys *keys, const char *name, uint64_t epoch)
{
    char server_public[KEYS_Z85_BYTES];
    int status = keys_read_public(home, "arbiter", server_public);
    if (status < 0)
        return status;
    struct arbitration *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    pleader_init(&fresh->pleader, name, epoch);
    fresh->context = zmq_ctx_new();
    status = fresh->context ? connect_socket(fresh, endpoint, keys, server_public) : -ENOMEM;
    if (status < 0) {
        arbitration_close(fresh);
        return status;
    }
    *arbitration = fresh;
    return 0;
}

void arbitration_close(struct arbitration *arbitration)
{
    if (!arbitration)
        return;
    if (arbitration->socket)
        (void)zmq_close(arbitration->socket);
    if (arbitration->context)
        (void)zmq_ctx_term(arbitration->context);
    free(arbitration);
}

void *arbitration_socket(const struct arbitration *arbitration)
{
    return arbitration->socket;
}

void arbitration_turn(struct arbitration *arbitration, uint64_t mono_ms)
{
    uint8_t bytes[RULING_BYTES + 1];
    struct ruling ruling;
    struct plea plea;
    for (int i = 0; i < RULINGS_AT_ONCE; i++) {
        int size = zmq_recv(arbitration->socket, bytes, sizeof bytes, ZMQ_DONTWAIT);
        if (size < 0)
            break;
        if (ruling_read(bytes, (size_t)size, &ruling))
            pleader_hear(&arbitration->pleader, &ruling, mono_ms);
    }
    if (!pleader_due(&arbitration->pleader, mono_ms, &plea))
        return;
    plea_write(bytes, &plea);
    /* While there is no connection it is refused, and said again. */
    (void)zmq_send(arbitration->socket, bytes, PLEA_BYTES, ZMQ_DONTWAIT);
}

struct pleader *arbitration_pleader(struct arbitration *arbitration)
{
    return &arbitration->pleader;
}

bool arbitration_answers(const struct arbitration *arbitration, uint64_t mono_ms)
{
    uint64_t heard_ms = arbitration->pleader.heard_ms;
    return heard_ms != 0 && mono_ms - heard_ms < SILENT_MS;
}
