/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SM3 and SM2, by OpenSSL 3. What its library refuses of our own (no memory, no randomness, an algorithm that
 * a configuration took away) ends the process: nothing is signed wrongly, and nothing is called forged. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <pthread.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "proto/suite.h"

enum {
    POINT_BYTES = 33, /* compressed: 2 for an even y, and x */
    POINT_EVEN = 2,
    DER_BYTES_MAX = 72
};

/* GM/T 0009-2012 §10: who signs, where nothing else was agreed. */
static const char user[] = "1234567812345678";

/* ---- what is fetched once --------------------------------------------------------------------- */

static struct {
    pthread_once_t once;
    pthread_key_t spare; /* an EVP_MD_CTX of each thread that nobody uses just now */
    EVP_MD *sm3;
    EC_GROUP *curve;
    BIGNUM *limit; /* n - 1: secrets are below it */
} sm = { .once = PTHREAD_ONCE_INIT };

static void context_free(void *context)
{
    EVP_MD_CTX_free(context);
}

static void fetch(void)
{
    REQUIRE(pthread_key_create(&sm.spare, context_free) == 0);
    sm.sm3 = EVP_MD_fetch(NULL, "SM3", NULL);
    sm.curve = EC_GROUP_new_by_curve_name(NID_sm2);
    REQUIRE(sm.sm3 && sm.curve);
    sm.limit = BN_dup(EC_GROUP_get0_order(sm.curve));
    REQUIRE(sm.limit && BN_sub_word(sm.limit, 1) == 1);
}

static void prepare(void)
{
    REQUIRE(pthread_once(&sm.once, fetch) == 0);
}

/* ---- SM3 -------------------------------------------------------------------------------------- */

static EVP_MD_CTX **place_of(struct digesting *digesting)
{
    return (EVP_MD_CTX **)(void *)digesting->state;
}

static void sm3_begin(struct digesting *digesting)
{
    prepare();
    EVP_MD_CTX *context = pthread_getspecific(sm.spare);
    if (context)
        (void)pthread_setspecific(sm.spare, NULL);
    else
        context = EVP_MD_CTX_new();
    REQUIRE(context && EVP_DigestInit_ex2(context, sm.sm3, NULL) == 1);
    *place_of(digesting) = context;
}

static void sm3_add(struct digesting *digesting, const void *bytes, size_t size)
{
    REQUIRE(EVP_DigestUpdate(*place_of(digesting), bytes, size) == 1);
}

static void sm3_end(struct digesting *digesting, uint8_t digest[SUITE_DIGEST_BYTES])
{
    EVP_MD_CTX *context = *place_of(digesting);
    REQUIRE(EVP_DigestFinal_ex(context, digest, NULL) == 1);
    if (pthread_getspecific(sm.spare) || pthread_setspecific(sm.spare, context) != 0)
        EVP_MD_CTX_free(context);
}

/* ---- SM2's keys ------------------------------------------------------------------------------- */

/* A seed is the secret itself; one that is none (of 2^32 one) is hashed until it is. */
static BIGNUM *secret_of(const uint8_t seed[SUITE_SEED_BYTES])
{
    uint8_t bytes[SUITE_SEED_BYTES];
    BIGNUM *secret = BN_secure_new();
    memcpy(bytes, seed, sizeof bytes);
    REQUIRE(secret && BN_bin2bn(bytes, sizeof bytes, secret));
    BN_set_flags(secret, BN_FLG_CONSTTIME);
    while (BN_is_zero(secret) || BN_cmp(secret, sm.limit) >= 0) {
        suite_digest(&suite_sm, bytes, sizeof bytes, bytes);
        REQUIRE(BN_bin2bn(bytes, sizeof bytes, secret));
    }
    sodium_memzero(bytes, sizeof bytes);
    return secret;
}

static void sm2_pair(const uint8_t seed[SUITE_SEED_BYTES], uint8_t public_key[SUITE_KEY_BYTES],
                     uint8_t secret[SUITE_SECRET_BYTES])
{
    uint8_t octets[POINT_BYTES];
    prepare();
    BIGNUM *number = secret_of(seed);
    EC_POINT *point = EC_POINT_new(sm.curve);
    REQUIRE(point && EC_POINT_mul(sm.curve, point, number, NULL, NULL, NULL) == 1);
    REQUIRE(EC_POINT_point2oct(sm.curve, point, POINT_CONVERSION_COMPRESSED, octets, sizeof octets,
                               NULL) == POINT_BYTES);
    if (octets[0] != POINT_EVEN) /* the same x belongs to the negative, whose y is even */
        REQUIRE(BN_sub(number, EC_GROUP_get0_order(sm.curve), number) == 1);
    REQUIRE(BN_bn2binpad(number, secret, SUITE_SEED_BYTES) == SUITE_SEED_BYTES);
    memcpy(secret + SUITE_SEED_BYTES, octets + 1, SUITE_KEY_BYTES);
    memcpy(public_key, octets + 1, SUITE_KEY_BYTES);
    EC_POINT_free(point);
    BN_clear_free(number);
}

/* NULL: the x belongs to no point. number NULL: the public half alone. */
static EVP_PKEY *key_of(const uint8_t public_key[SUITE_KEY_BYTES], const BIGNUM *number)
{
    static char curve[] = "SM2";
    uint8_t octets[POINT_BYTES] = { POINT_EVEN };
    EVP_PKEY *key = NULL;
    memcpy(octets + 1, public_key, SUITE_KEY_BYTES);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    REQUIRE(build);
    REQUIRE(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1);
    REQUIRE(OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, octets,
                                             sizeof octets) == 1);
    if (number)
        REQUIRE(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
    REQUIRE(params && context && EVP_PKEY_fromdata_init(context) == 1);
    if (EVP_PKEY_fromdata(context, &key, number ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) !=
        1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    return key;
}

/* Over the digest of Z ‖ bytes, where Z is of the user, the curve and the key (GB/T 32918.2 §5.5). */
static EVP_MD_CTX *signature_context(EVP_PKEY *key, bool signs)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *about = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    REQUIRE(context && about && EVP_PKEY_CTX_set1_id(about, user, (int)(sizeof user - 1)) == 1);
    EVP_MD_CTX_set_pkey_ctx(context, about);
    REQUIRE((signs ? EVP_DigestSignInit_ex(context, NULL, "SM3", NULL, NULL, key, NULL)
                   : EVP_DigestVerifyInit_ex(context, NULL, "SM3", NULL, NULL, key, NULL)) == 1);
    return context;
}

static void signature_done(EVP_MD_CTX *context)
{
    EVP_PKEY_CTX *about = EVP_MD_CTX_get_pkey_ctx(context);
    EVP_MD_CTX_free(context); /* leaves what it was given */
    EVP_PKEY_CTX_free(about);
}

/* ---- SM2's signatures ------------------------------------------------------------------------- */

static void sm2_sign(const uint8_t secret[SUITE_SECRET_BYTES], const void *bytes, size_t size,
                     uint8_t signature[SUITE_SIGNATURE_BYTES])
{
    uint8_t der[DER_BYTES_MAX];
    const uint8_t *at = der;
    size_t length = sizeof der;
    prepare();
    BIGNUM *number = secret_of(secret);
    EVP_PKEY *key = key_of(secret + SUITE_SEED_BYTES, number);
    REQUIRE(key);
    EVP_MD_CTX *context = signature_context(key, true);
    REQUIRE(EVP_DigestSign(context, der, &length, bytes, size) == 1);
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)length);
    REQUIRE(pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32) == 32 &&
            BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32) == 32);
    ECDSA_SIG_free(pair);
    signature_done(context);
    EVP_PKEY_free(key);
    BN_clear_free(number);
}

/* r ‖ s as OpenSSL wants them. Returns their size. */
static int der_of(const uint8_t signature[SUITE_SIGNATURE_BYTES], uint8_t der[DER_BYTES_MAX])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL), *s = BN_bin2bn(signature + 32, 32, NULL);
    REQUIRE(pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1);
    int size = i2d_ECDSA_SIG(pair, &der);
    REQUIRE(size > 0 && size <= DER_BYTES_MAX);
    ECDSA_SIG_free(pair);
    return size;
}

static bool sm2_holds(const uint8_t public_key[SUITE_KEY_BYTES], const void *bytes, size_t size,
                      const uint8_t signature[SUITE_SIGNATURE_BYTES])
{
    uint8_t der[DER_BYTES_MAX];
    prepare();
    EVP_PKEY *key = key_of(public_key, NULL);
    if (!key)
        return false;
    int length = der_of(signature, der);
    EVP_MD_CTX *context = signature_context(key, false);
    bool holds = EVP_DigestVerify(context, der, (size_t)length, bytes, size) == 1;
    signature_done(context);
    EVP_PKEY_free(key);
    return holds;
}

const struct suite suite_sm = {
    .id = 2,
    .name = "sm3-sm2",
    .begin = sm3_begin,
    .add = sm3_add,
    .end = sm3_end,
    .pair = sm2_pair,
    .sign = sm2_sign,
    .holds = sm2_holds,
};
