/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tls: TLS 1.2 or later over a connection we made, for centres that ask for it. The centre must show
 * a certificate of an authority we believe for the name we expect; without it there is no connection.
 * The only file that knows OpenSSL's streams. */
#ifndef GATEWAYS_SMS_TLS_H
#define GATEWAYS_SMS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls;        /* what one centre's connections have in common */
struct tls_stream; /* one connection */

/* ca: a PEM file of the authorities to believe; empty: the system's. name: a host name or address in
 * the centre's certificate. Returns 0, or a negative errno: -ENOENT when ca cannot be used. */
int tls_open(struct tls **tls, const char *ca, const char *name);
void tls_close(struct tls *tls);

/* Over a connected non-blocking descriptor, which stays the caller's. NULL: out of memory. */
struct tls_stream *tls_begin(struct tls *tls, int fd);
void tls_end(struct tls_stream *stream);

/* Goes on greeting. Returns 0 when the centre is proved to be itself, -EAGAIN when it must be called
 * again (tls_wants_write() says when), -EKEYREJECTED or -EPROTO else. */
int tls_greet(struct tls_stream *stream);
bool tls_wants_write(const struct tls_stream *stream);
/* Why the greeting failed, in OpenSSL's words. */
const char *tls_complaint(const struct tls_stream *stream);

/* As recv() and send(), with a negative errno in place of -1. */
ssize_t tls_read(struct tls_stream *stream, uint8_t *bytes, size_t size);
ssize_t tls_write(struct tls_stream *stream, const uint8_t *bytes, size_t count);
/* Octets wait that the descriptor will not tell of. */
bool tls_pending(const struct tls_stream *stream);

#endif
