/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/shelf.h"

#include <endian.h>
#include <string.h>

#include "base/require.h"

_Static_assert((SHELF_PLACES & (SHELF_PLACES - 1)) == 0, "places are masked");
_Static_assert(SHELF_ROWS_MAX * 2 <= SHELF_PLACES, "searches end soon");
_Static_assert(SHELF_ROWS_MAX <= SHELF_MARKS_MAX, "either is sorted in the same room");
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

/* A key is a kind and numbers of eight bytes, written a moment ago: read piece by piece as it was
 * written, it comes out of the processor's store buffer; a word across two pieces would wait for it. */
enum {
    PIECE_BYTES = sizeof(uint64_t)
};

static uint64_t piece_at(const uint8_t *key, size_t at)
{
    uint64_t piece;
    memcpy(&piece, key + at, sizeof piece);
    return piece;
}

/* Keys are short and not chosen by an enemy. */
static uint32_t place_of(const struct key *key)
{
    uint64_t hash = key->size << 8 | key->bytes[0];
    size_t at = 1;
    for (; at + PIECE_BYTES <= key->size; at += PIECE_BYTES) {
        hash = (hash ^ be64toh(piece_at(key->bytes, at))) * 0x9e3779b97f4a7c15; /* 2^64 / phi */
        hash ^= hash >> 32;
    }
    size_t rest = (key->size - 1) % PIECE_BYTES;
    for (size_t i = 0; i < rest; i++) {
        hash = (hash ^ key->bytes[at + i]) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
    }
    return (uint32_t)hash & (SHELF_PLACES - 1);
}

static inline bool begins_with(const uint8_t *bytes, const struct key *key)
{
    if (bytes[0] != key->bytes[0])
        return false;
    size_t at = 1;
    for (; at + PIECE_BYTES <= key->size; at += PIECE_BYTES)
        if (piece_at(bytes, at) != piece_at(key->bytes, at))
            return false;
    for (; at < key->size; at++)
        if (bytes[at] != key->bytes[at])
            return false;
    return true;
}

static bool has_key(const struct shelf_row *row, const struct key *key)
{
    return row->key_size == key->size && begins_with(row->key, key);
}

/* The place of the key, or the empty one where it would be. */
static uint16_t *place_find(struct shelf *shelf, const struct key *key)
{
    uint32_t place = place_of(key);
    while (shelf->places[place] && !has_key(&shelf->rows[shelf->places[place] - 1], key))
        place = (place + 1) & (SHELF_PLACES - 1);
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
    row->changed = row->removed = false;
    return row;
}

void *shelf_bytes(struct shelf *shelf, struct shelf_row *row)
{
    return row->schema == SHELF_NUMBER ? (void *)&row->number : shelf->bytes[row - shelf->rows];
}

void shelf_change(struct shelf *shelf, struct shelf_row *row)
{
    row->removed = false;
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

const struct shelf_mark *shelf_mark_from(const struct shelf *shelf, uint32_t number,
                                         const struct key *prefix)
{
    for (uint32_t i = number; i < shelf->mark_count; i++)
        if (begins_with(shelf->marks[i].key, prefix))
            return &shelf->marks[i];
    return NULL;
}

/* As the store orders keys: the shorter of two with one beginning first. */
static bool goes_before(const struct shelf_order *a, const struct shelf_order *b)
{
    for (int i = 0; i < SHELF_ORDER_WORDS; i++)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i];
    int order = memcmp(a->key, b->key, a->key_size < b->key_size ? a->key_size : b->key_size);
    return order ? order < 0 : a->key_size < b->key_size;
}

static void order_fill(struct shelf_order *order, const uint8_t *key, uint8_t key_size,
                       uint32_t number)
{
    uint64_t words[SHELF_ORDER_WORDS] = { 0 };
    memcpy(words, key, key_size < sizeof words ? key_size : sizeof words);
    for (int i = 0; i < SHELF_ORDER_WORDS; i++)
        order->words[i] = be64toh(words[i]);
    order->key = key;
    order->key_size = key_size;
    order->number = number;
}

/* Two neighbouring sorted runs of `from` into one of `to`; of equals the left one first. */
static void merge(const struct shelf_order *from, struct shelf_order *to, uint32_t middle,
                  uint32_t end)
{
    uint32_t left = 0, right = middle;
    for (uint32_t i = 0; i < end; i++) {
        bool takes_right =
            right < end && (left == middle || goes_before(&from[right], &from[left]));
        to[i] = from[takes_right ? right++ : left++];
    }
}

/* Sorts orders[0], equals in the order they came in. Returns where the result lies: many keys, most of
 * them told apart by their first words, so that a call of a comparer for each pair would be most of
 * the work. */
static const struct shelf_order *orders_sort(struct shelf *shelf, uint32_t count)
{
    struct shelf_order *from = shelf->orders[0], *to = shelf->orders[1];
    for (uint32_t run = 1; run < count; run *= 2) {
        for (uint32_t at = 0; at < count; at += 2 * run) {
            uint32_t rest = count - at;
            merge(from + at, to + at, rest < run ? rest : run, rest < 2 * run ? rest : 2 * run);
        }
        struct shelf_order *sorted = to;
        to = from;
        from = sorted;
    }
    return from;
}

static bool is_same_key(const struct shelf_order *a, const struct shelf_order *b)
{
    return a->key_size == b->key_size && memcmp(a->key, b->key, a->key_size) == 0;
}

static void marks_sort(struct shelf *shelf)
{
    uint32_t count = shelf->mark_count, kept = 0;
    for (uint32_t i = 0; i < count; i++)
        order_fill(&shelf->orders[0][i], shelf->marks[i].key, shelf->marks[i].key_size, i);
    const struct shelf_order *sorted = orders_sort(shelf, count);
    for (uint32_t i = 0; i < count; i++)
        if (i + 1 == count || !is_same_key(&sorted[i], &sorted[i + 1]))
            shelf->sorted[kept++] = sorted[i].number;
    shelf->sorted_count = kept;
}

static void rows_sort(struct shelf *shelf)
{
    for (uint32_t i = 0; i < shelf->changed_count; i++) {
        const struct shelf_row *row = &shelf->rows[shelf->changed[i]];
        order_fill(&shelf->orders[0][i], row->key, row->key_size, shelf->changed[i]);
    }
    const struct shelf_order *sorted = orders_sort(shelf, shelf->changed_count);
    for (uint32_t i = 0; i < shelf->changed_count; i++)
        shelf->changed[i] = sorted[i].number;
}

void shelf_sort(struct shelf *shelf)
{
    marks_sort(shelf);
    rows_sort(shelf);
}
