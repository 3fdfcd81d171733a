/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/require.h"
#include "base/text.h"
#include "dispatcher/io/bus.h"
#include "gateways/link/link_socket.h"
#include "proto/schema.h"
#include "tests/sim/sim.h"
#include "tests/sim/wire.h"

enum {
    CONNECTIONS_MAX = 16,
    INBOX_MAX = 65536
};

struct packet {
    struct packet *next;
    uint32_t route; /* of the sender, in the bus's inbox */
    uint32_t size;
    uint8_t bytes[];
};

struct inbox {
    struct packet *first, *last;
    uint32_t count;
};

struct link_socket {
    struct port *port;
    uint32_t number; /* of the connection, new with each */
    uint32_t route;  /* what the present bus calls it, 0: nothing yet */
    bool subscribed;
    int fds[LINK_SOCKET_SIDES];
    struct inbox inboxes[LINK_SOCKET_SIDES];
    uint64_t sent_ms, received_ms[LINK_SOCKET_SIDES]; /* frames do not overtake but by fault */
};

struct bus {
    int fd;
    struct inbox inbox;
    struct bus_counts counts;
};

/* A frame on its way. */
struct flight {
    uint32_t connection; /* its number */
    bool to_node;
    enum link_socket_side side;
    uint64_t life; /* of the node */
    struct packet *packet;
};

static struct {
    struct sim *sim;
    struct port *opening;
    struct link_socket *sockets[CONNECTIONS_MAX];
    struct bus *bus;
    uint32_t connections, routes;
    uint64_t life, late_ms;
} network;

void network_open(struct sim *sim)
{
    memset(&network, 0, sizeof network);
    network.sim = sim;
}

static void empty(struct inbox *inbox)
{
    for (struct packet *packet = inbox->first; packet;) {
        struct packet *next = packet->next;
        free(packet);
        packet = next;
    }
    *inbox = (struct inbox){ NULL, NULL, 0 };
}

void network_close(void)
{
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        REQUIRE(!network.sockets[i]);
}

void network_opens(struct port *port)
{
    network.opening = port;
}

void network_node_died(void)
{
    network.life++;
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        if (network.sockets[i])
            network.sockets[i]->route = 0;
}

void network_commit_took(uint64_t ms)
{
    network.late_ms = ms;
}

/* ---- frames ---------------------------------------------------------------------------------- */

static struct packet *packet_of(const uint8_t *bytes, size_t size)
{
    struct packet *packet = malloc(sizeof *packet + size);
    REQUIRE(packet);
    *packet = (struct packet){ .size = (uint32_t)size };
    memcpy(packet->bytes, bytes, size);
    return packet;
}

static void push(struct inbox *inbox, struct packet *packet)
{
    if (inbox->count == INBOX_MAX) {
        free(packet); /* a queue's high-water mark */
        return;
    }
    packet->next = NULL;
    if (inbox->last)
        inbox->last->next = packet;
    else
        inbox->first = packet;
    inbox->last = packet;
    inbox->count++;
}

static int pop(struct inbox *inbox, uint8_t *bytes, size_t room, uint32_t *route)
{
    struct packet *packet = inbox->first;
    if (!packet)
        return -EAGAIN;
    inbox->first = packet->next;
    if (!inbox->first)
        inbox->last = NULL;
    inbox->count--;
    int size = packet->size <= room ? (int)packet->size : -EMSGSIZE;
    if (size > 0)
        memcpy(bytes, packet->bytes, packet->size);
    if (route)
        *route = packet->route;
    free(packet);
    return size;
}

static struct link_socket *socket_of(uint32_t connection)
{
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        if (network.sockets[i] && network.sockets[i]->number == connection)
            return network.sockets[i];
    return NULL;
}

static bool is_cut(const struct port *port, bool to_node)
{
    enum port_way open = to_node ? PORT_FROM_DISPATCHER : PORT_TO_DISPATCHER;
    return network.sim->kernel.now_ms < port->cut_until_ms && port->cut_way != open;
}

static void land(void *owner, uint64_t what)
{
    struct flight *flight = owner;
    struct link_socket *socket = socket_of(flight->connection);
    struct sim *sim = network.sim;
    (void)what;
    bool cut = socket && is_cut(socket->port, flight->to_node);
    if (!socket || cut || (!flight->to_node && flight->life != network.life)) {
        free(flight->packet);
    } else if (!flight->to_node) {
        push(&socket->inboxes[flight->side], flight->packet);
        wire_wake(socket->port);
    } else if (network.bus && flight->life == network.life) {
        if (!socket->route)
            socket->route = ++network.routes;
        flight->packet->route = socket->route;
        push(&network.bus->inbox, flight->packet);
        node_poke(&sim->node);
    } else {
        free(flight->packet);
    }
    free(flight);
}

/* A greeting out of turn would be another protocol: ZeroMQ keeps a connection's order. */
static bool is_greeting(const uint8_t *bytes)
{
    return bytes[0] == (FRAME_HELLO << 3 | 2) || bytes[0] == (FRAME_WELCOME << 3 | 2);
}

static void fly(struct link_socket *socket, bool to_node, enum link_socket_side side,
                const uint8_t *bytes, size_t size)
{
    struct kernel *kernel = &network.sim->kernel;
    const struct swarm *swarm = &network.sim->swarm;
    uint64_t *last_ms = to_node ? &socket->sent_ms : &socket->received_ms[side];
    bool plain = is_greeting(bytes);
    if (is_cut(socket->port, to_node) || kernel_chance(kernel, STREAM_NETWORK, swarm->loss / 4))
        return;
    bool twice = !plain && kernel_chance(kernel, STREAM_NETWORK, swarm->repeats / 4);
    for (uint32_t i = 0; i < 1U + twice; i++) {
        uint64_t delay = kernel_wait(kernel, STREAM_NETWORK, swarm->delay_ms);
        if (kernel_chance(kernel, STREAM_NETWORK, (uint32_t)swarm->slow_permille))
            delay *= 20;
        if (!to_node)
            delay += network.late_ms;
        uint64_t at_ms = kernel->now_ms + delay;
        bool overtakes = !plain && kernel_chance(kernel, STREAM_NETWORK, swarm->reorders / 4);
        if (at_ms < *last_ms && !overtakes)
            at_ms = *last_ms;
        if (at_ms > *last_ms)
            *last_ms = at_ms;
        struct flight *flight = malloc(sizeof *flight);
        REQUIRE(flight);
        *flight =
            (struct flight){ socket->number, to_node, side, network.life, packet_of(bytes, size) };
        kernel_plan(kernel, at_ms - kernel->now_ms, land, flight, 0);
    }
}

/* ---- the links' end -------------------------------------------------------------------------- */

int link_socket_open(struct link_socket **socket, const struct link_socket_settings *settings)
{
    struct link_socket *fresh = calloc(1, sizeof *fresh);
    (void)settings;
    if (!fresh)
        return -ENOMEM;
    REQUIRE(network.opening);
    fresh->port = network.opening;
    fresh->number = ++network.connections;
    for (int side = 0; side < LINK_SOCKET_SIDES; side++)
        fresh->fds[side] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        if (!network.sockets[i]) {
            network.sockets[i] = fresh;
            *socket = fresh;
            return 0;
        }
    REQUIRE(!"too many connections");
    return -ENOMEM;
}

void link_socket_close(struct link_socket *socket)
{
    if (!socket)
        return;
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        if (network.sockets[i] == socket)
            network.sockets[i] = NULL;
    for (int side = 0; side < LINK_SOCKET_SIDES; side++) {
        empty(&socket->inboxes[side]);
        (void)close(socket->fds[side]);
    }
    free(socket);
}

int link_socket_reconnect(struct link_socket *socket)
{
    socket->number = ++network.connections;
    socket->route = 0;
    empty(&socket->inboxes[LINK_SOCKET_COMMANDS]);
    return 0;
}

int link_socket_subscribe(struct link_socket *socket, const char *endpoint)
{
    (void)endpoint;
    socket->subscribed = true;
    return 0;
}

int link_socket_fd(const struct link_socket *socket, enum link_socket_side side)
{
    return socket->fds[side];
}

int link_socket_send(struct link_socket *socket, const uint8_t *bytes, size_t size)
{
    fly(socket, true, LINK_SOCKET_COMMANDS, bytes, size);
    return 0;
}

int link_socket_receive(struct link_socket *socket, enum link_socket_side side, uint8_t *bytes,
                        size_t room)
{
    return pop(&socket->inboxes[side], bytes, room, NULL);
}

/* ---- the dispatcher's end --------------------------------------------------------------------- */

int bus_open(struct bus **bus, const struct bus_settings *settings)
{
    (void)settings;
    network.bus = calloc(1, sizeof *network.bus);
    if (!network.bus)
        return -ENOMEM;
    network.bus->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    *bus = network.bus;
    return 0;
}

void bus_close(struct bus *bus)
{
    if (!bus)
        return;
    empty(&bus->inbox);
    (void)close(bus->fd);
    free(bus);
    network.bus = NULL;
}

int bus_fd(const struct bus *bus)
{
    return bus->fd;
}

static struct link_socket *socket_of_route(const uint8_t route[BUS_ROUTE_BYTES])
{
    uint32_t number;
    memcpy(&number, route + 1, sizeof number);
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        if (number && network.sockets[i] && network.sockets[i]->route == number)
            return network.sockets[i];
    return NULL;
}

int bus_receive(struct bus *bus, struct bus_sender *sender, uint8_t *bytes, size_t room)
{
    uint32_t route = 0;
    for (;;) {
        int size = pop(&bus->inbox, bytes, room, &route);
        if (size < 0)
            return size;
        *sender = (struct bus_sender){ .route = { 0 } };
        memcpy(sender->route + 1, &route, sizeof route);
        const struct link_socket *socket = socket_of_route(sender->route);
        if (!socket)
            continue; /* its connection is gone by now */
        (void)text_copy(sender->name, sizeof sender->name, socket->port->name);
        return size;
    }
}

bool bus_waits(struct bus *bus)
{
    return bus->inbox.first != NULL;
}

int bus_send(struct bus *bus, const uint8_t route[BUS_ROUTE_BYTES], const uint8_t *bytes,
             size_t size)
{
    struct link_socket *socket = socket_of_route(route);
    (void)bus;
    if (!socket)
        return -EHOSTUNREACH;
    fly(socket, false, LINK_SOCKET_COMMANDS, bytes, size);
    return 0;
}

void bus_publish(struct bus *bus, const uint8_t *bytes, size_t size)
{
    (void)bus;
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++)
        if (network.sockets[i] && network.sockets[i]->subscribed)
            fly(network.sockets[i], false, LINK_SOCKET_EVENTS, bytes, size);
}

void bus_part(struct bus *bus, uint8_t (*routes)[BUS_ROUTE_BYTES], unsigned count,
              const uint8_t *bytes, size_t size)
{
    for (unsigned i = 0; i < count; i++)
        (void)bus_send(bus, routes[i], bytes, size);
}

int bus_look_at_keys(struct bus *bus, bool anyway)
{
    (void)bus, (void)anyway;
    return 0;
}

void bus_count(struct bus *bus, struct bus_counts *counts)
{
    *counts = bus->counts;
}
