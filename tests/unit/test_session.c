/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A cookie opens one person's session, for twelve hours, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "consoles/server/session.h"

static struct sessions *sessions;
static struct signed_in signed_in = { .token_size = 32, .user = { .user = 1001, .roles = 2 } };

static int open_sessions(void **state)
{
    (void)state;
    sessions = sodium_init() < 0 ? NULL : sessions_create();
    return sessions ? 0 : -1;
}

static int close_sessions(void **state)
{
    (void)state;
    sessions_destroy(sessions);
    return 0;
}

static void the_secret_opens_it_until_its_time_is_over(void **state)
{
    (void)state;
    char secret[SESSION_SECRET_BYTES], other[SESSION_SECRET_BYTES];
    struct session *session = sessions_open(sessions, &signed_in, 1000, secret);
    assert_non_null(session);
    assert_int_equal(strlen(secret), 64);
    assert_ptr_equal(sessions_find(sessions, secret, 1000), session);
    assert_int_equal(session->user.user, 1001);
    strcpy(other, secret);
    other[63] = other[63] == '0' ? '1' : '0';
    assert_null(sessions_find(sessions, other, 1000));
    assert_null(sessions_find(sessions, "", 1000));
    assert_null(sessions_find(sessions, "zz", 1000));
    assert_non_null(sessions_find(sessions, secret, 999 + SESSION_LIFE_MS));
    assert_null(sessions_find(sessions, secret, 1000 + SESSION_LIFE_MS));
    sessions_close(sessions, session);
    assert_null(sessions_find(sessions, secret, 1000));
    assert_int_equal(sessions_count(sessions), 0);
}

static void a_full_table_drops_the_oldest_nobody_looks_at(void **state)
{
    (void)state;
    char secret[SESSION_SECRET_BYTES], first[SESSION_SECRET_BYTES], second[SESSION_SECRET_BYTES];
    sessions_open(sessions, &signed_in, 1, first)->screens = 1;
    assert_non_null(sessions_open(sessions, &signed_in, 2, second));
    for (uint32_t i = 2; i < SESSIONS_MAX; i++)
        sessions_open(sessions, &signed_in, 10, secret)->screens = 1;
    struct session *fresh = sessions_open(sessions, &signed_in, 11, secret);
    assert_non_null(fresh);
    assert_non_null(sessions_find(sessions, first, 11));
    assert_null(sessions_find(sessions, second, 11));
    fresh->screens = 1;
    assert_null(sessions_open(sessions, &signed_in, 12, secret));
    assert_int_equal(sessions_count(sessions), SESSIONS_MAX);
}

#define story(test) cmocka_unit_test_setup_teardown(test, open_sessions, close_sessions)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(the_secret_opens_it_until_its_time_is_over),
        story(a_full_table_drops_the_oldest_nobody_looks_at),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
