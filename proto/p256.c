/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/p256.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

/* SEC 2 §2.4.2: half of the group's order, rounded down. */
static const uint8_t half[P256_BYTES] = { 0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00,
                                          0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42,
                                          0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8 };

size_t p256_der(const uint8_t signature[P256_SIGNATURE_BYTES], uint8_t der[P256_DER_BYTES_MAX])
{
    int size = 0;
    BIGNUM *r = BN_bin2bn(signature, P256_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(signature + P256_BYTES, P256_BYTES, NULL);
    ECDSA_SIG *pair = ECDSA_SIG_new();
    if (r && s && pair && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* the pair's now */
        size = i2d_ECDSA_SIG(pair, NULL);
        if (size > 0 && size <= P256_DER_BYTES_MAX)
            size = i2d_ECDSA_SIG(pair, &der);
        else
            size = 0;
    }
    ECDSA_SIG_free(pair);
    BN_free(r);
    BN_free(s);
    return size > 0 ? (size_t)size : 0;
}

static EVP_PKEY *key_of(const uint8_t x[P256_BYTES], const uint8_t y[P256_BYTES])
{
    uint8_t point[1 + 2 * P256_BYTES] = { 4 }; /* SEC 1 §2.3.3: both coordinates */
    static char group[] = "P-256";
    EVP_PKEY *key = NULL;
    memcpy(point + 1, x, P256_BYTES);
    memcpy(point + 1 + P256_BYTES, y, P256_BYTES);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (builder && making &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) ==
            1)
        parameters = OSSL_PARAM_BLD_to_param(builder);
    if (!parameters || EVP_PKEY_fromdata_init(making) != 1 ||
        EVP_PKEY_fromdata(making, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(making);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

bool p256_signed(const uint8_t x[P256_BYTES], const uint8_t y[P256_BYTES], const void *bytes,
                 size_t size, const uint8_t signature[P256_SIGNATURE_BYTES])
{
    uint8_t der[P256_DER_BYTES_MAX];
    if (memcmp(signature + P256_BYTES, half, sizeof half) > 0)
        return false;
    size_t length = p256_der(signature, der);
    EVP_PKEY *key = length > 0 ? key_of(x, y) : NULL;
    EVP_MD_CTX *checking = key ? EVP_MD_CTX_new() : NULL;
    bool right = checking && EVP_DigestVerifyInit(checking, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(checking, der, length, bytes, size) == 1;
    EVP_MD_CTX_free(checking);
    EVP_PKEY_free(key);
    return right;
}
