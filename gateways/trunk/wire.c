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

#include "base/fnv.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/link/tls.h"

/* Marks of the shared sockets in epoll; connections are marked by their place. */
enum {
    MARK_UDP = WIRE_CONNECTIONS_MAX,
    MARK_LISTENER,
    MARK_TLS_LISTENER,
    PAIR_TRIES = 32 /* a port given for UDP may be another's for TCP */
};

struct connection {
    int fd; /* -1: free */
    uint32_t number;
    struct wire_peer peer;
    struct tls_stream *tls; /* NULL: in the clear */
    bool greeting;          /* TLS is being negotiated */
    bool writable;          /* epoll is to tell when it can be written */
    uint16_t reuse_port;    /* wire_reuse(); 0: none */
    uint64_t begun_ms;
    uint64_t heard_ms;
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
    int tls_listener; /* -1: none */
    int family;
    uint16_t port;
    uint16_t tls_port;
    struct wire_settings settings;
    uint64_t renew_ms;
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

static int open_listener(const struct wire *wire, const char *address, uint16_t port, uint32_t mark,
                         int *fd)
{
    int status = bind_socket(SOCK_STREAM, address, port, fd);
    if (status == 0 && listen(*fd, 64) < 0)
        status = -errno;
    return status < 0 ? status : watch(wire, *fd, mark, false);
}

static void close_socket(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* UDP and TCP on one port (RFC 3261 §18.2.1); where any will do, one is looked for that is free for both. */
static int open_pair(struct wire *wire, const char *address, uint16_t port)
{
    int status = -EADDRINUSE;
    for (int i = 0; i < (port ? 1 : PAIR_TRIES) && status == -EADDRINUSE; i++) {
        close_socket(&wire->udp);
        close_socket(&wire->listener);
        status = bind_socket(SOCK_DGRAM, address, port, &wire->udp);
        if (status < 0)
            return status;
        wire->port = bound_port(wire->udp);
        status = open_listener(wire, address, wire->port, MARK_LISTENER, &wire->listener);
    }
    return status;
}

int wire_open(struct wire **wire, const struct wire_settings *settings, wire_heard *heard,
              void *owner)
{
    int status, room = 4 << 20;
    const char *address = settings->address;
    struct wire *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->udp = fresh->listener = fresh->tls_listener = -1;
    fresh->settings = *settings;
    fresh->heard = heard;
    fresh->owner = owner;
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++)
        fresh->connections[i].fd = -1;
    fresh->family = strchr(address, ':') ? AF_INET6 : AF_INET;
    fresh->epoll = epoll_create1(EPOLL_CLOEXEC);
    status = fresh->epoll < 0 ? -errno : open_pair(fresh, address, settings->port);
    if (status == 0 && settings->server)
        status = open_listener(fresh, address, settings->tls_port, MARK_TLS_LISTENER,
                               &fresh->tls_listener);
    if (status < 0)
        goto fail;
    if (settings->server)
        fresh->tls_port = bound_port(fresh->tls_listener);
    /* A burst of calls waits here while the loop works. */
    (void)setsockopt(fresh->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    status = watch(fresh, fresh->udp, MARK_UDP, false);
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
    wire->counts.secured -= connection->tls != NULL;
    tls_end(connection->tls);
    connection->tls = NULL;
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
    close_socket(&wire->udp);
    close_socket(&wire->listener);
    close_socket(&wire->tls_listener);
    close_socket(&wire->epoll);
    free(wire);
}

uint16_t wire_port(const struct wire *wire)
{
    return wire->port;
}

uint16_t wire_tls_port(const struct wire *wire)
{
    return wire->tls_port;
}

int wire_fd(const struct wire *wire)
{
    return wire->epoll;
}

/* ---- hearing ----------------------------------------------------------------------------------- */

/* True when it was understood all the same. */
static bool refuse(struct wire *wire, const struct wire_peer *peer, const char *bytes,
                   size_t length, enum filter_cause cause)
{
    wire->counts.refused[cause]++;
    if (cause == FILTER_KEEP_ALIVE)
        return false;
    if (log_allowed(&wire->refused_lines))
        log_warn("refuse message source=%s cause=%s", peer->ip, filter_cause_name(cause));
    return wire->settings.refused &&
           wire->settings.refused(wire->owner, peer, bytes, length, cause);
}

/* The table forgets: a source that shares its place with another starts anew, so that watching
 * costs a constant and only ever errs for the sender. */
static bool source_floods(struct wire *wire, const char *ip)
{
    uint64_t hash = fnv_add(FNV_BASIS, ip, strlen(ip));
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
            (void)refuse(wire, &peer, bytes, (size_t)got, cause);
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
            connection->begun_ms = connection->heard_ms = wire->now_ms;
            connection->in_length = connection->out_length = 0;
            connection->greeting = connection->writable = false;
            connection->reuse_port = 0;
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

static bool secure(struct wire *wire, struct connection *connection, struct tls *tls,
                   const char *name)
{
    connection->tls = tls ? tls_begin(tls, connection->fd, name) : NULL;
    connection->greeting = connection->tls != NULL;
    connection->peer.tls = connection->greeting;
    wire->counts.secured += connection->greeting;
    return connection->greeting;
}

static void accept_all(struct wire *wire, int listener, struct tls *tls)
{
    for (int i = 0; i < 16; i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t size = sizeof from;
        struct wire_peer peer;
        int on = 1;
        int fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        peer_of(&peer, &from);
        struct connection *connection = connection_take(wire, fd, &peer);
        if (!connection) {
            (void)close(fd);
            continue;
        }
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if ((tls && !secure(wire, connection, tls, NULL)) ||
            watch(wire, fd, place_of(wire, connection), false) < 0)
            connection_close(wire, connection);
    }
}

/* Asks epoll for what the connection can go on with. */
static void connection_watch(struct wire *wire, struct connection *connection)
{
    bool write =
        connection->greeting ? tls_wants_write(connection->tls) : connection->out_length > 0;
    if (write == connection->writable)
        return;
    connection->writable = write;
    if (watch(wire, connection->fd, place_of(wire, connection), write) < 0)
        connection_close(wire, connection);
}

/* False while the handshake goes on, or when the connection is gone. */
static bool connection_greet(struct wire *wire, struct connection *connection)
{
    if (!connection->greeting)
        return true;
    int status = tls_greet(connection->tls);
    if (status == 0) {
        connection->greeting = false;
        return true;
    }
    if (status != -EAGAIN) {
        wire->counts.greetings_failed++;
        if (log_allowed(&wire->refused_lines))
            log_warn("no TLS with source=%s: %s", connection->peer.ip,
                     tls_complaint(connection->tls));
        connection_close(wire, connection);
    } else {
        connection_watch(wire, connection);
    }
    return false;
}

/* As send() and recv(), with a negative errno in place of -1. */
static ssize_t connection_say(struct connection *connection)
{
    if (connection->tls)
        return tls_write(connection->tls, (const uint8_t *)connection->out, connection->out_length);
    ssize_t sent = send(connection->fd, connection->out, connection->out_length, MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

static ssize_t connection_hear(struct connection *connection)
{
    char *at = connection->in + connection->in_length;
    size_t room = sizeof connection->in - connection->in_length;
    if (connection->tls)
        return tls_read(connection->tls, (uint8_t *)at, room);
    ssize_t got = recv(connection->fd, at, room, 0);
    return got < 0 ? -errno : got;
}

static void connection_flush(struct wire *wire, struct connection *connection)
{
    while (connection->out_length > 0) {
        ssize_t sent = connection_say(connection);
        if (sent == -EAGAIN || sent == -EINPROGRESS || sent == -ENOTCONN)
            break;
        if (sent < 0) {
            wire->counts.send_errors++;
            connection_close(wire, connection);
            return;
        }
        connection->out_length -= (size_t)sent;
        memmove(connection->out, connection->out + sent, connection->out_length);
    }
    if (connection->out_length == 0) {
        free(connection->out);
        connection->out = NULL;
    }
    connection_watch(wire, connection);
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
        } else if (refuse(wire, &connection->peer, connection->in + at, connection->in_length - at,
                          cause)) {
            at = connection->in_length;
        } else if (connection->fd >= 0 && connection->number == number) {
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
    bool more = true; /* of TLS, which epoll does not know of */
    for (int i = 0; (i < 16 || more) && connection->fd >= 0; i++) {
        ssize_t got = connection_hear(connection);
        if (got == -EAGAIN || got == -EINTR)
            return;
        if (got <= 0) {
            connection_close(wire, connection);
            return;
        }
        connection->in_length += (size_t)got;
        connection->heard_ms = wire->now_ms;
        connection_take_messages(wire, connection);
        more = connection->fd >= 0 && connection->tls && tls_pending(connection->tls);
    }
}

static void connection_turn(struct wire *wire, struct connection *connection, uint32_t events)
{
    if (!connection_greet(wire, connection))
        return;
    if (events & EPOLLOUT || connection->out_length > 0)
        connection_flush(wire, connection);
    if (connection->fd >= 0 && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        connection_read(wire, connection);
}

static void renew(struct wire *wire)
{
    struct tls *const both[] = { wire->settings.server, wire->settings.client };
    if (wire->now_ms < wire->renew_ms)
        return;
    wire->renew_ms = wire->now_ms + WIRE_RENEW_MS;
    for (int i = 0; i < 2; i++) {
        int status = both[i] ? tls_renew(both[i]) : 0;
        if (status > 0) {
            wire->counts.renewals++;
            log_info("certificate renewed");
        } else if (status < 0) {
            log_error("new certificate cannot be used; the old one stays: %s", strerror(-status));
        }
    }
}

static void close_silent(struct wire *wire)
{
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++) {
        struct connection *connection = &wire->connections[i];
        bool late = connection->greeting && wire->now_ms > connection->begun_ms + WIRE_GREET_MS;
        if (connection->fd >= 0 && (late || wire->now_ms > connection->heard_ms + WIRE_IDLE_MS)) {
            wire->counts.greetings_failed += late;
            connection_close(wire, connection);
        }
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
            accept_all(wire, wire->listener, NULL);
        } else if (mark == MARK_TLS_LISTENER) {
            accept_all(wire, wire->tls_listener, wire->settings.server);
        } else if (wire->connections[mark].fd >= 0) {
            connection_turn(wire, &wire->connections[mark], events[i].events);
        }
    }
    close_silent(wire);
    renew(wire);
}

/* ---- sending ----------------------------------------------------------------------------------- */

/* The connection the peer came by; NULL when it is closed, or none is named. */
static const struct connection *connection_named(const struct wire *wire,
                                                 const struct wire_peer *peer)
{
    for (int i = 0; i < WIRE_CONNECTIONS_MAX && peer->connection != 0; i++)
        if (wire->connections[i].fd >= 0 && wire->connections[i].number == peer->connection)
            return &wire->connections[i];
    return NULL;
}

static struct connection *connection_find(struct wire *wire, const struct wire_peer *peer)
{
    const struct connection *named = connection_named(wire, peer);
    struct connection *same_peer = NULL;
    for (int i = 0; i < WIRE_CONNECTIONS_MAX; i++) {
        struct connection *connection = &wire->connections[i];
        bool same_port =
            connection->peer.port == peer->port || connection->reuse_port == peer->port;
        if (connection == named)
            return connection;
        if (connection->fd >= 0 && connection->peer.tls == peer->tls && same_port &&
            strcmp(connection->peer.ip, peer->ip) == 0)
            same_peer = connection;
    }
    return same_peer;
}

bool wire_holds(const struct wire *wire, const struct wire_peer *peer)
{
    return connection_named(wire, peer) != NULL;
}

bool wire_proves(const struct wire *wire, const struct wire_peer *peer, const char *name)
{
    const struct connection *connection = connection_named(wire, peer);
    return connection && connection->tls && !connection->greeting &&
           tls_proves(connection->tls, name);
}

void wire_reuse(struct wire *wire, const struct wire_peer *peer, uint16_t port)
{
    const struct connection *named = connection_named(wire, peer);
    if (named)
        wire->connections[place_of(wire, named)].reuse_port = port;
}

static bool call_secured(struct wire *wire, struct connection *connection)
{
    const struct wire_settings *settings = &wire->settings;
    const char *ip = connection->peer.ip;
    const char *name = settings->name_of ? settings->name_of(settings->name_owner, ip) : NULL;
    return secure(wire, connection, settings->client, name ? name : ip);
}

static int connection_make(struct wire *wire, const struct wire_peer *peer,
                           struct connection **made)
{
    struct sockaddr_storage storage;
    socklen_t size;
    int status = address_of(&storage, &size, peer->ip, peer->port);
    if (status < 0)
        return status;
    if (peer->tls && !wire->settings.client)
        return -EPROTONOSUPPORT;
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
    if (peer->tls && !call_secured(wire, connection)) {
        connection_close(wire, connection);
        return -ENOMEM;
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
    /* It is said in the next turn, when the connection is made or has room. */
    connection->writable = true;
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
