/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sample city's trees of questions as text that duty officers read and sign, in both languages:
 * tests/golden/trees.txt. After a change on purpose:
 *     build/dev/tests/test_trees --print > tests/golden/trees.txt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/ctl/guide.h"
#include "tests/golden/golden_text.h"

enum {
    TEXT_BYTES = 1 << 20,
    TREES = 10
};

static void write_trees(FILE *out)
{
    struct city *city = NULL;
    if (city_open(&city, "ops/city", NULL, NULL) < 0)
        exit(1);
    for (uint32_t tree = 1; tree <= TREES; tree++)
        for (int chinese = 1; chinese >= 0; chinese--) {
            if (!guide_write(out, city, tree, chinese))
                exit(1);
            (void)fputc('\n', out);
        }
    city_close(city);
}

static void the_trees_are_those_that_were_signed(void **state)
{
    static char now[TEXT_BYTES];
    (void)state;
    FILE *out = fmemopen(now, sizeof now, "w");
    assert_non_null(out);
    write_trees(out);
    (void)fclose(out);
    assert_golden("tests/golden/trees.txt", now);
}

int main(int count, char **words)
{
    if (count > 1 && strcmp(words[1], "--print") == 0) {
        write_trees(stdout);
        return 0;
    }
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_trees_are_those_that_were_signed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
