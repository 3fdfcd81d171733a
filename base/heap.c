/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/heap.h"

#include <stddef.h>

#include "base/require.h"

void heap_init(struct heap *heap, struct heap_node **nodes, uint32_t size)
{
    *heap = (struct heap){ .nodes = nodes, .size = size };
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void place(struct heap *heap, uint32_t index, struct heap_node *node)
{
    heap->nodes[index] = node;
    node->slot = index + 1;
}

static uint32_t rise(struct heap *heap, uint32_t index, const struct heap_node *node)
{
    while (index > 0) {
        uint32_t parent = (index - 1) / 2;
        if (!before(node, heap->nodes[parent]))
            break;
        place(heap, index, heap->nodes[parent]);
        index = parent;
    }
    return index;
}

static uint32_t sink(struct heap *heap, uint32_t index, const struct heap_node *node)
{
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child >= heap->count)
            return index;
        if (child + 1 < heap->count && before(heap->nodes[child + 1], heap->nodes[child]))
            child++;
        if (!before(heap->nodes[child], node))
            return index;
        place(heap, index, heap->nodes[child]);
        index = child;
    }
}

void heap_set(struct heap *heap, struct heap_node *node, uint64_t key, uint64_t order)
{
    if (node->slot == 0) {
        REQUIRE(heap->count < heap->size);
        place(heap, heap->count++, node);
    }
    REQUIRE(heap->nodes[node->slot - 1] == node);
    node->key = key;
    node->order = order;
    uint32_t index = rise(heap, node->slot - 1, node);
    place(heap, index, node);
    place(heap, sink(heap, index, node), node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    if (node->slot == 0)
        return;
    uint32_t index = node->slot - 1;
    REQUIRE(index < heap->count && heap->nodes[index] == node);
    struct heap_node *last = heap->nodes[--heap->count];
    node->slot = 0;
    if (last == node)
        return;
    place(heap, index, last);
    index = rise(heap, index, last);
    place(heap, index, last);
    place(heap, sink(heap, index, last), last);
}

struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count ? heap->nodes[0] : NULL;
}
