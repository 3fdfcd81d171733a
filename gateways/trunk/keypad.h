/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keypad: telephone keys heard in the sound itself (ITU-T Q.23, Q.24), for sides that took no telephone
 * events. A key is told once, when it is sure; a voice is none. One thread at a time. */
#ifndef GATEWAYS_TRUNK_KEYPAD_H
#define GATEWAYS_TRUNK_KEYPAD_H

#include <stdint.h>

#include "gateways/trunk/g711.h"

enum {
    KEYPAD_KEYS_MAX = 4, /* that a turn can end */
};

struct keypad;

/* Returns 0 or -ENOMEM. */
int keypad_open(struct keypad **keypad);
/* Accepts NULL. */
void keypad_close(struct keypad *keypad);

/* The turn's 20 ms, linear at 8 kHz. Writes the keys that became sure in it, 0–9 * # A–D, and returns how many. */
unsigned keypad_hear(struct keypad *keypad, const int16_t samples[G711_FRAME],
                     char keys[KEYPAD_KEYS_MAX]);

#endif
