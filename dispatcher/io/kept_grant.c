/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/kept_grant.h"

#include <string.h>

#include <sodium.h>

static void add_words(crypto_generichash_state *state, const char *words)
{
    (void)crypto_generichash_update(state, (const uint8_t *)words, strlen(words) + 1);
}

/* The row of the grant, KEPT_GRANTS_MAX: none. Writes its hash. */
static uint32_t find(const struct kept_grants *kept, const struct sign_in *asked, uint8_t hash[32])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, 32);
    add_words(&state, asked->grant);
    add_words(&state, asked->verifier);
    add_words(&state, asked->nonce);
    (void)crypto_generichash_final(&state, hash, 32);
    uint32_t found = KEPT_GRANTS_MAX;
    for (uint32_t i = 0; i < KEPT_GRANTS_MAX; i++)
        if (kept->rows[i].tries && sodium_memcmp(kept->rows[i].hash, hash, 32) == 0)
            found = i;
    return found;
}

void kept_grants_add(struct kept_grants *kept, const struct sign_in *asked,
                     const struct identified *identified, uint64_t mono_ms)
{
    uint8_t hash[32];
    if (find(kept, asked, hash) < KEPT_GRANTS_MAX)
        return;
    uint32_t place = kept->next++ % KEPT_GRANTS_MAX;
    memcpy(kept->rows[place].hash, hash, sizeof hash);
    kept->rows[place].until_ms = mono_ms + KEPT_GRANT_MS;
    kept->rows[place].tries = KEPT_GRANT_TRIES;
    kept->rows[place].identified = *identified;
}

bool kept_grants_take(struct kept_grants *kept, const struct sign_in *asked,
                      struct identified *identified, uint64_t mono_ms)
{
    uint8_t hash[32];
    uint32_t place = find(kept, asked, hash);
    if (place == KEPT_GRANTS_MAX)
        return false;
    bool in_time = mono_ms <= kept->rows[place].until_ms;
    *identified = kept->rows[place].identified;
    kept->rows[place].tries = in_time ? kept->rows[place].tries - 1 : 0;
    return in_time;
}

void kept_grants_drop(struct kept_grants *kept, const struct sign_in *asked)
{
    uint8_t hash[32];
    uint32_t place = find(kept, asked, hash);
    if (place < KEPT_GRANTS_MAX)
        sodium_memzero(&kept->rows[place], sizeof kept->rows[place]);
}
