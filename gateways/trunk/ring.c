/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"

int ring_init(struct ring *ring, uint32_t item_bytes, uint32_t size)
{
    REQUIRE(size > 0 && (size & (size - 1)) == 0);
    *ring = (struct ring){ .item_bytes = item_bytes, .size = size };
    ring->items = calloc(size, item_bytes);
    return ring->items ? 0 : -ENOMEM;
}

void ring_free(struct ring *ring)
{
    free(ring->items);
    ring->items = NULL;
}

static uint8_t *place(const struct ring *ring, uint32_t number)
{
    return ring->items + (size_t)(number & (ring->size - 1)) * ring->item_bytes;
}

bool ring_put(struct ring *ring, const void *item)
{
    uint32_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    if (put - atomic_load_explicit(&ring->took, memory_order_acquire) == ring->size)
        return false;
    memcpy(place(ring, put), item, ring->item_bytes);
    atomic_store_explicit(&ring->put, put + 1, memory_order_release);
    return true;
}

bool ring_take(struct ring *ring, void *item)
{
    uint32_t took = atomic_load_explicit(&ring->took, memory_order_relaxed);
    if (took == atomic_load_explicit(&ring->put, memory_order_acquire))
        return false;
    memcpy(item, place(ring, took), ring->item_bytes);
    atomic_store_explicit(&ring->took, took + 1, memory_order_release);
    return true;
}

uint32_t ring_count(const struct ring *ring)
{
    return atomic_load_explicit(&ring->put, memory_order_acquire) -
           atomic_load_explicit(&ring->took, memory_order_relaxed);
}
