/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/onlooker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/folder.h"
#include "base/log.h"
#include "dispatcher/journal/succession.h"
#include "dispatcher/journal/tree.h"
#include "proto/codec.h"

enum {
    FOLDER_BYTES_MAX = 480,
    FILE_BYTES_MAX = 2048
};

struct onlooker {
    char folder[FOLDER_BYTES_MAX];
    struct lineage lineage; /* of the city's keys */
    struct codec *codec;
    struct checkpoint last;  /* seq 0: none yet */
    struct checkpoint shown; /* waits for its proof, or is doubted */
    bool doubts;
};

/* ---- memory ----------------------------------------------------------------------------------- */

static int message_keep(struct onlooker *onlooker, const char *name, enum schema_id id,
                        const void *message)
{
    uint8_t bytes[FILE_BYTES_MAX];
    int size = codec_pack(onlooker->codec, id, message, bytes, sizeof bytes);
    return size < 0 ? size : folder_write_file(onlooker->folder, name, bytes, (size_t)size, 0600);
}

/* -ENOENT: it is not there. */
static int message_read(struct onlooker *onlooker, const char *name, enum schema_id id,
                        void *message)
{
    uint8_t bytes[FILE_BYTES_MAX];
    int size = folder_read_file(onlooker->folder, name, bytes, sizeof bytes);
    return size < 0 ? size : codec_unpack(onlooker->codec, id, bytes, (size_t)size, message);
}

/* A doubt stays one when its file cannot be read. */
static int memory_open(struct onlooker *onlooker)
{
    struct succession latest;
    int doubt = message_read(onlooker, "doubt", SCHEMA_CHECKPOINT, &onlooker->shown);
    onlooker->doubts = doubt != -ENOENT;
    int status = message_read(onlooker, "last", SCHEMA_CHECKPOINT, &onlooker->last);
    if (status < 0 && status != -ENOENT)
        return status;
    /* The newest succession it followed is all it needs of the line. */
    status = message_read(onlooker, "line", SCHEMA_SUCCESSION, &latest);
    if (status < 0 && status != -ENOENT)
        return status;
    if (status == 0)
        lineage_resume(&onlooker->lineage, &latest);
    (void)lineage_take(&onlooker->lineage, &onlooker->last);
    return 0;
}

int onlooker_open(struct onlooker **onlooker, const char *folder, const uint8_t city_key[32])
{
    struct onlooker *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int length = snprintf(fresh->folder, sizeof fresh->folder, "%s", folder);
    lineage_init(&fresh->lineage, city_key);
    fresh->codec = codec_open();
    int status = length >= (int)sizeof fresh->folder ? -ENAMETOOLONG : fresh->codec ? 0 : -ENOMEM;
    if (status == 0)
        status = memory_open(fresh);
    if (status < 0) {
        onlooker_close(fresh);
        return status;
    }
    *onlooker = fresh;
    return 0;
}

void onlooker_close(struct onlooker *onlooker)
{
    if (!onlooker)
        return;
    codec_close(onlooker->codec);
    free(onlooker);
}

const struct checkpoint *onlooker_last(const struct onlooker *onlooker)
{
    return &onlooker->last;
}

const struct checkpoint *onlooker_doubted(const struct onlooker *onlooker)
{
    return onlooker->doubts ? &onlooker->shown : NULL;
}

/* ---- judging ---------------------------------------------------------------------------------- */

/* What it was shown is evidence: it is kept beside what it believed. */
static struct onlooker_word doubt(struct onlooker *onlooker, const struct checkpoint *shown,
                                  enum doubt_reason reason)
{
    struct onlooker_word word = { .step = ONLOOKER_STEP_DOUBT,
                                  .first = onlooker->last.seq,
                                  .seq = shown->seq,
                                  .reason = reason };
    int status = message_keep(onlooker, "doubt", SCHEMA_CHECKPOINT, shown);
    if (status < 0)
        log_error("cannot keep what was shown: %s", strerror(-status));
    log_error("history doubted reason=%s believed=%" PRIu64 " shown=%" PRIu64,
              doubt_reason_name(reason), word.first, word.seq);
    onlooker->shown = *shown;
    onlooker->doubts = true;
    return word;
}

/* It believes first on its disk, then in public. */
static struct onlooker_word believe(struct onlooker *onlooker, const struct checkpoint *shown)
{
    if (shown->seq != onlooker->last.seq) {
        int status = message_keep(onlooker, "last", SCHEMA_CHECKPOINT, shown);
        if (status < 0) {
            log_error("cannot keep the checkpoint: %s", strerror(-status));
            return (struct onlooker_word){ .step = ONLOOKER_STEP_WAIT };
        }
        onlooker->last = *shown;
    }
    return (struct onlooker_word){ .step = ONLOOKER_STEP_BELIEVE, .seq = shown->seq };
}

static bool is_same(const struct checkpoint *one, const struct checkpoint *other)
{
    return memcmp(one->root, other->root, sizeof one->root) == 0 &&
           memcmp(one->link, other->link, sizeof one->link) == 0;
}

struct onlooker_word onlooker_see(struct onlooker *onlooker, const struct checkpoint *shown)
{
    const struct checkpoint *last = &onlooker->last;
    if (onlooker->doubts || shown->seq == 0)
        return (struct onlooker_word){ .step = ONLOOKER_STEP_WAIT };
    if (memcmp(shown->key, onlooker->lineage.key, sizeof shown->key) != 0) {
        onlooker->shown = *shown;
        return (struct onlooker_word){ .step = ONLOOKER_STEP_LINE,
                                       .first = onlooker->lineage.number };
    }
    if (!suite_of(shown->algorithm))
        log_error("the checkpoint is signed by algorithm %u, which this program does not know",
                  shown->algorithm);
    if (!lineage_take(&onlooker->lineage, shown))
        return doubt(onlooker, shown, DOUBT_REASON_FORGED);
    if (last->seq == 0)
        return believe(onlooker, shown);
    if (shown->seq < last->seq)
        return doubt(onlooker, shown, DOUBT_REASON_SHRUNK);
    if (shown->seq == last->seq)
        return is_same(shown, last) ? believe(onlooker, shown)
                                    : doubt(onlooker, shown, DOUBT_REASON_REWRITTEN);
    onlooker->shown = *shown;
    return (
        struct onlooker_word){ .step = ONLOOKER_STEP_PROVE, .first = last->seq, .seq = shown->seq };
}

struct onlooker_word onlooker_follow(struct onlooker *onlooker,
                                     const struct successions *successions)
{
    struct onlooker_word nothing = { .step = ONLOOKER_STEP_WAIT };
    struct checkpoint shown = onlooker->shown;
    if (onlooker->doubts || shown.seq == 0)
        return nothing;
    if (successions->rows_count == 0) /* and still it is another key */
        return doubt(onlooker, &shown, DOUBT_REASON_FORGED);
    for (uint32_t i = 0; i < successions->rows_count; i++)
        if (!lineage_follow(&onlooker->lineage, &successions->rows[i]))
            return doubt(onlooker, &shown, DOUBT_REASON_FORGED);
    int status = message_keep(onlooker, "line", SCHEMA_SUCCESSION,
                              &successions->rows[successions->rows_count - 1]);
    if (status < 0) {
        log_error("cannot keep the line of keys: %s", strerror(-status));
        return nothing;
    }
    return onlooker_see(onlooker, &shown);
}

struct onlooker_word onlooker_prove(struct onlooker *onlooker, const struct consistency *proof)
{
    const struct checkpoint *last = &onlooker->last, *shown = &onlooker->shown;
    if (onlooker->doubts || proof->first != last->seq || proof->second != shown->seq)
        return (struct onlooker_word){
            .step = ONLOOKER_STEP_WAIT
        }; /* an answer to an older question */
    uint8_t path[sizeof proof->path / TREE_HASH_BYTES][TREE_HASH_BYTES];
    memcpy(path, proof->path, sizeof path);
    bool goes_on =
        proof->path_size % TREE_HASH_BYTES == 0 &&
        tree_goes_on(onlooker->lineage.suite, last->seq, last->root, shown->seq, shown->root,
                     (const uint8_t(*)[TREE_HASH_BYTES])path, proof->path_size / TREE_HASH_BYTES);
    return goes_on ? believe(onlooker, shown) : doubt(onlooker, shown, DOUBT_REASON_REWRITTEN);
}
