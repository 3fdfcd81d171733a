/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cases are found by what was said: Chinese by pairs or by sound, English by words; the erased by nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/views/finder.h"

static struct finding hits[FINDER_HITS_MAX];

static void put(struct finder *finder, uint64_t incident, const char *words)
{
    struct finding of = { .subject = incident, .incident = incident };
    assert_int_equal(finder_put(finder, &of, &words, 1), 0);
}

static uint32_t find(struct finder *finder, const char *words)
{
    bool more;
    return finder_find(finder, words, hits, &more);
}

static void a_case_is_found_by_what_was_said(void **state)
{
    struct finder *finder = finder_open(64U << 20);
    (void)state;
    put(finder, 1, "三楼厨房着火,有老人被困");
    put(finder, 2, "路灯不亮,人民路88号");
    put(finder, 3, "Street lamp broken near 88 Renmin Road");
    put(finder, 4, "厨房漏水");
    assert_int_equal(find(finder, "厨房"), 2);
    assert_int_equal(hits[0].incident, 4); /* the last one first */
    assert_int_equal(find(finder, "厨房 着火"), 1);
    assert_int_equal(hits[0].incident, 1);
    assert_int_equal(find(finder, "除防"), 2); /* as it sounds */
    assert_int_equal(find(finder, "ludeng"), 1);
    assert_int_equal(hits[0].incident, 2);
    assert_int_equal(find(finder, "LAMP broken"), 1);
    assert_int_equal(hits[0].incident, 3);
    assert_int_equal(find(finder, "燃气"), 0);
    assert_int_equal(find(finder, "火"), 0); /* two at least */
    assert_int_equal(find(finder, ""), 0);
    finder_close(finder);
}

static void what_is_erased_is_found_by_nobody(void **state)
{
    struct finder *finder = finder_open(64U << 20);
    (void)state;
    put(finder, 1, "王小明的家,人民路");
    put(finder, 1, "又来电:王小明");
    put(finder, 2, "王小明的邻居");
    assert_int_equal(find(finder, "王小明"), 3);
    assert_int_equal(finder_forget(finder, 1), 2);
    assert_int_equal(find(finder, "王小明"), 1);
    assert_int_equal(hits[0].subject, 2);
    assert_int_equal(finder_forget(finder, 1), 0);
    assert_int_equal(finder_count(finder), 1);
    finder_close(finder);
}

static void a_full_index_stays_within_its_bytes_and_as_it_was(void **state)
{
    enum {
        BYTES = 8 << 20
    };
    struct finder *finder = finder_open(BYTES);
    char words[64];
    uint32_t count = 0;
    (void)state;
    put(finder, 1, "第一件事");
    for (;; count++) {
        struct finding of = { .subject = count + 2, .incident = count + 2 };
        const char *said = words;
        (void)snprintf(words, sizeof words, "case%u street%u 路灯", count, count);
        if (finder_put(finder, &of, &said, 1) < 0)
            break;
    }
    assert_true(count > 1000 && finder_bytes(finder) <= BYTES);
    assert_int_equal(find(finder, "第一件事"), 1);
    assert_int_equal(find(finder, words), 0);
    bool more;
    assert_int_equal(finder_find(finder, "路灯", hits, &more), FINDER_HITS_MAX);
    assert_true(more);
    finder_close(finder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_is_found_by_what_was_said),
        cmocka_unit_test(what_is_erased_is_found_by_nobody),
        cmocka_unit_test(a_full_index_stays_within_its_bytes_and_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
