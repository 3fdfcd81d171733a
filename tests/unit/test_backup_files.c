/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recordings and attachments go into a folder of archives once each, and come back as the trail says or not at all. */
#include <errno.h>
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

#include "dispatcher/journal/backup.h"
#include "dispatcher/journal/backup_files.h"
#include "dispatcher/journal/journal.h"
#include "proto/keys.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/which_suite.h"

enum {
    PATH_BYTES = FOLDER_BYTES + 128,
    SOUND_BYTES = 300000 /* more than a part of an archive */
};

static const char *const programs[] = { "trunk-1", "trunk-2", "console", NULL };

static struct {
    char folder[FOLDER_BYTES];
    char home[PATH_BYTES], file[PATH_BYTES], files[PATH_BYTES], other[PATH_BYTES], city[PATH_BYTES];
    struct journal *journal;
    struct town town;
    uint8_t public_key[ARCHIVE_KEY_BYTES], secret[ARCHIVE_KEY_BYTES];
    struct backup_files_report report;
} at;

static struct pace *at_full_speed(void)
{
    static struct pace pace;
    pace_init(&pace, 0, NULL);
    return &pace;
}

static void name_in(char path[PATH_BYTES], const char *name)
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", at.folder, name);
}

static int set_up(void **state)
{
    (void)state;
    static const char *const folders[] = { "home",
                                           "home/city",
                                           "home/trunk-1",
                                           "home/trunk-1/recordings",
                                           "home/trunk-1/recordings/20261122",
                                           "home/trunk-2",
                                           "home/trunk-2/recordings",
                                           "home/trunk-2/recordings/20261122",
                                           "home/console",
                                           "home/console/attachments",
                                           "files" };
    static const char *const named[] = { "dispatcher" };
    char path[PATH_BYTES];
    if (sodium_init() < 0)
        return -1;
    memset(&at, 0, sizeof at);
    folder_make(at.folder);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        name_in(path, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    name_in(at.home, "home");
    name_in(at.city, "home/city");
    name_in(at.file, "backup");
    name_in(at.files, "files");
    name_in(at.other, "other");
    for (int i = 0; i < 2; i++) {
        name_in(path, i ? "home/city/lines.csv" : "home/settings.conf");
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        (void)fclose(file);
    }
    archive_keys(at.public_key, at.secret);
    town_init(&at.town, 1);
    assert_int_equal(keys_make(at.home, suite_default(), named, 1), 0);
    name_in(path, "home/journal");
    struct journal_settings mine = { .folder = path };
    assert_int_equal(keys_read_bytes(at.home, "vault.key", mine.vault_key, 32), 0);
    assert_int_equal(keys_read_bytes(at.home, "sign.secret", mine.sign_secret, 64), 0);
    assert_int_equal(keys_read_bytes(at.home, "sign.public", mine.sign_public, 32), 0);
    return journal_open(&at.journal, &mine);
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(at.journal);
    folder_remove(at.folder);
    return 0;
}

/* A sealed file below a home, all of one byte. */
static void put(const char *place, uint8_t byte, uint8_t digest[32])
{
    static uint8_t bytes[SOUND_BYTES];
    char path[2 * PATH_BYTES];
    memset(bytes, byte, sizeof bytes);
    suite_digest(which_suite(), bytes, sizeof bytes, digest);
    if (!place)
        return;
    (void)snprintf(path, sizeof path, "%s/%s", at.home, place);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, sizeof bytes, file), sizeof bytes);
    (void)fclose(file);
}

/* As it is said by the suite of the tests; by the first one as it was before there were two. */
static uint32_t algorithm_said(void)
{
    return which_suite() == suite_default() ? 0 : which_suite()->id;
}

static void append_by(enum event_kind kind, const char *file, uint32_t algorithm,
                      const uint8_t digest[32])
{
    struct event event;
    const struct personal *personal;
    const struct stored_event *row;
    town_next(&at.town, &event, &personal);
    event = (struct event){ .seq = event.seq, .at_ms = event.at_ms, .kind = kind };
    if (kind == EVENT_RECORDING_STORED) {
        (void)snprintf(event.recording_stored.file, sizeof event.recording_stored.file, "%s", file);
        memcpy(event.recording_stored.digest, digest, 32);
        event.recording_stored.algorithm = algorithm;
    } else {
        (void)snprintf(event.attachment_stored.server, sizeof event.attachment_stored.server,
                       "console");
        (void)snprintf(event.attachment_stored.file, sizeof event.attachment_stored.file, "%s",
                       file);
        memcpy(event.attachment_stored.digest, digest, 32);
        event.attachment_stored.algorithm = algorithm;
    }
    assert_int_equal(journal_begin(at.journal), 0);
    assert_int_equal(journal_append(at.journal, &event, NULL, &row), 0);
    assert_int_equal(journal_commit(at.journal, at.town.at_ms), 0);
}

static void append(enum event_kind kind, const char *file, const uint8_t digest[32])
{
    append_by(kind, file, algorithm_said(), digest);
}

static void recorded(const char *program, const char *file, uint8_t byte)
{
    char place[PATH_BYTES];
    uint8_t digest[32];
    (void)snprintf(place, sizeof place, "%s/recordings/%s", program, file);
    put(place, byte, digest);
    append(EVENT_RECORDING_STORED, file, digest);
}

static int keep(void)
{
    assert_int_equal(journal_settle(at.journal), 0); /* as it does within a second */
    return backup_files_write(at.home, programs, at.files, at.public_key, at_full_speed(),
                              &at.report);
}

static int restore(const uint8_t secret[ARCHIVE_KEY_BYTES])
{
    struct backup_report report;
    int status = backup_write(at.home, at.city, at.file, at.public_key, at_full_speed(), &report);
    if (status == 0)
        status = backup_restore(at.file, at.secret, at.other, &report);
    assert_int_equal(status, 0);
    return backup_files_restore(at.files, secret, at.other, &at.report);
}

static bool is_there(const char *name, uint8_t byte)
{
    static uint8_t bytes[SOUND_BYTES + 1];
    char path[2 * PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", at.other, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    return size == SOUND_BYTES && bytes[0] == byte && memcmp(bytes, bytes + 1, size - 1) == 0;
}

static void sound_and_attachments_come_back_where_they_were(void **state)
{
    (void)state;
    uint8_t digest[32];
    recorded("trunk-1", "20261122/a.tape", 1);
    recorded("trunk-2", "20261122/b.tape", 2);
    put("console/attachments/c.sealed", 3, digest);
    append(EVENT_ATTACHMENT_STORED, "c.sealed", digest);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 3);
    assert_int_equal(restore(at.secret), 0);
    assert_int_equal(at.report.files, 3);
    assert_int_equal(at.report.wrong + at.report.strange, 0);
    assert_true(is_there("trunk-1/recordings/20261122/a.tape", 1));
    assert_true(is_there("trunk-2/recordings/20261122/b.tape", 2));
    assert_true(is_there("console/attachments/c.sealed", 3));
}

static void each_goes_once(void **state)
{
    (void)state;
    recorded("trunk-1", "20261122/a.tape", 1);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 1);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 0);
    recorded("trunk-1", "20261122/b.tape", 2);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 1);
    assert_int_equal(restore(at.secret), 0);
    assert_int_equal(at.report.files, 2);
}

/* The gateway is on another machine, or the file was changed: it is told, and looked for each time. */
static void what_is_missing_or_changed_is_looked_for_again(void **state)
{
    (void)state;
    uint8_t digest[32];
    recorded("trunk-1", "20261122/a.tape", 1);
    put(NULL, 2, digest);
    append(EVENT_RECORDING_STORED, "20261122/b.tape", digest);
    put("trunk-1/recordings/20261122/a.tape", 9, digest);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 0);
    assert_int_equal(at.report.wrong, 1);
    assert_int_equal(at.report.missing, 1);
    put("trunk-1/recordings/20261122/a.tape", 1, digest);
    put("trunk-2/recordings/20261122/b.tape", 2, digest);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 2);
    assert_int_equal(at.report.wrong + at.report.missing, 0);
    assert_int_equal(restore(at.secret), 0);
    assert_int_equal(at.report.files, 2);
}

/* A name of the trail that leads out of its folder is nobody's file. */
static void no_name_leads_out_of_its_folder(void **state)
{
    (void)state;
    static const char *const names[] = { "../../keys/vault.key",
                                         "/etc/passwd",
                                         "20261122/../a",
                                         "20261122/a/b",
                                         ".hidden",
                                         "20261122/.a",
                                         "" };
    uint8_t digest[32] = { 0 };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        append(EVENT_RECORDING_STORED, names[i], digest);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files + at.report.missing + at.report.wrong, 0);
}

/* An older journal does not hold the newer records; another key opens nothing. */
static void what_the_restored_journal_does_not_hold_is_left_out(void **state)
{
    (void)state;
    struct backup_report report;
    uint8_t public_key[ARCHIVE_KEY_BYTES], secret[ARCHIVE_KEY_BYTES];
    recorded("trunk-1", "20261122/a.tape", 1);
    assert_int_equal(journal_settle(at.journal), 0);
    assert_int_equal(
        backup_write(at.home, at.city, at.file, at.public_key, at_full_speed(), &report), 0);
    recorded("trunk-1", "20261122/b.tape", 2);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 2);
    assert_int_equal(backup_restore(at.file, at.secret, at.other, &report), 0);
    archive_keys(public_key, secret);
    assert_int_equal(backup_files_restore(at.files, secret, at.other, &at.report), -EKEYREJECTED);
    assert_int_equal(backup_files_restore(at.files, at.secret, at.other, &at.report), 0);
    assert_int_equal(at.report.files, 1);
    assert_int_equal(at.report.strange, 1);
    assert_true(is_there("trunk-1/recordings/20261122/a.tape", 1));
    assert_false(is_there("trunk-1/recordings/20261122/b.tape", 2));
}

/* Somebody who has the public key writes an archive of their own: the trail says that it is none of its files. */
static void a_swapped_recording_does_not_come_back(void **state)
{
    (void)state;
    struct archive *archive = NULL;
    char path[2 * PATH_BYTES];
    uint8_t forged[1000] = { 7 };
    recorded("trunk-1", "20261122/a.tape", 1);
    (void)snprintf(path, sizeof path, "%s/files-20261122T000000Z-0.backup", at.files);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    assert_int_equal(archive_open(&archive, to, at.public_key), 0);
    assert_int_equal(archive_name(archive, "trunk-1/1"), 0);
    assert_int_equal(archive_bytes(archive, forged, sizeof forged), 0);
    assert_int_equal(archive_finish(archive), 0);
    archive_close(archive);
    (void)fclose(to);
    assert_int_equal(journal_settle(at.journal), 0);
    assert_int_equal(restore(at.secret), 0);
    assert_int_equal(at.report.files, 0);
    assert_int_equal(at.report.wrong, 1);
    assert_false(is_there("trunk-1/recordings/20261122/a.tape", 1));
}

/* A newer gateway's digest, by a suite that this version does not know: it is told, stops nothing, and is looked for again. */
static void a_digest_by_an_unknown_suite_is_told_and_stops_nothing(void **state)
{
    (void)state;
    uint8_t digest[32];
    put("trunk-1/recordings/20261122/z.tape", 1, digest);
    append_by(EVENT_RECORDING_STORED, "20261122/z.tape", 99, digest);
    recorded("trunk-1", "20261122/a.tape", 1);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(keep(), 0);
        assert_int_equal(at.report.wrong, 1);
        assert_int_equal(at.report.files, turn == 0);
    }
}

/* The right octets under the other suite's number are not what was stored. */
static void a_digest_is_held_by_the_suite_it_names(void **state)
{
    (void)state;
    uint8_t digest[32];
    put("trunk-1/recordings/20261122/a.tape", 1, digest);
    append_by(EVENT_RECORDING_STORED, "20261122/a.tape", which_suite()->id == 1 ? 2 : 1, digest);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.wrong, 1);
    append_by(EVENT_RECORDING_STORED, "20261122/a.tape", which_suite()->id, digest);
    assert_int_equal(keep(), 0);
    assert_int_equal(at.report.files, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound_and_attachments_come_back_where_they_were, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_goes_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_missing_or_changed_is_looked_for_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_name_leads_out_of_its_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_restored_journal_does_not_hold_is_left_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_swapped_recording_does_not_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_digest_by_an_unknown_suite_is_told_and_stops_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_digest_is_held_by_the_suite_it_names, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
