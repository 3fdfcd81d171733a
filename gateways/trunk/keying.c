/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/keying.h"

#include <math.h>
#include <string.h>

#include "base/require.h"

enum {
    END_BIT = 0x80,
    AMPLITUDE = 4000 /* of each of the two tones: about -10 dBm0 */
};

static const char all_keys[] = "0123456789*#ABCD";

void keying_add(struct keying *keying, const char *keys)
{
    if (!keying_runs(keying))
        *keying = (struct keying){ 0 };
    for (; *keys && keying->count < KEYING_KEYS_MAX; keys++) {
        const char *key = strchr(all_keys, *keys);
        if (key)
            keying->codes[keying->count++] = (uint8_t)(key - all_keys);
    }
}

bool keying_runs(const struct keying *keying)
{
    return keying->at < keying->count;
}

bool keying_event(const struct keying *keying, struct voice_event *event)
{
    REQUIRE(keying_runs(keying));
    bool ends = keying->turn >= KEYING_PRESS_TURNS;
    unsigned turns = ends ? KEYING_PRESS_TURNS : keying->turn + 1U;
    *event = (struct voice_event){ .code = keying->codes[keying->at],
                                   .flags_volume = (uint8_t)(KEYING_VOLUME | (ends ? END_BIT : 0)),
                                   .duration = (uint16_t)(turns * G711_FRAME),
                                   .first = keying->turn == 0 };
    return keying->turn < KEYING_PRESS_TURNS + KEYING_END_TURNS;
}

void keying_sound(const struct keying *keying, uint8_t frame[G711_FRAME])
{
    /* Rows and columns of the keys 0–9 * # A–D, in hertz. */
    static const uint16_t low[] = { 941, 697, 697, 697, 770, 770, 770, 852,
                                    852, 852, 941, 941, 697, 770, 852, 941 };
    static const uint16_t high[] = { 1336, 1209, 1336, 1477, 1209, 1336, 1477, 1209,
                                     1336, 1477, 1209, 1477, 1633, 1633, 1633, 1633 };
    REQUIRE(keying_runs(keying));
    if (keying->turn >= KEYING_PRESS_TURNS) {
        memset(frame, g711_silence(MEDIA_PCMA), G711_FRAME);
        return;
    }
    uint8_t code = keying->codes[keying->at];
    for (unsigned i = 0; i < G711_FRAME; i++) {
        double turn = 2 * M_PI * (keying->turn * (unsigned)G711_FRAME + i) / G711_RATE;
        double sample = AMPLITUDE * (sin(turn * low[code]) + sin(turn * high[code]));
        frame[i] = g711_byte(MEDIA_PCMA, (int16_t)sample);
    }
}

void keying_turn(struct keying *keying)
{
    if (++keying->turn < KEYING_CYCLE_TURNS)
        return;
    keying->turn = 0;
    keying->at++;
}
