/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"

/* Marks of the two shared sockets in epoll; connections are marked by their place. */
enum {
    MARK_UDP = WIRE_CONNECTIONS_MAX,
    MARK_LISTENER
};

struct connection {
    int fd; /* -1: free */
    uint32_t number;
    struct wire_peer peer;
    uint64_t heard_ms;
    bool waits_to_write;
    size_t in_length;
    size_t out_length;
    char in[FILTER_FRAME_BYTES];
    char *out; /* WIRE_QUEUE_BYTES, while something waits */
};

struct source {
    uint64_t hash;
    uint64_t second;
    uint32_t count;
};

struct wire {
    int epoll;
    int udp;
    int listener;
    int family;
    uint16_t port;
    uint32_t next_number;
    uint64_t now_ms;
    wire_heard *heard;
    void *owner;
    struct wire_counts counts;
    struct log_limit refused_lines;
    struct connection connections[WIRE_CONNECTIONS_MAX];
    struct source sources[WIRE_SOURCES];
};

/* ---- addresses --------------------------------------------------------------------------------- */

static int address_of(struct sockaddr_storage *storage, socklen_t *size, const char *ip,
                      uint16_t port)
{
    struct sockaddr_in *four = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    memset(storage, 0, sizeof *storage);
    if (inet_pton(AF_INET, ip, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        *size = sizeof *four;
        return 0;
    }
    if (inet_pton(AF_INET6, ip, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        *size = sizeof *six;
        return 0;
    }
    return -EHOSTUNREACH;
}

static void peer_of(struct wire_peer *peer, const struct sockaddr_storage *storage)
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    memset(peer, 0, sizeof *peer);
    if (storage->ss_family == AF_INET6) {
        memcpy(&six, storage, sizeof six);
        (void)inet_ntop(AF_INET6, &six.sin6_addr, peer->ip, sizeof peer->ip);
        peer->port = ntohs(six.sin6_port);
    } else {
        memcpy(&four, storage, sizeof four);
        (void)inet_ntop(AF_INET, &four.sin_addr, peer->ip, sizeof peer->ip);
        peer->port = ntohs(four.sin_port);
    }
}

/* ---- opening ----------------------------------------------------------------------------------- */

static int watch(const struct wire *wire, int fd, uint32_t mark, bool write)
{
    struct epoll_event event = { .events = EPOLLIN | (write ? (uint32_t)EPOLLOUT : 0U),
                                 .data.u32 = mark };
    if (epoll_ctl(wire->epoll, EPOLL_CTL_MOD, fd, &event) == 0)
        return 0;
    return epoll_ctl(wire->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : -errno;
}

static int bind_socket(int kind, const char *address, uint16_t port, int *fd)
{
    struct sockaddr_storage storage;
    socklen_t size;
    int status = address_of(&storage, &size, address, port), on = 1;
    if (status < 0)
        return status;
    *fd = socket(storage.ss_family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0)
        return -errno;
    if (kind == SOCK_STREAM)
        (void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(*fd, (struct sockaddr *)&storage, size) < 0)
        return -errno;
    return 0;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage storage = { 0 };
    struct wire_peer own;
    socklen_t size = sizeof storage;
    REQUIRE(getsockname(fd, (struct sockaddr *)&storage, &size) == 0);
    peer_of(&own, &storage);
    return own.port;
}

int wire_open(struct wire **wire, const char *address, uint16_t port, wire_heard *heard,
              void *owner)
{
    int status, room = 4 << 20;
    struct wire *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->udp = fresh->listener = -1;
    fresh->heard = heard;
    fresh->owner = owner;
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++)
        fresh->connections[i].fd = -1;
    fresh->family = strchr(address, ':') ? AF_INET6 : AF_INET;
    fresh->epoll = epoll_create1(EPOLL_CLOEXEC);
    status = fresh->epoll < 0 ? -errno : bind_socket(SOCK_DGRAM, address, port, &fresh->udp);
    if (status < 0)
        goto fail;
    fresh->port = bound_port(fresh->udp);
    status = bind_socket(SOCK_STREAM, address, fresh->port, &fresh->listener);
    if (status < 0)
        goto fail;
    if (listen(fresh->listener, 64) < 0) {
        status = -errno;
        goto fail;
    }
    /* A burst of calls waits here while the loop works. */
    (void)setsockopt(fresh->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    status = watch(fresh, fresh->udp, MARK_UDP, false);
    if (status == 0)
        status = watch(fresh, fresh->listener, MARK_LISTENER, false);
    if (status < 0)
        goto fail;
    *wire = fresh;
    return 0;

fail:
    wire_close(fresh);
    return status;
}

static void connection_close(struct wire *wire, struct connection *connection)
{
    (void)close(connection->fd);
    free(connection->out);
    connection->out = NULL;
    connection->fd = -1;
    wire->counts.connections--;
}

void wire_close(struct wire *wire)
{
    if (!wire)
        return;
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++)
        if (wire->connections[i].fd >= 0)
            connection_close(wire, &wire->connections[i]);
    if (wire->udp >= 0)
        (void)close(wire->udp);
    if (wire->listener >= 0)
        (void)close(wire->listener);
    if (wire->epoll >= 0)
        (void)close(wire->epoll);
    free(wire);
}

uint16_t wire_port(const struct wire *wire)
{
    return wire->port;
}

int wire_fd(const struct wire *wire)
{
    return wire->epoll;
}

/* ---- hearing ----------------------------------------------------------------------------------- */

static void refuse(struct wire *wire, const struct wire_peer *peer, enum filter_cause cause)
{
    wire->counts.refused[cause]++;
    if (cause != FILTER_KEEP_ALIVE && log_allowed(&wire->refused_lines))
        log_warn("refuse message source=%s cause=%s", peer->ip, filter_cause_name(cause));
}

/* The table forgets: a source that shares its place with another starts anew, so that watching
 * costs a constant and only ever errs for the sender. */
static bool source_floods(struct wire *wire, const char *ip)
{
    uint64_t hash = 1469598103934665603ULL;
    for (const char *c = ip; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 1099511628211ULL;
    struct source *source = &wire->sources[hash % WIRE_SOURCES];
    uint64_t second = wire->now_ms / 1000;
    if (source->hash != hash || source->second != second) {
        source->hash = hash;
        source->second = second;
        source->count = 0;
    }
    return ++source->count > WIRE_RATE;
}

static void udp_read(struct wire *wire)
{
    char bytes[FILTER_DATAGRAM_BYTES + 1];
    for (int i = 0; i < WIRE_TURN_MAX; i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t size = sizeof from;
        struct wire_peer peer;
        struct filtered filtered;
        ssize_t got = recvfrom(wire->udp, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return; /* EAGAIN, or an ICMP answer to what was sent: the timers deal with that */
        peer_of(&peer, &from);
        if (source_floods(wire, peer.ip)) {
            wire->counts.flooded++;
            continue;
        }
        enum filter_cause cause = filter_datagram(bytes, (size_t)got, &filtered);
        if (cause != FILTER_PASS) {
            refuse(wire, &peer, cause);
            continue;
        }
        wire->counts.messages_in++;
        wire->heard(wire->owner, &peer, bytes, &filtered);
    }
}

static struct connection *connection_take(struct wire *wire, int fd, const struct wire_peer *peer)
{
    struct connection *oldest = NULL;
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++) {
        struct connection *connection = &wire->connections[i];
        if (connection->fd < 0) {
            connection->fd = fd;
            connection->number = ++wire->next_number;
            connection->peer = *peer;
            connection->peer.tcp = true;
            connection->peer.connection = connection->number;
            connection->heard_ms = wire->now_ms;
            connection->in_length = connection->out_length = 0;
            connection->waits_to_write = false;
            wire->counts.connections++;
            return connection;
        }
        if (!oldest || connection->heard_ms < oldest->heard_ms)
            oldest = connection;
    }
    /* Full: whoever was silent longest makes room, so that idle connections cannot shut others out. */
    if (wire->now_ms - oldest->heard_ms < 5000)
        return NULL;
    connection_close(wire, oldest);
    return connection_take(wire, fd, peer);
}

static uint32_t place_of(const struct wire *wire, const struct connection *connection)
{
    return (uint32_t)(connection - wire->connections);
}

static void accept_all(struct wire *wire)
{
    for (int i = 0; i < 16; i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t size = sizeof from;
        struct wire_peer peer;
        int on = 1;
        int fd =
            accept4(wire->listener, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        peer_of(&peer, &from);
        struct connection *connection = connection_take(wire, fd, &peer);
        if (!connection) {
            (void)close(fd);
            continue;
        }
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (watch(wire, fd, place_of(wire, connection), false) < 0)
            connection_close(wire, connection);
    }
}

static void connection_flush(struct wire *wire, struct connection *connection)
{
    while (connection->out_length > 0) {
        ssize_t sent = send(connection->fd, connection->out, connection->out_length, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN))
            return;
        if (sent < 0) {
            wire->counts.send_errors++;
            connection_close(wire, connection);
            return;
        }
        connection->out_length -= (size_t)sent;
        memmove(connection->out, connection->out + sent, connection->out_length);
    }
    free(connection->out);
    connection->out = NULL;
    if (connection->waits_to_write) {
        connection->waits_to_write = false;
        (void)watch(wire, connection->fd, place_of(wire, connection), false);
    }
}

/* Takes the messages that are complete. A stream whose frames are lost is closed. */
static void connection_take_messages(struct wire *wire, struct connection *connection)
{
    uint32_t number = connection->number;
    size_t at = 0;
    while (at < connection->in_length) {
        struct filtered filtered;
        enum filter_cause cause =
            filter_stream(connection->in + at, connection->in_length - at, &filtered);
        if (cause == FILTER_MORE)
            break;
        if (cause == FILTER_KEEP_ALIVE) {
            at += filtered.skip;
            wire->counts.refused[cause]++;
            (void)wire_send(wire, &connection->peer, "\r\n", 2);
        } else if (cause == FILTER_PASS) {
            wire->counts.messages_in++;
            wire->heard(wire->owner, &connection->peer, connection->in + at, &filtered);
            at += filtered.skip + filtered.head + filtered.body;
        } else {
            refuse(wire, &connection->peer, cause);
            connection_close(wire, connection);
        }
        if (connection->fd < 0 || connection->number != number)
            return; /* closed while it was heard */
    }
    connection->in_length -= at;
    memmove(connection->in, connection->in + at, connection->in_length);
}

static void connection_read(struct wire *wire, struct connection *connection)
{
    for (int i = 0; i < 16 && connection->fd >= 0; i++) {
        ssize_t got = recv(connection->fd, connection->in + connection->in_length,
                           sizeof connection->in - connection->in_length, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            connection_close(wire, connection);
            return;
        }
        connection->in_length += (size_t)got;
        connection->heard_ms = wire->now_ms;
        connection_take_messages(wire, connection);
    }
}

void wire_turn(struct wire *wire, uint64_t mono_ms)
{
    struct epoll_event events[64];
    wire->now_ms = mono_ms;
    int count = epoll_wait(wire->epoll, events, 64, 0);
    for (int i = 0; i < count; i++) {
        uint32_t mark = events[i].data.u32;
        if (mark == MARK_UDP) {
            udp_read(wire);
        } else if (mark == MARK_LISTENER) {
            accept_all(wire);
        } else if (wire->connections[mark].fd >= 0) {
            struct connection *connection = &wire->connections[mark];
            if (events[i].events & EPOLLOUT)
                connection_flush(wire, connection);
            if (connection->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                connection_read(wire, connection);
        }
    }
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++)
        if (wire->connections[i].fd >= 0 && mono_ms > wire->connections[i].heard_ms + WIRE_IDLE_MS)
            connection_close(wire, &wire->connections[i]);
}

/* ---- sending ----------------------------------------------------------------------------------- */

static struct connection *connection_find(struct wire *wire, const struct wire_peer *peer)
{
    struct connection *same_peer = NULL;
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++) {
        struct connection *connection = &wire->connections[i];
        if (connection->fd < 0)
            continue;
        if (peer->connection != 0 && connection->number == peer->connection)
            return connection;
        if (connection->peer.port == peer->port && strcmp(connection->peer.ip, peer->ip) == 0)
            same_peer = connection;
    }
    return same_peer;
}

static int connection_make(struct wire *wire, const struct wire_peer *peer,
                           struct connection **made)
{
    struct sockaddr_storage storage;
    socklen_t size;
    int status = address_of(&storage, &size, peer->ip, peer->port);
    if (status < 0)
        return status;
    int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&storage, size) < 0 && errno != EINPROGRESS) {
        status = -errno;
        (void)close(fd);
        return status;
    }
    struct connection *connection = connection_take(wire, fd, peer);
    if (!connection) {
        (void)close(fd);
        return -ENFILE;
    }
    *made = connection;
    return 0;
}

static int stream_send(struct wire *wire, const struct wire_peer *peer, const char *bytes,
                       size_t length)
{
    struct connection *connection = connection_find(wire, peer);
    int status = connection ? 0 : connection_make(wire, peer, &connection);
    if (status < 0)
        return status;
    if (!connection->out)
        connection->out = malloc(WIRE_QUEUE_BYTES);
    if (!connection->out || connection->out_length + length > WIRE_QUEUE_BYTES) {
        connection_close(wire, connection); /* the peer does not read */
        return -ENOBUFS;
    }
    memcpy(connection->out + connection->out_length, bytes, length);
    connection->out_length += length;
    connection->waits_to_write = true;
    status = watch(wire, connection->fd, place_of(wire, connection), true);
    if (status < 0)
        connection_close(wire, connection);
    return status;
}

static int datagram_send(const struct wire *wire, const struct wire_peer *peer, const char *bytes,
                         size_t length)
{
    struct sockaddr_storage storage;
    socklen_t size;
    int status = address_of(&storage, &size, peer->ip, peer->port);
    if (status < 0)
        return status;
    if (storage.ss_family != wire->family)
        return -EAFNOSUPPORT;
    if (sendto(wire->udp, bytes, length, 0, (struct sockaddr *)&storage, size) < 0)
        return errno == EAGAIN || errno == ECONNREFUSED ? 0 : -errno; /* lost: sent again later */
    return 0;
}

int wire_send(struct wire *wire, const struct wire_peer *peer, const char *bytes, size_t length)
{
    int status = peer->tcp ? stream_send(wire, peer, bytes, length)
                           : datagram_send(wire, peer, bytes, length);
    if (status < 0)
        wire->counts.send_errors++;
    else
        wire->counts.messages_out++;
    return status;
}

const struct wire_counts *wire_count(const struct wire *wire)
{
    return &wire->counts;
}
