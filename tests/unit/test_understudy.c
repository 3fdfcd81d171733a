/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The core of a dispatcher that follows is the leader's, turn by turn; taking over finds it where the journal stands. */
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

#include "base/log.h"
#include "dispatcher/city/city.h"
#include "dispatcher/io/understudy.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/store/events.h"
#include "proto/codec.h"
#include "proto/keys.h"
#include "tests/unit/folder.h"

enum {
    CALLS = 40
};

static struct {
    char root[FOLDER_BYTES];
    struct settings settings; /* of who follows */
    struct journal_settings keys;
    struct understudy *understudy;
    struct journal *journal; /* the leader's … */
    struct core *core;
    void *memory;
    uint64_t now_ms;
} at;

/* What the leader's journal tells of each commit is the other one's next turn. */
static void tell(void *owner, const struct store_mark *before, const struct store_mark *after,
                 struct slice changes)
{
    (void)owner;
    if (understudy_is_empty(at.understudy))
        understudy_begin_at(at.understudy, before);
    assert_int_equal(understudy_write(at.understudy), 0);
    assert_int_equal(understudy_turn(at.understudy, after, changes), 0);
    assert_int_equal(understudy_commit(at.understudy), 0);
}

static void home_of(char path[FOLDER_BYTES + 16], const char *name)
{
    int length = snprintf(path, FOLDER_BYTES + 16, "%s/%s", at.root, name);
    assert_true(length > 0 && length < FOLDER_BYTES + 16);
}

static void make_homes(char leader[FOLDER_BYTES + 16])
{
    static const char *const programs[] = { "dispatcher", NULL };
    char command[3 * FOLDER_BYTES], follower[FOLDER_BYTES + 16];
    folder_make(at.root);
    home_of(leader, "leader");
    home_of(follower, "follower");
    (void)snprintf(command, sizeof command, "mkdir %s", leader);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a test's own fixed words
    assert_int_equal(keys_make(leader, suite_default(), programs, 1), 0);
    assert_int_equal(journal_read_keys(&at.keys, leader), 0);
    (void)snprintf(command, sizeof command, "cp -a %s %s", leader, follower);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a test's own fixed words
    assert_true(text_copy(at.settings.home, sizeof at.settings.home, follower));
    at.settings.dispatcher.incidents = 100;
    at.settings.dispatcher.tasks = 200;
    at.settings.dispatcher.map_gib = 1;
}

static int set_up(void **state)
{
    char leader[FOLDER_BYTES + 16], folder[FOLDER_BYTES + 32];
    struct core_limits limits = core_limits_default();
    (void)state;
    log_open("test", LOG_ERROR);
    memset(&at, 0, sizeof at);
    assert_true(sodium_init() >= 0);
    make_homes(leader);
    assert_int_equal(understudy_open(&at.understudy, &at.settings), 0);
    (void)snprintf(folder, sizeof folder, "%s/journal", leader);
    at.keys.folder = folder;
    at.keys.map_gib = 1;
    at.keys.home = NULL;
    at.keys.tell = tell;
    assert_int_equal(journal_open(&at.journal, &at.keys), 0);
    limits.incidents = 100;
    limits.tasks = 200;
    at.memory = calloc(1, core_size(&limits));
    at.core = core_init(at.memory, core_size(&limits), &limits);
    at.now_ms = 1000000;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    understudy_close(at.understudy);
    journal_close(at.journal);
    free(at.memory);
    folder_remove(at.root);
    return 0;
}

/* ---- the leader ---------------------------------------------------------------------------- */

static void step(const struct command *asked)
{
    static struct command command;
    static struct verdict verdict;
    const struct stored_event *row;
    command = *asked;
    command.at_ms = ++at.now_ms;
    core_step(at.core, &command, &verdict);
    for (uint32_t i = 0; i < verdict.count; i++)
        assert_int_equal(journal_append(at.journal, &verdict.events[i], NULL, &row), 0);
}

static void turn(const struct command *command)
{
    assert_int_equal(journal_begin(at.journal), 0);
    step(command);
    assert_int_equal(journal_commit(at.journal, at.now_ms), 0);
}

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    fail_msg("%s", sentence);
}

static void load_city(void)
{
    struct city *city = NULL;
    assert_int_equal(city_open(&city, "ops/city", complain, NULL), 0);
    assert_int_equal(journal_begin(at.journal), 0);
    for (uint32_t i = 0; i < city_count(city); i++) {
        struct command command = *city_command(city, i);
        command.actor_kind = ACTOR_KIND_SYSTEM;
        step(&command);
    }
    assert_int_equal(journal_commit(at.journal, at.now_ms), 0);
    city_close(city);
}

static void take_calls(uint64_t from, uint64_t to)
{
    static struct command command;
    command = (struct command){ .kind = COMMAND_GATEWAY_RISE,
                                .actor_kind = ACTOR_KIND_GATEWAY,
                                .actor = 1,
                                .gateway_rise = { .epoch = from } };
    turn(&command);
    for (uint64_t call = from; call < to; call++) {
        command = (struct command){ .kind = COMMAND_CONTACT_ARRIVE,
                                    .actor_kind = ACTOR_KIND_GATEWAY,
                                    .actor = 1,
                                    .contact_arrive = { .call = call,
                                                        .line = call % 2 ? 110 : 12345,
                                                        .channel = CHANNEL_VOICE } };
        turn(&command);
    }
}

static void learn_all(void)
{
    while (understudy_learn(at.understudy))
        continue;
}

/* ---- the stories --------------------------------------------------------------------------- */

static int read_rows(void *owner, uint64_t after, struct stored_event *rows, int max)
{
    return journal_read(owner, after, rows, max);
}

static int unpack_row(void *owner, const struct stored_event *row, struct record *record)
{
    return journal_unpack(owner, row, record);
}

/* Opens the follower's journal over what it gives. */
static struct journal *take_over(struct mind *mind, struct roster *roster)
{
    struct journal *journal = NULL;
    char folder[SETTINGS_PATH_BYTES + 16];
    struct journal_settings settings = at.keys;
    settings.tell = NULL;
    settings.folder = folder;
    settings.takes_over = true;
    (void)snprintf(folder, sizeof folder, "%s/journal", at.settings.home);
    understudy_give(at.understudy, &settings.store, mind, roster);
    at.understudy = NULL;
    assert_int_equal(journal_open(&journal, &settings), 0);
    return journal;
}

static void a_core_that_follows_is_the_leaders_core(void **state)
{
    static struct roster roster;
    struct mind mind;
    (void)state;
    load_city();
    learn_all();
    assert_true(understudy_is_live(at.understudy));
    take_calls(1, CALLS / 2);
    learn_all();
    take_calls(CALLS / 2, CALLS);
    learn_all();
    uint64_t epoch = journal_epoch(at.journal);
    struct journal *journal = take_over(&mind, &roster);
    struct mind_source source = { journal, read_rows, unpack_row };
    assert_int_equal(journal_seq(journal), core_seq(at.core));
    assert_true(journal_epoch(journal) >= epoch + JOURNAL_TAKE_OVER_EPOCHS);
    assert_true(mind_fits(&mind, &source));
    assert_true(core_seq(mind.core) == core_seq(at.core));
    assert_true(core_digest(mind.core) == core_digest(at.core));
    core_check(mind.core);
    assert_true(roster.user_count > 0 && roster.line_count > 0);
    /* And is what a start from nothing makes. */
    assert_int_equal(mind_begin(&mind, &source), 0);
    assert_int_equal(core_seq(mind.core), 0);
    assert_int_equal(mind_follow(&mind, &source, UINT64_MAX), 0);
    assert_true(core_digest(mind.core) == core_digest(at.core));
    mind_close(&mind);
    journal_close(journal);
}

/* Taken over while it still learns: it goes on from where it stands. */
static void who_has_not_learnt_all_learns_the_rest(void **state)
{
    static struct roster roster;
    struct mind mind;
    (void)state;
    load_city();
    learn_all();
    uint64_t learnt = core_seq(at.core);
    take_calls(1, CALLS);
    struct journal *journal = take_over(&mind, &roster);
    struct mind_source source = { journal, read_rows, unpack_row };
    assert_int_equal(core_seq(mind.core), learnt);
    assert_true(mind_fits(&mind, &source));
    assert_int_equal(mind_follow(&mind, &source, UINT64_MAX), 0);
    assert_true(core_digest(mind.core) == core_digest(at.core));
    mind_close(&mind);
    journal_close(journal);
}

/* A clean end leaves a snapshot: the next life has nothing to learn anew. */
static void who_ends_properly_begins_live(void **state)
{
    static struct roster roster;
    struct store *store;
    struct mind mind;
    (void)state;
    load_city();
    take_calls(1, CALLS);
    understudy_finish(at.understudy);
    understudy_close(at.understudy);
    assert_int_equal(understudy_open(&at.understudy, &at.settings), 0);
    learn_all();
    assert_true(understudy_is_live(at.understudy));
    take_calls(CALLS, CALLS + 2); /* and follows on */
    learn_all();
    understudy_give(at.understudy, &store, &mind, &roster);
    at.understudy = NULL;
    assert_true(mind.kept.seq > 1000 && mind.replayed > 0 && mind.replayed < 100);
    assert_true(core_digest(mind.core) == core_digest(at.core));
    mind_close(&mind);
    store_close(store);
}

/* What stands elsewhere than the journal says is not taken up. */
static void a_core_of_another_history_does_not_fit(void **state)
{
    static struct roster roster;
    struct mind mind;
    (void)state;
    load_city();
    learn_all();
    struct journal *journal = take_over(&mind, &roster);
    struct mind_source source = { journal, read_rows, unpack_row };
    assert_true(mind_fits(&mind, &source));
    mind.at.link[0] ^= 1;
    assert_false(mind_fits(&mind, &source));
    mind.at.link[0] ^= 1;
    mind.at.seq--;
    assert_false(mind_fits(&mind, &source));
    mind_close(&mind);
    journal_close(journal);
}

/* The leader is of the next version, and does what this program has no word for: its turns are kept all the same. */
static void an_event_of_a_newer_program_holds_back_no_turn(void **state)
{
    static struct record record;
    struct stored_event row = { .seq = 1 };
    struct codec *codec = codec_open();
    struct transaction *write;
    struct store *store;
    char folder[FOLDER_BYTES + 16];
    (void)state;
    journal_close(at.journal);
    at.journal = NULL;
    understudy_close(at.understudy);
    at.understudy = NULL;
    home_of(folder, "follower/journal");
    folder_remove(folder);
    assert_int_equal(understudy_open(&at.understudy, &at.settings), 0);
    home_of(folder, "newer");
    assert_int_equal(journal_open_tables(&store, folder, 1), 0);
    store_listen(store, tell, NULL, NULL, NULL);
    record.has_event = true;
    record.event.seq = 1; /* of no kind: so reads what is of an unknown one */
    int size = codec_pack(codec, SCHEMA_RECORD, &record, row.record, sizeof row.record);
    assert_true(size > 0);
    row.record_size = (uint32_t)size;
    for (; row.seq <= 2; row.seq++) {
        assert_int_equal(store_begin_write(store, &write), 0);
        assert_int_equal(events_append(write, &row), 0);
        assert_int_equal(transaction_commit(write), 0);
        assert_false(understudy_learn(at.understudy));
        assert_false(understudy_is_live(at.understudy));
        assert_int_equal(understudy_mark(at.understudy)->turn, row.seq);
    }
    store_close(store);
    codec_close(codec);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_core_that_follows_is_the_leaders_core),
        TEST(who_has_not_learnt_all_learns_the_rest),
        TEST(who_ends_properly_begins_live),
        TEST(a_core_of_another_history_does_not_fit),
        TEST(an_event_of_a_newer_program_holds_back_no_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
