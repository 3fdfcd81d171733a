/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/tone.h"

enum {
    RATE_HERTZ = 8000,
    LEAST_LEVEL = 300 /* root of the mean square */
};

_Static_assert(TONE_HERTZ * 8 == RATE_HERTZ && G711_FRAME * TONE_HERTZ % RATE_HERTZ == 0,
               "a wave has eight samples, and a frame whole waves");

bool tone_is_in(const int16_t samples[G711_FRAME])
{
    const double turn = 1.41421356237309515; /* 2 cos(2 pi / 8) */
    double last = 0, before = 0, power = 0;
    for (unsigned i = 0; i < G711_FRAME; i++) {
        double now = samples[i] + turn * last - before;
        before = last;
        last = now;
        power += (double)samples[i] * samples[i];
    }
    double found = last * last + before * before - turn * last * before;
    return power > (double)G711_FRAME * LEAST_LEVEL * LEAST_LEVEL &&
           4 * found > power * G711_FRAME; /* all of it would be power * G711_FRAME / 2 */
}
