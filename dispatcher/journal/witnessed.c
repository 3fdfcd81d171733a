/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Witnesses' signatures beside the checkpoints they saw. */
#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/journal/state.h"

int journal_witnessed_from(struct transaction *transaction, struct codec *codec, uint64_t seq,
                           struct checkpoint *checkpoint)
{
    struct key from = key_of1(TREE_WITNESSED, seq), limit = key_of(TREE_WITNESSED + 1),
               kind = key_of(TREE_WITNESSED);
    struct slice key, value;
    int status = seq ? transaction_from(transaction, TABLE_TREE, key_slice(&from), &key, &value)
                     : transaction_below(transaction, TABLE_TREE, key_slice(&limit), &key, &value);
    if (status < 0)
        return status;
    if (!slice_starts_with(key, &kind))
        return -ENOENT;
    return journal_checkpoint_from(transaction, codec, slice_u64(key, kind.size), checkpoint);
}

/* The place of this witness's signature; NULL when there is no room for one more. */
static struct cosignature *place_of(struct checkpoint *checkpoint,
                                    const struct cosignature *cosignature)
{
    enum {
        WITNESSES_MAX = sizeof checkpoint->witnesses / sizeof checkpoint->witnesses[0]
    };
    for (uint32_t i = 0; i < checkpoint->witnesses_count; i++)
        if (memcmp(checkpoint->witnesses[i].key, cosignature->key, sizeof cosignature->key) == 0)
            return &checkpoint->witnesses[i];
    return checkpoint->witnesses_count < WITNESSES_MAX
               ? &checkpoint->witnesses[checkpoint->witnesses_count++]
               : NULL;
}

int journal_cosign(struct journal *journal, uint64_t seq, const struct cosignature *cosignature)
{
    struct checkpoint checkpoint;
    struct key mark = key_of1(TREE_WITNESSED, seq);
    REQUIRE(journal->turn);
    if (journal->error)
        return journal->error;
    int status = journal_checkpoint_from(journal->turn, journal->codec, seq, &checkpoint);
    if (status == 0 && checkpoint.seq != seq)
        status = -ENOENT;
    if (status < 0)
        return status == -ENOENT ? status : journal_fail(journal, status);
    if (!cosignature_holds(cosignature, &checkpoint))
        return -EBADMSG;
    struct cosignature *place = place_of(&checkpoint, cosignature);
    if (!place)
        return -ENOSPC;
    *place = *cosignature;
    status = journal_checkpoint_put(journal, &checkpoint);
    if (status == 0)
        status =
            transaction_put(journal->turn, TABLE_TREE, key_slice(&mark), (struct slice){ "", 0 });
    if (status == 0 && journal->checkpoint.seq == seq)
        journal->checkpoint = checkpoint;
    return journal_fail(journal, status);
}
