/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/sealer/sealer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/log.h"
#include "dispatcher/journal/succession.h"
#include "dispatcher/journal/tree.h"
#include "dispatcher/sealer/safe.h"
#include "proto/codec.h"

enum {
    NAME_BYTES = 48,
    MEMORY_BYTES_MAX = 1024,
    SUCCESSION_BYTES_MAX = 512,
    HEX_BYTES = 2 * SUITE_SECRET_BYTES + 2
};

struct sealer {
    struct safe safe;
    const struct suite *suite;
    uint64_t period_ms;
    struct codec *codec;
    struct signer signer;
    struct signer spare; /* given for recovery; empty otherwise */
    bool waits;          /* for the journal's word, to recover */
    struct sealer_memory memory;
};

/* ---- files ----------------------------------------------------------------------------------- */

static void name_of(char name[NAME_BYTES], const char *kind, uint64_t number)
{
    (void)snprintf(name, NAME_BYTES, "%s.%" PRIu64, kind, number);
}

static int memory_write(struct sealer *sealer)
{
    uint8_t bytes[MEMORY_BYTES_MAX];
    int size =
        codec_pack(sealer->codec, SCHEMA_SEALER_MEMORY, &sealer->memory, bytes, sizeof bytes);
    return size < 0 ? size : safe_write(&sealer->safe, "memory", bytes, (size_t)size);
}

static int memory_read(struct sealer *sealer)
{
    uint8_t bytes[MEMORY_BYTES_MAX];
    int size = safe_read(&sealer->safe, "memory", bytes, sizeof bytes);
    return size < 0 ? size
                    : codec_unpack(sealer->codec, SCHEMA_SEALER_MEMORY, bytes, (size_t)size,
                                   &sealer->memory);
}

static int key_read(struct sealer *sealer)
{
    char name[NAME_BYTES];
    uint8_t seed[SUITE_SEED_BYTES];
    name_of(name, "key", sealer->memory.number);
    int size = safe_read(&sealer->safe, name, seed, sizeof seed);
    if (size == (int)sizeof seed)
        signer_of_seed(&sealer->signer, sealer->suite, seed);
    sodium_memzero(seed, sizeof seed);
    if (size < 0)
        return size;
    if (memcmp(sealer->signer.public_key, sealer->memory.key, sizeof sealer->memory.key) == 0)
        return 0;
    log_error("the key is not the one remembered, or of another suite than suite=%s",
              sealer->suite->name);
    return -EBADMSG;
}

/* What a crash may have left: the key before the last succession, or one that never came to sign. */
static int keys_wipe(struct sealer *sealer)
{
    char name[NAME_BYTES];
    int status = 0;
    if (sealer->memory.number > 0) {
        name_of(name, "key", sealer->memory.number - 1);
        status = safe_wipe(&sealer->safe, name);
    }
    name_of(name, "key", sealer->memory.number + 1);
    return status < 0 ? status : safe_wipe(&sealer->safe, name);
}

static int key_make(struct sealer *sealer, uint64_t number, const uint8_t seed[32])
{
    char name[NAME_BYTES];
    name_of(name, "key", number);
    return safe_write(&sealer->safe, name, seed, SUITE_SEED_BYTES);
}

/* Makes a new spare key beside the others, for a person to carry away. */
static int spare_make(struct sealer *sealer, uint8_t public_key[32])
{
    uint8_t secret[SUITE_SECRET_BYTES];
    char digits[HEX_BYTES];
    suite_pair(sealer->suite, public_key, secret);
    hex_write(secret, sizeof secret, digits);
    int status = safe_write(&sealer->safe, "spare.secret", digits, strlen(digits));
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(digits, sizeof digits);
    return status;
}

/* A file of hex digits, as keys are kept. */
static int secret_read(const struct suite *suite, const char *path, struct signer *signer)
{
    char digits[HEX_BYTES] = "";
    uint8_t secret[SUITE_SECRET_BYTES];
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    bool got = fgets(digits, sizeof digits, file) != NULL;
    (void)fclose(file);
    digits[strcspn(digits, "\r\n")] = '\0';
    got = got && hex_read(digits, secret, sizeof secret);
    sodium_memzero(digits, sizeof digits);
    if (got)
        signer_of_secret(signer, suite, secret);
    sodium_memzero(secret, sizeof secret);
    if (!got)
        return -EBADMSG;
    if (suite_fits(suite, signer->secret, signer->public_key))
        return 0;
    log_error("%s is no key of suite=%s", path, suite->name);
    return -EKEYREJECTED;
}

/* ---- the key's way --------------------------------------------------------------------------- */

/* The next key, which `by` signs: first all of it on the disk, then the memory, which is what counts,
 * and then the former key is destroyed. */
static int succeed(struct sealer *sealer, struct succession *next, const struct signer *by,
                   uint64_t now_ms)
{
    uint8_t seed[SUITE_SEED_BYTES], bytes[SUCCESSION_BYTES_MAX];
    struct signer signer;
    char name[NAME_BYTES];
    randombytes_buf(seed, sizeof seed);
    signer_of_seed(&signer, sealer->suite, seed);
    memcpy(next->key, signer.public_key, sizeof next->key);
    succession_sign(next, by);
    int status = key_make(sealer, next->number, seed);
    sodium_memzero(seed, sizeof seed);
    int size = codec_pack(sealer->codec, SCHEMA_SUCCESSION, next, bytes, sizeof bytes);
    name_of(name, "succession", next->number);
    if (status == 0)
        status = size < 0 ? size : safe_write(&sealer->safe, name, bytes, (size_t)size);
    if (status == 0) {
        name_of(name, "key", sealer->memory.number);
        sealer->memory.number = next->number;
        sealer->memory.since_ms = now_ms;
        memcpy(sealer->memory.spare, next->spare, sizeof sealer->memory.spare);
        memcpy(sealer->memory.key, next->key, sizeof sealer->memory.key);
        status = memory_write(sealer);
    }
    if (status == 0) {
        sealer->signer = signer;
        status = safe_wipe(&sealer->safe, name);
        log_info("key succeeded number=%" PRIu64 " size=%" PRIu64, next->number, next->size);
    }
    sodium_memzero(&signer, sizeof signer);
    return status;
}

int sealer_tick(struct sealer *sealer, uint64_t now_ms)
{
    const struct sealer_memory *memory = &sealer->memory;
    if (sealer->waits || !memory->has_last || memory->number == SUCCESSIONS_MAX ||
        now_ms / sealer->period_ms <= memory->since_ms / sealer->period_ms)
        return 0;
    struct succession next = { .number = memory->number + 1,
                               .at_ms = memory->last.at_ms,
                               .size = memory->last.seq };
    memcpy(next.root, memory->last.root, sizeof next.root);
    memcpy(next.spare, memory->spare, sizeof next.spare);
    return succeed(sealer, &next, &sealer->signer, now_ms);
}

/* The spare key signs once, then a new one takes its place. */
static int recover(struct sealer *sealer, const struct sealer_call *call, uint64_t now_ms)
{
    const struct succession *latest = &call->latest;
    const struct checkpoint *newest = &call->newest;
    char name[NAME_BYTES];
    if (!call->has_latest || !call->has_newest || newest->seq < latest->size ||
        memcmp(latest->spare, sealer->spare.public_key, sizeof latest->spare) != 0 ||
        newest->algorithm != sealer->suite->id || !checkpoint_holds(newest)) {
        log_error(
            "the journal's last succession names another spare key or suite, or there is none");
        return 0;
    }
    log_warn("the spare key goes on from number=%" PRIu64 " seq=%" PRIu64, latest->number,
             newest->seq);
    name_of(name, "key", sealer->memory.number); /* of the memory that is given up, if any */
    int status = safe_wipe(&sealer->safe, name);
    if (status < 0)
        return status;
    struct succession next = { .number = latest->number + 1,
                               .by_spare = true,
                               .at_ms =
                                   newest->at_ms > latest->at_ms ? newest->at_ms : latest->at_ms,
                               .size = newest->seq };
    memcpy(next.root, newest->root, sizeof next.root);
    status = spare_make(sealer, next.spare);
    if (status < 0)
        return status;
    sealer->memory.number = latest->number;
    sealer->memory.has_last = true;
    sealer->memory.last = *newest;
    sealer->memory.last.at_ms = next.at_ms;
    sealer->memory.last.witnesses_count = 0;
    status = succeed(sealer, &next, &sealer->spare, now_ms);
    sodium_memzero(&sealer->spare, sizeof sealer->spare);
    sealer->waits = false;
    return status;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Its first life: the city's first key moves in, and is where it was no more. */
static int begin(struct sealer *sealer, const char *first_secret)
{
    int status = secret_read(sealer->suite, first_secret, &sealer->signer);
    if (status == 0)
        status = spare_make(sealer, sealer->memory.spare);
    if (status == 0) {
        memcpy(sealer->memory.key, sealer->signer.public_key, sizeof sealer->memory.key);
        status = key_make(sealer, 0, sealer->signer.secret); /* its first half is the seed */
    }
    return status < 0 ? status : memory_write(sealer);
}

static int open_files(struct sealer *sealer, const struct sealer_settings *settings)
{
    int status = memory_read(sealer);
    if (settings->spare_secret) {
        if (status < 0 && status != -ENOENT)
            log_error("the memory is not readable: the spare key goes on without it");
        sealer->waits = true;
        return secret_read(sealer->suite, settings->spare_secret, &sealer->spare);
    }
    if (status == -ENOENT)
        status = begin(sealer, settings->first_secret);
    if (status == 0)
        status = key_read(sealer);
    if (status == 0)
        status = keys_wipe(sealer);
    return status < 0 ? status : safe_wipe_path(settings->first_secret);
}

int sealer_open(struct sealer **sealer, const struct sealer_settings *settings, uint64_t now_ms)
{
    struct sealer *fresh = sodium_malloc(sizeof *fresh); /* on no swap, in no core file */
    if (!fresh)
        return -ENOMEM;
    memset(fresh, 0, sizeof *fresh);
    fresh->suite = settings->suite ? settings->suite : suite_default();
    fresh->period_ms = settings->period_ms;
    fresh->codec = codec_open();
    int status = fresh->codec ? safe_open(&fresh->safe, settings->folder) : -ENOMEM;
    if (status == 0)
        status = open_files(fresh, settings);
    if (status == 0)
        status = sealer_tick(fresh, now_ms);
    if (status < 0) {
        sealer_close(fresh);
        return status;
    }
    *sealer = fresh;
    return 0;
}

void sealer_close(struct sealer *sealer)
{
    if (!sealer)
        return;
    codec_close(sealer->codec);
    sodium_free(sealer);
}

uint64_t sealer_number(const struct sealer *sealer)
{
    return sealer->memory.number;
}

uint64_t sealer_seq(const struct sealer *sealer)
{
    return sealer->memory.has_last ? sealer->memory.last.seq : 0;
}

bool sealer_waits(const struct sealer *sealer)
{
    return sealer->waits;
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* Does it go on from the last one? Without a last one there is nothing to go on from. */
static enum doubt_reason judge(const struct sealer *sealer, const struct sealer_call *call)
{
    const struct checkpoint *last = &sealer->memory.last, *asked = &call->checkpoint;
    const struct consistency *proof = &call->proof;
    uint8_t path[sizeof proof->path / TREE_HASH_BYTES][TREE_HASH_BYTES];
    if (!sealer->memory.has_last)
        return DOUBT_REASON_NONE;
    if (asked->seq < last->seq || asked->at_ms < last->at_ms)
        return DOUBT_REASON_SHRUNK;
    if (asked->seq == last->seq)
        return memcmp(asked->root, last->root, sizeof asked->root) == 0 &&
                       memcmp(asked->link, last->link, sizeof asked->link) == 0
                   ? DOUBT_REASON_NONE
                   : DOUBT_REASON_REWRITTEN;
    memcpy(path, proof->path, sizeof path);
    return call->has_proof && proof->first == last->seq && proof->second == asked->seq &&
                   proof->path_size % TREE_HASH_BYTES == 0 &&
                   tree_goes_on(sealer->suite, last->seq, last->root, asked->seq, asked->root,
                                (const uint8_t(*)[TREE_HASH_BYTES])path,
                                proof->path_size / TREE_HASH_BYTES)
               ? DOUBT_REASON_NONE
               : DOUBT_REASON_REWRITTEN;
}

static int sign_checkpoint(struct sealer *sealer, const struct sealer_call *call,
                           struct sealer_word *word)
{
    struct sealer_memory *memory = &sealer->memory;
    word->doubt = judge(sealer, call);
    if (word->doubt != DOUBT_REASON_NONE) {
        log_error("not signed reason=%s last=%" PRIu64 " asked=%" PRIu64,
                  doubt_reason_name(word->doubt), memory->last.seq, call->checkpoint.seq);
        return 0;
    }
    struct checkpoint checkpoint = call->checkpoint;
    checkpoint.witnesses_count = 0;
    checkpoint_sign(&checkpoint, &sealer->signer);
    memory->last = checkpoint;
    memory->has_last = true;
    int status = memory_write(sealer);
    if (status < 0)
        return status;
    word->has_checkpoint = true;
    word->checkpoint = checkpoint;
    return 0;
}

static void sign_manifest(struct sealer *sealer, const struct sealer_call *call,
                          struct sealer_word *word)
{
    if (!sealer->memory.has_last || call->manifest.size > sealer->memory.last.seq)
        return;
    word->has_manifest = true;
    word->manifest = call->manifest;
    manifest_sign(&word->manifest, &sealer->signer);
}

static int give_succession(struct sealer *sealer, uint64_t number, struct sealer_word *word)
{
    uint8_t bytes[SUCCESSION_BYTES_MAX];
    char name[NAME_BYTES];
    if (number > sealer->memory.number)
        return 0;
    name_of(name, "succession", number);
    int size = safe_read(&sealer->safe, name, bytes, sizeof bytes);
    if (size == -ENOENT)
        return 0; /* of a life before the spare key's word: the journal has it */
    if (size < 0)
        return size;
    word->has_succession = true;
    return codec_unpack(sealer->codec, SCHEMA_SUCCESSION, bytes, (size_t)size, &word->succession);
}

int sealer_answer(struct sealer *sealer, const struct sealer_call *call, uint64_t now_ms,
                  struct sealer_word *word)
{
    memset(word, 0, sizeof *word);
    int status = sealer->waits ? recover(sealer, call, now_ms) : sealer_tick(sealer, now_ms);
    if (status == 0 && !sealer->waits) {
        if (call->wish > 0)
            status = give_succession(sealer, call->wish, word);
        if (status == 0 && call->has_checkpoint)
            status = sign_checkpoint(sealer, call, word);
        if (status == 0 && call->has_manifest)
            sign_manifest(sealer, call, word);
    }
    word->id = call->id;
    word->number = sealer->memory.number;
    word->seq = sealer_seq(sealer);
    word->at_ms = sealer->memory.has_last ? sealer->memory.last.at_ms : 0;
    return status;
}
