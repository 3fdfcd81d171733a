/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/trickle.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* sync_file_range() takes the write errors it finds away from the fsync() that comes later: they count here. */
static int push(int fd, uint64_t from, uint64_t bytes, unsigned how)
{
    if (bytes == 0 || sync_file_range(fd, (off_t)from, (off_t)bytes, how) == 0)
        return 0;
    return errno == EIO || errno == ENOSPC || errno == EDQUOT ? -errno : 0;
}

int trickle_add(struct trickle *trickle, uint64_t bytes)
{
    trickle->written += bytes;
    if (trickle->written - trickle->settled < TRICKLE_PIECE_BYTES)
        return 0;
    if (fflush(trickle->file) != 0)
        return -errno;
    int fd = fileno(trickle->file);
    uint64_t from = trickle->settled;
    trickle->settled = trickle->written;
    if (fd < 0)
        return 0;
    int status =
        push(fd, from, trickle->settled - from,
             SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    /* From the first byte on: the page that two pieces share leaves with the second. */
    (void)posix_fadvise(fd, 0, (off_t)trickle->settled, POSIX_FADV_DONTNEED);
    return status;
}

int trickle_end(struct trickle *trickle)
{
    if (fflush(trickle->file) != 0)
        return -errno;
    int fd = fileno(trickle->file);
    if (fd < 0)
        return 0;
    if (fsync(fd) < 0 && errno != EINVAL) /* a pipe has no disk */
        return -errno;
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    return 0;
}
