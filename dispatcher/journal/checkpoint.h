/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * checkpoint: the journal's state in one signature. Whoever keeps an old checkpoint can prove that
 * history was changed since: the auditors and consoles are the guard, not the signer.
 * manifest: the signed answer to "which records belong to this incident?", so that an exported trail
 * cannot lose a record unnoticed. format: docs/trail-format.md. */
#ifndef DISPATCHER_JOURNAL_CHECKPOINT_H
#define DISPATCHER_JOURNAL_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    TRAIL_ALGORITHM = 1 /* BLAKE2b-256, Ed25519 */
};

struct signer {
    uint8_t secret[64];
    uint8_t public_key[32];
};

/* Fills in algorithm, key and signature. */
void checkpoint_sign(struct checkpoint *checkpoint, const struct signer *signer);

/* Whether the signature is that of the checkpoint's own key; whose key it is, the caller decides. */
bool checkpoint_holds(const struct checkpoint *checkpoint);

/* What a witness signs: the time it saw the checkpoint, the city's key, and all the checkpoint says. */
void cosignature_sign(struct cosignature *cosignature, const struct checkpoint *checkpoint,
                      const struct signer *witness);
bool cosignature_holds(const struct cosignature *cosignature, const struct checkpoint *checkpoint);

/* Fills in key and signature. */
void manifest_sign(struct manifest *manifest, const struct signer *signer);
bool manifest_holds(const struct manifest *manifest, const uint8_t public_key[32]);

/* The digest over a manifest's list of seqs, one after the other. */
struct seq_list;
enum {
    SEQ_LIST_BYTES = 512
};
struct seq_list {
    uint64_t count;
    _Alignas(64) uint8_t state[SEQ_LIST_BYTES];
};
void seq_list_init(struct seq_list *list);
void seq_list_add(struct seq_list *list, uint64_t seq);
void seq_list_done(struct seq_list *list, uint8_t digest[32]);

#endif
