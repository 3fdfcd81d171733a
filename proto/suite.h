/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * suite: the hash and the signature with which a trail is made, chosen when it begins and never changed:
 *     1  blake2b-ed25519   BLAKE2b-256 (RFC 7693), Ed25519 (RFC 8032): libsodium
 *     2  sm3-sm2           SM3 (GB/T 32905), SM2 (GB/T 32918.2 over the curve of GB/T 32918.5; the user id
 *                          1234567812345678 of GM/T 0009): OpenSSL
 * Digests and public keys have 32 bytes, secrets and signatures 64, in both. An SM2 key is the x of a point
 * whose y is even: of a secret whose point is odd the negative is taken. A signature is r ‖ s.
 * format: docs/trail-format.md. why: docs/decisions/0030-suites.md. */
#ifndef PROTO_SUITE_H
#define PROTO_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SUITE_DIGEST_BYTES = 32,
    SUITE_SEED_BYTES = 32,
    SUITE_KEY_BYTES = 32,
    SUITE_SECRET_BYTES = 64, /* a seed of the same pair, then the public key */
    SUITE_SIGNATURE_BYTES = 64,
    SUITE_STATE_BYTES = 384
};

struct suite;

/* A digest that is being taken; every suite_begin() has its suite_end(). Two at a time are fine, a thread
 * alone uses each. */
struct digesting {
    const struct suite *suite;
    _Alignas(64) uint8_t state[SUITE_STATE_BYTES];
};

/* One row; a third suite is one more. */
struct suite {
    uint32_t id;      /* what signed statements call "algorithm"; for ever */
    const char *name; /* in settings.conf */
    void (*begin)(struct digesting *digesting);
    void (*add)(struct digesting *digesting, const void *bytes, size_t size);
    void (*end)(struct digesting *digesting, uint8_t digest[SUITE_DIGEST_BYTES]);
    void (*pair)(const uint8_t seed[SUITE_SEED_BYTES], uint8_t public_key[SUITE_KEY_BYTES],
                 uint8_t secret[SUITE_SECRET_BYTES]);
    void (*sign)(const uint8_t secret[SUITE_SECRET_BYTES], const void *bytes, size_t size,
                 uint8_t signature[SUITE_SIGNATURE_BYTES]);
    bool (*holds)(const uint8_t public_key[SUITE_KEY_BYTES], const void *bytes, size_t size,
                  const uint8_t signature[SUITE_SIGNATURE_BYTES]);
};

/* The row of an id, of a name; NULL: this program does not know it. suite_at(): rows from 0, NULL behind the
 * last. suite_default(): what a home has that names none, and every trail before there were two. */
const struct suite *suite_of(uint64_t id);
const struct suite *suite_named(const char *name);
const struct suite *suite_at(unsigned row);
const struct suite *suite_default(void);

/* By which a digest was taken that bears this number; 0: one of before there were two. NULL: not known here. */
const struct suite *suite_of_digest(uint64_t algorithm);

static inline void suite_begin(const struct suite *suite, struct digesting *digesting)
{
    digesting->suite = suite;
    suite->begin(digesting);
}

static inline void suite_add(struct digesting *digesting, const void *bytes, size_t size)
{
    digesting->suite->add(digesting, bytes, size);
}

static inline void suite_end(struct digesting *digesting, uint8_t digest[SUITE_DIGEST_BYTES])
{
    digesting->suite->end(digesting, digest);
}

/* The whole digest of some bytes. */
void suite_digest(const struct suite *suite, const void *bytes, size_t size,
                  uint8_t digest[SUITE_DIGEST_BYTES]);

/* A pair of random keys. */
void suite_pair(const struct suite *suite, uint8_t public_key[SUITE_KEY_BYTES],
                uint8_t secret[SUITE_SECRET_BYTES]);

/* The key to which a secret belongs: its second half. */
void suite_public(const uint8_t secret[SUITE_SECRET_BYTES], uint8_t public_key[SUITE_KEY_BYTES]);

/* Whether secret and key are a pair of this suite: a secret of another one gives another key. */
bool suite_fits(const struct suite *suite, const uint8_t secret[SUITE_SECRET_BYTES],
                const uint8_t public_key[SUITE_KEY_BYTES]);

/* The second row, for suite.c alone. */
extern const struct suite suite_sm;

#endif
