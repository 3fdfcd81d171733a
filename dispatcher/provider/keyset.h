/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keyset: public keys that somebody signs tokens with (JWK Set, RFC 7517): RSA of 2048 bits and more, EC on
 * P-256, Ed25519 (RFC 8037). A key signs by its one algorithm and no other; what is no such key, or is not
 * for signatures, is left out. Nothing secret. */
#ifndef DISPATCHER_PROVIDER_KEYSET_H
#define DISPATCHER_PROVIDER_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KEYSET_KEYS_MAX = 16,
    KEYSET_NAME_BYTES = 129,
    KEYSET_BYTES_MAX = 65536,
    KEYSET_RSA_BITS_MIN = 2048
};

/* Signature algorithms that count (RFC 7518, RFC 8037): no symmetric one, so that nobody signs with a
 * public key, and never "none". */
enum algorithm {
    ALGORITHM_NONE,
    ALGORITHM_RS256,
    ALGORITHM_ES256,
    ALGORITHM_EDDSA
};
enum algorithm algorithm_of(const char *name);

struct keyset;

/* Returns 0 and *keyset, -EBADMSG for what is no key set, -ENOKEY when no key of it counts, -ENOMEM. */
int keyset_read(struct keyset **keyset, const char *bytes, size_t size);
void keyset_close(struct keyset *keyset);

uint32_t keyset_count(const struct keyset *keyset);

/* Is there a key of this name and algorithm? An empty name: is it the only one of its algorithm? */
bool keyset_has(const struct keyset *keyset, enum algorithm algorithm, const char *name);

/* Is this a signature of the words by that key? The form of RFC 7518: for ES256 the two numbers, 64 bytes. */
bool keyset_signed(const struct keyset *keyset, enum algorithm algorithm, const char *name,
                   const char *words, size_t size, const uint8_t *signature, size_t length);

#endif
