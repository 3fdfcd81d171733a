/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/text.h"

struct tls {
    SSL_CTX *context;
    char name[64];
};

struct tls_stream {
    SSL *ssl;
    bool wants_write;
    char complaint[128];
};

int tls_open(struct tls **tls, const char *ca, const char *name)
{
    struct tls *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    fresh->context = SSL_CTX_new(TLS_client_method());
    if (!fresh->context || !text_copy(fresh->name, sizeof fresh->name, name)) {
        tls_close(fresh);
        return -ENOMEM;
    }
    int good = ca[0] != '\0' ? SSL_CTX_load_verify_file(fresh->context, ca)
                             : SSL_CTX_set_default_verify_paths(fresh->context);
    if (good != 1) {
        tls_close(fresh);
        return -ENOENT;
    }
    (void)SSL_CTX_set_min_proto_version(fresh->context, TLS1_2_VERSION);
    (void)SSL_CTX_set_mode(fresh->context,
                           SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(fresh->context, SSL_VERIFY_PEER, NULL);
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

static bool is_address(const char *name)
{
    unsigned char bytes[16];

    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

struct tls_stream *tls_begin(struct tls *tls, int fd)
{
    struct tls_stream *stream = calloc(1, sizeof *stream);

    if (!stream)
        return NULL;
    stream->ssl = SSL_new(tls->context);
    bool good = stream->ssl && SSL_set_fd(stream->ssl, fd) == 1;
    if (good && is_address(tls->name))
        good = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream->ssl), tls->name) == 1;
    else if (good)
        good = SSL_set1_host(stream->ssl, tls->name) == 1 &&
               SSL_set_tlsext_host_name(stream->ssl, tls->name) == 1;
    if (!good) {
        tls_end(stream);
        return NULL;
    }
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
    ERR_clear_error();
    return verdict != X509_V_OK ? -EKEYREJECTED : -EPROTO;
}

int tls_greet(struct tls_stream *stream)
{
    int answer = SSL_connect(stream->ssl);

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
