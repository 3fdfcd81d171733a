/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/concordance.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"
#include "dispatcher/views/pinyin.h"

enum {
    TERMS_FIRST = 4096, /* places of the hash table, a power of two */
    WORD_LETTERS_MAX = 24,
    LETTERS_GRAM = 3,
    WEIGHT_BITS = 2,
    INITIALS_MOST = 8, /* more letters are no initials */
    SCORE_LEAST = 6
};

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

struct walk {
    void (*take)(struct walk *walk, uint64_t key);
    struct concordance *concordance;
    uint32_t slot;
    enum weight weight;
    bool question;
    uint64_t *keys; /* of a question */
    uint32_t count;
};

static uint64_t stir(uint64_t value)
{
    value ^= value >> 31;
    value *= 0x9e3779b97f4a7c15U;
    return value ^ value >> 29;
}

static uint64_t key_of(enum term_kind kind, uint64_t first, uint64_t second)
{
    return (uint64_t)kind << 56 | (stir(stir(first) + second) >> 8);
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
    walk->take(walk, key_of(TERM_PAIR, before, character));
    if (!first || !second)
        return;
    walk->take(walk, key_of(TERM_SOUND, first, second));
    if (walk->weight == WEIGHT_TITLE && !walk->question)
        walk->take(walk, key_of(TERM_INITIALS, (uint64_t)pinyin_syllable(first)[0],
                                (uint64_t)pinyin_syllable(second)[0]));
}

static void take_word(struct walk *walk, const char *word, size_t length)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum = stir(sum) + (uint64_t)word[i];
    walk->take(walk, key_of(TERM_WORD, sum, length));
    if (length > LETTERS_GRAM && walk->weight != WEIGHT_TEXT)
        for (size_t i = 0; i + LETTERS_GRAM <= length; i++)
            walk->take(walk,
                       key_of(TERM_LETTERS, (uint64_t)word[i] << 16 | (uint64_t)word[i + 1] << 8,
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
            walk->take(walk, key_of(TERM_SOUND, before, syllable));
        before = syllable;
    }
    for (size_t i = 1; i < length && length <= INITIALS_MOST; i++)
        walk->take(walk, key_of(TERM_INITIALS, (uint64_t)word[i - 1], (uint64_t)word[i]));
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

static void walk_words(struct walk *walk, const char *words)
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
            walk->take(walk, key_of(TERM_CHARACTER, character, 0));
        if (ideograph && before)
            take_pair(walk, before, character);
        before = ideograph ? character : 0;
    }
    end_word(walk, word, &length);
}

/* ---- the table ----------------------------------------------------------------------------------- */

static struct term *place_of(struct term *terms, uint32_t places, uint64_t key)
{
    uint32_t at = (uint32_t)stir(key) & (places - 1);
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
    struct concordance *concordance = walk->concordance;
    if (concordance->used >= concordance->places / 4 * 3 && !grow(concordance)) {
        concordance->short_of_memory = true;
        return;
    }
    struct term *term = place_of(concordance->terms, concordance->places, key);
    concordance->used += term->key == 0;
    term->key = key;
    uint32_t *last = term->count ? &term->rows[term->count - 1] : NULL;
    if (last && *last >> WEIGHT_BITS == walk->slot) {
        if ((*last & WEIGHT_TITLE) < (uint32_t)walk->weight)
            *last = walk->slot << WEIGHT_BITS | (uint32_t)walk->weight;
        return;
    }
    if (term->count == term->room && !make_room(concordance, term)) {
        concordance->short_of_memory = true;
        return;
    }
    REQUIRE(term->rows != NULL);
    term->rows[term->count++] = walk->slot << WEIGHT_BITS | (uint32_t)walk->weight;
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
    struct walk walk = { .take = put_term, .concordance = concordance, .slot = concordance->slots };
    concordance->slots++;
    concordance->article_of[walk.slot] = article;
    concordance->slot_of[article] = walk.slot + 1;
    concordance->live++;
    for (uint32_t i = 0; i < count; i++) {
        walk.weight = passages[i].weight;
        walk_words(&walk, passages[i].words);
    }
    walk.weight = WEIGHT_TITLE;
    if (category)
        put_term(&walk, key_of(TERM_CATEGORY, category, 0));
    return concordance->short_of_memory ? -ENOMEM : 0;
}

/* ---- finding ------------------------------------------------------------------------------------- */

static void note_term(struct walk *walk, uint64_t key)
{
    for (uint32_t i = 0; i < walk->count; i++)
        if (walk->keys[i] == key)
            return;
    if (walk->count < CONCORDANCE_TERMS_MAX)
        walk->keys[walk->count++] = key;
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
    struct walk walk = {
        .take = note_term, .weight = WEIGHT_OPENING, .question = true, .keys = keys
    };
    uint32_t touched = 0, count = 0;
    float most = 0;
    walk_words(&walk, words);
    if (category)
        note_term(&walk, key_of(TERM_CATEGORY, category, 0));
    for (uint32_t i = 0; i < walk.count; i++)
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
