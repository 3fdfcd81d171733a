/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/arbiter/arbitration.h"

#include <errno.h>
#include <stdlib.h>

#include <sodium.h>
#include <zmq.h>

#include "base/clock.h"
#include "dispatcher/io/curve_socket.h"

enum {
    SILENT_MS = 3000, /* an arbiter that was not heard so long is away */
    RULINGS_AT_ONCE = 64,
    QUEUE_MAX = 16
};

struct arbitration {
    void *context, *socket;
    const char *endpoint;
    struct curve_keys keys;
    char server_public[KEYS_Z85_BYTES];
    uint64_t connected_ms; /* since when it is tried on this connection */
    struct pleader pleader;
};

/* Throws away what is queued and connects anew. */
static int connect_anew(struct arbitration *arbitration, uint64_t mono_ms)
{
    if (arbitration->socket)
        (void)zmq_close(arbitration->socket);
    arbitration->connected_ms = mono_ms;
    void *socket = arbitration->socket = zmq_socket(arbitration->context, ZMQ_DEALER);
    bool good = socket &&
                curve_socket_asks(socket, &arbitration->keys, arbitration->server_public) &&
                curve_socket_set(socket, ZMQ_SNDHWM, QUEUE_MAX) &&
                zmq_connect(socket, arbitration->endpoint) == 0;
    return good ? 0 : -EINVAL;
}

int arbitration_open(struct arbitration **arbitration, const char *home, const char *endpoint,
                     const struct curve_keys *keys, const char *name, uint64_t epoch)
{
    struct arbitration *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    pleader_init(&fresh->pleader, name, epoch);
    fresh->endpoint = endpoint;
    fresh->keys = *keys;
    fresh->context = zmq_ctx_new();
    int status = keys_read_public(home, "arbiter", fresh->server_public);
    if (status == 0)
        status = fresh->context ? connect_anew(fresh, clock_mono_ms()) : -ENOMEM;
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
    sodium_memzero(&arbitration->keys, sizeof arbitration->keys);
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
    if (!arbitration_answers(arbitration, mono_ms) &&
        mono_ms >= arbitration->connected_ms + SILENT_MS)
        (void)connect_anew(arbitration, mono_ms); /* its machine may have gone without a word */
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
