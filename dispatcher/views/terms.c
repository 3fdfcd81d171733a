/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/terms.h"

#include <stddef.h>
#include <string.h>

#include "base/utf8.h"
#include "dispatcher/views/pinyin.h"

enum {
    WORD_LETTERS_MAX = 24,
    LETTERS_GRAM = 3,
    INITIALS_MOST = 8 /* more letters are no initials */
};

uint64_t term_stir(uint64_t value)
{
    value ^= value >> 31;
    value *= 0x9e3779b97f4a7c15U;
    return value ^ value >> 29;
}

uint64_t term_key(enum term_kind kind, uint64_t first, uint64_t second)
{
    return (uint64_t)kind << 56 | (term_stir(term_stir(first) + second) >> 8);
}

static uint32_t plain(uint32_t character)
{
    if (character >= 0xff01 && character <= 0xff5e)
        character -= 0xfee0;
    return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
}

static bool is_letter(uint32_t character)
{
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

static bool is_ideograph(uint32_t character)
{
    return (character >= 0x3400 && character <= 0x9fff) ||
           (character >= 0x20000 && character <= 0x3ffff);
}

static void take_pair(struct walk *walk, uint32_t before, uint32_t character)
{
    unsigned first = pinyin_of(before), second = pinyin_of(character);
    walk->take(walk, term_key(TERM_PAIR, before, character));
    if (!first || !second)
        return;
    walk->take(walk, term_key(TERM_SOUND, first, second));
    if (walk->weight == WEIGHT_TITLE && !walk->question)
        walk->take(walk, term_key(TERM_INITIALS, (uint64_t)pinyin_syllable(first)[0],
                                  (uint64_t)pinyin_syllable(second)[0]));
}

static void take_word(struct walk *walk, const char *word, size_t length)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum = term_stir(sum) + (uint64_t)word[i];
    walk->take(walk, term_key(TERM_WORD, sum, length));
    if (length > LETTERS_GRAM && walk->weight != WEIGHT_TEXT)
        for (size_t i = 0; i + LETTERS_GRAM <= length; i++)
            walk->take(walk,
                       term_key(TERM_LETTERS, (uint64_t)word[i] << 16 | (uint64_t)word[i + 1] << 8,
                                (uint64_t)word[i + 2]));
}

/* Letters of a question may be pinyin: "ranqizao", or "rqz". */
static void take_sounds(struct walk *walk, const char *word, size_t length)
{
    unsigned before = 0;
    for (size_t at = 0, size; at < length; at += size) {
        unsigned syllable = pinyin_take(word + at, &size);
        if (!syllable)
            break;
        if (before)
            walk->take(walk, term_key(TERM_SOUND, before, syllable));
        before = syllable;
    }
    for (size_t i = 1; i < length && length <= INITIALS_MOST; i++)
        walk->take(walk, term_key(TERM_INITIALS, (uint64_t)word[i - 1], (uint64_t)word[i]));
}

static void end_word(struct walk *walk, char *word, size_t *length)
{
    word[*length] = 0;
    if (*length > 1)
        take_word(walk, word, *length);
    if (*length > 1 && walk->question)
        take_sounds(walk, word, *length);
    *length = 0;
}

void walk_words(struct walk *walk, const char *words)
{
    char word[WORD_LETTERS_MAX + 1];
    size_t length = 0, left = strlen(words);
    uint32_t before = 0;
    while (left > 0) {
        uint32_t character;
        size_t size = utf8_decode(words, left, &character);
        if (size == 0)
            break;
        words += size;
        left -= size;
        character = plain(character);
        if (is_letter(character) && length < WORD_LETTERS_MAX)
            word[length++] = (char)character;
        else if (!is_letter(character))
            end_word(walk, word, &length);
        bool ideograph = is_ideograph(character);
        if (ideograph && (walk->weight == WEIGHT_TITLE || walk->question))
            walk->take(walk, term_key(TERM_CHARACTER, character, 0));
        if (ideograph && before)
            take_pair(walk, before, character);
        before = ideograph ? character : 0;
    }
    end_word(walk, word, &length);
}
