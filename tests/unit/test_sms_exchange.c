/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of the gateway between a message centre and a dispatcher that are both played here: the
 * centre writes real PDUs, the link is one that holds what was submitted until the test answers. */
#include <errno.h>
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
#include "gateways/sms/assembly.h"
#include "tests/unit/own_exchange.h"

/* ---------------------------------------------------------------------------- citizens' texts */

static void the_centre_is_answered_only_when_the_contact_is_certain(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    expect("");
    assert_int_equal(link_played.tickets, 1);
    const struct contact_arrive *arrive = &link_played.commands[1].contact_arrive;
    assert_int_equal(arrive->line, 110);
    assert_int_equal(arrive->channel, CHANNEL_SMS);
    assert_string_equal(arrive->called, "12110");
    assert_string_equal(arrive->trunk, "sms-1");
    assert_string_equal(link_played.personals[1].number, "13800138000");
    assert_string_equal(link_played.personals[1].text, "help");
    static const uint8_t none[ORIGINALS_DIGEST_BYTES];
    assert_memory_not_equal(arrive->original, none, sizeof none);
    outcome(1, REFUSAL_NONE);
    expect("answer(7,0) ");
}

static void the_spool_is_as_good_as_the_dispatcher(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    exchange_link_handlers()->spooled(exchange, 1);
    turn();
    expect("answer(7,0) ");
    outcome(1, REFUSAL_NONE);
    expect("");
}

static void a_number_without_a_line_is_refused_and_counted(void **state)
{
    struct exchange_counts counts;

    (void)state;
    text_in(7, "99999", "help");
    expect("answer(7,11) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.unknown_numbers, 1);
}

static void a_repeat_after_a_lost_connection_is_the_same_contact(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    outcome(1, REFUSAL_NONE);
    expect("answer(7,0) ");
    lose_connection(); /* the answer may not have arrived */
    bind_again();
    text_in(3, "12110", "help");
    expect("answer(3,0) ");
    assert_int_equal(link_played.tickets, 1);
}

static void the_same_words_again_are_a_new_contact(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    outcome(1, REFUSAL_NONE);
    pass(2000);
    text_in(8, "12110", "help");
    assert_int_equal(link_played.tickets, 2);
    assert_string_not_equal(link_played.commands[1].key, link_played.commands[2].key);
}

/* The line is lost right behind the answer; the centre repeats by its other line before the first is back. */
static void a_repeat_by_another_line_is_the_same_contact(void **state)
{
    struct piece_in in = { .source = "13800138000",
                           .dest = "12345",
                           .coding = PIECE_CODING_ASCII,
                           .text = { (const uint8_t *)"111", 3 },
                           .token = { .bind = 0, .connection = 1, .sequence = { 0, 0, 15 } } };
    struct inbox *inbox = NULL;
    struct inbox_contact contact;
    struct inbox_answer answer;
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/another", folder);
    assert_int_equal(inbox_open(&inbox, path), 0);
    inbox_connection(inbox, 0, 1, wall);
    inbox_connection(inbox, 1, 1, wall);
    assert_int_equal(inbox_take(inbox, &in, wall), 0);
    assert_true(inbox_next_contact(inbox, wall, &contact));
    inbox_submitted(inbox, contact.call, 7);
    assert_true(inbox_settled(inbox, 7, PIECE_TAKEN, wall));
    assert_true(inbox_next_answer(inbox, wall, &answer));
    inbox_connection(inbox, 0, 0, wall);
    in.token = (struct piece_token){ .bind = 1, .connection = 1, .sequence = { 0, 0, 17 } };
    assert_int_equal(inbox_take(inbox, &in, wall + 800), 0);
    assert_false(inbox_next_contact(inbox, wall + 800, &contact));
    assert_true(inbox_next_answer(inbox, wall + 800, &answer));
    assert_int_equal(answer.token.bind, 1);
    inbox_close(inbox);
    assert_int_equal(unlink(path), 0);
}

static void a_repeat_that_crosses_our_answer_is_the_same_contact(void **state)
{
    (void)state;
    text_in(7, "12345", "111");
    outcome(1, REFUSAL_NONE);
    text_in(7, "12345", "111"); /* the same PDU: the centre had not seen the answer yet */
    expect("answer(7,0) answer(7,0) ");
    assert_int_equal(link_played.tickets, 1);
}

static void a_repeat_after_a_crash_keeps_the_command_key(void **state)
{
    char key[41];

    (void)state;
    text_in(7, "12110", "help");
    (void)text_copy(key, sizeof key, link_played.commands[1].key);
    kill_and_restart(); /* nobody knows whether the dispatcher has it */
    text_in(1, "12110", "help");
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.commands[1].key, key);
    outcome(1, REFUSAL_NONE);
    expect("answer(1,0) ");
}

static void a_text_the_dispatcher_cannot_take_now_stays_with_the_centre(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    outcome(1, REFUSAL_LIMIT);
    expect("answer(7,100) ");
    text_in(8, "12110", "help");
    assert_int_equal(link_played.tickets, 2);
    assert_string_not_equal(link_played.commands[1].key, link_played.commands[2].key);
    link_played.full = true;
    text_in(9, "12110", "other");
    expect("answer(9,100) ");
}

static void parts_are_answered_at_once_and_make_one_contact_in_any_order(void **state)
{
    (void)state;
    part_in(1, 3, 3, "three");
    part_in(2, 1, 3, "one ");
    part_in(3, 1, 3, "one ");
    expect("answer(1,0) answer(2,0) answer(3,0) ");
    assert_int_equal(link_played.tickets, 0);
    part_in(4, 2, 3, "two ");
    expect("answer(4,0) ");
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text, "one two three");
}

static void a_part_that_comes_again_behind_its_whole_text_is_no_new_one(void **state)
{
    (void)state;
    part_in(1, 1, 2, "one ");
    part_in(2, 2, 2, "two");
    outcome(1, REFUSAL_NONE);
    expect("answer(1,0) answer(2,0) ");
    part_in(3, 1, 2, "one ");
    expect("answer(3,0) ");
    pass(ASSEMBLY_WAIT_MS);
    assert_int_equal(link_played.tickets, 1);
}

static void parts_outlive_the_process(void **state)
{
    (void)state;
    part_in(1, 2, 2, "two");
    kill_and_restart();
    part_in(1, 1, 2, "one ");
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text, "one two");
    kill_and_restart(); /* before the outcome: it goes up again under the same key */
    turn();
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text, "one two");
    outcome(1, REFUSAL_NONE);
    kill_and_restart();
    assert_int_equal(link_played.tickets, 0);
}

static void a_missing_part_does_not_hold_up_a_cry_for_help(void **state)
{
    (void)state;
    part_in(1, 2, 2, "fire in the");
    pass(ASSEMBLY_WAIT_MS);
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text,
                        "〔缺第1/2条 part 1 of 2 missing〕fire in the");
}

static void a_refused_long_text_is_tried_again_by_the_gateway(void **state)
{
    (void)state;
    part_in(1, 1, 2, "one ");
    part_in(2, 2, 2, "two");
    outcome(1, REFUSAL_LIMIT);
    assert_int_equal(link_played.tickets, 1);
    pass(INBOX_AGAIN_MS);
    assert_int_equal(link_played.tickets, 2);
    assert_string_not_equal(link_played.commands[1].key, link_played.commands[2].key);
}

/* -------------------------------------------------------------------------- the city's texts */

static void a_text_goes_out_and_its_fate_comes_back(void **state)
{
    (void)state;
    order_text(1, 42, "您的诉求已受理", true);
    expect("submit(12345>13900139000) ");
    assert_string_equal(last_text, "您的诉求已受理");
    assert_int_equal(link_played.done, 1);
    answer_submit(last_submit, 0, "m-1");
    expect_report(1, TEXT_STATE_SENT, 0);
    assert_string_equal(link_played.commands[1].text_report.reference, "m-1");
    outcome(1, REFUSAL_NONE);
    receipt_in(9, "id:m-1 stat:DELIVRD err:000");
    expect("answer(9,0) ");
    expect_report(2, TEXT_STATE_DELIVERED, 0);
}

/* The words are cut for the longest header of any centre; which one a piece bears is its centre's wish. */
static void pieces_of_a_long_text_are_marked_as_the_centre_wants(void **state)
{
    static const struct {
        const char *with;
        enum parts_means means;
        size_t letters; /* in the first piece */
    } rows[] = { { "header8", PARTS_HEADER_8, 153 },
                 { "header16", PARTS_HEADER_16, 152 },
                 { "sar", PARTS_WHOLE, 153 } };
    char words[201];

    (void)state;
    memset(words, 'a', 200);
    words[200] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)text_copy(own_sms.centres[0].long_with, sizeof own_sms.centres[0].long_with,
                        rows[i].with);
        kill_and_restart();
        order_text(i + 1, 4200 + i, words, true);
        expect("submit(12345>13900139000) submit(12345>13900139000) ");
        assert_int_equal(last_part.means, rows[i].means);
        assert_int_equal(last_part.index, 2);
        assert_int_equal(last_part.octets.count, 200 - rows[i].letters);
        if (rows[i].means == PARTS_HEADER_16)
            assert_int_equal(last_part.reference, 4200 + i);
        answer_submit(last_submit - 1, 0, "m-1");
        answer_submit(last_submit, 0, "m-2");
    }
}

static void words_of_a_national_table_need_no_ucs2_where_the_centres_take_it(void **state)
{
    char words[2 * 100 + 1] = "";

    (void)state;
    for (int i = 0; i < 100; i++)
        (void)strcat(words, i % 2 ? "ş" : "a"); /* 150 septets */
    order_text(1, 42, words, true);
    expect("submit(12345>13900139000) submit(12345>13900139000) "); /* UCS-2 */
    (void)text_copy(own_sms.centres[0].national, sizeof own_sms.centres[0].national, "turkish");
    kill_and_restart();
    order_text(2, 43, words, true);
    expect("submit(12345>13900139000) ");
    assert_string_equal(last_text, words);
    assert_int_equal(last_part.reading.coding, 0);
    assert_int_equal(last_part.reading.single, 1);
    order_text(3, 44, "你好", true);
    assert_int_equal(last_part.reading.coding, 8);
}

/* A locking shift where it saves a piece, and what was cut so stays so after a restart. */
static void a_locking_shift_is_taken_where_it_is_shorter(void **state)
{
    char words[2 * 150 + 1] = "";

    (void)state;
    (void)text_copy(own_sms.centres[0].national, sizeof own_sms.centres[0].national, "turkish");
    (void)text_copy(own_sms.centres[0].national_shift, sizeof own_sms.centres[0].national_shift,
                    "locking");
    kill_and_restart();
    for (int i = 0; i < 150; i++)
        (void)strcat(words, i % 2 ? "ş" : "a"); /* 225 septets behind escapes, 150 without */
    order_text(1, 42, words, true);
    expect("submit(12345>13900139000) ");
    assert_string_equal(last_text, words);
    assert_int_equal(last_part.reading.locking, 1);
    assert_int_equal(last_part.reading.single, 0);
    lose_connection();
    kill_and_restart();
    bind_again();
    live(1);
    expect("submit(12345>13900139000) ");
    assert_string_equal(last_text, words);
    assert_int_equal(last_part.reading.locking, 1);
    order_text(2, 43, "aşa", true); /* four septets behind the escape: more telephones have that */
    assert_int_equal(last_part.reading.single, 1);
    assert_int_equal(last_part.reading.locking, 0);
}

static void a_text_is_sent_once_however_often_it_is_ordered(void **state)
{
    (void)state;
    order_text(1, 42, "once", false);
    order_text(2, 42, "once", false);
    expect("submit(12345>13900139000) ");
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    order_text(3, 42, "once", false);
    kill_and_restart();
    order_text(4, 42, "once", false);
    expect("");
    assert_int_equal(link_played.tickets, 0);
}

static void an_answered_part_is_not_sent_again_after_a_crash(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    kill_and_restart();
    expect("");
    expect_report(1, TEXT_STATE_SENT, 0); /* its outcome was not heard: the same key again */
    receipt_in(9, "id:m-1 stat:UNDELIV err:012");
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_FAILED, 12);
}

static void what_was_reported_is_not_reported_after_a_restart(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    kill_and_restart();
    assert_int_equal(link_played.tickets, 0);
    receipt_in(9, "id:m-1 stat:DELIVRD err:000");
    expect_report(1, TEXT_STATE_DELIVERED, 0);
}

static void an_unanswered_part_is_sent_again_and_counted(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_text(1, 42, "maybe twice", false);
    lose_connection();
    bind_again();
    expect("submit(12345>13900139000) submit(12345>13900139000) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.possible_duplicates, 1);
    kill_and_restart();
    expect("submit(12345>13900139000) ");
}

/* ------------------------------------------------------------------------------ leave and doubt */

static void a_fenced_text_goes_out_with_leave_alone(void **state)
{
    (void)state;
    order_fenced(1, 42, false);
    expect("");
    expect_question(1, 1);
    exchange_link_handlers()->spooled(exchange, 1); /* no answer yet */
    turn();
    expect("");
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
    answer_submit(last_submit, 0, "m-1");
    expect_report(2, TEXT_STATE_SENT, 0);
}

static void what_another_gateway_sends_is_dropped_and_may_come_back(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_fenced(1, 42, false);
    outcome(1, REFUSAL_NOT_LEASED);
    expect("");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.held, 0);
    assert_int_equal(counts.outbox.dropped, 1);
    kill_and_restart();
    assert_int_equal(link_played.tickets, 0);
    order_fenced(2, 42, false); /* the other one is gone now */
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

static void leave_is_asked_for_anew_after_a_restart(void **state)
{
    char first[sizeof link_played.commands[1].key];

    (void)state;
    order_fenced(1, 42, false);
    (void)text_copy(first, sizeof first, link_played.commands[1].key);
    wall += 5;
    kill_and_restart();
    expect_question(1, 1);
    assert_string_not_equal(link_played.commands[1].key, first); /* not the old answer */
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

static void a_refused_question_of_several_is_put_one_by_one(void **state)
{
    (void)state;
    link_played.full = true;
    order_fenced(1, 42, false);
    order_fenced(2, 43, false);
    link_played.full = false;
    turn();
    expect_question(1, 2);
    outcome(1, REFUSAL_NOT_LEASED);
    expect_question(3, 1);
    outcome(2, REFUSAL_NOT_LEASED);
    outcome(3, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

static void marked_receipt_in(uint32_t sequence, uint16_t mark, const char *words)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM,
                            .sequence = sequence,
                            .esm_class = SMPP_ESM_RECEIPT };
    uint8_t value[2] = { (uint8_t)(mark >> 8), (uint8_t)mark };

    (void)text_copy(pdu.source, sizeof pdu.source, "13900139000");
    pdu.short_message = (struct octets){ (const uint8_t *)words, strlen(words) };
    assert_true(smpp_pdu_add(&pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, value, 2));
    say(&pdu);
    turn();
}

static void a_receipt_proves_what_was_not_answered(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_text(1, 42, "once", true);
    expect("submit(12345>13900139000) ");
    kill_and_restart();
    pass(OUTBOX_DOUBT_MS / 2);
    expect("");
    marked_receipt_in(9, 42 * 32, "id:m-1 stat:DELIVRD err:000");
    expect_report(1, TEXT_STATE_SENT, 0);
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_DELIVERED, 0);
    outcome(2, REFUSAL_NONE);
    pass(OUTBOX_DOUBT_MS);
    expect("answer(9,0) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.cleared_up, 1);
    assert_int_equal(counts.outbox.possible_duplicates, 0);
}

static void without_a_receipt_it_is_sent_again_in_the_end(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_text(1, 42, "once", true);
    expect("submit(12345>13900139000) ");
    lose_connection();
    bind_again();
    pass(OUTBOX_DOUBT_MS - 1000);
    marked_receipt_in(9, 43 * 32, "id:m-9 stat:DELIVRD err:000"); /* another text's */
    expect("answer(9,0) ");
    pass(2000);
    expect("submit(12345>13900139000) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.possible_duplicates, 1);
}

static void help_is_not_kept_waiting_by_doubt(void **state)
{
    (void)state;
    order_fenced(1, 42, true);
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
    lose_connection();
    bind_again();
    expect("submit(12345>13900139000) ");
}

static void a_receipt_may_overtake_the_answer(void **state)
{
    (void)state;
    order_text(1, 42, "quick", true);
    receipt_in(9, "id:255 stat:DELIVRD err:000");
    answer_submit(last_submit, 0, "ff"); /* the same number in hexadecimal */
    expect_report(1, TEXT_STATE_SENT, 0);
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_DELIVERED, 0);
}

static void a_refused_text_fails_with_the_centres_cause(void **state)
{
    (void)state;
    order_text(1, 42, "to nobody", true);
    answer_submit(last_submit, SMPP_RINVDSTADR, "");
    expect_report(1, TEXT_STATE_FAILED, SMPP_RINVDSTADR);
}

static void a_throttled_text_is_tried_again_later(void **state)
{
    (void)state;
    order_text(1, 42, "patience", true);
    answer_submit(last_submit, SMPP_RTHROTTLED, "");
    assert_int_equal(link_played.tickets, 0);
    pass(OUTBOX_RETRY_FIRST_MS);
    expect("submit(12345>13900139000) submit(12345>13900139000) ");
    answer_submit(last_submit, 0, "m-1");
    expect_report(1, TEXT_STATE_SENT, 0);
}

static void a_number_that_cannot_be_one_fails_at_once(void **state)
{
    struct order order = { .seq = 5, .kind = ORDER_TEXT };

    (void)state;
    order.text.text = 43;
    exchange_link_handlers()->order(exchange, &order);
    turn();
    expect_report(1, TEXT_STATE_FAILED, SMPP_RINVMSGLEN);
    assert_int_equal(link_played.done, 5);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_centre_is_answered_only_when_the_contact_is_certain),
        STORY(the_spool_is_as_good_as_the_dispatcher),
        STORY(a_number_without_a_line_is_refused_and_counted),
        STORY(a_repeat_after_a_lost_connection_is_the_same_contact),
        STORY(the_same_words_again_are_a_new_contact),
        STORY(a_repeat_by_another_line_is_the_same_contact),
        STORY(a_repeat_that_crosses_our_answer_is_the_same_contact),
        STORY(a_repeat_after_a_crash_keeps_the_command_key),
        STORY(a_text_the_dispatcher_cannot_take_now_stays_with_the_centre),
        STORY(parts_are_answered_at_once_and_make_one_contact_in_any_order),
        STORY(parts_outlive_the_process),
        STORY(a_missing_part_does_not_hold_up_a_cry_for_help),
        STORY(a_part_that_comes_again_behind_its_whole_text_is_no_new_one),
        STORY(a_refused_long_text_is_tried_again_by_the_gateway),
        STORY(a_text_goes_out_and_its_fate_comes_back),
        STORY(pieces_of_a_long_text_are_marked_as_the_centre_wants),
        STORY(words_of_a_national_table_need_no_ucs2_where_the_centres_take_it),
        STORY(a_locking_shift_is_taken_where_it_is_shorter),
        STORY(a_text_is_sent_once_however_often_it_is_ordered),
        STORY(an_answered_part_is_not_sent_again_after_a_crash),
        STORY(what_was_reported_is_not_reported_after_a_restart),
        STORY(an_unanswered_part_is_sent_again_and_counted),
        STORY(a_receipt_may_overtake_the_answer),
        STORY(a_refused_text_fails_with_the_centres_cause),
        STORY(a_fenced_text_goes_out_with_leave_alone),
        STORY(what_another_gateway_sends_is_dropped_and_may_come_back),
        STORY(leave_is_asked_for_anew_after_a_restart),
        STORY(a_refused_question_of_several_is_put_one_by_one),
        STORY(a_receipt_proves_what_was_not_answered),
        STORY(without_a_receipt_it_is_sent_again_in_the_end),
        STORY(help_is_not_kept_waiting_by_doubt),
        STORY(a_throttled_text_is_tried_again_later),
        STORY(a_number_that_cannot_be_one_fails_at_once),
    };
    return cmocka_run_group_tests_name("sms exchange", tests, NULL, NULL);
}
