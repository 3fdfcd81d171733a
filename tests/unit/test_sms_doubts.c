/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of texts whose answer was lost with the connection: what proves that the centre has them, and
 * what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/own_exchange.h"

enum {
    FLAP_MS = 5000
};

static const char once[] = "submit(12345>13900139000) ";

static void drop_line(void)
{
    lose_connection();
    bind_again();
}

static void a_line_that_drops_again_and_again_holds_no_text_back_for_ever(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    expect(once);
    for (uint32_t ms = 0; ms <= OUTBOX_DOUBT_MS; ms += FLAP_MS) {
        drop_line();
        pass(FLAP_MS);
    }
    expect(once);
}

/* A receipt as most centres write it: with the citizen's number, without the piece's mark. */
static void report_in(uint32_t sequence, const char *number, const char *words)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM,
                            .sequence = sequence,
                            .esm_class = SMPP_ESM_RECEIPT };

    (void)text_copy(pdu.source, sizeof pdu.source, number);
    pdu.short_message = (struct octets){ (const uint8_t *)words, strlen(words) };
    say(&pdu);
    turn();
}

static uint64_t possible_duplicates(void)
{
    struct exchange_counts counts;

    exchange_count(exchange, &counts);
    return counts.outbox.possible_duplicates;
}

static void a_receipt_to_the_number_proves_the_only_text_in_doubt(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    expect(once);
    drop_line();
    report_in(9, "8613900139000", "id:m-1 stat:DELIVRD err:000");
    assert_int_equal(link_played.tickets, 0); /* it may be another text's */
    pass(OUTBOX_DOUBT_MS);
    expect_report(1, TEXT_STATE_SENT, 0);
    assert_string_equal(link_played.commands[1].text_report.reference, "m-1");
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_DELIVERED, 0);
    outcome(2, REFUSAL_NONE);
    pass(OUTBOX_DOUBT_MS);
    expect("answer(9,0) ");
    assert_int_equal(possible_duplicates(), 0);
}

static void what_was_proved_stays_so_after_a_restart(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    kill_and_restart();
    report_in(9, "13900139000", "id:m-1 stat:UNDELIV err:012");
    kill_and_restart(); /* the receipt was answered: it does not come again */
    pass(2 * OUTBOX_DOUBT_MS);
    expect_report(1, TEXT_STATE_SENT, 0);
    kill_and_restart();
    expect_report(1, TEXT_STATE_SENT, 0);
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_FAILED, 12);
    pass(2 * OUTBOX_DOUBT_MS);
    expect("");
}

static void one_receipt_for_two_texts_in_doubt_proves_neither(void **state)
{
    (void)state;
    order_text(1, 42, "one", true);
    order_text(2, 43, "two", true);
    expect("submit(12345>13900139000) submit(12345>13900139000) ");
    drop_line();
    report_in(9, "13900139000", "id:m-1 stat:DELIVRD err:000");
    pass(OUTBOX_DOUBT_MS);
    expect("answer(9,0) submit(12345>13900139000) submit(12345>13900139000) ");
    assert_int_equal(possible_duplicates(), 2);
}

static void two_receipts_for_two_texts_in_doubt_prove_both(void **state)
{
    (void)state;
    order_text(1, 42, "one", true);
    order_text(2, 43, "two", true);
    drop_line();
    report_in(8, "13900139000", "id:m-1 stat:DELIVRD err:000");
    report_in(9, "13900139000", "id:m-2 stat:DELIVRD err:000");
    pass(OUTBOX_DOUBT_MS);
    assert_int_equal(link_played.tickets, 2);
    expect("submit(12345>13900139000) submit(12345>13900139000) answer(8,0) answer(9,0) ");
    assert_int_equal(possible_duplicates(), 0);
}

static void a_receipt_for_an_answer_to_come_proves_nothing_else(void **state)
{
    uint32_t second;

    (void)state;
    order_text(1, 42, "lost before it was there", true);
    drop_line();
    order_text(2, 43, "quick", true);
    second = last_submit;
    expect("submit(12345>13900139000) submit(12345>13900139000) ");
    pass(OUTBOX_DOUBT_MS - 1000);
    report_in(9, "13900139000", "id:m-2 stat:DELIVRD err:000"); /* before its answer */
    pass(500);
    answer_submit(second, 0, "m-2");
    expect_report(1, TEXT_STATE_SENT, 0);
    expect("answer(9,0) ");
    pass(500);
    expect(once);
}

static void a_receipt_that_comes_again_proves_nothing(void **state)
{
    (void)state;
    order_text(1, 42, "over", true);
    answer_submit(last_submit, 0, "255");
    outcome(1, REFUSAL_NONE);
    report_in(8, "13900139000", "id:ff stat:DELIVRD err:000");
    outcome(2, REFUSAL_NONE);
    order_text(2, 43, "lost before it was there", true);
    drop_line();
    report_in(9, "13900139000", "id:ff stat:DELIVRD err:000"); /* its answer was lost, too */
    expect("submit(12345>13900139000) answer(8,0) submit(12345>13900139000) answer(9,0) ");
    pass(OUTBOX_DOUBT_MS);
    expect(once);
}

static void a_receipt_from_before_the_sending_proves_nothing(void **state)
{
    (void)state;
    report_in(8, "13900139000", "id:m-1 stat:DELIVRD err:000"); /* of a text nobody here knows */
    pass(5000);
    order_text(1, 42, "lost before it was there", true);
    drop_line();
    pass(OUTBOX_DOUBT_MS);
    expect("answer(8,0) submit(12345>13900139000) submit(12345>13900139000) ");
}

static void of_one_text_sent_again_the_first_receipt_is_proof_enough(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    drop_line();
    pass(OUTBOX_DOUBT_MS);
    expect("submit(12345>13900139000) submit(12345>13900139000) ");
    drop_line();
    report_in(9, "13900139000", "id:m-1 stat:DELIVRD err:000");
    pass(OUTBOX_DOUBT_MS);
    expect_report(1, TEXT_STATE_SENT, 0);
    expect("answer(9,0) ");
}

static void the_receipt_of_a_doubled_text_proves_no_other(void **state)
{
    (void)state;
    order_text(1, 42, "doubled", true);
    drop_line();
    pass(OUTBOX_DOUBT_MS);
    answer_submit(last_submit, 0, "m-2"); /* the second sending */
    outcome(1, REFUSAL_NONE);
    order_text(2, 43, "lost before it was there", true);
    drop_line();
    report_in(9, "13900139000", "id:m-1 stat:DELIVRD err:000"); /* of the first sending */
    expect(
        "submit(12345>13900139000) submit(12345>13900139000) submit(12345>13900139000) answer(9,0) ");
    pass(OUTBOX_DOUBT_MS);
    expect(once);
}

static void a_late_receipt_prolongs_the_wait_once(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    drop_line();
    pass(OUTBOX_DOUBT_MS - 1000);
    report_in(9, "13900139000", "id:m-1 stat:DELIVRD err:000");
    pass(OUTBOX_DOUBT_MS - 1000);
    assert_int_equal(link_played.tickets, 0);
    pass(1000);
    expect_report(1, TEXT_STATE_SENT, 0);
}

static void where_the_twin_has_the_same_account_the_number_proves_nothing(void **state)
{
    struct outbox *outbox = NULL;
    struct order_text order = {
        .text = 42, .receipt = true, .words = "x", .number = "13900139000"
    };
    struct receipt receipt = { .message_id = "m-1",
                               .state = RECEIPT_DELIVERED,
                               .number = "13900139000" };
    struct piece_out piece;
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/another", folder);
    assert_int_equal(outbox_open(&outbox, path), 0);
    outbox_share_account(outbox);
    assert_int_equal(outbox_put(outbox, &order, wall), 0);
    assert_true(outbox_next(outbox, 0, wall, &piece));
    outbox_note_sending(outbox, piece.parcel, wall);
    outbox_note_unknown(outbox, piece.parcel);
    assert_false(outbox_next(outbox, 0, wall, &piece));
    outbox_note_receipt(outbox, &receipt, wall);
    assert_true(outbox_next(outbox, 0, wall + OUTBOX_DOUBT_MS, &piece));
    outbox_close(outbox);
    assert_int_equal(unlink(path), 0);
}

/* SGIP: a receipt bears the sequence we sent the text under. */
static void a_receipt_by_our_own_id_proves_its_text_and_no_other(void **state)
{
    struct outbox *outbox = NULL;
    struct order_text order = { .receipt = true, .words = "x", .number = "13900139000" };
    struct receipt receipt = { .message_id = "own-42",
                               .state = RECEIPT_DELIVERED,
                               .number = "13900139000" };
    struct outbox_report report;
    struct piece_out piece;
    char path[128];
    char id[PIECE_ID_BYTES];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/another", folder);
    assert_int_equal(outbox_open(&outbox, path), 0);
    for (order.text = 42; order.text <= 44; order.text++) {
        assert_int_equal(outbox_put(outbox, &order, wall), 0);
        assert_true(outbox_next(outbox, 0, wall, &piece));
        outbox_note_sending(outbox, piece.parcel, wall);
        (void)snprintf(id, sizeof id, "own-%d", (int)order.text);
        outbox_note_own_id(outbox, piece.parcel, id);
    }
    (void)text_copy(receipt.message_id, sizeof receipt.message_id, "own-43");
    outbox_note_receipt(outbox, &receipt, wall); /* before the line is lost */
    outbox_close(outbox);
    assert_int_equal(outbox_open(&outbox, path), 0); /* all three are unknown now */
    assert_false(outbox_next(outbox, 0, wall, &piece));
    assert_true(outbox_next_report(outbox, &report));
    assert_int_equal(report.text, 43);
    outbox_report_is_out(outbox);
    (void)text_copy(receipt.message_id, sizeof receipt.message_id, "own-42");
    outbox_note_receipt(outbox, &receipt, wall);
    assert_true(outbox_next_report(outbox, &report));
    assert_int_equal(report.text, 42);
    assert_true(outbox_next(outbox, 0, wall + OUTBOX_DOUBT_MS, &piece));
    assert_int_equal(piece.parcel.text, 44);
    outbox_close(outbox);
    assert_int_equal(unlink(path), 0);
}

/* 1120 is 460 in hexadecimal, which some centres' receipts say. */
static void a_receipt_ahead_of_its_answer_is_not_taken_for_what_is_over(void **state)
{
    (void)state;
    order_text(1, 42, "one", true);
    answer_submit(last_submit, 0, "460");
    outcome(1, REFUSAL_NONE);
    receipt_in(7, "id:460 stat:DELIVRD err:000");
    expect_report(2, TEXT_STATE_DELIVERED, 0);
    outcome(2, REFUSAL_NONE);
    order_text(2, 43, "other", true);
    receipt_in(8, "id:1120 stat:DELIVRD err:000");
    answer_submit(last_submit, 0, "1120");
    expect_report(3, TEXT_STATE_SENT, 0);
    outcome(3, REFUSAL_NONE);
    expect_report(4, TEXT_STATE_DELIVERED, 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_line_that_drops_again_and_again_holds_no_text_back_for_ever),
        STORY(a_receipt_to_the_number_proves_the_only_text_in_doubt),
        STORY(what_was_proved_stays_so_after_a_restart),
        STORY(one_receipt_for_two_texts_in_doubt_proves_neither),
        STORY(two_receipts_for_two_texts_in_doubt_prove_both),
        STORY(a_receipt_for_an_answer_to_come_proves_nothing_else),
        STORY(a_receipt_that_comes_again_proves_nothing),
        STORY(a_receipt_from_before_the_sending_proves_nothing),
        STORY(of_one_text_sent_again_the_first_receipt_is_proof_enough),
        STORY(the_receipt_of_a_doubled_text_proves_no_other),
        STORY(a_late_receipt_prolongs_the_wait_once),
        STORY(a_receipt_by_our_own_id_proves_its_text_and_no_other),
        STORY(a_receipt_ahead_of_its_answer_is_not_taken_for_what_is_over),
        STORY(where_the_twin_has_the_same_account_the_number_proves_nothing),
    };
    return cmocka_run_group_tests_name("sms doubts", tests, NULL, NULL);
}
