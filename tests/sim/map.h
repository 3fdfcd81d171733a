/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * map: bytes to bytes, in the order of the keys: a skip list. What the simulated disk is made of. */
#ifndef TESTS_SIM_MAP_H
#define TESTS_SIM_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MAP_LEVELS = 20
};

struct map_node {
    uint32_t levels, key_size, value_size, value_room;
    bool removed;            /* an overlay's mark: it hides what lies below */
    struct map_node *next[]; /* as many as its level, then key and value */
};

struct map {
    struct map_node *first[MAP_LEVELS];
    uint64_t count;
    uint64_t dice;
};

const uint8_t *map_key(const struct map_node *node);
const uint8_t *map_value(const struct map_node *node);

/* The first entry at or above the key; NULL at the end. */
struct map_node *map_from(const struct map *map, const void *key, size_t size);

/* The last entry below the key; a size of 0: the last of all. */
struct map_node *map_below(const struct map *map, const void *key, size_t size);

/* The entry itself, NULL for none. */
struct map_node *map_find(const struct map *map, const void *key, size_t size);

static inline struct map_node *map_next(const struct map_node *node)
{
    return node->next[0];
}

void map_put(struct map *map, const void *key, size_t key_size, const void *value,
             size_t value_size, bool removed);
void map_remove(struct map *map, const void *key, size_t size);
void map_clear(struct map *map);

int map_compare(const void *a, size_t a_size, const void *b, size_t b_size);

#endif
