/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The last 24 hours of a line, five minutes by five minutes, are what the events said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/unit/own_views.h"

enum {
    MINUTE_MS = 60 * 1000,
    DAY_MS = 24 * 60 * MINUTE_MS,
    SLOT_MS = 5 * MINUTE_MS
};

static struct answer answer;

static const struct load_board *load_of(uint32_t line)
{
    struct query query = { .kind = QUERY_LOAD, .load = { .line = line } };
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    assert_int_equal(answer.refusal, REFUSAL_NONE);
    assert_int_equal(answer.load.slot_ms, SLOT_MS);
    return &answer.load;
}

static void define(uint32_t line)
{
    struct event event = { .kind = EVENT_LINE_DEFINED };
    event.line_defined.has_row = true;
    event.line_defined.row.line = line;
    own_views_happen(event);
}

static void arrive(uint64_t contact, uint32_t line)
{
    struct event event = { .kind = EVENT_CONTACT_ARRIVED, .contact = contact, .line = line };
    event.contact_arrived.arrived_ms = own_views_now_ms;
    event.contact_arrived.due_ms = own_views_now_ms + 10000;
    own_views_happen(event);
}

static void answer_call(uint64_t contact)
{
    struct event event = { .kind = EVENT_CONTACT_CONNECTED, .contact = contact, .taker = 1001 };
    own_views_happen(event);
}

static void give_up(uint64_t contact)
{
    struct event event = { .kind = EVENT_CONTACT_ENDED, .contact = contact };
    event.contact_ended.abandoned = true;
    own_views_happen(event);
}

static void calls_are_counted_where_they_arrive_and_where_they_are_answered(void **state)
{
    (void)state;
    own_views_now_ms -= own_views_now_ms % SLOT_MS;
    uint64_t first_ms = own_views_now_ms;
    define(119);
    define(12345);
    arrive(1, 119);
    arrive(2, 12345);
    own_views_now_ms += 8000;
    answer_call(1);
    own_views_now_ms = first_ms + SLOT_MS + MINUTE_MS;
    give_up(2);
    const struct load_board *board = load_of(119);
    assert_int_equal(board->rows_count, 1);
    assert_int_equal(board->rows[0].from_ms, first_ms);
    assert_int_equal(board->rows[0].arrived, 1);
    assert_int_equal(board->rows[0].answered_in_time, 1);
    assert_int_equal(board->rows[0].longest_ms, 8000);
    board = load_of(0);
    assert_int_equal(board->rows_count, 2);
    assert_int_equal(board->rows[0].arrived, 2);
    assert_int_equal(board->rows[1].from_ms, first_ms + SLOT_MS);
    assert_int_equal(board->rows[1].abandoned, 1);
    assert_int_equal(board->rows[1].longest_ms, SLOT_MS + MINUTE_MS);
}

static void what_is_older_than_a_day_is_gone(void **state)
{
    (void)state;
    own_views_now_ms -= own_views_now_ms % SLOT_MS;
    define(110);
    arrive(3, 110);
    own_views_now_ms += DAY_MS;
    assert_int_equal(load_of(110)->rows_count, 1);
    own_views_now_ms += SLOT_MS;
    assert_int_equal(load_of(110)->rows_count, 0);
    arrive(4, 110);
    const struct load_board *board = load_of(110);
    assert_int_equal(board->rows_count, 1);
    assert_int_equal(board->rows[0].arrived, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            calls_are_counted_where_they_arrive_and_where_they_are_answered, own_views_set_up,
            own_views_tear_down),
        cmocka_unit_test_setup_teardown(what_is_older_than_a_day_is_gone, own_views_set_up,
                                        own_views_tear_down),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
