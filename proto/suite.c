/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/suite.h"

#include <string.h>

#include <sodium.h>

/* ---- BLAKE2b-256, Ed25519 --------------------------------------------------------------------- */

_Static_assert(sizeof(crypto_generichash_state) <= SUITE_STATE_BYTES, "room for libsodium's state");

static crypto_generichash_state *state_of(struct digesting *digesting)
{
    return (crypto_generichash_state *)(void *)digesting->state;
}

static void blake2b_begin(struct digesting *digesting)
{
    (void)crypto_generichash_init(state_of(digesting), NULL, 0, SUITE_DIGEST_BYTES);
}

static void blake2b_add(struct digesting *digesting, const void *bytes, size_t size)
{
    (void)crypto_generichash_update(state_of(digesting), bytes, size);
}

static void blake2b_end(struct digesting *digesting, uint8_t digest[SUITE_DIGEST_BYTES])
{
    (void)crypto_generichash_final(state_of(digesting), digest, SUITE_DIGEST_BYTES);
}

static void ed25519_pair(const uint8_t seed[SUITE_SEED_BYTES], uint8_t public_key[SUITE_KEY_BYTES],
                         uint8_t secret[SUITE_SECRET_BYTES])
{
    (void)crypto_sign_seed_keypair(public_key, secret, seed);
}

static void ed25519_sign(const uint8_t secret[SUITE_SECRET_BYTES], const void *bytes, size_t size,
                         uint8_t signature[SUITE_SIGNATURE_BYTES])
{
    (void)crypto_sign_detached(signature, NULL, bytes, size, secret);
}

static bool ed25519_holds(const uint8_t public_key[SUITE_KEY_BYTES], const void *bytes, size_t size,
                          const uint8_t signature[SUITE_SIGNATURE_BYTES])
{
    return crypto_sign_verify_detached(signature, bytes, size, public_key) == 0;
}

/* ---- the rows --------------------------------------------------------------------------------- */

static const struct suite suite_first = {
    .id = 1,
    .name = "blake2b-ed25519",
    .begin = blake2b_begin,
    .add = blake2b_add,
    .end = blake2b_end,
    .pair = ed25519_pair,
    .sign = ed25519_sign,
    .holds = ed25519_holds,
};

static const struct suite *const rows[] = { &suite_first, &suite_sm };

const struct suite *suite_at(unsigned row)
{
    return row < sizeof rows / sizeof rows[0] ? rows[row] : NULL;
}

const struct suite *suite_of(uint64_t id)
{
    const struct suite *suite;
    for (unsigned row = 0; (suite = suite_at(row)) && suite->id != id;)
        row++;
    return suite;
}

const struct suite *suite_of_digest(uint64_t algorithm)
{
    return algorithm ? suite_of(algorithm) : suite_default();
}

const struct suite *suite_named(const char *name)
{
    const struct suite *suite;
    for (unsigned row = 0; (suite = suite_at(row)) && strcmp(suite->name, name) != 0;)
        row++;
    return suite;
}

const struct suite *suite_default(void)
{
    return &suite_first;
}

/* ---- what all have ---------------------------------------------------------------------------- */

void suite_digest(const struct suite *suite, const void *bytes, size_t size,
                  uint8_t digest[SUITE_DIGEST_BYTES])
{
    struct digesting digesting;
    suite_begin(suite, &digesting);
    suite_add(&digesting, bytes, size);
    suite_end(&digesting, digest);
}

void suite_pair(const struct suite *suite, uint8_t public_key[SUITE_KEY_BYTES],
                uint8_t secret[SUITE_SECRET_BYTES])
{
    uint8_t seed[SUITE_SEED_BYTES];
    randombytes_buf(seed, sizeof seed);
    suite->pair(seed, public_key, secret);
    sodium_memzero(seed, sizeof seed);
}

void suite_public(const uint8_t secret[SUITE_SECRET_BYTES], uint8_t public_key[SUITE_KEY_BYTES])
{
    memcpy(public_key, secret + SUITE_SEED_BYTES, SUITE_KEY_BYTES);
}

bool suite_fits(const struct suite *suite, const uint8_t secret[SUITE_SECRET_BYTES],
                const uint8_t public_key[SUITE_KEY_BYTES])
{
    uint8_t key[SUITE_KEY_BYTES], again[SUITE_SECRET_BYTES];
    suite->pair(secret, key, again);
    sodium_memzero(again, sizeof again);
    return memcmp(key, public_key, sizeof key) == 0;
}
