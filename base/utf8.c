/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

/* How many bytes a first byte announces, 0 when none can begin so. */
static size_t sequence_length(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first < 0xE0)
        return 2;
    if (first >= 0xE0 && first < 0xF0)
        return 3;
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

size_t utf8_decode(const char *at, size_t length, uint32_t *character)
{
    static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (length == 0)
        return 0;
    uint8_t first = (uint8_t)at[0];
    size_t size = sequence_length(first);
    if (size == 0 || size > length)
        return 0;
    uint32_t value = size == 1 ? first : first & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        uint8_t next = (uint8_t)at[i];
        if ((next & 0xC0U) != 0x80U)
            return 0;
        value = value << 6U | (next & 0x3FU);
    }
    if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *character = value;
    return size;
}

size_t utf8_encode(uint32_t character, char out[4])
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        return 0;
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80U | (character & 0x3FU));
        character >>= 6U;
    }
    static const uint8_t lead[5] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    out[0] = (char)(lead[size] | character);
    return size;
}

bool utf8_is_text(const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t character;
        size_t size = utf8_decode(bytes + at, length - at, &character);
        if (size == 0)
            return false;
        bool control = (character < 0x20 && character != '\n' && character != '\t') ||
                       (character >= 0x7F && character < 0xA0);
        if (control)
            return false;
        at += size;
    }
    return true;
}
