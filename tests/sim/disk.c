/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/disk.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/store/store.h"
#include "tests/sim/map.h"

enum {
    FOLDERS_MAX = 4
};

/* What outlives the process. */
struct platter {
    char folder[256];
    bool open; /* by a process, for writing */
    struct map tables[STORE_TABLES_MAX];
};

struct transaction {
    struct store *store;
    bool open, writes, defers;
    bool looks; /* through the open write */
};

struct store {
    struct platter *platter;
    uint32_t table_count;
    bool read_only;
    int error;
    struct transaction write;
    struct transaction reads[STORE_READS_MAX];
    struct map overlays[STORE_TABLES_MAX]; /* the open write's */
};

static struct platter platters[FOLDERS_MAX];
static struct disk_hooks hooks;

void disk_attach(const struct disk_hooks *attached)
{
    hooks = *attached;
}

static void operate(void)
{
    if (hooks.before_operation)
        hooks.before_operation();
}

static struct platter *platter_of(const char *folder, bool make)
{
    for (uint32_t i = 0; i < FOLDERS_MAX; i++)
        if (strcmp(platters[i].folder, folder) == 0)
            return &platters[i];
    for (uint32_t i = 0; make && i < FOLDERS_MAX; i++)
        if (!platters[i].folder[0]) {
            (void)snprintf(platters[i].folder, sizeof platters[i].folder, "%s", folder);
            return &platters[i];
        }
    return NULL;
}

void disk_power_cut(void)
{
    for (uint32_t i = 0; i < FOLDERS_MAX; i++)
        platters[i].open = false;
}

void disk_forget(const char *folder)
{
    struct platter *platter = platter_of(folder, false);
    for (uint32_t i = 0; platter && i < STORE_TABLES_MAX; i++)
        map_clear(&platter->tables[i]);
    if (platter)
        memset(platter, 0, sizeof *platter);
}

void disk_forget_all(void)
{
    for (uint32_t i = 0; i < FOLDERS_MAX; i++)
        if (platters[i].folder[0])
            disk_forget(platters[i].folder);
}

bool disk_row(const char *folder, uint32_t table, uint64_t after, uint64_t *number,
              const uint8_t **bytes, uint32_t *size)
{
    uint64_t from = htobe64(after + 1);
    const struct platter *platter = platter_of(folder, false);
    const struct map_node *node =
        platter ? map_from(&platter->tables[table], &from, sizeof from) : NULL;
    if (!node || node->key_size != sizeof *number)
        return false;
    memcpy(number, map_key(node), sizeof *number);
    *number = be64toh(*number);
    *bytes = map_value(node);
    *size = node->value_size;
    return true;
}

/* ---- the store ------------------------------------------------------------------------------- */

int store_open(struct store **store, const struct store_settings *settings)
{
    struct platter *platter = platter_of(settings->folder, !settings->read_only);
    REQUIRE(settings->table_count <= STORE_TABLES_MAX);
    if (!platter)
        return -ENOENT;
    if (platter->open && !settings->read_only)
        return -EBUSY;
    struct store *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->platter = platter;
    fresh->table_count = settings->table_count;
    fresh->read_only = settings->read_only;
    platter->open |= !settings->read_only;
    *store = fresh;
    return 0;
}

static void drop(struct store *store)
{
    for (uint32_t i = 0; i < STORE_TABLES_MAX; i++)
        map_clear(&store->overlays[i]);
    store->write.open = false;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    drop(store);
    if (!store->read_only)
        store->platter->open = false;
    free(store);
}

int store_error(const struct store *store)
{
    return store->error;
}

/* It has one life alone. */
void store_listen(struct store *store, store_tell *tell, void *owner, store_assure *assure,
                  void *assurer)
{
    (void)store, (void)tell, (void)owner, (void)assure, (void)assurer;
    REQUIRE(!"a store that is taken over");
}

int store_forget_mark(struct store *store)
{
    (void)store;
    return 0;
}

int store_settle(struct store *store)
{
    return store->error;
}

int store_check_readers(struct store *store)
{
    (void)store;
    return 0;
}

void store_measure(struct store *store, struct store_usage *usage)
{
    (void)store;
    *usage = (struct store_usage){ 0 };
}

static int read_open(struct store *store, bool looks, struct transaction **transaction)
{
    if (store->error)
        return store->error;
    for (uint32_t i = 0; i < STORE_READS_MAX; i++)
        if (!store->reads[i].open) {
            store->reads[i] = (struct transaction){ .store = store, .open = true, .looks = looks };
            *transaction = &store->reads[i];
            return 0;
        }
    REQUIRE(!"too many reads are open");
    return -EMFILE;
}

int store_begin_read(struct store *store, struct transaction **transaction)
{
    operate();
    return read_open(store, false, transaction);
}

int store_begin_look(struct store *store, struct transaction **transaction)
{
    REQUIRE(store->write.open);
    return read_open(store, true, transaction);
}

/* This disk loses, but does not rot. */
void store_damaged(struct store *store)
{
    (void)store;
}

uint64_t store_damage(const struct store *store)
{
    (void)store;
    return 0;
}

int store_begin_write(struct store *store, struct transaction **transaction)
{
    operate();
    REQUIRE(!store->read_only && !store->write.open);
    if (store->error)
        return store->error;
    store->write = (struct transaction){ .store = store, .open = true, .writes = true };
    *transaction = &store->write;
    return 0;
}

/* Whatever is deferred here is as well done at once; nobody may look for it. */
void transaction_defer(struct transaction *transaction)
{
    REQUIRE(transaction->writes && !transaction->defers);
    transaction->defers = true;
}

static void write_through(struct store *store)
{
    for (uint32_t i = 0; i < store->table_count; i++) {
        struct map *table = &store->platter->tables[i];
        for (struct map_node *node = store->overlays[i].first[0]; node; node = map_next(node))
            if (node->removed)
                map_remove(table, map_key(node), node->key_size);
            else
                map_put(table, map_key(node), node->key_size, map_value(node), node->value_size,
                        false);
    }
}

int transaction_commit(struct transaction *transaction)
{
    struct store *store = transaction->store;
    REQUIRE(transaction->open && transaction->writes);
    operate();
    enum disk_fate fate = hooks.commit && !store->error ? hooks.commit() : DISK_WELL;
    if (fate != DISK_WELL)
        store->error = -EIO;
    if (fate == DISK_FAILS_LATE || !store->error)
        write_through(store);
    drop(store);
    operate(); /* the power may be cut when nobody has heard of it yet */
    return store->error;
}

void transaction_end(struct transaction *transaction)
{
    if (!transaction)
        return;
    if (transaction->writes)
        drop(transaction->store);
    transaction->open = false;
}

/* ---- entries --------------------------------------------------------------------------------- */

static const struct map *overlay_of(const struct transaction *transaction, uint32_t table)
{
    static const struct map none;
    REQUIRE(transaction->open && table < transaction->store->table_count);
    bool through = transaction->writes || transaction->looks;
    return through ? &transaction->store->overlays[table] : &none;
}

static const struct map *table_of(const struct transaction *transaction, uint32_t table)
{
    return &transaction->store->platter->tables[table];
}

static void give(const struct map_node *node, struct slice *key, struct slice *value)
{
    if (key)
        *key = (struct slice){ map_key(node), node->key_size };
    *value = (struct slice){ map_value(node), node->value_size };
}

int transaction_get(struct transaction *transaction, uint32_t table, struct slice key,
                    struct slice *value)
{
    operate();
    REQUIRE(!transaction->defers);
    const struct map_node *node = map_find(overlay_of(transaction, table), key.data, key.size);
    if (!node)
        node = map_find(table_of(transaction, table), key.data, key.size);
    if (!node || node->removed)
        return -ENOENT;
    give(node, NULL, value);
    return 0;
}

static int order_of(const struct map_node *a, const struct map_node *b)
{
    return map_compare(map_key(a), a->key_size, map_key(b), b->key_size);
}

int transaction_from(struct transaction *transaction, uint32_t table, struct slice from,
                     struct slice *key, struct slice *value)
{
    operate();
    REQUIRE(!transaction->defers);
    const struct map_node *over = map_from(overlay_of(transaction, table), from.data, from.size);
    const struct map_node *under = map_from(table_of(transaction, table), from.data, from.size);
    for (;;) {
        int order = !over ? 1 : !under ? -1 : order_of(over, under);
        const struct map_node *first = order <= 0 ? over : under;
        if (!first)
            return -ENOENT;
        if (!first->removed) {
            give(first, key, value);
            return 0;
        }
        over = map_next(over);
        if (order == 0)
            under = map_next(under);
    }
}

int transaction_below(struct transaction *transaction, uint32_t table, struct slice limit,
                      struct slice *key, struct slice *value)
{
    operate();
    const void *at = limit.data;
    size_t size = limit.size;
    for (;;) {
        const struct map_node *over = map_below(overlay_of(transaction, table), at, size);
        const struct map_node *under = map_below(table_of(transaction, table), at, size);
        const struct map_node *last = !over || (under && order_of(over, under) < 0) ? under : over;
        if (!last)
            return -ENOENT;
        if (!last->removed) {
            give(last, key, value);
            return 0;
        }
        at = map_key(last);
        size = last->key_size;
    }
}

int transaction_count(struct transaction *transaction, uint32_t table, uint64_t *count)
{
    const struct map *under = table_of(transaction, table);
    *count = under->count;
    for (const struct map_node *node = overlay_of(transaction, table)->first[0]; node;
         node = map_next(node)) {
        bool known = map_find(under, map_key(node), node->key_size) != NULL;
        if (node->removed)
            *count -= known;
        else
            *count += !known;
    }
    return 0;
}

int transaction_put(struct transaction *transaction, uint32_t table, struct slice key,
                    struct slice value)
{
    operate();
    (void)overlay_of(transaction, table);
    REQUIRE(transaction->writes);
    map_put(&transaction->store->overlays[table], key.data, key.size, value.data, value.size,
            false);
    return 0;
}

int transaction_append(struct transaction *transaction, uint32_t table, struct slice key,
                       struct slice value)
{
    struct slice last, unused;
    if (transaction_below(transaction, table, (struct slice){ NULL, 0 }, &last, &unused) == 0 &&
        map_compare(last.data, last.size, key.data, key.size) >= 0)
        return -EEXIST;
    return transaction_put(transaction, table, key, value);
}

int transaction_remove(struct transaction *transaction, uint32_t table, struct slice key)
{
    operate();
    (void)overlay_of(transaction, table);
    REQUIRE(transaction->writes);
    map_put(&transaction->store->overlays[table], key.data, key.size, NULL, 0, true);
    return 0;
}
