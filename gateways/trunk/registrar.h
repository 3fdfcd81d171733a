/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * registrar: the seats' phones register here with digest access authentication (RFC 3261 §22,
 * RFC 8760: SHA-256 and MD5). Known phones stand in HOME/keys/phones, a line each:
 *     user:HA1-MD5:HA1-SHA-256          HA1 = H(user ":" realm ":" password), hex
 * A nonce is our own keyed stamp; a phone may use it with a rising count only. Nobody else gets as
 * much as a challenge: an unknown user is told 404. */
#ifndef GATEWAYS_TRUNK_REGISTRAR_H
#define GATEWAYS_TRUNK_REGISTRAR_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/sip_message.h"

enum {
    REGISTRAR_PHONES_MAX = 512,
    REGISTRAR_NONCE_MS = 60000,
    REGISTRAR_EXPIRES_MIN = 30,
    REGISTRAR_EXPIRES_MAX = 3600,
    REGISTRAR_HEADERS_BYTES = 768
};

struct registrar;

/* Reads the phones. A file that is not there is an empty list. Returns 0, -EBADMSG, or another
 * negative errno. */
int registrar_open(struct registrar **registrar, const char *path, const char *realm);
void registrar_close(struct registrar *registrar);

/* What to do with a REGISTER. */
struct registration {
    int status; /* 200: report `user` with `contact`, then answer; else answer at once */
    uint32_t user;
    char contact[161];                     /* empty: the registration ended */
    uint32_t expires;                      /* seconds, 0: ended */
    bool query;                            /* asks only; nothing to report */
    char headers[REGISTRAR_HEADERS_BYTES]; /* of the answer */
};
void registrar_hear(struct registrar *registrar, const struct sip_message *request,
                    uint64_t wall_ms, struct registration *registration);

#endif
