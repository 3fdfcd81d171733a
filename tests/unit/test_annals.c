/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The annals' contract (dispatcher/annals/annals.h), held by each kind: LMDB in a folder, and a real PostgreSQL, of which
 * answers and questions are lost on the way, too. */
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

#include "base/clock.h"
#include "dispatcher/annals/annals.h"
#include "dispatcher/store/changes.h"
#include "dispatcher/store/mark.h"
#include "tests/fake/postgresql.h"
#include "tests/unit/folder.h"

enum {
    TURNS_MAX = 16,
    AT_MS = 1000,      /* 1970: of a month that nobody made */
    LARGE = 700 * 1024 /* three pieces */
};

#define NOVEMBER_MS 1795000000000 /* of a month that stands */

static struct {
    char folder[FOLDER_BYTES], place[POSTGRESQL_PLACE_BYTES];
    struct annals *annals;
    struct store_mark begin;
    struct changes changes[TURNS_MAX];
    struct annals_turn turns[TURNS_MAX];
    uint32_t made, seen;
    uint32_t patience;
} at;

/* The next turn: so many bytes, none like another. */
static void make_turn(size_t size, uint64_t at_ms)
{
    static uint8_t bytes[LARGE];
    static const uint8_t seed[randombytes_SEEDBYTES] = { 7 };
    uint8_t value[MARK_BYTES];
    struct changes *changes = &at.changes[at.made];
    struct annals_turn *turn = &at.turns[at.made];
    const struct store_mark *before = at.made ? &at.turns[at.made - 1].after : &at.begin;
    randombytes_buf_deterministic(bytes, size, seed);
    memcpy(bytes, &at.made, sizeof at.made);
    assert_int_equal(changes_open(changes), 0);
    struct change put = { CHANGE_PUT, 0, { "key", 3 }, { bytes, size } };
    assert_int_equal(changes_note(changes, &put), 0);
    turn->after = mark_after(before, changes_behind(changes, 0));
    mark_write(&turn->after, value);
    struct change mark = { CHANGE_PUT, 1, mark_key(), { value, sizeof value } };
    assert_int_equal(changes_note(changes, &mark), 0);
    turn->changes = changes_behind(changes, 0);
    turn->at_ms = at_ms;
    at.made++;
}

static const struct store_mark *before(uint32_t turn)
{
    return turn ? &at.turns[turn - 1].after : &at.begin;
}

static void open_again(void)
{
    annals_close(at.annals);
    at.annals = NULL;
    assert_int_equal(annals_open(&at.annals, at.place), 0);
}

static uint64_t rise(const char *holder)
{
    struct annals_stand stand;
    uint64_t epoch = 0;
    assert_int_equal(annals_stand(at.annals, &stand), 0);
    assert_int_equal(annals_rise(at.annals, &stand, holder, &epoch), 0);
    assert_true(epoch == stand.epoch + 1);
    return epoch;
}

static enum annals_outcome append(uint64_t epoch, uint32_t first, uint32_t count)
{
    return annals_append(at.annals, epoch, before(first), &at.turns[first], count);
}

static void last_is(uint32_t turns)
{
    struct annals_stand stand;
    static const struct store_mark none;
    assert_int_equal(annals_stand(at.annals, &stand), 0);
    assert_memory_equal(&stand.last, turns ? before(turns) : &none, sizeof stand.last);
}

static int see(void *owner, const struct annals_turn *turn)
{
    (void)owner;
    const struct annals_turn *wanted = &at.turns[at.seen++];
    assert_memory_equal(&turn->after, &wanted->after, sizeof turn->after);
    assert_true(turn->at_ms == wanted->at_ms && turn->changes.size == wanted->changes.size);
    assert_memory_equal(turn->changes.data, wanted->changes.data, turn->changes.size);
    return 0;
}

/* Exactly the first `count` turns are there. */
static void holds(uint32_t count)
{
    at.seen = 0;
    assert_int_equal(annals_read(at.annals, &at.begin, 100, see, NULL), (int)count);
    assert_int_equal(at.seen, count);
    last_is(count);
}

static bool is_patient(void *owner)
{
    (void)owner;
    return at.patience-- > 0;
}

/* ---- every kind ---------------------------------------------------------------------------- */

static void annals_begin_where_the_journal_stands(void **state)
{
    (void)state;
    struct annals_stand stand;
    static const struct store_mark none;
    at.begin.turn = 41;
    make_turn(100, NOVEMBER_MS);
    assert_int_equal(annals_stand(at.annals, &stand), 0);
    assert_true(stand.epoch == 0 && stand.holder[0] == '\0');
    assert_memory_equal(&stand.begin, &none, sizeof none);
    uint64_t epoch = rise("alpha");
    assert_int_equal(append(epoch, 0, 1), ANNALS_WRITTEN);
    assert_int_equal(annals_stand(at.annals, &stand), 0);
    assert_memory_equal(&stand.begin, &at.begin, sizeof stand.begin);
    assert_memory_equal(&stand.last, &at.turns[0].after, sizeof stand.last);
    assert_true(stand.last.turn == 42 && stand.epoch == epoch);
    assert_string_equal(stand.holder, "alpha");
}

static void what_was_written_is_read_bit_for_bit_and_again_after_a_restart(void **state)
{
    (void)state;
    uint64_t epoch = rise("alpha");
    make_turn(8, NOVEMBER_MS);
    make_turn(LARGE, NOVEMBER_MS + 1);
    make_turn(ANNALS_PIECE_BYTES, AT_MS);
    make_turn(5000, NOVEMBER_MS + 2);
    for (uint32_t i = 0; i < at.made; i++)
        assert_int_equal(append(epoch, i, 1), ANNALS_WRITTEN);
    holds(4);
    open_again();
    holds(4);
    at.seen = 0;
    assert_int_equal(annals_read(at.annals, &at.begin, 2, see, NULL), 2);
    assert_int_equal(annals_read(at.annals, before(2), 100, see, NULL), 2);
    assert_int_equal(annals_read(at.annals, before(4), 100, see, NULL), 0);
    struct store_mark other = at.begin;
    other.digest[31] ^= 1; /* who stands elsewhere is not led on */
    at.seen = 0;
    assert_int_equal(annals_read(at.annals, &other, 1, see, NULL), -EBADMSG);
    assert_int_equal(at.seen, 0);
}

static void only_the_next_turn_is_taken(void **state)
{
    (void)state;
    uint64_t epoch = rise("alpha");
    for (int i = 0; i < 4; i++)
        make_turn(300, NOVEMBER_MS);
    assert_int_equal(append(epoch, 0, 1), ANNALS_WRITTEN);
    assert_int_equal(append(epoch, 0, 1), ANNALS_REFUSED); /* a second time */
    assert_int_equal(append(epoch, 2, 1), ANNALS_REFUSED); /* one is missing */
    struct store_mark other = *before(1);
    other.digest[0] ^= 1; /* the same number of another history */
    assert_int_equal(annals_append(at.annals, epoch, &other, &at.turns[1], 1), ANNALS_REFUSED);
    holds(1);
    assert_int_equal(append(epoch, 1, 3), ANNALS_WRITTEN);
    holds(4);
}

static void several_are_written_wholly_or_not_at_all(void **state)
{
    (void)state;
    uint64_t epoch = rise("alpha");
    for (int i = 0; i < 8; i++)
        make_turn(i == 3 ? LARGE : 200, NOVEMBER_MS);
    assert_int_equal(append(epoch, 0, 6), ANNALS_WRITTEN);
    assert_int_equal(append(epoch, 4, 4), ANNALS_REFUSED); /* two of them would be new */
    holds(6);
    assert_int_equal(append(epoch, 6, 2), ANNALS_WRITTEN);
    holds(8);
}

static void an_old_epoch_is_deposed(void **state)
{
    (void)state;
    struct annals_stand stand;
    uint64_t epoch, alpha = rise("alpha");
    make_turn(50, NOVEMBER_MS);
    make_turn(50, NOVEMBER_MS);
    make_turn(50, NOVEMBER_MS);
    assert_int_equal(append(alpha, 0, 1), ANNALS_WRITTEN);
    assert_int_equal(annals_beat(at.annals, alpha), ANNALS_WRITTEN);
    assert_int_equal(annals_stand(at.annals, &stand), 0);
    uint64_t beta = rise("beta");
    assert_int_equal(annals_rise(at.annals, &stand, "alpha", &epoch), -ESTALE);
    assert_int_equal(append(alpha, 1, 1), ANNALS_DEPOSED);
    assert_int_equal(annals_beat(at.annals, alpha), ANNALS_DEPOSED);
    assert_int_equal(annals_keep(at.annals, alpha, before(1), &at.turns[1], is_patient, NULL),
                     ANNALS_DEPOSED);
    holds(1);
    assert_int_equal(append(beta, 1, 1), ANNALS_WRITTEN);
    assert_int_equal(append(beta + 1, 2, 1), ANNALS_DEPOSED); /* nor one that nobody took */
    open_again();
    assert_int_equal(append(alpha, 2, 1), ANNALS_DEPOSED);
    assert_int_equal(annals_stand(at.annals, &stand), 0);
    assert_string_equal(stand.holder, "beta");
    holds(2);
}

/* Who watches saw no sign of life; when it tries, there was one after all: a beat, or a turn that had waited. */
static void the_epoch_of_who_lives_is_not_taken(void **state)
{
    (void)state;
    struct annals_stand seen, same;
    uint64_t epoch = 0, alpha = rise("alpha");
    make_turn(50, NOVEMBER_MS);
    assert_int_equal(annals_look(at.annals, &seen), 0);
    assert_int_equal(annals_stand(at.annals, &same), 0);
    assert_memory_equal(&seen, &same, sizeof seen);
    assert_int_equal(annals_beat(at.annals, alpha), ANNALS_WRITTEN);
    assert_int_equal(annals_rise(at.annals, &seen, "beta", &epoch), -ESTALE);
    assert_int_equal(annals_look(at.annals, &seen), 0);
    assert_int_equal(append(alpha, 0, 1), ANNALS_WRITTEN);
    assert_int_equal(annals_rise(at.annals, &seen, "beta", &epoch), -ESTALE);
    assert_int_equal(annals_look(at.annals, &seen), 0);
    assert_true(seen.epoch == alpha);
    assert_int_equal(annals_rise(at.annals, &seen, "beta", &epoch), 0); /* silent, now */
    assert_true(epoch == alpha + 1);
}

static void a_beat_is_seen_and_changes_nothing_else(void **state)
{
    (void)state;
    struct annals_stand first, second;
    uint64_t epoch = rise("alpha");
    assert_int_equal(annals_stand(at.annals, &first), 0);
    assert_int_equal(annals_beat(at.annals, epoch), ANNALS_WRITTEN);
    assert_int_equal(annals_stand(at.annals, &second), 0);
    assert_true(second.beat > first.beat);
    second.beat = first.beat;
    assert_memory_equal(&first, &second, sizeof first);
}

static void a_turn_whose_answer_nobody_heard_is_found_and_not_doubled(void **state)
{
    (void)state;
    uint64_t epoch = rise("alpha");
    make_turn(50, NOVEMBER_MS);
    make_turn(50, NOVEMBER_MS);
    assert_int_equal(append(epoch, 0, 1), ANNALS_WRITTEN); /* and who asked died here */
    open_again();
    assert_int_equal(annals_keep(at.annals, epoch, before(0), &at.turns[0], NULL, NULL),
                     ANNALS_WRITTEN);
    assert_int_equal(annals_keep(at.annals, epoch, before(1), &at.turns[1], NULL, NULL),
                     ANNALS_WRITTEN);
    assert_int_equal(annals_keep(at.annals, epoch, before(0), &at.turns[0], NULL, NULL),
                     ANNALS_REFUSED);
    holds(2);
}

/* ---- PostgreSQL ---------------------------------------------------------------------------- */

static void by_relay(void)
{
    (void)snprintf(at.place, sizeof at.place, "%s", postgresql_place_by_relay());
    open_again();
}

static void a_question_that_was_lost_is_asked_again(void **state)
{
    (void)state;
    by_relay();
    uint64_t epoch = rise("alpha");
    make_turn(LARGE, NOVEMBER_MS);
    make_turn(50, NOVEMBER_MS);
    relay_lose(RELAY_LOSES_QUESTION);
    assert_int_equal(append(epoch, 0, 1), ANNALS_UNKNOWN);
    last_is(0);
    relay_lose(RELAY_LOSES_QUESTION);
    at.patience = 2;
    assert_int_equal(annals_keep(at.annals, epoch, before(0), &at.turns[0], is_patient, NULL),
                     ANNALS_WRITTEN);
    holds(1);
}

static void a_lost_answer_is_looked_up_and_not_guessed(void **state)
{
    (void)state;
    by_relay();
    uint64_t epoch = rise("alpha");
    make_turn(50, NOVEMBER_MS);
    make_turn(50, NOVEMBER_MS);
    relay_lose(RELAY_LOSES_ANSWER);
    assert_int_equal(append(epoch, 0, 1), ANNALS_UNKNOWN);
    last_is(1);
    relay_lose(RELAY_LOSES_ANSWER);
    at.patience = 1; /* to look; it need not be written again */
    assert_int_equal(annals_keep(at.annals, epoch, before(1), &at.turns[1], is_patient, NULL),
                     ANNALS_WRITTEN);
    holds(2);
}

static void a_line_that_stands_still_is_given_up_in_time(void **state)
{
    (void)state;
    by_relay();
    uint64_t epoch = rise("alpha");
    make_turn(50, NOVEMBER_MS);
    relay_lose(RELAY_STANDS_STILL);
    uint64_t begun_ms = clock_mono_ms();
    assert_int_equal(append(epoch, 0, 1), ANNALS_UNKNOWN);
    assert_true(clock_mono_ms() - begun_ms < 10000);
    relay_lose(RELAY_LOSES_NOTHING);
    at.patience = 9;
    assert_int_equal(annals_keep(at.annals, epoch, before(0), &at.turns[0], is_patient, NULL),
                     ANNALS_WRITTEN);
    holds(1);
}

/* A primary that hangs takes the connection and says nothing: the next host of the place is asked in time. A host that
 * may only be read, as a standby, is none to write to. */
static void of_several_hosts_the_one_that_writes_is_found(void **state)
{
    (void)state;
    char hosts[POSTGRESQL_PLACE_BYTES];
    const char *relay = strstr(postgresql_place_by_relay(), "host=") + strlen("host=");
    int length = (int)(strstr(relay, "/relay") - relay);
    (void)snprintf(hosts, sizeof hosts,
                   "postgresql://yihao@/annals?host=%.*s/relay,%.*s&port=32400,32400", length,
                   relay, length, relay);
    annals_close(at.annals);
    at.annals = NULL;
    relay_lose(RELAY_STANDS_STILL);
    uint64_t begun_ms = clock_mono_ms();
    assert_int_equal(annals_open(&at.annals, hosts), 0);
    assert_true(clock_mono_ms() - begun_ms < 10000);
    uint64_t epoch = rise("alpha");
    make_turn(50, NOVEMBER_MS);
    assert_int_equal(append(epoch, 0, 1), ANNALS_WRITTEN);
    relay_lose(RELAY_LOSES_NOTHING);

    struct annals *none = NULL;
    postgresql_restart("default_transaction_read_only=on");
    assert_int_equal(annals_open(&none, at.place), -ECONNREFUSED);
    postgresql_restart("work_mem=4MB");
    open_again();
    holds(1);
}

/* The server says "done" with a warning: done here, perhaps not on the standby. */
static void a_cancelled_wait_for_the_standby_is_no_promise(void **state)
{
    (void)state;
    uint64_t epoch = rise("alpha");
    make_turn(50, NOVEMBER_MS);
    postgresql_restart("synchronous_standby_names=nobody");
    postgresql_insist("select pg_cancel_backend(pid) from pg_stat_activity "
                      "where wait_event = 'SyncRep' and usename = 'yihao'");
    open_again();
    assert_int_equal(append(epoch, 0, 1), ANNALS_UNKNOWN);
    postgresql_insist_done();
    postgresql_restart("work_mem=4MB");
    at.patience = 9;
    assert_int_equal(annals_keep(at.annals, epoch, before(0), &at.turns[0], is_patient, NULL),
                     ANNALS_WRITTEN);
    holds(1);
}

/* Somebody broke in and wrote the number of a turn to come: not one of the batch may stand. */
static void a_batch_that_fails_at_its_end_leaves_nothing(void **state)
{
    (void)state;
    uint64_t epoch = rise("alpha");
    for (int i = 0; i < 4; i++)
        make_turn(100, NOVEMBER_MS);
    char statement[200];
    (void)snprintf(statement, sizeof statement,
                   "insert into annals_turn values (4, 0, %llu, 1, sha256('x'), 1, 'x')",
                   (unsigned long long)NOVEMBER_MS);
    (void)postgresql_ask(statement);
    assert_int_equal(append(epoch, 0, 4), ANNALS_UNKNOWN);
    last_is(0);
    assert_string_equal(postgresql_ask("select count(*) from annals_turn"), "1");
    assert_int_equal(append(epoch, 0, 3), ANNALS_WRITTEN);
    last_is(3);
    at.seen = 0; /* and what was put there leads nowhere */
    assert_int_equal(annals_read(at.annals, &at.begin, 100, see, NULL), -EBADMSG);
    assert_int_equal(at.seen, 3);
}

static void the_role_can_alter_and_remove_nothing(void **state)
{
    (void)state;
    static const char *const tries[] = { "update annals_turn set bytes = 'x'",
                                         "delete from annals_turn",
                                         "truncate annals_turn",
                                         "delete from annals_head",
                                         "truncate annals_head",
                                         "drop table annals_turn",
                                         "update annals_turn_other set bytes = 'x'",
                                         "delete from annals_turn_other",
                                         "alter table annals_turn add column x text" };
    uint64_t epoch = rise("alpha");
    make_turn(100, NOVEMBER_MS);
    assert_int_equal(append(epoch, 0, 1), ANNALS_WRITTEN);
    for (unsigned i = 0; i < sizeof tries / sizeof tries[0]; i++)
        assert_string_equal(postgresql_try(tries[i]), "42501");
    holds(1);
}

static void two_writers_and_a_reader_at_once(void **state)
{
    (void)state;
    struct annals *other = NULL, *mine = at.annals;
    for (int i = 0; i < 4; i++)
        make_turn(100, NOVEMBER_MS);
    uint64_t alpha = rise("alpha");
    assert_int_equal(append(alpha, 0, 1), ANNALS_WRITTEN);
    assert_int_equal(annals_open(&other, at.place), 0);
    at.annals = other;
    holds(1);
    uint64_t beta = rise("beta");
    assert_int_equal(append(beta, 1, 1), ANNALS_WRITTEN);
    at.annals = mine;
    assert_int_equal(append(alpha, 1, 1), ANNALS_DEPOSED);
    assert_int_equal(append(alpha, 2, 1), ANNALS_DEPOSED);
    holds(2);
    annals_close(other);
}

static void months_are_tables_of_their_own(void **state)
{
    (void)state;
    uint64_t epoch = rise("alpha");
    make_turn(100, clock_wall_ms());
    make_turn(100, AT_MS);
    assert_int_equal(append(epoch, 0, 2), ANNALS_WRITTEN);
    assert_string_equal(postgresql_ask("select count(*) from annals_turn_other"), "1");
    assert_string_equal(postgresql_ask("select count(distinct tableoid) from annals_turn"), "2");
    holds(2);
}

static void what_is_no_annals_is_refused(void **state)
{
    (void)state;
    struct annals *none = NULL;
    assert_int_equal(annals_open(&none, "oracle:somewhere"), -EINVAL);
    assert_int_equal(annals_open(&none, postgresql_place("yihao", "postgres")), -ENOENT);
    assert_true(annals_open(&none, postgresql_place("nobody", "annals")) < 0);
    assert_true(annals_open(&none, "postgresql://yihao@/annals?host=/nowhere&port=32400") < 0);
    assert_null(none);
}

/* ---- life ---------------------------------------------------------------------------------- */

static void forget(void)
{
    annals_close(at.annals);
    for (uint32_t i = 0; i < at.made; i++)
        changes_close(&at.changes[i]);
    memset(&at, 0, sizeof at);
    mark_begin(&at.begin);
}

static int folder_set_up(void **state)
{
    (void)state;
    forget();
    folder_make(at.folder);
    (void)snprintf(at.place, sizeof at.place, "lmdb:%s/annals", at.folder);
    return annals_open(&at.annals, at.place);
}

static int folder_tear_down(void **state)
{
    (void)state;
    char folder[FOLDER_BYTES];
    memcpy(folder, at.folder, sizeof folder);
    forget();
    folder_remove(folder);
    return 0;
}

static int server_set_up(void **state)
{
    (void)state;
    forget();
    relay_lose(RELAY_LOSES_NOTHING);
    (void)postgresql_ask("truncate annals_turn");
    (void)postgresql_ask("update annals_head set epoch = 0, beat = 0, holder = '', begin_turn = "
                         "null, begin_digest = null, last_turn = null, last_digest = null");
    (void)snprintf(at.place, sizeof at.place, "%s", postgresql_place("yihao", "annals"));
    return annals_open(&at.annals, at.place);
}

static int server_tear_down(void **state)
{
    (void)state;
    forget();
    return 0;
}

static int start(void **state)
{
    (void)state;
    if (sodium_init() < 0)
        return -1;
    postgresql_start();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    postgresql_stop();
    return 0;
}

#define KEPT(story)                                                                                \
    cmocka_unit_test_setup_teardown(story, folder_set_up, folder_tear_down),                       \
        cmocka_unit_test_setup_teardown(story, server_set_up, server_tear_down)
#define SERVER(story) cmocka_unit_test_setup_teardown(story, server_set_up, server_tear_down)

int main(void)
{
    const struct CMUnitTest stories[] = {
        KEPT(annals_begin_where_the_journal_stands),
        KEPT(what_was_written_is_read_bit_for_bit_and_again_after_a_restart),
        KEPT(only_the_next_turn_is_taken),
        KEPT(several_are_written_wholly_or_not_at_all),
        KEPT(an_old_epoch_is_deposed),
        KEPT(the_epoch_of_who_lives_is_not_taken),
        KEPT(a_beat_is_seen_and_changes_nothing_else),
        KEPT(a_turn_whose_answer_nobody_heard_is_found_and_not_doubled),
        SERVER(a_question_that_was_lost_is_asked_again),
        SERVER(a_lost_answer_is_looked_up_and_not_guessed),
        SERVER(a_line_that_stands_still_is_given_up_in_time),
        SERVER(of_several_hosts_the_one_that_writes_is_found),
        SERVER(a_cancelled_wait_for_the_standby_is_no_promise),
        SERVER(a_batch_that_fails_at_its_end_leaves_nothing),
        SERVER(the_role_can_alter_and_remove_nothing),
        SERVER(two_writers_and_a_reader_at_once),
        SERVER(months_are_tables_of_their_own),
        SERVER(what_is_no_annals_is_refused),
    };
    return cmocka_run_group_tests(stories, start, stop);
}
