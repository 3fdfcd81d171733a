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
    PLAIN_MAX = HEAD_BYTES + ORIGINALS_PDU_MAX,
    SEALED_MAX = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + PLAIN_MAX,
    NAME_DIGITS = 8,
    DAY_MS = 24 * 3600 * 1000
};

struct originals {
    char folder[PATH_MAX - 16];
    struct originals_bounds bounds;
    uint8_t key[ORIGINALS_KEY_BYTES];
    int fd; /* of the day's file, -1: none */
    uint32_t date;
    bool dirty;
    uint64_t failures;
    struct log_limit limit;
    uint8_t sealed[4 + SEALED_MAX];
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

/* Its length, then nonce and ciphertext. Returns how many octets that is. */
static size_t seal(struct originals *originals, const struct original *original)
{
    static uint8_t plain[PLAIN_MAX];
    size_t count =
        original->octets.count < ORIGINALS_PDU_MAX ? original->octets.count : ORIGINALS_PDU_MAX;
    uint8_t *nonce = originals->sealed + 4;
    size_t size = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + HEAD_BYTES + count;
    put(plain, original->call, 8);
    put(plain + 8, original->heard_ms, 8);
    plain[16] = original->index;
    memcpy(plain + HEAD_BYTES, original->octets.bytes, count);
    put(originals->sealed, size, 4);
    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    REQUIRE(crypto_secretbox_easy(nonce + crypto_secretbox_NONCEBYTES, plain, HEAD_BYTES + count,
                                  nonce, originals->key) == 0);
    sodium_memzero(plain, HEAD_BYTES + count);
    return 4 + size;
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

static void day_close(struct originals *originals)
{
    if (originals->fd < 0)
        return;
    if (originals->dirty && fdatasync(originals->fd) < 0)
        failed(originals, "sync");
    originals->dirty = false;
    (void)close(originals->fd);
    originals->fd = -1;
}

static bool day_open(struct originals *originals, uint64_t now_ms)
{
    char path[PATH_MAX];
    uint32_t date = civil_date_at(now_ms, 0);
    if (originals->fd >= 0 && originals->date == date)
        return true;
    day_close(originals);
    originals->date = date;
    (void)snprintf(path, sizeof path, "%s/%08u", originals->folder, date);
    originals->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return originals->fd >= 0;
}

int originals_open(struct originals **originals, const char *folder,
                   const uint8_t key[ORIGINALS_KEY_BYTES], const struct originals_bounds *bounds)
{
    struct originals *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->fd = -1;
    fresh->bounds = *bounds;
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
    sodium_memzero(originals->key, sizeof originals->key);
    free(originals);
}

void originals_keep(struct originals *originals, const struct original *original)
{
    size_t size = seal(originals, original);
    if (!day_open(originals, original->heard_ms) ||
        write(originals->fd, originals->sealed, size) != (ssize_t)size)
        failed(originals, "write");
    else
        originals->dirty = true;
}

uint64_t originals_failures(const struct originals *originals)
{
    return originals->failures;
}

/* The files' dates, oldest first. Returns how many, or a negative errno. */
static int files_list(const char *folder, uint32_t dates[ORIGINALS_FILES_MAX])
{
    struct dirent **entries;
    int count = 0;
    int found = scandir(folder, &entries, NULL, alphasort);
    if (found < 0)
        return -errno;
    for (int i = 0; i < found; i++) {
        const char *name = entries[i]->d_name;
        if (count < ORIGINALS_FILES_MAX && strlen(name) == NAME_DIGITS &&
            strspn(name, "0123456789") == NAME_DIGITS)
            dates[count++] = (uint32_t)strtoul(name, NULL, 10);
        free(entries[i]);
    }
    free(entries);
    return count;
}

void originals_tidy(struct originals *originals, uint64_t now_ms)
{
    uint32_t dates[ORIGINALS_FILES_MAX];
    char path[PATH_MAX];
    uint64_t total = 0;
    uint32_t oldest = civil_date_at(now_ms - (uint64_t)originals->bounds.days * DAY_MS, 0);
    if (originals->dirty && fdatasync(originals->fd) < 0)
        failed(originals, "sync");
    originals->dirty = false;
    int count = files_list(originals->folder, dates);
    while (count-- > 0) {
        struct stat file;
        (void)snprintf(path, sizeof path, "%s/%08u", originals->folder, dates[count]);
        if (stat(path, &file) == 0)
            total += (uint64_t)file.st_size;
        if (dates[count] >= oldest && total <= originals->bounds.bytes)
            continue;
        if (dates[count] == originals->date)
            day_close(originals);
        (void)unlink(path);
    }
}

/* ---- finding --------------------------------------------------------------------------------- */

static int file_search(const char *path, const uint8_t key[ORIGINALS_KEY_BYTES], uint64_t call,
                       originals_each *each, void *owner, uint32_t *broken)
{
    static uint8_t sealed[SEALED_MAX], plain[PLAIN_MAX];
    uint8_t head[4];
    struct original original;
    int found = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : -errno;
    while (fread(head, sizeof head, 1, file) == 1) {
        size_t size = (size_t)get(head, 4);
        if (size > sizeof sealed || fread(sealed, 1, size, file) != size) {
            ++*broken; /* cut by a power cut; nothing can be told behind it */
            break;
        }
        if (!unseal(sealed, size, key, plain, &original)) {
            ++*broken;
        } else if (original.call == call) {
            found++;
            each(owner, &original);
        }
    }
    (void)fclose(file);
    sodium_memzero(plain, sizeof plain);
    return found;
}

int originals_find(const char *folder, const uint8_t key[ORIGINALS_KEY_BYTES], uint64_t call,
                   originals_each *each, void *owner, uint32_t *broken)
{
    uint32_t dates[ORIGINALS_FILES_MAX] = { 0 };
    char path[PATH_MAX];
    int found = 0;
    *broken = 0;
    int count = files_list(folder, dates);
    for (int i = 0; i < count && found >= 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%08u", folder, dates[i]);
        int one = file_search(path, key, call, each, owner, broken);
        found = one < 0 ? one : found + one;
    }
    return count < 0 ? count : found;
}
