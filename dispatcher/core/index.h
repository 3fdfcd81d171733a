/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * index: finds everything the core holds by its number: open addressing with linear probing in fixed
 * memory, at most half full. A key is (kind, number, owner); owner is 0 except for calls, which
 * gateways number each for themselves. */
#ifndef DISPATCHER_CORE_INDEX_H
#define DISPATCHER_CORE_INDEX_H

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
    ENTRY_CONTACT,
    ENTRY_CALL, /* (call, gateway) → contact */
    ENTRY_OFFER,
    ENTRY_INCIDENT,
    ENTRY_TASK,
    ENTRY_TEXT,
    ENTRY_CALLBACK,
    ENTRY_CALLER_CALLBACK, /* caller's blind index → the open callback */
    ENTRY_CALLER_TOLD      /* caller's blind index → the incident last told and not yet rated */
};

struct entry {
    uint64_t number;
    uint32_t owner;
    enum entry_kind kind;
    void *value;
};

struct index {
    struct entry *entries;
    uint32_t mask;
    uint32_t count;
};

/* entries: zeroed, `size` of them, a power of two. */
void index_init(struct index *index, struct entry *entries, uint32_t size);

/* NULL when there is none. */
void *index_find(const struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner);

/* The key must not be there; a full index is a bug of whoever sized it. */
void index_put(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner,
               void *value);

/* The key must be there. */
void index_remove(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner);

#endif
