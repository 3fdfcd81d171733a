/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table that leaves: its cells, and its words, which are the pages' own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/server/csv.h"
#include "consoles/server/dictionary.h"

static void a_cell_is_never_a_formula_and_quotes_are_doubled(void **state)
{
    struct csv csv;
    (void)state;
    csv_begin(&csv);
    csv_cell(&csv, "=1+1");
    csv_cell(&csv, "say \"no\", twice");
    csv_cell(&csv, "");
    csv_number(&csv, UINT64_MAX);
    csv_end_row(&csv);
    csv_cell(&csv, "\t-2\nlines");
    csv_end_row(&csv);
    static const char wanted[] = "\xEF\xBB\xBF"
                                 "'=1+1,\"say \"\"no\"\", twice\",,18446744073709551615\r\n"
                                 "\"'\t-2\nlines\"\r\n";
    assert_int_equal(csv.rows, 2);
    assert_int_equal(csv.size, sizeof wanted - 1);
    assert_memory_equal(csv.bytes, wanted, csv.size);
    free(csv.bytes);
}

static void a_table_has_an_end(void **state)
{
    struct csv csv;
    static char words[65536];
    (void)state;
    memset(words, 'x', sizeof words - 1);
    csv_begin(&csv);
    for (unsigned i = 0; i < CSV_BYTES_MAX / sizeof words + 1; i++)
        csv_cell(&csv, words);
    assert_true(csv.failed);
    assert_true(csv.size <= CSV_BYTES_MAX);
    free(csv.bytes);
}

static void words_are_those_of_the_pages(void **state)
{
    struct pages *pages;
    struct dictionary *dictionary;
    char words[DICTIONARY_TEXT_BYTES];
    (void)state;
    assert_int_equal(pages_open(&pages, WEB_SOURCE), 0);
    assert_int_equal(dictionary_open(&dictionary, pages), 0);
    assert_true(dictionary_count(dictionary, DICTIONARY_CHINESE) > 1000);
    assert_int_equal(dictionary_count(dictionary, DICTIONARY_CHINESE),
                     dictionary_count(dictionary, DICTIONARY_ENGLISH));
    assert_string_equal(
        dictionary_say(dictionary, DICTIONARY_CHINESE, "incident_state", "told", words), "待评价");
    assert_string_equal(
        dictionary_say(dictionary, DICTIONARY_ENGLISH, "incident_state", "told", words), "Told");
    assert_string_equal(
        dictionary_say(dictionary, DICTIONARY_ENGLISH, "incident_state", "unheard_of", words),
        "unheard_of");
    dictionary_close(dictionary);
    pages_close(pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_is_never_a_formula_and_quotes_are_doubled),
        cmocka_unit_test(a_table_has_an_end),
        cmocka_unit_test(words_are_those_of_the_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
