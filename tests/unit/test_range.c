/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An auditor who jumps in a recording gets the bytes meant, and never another file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/server/range.h"

static void expect(const char *header, enum range_kind kind, uint64_t offset, uint64_t size)
{
    struct range range = range_read(header, 1000);
    assert_int_equal(range.kind, kind);
    assert_int_equal(range.offset, offset);
    assert_int_equal(range.size, size);
}

static void the_bytes_meant_are_found(void **state)
{
    (void)state;
    expect("", RANGE_WHOLE, 0, 1000);
    expect("bytes=0-", RANGE_PART, 0, 1000);
    expect("bytes=0-0", RANGE_PART, 0, 1);
    expect("bytes=500-", RANGE_PART, 500, 500);
    expect("bytes=500-2000", RANGE_PART, 500, 500);
    expect("bytes=-100", RANGE_PART, 900, 100);
    expect("bytes=-2000", RANGE_PART, 0, 1000);
    expect("bytes=999-999", RANGE_PART, 999, 1);
}

static void what_cannot_be_is_said_and_nonsense_is_no_range(void **state)
{
    (void)state;
    expect("bytes=1000-", RANGE_UNSATISFIABLE, 0, 0);
    expect("bytes=-0", RANGE_UNSATISFIABLE, 0, 0);
    expect("bytes=5-4", RANGE_WHOLE, 0, 1000);
    expect("bytes=", RANGE_WHOLE, 0, 1000);
    expect("bytes=-", RANGE_WHOLE, 0, 1000);
    expect("bytes=0-1,5-6", RANGE_WHOLE, 0, 1000);
    expect("bytes=99999999999999999999-", RANGE_WHOLE, 0, 1000);
    expect("lines=1-2", RANGE_WHOLE, 0, 1000);
}

static void a_path_never_leaves_its_folder(void **state)
{
    (void)state;
    assert_true(range_path_is_plain("20261121/17.wav"));
    static const char *const bad[] = { "",   "/etc/passwd", "..", "a/../b", "a//b",
                                       "a/", "./a",         ".a", "a/.b",   "a\nb" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(range_path_is_plain(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bytes_meant_are_found),
        cmocka_unit_test(what_cannot_be_is_said_and_nonsense_is_no_range),
        cmocka_unit_test(a_path_never_leaves_its_folder),
    };
    return cmocka_run_group_tests_name("range", tests, NULL, NULL);
}
