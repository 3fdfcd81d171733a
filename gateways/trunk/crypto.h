/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * crypto: the keys of one way of a secured stream as SDP carries them (RFC 4568): a=crypto with its suite
 * and, inline, master key and salt. Whoever reads the SDP has the keys: it belongs on TLS.
 *
 * Not taken, and so not answered: a key with an MKI, parameters that leave something in the clear or
 * change how keys are derived. Pure. */
#ifndef GATEWAYS_TRUNK_CRYPTO_H
#define GATEWAYS_TRUNK_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crypto_suite {
    CRYPTO_NONE,
    CRYPTO_AES_128_80, /* AES_CM_128_HMAC_SHA1_80, which everybody knows (RFC 4568 §6.2.1) */
    CRYPTO_AES_128_32,
    CRYPTO_AES_256_80, /* RFC 6188 */
    CRYPTO_AES_256_32,
    CRYPTO_GCM_128, /* RFC 7714 */
    CRYPTO_GCM_256,
    CRYPTO_SUITE_COUNT
};

enum {
    CRYPTO_KEY_BYTES = 46,  /* the longest key with its salt */
    CRYPTO_KEY_CHARS = 65,  /* the same in base64, with its end */
    CRYPTO_LINE_BYTES = 128 /* "a=crypto:…" with its end */
};

struct crypto {
    uint32_t tag;  /* which of the offered ones */
    uint8_t suite; /* enum crypto_suite; CRYPTO_NONE: in the clear */
    char key[CRYPTO_KEY_CHARS];
};

const char *crypto_suite_name(enum crypto_suite suite);
/* Key and salt together, in octets. */
size_t crypto_key_bytes(enum crypto_suite suite);

/* Reads what follows "a=crypto:". False, *crypto untouched, for what is not taken. */
bool crypto_read(struct crypto *crypto, const char *words, size_t length);

/* "a=crypto:TAG SUITE inline:KEY\r\n". */
void crypto_write(const struct crypto *crypto, char line[CRYPTO_LINE_BYTES]);

bool crypto_same(const struct crypto *one, const struct crypto *other);

#endif
