/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * words: the two languages of the command line. LC_ALL, LC_MESSAGES or LANG beginning with "zh" speak
 * Chinese, everything else English. */
#ifndef CONSOLES_CTL_WORDS_H
#define CONSOLES_CTL_WORDS_H

#include <stdbool.h>

/* Reads the environment, once at start; sets the character type so that widths are known. */
void words_open(void);

bool words_are_chinese(void);

/* One of the two. */
const char *words(const char *english, const char *chinese)
    __attribute__((format_arg(1), format_arg(2)));

/* An enumeration's word as people say it; itself when there is no other. */
const char *words_of_state(const char *word);

/* Prints a complaint to stderr, with "yihao: " before it and a line's end behind. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same of one sentence, for settings_read() and city_open(); owner is not looked at. */
void complain_sentence(void *owner, const char *sentence);

#endif
