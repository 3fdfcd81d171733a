/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/tree.h"

#include <errno.h>
#include <string.h>

#include "base/require.h"

enum {
    LEAF = 0x00,
    NODE = 0x01
};

void tree_leaf(const struct suite *suite, const uint8_t link[TREE_HASH_BYTES],
               uint8_t hash[TREE_HASH_BYTES])
{
    uint8_t bytes[1 + TREE_HASH_BYTES] = { LEAF };
    memcpy(bytes + 1, link, TREE_HASH_BYTES);
    suite_digest(suite, bytes, sizeof bytes, hash);
}

void tree_node(const struct suite *suite, const uint8_t left[TREE_HASH_BYTES],
               const uint8_t right[TREE_HASH_BYTES], uint8_t hash[TREE_HASH_BYTES])
{
    uint8_t bytes[1 + 2 * TREE_HASH_BYTES] = { NODE };
    memcpy(bytes + 1, left, TREE_HASH_BYTES);
    memcpy(bytes + 1 + TREE_HASH_BYTES, right, TREE_HASH_BYTES);
    suite_digest(suite, bytes, sizeof bytes, hash);
}

int tree_add(struct tree *tree, const uint8_t link[TREE_HASH_BYTES], tree_closed *closed,
             void *owner)
{
    uint8_t hash[TREE_HASH_BYTES];
    uint32_t level = 0;
    tree_leaf(tree->suite, link, hash);
    for (; tree->size >> level & 1; level++) {
        tree_node(tree->suite, tree->peaks[level], hash, hash);
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
            tree_node(tree->suite, tree->peaks[level], root, root);
        else
            memcpy(root, tree->peaks[level], TREE_HASH_BYTES);
        started = true;
    }
    if (!started)
        suite_digest(tree->suite, NULL, 0, root);
}

/* The root of the tree's last subtree at this level: complete, or made of smaller peaks. */
static int edge_root(const struct suite *suite, uint32_t top, uint64_t index, uint64_t size,
                     tree_lookup *lookup, void *owner, uint8_t root[TREE_HASH_BYTES])
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
            tree_node(suite, peak, root, root);
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

int tree_path(const struct suite *suite, uint64_t index, uint64_t size, tree_lookup *lookup,
              void *owner, uint8_t path[][TREE_HASH_BYTES])
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
            status = edge_root(suite, level, sibling, size, lookup, owner, path[count++]);
        if (status < 0)
            return status;
    }
    return count;
}

/* One level up a proof (RFC 9162 §2.1.3.2, §2.1.4.2). Returns whether the proof's hash stands left of ours. */
static bool climb(uint64_t *index, uint64_t *last)
{
    bool left = *index & 1 || *index == *last;
    while (left && !(*index & 1) && *index != 0) {
        *index >>= 1;
        *last >>= 1;
    }
    *index >>= 1;
    *last >>= 1;
    return left;
}

bool tree_proves(const struct suite *suite, uint64_t index, uint64_t size,
                 const uint8_t link[TREE_HASH_BYTES], const uint8_t (*path)[TREE_HASH_BYTES],
                 size_t count, const uint8_t root[TREE_HASH_BYTES])
{
    uint8_t hash[TREE_HASH_BYTES];
    if (index >= size)
        return false;
    uint64_t last = size - 1;
    tree_leaf(suite, link, hash);
    for (size_t i = 0; i < count; i++) {
        if (last == 0)
            return false;
        if (climb(&index, &last))
            tree_node(suite, path[i], hash, hash);
        else
            tree_node(suite, hash, path[i], hash);
    }
    return last == 0 && memcmp(hash, root, TREE_HASH_BYTES) == 0;
}

/* ---- one tree begins another --------------------------------------------------------------- */

static bool is_power(uint64_t number)
{
    return (number & (number - 1)) == 0;
}

static uint32_t level_of(uint64_t power)
{
    uint32_t level = 0;
    while (power >> level > 1)
        level++;
    return level;
}

/* The root over the leaves from..end-1: a complete subtree, or the last ones of a tree of `end`. */
static int part_root(const struct suite *suite, uint64_t from, uint64_t end, tree_lookup *lookup,
                     void *owner, uint8_t root[TREE_HASH_BYTES])
{
    uint64_t count = end - from;
    bool started = false;
    if (is_power(count) && from % count == 0)
        return lookup(owner, level_of(count), from >> level_of(count), root);
    for (uint32_t level = 0; level < TREE_LEVELS_MAX; level++) {
        uint8_t peak[TREE_HASH_BYTES];
        if (!(end >> level & 1))
            continue;
        uint64_t index = (end >> level) - 1;
        if (index << level < from)
            break;
        int status = lookup(owner, level, index, peak);
        if (status < 0)
            return status;
        if (started)
            tree_node(suite, peak, root, root);
        else
            memcpy(root, peak, TREE_HASH_BYTES);
        started = true;
    }
    return 0;
}

int tree_consistency(const struct suite *suite, uint64_t first, uint64_t second,
                     tree_lookup *lookup, void *owner, uint8_t path[][TREE_HASH_BYTES])
{
    uint8_t beside[TREE_LEVELS_MAX + 1][TREE_HASH_BYTES];
    uint64_t from = 0, size = second, rest = first;
    int count = 0, steps = 0, status = 0;
    REQUIRE(first > 0 && first <= second && !(second >> TREE_LEVELS_MAX));
    while (status == 0 && rest != size) {
        uint64_t half = 1;
        while (half * 2 < size)
            half *= 2;
        if (rest <= half) {
            status = part_root(suite, from + half, from + size, lookup, owner, beside[steps++]);
            size = half;
        } else {
            status = part_root(suite, from, from + half, lookup, owner, beside[steps++]);
            from += half;
            size -= half;
            rest -= half;
        }
    }
    if (status == 0 && from > 0) /* else it is the first root itself, which the asker has */
        status = part_root(suite, from, from + size, lookup, owner, path[count++]);
    while (status == 0 && steps > 0)
        memcpy(path[count++], beside[--steps], TREE_HASH_BYTES);
    return status < 0 ? status : count;
}

bool tree_goes_on(const struct suite *suite, uint64_t first,
                  const uint8_t first_root[TREE_HASH_BYTES], uint64_t second,
                  const uint8_t second_root[TREE_HASH_BYTES],
                  const uint8_t (*path)[TREE_HASH_BYTES], size_t count)
{
    uint8_t old[TREE_HASH_BYTES], new[TREE_HASH_BYTES];
    if (first == 0 || first > second)
        return false;
    if (first == second)
        return count == 0 && memcmp(first_root, second_root, TREE_HASH_BYTES) == 0;
    if (count == 0)
        return false;
    uint64_t index = first - 1, last = second - 1;
    size_t at = is_power(first) ? 0 : 1; /* a complete first tree is the start itself */
    memcpy(old, at == 0 ? first_root : path[0], TREE_HASH_BYTES);
    memcpy(new, old, TREE_HASH_BYTES);
    for (; index & 1; index >>= 1)
        last >>= 1;
    for (; at < count; at++) {
        if (last == 0)
            return false;
        if (climb(&index, &last)) {
            tree_node(suite, path[at], old, old);
            tree_node(suite, path[at], new, new);
        } else
            tree_node(suite, new, path[at], new);
    }
    return last == 0 && memcmp(old, first_root, TREE_HASH_BYTES) == 0 &&
           memcmp(new, second_root, TREE_HASH_BYTES) == 0;
}
