/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/checkpoint.h"

#include <endian.h>
#include <string.h>

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

void signer_of_seed(struct signer *signer, const struct suite *suite, const uint8_t seed[32])
{
    signer->suite = suite;
    suite->pair(seed, signer->public_key, signer->secret);
}

void signer_of_secret(struct signer *signer, const struct suite *suite, const uint8_t secret[64])
{
    signer->suite = suite;
    memcpy(signer->secret, secret, sizeof signer->secret);
    suite_public(secret, signer->public_key);
}

/* By the suite of this number, if we know it. */
static bool holds(uint64_t algorithm, const uint8_t key[32], const struct statement *statement,
                  const uint8_t signature[64])
{
    const struct suite *suite = suite_of(algorithm);
    return suite && suite->holds(key, statement->bytes, statement->size, signature);
}

void checkpoint_sign(struct checkpoint *checkpoint, const struct signer *signer)
{
    checkpoint->algorithm = signer->suite->id;
    memcpy(checkpoint->key, signer->public_key, sizeof checkpoint->key);
    struct statement statement = checkpoint_statement(checkpoint);
    signer->suite->sign(signer->secret, statement.bytes, statement.size, checkpoint->signature);
}

bool checkpoint_holds(const struct checkpoint *checkpoint)
{
    struct statement statement = checkpoint_statement(checkpoint);
    return holds(checkpoint->algorithm, checkpoint->key, &statement, checkpoint->signature);
}

void cosignature_sign(struct cosignature *cosignature, const struct checkpoint *checkpoint,
                      const struct signer *witness)
{
    struct statement statement = cosignature_statement(cosignature, checkpoint);
    memcpy(cosignature->key, witness->public_key, sizeof cosignature->key);
    witness->suite->sign(witness->secret, statement.bytes, statement.size, cosignature->signature);
}

bool cosignature_holds(const struct cosignature *cosignature, const struct checkpoint *checkpoint)
{
    struct statement statement = cosignature_statement(cosignature, checkpoint);
    return holds(checkpoint->algorithm, cosignature->key, &statement, cosignature->signature);
}

void manifest_sign(struct manifest *manifest, const struct signer *signer)
{
    struct statement statement = manifest_statement(manifest);
    memcpy(manifest->key, signer->public_key, sizeof manifest->key);
    signer->suite->sign(signer->secret, statement.bytes, statement.size, manifest->signature);
}

bool manifest_holds(const struct suite *suite, const struct manifest *manifest,
                    const uint8_t public_key[32])
{
    struct statement statement = manifest_statement(manifest);
    return suite->holds(public_key, statement.bytes, statement.size, manifest->signature);
}

void seq_list_init(struct seq_list *list, const struct suite *suite)
{
    list->count = 0;
    suite_begin(suite, &list->digesting);
}

void seq_list_add(struct seq_list *list, uint64_t seq)
{
    seq = htobe64(seq);
    list->count++;
    suite_add(&list->digesting, &seq, sizeof seq);
}

void seq_list_done(struct seq_list *list, uint8_t digest[32])
{
    suite_end(&list->digesting, digest);
}
