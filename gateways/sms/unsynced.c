/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/unsynced.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/folder.h"

int unsynced_sync(const struct unsynced *file)
{
    if (fdatasync(file->fd) != 0)
        return -errno;
    if (!file->written)
        return 0;
    return rename(file->written, file->place) == 0 ? folder_sync_above(file->place) : -errno;
}
