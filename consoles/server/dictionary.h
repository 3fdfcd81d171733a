/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dictionary: the words people read, from the pages' own tables (app/words-en*.js, app/words-zh*.js: one
 * "    'key': 'words'," a line), so that a file made here says what the page says. */
#ifndef CONSOLES_SERVER_DICTIONARY_H
#define CONSOLES_SERVER_DICTIONARY_H

#include <stddef.h>
#include <stdint.h>

#include "consoles/server/pages.h"

enum {
    DICTIONARY_WORDS_MAX = 8192,
    DICTIONARY_TEXT_BYTES = 400
};

enum dictionary_language {
    DICTIONARY_CHINESE,
    DICTIONARY_ENGLISH,
    DICTIONARY_LANGUAGES
};

struct dictionary;

/* Borrows the pages. Returns 0 and *dictionary, or -ENOMEM. Pages without tables make an empty one. */
int dictionary_open(struct dictionary **dictionary, const struct pages *pages);
void dictionary_close(struct dictionary *dictionary);
uint32_t dictionary_count(const struct dictionary *dictionary, enum dictionary_language language);

/* The words of "group.word" in this buffer; `word` itself when the tables do not have it. */
const char *dictionary_say(const struct dictionary *dictionary, enum dictionary_language language,
                           const char *group, const char *word, char words[DICTIONARY_TEXT_BYTES]);

#endif
