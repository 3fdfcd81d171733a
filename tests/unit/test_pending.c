/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a program said in the instant it was killed. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateways/link/pending.h"

static char path[64], heard[256];
static struct pending *pending;

static void hear(void *owner, const uint8_t *bytes, size_t size)
{
    (void)owner;
    (void)strncat(heard, (const char *)bytes, size);
    (void)strncat(heard, " ", 2);
}

static void start(void)
{
    heard[0] = 0;
    assert_int_equal(pending_open(&pending, path, hear, NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/yihao-test-pending-%d", (int)getpid());
    (void)unlink(path);
    start();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pending_close(pending);
    return unlink(path);
}

static uint32_t say(const char *words)
{
    return pending_put(pending, (const uint8_t *)words, strlen(words));
}

static void kill_and_start(void)
{
    pending_close(pending);
    start();
}

static void what_was_not_answered_is_said_again_in_order(void **state)
{
    (void)state;
    struct pending *second = NULL;
    uint32_t first = say("one");
    (void)say("two");
    (void)say("three");
    pending_drop(pending, &first);
    (void)say("four"); /* into the place of one */
    assert_int_equal(pending_open(&second, path, hear, NULL), -EBUSY);
    kill_and_start();
    assert_string_equal(heard, "two three four ");
    kill_and_start(); /* whoever heard them keeps them */
    assert_string_equal(heard, "");
}

static void a_torn_one_was_never_there(void **state)
{
    (void)state;
    uint8_t byte;
    (void)say("whole");
    (void)say("torn");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t file[64 * 1024];
    ssize_t size = read(fd, file, sizeof file);
    const uint8_t *at = memmem(file, (size_t)size, "torn", 4);
    assert_non_null(at);
    byte = 'T';
    assert_int_equal(pwrite(fd, &byte, 1, at - file), 1);
    (void)close(fd);
    kill_and_start();
    assert_string_equal(heard, "whole ");
}

static void too_long_and_too_many_are_left_to_the_spool(void **state)
{
    (void)state;
    static uint8_t much[PENDING_BYTES + 1];
    memset(much, 'x', sizeof much);
    assert_int_equal(pending_put(pending, much, sizeof much), 0);
    assert_int_not_equal(pending_put(pending, much, sizeof much - 1), 0);
    for (int i = 1; i < PENDING_PLACES; i++)
        assert_int_not_equal(say("x"), 0);
    assert_int_equal(say("x"), 0);
    uint32_t seventh = 7;
    pending_drop(pending, &seventh);
    assert_int_equal(seventh, 0);
    assert_int_equal(say("x"), 7);
}

#define FILED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILED(what_was_not_answered_is_said_again_in_order),
        FILED(a_torn_one_was_never_there),
        FILED(too_long_and_too_many_are_left_to_the_spool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
