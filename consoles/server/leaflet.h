/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * leaflet: pages made by the server, for people without script. Their text is data (consoles/web/citizen/):
 *
 *   page.leaf    pieces of HTML, each behind a line "== NAME"; {name} stands for a value, escaped;
 *                {=key} for words in the reader's language
 *   words.leaf   "key | 中文 | English", one a line; "#" begins a remark
 *
 * Both are checked as a whole when they are opened: every {=key} has its words. */
#ifndef CONSOLES_SERVER_LEAFLET_H
#define CONSOLES_SERVER_LEAFLET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum {
    LEAFLET_PIECES_MAX = 32,
    LEAFLET_WORDS_MAX = 256,
    LEAFLET_FILE_MAX = 65536
};

struct leaflet;

struct leaflet_value {
    const char *name;
    const char *value;
};

/* Reads both files of the folder. Returns 0, or a negative errno after a log line: -EINVAL for text that
 * does not hold together. */
int leaflet_open(struct leaflet **leaflet, const char *folder);
void leaflet_close(struct leaflet *leaflet);

/* Adds a piece; values end with a NULL name. A piece or value that is not there adds nothing. */
void leaflet_add(const struct leaflet *leaflet, struct text *page, const char *piece, bool english,
                 const struct leaflet_value *values);

/* Words by their key, NULL: there are none. */
const char *leaflet_words(const struct leaflet *leaflet, const char *key, bool english);

/* Adds the words as HTML text. */
void leaflet_escape(struct text *page, const char *words);

#endif
