/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A long turn, most of which a thread writes, holds what the same events in short turns hold. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/journal/scribe.h"
#include "dispatcher/journal/verify.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    MANY = 1000 /* several times the sheets that may wait */
};

static struct {
    struct scribe *scribe;
    struct chain chain;
    struct tree tree;
    struct stored_event rows[MANY];
} at;

static int set_up(void **state)
{
    (void)state;
    memset(&at, 0, sizeof at);
    chain_init(&at.chain, which_suite());
    at.tree.suite = which_suite();
    return sodium_init() < 0 ? -1 : scribe_open(&at.scribe, &at.chain, &at.tree);
}

static int tear_down(void **state)
{
    (void)state;
    scribe_close(at.scribe);
    return 0;
}

static int give(uint64_t seq, const struct personal *personal)
{
    struct sheet *sheet = scribe_sheet(at.scribe);
    sheet->row = &at.rows[seq - 1];
    memset(&sheet->record, 0, sizeof sheet->record);
    sheet->record.event =
        (struct event){ .seq = seq, .at_ms = 5000 + seq, .kind = EVENT_OFFER_RANG };
    if (personal) {
        sheet->record.subject = 1;
        sheet->personal = *personal;
    }
    return scribe_give(at.scribe);
}

/* Every row chains, and these nodes are the tree's. */
static void rows_hold(const struct scribe_node *nodes, uint32_t node_count)
{
    struct chain chain;
    struct tree tree = { .suite = which_suite() };
    uint8_t root[TREE_HASH_BYTES], written[TREE_HASH_BYTES];
    chain_init(&chain, NULL);
    for (uint64_t i = 0; i < MANY; i++) {
        at.rows[i].seq = i + 1;
        assert_int_equal(chain_follow(&chain, &at.rows[i]), 0);
        assert_int_equal(tree_add(&tree, at.rows[i].link, NULL, NULL), 0);
    }
    tree_root(&tree, root);
    tree_root(&at.tree, written);
    assert_memory_equal(root, written, sizeof root);
    assert_memory_equal(chain.link, at.chain.link, sizeof chain.link);
    uint32_t expected = 0;
    for (uint32_t level = SCRIBE_LEVEL; MANY >> level; level++)
        expected += (uint32_t)MANY >> level;
    assert_int_equal(node_count, expected);
    for (uint32_t i = 0; i < node_count; i++)
        assert_true(nodes[i].level >= SCRIBE_LEVEL &&
                    nodes[i].index < (uint64_t)MANY >> nodes[i].level);
}

static void a_long_turn_is_written_in_order(void **state)
{
    (void)state;
    const struct scribe_node *nodes;
    uint32_t count;
    scribe_begin(at.scribe);
    for (uint64_t seq = 1; seq <= MANY; seq++)
        assert_int_equal(give(seq, NULL), 0);
    assert_int_equal(scribe_finish(at.scribe, &nodes, &count), 0);
    rows_hold(nodes, count);
}

/* Turns of all lengths, and looks back in the middle of a turn. */
static void turns_may_be_looked_at_in_between(void **state)
{
    (void)state;
    static struct scribe_node all[MANY];
    const struct scribe_node *nodes;
    uint32_t count, sum = 0;
    for (uint64_t seq = 1, turn = 1; seq <= MANY; seq++) {
        if (seq == 1 || seq % turn == 0) {
            scribe_begin(at.scribe);
            turn = turn * 2 % 301 + 1;
        }
        assert_int_equal(give(seq, NULL), 0);
        if (seq % 7 == 0 || seq == MANY || (seq + 1) % turn == 0) {
            assert_int_equal(scribe_finish(at.scribe, &nodes, &count), 0);
            memcpy(&all[sum], nodes, count * sizeof *nodes);
            sum += count;
        }
    }
    rows_hold(all, sum);
}

static void what_cannot_be_written_is_told_and_nothing_follows_it(void **state)
{
    (void)state;
    const struct scribe_node *nodes;
    uint32_t count;
    scribe_begin(at.scribe);
    for (uint64_t seq = 1; seq <= 500; seq++)
        assert_int_equal(give(seq, NULL), 0);
    assert_int_equal(give(777, NULL), 0); /* 501 was to come */
    for (uint64_t seq = 502; seq <= 600; seq++)
        assert_int_equal(give(seq, NULL), 0);
    assert_int_equal(scribe_finish(at.scribe, &nodes, &count), -EBADMSG);
    assert_true(at.chain.seq == 500 && at.tree.size == 500);
    for (int turn = 0; turn < 2;
         turn++) { /* behind a long turn it is told at the end, else at once */
        scribe_begin(at.scribe);
        assert_int_equal(give(2, NULL), turn == 0 ? 0 : -EBADMSG);
        assert_int_equal(scribe_finish(at.scribe, &nodes, &count), -EBADMSG);
    }
}

static void what_was_said_is_sealed_and_the_sheet_wiped(void **state)
{
    (void)state;
    struct personal personal;
    const struct scribe_node *nodes;
    uint32_t count;
    memset(&personal, 0, sizeof personal);
    strcpy(personal.text, "secret words of a citizen");
    scribe_begin(at.scribe);
    for (uint64_t seq = 1; seq <= MANY; seq++)
        assert_int_equal(give(seq, seq % 3 == 0 ? &personal : NULL), 0);
    assert_int_equal(scribe_finish(at.scribe, &nodes, &count), 0);
    for (uint64_t i = 0; i < MANY; i++)
        assert_null(memmem(at.rows[i].record, at.rows[i].record_size, personal.text, 12));
    assert_true(at.rows[2].record_size > at.rows[1].record_size + strlen(personal.text));
    for (uint64_t seq = 1; seq <= SCRIBE_AHEAD; seq++) { /* each sheet once more */
        assert_null(memmem(scribe_sheet(at.scribe), sizeof(struct sheet), personal.text, 12));
        (void)give(seq, NULL);
    }
    (void)scribe_finish(at.scribe, &nodes, &count);
}

/* The journal's own way: what a long turn said is read back while it is open, and all of it verifies. */
static void a_storms_turn_is_read_while_it_is_open(void **state)
{
    (void)state;
    static struct town town;
    static struct personal read;
    char folder[FOLDER_BYTES], path[FOLDER_BYTES + 16];
    struct journal_settings settings = { .folder = path };
    struct verify_report report;
    struct journal *journal;
    uint8_t seed[32] = { 1 };
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    which_keys(&settings, seed);
    assert_int_equal(journal_open(&journal, &settings), 0);
    town_init(&town, 3);
    assert_int_equal(town_turn(&town, journal, 40), 0);
    assert_int_equal(journal_begin(journal), 0);
    for (int i = 0, seen = 0; i < 2000; i++) {
        struct event event;
        const struct personal *personal;
        const struct stored_event *row;
        town_next(&town, &event, &personal);
        assert_int_equal(journal_append(journal, &event, personal, &row), 0);
        if (!personal || seen++ % 5)
            continue;
        uint64_t subject = event.incident ? event.incident : event.contact;
        assert_int_equal(journal_personal_at(journal, subject, event.seq, &read), 0);
        assert_string_equal(read.number, personal->number);
    }
    assert_int_equal(journal_commit(journal, town.at_ms), 0);
    assert_true(journal_seq(journal) == 2040);
    journal_close(journal);
    assert_int_equal(journal_verify(path, settings.sign_public, &report), 0);
    assert_true(report.ok && report.records == 2040);
    folder_remove(folder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_long_turn_is_written_in_order),
        TEST(turns_may_be_looked_at_in_between),
        TEST(what_cannot_be_written_is_told_and_nothing_follows_it),
        TEST(what_was_said_is_sealed_and_the_sheet_wiped),
        cmocka_unit_test(a_storms_turn_is_read_while_it_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
