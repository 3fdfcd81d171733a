/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/authenticator_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"

static const char order_digits[] =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

void device_open(struct authenticator_device *device, uint32_t algorithm)
{
    *device = (struct authenticator_device){ .public = { .algorithm = algorithm },
                                             .flags = 0x05,
                                             .origin = TEST_ORIGIN };
    if (algorithm == AUTHENTICATOR_ES256) {
        uint8_t point[65];
        size_t size = 0;
        device->secret = EVP_EC_gen("P-256");
        REQUIRE(device->secret &&
                EVP_PKEY_get_octet_string_param(device->secret, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                sizeof point, &size) == 1 &&
                size == sizeof point);
        memcpy(device->public.key, point + 1, 32);
        memcpy(device->public.ordinate, point + 33, 32);
    } else {
        size_t size = 32;
        device->secret = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        REQUIRE(device->secret &&
                EVP_PKEY_get_raw_public_key(device->secret, device->public.key, &size) == 1);
    }
}

void device_close(struct authenticator_device *device)
{
    EVP_PKEY_free(device->secret);
}

static size_t head(const struct authenticator_device *device, uint8_t flags, uint8_t *bytes)
{
    (void)crypto_hash_sha256(bytes, (const uint8_t *)TEST_PARTY, strlen(TEST_PARTY));
    bytes[32] = flags;
    for (int i = 0; i < 4; i++)
        bytes[33 + i] = (uint8_t)(device->counter >> (24 - 8 * i));
    return 37;
}

size_t device_attest(const struct authenticator_device *device, const uint8_t *credential,
                     size_t credential_size, uint8_t *bytes)
{
    static const uint8_t es256[] = { 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32 };
    static const uint8_t ed25519[] = { 0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32 };
    static const uint8_t second[] = { 0x22, 0x58, 32 };
    bool is_es256 = device->public.algorithm == AUTHENTICATOR_ES256;
    size_t at = head(device, device->flags | 0x40, bytes);
    memset(bytes + at, 0xaa, 16);
    at += 16;
    bytes[at++] = (uint8_t)(credential_size >> 8);
    bytes[at++] = (uint8_t)credential_size;
    memcpy(bytes + at, credential, credential_size);
    at += credential_size;
    memcpy(bytes + at, is_es256 ? es256 : ed25519, sizeof es256);
    at += sizeof es256;
    memcpy(bytes + at, device->public.key, 32);
    at += 32;
    if (is_es256) {
        memcpy(bytes + at, second, sizeof second);
        memcpy(bytes + at + sizeof second, device->public.ordinate, 32);
        at += sizeof second + 32;
    }
    return at;
}

void device_turn_over(uint8_t signature[64])
{
    BIGNUM *order = NULL, *s = BN_bin2bn(signature + 32, 32, NULL);
    REQUIRE(BN_hex2bn(&order, order_digits) == 64 && s && BN_sub(s, order, s) == 1 &&
            BN_bn2binpad(s, signature + 32, 32) == 32);
    BN_free(order);
    BN_free(s);
}

static void pair_of(const uint8_t *der, size_t size, uint8_t signature[64])
{
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
    BIGNUM *order = NULL, *twice = BN_new();
    REQUIRE(pair && twice && BN_hex2bn(&order, order_digits) == 64 &&
            BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32 &&
            BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32 &&
            BN_lshift1(twice, ECDSA_SIG_get0_s(pair)) == 1);
    if (BN_cmp(twice, order) > 0)
        device_turn_over(signature);
    ECDSA_SIG_free(pair);
    BN_free(order);
    BN_free(twice);
}

void device_touch(struct authenticator_device *device, const struct statement *statement,
                  struct touch *touch, uint8_t signature[64])
{
    uint8_t digest[32], der[80], bytes[sizeof touch->authenticator + 32];
    char challenge[44];
    size_t size = sizeof der;
    (void)crypto_hash_sha256(digest, statement->bytes, statement->size);
    (void)sodium_bin2base64(challenge, sizeof challenge, digest, sizeof digest,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    touch->client_size = (uint32_t)snprintf(
        (char *)touch->client, sizeof touch->client,
        "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":false}",
        challenge, device->origin);
    device->counter++;
    touch->authenticator_size = (uint32_t)head(device, device->flags, touch->authenticator);
    memcpy(bytes, touch->authenticator, touch->authenticator_size);
    (void)crypto_hash_sha256(bytes + touch->authenticator_size, touch->client, touch->client_size);
    bool is_es256 = device->public.algorithm == AUTHENTICATOR_ES256;
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    REQUIRE(signing &&
            EVP_DigestSignInit(signing, NULL, is_es256 ? EVP_sha256() : NULL, NULL,
                               device->secret) == 1 &&
            EVP_DigestSign(signing, der, &size, bytes, touch->authenticator_size + 32U) == 1);
    EVP_MD_CTX_free(signing);
    if (is_es256)
        pair_of(der, size, signature);
    else
        memcpy(signature, der, 64);
}
