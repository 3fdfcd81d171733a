/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files are named by a table that was read at start, never by a request's path. */
#include <errno.h>
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

#include "consoles/server/pages.h"

static char folder[] = "/tmp/yihao-pages-XXXXXX";

static void put(const char *name, const char *words)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(words, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void known_files_are_served_and_nothing_else(void **state)
{
    (void)state;
    struct pages *pages = NULL;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(pages_open(&pages, folder), -ENOENT); /* no index.html */
    put("index.html", "<!doctype html>");
    make("app");
    put("app/main.js", "export {};");
    put("app/.secret.js", "x");
    put("app/readme.md", "x");
    make("node_modules");
    put("node_modules/a.js", "x");
    assert_int_equal(pages_open(&pages, folder), 0);
    assert_int_equal(pages_count(pages), 2);
    assert_string_equal(pages_find(pages, "/")->bytes ? pages_find(pages, "/")->type : "",
                        "text/html; charset=utf-8");
    const struct page *script = pages_find(pages, "/app/main.js");
    assert_non_null(script);
    assert_int_equal(script->size, 10);
    assert_int_equal(script->etag[0], '"');
    static const char *const strangers[] = { "/app/.secret.js",    "/app/readme.md",
                                             "/node_modules/a.js", "/../etc/passwd",
                                             "/app/../index.html", "",
                                             "index.html",         "/app",
                                             "/app/main.js/",      "//index.html" };
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        assert_null(pages_find(pages, strangers[i]));
    pages_close(pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_files_are_served_and_nothing_else),
    };
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
