/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/bus.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory_fault.h"
#include "base/text.h"
#include "dispatcher/io/zap.h"
#include "proto/codec.h"

enum {
    BIND_TRIES = 400,
    BIND_WAIT_MS = 5
};

struct bus {
    char home[200], commands[96], events[96], name[KEYS_NAME_BYTES];
    struct curve_keys keys;
    void *context;
    struct zap *zap;
    void *router;
    void *publisher;
    struct bus_counts counts;
    struct log_limit log_route, log_shape;
};

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof value) == 0;
}

/* Heartbeats are the application's own; on a bound side ZMTP's help to find dead peers as well. */
static bool set_options(void *socket, const struct curve_keys *keys, const char *domain)
{
    int64_t frame_max = FRAME_MAX_BYTES;
    return set_number(socket, ZMQ_LINGER, 0) && set_number(socket, ZMQ_SNDHWM, 10000) &&
           set_number(socket, ZMQ_RCVHWM, 10000) && set_number(socket, ZMQ_HANDSHAKE_IVL, 2000) &&
           set_number(socket, ZMQ_TCP_KEEPALIVE, 1) && set_number(socket, ZMQ_CURVE_SERVER, 1) &&
           zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) == 0 &&
           zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0 &&
           zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 41) == 0;
}

/* A socket that was closed a moment ago may still hold the port. */
static int bind_soon(void *socket, const char *endpoint)
{
    int status = -EADDRINUSE;
    for (int i = 0; i < BIND_TRIES && status == -EADDRINUSE; i++) {
        if (i > 0)
            (void)poll(NULL, 0, BIND_WAIT_MS);
        status = zmq_bind(socket, endpoint) < 0 ? -zmq_errno() : 0;
    }
    return status;
}

static int bind_router(struct bus *bus, int (*bind_it)(void *socket, const char *endpoint))
{
    bus->router = zmq_socket(bus->context, ZMQ_ROUTER);
    if (!bus->router)
        return -ENOMEM;
    if (!set_options(bus->router, &bus->keys, "yihao") ||
        !set_number(bus->router, ZMQ_ROUTER_MANDATORY, 1))
        return -EINVAL;
    return bind_it(bus->router, bus->commands);
}

static int bind_publisher(struct bus *bus, int (*bind_it)(void *socket, const char *endpoint))
{
    bus->publisher = zmq_socket(bus->context, ZMQ_XPUB);
    if (!bus->publisher)
        return -ENOMEM;
    if (!set_options(bus->publisher, &bus->keys, ZAP_EVENTS))
        return -EINVAL;
    return bind_it(bus->publisher, bus->events);
}

/* At the start a port that somebody else has is an error at once. */
static int bind_now(void *socket, const char *endpoint)
{
    return zmq_bind(socket, endpoint) < 0 ? -zmq_errno() : 0;
}

static int bind_anew(struct bus *bus)
{
    (void)zmq_close(bus->router);
    (void)zmq_close(bus->publisher);
    bus->router = bus->publisher = NULL;
    int status = bind_router(bus, bind_soon);
    return status == 0 ? bind_publisher(bus, bind_soon) : status;
}

int bus_look_at_keys(struct bus *bus, bool anyway)
{
    struct curve_keys own;
    if (!anyway && !zap_is_stale(bus->zap))
        return 0;
    int status = zap_reload(bus->zap);
    if (status < 0 || keys_read_curve(bus->home, bus->name, &own) < 0)
        return status < 0 ? status : -EBADMSG;
    bool renewed = memcmp(&own, &bus->keys, sizeof own) != 0;
    bus->keys = own;
    explicit_bzero(&own, sizeof own);
    if (status == 0 && !renewed)
        return 0;
    log_info("keys changed: all programs connect anew own=%d", renewed);
    status = bind_anew(bus);
    return status == 0 ? 1 : status;
}

int bus_open(struct bus **bus, const struct bus_settings *settings)
{
    struct bus *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    memory_fault_begin(
        "the bus could not be opened"); /* its first context looks up names by glibc */
    fresh->context = zmq_ctx_new();
    memory_fault_end();
    fresh->keys = settings->keys;
    bool fits = text_copy(fresh->home, sizeof fresh->home, settings->home) &&
                text_copy(fresh->commands, sizeof fresh->commands, settings->commands) &&
                text_copy(fresh->events, sizeof fresh->events, settings->events) &&
                text_copy(fresh->name, sizeof fresh->name, settings->name);
    int status = !fits            ? -ENAMETOOLONG
                 : fresh->context ? zap_open(&fresh->zap, fresh->context, fresh->home,
                                             settings->hears, settings->owner)
                                  : -ENOMEM;
    if (status == 0)
        status = bind_router(fresh, bind_now);
    if (status == 0)
        status = bind_publisher(fresh, bind_now);
    if (status < 0) {
        bus_close(fresh);
        return status;
    }
    *bus = fresh;
    return 0;
}

void bus_close(struct bus *bus)
{
    if (!bus)
        return;
    if (bus->router)
        (void)zmq_close(bus->router);
    if (bus->publisher)
        (void)zmq_close(bus->publisher);
    if (bus->context)
        (void)zmq_ctx_shutdown(bus->context);
    zap_close(bus->zap);
    if (bus->context)
        (void)zmq_ctx_term(bus->context);
    free(bus);
}

int bus_fd(const struct bus *bus)
{
    int fd = -1;
    size_t size = sizeof fd;
    (void)zmq_getsockopt(bus->router, ZMQ_FD, &fd, &size);
    return fd;
}

/* Takes the parts behind the routing id; the last one stays in frame. Returns how many there were. */
static int take_parts(struct bus *bus, zmq_msg_t *frame)
{
    for (int parts = 0;; parts++) {
        int more = 0;
        size_t size = sizeof more;
        if (zmq_getsockopt(bus->router, ZMQ_RCVMORE, &more, &size) < 0 || !more)
            return parts;
        if (zmq_msg_recv(frame, bus->router, 0) < 0)
            return -EBADMSG;
    }
}

static int take_frame(struct bus *bus, zmq_msg_t *frame, bool given_route,
                      struct bus_sender *sender, uint8_t *bytes, size_t room)
{
    int parts = take_parts(bus, frame);
    size_t size = zmq_msg_size(frame);
    const char *name = parts > 0 ? zmq_msg_gets(frame, "User-Id") : NULL;
    if (parts != 1 || !name || size > room || !text_copy(sender->name, sizeof sender->name, name)) {
        bus->counts.misshapen++;
        if (log_allowed(&bus->log_shape))
            log_warn("drop frame of=%s parts=%d size=%zu", name ? name : "?", parts, size);
        return -EBADMSG;
    }
    if (!given_route) {
        bus->counts.own_route++;
        if (log_allowed(&bus->log_route))
            log_warn("drop frame of=%s: it chose its routing id", name);
        return -EPERM;
    }
    memcpy(bytes, zmq_msg_data(frame), size);
    bus->counts.received++;
    return (int)size;
}

int bus_receive(struct bus *bus, struct bus_sender *sender, uint8_t *bytes, size_t room)
{
    int route_size;
    uint8_t route[256]; /* a routing id has at most 255 bytes */
    do
        route_size = zmq_recv(bus->router, route, sizeof route, ZMQ_DONTWAIT);
    while (route_size < 0 && zmq_errno() == EINTR);
    if (route_size < 0)
        return -EAGAIN;
    bool given_route = route_size == BUS_ROUTE_BYTES && route[0] == 0;
    if (given_route)
        memcpy(sender->route, route, BUS_ROUTE_BYTES);
    zmq_msg_t frame;
    (void)zmq_msg_init(&frame);
    int size = take_frame(bus, &frame, given_route, sender, bytes, room);
    (void)zmq_msg_close(&frame);
    return size;
}

bool bus_waits(struct bus *bus)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(bus->router, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

int bus_send(struct bus *bus, const uint8_t route[BUS_ROUTE_BYTES], const uint8_t *bytes,
             size_t size)
{
    if (zmq_send(bus->router, route, BUS_ROUTE_BYTES, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
        if (zmq_errno() == EHOSTUNREACH) {
            bus->counts.unreachable++;
            return -EHOSTUNREACH;
        }
        bus->counts.full++;
        return -EAGAIN;
    }
    if (zmq_send(bus->router, bytes, size, ZMQ_DONTWAIT) < 0) {
        bus->counts.full++;
        return -EAGAIN;
    }
    bus->counts.sent++;
    return 0;
}

/* A send learns of connections that ended, and hears nothing: what is said here now, the twin is asked again. */
void bus_part(struct bus *bus, uint8_t (*routes)[BUS_ROUTE_BYTES], unsigned count,
              const uint8_t *bytes, size_t size)
{
    uint64_t until_ms = clock_mono_ms() + BUS_PART_MS;
    for (bool there = true; there && clock_mono_ms() < until_ms;) {
        there = false;
        for (unsigned i = 0; i < count; i++)
            there |= bus_send(bus, routes[i], bytes, size) != -EHOSTUNREACH;
        if (there)
            (void)poll(NULL, 0, BUS_PART_AGAIN_MS);
    }
}

/* Subscriptions come as messages of their own; nobody needs them. */
static void drain_subscriptions(struct bus *bus)
{
    char topic[64];
    while (zmq_recv(bus->publisher, topic, sizeof topic, ZMQ_DONTWAIT) >= 0)
        continue;
}

void bus_publish(struct bus *bus, const uint8_t *bytes, size_t size)
{
    drain_subscriptions(bus);
    if (zmq_send(bus->publisher, bytes, size, ZMQ_DONTWAIT) >= 0)
        bus->counts.published++;
}

void bus_count(struct bus *bus, struct bus_counts *counts)
{
    struct zap_counts keys;
    zap_count(bus->zap, &keys);
    *counts = bus->counts;
    counts->keys_admitted = keys.admitted;
    counts->keys_refused = keys.refused;
}
