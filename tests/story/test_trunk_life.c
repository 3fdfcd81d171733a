/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of telephones that vanish without a word, and of those that are only quiet. */
#include "tests/story/switchboard.h"

enum {
    CALLER = 1, /* channels */
    TAKER = 2
};

static void sound(struct world *w, int64_t channel, enum media_event_kind kind, bool before)
{
    struct media_event event = { .kind = kind,
                                 .owner = fake_media_owner(w->media, channel),
                                 .sounded = before };
    exchange_hear_media(w->exchange, &event);
}

static void goes_quiet(struct world *w, int64_t channel, bool before)
{
    sound(w, channel, MEDIA_LOST, before);
    wait_for(w, EXCHANGE_TICK_MS);
}

static void answers(struct world *w, int64_t channel, int status)
{
    fake_stack_options(w->stack, fake_media_owner(w->media, channel), status);
}

static void a_waiting_caller_whose_sound_stopped_and_who_does_not_answer_is_gone(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    goes_quiet(w, CALLER, true);
    expect("send OPTIONS sip:caller@192.0.2.7\n");
    wait_for(w, 8000);
    expect("reply 480 to=1\n"
           "report ContactEnd call=1 cause=media_lost\n"
           "media close channel=1\n");
    assert_int_equal(exchange_calls(w->exchange), 0);
}

/* Not every carrier sends sound before the answer, nor answers questions then. */
static void a_waiting_caller_who_never_could_be_heard_is_kept(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    goes_quiet(w, CALLER, false);
    wait_for(w, 600000);
    (void)transcript_take();
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_waiting_caller_who_answered_once_is_gone_after_two_questions(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    goes_quiet(w, CALLER, false);
    answers(w, CALLER, 200);
    expect("send OPTIONS sip:caller@192.0.2.7\n");
    wait_for(w, 35000);
    expect("send OPTIONS sip:caller@192.0.2.7\n");
    wait_for(w, 8200);
    expect("send OPTIONS sip:caller@192.0.2.7\n");
    wait_for(w, 8200);
    expect("reply 480 to=1\n"
           "report ContactEnd call=1 cause=media_lost\n"
           "media close channel=1\n");
}

static void who_answers_stays_however_quiet(void **state)
{
    struct world *w = *state;
    both_talk(w);
    goes_quiet(w, CALLER, true);
    for (int i = 0; i < 10; i++) {
        expect("send OPTIONS sip:caller@192.0.2.7\n");
        answers(w, CALLER, i % 2 ? 200 : 405);
        wait_for(w, 35000);
    }
    (void)transcript_take();
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_speaking_caller_who_does_not_answer_is_gone(void **state)
{
    struct world *w = *state;
    both_talk(w);
    goes_quiet(w, CALLER, true);
    wait_for(w, 8000);
    expect("send OPTIONS sip:caller@192.0.2.7\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=media_lost\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
}

static void who_no_longer_knows_the_call_is_gone_at_once(void **state)
{
    struct world *w = *state;
    both_talk(w);
    goes_quiet(w, CALLER, true);
    (void)transcript_take();
    answers(w, CALLER, 481);
    expect("send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=media_lost\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
}

static void whose_sound_is_back_is_asked_no_more(void **state)
{
    struct world *w = *state;
    both_talk(w);
    goes_quiet(w, CALLER, true);
    sound(w, CALLER, MEDIA_BACK, true);
    (void)transcript_take();
    wait_for(w, 120000);
    expect("");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_taker_s_phone_that_is_gone_leaves_the_caller_to_the_queue(void **state)
{
    struct world *w = *state;
    both_talk(w);
    goes_quiet(w, TAKER, true);
    wait_for(w, 8000);
    expect("send OPTIONS sip:1001@192.0.2.9\n"
           "send BYE sip:1001@192.0.2.9\n"
           "report TransferFinish call=1 lost\n"
           "media room 1:\n"
           "media play channel=1 first=waiting-emergency\n"
           "media close channel=2\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    offer(w, 8);
    fake_stack_answer(w->stack, 200, sdp);
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1001@192.0.2.9\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:3 3:1\n"
           "report OfferAnswer offer=8\n");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_waiting_caller_whose_sound_stopped_and_who_does_not_answer_is_gone),
        STORY(a_waiting_caller_who_never_could_be_heard_is_kept),
        STORY(a_waiting_caller_who_answered_once_is_gone_after_two_questions),
        STORY(who_answers_stays_however_quiet),
        STORY(a_speaking_caller_who_does_not_answer_is_gone),
        STORY(who_no_longer_knows_the_call_is_gone_at_once),
        STORY(whose_sound_is_back_is_asked_no_more),
        STORY(a_taker_s_phone_that_is_gone_leaves_the_caller_to_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
