/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/caller.h"

#include <string.h>

#include <sodium.h>

enum {
    NUMBER_BYTES = 33,
    SHORTEST = 3, /* a service number */
    LONGEST_AT_HOME =
        12, /* an area code and eight digits; what is longer is a telephone's own serial */
    LONGEST_ABROAD = 17 /* 00 and the fifteen digits of E.164 */
};

/* Drops the country code only before what is long enough to be a national number: 86 may also be
 * the start of a short local one. */
static const char *national(const char *digits)
{
    size_t length = strlen(digits);
    if (length > 4 + 9 && strncmp(digits, "0086", 4) == 0)
        return digits + 4;
    if (length > 2 + 9 && strncmp(digits, "86", 2) == 0)
        return digits + 2;
    return digits;
}

static size_t read_digits(const char *number, char digits[NUMBER_BYTES])
{
    size_t count = 0;
    for (; *number && count < NUMBER_BYTES - 1; number++)
        if (*number >= '0' && *number <= '9')
            digits[count++] = *number;
    digits[count] = 0;
    return count;
}

bool caller_is_diallable(const char *number)
{
    char digits[NUMBER_BYTES];
    size_t count = read_digits(number, digits);
    const char *kept = national(digits);
    size_t length = strlen(kept);
    bool abroad = strncmp(kept, "00", 2) == 0 || (number[0] == '+' && kept == digits);
    bool sound = count >= SHORTEST && strncmp(kept, "000", 3) != 0 &&
                 length <= (abroad ? LONGEST_ABROAD : LONGEST_AT_HOME);
    sodium_memzero(digits, sizeof digits);
    return sound;
}

uint64_t caller_index(const uint8_t key[CALLER_KEY_BYTES], const char *number)
{
    char digits[NUMBER_BYTES];
    if (read_digits(number, digits) == 0)
        return 0;
    const char *kept = national(digits);
    uint8_t hash[32];
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)kept, strlen(kept), key,
                             CALLER_KEY_BYTES);
    sodium_memzero(digits, sizeof digits);
    uint64_t index = 0;
    for (unsigned i = 0; i < 8; i++)
        index = index << 8U | hash[i];
    return index ? index : 1;
}
