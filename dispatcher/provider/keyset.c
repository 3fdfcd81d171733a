/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/provider/keyset.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "proto/json.h"
#include "proto/p256.h"

enum {
    ED25519_BYTES = 32,
    RSA_BYTES_MAX = 1024, /* 8192 bits: a longer modulus only costs time */
    DER_BYTES_MAX = 80    /* of two numbers below 2^256 */
};

struct key {
    char name[KEYSET_NAME_BYTES];
    enum algorithm algorithm;
    EVP_PKEY *key;
};

struct keyset {
    uint32_t count;
    struct key keys[KEYSET_KEYS_MAX];
};

static const char *const names[] = {
    [ALGORITHM_RS256] = "RS256",
    [ALGORITHM_ES256] = "ES256",
    [ALGORITHM_EDDSA] = "EdDSA",
};

enum algorithm algorithm_of(const char *name)
{
    for (enum algorithm algorithm = ALGORITHM_RS256; algorithm <= ALGORITHM_EDDSA; algorithm++)
        if (strcmp(names[algorithm], name) == 0)
            return algorithm;
    return ALGORITHM_NONE;
}

/* ---- reading ------------------------------------------------------------------------------- */

static const char *member(const json_t *object, const char *name)
{
    const char *words = json_string_value(json_object_get(object, name));
    return words ? words : "";
}

/* Returns how many bytes the member is, 0 when it is none of at most `room`. */
static size_t number_of(const json_t *object, const char *name, uint8_t *bytes, size_t room)
{
    const char *words = member(object, name);
    size_t size = 0;
    bool read = sodium_base642bin(bytes, room, words, strlen(words), NULL, &size, NULL,
                                  sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    return read ? size : 0;
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !making || EVP_PKEY_fromdata_init(making) != 1 ||
        EVP_PKEY_fromdata(making, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(making);
    OSSL_PARAM_free(parameters);
    return key;
}

static EVP_PKEY *rsa_of(const json_t *object)
{
    uint8_t modulus[RSA_BYTES_MAX], exponent[8];
    size_t modulus_size = number_of(object, "n", modulus, sizeof modulus);
    size_t exponent_size = number_of(object, "e", exponent, sizeof exponent);
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_size, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (n && e && builder && BN_num_bits(n) >= KEYSET_RSA_BITS_MIN && BN_num_bits(e) >= 2 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = key_from("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

static EVP_PKEY *p256_of(const json_t *object)
{
    uint8_t point[1 + 2 * P256_BYTES] = { 4 }; /* SEC 1 §2.3.3: both coordinates */
    static char group[] = "P-256";
    EVP_PKEY *key = NULL;
    if (strcmp(member(object, "crv"), "P-256") != 0 ||
        number_of(object, "x", point + 1, P256_BYTES) != P256_BYTES ||
        number_of(object, "y", point + 1 + P256_BYTES, P256_BYTES) != P256_BYTES)
        return NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) ==
            1)
        key = key_from("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *ed25519_of(const json_t *object)
{
    uint8_t point[ED25519_BYTES];
    if (strcmp(member(object, "crv"), "Ed25519") != 0 ||
        number_of(object, "x", point, sizeof point) != sizeof point)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, point, sizeof point);
}

static void add(struct keyset *keyset, const json_t *object)
{
    static const struct {
        const char *type;
        enum algorithm algorithm;
        EVP_PKEY *(*read)(const json_t *object);
    } kinds[] = {
        { "RSA", ALGORITHM_RS256, rsa_of },
        { "EC", ALGORITHM_ES256, p256_of },
        { "OKP", ALGORITHM_EDDSA, ed25519_of },
    };
    struct key *fresh = &keyset->keys[keyset->count];
    const char *use = member(object, "use"), *algorithm = member(object, "alg");
    if ((*use && strcmp(use, "sig") != 0) ||
        !text_copy(fresh->name, sizeof fresh->name, member(object, "kid")))
        return;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(member(object, "kty"), kinds[i].type) == 0 &&
            (!*algorithm || algorithm_of(algorithm) == kinds[i].algorithm)) {
            fresh->algorithm = kinds[i].algorithm;
            fresh->key = kinds[i].read(object);
            keyset->count += fresh->key != NULL;
            return;
        }
}

int keyset_read(struct keyset **keyset, const char *bytes, size_t size)
{
    char complaint[JSON_COMPLAINT_BYTES];
    json_t *whole = size <= KEYSET_BYTES_MAX
                        ? json_read_object(bytes, size, complaint, sizeof complaint)
                        : NULL;
    const json_t *rows = json_object_get(whole, "keys");
    struct keyset *fresh = json_is_array(rows) ? calloc(1, sizeof *fresh) : NULL;
    int status = fresh ? 0 : json_is_array(rows) ? -ENOMEM : -EBADMSG;
    for (size_t i = 0; fresh && i < json_array_size(rows) && fresh->count < KEYSET_KEYS_MAX; i++)
        add(fresh, json_array_get(rows, i));
    json_decref(whole);
    if (fresh && fresh->count == 0)
        status = -ENOKEY;
    if (status < 0)
        keyset_close(fresh);
    else
        *keyset = fresh;
    return status;
}

void keyset_close(struct keyset *keyset)
{
    for (uint32_t i = 0; keyset && i < keyset->count; i++)
        EVP_PKEY_free(keyset->keys[i].key);
    free(keyset);
}

uint32_t keyset_count(const struct keyset *keyset)
{
    return keyset->count;
}

/* ---- signatures ---------------------------------------------------------------------------- */

static const struct key *find(const struct keyset *keyset, enum algorithm algorithm,
                              const char *name)
{
    const struct key *found = NULL;
    for (uint32_t i = 0; keyset && i < keyset->count; i++) {
        const struct key *key = &keyset->keys[i];
        if (key->algorithm != algorithm || (*name && strcmp(key->name, name) != 0))
            continue;
        if (found) /* which of the two, nobody says */
            return NULL;
        found = key;
    }
    return found;
}

bool keyset_has(const struct keyset *keyset, enum algorithm algorithm, const char *name)
{
    return find(keyset, algorithm, name) != NULL;
}

bool keyset_signed(const struct keyset *keyset, enum algorithm algorithm, const char *name,
                   const char *words, size_t size, const uint8_t *signature, size_t length)
{
    uint8_t der[P256_DER_BYTES_MAX];
    const struct key *key = find(keyset, algorithm, name);
    if (!key)
        return false;
    if (algorithm == ALGORITHM_ES256) {
        length = length == P256_SIGNATURE_BYTES ? p256_der(signature, der) : 0;
        signature = der;
    }
    EVP_MD_CTX *checking = EVP_MD_CTX_new();
    const EVP_MD *digest = algorithm == ALGORITHM_EDDSA ? NULL : EVP_sha256();
    bool right = checking && length > 0 &&
                 EVP_DigestVerifyInit(checking, NULL, digest, NULL, key->key) == 1 &&
                 EVP_DigestVerify(checking, signature, length, (const uint8_t *)words, size) == 1;
    EVP_MD_CTX_free(checking);
    return right;
}
