/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crash/recorder.h"

#include <fcntl.h>
#include <pthread.h>
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
    int file;
    uint64_t at; /* offset, or the number acked */
    size_t size;
    uint8_t *bytes;
};

static struct entry entries[ENTRIES_MAX];
static uint32_t count;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER; /* a store's mate writes, too */
static bool recording;

static struct file {
    dev_t device;
    ino_t inode;
    uint8_t *base, *image;
    size_t base_size;
    size_t base_used;  /* the rest of it is zeros */
    size_t image_room; /* where the last write ends, or the base */
    size_t image_used;
} files[RECORDER_FILES];

static void add(int file, enum kind kind, uint64_t at, const void *bytes, size_t size)
{
    (void)pthread_mutex_lock(&one_at_a_time);
    REQUIRE(count < ENTRIES_MAX);
    struct entry *entry = &entries[count++];
    *entry = (struct entry){ kind, file, at, size, size ? malloc(size) : NULL };
    REQUIRE(size == 0 || entry->bytes);
    if (size > 0)
        memcpy(entry->bytes, bytes, size);
    if (size > 0 && at + size > files[file].image_room)
        files[file].image_room = at + size;
    (void)pthread_mutex_unlock(&one_at_a_time);
}

/* Which of the files; -1: none. */
static int file_of(int fd)
{
    struct stat facts;
    if (!recording || fstat(fd, &facts) < 0)
        return -1;
    for (int i = 0; i < RECORDER_FILES; i++)
        if (facts.st_dev == files[i].device && facts.st_ino == files[i].inode)
            return i;
    return -1;
}

static void note(int fd, const void *bytes, size_t size, uint64_t at)
{
    bool sure = (syscall(SYS_fcntl, fd, F_GETFL) & O_DSYNC) != 0;
    add(file_of(fd), sure ? KIND_SURE_WRITE : KIND_WRITE, at, bytes, size);
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
    if (file_of(fd) >= 0)
        add(file_of(fd), KIND_SYNC, 0, NULL, 0);
    return status;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    if (file_of(fd) >= 0)
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
    for (int i = 0; file_of(fd) >= 0 && i < pieces_count; i++) {
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
    if (file_of(fd) >= 0) {
        uint64_t place = (uint64_t)lseek(fd, 0, SEEK_CUR);
        for (int i = 0; i < pieces_count; i++) {
            note(fd, pieces[i].iov_base, pieces[i].iov_len, place);
            place += pieces[i].iov_len;
        }
    }
    return syscall(SYS_writev, fd, pieces, pieces_count);
}

static void file_open(struct file *file, const char *path)
{
    struct stat facts;
    FILE *stream = fopen(path, "rbe");
    REQUIRE(stream != NULL && stat(path, &facts) == 0);
    file->base_size = file->base_used = file->image_room = (size_t)facts.st_size;
    free(file->base);
    file->base = malloc(file->base_size);
    REQUIRE(file->base && fread(file->base, 1, file->base_size, stream) == file->base_size);
    (void)fclose(stream);
    while (file->base_used > 0 && file->base[file->base_used - 1] == 0)
        file->base_used--;
    file->device = facts.st_dev;
    file->inode = facts.st_ino;
}

void recorder_start(const char *const paths[RECORDER_FILES])
{
    for (uint32_t i = 0; i < count; i++)
        free(entries[i].bytes);
    count = 0;
    for (int i = 0; i < RECORDER_FILES; i++)
        file_open(&files[i], paths[i]);
    recording = true;
}

void recorder_stop(void)
{
    recording = false;
    for (int i = 0; i < RECORDER_FILES; i++) {
        free(files[i].image);
        files[i].image = calloc(1, files[i].image_room);
        files[i].image_used = 0;
        REQUIRE(files[i].image != NULL);
    }
}

void recorder_ack(uint64_t number)
{
    add(0, KIND_ACK, number, NULL, 0);
}

uint32_t recorder_count(void)
{
    return count;
}

static size_t keep(const struct entry *entry, bool sure, struct prng *prng, size_t end)
{
    uint8_t *image = files[entry->file].image;
    for (size_t at = 0; at < entry->size;) {
        size_t size = SECTOR - (size_t)((entry->at + at) % SECTOR);
        if (size > entry->size - at)
            size = entry->size - at;
        if (sure || prng_below(prng, 2)) {
            size_t place = (size_t)entry->at + at;
            memcpy(image + place, entry->bytes + at, size);
            if (place + size > files[entry->file].image_used)
                files[entry->file].image_used = place + size;
            if (place + size > end)
                end = place + size;
        }
        at += size;
    }
    return end;
}

/* Behind what is used a file is zeros, which nobody has to write. */
static void image_write(const struct file *file, const char *path, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && ftruncate(fd, (off_t)file->image_used) == 0);
    REQUIRE(pwrite(fd, file->image, file->image_used, 0) == (ssize_t)file->image_used);
    REQUIRE(ftruncate(fd, (off_t)size) == 0 && close(fd) == 0);
}

static void file_image(int number, uint32_t cut, struct prng *prng, const char *path)
{
    struct file *file = &files[number];
    uint32_t synced = 0;
    size_t end = file->base_size;
    memset(file->image, 0, file->image_used);
    memcpy(file->image, file->base, file->base_used);
    file->image_used = file->base_used;
    for (uint32_t i = 0; i < cut; i++)
        if (entries[i].kind == KIND_SYNC && entries[i].file == number)
            synced = i;
    for (uint32_t i = 0; i < cut; i++) {
        const struct entry *entry = &entries[i];
        bool last = i == cut - 1; /* on its way when the power went */
        if (entry->file == number && entry->kind != KIND_SYNC && entry->kind != KIND_ACK)
            end = keep(entry, i < synced || (entry->kind == KIND_SURE_WRITE && !last), prng, end);
    }
    image_write(file, path, end);
}

void recorder_image(uint32_t cut, struct prng *prng, const char *const paths[RECORDER_FILES],
                    uint64_t *acked, uint64_t *next)
{
    *acked = *next = 0;
    for (uint32_t i = 0; i < cut; i++)
        if (entries[i].kind == KIND_ACK)
            *acked = entries[i].at;
    for (uint32_t i = cut; i < count && *next == 0; i++)
        if (entries[i].kind == KIND_ACK)
            *next = entries[i].at;
    for (int i = 0; i < RECORDER_FILES; i++)
        file_image(i, cut, prng, paths[i]);
}
