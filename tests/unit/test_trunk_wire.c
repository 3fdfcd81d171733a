/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two ends of SIP's sockets in one process speak TLS with each other; the clock is turned by hand.
 * openssl(1) makes the certificates. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "gateways/link/tls.h"
#include "gateways/trunk/wire.h"
#include "tests/unit/folder.h"

enum {
    TURNS_MAX = 400
};

static const char message[] = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TLS a;branch=z9hG4bK1\r\n"
                              "From: <sip:a@a>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\n"
                              "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";

static char folder[FOLDER_BYTES];

struct side {
    struct wire *wire;
    struct tls *server, *client;
    struct wire_peer heard_from;
    unsigned heard;
};

static void on_heard(void *owner, const struct wire_peer *peer, const char *bytes,
                     const struct filtered *filtered)
{
    struct side *side = owner;
    (void)bytes, (void)filtered;
    side->heard_from = *peer;
    side->heard++;
}

static const char *city_name(void *owner, const char *ip)
{
    (void)owner, (void)ip;
    return "sip.city.example";
}

static const char *in_folder(const char *file)
{
    static char paths[4][FOLDER_BYTES + 32];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, file);
    return path;
}

/* names: of subjectAltName. days: until it ends. */
static void make_certificate(const char *file, const char *names, int days)
{
    char words[2048];
    (void)snprintf(words, sizeof words,
                   "cd '%s' && echo 'subjectAltName=%s' > names && "
                   "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %s.key "
                   "-out csr -subj /CN=%s 2> words && openssl x509 -req -in csr -CA ca.pem -CAkey "
                   "ca.key -CAcreateserial -days %d -extfile names -out %s.crt 2> words",
                   folder, names, file, file, days, file);
    assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c): of our own words */
}

static int make_folder(void **state)
{
    char words[1024];
    (void)state;
    log_open("test", LOG_ERROR + 1);
    folder_make(folder);
    (void)snprintf(
        words, sizeof words,
        "cd '%s' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
        "-keyout ca.key -out ca.pem -days 2 -subj '/CN=an authority' 2> words",
        folder);
    assert_int_equal(system(words), 0); /* NOLINT(cert-env33-c) */
    make_certificate("city", "DNS:sip.city.example,IP:127.0.0.1,IP:::1", 90);
    make_certificate("carrier", "DNS:sbc.carrier.example", 90);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static struct tls *open_tls(const char *own, bool server, bool demand)
{
    char certificate[32], key[32];
    struct tls *tls = NULL;
    (void)snprintf(certificate, sizeof certificate, "%s.crt", own);
    (void)snprintf(key, sizeof key, "%s.key", own);
    struct tls_settings settings = { .ca = in_folder("ca.pem"),
                                     .certificate = own[0] ? in_folder(certificate) : "",
                                     .key = own[0] ? in_folder(key) : "",
                                     .server = server,
                                     .demand = demand };
    assert_int_equal(tls_open(&tls, &settings), 0);
    return tls;
}

static void open_side(struct side *side, const char *address, const char *own, bool demand)
{
    memset(side, 0, sizeof *side);
    side->server = own[0] ? open_tls(own, true, demand) : NULL;
    side->client = open_tls(own, false, false);
    struct wire_settings settings = {
        .address = address, .server = side->server, .client = side->client, .name_of = city_name
    };
    assert_int_equal(wire_open(&side->wire, &settings, on_heard, side), 0);
}

static void close_side(struct side *side)
{
    wire_close(side->wire);
    tls_close(side->server);
    tls_close(side->client);
}

static struct wire_peer peer_at(const char *ip, uint16_t port)
{
    struct wire_peer peer = { .tcp = true, .tls = true, .port = port };
    (void)snprintf(peer.ip, sizeof peer.ip, "%s", ip);
    return peer;
}

/* Both work until `side` has heard so much; false when it never does. */
static bool work(struct side *a, struct side *b, const struct side *side, unsigned heard)
{
    for (int i = 0; i < TURNS_MAX && side->heard < heard; i++) {
        struct pollfd wait[2] = { { .fd = wire_fd(a->wire), .events = POLLIN },
                                  { .fd = wire_fd(b->wire), .events = POLLIN } };
        (void)poll(wait, 2, 5);
        wire_turn(a->wire, 1000);
        wire_turn(b->wire, 1000);
        if (wire_count(a->wire)->greetings_failed + wire_count(b->wire)->greetings_failed > 0)
            return false;
    }
    return side->heard >= heard;
}

static bool call(struct side *from, struct side *to, const char *ip)
{
    struct wire_peer peer = peer_at(ip, wire_tls_port(to->wire));
    assert_int_equal(wire_send(from->wire, &peer, message, sizeof message - 1), 0);
    return work(from, to, to, to->heard + 1);
}

static void who_calls_over_tls_is_heard_and_answered_on_the_same_connection(void **state)
{
    struct side carrier, city;
    static const char *const addresses[] = { "127.0.0.1", "::1" };
    (void)state;
    for (int i = 0; i < 2; i++) {
        open_side(&city, addresses[i], "city", false);
        open_side(&carrier, addresses[i], "carrier", false);
        assert_true(call(&carrier, &city, addresses[i]));
        assert_true(city.heard_from.tls && city.heard_from.tcp);
        assert_string_equal(city.heard_from.ip, addresses[i]);
        assert_true(wire_proves(city.wire, &city.heard_from, "sbc.carrier.example"));
        assert_false(wire_proves(city.wire, &city.heard_from, "sip.city.example"));
        assert_int_equal(wire_send(city.wire, &city.heard_from, message, sizeof message - 1), 0);
        assert_true(work(&carrier, &city, &carrier, 1));
        assert_int_equal(wire_count(city.wire)->connections, 1);
        assert_int_equal(wire_count(city.wire)->secured, 1);
        close_side(&carrier);
        close_side(&city);
    }
}

static void a_side_that_proves_another_name_is_not_spoken_to(void **state)
{
    struct side carrier, city;
    (void)state;
    open_side(&city, "127.0.0.1", "carrier", false); /* not sip.city.example */
    open_side(&carrier, "127.0.0.1", "carrier", false);
    assert_false(call(&carrier, &city, "127.0.0.1"));
    assert_int_equal(city.heard, 0);
    close_side(&carrier);
    close_side(&city);
}

static void a_phone_without_a_certificate_is_heard_unless_one_is_demanded(void **state)
{
    struct side phone, city;
    (void)state;
    open_side(&city, "127.0.0.1", "city", false);
    open_side(&phone, "127.0.0.1", "", false);
    assert_true(call(&phone, &city, "127.0.0.1"));
    assert_false(wire_proves(city.wire, &city.heard_from, "sip.city.example"));
    close_side(&phone);
    close_side(&city);
    open_side(&city, "127.0.0.1", "city", true);
    open_side(&phone, "127.0.0.1", "", false);
    assert_false(call(&phone, &city, "127.0.0.1"));
    close_side(&phone);
    close_side(&city);
}

static void a_phone_is_called_over_the_connection_it_registered_by(void **state)
{
    struct side phone, city;
    (void)state;
    open_side(&city, "127.0.0.1", "city", false);
    open_side(&phone, "127.0.0.1", "", false);
    assert_true(call(&phone, &city, "127.0.0.1"));
    wire_reuse(city.wire, &city.heard_from, 5061); /* where its Contact says it is */
    struct wire_peer contact = peer_at("127.0.0.1", 5061);
    assert_int_equal(wire_send(city.wire, &contact, message, sizeof message - 1), 0);
    assert_true(work(&phone, &city, &phone, 1));
    assert_int_equal(wire_count(city.wire)->connections, 1);
    close_side(&phone);
    close_side(&city);
}

static void who_connects_and_never_greets_does_not_keep_the_place(void **state)
{
    struct side city;
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    (void)state;
    open_side(&city, "127.0.0.1", "city", false);
    to.sin_port = htons(wire_tls_port(city.wire));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    wire_turn(city.wire, 1000);
    assert_int_equal(wire_count(city.wire)->connections, 1);
    wire_turn(city.wire, 1000 + WIRE_GREET_MS);
    assert_int_equal(wire_count(city.wire)->connections, 1);
    wire_turn(city.wire, 1001 + WIRE_GREET_MS);
    assert_int_equal(wire_count(city.wire)->connections, 0);
    assert_int_equal(wire_count(city.wire)->greetings_failed, 1);
    (void)close(fd);
    close_side(&city);
}

static void a_new_certificate_is_taken_without_a_restart_and_a_broken_one_is_not(void **state)
{
    struct side phone, city;
    (void)state;
    make_certificate("renewed", "DNS:another.example", 1);
    open_side(&city, "127.0.0.1", "renewed", false);
    wire_turn(city.wire, 1000);
    make_certificate("renewed", "DNS:sip.city.example", 90);
    wire_turn(city.wire, 1001 + WIRE_RENEW_MS);
    assert_int_equal(wire_count(city.wire)->renewals, 2); /* as server and as client */
    open_side(&phone, "127.0.0.1", "", false);
    assert_true(call(&phone, &city, "127.0.0.1"));
    close_side(&phone);
    FILE *file = fopen(in_folder("renewed.crt"), "w");
    assert_non_null(file);
    (void)fclose(file);
    wire_turn(city.wire, 1002 + 2 * WIRE_RENEW_MS);
    assert_int_equal(wire_count(city.wire)->renewals, 2);
    open_side(&phone, "127.0.0.1", "", false);
    assert_true(call(&phone, &city, "127.0.0.1"));
    close_side(&phone);
    close_side(&city);
}

static void the_doctor_says_what_is_wrong_with_a_certificate(void **state)
{
    static const struct {
        const char *certificate, *key, *ca, *name;
        enum tls_finding finding;
    } rows[] = {
        { "city.crt", "city.key", "ca.pem", "sip.city.example", TLS_WELL },
        { "city.crt", "city.key", "ca.pem", "127.0.0.1", TLS_WELL },
        { "none.crt", "city.key", "ca.pem", "", TLS_NO_CERTIFICATE },
        { "city.key", "city.key", "ca.pem", "", TLS_NO_CERTIFICATE },
        { "city.crt", "none.key", "ca.pem", "", TLS_NO_KEY },
        { "city.crt", "carrier.key", "ca.pem", "", TLS_OTHER_KEY },
        { "city.crt", "city.key", "ca.pem", "110.example", TLS_OTHER_NAME },
        { "city.crt", "city.key", "carrier.crt", "", TLS_NO_AUTHORITY },
        { "brief.crt", "brief.key", "ca.pem", "brief.example", TLS_ENDS_SOON },
        { "ended.crt", "ended.key", "ca.pem", "ended.example", TLS_ENDED },
    };
    (void)state;
    make_certificate("brief", "DNS:brief.example", 3);
    make_certificate("ended", "DNS:ended.example", -1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int days;
        struct tls_settings settings = { .certificate = in_folder(rows[i].certificate),
                                         .key = in_folder(rows[i].key),
                                         .ca = in_folder(rows[i].ca) };
        assert_int_equal(tls_examine(&settings, rows[i].name, &days), rows[i].finding);
        assert_true(tls_finding_words(rows[i].finding, true)[0]);
        if (rows[i].finding == TLS_ENDED)
            assert_true(days < 0);
    }
}

/* One port in fifty that the system gives to UDP is somebody's for TCP. */
static void any_port_is_one_that_is_free_for_udp_and_tcp(void **state)
{
    enum {
        TAKEN = 600,
        OPENED = 300
    };
    int taken[TAKEN];
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    (void)state;
    for (int i = 0; i < TAKEN; i++) {
        taken[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(taken[i], (struct sockaddr *)&any, sizeof any), 0);
        assert_int_equal(listen(taken[i], 1), 0);
    }
    for (int i = 0; i < OPENED; i++) {
        struct side side;
        open_side(&side, "127.0.0.1", "", false);
        close_side(&side);
    }
    for (int i = 0; i < TAKEN; i++)
        (void)close(taken[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_calls_over_tls_is_heard_and_answered_on_the_same_connection),
        cmocka_unit_test(a_side_that_proves_another_name_is_not_spoken_to),
        cmocka_unit_test(a_phone_without_a_certificate_is_heard_unless_one_is_demanded),
        cmocka_unit_test(a_phone_is_called_over_the_connection_it_registered_by),
        cmocka_unit_test(who_connects_and_never_greets_does_not_keep_the_place),
        cmocka_unit_test(a_new_certificate_is_taken_without_a_restart_and_a_broken_one_is_not),
        cmocka_unit_test(the_doctor_says_what_is_wrong_with_a_certificate),
        cmocka_unit_test(any_port_is_one_that_is_free_for_udp_and_tcp),
    };
    return cmocka_run_group_tests_name("trunk_wire", tests, make_folder, remove_folder);
}
