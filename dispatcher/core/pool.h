/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pool: equal slots in fixed memory. A slot that is taken comes zeroed; a slot that is free is all
 * zero, so that walking the slots finds the live ones by their id or number. Slots are handed out in
 * order, those given back first: memory that was never needed is never touched. */
#ifndef DISPATCHER_CORE_POOL_H
#define DISPATCHER_CORE_POOL_H

#include <stddef.h>
#include <stdint.h>

enum {
    POOL_LINE_BYTES = 64 /* of the processor's cache */
};

struct pool {
    char *slots;
    uint32_t *free; /* a stack of slot numbers */
    size_t slot_size;
    uint32_t size;
    uint32_t reached; /* slots ever handed out; none behind them is in use */
    uint32_t free_count;
};

/* slots: size * slot_size bytes, all zero; free: size numbers. Both borrowed for the pool's life. */
void pool_init(struct pool *pool, void *slots, uint32_t *free, size_t slot_size, uint32_t size);

/* A hint that the slot is wanted soon: its lines come near while others are at work. */
static inline void pool_foresee(const struct pool *pool, const void *slot)
{
    for (size_t at = 0; at < pool->slot_size; at += POOL_LINE_BYTES)
        __builtin_prefetch((const char *)slot + at, 1);
}

/* A full pool is a bug: whoever decides asks pool_room() first. */
void *pool_take(struct pool *pool);
void pool_give(struct pool *pool, void *slot);

static inline uint32_t pool_room(const struct pool *pool)
{
    return pool->size - pool->reached + pool->free_count;
}

static inline uint32_t pool_used(const struct pool *pool)
{
    return pool->reached - pool->free_count;
}

static inline void *pool_at(const struct pool *pool, uint32_t number)
{
    return pool->slots + number * pool->slot_size;
}

#endif
