/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A disk that rots under the journal: any bit of its file, turned over, is found or hurts no record, and
 * never ends who looks.   YIHAO_FLIPS: how many (default 60; 10,000 as a longer proof). */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/prng.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/verify.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/which_suite.h"

enum {
    EVENTS = 600,
    FLIPS = 60,
    META_BYTES = 2 * 4096 /* LMDB's two heads: with the newer one gone the older one counts */
};

static struct {
    char folder[FOLDER_BYTES];
    char file[FOLDER_BYTES + 32];
    struct journal_settings settings;
    int fd;
    off_t size;
} home;

static int set_up(void **state)
{
    (void)state;
    uint8_t seed[32] = { 1 };
    struct journal *journal;
    struct town town;
    struct stat facts;
    if (sodium_init() < 0)
        return -1;
    folder_make(home.folder);
    home.settings.folder = home.folder;
    which_keys(&home.settings, seed);
    town_init(&town, 1);
    if (journal_open(&journal, &home.settings) < 0)
        return -1;
    for (int i = 0; i < EVENTS;) {
        assert_int_equal(journal_begin(journal), 0);
        for (int k = 0; k < 100; k++, i++) {
            struct event event;
            const struct personal *personal;
            const struct stored_event *row;
            town_next(&town, &event, &personal);
            assert_int_equal(journal_append(journal, &event, personal, &row), 0);
        }
        assert_int_equal(journal_commit(journal, town.at_ms + 1000), 0);
    }
    assert_int_equal(journal_settle(journal), 0);
    journal_close(journal);
    (void)snprintf(home.file, sizeof home.file, "%s/data.mdb", home.folder);
    home.fd = open(home.file, O_RDWR | O_CLOEXEC);
    assert_int_equal(fstat(home.fd, &facts), 0);
    home.size = facts.st_size;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)close(home.fd);
    folder_remove(home.folder);
    return 0;
}

static void turn_over(off_t at, unsigned bit)
{
    uint8_t byte;
    assert_int_equal(pread(home.fd, &byte, 1, at), 1);
    byte ^= (uint8_t)(1U << bit);
    assert_int_equal(pwrite(home.fd, &byte, 1, at), 1);
}

static struct verify_report look(int *status)
{
    struct verify_report report;
    *status = journal_verify_apart(home.folder, home.settings.sign_public, &report);
    return report;
}

static void every_bit_that_rots_is_found_or_hurts_no_record(void **state)
{
    (void)state;
    const char *wish = getenv("YIHAO_FLIPS");
    long flips = wish ? strtol(wish, NULL, 10) : FLIPS, found = 0, unreadable = 0, ended = 0;
    struct prng prng;
    int status;
    prng_seed(&prng, 4713);
    struct verify_report whole = look(&status);
    assert_true(status == 0 && whole.ok && whole.records == EVENTS && whole.covered == EVENTS);
    for (long i = 0; i < flips; i++) {
        off_t at = (off_t)prng_below(&prng, (uint64_t)home.size);
        unsigned bit = (unsigned)prng_below(&prng, 8);
        turn_over(at, bit);
        struct verify_report report = look(&status);
        if (status < 0)
            unreadable++;
        else if (!report.ok) {
            found++;
            assert_true(report.record >= 1 && report.record <= EVENTS + 1);
            assert_true(report.reason[0] != 0);
            ended += strstr(report.reason, "damaged") != NULL;
        } else if (report.records != EVENTS) {
            assert_true(at <
                        META_BYTES); /* an older state of all: a sealer and a witness know better */
        }                            /* else every record hashes to what was signed */
        turn_over(at, bit);
    }
    print_message("%ld flips: %ld found (%ld ended the reader), %ld unreadable\n", flips, found,
                  ended, unreadable);
    assert_true(found + unreadable > 0 || flips < FLIPS);
    whole = look(&status);
    assert_true(status == 0 && whole.ok && whole.covered == EVENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_bit_that_rots_is_found_or_hurts_no_record, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
