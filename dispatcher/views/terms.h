/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * terms: what words are found by. Chinese: pairs of characters, how they sound, first letters of that; English: words and
 * their pieces of three letters. A term is a number whose upper byte says what it is. */
#ifndef DISPATCHER_VIEWS_TERMS_H
#define DISPATCHER_VIEWS_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/views/concordance.h"

/* What a term is: the upper byte of its key. */
enum term_kind {
    TERM_CHARACTER = 1,
    TERM_PAIR,
    TERM_SOUND,    /* of a pair */
    TERM_INITIALS, /* the same, first letters */
    TERM_WORD,
    TERM_LETTERS,
    TERM_CATEGORY,
    TERM_KINDS
};

/* Put first into what is walked with. */
struct walk {
    void (*take)(struct walk *walk, uint64_t key); /* each term, repeated ones too */
    enum weight weight;                            /* titles have more terms than paragraphs */
    bool question;                                 /* letters may be pinyin, too */
};

uint64_t term_key(enum term_kind kind, uint64_t first, uint64_t second);
uint64_t term_stir(uint64_t value);
static inline enum term_kind term_kind_of(uint64_t key)
{
    return (enum term_kind)(key >> 56);
}

/* words: UTF-8; what is none ends it. */
void walk_words(struct walk *walk, const char *words);

#endif
