/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A person's signature stands in the exported trail, and one that is none is found there, even when the
 * city itself wrote and signed the record. */
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

#include "dispatcher/journal/bundle.h"
#include "dispatcher/journal/journal.h"
#include "proto/acknowledgement.h"
#include "tests/unit/authenticator_key.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/which_suite.h"

enum {
    EVENTS = 400
};

/* What is wrong with the one acknowledgement of the journal. */
enum forgery {
    FORGERY_NONE,
    FORGERY_SIGNATURE,
    FORGERY_INCIDENT,
    FORGERY_ACTOR,
    FORGERY_COUNT
};

static struct {
    char folder[FOLDER_BYTES];
    char journal_folder[FOLDER_BYTES + 16];
    char file[FOLDER_BYTES + 16];
    struct journal_settings settings;
    struct journal *journal;
    struct town town;
    uint64_t signed_seq; /* 0: nobody signed yet */
    uint32_t algorithm;
} home;

static void touch(struct acknowledgement *acknowledgement, const struct acknowledged *acknowledged)
{
    struct authenticator_device device;
    device_open(&device, home.algorithm);
    acknowledgement->has_touch = true;
    acknowledgement->algorithm = home.algorithm;
    memcpy(acknowledgement->key, device.public.key, sizeof acknowledgement->key);
    memcpy(acknowledgement->ordinate, device.public.ordinate, sizeof acknowledgement->ordinate);
    struct statement statement = acknowledgement_statement(acknowledgement, acknowledged);
    device_touch(&device, &statement, &acknowledgement->touch, acknowledgement->signature);
    device_close(&device);
}

/* The first task that is signed for is signed for with a key. */
static void sign(struct event *event, enum forgery forgery)
{
    uint8_t secret[64], key[32], seed[32] = { 2 };
    struct acknowledged acknowledged;
    struct task_moved *moved = &event->task_moved;
    moved->has_acknowledgement = true;
    moved->acknowledgement = (struct acknowledgement){ .algorithm = 1,
                                                       .signet = 3,
                                                       .incident = event->incident,
                                                       .version = 5,
                                                       .at_ms = event->at_ms };
    if (forgery == FORGERY_INCIDENT)
        moved->acknowledgement.incident++;
    (void)crypto_sign_seed_keypair(key, secret, seed);
    (void)acknowledgement_of_event(event, &acknowledged);
    memcpy(acknowledged.city, home.settings.sign_public, sizeof acknowledged.city);
    if (home.algorithm == ACKNOWLEDGEMENT_ALGORITHM)
        acknowledgement_sign(&moved->acknowledgement, &acknowledged, secret);
    else
        touch(&moved->acknowledgement, &acknowledged);
    if (forgery == FORGERY_SIGNATURE)
        moved->acknowledgement.signature[7] ^= 1;
    if (forgery == FORGERY_ACTOR)
        event->actor++;
    home.signed_seq = event->seq;
}

static int ask_journal(void *owner, const struct query *query, struct answer *answer)
{
    journal_query(owner, query, 0, answer);
    return 0;
}

static struct bundle_report exported(const char *keep)
{
    struct bundle_report report;
    struct bundle_wish wish = { .first = home.signed_seq - 2, .last = home.signed_seq + 2 };
    assert_int_equal(bundle_write(home.file, &wish, ask_journal, home.journal), 0);
    assert_int_equal(bundle_verify(home.file, home.settings.sign_public, &report), 0);
    if (keep) /* tests/fuzz/corpus/bundle/signed… and unsigned… were made so */
        assert_int_equal(link(home.file, keep), 0);
    return report;
}

static struct bundle_report live(enum forgery forgery, uint32_t algorithm, const char *keep)
{
    uint8_t seed[32] = { 1 };
    memset(&home, 0, sizeof home);
    home.algorithm = algorithm;
    folder_make(home.folder);
    (void)snprintf(home.journal_folder, sizeof home.journal_folder, "%s/journal", home.folder);
    (void)snprintf(home.file, sizeof home.file, "%s/trail.txt", home.folder);
    home.settings.folder = home.journal_folder;
    which_keys(&home.settings, seed);
    town_init(&home.town, 1);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
    assert_int_equal(journal_begin(home.journal), 0);
    for (int i = 0; i < EVENTS; i++) {
        struct event event;
        const struct personal *personal;
        const struct stored_event *row;
        town_next(&home.town, &event, &personal);
        if (!home.signed_seq && event.kind == EVENT_TASK_MOVED &&
            event.task_moved.step == TASK_STEP_SIGN)
            sign(&event, forgery);
        assert_int_equal(journal_append(home.journal, &event, personal, &row), 0);
    }
    assert_int_equal(journal_commit(home.journal, home.town.at_ms), 0);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_commit(home.journal, home.town.at_ms + 1000), 0);
    assert_true(home.signed_seq > 2);
    struct bundle_report report = exported(keep);
    journal_close(home.journal);
    folder_remove(home.folder);
    return report;
}

static const uint32_t algorithms[] = { ACKNOWLEDGEMENT_ALGORITHM, AUTHENTICATOR_ES256,
                                       AUTHENTICATOR_ED25519 };
enum {
    ALGORITHMS = sizeof algorithms / sizeof algorithms[0]
};

/* Where this run is to leave its file: the environment's word and the algorithm's number. */
static const char *kept(const char *word, uint32_t algorithm)
{
    static char path[512];
    const char *folder = getenv("YIHAO_KEEP_SIGNED");
    if (!folder)
        return NULL;
    if (algorithm == ACKNOWLEDGEMENT_ALGORITHM)
        (void)snprintf(path, sizeof path, "%s/%s", folder, word);
    else
        (void)snprintf(path, sizeof path, "%s/%s_%u", folder, word, algorithm);
    return path;
}

static void a_persons_signature_stands_in_the_trail(void **state)
{
    (void)state;
    for (int i = 0; i < ALGORITHMS; i++) {
        struct bundle_report report =
            live(FORGERY_NONE, algorithms[i], kept("signed", algorithms[i]));
        assert_true(report.ok);
        assert_int_equal(report.acknowledgements, 1);
        assert_int_equal(report.touches, i > 0);
        assert_int_equal(report.origin_count, i > 0);
        if (i > 0)
            assert_string_equal(report.origins[0], TEST_ORIGIN);
    }
}

static void one_that_is_none_is_found_though_the_city_signed_it(void **state)
{
    (void)state;
    for (int i = 0; i < ALGORITHMS; i++)
        for (enum forgery forgery = FORGERY_NONE + 1; forgery < FORGERY_COUNT; forgery++) {
            const char *keep =
                forgery == FORGERY_SIGNATURE ? kept("unsigned", algorithms[i]) : NULL;
            struct bundle_report report = live(forgery, algorithms[i], keep);
            assert_false(report.ok);
            assert_int_equal(report.record, home.signed_seq);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_persons_signature_stands_in_the_trail),
        cmocka_unit_test(one_that_is_none_is_found_though_the_city_signed_it),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
