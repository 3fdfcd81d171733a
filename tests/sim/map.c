/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

const uint8_t *map_key(const struct map_node *node)
{
    return (const uint8_t *)(node->next + node->levels);
}

const uint8_t *map_value(const struct map_node *node)
{
    return map_key(node) + node->key_size;
}

int map_compare(const void *a, size_t a_size, const void *b, size_t b_size)
{
    size_t least = a_size < b_size ? a_size : b_size;
    int order = least ? memcmp(a, b, least) : 0;
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* before[level] is the link that leads to the first node at or above the key. */
static void find(const struct map *map, const void *key, size_t size, struct map_node **before[])
{
    struct map_node *const *links = map->first;
    for (uint32_t level = MAP_LEVELS; level-- > 0;) {
        while (links[level] &&
               map_compare(map_key(links[level]), links[level]->key_size, key, size) < 0)
            links = links[level]->next;
        before[level] = (struct map_node **)(uintptr_t)&links[level];
    }
}

struct map_node *map_from(const struct map *map, const void *key, size_t size)
{
    struct map_node **before[MAP_LEVELS];
    find(map, key, size, before);
    return *before[0];
}

struct map_node *map_find(const struct map *map, const void *key, size_t size)
{
    struct map_node *node = map_from(map, key, size);
    return node && map_compare(map_key(node), node->key_size, key, size) == 0 ? node : NULL;
}

struct map_node *map_below(const struct map *map, const void *key, size_t size)
{
    struct map_node *const *links = map->first;
    struct map_node *found = NULL;
    for (uint32_t level = MAP_LEVELS; level-- > 0;)
        while (links[level] && (size == 0 || map_compare(map_key(links[level]),
                                                         links[level]->key_size, key, size) < 0)) {
            found = links[level];
            links = found->next;
        }
    return found;
}

static uint32_t throw_levels(struct map *map)
{
    map->dice = map->dice * 6364136223846793005ULL + 1442695040888963407ULL;
    uint64_t bits = map->dice >> 33;
    uint32_t levels = 1;
    while ((bits & 3) == 0 && levels < MAP_LEVELS) {
        levels++;
        bits >>= 2;
        if (bits == 0)
            break;
    }
    return levels;
}

static void write_value(struct map_node *node, const void *value, size_t size, bool removed)
{
    node->value_size = (uint32_t)size;
    node->removed = removed;
    if (size)
        memcpy((uint8_t *)(uintptr_t)map_value(node), value, size);
}

static void insert(struct map *map, struct map_node **before[], const void *key, size_t key_size,
                   const void *value, size_t value_size, bool removed)
{
    uint32_t levels = throw_levels(map);
    struct map_node *node =
        malloc(sizeof *node + levels * sizeof(struct map_node *) + key_size + value_size);
    REQUIRE(node);
    node->levels = levels;
    node->key_size = (uint32_t)key_size;
    node->value_room = (uint32_t)value_size;
    for (uint32_t i = 0; i < levels; i++) {
        node->next[i] = *before[i];
        *before[i] = node;
    }
    memcpy((uint8_t *)(uintptr_t)map_key(node), key, key_size);
    write_value(node, value, value_size, removed);
    map->count++;
}

static void unlink_node(struct map *map, struct map_node **before[], struct map_node *node)
{
    for (uint32_t i = 0; i < node->levels; i++)
        *before[i] = node->next[i];
    map->count--;
    free(node);
}

void map_put(struct map *map, const void *key, size_t key_size, const void *value,
             size_t value_size, bool removed)
{
    struct map_node **before[MAP_LEVELS];
    find(map, key, key_size, before);
    struct map_node *node = *before[0];
    if (node && map_compare(map_key(node), node->key_size, key, key_size) == 0) {
        if (value_size <= node->value_room) {
            write_value(node, value, value_size, removed);
            return;
        }
        unlink_node(map, before, node);
    }
    insert(map, before, key, key_size, value, value_size, removed);
}

void map_remove(struct map *map, const void *key, size_t size)
{
    struct map_node **before[MAP_LEVELS];
    find(map, key, size, before);
    struct map_node *node = *before[0];
    if (node && map_compare(map_key(node), node->key_size, key, size) == 0)
        unlink_node(map, before, node);
}

void map_clear(struct map *map)
{
    for (struct map_node *node = map->first[0]; node;) {
        struct map_node *next = node->next[0];
        free(node);
        node = next;
    }
    memset(map->first, 0, sizeof map->first);
    map->count = 0;
}
