/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store's inside, for store.c and look.c alone. */
#ifndef DISPATCHER_STORE_STATE_H
#define DISPATCHER_STORE_STATE_H

#include <lmdb.h>

#include "dispatcher/store/changes.h"
#include "dispatcher/store/store.h"

struct filer;
struct redo;

struct transaction {
    struct store *store; /* NULL: this place is free */
    MDB_txn *txn;
    MDB_cursor *cursor; /* kept for the table last looked through */
    uint32_t cursor_table;
    MDB_cursor *writers[STORE_TABLES_MAX]; /* where each table was last changed */
    bool writes;
    bool defers;  /* a write that only notes; the filer has the tables */
    bool borrows; /* a read that looks through the held write */
};

struct store {
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES_MAX];
    uint32_t table_count;
    uint64_t map_bytes;
    uint64_t map_bytes_max;
    uint64_t grown;
    int error;
    uint64_t damaged; /* how often that was found */
    bool unsound;     /* a page could not be read: turns go into the tables at once */
    int lock_fd;
    bool read_only;
    struct transaction write;
    struct transaction reads[STORE_READS_MAX];
    MDB_txn *resting[STORE_READS_MAX]; /* reset read transactions: they hold no page */
    struct changes changes;            /* since the tables were committed */
    size_t turn_at;                    /* where in changes the open write begins */
    struct filer *filer;               /* of what a write has deferred */
    struct redo *redo;
    store_tell *tell;
    void *owner;
    store_assure *assure;
    void *assurer;
    uint32_t mark_table;
    struct store_mark mark; /* of the last committed write */
    MDB_txn *held; /* between writes: what the redo file made durable and the tables have not yet */
};

/* LMDB's status as a negative errno. */
int store_errno(int status);

/* Remembers the first error of a write. Returns status. */
int store_latch(struct store *store, int status);

/* After a look through a write, open or held, met a damaged page. */
void store_renew(struct store *store);

MDB_val store_val(struct slice slice);

#endif
