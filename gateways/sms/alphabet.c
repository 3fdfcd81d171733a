/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/alphabet.h"

#include "base/require.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
    LAST_CHARACTER = 0x221E /* of all tables below */
};

/* §6.2.1. */
static const uint16_t standard[128] = {
    '@',    0x00A3, '$',    0x00A5, 0x00E8, 0x00E9, 0x00F9,
    0x00EC, 0x00F2, 0x00C7, '\n',   0x00D8, 0x00F8, '\r',
    0x00C5, 0x00E5, 0x0394, '_',    0x03A6, 0x0393, 0x039B,
    0x03A9, 0x03A0, 0x03A8, 0x03A3, 0x0398, 0x039E, ALPHABET_ESCAPE,
    0x00C6, 0x00E6, 0x00DF, 0x00C9, ' ',    '!',    '"',
    '#',    0x00A4, '%',    '&',    '\'',   '(',    ')',
    '*',    '+',    ',',    '-',    '.',    '/',    '0',
    '1',    '2',    '3',    '4',    '5',    '6',    '7',
    '8',    '9',    ':',    ';',    '<',    '=',    '>',
    '?',    0x00A1, 'A',    'B',    'C',    'D',    'E',
    'F',    'G',    'H',    'I',    'J',    'K',    'L',
    'M',    'N',    'O',    'P',    'Q',    'R',    'S',
    'T',    'U',    'V',    'W',    'X',    'Y',    'Z',
    0x00C4, 0x00D6, 0x00D1, 0x00DC, 0x00A7, 0x00BF, 'a',
    'b',    'c',    'd',    'e',    'f',    'g',    'h',
    'i',    'j',    'k',    'l',    'm',    'n',    'o',
    'p',    'q',    'r',    's',    't',    'u',    'v',
    'w',    'x',    'y',    'z',    0x00E4, 0x00F6, 0x00F1,
    0x00FC, 0x00E0,
};

struct pair {
    uint8_t septet;
    uint16_t character;
};

/* §6.2.1.1. */
static const struct pair extension[] = {
    { 0x0A, '\f' }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' }, { 0x2F, '\\' },
    { 0x3C, '[' },  { 0x3D, '~' }, { 0x3E, ']' }, { 0x40, '|' }, { 0x65, 0x20AC },
};

/* What a national table has in another place than the default one (§A.2 and §A.3). */
static const struct pair turkish_single[] = {
    { 0x47, 0x011E }, { 0x49, 0x0130 }, { 0x53, 0x015E }, { 0x63, 0x00E7 },
    { 0x67, 0x011F }, { 0x69, 0x0131 }, { 0x73, 0x015F },
};
static const struct pair spanish_single[] = {
    { 0x09, 0x00E7 }, { 0x41, 0x00C1 }, { 0x49, 0x00CD }, { 0x4F, 0x00D3 }, { 0x55, 0x00DA },
    { 0x61, 0x00E1 }, { 0x69, 0x00ED }, { 0x6F, 0x00F3 }, { 0x75, 0x00FA },
};
static const struct pair portuguese_single[] = {
    { 0x05, 0x00EA }, { 0x09, 0x00E7 }, { 0x0B, 0x00D4 }, { 0x0C, 0x00F4 }, { 0x0E, 0x00C1 },
    { 0x0F, 0x00E1 }, { 0x12, 0x03A6 }, { 0x13, 0x0393 }, { 0x15, 0x03A9 }, { 0x16, 0x03A0 },
    { 0x17, 0x03A8 }, { 0x18, 0x03A3 }, { 0x19, 0x0398 }, { 0x1F, 0x00CA }, { 0x41, 0x00C0 },
    { 0x49, 0x00CD }, { 0x4F, 0x00D3 }, { 0x55, 0x00DA }, { 0x5B, 0x00C3 }, { 0x5C, 0x00D5 },
    { 0x61, 0x00C2 }, { 0x69, 0x00ED }, { 0x6F, 0x00F3 }, { 0x75, 0x00FA }, { 0x7B, 0x00E3 },
    { 0x7C, 0x00F5 }, { 0x7F, 0x00E2 },
};
static const struct pair turkish_locking[] = {
    { 0x04, 0x20AC }, { 0x07, 0x0131 }, { 0x0B, 0x011E }, { 0x0C, 0x011F },
    { 0x1C, 0x015E }, { 0x1D, 0x015F }, { 0x40, 0x0130 }, { 0x60, 0x00E7 },
};
static const struct pair portuguese_locking[] = {
    { 0x04, 0x00EA }, { 0x06, 0x00FA }, { 0x07, 0x00ED }, { 0x08, 0x00F3 }, { 0x09, 0x00E7 },
    { 0x0B, 0x00D4 }, { 0x0C, 0x00F4 }, { 0x0E, 0x00C1 }, { 0x0F, 0x00E1 }, { 0x12, 0x00AA },
    { 0x13, 0x00C7 }, { 0x14, 0x00C0 }, { 0x15, 0x221E }, { 0x16, '^' },    { 0x17, '\\' },
    { 0x18, 0x20AC }, { 0x19, 0x00D3 }, { 0x1A, '|' },    { 0x1C, 0x00C2 }, { 0x1D, 0x00E2 },
    { 0x1E, 0x00CA }, { 0x24, 0x00BA }, { 0x40, 0x00CD }, { 0x5B, 0x00C3 }, { 0x5C, 0x00D5 },
    { 0x5D, 0x00DA }, { 0x60, '~' },    { 0x7B, 0x00E3 }, { 0x7C, 0x00F5 }, { 0x7D, '`' },
};

static const struct national {
    const struct pair *pairs;
    size_t count;
} lockings[] = {
    [ALPHABET_TURKISH] = { turkish_locking, COUNT(turkish_locking) },
    [ALPHABET_PORTUGUESE] = { portuguese_locking, COUNT(portuguese_locking) },
}, singles[] = {
    [ALPHABET_TURKISH] = { turkish_single, COUNT(turkish_single) },
    [ALPHABET_SPANISH] = { spanish_single, COUNT(spanish_single) },
    [ALPHABET_PORTUGUESE] = { portuguese_single, COUNT(portuguese_single) },
};

/* 0: not there. */
static uint32_t pair_find(const struct pair *pairs, size_t count, uint8_t septet)
{
    for (size_t i = 0; i < count; i++)
        if (pairs[i].septet == septet)
            return pairs[i].character;
    return 0;
}

uint32_t alphabet_character(uint8_t septet, uint8_t locking)
{
    REQUIRE(septet < COUNT(standard));
    uint32_t found = 0;
    if (locking < COUNT(lockings))
        found = pair_find(lockings[locking].pairs, lockings[locking].count, septet);
    return found ? found : standard[septet];
}

uint32_t alphabet_shifted(uint8_t septet, uint8_t locking, uint8_t single)
{
    uint32_t found = 0;
    if (single < COUNT(singles))
        found = pair_find(singles[single].pairs, singles[single].count, septet);
    if (!found)
        found = pair_find(extension, COUNT(extension), septet);
    return found ? found : alphabet_character(septet, locking);
}

/* The septet of a character; 0: not there (none of these tables has a character at septet 0). */
static uint8_t pair_septet(const struct pair *pairs, size_t count, uint32_t character)
{
    for (size_t i = 0; i < count; i++)
        if (pairs[i].character == character)
            return pairs[i].septet;
    return 0;
}

/* Most letters stand at their own number, and no table has one behind the sign for infinity: words of many letters are
 * written without looking through a table for each. */
static uint8_t septet_of(uint32_t character, uint8_t locking)
{
    if (character < COUNT(standard) && character != ALPHABET_ESCAPE &&
        alphabet_character((uint8_t)character, locking) == character)
        return (uint8_t)character;
    for (size_t i = 0; i < COUNT(standard) && character <= LAST_CHARACTER; i++)
        if (i != ALPHABET_ESCAPE && alphabet_character((uint8_t)i, locking) == character)
            return (uint8_t)i;
    return ALPHABET_ESCAPE;
}

size_t alphabet_write(uint32_t character, uint8_t locking, uint8_t single, uint8_t septets[2])
{
    septets[0] = septet_of(character, locking);
    if (septets[0] != ALPHABET_ESCAPE)
        return 1;
    septets[1] = single < COUNT(singles)
                     ? pair_septet(singles[single].pairs, singles[single].count, character)
                     : 0;
    if (septets[1] == 0)
        septets[1] = pair_septet(extension, COUNT(extension), character);
    return septets[1] != 0 ? 2 : 0;
}
