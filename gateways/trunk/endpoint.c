/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/endpoint.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EXPEDITED = 0xB8, /* DSCP EF: voice before everything (RFC 3246) */
    DRAIN_MAX = 4096  /* more than a socket's buffer holds */
};

struct place {
    struct sockaddr_storage address;
    socklen_t size;
};

static int place_of(struct place *place, const char *ip, uint16_t port)
{
    char service[8];
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                              .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_DGRAM };
    struct addrinfo *found = NULL;

    (void)snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(ip, service, &hints, &found) != 0)
        return -EINVAL;
    memcpy(&place->address, found->ai_addr, found->ai_addrlen);
    place->size = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

static int shared(int fd, bool yes)
{
    int value = yes;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof value) < 0 ? -errno : 0;
}

/* Returns the descriptor or a negative errno. */
static int bound_socket(const char *address, uint16_t port, bool share)
{
    struct place own;
    int status = place_of(&own, address, port);
    if (status < 0)
        return status;
    int fd = socket(own.address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (share)
        (void)shared(fd, true);
    int service = EXPEDITED;
    if (own.address.ss_family == AF_INET)
        (void)setsockopt(fd, IPPROTO_IP, IP_TOS, &service, sizeof service);
    else
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &service, sizeof service);
    const int stamped = 1; /* when a packet came is the kernel's word, not a turn's */
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &stamped, sizeof stamped);
    if (bind(fd, (struct sockaddr *)&own.address, own.size) < 0) {
        status = -errno;
        (void)close(fd);
        return status;
    }
    return fd;
}

/* RTP is bound alone first, so that a port in use is noticed; then the port is shared for the moment
 * in which the catcher joins, and closed to others again. */
int endpoint_open(struct endpoint *endpoint, const char *address, uint16_t port)
{
    struct endpoint fresh = { -1, -1, -1 };

    fresh.rtp = bound_socket(address, port, false);
    if (fresh.rtp < 0)
        return fresh.rtp;
    fresh.rtcp = bound_socket(address, (uint16_t)(port + 1), false);
    if (fresh.rtcp < 0) {
        (void)close(fresh.rtp);
        return fresh.rtcp;
    }
    if (shared(fresh.rtp, true) == 0) {
        fresh.catcher = bound_socket(address, port, true);
        if (fresh.catcher < 0)
            fresh.catcher = -1;
        else
            (void)shared(fresh.catcher, false);
        (void)shared(fresh.rtp, false);
    }
    *endpoint = fresh;
    return 0;
}

void endpoint_close(struct endpoint *endpoint)
{
    if (endpoint->rtp >= 0)
        (void)close(endpoint->rtp);
    if (endpoint->rtcp >= 0)
        (void)close(endpoint->rtcp);
    if (endpoint->catcher >= 0)
        (void)close(endpoint->catcher);
    *endpoint = (struct endpoint){ -1, -1, -1 };
}

static int connected(int fd, const char *ip, uint16_t port)
{
    struct place peer;
    int status = place_of(&peer, ip, port);
    if (status < 0)
        return status;
    return connect(fd, (struct sockaddr *)&peer.address, peer.size) < 0 ? -errno : 0;
}

int endpoint_connect(struct endpoint *endpoint, const char *ip, uint16_t port)
{
    if (port == 0 || port == UINT16_MAX)
        return -EINVAL;
    int status = connected(endpoint->rtp, ip, port);
    return status < 0 ? status : connected(endpoint->rtcp, ip, (uint16_t)(port + 1));
}

unsigned endpoint_drain(int fd)
{
    unsigned count = 0;
    uint8_t byte;
    while (count < DRAIN_MAX && (recv(fd, &byte, sizeof byte, MSG_DONTWAIT) >= 0))
        count++;
    return count;
}
