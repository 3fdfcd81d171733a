/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Full width becomes half, capitals small; 0: what people put between words and around them. */
static uint32_t plain(uint32_t character)
{
    static const uint32_t fillers[] = {
        '"',    '\'',   '!',    '(',    ')',    ',',    '-',    '.',    ':',    ';',    '#',
        '[',    ']',    '*',    '/',    0x00a0, 0x2014, 0x2018, 0x2019, 0x201c, 0x201d, 0x3001,
        0x3002, 0x300a, 0x300b, 0x3010, 0x3011, 0x3014, 0x3015, 0xfe0f, 0x2116,
    };
    if (character >= 0xff01 && character <= 0xff5e)
        character -= 0xfee0;
    if (character <= ' ' || character == 0x3000)
        return 0;
    for (size_t i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
        if (fillers[i] == character)
            return 0;
    return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
}

/* The text without fillers, small and half width. False when it is too long or no text. */
static bool fold(const char *text, char out[WISH_TEXT_MAX + 1])
{
    size_t length = strnlen(text, WISH_TEXT_MAX + 1);
    size_t used = 0;
    if (length > WISH_TEXT_MAX)
        return false;
    for (size_t at = 0; at < length;) {
        uint32_t character;
        size_t size = utf8_decode(text + at, length - at, &character);
        if (size == 0)
            return false;
        at += size;
        character = plain(character);
        if (character)
            used += utf8_encode(character, out + used); /* never longer than it came */
    }
    out[used] = 0;
    return used > 0;
}

/* Cuts an order number off the end, and what people write before one. False: digits, but no number. */
static bool number_cut(char *folded, char digits[WISH_DIGITS_BYTES])
{
    static const char *const titles[] = { "编号", "单号", "工单", "no", "number" };
    size_t length = strlen(folded);
    size_t begin = length;
    while (begin > 0 && folded[begin - 1] >= '0' && folded[begin - 1] <= '9')
        begin--;
    size_t count = length - begin;
    digits[0] = 0;
    if (count == 0)
        return true;
    if (count < WISH_DIGITS_LEAST || count >= WISH_DIGITS_BYTES)
        return false;
    memcpy(digits, folded + begin, count + 1);
    folded[begin] = 0;
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        size_t size = strlen(titles[i]);
        if (begin > size && strcmp(folded + begin - size, titles[i]) == 0) {
            folded[begin - size] = 0;
            return true;
        }
    }
    return true;
}

static bool row_has(const struct wish_row *row, const char *folded)
{
    char word[WISH_TEXT_MAX + 1];
    for (uint32_t i = 0; i < row->words_count; i++)
        if (fold(row->words[i], word) && strcmp(word, folded) == 0)
            return true;
    return false;
}

bool wish_parse(const struct wish_row rows[CITIZEN_WISH_COUNT], const char *text,
                enum citizen_wish *wish, char digits[WISH_DIGITS_BYTES])
{
    char folded[WISH_TEXT_MAX + 1];
    *wish = CITIZEN_WISH_NONE;
    digits[0] = 0;
    if (!fold(text, folded) || !number_cut(folded, digits))
        return false;
    if (!folded[0] && strlen(digits) >= WISH_DIGITS_WHOLE) {
        *wish = CITIZEN_WISH_STATUS; /* a whole order number, and no word */
        return true;
    }
    for (enum citizen_wish one = CITIZEN_WISH_NONE + 1; one < CITIZEN_WISH_COUNT; one++)
        if (row_has(&rows[one], folded)) {
            *wish = one;
            return true;
        }
    return false;
}

bool wish_names(const char *digits, uint64_t number)
{
    char whole[WISH_DIGITS_BYTES];
    (void)snprintf(whole, sizeof whole, "%" PRIu64, number);
    size_t length = strlen(whole);
    size_t size = strlen(digits);
    return size >= WISH_DIGITS_LEAST && size <= length &&
           strcmp(whole + length - size, digits) == 0;
}
