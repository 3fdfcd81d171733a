/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/pile.h"

#include <stddef.h>

static uint32_t rank_of(const struct pile_node *node)
{
    return node ? node->rank : 0;
}

static void swap_sides(struct pile_node *node)
{
    struct pile_node *left = node->left;
    node->left = node->right;
    node->right = left;
}

/* The right way down is the short one: as deep as the logarithm of what lies under it. */
static struct pile_node *merge(struct pile_node *a, struct pile_node *b)
{
    if (!a)
        return b;
    if (!b)
        return a;
    if (pile_before(b, a)) {
        struct pile_node *first = b;
        b = a;
        a = first;
    }
    a->right = merge(a->right, b);
    a->right->up = a;
    if (rank_of(a->left) < rank_of(a->right))
        swap_sides(a);
    a->rank = rank_of(a->right) + 1;
    return a;
}

/* A part below lost something: ranks follow upwards as far as they change. */
static void mend(struct pile_node *node)
{
    for (; node; node = node->up) {
        if (rank_of(node->left) < rank_of(node->right))
            swap_sides(node);
        uint32_t rank = rank_of(node->right) + 1;
        if (rank == node->rank)
            return;
        node->rank = rank;
    }
}

void pile_remove(struct pile *pile, struct pile_node *node)
{
    if (!pile_has(node))
        return;
    struct pile_node *up = node->up;
    struct pile_node *rest = merge(node->left, node->right);
    if (rest)
        rest->up = up;
    if (!up)
        pile->first = rest;
    else if (up->left == node)
        up->left = rest;
    else
        up->right = rest;
    mend(up);
    node->up = node->left = node->right = NULL;
    node->rank = 0;
}

void pile_set(struct pile *pile, struct pile_node *node, uint64_t key, uint64_t order)
{
    if (pile_has(node) && node->key == key && node->order == order)
        return;
    pile_remove(pile, node);
    node->key = key;
    node->order = order;
    node->rank = 1;
    pile->first = merge(pile->first, node);
    pile->first->up = NULL;
}
