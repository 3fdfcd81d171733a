/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/tree.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"

enum {
    LEAF = 0x00,
    NODE = 0x01
};

void tree_leaf(const uint8_t link[TREE_HASH_BYTES], uint8_t hash[TREE_HASH_BYTES])
{
    uint8_t bytes[1 + TREE_HASH_BYTES] = { LEAF };
    memcpy(bytes + 1, link, TREE_HASH_BYTES);
    (void)crypto_generichash(hash, TREE_HASH_BYTES, bytes, sizeof bytes, NULL, 0);
}

void tree_node(const uint8_t left[TREE_HASH_BYTES], const uint8_t right[TREE_HASH_BYTES],
               uint8_t hash[TREE_HASH_BYTES])
{
    uint8_t bytes[1 + 2 * TREE_HASH_BYTES] = { NODE };
    memcpy(bytes + 1, left, TREE_HASH_BYTES);
    memcpy(bytes + 1 + TREE_HASH_BYTES, right, TREE_HASH_BYTES);
    (void)crypto_generichash(hash, TREE_HASH_BYTES, bytes, sizeof bytes, NULL, 0);
}

int tree_add(struct tree *tree, const uint8_t link[TREE_HASH_BYTES], tree_closed *closed,
             void *owner)
{
    uint8_t hash[TREE_HASH_BYTES];
    uint32_t level = 0;
    tree_leaf(link, hash);
    for (; tree->size >> level & 1; level++) {
        tree_node(tree->peaks[level], hash, hash);
        int status = closed ? closed(owner, level + 1, tree->size >> (level + 1), hash) : 0;
        if (status < 0)
            return status;
    }
    REQUIRE(level < TREE_LEVELS_MAX);
    memcpy(tree->peaks[level], hash, TREE_HASH_BYTES);
    tree->size++;
    return 0;
}

void tree_root(const struct tree *tree, uint8_t root[TREE_HASH_BYTES])
{
    bool started = false;
    for (uint32_t level = 0; level < TREE_LEVELS_MAX; level++) {
        if (!(tree->size >> level & 1))
            continue;
        if (started)
            tree_node(tree->peaks[level], root, root);
        else
            memcpy(root, tree->peaks[level], TREE_HASH_BYTES);
        started = true;
    }
    if (!started)
        (void)crypto_generichash(root, TREE_HASH_BYTES, NULL, 0, NULL, 0);
}

/* The root of the tree's last subtree at this level: complete, or made of smaller peaks. */
static int edge_root(uint32_t top, uint64_t index, uint64_t size, tree_lookup *lookup, void *owner,
                     uint8_t root[TREE_HASH_BYTES])
{
    bool started = false;
    if (size >> top > index)
        return lookup(owner, top, index, root);
    for (uint32_t level = 0; level < top; level++) {
        uint8_t peak[TREE_HASH_BYTES];
        if (!(size >> level & 1))
            continue;
        int status = lookup(owner, level, (size >> level) - 1, peak);
        if (status < 0)
            return status;
        if (started)
            tree_node(peak, root, root);
        else
            memcpy(root, peak, TREE_HASH_BYTES);
        started = true;
    }
    REQUIRE(started);
    return 0;
}

int tree_load(struct tree *tree, uint64_t size, tree_lookup *lookup, void *owner)
{
    if (size >> TREE_LEVELS_MAX)
        return -EBADMSG;
    tree->size = size;
    for (uint32_t level = 0; level < TREE_LEVELS_MAX; level++) {
        if (!(size >> level & 1))
            continue;
        int status = lookup(owner, level, (size >> level) - 1, tree->peaks[level]);
        if (status < 0)
            return status;
    }
    return 0;
}

int tree_path(uint64_t index, uint64_t size, tree_lookup *lookup, void *owner,
              uint8_t path[][TREE_HASH_BYTES])
{
    REQUIRE(index < size);
    int count = 0;
    uint64_t last = size - 1;
    for (uint32_t level = 0; last > 0; level++, index >>= 1, last >>= 1) {
        uint64_t sibling = index ^ 1;
        int status = 0;
        if (sibling < last)
            status = lookup(owner, level, sibling, path[count++]);
        else if (sibling == last)
            status = edge_root(level, sibling, size, lookup, owner, path[count++]);
        if (status < 0)
            return status;
    }
    return count;
}

bool tree_proves(uint64_t index, uint64_t size, const uint8_t link[TREE_HASH_BYTES],
                 const uint8_t (*path)[TREE_HASH_BYTES], size_t count,
                 const uint8_t root[TREE_HASH_BYTES])
{
    uint8_t hash[TREE_HASH_BYTES];
    if (index >= size)
        return false;
    uint64_t last = size - 1;
    tree_leaf(link, hash);
    for (size_t i = 0; i < count; i++) {
        if (last == 0)
            return false;
        if (index & 1 || index == last) {
            tree_node(path[i], hash, hash);
            while (!(index & 1) && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else
            tree_node(hash, path[i], hash);
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && memcmp(hash, root, TREE_HASH_BYTES) == 0;
}
