/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fault/strikes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "tests/fault/fault.h"

enum {
    UP_MS_MAX = 30000, /* to be up, or at its end */
    AFTER_MS = 60,     /* at work, after a strike is due */
    SPAN_LONG = 1000,  /* every fourth fault stays for so many calls */
    SPREAD = 400,      /* how far ahead of a working dispatcher the fault lies, calls */
    FRESH = 16,        /* so many strikes, then it begins unharmed: does the disk agree? */
    WORDS = 400
};

static const struct {
    const char *name;
    enum fault_kind kind;
    int how;
} ways[] = {
    { "memory", FAULT_ALLOCATION, ENOMEM }, { "EIO", FAULT_WRITE, EIO },
    { "ENOSPC", FAULT_WRITE, ENOSPC },      { "EINTR", FAULT_WRITE, EINTR },
    { "short", FAULT_WRITE, FAULT_SHORT },  { "kill", FAULT_CALL, FAULT_KILL_BEFORE },
};

static struct fault_page *page;
static enum fault_kind kind;
static int how;

static void open_page(const struct strikes *strikes)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/faults", strikes->home->folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && ftruncate(fd, sizeof *page) == 0);
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    REQUIRE(page != MAP_FAILED && close(fd) == 0);
    REQUIRE(setenv("YIHAO_FAULTS", path, 1) == 0);
}

static void disarm(void)
{
    atomic_store(&page->at[kind], 0);
}

static void arm(struct strikes *strikes, uint64_t at)
{
    atomic_store(&page->struck, 0);
    atomic_store(&page->span, prng_below(strikes->prng, 4) == 0 ? SPAN_LONG : 1);
    atomic_store(&page->how, how == FAULT_KILL_BEFORE && prng_below(strikes->prng, 2) == 0
                                 ? FAULT_KILL_AFTER
                                 : how);
    atomic_store(&page->at[kind], at);
}

/* ---- what it says ---------------------------------------------------------------------------- */

static const char *log_path(const struct strikes *strikes)
{
    static char path[192];
    (void)snprintf(path, sizeof path, "%s/dispatcher.log", strikes->home->folder);
    return path;
}

static off_t log_size(const struct strikes *strikes)
{
    struct stat file;
    return stat(log_path(strikes), &file) == 0 ? file.st_size : 0;
}

/* The last line it wrote since then; empty: none. */
static const char *last_word(const struct strikes *strikes, off_t since)
{
    static char words[WORDS];
    off_t size = log_size(strikes);
    off_t from = size - since > WORDS - 1 ? size - (WORDS - 1) : since;
    ssize_t got = 0;
    int fd = open(log_path(strikes), O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && size > since)
        got = pread(fd, words, (size_t)(size - from), from);
    (void)close(fd);
    words[got > 0 ? got : 0] = 0;
    while (got > 0 && words[got - 1] == '\n')
        words[--got] = 0;
    const char *line = strrchr(words, '\n');
    return line ? line + 1 : words;
}

/* It ended; was that an end with a word? */
static void judge(struct strikes *strikes, const char *where, int status, off_t since)
{
    const char *word = last_word(strikes, since);
    bool killed = kind == FAULT_CALL && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    strikes->ended++;
    if (!killed) {
        bool crashed = !aborted && !(WIFEXITED(status) && WEXITSTATUS(status) != 0);
        strikes->crashed += crashed;
        strikes->wordless += !word[0];
        printf("%s%s at %s of call %" PRIu64 " (%s): status %x: %s\n",
               crashed || !word[0] ? "BAD " : "", strikes->way, where,
               (uint64_t)atomic_load(&page->at[kind]), page->name, (unsigned)status, word);
    }
    disarm();
}

/* ---- its start ------------------------------------------------------------------------------- */

static void begin(struct strikes *strikes)
{
    for (int i = 0; i < FAULT_KINDS; i++)
        atomic_store(&page->count[i], 0);
    REQUIRE(setenv("LD_PRELOAD", strikes->library, 1) == 0);
    strikes->home->dispatcher = home_begin(strikes->home, strikes->program);
    REQUIRE(unsetenv("LD_PRELOAD") == 0);
}

/* Until it answers; false: it ended, or hangs. */
static bool is_up(struct strikes *strikes, off_t since)
{
    int status = 0;
    uint64_t until_ms = clock_mono_ms() + UP_MS_MAX;
    while (home_metric(strikes->home, "yihao_journal_epoch") == UINT64_MAX) {
        if (waitpid(strikes->home->dispatcher, &status, WNOHANG) == strikes->home->dispatcher) {
            strikes->home->dispatcher = 0;
            judge(strikes, "the start", status, since);
            return false;
        }
        if (clock_mono_ms() > until_ms) {
            strikes->stuck++;
            printf("BAD %s at the start: stuck after call %" PRIu64 " (%s)\n", strikes->way,
                   (uint64_t)atomic_load(&page->at[kind]), page->name);
            (void)home_stop(strikes->home, SIGKILL);
            return false;
        }
        (void)poll(NULL, 0, 2);
    }
    return true;
}

/* Unharmed; it must come back, whatever was done to it before. */
static void start(struct strikes *strikes)
{
    disarm();
    begin(strikes);
    bool up = is_up(strikes, log_size(strikes));
    REQUIRE(up);
}

static void strike_starts(struct strikes *strikes)
{
    (void)home_stop(strikes->home, SIGKILL);
    start(strikes);
    uint64_t calls = atomic_load(&page->count[kind]);
    uint64_t count = strikes->rounds / 2 < calls ? strikes->rounds / 2 : calls;
    printf("%s: %" PRIu64 " calls until it is up, %" PRIu64 " of them struck\n", strikes->way,
           calls, count);
    for (uint64_t i = 0; i < count; i++) {
        if (strikes->home->dispatcher)
            (void)home_stop(strikes->home, prng_below(strikes->prng, 3) ? SIGKILL : SIGTERM);
        off_t since = log_size(strikes);
        uint64_t from = calls * i / count, to = calls * (i + 1) / count;
        arm(strikes, from + 1 + prng_below(strikes->prng, to - from));
        begin(strikes);
        bool up = is_up(strikes, since);
        strikes->struck += atomic_load(&page->struck) > 0;
        strikes->went_on += up && atomic_load(&page->struck) > 0;
        strikes->starts++;
        disarm();
        if (i % FRESH != 0)
            continue;
        if (!up)
            start(strikes);
        strikes->run(200, true);
    }
    if (!strikes->home->dispatcher)
        start(strikes);
}

/* ---- at work --------------------------------------------------------------------------------- */

static bool ended_at_work(struct strikes *strikes, off_t since)
{
    int status = 0;
    if (waitpid(strikes->home->dispatcher, &status, WNOHANG) != strikes->home->dispatcher)
        return false;
    strikes->home->dispatcher = 0;
    judge(strikes, "work", status, since);
    return true;
}

static void strike_work(struct strikes *strikes)
{
    for (uint64_t i = 0; i < strikes->rounds - strikes->rounds / 2; i++) {
        off_t since = log_size(strikes);
        arm(strikes, atomic_load(&page->count[kind]) + 1 + prng_below(strikes->prng, SPREAD));
        strikes->run(AFTER_MS, true);
        bool ended = ended_at_work(strikes, since);
        strikes->struck += atomic_load(&page->struck) > 0;
        strikes->works++;
        disarm();
        if (!ended) {
            bool answers = is_up(strikes, since);
            strikes->went_on += answers && atomic_load(&page->struck) > 0;
            if (answers && i % FRESH == FRESH - 1)
                (void)home_stop(strikes->home, SIGKILL);
        }
        if (!strikes->home->dispatcher)
            start(strikes);
    }
}

bool strikes_run(struct strikes *strikes)
{
    size_t way = 0;
    while (way < sizeof ways / sizeof ways[0] && strcmp(ways[way].name, strikes->way) != 0)
        way++;
    if (way == sizeof ways / sizeof ways[0])
        return false;
    kind = ways[way].kind;
    how = ways[way].how;
    open_page(strikes);
    strike_starts(strikes);
    strike_work(strikes);
    (void)home_stop(strikes->home, SIGKILL);
    start(strikes);
    return true;
}

bool strikes_print(const struct strikes *strikes)
{
    printf("%s: starts=%" PRIu64 " works=%" PRIu64 " struck=%" PRIu64 " went_on=%" PRIu64
           " ended=%" PRIu64 " wordless=%" PRIu64 " crashed=%" PRIu64 " stuck=%" PRIu64 "\n",
           strikes->way, strikes->starts, strikes->works, strikes->struck, strikes->went_on,
           strikes->ended, strikes->wordless, strikes->crashed, strikes->stuck);
    return strikes->wordless + strikes->crashed + strikes->stuck == 0;
}

bool strikes_verify(const struct strikes *strikes)
{
    char command[600];
    const char *slash = strrchr(strikes->program, '/');
    REQUIRE(slash != NULL);
    (void)snprintf(command, sizeof command, "%.*s/yihao trail verify %s/journal",
                   (int)(slash - strikes->program), strikes->program, strikes->home->folder);
    return system(command) == 0; // NOLINT(cert-env33-c): a test's own fixed words
}
