/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dispatcher and its sealer over their socket: what is due is signed, keys change on the way, and
 * whatever happens to the sealer, nothing waits for it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/hex.h"
#include "base/log.h"
#include "dispatcher/io/sealing.h"
#include "dispatcher/journal/checkpoint.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/sealer/sealer.h"
#include "proto/codec.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    TURN_EVENTS = 20,
    PERIOD_MS = 60 * 1000,
    PATH_BYTES = FOLDER_BYTES + 32
};

static struct {
    char folder[FOLDER_BYTES];
    char journal_folder[PATH_BYTES], sealer_folder[PATH_BYTES], first_secret[PATH_BYTES];
    struct sockaddr_un address;
    struct journal_settings settings;
    struct journal *journal;
    struct town town;
    struct sealer_settings sealing_settings;
    struct sealer *sealer; /* NULL: it is away */
    int listener, caller;
    struct codec *codec;
    struct sealing *sealing;
    uint64_t mono_ms;
    bool forges; /* what the other end says is not what it signed */
} home;

/* ---- a sealer at the other end ---------------------------------------------------------------- */

static void sealer_rise(void)
{
    assert_int_equal(sealer_open(&home.sealer, &home.sealing_settings, home.mono_ms), 0);
    home.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
    (void)unlink(home.address.sun_path);
    assert_int_equal(
        bind(home.listener, (const struct sockaddr *)&home.address, sizeof home.address), 0);
    assert_int_equal(listen(home.listener, 4), 0);
    home.caller = -1;
}

static void sealer_fall(void)
{
    if (home.caller >= 0)
        (void)close(home.caller);
    if (home.listener >= 0)
        (void)close(home.listener);
    home.caller = home.listener = -1;
    sealer_close(home.sealer);
    home.sealer = NULL;
}

static void sealer_serve(void)
{
    static uint8_t bytes[FRAME_MAX_BYTES];
    static struct sealer_call call;
    static struct sealer_word word;
    ssize_t size;
    if (!home.sealer)
        return;
    if (home.caller < 0)
        home.caller = accept4(home.listener, NULL, NULL, SOCK_NONBLOCK);
    while (home.caller >= 0 && (size = recv(home.caller, bytes, sizeof bytes, 0)) > 0) {
        assert_int_equal(codec_unpack(home.codec, SCHEMA_SEALER_CALL, bytes, (size_t)size, &call),
                         0);
        assert_int_equal(sealer_answer(home.sealer, &call, home.mono_ms, &word), 0);
        word.checkpoint.signature[40] ^= (uint8_t)(home.forges && word.has_checkpoint);
        int packed = codec_pack(home.codec, SCHEMA_SEALER_WORD, &word, bytes, sizeof bytes);
        assert_int_equal(send(home.caller, bytes, (size_t)packed, 0), packed);
    }
}

/* ---- a dispatcher at this one ----------------------------------------------------------------- */

static void happen(void)
{
    assert_int_equal(town_turn(&home.town, home.journal, TURN_EVENTS), 0);
}

/* As the loop takes it. */
static void turn(void)
{
    home.mono_ms += 50;
    if (sealing_hear(home.sealing, home.mono_ms, false)) {
        assert_int_equal(journal_begin(home.journal), 0);
        assert_int_equal(sealing_keep(home.sealing, home.journal), 0);
        assert_int_equal(journal_commit(home.journal, home.town.at_ms), 0);
    }
    sealing_ask(home.sealing, home.journal, home.town.at_ms + JOURNAL_CHECKPOINT_MS, home.mono_ms);
    sealer_serve();
}

static void turns(int count)
{
    while (count-- > 0)
        turn();
}

static struct sealing_figures figures(void)
{
    struct sealing_figures all;
    sealing_measure(home.sealing, home.journal, home.town.at_ms + JOURNAL_CHECKPOINT_MS, &all);
    return all;
}

static void assert_all_is_signed(void)
{
    struct verify_report report;
    assert_int_equal(journal_settle(home.journal), 0);
    assert_int_equal(journal_verify(home.journal_folder, home.settings.sign_public, &report), 0);
    assert_true(report.ok);
    assert_int_equal(report.covered, journal_seq(home.journal));
    assert_int_equal(figures().unsealed_ms, 0);
}

static int set_up(void **state)
{
    (void)state;
    uint8_t seed[32] = { 1 };
    char digits[129];
    log_open("test", LOG_ERROR);
    if (sodium_init() < 0)
        return -1;
    memset(&home, 0, sizeof home);
    home.listener = home.caller = -1;
    home.mono_ms = 10 * (uint64_t)PERIOD_MS;
    folder_make(home.folder);
    (void)snprintf(home.journal_folder, PATH_BYTES, "%s/journal", home.folder);
    (void)snprintf(home.sealer_folder, PATH_BYTES, "%s/sealer", home.folder);
    (void)snprintf(home.first_secret, PATH_BYTES, "%s/sign.secret", home.folder);
    home.address.sun_family = AF_UNIX;
    (void)snprintf(home.address.sun_path, sizeof home.address.sun_path, "%.90s/socket",
                   home.folder);
    which_keys(&home.settings, seed);
    hex_write(home.settings.sign_secret, 64, digits);
    FILE *file = fopen(home.first_secret, "w");
    (void)fputs(digits, file);
    (void)fclose(file);
    home.settings.folder = home.journal_folder;
    home.settings.sealed_elsewhere = true;
    home.sealing_settings = (struct sealer_settings){ .suite = which_suite(),
                                                      .folder = home.sealer_folder,
                                                      .first_secret = home.first_secret,
                                                      .period_ms = PERIOD_MS };
    town_init(&home.town, 1);
    home.codec = codec_open();
    home.sealing = sealing_open(home.address.sun_path, 5000, -1);
    sealer_rise();
    return journal_open(&home.journal, &home.settings);
}

static int tear_down(void **state)
{
    (void)state;
    sealing_close(home.sealing);
    sealer_fall();
    journal_close(home.journal);
    codec_close(home.codec);
    folder_remove(home.folder);
    return 0;
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void what_is_due_is_signed_and_keys_change_on_the_way(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        happen();
        turns(20);
        home.mono_ms += PERIOD_MS / 3;
    }
    turns(40);
    assert_true(figures().up);
    assert_true(figures().number >= 4);
    assert_false(sealing_doubts_anew(home.sealing));
    assert_all_is_signed();
}

static void a_sealer_that_is_away_is_missed_and_nothing_else(void **state)
{
    (void)state;
    happen();
    turns(20);
    sealer_fall();
    happen();
    turns(20);
    assert_false(figures().up);
    assert_true(figures().unsealed_ms > 0);
    assert_true(sealing_due_ms(home.sealing, home.journal) == UINT64_MAX); /* nobody spins */
    happen();
    sealer_rise();
    turns(60);
    assert_true(figures().up);
    assert_all_is_signed();
}

static void a_sealer_that_dies_between_word_and_deed_signs_again(void **state)
{
    (void)state;
    happen();
    turns(20);
    uint64_t signed_before = figures().checkpoints;
    happen();
    for (int i = 0; i < 200 && sealer_seq(home.sealer) < journal_seq(home.journal); i++)
        turn();
    assert_int_equal(sealer_seq(home.sealer), journal_seq(home.journal)); /* it signed … */
    sealing_close(home.sealing); /* … and the dispatcher died before it heard */
    home.sealing = sealing_open(home.address.sun_path, 5000, -1);
    (void)close(home.caller);
    home.caller = -1;
    turns(40);
    assert_true(figures().checkpoints >= 1 && signed_before >= 1);
    assert_all_is_signed();
}

static void another_database_in_its_place_is_told_once_and_never_signed(void **state)
{
    (void)state;
    happen();
    turns(20);
    assert_all_is_signed();
    journal_close(home.journal);
    folder_remove(home.journal_folder);
    town_init(&home.town, 2);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
    happen();
    happen();
    turns(40);
    assert_true(sealing_doubts_anew(home.sealing));
    assert_false(sealing_doubts_anew(home.sealing));
    assert_true(figures().doubt != DOUBT_REASON_NONE);
    assert_int_equal(journal_checkpoint(home.journal)->seq, 0);
    turns(2 * SEALING_DOUBT_MS / 50);
    assert_false(sealing_doubts_anew(home.sealing)); /* it is asked again, and not told again */
    assert_int_equal(journal_checkpoint(home.journal)->seq, 0);
}

static void what_is_missing_is_told_before_anything_happens(void **state)
{
    (void)state;
    happen();
    turns(20);
    journal_close(home.journal);
    folder_remove(home.journal_folder);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0); /* empty: nothing is due */
    sealing_close(home.sealing);
    (void)close(home.caller);
    home.caller = -1;
    home.sealing = sealing_open(home.address.sun_path, 5000, -1);
    turns(10);
    assert_true(sealing_doubts_anew(home.sealing));
    assert_int_equal(figures().doubt, DOUBT_REASON_SHRUNK);
    assert_int_equal(figures().first, TURN_EVENTS);
}

/* The signature is looked at beside the loop: what it would not keep, it does not keep later either. */
static void what_is_signed_falsely_is_kept_by_nobody(void **state)
{
    (void)state;
    happen();
    turns(20);
    uint64_t kept = journal_checkpoint(home.journal)->seq;
    assert_int_equal(kept, journal_seq(home.journal));
    happen();
    home.forges = true;
    turns(20);
    assert_true(sealing_doubts_anew(home.sealing));
    assert_int_equal(figures().doubt, DOUBT_REASON_FORGED);
    assert_int_equal(journal_checkpoint(home.journal)->seq, kept);
    home.forges = false;
    turns(2 * SEALING_DOUBT_MS / 50);
    assert_int_equal(figures().doubt, DOUBT_REASON_NONE);
    assert_all_is_signed();
}

static void a_list_is_signed_or_nobody_waits_for_it(void **state)
{
    (void)state;
    struct manifest manifest = { .first = 1, .last = 5, .size = TURN_EVENTS, .count = 5 }, back;
    struct sealing_asker asker = { .route = { 7 }, .id = 42 }, whose;
    bool is_signed;
    happen();
    turns(20);
    assert_true(sealing_manifest(home.sealing, &asker, &manifest, home.mono_ms));
    assert_false(sealing_take_manifest(home.sealing, home.mono_ms, &whose, &back, &is_signed));
    turns(2);
    assert_true(sealing_take_manifest(home.sealing, home.mono_ms, &whose, &back, &is_signed));
    assert_true(is_signed && whose.id == 42 && whose.route[0] == 7);
    assert_true(manifest_holds(which_suite(), &back, back.key));
    assert_false(sealing_take_manifest(home.sealing, home.mono_ms, &whose, &back, &is_signed));
    struct sealer *sealer = home.sealer;
    home.sealer = NULL; /* it hangs */
    for (int i = 0; i < SEALING_MANIFESTS_MAX; i++)
        assert_true(sealing_manifest(home.sealing, &asker, &manifest, home.mono_ms));
    assert_false(sealing_manifest(home.sealing, &asker, &manifest, home.mono_ms));
    uint64_t later_ms = home.mono_ms + SEALING_MANIFEST_MS;
    for (int i = 0; i < SEALING_MANIFESTS_MAX; i++) {
        assert_true(sealing_take_manifest(home.sealing, later_ms, &whose, &back, &is_signed));
        assert_false(is_signed);
    }
    home.sealer = sealer;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_due_is_signed_and_keys_change_on_the_way),
        TEST(a_sealer_that_is_away_is_missed_and_nothing_else),
        TEST(a_sealer_that_dies_between_word_and_deed_signs_again),
        TEST(another_database_in_its_place_is_told_once_and_never_signed),
        TEST(what_is_missing_is_told_before_anything_happens),
        TEST(what_is_signed_falsely_is_kept_by_nobody),
        TEST(a_list_is_signed_or_nobody_waits_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
