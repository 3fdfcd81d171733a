/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * store: ordered tables in one LMDB file, with transactions. The only place that knows LMDB.
 *
 * What it guarantees:
 * - Durable: LMDB's default flags only; the faster ones lose or destroy acknowledged data
 *   (docs/decisions/0005-journal.md) and are banned when this is compiled. With a redo file a commit
 *   waits for the disk once instead of twice, and opening finishes what it tells.
 * - A store either exists whole or not at all: it is made under a temporary name and renamed.
 * - One writer: a second opening for writing is refused with -EBUSY, by another process or by this.
 * - A full map grows by itself; the turn in work is done again in the larger map, unseen.
 * - A damaged page does not end the process: whoever looks at it is told -EBADMSG.
 * - The first write error is latched: every later turn is refused with it. LMDB itself forgets a
 *   failed fsync, and what the page cache says after one is not what the disk holds.
 *
 * One thread. Reads are short (a turn of the owner's loop): an open one keeps every page alive that
 * the writer frees. */
#ifndef DISPATCHER_STORE_STORE_H
#define DISPATCHER_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STORE_TABLES_MAX = 8,
    STORE_READS_MAX = 4, /* open at once, by one owner */
    STORE_KEY_BYTES_MAX = 128,
    STORE_VALUE_BYTES_MAX = 1 << 20, /* a longer one was not put by us: the page is damaged */
    STORE_MARK_KEY = 0xff
};

struct store;
struct transaction;

/* Bytes that somebody else owns. */
struct slice {
    const void *data;
    size_t size;
};

/* Where a store stands: how many writes were committed since somebody listens, and a digest over all of
 * their changes. Two stores with the same mark hold the same. Durable with the write itself. */
struct store_mark {
    uint64_t turn;
    uint8_t digest[32];
};

/* Told of each committed write: where the store stood before and stands now, and the changes, borrowed,
 * which transaction_apply() of another store takes. While opening: of those that the redo file still held. */
typedef void store_tell(void *owner, const struct store_mark *before,
                        const struct store_mark *after, struct slice changes);

/* Asked in each commit before anything of it is durable here: 0 says that the write, which leads from `before` to
 * `after`, is durable elsewhere and may be so here; any other is the write's error, latched, and nothing of it was done. */
typedef int store_assure(void *owner, const struct store_mark *before,
                         const struct store_mark *after, struct slice changes);

struct store_settings {
    const char *folder;
    uint64_t map_bytes;        /* address space at the start; rounded up to 1 MiB */
    uint64_t map_bytes_max;    /* growth ends here with -ENOSPC; 0: STORE_MAP_BYTES_MAX */
    const char *const *tables; /* names; a table's number is its place here */
    uint32_t table_count;
    bool read_only;   /* the store must exist; may be open for writing elsewhere */
    store_tell *tell; /* with assure NULL, too: nobody listens, and no mark moves */
    void *owner;
    store_assure *assure; /* NULL: durable here is enough */
    void *assurer;
    uint32_t mark_table; /* keeps the mark under a key of its own, STORE_MARK_KEY */
    /* Its pages are looked at for so long before it is opened for writing (0: not); -EBADMSG when one is damaged that
     * is written again. Of the table append_only (a name, or NULL) only the last are. */
    uint32_t probe_ms;
    const char *append_only;
    bool redo; /* turns become durable in FOLDER/redo, and many at once in the tables: redo.h */
};

#define STORE_MAP_BYTES_MAX ((uint64_t)16 << 40)

/* Opens or creates. Returns 0 and *store (close with store_close(), which accepts NULL), or -EBUSY,
 * -ENOENT, -ENOTEMPTY (the folder holds something else), -EBADMSG (not a store), another errno. */
int store_open(struct store **store, const struct store_settings *settings);
void store_close(struct store *store);

/* The latched error, 0 for none. */
int store_error(const struct store *store);

/* Frees what readers of dead processes hold. Call every few seconds. Returns how many there were. */
int store_check_readers(struct store *store);

/* For metrics. */
struct store_usage {
    uint64_t map_bytes;
    uint64_t used_bytes; /* the file's high-water mark */
    uint64_t grown;      /* how often the map grew */
};
void store_measure(struct store *store, struct store_usage *usage);

/* Somebody found that a value is not what was put. Told in the log, at a limited rate, and counted. */
void store_damaged(struct store *store);

/* How often that was, or that a page could not be read at all. */
uint64_t store_damage(const struct store *store);

/* Where it stands; zeros: nobody ever listened. */
void store_mark(const struct store *store, struct store_mark *mark);

/* From here on these are told and asked of every write, as if they had been named at the opening: of a store that only took
 * another one's changes, and leads now. Between writes. */
void store_listen(struct store *store, store_tell *tell, void *owner, store_assure *assure,
                  void *assurer);

/* Nobody listens any more: where it stood says nothing of what is written from now on. For who opened it for writing,
 * between writes. Returns 0 or a negative errno, latched. */
int store_forget_mark(struct store *store);

/* Whether these changes lead from one mark to the other. */
bool store_follows(const struct store_mark *before, struct slice changes,
                   const struct store_mark *after);

/* ---- transactions -------------------------------------------------------------------------- */

/* A read sees what is durable, also while a write is open; with a redo file it may see the open write
 * as well. */
int store_begin_read(struct store *store, struct transaction **transaction);

/* A read through the open write: it sees what that did, and what it cannot read is not the write's error. End it before
 * the commit. */
int store_begin_look(struct store *store, struct transaction **transaction);

/* At most one write is open. */
int store_begin_write(struct store *store, struct transaction **transaction);

/* Makes a write durable and ends it, in any case. An error is latched. */
int transaction_commit(struct transaction *transaction);

/* What follows of this write is done at its commit, while the disk makes it durable: nothing is looked up
 * in it any more. */
void transaction_defer(struct transaction *transaction);

/* With a redo file: brings into the tables what it holds, which takes as long as a commit of all of it.
 * For idle moments, between writes; closing does it as well. Returns 0 or the latched error. */
int store_settle(struct store *store);

/* Ends a read, or drops a write. Accepts NULL. */
void transaction_end(struct transaction *transaction);

/* Slices that come out of these are borrowed until the next put, append or remove of the same write,
 * or the end of the read. Errors but -ENOENT are latched when the transaction writes. */
int transaction_get(struct transaction *transaction, uint32_t table, struct slice key,
                    struct slice *value);

/* The first entry whose key is `from` or above. */
int transaction_from(struct transaction *transaction, uint32_t table, struct slice from,
                     struct slice *key, struct slice *value);

/* The last entry whose key is below `limit`; an empty limit: the last of all. */
int transaction_below(struct transaction *transaction, uint32_t table, struct slice limit,
                      struct slice *key, struct slice *value);

/* How many entries the table has. */
int transaction_count(struct transaction *transaction, uint32_t table, uint64_t *count);

int transaction_put(struct transaction *transaction, uint32_t table, struct slice key,
                    struct slice value);

/* Like put, for a key above all others of the table (-EEXIST otherwise). */
int transaction_append(struct transaction *transaction, uint32_t table, struct slice key,
                       struct slice value);

/* Does the changes of another store's write, its mark included. Returns 0, or -EBADMSG when they cannot be
 * such: the write is to be dropped. */
int transaction_apply(struct transaction *transaction, struct slice changes);

/* Removes the entry; none is fine. */
int transaction_remove(struct transaction *transaction, uint32_t table, struct slice key);

#endif
