/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/minder.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* One datagram; lost ones do not matter, the next comes soon. */
static void tell(const char *words)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
        return;
    size_t length = strlen(path);
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* no file: a name of Linux's own */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, words, strlen(words), MSG_NOSIGNAL | MSG_DONTWAIT,
                 (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    (void)close(fd);
}

void minder_ready(void)
{
    tell("READY=1");
}

void minder_alive(uint64_t mono_ms)
{
    static uint64_t granted_ms = UINT64_MAX, said_ms;
    if (granted_ms == UINT64_MAX) {
        const char *written = getenv("WATCHDOG_USEC");
        granted_ms = written ? strtoull(written, NULL, 10) / 1000 : 0;
    }
    if (granted_ms == 0 || mono_ms - said_ms < granted_ms / 4)
        return;
    said_ms = mono_ms;
    tell("WATCHDOG=1");
}

void minder_stopping(void)
{
    tell("STOPPING=1");
}
