/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/witness/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/folder.h"
#include "base/hex.h"
#include "base/log.h"
#include "dispatcher/journal/succession.h"
#include "dispatcher/journal/tree.h"
#include "proto/codec.h"

enum {
    PATH_BYTES = 512,
    LAST_BYTES_MAX = 2048
};

struct witness {
    char folder[PATH_BYTES - 32];
    struct lineage lineage; /* of the city's keys */
    struct signer signer;
    struct codec *codec;
    struct checkpoint last;  /* seq 0: none yet */
    struct checkpoint shown; /* waits for its proof */
    uint64_t signed_count;
    bool doubts;
};

/* ---- files ------------------------------------------------------------------------------------ */

static void path_of(const struct witness *witness, const char *file, char path[PATH_BYTES])
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", witness->folder, file);
}

/* Whole or not at all, also when the machine stops. */
static int file_write(const struct witness *witness, const char *name, const void *bytes,
                      size_t size, mode_t mode)
{
    char path[PATH_BYTES], fresh[PATH_BYTES];
    path_of(witness, name, path);
    path_of(witness, "fresh", fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return -errno;
    ssize_t written = write(fd, bytes, size);
    int status = written == (ssize_t)size ? 0 : written < 0 ? -errno : -ENOSPC;
    if (status == 0 && fsync(fd) < 0)
        status = -errno;
    if (close(fd) < 0 && status == 0)
        status = -errno;
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    return status < 0 ? status : folder_sync(witness->folder);
}

/* Returns the bytes read or a negative errno. */
static int file_read(const struct witness *witness, const char *name, void *bytes, size_t room)
{
    char path[PATH_BYTES];
    path_of(witness, name, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t size = read(fd, bytes, room);
    int status = size < 0 ? -errno : (int)size;
    (void)close(fd);
    return status;
}

static int key_open(struct witness *witness)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    char digits[2 * sizeof seed + 2] = "";
    int size = file_read(witness, "sign.secret", digits, sizeof digits - 1);
    int status = size < 0 && size != -ENOENT ? size : 0;
    if (size == -ENOENT) {
        randombytes_buf(seed, sizeof seed);
        hex_write(seed, sizeof seed, digits);
        status = file_write(witness, "sign.secret", digits, strlen(digits), 0600);
    } else if (status == 0) {
        digits[strcspn(digits, "\r\n")] = '\0';
        status = hex_read(digits, seed, sizeof seed) ? 0 : -EBADMSG;
    }
    if (status == 0) {
        (void)crypto_sign_seed_keypair(witness->signer.public_key, witness->signer.secret, seed);
        hex_write(witness->signer.public_key, sizeof witness->signer.public_key, digits);
        status = file_write(witness, "sign.public", digits, strlen(digits), 0644);
    }
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(digits, sizeof digits);
    return status;
}

static int checkpoint_keep(struct witness *witness, const char *name,
                           const struct checkpoint *checkpoint)
{
    uint8_t bytes[LAST_BYTES_MAX];
    int size = codec_pack(witness->codec, SCHEMA_CHECKPOINT, checkpoint, bytes, sizeof bytes);
    return size < 0 ? size : file_write(witness, name, bytes, (size_t)size, 0600);
}

static int memory_open(struct witness *witness)
{
    uint8_t bytes[LAST_BYTES_MAX];
    int size = file_read(witness, "last", bytes, sizeof bytes);
    int status = size < 0 ? size
                          : codec_unpack(witness->codec, SCHEMA_CHECKPOINT, bytes, (size_t)size,
                                         &witness->last);
    witness->doubts = file_read(witness, "doubt", bytes, sizeof bytes) >= 0;
    return status == -ENOENT ? 0 : status;
}

/* The newest succession it followed is all it needs of the line. */
static int line_open(struct witness *witness)
{
    uint8_t bytes[LAST_BYTES_MAX];
    struct succession latest;
    int size = file_read(witness, "line", bytes, sizeof bytes);
    int status =
        size < 0 ? size
                 : codec_unpack(witness->codec, SCHEMA_SUCCESSION, bytes, (size_t)size, &latest);
    if (status == 0)
        lineage_resume(&witness->lineage, &latest);
    if (status == 0 || status == -ENOENT)
        (void)lineage_take(&witness->lineage, &witness->last);
    return status == -ENOENT ? 0 : status;
}

static int line_keep(struct witness *witness, const struct succession *latest)
{
    uint8_t bytes[LAST_BYTES_MAX];
    int size = codec_pack(witness->codec, SCHEMA_SUCCESSION, latest, bytes, sizeof bytes);
    return size < 0 ? size : file_write(witness, "line", bytes, (size_t)size, 0600);
}

int witness_open(struct witness **witness, const char *folder, const uint8_t city_key[32])
{
    struct witness *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int length = snprintf(fresh->folder, sizeof fresh->folder, "%s", folder);
    lineage_init(&fresh->lineage, city_key);
    fresh->codec = codec_open();
    int status = length >= (int)sizeof fresh->folder ? -ENAMETOOLONG : fresh->codec ? 0 : -ENOMEM;
    if (status == 0)
        status = key_open(fresh);
    if (status == 0)
        status = memory_open(fresh);
    if (status == 0)
        status = line_open(fresh);
    if (status < 0) {
        witness_close(fresh);
        return status;
    }
    *witness = fresh;
    return 0;
}

void witness_close(struct witness *witness)
{
    if (!witness)
        return;
    codec_close(witness->codec);
    sodium_memzero(witness, sizeof *witness);
    free(witness);
}

const uint8_t *witness_key(const struct witness *witness)
{
    return witness->signer.public_key;
}

/* ---- judging ---------------------------------------------------------------------------------- */

/* What it was shown is evidence: it is kept beside what it signed. */
static struct witness_word doubt(struct witness *witness, const struct checkpoint *shown,
                                 enum doubt_reason reason)
{
    struct witness_word word = {
        .step = WITNESS_STEP_DOUBT, .first = witness->last.seq, .seq = shown->seq, .reason = reason
    };
    int status = checkpoint_keep(witness, "doubt", shown);
    if (status < 0)
        log_error("cannot keep what was shown: %s", strerror(-status));
    log_error("history doubted reason=%s signed=%" PRIu64 " shown=%" PRIu64,
              doubt_reason_name(reason), word.first, word.seq);
    witness->doubts = true;
    return word;
}

/* It believes first on its disk, then in public. */
static struct witness_word believe(struct witness *witness, const struct checkpoint *shown,
                                   uint64_t now_ms)
{
    struct witness_word word = { .step = WITNESS_STEP_SIGN, .seq = shown->seq };
    if (shown->seq != witness->last.seq) {
        int status = checkpoint_keep(witness, "last", shown);
        if (status < 0) {
            log_error("cannot keep the checkpoint: %s", strerror(-status));
            return (struct witness_word){ .step = WITNESS_STEP_WAIT };
        }
        witness->last = *shown;
    }
    word.cosignature.at_ms = now_ms;
    cosignature_sign(&word.cosignature, shown, &witness->signer);
    witness->signed_count++;
    return word;
}

static bool signed_it(const struct witness *witness, const struct checkpoint *shown)
{
    for (uint32_t i = 0; i < shown->witnesses_count; i++)
        if (memcmp(shown->witnesses[i].key, witness->signer.public_key,
                   sizeof shown->witnesses[i].key) == 0)
            return true;
    return false;
}

static bool is_same(const struct checkpoint *one, const struct checkpoint *other)
{
    return memcmp(one->root, other->root, sizeof one->root) == 0 &&
           memcmp(one->link, other->link, sizeof one->link) == 0;
}

struct witness_word witness_see(struct witness *witness, const struct checkpoint *shown,
                                uint64_t now_ms)
{
    struct witness_word nothing = { .step = WITNESS_STEP_WAIT };
    const struct checkpoint *last = &witness->last;
    if (witness->doubts || shown->seq == 0)
        return nothing;
    if (memcmp(shown->key, witness->lineage.key, sizeof shown->key) != 0) {
        witness->shown = *shown;
        return (struct witness_word){ .step = WITNESS_STEP_LINE, .first = witness->lineage.number };
    }
    if (!lineage_take(&witness->lineage, shown))
        return doubt(witness, shown, DOUBT_REASON_FORGED);
    if (last->seq == 0)
        return believe(witness, shown, now_ms);
    if (shown->seq < last->seq)
        return doubt(witness, shown, DOUBT_REASON_SHRUNK);
    if (shown->seq == last->seq && !is_same(shown, last))
        return doubt(witness, shown, DOUBT_REASON_REWRITTEN);
    if (shown->seq == last->seq)
        return signed_it(witness, shown) ? nothing : believe(witness, shown, now_ms);
    witness->shown = *shown;
    return (
        struct witness_word){ .step = WITNESS_STEP_PROVE, .first = last->seq, .seq = shown->seq };
}

struct witness_word witness_follow(struct witness *witness, const struct successions *successions,
                                   uint64_t now_ms)
{
    struct witness_word nothing = { .step = WITNESS_STEP_WAIT };
    struct checkpoint shown = witness->shown;
    if (witness->doubts || shown.seq == 0)
        return nothing;
    if (successions->rows_count == 0) /* and still it is another key */
        return doubt(witness, &shown, DOUBT_REASON_FORGED);
    for (uint32_t i = 0; i < successions->rows_count; i++)
        if (!lineage_follow(&witness->lineage, &successions->rows[i]))
            return doubt(witness, &shown, DOUBT_REASON_FORGED);
    int status = line_keep(witness, &successions->rows[successions->rows_count - 1]);
    if (status < 0) {
        log_error("cannot keep the line of keys: %s", strerror(-status));
        return nothing;
    }
    return witness_see(witness, &shown, now_ms);
}

struct witness_word witness_prove(struct witness *witness, const struct consistency *proof,
                                  uint64_t now_ms)
{
    const struct checkpoint *last = &witness->last, *shown = &witness->shown;
    if (witness->doubts || proof->first != last->seq || proof->second != shown->seq)
        return (struct witness_word){ .step =
                                          WITNESS_STEP_WAIT }; /* an answer to an older question */
    uint8_t path[sizeof proof->path / TREE_HASH_BYTES][TREE_HASH_BYTES];
    memcpy(path, proof->path, sizeof path);
    bool goes_on =
        proof->path_size % TREE_HASH_BYTES == 0 &&
        tree_goes_on(last->seq, last->root, shown->seq, shown->root,
                     (const uint8_t(*)[TREE_HASH_BYTES])path, proof->path_size / TREE_HASH_BYTES);
    return goes_on ? believe(witness, shown, now_ms)
                   : doubt(witness, shown, DOUBT_REASON_REWRITTEN);
}

struct witness_counts witness_count(const struct witness *witness)
{
    return (struct witness_counts){ .seq = witness->last.seq,
                                    .at_ms = witness->last.at_ms,
                                    .signed_count = witness->signed_count,
                                    .doubts = witness->doubts };
}
