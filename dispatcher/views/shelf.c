/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

_Static_assert((SHELF_PLACES & (SHELF_PLACES - 1)) == 0, "places are masked");
_Static_assert(SHELF_ROWS_MAX * 2 <= SHELF_PLACES, "searches end soon");
_Static_assert(SHELF_ROWS_MAX < UINT16_MAX, "places hold row numbers");
_Static_assert(sizeof(struct contact_row) <= SHELF_ROW_BYTES &&
                   sizeof(struct incident_row) <= SHELF_ROW_BYTES &&
                   sizeof(struct task_row) <= SHELF_ROW_BYTES &&
                   sizeof(struct incident_stamps) <= SHELF_ROW_BYTES,
               "what every event of a call or an order changes lies here");

void shelf_clear(struct shelf *shelf)
{
    shelf->count = shelf->changed_count = shelf->mark_count = 0;
    memset(shelf->places, 0, sizeof shelf->places);
}

size_t shelf_row_size(uint32_t schema)
{
    return schema == SHELF_NUMBER ? sizeof(uint64_t) : schemas[schema].size;
}

bool shelf_fits(uint32_t schema)
{
    return shelf_row_size(schema) <= SHELF_ROW_BYTES;
}

/* Eight bytes at a time: keys are short and not chosen by an enemy. */
static uint32_t place_of(const struct key *key)
{
    uint64_t hash = key->size;
    for (size_t at = 0; at < key->size; at += sizeof hash) {
        uint64_t piece = 0;
        size_t rest = key->size - at;
        memcpy(&piece, key->bytes + at, rest < sizeof piece ? rest : sizeof piece);
        hash = (hash ^ piece) * 0x9e3779b97f4a7c15; /* 2^64 / golden ratio */
        hash ^= hash >> 32;
    }
    return (uint32_t)hash & (SHELF_PLACES - 1);
}

/* The place of the key, or the empty one where it would be. */
static uint16_t *place_find(struct shelf *shelf, const struct key *key)
{
    uint32_t place = place_of(key);
    while (shelf->places[place]) {
        const struct shelf_row *row = &shelf->rows[shelf->places[place] - 1];
        if (row->key_size == key->size && memcmp(row->key, key->bytes, key->size) == 0)
            break;
        place = (place + 1) & (SHELF_PLACES - 1);
    }
    return &shelf->places[place];
}

struct shelf_row *shelf_find(struct shelf *shelf, const struct key *key)
{
    uint16_t number = *place_find(shelf, key);
    return number ? &shelf->rows[number - 1] : NULL;
}

struct shelf_row *shelf_add(struct shelf *shelf, const struct key *key, uint32_t schema)
{
    uint16_t *place = place_find(shelf, key);
    REQUIRE(*place == 0 && shelf->count < SHELF_ROWS_MAX);
    REQUIRE(key->size <= SHELF_KEY_BYTES && shelf_fits(schema));
    struct shelf_row *row = &shelf->rows[shelf->count];
    *place = (uint16_t)++shelf->count;
    memcpy(row->key, key->bytes, key->size);
    row->key_size = (uint8_t)key->size;
    row->schema = schema;
    row->changed = false;
    return row;
}

void shelf_change(struct shelf *shelf, struct shelf_row *row)
{
    if (row->changed)
        return;
    row->changed = true;
    shelf->changed[shelf->changed_count++] = (uint32_t)(row - shelf->rows);
}

void shelf_mark(struct shelf *shelf, const struct key *key, bool in)
{
    REQUIRE(key->size <= SHELF_KEY_BYTES && shelf->mark_count < SHELF_MARKS_MAX);
    struct shelf_mark *mark = &shelf->marks[shelf->mark_count];
    *mark = (struct shelf_mark){ .key_size = (uint8_t)key->size, .in = in };
    memcpy(mark->key, key->bytes, key->size);
    shelf->mark_count++;
}

/* As the store orders keys: the shorter of two with one beginning first. */
static int key_order(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (int)a_size - (int)b_size;
}

static int row_order(const void *left, const void *right, void *owner)
{
    const struct shelf *shelf = owner;
    const struct shelf_row *a = &shelf->rows[*(const uint32_t *)left];
    const struct shelf_row *b = &shelf->rows[*(const uint32_t *)right];
    return key_order(a->key, a->key_size, b->key, b->key_size);
}

static int mark_order(const void *left, const void *right, void *owner)
{
    const struct shelf *shelf = owner;
    uint32_t earlier = *(const uint32_t *)left, later = *(const uint32_t *)right;
    const struct shelf_mark *a = &shelf->marks[earlier], *b = &shelf->marks[later];
    int order = key_order(a->key, a->key_size, b->key, b->key_size);
    return order ? order : earlier < later ? -1 : 1;
}

static bool is_same_key(const struct shelf_mark *a, const struct shelf_mark *b)
{
    return a->key_size == b->key_size && memcmp(a->key, b->key, a->key_size) == 0;
}

void shelf_sort(struct shelf *shelf)
{
    uint32_t *sorted = shelf->sorted, count = shelf->mark_count, kept = 0;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = i;
    qsort_r(sorted, count, sizeof *sorted, mark_order, shelf);
    for (uint32_t i = 0; i < count; i++)
        if (i + 1 == count || !is_same_key(&shelf->marks[sorted[i]], &shelf->marks[sorted[i + 1]]))
            sorted[kept++] = sorted[i];
    shelf->sorted_count = kept;
    qsort_r(shelf->changed, shelf->changed_count, sizeof shelf->changed[0], row_order, shelf);
}
