/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A city with a directory: how long a refusal takes does not tell who exists there, and nobody else waits for it. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/io/checker.h"
#include "dispatcher/io/refusals.h"
#include "tests/unit/folder.h"

/* A directory that knows 1001, by the password "right". */
static struct identified identify(void *owner, const struct sign_in *asked)
{
    (void)owner;
    bool right = strcmp(asked->login, "1001") == 0 && strcmp(asked->password, "right") == 0;
    return (struct identified){ .verdict = right ? PROVIDER_RIGHT : PROVIDER_WRONG };
}

static struct {
    char folder[FOLDER_BYTES];
    struct checker *checker;
} at;

static int set_up(void **state)
{
    static const struct provider directory = { .identify = identify };
    (void)state;
    folder_make(at.folder);
    return checker_open(&at.checker, at.folder, &directory);
}

static int tear_down(void **state)
{
    (void)state;
    checker_close(at.checker);
    folder_remove(at.folder);
    return 0;
}

static enum refusal ask(uint64_t id, const char *login, const char *password, uint64_t mono_ms)
{
    static const struct bus_sender sender;
    const struct checker_who who = { .again = false };
    struct sign_in sign_in = { .id = id };
    (void)text_copy(sign_in.login, sizeof sign_in.login, login);
    (void)text_copy(sign_in.password, sizeof sign_in.password, password);
    return checker_ask(at.checker, &sender, &sign_in, &who, mono_ms);
}

/* Whoever is ready; 0: nobody. */
static uint64_t told(uint64_t mono_ms)
{
    struct checked checked;
    return checker_take(at.checker, &checked, mono_ms) ? checked.id : 0;
}

static uint64_t told_when_checked(uint64_t mono_ms)
{
    struct pollfd fd = { .fd = checker_fd(at.checker), .events = POLLIN };
    assert_int_equal(poll(&fd, 1, 10000), 1);
    return told(mono_ms);
}

static void a_refusal_comes_when_it_was_due_whoever_exists(void **state)
{
    (void)state;
    assert_int_equal(ask(1, "nobody", "guess", 100), REFUSAL_NONE);
    assert_int_equal(told_when_checked(110), 0);
    assert_int_equal(ask(2, "1001", "guess", 150), REFUSAL_NONE);
    assert_int_equal(told_when_checked(900), 0);
    assert_int_equal(checker_wait_ms(at.checker, 900), 200);
    assert_int_equal(told(100 + REFUSALS_LEVEL_MS - 1), 0);
    assert_int_equal(told(100 + REFUSALS_LEVEL_MS), 1);
    assert_int_equal(told(100 + REFUSALS_LEVEL_MS), 0);
    assert_int_equal(told(150 + REFUSALS_LEVEL_MS), 2);
    assert_true(checker_wait_ms(at.checker, 5000) == UINT64_MAX);
}

static void who_is_right_waits_for_nobody(void **state)
{
    (void)state;
    assert_int_equal(ask(1, "nobody", "guess", 100), REFUSAL_NONE);
    assert_int_equal(told_when_checked(110), 0);
    assert_int_equal(ask(2, "1001", "right", 120), REFUSAL_NONE);
    assert_int_equal(told_when_checked(130), 2);
}

/* The pause of who guesses begins with the guess, not with its answer. */
static void guesses_are_counted_while_their_answers_are_held(void **state)
{
    (void)state;
    for (uint64_t i = 1; i <= CHECKER_FREE_TRIES; i++) {
        assert_int_equal(ask(i, "1001", "guess", 110), REFUSAL_NONE);
        assert_int_equal(told_when_checked(110), 0);
    }
    assert_int_equal(ask(9, "1001", "right", 120), REFUSAL_TOO_MANY_TRIES);
}

/* A flood of guesses fills no more than its own list; whoever is right still comes in. */
static void a_flood_lets_the_oldest_go_early_and_keeps_nobody_out(void **state)
{
    (void)state;
    char login[16];
    for (uint64_t i = 1; i <= REFUSALS_MAX; i++) {
        (void)snprintf(login, sizeof login, "x%d", (int)i);
        assert_int_equal(ask(i, login, "guess", i), REFUSAL_NONE);
        assert_int_equal(told_when_checked(i), 0);
    }
    assert_int_equal(ask(REFUSALS_MAX + 1, "x0", "guess", 300), REFUSAL_NONE);
    assert_int_equal(told_when_checked(300), 1);
    assert_int_equal(ask(1000, "1001", "right", 310), REFUSAL_NONE);
    assert_int_equal(told_when_checked(310), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_refusal_comes_when_it_was_due_whoever_exists, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_is_right_waits_for_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(guesses_are_counted_while_their_answers_are_held, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_flood_lets_the_oldest_go_early_and_keeps_nobody_out,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
