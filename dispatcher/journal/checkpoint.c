/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/checkpoint.h"

#include <endian.h>
#include <string.h>

#include <sodium.h>

#include "proto/statement.h"

static struct statement checkpoint_statement(const struct checkpoint *checkpoint)
{
    struct statement statement = statement_of("yihao checkpoint 1");
    statement_add_number(&statement, checkpoint->algorithm);
    statement_add_number(&statement, checkpoint->epoch);
    statement_add_number(&statement, checkpoint->seq);
    statement_add_number(&statement, checkpoint->at_ms);
    statement_add(&statement, checkpoint->link, sizeof checkpoint->link);
    statement_add(&statement, checkpoint->root, sizeof checkpoint->root);
    return statement;
}

static struct statement cosignature_statement(const struct cosignature *cosignature,
                                              const struct checkpoint *checkpoint)
{
    struct statement statement = statement_of("yihao witness 1"),
                     seen = checkpoint_statement(checkpoint);
    statement_add_number(&statement, cosignature->at_ms);
    statement_add(&statement, checkpoint->key, sizeof checkpoint->key);
    statement_add(&statement, seen.bytes, seen.size);
    return statement;
}

static struct statement manifest_statement(const struct manifest *manifest)
{
    struct statement statement = statement_of("yihao manifest 1");
    statement_add_number(&statement, manifest->incident);
    statement_add_number(&statement, manifest->first);
    statement_add_number(&statement, manifest->last);
    statement_add_number(&statement, manifest->size);
    statement_add_number(&statement, manifest->count);
    statement_add(&statement, manifest->digest, sizeof manifest->digest);
    return statement;
}

void checkpoint_sign(struct checkpoint *checkpoint, const struct signer *signer)
{
    checkpoint->algorithm = TRAIL_ALGORITHM;
    memcpy(checkpoint->key, signer->public_key, sizeof checkpoint->key);
    struct statement statement = checkpoint_statement(checkpoint);
    (void)crypto_sign_detached(checkpoint->signature, NULL, statement.bytes, statement.size,
                               signer->secret);
}

bool checkpoint_holds(const struct checkpoint *checkpoint)
{
    struct statement statement = checkpoint_statement(checkpoint);
    return checkpoint->algorithm == TRAIL_ALGORITHM &&
           crypto_sign_verify_detached(checkpoint->signature, statement.bytes, statement.size,
                                       checkpoint->key) == 0;
}

void cosignature_sign(struct cosignature *cosignature, const struct checkpoint *checkpoint,
                      const struct signer *witness)
{
    struct statement statement = cosignature_statement(cosignature, checkpoint);
    memcpy(cosignature->key, witness->public_key, sizeof cosignature->key);
    (void)crypto_sign_detached(cosignature->signature, NULL, statement.bytes, statement.size,
                               witness->secret);
}

bool cosignature_holds(const struct cosignature *cosignature, const struct checkpoint *checkpoint)
{
    struct statement statement = cosignature_statement(cosignature, checkpoint);
    return crypto_sign_verify_detached(cosignature->signature, statement.bytes, statement.size,
                                       cosignature->key) == 0;
}

void manifest_sign(struct manifest *manifest, const struct signer *signer)
{
    struct statement statement = manifest_statement(manifest);
    memcpy(manifest->key, signer->public_key, sizeof manifest->key);
    (void)crypto_sign_detached(manifest->signature, NULL, statement.bytes, statement.size,
                               signer->secret);
}

bool manifest_holds(const struct manifest *manifest, const uint8_t public_key[32])
{
    struct statement statement = manifest_statement(manifest);
    return crypto_sign_verify_detached(manifest->signature, statement.bytes, statement.size,
                                       public_key) == 0;
}

_Static_assert(sizeof(crypto_generichash_state) <= SEQ_LIST_BYTES, "room for libsodium's state");

static crypto_generichash_state *state_of(struct seq_list *list)
{
    return (crypto_generichash_state *)(void *)list->state;
}

void seq_list_init(struct seq_list *list)
{
    list->count = 0;
    (void)crypto_generichash_init(state_of(list), NULL, 0, 32);
}

void seq_list_add(struct seq_list *list, uint64_t seq)
{
    seq = htobe64(seq);
    list->count++;
    (void)crypto_generichash_update(state_of(list), (const uint8_t *)&seq, sizeof seq);
}

void seq_list_done(struct seq_list *list, uint8_t digest[32])
{
    (void)crypto_generichash_final(state_of(list), digest, 32);
}
