/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "gateways/link/tls.h"

enum {
    LISTEN_BACKLOG = 16,
    ADDRESSES_MAX = 64 /* of one name, so far as they are tried */
};

void socket_init(struct socket *centre)
{
    centre->fd = -1;
    centre->stream = NULL;
    centre->connecting = false;
    centre->broken = false;
    centre->waits = true; /* the first watch asks for both */
    centre->in_count = 0;
    centre->out_count = centre->out_covered = centre->out_free = 0;
}

/* Small PDUs at once; a peer that vanished without a word is noticed where the protocol does not ask
 * (SGIP). */
static void options_set(int fd)
{
    int on = 1;
    int idle_s = 60;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
}

static int address_of(const char *host, uint16_t port, struct addrinfo **found)
{
    struct addrinfo wish = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    char service[8];

    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    return getaddrinfo(host, service, &wish, found) == 0 ? 0 : -EHOSTUNREACH;
}

/* The next of the name's addresses, after so many tries in vain. */
static const struct addrinfo *address_next(const struct addrinfo *found, uint32_t failed)
{
    const struct addrinfo *next = found;

    while (failed-- > 0)
        next = next->ai_next ? next->ai_next : found;
    return next;
}

int socket_connect(struct socket *centre, const char *host, uint16_t port, struct tls *tls)
{
    struct addrinfo *found = NULL;
    int status = address_of(host, port, &found);

    if (status != 0)
        return status;
    const struct addrinfo *address = address_next(found, centre->failed % ADDRESSES_MAX);
    socket_init(centre);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        status = -errno;
    } else {
        options_set(fd);
        if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
            status = -errno;
            (void)close(fd);
        }
    }
    freeaddrinfo(found);
    if (status != 0) {
        centre->failed++;
        return status;
    }
    centre->stream = tls ? tls_begin(tls, fd, NULL) : NULL;
    if (tls && !centre->stream) {
        (void)close(fd);
        return -ENOMEM;
    }
    centre->fd = fd;
    centre->connecting = true;
    return 0;
}

int socket_listen(int *fd, const char *address, uint16_t port)
{
    struct addrinfo *found = NULL;
    int on = 1;
    int status = address_of(address, port, &found);

    if (status != 0)
        return status;
    *fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd >= 0)
        (void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (*fd < 0 || bind(*fd, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(*fd, LISTEN_BACKLOG) != 0)
        status = -errno;
    freeaddrinfo(found);
    return status;
}

int socket_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return -errno;
    options_set(fd);
    return fd;
}

void socket_adopt(struct socket *centre, int fd, struct tls_stream *stream)
{
    socket_init(centre);
    centre->fd = fd;
    centre->stream = stream;
}

void socket_close(struct socket *centre)
{
    centre->failed = centre->connecting ? centre->failed + 1 : 0;
    tls_end(centre->stream);
    centre->stream = NULL;
    if (centre->fd >= 0)
        (void)close(centre->fd);
    socket_init(centre);
}

int socket_finish(struct socket *centre)
{
    int error = 0;
    socklen_t size = sizeof error;

    if (getsockopt(centre->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return -errno;
    int status = error == 0 && centre->stream ? tls_greet(centre->stream) : -error;
    if (status == -EKEYREJECTED || status == -EPROTO)
        log_warn("centre's TLS cannot be trusted: %s", tls_complaint(centre->stream));
    centre->connecting = status != 0;
    return status;
}

bool socket_wants_write(const struct socket *centre)
{
    return !centre->stream || tls_wants_write(centre->stream);
}

bool socket_pending(const struct socket *centre)
{
    return centre->stream && tls_pending(centre->stream);
}

static ssize_t bytes_send(struct socket *centre, const uint8_t *bytes, size_t count)
{
    if (centre->stream)
        return tls_write(centre->stream, bytes, count);
    ssize_t sent = send(centre->fd, bytes, count, MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

static ssize_t bytes_receive(struct socket *centre, uint8_t *bytes, size_t size)
{
    if (centre->stream)
        return tls_read(centre->stream, bytes, size);
    ssize_t got = recv(centre->fd, bytes, size, 0);
    return got < 0 ? -errno : got;
}

void socket_write(struct socket *centre, const uint8_t *bytes, size_t count)
{
    if (centre->fd < 0 || centre->broken)
        return;
    if (count > SOCKET_OUT_BYTES - centre->out_count) {
        centre->broken = true;
        return;
    }
    memcpy(centre->out + centre->out_count, bytes, count);
    centre->out_count += count;
}

void socket_cover(struct socket *centre)
{
    centre->out_covered = centre->out_count;
}

void socket_release(struct socket *centre)
{
    centre->out_free = centre->out_covered;
}

void socket_flush(struct socket *centre)
{
    size_t at = 0;

    while (at < centre->out_free && !centre->broken && !centre->connecting) {
        ssize_t sent = bytes_send(centre, centre->out + at, centre->out_free - at);

        if (sent == -EINTR)
            continue;
        if (sent == -EAGAIN)
            break;
        centre->broken = sent < 0;
        at += sent < 0 ? 0 : (size_t)sent;
    }
    memmove(centre->out, centre->out + at, centre->out_count - at);
    centre->out_count -= at;
    centre->out_covered -= at;
    centre->out_free -= at;
}

int socket_read(struct socket *centre)
{
    ssize_t got =
        bytes_receive(centre, centre->in + centre->in_count, SOCKET_IN_BYTES - centre->in_count);

    if (got == -EAGAIN || got == -EINTR)
        return -EAGAIN;
    if (got <= 0)
        return -ECONNRESET;
    centre->in_count += (size_t)got;
    return 0;
}

void socket_taken(struct socket *centre, size_t count)
{
    memmove(centre->in, centre->in + count, centre->in_count - count);
    centre->in_count -= count;
}
