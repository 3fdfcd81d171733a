/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * p256: ES256, that is ECDSA over NIST P-256 with SHA-256 (FIPS 186-4; RFC 7518 §3.4), as authenticators and
 * sign-in providers sign. */
#ifndef PROTO_P256_H
#define PROTO_P256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    P256_BYTES = 32,
    P256_SIGNATURE_BYTES = 64, /* r and s */
    P256_DER_BYTES_MAX = 80
};

/* Did the key (x, y) sign these bytes? Of the two s that hold for every r only the lower counts, so that
 * nobody makes a second signature of a first. False, too, when (x, y) is no point of the curve. */
bool p256_signed(const uint8_t x[P256_BYTES], const uint8_t y[P256_BYTES], const void *bytes,
                 size_t size, const uint8_t signature[P256_SIGNATURE_BYTES]);

/* r and s as ASN.1 writes them. Returns the length, 0: memory is short. */
size_t p256_der(const uint8_t signature[P256_SIGNATURE_BYTES], uint8_t der[P256_DER_BYTES_MAX]);

#endif
