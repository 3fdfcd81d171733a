/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/paper/print.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* The program beside the one that runs; a test stands in a folder beside the programs'. */
static int find_press(char path[PATH_MAX])
{
    static const char *const names[] = { "yihao-press", "../bin/yihao-press" };
    enum {
        ROOM = 32
    };
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - ROOM);
    if (length <= 0)
        return -ENOENT;
    path[length] = '\0';
    char *name = strrchr(path, '/') + 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)text_copy(name, ROOM, names[i]);
        if (access(path, X_OK) == 0)
            return 0;
    }
    return -ENOENT;
}

/* One socket is its input and its output. */
static int start(int *fd, pid_t *child)
{
    char path[PATH_MAX];
    int pair[2];
    posix_spawn_file_actions_t actions;
    char *const arguments[] = { path, NULL };
    char locale[] = "LC_ALL=C.UTF-8";
    char *const surroundings[] = { locale, NULL };
    int status = find_press(path);
    if (status < 0)
        return status;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    status = -posix_spawn_file_actions_init(&actions);
    if (status == 0) {
        status = -posix_spawn_file_actions_adddup2(&actions, pair[1], STDIN_FILENO);
        if (status == 0)
            status = -posix_spawn_file_actions_adddup2(&actions, pair[1], STDOUT_FILENO);
        if (status == 0)
            status = -posix_spawn(child, path, &actions, NULL, arguments, surroundings);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)close(pair[1]);
    if (status < 0)
        (void)close(pair[0]);
    else
        *fd = pair[0];
    return status;
}

/* Waits until the socket can do this; 0, or -ETIMEDOUT. */
static int wait_for(int fd, short events, uint64_t until_ms)
{
    struct pollfd poll_fd = { .fd = fd, .events = events };
    uint64_t now = clock_mono_ms();
    int ready = now < until_ms ? poll(&poll_fd, 1, (int)(until_ms - now)) : 0;
    return ready > 0 || (ready < 0 && errno == EINTR) ? 0 : -ETIMEDOUT;
}

static int give(int fd, const struct paper *paper, uint64_t until_ms)
{
    for (size_t given = 0; given < paper->size;) {
        int status = wait_for(fd, POLLOUT, until_ms);
        if (status < 0)
            return status;
        ssize_t count =
            send(fd, paper->bytes + given, paper->size - given, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return -EIO;
        given += count > 0 ? (size_t)count : 0;
    }
    return shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
}

static int take(int fd, uint8_t *pdf, size_t *size, uint64_t until_ms)
{
    for (;;) {
        int status = wait_for(fd, POLLIN, until_ms);
        if (status < 0)
            return status;
        ssize_t count = recv(fd, pdf + *size, PRINT_BYTES_MAX + 1 - *size, MSG_DONTWAIT);
        if (count == 0)
            return 0;
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return -EIO;
        *size += count > 0 ? (size_t)count : 0;
        if (*size > PRINT_BYTES_MAX)
            return -EFBIG;
    }
}

int paper_print(const struct paper *paper, uint8_t **pdf, size_t *size)
{
    uint64_t until_ms = clock_mono_ms() + PRINT_MS;
    int fd = -1, left = 0;
    pid_t child = -1;
    if (paper->failed)
        return -EFBIG;
    uint8_t *bytes = malloc(PRINT_BYTES_MAX + 1);
    if (!bytes)
        return -ENOMEM;
    size_t got = 0;
    int status = start(&fd, &child);
    if (status < 0) {
        free(bytes);
        return status;
    }
    status = give(fd, paper, until_ms);
    if (status == 0)
        status = take(fd, bytes, &got, until_ms);
    (void)close(fd);
    if (status < 0)
        (void)kill(child, SIGKILL); /* ours, and not yet waited for */
    while (waitpid(child, &left, 0) < 0 && errno == EINTR)
        continue;
    if (status == 0 && (left != 0 || got == 0))
        status = -EIO;
    if (status < 0) {
        free(bytes);
        return status;
    }
    *pdf = bytes;
    *size = got;
    return 0;
}
