/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tls: TLS 1.2 or later over connections we made or took. A side that we called must show a
 * certificate of an authority we believe for the name we expect; without it there is no connection. Who
 * calls us may show one, and must when that is demanded; what it shows must be of such an authority.
 * The only file that knows OpenSSL's streams. */
#ifndef GATEWAYS_LINK_TLS_H
#define GATEWAYS_LINK_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls;        /* what connections of one kind have in common */
struct tls_stream; /* one connection */

enum {
    TLS_SOON_DAYS = 21 /* a certificate that ends within these is said to end soon */
};

struct tls_settings {
    const char *ca;          /* PEM file of the authorities to believe; NULL or "": the system's */
    const char *name;        /* of the side we call, where tls_begin() gives none */
    const char *certificate; /* PEM file of our own chain; NULL or "": none */
    const char *key;         /* PEM file of its key */
    bool server;             /* we are called */
    bool demand;             /* and the caller must show a certificate */
};

/* Returns 0, or a negative errno: -ENOENT when ca cannot be used, -EKEYREJECTED when certificate and
 * key cannot. */
int tls_open(struct tls **tls, const struct tls_settings *settings);
void tls_close(struct tls *tls);

/* Reads certificate and key again when their files have changed; what is connected stays. Returns 1
 * when there were new ones, 0 when not, -EKEYREJECTED when they cannot be used: the old ones stay. */
int tls_renew(struct tls *tls);

/* Over a non-blocking descriptor, which stays the caller's. name: a host name or address in the
 * certificate of the side we call; NULL: of the settings. NULL: out of memory. */
struct tls_stream *tls_begin(struct tls *tls, int fd, const char *name);
void tls_end(struct tls_stream *stream);

/* Goes on greeting. Returns 0 when the other side is proved as far as it must be, -EAGAIN when it must
 * be called again (tls_wants_write() says when), -EKEYREJECTED or -EPROTO else. */
int tls_greet(struct tls_stream *stream);
bool tls_wants_write(const struct tls_stream *stream);
/* Why the greeting failed, in OpenSSL's words. */
const char *tls_complaint(const struct tls_stream *stream);

/* The greeted side showed a certificate for this host name or address. */
bool tls_proves(const struct tls_stream *stream, const char *name);

/* As recv() and send(), with a negative errno in place of -1. */
ssize_t tls_read(struct tls_stream *stream, uint8_t *bytes, size_t size);
ssize_t tls_write(struct tls_stream *stream, const uint8_t *bytes, size_t count);
/* Octets wait that the descriptor will not tell of. */
bool tls_pending(const struct tls_stream *stream);

enum tls_finding {
    TLS_WELL,
    TLS_NO_CERTIFICATE, /* not there, or no PEM */
    TLS_NO_KEY,
    TLS_OTHER_KEY, /* the key is of another certificate */
    TLS_NOT_YET,   /* it begins in the future */
    TLS_ENDED,
    TLS_ENDS_SOON,
    TLS_OTHER_NAME, /* it does not carry the name */
    TLS_NO_AUTHORITY,
    TLS_FINDING_COUNT
};

/* Looks at our own certificate as those will who connect. name: it must carry; "": any. *days: until
 * it ends, less than 0 when it has. */
enum tls_finding tls_examine(const struct tls_settings *settings, const char *name, int *days);
const char *tls_finding_words(enum tls_finding finding, bool chinese);

#endif
