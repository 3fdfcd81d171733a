/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two stores of which one takes what the other tells hold the same, and a mark says so; anything but a told
 * write is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/io/turns.h"
#include "dispatcher/store/store.h"
#include "tests/unit/folder.h"

enum {
    TOLD_MAX = 64,
    BYTES_MAX = 4096
};

static struct {
    char folder[FOLDER_BYTES], paths[2][FOLDER_BYTES + 16];
    struct store *leader, *follower;
    int told;
    struct store_mark marks[TOLD_MAX];
    uint8_t bytes[TOLD_MAX][BYTES_MAX];
    size_t sizes[TOLD_MAX];
} at;

static void tell(void *owner, const struct store_mark *before, const struct store_mark *after,
                 struct slice changes)
{
    (void)owner;
    assert_true(at.told < TOLD_MAX && changes.size <= BYTES_MAX);
    assert_true(after->turn == before->turn + 1);
    at.marks[at.told] = *after;
    memcpy(at.bytes[at.told], changes.data, changes.size);
    at.sizes[at.told++] = changes.size;
}

static struct store *open_one(const char *path, store_tell *listener)
{
    static const char *const tables[] = { "first", "second" };
    struct store_settings settings = { .folder = path,
                                       .tables = tables,
                                       .table_count = 2,
                                       .mark_table = 1,
                                       .tell = listener,
                                       .redo = true };
    struct store *store = NULL;
    assert_int_equal(store_open(&store, &settings), 0);
    return store;
}

static int set_up(void **state)
{
    (void)state;
    memset(&at, 0, sizeof at);
    if (sodium_init() < 0)
        return -1;
    folder_make(at.folder);
    for (int i = 0; i < 2; i++) {
        char folder[sizeof at.folder];
        memcpy(folder, at.folder, sizeof folder);
        (void)snprintf(at.paths[i], sizeof at.paths[i], "%s/%d", folder, i);
    }
    at.leader = open_one(at.paths[0], tell);
    at.follower = open_one(at.paths[1], NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(at.leader);
    store_close(at.follower);
    folder_remove(at.folder);
    return 0;
}

static struct slice words(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

static void turn(const char *key, const char *value)
{
    struct transaction *write;
    assert_int_equal(store_begin_write(at.leader, &write), 0);
    if (value)
        assert_int_equal(transaction_put(write, 0, words(key), words(value)), 0);
    else
        assert_int_equal(transaction_remove(write, 0, words(key)), 0);
    assert_int_equal(transaction_commit(write), 0);
}

static int take(struct slice changes)
{
    struct transaction *write;
    assert_int_equal(store_begin_write(at.follower, &write), 0);
    int status = transaction_apply(write, changes);
    if (status < 0)
        transaction_end(write);
    else
        status = transaction_commit(write);
    return status;
}

static void value_is(struct store *store, const char *key, const char *value)
{
    struct transaction *read;
    struct slice found;
    assert_int_equal(store_begin_read(store, &read), 0);
    int status = transaction_get(read, 0, words(key), &found);
    assert_int_equal(status, value ? 0 : -ENOENT);
    if (value)
        assert_memory_equal(found.data, value, strlen(value));
    transaction_end(read);
}

static void who_takes_every_turn_holds_the_same(void **state)
{
    (void)state;
    struct store_mark ours, theirs;
    turn("a", "1");
    turn("b", "2");
    turn("a", NULL);
    turn("b", "3");
    for (int i = 0; i < at.told; i++)
        assert_int_equal(take((struct slice){ at.bytes[i], at.sizes[i] }), 0);
    store_mark(at.leader, &ours);
    store_mark(at.follower, &theirs);
    assert_memory_equal(&ours, &theirs, sizeof ours);
    assert_true(ours.turn == 4);
    value_is(at.follower, "a", NULL);
    value_is(at.follower, "b", "3");
    store_close(at.follower); /* and finds its place again */
    at.follower = open_one(at.paths[1], NULL);
    store_mark(at.follower, &theirs);
    assert_memory_equal(&ours, &theirs, sizeof ours);
}

static void an_opening_tells_what_was_not_settled(void **state)
{
    (void)state;
    turn("a", "1");
    assert_int_equal(store_settle(at.leader), 0);
    store_close(at.leader);
    at.told = 0;
    at.leader = open_one(at.paths[0], tell);
    assert_int_equal(at.told, 0); /* all of it was settled */
    turn("a", "2");
    assert_int_equal(at.told, 1);
    assert_true(at.marks[0].turn == 2);
}

static void journals_that_never_met_have_no_mark_in_common(void **state)
{
    (void)state;
    struct store_mark first, second;
    store_mark(at.leader, &first);
    store_close(at.follower);
    at.follower = open_one(at.paths[1], tell);
    store_mark(at.follower, &second);
    assert_true(first.turn == 0 && second.turn == 0);
    assert_memory_not_equal(first.digest, second.digest, sizeof first.digest);
}

static int assure(void *owner, const struct store_mark *before, const struct store_mark *after,
                  struct slice changes)
{
    assert_true(store_follows(before, changes, after));
    assert_false(store_follows(after, changes, after));
    return *(int *)owner;
}

/* What is not durable elsewhere is not done here either, and nothing is done after it. */
static void a_turn_that_is_not_assured_was_never_made(void **state)
{
    (void)state;
    static const char *const tables[] = { "first", "second" };
    struct store_mark mark, later;
    int answer = 0;
    struct store_settings settings = { .folder = at.paths[1],
                                       .tables = tables,
                                       .table_count = 2,
                                       .mark_table = 1,
                                       .assure = assure,
                                       .assurer = &answer,
                                       .redo = true };
    store_close(at.leader);
    store_close(at.follower);
    at.follower = NULL;
    assert_int_equal(store_open(&at.leader, &settings), 0);
    turn("a", "1");
    turn("a", "2");
    store_mark(at.leader, &mark);
    assert_true(mark.turn == 2);
    answer = -EIO;
    struct transaction *write;
    assert_int_equal(store_begin_write(at.leader, &write), 0);
    assert_int_equal(transaction_put(write, 0, words("a"), words("3")), 0);
    assert_int_equal(transaction_commit(write), -EIO);
    answer = 0;
    assert_int_equal(store_begin_write(at.leader, &write), -EIO);
    store_close(at.leader);
    at.leader = open_one(at.paths[1], NULL);
    value_is(at.leader, "a", "2");
    store_mark(at.leader, &later);
    assert_memory_equal(&mark, &later, sizeof mark);
}

/* Written while nobody listened, it stands nowhere that others know. */
static void a_mark_is_forgotten_when_nobody_listens_any_more(void **state)
{
    (void)state;
    struct store_mark mark;
    turn("a", "1");
    store_close(at.leader);
    at.leader = open_one(at.paths[0], NULL);
    assert_int_equal(store_forget_mark(at.leader), 0);
    store_mark(at.leader, &mark);
    assert_true(mark.turn == 0);
    store_close(at.leader);
    at.leader = open_one(at.paths[0], tell);
    struct store_mark fresh;
    store_mark(at.leader, &fresh);
    assert_true(fresh.turn == 0);
    assert_memory_not_equal(&fresh.digest, &at.marks[0].digest, sizeof fresh.digest);
    value_is(at.leader, "a", "1");
}

static void what_is_no_turn_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[BYTES_MAX];
    turn("key", "value");
    size_t size = at.sizes[0];
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(take((struct slice){ at.bytes[0], cut }), -EBADMSG);
    for (size_t i = 0; i < size; i++) { /* never a crash; a changed value is for the mark to find */
        memcpy(bytes, at.bytes[0], size);
        bytes[i] ^= 0xff;
        (void)take((struct slice){ bytes, size });
    }
}

static void a_head_is_read_as_it_was_written(void **state)
{
    (void)state;
    uint8_t head[TURN_HEAD_BYTES + 1] = { 0 };
    struct store_mark mark = { .turn = 7, .digest = { 1, 2, 3 } }, read;
    enum turn_kind kind;
    turn_head_write(head, TURN_DONE, &mark);
    assert_true(turn_head_read(head, TURN_HEAD_BYTES, &kind, &read));
    assert_int_equal(kind, TURN_DONE);
    assert_memory_equal(&mark, &read, sizeof mark);
    assert_false(turn_head_read(head, TURN_HEAD_BYTES - 1, &kind, &read));
    assert_false(turn_head_read(head, TURN_HEAD_BYTES + 1, &kind, &read)); /* nothing follows it */
    head[0] ^= 1;
    assert_false(turn_head_read(head, TURN_HEAD_BYTES, &kind, &read));
}

/* Dispatchers of two versions speak with each other while one is replaced: these bytes stay. */
static void a_head_on_the_wire_is_what_the_version_before_reads(void **state)
{
    static const uint8_t wire[TURN_HEAD_BYTES] = {
        'Y', 'T', 'R', 'N', 2,  0,  0,  0,  0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
        0,   1,   2,   3,   4,  5,  6,  7,  8,    9,    10,   11,   12,   13,   14,   15,
        16,  17,  18,  19,  20, 21, 22, 23, 24,   25,   26,   27,   28,   29,   30,   31,
    };
    struct store_mark mark = { .turn = 0x0102030405060708 }, read;
    uint8_t head[TURN_HEAD_BYTES];
    enum turn_kind kind;
    (void)state;
    for (uint8_t i = 0; i < sizeof mark.digest; i++)
        mark.digest[i] = i;
    turn_head_write(head, TURN_GIVEN, &mark);
    assert_memory_equal(head, wire, sizeof wire);
    assert_true(turn_head_read(wire, sizeof wire, &kind, &read));
    assert_int_equal(kind, TURN_GIVEN);
    assert_memory_equal(&read, &mark, sizeof mark);
    static const enum turn_kind kinds[] = { TURN_FOLLOW, TURN_GIVEN,   TURN_DONE,
                                            TURN_BEAT,   TURN_UNKNOWN, TURN_LEAD };
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        assert_int_equal(kinds[i], i + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(who_takes_every_turn_holds_the_same),
        TEST(an_opening_tells_what_was_not_settled),
        TEST(journals_that_never_met_have_no_mark_in_common),
        TEST(a_turn_that_is_not_assured_was_never_made),
        TEST(a_mark_is_forgotten_when_nobody_listens_any_more),
        TEST(what_is_no_turn_is_refused),
        TEST(a_head_is_read_as_it_was_written),
        cmocka_unit_test(a_head_on_the_wire_is_what_the_version_before_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
