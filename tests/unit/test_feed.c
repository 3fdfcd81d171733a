/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every reader gets every event that concerns it, in order, or is told to come again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/server/feed.h"

static const struct audience everybody = { .roles = ROLES_ALL };
static const struct audience auditors = { .roles = ROLES_AUDITOR };
static const struct user_row taker = { .user = 1001, .roles = ROLES_TAKER };

static void add(struct feed *feed, uint64_t seq, const struct audience *audience)
{
    char words[32];
    int size = snprintf(words, sizeof words, "{\"seq\":%llu", (unsigned long long)seq);
    assert_true(feed_add(feed, seq, audience, words, (size_t)size));
}

static void hidden_events_are_passed_over(void **state)
{
    (void)state;
    struct feed *feed = feed_create(10);
    struct feed_event event;
    uint64_t cursor = 10;
    assert_false(feed_next(feed, &taker, false, &cursor, &event));
    add(feed, 11, &auditors);
    add(feed, 12, &everybody);
    add(feed, 13, &auditors);
    assert_true(feed_next(feed, &taker, false, &cursor, &event));
    assert_true(event.seq == 12 && cursor == 12);
    assert_memory_equal(event.words, "{\"seq\":12", event.size);
    assert_false(feed_next(feed, &taker, false, &cursor, &event));
    assert_true(cursor == 13);
    feed_destroy(feed);
}

static void the_ring_forgets_the_oldest(void **state)
{
    (void)state;
    struct feed *feed = feed_create(0);
    struct feed_event event;
    for (uint64_t seq = 1; seq <= FEED_EVENTS; seq++)
        add(feed, seq, &everybody);
    assert_true(feed_reaches(feed, 0));
    assert_false(feed_resumes(feed, 0));
    assert_true(feed_resumes(feed, FEED_EVENTS - FEED_RESUME));
    assert_false(feed_resumes(feed, FEED_EVENTS - FEED_RESUME - 1));
    add(feed, FEED_EVENTS + 1, &everybody);
    assert_false(feed_reaches(feed, 0));
    uint64_t cursor = 1;
    assert_true(feed_reaches(feed, cursor));
    assert_true(feed_next(feed, &taker, false, &cursor, &event));
    assert_true(event.seq == 2);
    feed_destroy(feed);
}

static void nobody_resumes_from_the_future(void **state)
{
    (void)state;
    struct feed *feed = feed_create(100);
    assert_true(feed_resumes(feed, 100));
    assert_false(feed_resumes(feed, 101));
    assert_false(feed_resumes(feed, 99));
    assert_false(feed_resumes(feed, UINT64_MAX));
    feed_destroy(feed);
}

static void an_event_too_long_is_a_gap_nobody_sees(void **state)
{
    (void)state;
    struct feed *feed = feed_create(0);
    struct feed_event event;
    uint64_t cursor = 0;
    char *words = calloc(1, FEED_EVENT_BYTES + 1);
    assert_false(feed_add(feed, 1, &everybody, words, FEED_EVENT_BYTES + 1));
    assert_false(feed_add(feed, 2, &everybody, NULL, 0));
    add(feed, 3, &everybody);
    assert_true(feed_next(feed, &taker, false, &cursor, &event));
    assert_true(event.seq == 3);
    free(words);
    feed_destroy(feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hidden_events_are_passed_over),
        cmocka_unit_test(the_ring_forgets_the_oldest),
        cmocka_unit_test(nobody_resumes_from_the_future),
        cmocka_unit_test(an_event_too_long_is_a_gap_nobody_sees),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
