/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dispatcher/io/wish.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct wish_row rows[CITIZEN_WISH_COUNT] = {
    [CITIZEN_WISH_STATUS] = { CITIZEN_WISH_STATUS, 3, { "cx", "查询", "Status" } },
    [CITIZEN_WISH_REOPEN] = { CITIZEN_WISH_REOPEN, 2, { "cb", "重开" } },
    [CITIZEN_WISH_URGE] = { CITIZEN_WISH_URGE, 2, { "催办", "urge" } },
    [CITIZEN_WISH_UNSUBSCRIBE] = { CITIZEN_WISH_UNSUBSCRIBE, 3, { "td", "退订", "stop" } },
};

static void wishes_are_understood_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum citizen_wish wish;
        const char *digits;
    } vectors[] = {
        { "CX", CITIZEN_WISH_STATUS, "" },
        { "ｃｘ", CITIZEN_WISH_STATUS, "" },
        { "  “查询”。", CITIZEN_WISH_STATUS, "" },
        { "STATUS!", CITIZEN_WISH_STATUS, "" },
        { "查询 20261121000123", CITIZEN_WISH_STATUS, "20261121000123" },
        { "查询编号20261121000123", CITIZEN_WISH_STATUS, "20261121000123" },
        { "查询，单号：０００１２３", CITIZEN_WISH_STATUS, "000123" },
        { "status no. 1009-4567", CITIZEN_WISH_STATUS, "10094567" },
        { "20261121000123", CITIZEN_WISH_STATUS, "20261121000123" },
        { "催\n办", CITIZEN_WISH_URGE, "" },
        { "Urge #0123", CITIZEN_WISH_URGE, "0123" },
        { "【重开】", CITIZEN_WISH_REOPEN, "" },
        { "td", CITIZEN_WISH_UNSUBSCRIBE, "" },
        { "Stop.", CITIZEN_WISH_UNSUBSCRIBE, "" },
    };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        enum citizen_wish wish;
        char digits[WISH_DIGITS_BYTES];
        if (!wish_parse(rows, vectors[i].text, &wish, digits))
            print_error("%s\n", vectors[i].text);
        assert_int_equal(wish, vectors[i].wish);
        assert_string_equal(digits, vectors[i].digits);
    }
}

static void whoever_writes_more_wants_a_person(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "。。。",
        "111",
        "123",
        "urge you to come",
        "查询一下我家楼下的水管",
        "stop the noise",
        "不催办",
        "status 12",
        "1234",
        "查询 123456789012345678901234",
        "\xff\xfe",
        "谢谢",
        "help", /* nobody put it into this table */
        "查询查询查询查询查询查询查询查询查询查询查询查询查询查询查询查询查询查询查询",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        enum citizen_wish wish;
        char digits[WISH_DIGITS_BYTES];
        if (wish_parse(rows, texts[i], &wish, digits))
            print_error("%s\n", texts[i]);
        assert_int_equal(wish, CITIZEN_WISH_NONE);
    }
}

static void the_end_of_an_order_number_names_it(void **state)
{
    (void)state;
    assert_true(wish_names("20261121000123", 20261121000123));
    assert_true(wish_names("0123", 20261121000123));
    assert_false(wish_names("123", 20261121000123));
    assert_false(wish_names("0124", 20261121000123));
    assert_false(wish_names("120261121000123", 20261121000123));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wishes_are_understood_as_people_write_them),
        cmocka_unit_test(whoever_writes_more_wants_a_person),
        cmocka_unit_test(the_end_of_an_order_number_names_it),
    };
    return cmocka_run_group_tests_name("wish", tests, NULL, NULL);
}
