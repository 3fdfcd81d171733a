/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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

static int path_of(char path[PATH_MAX], const char *folder, const char *name)
{
    return snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int file_fill(const char *path, const void *bytes, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    ssize_t written = write(fd, bytes, size);
    int status = written == (ssize_t)size ? 0 : written < 0 ? -errno : -ENOSPC;
    if (status == 0 && fsync(fd) < 0)
        status = -errno;
    if (close(fd) < 0 && status == 0)
        status = -errno;
    return status;
}

int folder_write_file(const char *folder, const char *name, const void *bytes, size_t size,
                      mode_t mode)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    int status = path_of(path, folder, name);
    if (status == 0)
        status = path_of(fresh, folder, "fresh");
    if (status == 0)
        status = file_fill(fresh, bytes, size, mode);
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    return status < 0 ? status : folder_sync(folder);
}

int folder_read_file(const char *folder, const char *name, void *bytes, size_t room)
{
    char path[PATH_MAX];
    int status = path_of(path, folder, name);
    int fd = status < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return status < 0 ? status : -errno;
    ssize_t size = read(fd, bytes, room);
    status = size < 0 ? -errno : (int)size;
    (void)close(fd);
    return status;
}
