/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of a gateway without a dispatcher: whom callers reach by their line's plan, and what the dispatcher
 * hears when it is back. */
#include <string.h>

#include "base/text.h"
#include "gateways/trunk/call.h"
#include "tests/story/switchboard.h"

enum {
    NEXT_TOKEN = 0x10001 /* of the telephone that is rung next */
};

static void plan(struct setup *setup, uint32_t line, bool emergency, const char *words)
{
    struct line_row *row = &setup->lines[setup->lines_count++];
    row->line = line;
    row->emergency = emergency;
    (void)text_copy(row->survival, sizeof row->survival, words);
}

static void seat(struct setup *setup, uint32_t user, const char *phone)
{
    struct seat_phone *row = &setup->phones[setup->phones_count++];
    row->user = user;
    (void)text_copy(row->phone, sizeof row->phone, phone);
}

static int set_up_plan(void **state)
{
    static struct setup setup;
    int status = set_up(state);
    struct world *w = *state;
    memset(&setup, 0, sizeof setup);
    plan(&setup, 110, true, "1001&1002 sip:05516266@192.0.2.30");
    plan(&setup, 12345, false, "1002");
    plan(&setup, 96001, false, "");
    seat(&setup, 1001, "sip:1001@192.0.2.9");
    seat(&setup, 1002, "sip:1002@192.0.2.9");
    fake_link_up(w->link);
    fake_link_setup(w->link, &setup);
    return status;
}

static void lose_dispatcher(struct world *w)
{
    fake_link_silence(w->link, ALONE_AFTER_MS);
    wait_for(w, EXCHANGE_TICK_MS);
}

static void find_dispatcher(struct world *w)
{
    fake_link_silence(w->link, 0);
    fake_link_up(w->link);
}

/* The caller's contact lies in the spool. */
static void call_alone(struct world *w, const char *line)
{
    call_in(w, line, sdp);
    fake_link_spool(w->link);
    (void)transcript_take();
    wait_for(w, EXCHANGE_TICK_MS);
}

static void both_rung_phones_are_cancelled(struct world *w, uint64_t newest)
{
    fake_stack_cancelled(w->stack, newest);
    fake_stack_cancelled(w->stack, newest - NEXT_TOKEN);
}

static void a_caller_reaches_the_line_s_telephones_when_there_is_no_dispatcher(void **state)
{
    struct world *w = *state;
    lose_dispatcher(w);
    call_alone(w, "110");
    expect("media open channel=2 port=20002\n"
           "send INVITE sip:1001@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n"
           "media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n");
    fake_stack_answer(w->stack, 200, sdp);
    expect("send CANCEL\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:3 3:1\n"
           "report ContactSurvive call=1 user=1002 phone=sip:1002@192.0.2.9\n");
    fake_stack_cancelled(w->stack, fake_stack_token(w->stack) - NEXT_TOKEN);
    acknowledge(w, NULL);
    assert_true(fake_link_was_alone(w->link));
    expect("media close channel=2\n");
    find_dispatcher(w);
    expect("report ContactKeep call=1 silent_ms=0\n"
           "report ContactSurvive call=1 user=1002 phone=sip:1002@192.0.2.9\n"
           "report GatewaySettle\n");
    assert_false(fake_link_was_alone(w->link));
    fake_stack_phone(w->stack, 2, SIP_BYE, NULL);
    expect("reply 200 to=4\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=taker\n"
           "media close channel=1\n"
           "media close channel=3\n");
}

static void who_waited_before_is_put_through_too(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    wait_for(w, 5000);
    expect("");
    lose_dispatcher(w);
    expect("media open channel=2 port=20002\n"
           "send INVITE sip:1001@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n"
           "media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n");
    wait_for(w, PLAN_RING_MS); /* nobody answers: the next step */
    uint64_t newest = fake_stack_token(w->stack);
    expect("send CANCEL\n"
           "send CANCEL\n");
    both_rung_phones_are_cancelled(w, newest);
    wait_for(w, EXCHANGE_TICK_MS);
    expect("media close channel=3\n"
           "media close channel=2\n"
           "media open channel=4 port=20006\n"
           "send INVITE sip:05516266@192.0.2.30 shows 应急 110 13800001111 · no dispatcher\n");
    fake_stack_answer(w->stack, 486, NULL); /* and then the first again */
    wait_for(w, 2000);
    expect("media close channel=4\n"
           "media open channel=5 port=20008\n"
           "send INVITE sip:1001@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n"
           "media open channel=6 port=20010\n"
           "send INVITE sip:1002@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n");
    newest = fake_stack_token(w->stack);
    fake_stack_cancel(w->stack, w->invite);
    expect("reply 487 to=1\n"
           "report ContactEnd call=1 cause=cancelled\n"
           "send CANCEL\n"
           "send CANCEL\n"
           "media close channel=1\n");
    both_rung_phones_are_cancelled(w, newest);
}

/* The dispatcher means the same telephone: it does not begin to ring anew, the other one stops. */
static void a_dispatcher_that_is_back_takes_over_what_rings(void **state)
{
    struct world *w = *state;
    lose_dispatcher(w);
    call_alone(w, "110");
    uint64_t newest = fake_stack_token(w->stack);
    fake_stack_answer(w->stack, 180, NULL);
    (void)transcript_take();
    find_dispatcher(w);
    expect("report ContactKeep call=1 silent_ms=0\n"
           "report GatewaySettle\n");
    fake_link_offer(w->link, 7, 1, "sip:1002@192.0.2.9", false);
    expect("send CANCEL\n"
           "report OfferRing offer=7\n");
    fake_stack_cancelled(w->stack, newest - NEXT_TOKEN);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:3 3:1\n"
           "report OfferAnswer offer=7\n");
    acknowledge(w, NULL);
}

/* Somebody else is to have the caller, and another caller the telephone. */
static void a_telephone_that_the_dispatcher_wants_stops_ringing_by_the_plan(void **state)
{
    struct world *w = *state;
    lose_dispatcher(w);
    call_alone(w, "110");
    uint64_t newest = fake_stack_token(w->stack);
    find_dispatcher(w);
    (void)transcript_take();
    fake_link_offer(w->link, 7, 1, "sip:1003@192.0.2.9", false);
    expect("send CANCEL\n"
           "send CANCEL\n"
           "media open channel=4 port=20006\n"
           "send INVITE sip:1003@192.0.2.9\n");
    both_rung_phones_are_cancelled(w, newest);
}

static void ordinary_callers_hear_it_and_make_way(void **state)
{
    struct world *w = *state;
    caller_waits(w, "96001");
    lose_dispatcher(w);
    expect("media play channel=1 first=alone\n"); /* nobody stands in that line's plan */
    call_alone(w, "12345");
    uint64_t ordinary = fake_stack_token(w->stack);
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9 shows 应急 12345 13800001111 · no dispatcher\n");
    call_alone(w, "110");
    expect("media open channel=5 port=20008\n"
           "send INVITE sip:1001@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n"
           "send CANCEL\n"
           "media open channel=6 port=20010\n"
           "send INVITE sip:1002@192.0.2.9 shows 应急 110 13800001111 · no dispatcher\n");
    fake_stack_cancelled(w->stack, ordinary);
    wait_for(w, 2000); /* both telephones ring for somebody in danger */
    expect("media close channel=3\n");
    uint64_t newest = fake_stack_token(w->stack);
    exchange_release_all(w->exchange);
    both_rung_phones_are_cancelled(w, newest);
}

/* The dispatcher gave the call up while the two spoke on: a new contact, and nobody is cut off. */
static void who_talks_is_not_cut_off_by_a_dispatcher_that_gave_them_up(void **state)
{
    struct world *w = *state;
    both_talk(w);
    wait_for(w, 2 * ALONE_AFTER_MS); /* the dispatcher has heard of it */
    lose_dispatcher(w);
    find_dispatcher(w);
    expect("report ContactKeep call=1 silent_ms=0\n"
           "report OfferAnswer offer=7\n"
           "report GatewaySettle\n");
    fake_link_outcome(w->link, REFUSAL_WRONG_STATE);
    expect("media room 1:2 2:1\n"
           "media record channel=1\n"
           "report ContactArrive call=2 line=110 called=110 number=13800001111\n"
           "report ContactSurvive call=2 user=0 phone=sip:1001@192.0.2.9\n");
    inside(w, SIP_BYE, fake_stack_tag(w->stack), 2, NULL);
}

/* It was ringing when the dispatcher fell silent, and answered then; the offer is given up by the time it is back. */
static void who_was_answered_in_the_silence_is_not_cut_off(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    fake_link_offer(w->link, 7, 1, "sip:1003@192.0.2.9", false);
    (void)transcript_take();
    fake_link_silence(w->link, ALONE_AFTER_MS / 2);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    (void)transcript_take();
    lose_dispatcher(w);
    fake_link_silence(w->link, 0);
    fake_link_order(w->link, ORDER_WITHDRAW, 7);
    expect("report ContactKeep call=1 silent_ms=0\n"
           "report ContactSurvive call=1 user=0 phone=sip:1003@192.0.2.9\n"
           "report GatewaySettle\n");
    inside(w, SIP_BYE, fake_stack_tag(w->stack), 2, NULL);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up_plan, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_caller_reaches_the_line_s_telephones_when_there_is_no_dispatcher),
        STORY(who_waited_before_is_put_through_too),
        STORY(a_dispatcher_that_is_back_takes_over_what_rings),
        STORY(a_telephone_that_the_dispatcher_wants_stops_ringing_by_the_plan),
        STORY(ordinary_callers_hear_it_and_make_way),
        STORY(who_talks_is_not_cut_off_by_a_dispatcher_that_gave_them_up),
        STORY(who_was_answered_in_the_silence_is_not_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
