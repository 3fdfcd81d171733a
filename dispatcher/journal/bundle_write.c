/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/require.h"
#include "dispatcher/journal/bundle.h"
#include "dispatcher/journal/chain.h"
#include "dispatcher/journal/checkpoint.h"
#include "dispatcher/journal/succession.h"

struct run {
    uint64_t first;
    uint64_t last;
};

struct writing {
    struct bundle_wish wish;
    bundle_ask *ask;
    void *owner;
    FILE *file;
    struct checkpoint checkpoint;
    struct manifest manifest;
    uint8_t first_key[32];
    struct succession *successions; /* up to the newest key; none: the city has one key for ever */
    uint32_t succession_count;
    uint32_t front_count; /* those before the checkpoint's key */
    struct run *runs;
    uint32_t run_count;
    uint32_t run_room;
    uint64_t records;
    struct answer answer;
};

/* ---- asking -------------------------------------------------------------------------------- */

static int question_ask(struct writing *writing, const struct query *query, enum answer_kind kind)
{
    int status = writing->ask(writing->owner, query, &writing->answer);
    if (status < 0)
        return status;
    if (writing->answer.refusal == REFUSAL_NO_SUCH_EVENT)
        return -ENOENT;
    if (writing->answer.refusal != REFUSAL_NONE)
        return -EPERM;
    return writing->answer.kind == kind ? 0 : -EBADMSG;
}

typedef int each_row(struct writing *writing, const struct stored_event *row);

/* Calls each() for the rows wished for, in order, up to `limit`. */
static int rows_fetch(struct writing *writing, uint64_t limit, each_row *each)
{
    struct query query = { .kind = QUERY_EVENTS };
    query.events.incident = writing->wish.incident;
    query.events.after = writing->wish.incident ? 0 : writing->wish.first - 1;
    for (;;) {
        int status = question_ask(writing, &query, ANSWER_EVENTS);
        if (status < 0)
            return status;
        const struct events *events = &writing->answer.events;
        bool more = writing->answer.more && events->rows_count > 0;
        for (uint32_t i = 0; i < events->rows_count; i++) {
            if (events->rows[i].seq > limit)
                return 0;
            if (events->rows[i].seq <= query.events.after)
                return -EBADMSG;
            query.events.after = events->rows[i].seq;
            status = each(writing, &events->rows[i]);
            if (status < 0)
                return status;
        }
        if (!more)
            return 0;
    }
}

/* A run does not reach over the end of a key's time. */
static uint32_t over(const struct writing *writing, uint64_t seq)
{
    return succession_over(writing->successions, writing->front_count, seq);
}

static int run_add(struct writing *writing, const struct stored_event *row)
{
    struct run *last = writing->run_count ? &writing->runs[writing->run_count - 1] : NULL;
    if (writing->records == BUNDLE_RECORDS_MAX)
        return -EFBIG;
    writing->records++;
    if (last && row->seq == last->last + 1 &&
        over(writing, row->seq) == over(writing, last->last)) {
        last->last = row->seq;
        return 0;
    }
    if (writing->run_count == writing->run_room) {
        uint32_t room = writing->run_room ? writing->run_room * 2 : 64;
        if (room > BUNDLE_RUNS_MAX)
            return -EFBIG;
        struct run *runs = realloc(writing->runs, room * sizeof *runs);
        if (!runs)
            return -ENOMEM;
        writing->runs = runs;
        writing->run_room = room;
    }
    REQUIRE(writing->runs != NULL);
    writing->runs[writing->run_count++] = (struct run){ row->seq, row->seq };
    return 0;
}

static int runs_fetch(struct writing *writing, uint64_t limit)
{
    writing->run_count = 0;
    writing->records = 0;
    int status = rows_fetch(writing, limit, run_add);
    return status == 0 && writing->run_count == 0 ? -ENOENT : status;
}

static int checkpoint_ask(struct writing *writing, uint64_t seq, bool witnessed)
{
    struct query query = { .kind = QUERY_CHECKPOINT, .checkpoint = { seq, witnessed } };
    int status = question_ask(writing, &query, ANSWER_CHECKPOINT);
    writing->checkpoint = writing->answer.checkpoint;
    return status;
}

/* One that covers seq (0: the newest); one that a witness signed when there is one. */
static int checkpoint_fetch(struct writing *writing, uint64_t seq)
{
    int status = checkpoint_ask(writing, 0, false);
    uint64_t newest = writing->checkpoint.seq;
    bool city_has_witnesses = status == 0 && checkpoint_ask(writing, 0, true) == 0;
    if (status == 0 && city_has_witnesses) {
        status = checkpoint_ask(writing, seq ? seq : newest, true);
        if (status != -ENOENT || writing->wish.witnessed)
            return status == -ENOENT ? -EAGAIN : status;
    }
    status = checkpoint_ask(writing, seq, false);
    return status == -ENOENT ? -EAGAIN : status;
}

static int successions_add(struct writing *writing, const struct successions *answer)
{
    uint32_t count = writing->succession_count + answer->rows_count;
    if (count > SUCCESSIONS_MAX)
        return -EFBIG;
    struct succession *rows = realloc(writing->successions, (count + 1) * sizeof *rows);
    if (!rows)
        return -ENOMEM;
    memcpy(rows + writing->succession_count, answer->rows, answer->rows_count * sizeof *rows);
    memcpy(writing->first_key, answer->first_key, sizeof writing->first_key);
    writing->successions = rows;
    writing->succession_count = count;
    return 0;
}

/* The line of keys, and how much of it leads to the checkpoint's. */
static int successions_fetch(struct writing *writing)
{
    struct query query = { .kind = QUERY_SUCCESSIONS };
    const uint8_t *key = writing->first_key;
    bool more = true;
    while (more) {
        int status = question_ask(writing, &query, ANSWER_SUCCESSIONS);
        if (status == 0)
            status = successions_add(writing, &writing->answer.successions);
        if (status < 0)
            return status;
        more = writing->answer.more && writing->answer.next > query.successions.after;
        query.successions.after = writing->answer.next;
    }
    if (writing->succession_count == 0)
        return 0;
    while (memcmp(key, writing->checkpoint.key, 32) != 0) {
        if (writing->front_count == writing->succession_count)
            return -EAGAIN;
        key = writing->successions[writing->front_count++].key;
    }
    return 0;
}

/* Leaves out the successions behind the manifest's key. */
static int successions_cut(struct writing *writing)
{
    const uint8_t *key = writing->checkpoint.key;
    uint32_t count = writing->front_count;
    for (; memcmp(key, writing->manifest.key, 32) != 0; count++) {
        if (count == writing->succession_count)
            return -EAGAIN;
        key = writing->successions[count].key;
    }
    writing->succession_count = count;
    return 0;
}

static void list_digest(const struct writing *writing, const struct suite *suite,
                        uint8_t digest[32])
{
    struct seq_list list;
    seq_list_init(&list, suite);
    for (uint32_t i = 0; i < writing->run_count; i++)
        for (uint64_t seq = writing->runs[i].first; seq <= writing->runs[i].last; seq++)
            seq_list_add(&list, seq);
    seq_list_done(&list, digest);
}

static int manifest_fetch(struct writing *writing)
{
    struct query query = { .kind = QUERY_MANIFEST,
                           .manifest = { .incident = writing->wish.incident,
                                         .first = writing->wish.first,
                                         .last = writing->wish.last,
                                         .size = writing->checkpoint.seq } };
    uint8_t digest[32];
    int status = question_ask(writing, &query, ANSWER_MANIFEST);
    if (status < 0)
        return status;
    writing->manifest = writing->answer.manifest;
    const struct suite *suite = suite_of(writing->checkpoint.algorithm);
    if (!suite)
        return -EBADMSG;
    list_digest(writing, suite, digest);
    if (memcmp(digest, writing->manifest.digest, sizeof digest) != 0)
        return -EAGAIN;
    return successions_cut(writing);
}

/* Which records there are, the checkpoint that covers them, and the signed list of them. */
static int plan(struct writing *writing)
{
    struct bundle_wish *wish = &writing->wish;
    int status = 0;
    if (wish->incident) {
        status = runs_fetch(writing, UINT64_MAX);
        if (status == 0)
            status = checkpoint_fetch(writing, writing->runs[writing->run_count - 1].last);
    } else
        status = checkpoint_fetch(writing, wish->last);
    if (status == 0 && !wish->incident && (wish->last == 0 || wish->last > writing->checkpoint.seq))
        wish->last = writing->checkpoint.seq;
    if (status == 0)
        status = successions_fetch(writing);
    if (status == 0)
        status = runs_fetch(writing, wish->incident ? writing->checkpoint.seq : wish->last);
    return status < 0 ? status : manifest_fetch(writing);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void write_hex(FILE *file, const uint8_t *bytes, size_t size)
{
    char digits[2 * 64 + 1];
    for (size_t at = 0; at < size; at += 64) {
        size_t piece = size - at < 64 ? size - at : 64;
        hex_write(bytes + at, piece, digits);
        (void)fputs(digits, file);
    }
}

static void write_successions(struct writing *writing, uint32_t from, uint32_t to)
{
    FILE *file = writing->file;
    for (uint32_t i = from; i < to; i++) {
        const struct succession *row = &writing->successions[i];
        (void)fprintf(file, "\nsuccession %" PRIu32 " %" PRIu64 " %d %" PRIu64 " %" PRIu64 " ",
                      row->algorithm, row->number, row->by_spare, row->at_ms, row->size);
        write_hex(file, row->root, sizeof row->root);
        (void)fputc(' ', file);
        write_hex(file, row->key, sizeof row->key);
        (void)fputc(' ', file);
        write_hex(file, row->spare, sizeof row->spare);
        (void)fputc(' ', file);
        write_hex(file, row->signature, sizeof row->signature);
    }
}

static void write_checkpoint(struct writing *writing)
{
    const struct checkpoint *checkpoint = &writing->checkpoint;
    FILE *file = writing->file;
    (void)fprintf(file, "\ncheckpoint %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ",
                  checkpoint->algorithm, checkpoint->epoch, checkpoint->seq, checkpoint->at_ms);
    write_hex(file, checkpoint->link, sizeof checkpoint->link);
    (void)fputc(' ', file);
    write_hex(file, checkpoint->root, sizeof checkpoint->root);
    (void)fputc(' ', file);
    write_hex(file, checkpoint->signature, sizeof checkpoint->signature);
    for (uint32_t i = 0; i < checkpoint->witnesses_count; i++) {
        const struct cosignature *witness = &checkpoint->witnesses[i];
        (void)fputs("\nwitness ", file);
        write_hex(file, witness->key, sizeof witness->key);
        (void)fprintf(file, " %" PRIu64 " ", witness->at_ms);
        write_hex(file, witness->signature, sizeof witness->signature);
    }
}

static void write_front(struct writing *writing)
{
    const struct manifest *manifest = &writing->manifest;
    bool has_line = writing->succession_count > 0;
    FILE *file = writing->file;
    (void)fprintf(file, "yihao trail %d\nkey ", has_line ? 2 : 1);
    write_hex(file, has_line ? writing->first_key : writing->checkpoint.key, 32);
    write_successions(writing, 0, writing->front_count);
    write_checkpoint(writing);
    write_successions(writing, writing->front_count, writing->succession_count);
    (void)fprintf(file, "\nmanifest %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ",
                  manifest->incident, manifest->first, manifest->last, manifest->count);
    write_hex(file, manifest->signature, sizeof manifest->signature);
    (void)fputc('\n', file);
    for (uint32_t i = 0; i < writing->run_count; i++)
        (void)fprintf(file, "run %" PRIu64 " %" PRIu64 "\n", writing->runs[i].first,
                      writing->runs[i].last);
}

static int proofs_ask(struct writing *writing, const struct run *run, uint64_t size)
{
    struct query query = { .kind = QUERY_PROOF, .proof = { .size = size } };
    query.proof.seqs[query.proof.seqs_count++] = run->first;
    query.proof.seqs[query.proof.seqs_count++] = run->last;
    int status = question_ask(writing, &query, ANSWER_PROOFS);
    if (status < 0)
        return status;
    return writing->answer.proofs.rows_count == 2 ? 0 : -EBADMSG;
}

static void write_path(struct writing *writing, const char *word)
{
    const struct proof *proof = &writing->answer.proofs.rows[1];
    (void)fputs(word, writing->file);
    if (proof->path_size == 0)
        (void)fputc('-', writing->file);
    write_hex(writing->file, proof->path, proof->path_size);
    (void)fputc('\n', writing->file);
}

static int write_run(struct writing *writing, const struct run *run)
{
    uint32_t heir = over(writing, run->last);
    int status = proofs_ask(writing, run, writing->checkpoint.seq);
    if (status < 0)
        return status;
    (void)fputs("before ", writing->file);
    write_hex(writing->file, writing->answer.proofs.rows[0].before, LINK_BYTES);
    write_path(writing, "\npath ");
    if (heir == writing->front_count)
        return 0;
    status = proofs_ask(writing, run, writing->successions[heir].size);
    if (status == 0)
        write_path(writing, "under ");
    return status;
}

static int write_record(struct writing *writing, const struct stored_event *row)
{
    (void)fprintf(writing->file, "record %" PRIu64 " ", row->seq);
    write_hex(writing->file, row->link, LINK_BYTES);
    (void)fputc(' ', writing->file);
    write_hex(writing->file, row->record, row->record_size);
    (void)fputc('\n', writing->file);
    return ferror(writing->file) ? -EIO : 0;
}

static int write_all(struct writing *writing)
{
    int status = 0;
    write_front(writing);
    for (uint32_t i = 0; status == 0 && i < writing->run_count; i++)
        status = write_run(writing, &writing->runs[i]);
    if (status == 0)
        status = rows_fetch(writing, writing->runs[writing->run_count - 1].last, write_record);
    (void)fputs("end\n", writing->file);
    if (status == 0 && (fflush(writing->file) != 0 || fsync(fileno(writing->file)) < 0))
        status = -errno;
    return status;
}

int bundle_write(const char *path, const struct bundle_wish *wish, bundle_ask *ask, void *owner)
{
    struct writing *writing = calloc(1, sizeof *writing);
    if (!writing)
        return -ENOMEM;
    writing->wish = *wish;
    writing->ask = ask;
    writing->owner = owner;
    if (writing->wish.first == 0)
        writing->wish.first = 1;
    int status = plan(writing);
    if (status == 0) {
        writing->file = fopen(path, "wxe");
        status = writing->file ? write_all(writing) : -errno;
    }
    if (writing->file) {
        if (fclose(writing->file) != 0 && status == 0)
            status = -errno;
        if (status < 0)
            (void)unlink(path);
    }
    free(writing->successions);
    free(writing->runs);
    free(writing);
    return status;
}
