/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A notice is corrected: which words each citizen gets, and which of them anybody knows. */
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
#include "tests/unit/own_exchange.h"

static void correct(uint64_t seq, uint64_t text, uint32_t edition, const char *words)
{
    struct order order = { .seq = seq, .kind = ORDER_CORRECT, .correct = { text, 1, edition, "" } };

    (void)text_copy(order.correct.words, sizeof order.correct.words, words);
    exchange_link_handlers()->order(exchange, &order);
    turn();
}

static void answer_replace(uint32_t status)
{
    say(&(struct smpp_pdu){
        .command = SMPP_RESP(SMPP_REPLACE_SM), .sequence = last_question, .status = status });
    turn();
}

static void sent(uint64_t seq, uint64_t text)
{
    order_text(seq, text, "go to the school", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
}

static void delivered(uint8_t sequence, uint32_t edition)
{
    receipt_in(sequence, "id:m-1 stat:DELIVRD err:000");
    expect_report(link_played.tickets, TEXT_STATE_DELIVERED, 0);
    assert_int_equal(link_played.commands[link_played.tickets].text_report.edition, edition);
}

static void what_is_not_out_goes_out_with_the_new_words(void **state)
{
    (void)state;
    lose_connection();
    order_text(1, 42, "go to the school", true);
    expect("");
    correct(2, 42, 2, "go to the town hall");
    bind_again();
    expect("submit(12345>13900139000) ");
    assert_string_equal(last_text, "go to the town hall");
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    delivered(8, 2);
    expect("answer(8,0) ");
}

static void what_the_centre_has_is_replaced_there(void **state)
{
    (void)state;
    sent(1, 42);
    correct(2, 42, 2, "go to the town hall");
    expect("submit(12345>13900139000) replace(m-1,12345,19) ");
    answer_replace(SMPP_ROK);
    correct(3, 42, 2, "go to the town hall"); /* the order came again */
    expect("");
    delivered(8, 2);
}

static void an_answer_that_is_out_is_waited_for(void **state)
{
    (void)state;
    order_text(1, 42, "go to the school", true);
    correct(2, 42, 2, "go to the town hall");
    expect("submit(12345>13900139000) ");
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    turn();
    expect("replace(m-1,12345,19) ");
    answer_replace(SMPP_RREPLACEFAIL);
    delivered(8, 1); /* as it was */
}

static void a_lost_answer_is_asked_for_by_the_same_words(void **state)
{
    (void)state;
    sent(1, 42);
    correct(2, 42, 2, "go to the town hall");
    expect("submit(12345>13900139000) replace(m-1,12345,19) ");
    kill_and_restart();
    pass(5001);
    expect("replace(m-1,12345,19) ");
    lose_connection();
    pass(5001);
    bind_again();
    pass(5001);
    expect("replace(m-1,12345,19) ");
    answer_replace(SMPP_RTHROTTLED); /* not now */
    pass(4000);
    expect("");
    pass(1001);
    expect("replace(m-1,12345,19) ");
    answer_replace(SMPP_ROK);
    delivered(8, 2);
}

static void nobody_claims_to_know_what_nobody_knows(void **state)
{
    (void)state;
    sent(1, 42);
    correct(2, 42, 2, "go to the town hall");
    kill_and_restart(); /* the answer is lost */
    turn();
    answer_replace(
        SMPP_RREPLACEFAIL); /* too late for these words, perhaps since the first ones came through */
    kill_and_restart();
    delivered(8, 0);
}

static void words_in_other_letters_or_more_pieces_stay(void **state)
{
    char longer[400];

    (void)state;
    sent(1, 42);
    correct(2, 42, 2, "去市政厅");
    expect("submit(12345>13900139000) ");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    correct(3, 42, 3, longer);
    expect("");
    correct(4, 42, 4, "go home");
    expect("replace(m-1,12345,7) ");
    answer_replace(SMPP_ROK);
    delivered(8, 4);
}

static void who_was_told_already_is_not_told_again(void **state)
{
    (void)state;
    sent(1, 42);
    receipt_in(8, "id:m-1 stat:DELIVRD err:000");
    correct(2, 42, 2, "go to the town hall");
    expect("submit(12345>13900139000) answer(8,0) ");
    expect_report(2, TEXT_STATE_DELIVERED, 0);
    assert_int_equal(link_played.commands[link_played.tickets].text_report.edition, 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_is_not_out_goes_out_with_the_new_words),
        STORY(what_the_centre_has_is_replaced_there),
        STORY(an_answer_that_is_out_is_waited_for),
        STORY(a_lost_answer_is_asked_for_by_the_same_words),
        STORY(nobody_claims_to_know_what_nobody_knows),
        STORY(words_in_other_letters_or_more_pieces_stay),
        STORY(who_was_told_already_is_not_told_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
