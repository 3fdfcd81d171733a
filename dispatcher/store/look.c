/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking into a store's tables, and what is found damaged there. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/require.h"
#include "dispatcher/store/guard.h"
#include "dispatcher/store/mark.h"
#include "dispatcher/store/state.h"

enum {
    TOUCH_STEP = 4096 /* a page of memory at most */
};

/* What a write cannot read it cannot go on from. */
static int latch_write(struct transaction *transaction, int status)
{
    return transaction->writes && status != -ENOENT ? store_latch(transaction->store, status)
                                                    : status;
}

enum look_kind {
    LOOK_GET,
    LOOK_FROM,
    LOOK_BELOW
};

struct look {
    enum look_kind kind;
    struct transaction *transaction;
    uint32_t table;
    MDB_val key; /* what is looked for, then what was found */
    MDB_val value;
};

/* Looked at here, under guard, so that whoever looks at it afterwards finds it in memory. */
static void touch(const MDB_val *value)
{
    const volatile uint8_t *bytes = value->mv_data;
    for (size_t at = 0; at < value->mv_size; at += TOUCH_STEP)
        (void)bytes[at];
    if (value->mv_size > 0)
        (void)bytes[value->mv_size - 1];
}

/* LMDB believes a page's lengths and its order: a loop that goes on from what it found must get on. */
static bool is_sound(const struct look *look, struct slice asked)
{
    const MDB_val *key = &look->key;
    if (key->mv_size == 0 || key->mv_size > STORE_KEY_BYTES_MAX ||
        look->value.mv_size > STORE_VALUE_BYTES_MAX)
        return false;
    size_t both = key->mv_size < asked.size ? key->mv_size : asked.size;
    int order = both > 0 ? memcmp(key->mv_data, asked.data, both) : 0;
    if (look->kind == LOOK_FROM)
        return order > 0 || (order == 0 && key->mv_size >= asked.size);
    if (look->kind == LOOK_BELOW && asked.size > 0)
        return order < 0 || (order == 0 && key->mv_size < asked.size);
    return true;
}

static int cursor_find(struct look *look)
{
    struct transaction *transaction = look->transaction;
    bool limited = look->key.mv_size > 0;
    if (!transaction->cursor || transaction->cursor_table != look->table) {
        if (transaction->cursor)
            mdb_cursor_close(transaction->cursor);
        transaction->cursor = NULL;
        transaction->cursor_table = look->table;
        int status = mdb_cursor_open(transaction->txn, transaction->store->tables[look->table],
                                     &transaction->cursor);
        if (status)
            return status;
    }
    MDB_cursor *cursor = transaction->cursor;
    if (look->kind == LOOK_FROM)
        return mdb_cursor_get(cursor, &look->key, &look->value,
                              limited ? MDB_SET_RANGE : MDB_FIRST);
    int status =
        limited ? mdb_cursor_get(cursor, &look->key, &look->value, MDB_SET_RANGE) : MDB_NOTFOUND;
    return mdb_cursor_get(cursor, &look->key, &look->value,
                          status == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

static int look_do(void *owner)
{
    struct look *look = owner;
    struct slice asked = { look->key.mv_data, look->key.mv_size };
    struct transaction *transaction = look->transaction;
    int status = look->kind == LOOK_GET
                     ? mdb_get(transaction->txn, transaction->store->tables[look->table],
                               &look->key, &look->value)
                     : cursor_find(look);
    if (!status && !is_sound(look, asked))
        status = MDB_CORRUPTED;
    if (!status)
        touch(&look->value);
    return status;
}

static int look(struct look *look)
{
    struct transaction *transaction = look->transaction;
    struct store *store = transaction->store;
    REQUIRE(look->table < store->table_count && !transaction->defers);
    if (!transaction->txn)
        return store->error;
    int status = store_errno(guard_call(look_do, look, MDB_CORRUPTED));
    if (status == -EBADMSG) {
        store_damaged(store);
        if (transaction->cursor)
            mdb_cursor_close(transaction->cursor); /* it may stand anywhere */
        transaction->cursor = NULL;
        store->unsound = true;
        if (transaction->borrows)
            store_renew(store);
    }
    return latch_write(transaction, status);
}

static struct slice slice_of(MDB_val val)
{
    return (struct slice){ val.mv_data, val.mv_size };
}

int transaction_get(struct transaction *transaction, uint32_t table, struct slice key,
                    struct slice *value)
{
    struct look get = { LOOK_GET, transaction, table, store_val(key), { 0, NULL } };
    int status = look(&get);
    if (status == 0)
        *value = slice_of(get.value);
    return status;
}

static int find(struct look *find, struct slice *key, struct slice *value)
{
    int status = look(find);
    if (status == 0) {
        *key = slice_of(find->key);
        *value = slice_of(find->value);
    }
    return status;
}

int transaction_from(struct transaction *transaction, uint32_t table, struct slice from,
                     struct slice *key, struct slice *value)
{
    return find(&(struct look){ LOOK_FROM, transaction, table, store_val(from), { 0, NULL } }, key,
                value);
}

int transaction_below(struct transaction *transaction, uint32_t table, struct slice limit,
                      struct slice *key, struct slice *value)
{
    return find(&(struct look){ LOOK_BELOW, transaction, table, store_val(limit), { 0, NULL } },
                key, value);
}

int transaction_count(struct transaction *transaction, uint32_t table, uint64_t *count)
{
    MDB_stat facts;
    if (!transaction->txn)
        return transaction->store->error;
    int status = mdb_stat(transaction->txn, transaction->store->tables[table], &facts);
    if (!status)
        *count = facts.ms_entries;
    return latch_write(transaction, store_errno(status));
}

void store_damaged(struct store *store)
{
    static struct log_limit limit;
    store->damaged++;
    if (log_allowed(&limit))
        log_error("a page of the database cannot be read: run yihao trail verify on a copy, see "
                  "journal-damaged in the runbooks");
}

uint64_t store_damage(const struct store *store)
{
    return store->damaged;
}

/* ---- where it stands ----------------------------------------------------------------------- */

void store_mark(const struct store *store, struct store_mark *mark)
{
    *mark = store->mark;
}

void store_listen(struct store *store, store_tell *tell, void *owner, store_assure *assure,
                  void *assurer)
{
    REQUIRE(!store->write.store);
    store->tell = tell;
    store->owner = owner;
    store->assure = assure;
    store->assurer = assurer;
    if ((tell || assure) && store->mark.turn == 0)
        mark_begin(&store->mark);
}

int store_forget_mark(struct store *store)
{
    struct transaction *write;
    if (store->tell || store->assure || store->mark.turn == 0)
        return store->error;
    int status = store_begin_write(store, &write);
    if (status == 0)
        status = transaction_remove(write, store->mark_table, mark_key());
    if (status < 0) {
        transaction_end(write);
        return status;
    }
    status = transaction_commit(write);
    if (status == 0)
        store->mark = (struct store_mark){ .turn = 0 };
    return status;
}
