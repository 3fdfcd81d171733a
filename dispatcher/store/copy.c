/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/copy.h"

#include <errno.h>
#include <stddef.h>

#include <lmdb.h>

static int errno_of(int status)
{
    return status > 0 ? -status : status < 0 ? -EBADMSG : 0;
}

int store_copy(const char *folder, int fd)
{
    MDB_env *env = NULL;
    int status = mdb_env_create(&env);
    if (!status)
        status = mdb_env_open(env, folder, MDB_RDONLY | MDB_NOTLS, 0);
    /* Compacting: the other way would hold the writer's lock for its first pages. */
    if (!status)
        status = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
    mdb_env_close(env);
    return errno_of(status);
}
