/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int folder_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int status = fsync(fd) < 0 ? -errno : 0;
    (void)close(fd);
    return status;
}

int folder_sync_above(const char *path)
{
    char folder[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof folder)
        return length == 0 ? -EINVAL : -ENAMETOOLONG;
    memcpy(folder, path, length + 1);
    while (length > 1 && folder[length - 1] == '/')
        folder[--length] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash)
        return folder_sync(".");
    slash[slash == folder ? 1 : 0] = '\0';
    return folder_sync(folder);
}
