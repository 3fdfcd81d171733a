/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * throttle: how often somebody may try. Each key (an address, an order number) has a number of tries; one
 * comes back after each `regain_ms`. The table is fixed: when it is full, the key that is nearest to having
 * all its tries back goes. Keys are hashed under a secret of the process, so that nobody can choose one
 * that collides. */
#ifndef CONSOLES_SERVER_THROTTLE_H
#define CONSOLES_SERVER_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    THROTTLE_KEYS_MAX = 4096,
    THROTTLE_WAYS = 8 /* places a key may lie in */
};

struct throttle {
    uint32_t tries;
    uint64_t regain_ms;
    uint8_t secret[16];
    struct {
        uint64_t key;     /* hash; 0: free */
        uint64_t full_ms; /* monotonic: when all tries are back */
    } places[THROTTLE_KEYS_MAX];
};

void throttle_begin(struct throttle *throttle, uint32_t tries, uint64_t regain_ms);

/* Takes one try of the key; false: none is left. */
bool throttle_take(struct throttle *throttle, const char *key, uint64_t mono_ms);

/* Gives one back: what was tried was right. */
void throttle_give(struct throttle *throttle, const char *key, uint64_t mono_ms);

#endif
