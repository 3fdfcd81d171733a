/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/folder.h"

static const char magic[] = "yihao-spool-1\n";

enum {
    MAGIC_BYTES = sizeof magic - 1,
    CHECK_BYTES = 16,
    HEADER_BYTES = MAGIC_BYTES + 8 + CHECK_BYTES,
    HEAD_BYTES = 4 + CHECK_BYTES
};

struct spool {
    int fd;
    uint64_t epoch;
    uint64_t end; /* where the next record goes */
    bool broken;  /* a write or sync failed: the file's end is not known any more */
    uint8_t bytes[HEAD_BYTES + SPOOL_RECORD_MAX];
};

static void check_of(const uint8_t *first, size_t first_size, const uint8_t *second,
                     size_t second_size, uint8_t check[CHECK_BYTES])
{
    crypto_generichash_state state;
    uint8_t whole[32];
    (void)crypto_generichash_init(&state, NULL, 0, sizeof whole);
    (void)crypto_generichash_update(&state, first, first_size);
    (void)crypto_generichash_update(&state, second, second_size);
    (void)crypto_generichash_final(&state, whole, sizeof whole);
    memcpy(check, whole, CHECK_BYTES);
}

static void put_number(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_number(const uint8_t *from, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static int write_all(int fd, const uint8_t *bytes, size_t size, uint64_t at)
{
    while (size > 0) {
        ssize_t done = pwrite(fd, bytes, size, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -errno;
        bytes += done;
        at += (uint64_t)done;
        size -= (size_t)done;
    }
    return 0;
}

/* Returns how many bytes are there, at most size, or a negative errno. */
static ssize_t read_all(int fd, uint8_t *bytes, size_t size, uint64_t at)
{
    size_t have = 0;
    while (have < size) {
        ssize_t done = pread(fd, bytes + have, size - have, (off_t)(at + have));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -errno;
        if (done == 0)
            break;
        have += (size_t)done;
    }
    return (ssize_t)have;
}

/* A header that was cut while it was written belongs to a file that never held a record. */
static int read_header(struct spool *spool)
{
    uint8_t header[HEADER_BYTES], check[CHECK_BYTES];
    ssize_t have = read_all(spool->fd, header, sizeof header, 0);
    if (have < 0)
        return (int)have;
    size_t known = (size_t)have < MAGIC_BYTES ? (size_t)have : MAGIC_BYTES;
    if (memcmp(header, magic, known) != 0)
        return -EBADMSG;
    if (have < HEADER_BYTES)
        return 0;
    check_of(header, MAGIC_BYTES + 8, NULL, 0, check);
    if (memcmp(check, header + MAGIC_BYTES + 8, CHECK_BYTES) == 0)
        spool->epoch = get_number(header + MAGIC_BYTES, 8);
    return 0; /* a torn epoch is replaced by the clock's; the records check for themselves */
}

static int write_header(struct spool *spool)
{
    uint8_t header[HEADER_BYTES];
    memcpy(header, magic, MAGIC_BYTES);
    put_number(header + MAGIC_BYTES, spool->epoch, 8);
    check_of(header, MAGIC_BYTES + 8, NULL, 0, header + MAGIC_BYTES + 8);
    return write_all(spool->fd, header, sizeof header, 0);
}

static int read_records(struct spool *spool, spool_visit *visit, void *owner)
{
    uint8_t check[CHECK_BYTES];
    for (;;) {
        ssize_t have = read_all(spool->fd, spool->bytes, sizeof spool->bytes, spool->end);
        if (have < 0)
            return (int)have;
        if (have < HEAD_BYTES)
            return 0;
        uint64_t size = get_number(spool->bytes, 4);
        if (size == 0 || size > SPOOL_RECORD_MAX || size > (uint64_t)have - HEAD_BYTES)
            return 0;
        check_of(spool->bytes, 4, spool->bytes + HEAD_BYTES, size, check);
        if (memcmp(check, spool->bytes + 4, CHECK_BYTES) != 0)
            return 0;
        visit(owner, spool->bytes + HEAD_BYTES, size);
        spool->end += HEAD_BYTES + size;
    }
}

static int open_file(struct spool *spool, const char *path)
{
    spool->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (spool->fd < 0)
        return -errno;
    if (flock(spool->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    return 0;
}

/* Cuts what does not check, so that new records follow whole ones. */
static int begin_epoch(struct spool *spool, const char *path, uint64_t wall_ms)
{
    spool->epoch = spool->epoch + 1 > wall_ms ? spool->epoch + 1 : wall_ms;
    int status = write_header(spool);
    if (status < 0)
        return status;
    if (ftruncate(spool->fd, (off_t)spool->end) < 0 || fsync(spool->fd) < 0)
        return -errno;
    return folder_sync_above(path);
}

int spool_open(struct spool **spool, const char *path, uint64_t wall_ms, spool_visit *visit,
               void *owner)
{
    if (sodium_init() < 0)
        return -ENOSYS;
    struct spool *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->end = HEADER_BYTES;
    int status = open_file(fresh, path);
    if (status == 0)
        status = read_header(fresh);
    if (status == 0)
        status = read_records(fresh, visit, owner);
    if (status == 0)
        status = begin_epoch(fresh, path, wall_ms);
    if (status < 0) {
        spool_close(fresh);
        return status;
    }
    *spool = fresh;
    return 0;
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    if (spool->fd >= 0)
        (void)close(spool->fd);
    free(spool);
}

uint64_t spool_epoch(const struct spool *spool)
{
    return spool->epoch;
}

int spool_append(struct spool *spool, const uint8_t *bytes, size_t size)
{
    if (spool->broken)
        return -EIO;
    if (size == 0 || size > SPOOL_RECORD_MAX)
        return -EMSGSIZE;
    if (spool->end + HEAD_BYTES + size > SPOOL_BYTES_MAX)
        return -ENOSPC;
    put_number(spool->bytes, size, 4);
    check_of(spool->bytes, 4, bytes, size, spool->bytes + 4);
    memcpy(spool->bytes + HEAD_BYTES, bytes, size);
    int status = write_all(spool->fd, spool->bytes, HEAD_BYTES + size, spool->end);
    if (status < 0)
        spool->broken = true;
    else
        spool->end += HEAD_BYTES + size;
    return status;
}

int spool_sync(struct spool *spool)
{
    if (spool->broken)
        return -EIO;
    if (fdatasync(spool->fd) == 0)
        return 0;
    spool->broken = true; /* the page cache may call the lost pages clean: never trust it again */
    return -errno;
}

int spool_empty(struct spool *spool)
{
    if (spool->broken)
        return -EIO;
    if (spool->end == HEADER_BYTES)
        return 0;
    if (ftruncate(spool->fd, HEADER_BYTES) < 0) {
        spool->broken = true;
        return -errno;
    }
    spool->end = HEADER_BYTES;
    return 0;
}
