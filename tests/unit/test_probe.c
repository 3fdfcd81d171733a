/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A store whose pages are whole is found whole, whatever was put and removed; a page that is not stops
 * the opening when it would be written again. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/prng.h"
#include "dispatcher/store/key.h"
#include "dispatcher/store/probe.h"
#include "dispatcher/store/store.h"
#include "tests/unit/folder.h"

enum {
    LOG,
    ROWS,
    TABLES,
    ROUNDS = 12,
    CHANGES = 600,
    KEYS = 2000,
    VALUE_BYTES_MAX = 20000, /* some on pages of their own */
    TIME_MS = 60000,
    PAGE = 4096
};

static const char *const names[TABLES] = { "log", "rows" };
static char folder[FOLDER_BYTES], path[FOLDER_BYTES + 16], file[FOLDER_BYTES + 32];
static struct prng prng;
static uint64_t logged;

static int open_it(struct store **store)
{
    const struct store_settings settings = { .folder = path,
                                             .map_bytes = 64 << 20,
                                             .tables = names,
                                             .table_count = TABLES,
                                             .probe_ms = TIME_MS,
                                             .append_only = "log" };
    return store_open(store, &settings);
}

static int set_up(void **state)
{
    (void)state;
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/store", folder);
    (void)snprintf(file, sizeof file, "%s/data.mdb", path);
    prng_seed(&prng, 7);
    logged = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static void change(struct transaction *write)
{
    static uint8_t bytes[VALUE_BYTES_MAX];
    uint64_t size = prng_below(&prng, prng_below(&prng, 20) ? 300 : VALUE_BYTES_MAX);
    struct slice value = { bytes, size };
    struct key next = { .size = 0 }, any = { .size = 0 };
    key_u64(&next, ++logged);
    key_u64(&any, prng_below(&prng, KEYS));
    assert_int_equal(transaction_append(write, LOG, key_slice(&next), value), 0);
    if (prng_below(&prng, 3))
        assert_int_equal(transaction_put(write, ROWS, key_slice(&any), value), 0);
    else
        assert_int_equal(transaction_remove(write, ROWS, key_slice(&any)), 0);
}

static void live(void)
{
    struct store *store;
    struct transaction *write;
    assert_int_equal(open_it(&store), 0);
    for (int turn = 0; turn < 3; turn++) {
        assert_int_equal(store_begin_write(store, &write), 0);
        for (int i = 0; i < CHANGES / 3; i++)
            change(write);
        assert_int_equal(transaction_commit(write), 0);
    }
    store_close(store);
}

static void what_is_whole_is_found_whole(void **state)
{
    (void)state;
    struct probe probe;
    for (int round = 0; round < ROUNDS; round++) {
        live();
        assert_int_equal(probe_file(&probe, path, "log", TIME_MS), 0);
        assert_true(probe.whole && !probe.damaged && probe.pages > 10);
    }
}

static void there_is_an_end_to_it(void **state)
{
    (void)state;
    struct probe probe;
    live();
    assert_int_equal(probe_file(&probe, path, "log", 0), 0);
    assert_true(!probe.whole && !probe.damaged && probe.pages == 0);
}

/* Turns the lower half of every page's head to ones, one page at a time. */
static void a_broken_page_stops_the_opening_unless_it_is_of_the_past(void **state)
{
    (void)state;
    uint8_t head[2], wrong[2] = { 0xff, 0xff };
    int refused = 0, opened = 0;
    live();
    int fd = open(file, O_RDWR | O_CLOEXEC);
    off_t size = lseek(fd, 0, SEEK_END);
    for (off_t at = (off_t)2 * PAGE + 12; at < size; at += PAGE) {
        struct probe probe;
        assert_int_equal(pread(fd, head, sizeof head, at), sizeof head);
        assert_int_equal(pwrite(fd, wrong, sizeof wrong, at), sizeof wrong);
        assert_int_equal(probe_file(&probe, path, "log", TIME_MS), 0);
        if (probe.damaged && probe.written) {
            struct store *store;
            refused++;
            assert_int_equal(open_it(&store), -EBADMSG);
        }
        opened += probe.damaged && !probe.written;
        assert_true(!probe.damaged || probe.written || strcmp(probe.table, "log") == 0);
        assert_int_equal(pwrite(fd, head, sizeof head, at), sizeof head);
    }
    (void)close(fd);
    assert_true(refused > 5 && opened > 5);
    live();
}

static void nothing_there_is_said_so(void **state)
{
    (void)state;
    struct probe probe;
    assert_int_equal(probe_file(&probe, path, "log", TIME_MS), -ENOENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_whole_is_found_whole),
        TEST(there_is_an_end_to_it),
        TEST(a_broken_page_stops_the_opening_unless_it_is_of_the_past),
        TEST(nothing_there_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
