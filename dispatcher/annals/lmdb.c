/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Annals in a folder: a store (dispatcher/store) with the pieces of all turns and one row that says how it stands. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dispatcher/annals/kind.h"

enum {
    TABLE_STAND,
    TABLE_TURNS,
    TABLE_COUNT,
    KEY_BYTES = 8 + 4, /* turn, piece */
    MAP_BYTES = 64 << 20
};

/* In front of a piece's bytes; numbers as this machine writes them, as in the changes themselves. */
struct front {
    struct store_mark after;
    uint64_t at_ms;
    uint64_t size;
};

struct folder {
    char path[ANNALS_PLACE_BYTES];
    struct store *store; /* NULL: it could not be opened again */
    uint8_t row[sizeof(struct front) + ANNALS_PIECE_BYTES];
};

static const struct slice stand_key = { "stand", 5 };

static struct slice key_write(uint8_t key[KEY_BYTES], uint64_t turn, uint32_t piece)
{
    turn = htobe64(turn);
    piece = htobe32(piece);
    memcpy(key, &turn, sizeof turn);
    memcpy(key + sizeof turn, &piece, sizeof piece);
    return (struct slice){ key, KEY_BYTES };
}

static int tables_open(struct folder *folder)
{
    static const char *const tables[TABLE_COUNT] = { "stand", "turns" };
    struct store_settings settings = { .folder = folder->path,
                                       .map_bytes = MAP_BYTES,
                                       .tables = tables,
                                       .table_count = TABLE_COUNT,
                                       .mark_table = TABLE_COUNT, /* none */
                                       .redo = true };
    return store_open(&folder->store, &settings);
}

static int folder_open(void **own, const char *place)
{
    const char *path = place + strlen(annals_lmdb.scheme);
    struct folder *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int length = snprintf(fresh->path, sizeof fresh->path, "%s", path);
    int status = length < 0 || (size_t)length >= sizeof fresh->path ? -ENAMETOOLONG : 0;
    if (status == 0)
        status = tables_open(fresh);
    if (status < 0)
        free(fresh);
    else
        *own = fresh;
    return status;
}

static void folder_close(void *own)
{
    struct folder *folder = own;
    store_close(folder->store);
    free(folder);
}

static int stand_get(struct transaction *transaction, struct annals_stand *stand)
{
    struct slice value;
    int status = transaction_get(transaction, TABLE_STAND, stand_key, &value);
    if (status == -ENOENT)
        return 0;
    if (status == 0 && value.size != sizeof *stand)
        status = -EBADMSG;
    if (status == 0)
        memcpy(stand, value.data, sizeof *stand);
    return status;
}

static int folder_stand(void *own, struct annals_stand *stand)
{
    struct folder *folder = own;
    struct transaction *read = NULL;
    /* Behind a disk's error only a new opening tells what is on it. */
    if (folder->store && store_error(folder->store) < 0) {
        store_close(folder->store);
        folder->store = NULL;
    }
    int status = folder->store ? 0 : tables_open(folder);
    if (status == 0)
        status = store_begin_read(folder->store, &read);
    if (status < 0)
        return status;
    status = stand_get(read, stand);
    transaction_end(read);
    return status;
}

/* Begins a write in which the stand is `was`. */
static int change_begin(struct folder *folder, struct transaction **write, struct annals_stand *was)
{
    *was = (struct annals_stand){ .epoch = 0 };
    int status = folder->store ? store_begin_write(folder->store, write) : -EIO;
    if (status < 0)
        return status;
    status = stand_get(*write, was);
    if (status < 0)
        transaction_end(*write);
    return status;
}

static int change_end(struct transaction *write, const struct annals_stand *now)
{
    int status = transaction_put(write, TABLE_STAND, stand_key, (struct slice){ now, sizeof *now });
    if (status == 0)
        return transaction_commit(write);
    transaction_end(write);
    return status;
}

static int folder_rise(void *own, const struct annals_stand *seen, const char *holder)
{
    struct transaction *write;
    struct annals_stand stand;
    int status = change_begin(own, &write, &stand);
    if (status < 0)
        return status;
    if (stand.epoch != seen->epoch || stand.beat != seen->beat ||
        stand.last.turn != seen->last.turn) {
        transaction_end(write);
        return -ESTALE;
    }
    stand.epoch++;
    stand.beat++;
    memset(stand.holder, 0, sizeof stand.holder);
    memcpy(stand.holder, holder, strlen(holder));
    return change_end(write, &stand);
}

static enum annals_outcome folder_beat(void *own, uint64_t epoch)
{
    struct transaction *write;
    struct annals_stand stand;
    if (change_begin(own, &write, &stand) < 0)
        return ANNALS_UNKNOWN;
    if (stand.epoch != epoch) {
        transaction_end(write);
        return ANNALS_DEPOSED;
    }
    stand.beat++;
    return change_end(write, &stand) < 0 ? ANNALS_UNKNOWN : ANNALS_WRITTEN;
}

static int turn_put(struct folder *folder, struct transaction *write,
                    const struct annals_turn *turn)
{
    struct front front = { turn->after, turn->at_ms, turn->changes.size };
    uint8_t key[KEY_BYTES];
    int status = 0;
    memcpy(folder->row, &front, sizeof front);
    for (uint32_t i = 0; status == 0 && i < annals_pieces(turn->changes.size); i++) {
        struct slice bytes = annals_piece(turn->changes, i);
        if (bytes.size > 0)
            memcpy(folder->row + sizeof front, bytes.data, bytes.size);
        status = transaction_append(write, TABLE_TURNS, key_write(key, turn->after.turn, i),
                                    (struct slice){ folder->row, sizeof front + bytes.size });
    }
    return status;
}

static enum annals_outcome folder_append(void *own, uint64_t epoch, const struct store_mark *before,
                                         const struct annals_turn *turns, uint32_t count)
{
    struct folder *folder = own;
    struct transaction *write;
    struct annals_stand stand;
    static const struct store_mark none;
    if (change_begin(folder, &write, &stand) < 0)
        return ANNALS_UNKNOWN;
    if (memcmp(&stand.begin, &none, sizeof none) == 0)
        stand.begin = stand.last = *before;
    bool mine = stand.epoch == epoch;
    if (!mine || memcmp(&stand.last, before, sizeof *before) != 0) {
        transaction_end(write);
        return mine ? ANNALS_REFUSED : ANNALS_DEPOSED;
    }
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < count; i++)
        status = turn_put(folder, write, &turns[i]);
    if (status < 0) {
        transaction_end(write);
        return ANNALS_UNKNOWN;
    }
    stand.last = turns[count - 1].after;
    return change_end(write, &stand) < 0 ? ANNALS_UNKNOWN : ANNALS_WRITTEN;
}

static int folder_read(void *own, uint64_t first, uint64_t last, annals_take_piece *take,
                       void *owner)
{
    struct folder *folder = own;
    struct transaction *read;
    uint8_t bytes[KEY_BYTES], end[KEY_BYTES];
    struct slice key = key_write(bytes, first, 0), value;
    (void)key_write(end, last + 1, 0);
    int status = folder->store ? store_begin_read(folder->store, &read) : -EIO;
    if (status < 0)
        return status;
    while (status == 0 && (status = transaction_from(read, TABLE_TURNS, key, &key, &value)) == 0 &&
           key.size == KEY_BYTES && memcmp(key.data, end, KEY_BYTES) < 0) {
        struct front front;
        uint32_t piece;
        if (value.size < sizeof front) {
            status = -EBADMSG;
            break;
        }
        memcpy(&front, value.data, sizeof front);
        memcpy(bytes, key.data, KEY_BYTES);
        struct annals_piece given = { front.after,
                                      front.at_ms,
                                      front.size,
                                      { (const uint8_t *)value.data + sizeof front,
                                        value.size - sizeof front } };
        status = take(owner, &given);
        memcpy(&piece, bytes + 8, sizeof piece);
        piece = htobe32(be32toh(piece) + 1);
        memcpy(bytes + 8, &piece, sizeof piece);
        key = (struct slice){ bytes, KEY_BYTES };
    }
    transaction_end(read);
    return status == -ENOENT ? 0 : status;
}

const struct annals_kind annals_lmdb = { "lmdb:",      folder_open,   folder_close,
                                         folder_stand, folder_stand,  folder_rise,
                                         folder_beat,  folder_append, folder_read };
