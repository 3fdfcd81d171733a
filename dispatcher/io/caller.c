/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/caller.h"

#include <string.h>

#include <sodium.h>

#include "base/utf8.h"

enum {
    NUMBER_BYTES = 33
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

uint64_t caller_index(const uint8_t key[CALLER_KEY_BYTES], const char *number)
{
    char digits[NUMBER_BYTES];
    size_t count = 0;
    for (; *number && count < NUMBER_BYTES - 1; number++)
        if (*number >= '0' && *number <= '9')
            digits[count++] = *number;
    digits[count] = 0;
    if (count == 0)
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

/* The digit's value, 0 for a separator, -1 for anything else. */
static int digit_of(uint32_t character)
{
    if (character >= '1' && character <= '3')
        return (int)(character - '0');
    if (character >= 0xFF11 && character <= 0xFF13) /* full width */
        return (int)(character - 0xFF10);
    bool separator = character == ' ' || character == ',' || character == 0x3000 ||
                     character == 0xFF0C || character == 0x3001 || character == '\n' ||
                     character == '\t';
    return separator ? 0 : -1;
}

bool caller_reads_survey(const char *words, struct contact_arrive *arrive)
{
    static const enum degree degrees[] = { DEGREE_NONE, DEGREE_YES, DEGREE_MOSTLY, DEGREE_NO };
    int digits[3];
    unsigned count = 0;
    size_t left = strlen(words);
    while (left > 0) {
        uint32_t character;
        size_t taken = utf8_decode(words, left, &character);
        int digit = taken ? digit_of(character) : -1;
        if (digit < 0 || (digit > 0 && count == 3))
            return false;
        if (digit > 0)
            digits[count++] = digit;
        words += taken;
        left -= taken;
    }
    if (count != 3 || digits[0] == 3)
        return false;
    arrive->contacted = digits[0] == 1 ? DEGREE_YES : DEGREE_NO;
    arrive->solved = degrees[digits[1]];
    arrive->satisfied = degrees[digits[2]];
    return true;
}
