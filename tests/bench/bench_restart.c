/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long does a dispatcher take to come back with 100,000 open incidents? The journal is made by the
 * core and the journal themselves; measured is what the dispatcher does at its start: journal_open()
 * and the replay of every event.
 *     bench_restart [OPEN] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/journal/journal.h"
#include "tests/bench/cpu.h"
#include "tests/bench/load.h"
#include "tests/unit/folder.h"

enum {
    EVENTS_PER_TURN = 2000,
    ROWS = 64
};

static struct journal *journal;
static uint64_t in_turn;

static void store(void *owner, const struct event *event)
{
    const struct stored_event *row;
    (void)owner;
    if (in_turn == 0)
        REQUIRE(journal_begin(journal) == 0);
    REQUIRE(journal_append(journal, event, NULL, &row) == 0);
    if (++in_turn < EVENTS_PER_TURN)
        return;
    REQUIRE(journal_commit(journal, event->at_ms) == 0);
    in_turn = 0;
}

static struct core *core_make(const struct core_limits *limits)
{
    void *memory = calloc(1, core_size(limits));
    REQUIRE(memory != NULL);
    return core_init(memory, core_size(limits), limits);
}

static uint64_t replay(struct core *core)
{
    static struct stored_event rows[ROWS];
    static struct record record;
    int count;
    while ((count = journal_read(journal, core_seq(core), rows, ROWS)) > 0)
        for (int i = 0; i < count; i++) {
            REQUIRE(journal_unpack(journal, &rows[i], &record) == 0);
            core_apply(core, &record.event);
        }
    return core_seq(core);
}

int main(int argc, char **argv)
{
    static char folder[FOLDER_BYTES], path[FOLDER_BYTES + 16];
    struct journal_settings settings = { .folder = path, .map_gib = 8 };
    struct core_limits limits = core_limits_default();
    uint64_t open = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    uint8_t seed[32] = { 1 };
    struct load load = { .see = store, .now_ms = 1772413200000 };
    REQUIRE(sodium_init() >= 0 && open < limits.incidents);
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    crypto_sign_seed_keypair(settings.sign_public, settings.sign_secret, seed);
    load.core = core_make(&limits);
    load.open = calloc(open, sizeof *load.open);
    REQUIRE(load.open && journal_open(&journal, &settings) == 0);
    load_build(&load);
    while (load.open_count < open) {
        load_request(&load);
        load.now_ms++;
    }
    if (in_turn > 0)
        REQUIRE(journal_commit(journal, load.now_ms) == 0);
    journal_close(journal);

    uint64_t start_ns = clock_mono_ns();
    REQUIRE(journal_open(&journal, &settings) == 0);
    uint64_t opened_ns = clock_mono_ns(), opened_cpu_ns = process_cpu_ns();
    struct core *core = core_make(&limits);
    uint64_t events = replay(core);
    uint64_t done_ns = clock_mono_ns(), replay_cpu_ns = process_cpu_ns() - opened_cpu_ns;
    REQUIRE(core_digest(core) == core_digest(load.core));
    double replay_s = (double)(done_ns - opened_ns) / 1e9;
    (void)printf("restart open_incidents=%" PRIu64 " events=%" PRIu64
                 " journal_open_ms=%.1f replay_ms=%.0f replay_cpu_ms=%.0f events_per_s=%.0f\n",
                 open, events, (double)(opened_ns - start_ns) / 1e6, replay_s * 1e3,
                 (double)replay_cpu_ns / 1e6, (double)events / replay_s);
    journal_close(journal);
    folder_remove(folder);
    free(load.open);
    free(core);
    free(load.core);
    return 0;
}
