/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The power goes at a random moment of a journal's work, many times over; in every other history it goes a second
 * time, while the journal recovers from the first or works on. Whatever the disk kept, the journal opens, holds every
 * event that was acknowledged, verifies, and goes on.
 *     power_cut [IMAGES [SEED [JOBS]]]
 *     power_cut 1 SEED 1 HISTORY IMAGE       one image alone, as a complaint names it */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
    HISTORY_IMAGES = 256,     /* power cuts of one recorded history */
    TURNS_MIN = 6,            /* of a history … */
    TURNS_MAX = 26,           /* … short, since each image verifies all of it */
    LONG_HISTORY_ONE_OF = 16, /* and of such a one … */
    LONG_HISTORY_TURNS = 120,
    AFTER_TURNS = 6, /* between the first cut and the second */
    TURN_EVENTS_MAX = 24,
    LONG_ONE_OF = 16, /* a turn of which a store's mate writes the entry */
    LONG_EVENTS = 200,
    SETTLES_ONE_OF = 8, /* a turn after which the tables take what the redo file holds */
    STEP_MS_MIN = 2,    /* so that a history has few checkpoints, or one in each turn */
    STEP_MS_MAX = 100,
    JOBS_MAX = 64
};

/* What a worker has done: it may die of an image. */
struct progress {
    uint64_t images, failed, entries;
    uint64_t history; /* that it works on … */
    uint64_t image;   /* … and the next image of it */
    bool recorded;    /* what ends the worker now is an image */
    char folder[FOLDER_BYTES];
};

static char *folder, path[FOLDER_BYTES + 32];
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

/* The folder's journal is the one that journal_open() and the recorder look at from now on. */
static void look_at(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)snprintf(data, sizeof data, "%s/data.mdb", path);
    (void)snprintf(redo, sizeof redo, "%s/redo", path);
}

static void work(struct journal *journal, struct prng *prng, uint64_t turns)
{
    for (uint64_t i = 0; i < turns; i++) {
        uint64_t more = prng_below(prng, LONG_ONE_OF) == 0 ? LONG_EVENTS : 0;
        recorder_ack(turn(journal, 1 + more + prng_below(prng, TURN_EVENTS_MAX)));
        if (prng_below(prng, SETTLES_ONE_OF) == 0)
            REQUIRE(journal_settle(journal) == 0);
    }
}

static void record(struct prng *prng)
{
    struct journal *journal;
    uint64_t turns = TURNS_MIN + prng_below(prng, TURNS_MAX - TURNS_MIN);
    if (prng_below(prng, LONG_HISTORY_ONE_OF) == 0)
        turns = LONG_HISTORY_TURNS;
    look_at("journal");
    REQUIRE(journal_open(&journal, &settings) == 0);
    town_init(&town, prng_next(prng));
    town.step_ms_max = STEP_MS_MIN + (uint32_t)prng_below(prng, STEP_MS_MAX - STEP_MS_MIN);
    (void)turn(journal, 1 + prng_below(prng, LONG_EVENTS));
    recorder_start(files);
    recorder_ack(journal_seq(journal));
    work(journal, prng, turns);
    recorder_stop();
    journal_close(journal);
}

/* What a machine leaves that lost its power: no process holds its locks any more. */
static void unlock(void)
{
    char file[sizeof path + 16];
    (void)snprintf(file, sizeof file, "%s/lock.mdb", path);
    (void)unlink(file);
    (void)snprintf(file, sizeof file, "%s/writer.lock", path);
    (void)unlink(file);
}

/* The power goes; the journal recovers and works on, recorded from its first write. Returns the last event there
 * was when it opened: what was found once must be found for ever. */
static uint64_t record_recovery(struct prng *prng)
{
    struct journal *journal;
    uint64_t acked, next;
    uint32_t cut = 1 + (uint32_t)prng_below(prng, recorder_count());
    look_at("again");
    REQUIRE(mkdir(path, 0700) == 0);
    recorder_image(cut, prng, files, &acked, &next);
    recorder_start(files);
    REQUIRE(journal_open(&journal, &settings) == 0);
    uint64_t found = journal_seq(journal);
    REQUIRE(found == acked || found == next);
    town.seq = found; /* the turn that was lost is not told again: other events follow */
    recorder_ack(found);
    work(journal, prng, prng_below(prng, AFTER_TURNS));
    recorder_stop();
    journal_close(journal);
    return found;
}

static bool complain(const char *what, int64_t number)
{
    (void)fprintf(stderr, "%s (%" PRId64 ")\n", what, number);
    return false;
}

static bool check(uint64_t acked, uint64_t next)
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
    return true;
}

struct plan {
    uint64_t seed, images;
    uint64_t jobs;
    bool alone; /* nothing but … */
    uint64_t history, image;
};

/* Each history and each image of it has numbers of its own, so that one can be made again without the others. */
static void prng_for(struct prng *prng, const struct plan *plan, uint64_t history, uint64_t image)
{
    prng_seed(prng, plan->seed);
    prng_seed(prng, prng_next(prng) + history);
    prng_seed(prng, prng_next(prng) + image);
}

static void try_image(const struct plan *plan, struct progress *progress, uint64_t found)
{
    struct prng prng;
    uint64_t acked, next;
    prng_for(&prng, plan, progress->history, progress->image + 1);
    uint32_t cut = (uint32_t)prng_below(&prng, recorder_count() + 1);
    unlock();
    recorder_image(cut, &prng, files, &acked, &next);
    bool held = check(acked ? acked : found, next);
    progress->images++;
    if (!held) {
        progress->failed++;
        (void)fprintf(stderr,
                      "history=%" PRIu64 " image=%" PRIu64 " seed=%" PRIu64 " cut=%" PRIu32
                      " of %" PRIu32 "\n",
                      progress->history, progress->image, plan->seed, cut, recorder_count());
        _exit(1); /* what is half open would trouble the next one */
    }
}

/* The images of one history from progress->image on. */
static void try_history(const struct plan *plan, struct progress *progress, uint64_t images)
{
    struct prng prng;
    uint64_t found = 0;
    folder = progress->folder;
    folder_make(folder);
    progress->recorded = false;
    prng_for(&prng, plan, progress->history, 0);
    record(&prng);
    if (progress->history % 2 == 1)
        found = record_recovery(&prng);
    progress->entries += recorder_count();
    progress->recorded = true;
    look_at("image");
    REQUIRE(mkdir(path, 0700) == 0);
    while (progress->image < images) {
        try_image(plan, progress, found);
        progress->image++;
    }
    folder_remove(folder);
}

static uint64_t images_of(const struct plan *plan, uint64_t history)
{
    uint64_t left = plan->images - history * HISTORY_IMAGES;
    return left < HISTORY_IMAGES ? left : HISTORY_IMAGES;
}

/* Every jobs-th history. */
static void toil(const struct plan *plan, struct progress *progress)
{
    if (plan->alone) {
        try_history(plan, progress, plan->image + 1);
        return;
    }
    for (; progress->history * HISTORY_IMAGES < plan->images; progress->history += plan->jobs) {
        try_history(plan, progress, images_of(plan, progress->history));
        progress->image = 0;
    }
}

static pid_t start(const struct plan *plan, struct progress *progress)
{
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child > 0)
        return child;
    toil(plan, progress);
    _exit(0);
}

/* Behind the image that ended the worker; of a history that could not be recorded there are none. */
static void step_over(const struct plan *plan, struct progress *progress, int status)
{
    if (WIFSIGNALED(status)) {
        progress->images++;
        progress->failed++;
        (void)fprintf(stderr,
                      "history=%" PRIu64 " image=%" PRIu64 " seed=%" PRIu64 " signal %d%s\n",
                      progress->history, progress->image, plan->seed, WTERMSIG(status),
                      progress->recorded ? "" : ": while it was recorded");
    }
    folder_remove(progress->folder);
    progress->image++;
    if (!progress->recorded) {
        progress->history += plan->jobs;
        progress->image = 0;
    }
}

/* A worker that ended goes on behind what ended it. */
static void watch(const struct plan *plan, struct progress *progress)
{
    pid_t workers[JOBS_MAX] = { 0 };
    uint64_t living = plan->jobs;
    for (uint64_t i = 0; i < plan->jobs; i++)
        workers[i] = start(plan, &progress[i]);
    while (living > 0) {
        int status;
        pid_t ended = wait(&status);
        REQUIRE(ended > 0);
        uint64_t i = 0;
        while (i + 1 < plan->jobs && workers[i] != ended)
            i++;
        bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!done)
            step_over(plan, &progress[i], status);
        if (done || plan->alone)
            living--;
        else
            workers[i] = start(plan, &progress[i]);
    }
}

static uint64_t number_of(int argc, char **argv, int at, uint64_t otherwise)
{
    return argc > at ? strtoull(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    struct plan plan = { .images = number_of(argc, argv, 1, 400),
                         .seed = number_of(argc, argv, 2, 110) };
    uint8_t key_seed[32] = { 1 };
    struct progress sum = { 0 };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    plan.jobs = number_of(argc, argv, 3, processors > 0 ? (uint64_t)processors : 1);
    plan.alone = argc > 5;
    plan.history = number_of(argc, argv, 4, 0);
    plan.image = number_of(argc, argv, 5, 0);
    if (plan.jobs == 0 || plan.jobs > JOBS_MAX || plan.alone)
        plan.jobs = 1;
    REQUIRE(sodium_init() >= 0);
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0); /* the disk is in memory here anyhow */
    crypto_sign_seed_keypair(settings.sign_public, settings.sign_secret, key_seed);
    struct progress *progress = mmap(NULL, JOBS_MAX * sizeof *progress, PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(progress != MAP_FAILED);
    for (uint64_t i = 0; i < plan.jobs; i++)
        progress[i] = (struct progress){ .history = plan.alone ? plan.history : i,
                                         .image = plan.alone ? plan.image : 0 };
    watch(&plan, progress);
    for (uint64_t i = 0; i < plan.jobs; i++) {
        sum.images += progress[i].images;
        sum.failed += progress[i].failed;
        sum.entries += progress[i].entries;
    }
    (void)printf("power_cut images=%" PRIu64 " entries=%" PRIu64 " failed=%" PRIu64 " seed=%" PRIu64
                 "\n",
                 sum.images, sum.entries, sum.failed, plan.seed);
    return sum.failed > 0 || sum.images == 0;
}
