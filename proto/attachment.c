/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/folder.h"
#include "base/hex.h"

enum {
    NONCE_AT = 20,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    WORDS_AT = NONCE_AT + NONCE_BYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    RANDOM_BYTES = 16,
    PATH_BYTES = 512
};

_Static_assert(ATTACHMENT_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

static const uint8_t magic[NONCE_AT] = "yihao-attachment-1\n";

/* ---- kinds ------------------------------------------------------------------------------------ */

enum attachment_kind attachment_read_kind(const uint8_t *bytes, size_t size)
{
    static const struct {
        enum attachment_kind kind;
        size_t at;
        const char *sign;
        size_t sign_size;
    } signs[] = {
        { ATTACHMENT_KIND_JPEG, 0, "\xFF\xD8\xFF", 3 },
        { ATTACHMENT_KIND_PNG, 0, "\x89PNG\r\n\x1A\n", 8 },
        { ATTACHMENT_KIND_WEBP, 8, "WEBPVP8", 7 },
        { ATTACHMENT_KIND_PDF, 0, "%PDF-1.", 7 },
        { ATTACHMENT_KIND_PDF, 0, "%PDF-2.", 7 },
    };
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (size > signs[i].at + signs[i].sign_size &&
            memcmp(bytes + signs[i].at, signs[i].sign, signs[i].sign_size) == 0)
            return signs[i].kind;
    return ATTACHMENT_KIND_NONE;
}

const char *attachment_type(enum attachment_kind kind)
{
    static const char *const types[] = { [ATTACHMENT_KIND_NONE] = "application/octet-stream",
                                         [ATTACHMENT_KIND_JPEG] = "image/jpeg",
                                         [ATTACHMENT_KIND_PNG] = "image/png",
                                         [ATTACHMENT_KIND_WEBP] = "image/webp",
                                         [ATTACHMENT_KIND_PDF] = "application/pdf" };
    return types[(unsigned)kind < sizeof types / sizeof types[0] ? kind : 0];
}

const char *attachment_ending(enum attachment_kind kind)
{
    static const char *const endings[] = { [ATTACHMENT_KIND_NONE] = "bin",
                                           [ATTACHMENT_KIND_JPEG] = "jpg",
                                           [ATTACHMENT_KIND_PNG] = "png",
                                           [ATTACHMENT_KIND_WEBP] = "webp",
                                           [ATTACHMENT_KIND_PDF] = "pdf" };
    return endings[(unsigned)kind < sizeof endings / sizeof endings[0] ? kind : 0];
}

/* ---- writing ---------------------------------------------------------------------------------- */

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        bytes += written;
        size -= (size_t)written;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

static int file_write(const char *path, const uint8_t *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int status = fd < 0 ? -errno : write_all(fd, bytes, size);
    if (fd >= 0 && close(fd) < 0 && status == 0)
        status = -errno;
    if (status == 0)
        status = folder_sync_above(path);
    if (fd >= 0 && status < 0)
        (void)unlink(path);
    return status;
}

static int folder_make(const char *path)
{
    if (mkdir(path, 0700) < 0)
        return errno == EEXIST ? 0 : -errno;
    return folder_sync_above(path);
}

static void seal(const struct suite *suite, const uint8_t *bytes, size_t size, uint8_t *sealed,
                 struct attachment *attachment)
{
    randombytes_buf(attachment->key, sizeof attachment->key);
    memcpy(sealed, magic, sizeof magic);
    randombytes_buf(sealed + NONCE_AT, NONCE_BYTES);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + WORDS_AT, NULL, bytes, size, magic,
                                                     sizeof magic, NULL, sealed + NONCE_AT,
                                                     attachment->key);
    suite_digest(suite, sealed, WORDS_AT + size + TAG_BYTES, attachment->digest);
    attachment->algorithm = suite->id;
}

static int place(const char *folder, uint32_t day, char path[PATH_BYTES],
                 struct attachment *attachment)
{
    uint8_t chance[RANDOM_BYTES];
    char name[2 * RANDOM_BYTES + 1];
    randombytes_buf(chance, sizeof chance);
    hex_write(chance, sizeof chance, name);
    (void)snprintf(attachment->file, sizeof attachment->file, "%" PRIu32 "/%s.sealed", day, name);
    int status = folder_make(folder);
    if (snprintf(path, PATH_BYTES, "%s/%" PRIu32, folder, day) >= PATH_BYTES)
        return -ENAMETOOLONG;
    if (status == 0)
        status = folder_make(path);
    if (snprintf(path, PATH_BYTES, "%s/%s", folder, attachment->file) >= PATH_BYTES)
        return -ENAMETOOLONG;
    return status;
}

int attachment_write(const char *folder, uint32_t day, const struct suite *suite,
                     const uint8_t *bytes, size_t size, struct attachment *attachment)
{
    char path[PATH_BYTES];
    if (size > ATTACHMENT_BYTES_MAX)
        return -EFBIG;
    int status = place(folder, day, path, attachment);
    uint8_t *sealed = status == 0 ? malloc(WORDS_AT + size + TAG_BYTES) : NULL;
    if (status == 0 && !sealed)
        status = -ENOMEM;
    if (status == 0) {
        seal(suite, bytes, size, sealed, attachment);
        status = file_write(path, sealed, WORDS_AT + size + TAG_BYTES);
    }
    free(sealed);
    return status;
}

/* ---- reading ---------------------------------------------------------------------------------- */

int attachment_open(const uint8_t key[ATTACHMENT_KEY], const uint8_t *sealed, size_t size,
                    uint8_t *opened, size_t *opened_size)
{
    unsigned long long length = 0;
    if (size < WORDS_AT + TAG_BYTES || memcmp(sealed, magic, sizeof magic) != 0 ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(opened, &length, NULL, sealed + WORDS_AT,
                                                   size - WORDS_AT, magic, sizeof magic,
                                                   sealed + NONCE_AT, key) != 0)
        return -EBADMSG;
    *opened_size = (size_t)length;
    return 0;
}

static int file_read(int fd, uint8_t **bytes, size_t *size)
{
    struct stat about;
    if (fstat(fd, &about) < 0)
        return -errno;
    if (!S_ISREG(about.st_mode) || about.st_size <= 0 ||
        about.st_size > WORDS_AT + ATTACHMENT_BYTES_MAX + TAG_BYTES)
        return -EBADMSG;
    *size = (size_t)about.st_size;
    *bytes = malloc(*size);
    if (!*bytes)
        return -ENOMEM;
    ssize_t got = pread(fd, *bytes, *size, 0);
    return got == (ssize_t)*size ? 0 : got < 0 ? -errno : -EBADMSG;
}

int attachment_read(const char *path, const uint8_t key[ATTACHMENT_KEY], uint8_t **bytes,
                    size_t *size)
{
    uint8_t *sealed = NULL;
    size_t sealed_size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *bytes = NULL;
    if (fd < 0)
        return -errno;
    int status = file_read(fd, &sealed, &sealed_size);
    (void)close(fd);
    if (status == 0 && (sealed_size == 0 || !(*bytes = malloc(sealed_size))))
        status = -ENOMEM;
    if (status == 0)
        status = attachment_open(key, sealed, sealed_size, *bytes, size);
    free(sealed);
    if (status < 0) {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}
