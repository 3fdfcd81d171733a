/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CMPP, SGIP and SMGP by octets that others wrote down: each PDU here is laid out by hand from the
 * specifications' tables, and the proofs of secrets are vectors of other implementations. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/cmpp_pdu.h"
#include "gateways/sms/domestic.h"
#include "gateways/sms/protocol.h"
#include "gateways/sms/sgip_pdu.h"
#include "gateways/sms/smgp_pdu.h"

/* ---------------------------------------------------------------------- a centre played by hand */

static struct session session;
static struct centre_settings centre;
static uint8_t written[8192]; /* what the centre heard last */
static size_t written_count;
static char said[1024];
static struct text saying;
static struct piece_token last_token;
static struct piece_in last_letter;
static uint64_t now;

static void on_connect(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
}

static void on_close(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "close ");
}

static void on_write(void *owner, uint16_t bind, const uint8_t *bytes, size_t length)
{
    (void)owner;
    (void)bind;
    assert_true(length <= sizeof written);
    memcpy(written, bytes, length);
    written_count = length;
}

static void on_bound(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "bound ");
}

static void on_letter(void *owner, const struct piece_in *in)
{
    (void)owner;
    last_token = in->token;
    last_letter = *in;
    text_print(&saying, "letter(%s>%s,%u,%.*s) ", in->source, in->dest, in->coding,
               (int)in->text.count, (const char *)in->text.bytes);
}

static void on_receipt(void *owner, const struct receipt *receipt, const struct piece_token *token)
{
    (void)owner;
    last_token = *token;
    text_print(&saying, "receipt(%s,%d,%u) ", receipt->message_id, (int)receipt->state,
               receipt->error);
}

static void on_answered(void *owner, const struct piece_answer *answer)
{
    (void)owner;
    text_print(&saying, "answered(%d,%u,%s) ", (int)answer->verdict, answer->status,
               answer->message_id);
}

static void on_unknown(void *owner, struct parcel parcel)
{
    (void)owner;
    text_print(&saying, "unknown(%d) ", (int)parcel.text);
}

static const struct session_handlers handlers = {
    on_connect, on_close,   on_write,    on_bound,   on_close,
    on_letter,  on_receipt, on_answered, on_unknown, on_answered,
};

static void expect(const char *words)
{
    assert_string_equal(said, words);
    saying = text_into(said, sizeof said);
}

static void begin(const char *protocol, enum session_role role)
{
    centre = (struct centre_settings){ .account = "900001",
                                       .password = "888888",
                                       .number = "1069012345",
                                       .service = "HELP",
                                       .enterprise = "12345",
                                       .node = 3000012345u,
                                       .listen_account = "unicom",
                                       .listen_password = "secret",
                                       .window = 4,
                                       .enquire_s = 30 };
    (void)text_copy(centre.protocol, sizeof centre.protocol, protocol);
    saying = text_into(said, sizeof said);
    now = 1000;
    session_init(&session, &(struct session_bind){ &centre, 3, role, 0, &handlers, NULL }, 110,
                 now);
    /* 2026-10-21 08:05:10 in Beijing: the stamp of the vector, 1021080510. */
    session.wall_ms = 1792541110000;
    session_tick(&session, now);
}

/* A PDU laid out field by field: "4:7" four octets of the number 7, "s21:138…" text padded to 21,
 * "x:00ff" octets. The length in front is put in. */
static uint8_t laid[8192];
static size_t laid_count;

static void lay(const char *fields)
{
    laid_count = 4;
    memset(laid, 0, sizeof laid);
    while (*fields != '\0') {
        char kind[8] = "";
        char value[512] = "";
        size_t width = strcspn(fields, ":");

        memcpy(kind, fields, width);
        fields += width + 1;
        size_t size = strcspn(fields, "|");
        memcpy(value, fields, size);
        fields += size + (fields[size] == '|');
        if (kind[0] == 's') {
            memcpy(laid + laid_count, value, strlen(value));
            laid_count += (size_t)strtol(kind + 1, NULL, 10);
        } else if (kind[0] == 'x') {
            for (size_t i = 0; i < size; i += 2) {
                unsigned octet = 0;

                assert_int_equal(sscanf(value + i, "%2x", &octet), 1);
                laid[laid_count++] = (uint8_t)octet;
            }
        } else {
            unsigned long long number = strtoull(value, NULL, 0);

            for (long i = strtol(kind, NULL, 10); i-- > 0;)
                laid[laid_count++] = (uint8_t)(number >> 8 * i);
        }
    }
    for (int i = 0; i < 4; i++)
        laid[i] = (uint8_t)(laid_count >> 8 * (3 - i));
}

static void hear(const char *fields)
{
    lay(fields);
    assert_int_equal(session_measure(&session, laid, laid_count), laid_count);
    session_take(&session, laid, laid_count, now);
}

static void expect_written(const char *fields)
{
    lay(fields);
    assert_int_equal(written_count, laid_count);
    assert_memory_equal(written, laid, laid_count);
}

/* The centre's proof over ours, that stands at `at` of what we wrote. */
static void prove(char hex[33], const char *status, size_t status_count, size_t at)
{
    uint8_t proof[DOMESTIC_PROOF_BYTES];
    struct octets octets[] = { { (const uint8_t *)status, status_count },
                               { written + at, DOMESTIC_PROOF_BYTES },
                               { (const uint8_t *)"888888", 6 } };

    domestic_proof(proof, octets, 3);
    for (size_t i = 0; i < sizeof proof; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", (unsigned)proof[i]);
}

static void bind_cmpp(const char *protocol)
{
    char fields[256];
    char proof[33];
    bool is_3 = strcmp(protocol, "cmpp3") == 0;

    begin(protocol, SESSION_ROLE_BOTH);
    session_connected(&session, now);
    prove(proof, "\0\0\0\0", is_3 ? 4 : 1, 18);
    (void)snprintf(fields, sizeof fields, "4:0x80000001|4:1|%s:0|x:%s|1:%s", is_3 ? "4" : "1",
                   proof, is_3 ? "0x30" : "0x20");
    hear(fields);
    expect("bound ");
}

static uint32_t valid_s;

static int submit(const char *words)
{
    struct piece_out piece = { .parcel = { 7, 0 },
                               .source = "12345",
                               .dest = "+8613800138000",
                               .coding = PIECE_CODING_DEFAULT,
                               .receipt = true,
                               .validity_s = valid_s,
                               .total = 1,
                               .index = 1,
                               .text = { (const uint8_t *)words, strlen(words) } };

    return session_submit(&session, &piece, now);
}

/* ------------------------------------------------------------------------------------- CMPP */

/* The vector stands in gocmpp's tests: 900001, 888888, 1021080510. */
static void cmpp_proves_the_secret_as_others_do(void **state)
{
    (void)state;
    begin("cmpp2", SESSION_ROLE_BOTH);
    session_connected(&session, now);
    expect_written("4:1|4:1|s6:900001|x:90d00c1d517abd0b4f65f6bcf8535d16|1:0x20|4:1021080510");
}

static void a_centre_that_does_not_know_the_secret_is_no_centre(void **state)
{
    (void)state;
    begin("cmpp3", SESSION_ROLE_BOTH);
    session_connected(&session, now);
    hear("4:0x80000001|4:1|4:0|x:00112233445566778899aabbccddeeff|1:0x30");
    expect("close close ");
}

static void cmpp_2_sends_a_text(void **state)
{
    (void)state;
    bind_cmpp("cmpp2");
    assert_int_equal(submit("ok"), 0);
    expect_written("4:4|4:2|8:0|1:1|1:1|1:1|1:0|s10:HELP|1:2|s21:|1:0|1:0|1:0|s6:12345|s2:01|"
                   "s6:000000|s17:|s17:|s21:12345|1:1|s21:13800138000|1:2|s2:ok|s8:");
    hear("4:0x80000004|4:2|8:0x5EB7A14B1A80002A|1:0");
    expect("answered(1,0,0529135805072768000042) ");
}

static void cmpp_3_sends_a_text_and_is_throttled(void **state)
{
    (void)state;
    bind_cmpp("cmpp3");
    assert_int_equal(submit("ok"), 0);
    expect_written("4:4|4:2|8:0|1:1|1:1|1:1|1:0|s10:HELP|1:2|s32:|1:0|1:0|1:0|1:0|s6:12345|s2:01|"
                   "s6:000000|s17:|s17:|s21:12345|1:1|s32:13800138000|1:0|1:2|s2:ok|s20:");
    hear("4:0x80000004|4:2|8:0|4:8");
    expect("answered(3,8,) ");
    assert_false(session_room(&session, false, now));
}

static void cmpp_hands_up_texts_and_reports(void **state)
{
    (void)state;
    bind_cmpp("cmpp2");
    hear(
        "4:5|4:9|8:0x1122334455667788|s21:12110|s10:|1:0|1:0|1:15|s21:8613800138000|1:0|1:4|s4:help|"
        "s8:");
    expect("letter(13800138000>12110,15,help) ");
    session_answer(&session, &last_token, PIECE_TAKEN);
    expect_written("4:0x80000005|4:9|8:0x1122334455667788|1:0");
    hear("4:5|4:10|8:1|s21:12345|s10:|1:0|1:0|1:0|s21:13800138000|1:1|1:60|8:0x5EB7A14B1A80002A|"
         "s7:DELIVRD|s10:2611221200|s10:2611221201|s21:13800138000|4:77|s8:");
    expect("receipt(0529135805072768000042,2,0) ");
    session_answer(&session, &last_token, PIECE_TAKEN);
    expect_written("4:0x80000005|4:10|8:1|1:0");
}

static void cmpp_3_reports_have_longer_numbers(void **state)
{
    (void)state;
    bind_cmpp("cmpp3");
    hear(
        "4:5|4:10|8:1|s21:12345|s10:|1:0|1:0|1:0|s32:13800138000|1:0|1:1|1:71|8:0x5EB7A14B1A80002A|"
        "s7:MK:0012|s10:2611221200|s10:2611221201|s32:13800138000|4:77|s20:");
    expect("receipt(0529135805072768000042,3,12) ");
}

static void a_broken_deliver_is_answered_and_counted(void **state)
{
    (void)state;
    bind_cmpp("cmpp2");
    hear("4:5|4:9|8:1|s21:12110");
    expect_written("4:0x80000005|4:9|8:0|1:1");
    assert_int_equal(session.counts.malformed, 1);
}

static void silence_is_asked_and_the_centre_asks_too(void **state)
{
    (void)state;
    bind_cmpp("cmpp2");
    now += 30000;
    session_tick(&session, now);
    expect_written("4:8|4:2");
    hear("4:0x80000008|4:2|1:0");
    hear("4:8|4:5");
    expect_written("4:0x80000008|4:5|1:0");
    hear("4:2|4:6");
    expect_written("4:0x80000002|4:6");
    expect("close close ");
}

static void a_message_id_is_read_as_it_is_printed(void **state)
{
    (void)state;
    char id[CMPP_ID_BYTES];

    cmpp_id_print(id, 0x5EB7A14B1A80002A);
    assert_string_equal(id, "0529135805072768000042");
    assert_true(cmpp_id_read(id) == 0x5EB7A14B1A80002A);
    assert_true(cmpp_id_read("x") == 0);
    cmpp_id_print(id, UINT64_MAX);
    assert_int_equal(strlen(id), 22);
}

/* ------------------------------------------------------------------------------------- SGIP */

static void sgip_binds_and_sends_by_a_sequence_of_three_numbers(void **state)
{
    (void)state;
    begin("sgip", SESSION_ROLE_SEND);
    session_connected(&session, now);
    expect_written("4:1|4:3000012345|4:1021080510|4:1|1:1|s16:900001|s16:888888|s8:");
    hear("4:0x80000001|4:3000012345|4:1021080510|4:1|1:0|s8:");
    expect("bound ");
    assert_int_equal(submit("ok"), 0);
    expect_written(
        "4:3|4:3000012345|4:1021080510|4:2|s21:12345|s21:000000000000000000000|1:1|"
        "s21:8613800138000|s5:12345|s10:HELP|1:1|s6:0|s6:0|1:0|1:0|1:0|s16:|s16:|1:1|1:0|1:0|"
        "1:0|1:0|4:2|s2:ok|s8:");
    char id[PIECE_ID_BYTES];
    session_own_id(&session, id); /* known before any answer: receipts will say it */
    assert_string_equal(id, "300001234510210805100000000002");
    hear("4:0x80000003|4:3000012345|4:1021080510|4:2|1:0|s8:");
    expect("answered(1,0,300001234510210805100000000002) ");
}

static void sgip_is_told_until_when_by_the_clock_of_beijing(void **state)
{
    (void)state;
    begin("sgip", SESSION_ROLE_SEND);
    session_connected(&session, now);
    hear("4:0x80000001|4:3000012345|4:1021080510|4:1|1:0|s8:");
    valid_s = 16 * 3600;
    assert_int_equal(submit("ok"), 0);
    valid_s = 0;
    expect_written(
        "4:3|4:3000012345|4:1021080510|4:2|s21:12345|s21:000000000000000000000|1:1|"
        "s21:8613800138000|s5:12345|s10:HELP|1:1|s6:0|s6:0|1:0|1:0|1:0|s16:261022000510032+|s16:|"
        "1:1|1:0|1:0|1:0|1:0|4:2|s2:ok|s8:");
}

/* Two connections of a node in one second: the ids of their texts must differ for ever. */
static void no_two_connections_of_sgip_share_a_sequence(void **state)
{
    (void)state;
    begin("sgip", SESSION_ROLE_SEND);
    session_init(&session,
                 &(struct session_bind){ &centre, 3, SESSION_ROLE_SEND, 31, &handlers, NULL }, 110,
                 now);
    assert_int_equal(session_sequence(&session), (31u << 26) + 1);
    session.last_sequence = UINT32_MAX >> 1;
    assert_int_equal(session_sequence(&session), (31u << 26) + 1);
    session_init(&session,
                 &(struct session_bind){ &centre, 3, SESSION_ROLE_SEND, 1, &handlers, NULL }, 110,
                 now);
    session.last_sequence = (2u << 26) - 2;
    assert_int_equal(session_sequence(&session), (2u << 26) - 1);
    assert_int_equal(session_sequence(&session), (1u << 26) + 1);
}

static void the_centre_of_sgip_calls_us_to_deliver_and_report(void **state)
{
    (void)state;
    begin("sgip", SESSION_ROLE_ANSWER);
    assert_int_equal(session.state, SESSION_STATE_LISTENING);
    assert_true(session_accepted(&session, now));
    hear("4:1|4:10|4:20|4:30|1:2|s16:unicom|s16:secret|s8:");
    expect_written("4:0x80000001|4:10|4:20|4:30|1:0|s8:");
    expect("bound ");
    hear("4:4|4:10|4:20|4:31|s21:8613800138000|s21:12110|1:0|1:0|1:8|4:4|x:65516551|s8:");
    expect("letter(13800138000>12110,8,eQeQ) ");
    session_answer(&session, &last_token, PIECE_TAKEN);
    expect_written("4:0x80000004|4:10|4:20|4:31|1:0|s8:");
    hear("4:5|4:10|4:20|4:32|4:3000012345|4:1021080510|4:2|1:0|s21:8613800138000|1:2|1:13|s8:");
    expect("receipt(300001234510210805100000000002,3,13) ");
    assert_int_equal(submit("ok"), -ENOTCONN);
}

static void a_stranger_is_not_let_in(void **state)
{
    (void)state;
    begin("sgip", SESSION_ROLE_ANSWER);
    assert_true(session_accepted(&session, now));
    hear("4:4|4:10|4:20|4:31|s21:8613800138000|s21:12110|1:0|1:0|1:8|4:4|x:65516551|s8:");
    expect_written("4:0x80000004|4:10|4:20|4:31|1:10|s8:");
    hear("4:1|4:10|4:20|4:30|1:2|s16:unicom|s16:guessed|s8:");
    expect_written("4:0x80000001|4:10|4:20|4:30|1:1|s8:");
    expect("close close ");
    session_tick(&session, now);
    assert_int_equal(session.state, SESSION_STATE_LISTENING);
}

/* ------------------------------------------------------------------------------------- SMGP */

static void bind_smgp(void)
{
    char fields[256];
    char proof[33];

    begin("smgp", SESSION_ROLE_BOTH);
    session_connected(&session, now);
    prove(proof, "\0\0\0\0", 4, 20);
    (void)snprintf(fields, sizeof fields, "4:0x80000001|4:1|4:0|x:%s|1:0x30", proof);
    hear(fields);
    expect("bound ");
}

static void smgp_logs_in_and_sends(void **state)
{
    (void)state;
    bind_smgp();
    assert_int_equal(submit("ok"), 0);
    expect_written("4:2|4:2|1:6|1:1|1:1|s10:HELP|s2:00|s6:000000|s6:000000|1:0|s17:|s17:|s21:12345|"
                   "s21:|1:1|s21:13800138000|1:2|s2:ok|s8:|2:0x10|2:8|s8:12345");
    hear("4:0x80000002|4:2|x:01012511221205000001|4:0");
    expect("answered(1,0,01012511221205000001) ");
}

static void smgp_hands_up_texts_and_reports(void **state)
{
    (void)state;
    bind_smgp();
    hear("4:3|4:9|x:01012511221205000002|1:0|1:0|s14:20261122120500|s21:13800138000|s21:12110|1:4|"
         "s4:help|s8:|2:2|2:1|1:0|2:0x7777|2:1|1:5");
    expect("letter(13800138000>12110,1,help) ");
    session_answer(&session, &last_token, PIECE_FULL);
    expect_written("4:0x80000003|4:9|x:01012511221205000002|4:1");
    hear(
        "4:3|4:10|x:01012511221205000003|1:1|1:0|s14:20261122120500|s21:13800138000|s21:12345|1:102|"
        "s3:id:|x:01012511221205000001|"
        "s89: sub:001 dlvrd:001 Submit_Date:2611221205 Done_Date:2611221206 Stat:UNDELIV Err:003 Txt:x|"
        "s8:");
    expect("receipt(01012511221205000001,3,3) ");
}

static void times_and_numbers_are_those_of_beijing(void **state)
{
    (void)state;
    char number[PIECE_ADDRESS_BYTES];

    assert_int_equal(domestic_stamp(1792541110000), 1021080510);
    assert_int_equal(domestic_stamp(1767196799000), 1231235959);
    assert_true(domestic_number(number, "8613800138000"));
    assert_string_equal(number, "13800138000");
    assert_true(domestic_number(number, "+8613800138000"));
    assert_string_equal(number, "13800138000");
    assert_true(domestic_number(number, "86135"));
    assert_string_equal(number, "86135");
    assert_true(domestic_number(number, "+4915112345678"));
    assert_string_equal(number, "4915112345678");
}

static void letters_of_gsm_become_letters_the_operators_know(void **state)
{
    (void)state;
    struct domestic_text text;
    struct piece_out piece = { .coding = PIECE_CODING_DEFAULT };
    uint8_t octets[160];

    piece.text = (struct octets){ (const uint8_t *)"a\x00\x1b\x28", 4 }; /* a@{ */
    assert_true(domestic_text(&text, &piece));
    assert_int_equal(text.coding, 0);
    assert_int_equal(text.count, 3);
    assert_memory_equal(text.octets, "a@{", 3);
    piece.text = (struct octets){ (const uint8_t *)"\x05", 1 }; /* é */
    assert_true(domestic_text(&text, &piece));
    assert_int_equal(text.coding, 8);
    assert_memory_equal(text.octets, "\x00\xe9", 2);
    memset(octets, 5, sizeof octets); /* too many for UCS-2 */
    piece.text = (struct octets){ octets, sizeof octets };
    assert_true(domestic_text(&text, &piece));
    assert_int_equal(text.coding, 0);
    assert_int_equal(text.octets[0], '?');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cmpp_proves_the_secret_as_others_do),
        cmocka_unit_test(a_centre_that_does_not_know_the_secret_is_no_centre),
        cmocka_unit_test(cmpp_2_sends_a_text),
        cmocka_unit_test(cmpp_3_sends_a_text_and_is_throttled),
        cmocka_unit_test(cmpp_hands_up_texts_and_reports),
        cmocka_unit_test(cmpp_3_reports_have_longer_numbers),
        cmocka_unit_test(a_broken_deliver_is_answered_and_counted),
        cmocka_unit_test(silence_is_asked_and_the_centre_asks_too),
        cmocka_unit_test(a_message_id_is_read_as_it_is_printed),
        cmocka_unit_test(sgip_binds_and_sends_by_a_sequence_of_three_numbers),
        cmocka_unit_test(sgip_is_told_until_when_by_the_clock_of_beijing),
        cmocka_unit_test(no_two_connections_of_sgip_share_a_sequence),
        cmocka_unit_test(the_centre_of_sgip_calls_us_to_deliver_and_report),
        cmocka_unit_test(a_stranger_is_not_let_in),
        cmocka_unit_test(smgp_logs_in_and_sends),
        cmocka_unit_test(smgp_hands_up_texts_and_reports),
        cmocka_unit_test(times_and_numbers_are_those_of_beijing),
        cmocka_unit_test(letters_of_gsm_become_letters_the_operators_know),
    };
    return cmocka_run_group_tests_name("domestic", tests, NULL, NULL);
}
