/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edited copies of the city's tables: what differs, whether it takes a second person, whether the city
 * holds together with it, and how it comes to lie on the disk. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dispatcher/city/amended.h"
#include "dispatcher/city/grid.h"
#include "tests/unit/folder.h"

#define SAMPLE "ops/city"

static char folder[FOLDER_BYTES];
static char told[8192];

static int set_up(void **state)
{
    (void)state;
    folder_make(folder);
    told[0] = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static void write_table(const char *file, const char *words)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(words, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static void read_table(const char *file, char words[4096])
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    words[fread(words, 1, 4095, stream)] = 0;
    assert_int_equal(fclose(stream), 0);
}

static struct grid *open_table(const char *file, enum city_file number, const char *words)
{
    struct grid *grid = NULL;
    write_table(file, words);
    assert_int_equal(grid_open(&grid, folder, number), 0);
    return grid;
}

static void tell(void *owner, enum city_file file, const char *before, const char *after)
{
    (void)owner;
    size_t length = strlen(told);
    (void)snprintf(told + length, sizeof told - length, "%s [%s] [%s]\n", grid_file(file), before,
                   after);
}

static void hear(void *owner, const char *sentence)
{
    (void)owner;
    (void)snprintf(told, sizeof told, "%s", sentence);
}

static void every_table_of_the_sample_can_be_amended(void **state)
{
    (void)state;
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++) {
        struct grid *grid = NULL;
        const char *columns[TABLE_COLUMNS_MAX];
        char key[GRID_KEY_BYTES];
        uint32_t keys;
        assert_int_equal(grid_open(&grid, SAMPLE, file), 0);
        assert_true(grid_count(grid) > 0);
        assert_true(grid_columns(file, columns, &keys) > 1);
        for (uint32_t i = 0; i < grid_count(grid); i++) {
            assert_non_null(grid_cells(grid, i));
            assert_int_equal(grid_key(file, grid_cells(grid, i), key), 0);
        }
        grid_close(grid);
    }
    assert_null(grid_file(CITY_FILE_NONE));
}

static void rows_are_compared_by_what_they_say_not_by_how(void **state)
{
    struct grid *old, *fresh;
    (void)state;
    old = open_table("days.csv", CITY_FILE_DAYS,
                     "day,working,provisional,name_zh\n20260101,no,,元旦\n20260102,no,,元旦\n"
                     "20260104,yes,,补班\n");
    fresh = open_table("days.csv", CITY_FILE_DAYS,
                       "name_zh,day,working\r\n\"元旦\",20260101,no\r\n\r\n\"补, 班\",20260104,yes"
                       "\r\n春节,20260217,no\r\n");
    assert_int_equal(grid_compare(old, fresh, tell, NULL), 0);
    assert_string_equal(told, "days.csv [day=20260102,working=no,name_zh=元旦] []\n"
                              "days.csv [day=20260104,working=yes,name_zh=补班] "
                              "[day=20260104,working=yes,\"name_zh=补, 班\"]\n"
                              "days.csv [] [day=20260217,working=no,name_zh=春节]\n");
    grid_close(old);
    grid_close(fresh);
}

static void what_is_not_changed_keeps_its_bytes(void **state)
{
    struct grid *grid =
        open_table("days.csv", CITY_FILE_DAYS,
                   "day,working,name_zh\n20260101,no,\"元旦\"\n20260103,no,元旦\n20260105,yes,\n");
    size_t size;
    (void)state;
    assert_int_equal(grid_put(grid, "", "day=20260102,working=no,name_zh=元旦", false), 0);
    assert_int_equal(grid_put(grid, "day=20260103,working=no,name_zh=元旦",
                              "day=20260103,working=no,provisional=yes", false),
                     0);
    assert_int_equal(grid_put(grid, "day=20260105,working=yes", "", false), 0);
    char *words = grid_text(grid, &size);
    assert_string_equal(words, "day,working,name_zh,provisional\n20260101,no,\"元旦\",\n"
                               "20260102,no,元旦,\n20260103,no,,yes\n");
    free(words);
    grid_close(grid);
}

static void a_row_that_moved_on_is_not_overwritten(void **state)
{
    struct grid *grid =
        open_table("days.csv", CITY_FILE_DAYS, "day,working\n20260101,no\n20260102,yes\n");
    (void)state;
    assert_int_equal(grid_put(grid, "day=20260101,working=yes", "day=20260101", false), -ESTALE);
    assert_int_equal(grid_put(grid, "", "day=20260101,working=yes", false), -ESTALE);
    assert_int_equal(grid_put(grid, "day=20260109", "", false), -ESTALE);
    assert_int_equal(grid_put(grid, "day=20260101,working=no", "day=20260109,working=no", false),
                     -EBADMSG);                                          /* another row's key */
    assert_int_equal(grid_put(grid, "", "working=no", false), -EBADMSG); /* without a key */
    assert_int_equal(grid_put(grid, "", "day=20260109,colour=red", false), -EBADMSG);
    assert_int_equal(grid_put(grid, "", "", false), -EBADMSG);
    assert_false(grid_is_changed(grid));
    /* Done before, and done again. */
    assert_int_equal(grid_put(grid, "day=20260102", "day=20260102,working=yes", true), 0);
    assert_false(grid_is_changed(grid));
    grid_close(grid);
}

static void what_people_may_do_takes_two(void **state)
{
    static const char clerk[] = "user=1,login=a,name_zh=甲,roles=taker";
    (void)state;
    assert_false(grid_is_grave(CITY_FILE_USERS, clerk, "user=1,login=a,name_zh=乙,roles=taker"));
    assert_true(grid_is_grave(CITY_FILE_USERS, clerk, "user=1,login=a,name_zh=甲,roles=auditor"));
    assert_true(grid_is_grave(CITY_FILE_USERS, clerk,
                              "user=1,login=a,name_zh=甲,roles=taker,phone=sip:x@y"));
    assert_true(grid_is_grave(CITY_FILE_USERS, clerk, ""));
    assert_true(grid_is_grave(CITY_FILE_USERS, "", clerk));
    assert_true(grid_is_grave(CITY_FILE_PARAMETERS, "parameter=retries,value=3",
                              "parameter=retries,value=4"));
    assert_false(grid_is_grave(CITY_FILE_TEMPLATES, "template=result,text_zh=甲",
                               "template=result,text_zh=乙"));
    assert_false(grid_is_grave(CITY_FILE_DAYS, "", "day=20260101"));
}

static void copy_sample(void)
{
    static char words[1 << 20];
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", SAMPLE, grid_file(file));
        FILE *stream = fopen(path, "r");
        assert_non_null(stream);
        words[fread(words, 1, sizeof words - 1, stream)] = 0;
        assert_int_equal(fclose(stream), 0);
        write_table(grid_file(file), words);
    }
}

static void
a_city_is_checked_with_the_change_in_it_and_lies_on_the_disk_only_when_settled(void **state)
{
    char words[4096], path[512];
    struct city *city = NULL, *after = NULL;
    (void)state;
    copy_sample();
    struct amended *amended = amended_open(folder);
    assert_int_equal(amended_put(amended, CITY_FILE_DISTRICTS, "",
                                 "district=320999,name_zh=新区,name_en=New,initials=xq", false),
                     0);
    assert_true(amended_is_grave(amended));
    assert_int_equal(amended_city(amended, &city, hear, NULL), 0);
    assert_true(city_has(city, COMMAND_DISTRICT_DEFINE, 320999));
    assert_int_equal(amended_stage(amended), 0);
    read_table("districts.csv", words);
    assert_null(strstr(words, "320999"));
    assert_int_equal(amended_settle(amended), 0);
    read_table("districts.csv", words);
    assert_non_null(strstr(words, "320999,新区,New,xq"));
    amended_close(amended);
    assert_int_equal(city_open(&after, folder, hear, NULL), 0);
    assert_memory_equal(city_digest(city), city_digest(after), 32);
    city_close(city);
    city_close(after);
    (void)snprintf(path, sizeof path, "%s/.districts.csv.amended", folder);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_change_that_breaks_the_city_is_told_with_file_line_and_cure(void **state)
{
    struct city *city = NULL;
    char path[512];
    (void)state;
    copy_sample();
    struct amended *amended = amended_open(folder);
    assert_int_equal(amended_put(amended, CITY_FILE_DISTRICTS, "",
                                 "district=320999,name_zh=新区,name_en=New", false),
                     0);
    assert_int_equal(amended_put(amended, CITY_FILE_COVERAGE, "",
                                 "coverage=900,kind=engine,district=320998,minimum=1", false),
                     0);
    assert_int_equal(amended_city(amended, &city, hear, NULL), -EINVAL);
    assert_non_null(strstr(told, "coverage.csv:"));
    assert_int_equal(amended_stage(amended), 0);
    (void)snprintf(path, sizeof path, "%s/.coverage.csv.amended", folder);
    assert_int_equal(access(path, F_OK), 0);
    amended_close(amended); /* given up */
    assert_int_equal(access(path, F_OK), -1);
}

static void cells_that_are_no_row_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",     "user", "=1", "user=1,user=2", "user=1\nlogin=2", "colour=red", "user=1,\"login=a",
        "\"\"",
    };
    struct cells cells;
    char record[CELLS_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(cells_read(&cells, SCHEMA_USER_ROW, wrong[i]), -EBADMSG);
    assert_int_equal(
        cells_read(&cells, SCHEMA_USER_ROW, "login=a,\"name_zh=王, \"\"敏\"\"\",phone=,user=1"), 0);
    assert_int_equal(cells_write(&cells, record), 0);
    assert_string_equal(record, "user=1,login=a,\"name_zh=王, \"\"敏\"\"\"");
    assert_string_equal(cells_find(&cells, "name_zh"), "王, \"敏\"");
    assert_string_equal(cells_find(&cells, "phone"), "");
    assert_int_equal(cells_read(&cells, SCHEMA_USER_ROW, "user=1,\"name_zh=王\n敏\t\""), 0);
    assert_int_equal(cells_write(&cells, record), 0);
    assert_string_equal(record, "user=1,\"name_zh=王\n敏\t\"");
    assert_int_equal(cells_read(&cells, SCHEMA_USER_ROW, record), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_of_the_sample_can_be_amended),
        cmocka_unit_test_setup_teardown(rows_are_compared_by_what_they_say_not_by_how, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_changed_keeps_its_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_that_moved_on_is_not_overwritten, set_up, tear_down),
        cmocka_unit_test(what_people_may_do_takes_two),
        cmocka_unit_test_setup_teardown(
            a_city_is_checked_with_the_change_in_it_and_lies_on_the_disk_only_when_settled, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            a_change_that_breaks_the_city_is_told_with_file_line_and_cure, set_up, tear_down),
        cmocka_unit_test(cells_that_are_no_row_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
