/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a message gateway keeps, and what waits for the disk until it is kept. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateways/sms/ledger.h"
#include "gateways/sms/socket.h"
#include "gateways/sms/syncer.h"

static char path[] = "/tmp/yihao-ledger-XXXXXX";
static uint64_t replayed[8];
static unsigned replayed_count;

static void replay(void *owner, struct entry *entry)
{
    (void)owner;
    assert_true(replayed_count < 8);
    replayed[replayed_count++] = entry_get(entry);
}

static struct ledger *opened(void)
{
    struct ledger *ledger = NULL;

    replayed_count = 0;
    assert_int_equal(ledger_open(&ledger, path, replay, NULL), 0);
    return ledger;
}

static void add(struct ledger *ledger, uint64_t number)
{
    static struct entry entry;

    entry_begin(&entry, 1);
    entry_put(&entry, number);
    ledger_add(ledger, &entry);
}

static int begin(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int end(void **state)
{
    (void)state;
    return unlink(path);
}

static void records_come_back_and_the_room_behind_them_is_none(void **state)
{
    struct stat before, after;

    (void)state;
    struct ledger *ledger = opened();
    add(ledger, 1);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(before.st_size, 16); /* its title alone */
    ledger_flush(ledger);
    assert_int_equal(stat(path, &before), 0);
    add(ledger, 2);
    ledger_flush(ledger);
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_size == after.st_size && (uint64_t)after.st_size > ledger_size(ledger));
    ledger_close(ledger);

    ledger = opened();
    assert_int_equal(replayed_count, 2);
    assert_true(replayed[0] == 1 && replayed[1] == 2);
    add(ledger, 3);
    ledger_close(ledger);
    ledger_close(opened());
    assert_int_equal(replayed_count, 3);
}

static void a_torn_record_goes_and_what_follows_it_stays(void **state)
{
    (void)state;
    struct ledger *ledger = opened();
    unsigned known = replayed_count;
    uint64_t size = ledger_size(ledger);
    add(ledger, 4);
    ledger_close(ledger);
    assert_int_equal(truncate(path, (off_t)size + 5), 0);

    ledger = opened();
    assert_int_equal(replayed_count, known);
    add(ledger, 5);
    ledger_close(ledger);
    ledger_close(opened());
    assert_int_equal(replayed_count, known + 1);
    assert_true(replayed[known] == 5);
}

static void only_what_asks_for_it_is_synced(void **state)
{
    static struct entry entry;
    struct unsynced file;

    (void)state;
    struct ledger *ledger = opened();
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(file.fd, -1);
    entry_begin(&entry, 1);
    entry_put(&entry, 6);
    ledger_add_lazily(ledger, &entry);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(file.fd, -1);
    add(ledger, 7);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(unsynced_sync(&file), 0);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(file.fd, -1);
    ledger_close(ledger);
}

static unsigned syncs; /* by which this thread waited for the disk */

/* The linker gives these fsync() and fdatasync() of everything (sms.cmake). */
int __wrap_fdatasync(int file);
int __wrap_fdatasync(int file)
{
    syncs++;
    return (int)syscall(SYS_fdatasync, file);
}

int __wrap_fsync(int file);
int __wrap_fsync(int file)
{
    syncs++;
    return (int)syscall(SYS_fsync, file);
}

static void emit_eight(void *owner, struct ledger *ledger)
{
    (void)owner;
    add(ledger, 8);
}

/* What a process finds that is started after this one was killed. */
static void found(unsigned count, const uint64_t *numbers)
{
    char copy[sizeof path + 8];
    char octets[512];
    struct ledger *ledger = NULL;

    (void)snprintf(copy, sizeof copy, "%s.copy", path);
    FILE *from = fopen(path, "re");
    FILE *to = fopen(copy, "we");
    assert_true(from && to);
    for (size_t size; (size = fread(octets, 1, sizeof octets, from)) > 0;)
        assert_int_equal(fwrite(octets, 1, size, to), size);
    assert_int_equal(fclose(from) | fclose(to), 0);
    replayed_count = 0;
    assert_int_equal(ledger_open(&ledger, copy, replay, NULL), 0);
    ledger_close(ledger);
    assert_int_equal(unlink(copy), 0);
    assert_int_equal(replayed_count, count);
    assert_memory_equal(replayed, numbers, count * sizeof *numbers);
}

static void a_file_is_rewritten_without_waiting_for_the_disk_and_a_kill_loses_nothing(void **state)
{
    struct unsynced file;

    (void)state;
    assert_int_equal(truncate(path, 16), 0); /* its title */
    struct ledger *ledger = opened();
    add(ledger, 1);
    syncs = 0;
    ledger_rewrite(ledger, emit_eight, NULL);
    add(ledger, 2);
    ledger_flush(ledger);
    found(2, (const uint64_t[]){ 1, 2 });     /* the old one, and what came since */
    ledger_rewrite(ledger, emit_eight, NULL); /* before anybody synced the first */
    add(ledger, 3);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(syncs, 0);
    add(ledger, 4);
    ledger_flush(ledger); /* while the disk is at work */
    found(4, (const uint64_t[]){ 1, 2, 3, 4 });
    assert_int_equal(unsynced_sync(&file), 0);
    assert_int_equal(syncs, 2); /* file and folder */
    found(3, (const uint64_t[]){ 8, 3, 4 });
    add(ledger, 5);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_null(file.written);
    assert_int_equal(unsynced_sync(&file), 0);
    found(4, (const uint64_t[]){ 8, 3, 4, 5 });
    ledger_rewrite(ledger, emit_eight, NULL);
    ledger_close(ledger); /* which gives it its name */
    found(1, (const uint64_t[]){ 8 });
}

static struct socket centre;

/* What the other side has of it. */
static void heard(int peer, const char *words)
{
    char octets[16] = "";

    socket_flush(&centre);
    ssize_t count = recv(peer, octets, sizeof octets - 1, MSG_DONTWAIT);
    assert_int_equal(count < 0 ? 0 : count, strlen(words));
    assert_string_equal(octets, words);
}

static void octets_leave_when_the_sync_that_covers_them_is_over(void **state)
{
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    socket_adopt(&centre, pair[0], NULL);
    socket_write(&centre, (const uint8_t *)"one", 3);
    heard(pair[1], "");
    socket_cover(&centre);
    socket_write(&centre, (const uint8_t *)"two", 3); /* while the disk is at work */
    heard(pair[1], "");
    socket_release(&centre);
    heard(pair[1], "one");
    heard(pair[1], "");
    socket_cover(&centre);
    socket_release(&centre);
    heard(pair[1], "two");
    socket_close(&centre);
    (void)close(pair[1]);
}

static void the_disk_is_waited_for_beside_the_work(void **state)
{
    struct syncer *syncer = NULL;

    (void)state;
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_int_equal(syncer_open(&syncer), 0);
    assert_false(syncer_is_busy(syncer));
    syncer_begin(syncer, &(struct unsynced){ .fd = fileno(file) }, 1);
    assert_true(syncer_is_busy(syncer));
    assert_int_equal(syncer_end(syncer, true), 0);
    assert_false(syncer_is_busy(syncer));
    struct unsynced files[] = { { .fd = fileno(file) }, { .fd = -1 } };
    syncer_begin(syncer, files, 2);
    assert_int_equal(syncer_end(syncer, true), -EBADF);
    syncer_begin(syncer, files, 1);
    syncer_close(syncer); /* in the middle of a run */
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back_and_the_room_behind_them_is_none),
        cmocka_unit_test(a_torn_record_goes_and_what_follows_it_stays),
        cmocka_unit_test(only_what_asks_for_it_is_synced),
        cmocka_unit_test(a_file_is_rewritten_without_waiting_for_the_disk_and_a_kill_loses_nothing),
        cmocka_unit_test(octets_leave_when_the_sync_that_covers_them_is_over),
        cmocka_unit_test(the_disk_is_waited_for_beside_the_work),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
