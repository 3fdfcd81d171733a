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

enum {
    LISTEN_BACKLOG = 16
};

void socket_init(struct socket *centre)
{
    centre->fd = -1;
    centre->connecting = false;
    centre->broken = false;
    centre->waits = true; /* the first watch asks for both */
    centre->in_count = 0;
    centre->out_count = 0;
}

static int address_of(const char *host, uint16_t port, struct addrinfo **found)
{
    struct addrinfo wish = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    char service[8];

    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    return getaddrinfo(host, service, &wish, found) == 0 ? 0 : -EHOSTUNREACH;
}

int socket_connect(struct socket *centre, const char *host, uint16_t port)
{
    struct addrinfo *address = NULL;
    int on = 1;
    int status = address_of(host, port, &address);

    if (status != 0)
        return status;
    socket_init(centre);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        status = -errno;
    } else {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
            status = -errno;
            (void)close(fd);
        }
    }
    freeaddrinfo(address);
    if (status != 0)
        return status;
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
    int on = 1;

    if (fd < 0)
        return -errno;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void socket_adopt(struct socket *centre, int fd)
{
    socket_init(centre);
    centre->fd = fd;
}

void socket_close(struct socket *centre)
{
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
    centre->connecting = error != 0;
    return -error;
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

void socket_flush(struct socket *centre)
{
    size_t at = 0;

    while (at < centre->out_count && !centre->broken && !centre->connecting) {
        ssize_t sent = send(centre->fd, centre->out + at, centre->out_count - at, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        centre->broken = sent < 0;
        at += sent < 0 ? 0 : (size_t)sent;
    }
    memmove(centre->out, centre->out + at, centre->out_count - at);
    centre->out_count -= at;
}

int socket_read(struct socket *centre)
{
    ssize_t got =
        recv(centre->fd, centre->in + centre->in_count, SOCKET_IN_BYTES - centre->in_count, 0);

    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
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
