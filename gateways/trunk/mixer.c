/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/mixer.h"

#include <stdlib.h>
#include <string.h>

void mix_clear(struct mix *mix)
{
    memset(mix, 0, sizeof *mix);
}

void mix_add(struct mix *mix, const int16_t voice[G711_FRAME])
{
    for (unsigned i = 0; i < G711_FRAME; i++)
        mix->sum[i] += voice[i];
}

/* The gain of this frame: down at once, up slowly. */
static int32_t gain_of(const struct mix *mix, struct limiter *limiter)
{
    int32_t peak = 0;
    for (unsigned i = 0; i < G711_FRAME; i++)
        peak = abs(mix->sum[i]) > peak ? abs(mix->sum[i]) : peak;
    int32_t wanted = peak > MIXER_LOUDEST
                         ? MIXER_UNITY - (int32_t)((int64_t)MIXER_LOUDEST * MIXER_UNITY / peak)
                         : 0;
    if (wanted >= limiter->turned_down)
        limiter->turned_down = wanted;
    else
        limiter->turned_down -= (limiter->turned_down - wanted + MIXER_RELEASE - 1) / MIXER_RELEASE;
    return MIXER_UNITY - limiter->turned_down;
}

void mix_encode(const struct mix *mix, struct limiter *limiter, enum media_law law,
                uint8_t frame[G711_FRAME])
{
    int64_t gain = gain_of(mix, limiter);
    for (unsigned i = 0; i < G711_FRAME; i++)
        frame[i] = g711_encode(law, (int16_t)(mix->sum[i] * gain / MIXER_UNITY));
}
