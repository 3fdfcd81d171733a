/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/sealer/safe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"

int safe_open(struct safe *safe, const char *folder)
{
    int length = snprintf(safe->folder, sizeof safe->folder, "%s", folder);
    if (length < 0 || (size_t)length >= sizeof safe->folder)
        return -ENAMETOOLONG;
    return mkdir(folder, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static void path_of(const struct safe *safe, const char *name, char path[SAFE_PATH_BYTES])
{
    (void)snprintf(path, SAFE_PATH_BYTES, "%s/%s", safe->folder, name);
}

static int bytes_write(int fd, const void *bytes, size_t size)
{
    ssize_t written = write(fd, bytes, size);
    if (written != (ssize_t)size)
        return written < 0 ? -errno : -ENOSPC;
    return fsync(fd) < 0 ? -errno : 0;
}

int safe_write(const struct safe *safe, const char *name, const void *bytes, size_t size)
{
    char path[SAFE_PATH_BYTES], fresh[SAFE_PATH_BYTES];
    path_of(safe, name, path);
    path_of(safe, "fresh", fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int status = bytes_write(fd, bytes, size);
    if (close(fd) < 0 && status == 0)
        status = -errno;
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    return status < 0 ? status : folder_sync(safe->folder);
}

int safe_read(const struct safe *safe, const char *name, void *bytes, size_t room)
{
    char path[SAFE_PATH_BYTES], beyond;
    path_of(safe, name, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t size = read(fd, bytes, room);
    int status = size < 0 ? -errno : (int)size;
    if (size == (ssize_t)room && read(fd, &beyond, 1) == 1)
        status = -EMSGSIZE;
    (void)close(fd);
    return status;
}

int safe_wipe_path(const char *path)
{
    static const char zeros[4096];
    struct stat facts;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    int status = fstat(fd, &facts) < 0 ? -errno : 0;
    for (off_t left = status == 0 ? facts.st_size : 0; status == 0 && left > 0;) {
        size_t size = left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros;
        status = bytes_write(fd, zeros, size);
        left -= (off_t)size;
    }
    (void)close(fd);
    if (status == 0 && unlink(path) < 0)
        status = -errno;
    return status < 0 ? status : folder_sync_above(path);
}

int safe_wipe(const struct safe *safe, const char *name)
{
    char path[SAFE_PATH_BYTES];
    path_of(safe, name, path);
    return safe_wipe_path(path);
}
