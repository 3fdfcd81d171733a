/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/row.h"

#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "base/unset.h"

#define MINUTE_MS 60000ULL
#define DAY_MS    (24 * 60 * MINUTE_MS)

enum {
    ROW_BYTES_MAX = 2048
};

int row_get(struct views *views, struct transaction *transaction, struct key key,
            enum schema_id schema, void *row)
{
    struct slice value;
    int status = transaction_get(transaction, TABLE_VIEWS, key_slice(&key), &value);
    if (status < 0)
        return status;
    if (codec_unpack(views->codec, schema, value.data, value.size, row) == 0)
        return 0;
    store_damaged(views->store);
    return -EBADMSG;
}

/* Packs and stores. */
static int row_store(struct views *views, struct transaction *write, struct slice key,
                     uint32_t schema, const void *row)
{
    uint8_t bytes[ROW_BYTES_MAX] UNSET;
    if (schema == SHELF_NUMBER) {
        uint64_t number;
        memcpy(&number, row, sizeof number);
        number = htobe64(number);
        return transaction_put(write, TABLE_VIEWS, key, (struct slice){ &number, sizeof number });
    }
    int size = codec_pack(views->codec, (enum schema_id)schema, row, bytes, sizeof bytes);
    return size < 0
               ? size
               : transaction_put(write, TABLE_VIEWS, key, (struct slice){ bytes, (size_t)size });
}

static int marks_store(struct views *views, struct transaction *write)
{
    struct shelf *shelf = &views->shelf;
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < shelf->sorted_count; i++) {
        const struct shelf_mark *mark = &shelf->marks[shelf->sorted[i]];
        struct slice key = { mark->key, mark->key_size };
        status = mark->in ? transaction_put(write, TABLE_VIEWS, key, (struct slice){ .data = NULL })
                          : transaction_remove(write, TABLE_VIEWS, key);
    }
    shelf->mark_count = 0;
    return status;
}

int rows_store(struct views *views, struct transaction *write)
{
    struct shelf *shelf = &views->shelf;
    shelf_sort(shelf);
    for (uint32_t i = 0; i < shelf->changed_count; i++) {
        struct shelf_row *row = &shelf->rows[shelf->changed[i]];
        struct slice key = { row->key, row->key_size };
        int status =
            row->removed ? 0 : row_store(views, write, key, row->schema, shelf_bytes(shelf, row));
        if (status < 0)
            return status;
        row->changed = false;
    }
    shelf->changed_count = 0;
    return marks_store(views, write);
}

/* Lays a row on the shelf, which may have to be cleared first. */
static int row_lay(const struct change *change, const struct key *key, uint32_t schema,
                   struct shelf_row **row)
{
    struct shelf *shelf = &change->views->shelf;
    *row = shelf_find(shelf, key);
    if (*row)
        return 0;
    if (shelf->count == SHELF_ROWS_MAX) {
        int status = rows_store(change->views, change->write);
        if (status < 0)
            return status;
        shelf_clear(shelf);
    }
    *row = shelf_add(shelf, key, schema);
    return 0;
}

int row_take(const struct change *change, struct key key, enum schema_id schema, void *row)
{
    struct shelf *shelf = &change->views->shelf;
    struct shelf_row *laid = shelf_find(shelf, &key);
    if (laid && laid->removed)
        return -ENOENT;
    if (laid) {
        memcpy(row, shelf_bytes(shelf, laid), shelf_row_size(schema));
        return 0;
    }
    int status = row_get(change->views, change->write, key, schema, row);
    if ((status < 0 && status != -ENOENT) || !shelf_fits(schema))
        return status;
    int room = row_lay(change, &key, schema, &laid);
    if (room < 0)
        return room;
    if (status == -ENOENT) /* who asked will put one there, or others ask as well */
        laid->removed = true;
    else
        memcpy(shelf_bytes(shelf, laid), row, shelf_row_size(schema));
    return status;
}

int row_put(const struct change *change, struct key key, enum schema_id schema, const void *row)
{
    struct shelf_row *laid;
    if (!shelf_fits(schema))
        return row_store(change->views, change->write, key_slice(&key), schema, row);
    int status = row_lay(change, &key, schema, &laid);
    if (status < 0)
        return status;
    memcpy(shelf_bytes(&change->views->shelf, laid), row, shelf_row_size(schema));
    shelf_change(&change->views->shelf, laid);
    return 0;
}

int row_remove(const struct change *change, struct key key)
{
    struct shelf_row *laid = shelf_find(&change->views->shelf, &key);
    if (laid)
        laid->removed = true;
    return transaction_remove(change->write, TABLE_VIEWS, key_slice(&key));
}

static int mark_lay(const struct change *change, const struct key *key, bool in)
{
    struct shelf *shelf = &change->views->shelf;
    int status = shelf->mark_count < SHELF_MARKS_MAX ? 0 : rows_store(change->views, change->write);
    if (status == 0)
        shelf_mark(shelf, key, in);
    return status;
}

int mark_remove(const struct change *change, struct key key)
{
    return mark_lay(change, &key, false);
}

int mark_put(const struct change *change, struct key key)
{
    return mark_lay(change, &key, true);
}

int number_get(struct transaction *transaction, struct key key, uint64_t *number)
{
    struct slice value;
    int status = transaction_get(transaction, TABLE_VIEWS, key_slice(&key), &value);
    *number = status == 0 ? slice_u64(value, 0) : 0;
    return status == -ENOENT ? 0 : status;
}

/* The number's place on the shelf, 0 in it where there is none. */
static int number_lay(const struct change *change, const struct key *key, struct shelf_row **laid)
{
    uint64_t number;
    *laid = shelf_find(&change->views->shelf, key);
    if (*laid) {
        if ((*laid)->removed)
            (*laid)->number = 0;
        return 0;
    }
    int status = number_get(change->write, *key, &number);
    if (status == 0)
        status = row_lay(change, key, SHELF_NUMBER, laid);
    if (status == 0)
        (*laid)->number = number;
    return status;
}

int number_put(const struct change *change, struct key key, uint64_t number)
{
    struct shelf_row *laid;
    int status = row_lay(change, &key, SHELF_NUMBER, &laid);
    if (status < 0)
        return status;
    laid->number = number;
    shelf_change(&change->views->shelf, laid);
    return 0;
}

int number_take(const struct change *change, struct key key, uint64_t *number)
{
    struct shelf_row *laid;
    int status = number_lay(change, &key, &laid);
    if (status == 0)
        *number = laid->number;
    return status;
}

int number_add(const struct change *change, struct key key, int64_t difference)
{
    struct shelf_row *laid;
    int status = number_lay(change, &key, &laid);
    if (status < 0)
        return status;
    laid->number += (uint64_t)difference;
    shelf_change(&change->views->shelf, laid);
    return 0;
}

static int entry_take(int status, struct slice key, const struct key *prefix, uint64_t *last)
{
    if (status < 0)
        return status;
    if (!slice_starts_with(key, prefix) || key.size < sizeof *last)
        return -ENOENT;
    *last = slice_u64(key, key.size - sizeof *last);
    return *last < UINT64_MAX ? 0 : -EBADMSG; /* whoever looks for the next would begin anew */
}

int view_next(struct transaction *transaction, const struct key *prefix, const struct key *from,
              uint64_t *last, struct slice *value)
{
    struct slice key;
    int status = transaction_from(transaction, TABLE_VIEWS, key_slice(from), &key, value);
    return entry_take(status, key, prefix, last);
}

int view_previous(struct transaction *transaction, const struct key *prefix,
                  const struct key *limit, uint64_t *last, struct slice *value)
{
    struct slice key;
    int status = transaction_below(transaction, TABLE_VIEWS, key_slice(limit), &key, value);
    return entry_take(status, key, prefix, last);
}

uint32_t day_of(struct views *views, uint64_t at_ms)
{
    struct day *day = &views->day;
    if (!day->date || views->offset_min != day->offset_min || at_ms - day->from_ms >= DAY_MS) {
        uint64_t offset_ms = views->offset_min * MINUTE_MS;
        day->offset_min = views->offset_min;
        day->from_ms = (at_ms + offset_ms) / DAY_MS * DAY_MS - offset_ms;
        day->date = civil_date_at(at_ms, views->offset_min);
    }
    return day->date;
}
