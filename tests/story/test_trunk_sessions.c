/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of provisional responses that are acknowledged, of descriptions that change before the answer,
 * and of dialogs that hold only while they are refreshed. */
#include <string.h>

#include "base/text.h"
#include "tests/story/switchboard.h"

enum {
    CALLER = 1, /* channels */
    TAKER = 2
};

static struct sip_message able_invite(struct world *w, const char *user, const char *description)
{
    w->callers++;
    struct sip_message invite = message_of(w, SIP_INVITE, user);
    invite.reliable = true;
    invite.description = description;
    invite.description_length = description ? strlen(description) : 0;
    return invite;
}

static char tag[SIP_TAG_BYTES]; /* of the dialog */

static void arrive(struct world *w, const struct sip_message *invite)
{
    w->invite = fake_stack_request(w->stack, invite);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_NONE);
    (void)text_copy(tag, sizeof tag, fake_stack_tag(w->stack));
}

static void prack(struct world *w, uint32_t rseq, uint32_t cseq, const char *description)
{
    struct sip_message message = message_of(w, SIP_PRACK, "yihao");
    (void)text_copy(message.to.tag, sizeof message.to.tag, tag);
    message.cseq = cseq;
    message.rseq = rseq;
    message.rack_cseq = 1;
    message.description = description;
    message.description_length = description ? strlen(description) : 0;
    (void)fake_stack_request(w->stack, &message);
}

/* ---- RFC 3262 ---------------------------------------------------------------------------------- */

static void a_183_is_said_again_until_the_prack_comes(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "110", sdp);
    arrive(w, &invite);
    expect("media open channel=1 port=20000\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8 RSeq: 1\n"
           "media record channel=1\n"
           "media play channel=1 first=welcome-110\n");
    wait_for(w, 1600);
    expect("reply 183 to=1 m=audio 20000 RTP/AVP 8 RSeq: 1\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8 RSeq: 1\n");
    prack(w, 2, 2, NULL);
    expect("reply 481 to=2\n");
    prack(w, 1, 3, NULL);
    expect("reply 200 to=3\n");
    wait_for(w, 30000);
    expect("");
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp); /* the descriptions are exchanged: the 200 has none */
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1\n"
           "media room 1:2 2:1\n"
           "report OfferAnswer offer=7\n");
}

static void a_200_waits_for_a_prack_but_not_for_ever(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "110", sdp);
    arrive(w, &invite);
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:2 2:1\n"
           "report OfferAnswer offer=7\n");
    wait_for(w, 2100);
    assert_non_null(strstr(transcript_take(), "reply 200 to=1 m=audio 20000 RTP/AVP 8"));
    wait_for(w, 10000);
    expect("");
}

static void a_prack_lets_the_200_go(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "110", sdp);
    arrive(w, &invite);
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    prack(w, 1, 2, NULL);
    expect("reply 200 to=3\n"
           "reply 200 to=1\n");
}

static void who_called_without_an_offer_hears_the_announcement_all_the_same(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "110", NULL);
    arrive(w, &invite);
    expect("media open channel=1 port=20000\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8 0 9 107 101 RSeq: 1\n"
           "media record channel=1\n"
           "media play channel=1 first=welcome-110\n");
    prack(w, 1, 2, sdp);
    expect("reply 200 to=2\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media play channel=1 first=welcome-110\n");
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1\n"
           "media room 1:2 2:1\n"
           "report OfferAnswer offer=7\n");
}

static void a_phone_s_reliable_ringing_is_acknowledged_and_its_early_answer_counts(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    (void)transcript_take();
    struct sip_message ringing = {
        .status = 183, .method = SIP_INVITE, .reliable = true, .rseq = 77, .cseq = 1
    };
    (void)text_copy(ringing.to.tag, sizeof ringing.to.tag, "phone");
    (void)text_copy(ringing.contact, sizeof ringing.contact, "sip:1001@192.0.2.9:5062");
    ringing.description = sdp;
    ringing.description_length = strlen(sdp);
    fake_stack_respond(w->stack, fake_stack_token(w->stack), &ringing);
    expect("send PRACK sip:1001@192.0.2.9:5062 RAck: 77 1 INVITE\n"
           "report OfferRing offer=7\n");
    fake_stack_respond(w->stack, fake_stack_token(w->stack), &ringing); /* the same once more */
    expect("");
    fake_stack_answer(w->stack, 200, NULL);
    assert_non_null(strstr(transcript_take(), "report OfferAnswer offer=7"));
}

/* ---- RFC 3311 ---------------------------------------------------------------------------------- */

static void an_update_moves_the_sound_before_the_answer(void **state)
{
    struct world *w = *state;
    static const char moved[] = "v=0\r\no=- 1 2 IN IP4 192.0.2.8\r\ns=-\r\nc=IN IP4 192.0.2.8\r\n"
                                "t=0 0\r\nm=audio 41000 RTP/AVP 8\r\n";
    caller_waits(w, "110");
    (void)text_copy(tag, sizeof tag, fake_stack_tag(w->stack));
    inside(w, SIP_UPDATE, tag, 2, moved);
    expect("media connect channel=1 to=192.0.2.8:41000 law=8 events=0\n"
           "reply 200 to=2 m=audio 20000 RTP/AVP 8\n");
    inside(w, SIP_UPDATE, tag, 3, NULL);
    expect("reply 200 to=3\n");
}

static void an_update_of_a_phone_that_still_rings_crosses_our_offer(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    fake_stack_answer(w->stack, 180, NULL);
    (void)transcript_take();
    inside(w, SIP_UPDATE, "nobody", 2, sdp);
    expect("reply 481 to=3\n");
}

/* ---- RFC 4028 ---------------------------------------------------------------------------------- */

static void a_session_that_is_ours_to_refresh_is_refreshed_at_half_time(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "110", sdp), answer = { .status = 200 };
    invite.reliable = false;
    invite.timer = invite.updates = true;
    invite.session_expires = 1800;
    invite.refresher = SIP_UAS;
    arrive(w, &invite);
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    assert_non_null(strstr(transcript_take(), "Session-Expires: 1800;refresher=uas"));
    acknowledge(w, NULL);
    wait_for(w, 899000);
    expect("");
    wait_for(w, 1200);
    expect("send UPDATE sip:caller@192.0.2.7 Session-Expires: 1800;refresher=uac\n");
    answer.method = SIP_UPDATE;
    answer.session_expires = 1800;
    answer.refresher = SIP_UAC;
    fake_stack_respond(w->stack, fake_media_owner(w->media, CALLER), &answer);
    wait_for(w, 899000);
    expect("");
    wait_for(w, 1200);
    expect("send UPDATE sip:caller@192.0.2.7 Session-Expires: 1800;refresher=uac\n");
    answer.status = 481;
    fake_stack_respond(w->stack, fake_media_owner(w->media, CALLER), &answer);
    assert_non_null(strstr(transcript_take(), "report ContactEnd call=1 cause=media_lost"));
}

static void who_does_not_know_update_is_refreshed_by_a_further_invite(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "110", sdp);
    invite.session_expires = 180;
    invite.refresher = SIP_UAS;
    arrive(w, &invite);
    prack(w, 1, 2, NULL);
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    char their_tag[SIP_TAG_BYTES];
    (void)text_copy(their_tag, sizeof their_tag, fake_stack_tag(w->stack));
    acknowledge(w, NULL);
    (void)transcript_take();
    wait_for(w, 90200);
    expect("send INVITE sip:caller@192.0.2.7 Session-Expires: 180;refresher=uac\n");
    inside(w, SIP_INVITE, their_tag, 5, sdp); /* RFC 3261 §14.2: theirs crosses ours */
    assert_non_null(strstr(transcript_take(), "reply 491 "));
    struct sip_message answer = { .status = 200, .method = SIP_INVITE, .description = sdp };
    answer.description_length = strlen(sdp);
    fake_stack_respond(w->stack, fake_media_owner(w->media, CALLER), &answer);
    (void)transcript_take();
    inside(w, SIP_INVITE, their_tag, 6, sdp);
    assert_non_null(strstr(transcript_take(), "reply 200 "));
}

static void a_session_they_forget_ends_only_for_who_cannot_be_heard(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "110", sdp);
    struct media_event quiet = { .kind = MEDIA_LOST, .sounded = true };
    invite.reliable = false;
    invite.timer = true;
    invite.session_expires = 90;
    invite.refresher = SIP_UAC;
    arrive(w, &invite);
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    (void)transcript_take();
    wait_for(w, 65000);
    expect("");
    assert_int_equal(exchange_calls(w->exchange), 1);
    quiet.owner = fake_media_owner(w->media, CALLER);
    exchange_hear_media(w->exchange, &quiet);
    wait_for(w, 200);
    fake_stack_options(w->stack, quiet.owner, 200); /* it answers questions, but is not refreshed */
    wait_for(w, 95000);
    assert_non_null(strstr(transcript_take(), "report ContactEnd call=1 cause=media_lost"));
}

static void a_session_too_short_is_422_and_never_so_on_an_emergency_line(void **state)
{
    struct world *w = *state;
    struct sip_message invite = able_invite(w, "12345", sdp);
    invite.session_expires = 60;
    (void)fake_stack_request(w->stack, &invite);
    expect("reply 422 to=1 Min-SE: 90\n");
    invite = able_invite(w, "120", sdp);
    invite.session_expires = 60;
    (void)fake_stack_request(w->stack, &invite);
    assert_non_null(strstr(transcript_take(), "report ContactArrive call=1 line=120"));
    fake_link_outcome(w->link, REFUSAL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        STORY(a_183_is_said_again_until_the_prack_comes),
        STORY(a_200_waits_for_a_prack_but_not_for_ever),
        STORY(a_prack_lets_the_200_go),
        STORY(who_called_without_an_offer_hears_the_announcement_all_the_same),
        STORY(a_phone_s_reliable_ringing_is_acknowledged_and_its_early_answer_counts),
        STORY(an_update_moves_the_sound_before_the_answer),
        STORY(an_update_of_a_phone_that_still_rings_crosses_our_offer),
        STORY(a_session_that_is_ours_to_refresh_is_refreshed_at_half_time),
        STORY(who_does_not_know_update_is_refreshed_by_a_further_invite),
        STORY(a_session_they_forget_ends_only_for_who_cannot_be_heard),
        STORY(a_session_too_short_is_422_and_never_so_on_an_emergency_line),
    };
    return cmocka_run_group_tests_name("trunk_sessions", tests, NULL, NULL);
}
