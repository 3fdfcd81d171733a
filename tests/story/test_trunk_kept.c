/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of a gateway that is killed: what the next process finds, and how it goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "gateways/trunk/kept.h"
#include "tests/story/switchboard.h"

static char path[64];
static char to_tag[SIP_TAG_BYTES]; /* of the caller's dialog */
static struct kept *kept;

static void begin_keeping(struct world *w)
{
    assert_int_equal(exchange_open_kept(&kept, path), 0);
    exchange_take_up(w->exchange, kept, w->now_ms, WALL_MS + w->now_ms);
}

static int set_up_kept(void **state)
{
    int status = set_up(state);
    (void)snprintf(path, sizeof path, "/tmp/yihao-kept-%d", (int)getpid());
    (void)unlink(path);
    begin_keeping(*state);
    (void)transcript_take();
    return status;
}

static int tear_down_kept(void **state)
{
    int status = tear_down(state);
    kept_close(kept);
    (void)unlink(path);
    return status;
}

/* Nothing is said, nothing released: the process is gone, and 300 ms later there is another. */
static void kill_and_start(struct world *w)
{
    struct exchange_settings settings = { .address = "192.0.2.1",
                                          .lines_path = "/nonexistent/lines",
                                          .registrar = w->registrar,
                                          .first_call = FIRST_CALL + 100 };
    exchange_keep(w->exchange); /* the end of the turn */
    if (fake_stack_tag(w->stack)[0])
        (void)snprintf(to_tag, sizeof to_tag, "%s", fake_stack_tag(w->stack));
    kept_close(kept);
    stack_close(w->stack);
    link_close(w->link);
    media_close(w->media);
    exchange_destroy(w->exchange);
    (void)transcript_take();
    w->exchange = exchange_create(&settings);
    w->stack = fake_stack_make(&exchange_stack_handlers, w->exchange);
    w->link = fake_link_make(&exchange_link_handlers, w->exchange);
    w->media = fake_media_make();
    exchange_connect(w->exchange, w->stack, w->link, w->media);
    w->now_ms += 300;
    begin_keeping(w);
    fake_link_up(w->link);
}

static void who_talks_talks_on(void **state)
{
    struct world *w = *state;
    both_talk(w);
    kill_and_start(w);
    expect("media resume channel=1 port=20000 source=1\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media resume channel=2 port=20002 source=2\n"
           "media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "media record on channel=1\n"
           "media room 1:2 2:1\n"
           "report ContactKeep call=1 silent_ms=300\n"
           "report OfferAnswer offer=7\n"
           "report GatewaySettle\n");
    fake_link_up(w->link); /* under the same name once more: all that live are named */
    (void)transcript_take();
    fake_link_release(w->link, 1, END_CAUSE_TAKER, ANNOUNCEMENT_NONE);
    expect("send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=taker\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
}

static void the_caller_of_before_hangs_up(void **state)
{
    struct world *w = *state;
    both_talk(w);
    kill_and_start(w);
    (void)transcript_take();
    inside(w, SIP_BYE, to_tag, 2, NULL);
    expect("reply 200 to=1\n"
           "report ContactEnd call=1 cause=caller\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
    kill_and_start(w); /* and is no ghost in a third life */
    expect("report GatewaySettle\n");
}

static void who_waits_waits_on_and_is_answered(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    kill_and_start(w);
    expect("resume INVITE of 1 from=192.0.2.7\n"
           "media resume channel=1 port=20000 source=1\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media record on channel=1\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8\n"
           "media play channel=1 first=waiting-emergency\n"
           "report ContactKeep call=1 silent_ms=300\n"
           "report GatewaySettle\n");
    w->invite = 1;
    fake_link_outcome(w->link, REFUSAL_NONE);
    offer(w, 7);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:2 2:1\n"
           "report OfferAnswer offer=7\n");
}

static void what_rings_rings_on(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    kill_and_start(w);
    w->invite = 1;
    expect("resume INVITE of 1 from=192.0.2.7\n"
           "media resume channel=1 port=20000 source=1\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media resume channel=2 port=20002 source=2\n"
           "media record on channel=1\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 183 to=1 m=audio 20000 RTP/AVP 8\n"
           "media play channel=1 first=waiting-emergency\n"
           "send INVITE sip:1001@192.0.2.9 again\n"
           "report ContactKeep call=1 silent_ms=300\n"
           "report GatewaySettle\n");
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:2 2:1\n"
           "report OfferAnswer offer=7\n");
}

static void who_is_held_hears_it_again(void **state)
{
    struct world *w = *state;
    both_talk(w);
    fake_link_hold(w->link, 1, true, LANGUAGE_ENGLISH);
    kill_and_start(w);
    expect("media resume channel=1 port=20000 source=1\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media resume channel=2 port=20002 source=2\n"
           "media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "media record on channel=1\n"
           "media room 1: 2:\n"
           "media play channel=1 first=hold-english\n"
           "report ContactKeep call=1 silent_ms=300\n"
           "report OfferAnswer offer=7\n"
           "report GatewaySettle\n");
}

static void an_arrival_without_an_answer_is_reported_again(void **state)
{
    struct world *w = *state;
    call_in(w, "110", sdp);
    kill_and_start(w);
    w->invite = 1;
    expect("resume INVITE of 1 from=192.0.2.7\n"
           "report ContactArrive call=1 line=110 called=110 number=13800001111\n"
           "report ContactKeep call=1 silent_ms=300\n"
           "report GatewaySettle\n");
    fake_link_outcome(w->link, REFUSAL_NO_SUCH_CONTACT); /* to the keeping */
    expect("");
}

static void who_is_over_for_the_dispatcher_and_still_here_begins_anew(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    kill_and_start(w);
    w->invite = 1;
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_WRONG_STATE);
    expect("media record channel=1\n"
           "media play channel=1 first=waiting-emergency\n"
           "report ContactArrive call=101 line=110 called=110 number=13800001111\n");
}

static unsigned long version_in(const char *body)
{
    unsigned long version = 0;
    assert_int_equal(sscanf(strstr(body, "o="), "o=%*s %*s %lu", &version), 1);
    return version;
}

/* The recoveries of others failed so: a number too low, routes turned round, a description of the past. */
static void what_is_said_after_a_kill_is_numbered_on_and_goes_the_same_way(void **state)
{
    struct world *w = *state;
    struct sip_message invite = message_of(w, SIP_INVITE, "110");
    (void)text_copy(invite.routes[0], sizeof invite.routes[0], "sip:192.0.2.50;lr");
    (void)text_copy(invite.routes[1], sizeof invite.routes[1], "sip:192.0.2.51;lr");
    invite.route_count = 2;
    invite.description = sdp;
    invite.description_length = strlen(sdp);
    w->invite = fake_stack_request(w->stack, &invite);
    fake_link_outcome(w->link, REFUSAL_NONE);
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    invite.cseq = 2;
    (void)text_copy(invite.to.tag, sizeof invite.to.tag, fake_stack_tag(w->stack));
    (void)fake_stack_request(w->stack, &invite);
    unsigned long version = version_in(fake_stack_body(w->stack));
    kill_and_start(w);
    (void)transcript_take();
    invite.cseq = 1;
    (void)fake_stack_request(w->stack, &invite); /* what is old is old */
    expect("reply 500 to=1\n");
    invite.cseq = 3;
    (void)fake_stack_request(w->stack, &invite);
    assert_non_null(strstr(transcript_take(), "reply 200 to=2 m=audio 20000 RTP/AVP 8"));
    assert_int_equal(version_in(fake_stack_body(w->stack)), version + 1);
    fake_link_release(w->link, 1, END_CAUSE_TAKER, ANNOUNCEMENT_NONE);
    assert_non_null(
        strstr(transcript_take(), "send BYE sip:caller@192.0.2.7 through sip:192.0.2.50;lr\n"));
    assert_in_range(fake_stack_cseq(w->stack), 101, 103);
}

static void refers_to(struct world *w, const char *refer_to)
{
    struct sip_message refer = { .method = SIP_REFER, .refer_count = 1 };
    (void)refer_to_read(&refer.refer_to, refer_to);
    (void)text_copy(refer.referred_by, sizeof refer.referred_by, "<sip:1001@city>");
    fake_stack_phone_says(w->stack, 1, &refer);
}

/* The same from the telephone that the former process called: the fake of its stack is gone. */
static void says_after(struct world *w, const struct dialog *dialog, enum sip_method method,
                       uint32_t cseq, const char *refer_to)
{
    struct sip_message message = { .request = true, .method = method, .cseq = cseq };
    (void)text_copy(message.to.tag, sizeof message.to.tag, dialog->local_tag);
    (void)text_copy(message.from.tag, sizeof message.from.tag, "phone");
    (void)text_copy(message.call_id, sizeof message.call_id, dialog->call_id);
    (void)text_copy(message.contact, sizeof message.contact, "sip:1001@192.0.2.9");
    message.refer_count = refer_to != NULL;
    if (refer_to)
        (void)refer_to_read(&message.refer_to, refer_to);
    (void)text_copy(message.referred_by, sizeof message.referred_by, "<sip:1001@city>");
    (void)fake_stack_request(w->stack, &message);
}

static void ordinary_talk(struct world *w)
{
    caller_waits(w, "12345");
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
}

/* RFC 5589 §7 in the instant of a kill: the INVITE goes on taking the place of the two telephones' talk. */
static void an_attended_hand_over_goes_on_after_a_kill(void **state)
{
    struct world *w = *state;
    ordinary_talk(w);
    refers_to(w, "<sip:1002@192.0.2.9?Replaces=a%40b%3Bto-tag%3Dp1%3Bfrom-tag%3D7>");
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_offer_transfer(w->link, 8, 1, "sip:1002@192.0.2.9");
    kill_and_start(w);
    assert_non_null(strstr(transcript_take(), "send INVITE sip:1002@192.0.2.9 again "
                                              "Replaces: a@b;to-tag=p1;from-tag=7\n"));
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:2,3 2:1,3 3:1,2\n"
           "send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: terminated;reason=noresource says SIP/2.0 200 OK\n"
           "report OfferAnswer offer=8\n");
    fake_link_hand_over(w->link, 1, 8);
    expect("media room 1:3 3:1\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n");
}

/* Whatever the former process had heard: the caller is at the taker, and the telephone is not left waiting. */
static void a_referral_nobody_decided_before_the_kill_ends(void **state)
{
    struct world *w = *state;
    ordinary_talk(w);
    struct dialog phone = *fake_stack_dialog(w->stack, 1);
    refers_to(w, "<sip:1002@192.0.2.1>");
    kill_and_start(w);
    (void)transcript_take();
    says_after(w, &phone, SIP_REFER, 1, "<sip:1002@192.0.2.1>"); /* it heard no answer: once more */
    expect("report ContactTransfer call=1 line=0 taker=1002 by=<sip:1001@city>\n");
    wait_for(w, 1100);
    expect("reply 202 to=1\n"
           "send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: active;expires=180 says SIP/2.0 100 Trying\n");
    kill_and_start(w); /* and the outcome goes to nobody */
    (void)transcript_take();
    wait_for(w, 29000);
    assert_null(strstr(transcript_take(), "NOTIFY"));
    wait_for(w, 1100);
    assert_non_null(strstr(transcript_take(),
                           "send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 Subscription-State: "
                           "terminated;reason=noresource says SIP/2.0 503 Unavailable\n"));
    says_after(w, &phone, SIP_REFER, 2, "<sip:1003@192.0.2.1>");
    expect("report ContactTransfer call=1 line=0 taker=1003 by=<sip:1001@city>\n");
}

/* RFC 3891: the other telephone has the place; that the answer died with the process, it tells us by asking again. */
static void who_took_a_place_has_it_after_a_kill(void **state)
{
    struct world *w = *state;
    both_talk(w);
    struct sip_message invite = message_of(w, SIP_INVITE, "1001");
    (void)text_copy(invite.source.ip, sizeof invite.source.ip, "192.0.2.9");
    (void)text_copy(invite.call_id, sizeof invite.call_id, "other@phone");
    (void)text_copy(invite.contact, sizeof invite.contact, "sip:1001@192.0.2.9:5070");
    invite.description = sdp;
    invite.description_length = strlen(sdp);
    invite.replacing = true;
    invite.replaces = (struct replaces){ .from_tag = "phone" };
    const struct dialog *dialog = fake_stack_dialog(w->stack, 1);
    (void)text_copy(invite.replaces.call_id, sizeof invite.replaces.call_id, dialog->call_id);
    (void)text_copy(invite.replaces.to_tag, sizeof invite.replaces.to_tag, dialog->local_tag);
    (void)fake_stack_request(w->stack, &invite);
    kill_and_start(w);
    expect("media resume channel=1 port=20000 source=1\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "media resume channel=2 port=20004 source=3\n"
           "media connect channel=2 to=192.0.2.7:40000 law=8 events=0\n"
           "media record on channel=1\n"
           "media room 1:2 2:1\n"
           "report ContactKeep call=1 silent_ms=300\n"
           "report OfferAnswer offer=7\n"
           "report GatewaySettle\n");
    (void)fake_stack_request(w->stack, &invite);
    expect("reply 200 to=1 m=audio 20004 RTP/AVP 8\n");
    (void)text_copy(invite.from.tag, sizeof invite.from.tag, "else");
    (void)fake_stack_request(w->stack, &invite);
    expect("reply 481 to=2\n");
}

static void who_was_called_in_is_there_after_a_kill(void **state)
{
    struct world *w = *state;
    both_talk(w);
    fake_link_party(w->link, 20, 1, "sip:119@192.0.2.9", PARTY_ROLE_GUEST);
    fake_stack_answer(w->stack, 200, sdp);
    fake_link_party(w->link, 21, 1, "sip:120@192.0.2.9", PARTY_ROLE_GUEST); /* rings still */
    kill_and_start(w);
    const char *said = transcript_take();
    assert_non_null(strstr(said, "media room 1:2,3 2:1,3 3:1,2\n"));
    assert_non_null(strstr(said, "report PartyJoin party=20\n"));
    assert_non_null(strstr(said, "send INVITE sip:120@192.0.2.9 again\n"));
    fake_stack_answer(w->stack, 486, NULL);
    expect("report PartyLeave party=21 cause=failed\n" /* busy */
           "media close channel=4\n");
}

static const struct carrier_settings willing = { .name = "unicom",
                                                 .source_count = 1,
                                                 .sources = { "192.0.2.7/32" },
                                                 .transport = "udp",
                                                 .ask_s = 30,
                                                 .refer = "yes" };

static int set_up_willing(void **state)
{
    struct exchange_settings settings = { .carrier_count = 1, .carriers = &willing };
    int status = set_up_with(state, &settings);
    (void)snprintf(path, sizeof path, "/tmp/yihao-kept-%d", (int)getpid());
    (void)unlink(path);
    begin_keeping(*state);
    (void)transcript_take();
    return status;
}

/* Our REFER is out at the kill: it is not sent again, and what the carrier tells the next process counts. */
static void who_is_being_put_through_outside_is_so_after_a_kill(void **state)
{
    struct world *w = *state;
    caller_waits(w, "12345");
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    fake_link_refer_out(w->link, 1, "sip:02112345@192.0.2.7");
    kill_and_start(w);
    assert_null(strstr(transcript_take(), "REFER"));
    fake_link_refer_out(w->link, 1,
                        "sip:02112345@192.0.2.7"); /* it had not heard that it is done */
    expect("");
    struct sip_message notice = message_of(w, SIP_NOTIFY, "yihao");
    (void)text_copy(notice.to.tag, sizeof notice.to.tag, to_tag);
    notice.cseq = 2;
    notice.of_refer = true;
    notice.fragment = 200;
    (void)fake_stack_request(w->stack, &notice);
    expect("reply 200 to=1\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=referred\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
}

/* RFC 4028: a caller whose session is refreshed by us (SIP_UAS) or by them (SIP_UAC) is in conversation. */
static void talk_by_timer(struct world *w, uint32_t expires_s, enum sip_refresher refresher)
{
    w->callers++;
    struct sip_message invite = message_of(w, SIP_INVITE, "110");
    invite.description = sdp;
    invite.description_length = strlen(sdp);
    invite.timer = invite.updates = true;
    invite.session_expires = expires_s;
    invite.refresher = refresher;
    w->invite = fake_stack_request(w->stack, &invite);
    fake_link_outcome(w->link, REFUSAL_NONE);
    offer(w, 7);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
}

static void a_session_that_is_ours_to_refresh_is_refreshed_in_time_after_a_kill(void **state)
{
    struct world *w = *state;
    talk_by_timer(w, 1800, SIP_UAS);
    wait_for(w, 600000);
    kill_and_start(w);
    (void)transcript_take();
    wait_for(w, 299000);
    expect("");
    wait_for(w, 1200);
    expect("send UPDATE sip:caller@192.0.2.7 Session-Expires: 1800;refresher=uac\n");
    kill_and_start(w); /* before the answer: it is asked again before the session ends */
    (void)transcript_take();
    wait_for(w, 33000);
    expect("send UPDATE sip:caller@192.0.2.7 Session-Expires: 1800;refresher=uac\n");
}

static void a_session_they_forget_after_a_kill_ends_for_who_cannot_be_heard(void **state)
{
    struct world *w = *state;
    talk_by_timer(w, 90, SIP_UAC);
    kill_and_start(w);
    (void)transcript_take();
    struct media_event quiet = { .kind = MEDIA_LOST, .sounded = true };
    quiet.owner = fake_media_owner(w->media, 1);
    exchange_hear_media(w->exchange, &quiet);
    for (int second = 0; second < 59; second++) { /* it answers questions, but is not refreshed */
        assert_int_equal(exchange_calls(w->exchange), 1);
        wait_for(w, 1000);
        fake_stack_options(w->stack, quiet.owner, 200);
    }
    (void)transcript_take();
    wait_for(w, 2000);
    assert_non_null(strstr(transcript_take(), "report ContactEnd call=1 cause=media_lost"));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up_kept, tear_down_kept)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(who_talks_talks_on),
        STORY(the_caller_of_before_hangs_up),
        STORY(who_waits_waits_on_and_is_answered),
        STORY(what_rings_rings_on),
        STORY(a_session_that_is_ours_to_refresh_is_refreshed_in_time_after_a_kill),
        STORY(a_session_they_forget_after_a_kill_ends_for_who_cannot_be_heard),
        STORY(who_is_held_hears_it_again),
        STORY(what_is_said_after_a_kill_is_numbered_on_and_goes_the_same_way),
        STORY(an_attended_hand_over_goes_on_after_a_kill),
        STORY(a_referral_nobody_decided_before_the_kill_ends),
        STORY(who_took_a_place_has_it_after_a_kill),
        STORY(who_was_called_in_is_there_after_a_kill),
        cmocka_unit_test_setup_teardown(who_is_being_put_through_outside_is_so_after_a_kill,
                                        set_up_willing, tear_down_kept),
        STORY(an_arrival_without_an_answer_is_reported_again),
        STORY(who_is_over_for_the_dispatcher_and_still_here_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
