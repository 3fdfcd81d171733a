/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of the calls that a gateway makes by itself to see whether calls work. */
#include <string.h>

#include "base/text.h"
#include "gateways/trunk/call.h"
#include "tests/story/switchboard.h"

static int set_up_twin(void **state)
{
    static const char numbers[1][50] = { "sip:test-110@192.0.2.40" };
    static const struct exchange_settings settings = { .synthetic_count = 1, .synthetic = numbers };
    int status = set_up_with(state, &settings);
    wait_for(*state, SYNTHETIC_FIRST_MS);
    (void)transcript_take();
    return status;
}

static struct synthetic_figures figures(struct world *w)
{
    struct synthetic_figures figures;
    assert_true(exchange_synthetic(w->exchange, 0, &figures));
    assert_false(exchange_synthetic(w->exchange, 1, &figures));
    assert_true(exchange_synthetic(w->exchange, 0, &figures));
    return figures;
}

/* The twin sounds. */
static void hear_tone(struct world *w)
{
    struct media_event tone = { .kind = MEDIA_TONE, .owner = fake_stack_token(w->stack) };
    exchange_hear_media(w->exchange, &tone);
}

static void a_call_that_is_answered_and_heard_is_good_for_a_minute(void **state)
{
    struct world *w = *state;
    w->now_ms += 40;
    exchange_tick(w->exchange, w->now_ms, WALL_MS);
    fake_stack_answer(w->stack, 183, sdp);
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media listen channel=1\n");
    hear_tone(w);
    expect("send BYE sip:1001@192.0.2.9\n"
           "media close channel=1\n");
    hear_tone(w); /* too late to matter */
    assert_true(figures(w).up);
    assert_int_equal(figures(w).results[SYNTHETIC_OK], 1);
    wait_for(w, SYNTHETIC_EVERY_MS - 200);
    expect("");
    wait_for(w, 200);
    expect("media open channel=2 port=20002\n"
           "send INVITE sip:test-110@192.0.2.40\n");
    wait_for(w, SYNTHETIC_MOST_MS); /* nobody answers this time */
    expect("send CANCEL\n"
           "media close channel=2\n");
    assert_false(figures(w).up);
    assert_int_equal(figures(w).results[SYNTHETIC_NO_ANSWER], 1);
    assert_true(figures(w).age_ms < 90000); /* known within 90 s of the last good one */
    fake_stack_answer(w->stack, 487, NULL);
    wait_for(w, SYNTHETIC_AGAIN_MS);
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:test-110@192.0.2.40\n");
    fake_stack_answer(w->stack, 503, NULL);
    expect("media close channel=3\n");
    assert_int_equal(figures(w).results[SYNTHETIC_REFUSED], 1);
}

static void a_call_that_is_answered_and_silent_is_none(void **state)
{
    struct world *w = *state;
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    wait_for(w, SYNTHETIC_MOST_MS);
    expect("send BYE sip:1001@192.0.2.9\n"
           "media close channel=1\n");
    assert_int_equal(figures(w).results[SYNTHETIC_NO_SOUND], 1);
    wait_for(w, SYNTHETIC_AGAIN_MS);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, "v=0\r\n"); /* no sound is even described */
    assert_int_equal(figures(w).results[SYNTHETIC_NO_SOUND], 2);
    assert_false(figures(w).up);
    (void)transcript_take();
}

static void nothing_is_called_while_the_gateway_drains(void **state)
{
    struct world *w = *state;
    fake_stack_answer(w->stack, 486, NULL);
    exchange_drain(w->exchange);
    (void)transcript_take();
    wait_for(w, 2 * SYNTHETIC_EVERY_MS);
    expect("");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up_twin, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_call_that_is_answered_and_heard_is_good_for_a_minute),
        STORY(a_call_that_is_answered_and_silent_is_none),
        STORY(nothing_is_called_while_the_gateway_drains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
