/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mirror_socket: the way between two processes that are the same gateway on two machines
 * (docs/decisions/0034-twin.md). CURVE on both sides, under the gateway's one pair of keys: whoever has that key is the
 * twin, everybody else is refused before a word is said. One twin at a time. */
#ifndef GATEWAYS_LINK_MIRROR_SOCKET_H
#define GATEWAYS_LINK_MIRROR_SOCKET_H

#include <stddef.h>
#include <stdint.h>

enum {
    MIRROR_WORDS_MAX = 8192 + 64, /* bytes of a message */
    MIRROR_QUEUE = 8192           /* messages on their way; then the twin has to ask anew */
};

struct mirror_socket;

struct mirror_socket_settings {
    const char *endpoint; /* tcp://…: to listen at, or the twin's */
    const char *public_key;
    const char *secret_key; /* z85, 40 characters; of the gateway */
};

/* The side that carries the calls listens, the other one calls. The strings are copied. Returns 0 and *mirror, -EINVAL
 * for a bad key or endpoint, -ENOMEM. */
int mirror_socket_listen(struct mirror_socket **mirror,
                         const struct mirror_socket_settings *settings);
int mirror_socket_call(struct mirror_socket **mirror,
                       const struct mirror_socket_settings *settings);
void mirror_socket_close(struct mirror_socket *mirror);

/* Readable says no more than "call mirror_socket_receive() until it has nothing". */
int mirror_socket_fd(const struct mirror_socket *mirror);

/* Judges who calls; must be called often, at least every 100 ms. */
void mirror_socket_turn(struct mirror_socket *mirror);

/* To whoever spoke last. Returns 0, or -EAGAIN when nobody did, they are gone, or their queue is full. */
int mirror_socket_send(struct mirror_socket *mirror, const uint8_t *bytes, size_t size);

/* Returns the size, or -EAGAIN when nothing waits; what is too long is dropped. */
int mirror_socket_receive(struct mirror_socket *mirror, uint8_t bytes[MIRROR_WORDS_MAX]);

#endif
