/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * shield: one way of a secured stream (SRTP, RFC 3711, by libsrtp2). Two make a voice's: what is said goes
 * out under one, what is heard comes in under the other.
 *
 * A stream that goes on after its process died has counted its packets beyond 65,536 perhaps many times,
 * which no packet says: what goes out takes the count up from the clock, what comes in is tried with the
 * counts that are possible by then. One thread at a time. */
#ifndef GATEWAYS_TRUNK_SHIELD_H
#define GATEWAYS_TRUNK_SHIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/crypto.h"

enum {
    SHIELD_TRAILER_BYTES = 148, /* what a packet may grow by */
    SHIELD_TRIES = 64,      /* packets of a resumed stream that may fail before it is given up */
    SHIELD_TURNS_MAX = 200, /* of a call of three days */
    SHIELD_FRESH = -1
};

struct shield;

/* What goes out from this source; `turns` is how often its sequence number has gone round, SHIELD_FRESH for a
 * stream that begins. A resumed one sends no reports: the count of the former ones is not known, and none may be
 * used twice. Returns 0 or a negative errno. */
int shield_open_out(struct shield **shield, const struct crypto *crypto, uint32_t ssrc,
                    int64_t turns);
/* What comes in, from whatever source; it may have gone round up to `turns` times by now, or SHIELD_FRESH. */
int shield_open_in(struct shield **shield, const struct crypto *crypto, int64_t turns);
/* Accepts NULL. Wipes the keys. */
void shield_close(struct shield *shield);

/* In place; the packet is aligned to four octets, and there is room for SHIELD_TRAILER_BYTES behind it. False: it
 * must not leave. */
bool shield_out(struct shield *shield, uint8_t *packet, size_t *size);
bool shield_out_report(struct shield *shield, uint8_t *packet, size_t *size);

/* In place. False: forged, repeated, or not ours. */
bool shield_in(struct shield *shield, uint8_t *packet, size_t *size);
bool shield_in_report(struct shield *shield, uint8_t *packet, size_t *size);

#endif
