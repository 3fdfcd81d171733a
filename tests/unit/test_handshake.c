/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sound whose keys are agreed on by DTLS, with an independent other side: OpenSSL's own datagram sockets and
 * libsrtp2, on the real network stack. */
#include <arpa/inet.h>
#include <math.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <setjmp.h>
#include <srtp2/srtp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/clock.h"
#include "gateways/trunk/g711.h"
#include "gateways/trunk/media.h"
#include "gateways/trunk/voice.h"

enum {
    OWNER = 7,
    PATIENCE_MS = 8000,
    PACKET = 172,
    SSRC = 0x11223344
};

struct peer {
    int fd;
    uint16_t port;
    SSL_CTX *context;
    SSL *ssl;
    X509 *certificate;
    char print[96];
    srtp_t out, in;
    uint16_t sequence;
    uint32_t drop; /* so many datagrams of ours get lost first */
};

struct world {
    char folder[64];
    struct media *media;
    int64_t channel;
    uint16_t port;
    struct peer peer;
    bool secured;
    struct media_keys keys;
};

/* ---- the other side ------------------------------------------------------------------------------ */

static void print_of(X509 *certificate, char print[96])
{
    uint8_t digest[64];
    unsigned size;
    assert_int_equal(X509_digest(certificate, EVP_sha256(), digest, &size), 1);
    for (unsigned i = 0; i < size; i++)
        (void)sprintf(print + 3 * i, i + 1 < size ? "%02X:" : "%02X", digest[i]);
}

static int any(int good, X509_STORE_CTX *store)
{
    (void)good, (void)store;
    return 1;
}

static void peer_open(struct peer *peer, const char *profiles)
{
    struct sockaddr_in own = { .sin_family = AF_INET };
    socklen_t size = sizeof own;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(peer->fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(getsockname(peer->fd, (struct sockaddr *)&own, &size), 0);
    peer->port = ntohs(own.sin_port);
    peer->certificate = X509_new();
    (void)X509_gmtime_adj(X509_getm_notBefore(peer->certificate), -100);
    (void)X509_gmtime_adj(X509_getm_notAfter(peer->certificate), 1000);
    (void)X509_set_pubkey(peer->certificate, key);
    assert_true(X509_sign(peer->certificate, key, EVP_sha256()) > 0);
    print_of(peer->certificate, peer->print);
    peer->context = SSL_CTX_new(DTLS_method());
    SSL_CTX_set_verify(peer->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, any);
    assert_int_equal(SSL_CTX_use_certificate(peer->context, peer->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(peer->context, key), 1);
    assert_int_equal(SSL_CTX_set_tlsext_use_srtp(peer->context, profiles), 0);
    EVP_PKEY_free(key);
}

static void peer_begin(struct peer *peer, uint16_t port, bool client)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(peer->fd, (struct sockaddr *)&to, sizeof to), 0);
    BIO *bio = BIO_new_dgram(peer->fd, BIO_NOCLOSE);
    (void)BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &to);
    peer->ssl = SSL_new(peer->context);
    SSL_set_bio(peer->ssl, bio, bio);
    if (client)
        SSL_set_connect_state(peer->ssl);
    else
        SSL_set_accept_state(peer->ssl);
}

static void peer_close(struct peer *peer)
{
    if (peer->out)
        (void)srtp_dealloc(peer->out);
    if (peer->in)
        (void)srtp_dealloc(peer->in);
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    X509_free(peer->certificate);
    (void)close(peer->fd);
}

static srtp_t stream(const uint8_t *key, size_t key_size, const uint8_t *salt, size_t salt_size,
                     bool gcm, srtp_ssrc_type_t type)
{
    uint8_t whole[64];
    srtp_policy_t policy;
    srtp_t made;
    memset(&policy, 0, sizeof policy);
    memcpy(whole, key, key_size);
    memcpy(whole + key_size, salt, salt_size);
    if (gcm)
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
    else
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
    policy.rtcp = policy.rtp;
    policy.ssrc.type = type;
    policy.key = whole;
    assert_int_equal(srtp_create(&made, &policy), srtp_err_status_ok);
    return made;
}

/* RFC 5764 §4.2 once more, from its text. */
static void peer_take_keys(struct peer *peer, bool client)
{
    uint8_t bytes[128];
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(peer->ssl);
    assert_non_null(profile);
    bool gcm = profile->id == SRTP_AEAD_AES_256_GCM;
    size_t key = gcm ? 32 : 16, salt = gcm ? 12 : 14;
    assert_int_equal(SSL_export_keying_material(peer->ssl, bytes, 2 * (key + salt),
                                                "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0),
                     1);
    const uint8_t *mine = client ? bytes : bytes + key, *other = client ? bytes + key : bytes;
    const uint8_t *salts = bytes + 2 * key;
    peer->out = stream(mine, key, client ? salts : salts + salt, salt, gcm, ssrc_any_outbound);
    peer->in = stream(other, key, client ? salts + salt : salts, salt, gcm, ssrc_any_inbound);
}

/* ---- both ------------------------------------------------------------------------------------------ */

static int set_up(void **state)
{
    static struct world world;
    memset(&world, 0, sizeof world);
    (void)strcpy(world.folder, "/tmp/yihao-handshake-XXXXXX");
    if (!mkdtemp(world.folder))
        return -1;
    const struct media_settings settings = { .address = "127.0.0.1",
                                             .port_low = 27000,
                                             .port_high = 27100,
                                             .prompts = world.folder,
                                             .recordings = world.folder };
    *state = &world;
    int status = media_open(&world.media, &settings);
    if (status < 0)
        return status;
    world.channel = media_channel_open(world.media, OWNER, &world.port);
    return world.channel > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    char words[128];
    media_close(w->media);
    if (w->peer.context)
        peer_close(&w->peer);
    (void)snprintf(words, sizeof words, "rm -rf %s", w->folder);
    return system(words);
}

static void events(struct world *w)
{
    struct media_event event;
    media_tick(w->media);
    while (media_next(w->media, &event))
        if (event.kind == MEDIA_SECURED) {
            assert_int_equal(event.owner, OWNER);
            w->secured = true;
            w->keys = event.keys;
        }
}

static void wait_a_little(const struct world *w)
{
    struct pollfd fds[] = { { .fd = w->peer.fd, .events = POLLIN },
                            { .fd = media_fd(w->media), .events = POLLIN } };
    (void)poll(fds, 2, 20);
}

static void begin(struct world *w, bool client, const char *print)
{
    const struct media_speech speech = {
        .codec = MEDIA_G711, .law = MEDIA_PCMA, .print = print, .client = !client, .mux = true
    };
    peer_begin(&w->peer, w->port, client);
    assert_int_equal(
        media_channel_connect(w->media, w->channel, "127.0.0.1", w->peer.port, &speech), 0);
}

/* Did both come to an end within the patience? */
static bool shake(struct world *w, bool client)
{
    uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
    uint8_t lost[2048];
    bool done = false;
    while (clock_mono_ms() < end_ms && !(done && w->secured)) {
        events(w);
        if (w->peer.drop > 0) {
            if (recv(w->peer.fd, lost, sizeof lost, MSG_DONTWAIT) > 0)
                w->peer.drop--;
        } else if (!done) {
            (void)DTLSv1_handle_timeout(w->peer.ssl);
            done = SSL_do_handshake(w->peer.ssl) == 1;
        }
        wait_a_little(w);
    }
    if (done && w->secured)
        peer_take_keys(&w->peer, client);
    return done && w->secured;
}

static void say(struct world *w, bool sealed)
{
    uint8_t packet[PACKET + 64] = { 0x80, 8 };
    int size = PACKET;
    packet[2] = (uint8_t)(w->peer.sequence >> 8);
    packet[3] = (uint8_t)w->peer.sequence;
    uint32_t stamp = htonl(w->peer.sequence * (uint32_t)G711_FRAME), ssrc = htonl(SSRC);
    memcpy(packet + 4, &stamp, 4);
    memcpy(packet + 8, &ssrc, 4);
    memset(packet + 12, 0x2A, G711_FRAME);
    w->peer.sequence++;
    if (sealed)
        assert_int_equal(srtp_protect(w->peer.out, packet, &size), srtp_err_status_ok);
    (void)send(w->peer.fd, packet, (size_t)size, 0);
}

/* Packets of ours that their keys open, and those that they do not. */
static void hear(struct world *w, unsigned *good, unsigned *reports, unsigned *bad)
{
    uint8_t packet[2048];
    ssize_t size;
    while ((size = recv(w->peer.fd, packet, sizeof packet, MSG_DONTWAIT)) > 0) {
        int length = (int)size;
        enum voice_kind kind = voice_kind(packet, (size_t)size);
        if (kind == VOICE_RTP && srtp_unprotect(w->peer.in, packet, &length) == srtp_err_status_ok)
            ++*good;
        else if (kind == VOICE_RTCP &&
                 srtp_unprotect_rtcp(w->peer.in, packet, &length) == srtp_err_status_ok)
            ++*reports;
        else if (kind != VOICE_DTLS)
            ++*bad;
    }
}

static void talk(struct world *w, unsigned turns, unsigned *good, unsigned *reports)
{
    unsigned bad = 0;
    struct media_counts before, after;
    media_count(w->media, &before);
    *good = *reports = 0;
    for (unsigned i = 0; i < turns; i++) {
        say(w, true);
        uint64_t next_ms = clock_mono_ms() + 20;
        while (clock_mono_ms() < next_ms) {
            hear(w, good, reports, &bad);
            wait_a_little(w);
        }
        events(w);
    }
    media_count(w->media, &after);
    assert_int_equal(bad, 0);
    assert_true(after.packets_in - before.packets_in > turns / 2);
    assert_int_equal(after.packets_bad, before.packets_bad);
    assert_true(*good > turns / 2);
}

/* ---- stories ----------------------------------------------------------------------------------------- */

static void their_client_and_our_server_agree_and_talk(void **state)
{
    struct world *w = *state;
    unsigned good, reports;
    char print[96];
    peer_open(&w->peer, "SRTP_AES128_CM_SHA1_80");
    begin(w, true, w->peer.print);
    assert_true(shake(w, true));
    X509 *ours = SSL_get1_peer_certificate(w->peer.ssl);
    print_of(ours, print);
    X509_free(ours);
    assert_string_equal(print, media_print());
    talk(w, 30, &good, &reports);
}

static void our_client_and_their_server_agree_on_the_better_keys(void **state)
{
    struct world *w = *state;
    unsigned good, reports;
    peer_open(&w->peer, "SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80");
    begin(w, false, w->peer.print);
    assert_true(shake(w, false));
    assert_int_equal(w->keys.own.suite, CRYPTO_GCM_256);
    talk(w, 300, &good, &reports); /* long enough for a report by the sound's port */
    assert_true(reports > 0);
}

static void lost_words_are_said_again(void **state)
{
    struct world *w = *state;
    unsigned good, reports;
    peer_open(&w->peer, "SRTP_AES128_CM_SHA1_80");
    w->peer.drop = 1; /* our first flight */
    begin(w, false, w->peer.print);
    assert_true(shake(w, false));
    talk(w, 20, &good, &reports);
}

static void whom_the_sdp_does_not_name_is_not_spoken_with(void **state)
{
    struct world *w = *state;
    char other[96];
    uint8_t packet[2048];
    peer_open(&w->peer, "SRTP_AES128_CM_SHA1_80");
    (void)strcpy(other, w->peer.print);
    other[0] = other[0] == 'A' ? 'B' : 'A';
    begin(w, true, other);
    uint64_t end_ms = clock_mono_ms() + 700;
    bool sound = false;
    while (clock_mono_ms() < end_ms) {
        events(w);
        (void)SSL_do_handshake(w->peer.ssl);
        wait_a_little(w);
        if (SSL_is_init_finished(w->peer.ssl)) {
            ssize_t size = recv(w->peer.fd, packet, sizeof packet, MSG_DONTWAIT);
            sound |= size > 0 && voice_kind(packet, (size_t)size) == VOICE_RTP;
        }
    }
    assert_false(w->secured);
    assert_false(sound);
}

static void before_there_are_keys_nothing_is_heard_or_said(void **state)
{
    struct world *w = *state;
    struct media_counts counts;
    uint8_t packet[2048];
    peer_open(&w->peer, "SRTP_AES128_CM_SHA1_80");
    begin(w, true, w->peer.print);
    for (unsigned i = 0; i < 10; i++) {
        say(w, false);
        uint64_t next_ms = clock_mono_ms() + 20;
        while (clock_mono_ms() < next_ms)
            wait_a_little(w);
    }
    media_count(w->media, &counts);
    assert_int_equal(counts.packets_in, 0);
    assert_true(counts.packets_bad > 0);
    assert_true(recv(w->peer.fd, packet, sizeof packet, MSG_DONTWAIT) < 0);
    assert_true(shake(w, true)); /* and it goes on all the same */
}

/* A new process has the keys, and no handshake. */
static void the_keys_outlive_the_process(void **state)
{
    struct world *w = *state;
    unsigned good, reports;
    struct media_clock clock;
    peer_open(&w->peer, "SRTP_AES128_CM_SHA1_80");
    begin(w, true, w->peer.print);
    assert_true(shake(w, true));
    talk(w, 20, &good, &reports);
    media_channel_clock(w->media, w->channel, 0, &clock);
    media_close(w->media);
    const struct media_settings settings = { .address = "127.0.0.1",
                                             .port_low = 27000,
                                             .port_high = 27100,
                                             .prompts = w->folder,
                                             .recordings = w->folder };
    assert_int_equal(media_open(&w->media, &settings), 0);
    w->channel = media_channel_resume(w->media, OWNER, w->port, &clock, 0);
    assert_true(w->channel > 0);
    const struct media_speech speech = { .codec = MEDIA_G711,
                                         .law = MEDIA_PCMA,
                                         .keys = &w->keys,
                                         .print = w->peer.print,
                                         .mux = true };
    assert_int_equal(
        media_channel_connect(w->media, w->channel, "127.0.0.1", w->peer.port, &speech), 0);
    talk(w, 20, &good, &reports);
}

static void what_shares_the_port_is_told_apart(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const uint8_t packet[] = { (uint8_t)first, (uint8_t)second };
            enum voice_kind kind = first >= 20 && first <= 63   ? VOICE_DTLS
                                   : first < 128 || first > 191 ? VOICE_OTHER
                                   : (second & 127) >= 64 && (second & 127) <= 95 && second > 127
                                       ? VOICE_RTCP
                                       : VOICE_RTP;
            assert_int_equal(voice_kind(packet, 2), kind);
        }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(their_client_and_our_server_agree_and_talk),
        CASE(our_client_and_their_server_agree_on_the_better_keys),
        CASE(lost_words_are_said_again),
        CASE(whom_the_sdp_does_not_name_is_not_spoken_with),
        CASE(before_there_are_keys_nothing_is_heard_or_said),
        CASE(the_keys_outlive_the_process),
        cmocka_unit_test(what_shares_the_port_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
