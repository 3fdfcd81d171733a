/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The key that signs the trail is the sealer's alone and does not stay: who steals it changes nothing of
 * the days before. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/prng.h"
#include "dispatcher/journal/backup.h"
#include "dispatcher/journal/bundle.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/succession.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/sealer/sealer.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    TURN_EVENTS = 100,
    PERIOD_MS = 1000 * 1000,
    EDITS = 600,
    TRAIL_BYTES_MAX = 1 << 20,
    PATH_BYTES = FOLDER_BYTES + 32
};

static struct {
    char folder[FOLDER_BYTES];
    char sealer_folder[PATH_BYTES];
    char first_secret[PATH_BYTES];
    char file[PATH_BYTES];
    struct sealer_settings sealing;
    struct sealer *sealer;
    uint64_t now_ms; /* the sealer's clock */
} home;

/* A journal, and what happens there. */
struct city {
    char folder[PATH_BYTES];
    struct journal_settings settings;
    struct journal *journal;
    struct town town;
};
static struct city ours;

static struct sealer_call call;
static struct sealer_word word;

/* ---- a city that lives ------------------------------------------------------------------------ */

static void city_open(struct city *city, const char *name, uint32_t seed)
{
    struct journal_settings settings = ours.settings;
    memset(city, 0, sizeof *city);
    (void)snprintf(city->folder, sizeof city->folder, "%s/%s", home.folder, name);
    city->settings = settings;
    city->settings.folder = city->folder;
    city->settings.sealed_elsewhere = true;
    town_init(&city->town, seed);
    assert_int_equal(journal_open(&city->journal, &city->settings), 0);
}

static void happen(struct city *city)
{
    assert_int_equal(town_turn(&city->town, city->journal, TURN_EVENTS), 0);
}

static void say(void)
{
    assert_int_equal(sealer_answer(home.sealer, &call, home.now_ms, &word), 0);
}

static void keep(struct city *city)
{
    assert_int_equal(journal_begin(city->journal), 0);
    if (word.has_succession)
        assert_int_equal(journal_succeed(city->journal, &word.succession), 0);
    if (word.has_checkpoint)
        assert_int_equal(
            journal_seal(city->journal, &word.checkpoint, checkpoint_holds(&word.checkpoint)), 0);
    assert_int_equal(journal_commit(city->journal, city->town.at_ms), 0);
}

/* The successions that the journal has not yet. */
static void catch_up(struct city *city)
{
    memset(&call, 0, sizeof call);
    say();
    while (word.number > journal_succession(city->journal)->number) {
        call.wish = journal_succession(city->journal)->number + 1;
        say();
        assert_true(word.has_succession);
        keep(city);
    }
    call.wish = 0;
}

/* Fills in the call as the dispatcher does. */
static void state(struct city *city)
{
    memset(&call, 0, sizeof call);
    say();
    journal_state(city->journal, city->town.at_ms > word.at_ms ? city->town.at_ms : word.at_ms,
                  &call.checkpoint);
    call.has_checkpoint = true;
    call.has_proof = word.seq > 0 && word.seq < call.checkpoint.seq &&
                     journal_prove(city->journal, word.seq, call.checkpoint.seq, &call.proof) == 0;
}

static void seal(struct city *city)
{
    catch_up(city);
    state(city);
    say();
    assert_int_equal(word.doubt, DOUBT_REASON_NONE);
    assert_true(word.has_checkpoint);
    keep(city);
}

/* Days of a city: on each something happens, and is signed twice. */
static void live(struct city *city, int days)
{
    for (int day = 0; day < days; day++) {
        happen(city);
        seal(city);
        happen(city);
        seal(city);
        home.now_ms += PERIOD_MS;
    }
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
    memset(&ours, 0, sizeof ours);
    folder_make(home.folder);
    home.now_ms = 5 * (uint64_t)PERIOD_MS;
    (void)snprintf(home.sealer_folder, sizeof home.sealer_folder, "%s/sealer", home.folder);
    (void)snprintf(home.first_secret, sizeof home.first_secret, "%s/sign.secret", home.folder);
    (void)snprintf(home.file, sizeof home.file, "%s/trail.txt", home.folder);
    which_keys(&ours.settings, seed);
    hex_write(ours.settings.sign_secret, 64, digits);
    FILE *file = fopen(home.first_secret, "w");
    (void)fputs(digits, file);
    (void)fclose(file);
    sodium_memzero(ours.settings.sign_secret, sizeof ours.settings.sign_secret);
    home.sealing = (struct sealer_settings){ .suite = which_suite(),
                                             .folder = home.sealer_folder,
                                             .first_secret = home.first_secret,
                                             .period_ms = PERIOD_MS };
    city_open(&ours, "journal", 1);
    return sealer_open(&home.sealer, &home.sealing, home.now_ms);
}

static int tear_down(void **state)
{
    (void)state;
    sealer_close(home.sealer);
    journal_close(ours.journal);
    folder_remove(home.folder);
    return 0;
}

static void sealer_again(void)
{
    sealer_close(home.sealer);
    home.sealer = NULL;
    assert_int_equal(sealer_open(&home.sealer, &home.sealing, home.now_ms), 0);
}

static void sealer_file(const char *name, char path[PATH_BYTES + 32])
{
    (void)snprintf(path, PATH_BYTES + 32, "%s/%s", home.sealer_folder, name);
}

static bool sealer_has(const char *name)
{
    char path[PATH_BYTES + 32];
    sealer_file(name, path);
    return access(path, F_OK) == 0;
}

static struct verify_report verified(struct city *city)
{
    struct verify_report report;
    assert_int_equal(journal_settle(city->journal), 0);
    assert_int_equal(journal_verify(city->folder, ours.settings.sign_public, &report), 0);
    return report;
}

static int ask_journal(void *owner, const struct query *query, struct answer *answer)
{
    journal_query(owner, query, 0, answer);
    if (answer->kind == ANSWER_MANIFEST && answer->refusal == REFUSAL_NONE) {
        memset(&call, 0, sizeof call);
        call.has_manifest = true;
        call.manifest = answer->manifest;
        say();
        assert_true(word.has_manifest);
        answer->manifest = word.manifest;
    }
    return 0;
}

static struct bundle_report exported(struct city *city, uint64_t first, uint64_t last)
{
    struct bundle_wish wish = { .first = first, .last = last };
    struct bundle_report report;
    (void)unlink(home.file);
    catch_up(city);
    assert_int_equal(bundle_write(home.file, &wish, ask_journal, city->journal), 0);
    assert_int_equal(bundle_verify(home.file, ours.settings.sign_public, &report), 0);
    return report;
}

/* ---- its life --------------------------------------------------------------------------------- */

static void each_day_has_its_key_and_all_follow_from_the_first(void **state)
{
    (void)state;
    assert_int_equal(access(home.first_secret, F_OK), -1); /* the sealer's alone */
    live(&ours, 5);
    assert_int_equal(sealer_number(home.sealer), 5);
    struct verify_report report = verified(&ours);
    assert_true(report.ok);
    assert_int_equal(report.successions,
                     5); /* the adopted key gave way with its first checkpoint */
    assert_int_equal(report.covered, 10 * TURN_EVENTS);
    assert_int_equal(report.fixed, 8 * TURN_EVENTS);
    assert_true(sealer_has("key.5") && sealer_has("spare.secret"));
    for (int number = 0; number < 5; number++) {
        char name[16];
        (void)snprintf(name, sizeof name, "key.%d", number);
        assert_false(sealer_has(name));
    }
    journal_close(ours.journal); /* the line holds when it is opened again */
    assert_int_equal(journal_open(&ours.journal, &ours.settings), 0);
    assert_int_equal(journal_succession(ours.journal)->number, 5);
    sealer_again();
    live(&ours, 1);
    assert_true(verified(&ours).ok);
}

static void a_trail_over_many_keys_is_exported_and_verified(void **state)
{
    (void)state;
    static const uint64_t ranges[][2] = { { 1, 0 },     { 1, 1 },     { 100, 101 },
                                          { 101, 300 }, { 395, 405 }, { 950, 999 } };
    live(&ours, 5);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct bundle_report report = exported(&ours, ranges[i][0], ranges[i][1]);
        assert_true(report.ok);
        assert_int_equal(report.gaps, 0);
        assert_true(report.successions >= 1);
        assert_memory_equal(report.public_key, ours.settings.sign_public, 32);
    }
}

static void every_edit_of_such_a_trail_is_found(void **state)
{
    (void)state;
    static char trail[TRAIL_BYTES_MAX], edited[TRAIL_BYTES_MAX];
    struct prng prng;
    live(&ours, 4);
    assert_true(exported(&ours, 150, 460).ok);
    FILE *file = fopen(home.file, "rb");
    size_t size = fread(trail, 1, sizeof trail, file);
    (void)fclose(file);
    prng_seed(&prng, 4712);
    for (int i = 0; i < EDITS; i++) {
        struct bundle_report report;
        size_t at = prng_below(&prng, i % 2 ? size : size / 50); /* the keys stand in front */
        memcpy(edited, trail, size);
        edited[at] = (char)(edited[at] ^ 1 << prng_below(&prng, 7));
        file = fmemopen(edited, i % 5 ? size : at + 1, "rb");
        assert_int_equal(bundle_verify_stream(file, NULL, &report), 0);
        (void)fclose(file);
        assert_false(report.ok);
    }
}

static void a_period_ends_by_the_clock_also_when_nothing_happens(void **state)
{
    (void)state;
    assert_int_equal(sealer_tick(home.sealer, home.now_ms + PERIOD_MS), 0);
    assert_int_equal(sealer_number(home.sealer), 0); /* nothing was signed yet */
    live(&ours, 1);
    uint64_t number = sealer_number(home.sealer);
    assert_int_equal(sealer_tick(home.sealer, home.now_ms), 0);
    assert_int_equal(sealer_tick(home.sealer, home.now_ms + 1), 0);
    assert_int_equal(sealer_number(home.sealer), number + 1);
    assert_int_equal(sealer_tick(home.sealer, home.now_ms + 9 * (uint64_t)PERIOD_MS), 0);
    assert_int_equal(sealer_number(home.sealer), number + 2); /* one key for the days it slept */
}

/* ---- what it refuses -------------------------------------------------------------------------- */

static void refused(struct city *city, enum doubt_reason reason)
{
    state(city);
    say();
    assert_false(word.has_checkpoint);
    assert_int_equal(word.doubt, reason);
}

static void it_signs_no_history_but_the_one_it_knows(void **state_)
{
    (void)state_;
    static struct city other;
    happen(&ours);
    seal(&ours);
    city_open(&other, "other", 2); /* another database in its place */
    happen(&other);
    refused(&other, DOUBT_REASON_REWRITTEN); /* as long */
    happen(&other);
    refused(&other, DOUBT_REASON_REWRITTEN); /* longer: the path leads to another root */
    memset(&call.proof, 0, sizeof call.proof);
    call.has_proof = false;
    say();
    assert_int_equal(word.doubt, DOUBT_REASON_REWRITTEN); /* no path, no signature */
    journal_close(other.journal);
    happen(&ours);
    seal(&ours);
    city_open(&other, "older", 1); /* an older copy put back */
    happen(&other);
    refused(&other, DOUBT_REASON_SHRUNK);
    journal_close(other.journal);
    sealer_again();
    happen(&ours);
    seal(&ours); /* the true one goes on */
}

static void it_signs_no_list_of_what_it_has_not_seen(void **state)
{
    (void)state;
    happen(&ours);
    seal(&ours);
    memset(&call, 0, sizeof call);
    call.has_manifest = true;
    call.manifest = (struct manifest){ .first = 1, .last = 101, .size = 101, .count = 101 };
    say();
    assert_false(word.has_manifest);
}

/* ---- a stolen key ----------------------------------------------------------------------------- */

static struct signer steal(void)
{
    char path[PATH_BYTES + 32], name[32];
    uint8_t seed[32];
    struct signer thief;
    (void)snprintf(name, sizeof name, "key.%d", (int)sealer_number(home.sealer));
    sealer_file(name, path);
    FILE *file = fopen(path, "rb");
    assert_int_equal(fread(seed, 1, sizeof seed, file), sizeof seed);
    (void)fclose(file);
    signer_of_seed(&thief, which_suite(), seed);
    return thief;
}

/* The thief writes a history of his own up to `events` and signs with today's key; the line of keys up to
 * it he copies, for he cannot make one. */
static void forge(struct city *forged, const struct signer *thief, int turns)
{
    city_open(forged, "forged", 2);
    for (int turn = 0; turn < turns; turn++)
        happen(forged);
    struct answer *answer = calloc(1, sizeof *answer);
    struct query query = { .kind = QUERY_SUCCESSIONS };
    journal_query(ours.journal, &query, 0, answer);
    assert_int_equal(journal_begin(forged->journal), 0);
    for (uint32_t i = 0; i < answer->successions.rows_count; i++)
        assert_int_equal(journal_succeed(forged->journal, &answer->successions.rows[i]), -EBADMSG);
    assert_int_equal(journal_commit(forged->journal, forged->town.at_ms), 0);
    free(answer);
    journal_state(forged->journal, ours.town.at_ms * 2, &call.checkpoint);
    checkpoint_sign(&call.checkpoint, thief);
}

static void todays_key_signs_nothing_of_yesterday(void **state)
{
    (void)state;
    static struct city forged;
    live(&ours, 3);
    happen(&ours);
    seal(&ours);
    struct signer thief = steal();
    forge(&forged, &thief, 10);
    struct verify *verify = calloc(1, sizeof *verify);
    struct stored_event *row = calloc(1, sizeof *row);
    struct answer *line = calloc(1, sizeof *line);
    struct query query = { .kind = QUERY_SUCCESSIONS };
    journal_query(ours.journal, &query, 0, line);
    verify_init(verify, ours.settings.sign_public);
    const struct succession *heir = line->successions.rows;
    while (verify->report.ok && journal_read(forged.journal, verify->chain.seq, row, 1) == 1 &&
           verify_row(verify, row))
        while (verify->report.ok && verify->lineage.number < line->successions.rows_count &&
               heir[verify->lineage.number].size == verify->chain.seq)
            (void)verify_succession(verify, &heir[verify->lineage.number]);
    assert_false(verify->report.ok);
    assert_true(verify->report.record <= TURN_EVENTS); /* the first key's time already */
    free(line);
    free(row);
    free(verify);
    journal_close(forged.journal);
}

static void a_key_is_good_for_its_own_time_alone(void **state)
{
    (void)state;
    struct lineage lineage, before;
    struct answer *line = calloc(1, sizeof *line);
    struct query query = { .kind = QUERY_SUCCESSIONS };
    live(&ours, 3);
    happen(&ours);
    seal(&ours);
    struct checkpoint newest = *journal_checkpoint(ours.journal);
    journal_query(ours.journal, &query, 0, line);
    const struct successions *rows = &line->successions;
    lineage_init(&lineage, ours.settings.sign_public);
    for (uint32_t i = 0; i < rows->rows_count; i++)
        assert_true(lineage_follow(&lineage, &rows->rows[i]));
    before = lineage;
    assert_true(lineage_take(&lineage, &newest));
    struct signer thief = steal();
    newest.seq = lineage.since_size - 1; /* yesterday's records … */
    checkpoint_sign(&newest, &thief);
    lineage = before;
    assert_false(lineage_take(&lineage, &newest));
    newest.seq = lineage.since_size + 1; /* … or hour */
    newest.at_ms = lineage.since_ms - 1;
    checkpoint_sign(&newest, &thief);
    assert_false(lineage_take(&lineage, &newest));
    struct succession late =
        rows->rows[rows->rows_count - 1]; /* a line that leaves out what was seen */
    lineage_init(&lineage, ours.settings.sign_public);
    lineage.seen_size = rows->rows[0].size + 1;
    assert_false(lineage_follow(&lineage, &rows->rows[0]));
    late.key[0] ^= 1;
    lineage = before;
    assert_false(lineage_follow(&lineage, &late));
    free(line);
}

/* ---- accidents -------------------------------------------------------------------------------- */

static void copy(const char *from, const char *to)
{
    char one[PATH_BYTES + 32], other[PATH_BYTES + 32], bytes[4096];
    sealer_file(from, one);
    sealer_file(to, other);
    FILE *in = fopen(one, "rb"), *out = fopen(other, "wb");
    size_t size = fread(bytes, 1, sizeof bytes, in);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    (void)fclose(in);
    (void)fclose(out);
}

static void a_sealer_keeps_its_suite(void **state)
{
    (void)state;
    struct sealer_settings wrong = home.sealing;
    wrong.suite = suite_at(which_suite() == suite_at(0));
    live(&ours, 2);
    sealer_close(home.sealer);
    home.sealer = NULL;
    assert_int_equal(sealer_open(&home.sealer, &wrong, home.now_ms), -EBADMSG);
    sealer_again();
    happen(&ours);
    seal(&ours);
    assert_true(verified(&ours).ok);
}

static void a_crash_between_two_keys_leaves_one(void **state)
{
    (void)state;
    live(&ours, 2);
    happen(&ours);
    seal(&ours);
    uint64_t number = sealer_number(home.sealer);
    char now[16], former[16], next[16];
    (void)snprintf(now, sizeof now, "key.%d", (int)number);
    (void)snprintf(former, sizeof former, "key.%d", (int)number - 1);
    (void)snprintf(next, sizeof next, "key.%d", (int)number + 1);
    copy(now, former); /* before the former was destroyed */
    copy(now, next);   /* before the memory named the next */
    sealer_again();
    assert_int_equal(sealer_number(home.sealer), number);
    assert_false(sealer_has(former) || sealer_has(next));
    live(&ours, 1);
    assert_true(verified(&ours).ok);
    copy("spare.secret", "memory");
    sealer_close(home.sealer);
    home.sealer = NULL;
    assert_int_equal(sealer_open(&home.sealer, &home.sealing, home.now_ms), -EBADMSG);
}

static void the_spare_key_goes_on_when_the_machine_is_lost(void **state_)
{
    (void)state_;
    char spare[PATH_BYTES + 32], away[PATH_BYTES];
    live(&ours, 3);
    sealer_file("spare.secret", spare);
    (void)snprintf(away, sizeof away, "%s/carried-away", home.folder);
    assert_int_equal(rename(spare, away), 0);
    sealer_close(home.sealer);
    folder_remove(home.sealer_folder);
    home.sealer = NULL;
    assert_int_equal(sealer_open(&home.sealer, &home.sealing, home.now_ms), -ENOENT);
    struct sealer_settings wanted = home.sealing;
    wanted.spare_secret = away;
    assert_int_equal(sealer_open(&home.sealer, &wanted, home.now_ms), 0);
    assert_true(sealer_waits(home.sealer));
    memset(&call, 0, sizeof call);
    say();
    assert_true(sealer_waits(home.sealer)); /* it was not told how the journal stands */
    call.has_latest = call.has_newest = true;
    call.latest = *journal_succession(ours.journal);
    call.newest = *journal_checkpoint(ours.journal);
    call.latest.spare[3] ^= 1;
    say();
    assert_true(sealer_waits(home.sealer)); /* another city's */
    call.latest.spare[3] ^= 1;
    say();
    assert_false(sealer_waits(home.sealer));
    live(&ours, 2);
    struct verify_report report = verified(&ours);
    assert_true(report.ok);
    assert_int_equal(report.successions, sealer_number(home.sealer));
    assert_true(exported(&ours, 1, 0).ok);
    assert_true(sealer_has("spare.secret")); /* a new one: the other was on this machine */
    sealer_again();
    live(&ours, 1);
    assert_true(verified(&ours).ok);
}

static void key_file(const char *name, const uint8_t key[32])
{
    char path[PATH_BYTES + 32], digits[65];
    (void)snprintf(path, sizeof path, "%s/keys/%s", home.folder, name);
    hex_write(key, 32, digits);
    FILE *file = fopen(path, "w");
    (void)fputs(digits, file);
    (void)fclose(file);
}

static void a_journal_that_is_rewound_keeps_the_signatures_it_had(void **state)
{
    (void)state;
    char keys[PATH_BYTES];
    uint64_t seq = 0;
    live(&ours, 3);
    uint64_t until_ms = ours.town.at_ms;
    live(&ours, 2);
    (void)snprintf(keys, sizeof keys, "%s/keys", home.folder);
    assert_int_equal(mkdir(keys, 0700), 0);
    key_file("vault.key", ours.settings.vault_key);
    key_file("sign.public", ours.settings.sign_public);
    journal_close(ours.journal);
    ours.journal = NULL;
    assert_int_equal(backup_rewind(home.folder, until_ms, &seq), 0);
    assert_int_equal(journal_open(&ours.journal, &ours.settings), 0);
    struct verify_report report = verified(&ours);
    assert_true(report.ok && report.records == seq && seq >= 6 * TURN_EVENTS);
    assert_int_equal(report.covered, 6 * TURN_EVENTS);
    assert_int_equal(report.successions, 4);
    refused(&ours, DOUBT_REASON_SHRUNK); /* until a person comes with the spare key */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_day_has_its_key_and_all_follow_from_the_first),
        TEST(a_trail_over_many_keys_is_exported_and_verified),
        TEST(every_edit_of_such_a_trail_is_found),
        TEST(a_period_ends_by_the_clock_also_when_nothing_happens),
        TEST(it_signs_no_history_but_the_one_it_knows),
        TEST(it_signs_no_list_of_what_it_has_not_seen),
        TEST(todays_key_signs_nothing_of_yesterday),
        TEST(a_key_is_good_for_its_own_time_alone),
        TEST(a_crash_between_two_keys_leaves_one),
        TEST(a_journal_that_is_rewound_keeps_the_signatures_it_had),
        TEST(a_sealer_keeps_its_suite),
        TEST(the_spare_key_goes_on_when_the_machine_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
