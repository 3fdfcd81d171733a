/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Turns that are durable in PostgreSQL and then here (sealing, chain, tree and views included) against raw libpq: as many
 * rows of the same size in one pipeline and one commit, of the same server in the same run. Both in turn, in small
 * portions. And what a turn of one event takes longer than by the journal alone.
 *     bench_journal_pg [EVENTS OF EACH SIZE OF TURN [PLACE]]
 * PLACE: empty annals whose role may also add to a table "raw" (tests/bench/journal_cluster.mjs); otherwise a server of
 * its own, alone. */
#include <endian.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/annals/annals.h"
#include "dispatcher/journal/journal.h"
#include "tests/fake/postgresql.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"

enum {
    EVENTS = 20000,
    SINGLE = 400,
    RECORD_BYTES_MAX = 4096
};

struct side {
    char folder[FOLDER_BYTES], path[FOLDER_BYTES + 16];
    struct journal *journal;
    struct town town;
};

static struct side near, far; /* by itself; by the annals */
static struct annals *annals;
static uint64_t epoch, bytes;
static PGconn *raw;

static int assure(void *owner, const struct store_mark *before, const struct store_mark *after,
                  struct slice changes)
{
    (void)owner;
    struct annals_turn turn = { *after, clock_wall_ms(), changes };
    bytes += changes.size;
    return annals_append(annals, epoch, before, &turn, 1) == ANNALS_WRITTEN ? 0 : -1;
}

static void side_open(struct side *side, store_assure *assurance)
{
    struct journal_settings settings = { .map_gib = 2, .assure = assurance };
    folder_make(side->folder);
    (void)snprintf(side->path, sizeof side->path, "%s/journal", side->folder);
    settings.folder = side->path;
    randombytes_buf(settings.vault_key, sizeof settings.vault_key);
    REQUIRE(crypto_sign_keypair(settings.sign_public, settings.sign_secret) == 0);
    REQUIRE(journal_open(&side->journal, &settings) == 0);
    town_init(&side->town, 1);
}

/* ---- raw libpq ----------------------------------------------------------------------------- */

static void raw_open(const char *given)
{
    raw = PQconnectdb(given ? given : postgresql_place("owner", "annals"));
    REQUIRE(PQstatus(raw) == CONNECTION_OK);
    if (!given)
        PQclear(
            PQexec(raw, "create table raw (seq bigint primary key, epoch bigint, payload bytea)"));
    PGresult *result = PQprepare(
        raw, "append", "insert into raw values ($1::bigint, $2::bigint, $3::bytea)", 3, NULL);
    REQUIRE(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
    REQUIRE(PQenterPipelineMode(raw) == 1);
}

static void raw_turn(uint64_t events, size_t size)
{
    static uint8_t record[RECORD_BYTES_MAX];
    static const int binary[3] = { 1, 1, 1 };
    static uint64_t written;
    uint64_t term = htobe64(1);
    for (uint64_t i = 0; i < events; i++) {
        uint64_t seq = htobe64(++written);
        const char *values[3] = { (const char *)&seq, (const char *)&term, (const char *)record };
        const int sizes[3] = { 8, 8, (int)size };
        memcpy(record, &seq, sizeof seq);
        REQUIRE(PQsendQueryPrepared(raw, "append", 3, values, sizes, binary, 1) == 1);
    }
    REQUIRE(PQpipelineSync(raw) == 1);
    for (bool synced = false; !synced;) {
        PGresult *result = PQgetResult(raw);
        synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        bool good = !result || synced || PQresultStatus(result) == PGRES_COMMAND_OK;
        if (!good)
            (void)fprintf(stderr, "%s", PQresultErrorMessage(result));
        REQUIRE(good);
        PQclear(result);
    }
}

/* ---- what is measured ---------------------------------------------------------------------- */

static size_t record_size(const struct side *side)
{
    static struct stored_event rows[64];
    size_t sum = 0;
    int count = journal_read(side->journal, journal_seq(side->journal) - 64, rows, 64);
    for (int i = 0; i < count; i++)
        sum += rows[i].record_size + sizeof rows[i].link;
    return sum / (size_t)count;
}

static void measure(uint64_t batch, uint64_t events)
{
    uint64_t turns = events / batch, ours_ns = 0, theirs_ns = 0;
    size_t size = record_size(&far);
    REQUIRE(turns > 0);
    bytes = 0;
    for (uint64_t i = 0; i < turns; i++) {
        uint64_t start = clock_mono_ns();
        REQUIRE(town_turn(&far.town, far.journal, batch) == 0);
        uint64_t middle = clock_mono_ns();
        raw_turn(batch, size);
        ours_ns += middle - start;
        theirs_ns += clock_mono_ns() - middle;
    }
    (void)printf("turns of %3" PRIu64 ": %7.0f events/s, raw libpq %7.0f: %3.0f %%   "
                 "(%zu bytes a record, %" PRIu64 " of changes an event)\n",
                 batch, 1e9 * (double)(turns * batch) / (double)ours_ns,
                 1e9 * (double)(turns * batch) / (double)theirs_ns,
                 100 * (double)theirs_ns / (double)ours_ns, size, bytes / (turns * batch));
}

static int by_size(const void *left, const void *right)
{
    uint64_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return a < b ? -1 : a > b;
}

static void times_print(const char *what, uint64_t times[SINGLE])
{
    qsort(times, SINGLE, sizeof times[0], by_size);
    (void)printf("%-34s p50 %6" PRIu64 " us   p99 %6" PRIu64 " us\n", what,
                 times[SINGLE / 2] / 1000, times[SINGLE * 99 / 100] / 1000);
}

static void measure_single(void)
{
    static uint64_t alone[SINGLE], both[SINGLE], commit[SINGLE];
    for (int i = 0; i < SINGLE; i++) {
        uint64_t start = clock_mono_ns();
        REQUIRE(town_turn(&near.town, near.journal, 1) == 0);
        alone[i] = clock_mono_ns() - start;
        start = clock_mono_ns();
        REQUIRE(town_turn(&far.town, far.journal, 1) == 0);
        both[i] = clock_mono_ns() - start;
        start = clock_mono_ns();
        raw_turn(1, 300);
        commit[i] = clock_mono_ns() - start;
    }
    times_print("one event, the journal alone", alone);
    times_print("one event, annals and journal", both);
    times_print("one row, raw libpq", commit);
}

int main(int argc, char **argv)
{
    static const uint64_t batches[] = { 1, 16, 256 };
    uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : EVENTS;
    const char *given = argc > 2 ? argv[2] : NULL;
    REQUIRE(sodium_init() >= 0 && events >= 256);
    if (!given) {
        postgresql_start();
        postgresql_restart("fsync=on");
    }
    REQUIRE(annals_open(&annals, given ? given : postgresql_place("yihao", "annals")) == 0);
    struct annals_stand stand;
    REQUIRE(annals_stand(annals, &stand) == 0);
    REQUIRE(annals_rise(annals, &stand, "bench", &epoch) == 0);
    raw_open(given);
    side_open(&near, NULL);
    side_open(&far, assure);
    REQUIRE(town_turn(&far.town, far.journal, 64) == 0);
    for (unsigned i = 0; i < sizeof batches / sizeof batches[0]; i++)
        measure(batches[i], batches[i] == 1 ? events / 16 : events);
    measure_single();
    journal_close(far.journal);
    journal_close(near.journal);
    annals_close(annals);
    PQfinish(raw);
    if (!given)
        postgresql_stop();
    folder_remove(near.folder);
    folder_remove(far.folder);
    return 0;
}
