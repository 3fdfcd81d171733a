/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * index: finds everything the core holds by its number: open addressing with linear probing in fixed
 * memory, at most half full. A key is (kind, number, owner); owner is 0 except for calls, which
 * gateways number each for themselves.
 *
 * An entry is 16 bytes, four to a cache line. Four ids in a row share a line: what one request made
 * (contact, offer, incident, task) is mostly found together, as is what one citizen's number has. */
#ifndef DISPATCHER_CORE_INDEX_H
#define DISPATCHER_CORE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum entry_kind {
    ENTRY_NONE,
    ENTRY_LINE,
    ENTRY_DEPARTMENT,
    ENTRY_USER,
    ENTRY_CATEGORY,
    ENTRY_GATEWAY,
    ENTRY_DAY,
    ENTRY_DISTRICT,
    ENTRY_UNIT,
    ENTRY_RUN_CARD,
    ENTRY_COVERAGE,
    ENTRY_SCENE, /* the incident's id → its scene */
    ENTRY_TREE,
    ENTRY_DISPOSITION,
    ENTRY_RETENTION,
    ENTRY_CALL, /* (call, gateway) → contact */
    /* What one citizen's number has, by its blind index. */
    ENTRY_CALLER_LIVE,     /* → its newest live contact */
    ENTRY_CALLER_LAST,     /* → its contact that ended last */
    ENTRY_CALLER_MARK,     /* (number, kind) → its mark */
    ENTRY_CALLER_FIX,      /* → the newest place of its telephone */
    ENTRY_CALLER_CALLBACK, /* → the open callback */
    ENTRY_CALLER_QUEUED,   /* → the contact that waits to be called back */
    ENTRY_CALLER_TOLD,     /* → the incident last told and not yet rated */
    ENTRY_CALLER_OFF,      /* → wants no surveys and notices */
    ENTRY_TRUNK,           /* (fingerprint of a trunk's name, gateway) → what tests it had */
    ENTRY_PRECEDENT,       /* (category, district) → the department a ruling gave it */
    ENTRY_SIGNET,          /* numbered by the seq of its enrolment */
    ENTRY_SITTING,         /* (user, test) */
    /* From here on numbered by one counter: no two of them share an id. */
    ENTRY_CONTACT,
    ENTRY_OFFER,
    ENTRY_PARTY, /* → its contact */
    ENTRY_INCIDENT,
    ENTRY_TASK,
    ENTRY_TEXT,
    ENTRY_CALLBACK,
    ENTRY_MARK,
    ENTRY_PETITION,
    ENTRY_NOTICE,
    ENTRY_FIX,
    ENTRY_HANDOVER,
    ENTRY_GRANT, /* (incident, user) */
    ENTRY_ERASURE,
    ENTRY_GLASS,
    ENTRY_PRESERVATION
};

enum {
    INDEX_OWNER_MAX = 0xffffff,
    INDEX_NEIGHBOURS = 8 /* entries of two cache lines, which the processor fetches as a pair */
};

struct entry {
    uint64_t number;
    uint32_t key;   /* kind, and the owner above it; 0: free */
    uint32_t value; /* distance from the index's base, in words of 8 bytes */
};

struct index {
    struct entry *entries;
    char *base;
    uint32_t mask;
    uint32_t count;
    uint32_t shift; /* of a scattered number, down to groups of neighbours */
};

/* entries: zeroed, `size` of them, a power of two. All values lie behind `base`, aligned to 8, within
 * 32 GiB. */
void index_init(struct index *index, struct entry *entries, uint32_t size, void *base);

static inline uint32_t index_key(enum entry_kind kind, uint32_t owner)
{
    return (uint32_t)kind | owner << 8;
}

/* Where a key's entry is looked for first: a product with the golden ratio scatters the groups (Knuth
 * 6.4); within its group a number keeps its place. What one counter numbered is scattered as one. */
static inline uint32_t index_home(const struct index *index, uint32_t key, uint64_t number)
{
    enum entry_kind kind = (enum entry_kind)(key & UINT8_MAX);
    bool of_caller = kind >= ENTRY_CALLER_LIVE && kind <= ENTRY_CALLER_OFF;
    bool counted = key >= ENTRY_CONTACT && key <= UINT8_MAX;
    uint64_t space = of_caller ? ENTRY_CALLER_LIVE : counted ? ENTRY_CONTACT : key;
    uint64_t group = of_caller ? number : number / INDEX_NEIGHBOURS;
    uint64_t place = (of_caller ? kind - ENTRY_CALLER_LIVE : number) % INDEX_NEIGHBOURS;
    uint64_t scattered = ((group ^ group >> 32) + (space << 32)) * 0x9e3779b97f4a7c15;
    return (uint32_t)((scattered >> index->shift) * INDEX_NEIGHBOURS + place);
}

/* The key's entry, or the free one where it would be put. */
static inline struct entry *index_seek(const struct index *index, uint32_t key, uint64_t number)
{
    uint32_t at = index_home(index, key, number);
    for (;; at = (at + 1) & index->mask) {
        struct entry *entry = &index->entries[at];
        if (entry->key == 0 || (entry->key == key && entry->number == number))
            return entry;
    }
}

/* NULL when there is none. */
static inline void *index_find(const struct index *index, enum entry_kind kind, uint64_t number,
                               uint32_t owner)
{
    if (owner > INDEX_OWNER_MAX)
        return NULL;
    const struct entry *entry = index_seek(index, index_key(kind, owner), number);
    return entry->key ? index->base + (uint64_t)entry->value * 8 : NULL;
}

/* A hint that the key is wanted soon: its line comes near while others are at work. */
void index_foresee(const struct index *index, enum entry_kind kind, uint64_t number,
                   uint32_t owner);

/* The same of all that a citizen's number has; 0: nobody's. */
void index_foresee_caller(const struct index *index, uint64_t caller);

/* The key must not be there; a full index is a bug of whoever sized it. */
void index_put(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner,
               void *value);

/* The key must be there. */
void index_remove(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner);

#endif
