/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Somebody has the city's keys and its disk, and writes its history anew: the witness, which saw the old
 * one, does not sign, and says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/journal/journal.h"
#include "gateways/witness/witness.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    NOW_MS = 777,
    TURN_EVENTS = 100
};

/* A city: its journal, and what happened there. All cities here have the same keys. */
struct city {
    char folder[FOLDER_BYTES];
    struct journal *journal;
    struct town town;
};

static struct journal_settings settings;
static char folder[FOLDER_BYTES];
static struct witness *witness;

static void city_open(struct city *city, uint32_t seed)
{
    folder_make(city->folder);
    settings.folder = city->folder;
    town_init(&city->town, seed);
    assert_int_equal(journal_open(&city->journal, &settings), 0);
}

static void city_close(struct city *city)
{
    journal_close(city->journal);
    folder_remove(city->folder);
}

static void live(struct city *city, int turns)
{
    for (int turn = 0; turn < turns; turn++) {
        assert_int_equal(town_turn(&city->town, city->journal, TURN_EVENTS), 0);
        assert_int_equal(journal_begin(city->journal), 0); /* a checkpoint */
        assert_int_equal(journal_commit(city->journal, city->town.at_ms + 1000), 0);
    }
}

static const struct answer *ask(struct city *city, const struct query *query)
{
    static struct answer answer;
    journal_query(city->journal, query, 0, &answer);
    return &answer;
}

/* One look, as the program takes it. */
static struct witness_word look(struct city *city)
{
    struct query newest = { .kind = QUERY_CHECKPOINT };
    const struct answer *answer = ask(city, &newest);
    assert_int_equal(answer->refusal, REFUSAL_NONE);
    struct witness_word word = witness_see(witness, &answer->checkpoint, NOW_MS);
    if (word.seen.step == ONLOOKER_STEP_LINE) {
        struct query line = { .kind = QUERY_SUCCESSIONS, .successions = { word.seen.first } };
        word = witness_follow(witness, &ask(city, &line)->successions, NOW_MS);
    }
    if (word.seen.step != ONLOOKER_STEP_PROVE)
        return word;
    struct query proof = { .kind = QUERY_CONSISTENCY,
                           .consistency = { word.seen.first, word.seen.seq } };
    answer = ask(city, &proof);
    assert_int_equal(answer->refusal, REFUSAL_NONE);
    return witness_prove(witness, &answer->consistency, NOW_MS);
}

static void reopen(void)
{
    witness_close(witness);
    assert_int_equal(witness_open(&witness, folder, settings.sign_public, which_suite()), 0);
}

static int set_up(void **state)
{
    (void)state;
    uint8_t seed[32] = { 1 };
    if (sodium_init() < 0)
        return -1;
    which_keys(&settings, seed);
    folder_make(folder);
    return witness_open(&witness, folder, settings.sign_public, which_suite());
}

static int tear_down(void **state)
{
    (void)state;
    witness_close(witness);
    folder_remove(folder);
    return 0;
}

static void it_signs_what_goes_on(void **state)
{
    (void)state;
    struct city city;
    city_open(&city, 1);
    for (int turn = 0; turn < 12; turn++) {
        live(&city, 1);
        struct witness_word word = look(&city);
        assert_int_equal(word.seen.step, ONLOOKER_STEP_BELIEVE);
        assert_int_equal(journal_begin(city.journal), 0);
        assert_int_equal(journal_cosign(city.journal, word.seen.seq, &word.cosignature), 0);
        assert_int_equal(journal_commit(city.journal, 0), 0);
        assert_int_equal(look(&city).seen.step, ONLOOKER_STEP_WAIT); /* it stands there already */
        if (turn == 5)
            reopen();
    }
    assert_int_equal(witness_count(witness).seq, 12 * TURN_EVENTS);
    assert_false(witness_count(witness).doubts);
    city_close(&city);
}

/* Shows another history after ten turns of the true one. */
static void doubts(struct city *other, enum doubt_reason reason)
{
    struct city true_one;
    city_open(&true_one, 1);
    live(&true_one, 10);
    assert_int_equal(look(&true_one).seen.step, ONLOOKER_STEP_BELIEVE);
    struct witness_word word = look(other);
    assert_int_equal(word.seen.step, ONLOOKER_STEP_DOUBT);
    assert_int_equal(word.seen.reason, reason);
    assert_int_equal(word.seen.first, 10 * TURN_EVENTS);
    assert_int_equal(look(&true_one).seen.step, ONLOOKER_STEP_WAIT); /* a person must look first */
    reopen();
    assert_true(witness_count(witness).doubts);
    live(&true_one, 1);
    assert_int_equal(look(&true_one).seen.step, ONLOOKER_STEP_WAIT);
    city_close(&true_one);
    city_close(other);
}

static void everything_written_anew_with_the_stolen_key_is_found(void **state)
{
    (void)state;
    struct city other;
    city_open(&other, 2);
    live(&other, 15);
    doubts(&other, DOUBT_REASON_REWRITTEN);
}

static void another_history_of_the_same_length_is_found(void **state)
{
    (void)state;
    struct city other;
    city_open(&other, 2);
    live(&other, 10);
    doubts(&other, DOUBT_REASON_REWRITTEN);
}

static void an_older_copy_put_back_is_found(void **state)
{
    (void)state;
    struct city other;
    city_open(&other, 1);
    live(&other, 7);
    doubts(&other, DOUBT_REASON_SHRUNK);
}

static void another_key_is_found(void **state)
{
    (void)state;
    struct city other;
    uint8_t seed[32] = { 2 }, ours[32];
    struct journal_settings city_settings = settings;
    memcpy(ours, settings.sign_public, sizeof ours);
    which_keys(&settings, seed);
    city_open(&other, 1);
    live(&other, 12);
    settings = city_settings;
    doubts(&other, DOUBT_REASON_FORGED);
}

/* Its settings name the wrong suite: it sees what goes on, and signs nothing that nobody could check. */
static void it_signs_no_city_of_another_suite(void **state)
{
    (void)state;
    struct city city;
    char other[FOLDER_BYTES];
    struct witness *stranger;
    city_open(&city, 1);
    live(&city, 3);
    folder_make(other);
    assert_int_equal(witness_open(&stranger, other, settings.sign_public,
                                  suite_at(which_suite() == suite_at(0))),
                     0);
    struct checkpoint seen = *journal_checkpoint(city.journal);
    assert_int_equal(witness_see(stranger, &seen, 5).seen.step, ONLOOKER_STEP_WAIT);
    assert_int_equal(witness_see(witness, &seen, 5).seen.step, ONLOOKER_STEP_BELIEVE);
    assert_int_equal(witness_count(stranger).signed_count, 0);
    assert_false(witness_count(stranger).doubts);
    witness_close(stranger);
    folder_remove(other);
    city_close(&city);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_signs_what_goes_on),
        TEST(everything_written_anew_with_the_stolen_key_is_found),
        TEST(another_history_of_the_same_length_is_found),
        TEST(an_older_copy_put_back_is_found),
        TEST(another_key_is_found),
        TEST(it_signs_no_city_of_another_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
