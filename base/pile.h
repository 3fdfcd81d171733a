/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pile: an intrusive priority queue without any memory of its own (a leftist tree; Crane 1972). There
 * may be hundreds of them, mostly empty, and an element may go from one to another; base/heap.h is
 * faster where one large heap is always in use. Ties are broken by `order`: the sequence is total. */
#ifndef BASE_PILE_H
#define BASE_PILE_H

#include <stdbool.h>
#include <stdint.h>

/* The owner embeds it in each element. All zero: in no pile. */
struct pile_node {
    uint64_t key;   /* smallest first */
    uint64_t order; /* between equal keys */
    struct pile_node *up;
    struct pile_node *left;
    struct pile_node *right;
    uint32_t rank; /* shortest way down to a free place; 0: in no pile */
};

/* All zero: empty. */
struct pile {
    struct pile_node *first;
};

/* Inserts the node, or moves it inside this pile. O(log n). */
void pile_set(struct pile *pile, struct pile_node *node, uint64_t key, uint64_t order);

/* Takes the node out of this pile; a node in no pile stays so. O(log n). */
void pile_remove(struct pile *pile, struct pile_node *node);

static inline bool pile_has(const struct pile_node *node)
{
    return node->rank != 0;
}

static inline bool pile_before(const struct pile_node *a, const struct pile_node *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

#endif
