/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * handshake: two sides agree on the keys of their sound over the sound's own way (DTLS-SRTP, RFC 5763 and 5764, by
 * OpenSSL). Who the other is says its certificate's fingerprint in the SDP, and nothing else.
 *
 * Datagrams are given in and leave by the socket at once; nothing blocks. It stays open after the keys are there, for
 * the other side may have missed our last words. One thread. */
#ifndef GATEWAYS_TRUNK_HANDSHAKE_H
#define GATEWAYS_TRUNK_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/crypto.h"

enum {
    HANDSHAKE_PRINT_CHARS = 96, /* 32 octets as AA:BB:…, with its end */
    HANDSHAKE_DATAGRAM_BYTES = 1500
};

struct handshake;

enum handshake_state {
    HANDSHAKE_RUNS,
    HANDSHAKE_DONE,
    HANDSHAKE_FAILED /* and stays so */
};

/* The SHA-256 fingerprint of this process's certificate, which is made at the first call and lives as long as the
 * process. Empty: it could not be made. Any thread. */
const char *handshake_own_print(void);

/* Begins, as a client with the first word. fd is a connected datagram socket and stays the caller's. `print` is what
 * their certificate must have. Returns 0 or a negative errno. */
int handshake_open(struct handshake **handshake, int fd, bool client, const char *print);
/* Accepts NULL. */
void handshake_close(struct handshake *handshake);

/* A datagram of theirs (RFC 7983: its first octet is 20 … 63). */
enum handshake_state handshake_hear(struct handshake *handshake, const uint8_t *bytes, size_t size);
/* Says again what was lost, when it is time; now and then, ten times a second or more. */
enum handshake_state handshake_tick(struct handshake *handshake);

/* When it is done: by what we send and what they send. */
void handshake_keys(const struct handshake *handshake, struct crypto *own, struct crypto *theirs);

#endif
