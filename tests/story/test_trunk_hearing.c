/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of how a call sounds: what the dispatcher is told of it, and when. */
#include "tests/story/switchboard.h"

enum {
    CALLER = 1, /* channels */
    TAKER = 2
};

static void sounds(struct world *w, int64_t channel, const struct media_quality *quality)
{
    fake_media_sounds(w->media, channel, quality);
}

static void talk(struct world *w)
{
    both_talk(w);
    sounds(w, CALLER, &(struct media_quality){ .packets = 250, .jitter_ms = 3 });
    sounds(w, TAKER, &(struct media_quality){ .packets = 250, .round_trip_ms = 2 });
    wait_for(w, 6000);
    expect("report SoundReport call=1 side=citizen user=0 state=good packets=250 lost=0\n"
           "report SoundReport call=1 side=taker user=0 state=good packets=250 lost=0\n");
}

static void a_good_call_is_spoken_of_twice_a_leg(void **state)
{
    struct world *w = *state;
    talk(w);
    sounds(w, CALLER, &(struct media_quality){ .packets = 9000, .lost = 9, .recent_lost = 1 });
    wait_for(w, 175000);
    (void)transcript_take(); /* refreshes of the dialogs */
    inside(w, SIP_BYE, fake_stack_tag(w->stack), 3, NULL);
    expect("reply 200 to=3\n"
           "report ContactEnd call=1 cause=caller\n"
           "send BYE sip:1001@192.0.2.9\n"
           "report SoundReport call=1 side=taker user=0 state=good packets=250 lost=0 final\n"
           "media close channel=2\n"
           "report SoundReport call=1 side=citizen user=0 state=good packets=9000 lost=9 final\n"
           "media close channel=1\n");
}

static void a_call_that_turns_poor_is_told_once_and_when_it_is_good_again(void **state)
{
    struct world *w = *state;
    struct exchange_counts counts;
    talk(w);
    sounds(w, CALLER, &(struct media_quality){ .packets = 500, .lost = 40, .recent_lost = 80 });
    wait_for(w, 15000);
    expect("report SoundReport call=1 side=citizen user=0 state=poor packets=500 lost=40\n");
    /* Between both limits it is what it was. */
    sounds(w, CALLER, &(struct media_quality){ .packets = 800, .lost = 50, .recent_lost = 30 });
    wait_for(w, 5000);
    expect("");
    sounds(w, CALLER, &(struct media_quality){ .packets = 900, .lost = 50 });
    wait_for(w, 5000);
    expect("report SoundReport call=1 side=citizen user=0 state=good packets=900 lost=50\n");
    exchange_count(w->exchange, &counts);
    assert_int_equal(counts.poor_legs, 1);
}

static void delay_jitter_and_what_they_lose_of_ours_count_too(void **state)
{
    static const struct media_quality poor[] = { { .packets = 300, .jitter_ms = 60 },
                                                 { .packets = 300, .round_trip_ms = 600 },
                                                 { .packets = 300, .sent_lost = 50 } };
    struct world *w = *state;
    talk(w);
    for (unsigned i = 0; i < sizeof poor / sizeof poor[0]; i++) {
        sounds(w, TAKER, &poor[i]);
        wait_for(w, 5000);
        expect("report SoundReport call=1 side=taker user=0 state=poor packets=300 lost=0\n");
        sounds(w, TAKER, &(struct media_quality){ .packets = 301 });
        wait_for(w, 5000);
        expect("report SoundReport call=1 side=taker user=0 state=good packets=301 lost=0\n");
    }
}

static void who_never_talked_is_not_spoken_of(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    sounds(w, CALLER, &(struct media_quality){ .packets = 900, .recent_lost = 500 });
    wait_for(w, 30000);
    expect("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_call_is_spoken_of_twice_a_leg, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_call_that_turns_poor_is_told_once_and_when_it_is_good_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(delay_jitter_and_what_they_lose_of_ours_count_too, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_never_talked_is_not_spoken_of, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
