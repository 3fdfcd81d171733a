/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The spool keeps its promise over kills and torn writes. */
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

#include "gateways/link/spool.h"

struct seen {
    unsigned count;
    char words[64][16];
};

static char folder[64], path[96];

static void see(void *owner, const uint8_t *bytes, size_t size)
{
    struct seen *seen = owner;
    assert_true(seen->count < 64 && size < 16);
    memcpy(seen->words[seen->count], bytes, size);
    seen->words[seen->count++][size] = 0;
}

static int fresh_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/yihao-spool-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/spool", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static struct spool *open_spool(struct seen *seen)
{
    struct spool *spool = NULL;
    *seen = (struct seen){ 0 };
    assert_int_equal(spool_open(&spool, path, 1000, see, seen), 0);
    return spool;
}

static void append(struct spool *spool, const char *word)
{
    assert_int_equal(spool_append(spool, (const uint8_t *)word, strlen(word)), 0);
}

static void what_was_synced_is_there_after_a_restart(void **state)
{
    (void)state;
    struct seen seen;
    struct spool *spool = open_spool(&seen);
    append(spool, "one");
    append(spool, "two");
    assert_int_equal(spool_sync(spool), 0);
    spool_close(spool);
    spool = open_spool(&seen);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.words[1], "two");
    assert_int_equal(spool_empty(spool), 0);
    append(spool, "three");
    spool_close(spool);
    spool_close(open_spool(&seen));
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.words[0], "three");
}

static void the_epoch_rises_even_when_the_clock_goes_back(void **state)
{
    (void)state;
    struct seen seen = { 0 };
    struct spool *spool = open_spool(&seen);
    uint64_t first = spool_epoch(spool);
    spool_close(spool);
    assert_int_equal(spool_open(&spool, path, 5, see, &seen), 0);
    assert_true(spool_epoch(spool) > first);
    spool_close(spool);
}

/* Whatever was cut off the file's end, whole records before it are read and new ones follow them. */
static void a_torn_tail_costs_only_the_torn_record(void **state)
{
    (void)state;
    struct seen seen;
    struct spool *spool = open_spool(&seen);
    append(spool, "one");
    append(spool, "two");
    spool_close(spool);
    struct stat whole;
    assert_int_equal(stat(path, &whole), 0);
    off_t two = 4 + 16 + 3;
    for (off_t cut = 1; cut <= two; cut++) {
        assert_int_equal(truncate(path, whole.st_size - cut), 0);
        spool = open_spool(&seen);
        assert_int_equal(seen.count, 1);
        append(spool, "TWO");
        spool_close(spool);
        spool_close(open_spool(&seen));
        assert_int_equal(seen.count, 2);
        assert_string_equal(seen.words[1], "TWO");
    }
}

static void a_flipped_bit_ends_the_reading_there(void **state)
{
    (void)state;
    struct seen seen;
    struct spool *spool = open_spool(&seen);
    append(spool, "one");
    append(spool, "two");
    spool_close(spool);
    struct stat whole;
    assert_int_equal(stat(path, &whole), 0);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "x", 1, whole.st_size - 1), 1);
    (void)close(fd);
    spool_close(open_spool(&seen));
    assert_int_equal(seen.count, 1);
}

static void two_processes_cannot_share_a_spool_and_a_strange_file_is_left_alone(void **state)
{
    (void)state;
    struct seen seen;
    struct spool *spool = open_spool(&seen), *second = NULL;
    assert_int_equal(spool_open(&second, path, 1, see, &seen), -EBUSY);
    spool_close(spool);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("somebody's letter", file);
    (void)fclose(file);
    assert_int_equal(spool_open(&second, path, 1, see, &seen), -EBADMSG);
}

static void a_full_spool_refuses(void **state)
{
    (void)state;
    struct seen seen;
    struct spool *spool = open_spool(&seen);
    uint8_t *big = calloc(1, SPOOL_RECORD_MAX + 1);
    assert_non_null(big);
    assert_int_equal(spool_append(spool, big, SPOOL_RECORD_MAX + 1), -EMSGSIZE);
    int status = 0;
    for (unsigned i = 0; status == 0 && i < SPOOL_BYTES_MAX / SPOOL_RECORD_MAX + 1; i++)
        status = spool_append(spool, big, SPOOL_RECORD_MAX);
    assert_int_equal(status, -ENOSPC);
    free(big);
    spool_close(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_synced_is_there_after_a_restart, fresh_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(the_epoch_rises_even_when_the_clock_goes_back, fresh_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_torn_tail_costs_only_the_torn_record, fresh_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_flipped_bit_ends_the_reading_there, fresh_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(
            two_processes_cannot_share_a_spool_and_a_strange_file_is_left_alone, fresh_folder,
            remove_folder),
        cmocka_unit_test_setup_teardown(a_full_spool_refuses, fresh_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
