/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Only what the table names can be asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/server/route.h"
#include "proto/access.h"

static enum endpoint find(const char *path, uint64_t *number)
{
    const struct route *route = route_find(path, number);
    return route ? route->endpoint : ENDPOINT_NONE;
}

static void paths_are_exact(void **state)
{
    (void)state;
    uint64_t number;
    assert_int_equal(find("/api/v1/query", &number), ENDPOINT_QUERY);
    assert_int_equal(find("/api/v1/query/", &number), ENDPOINT_NONE);
    assert_int_equal(find("/api/v1/Query", &number), ENDPOINT_NONE);
    assert_int_equal(find("/", &number), ENDPOINT_NONE);
    assert_int_equal(find("", &number), ENDPOINT_NONE);
}

static void a_number_stands_behind_the_trail(void **state)
{
    (void)state;
    uint64_t number;
    assert_int_equal(find("/api/v1/trail/17", &number), ENDPOINT_TRAIL);
    assert_true(number == 17);
    assert_int_equal(find("/api/v1/trail/", &number), ENDPOINT_NONE);
    assert_int_equal(find("/api/v1/trail/17x", &number), ENDPOINT_NONE);
    assert_int_equal(find("/api/v1/trail/-1", &number), ENDPOINT_NONE);
    assert_int_equal(find("/api/v1/trail/99999999999999999999", &number), ENDPOINT_NONE);
    assert_int_equal(find("/api/v1/trail/../me", &number), ENDPOINT_NONE);
}

static void only_sign_in_and_health_need_no_session(void **state)
{
    (void)state;
    uint64_t number;
    assert_false(route_find("/api/v1/sign-in", &number)->signed_in);
    assert_false(route_find("/api/v1/health", &number)->signed_in);
    assert_true(route_find("/api/v1/command", &number)->signed_in);
    assert_true(route_find("/api/v1/trail/1", &number)->signed_in);
    assert_false(route_find("/api/v1/recordings/1", &number)->roles & ROLES_DEPARTMENT);
}

static const char *argument(const char *arguments, const char *name)
{
    static char value[8];
    route_argument(arguments, name, value, sizeof value);
    return value;
}

static void an_argument_is_found_by_its_whole_name(void **state)
{
    (void)state;
    assert_string_equal(argument("reason=audit&sealed=1", "sealed"), "1");
    assert_string_equal(argument("sealed=1&reason=audit", "reason"), "audit");
    assert_string_equal(argument("unsealed=1&reason=sealed=1", "sealed"), "");
    assert_string_equal(argument("reason=sealed=1", "sealed"), "");
    assert_string_equal(argument("sealed=10", "sealed"), "10");
    assert_string_equal(argument("sealed", "sealed"), "");
    assert_string_equal(argument("sealed=&sealed=1", "sealed"), ""); /* the first counts */
    assert_string_equal(argument("reason=too-long-for-it", "reason"), "");
    assert_string_equal(argument("", "reason"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_argument_is_found_by_its_whole_name),
        cmocka_unit_test(paths_are_exact),
        cmocka_unit_test(a_number_stands_behind_the_trail),
        cmocka_unit_test(only_sign_in_and_health_need_no_session),
    };
    return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
