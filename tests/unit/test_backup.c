/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backup gives the home back as it was, whole or not at all, to the holder of its key alone. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/journal/backup.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/views/views.h"
#include "proto/keys.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/which_suite.h"

enum {
    PATH_BYTES = FOLDER_BYTES + 64,
    TURN = 20 /* events */
};

static struct {
    char folder[FOLDER_BYTES];
    char home[PATH_BYTES], file[PATH_BYTES], city[PATH_BYTES], other[PATH_BYTES];
    struct journal *journal;
    struct town town;
    uint8_t public_key[ARCHIVE_KEY_BYTES], secret[ARCHIVE_KEY_BYTES];
} at;

static void name_in(char path[PATH_BYTES], const char *name)
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", at.folder, name);
}

static void put(const char *folder, const char *name, const char *words)
{
    char path[2 * PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(words, file);
    (void)fclose(file);
}

static int journal_of(const char *home, struct journal **journal)
{
    char path[PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/journal", home);
    struct journal_settings settings = { .folder = path, .suite = which_suite() };
    assert_int_equal(keys_read_bytes(home, "vault.key", settings.vault_key, 32), 0);
    assert_int_equal(keys_read_bytes(home, "sign.secret", settings.sign_secret, 64), 0);
    assert_int_equal(keys_read_bytes(home, "sign.public", settings.sign_public, 32), 0);
    return journal_open(journal, &settings);
}

static int set_up(void **state)
{
    (void)state;
    static const char *const programs[] = { "dispatcher" };
    if (sodium_init() < 0)
        return -1;
    folder_make(at.folder);
    name_in(at.home, "home");
    name_in(at.file, "backup");
    name_in(at.other, "other");
    (void)snprintf(at.city, sizeof at.city, "%s/home/city", at.folder);
    if (mkdir(at.home, 0700) < 0 || mkdir(at.city, 0700) < 0)
        return -1;
    put(at.home, "settings.conf", "city = \"city\"\n");
    put(at.city, "lines.csv", "line\n110\n");
    put(at.city, ".lines.csv.swp", "an editor's");
    archive_keys(at.public_key, at.secret);
    town_init(&at.town, 1);
    return keys_make(at.home, which_suite(), programs, 1) == 0 ? journal_of(at.home, &at.journal)
                                                               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(at.journal);
    at.journal = NULL;
    folder_remove(at.folder);
    return 0;
}

static void live(int count)
{
    for (int i = 0; i < count;) {
        assert_int_equal(journal_begin(at.journal), 0);
        for (int k = 0; k < TURN && i < count; k++, i++) {
            struct event event;
            const struct personal *personal;
            const struct stored_event *row;
            town_next(&at.town, &event, &personal);
            assert_int_equal(journal_append(at.journal, &event, personal, &row), 0);
        }
        assert_int_equal(journal_commit(at.journal, at.town.at_ms), 0);
    }
}

static int back_up(void)
{
    struct backup_report report;
    struct pace pace;
    pace_init(&pace, 0, NULL);
    return backup_write(at.home, at.city, at.file, at.public_key, &pace, &report);
}

static int restore(void)
{
    struct backup_report report;
    return backup_restore(at.file, at.secret, at.other, &report);
}

static uint64_t verified(const char *home)
{
    static struct verify_report report;
    char path[PATH_BYTES + 16];
    uint8_t key[32];
    (void)snprintf(path, sizeof path, "%s/journal", home);
    assert_int_equal(keys_read_bytes(home, "sign.public", key, 32), 0);
    assert_int_equal(journal_verify(path, key, &report), 0);
    assert_true(report.ok);
    return report.records;
}

static bool has(const char *home, const char *name)
{
    char path[2 * PATH_BYTES];
    struct stat facts;
    (void)snprintf(path, sizeof path, "%s/%s", home, name);
    return stat(path, &facts) == 0;
}

static void the_home_comes_back_while_its_dispatcher_runs(void **state)
{
    (void)state;
    uint8_t ours[32], theirs[32];
    struct journal *twin = NULL;
    live(500);
    assert_int_equal(journal_settle(at.journal), 0); /* as it does within a second */
    assert_int_equal(back_up(), 0);
    assert_int_equal(views_digest(journal_views(at.journal), ours), 0);
    live(20); /* nobody waits for a backup */
    assert_int_equal(restore(), 0);
    assert_true(verified(at.other) == 500);
    assert_true(has(at.other, "settings.conf") && has(at.other, "city/lines.csv") &&
                has(at.other, "keys/vault.key"));
    assert_false(has(at.other, "city/.lines.csv.swp"));
    assert_int_equal(journal_of(at.other, &twin), 0);
    assert_int_equal(views_digest(journal_views(twin), theirs), 0);
    assert_memory_equal(ours, theirs, sizeof ours);
    journal_close(twin);
}

/* ---- its pace, by a clock that only its waits turn ----------------------------------------------- */

static struct {
    uint64_t ns, told, told_bytes, at_most;
} turned;

static uint64_t turned_now(void *owner)
{
    (void)owner;
    return turned.ns;
}

static void turned_wait(void *owner, uint64_t ns)
{
    (void)owner;
    turned.ns += ns;
}

static void turned_tell(void *owner, uint64_t bytes, uint64_t bytes_at_most)
{
    (void)owner;
    assert_true(bytes > turned.told_bytes);
    turned.told++;
    turned.told_bytes = bytes;
    turned.at_most = bytes_at_most;
}

static void a_backup_keeps_its_pace_and_says_how_far_it_is(void **state)
{
    (void)state;
    static const struct pace_clock clock = { turned_now, turned_wait, NULL };
    struct pace pace;
    struct backup_report report;
    memset(&turned, 0, sizeof turned);
    live(2000);
    assert_int_equal(journal_settle(at.journal), 0);
    pace_init(&pace, 100000, &clock);
    pace.tell = turned_tell;
    assert_int_equal(backup_write(at.home, at.city, at.file, at.public_key, &pace, &report), 0);
    uint64_t due_ms = report.bytes / 100;
    assert_true(report.bytes > 500000 && pace.bytes == report.bytes);
    assert_in_range(turned.ns / 1000000, due_ms - PACE_SLACK_MS - 2, due_ms + 2);
    assert_true(turned.told > 1 && turned.told <= due_ms / PACE_TELL_MS);
    assert_true(turned.told_bytes <= turned.at_most && report.bytes <= turned.at_most);
    assert_int_equal(restore(), 0);
    assert_true(verified(at.other) == 2000);
}

static void what_a_crash_left_in_the_redo_file_is_in_the_backup(void **state)
{
    (void)state;
    int ended = 0;
    journal_close(at.journal);
    at.journal = NULL;
    pid_t child = fork();
    if (child == 0) { /* dies with all of it in the redo file */
        if (journal_of(at.home, &at.journal) == 0)
            live(50);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(back_up(), 0);
    assert_int_equal(restore(), 0);
    assert_true(verified(at.other) == 50);
}

static void personal_data_is_read_with_the_restored_keys(void **state)
{
    (void)state;
    struct journal *twin = NULL;
    static struct personal ours, theirs;
    live(300);
    assert_int_equal(journal_settle(at.journal), 0);
    assert_int_equal(back_up(), 0);
    assert_int_equal(restore(), 0);
    assert_int_equal(journal_of(at.other, &twin), 0);
    unsigned same = 0;
    for (uint64_t subject = 1; subject <= 100; subject++) {
        int status = journal_personal(at.journal, subject, &ours);
        assert_int_equal(journal_personal(twin, subject, &theirs), status);
        if (status < 0)
            continue;
        assert_string_equal(ours.number, theirs.number);
        assert_string_equal(ours.text, theirs.text);
        same += ours.number[0] != '\0';
    }
    assert_true(same > 0);
    journal_close(twin);
}

static void another_key_opens_nothing(void **state)
{
    (void)state;
    struct backup_report report;
    uint8_t public_key[ARCHIVE_KEY_BYTES], secret[ARCHIVE_KEY_BYTES];
    live(10);
    assert_int_equal(back_up(), 0);
    archive_keys(public_key, secret);
    assert_int_equal(backup_restore(at.file, secret, at.other, &report), -EKEYREJECTED);
    assert_false(has(at.other, "."));
}

/* Changes, or cuts off at, every place of a small backup in turn. */
static void a_changed_or_cut_backup_is_refused_whole(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    assert_int_equal(back_up(), 0);
    FILE *file = fopen(at.file, "r+");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_true(size > 1000 && size < sizeof bytes);
    for (size_t i = 0; i < size; i += 1 + size / 20) {
        uint8_t changed = (uint8_t)(bytes[i] ^ 1);
        assert_int_equal(fseek(file, (long)i, SEEK_SET), 0);
        (void)fputc(changed, file);
        (void)fflush(file);
        assert_int_not_equal(restore(), 0);
        assert_false(has(at.other, "."));
        (void)fseek(file, (long)i, SEEK_SET);
        (void)fputc(bytes[i], file);
        (void)fflush(file);
    }
    for (size_t cut = size - 1; cut > size / 10; cut -= size / 10) {
        assert_int_equal(truncate(at.file, (off_t)cut), 0);
        assert_int_not_equal(restore(), 0);
        assert_false(has(at.other, "."));
    }
    (void)fclose(file);
}

static void nothing_is_written_over(void **state)
{
    (void)state;
    live(5);
    assert_int_equal(back_up(), 0);
    assert_int_equal(back_up(), -EEXIST);
    assert_int_equal(restore(), 0);
    assert_int_equal(restore(), -EEXIST);
}

static void a_journal_comes_back_as_it_was_at_a_time(void **state)
{
    (void)state;
    uint8_t then[32], now[32];
    uint64_t seq = 0, epoch = journal_epoch(at.journal);
    static struct stored_event rows[2], again[2];
    live(400);
    uint64_t until_ms = at.town.at_ms, then_seq = journal_seq(at.journal);
    assert_int_equal(views_digest(journal_views(at.journal), then), 0);
    do
        live(1);
    while (at.town.at_ms == until_ms);
    live(200);
    assert_int_equal(journal_read(at.journal, then_seq - 2, rows, 2), 2);
    journal_close(at.journal);
    at.journal = NULL;
    assert_int_equal(backup_rewind(at.home, until_ms, &seq), 0);
    assert_true(seq >= then_seq && seq < then_seq + 200);
    assert_true(verified(at.home) == seq);
    assert_int_equal(journal_of(at.home, &at.journal), 0);
    assert_true(journal_epoch(at.journal) > epoch);
    assert_int_equal(views_digest(journal_views(at.journal), now), 0);
    assert_int_equal(journal_read(at.journal, then_seq - 2, again, 2), 2);
    assert_memory_equal(rows[1].link, again[1].link, sizeof rows[1].link);
    if (seq == then_seq)
        assert_memory_equal(then, now, sizeof then);
    assert_true(has(at.home, "journal.before/data.mdb"));
}

static void what_was_erased_after_a_backup_is_erased_again(void **state)
{
    (void)state;
    struct personal found;
    live(40);
    uint64_t subject = at.town.calls[0].contact ? at.town.calls[0].contact : 1;
    assert_int_equal(journal_personal(at.journal, subject, &found), 0);
    uint64_t seq = journal_seq(at.journal);
    journal_close(at.journal);
    at.journal = NULL;
    assert_int_equal(backup_erase(at.home, &subject, 1), 0);
    assert_true(verified(at.home) == seq);
    assert_int_equal(journal_of(at.home, &at.journal), 0);
    assert_int_equal(journal_personal(at.journal, subject, &found), -EKEYREVOKED);
    assert_int_equal(backup_erase(at.home, &subject, 1), -EBUSY);
}

static void a_running_dispatchers_journal_is_not_brought_back(void **state)
{
    (void)state;
    uint64_t seq;
    live(5);
    /* flock() is of the opening: this process's second one is refused like another process's. */
    assert_int_equal(backup_rewind(at.home, at.town.at_ms, &seq), -EBUSY);
    live(5);
}

static void names_stay_below_their_folder(void **state)
{
    (void)state;
    static const char *const bad[] = { "",        "/etc/passwd", "../x", "a/../b", "a/b/c", "a/",
                                       ".hidden", "a/.b",        "a b",  "a\nb",   "城市" };
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(archive_name_is_good(bad[i], strlen(bad[i])));
    assert_true(archive_name_is_good("keys/trunk-1.secret", 19));
    assert_false(archive_name_is_good("a\0b", 3));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_home_comes_back_while_its_dispatcher_runs),
        TEST(a_backup_keeps_its_pace_and_says_how_far_it_is),
        TEST(what_a_crash_left_in_the_redo_file_is_in_the_backup),
        TEST(personal_data_is_read_with_the_restored_keys),
        TEST(another_key_opens_nothing),
        TEST(a_changed_or_cut_backup_is_refused_whole),
        TEST(nothing_is_written_over),
        TEST(a_journal_comes_back_as_it_was_at_a_time),
        TEST(what_was_erased_after_a_backup_is_erased_again),
        TEST(a_running_dispatchers_journal_is_not_brought_back),
        cmocka_unit_test(names_stay_below_their_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
