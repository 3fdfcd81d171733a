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
    int file = -1;

    (void)state;
    struct ledger *ledger = opened();
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(file, -1);
    entry_begin(&entry, 1);
    entry_put(&entry, 6);
    ledger_add_lazily(ledger, &entry);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(file, -1);
    add(ledger, 7);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(fdatasync(file), 0);
    assert_int_equal(ledger_unsynced(ledger, &file), 0);
    assert_int_equal(file, -1);
    ledger_close(ledger);
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
    syncer_begin(syncer, &(int){ fileno(file) }, 1);
    assert_true(syncer_is_busy(syncer));
    assert_int_equal(syncer_end(syncer, true), 0);
    assert_false(syncer_is_busy(syncer));
    int files[] = { fileno(file), -1 };
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
        cmocka_unit_test(octets_leave_when_the_sync_that_covers_them_is_over),
        cmocka_unit_test(the_disk_is_waited_for_beside_the_work),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
