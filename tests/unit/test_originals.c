/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is kept of citizens' texts as they came: found again by its call, sealed, and gone in time. */
#include <errno.h>
#include <fcntl.h>
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

#include "gateways/sms/originals.h"

enum {
    DAY_MS = 24 * 3600 * 1000,
    RECORD_BYTES = 2104 /* of 1,999 octets, what seals them, and their key */
};

static const uint8_t key[ORIGINALS_KEY_BYTES] = { 1, 2, 3 };
static const uint64_t wall = 1795000000000; /* 2026-11-18 */
static const struct originals_bounds bounds = { ORIGINALS_DAYS, 7 * RECORD_BYTES + 30 };
static char folder[64];
static struct originals *originals;
static char heard[256];

static int begin(void **state)
{
    (void)state;
    (void)strcpy(folder, "/tmp/yihao-originals-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(originals_open(&originals, folder, key, &bounds), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    originals_tidy(originals, wall + 1000ULL * DAY_MS);
    originals_close(originals);
    return rmdir(folder); /* nothing is left */
}

static bool holds; /* what is kept waits for the flush */

static void keep(uint64_t call, uint8_t index, uint64_t heard_ms, const char *pdu)
{
    struct original one = { call, heard_ms, index, { (const uint8_t *)pdu, strlen(pdu) } };
    originals_keep(originals, &one);
    if (!holds)
        originals_flush(originals);
}

static void hear(void *owner, const struct original *one)
{
    size_t length = strlen(heard);
    (void)owner;
    (void)snprintf(heard + length, sizeof heard - length, "%u:%.*s ", one->index,
                   (int)one->octets.count, (const char *)one->octets.bytes);
}

static int find(const uint8_t *with, uint64_t call, uint32_t *broken)
{
    heard[0] = '\0';
    return originals_find(folder, with, call, hear, NULL, broken);
}

static void each_call_finds_its_own(void **state)
{
    uint32_t broken;
    (void)state;
    keep(7, 1, wall, "first half");
    keep(8, 1, wall, "another");
    keep(7, 2, wall + DAY_MS, "second half"); /* in the next day's file */
    originals_tidy(originals, wall + DAY_MS);
    assert_int_equal(find(key, 7, &broken), 2);
    assert_string_equal(heard, "1:first half 2:second half ");
    assert_int_equal(find(key, 9, &broken), 0);
    assert_int_equal(broken, 0);
    assert_int_equal(originals_failures(originals), 0);
}

static void who_has_not_the_key_reads_nothing(void **state)
{
    static const uint8_t other[ORIGINALS_KEY_BYTES] = { 1, 2, 4 };
    uint32_t broken;
    (void)state;
    keep(7, 1, wall, "words");
    assert_int_equal(find(other, 7, &broken), 0);
    assert_int_equal(broken, 1);
}

static void what_was_altered_or_cut_is_told(void **state)
{
    char path[128];
    uint32_t broken;
    (void)state;
    keep(7, 1, wall, "words");
    keep(7, 2, wall, "more words");
    (void)snprintf(path, sizeof path, "%s/20261118.pdus", folder);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "?", 1, 60), 1);
    assert_int_equal(find(key, 7, &broken), 1);
    assert_string_equal(heard, "2:more words ");
    assert_int_equal(broken, 1);
    assert_int_equal(ftruncate(fd, 84), 0);
    assert_int_equal(find(key, 7, &broken), 0);
    assert_int_equal(broken, 2);
    (void)close(fd);
}

static void nothing_is_kept_for_longer_than_said(void **state)
{
    uint32_t broken;
    (void)state;
    keep(7, 1, wall, "old");
    keep(7, 1, wall + (uint64_t)ORIGINALS_DAYS * DAY_MS, "young");
    originals_tidy(originals, wall + (uint64_t)ORIGINALS_DAYS * DAY_MS);
    assert_int_equal(find(key, 7, &broken), 2);
    originals_tidy(originals, wall + (uint64_t)(ORIGINALS_DAYS + 1) * DAY_MS);
    assert_int_equal(find(key, 7, &broken), 1);
    assert_string_equal(heard, "1:young ");
}

static void the_oldest_make_room(void **state)
{
    char words[2000];
    uint32_t broken;
    (void)state;
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    keep(7, 1, wall, "old");
    for (int i = 0; i < 7; i++)
        keep(8, 1, wall + DAY_MS, words);
    originals_tidy(originals, wall + DAY_MS);
    assert_int_equal(find(key, 7, &broken), 0);
    assert_int_equal(find(key, 8, &broken), 7);
}

static long size_of(const char *name)
{
    char path[128];
    struct stat file;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &file) == 0 ? (long)file.st_size : -1;
}

/* All octets of the day's file; into: 4096. */
static size_t octets_of(const char *name, uint8_t *into)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t size = fread(into, 1, 4096, file);
    (void)fclose(file);
    return size;
}

/* Whoever kept a copy of the sealed octets, and has the gateway's key, opens nothing any more. */
static void what_was_erased_does_not_open(void **state)
{
    static const uint64_t calls[] = { 9, 7 };
    static uint8_t before[4096], after[4096];
    uint32_t broken;
    (void)state;
    keep(7, 1, wall, "mine");
    keep(8, 1, wall, "another's");
    keep(7, 2, wall + DAY_MS, "mine too");
    originals_tidy(originals, wall + DAY_MS);
    size_t keys = octets_of("20261118.keys", before);
    assert_int_equal(originals_erase(originals, calls, 2), 2);
    assert_int_equal(find(key, 7, &broken), 0);
    assert_int_equal(broken, 0); /* no fault: it is gone */
    assert_int_equal(find(key, 8, &broken), 1);
    assert_string_equal(heard, "1:another's ");
    assert_int_equal(octets_of("20261118.keys", after), keys);
    assert_null(memmem(after, keys, before + 8, 32));          /* the key of the first record */
    assert_non_null(memmem(after, keys, before + 40 + 8, 32)); /* and the other's stays */
    assert_int_equal(originals_erase(originals, calls, 2), 0);
    keep(7, 1, wall + DAY_MS, "mine again"); /* later ones are kept */
    assert_int_equal(find(key, 7, &broken), 1);
}

/* Many at once, each under its own key; what no flush gave to the kernel yet is erased all the same. */
static void what_is_held_is_kept_and_erased_like_the_rest(void **state)
{
    static const uint64_t calls[] = { 9 };
    uint32_t broken;
    (void)state;
    holds = true;
    keep(9, 1, wall, "held");
    assert_int_equal(size_of("20261118.pdus"), 0);
    assert_int_equal(originals_erase(originals, calls, 1), 1);
    for (unsigned i = 0; i < 3000; i++)
        keep(10 + i, 1, wall, "one of many");
    assert_true(size_of("20261118.pdus") > 0); /* no more is held than there is room for */
    originals_flush(originals);
    holds = false;
    assert_int_equal(find(key, 9, &broken), 0);
    assert_int_equal(broken, 0);
    for (unsigned i = 0; i < 3000; i += 299)
        assert_int_equal(find(key, 10 + i, &broken), 1);
    assert_int_equal(find(key, 3009, &broken), 1);
    assert_string_equal(heard, "1:one of many ");
    assert_int_equal(size_of("20261118.keys"), 3001 * 40);
}

/* As they were before each had a key: the sealed octets themselves go. */
static void older_files_are_read_and_erased(void **state)
{
    static const uint64_t calls[] = { 7 };
    static const char words[] = "an older one";
    uint8_t plain[17 + sizeof words - 1] = { 7 };
    uint8_t record[4 + 24 + 16 + sizeof plain] = { sizeof record - 4 };
    static uint8_t after[4096];
    char path[128];
    uint32_t broken;
    (void)state;
    plain[16] = 1;
    memcpy(plain + 17, words, sizeof words - 1);
    assert_int_equal(crypto_secretbox_easy(record + 4 + 24, plain, sizeof plain, record + 4, key),
                     0);
    (void)snprintf(path, sizeof path, "%s/20261117", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(record, sizeof record, 1, file), 1);
    (void)fclose(file);
    assert_int_equal(find(key, 7, &broken), 1);
    assert_string_equal(heard, "1:an older one ");
    assert_int_equal(originals_erase(originals, calls, 1), 1);
    assert_int_equal(find(key, 7, &broken), 0);
    assert_int_equal(broken, 0);
    size_t size = octets_of("20261117", after);
    assert_null(memmem(after, size, record + 4 + 24, sizeof plain + 16));
    assert_int_equal(size_of("20261117"), sizeof record);
}

static void a_digest_is_of_the_octets(void **state)
{
    uint8_t one[ORIGINALS_DIGEST_BYTES], other[ORIGINALS_DIGEST_BYTES];
    (void)state;
    original_digest(one, "abc", 3); /* BLAKE2b-256 */
    assert_int_equal(one[0], 0xBD);
    assert_int_equal(one[1], 0xDD);
    original_digest(other, "abd", 3);
    assert_memory_not_equal(one, other, sizeof one);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(each_call_finds_its_own),
        STORY(who_has_not_the_key_reads_nothing),
        STORY(what_was_altered_or_cut_is_told),
        STORY(nothing_is_kept_for_longer_than_said),
        STORY(the_oldest_make_room),
        STORY(what_was_erased_does_not_open),
        STORY(what_is_held_is_kept_and_erased_like_the_rest),
        STORY(older_files_are_read_and_erased),
        STORY(a_digest_is_of_the_octets),
    };
    return cmocka_run_group_tests_name("originals", tests, NULL, NULL);
}
