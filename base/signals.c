/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

const int signals_ends[] = { SIGTERM, SIGINT, 0 };

int signals_open(const int *numbers)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (; *numbers; numbers++)
        (void)sigaddset(&set, *numbers);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -errno;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int signals_take(int fd)
{
    struct signalfd_siginfo signal;
    return read(fd, &signal, sizeof signal) == (ssize_t)sizeof signal ? (int)signal.ssi_signo : 0;
}
