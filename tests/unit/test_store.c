/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store's promises: found again in order, grown unseen, never written behind a failed fsync. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/prng.h"
#include "dispatcher/store/changes.h"
#include "dispatcher/store/key.h"
#include "dispatcher/store/redo.h"
#include "dispatcher/store/store.h"
#include "tests/unit/folder.h"

static char folder[FOLDER_BYTES], path[FOLDER_BYTES + 16];
static struct store *store;
static int syncs_until_failure = -1; /* -1: never */

/* LMDB's calls land here: the disk that fails. */
int fdatasync(int fd)
{
    if (syncs_until_failure == 0) {
        syncs_until_failure = -1; /* once only: the next one would report success */
        errno = EIO;
        return -1;
    }
    if (syncs_until_failure > 0)
        syncs_until_failure--;
    return (int)syscall(SYS_fdatasync, fd);
}

static void close_store(void)
{
    store_close(store);
    store = NULL; /* whatever fails next, it is not closed twice */
}

static int open_with(uint64_t map_bytes, uint64_t map_bytes_max, bool redo)
{
    static const char *const tables[] = { "first", "second" };
    struct store_settings settings = { .folder = path,
                                       .map_bytes = map_bytes,
                                       .map_bytes_max = map_bytes_max,
                                       .tables = tables,
                                       .table_count = 2,
                                       .redo = redo };
    return store_open(&store, &settings);
}

static int open_store(uint64_t map_bytes, uint64_t map_bytes_max)
{
    return open_with(map_bytes, map_bytes_max, false);
}

static int set_up(void **state)
{
    (void)state;
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/store", folder);
    store = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_store();
    folder_remove(folder);
    return 0;
}

static int put(struct transaction *write, uint64_t number, size_t size)
{
    static uint8_t value[4096];
    struct key key = key_of1(1, number);
    memset(value, (int)(number & 0xff), sizeof value);
    return transaction_put(write, 0, key_slice(&key), (struct slice){ value, size });
}

static bool has(struct transaction *transaction, uint64_t number, size_t size)
{
    struct key key = key_of1(1, number);
    struct slice value;
    return transaction_get(transaction, 0, key_slice(&key), &value) == 0 && value.size == size &&
           *(const uint8_t *)value.data == (number & 0xff);
}

static void entries_are_found_from_both_sides(void **state)
{
    (void)state;
    struct transaction *write, *read;
    struct slice key, value;
    assert_int_equal(open_store(1 << 20, 0), 0);
    assert_int_equal(store_begin_write(store, &write), 0);
    for (uint64_t i = 10; i <= 100; i += 10)
        assert_int_equal(put(write, i, 8), 0);
    assert_int_equal(store_begin_read(store, &read), 0);
    assert_false(has(read, 10, 8)); /* not durable yet */
    transaction_end(read);
    assert_int_equal(transaction_commit(write), 0);

    assert_int_equal(store_begin_read(store, &read), 0);
    struct key at = key_of1(1, 35);
    assert_int_equal(transaction_from(read, 0, key_slice(&at), &key, &value), 0);
    assert_true(slice_u64(key, 1) == 40);
    assert_int_equal(transaction_below(read, 0, key_slice(&at), &key, &value), 0);
    assert_true(slice_u64(key, 1) == 30);
    at = key_of1(1, 40);
    assert_int_equal(transaction_below(read, 0, key_slice(&at), &key, &value), 0);
    assert_true(slice_u64(key, 1) == 30);
    at = key_of1(1, 10);
    assert_int_equal(transaction_below(read, 0, key_slice(&at), &key, &value), -ENOENT);
    at = key_of1(1, 101);
    assert_int_equal(transaction_from(read, 0, key_slice(&at), &key, &value), -ENOENT);
    assert_int_equal(transaction_below(read, 0, key_slice(&at), &key, &value), 0);
    assert_true(slice_u64(key, 1) == 100);
    assert_int_equal(transaction_from(read, 1, (struct slice){ NULL, 0 }, &key, &value), -ENOENT);
    transaction_end(read);
}

static void a_full_map_grows_and_the_turn_stays_whole(void **state)
{
    (void)state;
    struct transaction *write, *read;
    struct store_usage usage;
    assert_int_equal(open_store(1 << 20, 0), 0);
    for (uint64_t turn = 0; turn < 4; turn++) {
        assert_int_equal(store_begin_write(store, &write), 0);
        for (uint64_t i = 0; i < 1000; i++)
            assert_int_equal(put(write, turn * 1000 + i, 3000), 0);
        struct key gone = key_of1(1, turn * 1000);
        assert_int_equal(transaction_remove(write, 0, key_slice(&gone)), 0);
        assert_int_equal(transaction_commit(write), 0);
    }
    store_measure(store, &usage);
    assert_true(usage.grown >= 3 && usage.used_bytes <= usage.map_bytes);
    close_store();
    assert_int_equal(open_store(1 << 20, 0), 0); /* smaller than the file: it takes the file's */
    uint64_t used = usage.used_bytes;
    store_measure(store, &usage);
    assert_true(usage.map_bytes >= used);
    assert_int_equal(store_begin_read(store, &read), 0);
    for (uint64_t i = 0; i < 4000; i++)
        assert_true(has(read, i, 3000) == (i % 1000 != 0));
    transaction_end(read);
    assert_int_equal(store_begin_write(store, &write), 0);
    for (uint64_t i = 4000; i < 5000; i++)
        assert_int_equal(put(write, i, 3000), 0);
    assert_int_equal(transaction_commit(write), 0);
    store_measure(store, &usage);
    assert_int_equal(usage.grown, 1); /* from the file's size, not from what was asked for */
}

static void a_map_at_its_end_is_an_error_that_stays(void **state)
{
    (void)state;
    struct transaction *write;
    int status = 0;
    assert_int_equal(open_store(1 << 20, 4 << 20), 0);
    assert_int_equal(store_begin_write(store, &write), 0);
    for (uint64_t i = 0; status == 0 && i < 10000; i++)
        status = put(write, i, 3000);
    assert_int_equal(status, -ENOSPC);
    assert_int_equal(transaction_commit(write), -ENOSPC);
    assert_int_equal(store_begin_write(store, &write), -ENOSPC);
    assert_int_equal(store_error(store), -ENOSPC);
}

static void nothing_is_written_behind_a_failed_fsync(void **state)
{
    (void)state;
    struct transaction *write, *read;
    assert_int_equal(open_store(1 << 20, 0), 0);
    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(put(write, 1, 100), 0);
    assert_int_equal(transaction_commit(write), 0);

    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(put(write, 2, 100), 0);
    syncs_until_failure = 0;
    assert_int_equal(transaction_commit(write), -EIO);
    assert_int_equal(syncs_until_failure, -1);                /* the fault was met */
    assert_int_equal(store_begin_write(store, &write), -EIO); /* though LMDB itself would go on */
    assert_int_equal(store_error(store), -EIO);

    close_store(); /* the process ends and starts again: the last good turn is there */
    assert_int_equal(open_store(1 << 20, 0), 0);
    assert_int_equal(store_begin_read(store, &read), 0);
    assert_true(has(read, 1, 100));
    assert_false(has(read, 2, 100));
    transaction_end(read);
    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(put(write, 2, 100), 0);
    assert_int_equal(transaction_commit(write), 0);
}

static void a_store_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    struct transaction *write;
    char file[FOLDER_BYTES + 32];
    syncs_until_failure = 0; /* the disk fails while the file is being made */
    assert_int_equal(open_store(1 << 20, 0), -EIO);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(open_store(1 << 20, 0), 0);
    assert_int_equal(store_begin_write(store, &write), 0);
    transaction_end(write);
    close_store();
    (void)snprintf(file, sizeof file, "%s/data.mdb", path);
    (void)unlink(file);
    assert_int_equal(open_store(1 << 20, 0), -ENOTEMPTY); /* never over something else */
}

static void a_folder_of_garbage_does_not_open(void **state)
{
    (void)state;
    char file[FOLDER_BYTES + 32];
    (void)snprintf(file, sizeof file, "%s/data.mdb", path);
    assert_int_equal(mkdir(path, 0700), 0);
    FILE *garbage = fopen(file, "wb");
    for (int i = 0; i < 65536; i++)
        (void)fputc(i * 7, garbage);
    (void)fclose(garbage);
    assert_int_equal(open_store(1 << 20, 0), -EBADMSG);
}

/* ---- with a redo file ---------------------------------------------------------------------- */

enum {
    LARGE_VALUES = 4000 /* of 3,000 bytes: more than the redo file holds */
};

static void commit(uint64_t number, size_t size)
{
    struct transaction *write;
    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(put(write, number, size), 0);
    assert_int_equal(transaction_commit(write), 0);
}

static bool holds(uint64_t number, size_t size)
{
    struct transaction *read;
    assert_int_equal(store_begin_read(store, &read), 0);
    bool found = has(read, number, size);
    transaction_end(read);
    return found;
}

/* A process works on the store and dies without closing it. */
static void crash_after(void (*work)(void))
{
    int status;
    (void)fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (open_with(1 << 20, 0, true) == 0)
            work();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void commit_three(void)
{
    commit(1, 8);
    commit(2, 3000);
    commit(1, 16); /* anew */
}

static void what_was_committed_survives_a_crash_before_it_settles(void **state)
{
    (void)state;
    crash_after(commit_three);
    assert_int_equal(open_store(1 << 20, 0), 0); /* as those see it who look at the tables alone */
    assert_false(holds(1, 16));
    close_store();
    crash_after(commit_three);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(1, 16) && holds(2, 3000));
    close_store();
    assert_int_equal(open_store(1 << 20, 0), 0);
    assert_true(holds(1, 16) && holds(2, 3000));
}

static void commit_settle_and_remove(void)
{
    struct transaction *write;
    struct key key = key_of1(1, 1);
    commit(1, 8);
    assert_int_equal(store_settle(store), 0);
    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(transaction_remove(write, 0, key_slice(&key)), 0);
    assert_int_equal(transaction_commit(write), 0);
    assert_int_equal(store_settle(store), 0);
}

static void what_the_tables_hold_is_not_done_again(void **state)
{
    (void)state;
    crash_after(commit_settle_and_remove);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_false(holds(1, 8));
}

static void an_entry_torn_by_a_power_cut_ends_the_reading(void **state)
{
    (void)state;
    char file[FOLDER_BYTES + 32];
    crash_after(commit_three);
    (void)snprintf(file, sizeof file, "%s/redo", path);
    FILE *redo = fopen(file, "r+b");
    assert_non_null(redo);
    assert_int_equal(fseek(redo, REDO_PAGE + 1000, SEEK_SET), 0);
    (void)fputc('!', redo); /* in the second entry */
    (void)fclose(redo);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(1, 8));
    assert_false(holds(2, 3000));
    commit(3, 8); /* and it goes on */
    close_store();
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(1, 8) && holds(3, 8));
}

static void a_dropped_turn_leaves_those_before_it(void **state)
{
    (void)state;
    struct transaction *write;
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    commit(1, 8);
    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(put(write, 2, 8), 0);
    transaction_end(write);
    assert_true(holds(1, 8));
    assert_false(holds(2, 8));
    assert_int_equal(store_settle(store), 0);
    assert_true(holds(1, 8));
    assert_false(holds(2, 8));
}

static void commit_large(void)
{
    struct transaction *write;
    commit(9000, 8);
    assert_int_equal(store_begin_write(store, &write), 0);
    for (uint64_t i = 0; i < LARGE_VALUES; i++)
        assert_int_equal(put(write, i, 3000), 0);
    assert_int_equal(transaction_commit(write), 0);
    commit(9001, 8);
}

static void a_turn_too_large_for_the_redo_file_goes_into_the_tables(void **state)
{
    (void)state;
    crash_after(commit_large);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(0, 3000) && holds(LARGE_VALUES - 1, 3000) && holds(9000, 8) &&
                holds(9001, 8));
}

static void a_redo_file_that_cannot_be_synced_is_an_error_that_stays(void **state)
{
    (void)state;
    struct transaction *write;
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    commit(1, 8);
    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(put(write, 2, 8), 0);
    syncs_until_failure = 0;
    assert_int_equal(transaction_commit(write), -EIO);
    assert_int_equal(store_begin_write(store, &write), -EIO);
    assert_int_equal(store_settle(store), -EIO);
    close_store();
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(1, 8));
}

static void put_and_defer(struct transaction **write)
{
    assert_int_equal(store_begin_write(store, write), 0);
    assert_int_equal(put(*write, 1, 8), 0);
    transaction_defer(*write);
    assert_int_equal(put(*write, 2, 3000), 0);
    assert_int_equal(put(*write, 1, 16), 0); /* anew */
}

static void commit_deferred(void)
{
    struct transaction *write;
    put_and_defer(&write);
    assert_int_equal(transaction_commit(write), 0);
}

static void what_was_deferred_is_there_after_the_commit(void **state)
{
    (void)state;
    for (int redo = 0; redo < 2; redo++) {
        assert_int_equal(open_with(1 << 20, 0, redo), 0);
        commit_deferred();
        assert_true(holds(1, 16) && holds(2, 3000));
        commit(3, 8);
        assert_int_equal(store_settle(store), 0);
        assert_true(holds(1, 16) && holds(2, 3000) && holds(3, 8));
        close_store();
        tear_down(state);
        set_up(state);
    }
}

static void what_was_deferred_survives_a_crash(void **state)
{
    (void)state;
    crash_after(commit_deferred);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(1, 16) && holds(2, 3000));
}

static void what_was_deferred_goes_with_a_dropped_turn(void **state)
{
    (void)state;
    struct transaction *write;
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    commit(9, 8);
    put_and_defer(&write);
    transaction_end(write);
    assert_true(holds(9, 8));
    assert_false(holds(1, 16) || holds(2, 3000));
    commit(3, 8);
    assert_true(holds(9, 8) && holds(3, 8));
}

static void the_map_grows_while_deferred_changes_are_done(void **state)
{
    (void)state;
    struct transaction *write;
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    commit(9000, 8);
    assert_int_equal(store_begin_write(store, &write), 0);
    transaction_defer(write);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(put(write, i, 3000), 0);
    assert_int_equal(transaction_commit(write), 0);
    assert_true(holds(0, 3000) && holds(999, 3000) && holds(9000, 8));
}

/* ---- a turn so long that a mate files it --------------------------------------------------- */

enum {
    LONG = 600 /* of 200 bytes each: what is noted moves while it is filed, more than once */
};

static void put_long(struct transaction **write)
{
    assert_int_equal(store_begin_write(store, write), 0);
    assert_int_equal(put(*write, 1, 8), 0);
    transaction_defer(*write);
    for (uint64_t i = 0; i < LONG; i++)
        assert_int_equal(put(*write, i, 200), 0);
}

static void commit_long(void)
{
    struct transaction *write;
    put_long(&write);
    assert_int_equal(transaction_commit(write), 0);
}

static void commit_long_ones(void)
{
    commit(9000, 8);
    commit_long();
    assert_true(holds(0, 200) && holds(1, 200) && holds(LONG - 1, 200) && holds(9000, 8));
    commit(9001, 8);
    commit_long();
}

static void a_long_turn_is_there_and_survives_a_crash(void **state)
{
    (void)state;
    crash_after(commit_long_ones);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(0, 200) && holds(1, 200) && holds(LONG - 1, 200) && holds(9000, 8) &&
                holds(9001, 8));
}

static void drop_long(void)
{
    struct transaction *write;
    commit(9000, 8);
    put_long(&write);
    transaction_end(write);
    assert_true(holds(9000, 8) && !holds(1, 200));
}

static void drop_long_and_commit(void)
{
    drop_long();
    commit(9001, 8);
}

static void a_long_turn_that_was_dropped_is_no_entry(void **state)
{
    (void)state;
    crash_after(drop_long);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(9000, 8) && !holds(1, 8) && !holds(1, 200));
    close_store();
    crash_after(drop_long_and_commit);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(9001, 8) && !holds(1, 8) && !holds(1, 200));
}

static void a_long_turn_that_cannot_be_synced_is_an_error_that_stays(void **state)
{
    (void)state;
    struct transaction *write;
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    put_long(&write);
    syncs_until_failure = 0;
    assert_int_equal(transaction_commit(write), -EIO);
    assert_int_equal(store_begin_write(store, &write), -EIO);
}

static void commit_long_and_too_large(void)
{
    struct transaction *write;
    assert_int_equal(store_begin_write(store, &write), 0);
    transaction_defer(write);
    for (uint64_t i = 0; i < LARGE_VALUES; i++)
        assert_int_equal(put(write, i, 3000), 0);
    assert_int_equal(transaction_commit(write), 0);
}

static void a_long_turn_too_large_for_the_redo_file_goes_into_the_tables(void **state)
{
    (void)state;
    crash_after(commit_long_and_too_large);
    assert_int_equal(open_store(1 << 20, 0), 0);
    assert_true(holds(0, 3000) && holds(LARGE_VALUES - 1, 3000));
}

/* ---- what is taken out --------------------------------------------------------------------- */

enum {
    MODEL_KEYS = 900, /* of up to 500 bytes each: pages split, and run empty */
    MODEL_TURNS = 120,
    MODEL_CHANGES = 200
};

/* One turn: runs of neighbours are put or taken out, there or not, as views do it; a long one by the mate. */
static void model_turn(uint16_t sizes[MODEL_KEYS], struct prng *prng)
{
    struct transaction *write;
    bool puts = prng_below(prng, 2);
    assert_int_equal(store_begin_write(store, &write), 0);
    if (prng_below(prng, 4))
        transaction_defer(write);
    for (uint32_t i = 0; i < MODEL_CHANGES;) {
        uint32_t at = (uint32_t)prng_below(prng, MODEL_KEYS), run = (uint32_t)prng_below(prng, 40);
        for (uint32_t end = at + run; at <= end && at < MODEL_KEYS; at++, i++) {
            struct key key = key_of1(1, at);
            bool puts_this = prng_below(prng, 8) ? puts : !puts;
            sizes[at] = puts_this ? (uint16_t)(1 + prng_below(prng, 500)) : 0;
            assert_int_equal(puts_this ? put(write, at, sizes[at])
                                       : transaction_remove(write, 0, key_slice(&key)),
                             0);
        }
    }
    assert_int_equal(transaction_commit(write), 0);
}

static void model_holds(const uint16_t sizes[MODEL_KEYS])
{
    struct transaction *read;
    struct slice value;
    assert_int_equal(store_begin_read(store, &read), 0);
    for (uint32_t i = 0; i < MODEL_KEYS; i++) {
        struct key key = key_of1(1, i);
        int status = transaction_get(read, 0, key_slice(&key), &value);
        assert_int_equal(status, sizes[i] ? 0 : -ENOENT);
        assert_true(status < 0 || value.size == sizes[i]);
    }
    transaction_end(read);
}

static void what_is_put_and_taken_out_in_any_order_is_as_it_was_last_said(void **state)
{
    (void)state;
    static uint16_t sizes[MODEL_KEYS];
    struct prng prng;
    prng_seed(&prng, 7);
    memset(sizes, 0, sizeof sizes);
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    for (int i = 0; i < MODEL_TURNS; i++) {
        model_turn(sizes, &prng);
        model_holds(sizes);
    }
    close_store();
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    model_holds(sizes);
}

/* ---- entries of earlier builds ------------------------------------------------------------- */

/* As redo.c wrote it before an entry could grow. */
struct old_head {
    uint64_t magic, base, number, size;
    uint8_t tag[crypto_onetimeauth_BYTES];
};

/* … and changes.c before heads were short. */
struct old_change {
    uint32_t kind, table;
    size_t key_size, value_size;
};

static uint8_t *lay(uint8_t *at, const void *bytes, size_t size)
{
    memcpy(at, bytes, size);
    return at + size;
}

/* The entry's changes with the heads they had; there is room behind them. */
static void changes_make_old(uint8_t *bytes, uint64_t *size)
{
    static uint8_t shorter[REDO_PAGE];
    struct slice rest = { shorter, *size };
    struct change change;
    uint8_t *at = bytes;
    (void)lay(shorter, bytes, *size);
    while (changes_take(&rest, &change) == 0) {
        struct old_change head = { change.kind, change.table, change.key.size, change.value.size };
        at = lay(at, &head, sizeof head);
        at = lay(at, change.key.data, change.key.size);
        at = lay(at, change.value.data, change.value.size);
    }
    assert_true(rest.size == 0 && at > bytes + *size);
    *size = (uint64_t)(at - bytes);
}

static void redo_make_old(void)
{
    static uint8_t bytes[REDO_PAGE];
    struct old_head *head = (void *)bytes;
    uint8_t key[crypto_onetimeauth_KEYBYTES];
    char file[FOLDER_BYTES + 32];
    (void)snprintf(file, sizeof file, "%s/redo", path);
    FILE *redo = fopen(file, "r+b");
    assert_non_null(redo);
    assert_int_equal(fread(bytes, sizeof bytes, 1, redo), 1);
    assert_memory_equal(bytes, "Y4REDO02", sizeof head->magic);
    head->magic = 0x31304f4445523459;
    changes_make_old(bytes + sizeof *head, &head->size);
    (void)crypto_generichash(key, sizeof key, bytes, offsetof(struct old_head, tag), NULL, 0);
    (void)crypto_onetimeauth(head->tag, bytes + sizeof *head, head->size, key);
    assert_int_equal(fseek(redo, 0, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, sizeof bytes, 1, redo), 1);
    assert_int_equal(fclose(redo), 0);
}

static void an_entry_of_an_earlier_build_is_read(void **state)
{
    (void)state;
    crash_after(commit_three);
    redo_make_old();
    assert_int_equal(open_with(1 << 20, 0, true), 0);
    assert_true(holds(1, 16) && holds(2, 3000));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(entries_are_found_from_both_sides),
        TEST(a_full_map_grows_and_the_turn_stays_whole),
        TEST(a_map_at_its_end_is_an_error_that_stays),
        TEST(nothing_is_written_behind_a_failed_fsync),
        TEST(a_store_is_made_whole_or_not_at_all),
        TEST(a_folder_of_garbage_does_not_open),
        TEST(what_was_committed_survives_a_crash_before_it_settles),
        TEST(what_the_tables_hold_is_not_done_again),
        TEST(an_entry_torn_by_a_power_cut_ends_the_reading),
        TEST(a_dropped_turn_leaves_those_before_it),
        TEST(a_turn_too_large_for_the_redo_file_goes_into_the_tables),
        TEST(a_redo_file_that_cannot_be_synced_is_an_error_that_stays),
        TEST(what_was_deferred_is_there_after_the_commit),
        TEST(what_was_deferred_survives_a_crash),
        TEST(what_was_deferred_goes_with_a_dropped_turn),
        TEST(the_map_grows_while_deferred_changes_are_done),
        TEST(a_long_turn_is_there_and_survives_a_crash),
        TEST(a_long_turn_that_was_dropped_is_no_entry),
        TEST(a_long_turn_that_cannot_be_synced_is_an_error_that_stays),
        TEST(a_long_turn_too_large_for_the_redo_file_goes_into_the_tables),
        TEST(what_is_put_and_taken_out_in_any_order_is_as_it_was_last_said),
        TEST(an_entry_of_an_earlier_build_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
