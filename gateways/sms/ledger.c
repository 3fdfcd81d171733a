/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/folder.h"
#include "base/require.h"
#include "base/text.h"

enum {
    CHECKSUM_BYTES = 16,
    FRAME_BYTES = 3 + CHECKSUM_BYTES, /* kind, two octets of length; checksum behind the content */
    PATH_BYTES = PATH_MAX,
    ROOM_BYTES = 1024 * 1024,
    HELD_BYTES = 64 * 1024 /* written at once */
};

_Static_assert((int)HELD_BYTES >= (int)FRAME_BYTES + (int)LEDGER_RECORD_MAX, "any record is held");

static const char title[16] = "yihao ledger 1\n";

struct sheet {
    int fd; /* -1: none */
    uint64_t size;
    uint64_t room; /* the file's end: zeros from size on, so that no sync waits for its growth */
};

struct ledger {
    struct sheet now;
    struct sheet
        old;       /* has the name until a sync gives it to `now`: what is appended goes to both */
    bool unplaced; /* nobody was told yet to give `now` its name */
    bool dirty;
    int error; /* the first one; final */
    size_t held_count;
    char path[PATH_BYTES];
    char fresh[PATH_BYTES + 8];
    uint8_t held[HELD_BYTES]; /* appended, not yet in the kernel's hands */
};

/* ---------------------------------------------------------------------------------- record */

void entry_begin(struct entry *entry, uint8_t kind)
{
    entry->kind = kind;
    entry->size = 0;
    entry->at = 0;
    entry->broken = false;
}

void entry_put(struct entry *entry, uint64_t number)
{
    REQUIRE(entry->size + 8 <= sizeof entry->bytes);
    for (int i = 0; i < 8; i++)
        entry->bytes[entry->size++] = (uint8_t)(number >> 8 * i);
}

void entry_put_octets(struct entry *entry, const void *octets, size_t count)
{
    REQUIRE(count <= UINT16_MAX && entry->size + 2 + count <= sizeof entry->bytes);
    entry->bytes[entry->size++] = (uint8_t)count;
    entry->bytes[entry->size++] = (uint8_t)(count >> 8);
    if (count > 0)
        memcpy(entry->bytes + entry->size, octets, count);
    entry->size += count;
}

void entry_put_words(struct entry *entry, const char *words)
{
    entry_put_octets(entry, words, strlen(words));
}

uint64_t entry_get(struct entry *entry)
{
    uint64_t number = 0;

    if (entry->size - entry->at < 8) {
        entry->broken = true;
        return 0;
    }
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)entry->bytes[entry->at++] << 8 * i;
    return number;
}

size_t entry_get_octets(struct entry *entry, void *octets, size_t size)
{
    size_t left = entry->size - entry->at;
    const uint8_t *bytes = entry->bytes + entry->at;
    size_t count = left < 2 ? 0 : (size_t)bytes[0] | (size_t)bytes[1] << 8;

    if (left < 2 || left - 2 < count || count > size) {
        entry->broken = true;
        return 0;
    }
    if (count > 0)
        memcpy(octets, bytes + 2, count);
    entry->at += 2 + count;
    return count;
}

void entry_get_words(struct entry *entry, char *words, size_t size)
{
    words[entry_get_octets(entry, words, size - 1)] = '\0';
}

/* ------------------------------------------------------------------------------------ file */

static size_t frame_write(const struct entry *entry, uint8_t *frame)
{
    frame[0] = entry->kind;
    frame[1] = (uint8_t)entry->size;
    frame[2] = (uint8_t)(entry->size >> 8);
    memcpy(frame + 3, entry->bytes, entry->size);
    (void)crypto_generichash(frame + 3 + entry->size, CHECKSUM_BYTES, frame, 3 + entry->size, NULL,
                             0);
    return FRAME_BYTES + entry->size;
}

/* Reads the frame at the start of bytes. Returns its size, 0 when it is not whole and sound. */
static size_t frame_read(struct entry *entry, const uint8_t *bytes, size_t left)
{
    uint8_t checksum[CHECKSUM_BYTES];

    if (left < FRAME_BYTES)
        return 0;
    size_t size = (size_t)bytes[1] | (size_t)bytes[2] << 8;
    if (size > sizeof entry->bytes || left - FRAME_BYTES < size)
        return 0;
    (void)crypto_generichash(checksum, CHECKSUM_BYTES, bytes, 3 + size, NULL, 0);
    if (memcmp(checksum, bytes + 3 + size, CHECKSUM_BYTES) != 0)
        return 0;
    entry_begin(entry, bytes[0]);
    memcpy(entry->bytes, bytes + 3, size);
    entry->size = size;
    return FRAME_BYTES + size;
}

static int write_whole(int fd, const void *bytes, size_t size, uint64_t place)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t written = pwrite(fd, at, size, (off_t)place);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        at += written;
        place += (uint64_t)written;
        size -= (size_t)written;
    }
    return 0;
}

static int read_whole(int fd, uint8_t **bytes, size_t *size)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return -errno;
    size_t wanted = (size_t)status.st_size;
    uint8_t *fresh = malloc(wanted + 1);
    size_t at = 0;
    if (!fresh)
        return -ENOMEM;
    while (at < wanted) {
        ssize_t got = read(fd, fresh + at, wanted - at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            free(fresh);
            return got < 0 ? -errno : -EIO;
        }
        at += (size_t)got;
    }
    *bytes = fresh;
    *size = wanted;
    return 0;
}

static int title_write(int fd, const char *path)
{
    int status = write_whole(fd, title, sizeof title, 0);

    if (status == 0 && fsync(fd) != 0)
        status = -errno;
    return status == 0 ? folder_sync_above(path) : status;
}

/* Hands the records out and cuts off what is torn, and the room behind them. */
static int replay(struct ledger *ledger, ledger_each *each, void *owner)
{
    static struct entry entry;
    uint8_t *bytes = NULL;
    size_t size = 0;
    size_t at = sizeof title;
    int status = read_whole(ledger->now.fd, &bytes, &size);

    if (status != 0)
        return status;
    if (size < sizeof title) { /* died while creating it */
        free(bytes);
        if (ftruncate(ledger->now.fd, 0) != 0)
            return -errno;
        ledger->now.size = ledger->now.room = sizeof title;
        return title_write(ledger->now.fd, ledger->path);
    }
    if (memcmp(bytes, title, sizeof title) != 0) {
        free(bytes);
        return -EBADMSG;
    }
    for (;;) {
        size_t taken = frame_read(&entry, bytes + at, size - at);

        if (taken == 0)
            break;
        each(owner, &entry);
        at += taken;
    }
    free(bytes);
    ledger->now.size = ledger->now.room = at;
    return at < size && ftruncate(ledger->now.fd, (off_t)at) != 0 ? -errno : 0;
}

int ledger_open(struct ledger **ledger, const char *path, ledger_each *each, void *owner)
{
    if (sodium_init() < 0)
        return -ENOSYS;
    struct ledger *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int status = -ENAMETOOLONG;
    fresh->now.fd = -1;
    fresh->old.fd = -1;
    struct text text = text_into(fresh->fresh, sizeof fresh->fresh);
    text_print(&text, "%s.new", path);
    if (!text_copy(fresh->path, sizeof fresh->path, path))
        goto fail;
    fresh->now.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fresh->now.fd < 0) {
        status = -errno;
        goto fail;
    }
    status = flock(fresh->now.fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -EBUSY;
    if (status == 0) {
        (void)unlink(fresh->fresh); /* died before it had its name */
        status = replay(fresh, each, owner);
    }
    if (status != 0)
        goto fail;
    *ledger = fresh;
    return 0;

fail:
    ledger_close(fresh);
    return status;
}

static void sheet_close(struct sheet *sheet)
{
    if (sheet->fd >= 0)
        (void)close(sheet->fd);
    sheet->fd = -1;
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    if (ledger->now.fd >= 0)
        ledger_flush(ledger);
    if (ledger->unplaced && ledger->error == 0)
        (void)unsynced_sync(&(struct unsynced){ ledger->now.fd, ledger->fresh, ledger->path });
    sheet_close(&ledger->now);
    sheet_close(&ledger->old);
    free(ledger);
}

void ledger_add(struct ledger *ledger, const struct entry *entry)
{
    ledger_add_lazily(ledger, entry);
    ledger->dirty = true;
}

/* Zeros are no record: their checksum is another. */
static int sheet_append(struct sheet *sheet, const uint8_t *bytes, size_t count)
{
    static const uint8_t zeros[ROOM_BYTES];

    if (sheet->size + count > sheet->room) {
        int status = write_whole(sheet->fd, zeros, sizeof zeros, sheet->room);

        if (status != 0)
            return status;
        sheet->room += sizeof zeros;
    }
    sheet->size += count;
    return write_whole(sheet->fd, bytes, count, sheet->size - count);
}

void ledger_flush(struct ledger *ledger)
{
    if (ledger->held_count == 0)
        return;
    if (ledger->error == 0)
        ledger->error = sheet_append(&ledger->now, ledger->held, ledger->held_count);
    if (ledger->error == 0 && ledger->old.fd >= 0)
        ledger->error = sheet_append(&ledger->old, ledger->held, ledger->held_count);
    ledger->dirty |= ledger->error != 0; /* to be told by the next sync */
    ledger->held_count = 0;
}

void ledger_add_lazily(struct ledger *ledger, const struct entry *entry)
{
    if (ledger->held_count + FRAME_BYTES + entry->size > sizeof ledger->held)
        ledger_flush(ledger);
    ledger->held_count += frame_write(entry, ledger->held + ledger->held_count);
}

int ledger_unsynced(struct ledger *ledger, struct unsynced *file)
{
    ledger_flush(ledger);
    if (!ledger->unplaced)
        sheet_close(&ledger->old);
    *file = (struct unsynced){ ledger->dirty ? ledger->now.fd : -1,
                               ledger->unplaced ? ledger->fresh : NULL, ledger->path };
    ledger->dirty = ledger->error != 0;
    ledger->unplaced = false;
    return ledger->error;
}

uint64_t ledger_size(const struct ledger *ledger)
{
    return ledger->now.size + ledger->held_count;
}

void ledger_rewrite(struct ledger *ledger, ledger_emit *emit, void *owner)
{
    ledger_flush(ledger);
    if (ledger->error != 0)
        return;
    struct sheet old = ledger->unplaced ? ledger->old : ledger->now;
    if (ledger->unplaced)
        sheet_close(&ledger->now); /* this one stands for it, too */
    else
        sheet_close(&ledger->old);
    ledger->old.fd = -1;
    ledger->now = (struct sheet){ .size = sizeof title, .room = sizeof title };
    ledger->now.fd = open(ledger->fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (ledger->now.fd < 0) {
        ledger->error = -errno;
    } else {
        (void)flock(ledger->now.fd, LOCK_EX | LOCK_NB);
        ledger->error = write_whole(ledger->now.fd, title, sizeof title, 0);
        emit(owner, ledger);
        ledger_flush(ledger);
    }
    ledger->old = old;
    ledger->unplaced = true;
    ledger->dirty = true;
}
