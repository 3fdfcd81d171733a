/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keying: telephone keys pressed towards one side of a call, one key after the other in turns of 20 ms: 100 ms
 * of key, 100 ms of rest. Who took telephone events hears them (RFC 4733 §2.5.1: a packet a turn, the end
 * three times), anybody else the two tones of ITU-T Q.23 in place of the voice. Pure; it allocates nothing. */
#ifndef GATEWAYS_TRUNK_KEYING_H
#define GATEWAYS_TRUNK_KEYING_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/g711.h"
#include "gateways/trunk/voice.h"

enum {
    KEYING_KEYS_MAX = 64,    /* that wait; what comes on top is left out */
    KEYING_PRESS_TURNS = 5,  /* Q.24 wants 40 ms at the least */
    KEYING_END_TURNS = 3,    /* of the rest: the end is told again, should it get lost */
    KEYING_CYCLE_TURNS = 10, /* a press and the rest behind it */
    KEYING_VOLUME = 10       /* -dBm0 */
};

struct keying {
    uint8_t codes[KEYING_KEYS_MAX]; /* RFC 4733 §3.2: 0–9 * # A–D */
    uint8_t count;
    uint8_t at;
    uint8_t turn; /* of the key at `at` */
};

/* Presses these keys after those that wait; a character that is no key is left out. */
void keying_add(struct keying *keying, const char *keys);

bool keying_runs(const struct keying *keying);

/* The turn's packet; false: none, the turn lies in the rest. */
bool keying_event(const struct keying *keying, struct voice_event *event);

/* The turn's sound in A-law: the key's tones, or silence. */
void keying_sound(const struct keying *keying, uint8_t frame[G711_FRAME]);

/* The turn is over. */
void keying_turn(struct keying *keying);

#endif
