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
#include "proto/suite.h"

struct signer {
    const struct suite *suite;
    uint8_t secret[64];
    uint8_t public_key[32];
};

/* The pair of a seed; the signer of a secret as it is kept. */
void signer_of_seed(struct signer *signer, const struct suite *suite, const uint8_t seed[32]);
void signer_of_secret(struct signer *signer, const struct suite *suite, const uint8_t secret[64]);

/* Fills in algorithm, key and signature. */
void checkpoint_sign(struct checkpoint *checkpoint, const struct signer *signer);

/* Whether the signature is that of the checkpoint's own key, by the suite it names; whose key it is, the caller
 * decides. */
bool checkpoint_holds(const struct checkpoint *checkpoint);

/* What a witness signs: the time it saw the checkpoint, the city's key, and all the checkpoint says; by the
 * checkpoint's suite. */
void cosignature_sign(struct cosignature *cosignature, const struct checkpoint *checkpoint,
                      const struct signer *witness);
bool cosignature_holds(const struct cosignature *cosignature, const struct checkpoint *checkpoint);

/* Fills in key and signature. */
void manifest_sign(struct manifest *manifest, const struct signer *signer);
bool manifest_holds(const struct suite *suite, const struct manifest *manifest,
                    const uint8_t public_key[32]);

/* The digest over a manifest's list of seqs, one after the other; what was begun is also done. */
struct seq_list {
    uint64_t count;
    struct digesting digesting;
};
void seq_list_init(struct seq_list *list, const struct suite *suite);
void seq_list_add(struct seq_list *list, uint64_t seq);
void seq_list_done(struct seq_list *list, uint8_t digest[32]);

#endif
