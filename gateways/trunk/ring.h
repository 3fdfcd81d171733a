/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ring: items of one size on their way from one thread to one other, without a lock. Whoever puts
 * never waits: a full ring says so. */
#ifndef GATEWAYS_TRUNK_RING_H
#define GATEWAYS_TRUNK_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct ring {
    uint8_t *items;
    uint32_t item_bytes;
    uint32_t size;
    _Atomic uint32_t put; /* counted for ever, modulo 2^32 */
    _Atomic uint32_t took;
};

/* size is a power of two. Returns 0 or -ENOMEM; ring_free() accepts a zeroed ring. */
int ring_init(struct ring *ring, uint32_t item_bytes, uint32_t size);
void ring_free(struct ring *ring);

/* Copies the item in; false when the ring is full. */
bool ring_put(struct ring *ring, const void *item);

/* Copies the oldest item out; false when the ring is empty. */
bool ring_take(struct ring *ring, void *item);

/* At least so many wait, as whoever takes sees it. */
uint32_t ring_count(const struct ring *ring);

#endif
