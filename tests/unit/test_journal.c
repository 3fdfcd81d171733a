/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the journal took stays, in its order, provable, and sealed where it is personal. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/views/views.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/which_suite.h"

static struct {
    char folder[FOLDER_BYTES];
    char journal_folder[FOLDER_BYTES + 16];
    struct journal_settings settings;
    struct journal *journal;
    struct town town;
} home;

static int set_up(void **state)
{
    (void)state;
    if (sodium_init() < 0)
        return -1;
    folder_make(home.folder);
    (void)snprintf(home.journal_folder, sizeof home.journal_folder, "%s/journal", home.folder);
    memset(&home.settings, 0, sizeof home.settings);
    home.settings.folder = home.journal_folder;
    memset(home.settings.vault_key, 7, sizeof home.settings.vault_key);
    uint8_t seed[32] = { 1 };
    which_keys(&home.settings, seed);
    town_init(&home.town, 1);
    return journal_open(&home.journal, &home.settings);
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(home.journal);
    home.journal = NULL;
    folder_remove(home.folder);
    return 0;
}

static void reopen(void)
{
    journal_close(home.journal);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
}

/* Appends `count` events of the town in turns of `turn`. */
static void live(int count, int turn)
{
    for (int i = 0; i < count;) {
        assert_int_equal(journal_begin(home.journal), 0);
        for (int k = 0; k < turn && i < count; k++, i++) {
            struct event event;
            const struct personal *personal;
            const struct stored_event *row;
            town_next(&home.town, &event, &personal);
            assert_int_equal(journal_append(home.journal, &event, personal, &row), 0);
            assert_true(row->seq == event.seq);
        }
        assert_int_equal(journal_commit(home.journal, home.town.at_ms), 0);
    }
}

static void what_was_committed_is_there_after_a_restart(void **state)
{
    (void)state;
    static struct stored_event rows[16];
    static struct record record;
    assert_true(journal_epoch(home.journal) == 1);
    live(3000, 70);
    reopen();
    assert_true(journal_seq(home.journal) == 3000);
    assert_true(journal_epoch(home.journal) == 2);
    assert_int_equal(journal_read(home.journal, 2990, rows, 16), 10);
    assert_true(rows[9].seq == 3000);
    assert_int_equal(journal_unpack(home.journal, &rows[9], &record), 0);
    assert_true(record.event.seq == 3000);
    live(10, 1); /* and it goes on */
}

static void a_dropped_turn_leaves_nothing(void **state)
{
    (void)state;
    struct event event;
    const struct personal *personal;
    const struct stored_event *row;
    static struct stored_event rows[4];
    live(20, 5);
    assert_int_equal(journal_begin(home.journal), 0);
    town_next(&home.town, &event, &personal);
    assert_int_equal(journal_append(home.journal, &event, personal, &row), 0);
    assert_int_equal(journal_read(home.journal, 20, rows, 4), 0); /* not durable, not read */
    assert_true(journal_seq(home.journal) == 20);
    reopen(); /* the process died inside the turn */
    assert_true(journal_seq(home.journal) == 20);
}

static void a_second_writer_is_refused(void **state)
{
    (void)state;
    struct journal *second = NULL;
    assert_int_equal(journal_open(&second, &home.settings), -EBUSY);
    assert_null(second);
}

static void personal_data_is_sealed_and_merged_by_subject(void **state)
{
    (void)state;
    struct event event = { .seq = 1, .at_ms = 5, .contact = 4, .kind = EVENT_CONTACT_ARRIVED };
    struct personal said = { .number = "13800001111", .text = "着火了" };
    struct personal found;
    const struct stored_event *row;
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_append(home.journal, &event, &said, &row), 0);
    assert_null(memmem(row->record, row->record_size, "13800001111", 11));
    event.seq = 2;
    said = (struct personal){ .name = "李雷",
                              .address = "南湖路12号",
                              .position = "30.1000000,115.2000000" };
    assert_int_equal(journal_append(home.journal, &event, &said, &row), 0);
    assert_int_equal(journal_personal(home.journal, 4, &found), 0); /* inside the turn, too */
    assert_int_equal(journal_commit(home.journal, 5), 0);
    reopen();
    assert_int_equal(journal_personal(home.journal, 4, &found), 0);
    assert_string_equal(found.number, "13800001111");
    assert_string_equal(found.name, "李雷");
    assert_string_equal(found.text, "着火了");
    assert_string_equal(found.address, "南湖路12号");
    assert_string_equal(found.position, "30.1000000,115.2000000");
    assert_int_equal(journal_personal(home.journal, 5, &found), -ENOENT);
    assert_int_equal(journal_personal_at(home.journal, 4, 1, &found), 0);
    assert_string_equal(found.text, "着火了");
    assert_string_equal(found.name, ""); /* that came with the second event */
    assert_int_equal(journal_personal_at(home.journal, 4, 3, &found), -ENOENT);
    assert_int_equal(journal_personal_at(home.journal, 5, 1, &found), -ENOENT);
}

static void personal_data_of_nobody_is_not_kept(void **state)
{
    (void)state;
    struct event event = { .seq = 1, .at_ms = 5, .taker = 1001, .kind = EVENT_TAKER_SIGNED_ON };
    struct personal said = { .number = "13800001111" };
    const struct stored_event *row;
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_append(home.journal, &event, &said, &row), 0);
    assert_int_equal(journal_commit(home.journal, 5), 0);
}

static void erased_data_is_gone_and_the_chain_still_holds(void **state)
{
    (void)state;
    struct personal found;
    live(40, 4);
    uint64_t contact = home.town.calls[0].contact ? home.town.calls[0].contact : 1;
    assert_int_equal(journal_personal(home.journal, contact, &found), 0);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_erase(home.journal, contact), 0);
    assert_int_equal(journal_commit(home.journal, home.town.at_ms), 0);
    assert_int_equal(journal_personal(home.journal, contact, &found), -EKEYREVOKED);
    assert_string_equal(found.number, "");
    reopen();
    assert_int_equal(journal_personal(home.journal, contact, &found), -EKEYREVOKED);
    struct event event = { .seq = home.town.seq + 1,
                           .at_ms = home.town.at_ms,
                           .contact = contact,
                           .kind = EVENT_OFFER_RANG };
    struct personal said = { .number = "13900000000" };
    const struct stored_event *row;
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_append(home.journal, &event, &said, &row), 0);
    assert_int_equal(journal_commit(home.journal, home.town.at_ms), 0);
    assert_int_equal(journal_personal(home.journal, contact, &found), -EKEYREVOKED);
}

static void an_answer_is_found_again_and_a_reused_key_is_told(void **state)
{
    (void)state;
    uint8_t digest[32] = { 3 }, other[32] = { 4 };
    struct outcome outcome = { .epoch = 9, .seq = 17, .key = "k-1", .contact = 12 }, found;
    outcome.has_personal = true;
    strcpy(outcome.personal.name, "不保存");
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-1", digest, &found), -ENOENT);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_answer(home.journal, "trunk-1", digest, &outcome), 0);
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-1", digest, &found), 0);
    assert_true(journal_taken(home.journal, "trunk-1", 9) == 17);
    assert_int_equal(journal_commit(home.journal, 1), 0);
    reopen();
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-1", digest, &found), 0);
    assert_true(found.contact == 12 && found.seq == 17 && !found.has_personal);
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-1", other, &found),
                     -EKEYREJECTED);
    assert_int_equal(journal_find_answer(home.journal, "trunk-2", "k-1", digest, &found), -ENOENT);
    assert_true(journal_taken(home.journal, "trunk-1", 9) == 17);
    assert_true(journal_taken(home.journal, "trunk-1", 10) == 0);
    assert_true(journal_taken(home.journal, "sms-1", 9) == 0);
}

static void an_older_process_does_not_turn_the_window_back(void **state)
{
    (void)state;
    uint8_t digest[32] = { 3 };
    struct outcome now = { .epoch = 9, .seq = 17 }, leftover = { .epoch = 8, .seq = 400 };
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_answer(home.journal, "trunk-1", digest, &now), 0);
    assert_int_equal(journal_answer(home.journal, "trunk-1", digest, &leftover), 0);
    assert_int_equal(journal_commit(home.journal, 1), 0);
    assert_true(journal_taken(home.journal, "trunk-1", 9) == 17);
    struct outcome again = { .epoch = 9, .seq = 3 }; /* what it said twice is answered twice */
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_answer(home.journal, "trunk-1", digest, &again), 0);
    assert_int_equal(journal_commit(home.journal, 2), 0);
    assert_true(journal_taken(home.journal, "trunk-1", 9) == 17);
}

static void answer_at(uint64_t at_ms, int number)
{
    uint8_t digest[32] = { 3 };
    struct outcome outcome = { .epoch = 9, .seq = (uint64_t)number };
    (void)snprintf(outcome.key, sizeof outcome.key, "k-%d", number);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_answer(home.journal, "trunk-1", digest, &outcome), 0);
    assert_int_equal(journal_commit(home.journal, at_ms), 0);
}

static void answers_are_forgotten_after_a_week(void **state)
{
    (void)state;
    uint8_t digest[32] = { 3 };
    struct outcome found;
    uint64_t week = JOURNAL_ANSWERS_MS;
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_commit(home.journal, 1000), 0);
    for (int i = 1; i <= 30; i++)
        answer_at(1000, i);
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-1", digest, &found), 0);
    reopen();
    answer_at(1000 + week, 31);
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-1", digest, &found), -ENOENT);
    for (int i = 32; i <= 35; i++) /* in small bites */
        answer_at(1000 + week, i);
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-29", digest, &found), -ENOENT);
    assert_int_equal(journal_find_answer(home.journal, "trunk-1", "k-33", digest, &found), 0);
}

static void orders_wait_sealed_until_they_are_done(void **state)
{
    (void)state;
    static struct order orders[8];
    for (int i = 0; i < 5; i++) {
        struct order order = { .kind = ORDER_TEXT };
        strcpy(order.text.number, "13800001111");
        order.text.text = (uint64_t)i + 100;
        assert_int_equal(journal_begin(home.journal), 0);
        assert_int_equal(journal_order(home.journal, i == 3 ? "sms-2" : "sms-1", &order), 0);
        assert_int_equal(journal_commit(home.journal, 1), 0);
    }
    reopen();
    assert_int_equal(journal_orders(home.journal, "sms-1", 0, orders, 8), 4);
    assert_true(orders[3].seq == 4 && orders[3].text.text == 104);
    assert_string_equal(orders[0].text.number, "13800001111");
    assert_int_equal(journal_orders(home.journal, "sms-1", 2, orders, 8), 2);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_order_done(home.journal, "sms-1", 3), 0);
    assert_int_equal(journal_commit(home.journal, 1), 0);
    assert_int_equal(journal_orders(home.journal, "sms-1", 0, orders, 8), 1);
    assert_int_equal(journal_orders(home.journal, "sms-2", 0, orders, 8), 1);
    assert_int_equal(journal_orders(home.journal, "sms-3", 0, orders, 8), 0);
}

static void every_event_is_covered_by_a_checkpoint_within_a_second(void **state)
{
    (void)state;
    assert_true(journal_checkpoint_due_ms(home.journal) == UINT64_MAX);
    struct event event = { .seq = 1, .at_ms = 5000, .contact = 4, .kind = EVENT_OFFER_RANG };
    const struct stored_event *row;
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_append(home.journal, &event, NULL, &row), 0);
    assert_int_equal(journal_commit(home.journal, 5000), 0);
    assert_true(journal_checkpoint_due_ms(home.journal) == 6000);
    reopen(); /* a restart does not forget what is not covered */
    assert_true(journal_checkpoint_due_ms(home.journal) == 6000);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_commit(home.journal, 6000), 0); /* an empty turn signs */
    assert_true(journal_checkpoint_due_ms(home.journal) == UINT64_MAX);
    struct query query = { .kind = QUERY_CHECKPOINT };
    static struct answer answer;
    journal_query(home.journal, &query, 6000, &answer);
    assert_int_equal(answer.kind, ANSWER_CHECKPOINT);
    assert_true(answer.checkpoint.seq == 1 && answer.checkpoint.epoch == 2);
}

static void too_large_a_turn_is_refused_for_good(void **state)
{
    (void)state;
    struct event event = { .at_ms = 5000, .kind = EVENT_OFFER_RANG };
    const struct stored_event *row;
    assert_int_equal(journal_begin(home.journal), 0);
    for (event.seq = 1; event.seq <= JOURNAL_TURN_EVENTS_MAX; event.seq++)
        assert_int_equal(journal_append(home.journal, &event, NULL, &row), 0);
    assert_int_equal(journal_append(home.journal, &event, NULL, &row), -E2BIG);
    assert_int_equal(journal_commit(home.journal, 5000), -E2BIG);
    assert_int_equal(journal_begin(home.journal), -E2BIG);
}

static void views_built_anew_are_the_same(void **state)
{
    (void)state;
    char path[FOLDER_BYTES + 16];
    static struct stored_event rows[64];
    uint8_t live_digest[32], replica_digest[32];
    struct views *replica;
    live(2500, 90);
    assert_int_equal(views_digest(journal_views(home.journal), live_digest), 0);
    (void)snprintf(path, sizeof path, "%s/replica", home.folder);
    assert_int_equal(views_open(&replica, path), 0);
    for (int count; (count = journal_read(home.journal, views_seq(replica), rows, 64)) > 0;)
        assert_int_equal(views_apply_rows(replica, 1, rows, (uint32_t)count), 0);
    assert_int_equal(views_digest(replica, replica_digest), 0);
    assert_memory_equal(live_digest, replica_digest, 32);
    views_close(replica);
    assert_int_equal(views_open(&replica, path), 0); /* and after a restart */
    assert_true(views_seq(replica) == 2500);
    live(1, 1);
    assert_int_equal(journal_read(home.journal, 2500, rows, 64), 1);
    rows[0].record[rows[0].record_size - 1] ^= 1;
    assert_int_equal(views_apply_rows(replica, 1, rows, 1), -EBADMSG);
    rows[0].record[rows[0].record_size - 1] ^= 1;
    assert_int_equal(views_apply_rows(replica, 1, rows, 1), 0);
    views_close(replica);
}

/* More rows in one turn than lie at hand: they are stored in between. */
static void views_of_a_huge_turn_are_the_same(void **state)
{
    (void)state;
    char path[FOLDER_BYTES + 16];
    static struct stored_event rows[64];
    uint8_t live_digest[32], replica_digest[32];
    struct views *replica;
    live(16000, 8000);
    assert_int_equal(views_digest(journal_views(home.journal), live_digest), 0);
    (void)snprintf(path, sizeof path, "%s/replica", home.folder);
    assert_int_equal(views_open(&replica, path), 0);
    for (int count; (count = journal_read(home.journal, views_seq(replica), rows, 7)) > 0;)
        assert_int_equal(views_apply_rows(replica, 1, rows, (uint32_t)count), 0);
    assert_int_equal(views_digest(replica, replica_digest), 0);
    assert_memory_equal(live_digest, replica_digest, 32);
    views_close(replica);
}

/* ---- the suite ------------------------------------------------------------------------------ */

static const struct suite *other_suite(void)
{
    return suite_at(which_suite() == suite_at(0));
}

static void a_journal_keeps_the_suite_it_was_begun_with(void **state)
{
    (void)state;
    for (int events = 1; events < 1500;
         events += 700) { /* before the first checkpoint, and behind */
        live(events, 250);
        home.settings.suite = other_suite();
        reopen();
        assert_ptr_equal(journal_suite(home.journal), which_suite());
    }
    live(10, 1);
    home.settings.suite = NULL;
    reopen();
    assert_ptr_equal(journal_suite(home.journal), which_suite());
}

static void keys_of_another_suite_begin_nothing(void **state)
{
    (void)state;
    char folder[FOLDER_BYTES + 32];
    struct journal *journal = NULL;
    struct journal_settings settings = home.settings;
    (void)snprintf(folder, sizeof folder, "%s/other", home.folder);
    settings.folder = folder;
    settings.suite = other_suite();
    assert_int_equal(journal_open(&journal, &settings), -EKEYREJECTED);
    assert_null(journal);
}

static const char *judged(const struct checkpoint *checkpoint)
{
    static struct verify verify;
    static struct stored_event row;
    verify_init(&verify, NULL);
    while (verify.chain.seq < checkpoint->seq) {
        assert_int_equal(journal_read(home.journal, verify.chain.seq, &row, 1), 1);
        assert_true(verify_row(&verify, &row));
    }
    return verify_checkpoint(&verify, checkpoint) ? "" : verify.report.reason;
}

static void a_trail_is_of_one_suite_that_is_known(void **state)
{
    (void)state;
    const uint8_t seed[32] = { 9 };
    struct signer signer;
    live(1200, 250);
    struct checkpoint checkpoint = *journal_checkpoint(home.journal);
    assert_string_equal(judged(&checkpoint), "");
    checkpoint.algorithm = 3;
    assert_non_null(strstr(judged(&checkpoint), "does not know"));
    signer_of_seed(&signer, other_suite(), seed);
    checkpoint_sign(&checkpoint, &signer); /* it holds, over the very links */
    assert_true(checkpoint_holds(&checkpoint));
    assert_non_null(strstr(judged(&checkpoint), "other algorithms than the records"));
    struct lineage lineage;
    lineage_init(&lineage, signer.public_key);
    lineage.suite = which_suite();
    assert_false(lineage_take(&lineage, &checkpoint));
    lineage_init(&lineage, signer.public_key);
    assert_true(lineage_take(&lineage, &checkpoint));
    assert_ptr_equal(lineage.suite, other_suite());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_committed_is_there_after_a_restart),
        TEST(a_dropped_turn_leaves_nothing),
        TEST(a_second_writer_is_refused),
        TEST(personal_data_is_sealed_and_merged_by_subject),
        TEST(personal_data_of_nobody_is_not_kept),
        TEST(erased_data_is_gone_and_the_chain_still_holds),
        TEST(an_answer_is_found_again_and_a_reused_key_is_told),
        TEST(an_older_process_does_not_turn_the_window_back),
        TEST(answers_are_forgotten_after_a_week),
        TEST(orders_wait_sealed_until_they_are_done),
        TEST(every_event_is_covered_by_a_checkpoint_within_a_second),
        TEST(too_large_a_turn_is_refused_for_good),
        TEST(views_built_anew_are_the_same),
        TEST(views_of_a_huge_turn_are_the_same),
        TEST(a_journal_keeps_the_suite_it_was_begun_with),
        TEST(keys_of_another_suite_begin_nothing),
        TEST(a_trail_is_of_one_suite_that_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
