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
    shelf->watches = false;
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
    PIECE_BYTES = sizeof(uint64_t),
    KINDS = 256,
    RUN = 8, /* so many are sorted where they lie */
    WATCHED_AT = SHELF_ROWS_MAX / 2,
    AGED_AT = SHELF_ROWS_MAX / 4 * 3 /* a turn of 256 events lays down some hundred */
};
_Static_assert(1 + SHELF_ORDER_WORDS * PIECE_BYTES == SHELF_KEY_BYTES,
               "a key's words are all of it");

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
    if (number == 0)
        return NULL;
    shelf->rows[number - 1].used = true;
    return &shelf->rows[number - 1];
}

struct shelf_row *shelf_add(struct shelf *shelf, const struct key *key, uint32_t schema)
{
    uint16_t *place = place_find(shelf, key);
    REQUIRE(*place == 0 && shelf->count < SHELF_ROWS_MAX);
    REQUIRE(key->size <= SHELF_KEY_BYTES && shelf_fits(schema));
    struct shelf_row *row = &shelf->rows[shelf->count];
    *place = (uint16_t)++shelf->count;
    *row = (struct shelf_row){ .key_size = (uint8_t)key->size, .used = true, .schema = schema };
    memcpy(row->key, key->bytes, key->size);
    return row;
}

/* Moves a row to a lower place among the rows. */
static void row_keep(struct shelf *shelf, uint32_t from, uint32_t to)
{
    struct shelf_row *row = &shelf->rows[from];
    if (from != to && row->schema != SHELF_NUMBER)
        memcpy(shelf->bytes[to], shelf->bytes[from], shelf_row_size(row->schema));
    shelf->rows[to] = *row;
}

static void places_fill(struct shelf *shelf)
{
    memset(shelf->places, 0, sizeof shelf->places);
    for (uint32_t i = 0; i < shelf->count; i++) {
        struct key key UNSET;
        key.size = shelf->rows[i].key_size;
        memcpy(key.bytes, shelf->rows[i].key, key.size);
        *place_find(shelf, &key) = (uint16_t)(i + 1);
    }
}

static void watch(struct shelf *shelf)
{
    for (uint32_t i = 0; i < shelf->count; i++)
        shelf->rows[i].used = false;
    shelf->watches = true;
}

static void unused_leave(struct shelf *shelf)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; shelf->watches && i < shelf->count; i++)
        if (shelf->rows[i].used)
            row_keep(shelf, i, kept++);
    shelf->count = kept < WATCHED_AT ? kept : 0;
    shelf->watches = false;
    places_fill(shelf);
}

void shelf_age(struct shelf *shelf)
{
    REQUIRE(shelf->changed_count == 0 && shelf->mark_count == 0);
    if (shelf->count >= AGED_AT)
        unused_leave(shelf);
    else if (shelf->count >= WATCHED_AT && !shelf->watches)
        watch(shelf);
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

/* As the store orders keys: the shorter of two with one beginning first. What is behind a key is zero. */
static inline bool goes_before(const struct shelf_order *a, const struct shelf_order *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind;
    for (int i = 0; i < SHELF_ORDER_WORDS; i++)
        if (a->words[i] != b->words[i])
            return a->words[i] < b->words[i];
    return a->key_size < b->key_size;
}

static void order_fill(struct shelf_order *order, const uint8_t key[SHELF_KEY_BYTES],
                       uint8_t key_size, uint32_t number)
{
    for (size_t i = 0; i < SHELF_ORDER_WORDS; i++)
        order->words[i] = be64toh(piece_at(key, 1 + i * PIECE_BYTES));
    order->kind = key[0];
    order->key_size = key_size;
    order->number = number;
}

/* Sorts a few in place, equals in the order they came in. */
static void run_sort(struct shelf_order *orders, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct shelf_order order = orders[i];
        uint32_t at = i;
        for (; at > 0 && goes_before(&order, &orders[at - 1]); at--)
            orders[at] = orders[at - 1];
        orders[at] = order;
    }
}

/* Two neighbouring sorted runs of `from` into one of `to`; of equals the left one first. */
static void merge(const struct shelf_order *from, struct shelf_order *to, uint32_t middle,
                  uint32_t end)
{
    uint32_t left = 0, right = middle;
    if (middle == end || !goes_before(&from[middle], &from[middle - 1])) {
        memcpy(to, from, end * sizeof *from);
        return;
    }
    for (uint32_t i = 0; i < end; i++) {
        bool takes_right =
            right < end && (left == middle || goes_before(&from[right], &from[left]));
        to[i] = from[takes_right ? right++ : left++];
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Sorts one kind's orders in place, with as much room beside them. */
static void kind_sort(struct shelf_order *orders, struct shelf_order *beside, uint32_t count)
{
    struct shelf_order *from = orders, *to = beside;
    for (uint32_t at = 0; at < count; at += RUN)
        run_sort(orders + at, least(RUN, count - at));
    for (uint32_t run = RUN; run < count; run *= 2) {
        for (uint32_t at = 0; at < count; at += 2 * run)
            merge(from + at, to + at, least(run, count - at), least(2 * run, count - at));
        struct shelf_order *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != orders)
        memcpy(orders, from, count * sizeof *orders);
}

/* Sorts orders[0], equals in the order they came in. Returns where the result lies. Laid out by kind first, they
 * are many short rows, most of them nearly in order. */
static const struct shelf_order *orders_sort(struct shelf *shelf, uint32_t count)
{
    uint32_t ends[KINDS + 1] = { 0 };
    struct shelf_order *mixed = shelf->orders[0], *sorted = shelf->orders[1];
    if (count <= RUN) {
        run_sort(mixed, count);
        return mixed;
    }
    for (uint32_t i = 0; i < count; i++)
        ends[mixed[i].kind + 1]++;
    for (uint32_t kind = 1; kind < KINDS; kind++)
        ends[kind] += ends[kind - 1]; /* where it begins; once all are laid down, where it ends */
    for (uint32_t i = 0; i < count; i++)
        sorted[ends[mixed[i].kind]++] = mixed[i];
    for (uint32_t at = 0; at < count;) {
        uint32_t end = ends[sorted[at].kind];
        kind_sort(sorted + at, mixed, end - at);
        at = end;
    }
    return sorted;
}

static bool is_same_key(const struct shelf_order *a, const struct shelf_order *b)
{
    return !goes_before(a, b); /* in order, they are not less than the one before */
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
