/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The vault against who has the disk: everything that lies in a home's files, free pages and redo included,
 * is searched for whatever the keys in those files open. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/require.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/vault.h"
#include "dispatcher/store/key.h"
#include "proto/keys.h"
#include "tests/unit/folder.h"

enum {
    SUBJECTS = 600, /* of three branches */
    GONE = 300,
    NEIGHBOUR = 301,
    FILES_MAX = 16,
    WRAPPED = VAULT_KEY_BYTES + VAULT_OVERHEAD_BYTES,
    KEYS_MAX = 64
};

static struct {
    char folder[FOLDER_BYTES], journal_folder[FOLDER_BYTES + 16];
    struct journal_settings settings;
    struct journal *journal;
    uint64_t seq;
} home;

static void open_home(void)
{
    memset(&home.settings, 0, sizeof home.settings);
    home.settings.folder = home.journal_folder;
    assert_int_equal(journal_read_keys(&home.settings, home.folder), 0);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
}

static void reopen(void)
{
    journal_close(home.journal);
    open_home();
}

static void append(uint64_t contact, const char *words)
{
    struct event event = {
        .seq = ++home.seq, .at_ms = home.seq, .contact = contact, .kind = EVENT_OFFER_RANG
    };
    struct personal personal = { .number = "13800001111" };
    const struct stored_event *row;
    (void)snprintf(personal.text, sizeof personal.text, "%s", words);
    assert_int_equal(journal_append(home.journal, &event, &personal, &row), 0);
}

static void say(uint64_t contact, const char *words)
{
    assert_int_equal(journal_begin(home.journal), 0);
    append(contact, words);
    assert_int_equal(journal_commit(home.journal, home.seq), 0);
}

static int set_up(void **state)
{
    (void)state;
    folder_make(home.folder);
    home.seq = 0;
    (void)snprintf(home.journal_folder, sizeof home.journal_folder, "%s/journal", home.folder);
    assert_int_equal(keys_make(home.folder, suite_default(), NULL, 0), 0);
    open_home();
    assert_int_equal(journal_begin(home.journal), 0);
    for (uint64_t contact = 1; contact <= SUBJECTS; contact++)
        append(contact, "a word that was told in confidence");
    return journal_commit(home.journal, home.seq);
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(home.journal);
    folder_remove(home.folder);
    return 0;
}

static void erase(uint64_t subject)
{
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_erase(home.journal, subject), 0);
    assert_int_equal(journal_commit(home.journal, home.seq), 0);
}

static void expect_words(uint64_t subject, int status)
{
    struct personal found;
    assert_int_equal(journal_personal(home.journal, subject, &found), status);
    assert_string_equal(found.text, status == 0 ? "a word that was told in confidence" : "");
}

/* ---- who has the disk ------------------------------------------------------------------------ */

struct thief {
    uint8_t *files[FILES_MAX];
    size_t sizes[FILES_MAX];
    unsigned count;
    uint8_t keys[KEYS_MAX][VAULT_KEY_BYTES]; /* of the level above the one that is sought */
    unsigned key_count;
};

static void take_folder(struct thief *thief, const char *folder)
{
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));) {
        char path[512];
        struct stat about;
        (void)snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
        if (stat(path, &about) < 0 || !S_ISREG(about.st_mode) || about.st_size == 0)
            continue;
        assert_true(thief->count < FILES_MAX);
        size_t size = (size_t)about.st_size;
        uint8_t *bytes = malloc(size);
        FILE *file = fopen(path, "rb");
        assert_non_null(bytes);
        assert_non_null(file);
        assert_int_equal(fread(bytes, 1, size, file), size);
        (void)fclose(file);
        thief->files[thief->count] = bytes;
        thief->sizes[thief->count++] = size;
    }
    (void)closedir(listing);
}

static bool has(const struct thief *thief, const char *words)
{
    for (unsigned i = 0; i < thief->count; i++)
        if (memmem(thief->files[i], thief->sizes[i], words, strlen(words)))
            return true;
    return false;
}

/* Every place of every file that any known key opens as the key that lies there in the tree. */
static void seek(struct thief *thief, unsigned level, uint64_t index)
{
    uint8_t found[KEYS_MAX][VAULT_KEY_BYTES];
    unsigned count = 0;
    struct key place = { .size = 0 };
    if (level > 0)
        key_u8(&place, (uint8_t)level);
    key_u64(&place, index);
    for (unsigned i = 0; i < thief->count; i++)
        for (size_t at = 1; at + WRAPPED <= thief->sizes[i]; at++)
            for (unsigned k = 0; thief->files[i][at - 1] == 1 && k < thief->key_count; k++)
                if (count < KEYS_MAX &&
                    vault_open_bytes(thief->keys[k], key_slice(&place),
                                     (struct slice){ thief->files[i] + at, WRAPPED }, found[count],
                                     VAULT_KEY_BYTES) == VAULT_KEY_BYTES)
                    count++;
    memcpy(thief->keys, found, sizeof found);
    thief->key_count = count;
}

/* How many keys of the subject the home's files give away to who has all of them. */
static unsigned steal(uint64_t subject)
{
    static struct thief thief;
    char path[FOLDER_BYTES + 32];
    thief = (struct thief){ .key_count = 1 };
    (void)snprintf(path, sizeof path, "%s/keys", home.folder);
    take_folder(&thief, path);
    take_folder(&thief, home.journal_folder);
    assert_false(has(&thief, "told in confidence"));
    assert_false(has(&thief, "13800001111"));
    assert_int_equal(keys_read_vault(home.folder, thief.keys[0]), 0);
    for (unsigned level = VAULT_LEVELS + 1; level-- > 0;)
        seek(&thief, level, subject >> (8 * level));
    for (unsigned i = 0; i < thief.count; i++)
        free(thief.files[i]);
    return thief.key_count;
}

/* ---------------------------------------------------------------------------------------------- */

static void a_persons_data_is_gone_after_erasure_from_every_byte_of_every_file(void **state)
{
    (void)state;
    assert_int_equal(journal_settle(home.journal), 0);
    assert_true(steal(GONE) >= 1); /* before, the home's own keys open it */
    erase(GONE);
    expect_words(GONE, -EKEYREVOKED);
    assert_int_equal(journal_settle(home.journal), 0);
    assert_int_equal(steal(GONE), 0);
    assert_true(steal(NEIGHBOUR) >= 1);
    expect_words(NEIGHBOUR, 0);
    reopen();
    expect_words(GONE, -EKEYREVOKED);
    assert_int_equal(steal(GONE), 0);
}

/* The key of a recording's frames; returns its record. */
static uint64_t record(uint64_t contact)
{
    struct event event = {
        .seq = ++home.seq, .at_ms = home.seq, .contact = contact, .kind = EVENT_RECORDING_STORED
    };
    struct personal personal = { .number = "" };
    const struct stored_event *row;
    memset(personal.tape_key, 0x5e, sizeof personal.tape_key);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_append(home.journal, &event, &personal, &row), 0);
    assert_int_equal(journal_commit(home.journal, home.seq), 0);
    return home.seq;
}

static void sound_erased_is_no_byte_anywhere_and_the_words_stay(void **state)
{
    (void)state;
    struct personal found;
    uint64_t seq = record(GONE), sound = vault_sound_of(GONE);
    assert_int_equal(journal_personal_at(home.journal, GONE, seq, &found), 0);
    assert_int_equal(found.tape_key[0], 0x5e);
    assert_int_equal(journal_settle(home.journal), 0);
    assert_true(steal(sound) >= 1);
    erase(sound);
    assert_int_equal(journal_settle(home.journal), 0);
    assert_int_equal(steal(sound), 0);
    assert_true(steal(GONE) >= 1);
    expect_words(GONE, 0);
    reopen();
    assert_int_equal(journal_personal_at(home.journal, GONE, seq, &found), -EKEYREVOKED);
    assert_int_equal(steal(sound), 0);
    expect_words(GONE, 0);
    erase(GONE);
    expect_words(GONE, -EKEYREVOKED);
}

static void all_others_stay_readable_through_many_erasures(void **state)
{
    (void)state;
    for (uint64_t subject = 7; subject <= SUBJECTS; subject += 61)
        erase(subject);
    say(SUBJECTS + 1, "a word that was told in confidence");
    reopen();
    for (uint64_t subject = 1; subject <= SUBJECTS + 1; subject++)
        expect_words(subject, subject % 61 == 7 && subject <= SUBJECTS ? -EKEYREVOKED : 0);
    assert_true(journal_is_erased(home.journal, 7));
    assert_false(journal_is_erased(home.journal, 8));
}

static void an_erased_subject_takes_nothing_more(void **state)
{
    (void)state;
    erase(GONE);
    erase(SUBJECTS + 50); /* who never said anything */
    say(GONE, "a word that was told in confidence");
    say(SUBJECTS + 50, "a word that was told in confidence");
    expect_words(GONE, -EKEYREVOKED);
    struct personal found;
    assert_int_equal(journal_personal(home.journal, SUBJECTS + 50, &found), -ENOENT);
}

/* A crash between the commit and the root's file: the next opening finishes it. */
static void a_root_whose_file_is_behind_follows_when_the_journal_is_opened(void **state)
{
    (void)state;
    uint8_t before[VAULT_KEY_BYTES], after[VAULT_KEY_BYTES], now[VAULT_KEY_BYTES];
    assert_int_equal(keys_read_vault(home.folder, before), 0);
    erase(GONE);
    erase(GONE + 100);
    assert_int_equal(keys_read_vault(home.folder, after), 0);
    assert_memory_not_equal(before, after, sizeof before);
    assert_int_equal(keys_renew_vault(home.folder, before), 0);
    reopen();
    assert_int_equal(keys_read_vault(home.folder, now), 0);
    assert_memory_equal(now, after, sizeof now);
    expect_words(NEIGHBOUR, 0);
}

static void a_root_of_another_home_is_refused(void **state)
{
    (void)state;
    uint8_t root[VAULT_KEY_BYTES], other[VAULT_KEY_BYTES] = { 9 };
    erase(GONE);
    assert_int_equal(keys_read_vault(home.folder, root), 0);
    journal_close(home.journal);
    home.journal = NULL;
    memcpy(home.settings.vault_key, other, sizeof other);
    home.settings.home = NULL;
    assert_int_equal(journal_open(&home.journal, &home.settings), -EKEYREJECTED);
    memcpy(home.settings.vault_key, root, sizeof root);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
    expect_words(NEIGHBOUR, 0);
}

/* As a standby does: its tables follow the leader's, its keys may have been copied sooner or later. */
static void a_standbys_own_file_follows_its_tables(void **state)
{
    (void)state;
    struct store *tables = NULL;
    uint8_t before[VAULT_KEY_BYTES], after[VAULT_KEY_BYTES], now[VAULT_KEY_BYTES],
        later[32] = { 5 };
    assert_int_equal(keys_read_vault(home.folder, before), 0);
    erase(GONE);
    assert_int_equal(keys_read_vault(home.folder, after), 0);
    journal_close(home.journal);
    home.journal = NULL;
    assert_int_equal(journal_open_tables(&tables, home.journal_folder, 1), 0);
    assert_int_equal(keys_renew_vault(home.folder, before), 0);
    assert_int_equal(journal_follow_root(tables, home.folder), 0);
    assert_int_equal(keys_read_vault(home.folder, now), 0);
    assert_memory_equal(now, after, sizeof now);
    assert_int_equal(keys_renew_vault(home.folder, later), 0);
    assert_int_equal(journal_follow_root(tables, home.folder), 0);
    assert_int_equal(keys_read_vault(home.folder, now), 0);
    assert_memory_equal(now, later, sizeof now); /* left alone */
    store_close(tables);
    assert_int_equal(keys_renew_vault(home.folder, after), 0);
}

/* A power cut in the middle of the one file: the other one is whole. */
static void a_torn_root_is_read_from_its_second_file(void **state)
{
    (void)state;
    char path[FOLDER_BYTES + 32];
    erase(GONE);
    (void)snprintf(path, sizeof path, "%s/keys/vault.key", home.folder);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fwrite("torn", 1, 4, file), 4);
    (void)fclose(file);
    reopen();
    expect_words(NEIGHBOUR, 0);
    expect_words(GONE, -EKEYREVOKED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_persons_data_is_gone_after_erasure_from_every_byte_of_every_file),
        TEST(sound_erased_is_no_byte_anywhere_and_the_words_stay),
        TEST(all_others_stay_readable_through_many_erasures),
        TEST(an_erased_subject_takes_nothing_more),
        TEST(a_root_whose_file_is_behind_follows_when_the_journal_is_opened),
        TEST(a_root_of_another_home_is_refused),
        TEST(a_standbys_own_file_follows_its_tables),
        TEST(a_torn_root_is_read_from_its_second_file),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
