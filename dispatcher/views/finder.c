/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/finder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/views/terms.h"

enum {
    TERMS_FIRST = 4096,    /* places of the table, a power of two */
    ENTRIES_STEP = 65536,  /* entries more at once */
    ENTRY_TERMS_MAX = 4096 /* of one entry; the rest of a very long text is left out */
};

/* The entries that have a term: their numbers rise, each is written as what it is more than the one before, seven bits
 * a byte. */
struct postings {
    uint64_t key; /* 0: free */
    uint8_t *bytes;
    uint32_t size, room;
    uint32_t count, last;
};

struct finder {
    uint64_t seed; /* of this life: what stands here means nothing without it */
    struct postings *terms;
    uint32_t places, used;
    struct finding *entries; /* subject 0: forgotten */
    uint32_t count, room, live;
    uint64_t bytes, bytes_max;
    uint64_t taken[ENTRY_TERMS_MAX]; /* terms of what is being put in, or asked */
    uint32_t taken_count;
    uint32_t *matches; /* of a question */
    uint32_t matches_room;
};

/* ---- memory ------------------------------------------------------------------------------------ */

static bool may_grow(const struct finder *finder, uint64_t by)
{
    return finder->bytes + by <= finder->bytes_max;
}

static struct postings *place_of(struct postings *terms, uint32_t places, uint64_t key)
{
    uint32_t at = (uint32_t)term_stir(key) & (places - 1);
    while (terms[at].key && terms[at].key != key)
        at = (at + 1) & (places - 1);
    return &terms[at];
}

static bool grow_table(struct finder *finder)
{
    uint32_t places = finder->places ? 2 * finder->places : TERMS_FIRST;
    uint64_t more = (uint64_t)(places - finder->places) * sizeof *finder->terms;
    struct postings *terms = may_grow(finder, more) ? calloc(places, sizeof *terms) : NULL;
    if (!terms)
        return false;
    for (uint32_t i = 0; i < finder->places; i++)
        if (finder->terms[i].key)
            *place_of(terms, places, finder->terms[i].key) = finder->terms[i];
    free(finder->terms);
    finder->terms = terms;
    finder->places = places;
    finder->bytes += more;
    return true;
}

static bool grow_entries(struct finder *finder)
{
    uint64_t more = (uint64_t)ENTRIES_STEP * sizeof *finder->entries;
    if (finder->count < finder->room)
        return true;
    struct finding *wider =
        finder->room < FINDER_ENTRIES_MAX && may_grow(finder, more)
            ? realloc(finder->entries, (finder->room + (size_t)ENTRIES_STEP) * sizeof *wider)
            : NULL;
    if (!wider)
        return false;
    finder->entries = wider;
    finder->room += ENTRIES_STEP;
    finder->bytes += more;
    return true;
}

/* Room for one more number of a term. */
static bool grow_postings(struct finder *finder, struct postings *postings)
{
    enum {
        NUMBER_BYTES = 5
    };
    if (postings->size + NUMBER_BYTES <= postings->room)
        return true;
    uint32_t room = postings->room ? postings->room + postings->room / 2 : 8;
    uint8_t *wider =
        may_grow(finder, room - postings->room) ? realloc(postings->bytes, room) : NULL;
    if (!wider)
        return false;
    finder->bytes += room - postings->room;
    postings->bytes = wider;
    postings->room = room;
    return true;
}

struct finder *finder_open(uint64_t bytes_max)
{
    struct finder *finder = calloc(1, sizeof *finder);
    if (!finder)
        return NULL;
    finder->bytes_max = bytes_max;
    randombytes_buf(&finder->seed, sizeof finder->seed);
    if (!grow_table(finder)) {
        free(finder);
        return NULL;
    }
    return finder;
}

void finder_close(struct finder *finder)
{
    if (!finder)
        return;
    for (uint32_t i = 0; i < finder->places; i++)
        free(finder->terms[i].bytes);
    free(finder->terms);
    free(finder->entries);
    free(finder->matches);
    sodium_memzero(finder, sizeof *finder);
    free(finder);
}

/* ---- putting in -------------------------------------------------------------------------------- */

struct taking {
    struct walk walk;
    struct finder *finder;
};

static uint64_t sown(const struct finder *finder, uint64_t key)
{
    return (uint64_t)term_kind_of(key) << 56 | term_stir(key ^ finder->seed) >> 8;
}

static void take_term(struct walk *walk, uint64_t key)
{
    struct finder *finder = ((struct taking *)walk)->finder;
    if (finder->taken_count < ENTRY_TERMS_MAX)
        finder->taken[finder->taken_count++] = sown(finder, key);
}

static int by_value(const void *one, const void *two)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)two;
    return (a > b) - (a < b);
}

/* Each term once. */
static void gather(struct finder *finder, const char *const *words, uint32_t count, bool question)
{
    struct taking taking = { { .take = take_term, .weight = WEIGHT_TEXT, .question = question },
                             finder };
    finder->taken_count = 0;
    for (uint32_t i = 0; i < count; i++)
        walk_words(&taking.walk, words[i]);
    qsort(finder->taken, finder->taken_count, sizeof finder->taken[0], by_value);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < finder->taken_count; i++)
        if (kept == 0 || finder->taken[kept - 1] != finder->taken[i])
            finder->taken[kept++] = finder->taken[i];
    finder->taken_count = kept;
}

static bool put_term(struct finder *finder, uint64_t key, uint32_t entry)
{
    if (finder->used >= finder->places / 4 * 3 && !grow_table(finder))
        return false;
    struct postings *postings = place_of(finder->terms, finder->places, key);
    if (!grow_postings(finder, postings))
        return false;
    finder->used += postings->key == 0;
    postings->key = key;
    uint32_t step = entry + 1 - postings->last; /* numbers from 1, so that a step is never 0 */
    for (; step >= 0x80; step >>= 7)
        postings->bytes[postings->size++] = (uint8_t)(step | 0x80);
    postings->bytes[postings->size++] = (uint8_t)step;
    postings->last = entry + 1;
    postings->count++;
    return true;
}

int finder_put(struct finder *finder, const struct finding *of, const char *const *words,
               uint32_t count)
{
    REQUIRE(of->subject != 0);
    gather(finder, words, count, false);
    if (finder->taken_count == 0)
        return 0;
    if (!grow_entries(finder))
        return -ENOSPC;
    uint32_t entry = finder->count++;
    finder->entries[entry] = *of;
    finder->live++;
    for (uint32_t i = 0; i < finder->taken_count; i++)
        if (!put_term(finder, finder->taken[i], entry)) {
            finder->entries[entry].subject = 0; /* half a text is found by nobody */
            finder->live--;
            return -ENOSPC;
        }
    return 0;
}

uint32_t finder_forget(struct finder *finder, uint64_t subject)
{
    uint32_t went = 0;
    for (uint32_t i = 0; i < finder->count; i++)
        if (finder->entries[i].subject == subject) {
            finder->entries[i] = (struct finding){ 0 };
            went++;
        }
    finder->live -= went;
    return went;
}

/* ---- finding ----------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *at, *end;
    uint32_t entry; /* + 1 */
};

static bool read_next(struct reader *reader)
{
    uint32_t step = 0;
    if (reader->at == reader->end)
        return false;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *reader->at++;
        step |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    reader->entry += step;
    return true;
}

static struct reader reader_of(const struct postings *postings)
{
    return (struct reader){ postings->bytes, postings->bytes + postings->size, 0 };
}

static bool has_matches(struct finder *finder, uint32_t count)
{
    if (count <= finder->matches_room)
        return true;
    uint32_t *wider = realloc(finder->matches, count * sizeof *wider);
    if (!wider)
        return false;
    finder->matches = wider;
    finder->matches_room = count;
    return true;
}

/* Keeps of the matches those that are in the postings, too. */
static uint32_t keep_common(uint32_t *matches, uint32_t count, const struct postings *postings)
{
    struct reader reader = reader_of(postings);
    uint32_t kept = 0;
    bool there = read_next(&reader);
    for (uint32_t i = 0; i < count && there; i++) {
        while (there && reader.entry < matches[i])
            there = read_next(&reader);
        if (there && reader.entry == matches[i])
            matches[kept++] = matches[i];
    }
    return kept;
}

static int by_count(const void *one, const void *two)
{
    const struct postings *a = *(const struct postings *const *)one;
    const struct postings *b = *(const struct postings *const *)two;
    return (a->count > b->count) - (a->count < b->count);
}

/* Entries that have all terms of these kinds (bits), into finder->matches. */
static uint32_t match(struct finder *finder, unsigned kinds)
{
    const struct postings *wanted[FINDER_TERMS_MAX];
    uint32_t terms = 0, count = 0;
    for (uint32_t i = 0; i < finder->taken_count && terms < FINDER_TERMS_MAX; i++) {
        if (!(1U << term_kind_of(finder->taken[i]) & kinds))
            continue;
        wanted[terms] = place_of(finder->terms, finder->places, finder->taken[i]);
        if (!wanted[terms]->key)
            return 0; /* nobody said it */
        terms++;
    }
    if (terms == 0)
        return 0;
    qsort(wanted, terms, sizeof wanted[0], by_count);
    if (!has_matches(finder, wanted[0]->count))
        return 0;
    struct reader reader = reader_of(wanted[0]);
    while (read_next(&reader))
        finder->matches[count++] = reader.entry;
    for (uint32_t i = 1; i < terms && count > 0; i++)
        count = keep_common(finder->matches, count, wanted[i]);
    return count;
}

uint32_t finder_find(struct finder *finder, const char *words, struct finding hits[FINDER_HITS_MAX],
                     bool *more)
{
    uint32_t found = 0;
    gather(finder, &words, 1, true);
    uint32_t count = match(finder, 1U << TERM_PAIR | 1U << TERM_WORD);
    if (count == 0)
        count = match(finder, 1U << TERM_SOUND);
    *more = false;
    for (uint32_t i = count; i > 0; i--) {
        const struct finding *entry = &finder->entries[finder->matches[i - 1] - 1];
        if (entry->subject == 0)
            continue;
        *more = found == FINDER_HITS_MAX;
        if (*more)
            break;
        hits[found++] = *entry;
    }
    sodium_memzero(finder->taken, sizeof finder->taken);
    return found;
}

uint32_t finder_count(const struct finder *finder)
{
    return finder->live;
}

uint64_t finder_bytes(const struct finder *finder)
{
    return finder->bytes;
}
