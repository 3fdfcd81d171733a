/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/witness/witness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/folder.h"
#include "base/hex.h"
#include "base/log.h"

struct witness {
    struct onlooker *onlooker;
    struct signer signer;
    struct checkpoint shown; /* what the onlooker judges */
    uint64_t signed_count;
    bool complained; /* of the city's suite, which is not ours */
};

static int key_open(struct witness *witness, const char *folder, const struct suite *suite)
{
    uint8_t seed[SUITE_SEED_BYTES];
    char digits[2 * sizeof seed + 2] = "";
    int size = folder_read_file(folder, "sign.secret", digits, sizeof digits - 1);
    int status = size < 0 && size != -ENOENT ? size : 0;
    if (size == -ENOENT) {
        randombytes_buf(seed, sizeof seed);
        hex_write(seed, sizeof seed, digits);
        status = folder_write_file(folder, "sign.secret", digits, strlen(digits), 0600);
    } else if (status == 0) {
        digits[strcspn(digits, "\r\n")] = '\0';
        status = hex_read(digits, seed, sizeof seed) ? 0 : -EBADMSG;
    }
    if (status == 0) {
        signer_of_seed(&witness->signer, suite, seed);
        hex_write(witness->signer.public_key, sizeof witness->signer.public_key, digits);
        status = folder_write_file(folder, "sign.public", digits, strlen(digits), 0644);
    }
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(digits, sizeof digits);
    return status;
}

int witness_open(struct witness **witness, const char *folder, const uint8_t city_key[32],
                 const struct suite *suite)
{
    struct witness *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    int status = key_open(fresh, folder, suite);
    if (status == 0)
        status = onlooker_open(&fresh->onlooker, folder, city_key);
    if (status < 0) {
        witness_close(fresh);
        return status;
    }
    *witness = fresh;
    return 0;
}

void witness_close(struct witness *witness)
{
    if (!witness)
        return;
    onlooker_close(witness->onlooker);
    sodium_memzero(witness, sizeof *witness);
    free(witness);
}

const uint8_t *witness_key(const struct witness *witness)
{
    return witness->signer.public_key;
}

static bool signed_it(const struct witness *witness, const struct checkpoint *shown)
{
    for (uint32_t i = 0; i < shown->witnesses_count; i++)
        if (memcmp(shown->witnesses[i].key, witness->signer.public_key,
                   sizeof shown->witnesses[i].key) == 0)
            return true;
    return false;
}

/* What the onlooker believes is signed, once. */
static struct witness_word say(struct witness *witness, struct onlooker_word seen, uint64_t now_ms)
{
    struct witness_word word = { .seen = seen };
    if (seen.step != ONLOOKER_STEP_BELIEVE)
        return word;
    bool other = witness->shown.algorithm != witness->signer.suite->id;
    if (other && !witness->complained)
        log_error("not signed: the city's algorithm is %u, this home's suite=%s",
                  witness->shown.algorithm, witness->signer.suite->name);
    witness->complained = other;
    if (other || signed_it(witness, &witness->shown)) {
        word.seen.step = ONLOOKER_STEP_WAIT;
        return word;
    }
    word.cosignature.at_ms = now_ms;
    cosignature_sign(&word.cosignature, &witness->shown, &witness->signer);
    witness->signed_count++;
    return word;
}

struct witness_word witness_see(struct witness *witness, const struct checkpoint *shown,
                                uint64_t now_ms)
{
    witness->shown = *shown;
    return say(witness, onlooker_see(witness->onlooker, shown), now_ms);
}

struct witness_word witness_follow(struct witness *witness, const struct successions *successions,
                                   uint64_t now_ms)
{
    return say(witness, onlooker_follow(witness->onlooker, successions), now_ms);
}

struct witness_word witness_prove(struct witness *witness, const struct consistency *proof,
                                  uint64_t now_ms)
{
    return say(witness, onlooker_prove(witness->onlooker, proof), now_ms);
}

struct witness_counts witness_count(const struct witness *witness)
{
    const struct checkpoint *last = onlooker_last(witness->onlooker);
    return (struct witness_counts){ .seq = last->seq,
                                    .at_ms = last->at_ms,
                                    .signed_count = witness->signed_count,
                                    .doubts = onlooker_doubted(witness->onlooker) != NULL };
}
