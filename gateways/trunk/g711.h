/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * g711: the two laws of telephone speech (ITU-T G.711, 8 kHz, one byte a sample) and the way between
 * them and linear samples. A decode followed by an encode in the same law gives the same byte back,
 * except that µ-law's two zeroes (0x7F, 0xFF) become one. */
#ifndef GATEWAYS_TRUNK_G711_H
#define GATEWAYS_TRUNK_G711_H

#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/media.h"

enum {
    G711_RATE = 8000,
    G711_FRAME = 160 /* samples in 20 ms */
};

int16_t g711_sample(enum media_law law, uint8_t byte);
uint8_t g711_byte(enum media_law law, int16_t sample);

/* The byte that is heard as nothing. */
uint8_t g711_silence(enum media_law law);

/* Turns bytes of one law into the other, in place; nothing to do when they are equal. */
void g711_convert(uint8_t *bytes, size_t size, enum media_law from, enum media_law to);

#endif
