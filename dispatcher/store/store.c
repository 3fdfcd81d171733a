/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "base/folder.h"
#include "base/log.h"
#include "base/require.h"
#include "dispatcher/store/changes.h"
#include "dispatcher/store/filer.h"
#include "dispatcher/store/guard.h"
#include "dispatcher/store/mark.h"
#include "dispatcher/store/probe.h"
#include "dispatcher/store/redo.h"
#include "dispatcher/store/state.h"

/* MDB_NOTLS: reads belong to the owner, not to the thread, so that one can be open beside a write. */
enum {
    STORE_FLAGS = MDB_NOTLS,
    STORE_MODE = 0640,
    MAP_STEP = 1 << 20
};
_Static_assert(!(STORE_FLAGS & (MDB_NOSYNC | MDB_NOMETASYNC | MDB_WRITEMAP | MDB_MAPASYNC)),
               "flags that give up durability");
#undef MDB_NOSYNC
#undef MDB_NOMETASYNC
#undef MDB_WRITEMAP
#undef MDB_MAPASYNC
#pragma GCC poison MDB_NOSYNC MDB_NOMETASYNC MDB_WRITEMAP MDB_MAPASYNC

int store_errno(int status)
{
    switch (status) {
    case MDB_SUCCESS:
        return 0;
    case MDB_NOTFOUND:
        return -ENOENT;
    case MDB_KEYEXIST:
        return -EEXIST;
    case MDB_MAP_FULL:
        return -ENOSPC;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
        return -EBADMSG;
    case MDB_READERS_FULL:
        return -EUSERS;
    case MDB_BAD_VALSIZE:
        return -EMSGSIZE;
    default:
        return status > 0 ? -status : -EIO;
    }
}

int store_latch(struct store *store, int status)
{
    if (status < 0 && !store->error)
        store->error = status;
    return status;
}

MDB_val store_val(struct slice slice)
{
    return (MDB_val){ slice.size, (void *)(uintptr_t)slice.data };
}

/* ---- transactions -------------------------------------------------------------------------- */

static void readers_drop(struct store *store)
{
    for (int i = 0; i < STORE_READS_MAX; i++) {
        REQUIRE(!store->reads[i].store);
        mdb_txn_abort(store->resting[i]);
        store->resting[i] = NULL;
    }
}

static int read_begin(struct store *store, MDB_txn **resting)
{
    int status =
        *resting ? mdb_txn_renew(*resting) : mdb_txn_begin(store->env, NULL, MDB_RDONLY, resting);
    if (status != MDB_MAP_RESIZED)
        return status;
    readers_drop(store); /* a writer in another process grew the file: take its size */
    status = mdb_env_set_mapsize(store->env, 0);
    return status ? status : mdb_txn_begin(store->env, NULL, MDB_RDONLY, resting);
}

/* held: what to look through; NULL: the tables as they were committed. */
static int look_begin(struct store *store, MDB_txn *held, struct transaction **transaction)
{
    REQUIRE(!store->write.defers);
    for (int i = 0; i < STORE_READS_MAX; i++) {
        struct transaction *fresh = &store->reads[i];
        if (fresh->store)
            continue;
        if (held) {
            *fresh = (struct transaction){ .store = store, .txn = held, .borrows = true };
            *transaction = fresh;
            return 0;
        }
        int status = read_begin(store, &store->resting[i]);
        if (status)
            return store_errno(status);
        *fresh = (struct transaction){ .store = store, .txn = store->resting[i] };
        *transaction = fresh;
        return 0;
    }
    REQUIRE(!"more reads open at once than an owner may");
    return -EUSERS;
}

int store_begin_read(struct store *store, struct transaction **transaction)
{
    MDB_txn *held = store->held ? store->held : store->turn_at > 0 ? store->write.txn : NULL;
    return look_begin(store, held, transaction);
}

int store_begin_look(struct store *store, struct transaction **transaction)
{
    REQUIRE(store->write.store);
    if (store->error)
        return store->error;
    return look_begin(store, store->write.txn, transaction);
}

int store_begin_write(struct store *store, struct transaction **transaction)
{
    REQUIRE(!store->write.store && !store->read_only);
    if (store->error)
        return store->error;
    MDB_txn *txn = store->held;
    int status = txn ? 0 : mdb_txn_begin(store->env, NULL, 0, &txn);
    if (status)
        return store_latch(store, store_errno(status));
    store->held = NULL;
    store->turn_at = store->changes.size;
    store->write = (struct transaction){ .store = store, .txn = txn, .writes = true };
    *transaction = &store->write;
    return 0;
}

static void cursors_close(struct transaction *transaction)
{
    if (transaction->cursor)
        mdb_cursor_close(transaction->cursor);
    transaction->cursor = NULL;
    for (uint32_t i = 0; transaction->writes && i < STORE_TABLES_MAX; i++) {
        if (transaction->writers[i])
            mdb_cursor_close(transaction->writers[i]);
        transaction->writers[i] = NULL;
    }
}

/* ---- changing ------------------------------------------------------------------------------ */

/* What is taken out of a list was often put there in the same turn, and is in no table. */
static int drop(MDB_cursor *writer, MDB_val *key)
{
    int status = mdb_cursor_get(writer, key, NULL, MDB_SET);
    if (!status)
        status = mdb_cursor_del(writer, 0);
    return status == MDB_NOTFOUND ? 0 : status;
}

/* Through a cursor that stays, a neighbour of the last change is changed without a search. */
static int change_do(struct transaction *transaction, const struct change *change)
{
    MDB_cursor **writer = &transaction->writers[change->table];
    MDB_val key = store_val(change->key), value = store_val(change->value);
    int status = *writer ? 0
                         : mdb_cursor_open(transaction->txn,
                                           transaction->store->tables[change->table], writer);
    if (status)
        return status;
    if (change->kind == CHANGE_REMOVE)
        return drop(*writer, &key);
    return mdb_cursor_put(*writer, &key, &value, change->kind == CHANGE_APPEND ? MDB_APPEND : 0);
}

struct changing {
    struct transaction *transaction;
    struct slice changes;
};

static int changes_step(void *owner)
{
    struct changing *changing = owner;
    struct change change;
    int status = 0, taken = 0;
    while (!status && (taken = changes_take(&changing->changes, &change)) == 0)
        status = change_do(changing->transaction, &change);
    return taken == -EBADMSG ? EBADMSG : status;
}

/* Behind a damaged page the write is over, but its end is told. */
static int changes_do(struct transaction *transaction, struct slice changes)
{
    return guard_call(changes_step, &(struct changing){ transaction, changes }, MDB_CORRUPTED);
}

static int map_double(struct store *store)
{
    if (store->map_bytes >= store->map_bytes_max)
        return MDB_MAP_FULL;
    readers_drop(store);
    store->map_bytes *= 2;
    if (store->map_bytes > store->map_bytes_max)
        store->map_bytes = store->map_bytes_max;
    store->grown++;
    return mdb_env_set_mapsize(store->env, store->map_bytes);
}

/* After MDB_MAP_FULL: drops the LMDB transaction if it still lives, doubles the map and does all
 * changes since the last commit of the tables again. */
static int grow(struct transaction *transaction)
{
    struct store *store = transaction->store;
    int status;
    do {
        cursors_close(transaction);
        mdb_txn_abort(transaction->txn);
        transaction->txn = NULL;
        status = map_double(store);
        if (status)
            return status;
        status = mdb_txn_begin(store->env, NULL, 0, &transaction->txn);
        if (!status)
            status = changes_do(transaction, changes_behind(&store->changes, 0));
    } while (status == MDB_MAP_FULL);
    return status;
}

static uint64_t txnid_of(const struct store *store)
{
    MDB_envinfo facts;
    (void)mdb_env_info(store->env, &facts);
    return facts.me_last_txnid;
}

/* Leaves the tables as they were when the write began. */
static void turn_drop(struct transaction *transaction)
{
    struct store *store = transaction->store;
    mdb_txn_abort(transaction->txn);
    store->changes.size = store->turn_at;
    if (store->turn_at == 0 || store->error)
        return;
    int status = mdb_txn_begin(store->env, NULL, 0, &transaction->txn);
    if (status) {
        (void)store_latch(store, store_errno(status));
        return;
    }
    status = changes_do(transaction, changes_behind(&store->changes, 0));
    cursors_close(transaction);
    if (status) {
        mdb_txn_abort(transaction->txn);
        (void)store_latch(store, store_errno(status));
    } else {
        store->held = transaction->txn;
    }
}

/* LMDB lets nobody go on with a write that met a damaged page, not even whoever only looked. What it has done since
 * the tables were committed is done again in a new one, for all who look through it. */
void store_renew(struct store *store)
{
    struct transaction again = { .store = store, .writes = true };
    struct transaction *write = store->write.store ? &store->write : &again;
    MDB_txn *before = store->write.store ? store->write.txn : store->held;
    for (int i = 0; i < STORE_READS_MAX; i++)
        if (store->reads[i].borrows)
            cursors_close(&store->reads[i]);
    cursors_close(write);
    mdb_txn_abort(before);
    write->txn = NULL;
    int status = mdb_txn_begin(store->env, NULL, 0, &write->txn);
    if (!status)
        status = changes_do(write, changes_behind(&store->changes, 0));
    cursors_close(write);
    for (int i = 0; i < STORE_READS_MAX; i++)
        if (store->reads[i].borrows)
            store->reads[i].txn = write->txn;
    if (!store->write.store)
        store->held = write->txn;
    (void)store_latch(store, store_errno(status));
}

/* What is looked through must not be what is written, once a page is damaged. */
static void hold_no_longer(struct store *store)
{
    bool looked_at = false;
    for (int i = 0; i < STORE_READS_MAX; i++)
        looked_at |= store->reads[i].store != NULL;
    if (store->unsound && store->held && !looked_at && !store->write.store)
        (void)store_settle(store); /* an error is latched */
}

void transaction_end(struct transaction *transaction)
{
    if (!transaction)
        return;
    struct store *store = transaction->store;
    size_t done;
    if (transaction->defers)
        (void)filer_finish(store->filer, &done); /* its errors go with what it did */
    cursors_close(transaction);
    if (transaction->writes)
        turn_drop(transaction);
    else if (!transaction->borrows)
        mdb_txn_reset(transaction->txn);
    *transaction = (struct transaction){ .store = NULL };
    hold_no_longer(store);
}

/* ---- telling ------------------------------------------------------------------------------- */

/* The mark behind this write's changes, as its last change. */
static bool is_heard(const struct store *store)
{
    return store->tell || store->assure;
}

static int mark_put(struct transaction *transaction)
{
    struct store *store = transaction->store;
    uint8_t value[MARK_BYTES];
    struct store_mark after =
        mark_after(&store->mark, changes_behind(&store->changes, store->turn_at));
    mark_write(&after, value);
    return transaction_put(transaction, store->mark_table, mark_key(),
                           (struct slice){ value, sizeof value });
}

static void tell(struct store *store, const struct store_mark *after, struct slice changes)
{
    struct store_mark before = store->mark;
    store->mark = *after;
    if (store->tell)
        store->tell(store->owner, &before, after, changes);
}

static int commit_step(void *txn)
{
    return mdb_txn_commit(txn);
}

/* All changes into the tables, durably. */
static int tables_commit(struct transaction *transaction)
{
    struct store *store = transaction->store;
    int status = store->error;
    for (int i = 0; i < STORE_READS_MAX; i++)
        REQUIRE(!store->reads[i].borrows); /* it would look into what is freed now */
    while (!status) {
        cursors_close(transaction);
        MDB_txn *txn = transaction->txn;
        transaction->txn = NULL; /* freed by the commit in any case */
        int result = guard_call(commit_step, txn, MDB_CORRUPTED);
        if (!result)
            break;
        if (result == MDB_MAP_FULL)
            result = grow(transaction);
        status = store_latch(store, store_errno(result));
    }
    cursors_close(transaction);
    mdb_txn_abort(transaction->txn);
    *transaction = (struct transaction){ .store = NULL };
    store->changes.size = store->turn_at = 0;
    if (!status && store->redo)
        redo_restart(store->redo, txnid_of(store));
    return status;
}

/* What the write has deferred. */
static int deferred_do(struct transaction *transaction)
{
    struct store *store = transaction->store;
    size_t done;
    if (!transaction->defers)
        return store->error;
    transaction->defers = false;
    int status = filer_finish(store->filer, &done);
    if (store->error)
        return store->error;
    if (!status)
        status = changes_do(transaction, changes_behind(&store->changes, done));
    if (status == MDB_MAP_FULL)
        status = grow(transaction);
    return store_latch(store, store_errno(status));
}

/* Durably into the redo file. What was deferred is done while the disk is at work. */
static int changes_keep(struct transaction *transaction, struct slice changes)
{
    struct store *store = transaction->store;
    bool beside = transaction->defers && filer_works(store->filer);
    int status =
        store_latch(store, beside ? filer_write(store->filer) : redo_write(store->redo, changes));
    if (status == 0 && !beside)
        status = deferred_do(transaction);
    if (status == 0)
        status = store_latch(store, redo_sync(store->redo));
    int filed = deferred_do(transaction);
    return status < 0 ? status : filed;
}

/* The turn's changes are made durable; the tables' transaction stays open for others. */
static int turn_hold(struct transaction *transaction)
{
    struct store *store = transaction->store;
    struct slice changes = changes_behind(&store->changes, store->turn_at);
    int status = changes.size > 0 ? changes_keep(transaction, changes) : deferred_do(transaction);
    cursors_close(transaction);
    if (status < 0)
        mdb_txn_abort(transaction->txn);
    else
        store->held = transaction->txn;
    *transaction = (struct transaction){ .store = NULL };
    return status;
}

static int turn_commit(struct transaction *transaction)
{
    const struct store *store = transaction->store;
    if (!store->error && store->redo && !store->unsound &&
        redo_fits(store->redo, changes_behind(&store->changes, store->turn_at).size))
        return turn_hold(transaction);
    (void)deferred_do(transaction); /* an error is latched */
    return tables_commit(transaction);
}

int transaction_commit(struct transaction *transaction)
{
    struct store *store = transaction->store;
    struct store_mark after;
    REQUIRE(transaction->writes);
    size_t begun = store->turn_at;
    if (store->changes.size == begun || store->error)
        return turn_commit(transaction);
    if (is_heard(store) && mark_put(transaction) < 0)
        return turn_commit(transaction); /* the error is latched */
    /* Committing the tables forgets the changes, but not their bytes. */
    struct slice changes = changes_behind(&store->changes, begun);
    bool marked = changes_marked(changes, &after);
    if (marked && store->assure)
        (void)store_latch(store, store->assure(store->assurer, &store->mark, &after, changes));
    int status = turn_commit(transaction);
    if (status == 0 && marked)
        tell(store, &after, changes);
    return status;
}

int store_settle(struct store *store)
{
    REQUIRE(!store->write.store);
    if (!store->held)
        return store->error;
    store->write = (struct transaction){ .store = store, .txn = store->held, .writes = true };
    store->held = NULL;
    return tables_commit(&store->write);
}

void transaction_defer(struct transaction *transaction)
{
    struct store *store = transaction->store;
    REQUIRE(transaction->writes && !transaction->defers);
    transaction->defers = true;
    filer_begin(store->filer, transaction, store->unsound ? NULL : store->redo, store->turn_at);
}

static int deferred_note(struct store *store, const struct change *change)
{
    filer_pause(store->filer, change);
    int status = changes_note(&store->changes, change);
    if (status == 0)
        filer_follow(store->filer);
    return store_latch(store, status);
}

static int change_make(struct transaction *transaction, const struct change *change)
{
    struct store *store = transaction->store;
    REQUIRE(transaction->writes && change->table < store->table_count);
    if (store->error)
        return store->error;
    if (transaction->defers)
        return deferred_note(store, change);
    size_t before = store->changes.size;
    int status = changes_note(&store->changes, change);
    if (status < 0)
        return store_latch(store, status);
    status = changes_do(transaction, changes_behind(&store->changes, before));
    if (status == MDB_MAP_FULL)
        status = grow(transaction);
    return store_latch(store, store_errno(status));
}

int transaction_put(struct transaction *transaction, uint32_t table, struct slice key,
                    struct slice value)
{
    return change_make(transaction, &(struct change){ CHANGE_PUT, table, key, value });
}

int transaction_append(struct transaction *transaction, uint32_t table, struct slice key,
                       struct slice value)
{
    return change_make(transaction, &(struct change){ CHANGE_APPEND, table, key, value });
}

int transaction_remove(struct transaction *transaction, uint32_t table, struct slice key)
{
    return change_make(transaction, &(struct change){ CHANGE_REMOVE, table, key, { NULL, 0 } });
}

int transaction_apply(struct transaction *transaction, struct slice changes)
{
    struct store_mark mark;
    struct change next;
    int status = changes_marked(changes, &mark) ? 0 : -EBADMSG;
    while (status == 0 && (status = changes_take(&changes, &next)) == 0)
        status = next.table < transaction->store->table_count ? change_make(transaction, &next)
                                                              : -EBADMSG;
    return status == -ENOENT ? 0 : status;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* What LMDB asserts and does not find: it would end the process when this returns. */
static void on_assert(MDB_env *env, const char *sentence)
{
    (void)env;
    guard_break();
    log_error("the database is damaged: %s; see journal-damaged in the runbooks", sentence);
}

static int env_open(struct store *store, const char *folder, const struct store_settings *settings)
{
    int status = probe_heads(folder);
    if (status == -EBADMSG)
        log_error(
            "the head of %s/data.mdb is damaged: not opened; see journal-damaged in the runbooks",
            folder);
    if (status < 0)
        return status;
    guard_prepare();
    status = mdb_env_create(&store->env);
    if (!status)
        status = mdb_env_set_assert(store->env, on_assert);
    if (!status)
        status = mdb_env_set_maxdbs(store->env, STORE_TABLES_MAX);
    if (!status)
        status = mdb_env_set_mapsize(store->env, store->map_bytes);
    if (!status)
        status = mdb_env_open(store->env, folder,
                              STORE_FLAGS | (settings->read_only ? MDB_RDONLY : 0), STORE_MODE);
    return store_errno(status);
}

/* What the redo file tells beyond the tables. */
static int redo_do(struct store *store, MDB_txn *txn, uint64_t base)
{
    struct transaction replay = { .store = store, .txn = txn, .writes = true };
    struct slice entry;
    int status = 0;
    redo_restart(store->redo, base);
    while (!status && redo_next(store->redo, &entry) == 0) {
        struct store_mark after;
        status = changes_do(&replay, entry);
        if (!status && changes_marked(entry, &after))
            tell(store, &after, entry);
    }
    cursors_close(&replay);
    return status;
}

static int mark_load(struct store *store, MDB_txn *txn, const struct store_settings *settings)
{
    MDB_val key = store_val(mark_key()), value;
    if (settings->mark_table >= settings->table_count)
        return 0;
    int status = mdb_get(txn, store->tables[settings->mark_table], &key, &value);
    if (!status && value.mv_size == MARK_BYTES)
        store->mark = mark_read(value.mv_data);
    return status == MDB_NOTFOUND ? 0 : status;
}

struct opening {
    struct store *store;
    const struct store_settings *settings;
    uint64_t base;
    MDB_txn *txn;
};

static int tables_step(void *owner)
{
    struct opening *opening = owner;
    struct store *store = opening->store;
    const struct store_settings *settings = opening->settings;
    int status =
        mdb_txn_begin(store->env, NULL, settings->read_only ? MDB_RDONLY : 0, &opening->txn);
    MDB_txn *txn = opening->txn;
    for (uint32_t i = 0; !status && i < settings->table_count; i++)
        status = mdb_dbi_open(txn, settings->tables[i], settings->read_only ? 0 : MDB_CREATE,
                              &store->tables[i]);
    if (!status)
        status = mark_load(store, txn, settings);
    if (!status && store->redo)
        status = redo_do(store, txn, opening->base);
    if (!status) {
        opening->txn = NULL;
        status = mdb_txn_commit(txn);
    }
    return status;
}

/* Opens the tables and finishes what a crash left in the redo file, in one transaction: new tables
 * alone would be a state that no entry continues. */
static int tables_open(struct store *store, const struct store_settings *settings, uint64_t base)
{
    struct opening opening = { store, settings, base, NULL };
    int status = guard_call(tables_step, &opening, MDB_CORRUPTED);
    mdb_txn_abort(opening.txn);
    if (status == MDB_MAP_FULL && store->redo && !(status = map_double(store)))
        return tables_open(store, settings, base);
    return store_errno(status);
}

static int redo_prepare(struct store *store, const struct store_settings *settings)
{
    int status = redo_open(&store->redo, settings->folder, txnid_of(store));
    return status < 0 ? status : folder_sync(settings->folder);
}

/* A crash inside LMDB's first writes leaves a file that never opens again: so they happen under a
 * temporary name. rename() replaces an empty folder and nothing else. */
static int create(struct store *store, const struct store_settings *settings)
{
    char fresh[PATH_MAX];
    int length = snprintf(fresh, sizeof fresh, "%s.new-XXXXXX", settings->folder);
    if (length < 0 || (size_t)length >= sizeof fresh)
        return -ENAMETOOLONG;
    if (!mkdtemp(fresh))
        return -errno;
    int status = chmod(fresh, 0750) < 0 ? -errno : env_open(store, fresh, settings);
    if (!status)
        status = tables_open(store, settings, 0);
    mdb_env_close(store->env);
    store->env = NULL;
    if (!status)
        status = folder_sync(fresh);
    if (!status && rename(fresh, settings->folder) < 0)
        status = errno == EEXIST ? -ENOTEMPTY : -errno;
    if (!status)
        return folder_sync_above(settings->folder);
    char file[PATH_MAX + 16];
    (void)snprintf(file, sizeof file, "%s/data.mdb", fresh);
    (void)unlink(file);
    (void)snprintf(file, sizeof file, "%s/lock.mdb", fresh);
    (void)unlink(file);
    (void)rmdir(fresh);
    return status;
}

/* A file larger than what was asked for is mapped whole. */
static void map_measure(struct store *store)
{
    MDB_envinfo facts;
    (void)mdb_env_info(store->env, &facts);
    if (facts.me_mapsize > store->map_bytes)
        store->map_bytes = facts.me_mapsize;
}

static int probe_pages(const struct store_settings *settings)
{
    struct probe probe;
    int status = probe_file(&probe, settings->folder,
                            settings->append_only ? settings->append_only : "", settings->probe_ms);
    if (status < 0 || !probe.damaged)
        return status;
    log_error(
        "page %llu of %s/data.mdb is damaged table=%s: %s; see journal-damaged in the runbooks",
        (unsigned long long)probe.page, settings->folder, probe.table,
        probe.written ? "not opened, a write would make it worse"
                      : "opened, for it is not written again, but what it held is lost");
    return probe.written ? -EBADMSG : 0;
}

int store_open(struct store **store, const struct store_settings *settings)
{
    REQUIRE(settings->table_count <= STORE_TABLES_MAX);
    struct store *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->lock_fd = -1;
    fresh->read_only = settings->read_only;
    fresh->table_count = settings->table_count;
    fresh->tell = settings->tell;
    fresh->owner = settings->owner;
    fresh->assure = settings->assure;
    fresh->assurer = settings->assurer;
    fresh->mark_table = settings->mark_table;
    fresh->map_bytes = (settings->map_bytes + MAP_STEP - 1) & ~(uint64_t)(MAP_STEP - 1);
    if (fresh->map_bytes == 0)
        fresh->map_bytes = MAP_STEP;
    fresh->map_bytes_max = settings->map_bytes_max ? settings->map_bytes_max : STORE_MAP_BYTES_MAX;
    int status = changes_open(&fresh->changes);
    if (!status)
        status = filer_open(&fresh->filer, changes_do, &fresh->changes);
    if (!status && !folder_holds_store(settings->folder))
        status = settings->read_only ? -ENOENT : create(fresh, settings);
    if (!status && !settings->read_only)
        status = fresh->lock_fd = writer_lock(settings->folder, STORE_MODE);
    if (status >= 0 && settings->probe_ms > 0)
        status = probe_pages(settings);
    if (status >= 0)
        status = env_open(fresh, settings->folder, settings);
    uint64_t base = status < 0 ? 0 : txnid_of(fresh);
    if (!status && settings->redo)
        status = redo_prepare(fresh, settings);
    if (!status)
        status = tables_open(fresh, settings, base);
    if (status < 0) {
        store_close(fresh);
        return status;
    }
    if (fresh->redo)
        redo_restart(fresh->redo, txnid_of(fresh));
    if (is_heard(fresh) && fresh->mark.turn == 0)
        mark_begin(&fresh->mark);
    map_measure(fresh);
    *store = fresh;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    transaction_end(store->write.store ? &store->write : NULL);
    if (store_settle(store) < 0)
        mdb_txn_abort(store->held); /* the redo file tells the next opening */
    readers_drop(store);
    mdb_env_close(store->env);
    redo_close(store->redo);
    if (store->lock_fd >= 0)
        (void)close(store->lock_fd);
    filer_close(store->filer);
    changes_close(&store->changes);
    free(store);
}

int store_error(const struct store *store)
{
    return store->error;
}

int store_check_readers(struct store *store)
{
    int dead = 0;
    return mdb_reader_check(store->env, &dead) ? 0 : dead;
}

void store_measure(struct store *store, struct store_usage *usage)
{
    MDB_envinfo facts;
    MDB_stat sizes;
    (void)mdb_env_info(store->env, &facts);
    (void)mdb_env_stat(store->env, &sizes);
    usage->map_bytes = facts.me_mapsize;
    usage->used_bytes = ((uint64_t)facts.me_last_pgno + 1) * sizes.ms_psize;
    usage->grown = store->grown;
}
