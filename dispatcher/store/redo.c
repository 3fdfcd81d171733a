/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/redo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <sodium.h>

#include "base/require.h"

#define REDO_MAGIC 0x32304f4445523459ULL
#define REDO_MAGIC_1                                                                               \
    0x31304f4445523459ULL /* of builds that knew an entry's size before its first byte was tagged */

enum {
    REDO_MODE = 0640,
    TAG_BYTES = crypto_onetimeauth_BYTES
};

/* In front of an entry's bytes. Numbers as this machine writes them: the file never leaves it. */
struct head {
    uint64_t magic;
    uint64_t base;
    uint64_t number; /* since base, from 1 */
    uint64_t size;
    uint8_t tag[TAG_BYTES];
};

struct redo {
    int fd;
    uint64_t base;
    uint64_t number;  /* of the last entry */
    size_t at;        /* where the next one goes */
    struct head head; /* of the one that grows */
    crypto_onetimeauth_state tag;
    uint8_t *bytes; /* the entry read last */
};

static size_t pages_of(size_t size)
{
    size += sizeof(struct head);
    return (size + REDO_PAGE - 1) / REDO_PAGE * REDO_PAGE;
}

/* A key of its own for each entry: the tag covers the head, too. */
static void tag_begin(crypto_onetimeauth_state *tag, const struct head *head)
{
    uint8_t key[crypto_onetimeauth_KEYBYTES];
    (void)crypto_generichash(key, sizeof key, (const uint8_t *)head, offsetof(struct head, tag),
                             NULL, 0);
    (void)crypto_onetimeauth_init(tag, key);
}

static void tag_end(crypto_onetimeauth_state *tag, struct head *head)
{
    if (head->magic != REDO_MAGIC_1)
        (void)crypto_onetimeauth_update(tag, (const uint8_t *)&head->size, sizeof head->size);
    (void)crypto_onetimeauth_final(tag, head->tag);
}

/* The head with the tag as it must be. */
static struct head head_make(const struct head *told, const uint8_t *bytes)
{
    struct head head = *told;
    crypto_onetimeauth_state tag;
    if (told->magic != REDO_MAGIC_1)
        head.size = 0; /* not known when the key was made */
    tag_begin(&tag, &head);
    head.size = told->size;
    (void)crypto_onetimeauth_update(&tag, bytes, head.size);
    tag_end(&tag, &head);
    return head;
}

/* The whole file is written once, so that later writes change nothing but its bytes. */
static int fill(int fd)
{
    static const uint8_t zeros[64 * 1024];
    struct stat facts;
    if (fstat(fd, &facts) < 0)
        return -errno;
    if (facts.st_size >= REDO_BYTES)
        return 0;
    for (off_t at = 0; at < REDO_BYTES; at += (off_t)sizeof zeros)
        if (pwrite(fd, zeros, sizeof zeros, at) != (ssize_t)sizeof zeros)
            return -ENOSPC;
    return fsync(fd) < 0 ? -errno : 0;
}

int redo_open(struct redo **redo, const char *folder, uint64_t base)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/redo", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;
    struct redo *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->base = base;
    fresh->bytes = malloc(REDO_BYTES);
    fresh->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, REDO_MODE);
    int status = fresh->fd < 0 ? -errno : fresh->bytes ? fill(fresh->fd) : -ENOMEM;
    if (status < 0) {
        redo_close(fresh);
        return status;
    }
    *redo = fresh;
    return 0;
}

void redo_close(struct redo *redo)
{
    if (!redo)
        return;
    if (redo->fd >= 0)
        (void)close(redo->fd);
    free(redo->bytes);
    free(redo);
}

static bool read_whole(int fd, void *bytes, size_t size, size_t at)
{
    while (size > 0) {
        ssize_t got = pread(fd, bytes, size, (off_t)at);
        if (got <= 0)
            return false;
        bytes = (uint8_t *)bytes + got;
        size -= (size_t)got;
        at += (size_t)got;
    }
    return true;
}

int redo_next(struct redo *redo, struct slice *entry)
{
    struct head head;
    if (redo->at + sizeof head > REDO_BYTES || !read_whole(redo->fd, &head, sizeof head, redo->at))
        return -ENOENT;
    if ((head.magic != REDO_MAGIC && head.magic != REDO_MAGIC_1) || head.base != redo->base ||
        head.number != redo->number + 1 || head.size > REDO_BYTES - redo->at - sizeof head ||
        !read_whole(redo->fd, redo->bytes, head.size, redo->at + sizeof head))
        return -ENOENT;
    struct head sound = head_make(&head, redo->bytes);
    if (memcmp(sound.tag, head.tag, sizeof head.tag) != 0)
        return -ENOENT;
    *entry = (struct slice){ redo->bytes, head.size };
    redo->number++;
    redo->at += pages_of(head.size);
    return 0;
}

void redo_restart(struct redo *redo, uint64_t base)
{
    redo->base = base;
    redo->number = 0;
    redo->at = 0;
}

bool redo_fits(const struct redo *redo, size_t size)
{
    return size <= REDO_BYTES && pages_of(size) <= REDO_BYTES - redo->at;
}

/* The head is on its way, too. */
static int entry_end(struct redo *redo)
{
    size_t size = sizeof redo->head + redo->head.size;
    /* A hint alone: a file system that does not know it begins at fdatasync(). */
    (void)sync_file_range(redo->fd, (off_t)redo->at, (off_t)size, SYNC_FILE_RANGE_WRITE);
    redo->number++;
    redo->at += pages_of(redo->head.size);
    return 0;
}

static int written_of(ssize_t written, size_t size)
{
    return written == (ssize_t)size ? 0 : written < 0 ? -errno : -EIO;
}

int redo_write(struct redo *redo, struct slice entry)
{
    REQUIRE(redo_fits(redo, entry.size));
    struct head head = { REDO_MAGIC, redo->base, redo->number + 1, entry.size, { 0 } };
    redo->head = head_make(&head, entry.data);
    struct iovec pieces[] = { { &redo->head, sizeof head },
                              { (void *)(uintptr_t)entry.data, entry.size } };
    int status =
        written_of(pwritev(redo->fd, pieces, 2, (off_t)redo->at), sizeof head + entry.size);
    return status < 0 ? status : entry_end(redo);
}

void redo_begin(struct redo *redo)
{
    redo->head = (struct head){ REDO_MAGIC, redo->base, redo->number + 1, 0, { 0 } };
    tag_begin(&redo->tag, &redo->head);
}

int redo_add(struct redo *redo, struct slice piece)
{
    struct head *head = &redo->head;
    if (!redo_fits(redo, head->size + piece.size))
        return -EFBIG;
    off_t at = (off_t)(redo->at + sizeof *head + head->size);
    (void)crypto_onetimeauth_update(&redo->tag, piece.data, piece.size);
    head->size += piece.size;
    return written_of(pwrite(redo->fd, piece.data, piece.size, at), piece.size);
}

int redo_end(struct redo *redo)
{
    tag_end(&redo->tag, &redo->head);
    int status = written_of(pwrite(redo->fd, &redo->head, sizeof redo->head, (off_t)redo->at),
                            sizeof redo->head);
    return status < 0 ? status : entry_end(redo);
}

int redo_sync(struct redo *redo)
{
    return fdatasync(redo->fd) < 0 ? -errno : 0;
}
