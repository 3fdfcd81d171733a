/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * authenticator: what a security key, or the one built into a computer, says when its person touches it (Web
 * Authentication Level 2, W3C 2021). It signs authenticatorData and the hash of clientDataJSON, and that holds
 * the hash of our statement as its challenge. The bytes are judged as they came, and kept as they came.
 *
 * clientDataJSON is read as its §5.8.1.2 lays down for verifiers without a JSON parser: type, challenge, origin
 * and crossOrigin stand first and in this order, byte for byte; what follows counts nothing. So two verifiers
 * cannot differ over a member that stands there twice. */
#ifndef PROTO_AUTHENTICATOR_H
#define PROTO_AUTHENTICATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"
#include "proto/statement.h"

enum {
    AUTHENTICATOR_ES256 = 7,   /* COSE's -7 */
    AUTHENTICATOR_ED25519 = 8, /* COSE's -8, over Ed25519 */
    AUTHENTICATOR_KEY_BYTES = 32,
    AUTHENTICATOR_PARTY_BYTES = 128, /* with the zero behind it */
    AUTHENTICATOR_HASH_BYTES = 32
};

/* What the city takes. */
struct authenticator_policy {
    const char *origin; /* of its pages, "https://yihao.city"; empty: none is taken */
    const char *party; /* the name that keys are made for: the origin's host, or a domain over it */
    bool verified;     /* the authenticator must know its person, too, by PIN or finger */
};

struct authenticator_key {
    uint32_t algorithm;
    uint8_t key[AUTHENTICATOR_KEY_BYTES];
    uint8_t ordinate[AUTHENTICATOR_KEY_BYTES]; /* ES256: y, and key is x; else zero */
};

/* authenticatorData, §6.1. Pointers go into what was read. */
struct authenticator_words {
    const uint8_t *party_hash; /* [32] */
    bool present;              /* its person touched it */
    bool verified;
    uint32_t counter;
    const uint8_t *credential; /* NULL: no key is brought */
    size_t credential_size;
    struct authenticator_key key;
};
bool authenticator_read(const uint8_t *bytes, size_t size, struct authenticator_words *words);

/* clientDataJSON of a signature. */
struct client_words {
    uint8_t challenge[AUTHENTICATOR_HASH_BYTES];
    const char *origin; /* ends before a quotation mark */
    size_t origin_size;
};
bool client_read(const uint8_t *bytes, size_t size, struct client_words *words);

/* Did this key sign this statement, touched by its person, on a page of the party's own? policy NULL: as who
 * does not know the city can tell: any origin that is one of the party's. */
bool authenticator_signed(const struct authenticator_key *key, const struct touch *touch,
                          const uint8_t signature[64], const struct statement *statement,
                          const struct authenticator_policy *policy);

/* Were this key and this credential made for the party, as `attested` says? Not by what maker: no attestation
 * is asked for. */
bool authenticator_attests(const uint8_t *attested, size_t size,
                           const struct authenticator_key *key, const uint8_t *credential,
                           size_t credential_size, const struct authenticator_policy *policy);

#endif
