/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/originals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/civil.h"
#include "base/log.h"
#include "base/require.h"

enum {
    HEAD_BYTES = 8 + 8 + 1, /* call, time, part */
    SLOT_HEAD_BYTES = 8,    /* the call */
    SLOT_BYTES = SLOT_HEAD_BYTES + ORIGINALS_KEY_BYTES,
    SLOTS_READ = 1024,         /* at once */
    RECORD_HEAD_BYTES = 4 + 4, /* of the rest, and whose key */
    PLAIN_MAX = HEAD_BYTES + ORIGINALS_PDU_MAX,
    SEALED_MAX = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + PLAIN_MAX,
    HELD_BYTES = 2 * (RECORD_HEAD_BYTES + SEALED_MAX), /* sealed records, written at once, … */
    HELD_SLOTS = 512,                                  /* … and their keys */
    CHANCE_BYTES = 4096,                               /* drawn at once */
    NAME_DIGITS = 8,
    DAY_MS = 24 * 3600 * 1000
};

/* What stands behind a day's date; older files have nothing there. */
#define PDUS ".pdus"
#define KEYS ".keys"
#define OLD  ""

struct originals {
    char folder[PATH_MAX - 16];
    struct originals_bounds bounds;
    uint8_t key[ORIGINALS_KEY_BYTES];
    int fd;         /* of the day's file, -1: none */
    int keys;       /* of its keys */
    int past[2];    /* the two of the day before, which were not synced; -1: none */
    uint32_t slots; /* keys in it, with those held */
    uint32_t date;
    bool dirty;
    uint64_t failures;
    struct log_limit limit;
    uint32_t held_slots;
    size_t held_count;
    size_t chance_used;
    uint8_t keys_held[HELD_SLOTS * SLOT_BYTES];
    uint8_t held[HELD_BYTES];
    uint8_t chance[CHANCE_BYTES]; /* zeros up to chance_used */
};

/* ---- records --------------------------------------------------------------------------------- */

static void put(uint8_t *at, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(number >> 8 * i);
}

static uint64_t get(const uint8_t *at, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number |= (uint64_t)at[i] << 8 * i;
    return number;
}

/* Who has one of the two opens nothing. */
static void key_of(const uint8_t own[ORIGINALS_KEY_BYTES],
                   const uint8_t master[ORIGINALS_KEY_BYTES], uint8_t key[ORIGINALS_KEY_BYTES])
{
    (void)crypto_generichash(key, ORIGINALS_KEY_BYTES, own, ORIGINALS_KEY_BYTES, master,
                             ORIGINALS_KEY_BYTES);
}

/* Random octets, each given once: the system is asked for many at a time, and none stays behind. */
static void draw(struct originals *originals, uint8_t *octets, size_t count)
{
    if (originals->chance_used + count > CHANCE_BYTES) {
        randombytes_buf(originals->chance, CHANCE_BYTES);
        originals->chance_used = 0;
    }
    memcpy(octets, originals->chance + originals->chance_used, count);
    sodium_memzero(originals->chance + originals->chance_used, count);
    originals->chance_used += count;
}

/* Its length, the place of its key, then nonce and ciphertext. Returns how many octets that is. */
static size_t seal(struct originals *originals, const struct original *original, uint32_t slot,
                   const uint8_t own[ORIGINALS_KEY_BYTES])
{
    uint8_t *record = originals->held + originals->held_count;
    static uint8_t plain[PLAIN_MAX];
    size_t count =
        original->octets.count < ORIGINALS_PDU_MAX ? original->octets.count : ORIGINALS_PDU_MAX;
    uint8_t key[ORIGINALS_KEY_BYTES];
    uint8_t *nonce = record + RECORD_HEAD_BYTES;
    size_t size = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + HEAD_BYTES + count;
    put(plain, original->call, 8);
    put(plain + 8, original->heard_ms, 8);
    plain[16] = original->index;
    memcpy(plain + HEAD_BYTES, original->octets.bytes, count);
    put(record, size, 4);
    put(record + 4, slot, 4);
    key_of(own, originals->key, key);
    draw(originals, nonce, crypto_secretbox_NONCEBYTES);
    REQUIRE(crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, plain, HEAD_BYTES + count,
                                  nonce, key) == 0);
    sodium_memzero(plain, HEAD_BYTES + count);
    sodium_memzero(key, sizeof key);
    return RECORD_HEAD_BYTES + size;
}

/* plain receives the PDU that `original` borrows. */
static bool unseal(const uint8_t *sealed, size_t size, const uint8_t key[ORIGINALS_KEY_BYTES],
                   uint8_t plain[PLAIN_MAX], struct original *original)
{
    size_t least = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + HEAD_BYTES;
    if (size < least ||
        crypto_secretbox_open_easy(plain, sealed + crypto_secretbox_NONCEBYTES,
                                   size - crypto_secretbox_NONCEBYTES, sealed, key) != 0)
        return false;
    *original = (struct original){ .call = get(plain, 8),
                                   .heard_ms = get(plain + 8, 8),
                                   .index = plain[16],
                                   .octets = { plain + HEAD_BYTES, size - least } };
    return true;
}

void original_digest(uint8_t digest[ORIGINALS_DIGEST_BYTES], const void *octets, size_t count)
{
    (void)crypto_generichash(digest, ORIGINALS_DIGEST_BYTES, octets, count, NULL, 0);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void failed(struct originals *originals, const char *what)
{
    originals->failures++;
    if (log_allowed(&originals->limit))
        log_error("original PDUs: %s of %s/%08u: %s", what, originals->folder, originals->date,
                  strerror(errno));
}

/* What is not written whole is cut off again: nothing could be told behind it. */
static bool records_write(struct originals *originals)
{
    ssize_t done = write(originals->fd, originals->held, originals->held_count);
    if (done == (ssize_t)originals->held_count)
        return true;
    int error = done < 0 ? errno : ENOSPC;
    off_t end = lseek(originals->fd, 0, SEEK_END);
    if (done > 0 && end >= done)
        (void)!ftruncate(originals->fd, end - done);
    errno = error;
    return false;
}

/* The keys go first: one without a record does no harm. */
void originals_flush(struct originals *originals)
{
    if (originals->held_slots == 0)
        return;
    size_t keys = (size_t)originals->held_slots * SLOT_BYTES;
    off_t at = (off_t)(originals->slots - originals->held_slots) * SLOT_BYTES;
    bool is_kept = originals->fd >= 0 &&
                   pwrite(originals->keys, originals->keys_held, keys, at) == (ssize_t)keys &&
                   records_write(originals);
    if (!is_kept) {
        originals->failures += originals->held_slots - 1;
        failed(originals, "write");
    }
    sodium_memzero(originals->keys_held, keys);
    originals->dirty |= is_kept;
    originals->held_slots = 0;
    originals->held_count = 0;
}

static void day_close(struct originals *originals)
{
    originals_flush(originals);
    if (originals->fd < 0)
        return;
    if (originals->dirty && fdatasync(originals->fd) < 0)
        failed(originals, "sync");
    originals->dirty = false;
    if (originals->keys >= 0 && fdatasync(originals->keys) < 0)
        failed(originals, "sync keys");
    (void)close(originals->fd);
    (void)close(originals->keys);
    originals->fd = originals->keys = -1;
}

static void past_close(struct originals *originals)
{
    for (int i = 0; i < 2; i++) {
        if (originals->past[i] >= 0)
            (void)close(originals->past[i]);
        originals->past[i] = -1;
    }
}

/* Midnight: what the day brought last is synced with the next minute's, beside all else. */
static void day_part(struct originals *originals)
{
    originals_flush(originals);
    if (originals->fd < 0)
        return;
    past_close(originals);
    originals->past[0] = originals->keys;
    originals->past[1] = originals->fd;
    originals->fd = originals->keys = -1;
    originals->dirty = false;
}

static void path_of(char path[PATH_MAX], const char *folder, uint32_t date, const char *kind)
{
    (void)snprintf(path, PATH_MAX, "%s/%08u%s", folder, date, kind);
}

static bool day_open(struct originals *originals, uint64_t now_ms)
{
    char path[PATH_MAX];
    struct stat file;
    uint32_t date = civil_date_at(now_ms, 0);
    if (originals->fd >= 0 && originals->date == date)
        return true;
    day_part(originals);
    originals->date = date;
    path_of(path, originals->folder, date, KEYS);
    originals->keys = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    path_of(path, originals->folder, date, PDUS);
    originals->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (originals->fd < 0 || originals->keys < 0 || fstat(originals->keys, &file) < 0)
        return false;
    originals->slots = (uint32_t)(((uint64_t)file.st_size + SLOT_BYTES - 1) / SLOT_BYTES);
    return true;
}

static void slot_hold(struct originals *originals, uint64_t call, uint8_t own[ORIGINALS_KEY_BYTES])
{
    uint8_t *slot = originals->keys_held + (size_t)originals->held_slots++ * SLOT_BYTES;
    draw(originals, own, ORIGINALS_KEY_BYTES);
    put(slot, call, SLOT_HEAD_BYTES);
    memcpy(slot + SLOT_HEAD_BYTES, own, ORIGINALS_KEY_BYTES);
}

int originals_open(struct originals **originals, const char *folder,
                   const uint8_t key[ORIGINALS_KEY_BYTES], const struct originals_bounds *bounds)
{
    struct originals *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->fd = fresh->keys = -1;
    fresh->past[0] = fresh->past[1] = -1;
    fresh->bounds = *bounds;
    fresh->chance_used = CHANCE_BYTES;
    memcpy(fresh->key, key, ORIGINALS_KEY_BYTES);
    int size = snprintf(fresh->folder, sizeof fresh->folder, "%s", folder);
    int status = size < 0 || (size_t)size >= sizeof fresh->folder ? -ENAMETOOLONG : 0;
    if (status == 0 && mkdir(folder, 0700) < 0 && errno != EEXIST)
        status = -errno;
    if (status < 0) {
        free(fresh);
        return status;
    }
    *originals = fresh;
    return 0;
}

void originals_close(struct originals *originals)
{
    if (!originals)
        return;
    day_close(originals);
    past_close(originals);
    sodium_memzero(originals, sizeof *originals);
    free(originals);
}

void originals_keep(struct originals *originals, const struct original *original)
{
    uint8_t own[ORIGINALS_KEY_BYTES];
    if (!day_open(originals, original->heard_ms)) {
        failed(originals, "open");
        return;
    }
    slot_hold(originals, original->call, own);
    originals->held_count += seal(originals, original, originals->slots++, own);
    sodium_memzero(own, sizeof own);
    if (originals->held_slots == HELD_SLOTS || originals->held_count > HELD_BYTES / 2)
        originals_flush(originals);
}

uint64_t originals_failures(const struct originals *originals)
{
    return originals->failures;
}

/* 0: no file of ours. */
static uint32_t date_of(const char *name)
{
    const char *kind = name + NAME_DIGITS;
    bool is_ours = strcmp(kind, PDUS) == 0 || strcmp(kind, KEYS) == 0 || strcmp(kind, OLD) == 0;
    return is_ours ? (uint32_t)strtoul(name, NULL, 10) : 0;
}

/* The files' dates, oldest first, each once. Returns how many, or a negative errno. */
static int files_list(const char *folder, uint32_t dates[ORIGINALS_FILES_MAX])
{
    struct dirent **entries;
    int count = 0;
    int found = scandir(folder, &entries, NULL, alphasort);
    if (found < 0)
        return -errno;
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        uint32_t date = strspn(name, "0123456789") == NAME_DIGITS ? date_of(name) : 0;
        if (date != 0 && count < ORIGINALS_FILES_MAX && (count == 0 || dates[count - 1] != date))
            dates[count++] = date;
        free(entries[i]);
    }
    free(entries);
    return count;
}

static uint64_t day_size(const struct originals *originals, uint32_t date)
{
    static const char *const kinds[] = { PDUS, KEYS, OLD };
    uint64_t total = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char path[PATH_MAX];
        struct stat file;
        path_of(path, originals->folder, date, kinds[i]);
        total += stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
    }
    return total;
}

static void day_remove(struct originals *originals, uint32_t date)
{
    char path[PATH_MAX];
    if (date == originals->date)
        day_close(originals);
    path_of(path, originals->folder, date, KEYS);
    (void)unlink(path);
    path_of(path, originals->folder, date, PDUS);
    (void)unlink(path);
    path_of(path, originals->folder, date, OLD);
    (void)unlink(path);
}

unsigned originals_unsynced(struct originals *originals, int files[ORIGINALS_FILES])
{
    originals_flush(originals);
    if (originals->past[0] >= 0) { /* the day's own have their turn a minute later */
        memcpy(files, originals->past, sizeof originals->past);
        originals->past[0] = originals->past[1] = -1;
        return ORIGINALS_FILES;
    }
    if (!originals->dirty)
        return 0;
    files[0] = dup(originals->keys); /* the day may end meanwhile */
    files[1] = dup(originals->fd);
    if (files[0] >= 0 && files[1] >= 0) {
        originals->dirty = false;
        return ORIGINALS_FILES;
    }
    for (unsigned i = 0; i < ORIGINALS_FILES; i++)
        if (files[i] >= 0)
            (void)close(files[i]);
    return 0;
}

void originals_tidy(struct originals *originals, uint64_t now_ms)
{
    uint32_t dates[ORIGINALS_FILES_MAX];
    uint64_t total = 0;
    originals_flush(originals);
    uint32_t oldest = civil_date_at(now_ms - (uint64_t)originals->bounds.days * DAY_MS, 0);
    int count = files_list(originals->folder, dates);
    while (count-- > 0) {
        total += day_size(originals, dates[count]);
        if (dates[count] < oldest || total > originals->bounds.bytes)
            day_remove(originals, dates[count]);
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A day's file being read; keys NULL: one of before. */
struct day {
    FILE *file, *keys;
    const uint8_t *master;
    uint8_t *sealed, *plain;
    size_t size; /* of the record read last, whose sealed octets begin at `at` */
    long at;
};

/* The octets the record's key is reckoned from; false: it was erased. */
static bool own_key(const struct day *day, uint32_t slot, uint8_t own[ORIGINALS_KEY_BYTES])
{
    uint8_t none[ORIGINALS_KEY_BYTES] = { 0 };
    return fseek(day->keys, (long)slot * SLOT_BYTES + SLOT_HEAD_BYTES, SEEK_SET) == 0 &&
           fread(own, ORIGINALS_KEY_BYTES, 1, day->keys) == 1 &&
           sodium_memcmp(own, none, sizeof none) != 0;
}

enum reading {
    READ_END,
    READ_TORN, /* by a power cut; nothing can be told behind it */
    READ_SEALED,
    READ_ERASED,
    READ_PLAIN
};

static enum reading day_next(struct day *day, struct original *original)
{
    uint8_t head[RECORD_HEAD_BYTES], own[ORIGINALS_KEY_BYTES], key[ORIGINALS_KEY_BYTES];
    size_t head_size = day->keys ? RECORD_HEAD_BYTES : 4;
    if (fread(head, head_size, 1, day->file) != 1)
        return READ_END;
    day->size = (size_t)get(head, 4);
    day->at = ftell(day->file);
    if (day->size > SEALED_MAX || fread(day->sealed, 1, day->size, day->file) != day->size)
        return READ_TORN;
    memcpy(key, day->master, sizeof key);
    if (day->keys && !own_key(day, (uint32_t)get(head + 4, 4), own))
        return READ_ERASED;
    if (day->keys)
        key_of(own, day->master, key);
    bool is_open = unseal(day->sealed, day->size, key, day->plain, original);
    sodium_memzero(own, sizeof own);
    sodium_memzero(key, sizeof key);
    bool is_erased = !is_open && !day->keys && sodium_is_zero(day->sealed, day->size);
    return is_open ? READ_PLAIN : is_erased ? READ_ERASED : READ_SEALED;
}

/* Returns false when there is no such file. */
static bool day_read(struct day *day, const char *folder, uint32_t date, const char *kind,
                     const uint8_t *master)
{
    static uint8_t sealed[SEALED_MAX], plain[PLAIN_MAX];
    char path[PATH_MAX];
    *day = (struct day){ .master = master, .sealed = sealed, .plain = plain };
    path_of(path, folder, date, kind);
    day->file = fopen(path, strcmp(kind, OLD) == 0 ? "r+e" : "re");
    if (!day->file || strcmp(kind, OLD) == 0)
        return day->file != NULL;
    path_of(path, folder, date, KEYS);
    day->keys = fopen(path, "re");
    if (day->keys)
        return true;
    (void)fclose(day->file);
    return false;
}

static void day_end(struct day *day)
{
    (void)fclose(day->file);
    if (day->keys)
        (void)fclose(day->keys);
    sodium_memzero(day->plain, PLAIN_MAX);
}

/* ---- finding --------------------------------------------------------------------------------- */

/* What is looked for, and what was found so far. */
struct search {
    const char *folder;
    const uint8_t *key;
    uint64_t call;
    originals_each *each;
    void *owner;
    int found;
    uint32_t broken;
};

static void day_search(struct search *search, uint32_t date, const char *kind)
{
    struct day day;
    struct original original;
    if (!day_read(&day, search->folder, date, kind, search->key))
        return;
    for (enum reading reading; (reading = day_next(&day, &original)) != READ_END;) {
        search->broken += reading == READ_TORN || reading == READ_SEALED;
        if (reading == READ_TORN)
            break;
        if (reading != READ_PLAIN || original.call != search->call)
            continue;
        search->found++;
        search->each(search->owner, &original);
    }
    day_end(&day);
}

int originals_find(const char *folder, const uint8_t key[ORIGINALS_KEY_BYTES], uint64_t call,
                   originals_each *each, void *owner, uint32_t *broken)
{
    uint32_t dates[ORIGINALS_FILES_MAX] = { 0 };
    struct search search = {
        .folder = folder, .key = key, .call = call, .each = each, .owner = owner
    };
    int count = files_list(folder, dates);
    for (int i = 0; i < count; i++) {
        day_search(&search, dates[i], OLD);
        day_search(&search, dates[i], PDUS);
    }
    *broken = search.broken;
    return count < 0 ? count : search.found;
}

/* ---- erasing --------------------------------------------------------------------------------- */

static bool is_among(uint64_t call, const uint64_t *calls, uint32_t count)
{
    uint32_t i = 0;
    while (i < count && calls[i] != call)
        i++;
    return i < count;
}

/* The slots at an offset of the keys' file. Returns how many were erased, or a negative errno. */
static int slots_erase(int keys, const uint8_t *slots, ssize_t size, off_t at,
                       const uint64_t *calls, uint32_t count)
{
    static const uint8_t none[ORIGINALS_KEY_BYTES] = { 0 };
    int erased = 0;
    for (ssize_t i = 0; i + SLOT_BYTES <= size; i += SLOT_BYTES) {
        if (!is_among(get(slots + i, SLOT_HEAD_BYTES), calls, count) ||
            sodium_is_zero(slots + i + SLOT_HEAD_BYTES, sizeof none))
            continue;
        if (pwrite(keys, none, sizeof none, at + i + SLOT_HEAD_BYTES) != (ssize_t)sizeof none)
            return -EIO;
        erased++;
    }
    return erased;
}

static int day_erase(const char *folder, uint32_t date, const uint64_t *calls, uint32_t count)
{
    static uint8_t slots[SLOTS_READ * SLOT_BYTES];
    char path[PATH_MAX];
    int erased = 0;
    path_of(path, folder, date, KEYS);
    int keys = open(path, O_RDWR | O_CLOEXEC);
    if (keys < 0)
        return errno == ENOENT ? 0 : -errno;
    ssize_t size = 1;
    for (off_t at = 0; size > 0 && erased >= 0; at += size) {
        size = pread(keys, slots, sizeof slots, at);
        int one = size < 0 ? -errno : slots_erase(keys, slots, size, at, calls, count);
        erased = one < 0 ? one : erased + one;
    }
    if (erased >= 0 && fsync(keys) < 0)
        erased = -errno;
    sodium_memzero(slots, sizeof slots);
    (void)close(keys);
    return erased;
}

/* Of a file whose records have no keys of their own. */
static int old_day_erase(const struct originals *originals, uint32_t date, const uint64_t *calls,
                         uint32_t count)
{
    struct day day;
    struct original original;
    int erased = 0;
    if (!day_read(&day, originals->folder, date, OLD, originals->key))
        return 0;
    for (enum reading reading; erased >= 0 && (reading = day_next(&day, &original)) > READ_TORN;) {
        if (reading != READ_PLAIN || !is_among(original.call, calls, count))
            continue;
        sodium_memzero(day.sealed, day.size);
        erased = pwrite(fileno(day.file), day.sealed, day.size, (off_t)day.at) == (ssize_t)day.size
                     ? erased + 1
                     : -EIO;
    }
    if (erased > 0 && fsync(fileno(day.file)) < 0)
        erased = -errno;
    day_end(&day);
    return erased;
}

int originals_erase(struct originals *originals, const uint64_t *calls, uint32_t count)
{
    uint32_t dates[ORIGINALS_FILES_MAX] = { 0 };
    int erased = 0;
    originals_flush(originals);
    int days = files_list(originals->folder, dates);
    for (int i = 0; i < days && erased >= 0; i++) {
        int one = day_erase(originals->folder, dates[i], calls, count);
        int old = one < 0 ? one : old_day_erase(originals, dates[i], calls, count);
        erased = old < 0 ? old : erased + one + old;
    }
    return days < 0 ? days : erased;
}
