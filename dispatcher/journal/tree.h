/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tree: the Merkle tree over all records, as RFC 9162 §2.1 with the suite's hash: leaf n is record n's
 * link, hash(leaf) = H(0x00 ‖ link), hash(node) = H(0x01 ‖ left ‖ right). One root stands for the
 * whole journal; a path of at most 40 hashes proves that a record is in it.
 *
 * A tree that grows keeps its peaks: the roots of the complete subtrees, one per set bit of size. */
#ifndef DISPATCHER_JOURNAL_TREE_H
#define DISPATCHER_JOURNAL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/suite.h"

enum {
    TREE_HASH_BYTES = 32,
    TREE_LEVELS_MAX = 40 /* 2^40 records: 1,000 a second for 34 years */
};

struct tree {
    const struct suite *suite;
    uint64_t size;
    uint8_t peaks[TREE_LEVELS_MAX][TREE_HASH_BYTES]; /* [h] holds when bit h of size is set */
};

/* Told of every complete subtree when it closes: of 2^level leaves, the index-th of that size. */
typedef int tree_closed(void *owner, uint32_t level, uint64_t index,
                        const uint8_t hash[TREE_HASH_BYTES]);

void tree_leaf(const struct suite *suite, const uint8_t link[TREE_HASH_BYTES],
               uint8_t hash[TREE_HASH_BYTES]);

/* hash may be left or right. */
void tree_node(const struct suite *suite, const uint8_t left[TREE_HASH_BYTES],
               const uint8_t right[TREE_HASH_BYTES], uint8_t hash[TREE_HASH_BYTES]);

/* Adds a record's link. closed may be NULL. Returns 0 or what closed() returned. */
int tree_add(struct tree *tree, const uint8_t link[TREE_HASH_BYTES], tree_closed *closed,
             void *owner);

/* Of an empty tree: H(). */
void tree_root(const struct tree *tree, uint8_t root[TREE_HASH_BYTES]);

/* Looks a complete subtree's hash up. Returns 0 or a negative errno. */
typedef int tree_lookup(void *owner, uint32_t level, uint64_t index, uint8_t hash[TREE_HASH_BYTES]);

/* The peaks of the tree of the first `size` leaves. */
int tree_load(struct tree *tree, uint64_t size, tree_lookup *lookup, void *owner);

/* The path of leaf `index` (from 0) in the tree of `size` leaves, bottom first. path has room for
 * 2 * TREE_LEVELS_MAX hashes. Returns the number of hashes, or a negative errno. */
int tree_path(const struct suite *suite, uint64_t index, uint64_t size, tree_lookup *lookup,
              void *owner, uint8_t path[][TREE_HASH_BYTES]);

/* That the tree of `second` leaves begins with the tree of `first` (0 < first ≤ second): RFC 9162
 * §2.1.4.1. path has room for 2 * TREE_LEVELS_MAX hashes. Returns their number, or a negative errno. */
int tree_consistency(const struct suite *suite, uint64_t first, uint64_t second,
                     tree_lookup *lookup, void *owner, uint8_t path[][TREE_HASH_BYTES]);

/* Whether the path shows it of these two roots (§2.1.4.2). */
bool tree_goes_on(const struct suite *suite, uint64_t first,
                  const uint8_t first_root[TREE_HASH_BYTES], uint64_t second,
                  const uint8_t second_root[TREE_HASH_BYTES],
                  const uint8_t (*path)[TREE_HASH_BYTES], size_t count);

/* Whether the path leads from the record's link to the root (RFC 9162 §2.1.3.2). */
bool tree_proves(const struct suite *suite, uint64_t index, uint64_t size,
                 const uint8_t link[TREE_HASH_BYTES], const uint8_t (*path)[TREE_HASH_BYTES],
                 size_t count, const uint8_t root[TREE_HASH_BYTES]);

#endif
