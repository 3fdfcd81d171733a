/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A notice's equal texts in one PDU (submit_multi), and each of them a text by itself all the same: its own answer,
 * receipt, failure and recall, once to each citizen, through lost lines and a killed process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/own_exchange.h"

enum {
    FIRST = 5000 /* the notice's first text */
};

#define WORDS "no water tomorrow"

static uint64_t seq;
static uint64_t settled; /* the last ticket with an outcome */

static void number_of(uint64_t text, char number[24])
{
    (void)snprintf(number, 24, "138%08u", (unsigned)text);
}

static void order(uint64_t text, const char *words, bool urgent)
{
    struct order order = { .seq = ++seq, .kind = ORDER_TEXT };

    order.text.text = text;
    order.text.receipt = true;
    order.text.urgent = urgent;
    (void)text_copy(order.text.from, sizeof order.text.from, "12345");
    number_of(text, order.text.number);
    (void)text_copy(order.text.words, sizeof order.text.words, words);
    exchange_link_handlers()->order(exchange, &order);
}

static void notice(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        order(FIRST + i, WORDS, false);
    turn();
}

static int begin_bundling(void **state)
{
    seq = settled = 0;
    int status = begin(state);

    (void)text_copy(own_sms.centres[0].submit_multi, sizeof own_sms.centres[0].submit_multi, "yes");
    return status;
}

/* The centre took them all but those (0: none), each refused by this status. */
static void answer_multi(uint32_t sequence, const char *id, const uint64_t *failed, uint8_t count,
                         uint32_t status)
{
    uint8_t octets[256];
    size_t used = 0;
    struct smpp_pdu pdu = { .command = SMPP_RESP(SMPP_SUBMIT_MULTI),
                            .sequence = sequence,
                            .failed_count = count };

    for (uint8_t i = 0; i < count; i++) {
        char number[24];

        number_of(failed[i], number);
        octets[used++] = 1;
        octets[used++] = 1;
        memcpy(octets + used, number, strlen(number) + 1);
        used += strlen(number) + 1;
        for (int shift = 24; shift >= 0; shift -= 8)
            octets[used++] = (uint8_t)(status >> shift);
    }
    pdu.failed = (struct octets){ octets, used };
    (void)text_copy(pdu.message_id, sizeof pdu.message_id, id);
    say(&pdu);
    turn();
}

static void receipt_of(const char *id, uint64_t text, const char *state)
{
    static uint32_t sequence = 1000;
    char words[128], number[24];
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM,
                            .sequence = ++sequence,
                            .esm_class = SMPP_ESM_RECEIPT };

    number_of(text, number);
    int size =
        snprintf(words, sizeof words, "id:%s sub:001 dlvrd:001 stat:%s err:000 text:", id, state);
    pdu.short_message = (struct octets){ (const uint8_t *)words, (size_t)size };
    (void)text_copy(pdu.source, sizeof pdu.source, number);
    (void)text_copy(pdu.dest, sizeof pdu.dest, "12345");
    say(&pdu);
    turn();
}

static struct outbox_counts counts(void)
{
    struct exchange_counts all;

    exchange_count(exchange, &all);
    return all.outbox;
}

/* What the dispatcher heard of a text so far is certain; its last word. */
static enum text_state told(uint64_t text)
{
    enum text_state last = TEXT_STATE_NONE;

    for (uint64_t ticket = 1; ticket <= link_played.tickets; ticket++)
        if (link_played.commands[ticket].kind == COMMAND_TEXT_REPORT &&
            link_played.commands[ticket].text_report.text == text)
            last = link_played.commands[ticket].text_report.state;
    return last;
}

static void settle_all(void)
{
    while (settled < link_played.tickets)
        outcome(++settled, REFUSAL_NONE);
}

/* ---- stories ---------------------------------------------------------------------------------- */

static void equal_texts_go_in_one_pdu(void **state)
{
    (void)state;
    notice(20);
    expect("multi(12345>20) ");
    answer_multi(last_submit, "m-1", NULL, 0, 0);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(told(FIRST + i), TEXT_STATE_SENT);
}

static void one_pdu_has_254_numbers_at_most_and_one_is_out_at_a_time(void **state)
{
    (void)state;
    link_played.full = true; /* the reports are not what this is about */
    for (uint32_t i = 0; i < 300; i++)
        order(FIRST + i, WORDS, false);
    own_sms.centres[0].window = 2;
    turn();
    expect("multi(12345>254) submit(12345>13800005254) ");
    answer_multi(last_submit - 1, "m-1", NULL, 0, 0);
    expect("multi(12345>45) ");
    link_played.full = false;
}

static void what_is_not_alike_goes_alone(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        order(FIRST + i, WORDS, false);
    order(FIRST + 4, "no gas tomorrow", false);
    order(FIRST + 5, "help is on its way", true);
    turn();
    expect("submit(12345>13800005005) multi(12345>4) submit(12345>13800005004) ");
}

static void what_the_centre_did_not_take_goes_on_alone(void **state)
{
    static const uint64_t failed[] = { FIRST + 1, FIRST + 3 };

    (void)state;
    notice(5);
    expect("multi(12345>5) ");
    answer_multi(last_submit, "m-1", failed, 2, SMPP_RINVDSTADR);
    assert_int_equal(told(FIRST), TEXT_STATE_SENT);
    assert_int_equal(told(FIRST + 1), TEXT_STATE_NONE);
    pass(OUTBOX_RETRY_FIRST_MS);
    expect("submit(12345>13800005001) submit(12345>13800005003) ");
    answer_submit(last_submit - 1, SMPP_RINVDSTADR, "");
    answer_submit(last_submit, 0, "m-2");
    assert_int_equal(told(FIRST + 1), TEXT_STATE_FAILED); /* what it says of it alone counts */
    assert_int_equal(told(FIRST + 3), TEXT_STATE_SENT);
}

static void a_bundle_that_was_refused_goes_on_one_by_one(void **state)
{
    (void)state;
    notice(3);
    expect("multi(12345>3) ");
    answer_submit(last_submit, SMPP_RINVCMDID, ""); /* not its answer: nobody waits for that */
    struct smpp_pdu nack = { .command = SMPP_GENERIC_NACK,
                             .sequence = last_submit,
                             .status = SMPP_RINVCMDID };
    say(&nack);
    pass(OUTBOX_RETRY_FIRST_MS);
    expect("submit(12345>13800005000) submit(12345>13800005001) submit(12345>13800005002) ");
}

static void a_bundle_that_was_too_much_goes_again(void **state)
{
    struct smpp_pdu busy = { .command = SMPP_RESP(SMPP_SUBMIT_MULTI), .status = SMPP_RTHROTTLED };

    (void)state;
    notice(3);
    expect("multi(12345>3) ");
    busy.sequence = last_submit;
    busy.bodiless = true;
    say(&busy);
    pass(OUTBOX_RETRY_FIRST_MS);
    char words[256];
    hearing_take(words, sizeof words);
    assert_true(strcmp(words, "") != 0);
    assert_int_equal(counts().possible_duplicates, 0);
}

static void receipts_are_told_apart_by_the_number(void **state)
{
    (void)state;
    notice(4);
    answer_multi(last_submit, "m-1", NULL, 0, 0);
    settle_all();
    receipt_of("m-1", FIRST + 2, "DELIVRD");
    receipt_of("m-1", FIRST + 1, "UNDELIV");
    settle_all();
    assert_int_equal(told(FIRST), TEXT_STATE_SENT);
    assert_int_equal(told(FIRST + 1), TEXT_STATE_FAILED);
    assert_int_equal(told(FIRST + 2), TEXT_STATE_DELIVERED);
    receipt_of("m-1", FIRST + 2, "DELIVRD"); /* again: it is over, and no other's */
    receipt_of("m-1", FIRST + 9, "DELIVRD"); /* nobody's */
    assert_int_equal(told(FIRST), TEXT_STATE_SENT);
    assert_int_equal(told(FIRST + 3), TEXT_STATE_SENT);
}

static void receipts_are_told_apart_after_a_restart(void **state)
{
    (void)state;
    notice(4);
    answer_multi(last_submit, "m-1", NULL, 0, 0);
    settle_all();
    receipt_of("m-1", FIRST, "DELIVRD");
    settle_all();
    kill_and_restart();
    settled = 0;
    bind_again();
    receipt_of("m-1", FIRST, "DELIVRD");
    receipt_of("m-1", FIRST + 3, "DELIVRD");
    settle_all();
    assert_int_equal(told(FIRST + 1), TEXT_STATE_NONE); /* nothing new to this life */
    assert_int_equal(told(FIRST + 3), TEXT_STATE_DELIVERED);
}

/* The line is lost before the answer: what receipts prove is there, all others go again, alone. */
static void a_bundle_in_doubt_is_cleared_up_text_by_text(void **state)
{
    char words[512];

    (void)state;
    notice(3);
    expect("multi(12345>3) ");
    lose_connection();
    bind_again();
    receipt_of("m-9", FIRST, "DELIVRD");
    receipt_of("m-9", FIRST + 2, "DELIVRD");
    for (int i = 0; i < 3; i++) {
        struct smpp_pdu enquiry = { .command = SMPP_ENQUIRE_LINK, .sequence = 7 };

        pass(OUTBOX_DOUBT_MS / 2);
        say(&enquiry);
    }
    hearing_take(words, sizeof words);
    assert_non_null(strstr(words, "submit(12345>13800005001) "));
    assert_null(strstr(words, "multi"));
    assert_null(strstr(words, "13800005000"));
    assert_null(strstr(words, "13800005002"));
    assert_int_equal(counts().possible_duplicates, 1);
    assert_int_equal(counts().cleared_up, 2);
    settle_all();
    settle_all();
    assert_int_equal(told(FIRST), TEXT_STATE_DELIVERED);
    assert_int_equal(told(FIRST + 2), TEXT_STATE_DELIVERED);
}

static void a_recalled_one_is_taken_back_by_its_number(void **state)
{
    struct order recall = { .kind = ORDER_RECALL };
    char words[256];

    (void)state;
    notice(3);
    answer_multi(last_submit, "m-1", NULL, 0, 0);
    settle_all();
    hearing_take(words, sizeof words);
    recall.seq = ++seq;
    recall.recall = (struct order_recall){ .text = FIRST + 1, .count = 1 };
    exchange_link_handlers()->order(exchange, &recall);
    turn();
    expect("cancel(m-1) ");
    receipt_of("m-1", FIRST + 1, "DELETED");
    settle_all();
    assert_int_equal(told(FIRST + 1), TEXT_STATE_FAILED);
    assert_int_equal(told(FIRST), TEXT_STATE_SENT);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin_bundling, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(equal_texts_go_in_one_pdu),
        STORY(one_pdu_has_254_numbers_at_most_and_one_is_out_at_a_time),
        STORY(what_is_not_alike_goes_alone),
        STORY(what_the_centre_did_not_take_goes_on_alone),
        STORY(a_bundle_that_was_refused_goes_on_one_by_one),
        STORY(a_bundle_that_was_too_much_goes_again),
        STORY(receipts_are_told_apart_by_the_number),
        STORY(receipts_are_told_apart_after_a_restart),
        STORY(a_bundle_in_doubt_is_cleared_up_text_by_text),
        STORY(a_recalled_one_is_taken_back_by_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
