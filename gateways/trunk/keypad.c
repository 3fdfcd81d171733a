/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/keypad.h"

#include <errno.h>
#include <spandsp.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* The receiver wants two blocks of 13 ms; so many turns more make a vowel rare and leave every key of 65 ms
     * (ETSI ES 201 235-2 §4.2.4) whole. */
    SURE_TURNS = 2,
    REST_TURNS = 2, /* less is a hole in the key, as a lost packet makes it */
    THRESHOLD_DBM0 = -36,
    TWIST_DB = 8,
    REVERSE_TWIST_DB = 4
};

struct keypad {
    dtmf_rx_state_t *receiver;
    char held; /* the key that is, or was last, down; 0: none */
    unsigned turns, rest;
};

static void ignore(void *owner, const char *keys, int count)
{
    (void)owner, (void)keys, (void)count;
}

int keypad_open(struct keypad **keypad)
{
    struct keypad *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->receiver = dtmf_rx_init(NULL, ignore, NULL);
    if (!fresh->receiver) {
        free(fresh);
        return -ENOMEM;
    }
    dtmf_rx_parms(fresh->receiver, FALSE, TWIST_DB, REVERSE_TWIST_DB, THRESHOLD_DBM0);
    *keypad = fresh;
    return 0;
}

void keypad_close(struct keypad *keypad)
{
    if (!keypad)
        return;
    (void)dtmf_rx_free(keypad->receiver);
    free(keypad);
}

unsigned keypad_hear(struct keypad *keypad, const int16_t samples[G711_FRAME],
                     char keys[KEYPAD_KEYS_MAX])
{
    (void)dtmf_rx(keypad->receiver, samples, G711_FRAME);
    int status = dtmf_rx_status(keypad->receiver);
    char now = status > 0 && status < 128 && strchr("0123456789*#ABCD", status) ? (char)status : 0;
    keypad->rest = status ? 0 : keypad->rest + 1;
    if (keypad->rest >= REST_TURNS)
        keypad->held = 0;
    if (now == 0)
        return 0;
    if (now != keypad->held)
        keypad->turns = 0;
    keypad->held = now;
    if (++keypad->turns != SURE_TURNS)
        return 0;
    keys[0] = now;
    return 1;
}
