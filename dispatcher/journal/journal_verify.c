/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "dispatcher/journal/state.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/store/events.h"

enum {
    BATCH = 10000 /* records of one read: some 20 ms in which no page is freed */
};

struct walk {
    struct verify verify;
    struct codec *codec;
    struct checkpoint next; /* the first one not reached */
    bool has_next;
    struct succession heir; /* the first one not reached */
    bool has_heir;
    struct stored_event row;
    verify_told *told; /* may be NULL */
    void *owner;
};

static int next_read(struct walk *walk, struct transaction *read)
{
    int status =
        journal_checkpoint_from(read, walk->codec, walk->verify.chain.seq + 1, &walk->next);
    walk->has_next = status == 0;
    return status == -ENOENT ? 0 : status;
}

static int heir_read(struct walk *walk, struct transaction *read)
{
    int status =
        journal_succession_from(read, walk->codec, walk->verify.lineage.number + 1, &walk->heir);
    walk->has_heir = status == 0;
    return status == -ENOENT ? 0 : status;
}

/* The checkpoint and the successions behind this row. Which came first, where both cover the same
 * records, the checkpoint's key tells. */
static int signatures_walk(struct walk *walk, struct transaction *read)
{
    struct verify *verify = &walk->verify;
    uint64_t seq = verify->chain.seq;
    int status = 0;
    while (status == 0) {
        bool is_next = walk->has_next && walk->next.seq == seq;
        bool is_heir = walk->has_heir && walk->heir.size == seq;
        if (!is_next && !is_heir)
            return 0;
        if (is_next && (!is_heir || !verify->has_key ||
                        memcmp(walk->next.key, verify->lineage.key, sizeof walk->next.key) == 0)) {
            if (!verify_checkpoint(verify, &walk->next))
                return -ENOENT;
            status = next_read(walk, read);
        } else {
            if (!verify_succession(verify, &walk->heir))
                return -ENOENT;
            status = heir_read(walk, read);
        }
    }
    return status;
}

static int batch_walk(struct walk *walk, struct transaction *read)
{
    int status = next_read(walk, read);
    if (status == 0)
        status = heir_read(walk, read);
    for (int i = 0; status == 0 && i < BATCH; i++) {
        int count = events_read(read, walk->verify.chain.seq, &walk->row, 1);
        if (count <= 0) {
            if (count == 0 && walk->has_next)
                (void)verify_checkpoint(&walk->verify, &walk->next); /* covers what is not there */
            else if (count == 0 && walk->has_heir)
                (void)verify_succession(&walk->verify, &walk->heir);
            return count < 0 ? count : -ENOENT;
        }
        if (!verify_row(&walk->verify, &walk->row))
            return -ENOENT;
        status = signatures_walk(walk, read);
    }
    return status;
}

static int store_walk(struct walk *walk, struct store *store)
{
    int status = 0;
    while (status == 0) {
        struct transaction *read;
        status = store_begin_read(store, &read);
        if (status < 0)
            break;
        status = batch_walk(walk, read);
        transaction_end(read);
        if (walk->told)
            walk->told(walk->owner, &walk->verify.report);
    }
    return status == -ENOENT ? 0 : status;
}

int journal_verify(const char *folder, const uint8_t trusted[32], struct verify_report *report)
{
    return journal_verify_telling(folder, trusted, report, NULL, NULL);
}

int journal_verify_telling(const char *folder, const uint8_t trusted[32],
                           struct verify_report *report, verify_told *told, void *owner)
{
    static const char *const names[TABLE_COUNT] = TABLE_NAMES;
    struct store_settings settings = {
        .folder = folder, .tables = names, .table_count = TABLE_COUNT, .read_only = true
    };
    struct store *store = NULL;
    if (sodium_init() < 0)
        return -EIO;
    struct walk *walk = calloc(1, sizeof *walk);
    struct codec *codec = codec_open();
    int status = walk && codec ? store_open(&store, &settings) : -ENOMEM;
    if (status == 0) {
        walk->codec = codec;
        walk->told = told;
        walk->owner = owner;
        verify_init(&walk->verify, trusted);
        status = store_walk(walk, store);
        *report = walk->verify.report;
    }
    store_close(store);
    codec_close(codec);
    free(walk);
    return status;
}
