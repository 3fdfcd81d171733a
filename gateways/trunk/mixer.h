/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mixer: several voices become one. Voices are summed as linear samples; when the sum is too loud for
 * a telephone a limiter turns it down at once and lets it come back slowly, so that two people who
 * speak together are not torn by clipping. */
#ifndef GATEWAYS_TRUNK_MIXER_H
#define GATEWAYS_TRUNK_MIXER_H

#include <stdint.h>

#include "gateways/trunk/g711.h"

enum {
    MIXER_LOUDEST = 30000, /* of 32767: the limiter holds the sum below */
    MIXER_UNITY = 1 << 14,
    MIXER_RELEASE = 16 /* frames until most of the loudness is back */
};

/* One listener's. All zero: at rest. */
struct limiter {
    int32_t turned_down; /* MIXER_UNITY less the gain */
};

struct mix {
    int32_t sum[G711_FRAME];
};

/* Once before the first sum: the tables. */
void mixer_open(void);

void mix_clear(struct mix *mix);
void mix_add(struct mix *mix, const int16_t voice[G711_FRAME]);
void mix_take_out(struct mix *mix, const int16_t voice[G711_FRAME]);

/* The samples of a frame. */
void mix_decode(enum media_law law, const uint8_t frame[G711_FRAME], int16_t voice[G711_FRAME]);

/* The sum in A-law, below MIXER_LOUDEST. */
void mix_encode(const struct mix *mix, struct limiter *limiter, uint8_t frame[G711_FRAME]);

#endif
