/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/concealment.h"

#include <errno.h>
#include <math.h>
#include <spandsp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    LAST_FRAMES = 2, /* longer than spandsp's PLC_HISTORY_LEN: all it looks at */
    FADED_TURNS = 3, /* behind 50 ms it is silence */
    LEVEL_MAX = 127, /* RFC 3389 §3 */
    OVERLOAD = 32767
};

_Static_assert((int)LAST_FRAMES *(int)G711_FRAME >= (int)PLC_HISTORY_LEN, "all that is looked at");

struct concealment {
    uint8_t last[LAST_FRAMES][G711_FRAME]; /* by turns; as they came */
    unsigned heard;                        /* frames, of this stream */
    unsigned missed;                       /* since the last one that came */
    bool still;
    double loudest; /* of its noise, a sample */
    uint32_t chance;
    plc_state_t plc; /* of the gap that goes on */
};

int concealment_open(struct concealment **concealment)
{
    struct concealment *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->chance = 2463534242; /* of Marsaglia's paper: any but 0 does */
    *concealment = fresh;
    return 0;
}

void concealment_close(struct concealment *concealment)
{
    free(concealment);
}

void concealment_forget(struct concealment *concealment)
{
    concealment->heard = concealment->missed = 0;
    concealment->still = false;
}

static void decode(enum media_law law, const uint8_t *frame, int16_t samples[G711_FRAME])
{
    for (unsigned i = 0; i < G711_FRAME; i++)
        samples[i] = g711_sample(law, frame[i]);
}

static void encode(enum media_law law, const int16_t samples[G711_FRAME], uint8_t *frame)
{
    for (unsigned i = 0; i < G711_FRAME; i++)
        frame[i] = g711_byte(law, samples[i]);
}

void concealment_hear(struct concealment *concealment, enum media_law law,
                      uint8_t frame[G711_FRAME])
{
    int16_t samples[G711_FRAME];
    uint8_t *last = concealment->last[concealment->heard % LAST_FRAMES];
    if (concealment->missed > 0 && !concealment->still) {
        decode(law, frame, samples);
        (void)plc_rx(&concealment->plc, samples, G711_FRAME);
        encode(law, samples, frame);
    }
    memcpy(last, frame, G711_FRAME);
    concealment->heard++;
    concealment->missed = 0;
    concealment->still = false;
}

void concealment_still(struct concealment *concealment, uint8_t level)
{
    unsigned below = level > LEVEL_MAX ? LEVEL_MAX : level;
    if (below < CONCEALMENT_LOUDEST)
        below = CONCEALMENT_LOUDEST;
    concealment->still = true;
    concealment->missed = 0;
    /* Its power is that of evenly spread samples, whose loudest one is √3 of the mean. */
    concealment->loudest = OVERLOAD * sqrt(3) * pow(10, -(double)below / 20);
}

static void hiss(struct concealment *concealment, enum media_law law, uint8_t frame[G711_FRAME])
{
    for (unsigned i = 0; i < G711_FRAME; i++) {
        uint32_t x = concealment->chance; /* xorshift32 */
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        concealment->chance = x;
        frame[i] = g711_byte(law, (int16_t)(concealment->loudest * ((double)x / 2147483648.0 - 1)));
    }
}

/* Only what fell silent is looked into: spandsp learns the last frames when the first one is missed; in one piece, as
 * with less than its whole history it would copy memory over itself. */
static void recall(struct concealment *concealment, enum media_law law)
{
    int16_t samples[LAST_FRAMES * G711_FRAME] = { 0 };
    (void)plc_init(&concealment->plc);
    for (unsigned back = LAST_FRAMES; back > 0; back--)
        if (concealment->heard >= back)
            decode(law, concealment->last[(concealment->heard - back) % LAST_FRAMES],
                   samples + (size_t)(LAST_FRAMES - back) * G711_FRAME);
    (void)plc_rx(&concealment->plc, samples, LAST_FRAMES * G711_FRAME);
}

void concealment_fill(struct concealment *concealment, enum media_law law,
                      uint8_t frame[G711_FRAME])
{
    int16_t samples[G711_FRAME];
    unsigned missed = concealment->missed++;
    if (concealment->still && missed < CONCEALMENT_NOISE_TURNS) {
        hiss(concealment, law, frame);
        return;
    }
    if (concealment->still || concealment->heard == 0 || missed >= FADED_TURNS) {
        memset(frame, g711_silence(law), G711_FRAME);
        return;
    }
    if (missed == 0)
        recall(concealment, law);
    (void)plc_fillin(&concealment->plc, samples, G711_FRAME);
    encode(law, samples, frame);
}
