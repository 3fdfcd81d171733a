/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/index.h"

#include "base/require.h"

void index_init(struct index *index, struct entry *entries, uint32_t size, void *base)
{
    REQUIRE(size > INDEX_NEIGHBOURS && (size & (size - 1)) == 0);
    *index = (struct index){ .entries = entries, .base = base, .mask = size - 1 };
    index->shift = 64 - (uint32_t)__builtin_ctz(size / INDEX_NEIGHBOURS);
}

void index_foresee(const struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner)
{
    __builtin_prefetch(&index->entries[index_home(index, index_key(kind, owner), number)]);
}

void index_foresee_caller(const struct index *index, uint64_t caller)
{
    if (!caller)
        return;
    index_foresee(index, ENTRY_CALLER_LIVE, caller, 0);
    index_foresee(index, ENTRY_CALLER_OFF, caller, 0);
}

void index_put(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner,
               void *value)
{
    size_t distance = (size_t)((char *)value - index->base);
    REQUIRE(value && distance % 8 == 0 && distance / 8 <= UINT32_MAX);
    REQUIRE(owner <= INDEX_OWNER_MAX && index->count <= index->mask / 2);
    uint32_t key = index_key(kind, owner);
    struct entry *entry = index_seek(index, key, number);
    REQUIRE(entry->key == 0);
    *entry = (struct entry){ .number = number, .key = key, .value = (uint32_t)(distance / 8) };
    index->count++;
}

void index_remove(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner)
{
    uint32_t hole = (uint32_t)(index_seek(index, index_key(kind, owner), number) - index->entries);
    REQUIRE(index->entries[hole].key);
    index->count--;
    /* Entries behind the hole move up as far as their home allows: no tombstones, ever. */
    for (uint32_t at = hole;;) {
        index->entries[hole] = (struct entry){ 0 };
        uint32_t start;
        do {
            at = (at + 1) & index->mask;
            const struct entry *entry = &index->entries[at];
            if (entry->key == 0)
                return;
            start = index_home(index, entry->key, entry->number);
        } while (((at - start) & index->mask) < ((at - hole) & index->mask));
        index->entries[hole] = index->entries[at];
        hole = at;
    }
}
