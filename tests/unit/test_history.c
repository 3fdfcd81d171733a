/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A console's server keeps the last checkpoint it believed: a journal that was written anew with the city's own
 * key is found by it, told, and doubted also after a restart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/hex.h"
#include "consoles/server/history.h"
#include "dispatcher/journal/journal.h"
#include "gateways/link/link.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    TURN_EVENTS = 100
};

/* A dispatcher behind a link that answers at once. */
struct link {
    struct journal *journal;
    struct history *history;
    struct town town;
    char folder[FOLDER_BYTES];
    uint64_t asked;
    struct query query; /* the open question */
    bool waits;
    uint32_t doubts; /* told */
    struct history_doubt doubt;
};

static struct journal_settings settings;
static char home[FOLDER_BYTES];
static struct history *history;
static uint64_t mono_ms;

int link_ask(struct link *link, const struct query *query, const uint8_t *token, size_t token_size,
             uint64_t *id)
{
    assert_null(token);
    assert_int_equal(token_size, 0);
    link->query = *query;
    link->waits = true;
    *id = ++link->asked;
    return 0;
}

int link_submit(struct link *link, const struct command *command, const struct personal *personal,
                const uint8_t *token, size_t token_size, uint64_t *ticket)
{
    (void)personal, (void)token, (void)token_size, (void)ticket;
    assert_int_equal(command->kind, COMMAND_HISTORY_DOUBT);
    link->doubts++;
    link->doubt = command->history_doubt;
    return 0;
}

/* All dispatchers here have the same keys. */
static void dispatcher_open(struct link *link, uint32_t seed)
{
    *link = (struct link){ .asked = 0 };
    folder_make(link->folder);
    town_init(&link->town, seed);
    settings.folder = link->folder;
    assert_int_equal(journal_open(&link->journal, &settings), 0);
}

static void dispatcher_close(struct link *link)
{
    journal_close(link->journal);
    folder_remove(link->folder);
}

static void live(struct link *link, int turns)
{
    for (int turn = 0; turn < turns; turn++) {
        assert_int_equal(town_turn(&link->town, link->journal, TURN_EVENTS), 0);
        assert_int_equal(journal_begin(link->journal), 0); /* a checkpoint */
        assert_int_equal(journal_commit(link->journal, link->town.at_ms + 1000), 0);
    }
}

/* A look of the server at this dispatcher, and what follows of it. */
static struct history_standing look(struct link *link)
{
    static struct answer answer;
    struct history_standing standing;
    mono_ms += HISTORY_LOOK_MS;
    history_turn(history, link, mono_ms);
    history_turn(history, link, mono_ms + 1); /* is not due again */
    while (link->waits) {
        struct query query = link->query;
        link->waits = false;
        journal_query(link->journal, &query, 0, &answer);
        assert_false(history_take(history, link, link->asked + 1, &answer));
        assert_true(history_take(history, link, link->asked, &answer));
    }
    history_stand(history, &standing);
    return standing;
}

static void reopen(void)
{
    history_close(history);
    assert_int_equal(history_open(&history, home, "console"), 0);
}

static int set_up(void **state)
{
    (void)state;
    uint8_t seed[32] = { 1 };
    char path[FOLDER_BYTES + 32], digits[65];
    if (sodium_init() < 0)
        return -1;
    which_keys(&settings, seed);
    folder_make(home);
    (void)snprintf(path, sizeof path, "%s/keys", home);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/keys/sign.public", home);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    hex_write(settings.sign_public, 32, digits);
    assert_true(fputs(digits, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return history_open(&history, home, "console");
}

static int tear_down(void **state)
{
    (void)state;
    history_close(history);
    folder_remove(home);
    return 0;
}

static void what_goes_on_is_believed(void **state)
{
    (void)state;
    struct link link;
    dispatcher_open(&link, 1);
    for (int turn = 1; turn <= 5; turn++) {
        live(&link, 1);
        struct history_standing standing = look(&link);
        assert_true(standing.watched);
        assert_int_equal(standing.believed, turn * TURN_EVENTS);
        assert_int_equal(standing.doubted, 0);
        reopen();
    }
    assert_int_equal(link.doubts, 0);
    dispatcher_close(&link);
}

static void a_history_written_anew_with_the_stolen_key_is_doubted(void **state)
{
    (void)state;
    struct link true_one, forged;
    dispatcher_open(&true_one, 1);
    live(&true_one, 10);
    (void)look(&true_one);
    dispatcher_open(&forged, 2);
    live(&forged, 15);
    struct history_standing standing = look(&forged);
    assert_int_equal(standing.doubted, 15 * TURN_EVENTS);
    assert_int_equal(standing.believed, 10 * TURN_EVENTS);
    assert_int_equal(forged.doubts, 1);
    assert_int_equal(forged.doubt.reason, DOUBT_REASON_REWRITTEN);
    assert_int_equal(forged.doubt.seq, 10 * TURN_EVENTS);
    reopen(); /* a person must look first, whoever answers now */
    assert_int_equal(look(&true_one).doubted, 15 * TURN_EVENTS);
    assert_int_equal(forged.doubts, 1);
    dispatcher_close(&true_one);
    dispatcher_close(&forged);
}

static void an_older_copy_is_doubted(void **state)
{
    (void)state;
    struct link now, older;
    dispatcher_open(&now, 1);
    live(&now, 10);
    (void)look(&now);
    dispatcher_open(&older, 1);
    live(&older, 7);
    assert_int_equal(look(&older).doubted, 7 * TURN_EVENTS);
    assert_int_equal(older.doubt.reason, DOUBT_REASON_SHRUNK);
    dispatcher_close(&now);
    dispatcher_close(&older);
}

static void without_the_citys_key_nothing_is_watched(void **state)
{
    (void)state;
    struct link link;
    char path[FOLDER_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/keys/sign.public", home);
    assert_int_equal(unlink(path), 0);
    reopen();
    dispatcher_open(&link, 1);
    live(&link, 1);
    assert_false(look(&link).watched);
    assert_int_equal(link.asked, 0);
    dispatcher_close(&link);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_goes_on_is_believed),
        TEST(a_history_written_anew_with_the_stolen_key_is_doubted),
        TEST(an_older_copy_is_doubted),
        TEST(without_the_citys_key_nothing_is_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
