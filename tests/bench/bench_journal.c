/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Durable appends (sealing, chain, tree and views included) against raw LMDB with the same records in
 * the same run, since the disk's speed varies; single commits; verification; restart.
 *     bench_journal [FOLDER [EVENTS]]       (YIHAO_SUITE=sm3-sm2: by the second suite)
 *     bench_journal FOLDER EVENTS BATCH     this batch alone, in 40 portions of 25 turns each way, and their median */
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <lmdb.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/prng.h"
#include "base/require.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/verify.h"
#include "tests/bench/cpu.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    SINGLE = 400,
    PORTIONS = 40,
    PORTION_TURNS = 25,
    RECORD_BYTES_MAX = 4096,
    STORM_STEP_MS = 2, /* who fills turns of 256 has hundreds of events in a second's tenth */
    PREPARED_MAX = 256
};

static char folder[FOLDER_BYTES];
static struct journal *journal;
static struct town town;
static uint64_t times[SINGLE];

static int by_size(const void *left, const void *right)
{
    uint64_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return a < b ? -1 : a > b;
}

static void times_print(const char *what)
{
    qsort(times, SINGLE, sizeof times[0], by_size);
    (void)printf("%-34s p50 %6" PRIu64 " us   p99 %6" PRIu64 " us\n", what,
                 times[SINGLE / 2] / 1000, times[SINGLE * 99 / 100] / 1000);
}

static void turn(uint64_t events)
{
    REQUIRE(town_turn(&town, journal, events) == 0);
}

/* The events of one turn, made before it is timed: in service the core makes them, and its time is not
 * the journal's. */
static struct {
    struct event event;
    struct personal personal;
    bool has_personal;
} prepared[PREPARED_MAX];

static void prepare(uint64_t events)
{
    REQUIRE(events <= PREPARED_MAX);
    for (uint64_t i = 0; i < events; i++) {
        const struct personal *personal;
        town_next(&town, &prepared[i].event, &personal);
        prepared[i].has_personal = personal;
        if (personal)
            prepared[i].personal = *personal;
    }
}

static void prepared_turn(uint64_t events)
{
    REQUIRE(journal_begin(journal) == 0);
    for (uint64_t i = 0; i < events; i++) {
        const struct stored_event *row;
        REQUIRE(journal_append(journal, &prepared[i].event,
                               prepared[i].has_personal ? &prepared[i].personal : NULL, &row) == 0);
    }
    REQUIRE(journal_commit(journal, town.at_ms) == 0);
}

/* ---- raw LMDB ------------------------------------------------------------------------------ */

static MDB_env *env;
static MDB_dbi raw;
static uint64_t raw_seq;
static struct prng prng;

static void raw_open(void)
{
    char path[FOLDER_BYTES + 16];
    MDB_txn *txn;
    (void)snprintf(path, sizeof path, "%s/raw", folder);
    REQUIRE(mkdir(path, 0700) == 0 && mdb_env_create(&env) == 0);
    REQUIRE(mdb_env_set_mapsize(env, (size_t)8 << 30) == 0 && mdb_env_set_maxdbs(env, 2) == 0);
    REQUIRE(mdb_env_open(env, path, MDB_NOTLS, 0600) == 0);
    REQUIRE(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    REQUIRE(mdb_dbi_open(txn, "raw", MDB_CREATE, &raw) == 0 && mdb_txn_commit(txn) == 0);
}

static void raw_turn(uint64_t events, size_t size)
{
    static uint8_t record[RECORD_BYTES_MAX];
    MDB_txn *txn;
    REQUIRE(mdb_txn_begin(env, NULL, 0, &txn) == 0);
    for (uint64_t i = 0; i < events; i++) {
        uint64_t seq = htobe64(++raw_seq);
        MDB_val key = { sizeof seq, &seq }, value = { size, record };
        uint64_t content =
            prng_next(&prng); /* not the kernel's: that would be a call for each record */
        memcpy(record, &content, sizeof content);
        REQUIRE(mdb_put(txn, raw, &key, &value, MDB_APPEND) == 0);
    }
    REQUIRE(mdb_txn_commit(txn) == 0);
}

/* ---- what is measured ---------------------------------------------------------------------- */

static size_t record_size(void)
{
    static struct stored_event rows[64];
    size_t sum = 0;
    int count = journal_read(journal, journal_seq(journal) - 64, rows, 64);
    for (int i = 0; i < count; i++)
        sum += rows[i].record_size + sizeof rows[i].link;
    return sum / (size_t)count;
}

struct measured {
    uint64_t ours_ns;
    uint64_t theirs_ns;
    uint64_t cpu_ns; /* ours, all threads */
    uint64_t our_caller_ns;
    uint64_t their_caller_ns; /* CPU of the thread that commits: what does not hang on other load */
};

/* Both in turn, in small portions, so that a slow moment of the disk meets both. */
static struct measured measure(uint64_t batch, uint64_t turns)
{
    struct measured sum = { 0 };
    size_t size = record_size();
    for (uint64_t i = 0; i < turns; i++) {
        prepare(batch);
        uint64_t start = clock_mono_ns(), cpu = process_cpu_ns(), caller = thread_cpu_ns();
        prepared_turn(batch);
        sum.cpu_ns += process_cpu_ns() - cpu;
        sum.our_caller_ns += thread_cpu_ns() - caller;
        uint64_t middle = clock_mono_ns();
        sum.ours_ns += middle - start;
        caller = thread_cpu_ns();
        middle = clock_mono_ns();
        raw_turn(batch, size);
        sum.theirs_ns += clock_mono_ns() - middle;
        sum.their_caller_ns += thread_cpu_ns() - caller;
    }
    return sum;
}

static double ratio_of(const struct measured *measured)
{
    return 100 * (double)measured->theirs_ns / (double)measured->ours_ns;
}

static void batches(uint64_t batch, uint64_t turns)
{
    struct measured measured = measure(batch, turns);
    double events = (double)(batch * turns);
    (void)printf("batch %4" PRIu64 ": journal %9.0f events/s   raw LMDB %9.0f   ratio %5.1f %%   "
                 "CPU %4.1f us/event\n",
                 batch, events * 1e9 / (double)measured.ours_ns,
                 events * 1e9 / (double)measured.theirs_ns, ratio_of(&measured),
                 (double)measured.cpu_ns / 1e3 / events);
}

static int by_ratio(const void *left, const void *right)
{
    double a = ratio_of(left), b = ratio_of(right);
    return a < b ? -1 : a > b;
}

static double per_event(uint64_t ns, uint64_t batch)
{
    return (double)ns / 1e3 / (double)(batch * PORTION_TURNS);
}

static void portions(uint64_t batch)
{
    static struct measured measured[PORTIONS];
    for (int i = 0; i < PORTIONS; i++)
        measured[i] = measure(batch, PORTION_TURNS);
    qsort(measured, PORTIONS, sizeof measured[0], by_ratio);
    const struct measured *median = &measured[PORTIONS / 2];
    (void)printf("batch %4" PRIu64 ": ratio %5.1f %% (a tenth below %.1f, above %.1f)\n", batch,
                 ratio_of(median), ratio_of(&measured[PORTIONS / 10]),
                 ratio_of(&measured[PORTIONS * 9 / 10]));
    (void)printf("us/event: journal %.2f, raw LMDB %.2f; CPU: journal %.2f, its caller %.2f, raw "
                 "LMDB's %.2f\n",
                 per_event(median->ours_ns, batch), per_event(median->theirs_ns, batch),
                 per_event(median->cpu_ns, batch), per_event(median->our_caller_ns, batch),
                 per_event(median->their_caller_ns, batch));
}

static void singles(void)
{
    size_t size = record_size();
    static uint64_t raw_times[SINGLE];
    for (int i = 0; i < SINGLE; i++) {
        uint64_t start = clock_mono_ns();
        turn(1);
        uint64_t middle = clock_mono_ns();
        raw_turn(1, size);
        times[i] = middle - start;
        raw_times[i] = clock_mono_ns() - middle;
    }
    times_print("journal, one event, durable:");
    memcpy(times, raw_times, sizeof times);
    times_print("raw LMDB, one record, durable:");
}

static void verification(const struct journal_settings *settings)
{
    struct verify_report report;
    uint64_t start = process_cpu_ns();
    REQUIRE(journal_verify(settings->folder, settings->sign_public, &report) == 0 && report.ok);
    double seconds = (double)(process_cpu_ns() - start) / 1e9;
    (void)printf("verify: %9.0f records/s of CPU on one core (%" PRIu64 " records, %" PRIu64
                 " checkpoints)\n",
                 (double)report.records / seconds, report.records, report.checkpoints);
}

int main(int count, char **words)
{
    uint64_t events = count > 2 ? strtoull(words[2], NULL, 10) : 200000;
    static char path[FOLDER_BYTES + 16];
    struct journal_settings settings = { .folder = path, .map_gib = 8 };
    uint8_t seed[32] = { 1 };
    REQUIRE(sodium_init() >= 0);
    if (count > 1)
        (void)setenv("TMPDIR", words[1], 1);
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    which_keys(&settings, seed);
    REQUIRE(journal_open(&journal, &settings) == 0);
    town_init(&town, 1);
    raw_open();
    prng_seed(&prng, 1);
    turn(1000);
    town.step_ms_max = STORM_STEP_MS;
    if (count > 3) {
        portions(strtoull(words[3], NULL, 10));
    } else {
        singles();
        for (uint64_t batch = 4; batch <= 256; batch *= 4)
            batches(batch, 100);
        while (journal_seq(journal) < events)
            turn(2000);
        batches(64, 100);
    }
    journal_close(journal);
    verification(&settings);
    uint64_t start = clock_mono_ns();
    REQUIRE(journal_open(&journal, &settings) == 0);
    (void)printf("open after %" PRIu64 " events: %.1f ms\n", journal_seq(journal),
                 (double)(clock_mono_ns() - start) / 1e6);
    journal_close(journal);
    mdb_env_close(env);
    folder_remove(folder);
    return 0;
}
