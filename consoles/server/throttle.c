/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/throttle.h"

#include <string.h>

#include <sodium.h>

_Static_assert(crypto_shorthash_KEYBYTES == 16, "the secret keys the short hash");

void throttle_begin(struct throttle *throttle, uint32_t tries, uint64_t regain_ms)
{
    memset(throttle, 0, sizeof *throttle);
    throttle->tries = tries;
    throttle->regain_ms = regain_ms;
    randombytes_buf(throttle->secret, sizeof throttle->secret);
}

static uint64_t hash_of(const struct throttle *throttle, const char *key)
{
    uint64_t hash;
    (void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key, strlen(key),
                           throttle->secret);
    return hash ? hash : 1;
}

/* The key's place, else the one that is free or the nearest to it. */
static uint32_t place_of(const struct throttle *throttle, uint64_t hash)
{
    uint32_t first = (uint32_t)(hash % (THROTTLE_KEYS_MAX / THROTTLE_WAYS)) * THROTTLE_WAYS;
    uint32_t best = first;
    for (uint32_t i = first; i < first + THROTTLE_WAYS; i++) {
        if (throttle->places[i].key == hash)
            return i;
        if (throttle->places[i].full_ms < throttle->places[best].full_ms)
            best = i;
    }
    return best;
}

bool throttle_take(struct throttle *throttle, const char *key, uint64_t mono_ms)
{
    uint64_t hash = hash_of(throttle, key);
    uint32_t place = place_of(throttle, hash);
    uint64_t full_ms = throttle->places[place].key == hash ? throttle->places[place].full_ms : 0;
    if (full_ms < mono_ms)
        full_ms = mono_ms;
    if (full_ms + throttle->regain_ms > mono_ms + throttle->tries * throttle->regain_ms)
        return false;
    throttle->places[place].key = hash;
    throttle->places[place].full_ms = full_ms + throttle->regain_ms;
    return true;
}

void throttle_give(struct throttle *throttle, const char *key, uint64_t mono_ms)
{
    uint64_t hash = hash_of(throttle, key);
    uint32_t place = place_of(throttle, hash);
    if (throttle->places[place].key == hash &&
        throttle->places[place].full_ms >= mono_ms + throttle->regain_ms)
        throttle->places[place].full_ms -= throttle->regain_ms;
}
