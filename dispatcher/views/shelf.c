/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/shelf.h"

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
    shelf->count = shelf->changed_count = 0;
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

/* FNV-1a: keys are short and not chosen by an enemy. */
static uint32_t place_of(const struct key *key)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < key->size; i++)
        hash = (hash ^ key->bytes[i]) * 16777619U;
    return (hash ^ hash >> 15) & (SHELF_PLACES - 1);
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
