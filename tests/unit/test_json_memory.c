/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An object is read while memory runs out: it is read, or it is said that memory ran out, whatever jansson makes of it. Who
 * asks is told to ask again, and not that the words were wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/json.h"
#include "tests/fault/fault.h"

static const char words[] =
    "{\"key\":\"k\",\"incident_register\":{\"category\":230300,\"line\":12345},"
    "\"personal\":{\"number\":\"13800001111\",\"text\":\"路灯不亮\"}}";

static void is_read_or_says_that_memory_ran_out(void **state)
{
    static struct fault_page page;
    char complaint[JSON_COMPLAINT_BYTES];
    (void)state;
    fault_use(&page);
    json_t *object = json_read_object(words, strlen(words), complaint, sizeof complaint);
    uint64_t calls = page.count[FAULT_ALLOCATION];
    assert_non_null(object);
    json_decref(object);
    assert_true(calls > 20);
    for (uint64_t n = 1; n <= calls; n++) {
        page.count[FAULT_ALLOCATION] = page.struck = 0;
        page.at[FAULT_ALLOCATION] = n;
        page.span = 1;
        object = json_read_object(words, strlen(words), complaint, sizeof complaint);
        page.at[FAULT_ALLOCATION] = 0;
        assert_true(object || json_lacked_memory());
        (void)json_lacked_memory();
        json_decref(object);
    }
    fault_use(NULL);
}

/* json_object_set_new() may fail and leave the member out. */
static void what_is_made_is_whole_or_known_to_lack(void **state)
{
    static struct fault_page page;
    (void)state;
    (void)json_lacked_memory();
    for (uint64_t n = 1;; n++) {
        page.count[FAULT_ALLOCATION] = page.struck = 0;
        page.at[FAULT_ALLOCATION] = n;
        page.span = 1;
        fault_use(&page);
        json_t *object = json_pack("{s:b}", "ok", 1);
        if (object)
            (void)json_object_set_new(object, "incident", json_string("7"));
        page.at[FAULT_ALLOCATION] = 0;
        fault_use(NULL);
        bool whole = json_object_get(object, "ok") && json_object_get(object, "incident");
        json_decref(object);
        assert_true(json_lacked_memory() || whole);
        if (page.struck == 0)
            return;
    }
}

static void wrong_words_stay_wrong(void **state)
{
    char complaint[JSON_COMPLAINT_BYTES];
    (void)state;
    assert_null(json_read_object("{\"a\":", 5, complaint, sizeof complaint));
    assert_false(json_lacked_memory());
    assert_null(json_read_object("[]", 2, complaint, sizeof complaint));
    assert_false(json_lacked_memory());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_or_says_that_memory_ran_out),
        cmocka_unit_test(what_is_made_is_whole_or_known_to_lack),
        cmocka_unit_test(wrong_words_stay_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
