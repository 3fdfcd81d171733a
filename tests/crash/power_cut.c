/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The power goes at a random moment of a journal's work, many times over. Whatever the disk kept, the
 * journal opens, holds every event that was acknowledged, verifies, and goes on.
 *     power_cut [IMAGES [SEED]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/views/views.h"
#include "tests/crash/recorder.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"

enum {
    TURNS = 120,
    TURN_EVENTS_MAX = 24,
    LONG_ONE_OF = 16, /* a turn of which a store's mate writes the entry */
    LONG_EVENTS = 200,
    SETTLES_ONE_OF = 8, /* a turn after which the tables take what the redo file holds */
    WRONG = 1
};

static char folder[FOLDER_BYTES], path[FOLDER_BYTES + 32];
static char data[FOLDER_BYTES + 48], redo[FOLDER_BYTES + 48];
static const char *const files[RECORDER_FILES] = { data, redo };
static struct journal_settings settings = { .folder = path };
static struct town town;

static uint64_t turn(struct journal *journal, uint64_t events)
{
    REQUIRE(journal_begin(journal) == 0);
    for (uint64_t i = 0; i < events; i++) {
        static struct event event;
        const struct personal *personal;
        const struct stored_event *row;
        town_next(&town, &event, &personal);
        REQUIRE(journal_append(journal, &event, personal, &row) == 0);
    }
    REQUIRE(journal_commit(journal, town.at_ms) == 0);
    return journal_seq(journal);
}

static void record(struct prng *prng)
{
    struct journal *journal;
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    (void)snprintf(data, sizeof data, "%s/data.mdb", path);
    (void)snprintf(redo, sizeof redo, "%s/redo", path);
    REQUIRE(journal_open(&journal, &settings) == 0);
    town_init(&town, 7);
    (void)turn(journal, 200);
    recorder_start(files);
    recorder_ack(journal_seq(journal));
    for (int i = 0; i < TURNS; i++) {
        uint64_t more = prng_below(prng, LONG_ONE_OF) == 0 ? LONG_EVENTS : 0;
        recorder_ack(turn(journal, 1 + more + prng_below(prng, TURN_EVENTS_MAX)));
        if (prng_below(prng, SETTLES_ONE_OF) == 0)
            REQUIRE(journal_settle(journal) == 0);
    }
    recorder_stop();
    journal_close(journal);
}

static int complain(const char *what, int64_t number)
{
    (void)fprintf(stderr, "%s (%" PRId64 ")\n", what, number);
    return WRONG;
}

/* In a process of its own: a broken file may crash its reader. */
static int check(uint64_t acked, uint64_t next)
{
    struct journal *journal;
    struct verify_report report;
    struct event event = { .at_ms = UINT64_MAX / 2, .kind = EVENT_OFFER_RANG };
    const struct stored_event *row;
    int status = journal_open(&journal, &settings);
    if (status < 0)
        return complain("the journal does not open", status);
    uint64_t seq = journal_seq(journal);
    if (seq != acked && seq != next)
        return complain(seq < acked ? "an acknowledged event is lost" : "half a turn",
                        (int64_t)seq);
    if (views_seq(journal_views(journal)) != seq)
        return complain("the views are elsewhere", (int64_t)views_seq(journal_views(journal)));
    event.seq = seq + 1;
    if (journal_begin(journal) < 0 || journal_append(journal, &event, NULL, &row) < 0 ||
        journal_commit(journal, event.at_ms) < 0)
        return complain("the journal does not go on", (int64_t)seq);
    journal_close(journal);
    if (journal_verify(path, settings.sign_public, &report) < 0 || !report.ok)
        return complain(report.reason, (int64_t)report.record);
    return 0;
}

static bool survives(uint32_t cut, struct prng *prng)
{
    uint64_t acked, next;
    char file[FOLDER_BYTES + 48];
    int status;
    (void)snprintf(path, sizeof path, "%s/image", folder);
    (void)snprintf(data, sizeof data, "%s/data.mdb", path);
    (void)snprintf(redo, sizeof redo, "%s/redo", path);
    REQUIRE(mkdir(path, 0700) == 0);
    recorder_image(cut, prng, files, &acked, &next);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0)
        _exit(check(acked, next));
    REQUIRE(waitpid(child, &status, 0) == child);
    (void)unlink(data);
    (void)unlink(redo);
    (void)snprintf(file, sizeof file, "%s/lock.mdb", path);
    (void)unlink(file);
    (void)snprintf(file, sizeof file, "%s/writer.lock", path);
    (void)unlink(file);
    REQUIRE(rmdir(path) == 0);
    return status == 0;
}

int main(int argc, char **argv)
{
    uint64_t images = argc > 1 ? strtoull(argv[1], NULL, 10) : 400, failed = 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 110;
    uint8_t key_seed[32] = { 1 };
    struct prng prng;
    REQUIRE(sodium_init() >= 0);
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* the disk is in memory here anyhow */
    folder_make(folder);
    crypto_sign_seed_keypair(settings.sign_public, settings.sign_secret, key_seed);
    prng_seed(&prng, seed);
    record(&prng);
    for (uint64_t i = 0; i < images; i++) {
        uint32_t cut = 1 + (uint32_t)prng_below(&prng, recorder_count());
        if (survives(cut, &prng))
            continue;
        failed++;
        (void)fprintf(stderr, "image=%" PRIu64 " seed=%" PRIu64 " cut=%" PRIu32 " of %" PRIu32 "\n",
                      i, seed, cut, recorder_count());
    }
    folder_remove(folder);
    (void)printf("power_cut images=%" PRIu64 " entries=%" PRIu32 " failed=%" PRIu64 " seed=%" PRIu64
                 "\n",
                 images, recorder_count(), failed, seed);
    return failed > 0;
}
