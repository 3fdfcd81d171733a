/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * finder: which cases say what, in memory alone (docs/decisions/0032-search.md). Whoever may open what citizens said
 * puts it in; it keeps no words, only numbers that a key of this process's life makes of their terms
 * (dispatcher/views/terms.h), and nothing of it is ever written anywhere. A subject whose key is destroyed is
 * forgotten at once. Bounded: when it is full, it takes no more, and says so. */
#ifndef DISPATCHER_VIEWS_FINDER_H
#define DISPATCHER_VIEWS_FINDER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    FINDER_HITS_MAX = 512, /* before those are left out that the asker may not see */
    FINDER_TERMS_MAX = 64, /* of a question */
    FINDER_ENTRIES_MAX = 8 * 1000 * 1000
};

/* What was said, and of what. */
struct finding {
    uint64_t subject;  /* whose key sealed it */
    uint64_t incident; /* 0: of a contact alone */
    uint64_t contact;
};

struct finder;

/* bytes_max: of memory, all in all. Returns NULL when there is none. finder_close() accepts NULL. */
struct finder *finder_open(uint64_t bytes_max);
void finder_close(struct finder *finder);

/* Returns 0, or -ENOSPC: it is full, and stays as it was. */
int finder_put(struct finder *finder, const struct finding *of, const char *const *words,
               uint32_t count);

/* Its key is gone. Returns how many entries went. */
uint32_t finder_forget(struct finder *finder, uint64_t subject);

/* The entries that have every term of the words, those put in last first; when there are none, those that sound
 * like it. Two characters or letters at least are wanted. Returns how many, at most FINDER_HITS_MAX; *more:
 * there were others. */
uint32_t finder_find(struct finder *finder, const char *words, struct finding hits[FINDER_HITS_MAX],
                     bool *more);

uint32_t finder_count(const struct finder *finder);
uint64_t finder_bytes(const struct finder *finder);

#endif
