/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kill -9 at any moment: a process appends turns and says what was acknowledged; it is killed in the
 * middle; the journal opens, verifies, holds all that was acknowledged, and its views are those that
 * a rebuild makes. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/prng.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/views/views.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    ROUNDS = 50,
    SEED = 31
};

static char folder[FOLDER_BYTES], journal_folder[FOLDER_BYTES + 16];
static struct journal_settings settings;

/* In the child: appends for ever, telling the last durable seq. */
static void victim(int acknowledgements, uint64_t seed)
{
    struct journal *journal;
    struct town town;
    struct prng prng;
    if (journal_open(&journal, &settings) < 0)
        _exit(3);
    town_init(&town, SEED);
    prng_seed(&prng, seed);
    for (uint64_t i = 0; i < journal_seq(journal); i++) {
        struct event event;
        const struct personal *personal;
        town_next(&town, &event, &personal);
    }
    for (;;) {
        if (town_turn(&town, journal, 1 + prng_below(&prng, 12)) < 0)
            _exit(4);
        uint64_t seq = journal_seq(journal);
        if (write(acknowledgements, &seq, sizeof seq) != sizeof seq)
            _exit(5);
    }
}

/* Lets it give `count` acknowledgements, then kills it. Returns the last one that was read. */
static uint64_t kill_after(uint64_t count, uint64_t spin, uint64_t seed)
{
    int pipes[2], status;
    uint64_t acknowledged = 0, seq;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(pipes[0]);
        victim(pipes[1], seed);
    }
    (void)close(pipes[1]);
    for (uint64_t i = 0; i < count && read(pipes[0], &seq, sizeof seq) == sizeof seq; i++)
        acknowledged = seq;
    for (volatile uint64_t i = 0; i < spin; i++)
        continue;
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(pipes[0], &seq, sizeof seq) == sizeof seq)
        acknowledged = seq;
    (void)close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return acknowledged;
}

static void compare_views(uint64_t round)
{
    static struct stored_event rows[64];
    struct journal *journal;
    struct views *replica;
    char path[FOLDER_BYTES + 32];
    uint8_t live[32], rebuilt[32];
    assert_int_equal(journal_open(&journal, &settings), 0);
    (void)snprintf(path, sizeof path, "%s/replica-%u", folder, (unsigned)round);
    assert_int_equal(views_open(&replica, path), 0);
    for (int count; (count = journal_read(journal, views_seq(replica), rows, 64)) > 0;)
        assert_int_equal(views_apply_rows(replica, 1, rows, (uint32_t)count), 0);
    assert_int_equal(views_digest(journal_views(journal), live), 0);
    assert_int_equal(views_digest(replica, rebuilt), 0);
    assert_memory_equal(live, rebuilt, 32);
    views_close(replica);
    journal_close(journal);
}

static void what_was_acknowledged_survives_any_kill(void **state)
{
    (void)state;
    struct prng prng;
    uint64_t before = 0;
    prng_seed(&prng, 8);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t acknowledged =
            kill_after(prng_below(&prng, 20), prng_below(&prng, 3000000), round);
        struct verify_report report;
        int status = journal_verify(journal_folder, settings.sign_public, &report);
        if (status == -ENOENT && acknowledged == 0 && before == 0)
            continue; /* killed before there was a journal */
        assert_int_equal(status, 0);
        assert_true(
            report.ok); /* as far as the tables go; opening finishes what the redo file tells */
        struct journal *journal;
        assert_int_equal(journal_open(&journal, &settings), 0);
        journal_close(journal);
        assert_int_equal(journal_verify(journal_folder, settings.sign_public, &report), 0);
        assert_true(report.ok);
        assert_true(report.records >= acknowledged && report.records >= before);
        before = report.records;
    }
    assert_true(before > 0);
    compare_views(0);
}

static int set_up(void **state)
{
    (void)state;
    uint8_t seed[32] = { 1 };
    if (sodium_init() < 0)
        return -1;
    folder_make(folder);
    (void)snprintf(journal_folder, sizeof journal_folder, "%s/journal", folder);
    settings.folder = journal_folder;
    which_keys(&settings, seed);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_acknowledged_survives_any_kill, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
