/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dispatcher/journal/verify.h"

enum {
    STATUS_UNDER_WAY = 1,
    REASON_ROOM = 40
};

/* One write each: shorter than a pipe's atomic piece. */
struct word {
    int status; /* of journal_verify(), or STATUS_UNDER_WAY */
    struct verify_report report;
};
_Static_assert(sizeof(struct word) <= 512, "a pipe takes it whole (PIPE_BUF)");

static void say(int fd, int status, const struct verify_report *report)
{
    struct word word = { .status = status, .report = *report };
    if (write(fd, &word, sizeof word) < 0)
        _exit(1); /* nobody listens any more */
}

static void on_told(void *owner, const struct verify_report *so_far)
{
    say(*(const int *)owner, STATUS_UNDER_WAY, so_far);
}

/* The child. What LMDB or a sanitizer would write of its end is nobody's business here. */
static void verify_and_end(const char *folder, const uint8_t trusted[32], int fd)
{
    static const int deadly[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
    const struct rlimit none = { 0 };
    struct verify_report report = { .ok = false };
    int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)dup2(quiet, STDERR_FILENO);
    for (unsigned i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        (void)signal(deadly[i], SIG_DFL);
    int status = journal_verify_telling(folder, trusted, &report, on_told, &fd);
    say(fd, status, &report);
    _exit(0);
}

/* Hears the child out. Returns false when it fell silent. */
static bool hear(int fd, struct word *word)
{
    for (;;) {
        struct pollfd polled = { .fd = fd, .events = POLLIN };
        int ready = poll(&polled, 1, VERIFY_SILENT_MS);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        if (read(fd, word, sizeof *word) != (ssize_t)sizeof *word || word->status <= 0)
            return true;
    }
}

static void damaged(struct verify_report *report, const char *how)
{
    report->ok = false;
    report->record = report->records + 1;
    (void)snprintf(report->reason, sizeof report->reason,
                   "the database is damaged here or behind (%.*s)", REASON_ROOM, how);
}

int journal_verify_apart(const char *folder, const uint8_t trusted[32],
                         struct verify_report *report)
{
    struct word word = { .status = STATUS_UNDER_WAY, .report = { .ok = true } };
    int ends[2], ended = 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid_t child = fork();
    if (child == 0)
        verify_and_end(folder, trusted, ends[1]);
    int status = child < 0 ? -errno : 0;
    (void)close(ends[1]);
    bool heard = child > 0 && hear(ends[0], &word);
    if (child > 0 && !heard)
        (void)kill(child, SIGKILL);
    while (child > 0 && waitpid(child, &ended, 0) < 0 && errno == EINTR)
        ;
    (void)close(ends[0]);
    if (status < 0)
        return status;
    *report = word.report;
    if (!heard)
        damaged(report, "it is read without end");
    else if (word.status == STATUS_UNDER_WAY)
        damaged(report, WIFSIGNALED(ended) ? strsignal(WTERMSIG(ended)) : "the reader ended");
    return word.status < 0 ? word.status : 0;
}
