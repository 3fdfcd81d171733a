/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/mark.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

void mark_begin(struct store_mark *mark)
{
    *mark = (struct store_mark){ .turn = 0 };
    randombytes_buf(mark->digest, sizeof mark->digest);
}

struct store_mark mark_after(const struct store_mark *before, struct slice changes)
{
    struct store_mark after = { .turn = before->turn + 1 };
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof after.digest);
    (void)crypto_generichash_update(&state, before->digest, sizeof before->digest);
    (void)crypto_generichash_update(&state, changes.data, changes.size);
    (void)crypto_generichash_final(&state, after.digest, sizeof after.digest);
    return after;
}

void mark_write(const struct store_mark *mark, uint8_t value[MARK_BYTES])
{
    uint64_t turn = htobe64(mark->turn);
    memcpy(value, &turn, sizeof turn);
    memcpy(value + sizeof turn, mark->digest, sizeof mark->digest);
}

struct store_mark mark_read(const uint8_t value[MARK_BYTES])
{
    struct store_mark mark;
    uint64_t turn;
    memcpy(&turn, value, sizeof turn);
    mark.turn = be64toh(turn);
    memcpy(mark.digest, value + sizeof turn, sizeof mark.digest);
    return mark;
}

struct slice mark_key(void)
{
    static const uint8_t key[1] = { STORE_MARK_KEY };
    return (struct slice){ key, sizeof key };
}

int writer_lock(const char *folder, int mode)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/writer.lock", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int status = errno == EWOULDBLOCK ? -EBUSY : -errno;
    (void)close(fd);
    return status;
}

bool folder_holds_store(const char *folder)
{
    char path[PATH_MAX];
    struct stat facts;
    (void)snprintf(path, sizeof path, "%s/data.mdb", folder);
    return stat(path, &facts) == 0;
}
