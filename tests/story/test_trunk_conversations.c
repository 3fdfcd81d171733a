/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of conversations: hold, hand-over, and more than two who speak. Channel 1 is the caller's, 2
 * the taker's, 3 the next phone's. Whatever fails, the caller's leg stays. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/story/switchboard.h"

static void talk_on(struct world *w, const char *line)
{
    caller_waits(w, line);
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    (void)transcript_take();
}

/* The taker of an ordinary caller asked for a transfer, and the next phone rings. */
static void receiver_rings(struct world *w)
{
    talk_on(w, "12345");
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_hold(w->link, 1, true, LANGUAGE_NONE);
    fake_link_offer_transfer(w->link, 8, 1, "sip:1002@192.0.2.9");
    fake_stack_answer(w->stack, 180, NULL);
}

static void receiver_talks(struct world *w)
{
    receiver_rings(w);
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
}

static void phone_says(struct world *w, unsigned invite, enum sip_method method, const char *words)
{
    fake_stack_phone(w->stack, invite, method, words);
}

static void sender_and_receiver_speak_while_the_caller_is_held(void **state)
{
    struct world *w = *state;
    receiver_rings(w);
    expect("media room 1: 2:\n"
           "media play channel=1 first=hold\n"
           "media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9\n"
           "report OfferRing offer=8\n");
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1: 2:3 3:2\n"
           "report OfferAnswer offer=8\n");
    fake_link_hold(w->link, 1, false, LANGUAGE_NONE);
    fake_link_hand_over(w->link, 1, 8);
    expect("media room 1:2,3 2:1,3 3:1,2\n"
           "media play channel=1 first=-\n"
           "media room 1:3 3:1\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void an_emergency_caller_is_never_left_alone(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_offer_transfer(w->link, 8, 1, "sip:1002@192.0.2.9");
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9\n"); /* and the taker speaks on with the caller */
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:2,3 2:1,3 3:1,2\n"
           "report OfferAnswer offer=8\n");
}

static void a_sender_who_hangs_up_leaves_the_caller_to_the_receiver(void **state)
{
    struct world *w = *state;
    receiver_talks(w);
    phone_says(w, 1, SIP_BYE, NULL);
    expect("reply 200 to=4\n"
           "report TransferFinish call=1\n"
           "media room 1:3 3:1\n"
           "media play channel=1 first=-\n"
           "media close channel=2\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_link_hand_over(w->link, 1, 8); /* the dispatcher says it, too */
    expect("");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

/* The console's word and the phone's crossed: the caller is with the receiver, whoever was first. */
static void a_hand_over_said_twice_is_done_once(void **state)
{
    struct world *w = *state;
    receiver_talks(w);
    phone_says(w, 1, SIP_BYE, NULL);
    (void)transcript_take();
    fake_link_hand_over(w->link, 1, 8);
    fake_link_outcome(w->link, REFUSAL_NO_TRANSFER);
    expect("");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_sender_who_hangs_up_too_early_leaves_the_caller_to_the_queue(void **state)
{
    struct world *w = *state;
    receiver_rings(w);
    (void)transcript_take();
    phone_says(w, 1, SIP_BYE, NULL);
    expect("reply 200 to=4\n"
           "report TransferFinish call=1\n"
           "media room 1:\n"
           "media play channel=1 first=waiting-ordinary\n"
           "media close channel=2\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_link_order(w->link, ORDER_WITHDRAW, 8);
    expect("send CANCEL\n");
    fake_stack_answer(w->stack, 487, NULL);
    offer(w, 9);
    fake_stack_answer(w->stack, 200, sdp);
    expect("media close channel=3\n"
           "media open channel=4 port=20006\n"
           "send INVITE sip:1001@192.0.2.9\n"
           "media connect channel=4 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:4 4:1\n"
           "report OfferAnswer offer=9\n");
}

static void a_taker_who_took_the_transfer_back_and_hangs_up_ends_the_call(void **state)
{
    struct world *w = *state;
    receiver_rings(w);
    (void)transcript_take();
    phone_says(w, 1, SIP_BYE, NULL);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_NO_TRANSFER);
    expect("send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=taker\n"
           "send CANCEL\n"
           "media close channel=1\n");
    fake_stack_answer(w->stack, 487, NULL);
    (void)transcript_take();
}

static void a_receiver_who_hangs_up_gives_the_caller_back(void **state)
{
    struct world *w = *state;
    receiver_talks(w);
    phone_says(w, 2, SIP_BYE, NULL);
    expect("reply 200 to=4\n"
           "report TransferCancel call=1 status=0\n"
           "media room 1: 2:\n"
           "media close channel=3\n");
    fake_link_hold(w->link, 1, false, LANGUAGE_NONE);
    expect("media room 1:2 2:1\nmedia play channel=1 first=-\n");
}

static void a_receiver_who_declines_changes_nothing_for_the_caller(void **state)
{
    struct world *w = *state;
    receiver_rings(w);
    (void)transcript_take();
    fake_stack_answer(w->stack, 603, NULL);
    expect("report OfferFail offer=8 cause=declined\nmedia close channel=3\n");
    fake_link_hold(w->link, 1, false, LANGUAGE_NONE);
    expect("media room 1:2 2:1\nmedia play channel=1 first=-\n");
}

static void without_a_dispatcher_a_failed_transfer_comes_back_by_itself(void **state)
{
    struct world *w = *state;
    receiver_rings(w);
    (void)transcript_take();
    fake_link_sever(w->link, true);
    fake_stack_answer(w->stack, 486, NULL);
    expect("report OfferFail offer=8 cause=phone_failed\n"
           "media room 1:2 2:1\n"
           "media play channel=1 first=-\n"
           "media close channel=3\n");
}

static void a_receiver_who_vanished_does_not_take_the_caller_along(void **state)
{
    struct world *w = *state;
    receiver_rings(w);
    fake_stack_answer(w->stack, 200, sdp);
    fake_link_hold(w->link, 1, false, LANGUAGE_NONE);
    (void)transcript_take();
    phone_says(w, 2, SIP_BYE, NULL);
    fake_link_hand_over(w->link, 1, 8); /* crossed: the sender keeps the caller */
    expect("reply 200 to=4\n"
           "report TransferCancel call=1 status=0\n"
           "media room 1:2 2:1\n"
           "media close channel=3\n");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_silent_receiver_is_let_go_and_the_caller_stays(void **state)
{
    struct world *w = *state;
    receiver_talks(w);
    struct media_event lost = { .kind = MEDIA_LOST, .owner = fake_media_owner(w->media, 3) };
    exchange_hear_media(w->exchange, &lost);
    wait_for(w, 9000);
    expect("send OPTIONS sip:1001@192.0.2.9\n"
           "send BYE sip:1001@192.0.2.9\n"
           "report TransferCancel call=1 status=0\n"
           "media room 1: 2:\n"
           "media close channel=3\n");
}

static void the_hold_key_of_the_phone_holds_the_caller(void **state)
{
    struct world *w = *state;
    char held[512];
    talk_on(w, "110");
    (void)snprintf(held, sizeof held, "%sa=sendonly\r\n", sdp);
    phone_says(w, 1, SIP_INVITE, held);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=3 m=audio 20002 RTP/AVP 8\n"
           "media room 1: 2:\n"
           "media play channel=1 first=hold\n"
           "report ContactHold call=1\n");
    fake_link_hold(w->link, 1, true, LANGUAGE_NONE); /* the dispatcher says it, too */
    expect("");
    phone_says(w, 1, SIP_INVITE, sdp);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=4 m=audio 20002 RTP/AVP 8\n"
           "media room 1:2 2:1\n"
           "media play channel=1 first=-\n"
           "report ContactResume call=1\n");
}

static void a_muted_taker_is_heard_by_all_but_the_caller(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_mute(w->link, 1, true);
    expect("media room 1: 2:1\n"); /* and hears the caller */
    fake_link_mute(w->link, 1, true);
    expect("");
    fake_link_mute(w->link, 1, false);
    expect("media room 1:2 2:1\n");
}

/* Their phone is let go; the next has them without another greeting. */
static void who_is_parked_hears_what_is_heard_on_hold_and_the_next_phone_has_them(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    fake_link_park(w->link, 1, LANGUAGE_ENGLISH);
    expect("send BYE sip:1001@192.0.2.9\n"
           "media room 1:\n"
           "media play channel=1 first=hold-english\n"
           "media close channel=2\n");
    fake_link_park(w->link, 1, LANGUAGE_ENGLISH); /* nobody has them any more */
    fake_link_park(w->link, 99, LANGUAGE_NONE);
    expect("");
    offer(w, 30);
    fake_stack_answer(w->stack, 200, sdp);
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1001@192.0.2.9\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:3 3:1\n"
           "report OfferAnswer offer=30\n");
}

static void who_is_held_hears_their_own_language(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    fake_link_hold(w->link, 1, true, LANGUAGE_ENGLISH);
    expect("media room 1: 2:\nmedia play channel=1 first=hold-english\n");
    fake_link_hold(w->link, 1, false, LANGUAGE_NONE);
    (void)transcript_take();
    fake_link_hold(w->link, 1, true, LANGUAGE_KOREAN); /* the city has not recorded it */
    expect("media room 1: 2:\nmedia play channel=1 first=hold\n");
}

static void a_third_speaks_with_both(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_party(w->link, 20, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    fake_stack_answer(w->stack, 180, NULL);
    fake_stack_answer(w->stack, 200, sdp);
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:119@192.0.2.9\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:2,3 2:1,3 3:1,2\n"
           "report PartyJoin party=20\n");
    phone_says(w, 2, SIP_BYE, NULL);
    expect("reply 200 to=4\n"
           "report PartyLeave party=20 cause=left\n"
           "media room 1:2 2:1\n"
           "media close channel=3\n");
}

/* Neither the citizen's number nor the seat that calls: whoever is called sees the city's line. */
static void whoever_is_called_sees_the_line_and_nobody_behind_it(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    fake_link_party(w->link, 20, 1, "sip:13900002222@192.0.2.9", PARTY_ROLE_GUEST);
    const struct dialog *dialog = fake_stack_dialog(w->stack, 2);
    assert_int_equal(strncmp(dialog->local_uri, "sip:12345@", strlen("sip:12345@")), 0);
    assert_null(strstr(dialog->local_uri, "1001"));
    static const char *const hidden[] = { "1380", "1001@", "From", "Identity", "Referred" };
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        assert_null(strstr(fake_stack_headers(w->stack), hidden[i]));
}

static void every_call_for_an_emergency_asks_the_networks_for_their_care(void **state)
{
    static const char asks[] = "\r\nResource-Priority: esnet.1\r\n";
    struct world *w = *state;
    talk_on(w, "110");
    assert_non_null(strstr(fake_stack_headers(w->stack), asks)); /* the taker's telephone */
    fake_link_party(w->link, 20, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    assert_non_null(strstr(fake_stack_headers(w->stack), asks));
    assert_null(
        strstr(fake_stack_headers(w->stack), "Require:")); /* who does not know it is called, too */
    (void)transcript_take();
}

static void an_ordinary_call_asks_for_no_care(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    assert_non_null(strstr(fake_stack_headers(w->stack), "Supported: "));
    assert_null(strstr(fake_stack_headers(w->stack), "Resource-Priority"));
}

static void keys_go_to_the_caller_or_to_the_guest_who_is_named(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_party(w->link, 20, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    fake_link_press(w->link, 1, 0, "12#");
    fake_link_press(w->link, 1, 20, "7");
    expect("media press channel=1 keys=12#\nmedia press channel=3 keys=7\n");
    fake_link_press(w->link, 1, 21, "7"); /* left before it came */
    fake_link_press(w->link, 9, 20, "7"); /* of another call */
    expect("");
}

static void a_supervisor_listens_whispers_speaks_and_takes_over(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_party(w->link, 20, 1, "sip:2001@192.0.2.9", PARTY_ROLE_LISTENER);
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    fake_link_party(w->link, 20, 1, "", PARTY_ROLE_COACH);
    expect("media room 1:2 2:1,3 3:1,2\n");
    fake_link_party(w->link, 20, 1, "", PARTY_ROLE_BARGE);
    expect("media room 1:2,3 2:1,3 3:1,2\n");
    fake_link_party(w->link, 20, 1, "", PARTY_ROLE_LISTENER);
    expect("media room 1:2 2:1 3:1,2\n");
    fake_link_hand_over(w->link, 1, 20);
    expect("media room 1:3 3:1\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n");
}

static void who_is_taken_out_is_hung_up_and_the_others_speak_on(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_party(w->link, 20, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    fake_link_order(w->link, ORDER_WITHDRAW, 20);
    expect("send BYE sip:1001@192.0.2.9\n"
           "media room 1:2 2:1\n"
           "media close channel=3\n");
}

static void a_guest_who_does_not_come_is_told_by_cause(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_party(w->link, 20, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    (void)transcript_take();
    fake_stack_answer(w->stack, 603, NULL);
    expect("report PartyLeave party=20 cause=declined\nmedia close channel=3\n");
    fake_link_party(w->link, 21, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    (void)transcript_take();
    wait_for(w, EXCHANGE_RING_MS + EXCHANGE_TICK_MS);
    expect("send CANCEL\nreport PartyLeave party=21 cause=unanswered\n");
    fake_stack_answer(w->stack, 487, NULL);
    (void)transcript_take();
    fake_link_party(w->link, 22, 9, "sip:119@192.0.2.9", PARTY_ROLE_GUEST); /* no such call */
    expect("report PartyLeave party=22 cause=failed\n");
}

static void eight_voices_are_all(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    for (uint64_t party = 20; party < 26; party++) {
        fake_link_party(w->link, party, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
        fake_stack_answer(w->stack, 200, sdp);
    }
    (void)transcript_take();
    fake_link_party(w->link, 26, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    expect("report PartyLeave party=26 cause=failed\n");
}

static void the_end_of_the_call_is_the_end_of_every_part(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_party(w->link, 20, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    phone_says(w, 1, SIP_BYE, NULL);
    expect("reply 200 to=4\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=taker\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=3\n"
           "media close channel=1\n"
           "media close channel=2\n");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(sender_and_receiver_speak_while_the_caller_is_held),
        STORY(an_emergency_caller_is_never_left_alone),
        STORY(a_sender_who_hangs_up_leaves_the_caller_to_the_receiver),
        STORY(a_hand_over_said_twice_is_done_once),
        STORY(a_sender_who_hangs_up_too_early_leaves_the_caller_to_the_queue),
        STORY(a_taker_who_took_the_transfer_back_and_hangs_up_ends_the_call),
        STORY(a_receiver_who_hangs_up_gives_the_caller_back),
        STORY(a_receiver_who_declines_changes_nothing_for_the_caller),
        STORY(without_a_dispatcher_a_failed_transfer_comes_back_by_itself),
        STORY(a_receiver_who_vanished_does_not_take_the_caller_along),
        STORY(a_silent_receiver_is_let_go_and_the_caller_stays),
        STORY(the_hold_key_of_the_phone_holds_the_caller),
        STORY(a_muted_taker_is_heard_by_all_but_the_caller),
        STORY(who_is_parked_hears_what_is_heard_on_hold_and_the_next_phone_has_them),
        STORY(who_is_held_hears_their_own_language),
        STORY(a_third_speaks_with_both),
        STORY(whoever_is_called_sees_the_line_and_nobody_behind_it),
        STORY(every_call_for_an_emergency_asks_the_networks_for_their_care),
        STORY(an_ordinary_call_asks_for_no_care),
        STORY(keys_go_to_the_caller_or_to_the_guest_who_is_named),
        STORY(a_supervisor_listens_whispers_speaks_and_takes_over),
        STORY(who_is_taken_out_is_hung_up_and_the_others_speak_on),
        STORY(a_guest_who_does_not_come_is_told_by_cause),
        STORY(eight_voices_are_all),
        STORY(the_end_of_the_call_is_the_end_of_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
