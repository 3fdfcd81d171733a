/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/pinyin.h"

#include <stdbool.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"

enum {
    PINYIN_ROW = 92 /* letters; two for a character */
};
#include "dispatcher/views/pinyin_table.h"

enum {
    FIRST = 0x4e00,
    SYLLABLES = sizeof syllables / sizeof syllables[0],
    CHARACTERS = 0xa000 - FIRST
};

static unsigned digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    return c == '+' ? 62 : 63;
}

unsigned pinyin_of(uint32_t character)
{
    if (character < FIRST || character >= FIRST + CHARACTERS)
        return 0;
    uint32_t place = 2 * (character - FIRST);
    const char *at = readings[place / PINYIN_ROW] + place % PINYIN_ROW;
    if (at[0] == '/')
        return 0;
    return digit_of(at[0]) * 64 + digit_of(at[1]) + 1;
}

const char *pinyin_syllable(unsigned number)
{
    REQUIRE(number >= 1 && number <= SYLLABLES);
    return syllables[number - 1];
}

/* The longest syllable of at most `most` letters. */
static unsigned longest(const char *letters, size_t most, size_t *length)
{
    unsigned best = 0;
    *length = 0;
    for (unsigned i = 0; i < SYLLABLES; i++) {
        size_t size = strlen(syllables[i]);
        if (size > *length && size <= most && strncmp(syllables[i], letters, size) == 0) {
            best = i + 1;
            *length = size;
        }
    }
    return best;
}

unsigned pinyin_take(const char *letters, size_t *length)
{
    unsigned whole = longest(letters, PINYIN_BYTES, length);
    unsigned number = whole;
    size_t size = *length;
    while (number && letters[size]) { /* "fangan": fan gan, not fang an */
        size_t next;
        if (longest(letters + size, PINYIN_BYTES, &next))
            break;
        number = longest(letters, size - 1, &size);
    }
    if (!number)
        return whole;
    *length = size;
    return number;
}

static char letter_of(uint32_t character)
{
    if (character >= 0xff01 && character <= 0xff5e)
        character -= 0xfee0; /* full width */
    if (character >= 'A' && character <= 'Z')
        return (char)(character - 'A' + 'a');
    bool kept = (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
    return (char)(kept ? character : 0);
}

void pinyin_sound(const char *words, char sound[PINYIN_SOUND_BYTES])
{
    size_t left = strlen(words), length = 0, size;
    bool in_word = false;
    uint32_t character;
    for (sound[0] = 0; left > 0; words += size, left -= size) {
        size = utf8_decode(words, left, &character);
        if (size == 0)
            return;
        const char letters[2] = { letter_of(character) };
        unsigned number = pinyin_of(character);
        const char *next = number ? pinyin_syllable(number) : letters;
        bool parted = length > 0 && !(in_word && letters[0]);
        in_word = letters[0] != 0;
        if (!next[0])
            continue;
        if (length + parted + strlen(next) >= PINYIN_SOUND_BYTES)
            return;
        if (parted)
            sound[length++] = ' ';
        memcpy(sound + length, next, strlen(next) + 1);
        length += strlen(next);
    }
}
