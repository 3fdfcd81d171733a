/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tone: the sound by which a synthetic call proves that one side hears the other: TONE_HERTZ, and little else.
 * Pure. Goertzel's filter over a frame, in which the tone has a whole number of waves. */
#ifndef GATEWAYS_TRUNK_TONE_H
#define GATEWAYS_TRUNK_TONE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/g711.h"

enum {
    TONE_HERTZ = 1000,
    TONE_TURNS = 10 /* frames of 20 ms without a break, then it was heard */
};

/* Has the frame at least half of its power there, and is it louder than a line's hiss? */
bool tone_is_in(const int16_t samples[G711_FRAME]);

#endif
