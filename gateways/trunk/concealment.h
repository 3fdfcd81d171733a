/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * concealment: what a side is heard to say while nothing of it comes: the pitch of its last word, fading within
 * 50 ms, for a packet that was lost (by spandsp, after ITU-T G.711 appendix I), or the noise it described when it
 * went still (RFC 3389; its spectrum is not followed). A frame is 20 ms of one law; one stream at a time.
 *
 * While all packets come it costs a copy of the frame. */
#ifndef GATEWAYS_TRUNK_CONCEALMENT_H
#define GATEWAYS_TRUNK_CONCEALMENT_H

#include <stdint.h>

#include "gateways/trunk/g711.h"

enum {
    CONCEALMENT_NOISE_TURNS = 1500, /* 30 s of noise, then silence: nobody described it any more */
    CONCEALMENT_LOUDEST = 36        /* -dBov: noise is never louder, whatever it was described as */
};

struct concealment;

/* Returns 0 or -ENOMEM. */
int concealment_open(struct concealment **concealment);
void concealment_close(struct concealment *concealment); /* accepts NULL */

/* Another stream begins: nothing of it was heard yet. */
void concealment_forget(struct concealment *concealment);

/* A frame came; the first behind a gap is blended with what stood for it, in place. */
void concealment_hear(struct concealment *concealment, enum media_law law,
                      uint8_t frame[G711_FRAME]);

/* The side is still from now on, its noise so many dB below overload, until it is heard again. */
void concealment_still(struct concealment *concealment, uint8_t level);

/* Nothing came: makes the frame that is heard instead. */
void concealment_fill(struct concealment *concealment, enum media_law law,
                      uint8_t frame[G711_FRAME]);

#endif
