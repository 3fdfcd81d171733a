/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/archive.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "base/text.h"
#include "dispatcher/journal/trickle.h"

enum {
    MAGIC_BYTES = 8,
    STREAM_KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    BOX_BYTES = crypto_box_SEALBYTES + STREAM_KEY_BYTES,
    STREAM_HEAD_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    PLAIN_BYTES = 1 + ARCHIVE_PART_BYTES,
    SEALED_BYTES = PLAIN_BYTES + crypto_secretstream_xchacha20poly1305_ABYTES
};

static const char magic[MAGIC_BYTES] = { 'Y', 'I', 'H', 'A', 'O', 'B', 'K', '1' };

struct archive {
    FILE *file;
    struct trickle trickle; /* writing */
    crypto_secretstream_xchacha20poly1305_state stream;
    uint8_t plain[PLAIN_BYTES];
    uint8_t sealed[SEALED_BYTES];
};

void archive_keys(uint8_t public_key[ARCHIVE_KEY_BYTES], uint8_t secret[ARCHIVE_KEY_BYTES])
{
    (void)crypto_box_keypair(public_key, secret);
}

void archive_close(struct archive *archive)
{
    if (!archive)
        return;
    sodium_memzero(archive, sizeof *archive);
    free(archive);
}

/* ---- writing ------------------------------------------------------------------------------- */

static int write_all(struct archive *archive, const void *bytes, size_t size)
{
    if (fwrite(bytes, 1, size, archive->file) != size)
        return -EIO;
    return trickle_add(&archive->trickle, size);
}

static int part_write(struct archive *archive, enum archive_part part, const void *bytes,
                      size_t size)
{
    unsigned long long sealed;
    unsigned char tag = part == ARCHIVE_END ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
    archive->plain[0] = (uint8_t)part;
    if (size > 0)
        memcpy(archive->plain + 1, bytes, size);
    (void)crypto_secretstream_xchacha20poly1305_push(&archive->stream, archive->sealed, &sealed,
                                                     archive->plain, 1 + size, NULL, 0, tag);
    uint32_t wire = htole32((uint32_t)sealed);
    int status = write_all(archive, &wire, sizeof wire);
    return status < 0 ? status : write_all(archive, archive->sealed, (size_t)sealed);
}

int archive_open(struct archive **archive, FILE *to, const uint8_t public_key[ARCHIVE_KEY_BYTES])
{
    uint8_t key[STREAM_KEY_BYTES], box[BOX_BYTES], head[STREAM_HEAD_BYTES];
    if (sodium_init() < 0)
        return -ENOSYS;
    struct archive *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->file = to;
    fresh->trickle.file = to;
    crypto_secretstream_xchacha20poly1305_keygen(key);
    int status = crypto_box_seal(box, key, sizeof key, public_key) == 0 ? 0 : -EINVAL;
    (void)crypto_secretstream_xchacha20poly1305_init_push(&fresh->stream, head, key);
    sodium_memzero(key, sizeof key);
    if (status == 0)
        status = write_all(fresh, magic, sizeof magic);
    if (status == 0)
        status = write_all(fresh, box, sizeof box);
    if (status == 0)
        status = write_all(fresh, head, sizeof head);
    if (status < 0) {
        archive_close(fresh);
        return status;
    }
    *archive = fresh;
    return 0;
}

int archive_name(struct archive *archive, const char *name)
{
    if (!archive_name_is_good(name, strlen(name)))
        return -EINVAL;
    return part_write(archive, ARCHIVE_NAME, name, strlen(name));
}

int archive_bytes(struct archive *archive, const uint8_t *bytes, size_t size)
{
    int status = 0;
    for (size_t at = 0; status == 0 && at < size; at += ARCHIVE_PART_BYTES)
        status =
            part_write(archive, ARCHIVE_BYTES, bytes + at,
                       size - at < ARCHIVE_PART_BYTES ? size - at : (size_t)ARCHIVE_PART_BYTES);
    return status;
}

int archive_finish(struct archive *archive)
{
    int status = part_write(archive, ARCHIVE_END, NULL, 0);
    return status < 0 ? status : trickle_end(&archive->trickle);
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool word_is_good(const char *word, size_t size)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";
    for (size_t i = 0; i < size; i++)
        if (word[i] == '\0' || !strchr(letters, word[i]))
            return false;
    return size > 0 && word[0] != '.';
}

bool archive_name_is_good(const char *name, size_t size)
{
    if (size == 0 || size >= ARCHIVE_NAME_BYTES)
        return false;
    const char *slash = memchr(name, '/', size);
    size_t first = slash ? (size_t)(slash - name) : size;
    return word_is_good(name, first) && (!slash || word_is_good(slash + 1, size - first - 1));
}

static bool read_all(FILE *from, void *bytes, size_t size)
{
    return fread(bytes, 1, size, from) == size;
}

static int head_read(struct archive *archive, const uint8_t secret[ARCHIVE_KEY_BYTES])
{
    char begin[MAGIC_BYTES];
    uint8_t box[BOX_BYTES], head[STREAM_HEAD_BYTES], key[STREAM_KEY_BYTES];
    uint8_t public_key[ARCHIVE_KEY_BYTES];
    if (!read_all(archive->file, begin, sizeof begin) || memcmp(begin, magic, sizeof magic) != 0 ||
        !read_all(archive->file, box, sizeof box) || !read_all(archive->file, head, sizeof head))
        return -EBADMSG;
    (void)crypto_scalarmult_base(public_key, secret);
    if (crypto_box_seal_open(key, box, sizeof box, public_key, secret) != 0)
        return -EKEYREJECTED;
    int status = crypto_secretstream_xchacha20poly1305_init_pull(&archive->stream, head, key);
    sodium_memzero(key, sizeof key);
    return status == 0 ? 0 : -EBADMSG;
}

/* Returns the size of the next part's plain bytes, or a negative errno; *final: it was the last. */
static int part_read(struct archive *archive, bool *final)
{
    uint32_t wire;
    unsigned long long size;
    unsigned char tag;
    if (!read_all(archive->file, &wire, sizeof wire))
        return -EBADMSG; /* cut off */
    wire = le32toh(wire);
    if (wire < 1 + crypto_secretstream_xchacha20poly1305_ABYTES || wire > SEALED_BYTES ||
        !read_all(archive->file, archive->sealed, wire) ||
        crypto_secretstream_xchacha20poly1305_pull(&archive->stream, archive->plain, &size, &tag,
                                                   archive->sealed, wire, NULL, 0) != 0)
        return -EBADMSG;
    *final = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return (int)size;
}

static int parts_take(struct archive *archive, archive_take *take, void *owner)
{
    char name[ARCHIVE_NAME_BYTES] = "";
    for (;;) {
        bool final;
        int size = part_read(archive, &final);
        if (size < 0)
            return size;
        const uint8_t *bytes = archive->plain + 1;
        enum archive_part part = archive->plain[0];
        size--;
        if (final != (part == ARCHIVE_END))
            return -EBADMSG;
        if (final)
            return fgetc(archive->file) == EOF ? 0 : -EBADMSG;
        if (part == ARCHIVE_NAME) {
            if (!archive_name_is_good((const char *)bytes, (size_t)size))
                return -EBADMSG;
            memcpy(name, bytes, (size_t)size);
            name[size] = '\0';
            size = 0;
        } else if (part != ARCHIVE_BYTES || name[0] == '\0' || size == 0) {
            return -EBADMSG;
        }
        int status = take(owner, name, bytes, (size_t)size);
        if (status < 0)
            return status;
    }
}

int archive_read(FILE *from, const uint8_t secret[ARCHIVE_KEY_BYTES], archive_take *take,
                 void *owner)
{
    if (sodium_init() < 0)
        return -ENOSYS;
    struct archive *archive = calloc(1, sizeof *archive);
    if (!archive)
        return -ENOMEM;
    archive->file = from;
    int status = head_read(archive, secret);
    if (status == 0)
        status = parts_take(archive, take, owner);
    archive_close(archive);
    return status;
}
