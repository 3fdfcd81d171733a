/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/pool.h"

#include <string.h>

#include "base/require.h"

// NOLINTNEXTLINE(readability-non-const-parameter): the pool writes to the list later
void pool_init(struct pool *pool, void *slots, uint32_t *free, size_t slot_size, uint32_t size)
{
    *pool = (struct pool){ .slots = slots, .free = free, .slot_size = slot_size, .size = size };
}

/* The slot that is taken next, though it may be behind the end. */
static void *next_slot(const struct pool *pool)
{
    uint32_t free_count = pool->free_count;
    return pool_at(pool, free_count > 0 ? pool->free[free_count - 1] : pool->reached);
}

void *pool_take(struct pool *pool)
{
    void *slot = next_slot(pool);
    REQUIRE(pool_room(pool) > 0);
    if (pool->free_count > 0)
        pool->free_count--;
    else
        pool->reached++;
    pool_foresee(pool, next_slot(pool));
    return slot;
}

void pool_give(struct pool *pool, void *slot)
{
    size_t offset = (size_t)((char *)slot - pool->slots);
    REQUIRE(offset % pool->slot_size == 0 && offset / pool->slot_size < pool->reached);
    REQUIRE(pool->free_count < pool->reached);
    memset(slot, 0, pool->slot_size);
    pool->free[pool->free_count++] = (uint32_t)(offset / pool->slot_size);
}
