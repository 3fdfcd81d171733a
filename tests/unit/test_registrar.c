/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may call in and who may register: dial plan, networks, digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "consoles/ctl/password.h"
#include "gateways/trunk/dial_plan.h"
#include "gateways/trunk/digest.h"
#include "gateways/trunk/registrar.h"
#include "gateways/trunk/sources.h"
#include "gateways/trunk/tongue.h"

enum {
    NOW_MS = 1000000
};

/* RFC 7616 §3.9.1. */
static void digests_match_the_rfc(void **state)
{
    static const struct {
        enum digest_kind kind;
        const char *response;
    } rows[] = { { DIGEST_MD5, "8ca523f5e9506fed4657c9700eebdbec" },
                 { DIGEST_SHA256,
                   "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" } };
    (void)state;
    for (int i = 0; i < 2; i++) {
        char ha1[DIGEST_HEX_BYTES], ha2[DIGEST_HEX_BYTES], response[DIGEST_HEX_BYTES];
        const char *const who[] = { "Mufasa", "http-auth@example.org", "Circle of Life", NULL };
        const char *const what[] = { "GET", "/dir/index.html", NULL };
        digest_join(rows[i].kind, who, ha1);
        digest_join(rows[i].kind, what, ha2);
        const char *const all[] = { ha1,        "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                                    "00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                                    "auth",     ha2,
                                    NULL };
        digest_join(rows[i].kind, all, response);
        assert_string_equal(response, rows[i].response);
    }
}

static void parameters_are_found_by_name(void **state)
{
    char value[64];
    static const char header[] = "Digest username=\"10, 01\", realm=\"city\",nc=00000001, qop=auth";
    (void)state;
    digest_parameter(header, "username", value, sizeof value);
    assert_string_equal(value, "10, 01");
    digest_parameter(header, "nc", value, sizeof value);
    assert_string_equal(value, "00000001");
    digest_parameter(header, "qop", value, sizeof value);
    assert_string_equal(value, "auth");
    digest_parameter(header, "nonce", value, sizeof value);
    assert_string_equal(value, "");
}

struct world {
    struct registrar *registrar;
    char path[64];
    char ha1_md5[DIGEST_HEX_BYTES];
    char ha1_sha256[DIGEST_HEX_BYTES];
    struct sip_message request;
    struct registration registration;
};

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    const char *const who[] = { "1001", "city", "secret", NULL };
    digest_join(DIGEST_MD5, who, w->ha1_md5);
    digest_join(DIGEST_SHA256, who, w->ha1_sha256);
    (void)snprintf(w->path, sizeof w->path, "/tmp/yihao-phones-XXXXXX");
    int fd = mkstemp(w->path);
    (void)dprintf(fd, "# seats\n1001:%s:%s\n", w->ha1_md5, w->ha1_sha256);
    (void)close(fd);
    assert_int_equal(registrar_open(&w->registrar, w->path, "city"), 0);
    w->request.method = SIP_REGISTER;
    w->request.expires = w->request.contact_expires = -1;
    w->request.contact_count = 1;
    (void)text_copy(w->request.to.user, sizeof w->request.to.user, "1001");
    (void)text_copy(w->request.contact, sizeof w->request.contact, "sip:1001@192.0.2.9:5062");
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    registrar_close(w->registrar);
    (void)unlink(w->path);
    free(w);
    return 0;
}

static void hear(struct world *w, uint64_t wall_ms)
{
    registrar_hear(w->registrar, &w->request, wall_ms, &w->registration);
}

static void authorise(struct world *w, const char *algorithm, const char *ha1, const char *count)
{
    char nonce[128], ha2[DIGEST_HEX_BYTES], response[DIGEST_HEX_BYTES];
    enum digest_kind kind = strcmp(algorithm, "MD5") == 0 ? DIGEST_MD5 : DIGEST_SHA256;
    digest_parameter(strchr(w->registration.headers, ' ') + 1, "nonce", nonce, sizeof nonce);
    const char *const what[] = { "REGISTER", "sip:city", NULL };
    digest_join(kind, what, ha2);
    const char *const all[] = { ha1, nonce, count, "c", "auth", ha2, NULL };
    digest_join(kind, all, response);
    (void)snprintf(w->request.authorization[0], sizeof w->request.authorization[0],
                   "Digest username=\"1001\", realm=\"city\", nonce=\"%s\", uri=\"sip:city\", "
                   "response=\"%s\", algorithm=%s, cnonce=\"c\", qop=auth, nc=%s",
                   nonce, response, algorithm, count);
    w->request.authorization_count = 1;
}

static void a_known_phone_registers_with_either_hash(void **state)
{
    struct world *w = *state;
    hear(w, NOW_MS);
    assert_int_equal(w->registration.status, 401);
    assert_true(strstr(w->registration.headers, "algorithm=SHA-256") <
                strstr(w->registration.headers, "algorithm=MD5"));
    authorise(w, "MD5", w->ha1_md5, "00000001");
    hear(w, NOW_MS + 10);
    assert_int_equal(w->registration.status, 200);
    assert_int_equal(w->registration.user, 1001);
    assert_string_equal(w->registration.contact, "sip:1001@192.0.2.9:5062");
    assert_string_equal(w->registration.headers,
                        "Contact: <sip:1001@192.0.2.9:5062>;expires=3600\r\n");
    w->request.authorization_count = 0;
    hear(w, NOW_MS + 20);
    authorise(w, "SHA-256", w->ha1_sha256, "00000001");
    w->request.expires = 0;
    hear(w, NOW_MS + 30);
    assert_int_equal(w->registration.status, 200);
    assert_int_equal(w->registration.expires, 0);
    assert_string_equal(w->registration.contact, "");
}

static void registers_anew(struct world *w, uint64_t wall_ms)
{
    w->request.authorization_count = 0;
    hear(w, wall_ms);
    assert_int_equal(w->registration.status, 401);
    authorise(w, "SHA-256", w->ha1_sha256, "00000001");
    hear(w, wall_ms);
}

/* RFC 3665 §2.2, 2.3, 2.4: moved, asked after, and taken back. */
static void a_registration_is_moved_asked_after_and_taken_back(void **state)
{
    struct world *w = *state;
    registers_anew(w, NOW_MS);
    (void)text_copy(w->request.contact, sizeof w->request.contact, "sip:1001@192.0.2.10");
    w->request.contact_expires = 600;
    registers_anew(w, NOW_MS + 1000);
    assert_int_equal(w->registration.status, 200);
    assert_string_equal(w->registration.headers, "Contact: <sip:1001@192.0.2.10>;expires=600\r\n");
    w->request.contact_count = 0;
    w->request.contact_expires = -1;
    registers_anew(w, NOW_MS + 101000);
    assert_int_equal(w->registration.status, 200);
    assert_true(w->registration.query);
    assert_string_equal(w->registration.headers, "Contact: <sip:1001@192.0.2.10>;expires=500\r\n");
    w->request.contact_count = 1;
    w->request.contact_star = true;
    w->request.expires = 60;
    registers_anew(w, NOW_MS + 102000);
    assert_int_equal(w->registration.status, 400);
    w->request.expires = 0;
    registers_anew(w, NOW_MS + 103000);
    assert_int_equal(w->registration.status, 200);
    assert_string_equal(w->registration.contact, "");
    w->request.contact_star = false;
    w->request.contact_count = 0;
    w->request.expires = -1;
    registers_anew(w, NOW_MS + 104000);
    assert_string_equal(w->registration.headers, "");
}

/* The other end of `yihao user phone`. */
static void what_the_command_line_stores_lets_a_phone_in(void **state)
{
    struct world *w = *state;
    char folder[] = "/tmp/yihao-keys-XXXXXX", keys[64], path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(keys, sizeof keys, "%s/keys", folder);
    (void)snprintf(path, sizeof path, "%s/keys/phones", folder);
    assert_int_equal(mkdir(keys, 0700), 0);
    assert_int_equal(password_store_phone(folder, 1002, "city", "of another"), 0);
    assert_int_equal(password_store_phone(folder, 1001, "city", "an old one"), 0);
    assert_int_equal(password_store_phone(folder, 1001, "city", "secret"), 0);
    registrar_close(w->registrar);
    assert_int_equal(registrar_open(&w->registrar, path, "city"), 0);
    hear(w, NOW_MS);
    authorise(w, "MD5", w->ha1_md5, "00000001");
    hear(w, NOW_MS);
    assert_int_equal(w->registration.status, 200);
    w->request.authorization_count = 0;
    hear(w, NOW_MS + 1);
    authorise(w, "SHA-256", w->ha1_sha256, "00000001");
    hear(w, NOW_MS + 1);
    assert_int_equal(w->registration.status, 200);
    (void)unlink(path);
    (void)rmdir(keys);
    assert_int_equal(rmdir(folder), 0);
}

static void a_copied_request_registers_nobody(void **state)
{
    struct world *w = *state;
    hear(w, NOW_MS);
    authorise(w, "SHA-256", w->ha1_sha256, "00000001");
    hear(w, NOW_MS);
    assert_int_equal(w->registration.status, 200);
    hear(w, NOW_MS + 5);
    assert_int_equal(w->registration.status, 401);
    assert_non_null(strstr(w->registration.headers, "stale=true"));
}

static void a_nonce_is_good_for_a_minute(void **state)
{
    struct world *w = *state;
    hear(w, NOW_MS);
    authorise(w, "MD5", w->ha1_md5, "00000001");
    hear(w, NOW_MS + REGISTRAR_NONCE_MS + 1);
    assert_int_equal(w->registration.status, 401);
}

static void a_wrong_password_is_403_and_a_stranger_404(void **state)
{
    struct world *w = *state;
    hear(w, NOW_MS);
    authorise(w, "MD5", w->ha1_sha256, "00000001");
    hear(w, NOW_MS);
    assert_int_equal(w->registration.status, 403);
    (void)text_copy(w->request.to.user, sizeof w->request.to.user, "6666");
    hear(w, NOW_MS);
    assert_int_equal(w->registration.status, 404);
    assert_string_equal(w->registration.headers, "");
}

static uint32_t found(const char *scheme, const char *user)
{
    struct dial_plan plan;
    dial_plan_default(&plan);
    const struct line *line = dial_plan_find(&plan, scheme, user);
    return line ? line->number : 0;
}

static void numbers_find_their_line(void **state)
{
    (void)state;
    assert_int_equal(found("sip", "110"), 110);
    assert_int_equal(found("sip", "+86551110"), 110);
    assert_int_equal(found("sip", "+8655112345"), 12345);
    assert_int_equal(found("tel", "0551-12345"), 12345);
    assert_int_equal(found("tel", "+86-10-119;phone-context=x"), 119);
    assert_int_equal(found("sip", "0086551122"), 122);
    assert_int_equal(found("urn", "service:sos.fire"), 119);
    assert_int_equal(found("urn", "service:sos.ambulance.private"), 120);
    assert_int_equal(found("urn", "SERVICE:SOS.mountain.Rescue"), 110);
    assert_int_equal(found("urn", "service:sos.ecall.automatic"), 110);
    assert_int_equal(
        found("urn", "service:sos.0123456789.0123456789.0123456789.0123456789.0123456789"), 110);
    assert_int_equal(found("urn", "service:sosfire"), 0);
    assert_int_equal(found("urn", "service:counseling"), 0);
    assert_int_equal(found("urn", "service:"), 0);
    assert_int_equal(found("urn", "."), 0);
    assert_int_equal(found("urn", "service:sos"), 110);
    assert_int_equal(found("urn", "service:test.sos"), 0);
    assert_int_equal(found("sip", "999"), 0);
    assert_int_equal(found("sip", "13800001110"), 0);
    assert_int_equal(found("sip", "yihao"), 0);
    assert_int_equal(found("sip", ""), 0);
}

static void the_first_tag_of_a_header_is_the_language(void **state)
{
    (void)state;
    assert_int_equal(tongue_of("en-GB, zh;q=0.5"), LANGUAGE_ENGLISH);
    assert_int_equal(tongue_of(" KO"), LANGUAGE_KOREAN);
    assert_int_equal(tongue_of("zh-yue"), LANGUAGE_CANTONESE);
    assert_int_equal(tongue_of("zh-CN, en"), LANGUAGE_NONE); /* the common one */
    assert_int_equal(tongue_of("english"), LANGUAGE_NONE);
    assert_int_equal(tongue_of(""), LANGUAGE_NONE);
}

static void lines_survive_a_restart(void **state)
{
    struct dial_plan plan, again = { 0 };
    char path[] = "/tmp/yihao-lines-XXXXXX";
    (void)state;
    (void)close(mkstemp(path));
    dial_plan_default(&plan);
    plan.rows[1].language = LANGUAGE_KOREAN;
    (void)strcpy(plan.rows[0].survival, "1001&1002 sip:05516266@192.0.2.30");
    assert_true(dial_plan_learn(&plan, 1002, "sip:1002@192.0.2.9"));
    assert_false(dial_plan_learn(&plan, 1002, "sip:1002@192.0.2.9"));
    assert_false(dial_plan_learn(&plan, 1003, "sip:1003@192.0.2.9")); /* nobody's plan */
    plan.rows[4].header_language = true;
    assert_int_equal(dial_plan_write(&plan, path), 0);
    assert_int_equal(dial_plan_read(&again, path), 0);
    assert_int_equal(again.count, plan.count);
    for (uint32_t i = 0; i < plan.count; i++) {
        assert_int_equal(again.rows[i].number, plan.rows[i].number);
        assert_int_equal(again.rows[i].emergency, plan.rows[i].emergency);
        assert_int_equal(again.rows[i].language, plan.rows[i].language);
        assert_int_equal(again.rows[i].header_language, plan.rows[i].header_language);
        assert_string_equal(again.rows[i].survival, plan.rows[i].survival);
    }
    FILE *file = fopen(path, "w");
    (void)fputs("110 emergency\n12345 sometimes\n", file); /* no such kind */
    (void)fclose(file);
    assert_true(dial_plan_read(&again, path) < 0);
    assert_int_equal(again.count, plan.count);
    (void)unlink(path);
}

static void networks_hold_their_addresses(void **state)
{
    struct sources sources = { 0 };
    (void)state;
    assert_true(sources_add(&sources, "192.0.2.0/25"));
    assert_true(sources_add(&sources, "2001:db8::/33"));
    assert_true(sources_add(&sources, "198.51.100.7"));
    assert_false(sources_add(&sources, "192.0.2.0/33"));
    assert_false(sources_add(&sources, "carrier.example"));
    assert_string_equal(sources_find(&sources, "192.0.2.127"), "192.0.2.0/25");
    assert_null(sources_find(&sources, "192.0.2.128"));
    assert_non_null(sources_find(&sources, "2001:db8:7fff::1"));
    assert_null(sources_find(&sources, "2001:db8:8000::1"));
    assert_non_null(sources_find(&sources, "198.51.100.7"));
    assert_null(sources_find(&sources, "198.51.100.8"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_match_the_rfc),
        cmocka_unit_test(parameters_are_found_by_name),
        cmocka_unit_test_setup_teardown(a_registration_is_moved_asked_after_and_taken_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_known_phone_registers_with_either_hash, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_the_command_line_stores_lets_a_phone_in, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_copied_request_registers_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_nonce_is_good_for_a_minute, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_password_is_403_and_a_stranger_404, set_up,
                                        tear_down),
        cmocka_unit_test(numbers_find_their_line),
        cmocka_unit_test(the_first_tag_of_a_header_is_the_language),
        cmocka_unit_test(lines_survive_a_restart),
        cmocka_unit_test(networks_hold_their_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
