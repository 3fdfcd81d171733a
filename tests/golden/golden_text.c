/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/golden/golden_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
    WORDS_BYTES = 256 * 1024
};

void assert_golden(const char *path, const char *words)
{
    static char golden[WORDS_BYTES];
    bool write = getenv("YIHAO_GOLDEN") != NULL;
    FILE *file = fopen(path, write ? "w" : "r");
    assert_non_null(file);
    if (write)
        (void)fputs(words, file);
    else
        golden[fread(golden, 1, sizeof golden - 1, file)] = '\0';
    (void)fclose(file);
    if (!write)
        assert_string_equal(words, golden);
}
