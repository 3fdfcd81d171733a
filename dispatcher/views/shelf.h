/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * shelf: the rows that the last events touched, unpacked. A row is changed several times within a
 * turn (a contact arrives, is offered, connected) and read by every event of its contact; the shelf
 * keeps it at hand and has it packed and stored once per turn. Marks, which are keys alone, gather
 * here too. All is stored in the order of the keys: the store searches little between neighbours. */
#ifndef DISPATCHER_VIEWS_SHELF_H
#define DISPATCHER_VIEWS_SHELF_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/store/key.h"
#include "proto/schema.h"

enum {
    SHELF_ROWS_MAX = 1024, /* then all are stored and the shelf is cleared */
    SHELF_PLACES = 4096,   /* a power of two, mostly empty */
    SHELF_ROW_BYTES = 344, /* a larger row has no place here */
    SHELF_KEY_BYTES = 25,  /* a kind and three numbers */
    SHELF_MARKS_MAX = 4096,
    SHELF_ORDER_WORDS = 3, /* of a key behind its kind, compared as numbers */
    SHELF_NUMBER = SCHEMA_COUNT
};

/* What every search reads lies close together, a number with it; longer rows lie apart: shelf_bytes(). */
struct shelf_row {
    uint8_t key[SHELF_KEY_BYTES]; /* zeros behind its size */
    uint8_t key_size;
    bool changed;    /* since it was stored */
    bool removed;    /* there is none: what lies here is not stored */
    bool used;       /* since the shelf watches that */
    uint32_t schema; /* enum schema_id, or SHELF_NUMBER: a uint64_t */
    uint64_t number;
};

/* A key that is to be there, or not. */
struct shelf_mark {
    uint8_t key[SHELF_KEY_BYTES]; /* zeros behind its size */
    uint8_t key_size;
    bool in;
};

/* One to be sorted. */
struct shelf_order {
    uint64_t words[SHELF_ORDER_WORDS]; /* the key's bytes behind its kind, most significant first */
    uint32_t number;                   /* in rows or marks */
    uint8_t kind;
    uint8_t key_size;
};

struct shelf {
    struct shelf_row rows[SHELF_ROWS_MAX];
    _Alignas(8) uint8_t bytes[SHELF_ROWS_MAX][SHELF_ROW_BYTES];
    uint32_t count;
    bool watches; /* which rows are used: those will stay */
    uint32_t changed[SHELF_ROWS_MAX];
    uint32_t changed_count;
    uint16_t places[SHELF_PLACES]; /* number in rows + 1; 0: empty */
    struct shelf_mark marks[SHELF_MARKS_MAX];
    uint32_t mark_count;
    uint32_t sorted[SHELF_MARKS_MAX]; /* numbers in marks, from shelf_sort() on */
    uint32_t sorted_count;
    struct shelf_order orders[2][SHELF_MARKS_MAX]; /* while sorting: from one into the other */
};

/* Forgets everything. */
void shelf_clear(struct shelf *shelf);

/* Behind a turn, when all that changed is stored: of a shelf three quarters full, what nobody used since it was half
 * full makes room; all of it where that is not enough. A turn then seldom has to store in its middle. */
void shelf_age(struct shelf *shelf);

/* Whether a row of this schema can lie here. */
bool shelf_fits(uint32_t schema);
size_t shelf_row_size(uint32_t schema);

/* NULL: not here. */
struct shelf_row *shelf_find(struct shelf *shelf, const struct key *key);

/* A place for a row that is not here; count must be below SHELF_ROWS_MAX. */
struct shelf_row *shelf_add(struct shelf *shelf, const struct key *key, uint32_t schema);

/* Where the unpacked row lies. */
void *shelf_bytes(struct shelf *shelf, struct shelf_row *row);

/* The row has to be stored. */
void shelf_change(struct shelf *shelf, struct shelf_row *row);

/* Lays down a mark; mark_count must be below SHELF_MARKS_MAX. */
void shelf_mark(struct shelf *shelf, const struct key *key, bool in);

/* The first mark laid down from this number on whose key begins so: with a kind and numbers. NULL: none. */
const struct shelf_mark *shelf_mark_from(const struct shelf *shelf, uint32_t number,
                                         const struct key *prefix);

/* Brings what has to be stored into the order of the keys: rows in changed, marks in sorted, of two with
 * one key the later alone. */
void shelf_sort(struct shelf *shelf);

#endif
