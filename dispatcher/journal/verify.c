/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/verify.h"

#include <stdio.h>
#include <string.h>

#include "dispatcher/journal/checkpoint.h"

static void trust(struct verify *verify, const uint8_t first_key[32])
{
    verify->has_key = true;
    memcpy(verify->report.public_key, first_key, sizeof verify->report.public_key);
    lineage_init(&verify->lineage, first_key);
}

void verify_init(struct verify *verify, const uint8_t trusted[32])
{
    memset(verify, 0, sizeof *verify);
    verify->report.ok = true;
    if (trusted)
        trust(verify, trusted);
    chain_init(&verify->chain, NULL);
}

static bool wrong(struct verify *verify, uint64_t record, const char *reason)
{
    struct verify_report *report = &verify->report;
    report->ok = false;
    report->record = record;
    (void)snprintf(report->reason, sizeof report->reason, "%s", reason);
    return false;
}

bool verify_row(struct verify *verify, const struct stored_event *row)
{
    if (!verify->report.ok)
        return false;
    uint64_t expected = verify->chain.seq + 1;
    if (row->seq != expected)
        return wrong(verify, expected, "the record is missing");
    if (chain_follow(&verify->chain, row) < 0)
        return wrong(verify, expected, "the record does not hash to its link");
    verify->report.suite = verify->tree.suite = verify->chain.suite;
    (void)tree_add(&verify->tree, row->link, NULL, NULL);
    verify->report.records++;
    return true;
}

static const char unknown[] = "it is signed by algorithms that this program does not know";
static const char mixed[] = "it is signed by other algorithms than the records are chained with";

/* What is signed, by the suite that chained the records up to it. Returns NULL, or what is wrong. */
static const char *algorithm_wrong(const struct verify *verify, uint64_t algorithm)
{
    if (!suite_of(algorithm))
        return unknown;
    return verify->chain.suite && verify->chain.suite->id != algorithm ? mixed : NULL;
}

bool verify_checkpoint(struct verify *verify, const struct checkpoint *checkpoint)
{
    struct verify_report *report = &verify->report;
    uint8_t root[TREE_HASH_BYTES];
    if (!report->ok)
        return false;
    if (!verify->has_key)
        trust(verify, checkpoint->key);
    if (checkpoint->seq != verify->chain.seq)
        return wrong(verify, verify->chain.seq + 1,
                     "a checkpoint covers more records than there are");
    const char *reason = algorithm_wrong(verify, checkpoint->algorithm);
    if (reason)
        return wrong(verify, checkpoint->seq, reason);
    if (!lineage_take(&verify->lineage, checkpoint))
        return wrong(verify, checkpoint->seq,
                     "the checkpoint's signature is wrong, or not of its key's time");
    verify->tree.suite = verify->lineage.suite;
    tree_root(&verify->tree, root);
    if (memcmp(checkpoint->link, verify->chain.link, LINK_BYTES) != 0 ||
        memcmp(checkpoint->root, root, sizeof root) != 0)
        return wrong(verify, checkpoint->seq,
                     "the records up to here are not those that were signed");
    report->checkpoints++;
    report->covered = checkpoint->seq;
    return true;
}

bool verify_succession(struct verify *verify, const struct succession *succession)
{
    struct verify_report *report = &verify->report;
    uint8_t root[TREE_HASH_BYTES];
    if (!report->ok)
        return false;
    if (succession->size != verify->chain.seq)
        return wrong(verify, verify->chain.seq + 1,
                     "a succession of the key covers more records than there are");
    const char *reason = algorithm_wrong(verify, succession->algorithm);
    if (reason)
        return wrong(verify, succession->size, reason);
    if (!verify->has_key || !lineage_follow(&verify->lineage, succession))
        return wrong(verify, succession->size, "a succession of the key does not follow");
    verify->tree.suite = verify->lineage.suite;
    tree_root(&verify->tree, root);
    if (memcmp(succession->root, root, sizeof root) != 0)
        return wrong(verify, succession->size,
                     "the records up to here are not those that a former key signed");
    report->successions++;
    report->fixed = succession->size;
    return true;
}
