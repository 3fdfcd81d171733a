/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/heap.h"

#include <stddef.h>

#include "base/require.h"

enum {
    CHILDREN = 4 /* half the depth of two, and the four lie beside each other in memory */
};

void heap_init(struct heap *heap, struct heap_place *places, uint32_t size)
{
    *heap = (struct heap){ .places = places, .size = size };
}

static bool before(const struct heap_place *a, const struct heap_place *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void put(struct heap *heap, uint32_t index, const struct heap_place *place)
{
    heap->places[index] = *place;
    place->node->slot = index + 1;
}

static uint32_t rise(struct heap *heap, uint32_t index, const struct heap_place *place)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / CHILDREN;
        if (!before(place, &heap->places[parent]))
            break;
        put(heap, index, &heap->places[parent]);
        index = parent;
    }
    return index;
}

static uint32_t sink(struct heap *heap, uint32_t index, const struct heap_place *place)
{
    for (;;) {
        uint32_t child = CHILDREN * index + 1;
        if (child >= heap->count)
            return index;
        uint32_t end = heap->count - child < CHILDREN ? heap->count : child + CHILDREN;
        uint32_t least = child;
        while (++child < end)
            if (before(&heap->places[child], &heap->places[least]))
                least = child;
        if (!before(&heap->places[least], place))
            return index;
        put(heap, index, &heap->places[least]);
        index = least;
    }
}

/* The place is free; what belongs there may belong higher or lower. */
static void settle(struct heap *heap, uint32_t index, const struct heap_place *place)
{
    uint32_t risen = rise(heap, index, place);
    put(heap, risen == index ? sink(heap, index, place) : risen, place);
}

void heap_set(struct heap *heap, struct heap_node *node, uint64_t key, uint64_t order)
{
    if (node->slot == 0) {
        REQUIRE(heap->count < heap->size);
        node->slot = ++heap->count;
    } else {
        REQUIRE(node->slot <= heap->count && heap->places[node->slot - 1].node == node);
        if (node->key == key && node->order == order)
            return;
    }
    node->key = key;
    node->order = order;
    settle(heap, node->slot - 1, &(struct heap_place){ key, order, node });
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    if (node->slot == 0)
        return;
    uint32_t index = node->slot - 1;
    REQUIRE(index < heap->count && heap->places[index].node == node);
    struct heap_place last = heap->places[--heap->count];
    node->slot = 0;
    if (last.node != node)
        settle(heap, index, &last);
}

struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count ? heap->places[0].node : NULL;
}
