/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/segment.h"

#include <stdint.h>

#include "base/utf8.h"

enum {
    SEPTETS_ALONE = 160,
    SEPTETS_OF_MANY = 153,
    UNITS_ALONE = 70,
    UNITS_OF_MANY = 67
};

/* The default alphabet's characters beyond ASCII, in the order of Unicode. */
static const uint16_t beyond_ascii[] = {
    0x00A1, 0x00A3, 0x00A4, 0x00A5, 0x00A7, 0x00BF, 0x00C4, 0x00C5, 0x00C6, 0x00C7,
    0x00C9, 0x00D1, 0x00D6, 0x00D8, 0x00DC, 0x00DF, 0x00E0, 0x00E4, 0x00E5, 0x00E6,
    0x00E8, 0x00E9, 0x00EC, 0x00F1, 0x00F2, 0x00F6, 0x00F8, 0x00F9, 0x00FC, 0x0393,
    0x0394, 0x0398, 0x039B, 0x039E, 0x03A0, 0x03A3, 0x03A6, 0x03A8, 0x03A9,
};

/* 0: not in the default alphabet. */
static unsigned septets_of(uint32_t character)
{
    switch (character) {
    case '\f':
    case '^':
    case '{':
    case '}':
    case '\\':
    case '[':
    case '~':
    case ']':
    case '|':
    case 0x20AC:
        return 2;
    case '`':
        return 0;
    case '\n':
    case '\r':
        return 1;
    default:
        break;
    }
    if (character < 0x7F)
        return character >= ' ';
    for (size_t i = 0; i < sizeof beyond_ascii / sizeof beyond_ascii[0]; i++)
        if (beyond_ascii[i] == character)
            return 1;
    return 0;
}

static size_t take(const char *words, size_t length, uint32_t *character)
{
    size_t taken = utf8_decode(words, length, character);
    return taken ? taken : length; /* not valid: no more of it is counted */
}

bool segment_is_gsm7(const char *words, size_t length)
{
    while (length > 0) {
        uint32_t character = 0;
        size_t taken = take(words, length, &character);
        if (septets_of(character) == 0)
            return false;
        words += taken;
        length -= taken;
    }
    return true;
}

static unsigned units_of(uint32_t character, bool gsm7)
{
    return gsm7 ? septets_of(character) : character > 0xFFFF ? 2 : 1;
}

size_t segment_units(const char *words, size_t length)
{
    bool gsm7 = segment_is_gsm7(words, length);
    size_t units = 0;
    while (length > 0) {
        uint32_t character = 0;
        size_t taken = take(words, length, &character);
        units += units_of(character, gsm7);
        words += taken;
        length -= taken;
    }
    return units;
}

unsigned segment_count(const char *words, size_t length)
{
    bool gsm7 = segment_is_gsm7(words, length);
    size_t room = gsm7 ? SEPTETS_OF_MANY : UNITS_OF_MANY;
    size_t used = 0;
    unsigned count = 1;
    if (segment_units(words, length) <= (gsm7 ? SEPTETS_ALONE : UNITS_ALONE))
        return 1;
    while (length > 0) {
        uint32_t character = 0;
        size_t taken = take(words, length, &character);
        unsigned units = units_of(character, gsm7);
        if (used + units > room) {
            count++;
            used = 0;
        }
        used += units;
        words += taken;
        length -= taken;
    }
    return count;
}
