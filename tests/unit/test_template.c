/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long a text is, counted as operators count, and what templates may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/segment.h"
#include "dispatcher/city/template.h"

static unsigned count(const char *letter, size_t times, const char *end)
{
    static char words[4096];
    size_t size = strlen(letter);
    for (size_t i = 0; i < times; i++)
        memcpy(words + i * size, letter, size);
    memcpy(words + times * size, end, strlen(end) + 1);
    return segment_count(words, strlen(words));
}

static void a_text_costs_what_the_operator_counts(void **state)
{
    (void)state;
    assert_int_equal(count("a", 160, ""), 1);
    assert_int_equal(count("a", 161, ""), 2);
    assert_int_equal(count("a", 306, ""), 2);
    assert_int_equal(count("a", 307, ""), 3);
    assert_int_equal(count("a", 159, "["), 2);           /* two septets */
    assert_int_equal(count("a", 69, "\xe5\xad\x97"), 1); /* one other letter: 70 in all */
    assert_int_equal(count("a", 70, "\xe5\xad\x97"), 2);
    assert_int_equal(count("\xe5\xad\x97", 134, ""), 2);
    assert_int_equal(count("\xe5\xad\x97", 135, ""), 3);
    assert_int_equal(segment_count("", 0), 1);
}

static void nothing_is_cut_inside_a_character(void **state)
{
    (void)state;
    assert_int_equal(count("[", 76, "a"), 1);
    assert_int_equal(count("[", 152, ""), 2); /* 76 of 153 septets: one stays empty */
    assert_int_equal(count("[", 153, ""), 3);
    assert_int_equal(count("\xf0\x9f\x98\xa8", 66, ""), 2); /* 33 pairs of 67 units */
    assert_int_equal(count("\xf0\x9f\x98\xa8", 67, ""), 3);
}

static void a_template_is_measured_with_its_longest_fields(void **state)
{
    struct template_size size;
    (void)state;
    template_measure("No. {number} until {date}", 1, &size);
    assert_true(size.gsm7 && !size.has_text);
    assert_int_equal(size.units, strlen("No. 20261122000001 until 2026-11-22"));
    template_measure("{text}", 2, &size);
    assert_int_equal(size.room, 306);
    template_measure("\xe7\xad\x94\xe5\xa4\x8d{text}", 2, &size); /* two characters */
    assert_int_equal(size.room, 132);
}

static void what_may_be_read_by_others_tells_nothing(void **state)
{
    char place[32];
    (void)state;
    assert_true(template_bad_place(TEMPLATE_DURESS, "No. {number}: write", place));
    assert_string_equal(place, "{number}");
    assert_true(template_bad_place(TEMPLATE_SURVEY, "{number}{text}", place));
    assert_string_equal(place, "{text}");
    assert_true(template_bad_place(TEMPLATE_RESULT, "{number} {name}", place));
    assert_string_equal(place, "{name}");
    assert_false(template_bad_place(TEMPLATE_RESULT, "{number} {date} {text} {", place));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_costs_what_the_operator_counts),
        cmocka_unit_test(nothing_is_cut_inside_a_character),
        cmocka_unit_test(a_template_is_measured_with_its_longest_fields),
        cmocka_unit_test(what_may_be_read_by_others_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
