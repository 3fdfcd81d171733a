/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/mixer.h"

#include <stdlib.h>
#include <string.h>

enum {
    A_STEPS = 4096, /* A-law looks at the upper twelve bits of a sample */
    A_SHIFT = 4
};

static uint8_t a_of_step[A_STEPS];
static int16_t linear_of[2][256];

void mixer_open(void)
{
    for (int i = 0; i < A_STEPS; i++)
        a_of_step[i] = g711_byte(MEDIA_PCMA, (int16_t)((i - A_STEPS / 2) * (1 << A_SHIFT)));
    for (int i = 0; i < 256; i++) {
        linear_of[0][i] = g711_sample(MEDIA_PCMA, (uint8_t)i);
        linear_of[1][i] = g711_sample(MEDIA_PCMU, (uint8_t)i);
    }
}

void mix_decode(enum media_law law, const uint8_t frame[G711_FRAME], int16_t voice[G711_FRAME])
{
    const int16_t *table = linear_of[law == MEDIA_PCMU];
    for (unsigned i = 0; i < G711_FRAME; i++)
        voice[i] = table[frame[i]];
}

void mix_clear(struct mix *mix)
{
    memset(mix, 0, sizeof *mix);
}

void mix_add(struct mix *mix, const int16_t voice[G711_FRAME])
{
    for (unsigned i = 0; i < G711_FRAME; i++)
        mix->sum[i] += voice[i];
}

void mix_take_out(struct mix *mix, const int16_t voice[G711_FRAME])
{
    for (unsigned i = 0; i < G711_FRAME; i++)
        mix->sum[i] -= voice[i];
}

/* The gain of this frame: down at once, up slowly. */
static int32_t gain_of(const struct mix *mix, struct limiter *limiter)
{
    int32_t peak = 0;
    for (unsigned i = 0; i < G711_FRAME; i++) {
        int32_t loud = abs(mix->sum[i]);
        peak = loud > peak ? loud : peak;
    }
    int32_t wanted = peak > MIXER_LOUDEST
                         ? MIXER_UNITY - (int32_t)((int64_t)MIXER_LOUDEST * MIXER_UNITY / peak)
                         : 0;
    if (wanted >= limiter->turned_down)
        limiter->turned_down = wanted;
    else
        limiter->turned_down -= (limiter->turned_down - wanted + MIXER_RELEASE - 1) / MIXER_RELEASE;
    return MIXER_UNITY - limiter->turned_down;
}

void mix_encode(const struct mix *mix, struct limiter *limiter, uint8_t frame[G711_FRAME])
{
    int32_t gain = gain_of(mix, limiter);
    if (gain == MIXER_UNITY)
        for (unsigned i = 0; i < G711_FRAME; i++)
            frame[i] = a_of_step[(mix->sum[i] >> A_SHIFT) + A_STEPS / 2];
    else
        for (unsigned i = 0; i < G711_FRAME; i++)
            frame[i] = a_of_step[((int32_t)((int64_t)mix->sum[i] * gain / MIXER_UNITY) >> A_SHIFT) +
                                 A_STEPS / 2];
}
