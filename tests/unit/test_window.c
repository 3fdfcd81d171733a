/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window's and the stream's numbers, with the clock turned by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/prng.h"
#include "gateways/link/link.h"
#include "gateways/link/stream.h"
#include "gateways/link/window.h"

static uint64_t send_all(struct window *window, uint64_t now_ms)
{
    uint64_t count = 0;
    while (window_due(window, now_ms)) {
        window_sent(window, now_ms);
        count++;
    }
    return count;
}

static void no_more_than_the_window_is_on_its_way(void **state)
{
    (void)state;
    struct window window = { 0 };
    window_begin(&window, 7);
    for (int i = 0; i < 1000; i++)
        (void)window_add(&window);
    assert_int_equal(send_all(&window, 10), LINK_WINDOW);
    assert_true(window_answer(&window, 7, 1, 11));
    assert_int_equal(send_all(&window, 11), 1);
    assert_int_equal(window_waiting(&window), 999);
}

static void silence_sends_again_from_the_oldest_and_pauses_longer_each_time(void **state)
{
    (void)state;
    struct window window = { 0 };
    window_begin(&window, 7);
    for (int i = 0; i < 3; i++)
        (void)window_add(&window);
    assert_int_equal(send_all(&window, 0), 3);
    assert_int_equal(send_all(&window, LINK_RESEND_MS - 1), 0);
    assert_int_equal(send_all(&window, LINK_RESEND_MS), 3);
    assert_int_equal(send_all(&window, 2 * LINK_RESEND_MS), 0);
    assert_int_equal(send_all(&window, 3 * LINK_RESEND_MS), 3);
    assert_int_equal(window.resent, 6);
}

static void answers_are_taken_in_order_and_once(void **state)
{
    (void)state;
    struct window window = { 0 };
    window_begin(&window, 7);
    for (int i = 0; i < 3; i++)
        (void)window_add(&window);
    (void)send_all(&window, 0);
    assert_false(window_answer(&window, 6, 1, 1));
    assert_false(window_answer(&window, 7, 4, 1));
    assert_true(window_answer(&window, 7, 1, 1));
    assert_false(window_answer(&window, 7, 1, 1));
    assert_true(window_answer(&window, 7, 2, 1));
}

/* The answer to 1 was lost: its owner must hear it all the same. */
static void an_answer_further_on_asks_for_the_oldest_again(void **state)
{
    (void)state;
    struct window window = { 0 };
    window_begin(&window, 7);
    for (int i = 0; i < 3; i++)
        (void)window_add(&window);
    (void)send_all(&window, 0);
    assert_false(window_answer(&window, 7, 2, 1));
    assert_int_equal(window_due(&window, 1), 1);
}

static void a_dispatcher_without_memory_makes_the_sender_number_anew(void **state)
{
    (void)state;
    struct window window = { 0 };
    window_begin(&window, 7);
    (void)window_add(&window);
    (void)window_add(&window);
    (void)send_all(&window, 0);
    assert_true(window_answer(&window, 7, 1, 1));
    assert_true(window_resume(&window, 1, 2));
    assert_true(window_resume(&window, 2, 2));
    assert_false(window_resume(&window, 0, 2));
    assert_false(window_resume(&window, 3, 2)); /* an epoch that was used before */
}

/* A sender and a receiver that takes numbers in order, over a line that loses and repeats. */
static void a_bad_line_loses_nothing_and_doubles_nothing(void **state)
{
    (void)state;
    struct prng prng;
    prng_seed(&prng, 110);
    struct window window = { 0 };
    window_begin(&window, 1);
    for (int i = 0; i < 5000; i++)
        (void)window_add(&window);
    uint64_t committed = 0, answered = 0, now_ms = 0;
    for (; window_waiting(&window) > 0 && now_ms < 10u * 1000 * 1000; now_ms++) {
        uint64_t seq;
        for (int i = 0; i < 20 && (seq = window_due(&window, now_ms)) != 0; i++) {
            window_sent(&window, now_ms);
            if (prng_below(&prng, 100) < 3)
                continue; /* lost on the way there */
            if (seq == committed + 1)
                committed = seq;
            if (seq <= committed && prng_below(&prng, 100) >= 3 &&
                window_answer(&window, 1, seq, now_ms))
                answered++;
        }
    }
    assert_int_equal(committed, 5000);
    assert_int_equal(answered, 5000);
}

static void events_come_once_in_order_and_what_is_missing_is_fetched(void **state)
{
    (void)state;
    struct stream stream;
    stream_begin(&stream, 10);
    stream_restart(&stream, 0);
    assert_true(stream_fetches(&stream, 0));
    assert_false(stream_fetches(&stream, 1));
    assert_false(stream_take(&stream, 13, 1)); /* live, too early */
    assert_true(stream_take(&stream, 11, 2));
    assert_true(stream_take(&stream, 12, 2));
    stream_know(&stream, 13, true, 2); /* the batch ended at 12: more is there */
    assert_true(stream_fetches(&stream, 2));
    assert_true(stream_take(&stream, 13, 3));
    stream_know(&stream, 13, true, 3);
    assert_false(stream_fetches(&stream, 1000000));
    assert_false(stream_take(&stream, 13, 4)); /* twice */
    assert_true(stream_take(&stream, 14, 4));
    stream_know(&stream, 16, false, 5); /* a heartbeat tells of two lost ones */
    assert_true(stream_fetches(&stream, 5));
    assert_true(stream_fetches(&stream, 5 + STREAM_FETCH_MS)); /* the fetch was lost too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_more_than_the_window_is_on_its_way),
        cmocka_unit_test(silence_sends_again_from_the_oldest_and_pauses_longer_each_time),
        cmocka_unit_test(answers_are_taken_in_order_and_once),
        cmocka_unit_test(an_answer_further_on_asks_for_the_oldest_again),
        cmocka_unit_test(a_dispatcher_without_memory_makes_the_sender_number_anew),
        cmocka_unit_test(a_bad_line_loses_nothing_and_doubles_nothing),
        cmocka_unit_test(events_come_once_in_order_and_what_is_missing_is_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
