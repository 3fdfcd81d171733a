/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * concordance: which articles say what, in memory. Chinese is found by pairs of characters, by how they sound
 * (so a homophone typed by mistake finds it, and so do "ranqi" and "rq"), English by words and by their pieces of
 * three letters. Of equal words the rarer counts more, and a title more than a paragraph.
 *
 * Figures: docs/figures.md (bench_knowledge). */
#ifndef DISPATCHER_VIEWS_CONCORDANCE_H
#define DISPATCHER_VIEWS_CONCORDANCE_H

#include <stdint.h>

enum {
    CONCORDANCE_HITS_MAX = 96,
    CONCORDANCE_ARTICLES_MAX = 1 << 20, /* editions ever put in; then it is to be made anew */
    CONCORDANCE_TERMS_MAX = 512         /* of a question; the rest is left out */
};

enum weight {
    WEIGHT_TEXT = 1,
    WEIGHT_OPENING = 2, /* the first paragraph */
    WEIGHT_TITLE = 3
};

struct passage {
    const char *words; /* UTF-8 */
    enum weight weight;
};

struct hit {
    uint32_t article;
    uint32_t score; /* 0 … 100 */
};

struct concordance;

struct concordance *concordance_open(void);
void concordance_close(struct concordance *concordance);

/* Puts an article in, in the place of what was known of it. Returns 0, -ENOMEM or -ENOSPC. */
int concordance_put(struct concordance *concordance, uint32_t article, uint32_t category,
                    const struct passage *passages, uint32_t count);
void concordance_drop(struct concordance *concordance, uint32_t article);

/* The best first. category: its articles count as if the words named it; 0: none. Returns their number. */
uint32_t concordance_find(struct concordance *concordance, const char *words, uint32_t category,
                          struct hit hits[CONCORDANCE_HITS_MAX]);

uint32_t concordance_count(const struct concordance *concordance);
uint64_t concordance_bytes(const struct concordance *concordance);

#endif
