/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of a telephone's hand-over as text (tests/golden/referrals.ok; with YIHAO_GOLDEN=write it is written), and
 * what Refer-To, Replaces and a fragment of SIP say. */
#include <osipparser2/osip_parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/trunk/refer_terms.h"
#include "gateways/trunk/referral.h"
#include "gateways/trunk/sip_message.h"
#include "tests/golden/golden_text.h"

static void the_table_is_as_written(void **state)
{
    static char words[4096];
    struct text text = text_into(words, sizeof words);
    (void)state;
    for (int from = 0; from < REFERRAL_STATE_COUNT; from++)
        for (int step = 0; step < REFERRAL_STEP_COUNT; step++) {
            struct referral_rule rule =
                referral_rule((enum referral_state)from, (enum referral_step)step);
            if (rule.to == from && rule.acts == 0)
                continue;
            text_print(&text, "%-6s %-9s -> %-6s:", referral_state_name((enum referral_state)from),
                       referral_step_name((enum referral_step)step),
                       referral_state_name((enum referral_state)rule.to));
            for (int i = 0; referral_act_names[i]; i++)
                if (rule.acts & 1U << i)
                    text_print(&text, " %s", referral_act_names[i]);
            text_add(&text, "\n");
        }
    assert_false(text.cut);
    assert_golden("tests/golden/referrals.ok", words);
}

/* RFC 3515 §2.4.4: a REFER gets one answer, and the subscription that a 202 began one last NOTIFY. */
static void every_wish_ends_once(void **state)
{
    const unsigned answers = REFERRAL_DO_ACCEPT | REFERRAL_DO_REFUSE;
    const unsigned ends = REFERRAL_DO_DONE | REFERRAL_DO_FAILED;
    (void)state;
    for (int from = REFERRAL_ASKED; from < REFERRAL_STATE_COUNT; from++)
        for (int step = REFERRAL_ALLOW; step < REFERRAL_STEP_COUNT; step++) {
            struct referral_rule rule =
                referral_rule((enum referral_state)from, (enum referral_step)step);
            bool open = from == REFERRAL_ASKED, over = rule.to == REFERRAL_NONE;
            bool answered = rule.acts & answers, ended = rule.acts & ends;
            assert_int_equal(answered, open && rule.to != from);
            assert_int_equal(ended, over && !(rule.acts & REFERRAL_DO_REFUSE));
        }
}

static void refer_to_is_read_or_refused(void **state)
{
    static const struct {
        const char *value, *user, *call_id;
    } rows[] = {
        { "<sip:1002@192.0.2.1>", "1002", "" },
        { "\"Li <4>\" <sips:12345@city.example;transport=tls>;x=y", "12345", "" },
        { "sip:1002@192.0.2.1", "1002", "" },
        { "tel:+86-551-110", "+86-551-110", "" },
        { "<sip:1002;phone-context=x@h>", "1002", "" },
        { "<sip:1002@h;method=INVITE?Replaces=a%40b%3Bto-tag%3Dp1%3Bfrom-tag%3D7>", "1002", "a@b" },
        { "<sip:1002@h?Subject=x&Replaces=c%3Bfrom-tag%3D7%3Bto-tag%3Dp1%3Bearly-only>", "1002",
          "c" },
        { "<sip:1002@h;method=BYE>", NULL, NULL },
        { "<sip:1002@h;method=SUBSCRIBE?Event=dialog>", NULL, NULL },
        { "<sip:192.0.2.1>", NULL, NULL }, /* nobody is named */
        { "<http://example.org/>", NULL, NULL },
        { "<sip:1002@h", NULL, NULL },
        { "<sip:10%0d%0a02@h>", NULL, NULL },
        { "<sip:1002@h?Replaces=a%3Bto-tag%3Dp1>", NULL, NULL },
        { "<sip:1002@h?Replaces=a%3Bto-tag%3Dp%3Bfrom-tag%3D7&Replaces=b>", NULL, NULL },
        { "", NULL, NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct refer_to refer_to;
        bool good = refer_to_read(&refer_to, rows[i].value);
        assert_int_equal(good, rows[i].user != NULL);
        assert_string_equal(refer_to.user, good ? rows[i].user : "");
        assert_string_equal(refer_to.replaces.call_id, good ? rows[i].call_id : "");
    }
}

static void replaces_has_one_of_each_tag(void **state)
{
    struct replaces replaces;
    char endless[600] = "a;to-tag=";
    (void)state;
    assert_true(replaces_read(&replaces, " 98732@h ; from-tag=r33 ;to-tag=33;early-only;later=1"));
    assert_string_equal(replaces.call_id, "98732@h");
    assert_string_equal(replaces.to_tag, "33");
    assert_string_equal(replaces.from_tag, "r33");
    assert_true(replaces.early_only);
    assert_false(replaces_read(&replaces, "a;to-tag=1;to-tag=1;from-tag=2"));
    assert_false(replaces_read(&replaces, "a;to-tag=1"));
    assert_false(replaces_read(&replaces, "a;to-tag;from-tag=2"));
    assert_false(replaces_read(&replaces, ";to-tag=1;from-tag=2"));
    assert_false(replaces_read(&replaces, "a;to-tag=1;from-tag=2,b"));
    memset(endless + 9, 'x', sizeof endless - 10);
    assert_false(replaces_read(&replaces, endless));
    assert_string_equal(replaces.call_id, "");
}

static void a_fragment_says_its_status(void **state)
{
    static const struct {
        const char *body;
        int status;
    } rows[] = { { "SIP/2.0 200 OK\r\n", 200 }, { "SIP/2.0 100", 100 }, { "SIP/2.0 603 D", 603 },
                 { "SIP/2.0 99 X", 0 },         { "SIP/2.0 700 X", 0 }, { "SIP/2.0 2000 X", 0 },
                 { "SIP/1.0 200 OK", 0 },       { "INVITE sip:x", 0 },  { "", 0 } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(sipfrag_read(rows[i].body, strlen(rows[i].body)), rows[i].status);
}

static struct sip_message read_notice(const char *event, const char *state, const char *body)
{
    struct sip_message message;
    osip_message_t *head = NULL;
    char text[1024];
    (void)snprintf(
        text, sizeof text,
        "NOTIFY sip:yihao@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1\r\n"
        "From: <sip:a@192.0.2.7>;tag=1\r\nTo: <sip:110@192.0.2.1>;tag=2\r\nCall-ID: 1\r\n"
        "CSeq: 3 NOTIFY\r\n%s%s"
        "Content-Type: message/sipfrag;version=2.0\r\nContent-Length: 0\r\n\r\n",
        event, state);
    assert_int_equal(parser_init(), 0);
    assert_int_equal(osip_message_init(&head), 0);
    assert_int_equal(osip_message_parse(head, text, strlen(text)), 0);
    assert_int_equal(sip_message_read(&message, head, body, strlen(body)), 0);
    osip_message_free(head);
    assert_int_equal(message.method, SIP_NOTIFY);
    return message;
}

static void a_notice_says_of_which_refer_it_is_and_how_it_went(void **state)
{
    (void)state;
    struct sip_message notice = read_notice("Event: refer;id=7\r\n", "", "SIP/2.0 180 Ringing\r\n");
    assert_true(notice.of_refer && !notice.subscription_over);
    assert_int_equal(notice.refer_event, 7);
    assert_int_equal(notice.fragment, 180);
    notice = read_notice("o: Refer\r\n", "Subscription-State: terminated;reason=noresource\r\n",
                         "SIP/2.0 200 OK\r\n");
    assert_true(notice.of_refer && notice.subscription_over);
    assert_int_equal(notice.refer_event, 0);
    assert_int_equal(notice.fragment, 200);
    notice =
        read_notice("Event: refer;id=x\r\n", "Subscription-State: active;x=terminated\r\n", "x");
    assert_int_equal(notice.refer_event, UINT32_MAX);
    assert_false(notice.subscription_over);
    assert_int_equal(notice.fragment, 0);
    assert_false(read_notice("Event: presence;id=7\r\n", "", "SIP/2.0 200 OK\r\n").of_refer);
    assert_false(read_notice("", "", "SIP/2.0 200 OK\r\n").of_refer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_as_written),
        cmocka_unit_test(every_wish_ends_once),
        cmocka_unit_test(refer_to_is_read_or_refused),
        cmocka_unit_test(replaces_has_one_of_each_tag),
        cmocka_unit_test(a_fragment_says_its_status),
        cmocka_unit_test(a_notice_says_of_which_refer_it_is_and_how_it_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
