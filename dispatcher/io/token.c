/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/token.h"

#include <string.h>

#include <sodium.h>

enum {
    USER_BYTES = 4,
    TIME_BYTES = 8,
    RANDOM_BYTES = 4,
    MAC_BYTES = 16,
    SIGNED_BYTES = USER_BYTES + TIME_BYTES + RANDOM_BYTES
};
_Static_assert(SIGNED_BYTES + MAC_BYTES == TOKEN_BYTES, "a token fits its field");

void token_key(const uint8_t orders_key[32], uint8_t key[TOKEN_KEY_BYTES])
{
    static const uint8_t purpose[] = "yihao session token 1";
    (void)crypto_generichash(key, TOKEN_KEY_BYTES, purpose, sizeof purpose - 1, orders_key, 32);
}

static void sign(const uint8_t key[TOKEN_KEY_BYTES], const uint8_t *token, uint8_t mac[MAC_BYTES])
{
    (void)crypto_generichash(mac, MAC_BYTES, token, SIGNED_BYTES, key, TOKEN_KEY_BYTES);
}

static void put(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *from, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

void token_make(const uint8_t key[TOKEN_KEY_BYTES], uint32_t user, uint64_t opened_ms,
                uint8_t token[TOKEN_BYTES])
{
    put(token, user, USER_BYTES);
    put(token + USER_BYTES, opened_ms, TIME_BYTES);
    randombytes_buf(token + USER_BYTES + TIME_BYTES, RANDOM_BYTES);
    sign(key, token, token + SIGNED_BYTES);
}

uint32_t token_read(const uint8_t key[TOKEN_KEY_BYTES], const uint8_t *token, uint32_t size,
                    uint64_t now_ms, uint64_t *opened_ms)
{
    uint8_t mac[MAC_BYTES];
    if (size != TOKEN_BYTES)
        return 0;
    sign(key, token, mac);
    if (sodium_memcmp(mac, token + SIGNED_BYTES, MAC_BYTES) != 0)
        return 0;
    *opened_ms = get(token + USER_BYTES, TIME_BYTES);
    if (now_ms > *opened_ms + TOKEN_LIFE_MS)
        return 0;
    return (uint32_t)get(token, USER_BYTES);
}
