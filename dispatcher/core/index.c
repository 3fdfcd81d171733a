/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/index.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/require.h"

enum {
    NEIGHBOURS = 8 /* entries of two cache lines, which the processor fetches as a pair */
};

void index_init(struct index *index, struct entry *entries, uint32_t size, void *base)
{
    REQUIRE(size >= NEIGHBOURS && (size & (size - 1)) == 0);
    *index = (struct index){ .entries = entries, .base = base, .mask = size - 1 };
}

static uint32_t key_of(enum entry_kind kind, uint32_t owner)
{
    return (uint32_t)kind | owner << 8;
}

/* splitmix64's finaliser scatters the lines; within its line a number keeps its place. */
static uint32_t home(const struct index *index, uint32_t key, uint64_t number)
{
    uint64_t space = key < ENTRY_CONTACT || key > UINT8_MAX ? key : ENTRY_CONTACT;
    uint64_t x = number / NEIGHBOURS + 0x9e3779b97f4a7c15 * space;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    x ^= x >> 31;
    return (uint32_t)(x * NEIGHBOURS + number % NEIGHBOURS) & index->mask;
}

static uint32_t seek(const struct index *index, uint32_t key, uint64_t number)
{
    uint32_t at = home(index, key, number);
    for (;;) {
        const struct entry *entry = &index->entries[at];
        if (entry->key == 0 || (entry->key == key && entry->number == number))
            return at;
        at = (at + 1) & index->mask;
    }
}

void *index_find(const struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner)
{
    if (owner > INDEX_OWNER_MAX)
        return NULL;
    const struct entry *entry = &index->entries[seek(index, key_of(kind, owner), number)];
    return entry->key ? index->base + (uint64_t)entry->value * 8 : NULL;
}

void index_foresee(const struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner)
{
    __builtin_prefetch(&index->entries[home(index, key_of(kind, owner), number)]);
}

void index_put(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner,
               void *value)
{
    size_t distance = (size_t)((char *)value - index->base);
    REQUIRE(value && distance % 8 == 0 && distance / 8 <= UINT32_MAX);
    REQUIRE(owner <= INDEX_OWNER_MAX && index->count <= index->mask / 2);
    uint32_t key = key_of(kind, owner);
    struct entry *entry = &index->entries[seek(index, key, number)];
    REQUIRE(entry->key == 0);
    *entry = (struct entry){ .number = number, .key = key, .value = (uint32_t)(distance / 8) };
    index->count++;
}

void index_remove(struct index *index, enum entry_kind kind, uint64_t number, uint32_t owner)
{
    uint32_t hole = seek(index, key_of(kind, owner), number);
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
            start = home(index, entry->key, entry->number);
        } while (((at - start) & index->mask) < ((at - hole) & index->mask));
        index->entries[hole] = index->entries[at];
        hole = at;
    }
}
