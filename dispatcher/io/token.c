/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/token.h"

#include <string.h>

#include <sodium.h>

enum {
    USER_BYTES = 4,
    OPENED_BYTES = 6,
    PROVED_BYTES = 2, /* 0 in tokens of the release before: proved when it opened */
    RANDOM_BYTES = 4,
    MAC_BYTES = 16,
    OPENED_AT = USER_BYTES,
    PROVED_AT = OPENED_AT + OPENED_BYTES,
    RANDOM_AT = PROVED_AT + PROVED_BYTES,
    SIGNED_BYTES = RANDOM_AT + RANDOM_BYTES,
    SECOND_MS = 1000
};
_Static_assert(TOKEN_LIFE_MS / SECOND_MS <= UINT16_MAX, "the last proof fits its field");
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

void token_make(const uint8_t key[TOKEN_KEY_BYTES], const struct token *token,
                uint8_t bytes[TOKEN_BYTES])
{
    uint64_t since_ms =
        token->proved_ms > token->opened_ms ? token->proved_ms - token->opened_ms : 0;
    put(bytes, token->user, USER_BYTES);
    put(bytes + OPENED_AT, token->opened_ms, OPENED_BYTES);
    put(bytes + PROVED_AT, since_ms / SECOND_MS, PROVED_BYTES);
    randombytes_buf(bytes + RANDOM_AT, RANDOM_BYTES);
    sign(key, bytes, bytes + SIGNED_BYTES);
}

bool token_read(const uint8_t key[TOKEN_KEY_BYTES], const uint8_t *bytes, uint32_t size,
                uint64_t now_ms, struct token *token)
{
    uint8_t mac[MAC_BYTES];
    if (size != TOKEN_BYTES)
        return false;
    sign(key, bytes, mac);
    if (sodium_memcmp(mac, bytes + SIGNED_BYTES, MAC_BYTES) != 0)
        return false;
    token->user = (uint32_t)get(bytes, USER_BYTES);
    token->opened_ms = get(bytes + OPENED_AT, OPENED_BYTES);
    token->proved_ms = token->opened_ms + get(bytes + PROVED_AT, PROVED_BYTES) * SECOND_MS;
    return now_ms <= token->opened_ms + TOKEN_LIFE_MS;
}
