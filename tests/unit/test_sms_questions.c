/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of texts that are with the centres, or cannot get there: recalled, asked for, handed back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/leave.h"
#include "tests/unit/own_exchange.h"

static void recall(uint64_t seq, uint64_t text, uint32_t count)
{
    struct order order = { .seq = seq, .kind = ORDER_RECALL, .recall = { text, count } };

    exchange_link_handlers()->order(exchange, &order);
    turn();
}

static void state_in(uint32_t command, const char *id, uint8_t message_state)
{
    struct smpp_pdu pdu = { .command = SMPP_RESP(command),
                            .sequence = last_question,
                            .message_state = message_state };

    (void)text_copy(pdu.message_id, sizeof pdu.message_id, id);
    say(&pdu);
    turn();
}

static void a_recalled_text_is_not_sent(void **state)
{
    (void)state;
    order_fenced(1, 42, false);
    order_fenced(2, 43, false);
    recall(3, 42, 2);
    expect_report(4, TEXT_STATE_EXCUSED, 0);
    outcome(1, REFUSAL_NONE); /* leave comes too late */
    outcome(2, REFUSAL_NONE);
    expect("");
    kill_and_restart();
    expect("");
    expect_report(2, TEXT_STATE_EXCUSED, 0);
}

static void what_the_centre_has_is_cancelled_there(void **state)
{
    (void)state;
    order_text(1, 42, "the dam breaks", true);
    recall(2, 42, 1); /* its answer is not there yet */
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    turn();
    expect("submit(12345>13900139000) cancel(m-1) ");
    state_in(SMPP_CANCEL_SM, "", 0);
    pass(EXCHANGE_TIDY_MS);
    turn();
    expect("query(m-1) "); /* not every centre gives a receipt for it */
    state_in(SMPP_QUERY_SM, "m-1", 4);
    expect_report(2, TEXT_STATE_FAILED, RECEIPT_UNKNOWN_ERROR);
}

static void a_receipt_that_does_not_come_is_asked_for(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
    live(59);
    expect("");
    live(2);
    expect("query(m-1) ");
    state_in(SMPP_QUERY_SM, "m-1", 1); /* ENROUTE: at twice the age once more */
    assert_int_equal(link_played.tickets, 1);
    live(55);
    expect("");
    live(10);
    expect("query(m-1) ");
    state_in(SMPP_QUERY_SM, "m-1", 2);
    expect_report(2, TEXT_STATE_DELIVERED, 0);
}

static void a_text_of_which_nobody_knows_is_a_persons(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    pass(72ULL * 3600 * 1000 + 1);
    turn();
    expect_report(2, TEXT_STATE_FAILED, OUTBOX_NO_RECEIPT);
}

/* A result that nobody reads for a day is told by telephone. */
static void a_text_is_tried_as_long_as_it_is_valid(void **state)
{
    (void)state;
    order_valid(1, 42, "result", true, wall + 25ULL * 3600 * 1000 + 90 * 1000);
    expect("submit(12345>13900139000) ");
    assert_string_equal(last_validity, "000001010130000R");
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    receipt_in(8, "id:m-1 stat:EXPIRED err:000");
    expect_report(2, TEXT_STATE_FAILED, RECEIPT_UNKNOWN_ERROR);
}

static void nobody_waits_for_a_receipt_long_after_its_time(void **state)
{
    (void)state;
    order_valid(1, 42, "result", true, wall + 3600 * 1000);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    live(60 + OUTBOX_LAST_WORD_MS / 60000);
    assert_int_equal(link_played.tickets, 1);
    live(2);
    expect_report(2, TEXT_STATE_FAILED, OUTBOX_NO_RECEIPT);
}

static void a_text_whose_time_is_over_is_not_sent_any_more(void **state)
{
    (void)state;
    lose_connection();
    order_valid(1, 42, "we are coming", true, wall + 3600 * 1000);
    kill_and_restart();
    expect("submit(12345>13900139000) ");
    answer_submit(last_submit, SMPP_RMSGQFUL, "");
    lose_connection();
    pass(3600 * 1000);
    turn();
    expect_report(2, TEXT_STATE_FAILED, OUTBOX_TOO_LATE); /* after saying that no centre is there */
    bind_again();
    expect("");
}

static void who_has_no_way_out_says_so_and_gives_back(void **state)
{
    (void)state;
    order_fenced(1, 42, false);
    lose_connection();
    outcome(1, REFUSAL_NONE); /* leave, and nobody to send it to */
    order_fenced(2, 43, false);
    expect_question(1, 1); /* and none is asked for what cannot go out */
    pass(LEAVE_UNABLE_MS);
    const struct command *command = &link_played.commands[2];
    assert_int_equal(link_played.tickets, 2);
    assert_int_equal(command->kind, COMMAND_TEXT_RETURN);
    assert_false(command->text_return.able);
    assert_int_equal(command->text_return.texts_count, 1);
    assert_int_equal(command->text_return.texts[0], 42);
    outcome(2, REFUSAL_NONE);
    bind_again();
    assert_int_equal(link_played.tickets, 4);
    assert_true(link_played.commands[3].text_return.able);
    assert_int_equal(link_played.commands[4].kind, COMMAND_TEXT_SEND);
    assert_int_equal(link_played.commands[4].text_send.texts_count, 2);
    outcome(4, REFUSAL_NOT_LEASED);
    outcome(5, REFUSAL_NOT_LEASED);
    outcome(6, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

/* The number's own centre is away, the other one takes no such numbers. */
static void what_no_centre_takes_is_given_to_the_twin_once(void **state)
{
    struct outbox *outbox = NULL;
    struct order_text order = {
        .text = 42, .fenced = true, .words = "once", .number = "13900139000"
    };
    struct piece_out piece;
    uint64_t texts[OUTBOX_ASKS_MAX];
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/another", folder);
    assert_int_equal(outbox_open(&outbox, path), 0);
    for (int round = 0; round < 2; round++) {
        uint64_t since = wall;

        assert_int_equal(outbox_put(outbox, &order, wall), 0);
        assert_int_equal(outbox_next_asks(outbox, texts), 1);
        outbox_leave(outbox, 42, true, wall);
        for (int second = 0; second < 3; second++) {
            assert_true(outbox_next(outbox, 0, wall, &piece));
            outbox_postpone(outbox, piece.parcel, wall, wall + 1000);
            wall += 1000;
        }
        assert_int_equal(outbox_give_away(outbox, since - 1, since - 1, texts),
                         0); /* not for so long */
        bool is_first = round == 0;
        assert_int_equal(outbox_give_away(outbox, since, since, texts), is_first);
        if (is_first) {
            outbox_keep(outbox, 42); /* nobody was there */
            outbox_ask_again(outbox, 42, false);
            assert_int_equal(outbox_next_asks(outbox, texts), 1);
            outbox_leave(outbox, 42, true, wall);
            assert_true(outbox_next(outbox, 0, wall, &piece));
            outbox_postpone(outbox, piece.parcel, wall, wall + 1000);
            assert_int_equal(outbox_give_away(outbox, wall, wall, texts), 1);
        }
        if (!is_first)
            break; /* the twin gave it back: it has no way, either */
        assert_false(outbox_next(outbox, 0, wall, &piece));
        outbox_ask_again(outbox, 42, false);
        assert_int_equal(outbox_next_asks(outbox, texts), 1);
        outbox_leave(outbox, 42, false, wall);
    }
    assert_true(outbox_next(outbox, 0, wall, &piece));
    outbox_close(outbox);
    assert_int_equal(unlink(path), 0);
}

static void one_full_centre_does_not_hold_up_the_others(void **state)
{
    struct outbox *outbox = NULL;
    struct order_text order = { .words = "once", .number = "13900139000" };
    struct piece_out piece;
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/another", folder);
    assert_int_equal(outbox_open(&outbox, path), 0);
    for (order.text = 1; order.text <= 3; order.text++)
        assert_int_equal(outbox_put(outbox, &order, wall), 0);
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.parcel.text, 1);
    outbox_park(outbox, piece.parcel, 2);
    assert_true(outbox_is_parked(outbox, false, 2));
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.parcel.text, 2);
    outbox_postpone(outbox, piece.parcel, wall, wall + 1000);
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.parcel.text, 3);
    assert_true(outbox_next(outbox, 1U << 2, wall, &piece));
    assert_int_equal(piece.parcel.text, 1);
    outbox_close(outbox);
    assert_int_equal(unlink(path), 0);
}

static void letters_that_an_operator_lacks_go_out_in_ucs2(void **state)
{
    struct outbox *outbox = NULL;
    struct order_text order = { .text = 1, .number = "13900139000" };
    struct piece_out piece;
    struct text words = text_into(order.words, sizeof order.words);
    char path[128];

    (void)state;
    for (int i = 0; i < 100; i++)
        text_add(&words, "olé "); /* 400 letters of GSM-7: three pieces of it, six of UCS-2 */
    (void)snprintf(path, sizeof path, "%s/another", folder);
    assert_int_equal(outbox_open(&outbox, path), 0);
    assert_int_equal(outbox_put(outbox, &order, wall), 0);
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.coding, PIECE_CODING_DEFAULT);
    assert_int_equal(piece.total, 3);
    outbox_note_sending(outbox, piece.parcel, wall);
    outbox_avoid_gsm7(outbox);
    order.text = 2;
    assert_int_equal(outbox_put(outbox, &order, wall), 0);
    order.text = 3;
    (void)text_copy(order.words, sizeof order.words, "plain");
    assert_int_equal(outbox_put(outbox, &order, wall), 0);
    outbox_close(outbox);
    assert_int_equal(outbox_open(&outbox, path), 0); /* as it was cut, so it stays */
    for (uint32_t i = 0; i < 6; i++) {
        outbox_postpone(outbox, (struct parcel){ .text = 1 }, wall, wall + 1000);
        assert_true(outbox_next(outbox, 0, wall, &piece));
        assert_int_equal(piece.parcel.text, 2);
        assert_int_equal(piece.coding, PIECE_CODING_UCS2);
        assert_int_equal(piece.total, 6);
        outbox_note_sending(outbox, piece.parcel, wall);
    }
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.coding, PIECE_CODING_DEFAULT);
    outbox_close(outbox);
    assert_int_equal(unlink(path), 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_recalled_text_is_not_sent),
        STORY(letters_that_an_operator_lacks_go_out_in_ucs2),
        STORY(what_the_centre_has_is_cancelled_there),
        STORY(a_receipt_that_does_not_come_is_asked_for),
        STORY(a_text_of_which_nobody_knows_is_a_persons),
        STORY(a_text_is_tried_as_long_as_it_is_valid),
        STORY(nobody_waits_for_a_receipt_long_after_its_time),
        STORY(a_text_whose_time_is_over_is_not_sent_any_more),
        STORY(who_has_no_way_out_says_so_and_gives_back),
        STORY(what_no_centre_takes_is_given_to_the_twin_once),
        STORY(one_full_centre_does_not_hold_up_the_others),
    };
    return cmocka_run_group_tests_name("sms_questions", tests, NULL, NULL);
}
