/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/index.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/require.h"

void index_init(struct index *index, struct entry *entries, uint32_t size)
{
    REQUIRE(size > 0 && (size & (size - 1)) == 0);
    *index = (struct index){ .entries = entries, .mask = size - 1 };
}

/* splitmix64's finaliser. */
static uint32_t home(const struct index *index, enum entry_kind kind, uint64_t number,
                     uint32_t owner)
{
    uint64_t x = number + 0x9e3779b97f4a7c15 * ((uint64_t)owner * 32 + (uint64_t)kind + 1);
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return (uint32_t)(x ^ x >> 31) & index->mask;
}

static uint32_t seek(const struct index *index, enum entry_kind kind, uint64_t number,
                     uint32_t owner)
{
    uint32_t at = home(index, kind, number, owner);
    for (;;) {
        const struct entry *entry = &index->entries[at];
        if (entry->kind == ENTRY_NONE ||
            (entry->kind == kind && entry->number == number && entry->owner == owner))
            return at;
        at = (at + 1) & index->mask;
    }
}

void *index_find(const struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner)
{
    return index->entries[seek(index, kind, number, owner)].value;
}

void index_put(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner,
               void *value)
{
    REQUIRE(value && index->count <= index->mask / 2);
    struct entry *entry = &index->entries[seek(index, kind, number, owner)];
    REQUIRE(entry->kind == ENTRY_NONE);
    *entry = (struct entry){ .number = number, .owner = owner, .kind = kind, .value = value };
    index->count++;
}

void index_remove(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner)
{
    uint32_t hole = seek(index, kind, number, owner);
    REQUIRE(index->entries[hole].kind == kind);
    index->count--;
    /* Entries behind the hole move up as far as their home allows: no tombstones, ever. */
    for (uint32_t at = hole;;) {
        index->entries[hole] = (struct entry){ .kind = ENTRY_NONE };
        uint32_t start;
        do {
            at = (at + 1) & index->mask;
            const struct entry *entry = &index->entries[at];
            if (entry->kind == ENTRY_NONE)
                return;
            start = home(index, entry->kind, entry->number, entry->owner);
        } while (((at - start) & index->mask) < ((at - hole) & index->mask));
        index->entries[hole] = index->entries[at];
        hole = at;
    }
}
