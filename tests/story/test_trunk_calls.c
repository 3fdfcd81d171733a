/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of calls: what a carrier, a phone and the dispatcher say, and what the exchange does. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/story/switchboard.h"

static const char video[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\n"
                            "t=0 0\r\nm=audio 40000 RTP/AVP 18\r\n";

/* ------------------------------------------------------------------------------------------------ */

static void nobody_hears_ringing_before_the_contact_is_durable(void **state)
{
    struct world *w = *state;
    call_in(w, "110", sdp);
    wait_for(w, 5000);
    expect("reply 100 to=1\n"
           "report ContactArrive call=1 line=110 called=110 number=13800001111\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("media open channel=1 port=20000\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8\n"
           "media record channel=1\n"
           "media play channel=1 first=welcome-110\n");
}

static void the_spool_is_durable_too(void **state)
{
    struct world *w = *state;
    call_in(w, "12345", NULL);
    (void)transcript_take();
    fake_link_spool(w->link);
    expect("reply 180 to=1\n");
    fake_link_outcome(w->link, REFUSAL_NONE); /* of the same ticket, later: nothing more */
    expect("");
}

static void a_late_offer_is_made_in_the_200(void **state)
{
    struct world *w = *state;
    call_in(w, "110", NULL);
    fake_link_outcome(w->link, REFUSAL_NONE);
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media open channel=2 port=20002\n"
           "reply 200 to=1 m=audio 20002 RTP/AVP 8 0 9 107 101\n"
           "media record channel=2\n"
           "media room 2:1 1:2\n"
           "report OfferAnswer offer=7\n");
    acknowledge(w, sdp);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n");
}

static void an_emergency_call_without_a_common_codec_is_taken(void **state)
{
    struct world *w = *state;
    call_in(w, "119", video);
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("reply 100 to=1\n"
           "report ContactArrive call=1 line=119 called=119 number=13800001111\n"
           "media open channel=1 port=20000\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8\n"
           "media record channel=1\n"
           "media play channel=1 first=welcome-119\n");
}

static void an_ordinary_call_without_a_common_codec_is_488(void **state)
{
    struct world *w = *state;
    call_in(w, "12345", video);
    expect("reply 488 to=1\n");
}

static void without_ports_an_emergency_caller_still_waits(void **state)
{
    struct world *w = *state;
    fake_media_exhaust(w->media);
    call_in(w, "110", sdp);
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("reply 100 to=1\n"
           "report ContactArrive call=1 line=110 called=110 number=13800001111\n"
           "reply 180 to=1\n");
}

static void a_refused_emergency_arrival_is_reported_again(void **state)
{
    struct world *w = *state;
    call_in(w, "110", sdp);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_LIMIT);
    expect("");
    wait_for(w, EXCHANGE_RETRY_MS + EXCHANGE_TICK_MS);
    expect("report ContactArrive call=1 line=110 called=110 number=13800001111\n");
}

static void a_refused_ordinary_arrival_is_503(void **state)
{
    struct world *w = *state;
    call_in(w, "12345", sdp);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_LIMIT);
    expect("reply 503 to=1\n");
}

static void an_ordinary_call_that_cannot_be_reported_is_503_at_last(void **state)
{
    struct world *w = *state;
    fake_link_fill(w->link, true);
    call_in(w, "12345", sdp);
    wait_for(w, EXCHANGE_RETRY_MS * (EXCHANGE_ORDINARY_TRIES - 1));
    expect("reply 100 to=1\n");
    wait_for(w, 3 * EXCHANGE_RETRY_MS);
    expect("reply 503 to=1\n");
    fake_link_fill(w->link, false);
}

static void a_long_wait_repeats_the_183(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    wait_for(w, EXCHANGE_REFRESH_MS);
    expect("media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8\n");
}

static void a_phone_that_rings_too_long_is_taken_back(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    fake_stack_answer(w->stack, 180, NULL);
    fake_stack_answer(w->stack, 183, NULL);
    expect("media open channel=2 port=20002\n"
           "send INVITE sip:1001@192.0.2.9\n"
           "report OfferRing offer=7\n");
    wait_for(w, EXCHANGE_RING_MS - 1000);
    (void)transcript_take();
    wait_for(w, 1000);
    expect("send CANCEL\nreport OfferFail offer=7 cause=unanswered\n");
    fake_stack_answer(w->stack, 487, NULL);
    expect("media close channel=2\n");
}

static void the_next_phone_rings_while_the_last_is_taken_back(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    fake_stack_answer(w->stack, 180, NULL);
    fake_link_order(w->link, ORDER_WITHDRAW, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 487, NULL);
    offer(w, 8);
    fake_stack_answer(w->stack, 200, sdp);
    expect("media close channel=2\n"
           "media open channel=3 port=20004\n"
           "send INVITE sip:1001@192.0.2.9\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:3 3:1\n"
           "report OfferAnswer offer=8\n");
}

/* An emergency that nobody answered rings at two: the newest INVITE is the one that answers here. */
static void the_first_of_two_phones_that_answers_has_the_caller(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    fake_stack_answer(w->stack, 180, NULL);
    uint64_t first = fake_stack_token(w->stack);
    (void)transcript_take();
    fake_link_offer_beside(w->link, 8, 1, "sip:1002@192.0.2.9");
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9\n");
    fake_stack_answer(w->stack, 200, sdp);
    expect("send CANCEL\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:3 3:1\n"
           "report OfferAnswer offer=8\n");
    fake_link_order(w->link, ORDER_WITHDRAW, 7); /* the dispatcher says it, too */
    expect("");
    fake_stack_cancelled(w->stack, first);
    expect("media close channel=2\n");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_caller_who_gives_up_stops_both_phones(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    uint64_t first = fake_stack_token(w->stack);
    fake_link_offer_beside(w->link, 8, 1, "sip:1002@192.0.2.9");
    (void)transcript_take();
    fake_stack_cancel(w->stack, w->invite);
    expect("reply 487 to=1\n"
           "report ContactEnd call=1 cause=cancelled\n"
           "send CANCEL\nsend CANCEL\n"
           "media close channel=1\n");
    fake_stack_cancelled(w->stack, first);
    fake_stack_answer(w->stack, 487, NULL);
    expect("media close channel=2\nmedia close channel=3\n");
}

static void a_phone_that_answers_a_withdrawn_offer_is_hung_up(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    fake_link_order(w->link, ORDER_WITHDRAW, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    expect("send BYE sip:1001@192.0.2.9\nmedia close channel=2\n");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

/* The lease ran out in the dispatcher while the phone's 200 was on its way. */
static void a_caller_who_lost_the_taker_waits_again(void **state)
{
    struct world *w = *state;
    both_talk(w);
    fake_link_order(w->link, ORDER_WITHDRAW, 7);
    expect("send BYE sip:1001@192.0.2.9\n"
           "media room 1:\n"
           "media play channel=1 first=waiting-emergency\n"
           "media close channel=2\n");
    offer(w, 8);
    fake_stack_answer(w->stack, 200, sdp);
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1001@192.0.2.9\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:3 3:1\n"
           "report OfferAnswer offer=8\n");
}

static void a_phone_without_sound_fails_the_offer(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, NULL);
    expect("send BYE sip:1001@192.0.2.9\n"
           "report OfferFail offer=7 cause=phone_failed\n"
           "media close channel=2\n");
}

static void a_declined_call_is_told_apart_from_a_broken_phone(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 603, NULL);
    expect("report OfferFail offer=7 cause=declined\nmedia close channel=2\n");
    fake_link_offer(w->link, 8, 1, "sip:1001@phone.city.example", false);
    expect("media open channel=3 port=20004\n"
           "report OfferFail offer=8 cause=phone_failed\n"
           "media close channel=3\n");
}

/* RFC 3665 §3.6: where a call goes on is the dispatcher's word, not a telephone's. */
static void a_phone_that_redirects_is_not_followed(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 302, NULL);
    expect("report OfferFail offer=7 cause=phone_failed\n"
           "media close channel=2\n");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void an_offer_for_a_caller_who_is_gone_fails(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    fake_stack_cancel(w->stack, w->invite);
    expect("reply 487 to=1\n"
           "report ContactEnd call=1 cause=cancelled\n"
           "media close channel=1\n");
    offer(w, 7);
    expect("report OfferFail offer=7 cause=caller_gone\n");
}

static void the_dispatcher_releases_a_call_before_its_ack(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    fake_link_order(w->link, ORDER_RELEASE, 1);
    expect("report ContactEnd call=1 cause=taker\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n");
    acknowledge(w, NULL);
    expect("send BYE sip:caller@192.0.2.7\nmedia close channel=1\n");
}

static void a_caller_may_hold_and_come_back(void **state)
{
    struct world *w = *state;
    char tag[SIP_TAG_BYTES], held[512];
    caller_waits(w, "110");
    (void)text_copy(tag, sizeof tag, fake_stack_tag(w->stack));
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    (void)snprintf(held, sizeof held, "%sa=sendonly\r\n", sdp);
    (void)transcript_take();
    inside(w, SIP_INVITE, tag, 2, held);
    expect("media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=3 m=audio 20000 RTP/AVP 8\n");
    inside(w, SIP_OPTIONS, tag, 1, NULL); /* an old CSeq */
    expect("reply 500 to=4\n");
    inside(w, SIP_BYE, tag, 3, NULL);
    expect("reply 200 to=5\n"
           "report ContactEnd call=1 cause=caller\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
    inside(w, SIP_BYE, tag, 4, NULL);
    expect("reply 481 to=7\n");
}

static void ordinary_calls_leave_room_for_emergencies(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < EXCHANGE_ORDINARY_MAX; i++)
        call_in(w, "12345", NULL);
    (void)transcript_take();
    call_in(w, "12345", NULL);
    expect("reply 503 to=501\n");
    for (int i = EXCHANGE_ORDINARY_MAX; i < EXCHANGE_CALLS_MAX; i++)
        call_in(w, "110", NULL);
    assert_int_equal(exchange_calls(w->exchange), EXCHANGE_CALLS_MAX);
    (void)transcript_take();
    call_in(w, "110", NULL); /* no place is left at all: the carrier tries the twin */
    assert_non_null(strstr(transcript_take(), "reply 503"));
}

static void a_draining_gateway_keeps_its_calls_and_takes_no_new_ones(void **state)
{
    struct world *w = *state;
    both_talk(w);
    exchange_drain(w->exchange);
    call_in(w, "110", sdp);
    expect("reply 503 to=3\n");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void lines_come_from_the_dispatcher(void **state)
{
    struct world *w = *state;
    struct setup setup = { .lines_count = 1 };
    setup.lines[0].line = 96001;
    fake_link_setup(w->link, &setup);
    call_in(w, "96001", NULL);
    expect("reply 100 to=1\n"
           "report ContactArrive call=1 line=96001 called=96001 number=13800001111\n");
    call_in(w, "110", NULL);
    expect("reply 404 to=2\n");
}

static void who_waits_is_spoken_to_in_their_language_as_far_as_it_is_recorded(void **state)
{
    struct world *w = *state;
    struct setup setup = { .lines_count = 1 };
    setup.lines[0] =
        (struct line_row){ .line = 110, .emergency = true, .language = LANGUAGE_ENGLISH };
    fake_link_setup(w->link, &setup);
    call_in(w, "110", sdp);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("media open channel=1 port=20000\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8\n"
           "media record channel=1\n"
           "media play channel=1 first=welcome-110-english\n");
    fake_link_announce(w->link, 1, ANNOUNCEMENT_CLUSTER, 0);
    expect(
        "media heed channel=1\nmedia play channel=1 first=cluster\n"); /* nobody has recorded it */
    wait_for(w, 21000);
    expect("media play channel=1 first=waiting-emergency-english\n");
}

static void a_line_knows_its_callers_language_or_their_carrier_does(void **state)
{
    struct world *w = *state;
    struct setup setup = { .lines_count = 1 };
    setup.lines[0].line = 12345;
    setup.lines[0].language = LANGUAGE_KOREAN;
    fake_link_setup(w->link, &setup);
    struct sip_message invite = message_of(w, SIP_INVITE, "12345");
    (void)text_copy(invite.accept_language, sizeof invite.accept_language, "en");
    (void)fake_stack_request(w->stack, &invite);
    expect(
        "reply 100 to=1\n"
        "report ContactArrive call=1 line=12345 called=12345 number=13800001111 language=korean\n");
    setup.lines[0].header_language = true;
    fake_link_setup(w->link, &setup);
    (void)text_copy(invite.call_id, sizeof invite.call_id, "another@test");
    (void)fake_stack_request(w->stack, &invite);
    expect("reply 100 to=2\n"
           "report ContactArrive call=2 line=12345 called=12345 number=13800001111 "
           "language=english\n");
}

static void a_recording_is_reported_after_its_call(void **state)
{
    struct world *w = *state;
    struct media_event recorded = { .kind = MEDIA_RECORDED,
                                    .owner = FIRST_CALL,
                                    .file = "20260501/1000.tape" };
    exchange_hear_media(w->exchange, &recorded);
    expect("report RecordingStore call=1 file=20260501/1000.tape\n");
    fake_link_outcome(w->link, REFUSAL_NO_SUCH_CONTACT); /* its key is nowhere else */
    expect("");
    exchange_hear_media(w->exchange, &recorded);
    expect("report RecordingStore call=1 file=20260501/1000.tape\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("media taken 20260501/1000.tape\n");
}

static void press(struct world *w, char digit)
{
    struct media_event key = { .kind = MEDIA_DIGIT,
                               .owner = fake_media_owner(w->media, 1),
                               .digit = digit };
    exchange_hear_media(w->exchange, &key);
}

static void keys_count_only_when_one_was_asked_for(void **state)
{
    struct world *w = *state;
    caller_waits(w, "12345");
    press(w, '1');
    expect("");
    fake_link_announce(w->link, 1, ANNOUNCEMENT_WAIT, 3);
    press(w, '1');
    expect("media play channel=1 first=wait-3\n");
    fake_link_announce(w->link, 1, ANNOUNCEMENT_CALLBACK_OFFER, 0);
    press(w, '1');
    expect("media heed channel=1\n"
           "media play channel=1 first=callback-offer\n"
           "report ContactDigits call=1 digits=1\n");
    wait_for(w, 21000);
    expect("media play channel=1 first=waiting-ordinary\n");
}

static void type_in(struct world *w, const char *text, bool fifty)
{
    struct media_event typed = { .kind = MEDIA_TYPED,
                                 .owner = fake_media_owner(w->media, 1),
                                 .fifty = fifty };
    (void)text_copy(typed.text, sizeof typed.text, text);
    exchange_hear_media(w->exchange, &typed);
}

/* Who cannot hear types, and is answered the same way. */
static void a_text_telephone_opens_a_conversation_beside_the_call(void **state)
{
    struct world *w = *state;
    both_talk(w);
    type_in(w, "FIRE ", false);
    type_in(w, "WEST ROAD", false);
    wait_for(w, 1000);
    type_in(w, " 27", false);
    wait_for(w, 1000);
    expect("");
    wait_for(w, 700);
    expect("report ContactType call=1 typing=baudot_45 words=FIRE WEST ROAD 27\n");
    type_in(w, " HURRY GA", true);
    wait_for(w, EXCHANGE_TICK_MS);
    expect("report ContactType call=1 typing=baudot_50 words=HURRY GA\n");
    fake_link_type(w->link, 1, TYPING_BAUDOT_50, "Which floor? GA");
    expect("media type channel=1 50 words=Which floor? GA\n");
    fake_link_type(w->link, 9, TYPING_BAUDOT_50, "to nobody");
    expect("");
    type_in(w, "THIRD", true);
    fake_link_release(w->link, 1, END_CAUSE_TAKER, ANNOUNCEMENT_NONE);
    assert_non_null(strstr(transcript_take(), "typing=baudot_50 words=THIRD\nreport ContactEnd"));
}

static const char with_text[] =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8\r\nm=text 40010 RTP/AVP 100 98\r\na=rtpmap:98 t140/1000\r\n"
    "a=rtpmap:100 red/1000\r\na=fmtp:100 98/98/98\r\n";

/* RFC 4103: whoever offers text beside the voice may be written to before they have written. */
static void real_time_text_is_taken_on_an_emergency_line(void **state)
{
    struct world *w = *state;
    call_in(w, "110", with_text);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_NONE);
    const char *story = transcript_take();
    assert_non_null(strstr(story, "media text channel=1 to=192.0.2.7:40010 payload=98 red=100\n"));
    assert_non_null(strstr(story, "report ContactType call=1 typing=t140 words=-\n"));
    assert_non_null(strstr(fake_stack_body(w->stack), "m=text 30000 RTP/AVP 100 98\r\n"));
    struct media_event typed = { .kind = MEDIA_TYPED,
                                 .owner = fake_media_owner(w->media, 1),
                                 .t140 = true };
    (void)text_copy(typed.text, sizeof typed.text, "\b\xE7\x81\xAB\xE4\xBD\xA0\b!");
    exchange_hear_media(w->exchange, &typed);
    wait_for(w, 1600);
    expect("report ContactType call=1 typing=t140 words=\xE7\x81\xAB!\n");
    fake_link_type(w->link, 1, TYPING_T140, "Where?");
    expect("media text channel=1 words=Where?\n");
    call_in(w, "12345", with_text); /* not there */
    fake_link_outcome(w->link, REFUSAL_NONE);
    assert_non_null(strstr(fake_stack_body(w->stack), "m=text 0 RTP/AVP 0\r\n"));
}

/* RFC 6086: some carriers say a key by INFO, and some by INFO and in the sound. */
static void a_key_said_by_info_counts_once(void **state)
{
    struct world *w = *state;
    caller_waits(w, "12345");
    struct sip_message info = message_of(w, SIP_INFO, "yihao");
    (void)text_copy(info.to.tag, sizeof info.to.tag, fake_stack_tag(w->stack));
    fake_link_announce(w->link, 1, ANNOUNCEMENT_CALLBACK_OFFER, 0);
    (void)transcript_take();
    info.key = '2';
    info.strange = true;
    info.cseq = 2;
    (void)fake_stack_request(w->stack, &info);
    expect("reply 200 to=2\nreport ContactDigits call=1 digits=2\n");
    press(w, '2');
    expect(""); /* the same press */
    info.cseq = 3;
    (void)fake_stack_request(w->stack, &info);
    expect("reply 200 to=3\nreport ContactDigits call=1 digits=2\n");
    wait_for(w, 1000);
    press(w, '2');
    expect("report ContactDigits call=1 digits=2\n");
    info.cseq = 4;
    info.key = 0;
    (void)fake_stack_request(w->stack, &info);
    expect("reply 415 to=4\n");
}

static void who_will_be_called_hears_a_last_word(void **state)
{
    struct world *w = *state;
    caller_waits(w, "12345");
    fake_link_release(w->link, 1, END_CAUSE_NONE, ANNOUNCEMENT_CALLBACK_KEPT);
    expect("media play channel=1 first=callback\n");
    wait_for(w, 9000);
    expect("reply 480 to=1\n"
           "report ContactEnd call=1 cause=taker\n"
           "media close channel=1\n");
}

static void a_taker_who_answers_interrupts_the_announcement(void **state)
{
    struct world *w = *state;
    caller_waits(w, "12345");
    fake_link_announce(w->link, 1, ANNOUNCEMENT_WAIT, 1);
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    (void)transcript_take();
    wait_for(w, 30000);
    expect(""); /* nothing plays over the conversation later */
}

static void who_says_nothing_on_an_emergency_line_is_reported(void **state)
{
    struct world *w = *state;
    both_talk(w);
    struct media_event still = { .kind = MEDIA_STILL, .owner = fake_media_owner(w->media, 1) };
    exchange_hear_media(w->exchange, &still);
    expect("report ContactSilent call=1\n");
    fake_link_announce(w->link, 1, ANNOUNCEMENT_SILENT, 0);
    press(w, '5');
    expect("media heed channel=1\n"
           "media play channel=1 first=silent\nreport ContactDigits call=1 digits=5\n");
    still.owner = fake_media_owner(w->media, 2); /* the taker's side */
    exchange_hear_media(w->exchange, &still);
    expect("");
}

static void a_test_call_is_answered_and_ended(void **state)
{
    struct world *w = *state;
    call_in(w, "test-110", sdp);
    expect("reply 100 to=1\n"
           "report ContactArrive call=1 line=110 called=test-110 number=13800001111\n");
    fake_link_release(w->link, 1, END_CAUSE_TEST, ANNOUNCEMENT_NONE);
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("media open channel=1 port=20000\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8\n"
           "media play channel=1 first=welcome-110\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "report ContactEnd call=1 cause=test\n");
    acknowledge(w, NULL);
    expect("send BYE sip:caller@192.0.2.7\nmedia close channel=1\n");
}

static void a_test_call_too_soon_is_busy(void **state)
{
    struct world *w = *state;
    call_in(w, "test-110", sdp);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_TOO_SOON);
    expect("reply 486 to=1\n");
}

/* RFC 3665 §3.5: a gateway between the nets writes itself into the description and into the way; behind it the caller
 * has an address that nobody here reaches. */
static void a_caller_behind_a_rewriting_proxy_is_reached_through_it(void **state)
{
    static const char rewritten[] = "v=0\r\no=a 1 1 IN IP4 10.1.1.9\r\ns=-\r\n"
                                    "c=IN IP4 192.0.2.50\r\nt=0 0\r\nm=audio 3456 RTP/AVP 8\r\n";
    static const char moved[] = "v=0\r\no=a 1 2 IN IP4 10.1.1.9\r\ns=-\r\n"
                                "c=IN IP4 192.0.2.50\r\nt=0 0\r\nm=audio 3458 RTP/AVP 8\r\n";
    struct world *w = *state;
    struct sip_message invite = message_of(w, SIP_INVITE, "110");
    (void)text_copy(invite.source.ip, sizeof invite.source.ip, "192.0.2.50");
    (void)text_copy(invite.contact, sizeof invite.contact, "sip:caller@10.1.1.9");
    (void)text_copy(invite.routes[0], sizeof invite.routes[0], "sip:192.0.2.50;lr");
    invite.route_count = 1;
    invite.description = rewritten;
    invite.description_length = sizeof rewritten - 1;
    w->invite = fake_stack_request(w->stack, &invite);
    fake_link_outcome(w->link, REFUSAL_NONE);
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.50:3456 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:2 2:1\n"
           "report OfferAnswer offer=7\n");
    (void)text_copy(invite.to.tag, sizeof invite.to.tag, fake_stack_tag(w->stack));
    acknowledge(w, NULL);
    invite.cseq = 2;
    invite.description = moved;
    (void)fake_stack_request(w->stack, &invite);
    assert_non_null(strstr(transcript_take(), "media connect channel=1 to=192.0.2.50:3458"));
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL);
    assert_non_null(
        strstr(transcript_take(), "send BYE sip:caller@10.1.1.9 through sip:192.0.2.50;lr\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_hears_ringing_before_the_contact_is_durable, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_spool_is_durable_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_late_offer_is_made_in_the_200, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_of_two_phones_that_answers_has_the_caller, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_caller_who_gives_up_stops_both_phones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_emergency_call_without_a_common_codec_is_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_ordinary_call_without_a_common_codec_is_488, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(without_ports_an_emergency_caller_still_waits, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_refused_emergency_arrival_is_reported_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_refused_ordinary_arrival_is_503, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_ordinary_call_that_cannot_be_reported_is_503_at_last,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_count_only_when_one_was_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_said_by_info_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(real_time_text_is_taken_on_an_emergency_line, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_text_telephone_opens_a_conversation_beside_the_call,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_will_be_called_hears_a_last_word, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_taker_who_answers_interrupts_the_announcement, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_says_nothing_on_an_emergency_line_is_reported, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_test_call_is_answered_and_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_test_call_too_soon_is_busy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_wait_repeats_the_183, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_phone_that_rings_too_long_is_taken_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_next_phone_rings_while_the_last_is_taken_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_phone_that_answers_a_withdrawn_offer_is_hung_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_caller_who_lost_the_taker_waits_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_phone_without_sound_fails_the_offer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_declined_call_is_told_apart_from_a_broken_phone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_phone_that_redirects_is_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_offer_for_a_caller_who_is_gone_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_dispatcher_releases_a_call_before_its_ack, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_caller_may_hold_and_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ordinary_calls_leave_room_for_emergencies, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_draining_gateway_keeps_its_calls_and_takes_no_new_ones,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_come_from_the_dispatcher, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            who_waits_is_spoken_to_in_their_language_as_far_as_it_is_recorded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_knows_its_callers_language_or_their_carrier_does,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_recording_is_reported_after_its_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_caller_behind_a_rewriting_proxy_is_reached_through_it,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
