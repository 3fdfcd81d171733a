/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * socket: a TCP connection with a message centre: non-blocking, with the bytes that wait on both
 * sides. Small PDUs go out at once (TCP_NODELAY); a centre that stops reading is given up when
 * SOCKET_OUT_BYTES wait for it. */
#ifndef GATEWAYS_SMS_SOCKET_H
#define GATEWAYS_SMS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOCKET_IN_BYTES = 2 * 65536, /* more than the longest PDU */
    SOCKET_OUT_BYTES = 1024 * 1024
};

struct tls;
struct tls_stream;

struct socket {
    int fd;                    /* -1: none */
    struct tls_stream *stream; /* NULL: in the clear */
    bool connecting;
    uint32_t
        failed; /* tries to connect, one after the other: the next one takes the name's next address */
    bool broken; /* found while writing; the loop says so to the session */
    bool waits;  /* for the kernel to take more */
    size_t in_count;
    size_t out_count;
    size_t out_covered; /* of them may leave when the sync under way is over */
    size_t out_free;    /* of them may leave now */
    uint8_t in[SOCKET_IN_BYTES];
    uint8_t out[SOCKET_OUT_BYTES];
};

void socket_init(struct socket *centre);

/* Starts connecting to host (name or IPv4 or IPv6 address; a name is looked up here and now, and of its
 * addresses the next one is tried each time), under tls when that is not NULL. Returns 0 or a negative errno. */
int socket_connect(struct socket *centre, const char *host, uint16_t port, struct tls *tls);
void socket_close(struct socket *centre);

/* Waits for centres to connect. Returns 0 and *fd, or a negative errno. */
int socket_listen(int *fd, const char *address, uint16_t port);
/* The next connection of a listener, non-blocking; negative when there is none. */
int socket_accept(int listener);
/* stream: under which it was greeted already, NULL: in the clear. */
void socket_adopt(struct socket *centre, int fd, struct tls_stream *stream);

/* After the descriptor became ready while connecting: 0 when the connection stands, -EAGAIN when not
 * yet; socket_wants_write() says what to wait for. */
int socket_finish(struct socket *centre);
bool socket_wants_write(const struct socket *centre);

/* Queues bytes; socket_cover() says that those queued so far wait for the sync that begins, socket_release() that it
 * is over and they may leave, of which socket_flush() sends what the kernel takes. */
void socket_write(struct socket *centre, const uint8_t *bytes, size_t count);
void socket_cover(struct socket *centre);
void socket_release(struct socket *centre);
void socket_flush(struct socket *centre);

/* Reads once. Returns 0, -EAGAIN when nothing was there, -ECONNRESET at the end. */
int socket_read(struct socket *centre);
/* Octets wait that the descriptor will not tell of. */
bool socket_pending(const struct socket *centre);
/* The first `count` bytes of `in` are done with. */
void socket_taken(struct socket *centre, size_t count);

#endif
