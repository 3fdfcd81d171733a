/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who is in danger is answered first: whatever else waits for leave, for the centre's window, or was refused
 * for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/leave.h"
#include "tests/unit/own_exchange.h"

enum {
    NOTICE = 1000, /* the first text of a notice to many */
    NOTICES = 40,
    WINDOW = 10,
    PLACES = WINDOW - 1, /* of those who are not in danger */
    RECEIPT = 42         /* a text that tells somebody in danger that help is called */
};

#define SUBMIT "submit(12345>13900139000) "
#define URGENT "submit(12110>13700137000) "

static uint64_t seq;
static uint32_t first; /* sequence of the first piece */

static void notice(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        seq++;
        order_text(seq, NOTICE + seq, "no water tomorrow", true);
    }
}

static void fills_the_window(void)
{
    char words[512] = "";

    notice(NOTICES);
    for (uint32_t i = 0; i < PLACES; i++)
        (void)strcat(words, SUBMIT);
    expect(words);
    first = last_submit - PLACES + 1;
}

static void order_urgent_text(uint64_t text)
{
    struct order order = { .seq = ++seq, .kind = ORDER_TEXT };

    order.text.text = text;
    order.text.receipt = order.text.fenced = order.text.urgent = true;
    (void)text_copy(order.text.from, sizeof order.text.from, "12110");
    (void)text_copy(order.text.number, sizeof order.text.number, "13700137000");
    (void)text_copy(order.text.words, sizeof order.text.words, "we are coming");
    exchange_link_handlers()->order(exchange, &order);
    turn();
}

/* Its order comes behind all of the notice's. */
static void order_urgent(void)
{
    uint64_t before = link_played.tickets;

    order_urgent_text(RECEIPT);
    expect_question(before + 1, 1);
    outcome(before + 1, REFUSAL_NONE);
}

static int begin_empty(void **state)
{
    seq = 0;
    return begin(state);
}

static void a_place_in_the_window_is_its_own(void **state)
{
    (void)state;
    fills_the_window();
    order_urgent();
    expect(URGENT); /* no answer of the centre was waited for */
}

static void the_second_one_takes_the_next_place_in_the_window(void **state)
{
    (void)state;
    fills_the_window();
    order_urgent();
    expect(URGENT);
    uint64_t before = link_played.tickets;
    order_urgent_text(RECEIPT + 1);
    outcome(before + 1, REFUSAL_NONE);
    expect("");
    answer_submit(first, 0, "m-1");
    expect(URGENT);
    answer_submit(first + 1, 0, "m-2"); /* the notice has one place less than before */
    expect("");
    answer_submit(first + 2, 0, "m-3");
    expect(SUBMIT);
}

/* The contract's texts a second were all notices. */
static void a_text_a_second_of_the_contract_is_its_own(void **state)
{
    struct bucket bucket;

    (void)state;
    bucket_init(&bucket, 100, 0);
    for (int i = 0; i < 99; i++)
        assert_true(bucket_take(&bucket, false, 0));
    assert_false(bucket_take(&bucket, false, 0));
    assert_int_equal(bucket_due(&bucket, false, 0), 10);
    assert_int_equal(bucket_due(&bucket, true, 0), 0);
    assert_true(bucket_take(&bucket, true, 0));
    assert_false(bucket_take(&bucket, true, 0));
    assert_int_equal(bucket_due(&bucket, true, 0), 10);
}

/* The twin has the text two seconds after the last line was lost; others wait ten. */
static void it_goes_to_the_twin_when_no_centre_is_within_reach(void **state)
{
    uint64_t begun, before;

    (void)state;
    lose_connection();
    before = link_played.tickets;
    begun = mono;
    order_urgent_text(RECEIPT);
    while (link_played.tickets == before && mono < begun + LEAVE_UNABLE_MS)
        pass(100);
    assert_in_range(mono - begun, LEAVE_URGENT_MS, 2 * LEAVE_URGENT_MS);
    const struct command *told = &link_played.commands[before + 1];
    assert_int_equal(told->kind, COMMAND_TEXT_RETURN);
    assert_false(told->text_return.able);
}

static void it_stays_first_when_the_centre_was_too_busy_for_it(void **state)
{
    (void)state;
    fills_the_window();
    order_urgent();
    expect(URGENT);
    for (int i = 0; i < 3; i++) {
        answer_submit(last_submit, SMPP_RTHROTTLED, "");
        expect("");
        pass(OUTBOX_RETRY_URGENT_MS);
        expect(URGENT);
    }
}

static void it_stays_first_when_the_line_was_lost(void **state)
{
    char words[8192];

    (void)state;
    fills_the_window();
    order_urgent();
    expect(URGENT);
    lose_connection();
    bind_again();
    hearing_take(words, sizeof words);
    assert_memory_equal(words, URGENT SUBMIT, sizeof URGENT SUBMIT - 1);
}

/* While no centre is there nobody asks for leave. */
static void those_in_danger_are_answered_in_their_turn(void **state)
{
    (void)state;
    lose_connection();
    for (uint64_t text = 1; text <= 4; text++)
        order_fenced(text, text, text > 1);
    bind_again();
    uint64_t last = link_played.tickets; /* behind the word that no centre is within reach */
    expect_question(last, 4);
    const uint64_t *asked = link_played.commands[last].text_send.texts;
    assert_true(asked[0] == 2 && asked[1] == 3 && asked[2] == 4 && asked[3] == 1);
}

static void questions_to_the_centre_wait_for_it(void **state)
{
    char words[8192];

    (void)state;
    fills_the_window();
    for (uint32_t i = 0; i < NOTICES; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "m-%u", i);
        answer_submit(first + i, 0, id);
        outcome(i + 1, REFUSAL_NONE);
    }
    live(62); /* no receipt comes: the centre is asked about all of them */
    hearing_take(words, sizeof words);
    assert_non_null(strstr(words, "query("));
    order_urgent();
    expect(URGENT);
    uint64_t before = link_played.tickets;
    order_urgent_text(RECEIPT + 1); /* now questions have all other places */
    outcome(before + 1, REFUSAL_NONE);
    expect("");
    struct smpp_pdu answer = { .command = SMPP_RESP(SMPP_QUERY_SM),
                               .sequence = last_question,
                               .message_state = 1 };
    say(&answer);
    turn();
    hearing_take(words, sizeof words);
    assert_memory_equal(words, URGENT, sizeof URGENT - 1);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin_empty, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_place_in_the_window_is_its_own),
        STORY(the_second_one_takes_the_next_place_in_the_window),
        STORY(a_text_a_second_of_the_contract_is_its_own),
        STORY(it_goes_to_the_twin_when_no_centre_is_within_reach),
        STORY(it_stays_first_when_the_centre_was_too_busy_for_it),
        STORY(it_stays_first_when_the_line_was_lost),
        STORY(those_in_danger_are_answered_in_their_turn),
        STORY(questions_to_the_centre_wait_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
