/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pinyin: how Chinese characters are read, without tones: the first reading of Unicode's Unihan database for
 * the 20,992 characters from U+4E00 on. A character with several readings has the most usual one. */
#ifndef DISPATCHER_VIEWS_PINYIN_H
#define DISPATCHER_VIEWS_PINYIN_H

#include <stddef.h>
#include <stdint.h>

enum {
    PINYIN_BYTES = 7,
    PINYIN_SOUND_BYTES = 224 /* of 32 characters, the longest name of the city's tables */
};

/* The syllable's number (1 … 412), 0 for what is no such character. */
unsigned pinyin_of(uint32_t character);

/* The syllable of a number. */
const char *pinyin_syllable(unsigned number);

/* Takes the longest syllable off the beginning of small Latin letters, so that what is left can be taken
 * apart, too, if at all possible. Returns its number and *length, 0 for none. */
unsigned pinyin_take(const char *letters, size_t *length);

/* How words are read: syllables, Latin words in small letters and digits, a space between each two: "120急救" is
 * "120 ji jiu". What is neither parts words; what finds no room is left out. */
void pinyin_sound(const char *words, char sound[PINYIN_SOUND_BYTES]);

#endif
