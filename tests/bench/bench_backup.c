/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast a home is backed up and restored, and how long a durable turn takes meanwhile. Turns alone and turns beside a
 * backup come in alternation, at 500 a second at most; what is printed last is the medians of the rounds:
 *     bench_backup [FOLDER [EVENTS [ROUNDS [MB_PER_S]]]]
 * MB_PER_S 0: as fast as it goes, and not aside: what it was before it had a pace. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/journal/backup.h"
#include "dispatcher/journal/journal.h"
#include "proto/keys.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"

enum {
    FILL = 10000, /* events of a turn that fills */
    TURN = 4,     /* events of one contact's turn */
    TURNS_MAX = 40000,
    TURNS_ALONE = 1500,
    ROUNDS_MAX = 101,
    PATH_BYTES = FOLDER_BYTES + 64,
    REST_US = 2000 /* 500 turns a second at most */
};

static struct journal *journal;
static struct town town;
static uint64_t times[TURNS_MAX];

/* Of one round, microseconds. */
struct figures {
    uint64_t p50, p99, longest;
};

static void turn(int events)
{
    REQUIRE(town_turn(&town, journal, (uint64_t)events) == 0);
}

static int by_size(const void *left, const void *right)
{
    uint64_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return a < b ? -1 : a > b;
}

/* Turns until the child ends, or `count` of them. */
static struct figures turns_time(const char *what, pid_t child, uint32_t count)
{
    uint32_t done = 0;
    int status;
    while (done < count && (child == 0 || waitpid(child, &status, WNOHANG) == 0)) {
        uint64_t begun = clock_mono_ns();
        turn(TURN);
        times[done++] = clock_mono_ns() - begun;
        (void)usleep(REST_US);
    }
    REQUIRE(done > 0);
    qsort(times, done, sizeof times[0], by_size);
    struct figures figures = { times[done / 2] / 1000, times[(size_t)done * 99 / 100] / 1000,
                               times[done - 1] / 1000 };
    (void)printf("%s turns=%u p50_us=%" PRIu64 " p99_us=%" PRIu64 " longest_us=%" PRIu64 "\n", what,
                 done, figures.p50, figures.p99, figures.longest);
    (void)fflush(stdout);
    return figures;
}

static uint64_t median_of(const struct figures *rounds, unsigned count, size_t member)
{
    uint64_t sorted[ROUNDS_MAX];
    for (unsigned i = 0; i < count; i++)
        memcpy(&sorted[i], (const char *)&rounds[i] + member, sizeof sorted[i]);
    qsort(sorted, count, sizeof sorted[0], by_size);
    return sorted[count / 2];
}

static void medians_print(const char *what, const struct figures *rounds, unsigned count)
{
    (void)printf("median %s rounds=%u p50_us=%" PRIu64 " p99_us=%" PRIu64 " longest_us=%" PRIu64
                 "\n",
                 what, count, median_of(rounds, count, offsetof(struct figures, p50)),
                 median_of(rounds, count, offsetof(struct figures, p99)),
                 median_of(rounds, count, offsetof(struct figures, longest)));
}

static void open_journal(const char *home)
{
    static char path[PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/journal", home);
    struct journal_settings settings = { .folder = path, .map_gib = 64 };
    REQUIRE(keys_read_bytes(home, "vault.key", settings.vault_key, 32) == 0);
    REQUIRE(keys_read_bytes(home, "sign.secret", settings.sign_secret, 64) == 0);
    REQUIRE(keys_read_bytes(home, "sign.public", settings.sign_public, 32) == 0);
    REQUIRE(journal_open(&journal, &settings) == 0);
}

static void report_print(const char *what, const struct backup_report *report)
{
    double mb = (double)report->bytes / 1e6;
    (void)printf("%s mb=%.0f seconds=%.2f mb_per_s=%.0f\n", what, mb, (double)report->ms / 1000,
                 mb * 1000 / (double)(report->ms ? report->ms : 1));
    (void)fflush(stdout);
}

/* As `yihao backup` does. */
static pid_t backup_begin(const char *home, const char *file, const uint8_t *public_key,
                          uint64_t mb_per_s)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    struct backup_report report;
    struct pace pace;
    if (mb_per_s)
        pace_step_aside();
    pace_init(&pace, mb_per_s * 1000000, NULL);
    int status = backup_write(home, home, file, public_key, &pace, &report);
    if (status == 0)
        report_print("backup", &report);
    _exit(status == 0 ? 0 : 1);
}

static void rounds_play(const char *home, const char *file, const uint8_t *public_key,
                        unsigned rounds, uint64_t mb_per_s)
{
    static struct figures alone[ROUNDS_MAX], meanwhile[ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++) {
        (void)unlink(file);
        alone[i] = turns_time("alone", 0, TURNS_ALONE);
        pid_t child = backup_begin(home, file, public_key, mb_per_s);
        REQUIRE(child > 0);
        meanwhile[i] = turns_time("meanwhile", child, TURNS_MAX);
    }
    medians_print("alone", alone, rounds);
    medians_print("meanwhile", meanwhile, rounds);
}

int main(int argc, char **argv)
{
    static const char *const programs[] = { "dispatcher" };
    char folder[FOLDER_BYTES], home[PATH_BYTES], file[PATH_BYTES], other[2 * PATH_BYTES];
    uint8_t public_key[ARCHIVE_KEY_BYTES], secret[ARCHIVE_KEY_BYTES];
    struct backup_report report;
    int events = argc > 2 ? atoi(argv[2]) : 500000;
    int rounds = argc > 3 ? atoi(argv[3]) : 3;
    uint64_t mb_per_s = argc > 4 ? strtoull(argv[4], NULL, 10) : PACE_MB_PER_S;
    REQUIRE(rounds > 0 && rounds <= ROUNDS_MAX);
    if (argc > 1)
        (void)setenv("TMPDIR", argv[1], 1);
    REQUIRE(sodium_init() >= 0);
    folder_make(folder);
    (void)snprintf(home, sizeof home, "%s/home", folder);
    (void)snprintf(file, sizeof file, "%s/backup", folder);
    REQUIRE(mkdir(home, 0700) == 0 && keys_make(home, suite_default(), programs, 1) == 0);
    (void)snprintf(other, sizeof other, "%s/settings.conf", home);
    FILE *settings = fopen(other, "w");
    REQUIRE(settings && fclose(settings) == 0);
    (void)snprintf(other, sizeof other, "%s/other", folder);
    archive_keys(public_key, secret);
    town_init(&town, 1);
    open_journal(home);
    for (int i = 0; i < events; i += FILL)
        turn(FILL);
    REQUIRE(journal_settle(journal) == 0);
    rounds_play(home, file, public_key, (unsigned)rounds, mb_per_s);
    REQUIRE(backup_restore(file, secret, other, &report) == 0);
    report_print("restore", &report);
    journal_close(journal);
    folder_remove(folder);
    return 0;
}
