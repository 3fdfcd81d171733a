/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/handshake.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <sodium.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"

enum {
    MTU = 1200, /* goes through every tunnel */
    SECONDS_A_DAY = 86400,
    CERTIFICATE_DAYS = 365,
    KEYING_BYTES_MAX = 2 * CRYPTO_KEY_BYTES
};

struct handshake {
    SSL *ssl;
    int fd;
    bool client;
    enum handshake_state state;
    char print[HANDSHAKE_PRINT_CHARS];
    const uint8_t *heard; /* the datagram being read; NULL: none */
    size_t heard_size;
    struct crypto own, theirs;
};

/* What all handshakes of the process share. */
static struct {
    SSL_CTX *context;
    BIO_METHOD *way;
    char print[HANDSHAKE_PRINT_CHARS];
} shared;

static const struct {
    unsigned long profile;
    enum crypto_suite suite;
    size_t key, salt;
} profiles[] = {
    { SRTP_AEAD_AES_256_GCM, CRYPTO_GCM_256, 32, 12 },
    { SRTP_AEAD_AES_128_GCM, CRYPTO_GCM_128, 16, 12 },
    { SRTP_AES128_CM_SHA1_80, CRYPTO_AES_128_80, 16, 14 },
};
static const char profile_names[] =
    "SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

/* ---- the way: one write is one datagram ----------------------------------------------------------- */

static int way_write(BIO *bio, const char *bytes, int size)
{
    const struct handshake *handshake = BIO_get_data(bio);
    (void)send(handshake->fd, bytes, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return size; /* what cannot leave is lost, and said again */
}

static int way_read(BIO *bio, char *bytes, int size)
{
    struct handshake *handshake = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!handshake->heard) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t count = handshake->heard_size < (size_t)size ? handshake->heard_size : (size_t)size;
    memcpy(bytes, handshake->heard, count);
    handshake->heard = NULL;
    return (int)count;
}

static long way_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return MTU;
    default:
        return 0;
    }
}

static int way_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

/* ---- who we are --------------------------------------------------------------------------------------- */

static bool print_of(X509 *certificate, char print[HANDSHAKE_PRINT_CHARS])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &size) != 1 || size != 32)
        return false;
    for (unsigned i = 0; i < size; i++)
        (void)snprintf(print + (size_t)3 * i, 4, i + 1 < size ? "%02X:" : "%02X", digest[i]);
    return true;
}

/* Whoever is meant is known by the fingerprint: what else stands in it is nobody's. */
static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    uint64_t serial;
    randombytes_buf(&serial, sizeof serial);
    X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;
    bool good =
        name && X509_set_version(certificate, 2) == 1 &&
        ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1 &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -SECONDS_A_DAY) &&
        X509_gmtime_adj(X509_getm_notAfter(certificate), (long)CERTIFICATE_DAYS * SECONDS_A_DAY) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"yihao", -1, -1, 0) ==
            1 &&
        X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
        X509_sign(certificate, key, EVP_sha256()) > 0;
    if (good)
        return certificate;
    X509_free(certificate);
    return NULL;
}

/* The fingerprint is looked at when the handshake is over. */
static int take_any(int good, X509_STORE_CTX *store)
{
    (void)good, (void)store;
    return 1;
}

static bool open_context(EVP_PKEY *key, X509 *certificate)
{
    shared.context = SSL_CTX_new(DTLS_method());
    if (!shared.context || SSL_CTX_set_min_proto_version(shared.context, DTLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate(shared.context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(shared.context, key) != 1 ||
        SSL_CTX_set_tlsext_use_srtp(shared.context, profile_names) != 0)
        return false;
    (void)SSL_CTX_set_options(shared.context,
                              SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_session_cache_mode(shared.context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(shared.context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, take_any);
    shared.way = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "way");
    return shared.way && BIO_meth_set_write(shared.way, way_write) == 1 &&
           BIO_meth_set_read(shared.way, way_read) == 1 &&
           BIO_meth_set_ctrl(shared.way, way_control) == 1 &&
           BIO_meth_set_create(shared.way, way_create) == 1;
}

static void open_library(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? make_certificate(key) : NULL;
    if (!certificate || !open_context(key, certificate) || !print_of(certificate, shared.print)) {
        log_error("no certificate for DTLS can be made: %s",
                  ERR_reason_error_string(ERR_peek_error()));
        shared.print[0] = 0;
    }
    ERR_clear_error();
    X509_free(certificate);
    EVP_PKEY_free(key);
}

const char *handshake_own_print(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, open_library);
    return shared.print;
}

/* ---- one handshake --------------------------------------------------------------------------------------- */

int handshake_open(struct handshake **handshake, int fd, bool client, const char *print)
{
    if (handshake_own_print()[0] == 0)
        return -ENOTSUP;
    struct handshake *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->fd = fd;
    fresh->client = client;
    BIO *bio = BIO_new(shared.way);
    fresh->ssl = SSL_new(shared.context);
    if (!bio || !fresh->ssl || !text_copy(fresh->print, sizeof fresh->print, print)) {
        (void)BIO_free(bio);
        handshake_close(fresh);
        ERR_clear_error();
        return -ENOMEM;
    }
    BIO_set_data(bio, fresh);
    SSL_set_bio(fresh->ssl, bio, bio);
    (void)DTLS_set_link_mtu(fresh->ssl, MTU);
    if (client)
        SSL_set_connect_state(fresh->ssl);
    else
        SSL_set_accept_state(fresh->ssl);
    (void)SSL_do_handshake(fresh->ssl);
    ERR_clear_error();
    *handshake = fresh;
    return 0;
}

void handshake_close(struct handshake *handshake)
{
    if (!handshake)
        return;
    SSL_free(handshake->ssl);
    sodium_memzero(handshake, sizeof *handshake);
    free(handshake);
}

/* RFC 5764 §4.2: both keys, then both salts, the client's first. */
static void take_keys(struct crypto *crypto, const uint8_t *key, size_t key_size,
                      const uint8_t *salt, size_t salt_size, enum crypto_suite suite)
{
    uint8_t whole[CRYPTO_KEY_BYTES];
    memcpy(whole, key, key_size);
    memcpy(whole + key_size, salt, salt_size);
    crypto->tag = 1;
    crypto->suite = (uint8_t)suite;
    (void)sodium_bin2base64(crypto->key, sizeof crypto->key, whole, key_size + salt_size,
                            sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(whole, sizeof whole);
}

static bool export_keys(struct handshake *handshake)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t bytes[KEYING_BYTES_MAX];
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(handshake->ssl);
    for (size_t i = 0; profile && i < sizeof profiles / sizeof profiles[0]; i++) {
        size_t key = profiles[i].key, salt = profiles[i].salt;
        if (profiles[i].profile != profile->id)
            continue;
        if (SSL_export_keying_material(handshake->ssl, bytes, 2 * (key + salt), label,
                                       sizeof label - 1, NULL, 0, 0) != 1)
            return false;
        struct crypto *client = handshake->client ? &handshake->own : &handshake->theirs;
        struct crypto *server = handshake->client ? &handshake->theirs : &handshake->own;
        take_keys(client, bytes, key, bytes + 2 * key, salt, profiles[i].suite);
        take_keys(server, bytes + key, key, bytes + 2 * key + salt, salt, profiles[i].suite);
        sodium_memzero(bytes, sizeof bytes);
        return true;
    }
    return false;
}

static bool is_whom_we_mean(const struct handshake *handshake)
{
    char print[HANDSHAKE_PRINT_CHARS];
    X509 *certificate = SSL_get1_peer_certificate(handshake->ssl);
    bool same = certificate && print_of(certificate, print) && strcmp(print, handshake->print) == 0;
    X509_free(certificate);
    return same;
}

static enum handshake_state fail(struct handshake *handshake, const char *why)
{
    handshake->state = HANDSHAKE_FAILED;
    log_warn("DTLS as %s failed: %s", handshake->client ? "client" : "server", why);
    return HANDSHAKE_FAILED;
}

static enum handshake_state go_on(struct handshake *handshake)
{
    ERR_clear_error();
    int done = SSL_do_handshake(handshake->ssl);
    if (done != 1) {
        int why = SSL_get_error(handshake->ssl, done);
        if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
            return HANDSHAKE_RUNS;
        const char *words = ERR_reason_error_string(ERR_peek_error());
        enum handshake_state state = fail(handshake, words ? words : "closed");
        ERR_clear_error();
        return state;
    }
    if (!is_whom_we_mean(handshake))
        return fail(handshake, "another fingerprint than the SDP has");
    if (!export_keys(handshake))
        return fail(handshake, "no common protection profile");
    handshake->state = HANDSHAKE_DONE;
    return HANDSHAKE_DONE;
}

enum handshake_state handshake_hear(struct handshake *handshake, const uint8_t *bytes, size_t size)
{
    uint8_t nothing[64];
    if (handshake->state == HANDSHAKE_FAILED || size == 0)
        return handshake->state;
    handshake->heard = bytes;
    handshake->heard_size = size;
    if (handshake->state == HANDSHAKE_RUNS) {
        (void)go_on(handshake);
    } else { /* they say again what we have answered: so do we */
        (void)SSL_read(handshake->ssl, nothing, sizeof nothing);
        ERR_clear_error();
    }
    handshake->heard = NULL;
    return handshake->state;
}

enum handshake_state handshake_tick(struct handshake *handshake)
{
    if (handshake->state != HANDSHAKE_RUNS)
        return handshake->state;
    if (DTLSv1_handle_timeout(handshake->ssl) < 0)
        return fail(handshake, "no answer");
    ERR_clear_error();
    return handshake->state;
}

void handshake_keys(const struct handshake *handshake, struct crypto *own, struct crypto *theirs)
{
    REQUIRE(handshake->state == HANDSHAKE_DONE);
    *own = handshake->own;
    *theirs = handshake->theirs;
}
