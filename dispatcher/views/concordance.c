/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/concordance.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/views/terms.h"

enum {
    TERMS_FIRST = 4096, /* places of the hash table, a power of two */
    WEIGHT_BITS = 2,
    SCORE_LEAST = 6
};

/* What a kind is worth beside a pair of characters. */
static const float worths[TERM_KINDS] = {
    [TERM_CHARACTER] = 0.05F, [TERM_PAIR] = 1.0F, [TERM_SOUND] = 0.45F,
    [TERM_INITIALS] = 0.5F,   [TERM_WORD] = 1.2F, [TERM_LETTERS] = 0.25F,
    [TERM_CATEGORY] = 1.5F,
};

struct term {
    uint64_t key;   /* 0: free */
    uint32_t *rows; /* slot << WEIGHT_BITS | weight, slots rising */
    uint32_t count, room;
};

struct concordance {
    struct term *terms;
    uint32_t places, used;
    uint32_t *article_of; /* by slot; 0: dead */
    uint32_t slots, slots_room;
    uint32_t *slot_of; /* by article: slot + 1, 0: none */
    uint32_t articles_room;
    uint32_t live;
    float *scores; /* by slot, all 0 between questions */
    uint32_t *touched;
    uint64_t row_bytes;
    bool short_of_memory;
};

/* ---- terms --------------------------------------------------------------------------------------- */

/* An article on its way in. */
struct putting {
    struct walk walk;
    struct concordance *concordance;
    uint32_t slot;
};

/* A question. */
struct noting {
    struct walk walk;
    uint64_t *keys;
    uint32_t count;
};

/* ---- the table ----------------------------------------------------------------------------------- */

static struct term *place_of(struct term *terms, uint32_t places, uint64_t key)
{
    uint32_t at = (uint32_t)term_stir(key) & (places - 1);
    while (terms[at].key && terms[at].key != key)
        at = (at + 1) & (places - 1);
    return &terms[at];
}

static bool grow(struct concordance *concordance)
{
    uint32_t places = concordance->places ? 2 * concordance->places : TERMS_FIRST;
    struct term *terms = calloc(places, sizeof *terms);
    if (!terms)
        return false;
    for (uint32_t i = 0; i < concordance->places; i++)
        if (concordance->terms[i].key)
            *place_of(terms, places, concordance->terms[i].key) = concordance->terms[i];
    free(concordance->terms);
    concordance->terms = terms;
    concordance->places = places;
    return true;
}

static bool make_room(struct concordance *concordance, struct term *term)
{
    uint32_t room = term->room ? term->room + term->room / 2 + 1 : 2;
    uint32_t *rows = realloc(term->rows, room * sizeof *rows);
    if (!rows)
        return false;
    concordance->row_bytes += (room - term->room) * sizeof *rows;
    term->rows = rows;
    term->room = room;
    return true;
}

/* A term of the article that is being put in. */
static void put_term(struct walk *walk, uint64_t key)
{
    const struct putting *putting = (const struct putting *)walk;
    struct concordance *concordance = putting->concordance;
    if (concordance->used >= concordance->places / 4 * 3 && !grow(concordance)) {
        concordance->short_of_memory = true;
        return;
    }
    struct term *term = place_of(concordance->terms, concordance->places, key);
    concordance->used += term->key == 0;
    term->key = key;
    uint32_t *last = term->count ? &term->rows[term->count - 1] : NULL;
    if (last && *last >> WEIGHT_BITS == putting->slot) {
        if ((*last & WEIGHT_TITLE) < (uint32_t)walk->weight)
            *last = putting->slot << WEIGHT_BITS | (uint32_t)walk->weight;
        return;
    }
    if (term->count == term->room && !make_room(concordance, term)) {
        concordance->short_of_memory = true;
        return;
    }
    REQUIRE(term->rows != NULL);
    term->rows[term->count++] = putting->slot << WEIGHT_BITS | (uint32_t)walk->weight;
}

static bool widen(uint32_t **rows, uint32_t count, size_t more)
{
    uint32_t *wider = realloc(*rows, (count + more) * sizeof **rows);
    if (!wider)
        return false;
    memset(wider + count, 0, more * sizeof *wider);
    *rows = wider;
    return true;
}

static bool has_slots(struct concordance *concordance, uint32_t article)
{
    if (concordance->slots == concordance->slots_room) {
        uint32_t more = concordance->slots_room + 1024;
        float *scores =
            realloc(concordance->scores, (concordance->slots_room + more) * sizeof *scores);
        if (scores) {
            memset(scores + concordance->slots_room, 0, more * sizeof *scores);
            concordance->scores = scores;
        }
        if (!scores || !widen(&concordance->article_of, concordance->slots_room, more) ||
            !widen(&concordance->touched, concordance->slots_room, more))
            return false;
        concordance->slots_room += more;
    }
    if (article >= concordance->articles_room) {
        uint32_t more = article + 1024 - concordance->articles_room;
        if (!widen(&concordance->slot_of, concordance->articles_room, more))
            return false;
        concordance->articles_room += more;
    }
    return true;
}

/* ---- the noun ------------------------------------------------------------------------------------ */

struct concordance *concordance_open(void)
{
    struct concordance *concordance = calloc(1, sizeof *concordance);
    if (concordance && !grow(concordance)) {
        free(concordance);
        return NULL;
    }
    return concordance;
}

void concordance_close(struct concordance *concordance)
{
    if (!concordance)
        return;
    for (uint32_t i = 0; i < concordance->places; i++)
        free(concordance->terms[i].rows);
    free(concordance->terms);
    free(concordance->article_of);
    free(concordance->slot_of);
    free(concordance->scores);
    free(concordance->touched);
    free(concordance);
}

void concordance_drop(struct concordance *concordance, uint32_t article)
{
    if (article >= concordance->articles_room || !concordance->slot_of[article])
        return;
    concordance->article_of[concordance->slot_of[article] - 1] = 0;
    concordance->slot_of[article] = 0;
    concordance->live--;
}

int concordance_put(struct concordance *concordance, uint32_t article, uint32_t category,
                    const struct passage *passages, uint32_t count)
{
    concordance_drop(concordance, article);
    if (concordance->slots == CONCORDANCE_ARTICLES_MAX)
        return -ENOSPC;
    if (!has_slots(concordance, article))
        return -ENOMEM;
    struct putting putting = { { .take = put_term }, concordance, concordance->slots };
    concordance->slots++;
    concordance->article_of[putting.slot] = article;
    concordance->slot_of[article] = putting.slot + 1;
    concordance->live++;
    for (uint32_t i = 0; i < count; i++) {
        putting.walk.weight = passages[i].weight;
        walk_words(&putting.walk, passages[i].words);
    }
    putting.walk.weight = WEIGHT_TITLE;
    if (category)
        put_term(&putting.walk, term_key(TERM_CATEGORY, category, 0));
    return concordance->short_of_memory ? -ENOMEM : 0;
}

/* ---- finding ------------------------------------------------------------------------------------- */

static void note_term(struct walk *walk, uint64_t key)
{
    struct noting *noting = (struct noting *)walk;
    for (uint32_t i = 0; i < noting->count; i++)
        if (noting->keys[i] == key)
            return;
    if (noting->count < CONCORDANCE_TERMS_MAX)
        noting->keys[noting->count++] = key;
}

/* Adds what the term is worth to the articles that have it. Returns the most that one can get. */
static float score_term(struct concordance *concordance, uint64_t key, uint32_t *touched)
{
    const struct term *term = place_of(concordance->terms, concordance->places, key);
    float rare = logf(1.0F + (float)concordance->slots / (float)(term->key ? term->count : 1));
    float worth = worths[key >> 56] * rare;
    if (!term->key) /* a pair that nobody wrote is missed; a sound or letters may be no word at all */
        return key >> 56 == TERM_PAIR ? worth * (float)WEIGHT_TITLE : 0;
    for (uint32_t i = 0; i < term->count; i++) {
        uint32_t slot = term->rows[i] >> WEIGHT_BITS;
        if (concordance->scores[slot] == 0.0F) /* exactly: it is only ever added to */
            concordance->touched[(*touched)++] = slot;
        concordance->scores[slot] += worth * (float)(term->rows[i] & WEIGHT_TITLE);
    }
    return worth * (float)WEIGHT_TITLE;
}

static void keep_hit(struct hit hits[CONCORDANCE_HITS_MAX], uint32_t *count, struct hit hit)
{
    uint32_t at = *count;
    if (at == CONCORDANCE_HITS_MAX && hits[at - 1].score >= hit.score)
        return;
    if (at == CONCORDANCE_HITS_MAX)
        at--;
    else
        ++*count;
    for (; at > 0 && hits[at - 1].score < hit.score; at--)
        hits[at] = hits[at - 1];
    hits[at] = hit;
}

uint32_t concordance_find(struct concordance *concordance, const char *words, uint32_t category,
                          struct hit hits[CONCORDANCE_HITS_MAX])
{
    uint64_t keys[CONCORDANCE_TERMS_MAX];
    struct noting noting = { { .take = note_term, .weight = WEIGHT_OPENING, .question = true },
                             keys,
                             0 };
    uint32_t touched = 0, count = 0;
    float most = 0;
    walk_words(&noting.walk, words);
    if (category)
        note_term(&noting.walk, term_key(TERM_CATEGORY, category, 0));
    for (uint32_t i = 0; i < noting.count; i++)
        most += score_term(concordance, keys[i], &touched);
    for (uint32_t i = 0; i < touched; i++) {
        uint32_t slot = concordance->touched[i];
        uint32_t article = concordance->article_of[slot];
        uint32_t score = (uint32_t)(100.0F * concordance->scores[slot] / most);
        concordance->scores[slot] = 0;
        if (article && score >= SCORE_LEAST)
            keep_hit(hits, &count, (struct hit){ article, score });
    }
    return count;
}

uint32_t concordance_count(const struct concordance *concordance)
{
    return concordance->live;
}

uint64_t concordance_bytes(const struct concordance *concordance)
{
    return concordance->row_bytes + concordance->places * sizeof *concordance->terms +
           concordance->slots_room * (sizeof(float) + 2 * sizeof(uint32_t));
}
