/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * endpoint: the UDP sockets of one channel. RTP and RTCP are connected to the peer of the SDP answer,
 * so the kernel delivers nobody else's packets to them and a flood of a stranger cannot fill their
 * buffers. What strangers send to the RTP port lands in a third socket, the catcher, which is bound
 * to the same port and exists to be counted (RTP injection, RTP bleed). */
#ifndef GATEWAYS_TRUNK_ENDPOINT_H
#define GATEWAYS_TRUNK_ENDPOINT_H

#include <stdint.h>

struct endpoint {
    int rtp;
    int rtcp;
    int catcher; /* -1 where the system cannot share a port */
};

/* Binds port (even) and port + 1 of the numeric address for this process alone, non-blocking. Returns
 * 0 or a negative errno: -EADDRINUSE, -EINVAL for a bad address. */
int endpoint_open(struct endpoint *endpoint, const char *address, uint16_t port);
void endpoint_close(struct endpoint *endpoint);

/* Connects both sockets to ip:port and ip:port + 1; again after a re-INVITE. Packets that waited
 * before may be anybody's: the reader throws them away. Returns 0 or a negative errno. */
int endpoint_connect(struct endpoint *endpoint, const char *ip, uint16_t port);

/* Empties a socket. Returns how many packets were thrown away. */
unsigned endpoint_drain(int fd);

#endif
