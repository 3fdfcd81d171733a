/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * heap: an intrusive heap over fixed memory. The owner embeds a heap_node in each element; the heap
 * holds their keys and addresses in an array the owner gave. Ties are broken by `order`, so that the
 * sequence of elements is total and the same on every machine. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct heap_node {
    uint64_t key;   /* smallest first */
    uint64_t order; /* between equal keys */
    uint32_t slot;  /* place in the heap + 1; 0 = not in it */
};

/* What the heap keeps of a node, so that comparing touches no node: half of a city's deadlines are the
 * end of the same working day. */
struct heap_place {
    uint64_t key;
    uint64_t order;
    struct heap_node *node;
};

struct heap {
    struct heap_place *places;
    uint32_t count;
    uint32_t size;
};

/* places has room for `size` nodes and is borrowed for the heap's life. Nodes start zeroed. */
void heap_init(struct heap *heap, struct heap_place *places, uint32_t size);

/* Inserts the node, or moves it when it is in already. A full heap is a bug of the owner, who sizes
 * it to the number of elements that exist. O(log n). */
void heap_set(struct heap *heap, struct heap_node *node, uint64_t key, uint64_t order);

/* Takes the node out; a node that is not in stays so. O(log n). */
void heap_remove(struct heap *heap, struct heap_node *node);

/* NULL when empty. */
struct heap_node *heap_first(const struct heap *heap);

/* A hint that the node is set or removed soon. */
static inline void heap_foresee(const struct heap *heap, const struct heap_node *node)
{
    if (node->slot)
        __builtin_prefetch(&heap->places[node->slot - 1], 1);
}

static inline bool heap_has(const struct heap_node *node)
{
    return node->slot != 0;
}

#endif
