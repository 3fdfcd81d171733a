/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A closed incident returns from the real journal as it left, soon. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/clock.h"
#include "dispatcher/core/core.h"
#include "dispatcher/journal/journal.h"
#include "tests/bench/load.h"
#include "tests/unit/folder.h"

enum {
    INCIDENTS = 2000,
    RETURN_MS_MAX = 5
};

static struct {
    char folder[FOLDER_BYTES];
    char path[FOLDER_BYTES + 16];
    struct journal *journal;
    struct load load;
    struct load_open open[INCIDENTS];
    uint64_t closed[INCIDENTS];
    uint64_t times[INCIDENTS];
} life;

static void store(void *owner, const struct event *event)
{
    const struct stored_event *row;
    (void)owner;
    assert_int_equal(journal_append(life.journal, event, NULL, &row), 0);
}

static void command(struct command command)
{
    command.actor_kind = ACTOR_KIND_SYSTEM;
    command.at_ms = life.load.now_ms;
    core_step(life.load.core, &command, &life.load.verdict);
    assert_int_equal(life.load.verdict.refusal, REFUSAL_NONE);
    for (uint32_t i = 0; i < life.load.verdict.count; i++)
        store(NULL, &life.load.verdict.events[i]);
}

static int set_up(void **state)
{
    static struct journal_settings settings;
    struct core_limits limits = core_limits_default();
    uint8_t seed[32] = { 1 };
    (void)state;
    if (sodium_init() < 0)
        return -1;
    folder_make(life.folder);
    (void)snprintf(life.path, sizeof life.path, "%s/journal", life.folder);
    settings.folder = life.path;
    settings.map_gib = 1;
    crypto_sign_seed_keypair(settings.sign_public, settings.sign_secret, seed);
    life.load = (struct load){ .now_ms = 1772413200000, .see = store };
    life.load.open = life.open;
    void *memory = calloc(1, core_size(&limits));
    if (!memory)
        return -1;
    life.load.core = core_init(memory, core_size(&limits), &limits);
    return journal_open(&life.journal, &settings);
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(life.journal);
    folder_remove(life.folder);
    free(life.load.core);
    return 0;
}

/* Orders are opened and closed; then all closed ones leave, 56 with each tick. */
static void live_and_leave(void)
{
    assert_int_equal(journal_begin(life.journal), 0);
    load_build(&life.load);
    assert_int_equal(journal_commit(life.journal, life.load.now_ms), 0);
    for (int i = 0; i < INCIDENTS; i++) {
        assert_int_equal(journal_begin(life.journal), 0);
        load_request(&life.load);
        life.closed[i] = life.open[0].incident;
        load_close(&life.load, 0);
        assert_int_equal(journal_commit(life.journal, life.load.now_ms), 0);
        life.load.now_ms++;
    }
    assert_int_equal(journal_begin(life.journal), 0);
    struct command stay = { .kind = COMMAND_PARAMETER_SET };
    stay.parameter_set.parameter = PARAMETER_CLOSED_STAY_MS;
    stay.parameter_set.value = 1;
    life.load.now_ms += 2;
    command(stay);
    while (core_holds_incident(life.load.core, life.closed[INCIDENTS - 1]))
        command((struct command){ .kind = COMMAND_TICK });
    stay.parameter_set.value = 0;
    command(stay);
    assert_int_equal(journal_commit(life.journal, life.load.now_ms), 0);
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void every_closed_incident_returns_by_its_number(void **state)
{
    (void)state;
    live_and_leave();
    for (int i = 0; i < INCIDENTS; i++) {
        struct command back = { .kind = COMMAND_INCIDENT_RETURN };
        assert_false(core_holds_incident(life.load.core, life.closed[i]));
        assert_int_equal(journal_begin(life.journal), 0);
        uint64_t start_ns = clock_mono_ns();
        assert_int_equal(journal_left(life.journal, life.closed[i], &back.incident_return.row), 0);
        back.incident_return.has_row = true;
        command(back);
        life.times[i] = clock_mono_ns() - start_ns;
        assert_true(core_holds_incident(life.load.core, life.closed[i]));
        assert_int_equal(journal_left(life.journal, life.closed[i], &back.incident_return.row),
                         -ENOENT);
        assert_int_equal(journal_commit(life.journal, life.load.now_ms), 0);
    }
    qsort(life.times, INCIDENTS, sizeof life.times[0], by_size);
    (void)printf("return p50_us=%.1f p99_us=%.1f\n", (double)life.times[INCIDENTS / 2] / 1e3,
                 (double)life.times[INCIDENTS * 99 / 100] / 1e3);
    assert_true(life.times[INCIDENTS * 99 / 100] < RETURN_MS_MAX * 1000000ULL);
}

static void what_never_left_is_not_found(void **state)
{
    struct closed_incident row;
    (void)state;
    assert_int_equal(journal_left(life.journal, 1, &row), -ENOENT);
    assert_int_equal(journal_left(life.journal, UINT64_MAX, &row), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_closed_incident_returns_by_its_number),
        cmocka_unit_test(what_never_left_is_not_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
