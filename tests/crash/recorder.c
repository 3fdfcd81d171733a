/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crash/recorder.h"

#include <linux/fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/require.h"

enum {
    SECTOR = 512,
    ENTRIES_MAX = 1 << 17
};

enum kind {
    KIND_WRITE,
    KIND_SURE_WRITE, /* through O_DSYNC */
    KIND_SYNC,
    KIND_ACK
};

struct entry {
    enum kind kind;
    uint64_t at; /* offset, or the number acked */
    size_t size;
    uint8_t *bytes;
};

static struct entry entries[ENTRIES_MAX];
static uint32_t count;
static bool recording;
static dev_t device;
static ino_t inode;
static uint8_t *base, *image;
static size_t base_size, image_room;

static void add(enum kind kind, uint64_t at, const void *bytes, size_t size)
{
    REQUIRE(count < ENTRIES_MAX);
    struct entry *entry = &entries[count++];
    *entry = (struct entry){ kind, at, size, size ? malloc(size) : NULL };
    REQUIRE(size == 0 || entry->bytes);
    if (size > 0)
        memcpy(entry->bytes, bytes, size);
    if (size > 0 && at + size > image_room)
        image_room = at + size;
}

static bool is_ours(int fd)
{
    struct stat facts;
    return recording && fstat(fd, &facts) == 0 && facts.st_dev == device && facts.st_ino == inode;
}

static void note(int fd, const void *bytes, size_t size, uint64_t at)
{
    bool sure = (syscall(SYS_fcntl, fd, F_GETFL) & O_DSYNC) != 0;
    add(sure ? KIND_SURE_WRITE : KIND_WRITE, at, bytes, size);
}

/* LMDB's calls land here. */
int fdatasync(int fd);
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at);
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at);
ssize_t pwritev64(int fd, const struct iovec *pieces, int pieces_count, off64_t at);
ssize_t pwritev(int fd, const struct iovec *pieces, int pieces_count, off_t at);
ssize_t writev(int fd, const struct iovec *pieces, int pieces_count);

int fdatasync(int fd)
{
    int status = recording ? (int)syscall(SYS_fdatasync, fd) : 0;
    if (is_ours(fd))
        add(KIND_SYNC, 0, NULL, 0);
    return status;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    if (is_ours(fd))
        note(fd, bytes, size, (uint64_t)at);
    return syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return pwrite64(fd, bytes, size, at);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int pieces_count, off64_t at)
{
    uint64_t place = (uint64_t)at;
    for (int i = 0; is_ours(fd) && i < pieces_count; i++) {
        note(fd, pieces[i].iov_base, pieces[i].iov_len, place);
        place += pieces[i].iov_len;
    }
    return syscall(SYS_pwritev, fd, pieces, pieces_count, at, 0);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int pieces_count, off_t at)
{
    return pwritev64(fd, pieces, pieces_count, at);
}

/* Behind lseek(): the place is the descriptor's. */
ssize_t writev(int fd, const struct iovec *pieces, int pieces_count)
{
    if (is_ours(fd)) {
        uint64_t place = (uint64_t)lseek(fd, 0, SEEK_CUR);
        for (int i = 0; i < pieces_count; i++) {
            note(fd, pieces[i].iov_base, pieces[i].iov_len, place);
            place += pieces[i].iov_len;
        }
    }
    return syscall(SYS_writev, fd, pieces, pieces_count);
}

void recorder_start(const char *path)
{
    struct stat facts;
    FILE *file = fopen(path, "rbe");
    REQUIRE(file != NULL && stat(path, &facts) == 0);
    base_size = image_room = (size_t)facts.st_size;
    base = malloc(base_size);
    REQUIRE(base && fread(base, 1, base_size, file) == base_size);
    (void)fclose(file);
    device = facts.st_dev;
    inode = facts.st_ino;
    recording = true;
}

void recorder_stop(void)
{
    recording = false;
    image = malloc(image_room);
    REQUIRE(image != NULL);
}

void recorder_ack(uint64_t number)
{
    add(KIND_ACK, number, NULL, 0);
}

uint32_t recorder_count(void)
{
    return count;
}

static size_t keep(const struct entry *entry, bool sure, struct prng *prng, size_t end)
{
    for (size_t at = 0; at < entry->size;) {
        size_t size = SECTOR - (size_t)((entry->at + at) % SECTOR);
        if (size > entry->size - at)
            size = entry->size - at;
        if (sure || prng_below(prng, 2)) {
            size_t place = (size_t)entry->at + at;
            memcpy(image + place, entry->bytes + at, size);
            if (place + size > end)
                end = place + size;
        }
        at += size;
    }
    return end;
}

static void image_write(const char *path, size_t size)
{
    FILE *file = fopen(path, "wbe");
    REQUIRE(file && fwrite(image, 1, size, file) == size && fclose(file) == 0);
}

void recorder_image(uint32_t cut, struct prng *prng, const char *path, uint64_t *acked,
                    uint64_t *next)
{
    uint32_t synced = 0;
    size_t end = base_size;
    *acked = *next = 0;
    memset(image, 0, image_room);
    memcpy(image, base, base_size);
    for (uint32_t i = 0; i < cut; i++)
        if (entries[i].kind == KIND_SYNC)
            synced = i;
    for (uint32_t i = 0; i < cut; i++) {
        const struct entry *entry = &entries[i];
        bool last = i == cut - 1; /* on its way when the power went */
        if (entry->kind == KIND_ACK)
            *acked = entry->at;
        else if (entry->kind != KIND_SYNC)
            end = keep(entry, i < synced || (entry->kind == KIND_SURE_WRITE && !last), prng, end);
    }
    for (uint32_t i = cut; i < count && *next == 0; i++)
        if (entries[i].kind == KIND_ACK)
            *next = entries[i].at;
    image_write(path, end);
}
