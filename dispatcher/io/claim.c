/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/folder.h"

static void path_of(char path[PATH_MAX], const char *home, const char *name)
{
    (void)snprintf(path, PATH_MAX, "%s/%s", home, name);
}

bool claim_is_made(const char *home)
{
    char path[PATH_MAX];
    path_of(path, home, "leads");
    return access(path, F_OK) == 0;
}

int claim_make(const char *home)
{
    char path[PATH_MAX];
    path_of(path, home, "leads");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0 || close(fd) < 0)
        return -errno;
    path_of(path, home, "run/take-over");
    (void)unlink(path);
    return folder_sync(home);
}

void claim_drop(const char *home)
{
    char path[PATH_MAX];
    path_of(path, home, "leads");
    (void)unlink(path);
}
