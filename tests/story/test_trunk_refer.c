/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of REFER and Replaces: a taker's telephone hands its caller over as the dispatcher decides, goes on at another
 * telephone, and nobody from outside does either. Channel 1 is the caller's, 2 the taker's, 3 the next phone's. */
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

static void refers_to(struct world *w, const char *refer_to)
{
    struct sip_message refer = { .method = SIP_REFER, .refer_count = 1 };
    (void)refer_to_read(&refer.refer_to, refer_to);
    (void)text_copy(refer.referred_by, sizeof refer.referred_by, "<sip:1001@city>");
    fake_stack_phone_says(w->stack, 1, &refer);
}

static void a_blind_hand_over_goes_to_who_answers(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    refers_to(w, "<sip:1002@192.0.2.1>");
    expect("report ContactTransfer call=1 line=0 taker=1002 by=<sip:1001@city>\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("reply 202 to=3\n"
           "send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: active;expires=180 says SIP/2.0 100 Trying\n");
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_offer_transfer(w->link, 8, 1, "sip:1002@192.0.2.9");
    fake_stack_answer(w->stack, 200, sdp);
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:2,3 2:1,3 3:1,2\n"
           "send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: terminated;reason=noresource says SIP/2.0 200 OK\n"
           "report OfferAnswer offer=8\n");
    fake_link_hand_over(w->link, 1, 8);
    expect("media room 1:3 3:1\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n");
}

static void
a_telephone_that_hangs_up_when_the_other_is_there_leaves_the_caller_to_them(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    refers_to(w, "<sip:119@192.0.2.1>");
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_offer_transfer(w->link, 8, 1, "sip:1002@192.0.2.9");
    fake_stack_answer(w->stack, 200, sdp);
    (void)transcript_take();
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL);
    expect("reply 200 to=7\n"
           "report TransferFinish call=1\n"
           "media room 1:3 3:1\n"
           "media close channel=2\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
}

static void what_the_dispatcher_refuses_is_refused_with_its_word(void **state)
{
    static const struct {
        enum refusal refusal;
        const char *reply;
    } rows[] = {
        { REFUSAL_BOUNCED, "reply 603 to=3 Reason: SIP;cause=603;text=\"bounced\"\n" },
        { REFUSAL_TAKER_BUSY, "reply 486 to=4 Reason: SIP;cause=486;text=\"taker_busy\"\n" },
        { REFUSAL_NO_SUCH_USER, "reply 404 to=5 Reason: SIP;cause=404;text=\"no_such_user\"\n" },
        { REFUSAL_TRANSFER_RUNS, "reply 491 to=6 Reason: SIP;cause=491;text=\"transfer_runs\"\n" },
    };
    struct world *w = *state;
    talk_on(w, "12345");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        refers_to(w, "<sip:1002@192.0.2.1>");
        (void)transcript_take();
        fake_link_outcome(w->link, rows[i].refusal);
        expect(rows[i].reply);
    }
}

static void nobody_is_called_outside_the_city(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    refers_to(w, "<sip:0044123456789012@carrier.example>");
    expect("reply 603 to=3 Reason: SIP;cause=603;text=\"outside\"\n");
    refers_to(w, "<sip:boss@carrier.example>");
    expect("reply 603 to=4 Reason: SIP;cause=603;text=\"outside\"\n");
    refers_to(w, "<http://nobody>");
    expect("reply 400 to=5 Reason: SIP;cause=400;text=\"malformed\"\n");
}

/* Whatever is dialled, the gateway INVITEs nobody by it: a number is one of the city's, or nothing. */
static void no_trick_of_writing_dials_out(void **state)
{
    static const char *const tricks[] = {
        "<sip:00441234567890@192.0.2.1>",
        "<sip:+441234567890@192.0.2.1>",
        "<sip:%2b441234567890@192.0.2.1>",
        "<sip:%30%30441234567890@192.0.2.1>",
        "<sip:+8655162345678;phone-context=+44@192.0.2.1;user=phone>",
        "<sip:9005551234@premium.example:5060;maddr=198.51.100.9;transport=tcp?Route=%3Csip:x%3E>",
        "<sip:1002%40carrier.example@192.0.2.1>",
        "<sip:1002%3Bisub=0044@192.0.2.1>",
        "<sip:1002,00441234567890@192.0.2.1>",
        "<sip:12345p00441234567890@192.0.2.1>",
        "<sip:9*0044123456@192.0.2.1>",
        "<sip:*21*0044123456#@192.0.2.1>",
        "<sip:0@192.0.2.1>",
        "<tel:+44-123-456-7890>",
        "<tel:00441234567890;phone-context=example.com>",
        "<tel:%2b441234567890>",
        "<sips:boss@carrier.example>",
        "<sip:18446744073709552616@192.0.2.1>", /* 1000 and what overflows */
        "<sip:4294968298@192.0.2.1>",           /* 1002 modulo 2 to the 32 */
    };
    struct world *w = *state;
    talk_on(w, "12345");
    for (size_t i = 0; i < sizeof tricks / sizeof tricks[0]; i++) {
        refers_to(w, tricks[i]);
        const char *said = transcript_take();
        if (!strstr(said, "reply 603") || strstr(said, "report") || strstr(said, "send"))
            fail_msg("%s: %s", tricks[i], said);
    }
    /* The host is nobody's to choose: the number is the taker's, and the dispatcher has the telephone's place. */
    refers_to(w, "<sip:1002@198.51.100.66:6666;transport=tcp>");
    expect("report ContactTransfer call=1 line=0 taker=1002 by=<sip:1001@city>\n");
}

/* RFC 5589 §7.2: the two telephones have spoken; ours takes the place of that. */
static void who_was_consulted_is_rung_in_place_of_that_talk(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    refers_to(w, "<sip:1002@192.0.2.9?Replaces=a%40b%3Bto-tag%3Dp1%3Bfrom-tag%3D7>");
    expect("report ContactTransfer call=1 line=0 taker=1002 by=<sip:1001@city>\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    (void)transcript_take();
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_offer_transfer(w->link, 8, 1, "sip:1002@192.0.2.9");
    expect("media open channel=3 port=20004\n"
           "send INVITE sip:1002@192.0.2.9 Replaces: a@b;to-tag=p1;from-tag=7\n");
    fake_stack_answer(w->stack, 200, sdp);
    expect("media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:2,3 2:1,3 3:1,2\n"
           "send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: terminated;reason=noresource says SIP/2.0 200 OK\n"
           "report OfferAnswer offer=8\n");
}

/* The talk is over, or was never: the telephone says so, and the caller is where they were. */
static void a_talk_that_is_over_is_not_replaced(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    refers_to(w, "<sip:1002@192.0.2.9?Replaces=a%3Bto-tag%3Dp1%3Bfrom-tag%3D7>");
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_offer_transfer(w->link, 8, 1, "sip:1002@192.0.2.9");
    (void)transcript_take();
    fake_stack_answer(w->stack, 481, NULL);
    expect("report OfferFail offer=8 cause=phone_failed\n"
           "media close channel=3\n");
    fake_link_transfer_over(w->link, 1, TRANSFER_OUTCOME_RECEIVER_LEFT);
    expect("send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: terminated;reason=noresource says SIP/2.0 603 Declined\n");
}

static void neither_a_line_nor_our_own_dialog_is_replaced(void **state)
{
    struct world *w = *state;
    char refer_to[SIP_CALL_ID_BYTES + 96];
    talk_on(w, "12345");
    refers_to(w, "<sip:110@192.0.2.1?Replaces=a%3Bto-tag%3Dp1%3Bfrom-tag%3D7>");
    expect("reply 403 to=3 Reason: SIP;cause=403;text=\"no_such_dialog\"\n");
    (void)snprintf(refer_to, sizeof refer_to,
                   "<sip:1002@192.0.2.9?Replaces=%s%%3Bto-tag%%3Dp%%3Bfrom-tag%%3D7>",
                   fake_stack_dialog(w->stack, 1)->call_id);
    refers_to(w, refer_to);
    expect("reply 403 to=4 Reason: SIP;cause=403;text=\"no_such_dialog\"\n");
}

static void who_wants_no_notice_gets_none(void **state)
{
    struct world *w = *state;
    struct sip_message refer = { .method = SIP_REFER, .refer_count = 1, .refer_silent = true };
    talk_on(w, "12345");
    (void)refer_to_read(&refer.refer_to, "<sip:1002@192.0.2.1>");
    fake_stack_phone_says(w->stack, 1, &refer);
    (void)transcript_take();
    fake_link_outcome(w->link, REFUSAL_NONE);
    expect("reply 202 to=3 Refer-Sub: false\n");
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    fake_link_transfer_over(w->link, 1, TRANSFER_OUTCOME_UNANSWERED);
    expect("");
}

static void a_caller_who_refers_is_refused(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    struct sip_message refer = message_of(w, SIP_REFER, "yihao");
    (void)text_copy(refer.to.tag, sizeof refer.to.tag, fake_stack_tag(w->stack));
    refer.cseq = 9;
    refer.refer_count = 1;
    (void)refer_to_read(&refer.refer_to, "<sip:0044123@carrier.example>");
    (void)fake_stack_request(w->stack, &refer);
    expect("reply 603 to=3 Reason: SIP;cause=603;text=\"outside\"\n");
    refer.to.tag[0] = 0;
    (void)fake_stack_request(w->stack, &refer);
    expect("reply 603 to=4\n");
}

static void nobody_answers_and_the_telephone_hears_it(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    refers_to(w, "<sip:1002@192.0.2.1>");
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_link_order(w->link, ORDER_TRANSFER, 1);
    (void)transcript_take();
    fake_link_transfer_over(w->link, 1, TRANSFER_OUTCOME_UNANSWERED);
    expect("send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: terminated;reason=noresource says SIP/2.0 480 Unavailable\n");
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL); /* and the taker may finish as always */
    expect("reply 200 to=6\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=taker\n"
           "media close channel=1\n"
           "media close channel=2\n");
}

static void a_slow_dispatcher_does_not_hold_the_answer(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    refers_to(w, "<sip:1002@192.0.2.1>");
    (void)transcript_take();
    wait_for(w, 1100);
    expect("reply 202 to=3\n"
           "send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: active;expires=180 says SIP/2.0 100 Trying\n");
    refers_to(w, "<sip:1003@192.0.2.1>");
    expect("reply 491 to=5 Reason: SIP;cause=491;text=\"transfer_runs\"\n");
    fake_link_outcome(w->link, REFUSAL_TAKER_BUSY);
    expect("send NOTIFY sip:1001@192.0.2.9 Event: refer;id=1 "
           "Subscription-State: terminated;reason=noresource says SIP/2.0 486 Busy Here\n");
}

/* ---- Replaces ---------------------------------------------------------------------------------- */

static void replace(struct world *w, unsigned nth, const char *ip, bool early_only)
{
    const struct dialog *dialog = fake_stack_dialog(w->stack, nth);
    struct sip_message invite = message_of(w, SIP_INVITE, "1001");
    (void)text_copy(invite.source.ip, sizeof invite.source.ip, ip);
    (void)text_copy(invite.call_id, sizeof invite.call_id, "other@phone");
    (void)text_copy(invite.contact, sizeof invite.contact, "sip:1001@192.0.2.9:5070");
    invite.description = sdp;
    invite.description_length = strlen(sdp);
    invite.replacing = true;
    (void)text_copy(invite.replaces.call_id, sizeof invite.replaces.call_id, dialog->call_id);
    (void)text_copy(invite.replaces.to_tag, sizeof invite.replaces.to_tag, dialog->local_tag);
    (void)text_copy(invite.replaces.from_tag, sizeof invite.replaces.from_tag, "phone");
    invite.replaces.early_only = early_only;
    (void)fake_stack_request(w->stack, &invite);
}

static void the_taker_goes_on_at_another_telephone(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    replace(w, 1, "192.0.2.9", false);
    expect("media open channel=3 port=20004\n"
           "reply 200 to=3 m=audio 20004 RTP/AVP 8\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media room 1:3 3:1\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n");
    fake_link_order(w->link, ORDER_WITHDRAW,
                    7); /* what the dispatcher calls it by is the new leg */
    expect("send BYE sip:1001@192.0.2.9:5070\n"
           "media room 1:\n"
           "media play channel=1 first=waiting-ordinary\n"
           "media close channel=3\n");
}

static void what_rings_is_picked_up_at_another_telephone(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110");
    offer(w, 7);
    fake_stack_answer(w->stack, 180, NULL);
    (void)transcript_take();
    replace(w, 1, "192.0.2.9", true);
    expect("media open channel=3 port=20004\n"
           "reply 200 to=3 m=audio 20004 RTP/AVP 8\n"
           "media connect channel=3 to=192.0.2.7:40000 law=8 events=0\n"
           "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"
           "reply 200 to=1 m=audio 20000 RTP/AVP 8\n"
           "media room 1:3 3:1\n"
           "report OfferAnswer offer=7\n"
           "send CANCEL\n");
    fake_stack_answer(w->stack, 487, NULL);
    acknowledge(w, NULL);
    expect("media close channel=2\n");
}

static void nobody_else_takes_a_place(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    replace(w, 1, "192.0.2.66", false);
    expect("reply 481 to=3\n");
    replace(w, 1, "192.0.2.9", true);
    expect("reply 486 to=4\n");
    struct sip_message invite = message_of(w, SIP_INVITE, "1001");
    invite.replacing = true;
    (void)fake_stack_request(w->stack, &invite);
    expect("reply 400 to=5\n");
}

/* ---- REFER that we send ------------------------------------------------------------------------ */

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
    (void)transcript_take();
    return status;
}

static char callers_tag[SIP_TAG_BYTES];

static void refer_out_of(struct world *w)
{
    talk_on(w, "12345");
    (void)text_copy(callers_tag, sizeof callers_tag, fake_stack_tag(w->stack));
    fake_link_refer_out(w->link, 1, "<sip:02112345@192.0.2.7>;x=1\r\nEvil: 1");
    expect("send REFER sip:caller@192.0.2.7 Refer-To: <sip:02112345@192.0.2.7> "
           "Referred-By: <sip:110@192.0.2.1>\n");
}

static void carrier_tells(struct world *w, uint32_t of, int fragment, bool over)
{
    static uint32_t cseq = 100;
    struct sip_message notice = message_of(w, SIP_NOTIFY, "yihao");
    (void)text_copy(notice.to.tag, sizeof notice.to.tag, callers_tag);
    notice.cseq = cseq++;
    notice.of_refer = true;
    notice.refer_event = of;
    notice.fragment = fragment;
    notice.subscription_over = over;
    (void)fake_stack_request(w->stack, &notice);
}

static void a_carrier_puts_its_caller_through_outside(void **state)
{
    struct world *w = *state;
    refer_out_of(w);
    fake_link_refer_out(w->link, 1, "sip:02112345@192.0.2.7"); /* the same order once more */
    expect("");
    fake_stack_says(w->stack, SIP_REFER, 202);
    carrier_tells(w, 1, 100, false);
    expect("reply 200 to=4\n");
    carrier_tells(w, 0, 200, true);
    expect("reply 200 to=5\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=referred\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
}

/* Whatever it says instead, the caller is at the taker, and the dispatcher hears the status. */
static void a_carrier_that_does_not_leaves_the_caller_with_the_taker(void **state)
{
    struct world *w = *state;
    refer_out_of(w);
    fake_stack_says(w->stack, SIP_REFER, 403);
    expect("report TransferCancel call=1 status=403\n");
    fake_link_transfer_over(w->link, 1, TRANSFER_OUTCOME_CARRIER_REFUSED);
    fake_link_refer_out(w->link, 1, "sip:02112345@192.0.2.7");
    (void)transcript_take();
    fake_stack_says(w->stack, SIP_REFER, 202);
    carrier_tells(w, 1, 200, true); /* about the first one, which was refused */
    expect("reply 481 to=5\n");
    carrier_tells(w, 2, 486, true);
    expect("reply 200 to=6\n"
           "report TransferCancel call=1 status=486\n");
    fake_link_transfer_over(w->link, 1, TRANSFER_OUTCOME_CARRIER_REFUSED);
    fake_link_refer_out(w->link, 1, "sip:02112345@192.0.2.7");
    (void)transcript_take();
    carrier_tells(w, 3, 0, true); /* no more will come, and it never said what */
    expect("reply 200 to=8\n"
           "report TransferCancel call=1 status=487\n");
    fake_link_transfer_over(w->link, 1, TRANSFER_OUTCOME_CARRIER_REFUSED);
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL);
    expect("reply 200 to=9\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=taker\n"
           "media close channel=1\n"
           "media close channel=2\n");
}

/* The dispatcher waited for as long as it does (TRANSFER_CARRIER_MS), or the taker took it back: a REFER cannot be. */
static void who_is_put_through_too_late_is_gone_all_the_same(void **state)
{
    struct world *w = *state;
    refer_out_of(w);
    fake_link_transfer_over(w->link, 1, TRANSFER_OUTCOME_UNANSWERED);
    fake_stack_says(w->stack, SIP_REFER, 503); /* nobody waits for that */
    expect("");
    carrier_tells(w, 1, 200, true);
    expect("reply 200 to=4\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=referred\n"
           "send BYE sip:1001@192.0.2.9\n"
           "media close channel=2\n"
           "media close channel=1\n");
}

static void the_taker_hangs_up_and_the_caller_waits_while_the_carrier_tries(void **state)
{
    struct world *w = *state;
    refer_out_of(w);
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL);
    expect("reply 200 to=4\n"
           "report TransferFinish call=1\n"
           "media room 1:\n"
           "media play channel=1 first=waiting-ordinary\n"
           "media close channel=2\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    carrier_tells(w, 1, 200, true);
    expect("reply 200 to=5\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=referred\n"
           "media close channel=1\n");
}

static void no_emergency_and_no_unwilling_carrier_is_asked(void **state)
{
    struct world *w = *state;
    talk_on(w, "110");
    fake_link_refer_out(w->link, 1, "sip:02112345@192.0.2.7");
    expect("report TransferCancel call=1 status=0\n");
}

/* Nobody tells us about a REFER that we did not send. */
static void a_notice_of_nothing_is_refused(void **state)
{
    struct world *w = *state;
    talk_on(w, "12345");
    (void)text_copy(callers_tag, sizeof callers_tag, fake_stack_tag(w->stack));
    carrier_tells(w, 0, 200, true);
    expect("reply 481 to=3\n");
    fake_link_refer_out(w->link, 1, "sip:02112345@192.0.2.7");
    expect("report TransferCancel call=1 status=0\n"); /* no carrier of ours sent this caller */
    struct sip_message notice = message_of(w, SIP_NOTIFY, "yihao");
    (void)fake_stack_request(w->stack, &notice);
    expect("reply 481 to=4\n");
}

#define STORY(name)   cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define WILLING(name) cmocka_unit_test_setup_teardown(name, set_up_willing, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_blind_hand_over_goes_to_who_answers),
        STORY(a_telephone_that_hangs_up_when_the_other_is_there_leaves_the_caller_to_them),
        STORY(what_the_dispatcher_refuses_is_refused_with_its_word),
        STORY(nobody_is_called_outside_the_city),
        STORY(no_trick_of_writing_dials_out),
        STORY(who_was_consulted_is_rung_in_place_of_that_talk),
        STORY(a_talk_that_is_over_is_not_replaced),
        STORY(neither_a_line_nor_our_own_dialog_is_replaced),
        STORY(who_wants_no_notice_gets_none),
        STORY(a_caller_who_refers_is_refused),
        STORY(nobody_answers_and_the_telephone_hears_it),
        STORY(a_slow_dispatcher_does_not_hold_the_answer),
        STORY(the_taker_goes_on_at_another_telephone),
        STORY(what_rings_is_picked_up_at_another_telephone),
        STORY(nobody_else_takes_a_place),
        WILLING(a_carrier_puts_its_caller_through_outside),
        WILLING(a_carrier_that_does_not_leaves_the_caller_with_the_taker),
        WILLING(who_is_put_through_too_late_is_gone_all_the_same),
        WILLING(the_taker_hangs_up_and_the_caller_waits_while_the_carrier_tries),
        WILLING(no_emergency_and_no_unwilling_carrier_is_asked),
        STORY(a_notice_of_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
