/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/text.h"

enum {
    PATH_BYTES = 384
};

struct tls {
    SSL_CTX *context;
    bool server;
    char name[64];
    char certificate[PATH_BYTES];
    char key[PATH_BYTES];
    struct timespec changed[2]; /* of the two files when they were read */
};

struct tls_stream {
    SSL *ssl;
    bool server;
    bool wants_write;
    char complaint[128];
};

static bool is_given(const char *words)
{
    return words && words[0] != '\0';
}

static void take_times(const struct tls *tls, struct timespec changed[2])
{
    struct stat certificate, key;
    changed[0] = changed[1] = (struct timespec){ 0 };
    if (stat(tls->certificate, &certificate) == 0)
        changed[0] = certificate.st_mtim;
    if (stat(tls->key, &key) == 0)
        changed[1] = key.st_mtim;
}

static int load_own(SSL_CTX *context, const char *certificate, const char *key)
{
    bool good = SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
                SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
                SSL_CTX_check_private_key(context) == 1;
    ERR_clear_error();
    return good ? 0 : -EKEYREJECTED;
}

static int take_own(struct tls *tls, const struct tls_settings *settings)
{
    if (!is_given(settings->certificate))
        return 0;
    if (!text_copy(tls->certificate, sizeof tls->certificate, settings->certificate) ||
        !text_copy(tls->key, sizeof tls->key, settings->key))
        return -ENAMETOOLONG;
    take_times(tls, tls->changed);
    return load_own(tls->context, tls->certificate, tls->key);
}

static int load_authorities(SSL_CTX *context, const char *ca)
{
    int good = is_given(ca) ? SSL_CTX_load_verify_file(context, ca)
                            : SSL_CTX_set_default_verify_paths(context);
    ERR_clear_error();
    return good == 1 ? 0 : -ENOENT;
}

int tls_open(struct tls **tls, const struct tls_settings *settings)
{
    int verify = SSL_VERIFY_PEER;
    struct tls *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    fresh->server = settings->server;
    fresh->context = SSL_CTX_new(settings->server ? TLS_server_method() : TLS_client_method());
    if (!fresh->context ||
        !text_copy(fresh->name, sizeof fresh->name, settings->name ? settings->name : "")) {
        tls_close(fresh);
        return -ENOMEM;
    }
    int status = load_authorities(fresh->context, settings->ca);
    if (status == 0)
        status = take_own(fresh, settings);
    if (status < 0) {
        tls_close(fresh);
        return status;
    }
    (void)SSL_CTX_set_min_proto_version(fresh->context, TLS1_2_VERSION);
    (void)SSL_CTX_set_mode(fresh->context,
                           SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* A greeting costs a millisecond of processor; renegotiation would give it away for nothing. */
    (void)SSL_CTX_set_options(fresh->context, SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_session_cache_mode(fresh->context, SSL_SESS_CACHE_OFF);
    if (settings->server && settings->demand)
        verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(fresh->context, verify, NULL);
    *tls = fresh;
    return 0;
}

void tls_close(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

int tls_renew(struct tls *tls)
{
    struct timespec now[2];
    if (tls->certificate[0] == '\0')
        return 0;
    take_times(tls, now);
    bool same = true;
    for (int i = 0; i < 2; i++)
        same = same && now[i].tv_sec == tls->changed[i].tv_sec &&
               now[i].tv_nsec == tls->changed[i].tv_nsec;
    if (same)
        return 0;
    for (int i = 0; i < 2; i++)
        tls->changed[i] = now[i];
    SSL_CTX *trial = SSL_CTX_new(TLS_method()); /* two files change one after the other */
    int status = trial ? load_own(trial, tls->certificate, tls->key) : -ENOMEM;
    SSL_CTX_free(trial);
    if (status == 0)
        status = load_own(tls->context, tls->certificate, tls->key);
    return status == 0 ? 1 : status;
}

static bool is_address(const char *name)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static bool expect(SSL *ssl, const char *name)
{
    if (is_address(name))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
    char host[256]; /* OpenSSL's macro takes no const */
    return SSL_set1_host(ssl, name) == 1 && text_copy(host, sizeof host, name) &&
           SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct tls_stream *tls_begin(struct tls *tls, int fd, const char *name)
{
    struct tls_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return NULL;
    stream->server = tls->server;
    stream->ssl = SSL_new(tls->context);
    bool good = stream->ssl && SSL_set_fd(stream->ssl, fd) == 1;
    if (good && !tls->server)
        good = expect(stream->ssl, is_given(name) ? name : tls->name);
    if (!good) {
        tls_end(stream);
        return NULL;
    }
    if (tls->server)
        SSL_set_accept_state(stream->ssl);
    else
        SSL_set_connect_state(stream->ssl);
    return stream;
}

void tls_end(struct tls_stream *stream)
{
    if (!stream)
        return;
    if (stream->ssl && SSL_is_init_finished(stream->ssl))
        (void)SSL_shutdown(stream->ssl);
    SSL_free(stream->ssl);
    free(stream);
    ERR_clear_error();
}

/* What OpenSSL's answer means to who waits on a descriptor. */
static int status_of(struct tls_stream *stream, int answer)
{
    int error = SSL_get_error(stream->ssl, answer);

    stream->wants_write = error == SSL_ERROR_WANT_WRITE;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return -EAGAIN;
    unsigned long reason = ERR_peek_last_error();
    long verdict = SSL_get_verify_result(stream->ssl);
    if (verdict != X509_V_OK)
        (void)text_copy(stream->complaint, sizeof stream->complaint,
                        X509_verify_cert_error_string(verdict));
    else if (reason != 0)
        ERR_error_string_n(reason, stream->complaint, sizeof stream->complaint);
    else
        (void)text_copy(stream->complaint, sizeof stream->complaint, "the other side closed");
    ERR_clear_error();
    return verdict != X509_V_OK ? -EKEYREJECTED : -EPROTO;
}

int tls_greet(struct tls_stream *stream)
{
    int answer = SSL_do_handshake(stream->ssl);

    stream->wants_write = false;
    return answer == 1 ? 0 : status_of(stream, answer);
}

bool tls_wants_write(const struct tls_stream *stream)
{
    return stream->wants_write;
}

const char *tls_complaint(const struct tls_stream *stream)
{
    return stream->complaint;
}

static bool carries(X509 *certificate, const char *name)
{
    return is_address(name) ? X509_check_ip_asc(certificate, name, 0) == 1
                            : X509_check_host(certificate, name, 0, 0, NULL) == 1;
}

bool tls_proves(const struct tls_stream *stream, const char *name)
{
    X509 *shown = SSL_get0_peer_certificate(stream->ssl);

    return shown && SSL_get_verify_result(stream->ssl) == X509_V_OK && carries(shown, name);
}

ssize_t tls_read(struct tls_stream *stream, uint8_t *bytes, size_t size)
{
    int got = SSL_read(stream->ssl, bytes, size > INT_MAX ? INT_MAX : (int)size);

    if (got > 0)
        return got;
    return SSL_get_error(stream->ssl, got) == SSL_ERROR_ZERO_RETURN ? 0 : status_of(stream, got);
}

ssize_t tls_write(struct tls_stream *stream, const uint8_t *bytes, size_t count)
{
    int sent = SSL_write(stream->ssl, bytes, count > INT_MAX ? INT_MAX : (int)count);

    return sent > 0 ? sent : status_of(stream, sent);
}

bool tls_pending(const struct tls_stream *stream)
{
    return SSL_pending(stream->ssl) > 0;
}

/* ---- our own certificate, as others will see it ------------------------------------------------ */

static X509 *read_certificate(const char *path)
{
    FILE *file = is_given(path) ? fopen(path, "re") : NULL;
    if (!file)
        return NULL;
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    (void)fclose(file);
    return certificate;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = is_given(path) ? fopen(path, "re") : NULL;
    if (!file)
        return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    (void)fclose(file);
    return key;
}

/* Whether the chain in the file ends at an authority that is believed. */
static bool is_vouched(const struct tls_settings *settings)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    bool good = context && load_authorities(context, settings->ca) == 0 &&
                SSL_CTX_use_certificate_chain_file(context, settings->certificate) == 1;
    STACK_OF(X509) *chain = NULL;
    X509_STORE_CTX *trial = good ? X509_STORE_CTX_new() : NULL;
    (void)(good && SSL_CTX_get0_chain_certs(context, &chain));
    good = trial &&
           X509_STORE_CTX_init(trial, SSL_CTX_get_cert_store(context),
                               SSL_CTX_get0_certificate(context), chain) == 1 &&
           X509_verify_cert(trial) == 1;
    X509_STORE_CTX_free(trial);
    SSL_CTX_free(context);
    return good;
}

static enum tls_finding examine(const struct tls_settings *settings, X509 *certificate,
                                EVP_PKEY *key, const char *name, int *days)
{
    int seconds = 0;
    if (!certificate)
        return TLS_NO_CERTIFICATE;
    (void)ASN1_TIME_diff(days, &seconds, NULL, X509_get0_notAfter(certificate));
    if (seconds < 0 && *days == 0)
        *days = -1;
    if (!key)
        return TLS_NO_KEY;
    if (X509_check_private_key(certificate, key) != 1)
        return TLS_OTHER_KEY;
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        return TLS_NOT_YET;
    if (*days < 0)
        return TLS_ENDED;
    if (name[0] && !carries(certificate, name))
        return TLS_OTHER_NAME;
    if (!is_vouched(settings))
        return TLS_NO_AUTHORITY;
    return *days < TLS_SOON_DAYS ? TLS_ENDS_SOON : TLS_WELL;
}

enum tls_finding tls_examine(const struct tls_settings *settings, const char *name, int *days)
{
    X509 *certificate = read_certificate(settings->certificate);
    EVP_PKEY *key = read_key(settings->key);
    *days = 0;
    enum tls_finding finding = examine(settings, certificate, key, name, days);
    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return finding;
}

const char *tls_finding_words(enum tls_finding finding, bool chinese)
{
    static const char *const words[TLS_FINDING_COUNT][2] = {
        [TLS_WELL] = { "well", "正常" },
        [TLS_NO_CERTIFICATE] = { "there is no certificate in PEM form", "没有 PEM 格式的证书" },
        [TLS_NO_KEY] = { "there is no key in PEM form", "没有 PEM 格式的私钥" },
        [TLS_OTHER_KEY] = { "the key is not the certificate's", "私钥与证书不是一对" },
        [TLS_NOT_YET] = { "the certificate does not hold yet; look at the clock",
                          "证书尚未生效,请核对时钟" },
        [TLS_ENDED] = { "the certificate has ended", "证书已过期" },
        [TLS_ENDS_SOON] = { "the certificate ends soon", "证书即将过期" },
        [TLS_OTHER_NAME] = { "the certificate does not carry the name", "证书中没有这个名称" },
        [TLS_NO_AUTHORITY] = { "no authority that is believed vouches for the certificate",
                               "证书不是由受信任的机构签发的" },
    };
    return words[finding][chinese];
}
