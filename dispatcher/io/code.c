/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/code.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

enum {
    NUMBER_BYTES = 8,
    CODES = 100000000 /* 10 to the CODE_DIGITS */
};

void code_key(const uint8_t blind_key[32], uint8_t key[CODE_KEY_BYTES])
{
    static const uint8_t purpose[] = "yihao citizen code 1";
    (void)crypto_generichash(key, CODE_KEY_BYTES, purpose, sizeof purpose - 1, blind_key, 32);
}

void code_make(const uint8_t key[CODE_KEY_BYTES], uint64_t number, char code[CODE_BYTES])
{
    uint8_t bytes[NUMBER_BYTES], hash[16];
    uint64_t sum = 0;
    for (unsigned i = 0; i < NUMBER_BYTES; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    (void)crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, key, CODE_KEY_BYTES);
    for (unsigned i = 0; i < sizeof sum; i++)
        sum = sum << 8 | hash[i];
    (void)snprintf(code, CODE_BYTES, "%0*" PRIu64, (int)CODE_DIGITS, sum % CODES);
}

bool code_is(const uint8_t key[CODE_KEY_BYTES], uint64_t number, const char *said)
{
    char code[CODE_BYTES], padded[CODE_BYTES] = { 0 };
    code_make(key, number, code);
    size_t length = strnlen(said, CODE_BYTES);
    memcpy(padded, said, length < CODE_DIGITS ? length : CODE_DIGITS);
    bool same = sodium_memcmp(code, padded, CODE_DIGITS) == 0;
    sodium_memzero(code, sizeof code);
    return same & (length == CODE_DIGITS);
}
