/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a centre may do wrong, in each protocol alike. The octets are laid down here from the protocols'
 * tables; docs/sms.md says which test proves which cell. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/protocol.h"

enum {
    NODE = 3001, /* SGIP's, ours */
    WINDOW = 2,
    ENQUIRE_S = 60,
    MIB = 1024 * 1024
};

/* How the answer to a submit looks in each protocol. */
static const struct kind {
    const char *name;
    uint32_t submit_resp;
    uint32_t throttled;     /* the status that says "slower" */
    bool status_in_front;   /* of the sequence; else in the body, behind the id */
    bool three_numbers;     /* in the sequence */
    uint8_t id_bytes;       /* in the body */
    uint8_t status_bytes;   /* behind them */
    uint8_t reserved_bytes; /* behind those */
    uint32_t enquiry;       /* 0: the protocol has none */
} kinds[] = {
    { "smpp", 0x80000004, 0x58, true, false, 4, 0, 0, 0x15 },
    { "cmpp2", 0x80000004, 8, false, false, 8, 1, 0, 8 },
    { "cmpp3", 0x80000004, 8, false, false, 8, 4, 0, 8 },
    { "sgip", 0x80000003, 11, false, true, 0, 1, 8, 0 },
    { "smgp", 0x80000002, 1, false, false, 10, 4, 0, 4 },
};

static const struct kind *kind;
static struct centre_settings centre;
static struct session session;
static uint64_t now;
static char said[1024];
static struct text saying;
static uint8_t written[SESSION_PDU_OUT_MAX]; /* the last PDU */
static size_t written_count;
static uint32_t node_stamp; /* of the last submit, SGIP's second number */

static void say_connect(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "connect ");
}

static void say_nothing(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
}

static void say_ended(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "ended ");
}

static uint32_t number_at(const uint8_t *octets)
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           octets[3];
}

static void on_write(void *owner, uint16_t bind, const uint8_t *bytes, size_t length)
{
    (void)owner;
    (void)bind;
    memcpy(written, bytes, length);
    written_count = length;
    if (kind->three_numbers)
        node_stamp = number_at(bytes + 12);
}

static void say_letter(void *owner, const struct piece_in *in)
{
    (void)owner;
    (void)in;
    text_add(&saying, "letter ");
}

static void say_receipt(void *owner, const struct receipt *receipt, const struct piece_token *token)
{
    (void)owner;
    (void)receipt;
    (void)token;
    text_add(&saying, "receipt ");
}

static void say_answered(void *owner, const struct piece_answer *answer)
{
    (void)owner;
    text_print(&saying, "answered(%d,%u) ", (int)answer->parcel.text, answer->status);
}

static void say_unknown(void *owner, struct parcel parcel)
{
    (void)owner;
    text_print(&saying, "unknown(%d) ", (int)parcel.text);
}

static const struct session_handlers handlers = {
    say_connect, say_nothing, on_write,     say_nothing, say_ended,
    say_letter,  say_receipt, say_answered, say_unknown, say_answered,
};

static void expect(const char *words)
{
    assert_string_equal(said, words);
    saying = text_into(said, sizeof said);
}

/* A session that is bound to a centre of this kind. */
static void begin(const struct kind *which)
{
    kind = which;
    centre = (struct centre_settings){ .account = "900001",
                                       .password = "888888",
                                       .enterprise = "90001",
                                       .send_with = "submit_sm",
                                       .node = NODE,
                                       .window = WINDOW,
                                       .enquire_s = ENQUIRE_S };
    (void)text_copy(centre.protocol, sizeof centre.protocol, kind->name);
    now = 1000;
    saying = text_into(said, sizeof said);
    enum session_role role = kind->three_numbers ? SESSION_ROLE_SEND : SESSION_ROLE_BOTH;
    session_init(&session, &(struct session_bind){ &centre, 0, role, 0, &handlers, NULL }, 7, now);
    session_tick(&session, now);
    session_connected(&session, now);
    session_step(&session, SESSION_STEP_BIND_OK);
    assert_true(session_is_bound(&session));
    expect("connect ");
}

/* Sends a text; returns the sequence it went out under. */
static uint32_t submit(uint64_t text)
{
    struct piece_out piece = { .parcel = { text, 0 },
                               .source = "12345",
                               .dest = "13800138000",
                               .receipt = true,
                               .total = 1,
                               .index = 1,
                               .text = { (const uint8_t *)"x", 1 } };

    assert_int_equal(session_submit(&session, &piece, now), 0);
    return session.last_sequence;
}

static uint8_t laid[256];
static size_t laid_count;

static void put(uint32_t number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;)
        laid[laid_count++] = (uint8_t)(number >> 8 * i);
}

/* The centre's answer to a submit. */
static void lay_answer(uint32_t sequence, uint32_t status)
{
    memset(laid, 0, sizeof laid);
    laid_count = 4;
    put(kind->submit_resp, 4);
    if (kind->status_in_front)
        put(status, 4);
    if (kind->three_numbers) {
        put(NODE, 4);
        put(node_stamp, 4);
    }
    put(sequence, 4);
    memcpy(laid + laid_count, "m-1", kind->id_bytes ? 3 : 0); /* zeros fill it up, or end it */
    laid_count += kind->id_bytes;
    put(status, kind->status_bytes);
    laid_count += kind->reserved_bytes;
    laid[3] = (uint8_t)laid_count;
}

static void hear(void)
{
    assert_int_equal(session_measure(&session, laid, laid_count), laid_count);
    session_take(&session, laid, laid_count, now);
}

static void wait_ms(uint64_t ms)
{
    uint64_t end = now + ms;

    while (session_due(&session) <= end) {
        if (session_due(&session) > now)
            now = session_due(&session);
        session_tick(&session, now);
    }
    now = end;
}

#define EACH_KIND                                                                                  \
    for (size_t each = 0; each < sizeof kinds / sizeof *kinds; each++)                             \
        for (bool once = (begin(&kinds[each]), true); once; once = false)

static void what_is_in_flight_when_the_line_drops_is_unknown(void **state)
{
    (void)state;
    EACH_KIND
    {
        (void)submit(7);
        session_lost(&session, now);
        expect("unknown(7) ended ");
        wait_ms(2 * SESSION_RETRY_FIRST_MS);
        expect("connect ");
    }
}

static void a_late_answer_counts_until_the_line_is_given_up(void **state)
{
    (void)state;
    EACH_KIND
    {
        lay_answer(submit(7), 0);
        wait_ms(SESSION_SUBMIT_MS - 1);
        hear();
        expect("answered(7,0) ");
        (void)submit(8);
        now += SESSION_SUBMIT_MS;
        session_tick(&session, now);
        expect("unknown(8) ended ");
    }
}

static void a_centre_that_throttles_is_left_in_peace(void **state)
{
    (void)state;
    EACH_KIND
    {
        char words[32];

        lay_answer(submit(7), kind->throttled);
        hear();
        (void)snprintf(words, sizeof words, "answered(7,%u) ", kind->throttled);
        expect(words);
        assert_int_equal(session.counts.throttled, 1);
        assert_false(session_room(&session, false, now));
        now += 1000;
        assert_true(session_room(&session, false, now));
    }
}

static void an_answer_that_is_repeated_counts_once(void **state)
{
    (void)state;
    EACH_KIND
    {
        lay_answer(submit(7), 0);
        hear();
        hear();
        expect("answered(7,0) ");
        assert_int_equal(session.counts.stray, 1);
    }
}

static void an_answer_under_a_wrong_number_is_nobodys(void **state)
{
    (void)state;
    EACH_KIND
    {
        lay_answer(submit(7) + 1000, 0);
        hear();
        assert_int_equal(session.counts.stray, 1);
        assert_int_equal(session.in_flight, 1);
        now += SESSION_SUBMIT_MS;
        session_tick(&session, now);
        expect("unknown(7) ended ");
    }
}

static void lengths_that_no_pdu_has_end_the_stream(void **state)
{
    static const uint32_t lengths[] = { 0, 5, MIB, 0x80000000, UINT32_MAX };

    (void)state;
    EACH_KIND
    {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            laid_count = 0;
            put(lengths[i], 4); /* four octets are enough: nobody waits for the rest of a MiB */
            assert_int_equal(session_measure(&session, laid, laid_count), -EBADMSG);
        }
        (void)submit(7);
        session_garbage(&session, now);
        expect("unknown(7) ended ");
        assert_int_equal(session.counts.garbage, 1);
    }
}

static void half_a_pdu_is_waited_for_and_forgotten_with_its_line(void **state)
{
    (void)state;
    EACH_KIND
    {
        lay_answer(submit(7), 0);
        for (size_t count = 0; count < 4; count++)
            assert_int_equal(session_measure(&session, laid, count), 0);
        assert_int_equal(session_measure(&session, laid, laid_count / 2), laid_count);
        session_lost(&session, now);
        expect("unknown(7) ended ");
    }
}

/* Every octet of a good answer cut off behind, with a length that says so. */
static void a_pdu_cut_short_anywhere_takes_nothing_and_keeps_the_line(void **state)
{
    (void)state;
    EACH_KIND
    {
        uint32_t sequence = submit(7);
        size_t head = session.protocol->format->header_bytes;

        lay_answer(sequence, 0);
        size_t whole = laid_count;
        for (size_t count = head + 1; count < whole; count++) {
            laid[3] = (uint8_t)count;
            session_take(&session, laid, count, now);
            assert_int_equal(session.in_flight, 1);
        }
        assert_int_equal(session.counts.malformed, whole - head - 1);
        lay_answer(sequence, 0);
        hear();
        expect("answered(7,0) ");
    }
}

static void a_command_nobody_knows_keeps_the_line(void **state)
{
    (void)state;
    EACH_KIND
    {
        lay_answer(1, 0);
        memcpy(laid + 4, (const uint8_t[]){ 0, 0, 7, 0x77 }, 4);
        hear();
        assert_int_equal(session.counts.unknown_commands, 1);
        assert_true(session_is_bound(&session));
        expect("");
    }
}

static void a_silent_line_is_asked_and_given_up(void **state)
{
    (void)state;
    EACH_KIND
    {
        written_count = 0;
        now += ENQUIRE_S * 1000;
        session_tick(&session, now);
        assert_int_equal(written_count != 0, kind->enquiry != 0);
        if (written_count == 0)
            continue; /* SGIP: the next text finds out */
        assert_int_equal(number_at(written + 4), kind->enquiry);
        now += SESSION_ANSWER_MS;
        session_tick(&session, now);
        expect("ended ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_flight_when_the_line_drops_is_unknown),
        cmocka_unit_test(a_late_answer_counts_until_the_line_is_given_up),
        cmocka_unit_test(a_centre_that_throttles_is_left_in_peace),
        cmocka_unit_test(an_answer_that_is_repeated_counts_once),
        cmocka_unit_test(an_answer_under_a_wrong_number_is_nobodys),
        cmocka_unit_test(lengths_that_no_pdu_has_end_the_stream),
        cmocka_unit_test(half_a_pdu_is_waited_for_and_forgotten_with_its_line),
        cmocka_unit_test(a_pdu_cut_short_anywhere_takes_nothing_and_keeps_the_line),
        cmocka_unit_test(a_command_nobody_knows_keeps_the_line),
        cmocka_unit_test(a_silent_line_is_asked_and_given_up),
    };
    return cmocka_run_group_tests_name("sms faults", tests, NULL, NULL);
}
