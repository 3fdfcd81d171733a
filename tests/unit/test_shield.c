/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gateways/trunk/shield.h"

enum {
    SOURCE = 0x11223344,
    HEADER = 12,
    SOUND = 160,
    ROOM = HEADER + SOUND + SHIELD_TRAILER_BYTES
};

/* A key of each suite, as an SDP would carry it. */
static const char *const lines[CRYPTO_SUITE_COUNT] = {
    [CRYPTO_AES_128_80] =
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
    [CRYPTO_AES_128_32] =
        "2 AES_CM_128_HMAC_SHA1_32 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj|2^20",
    [CRYPTO_AES_256_80] = "3 AES_256_CM_HMAC_SHA1_80 inline:"
                          "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZA==",
    [CRYPTO_AES_256_32] = "4 AES_256_CM_HMAC_SHA1_32 inline:"
                          "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZA",
    [CRYPTO_GCM_128] = "5 AEAD_AES_128_GCM inline:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYg==",
    [CRYPTO_GCM_256] =
        "6 AEAD_AES_256_GCM inline:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWI=",
};

static struct crypto crypto_of(const char *words)
{
    struct crypto crypto = { 0 };
    assert_true(crypto_read(&crypto, words, strlen(words)));
    return crypto;
}

struct packet {
    _Alignas(uint32_t) uint8_t bytes[ROOM];
    size_t size;
};

static struct packet packet_of(uint16_t sequence)
{
    struct packet packet = { .bytes = { 0x80, 8, (uint8_t)(sequence >> 8), (uint8_t)sequence, 0, 0,
                                        0, 0, 0x11, 0x22, 0x33, 0x44 },
                             .size = HEADER + SOUND };
    memset(packet.bytes + HEADER, 'a' + sequence % 26, SOUND);
    return packet;
}

/* Packets from..to go out under one and come in under the other, whole. */
static void assert_passes(struct shield *out, struct shield *in, uint16_t from, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct packet said = packet_of((uint16_t)(from + i));
        struct packet heard = said;
        assert_true(shield_out(out, heard.bytes, &heard.size));
        assert_true(heard.size > said.size);
        assert_memory_not_equal(heard.bytes + HEADER, said.bytes + HEADER, SOUND);
        assert_true(shield_in(in, heard.bytes, &heard.size));
        assert_int_equal(heard.size, said.size);
        assert_memory_equal(heard.bytes, said.bytes, said.size);
    }
}

static void each_suite_carries_sound_and_reports(void **state)
{
    (void)state;
    for (int suite = CRYPTO_NONE + 1; suite < CRYPTO_SUITE_COUNT; suite++) {
        struct crypto crypto = crypto_of(lines[suite]);
        struct shield *out, *in;
        assert_int_equal(crypto.suite, suite);
        assert_int_equal(shield_open_out(&out, &crypto, SOURCE, SHIELD_FRESH), 0);
        assert_int_equal(shield_open_in(&in, &crypto, SHIELD_FRESH), 0);
        assert_passes(out, in, 7, 50);
        const struct packet said = { .bytes = { 0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44 },
                                     .size = 8 };
        struct packet heard = said;
        assert_true(shield_out_report(out, heard.bytes, &heard.size));
        assert_true(shield_in_report(in, heard.bytes, &heard.size));
        assert_int_equal(heard.size, said.size);
        assert_memory_equal(heard.bytes, said.bytes, said.size);
        shield_close(out);
        shield_close(in);
    }
}

static void what_is_forged_repeated_or_in_the_clear_is_not_heard(void **state)
{
    struct crypto crypto = crypto_of(lines[CRYPTO_AES_128_80]);
    struct shield *out, *in;
    (void)state;
    assert_int_equal(shield_open_out(&out, &crypto, SOURCE, SHIELD_FRESH), 0);
    assert_int_equal(shield_open_in(&in, &crypto, SHIELD_FRESH), 0);
    struct packet clear = packet_of(1);
    assert_false(shield_in(in, clear.bytes, &clear.size));
    struct packet first = packet_of(2);
    assert_true(shield_out(out, first.bytes, &first.size));
    for (size_t i = 0; i < first.size; i++) {
        struct packet forged = first;
        forged.bytes[i] ^= 1;
        assert_false(shield_in(in, forged.bytes, &forged.size));
    }
    struct packet again = first, cut = first;
    cut.size = 11;
    assert_false(shield_in(in, cut.bytes, &cut.size));
    assert_true(shield_in(in, first.bytes, &first.size));
    assert_false(shield_in(in, again.bytes, &again.size));
    shield_close(out);
    shield_close(in);
}

/* A call of 50 minutes: its numbers have gone round twice when this gateway, or the other side, is another process. */
static void a_long_call_goes_on_in_another_process(void **state)
{
    struct crypto crypto = crypto_of(lines[CRYPTO_GCM_256]);
    struct shield *out, *in, *later_out, *later_in;
    (void)state;
    assert_int_equal(shield_open_out(&out, &crypto, SOURCE, SHIELD_FRESH), 0);
    assert_int_equal(shield_open_in(&in, &crypto, SHIELD_FRESH), 0);
    assert_passes(out, in, 100, 2 * 65536 + 500);
    assert_int_equal(shield_open_in(&later_in, &crypto, 3), 0);
    assert_passes(out, later_in, 600, 100);
    assert_int_equal(shield_open_out(&later_out, &crypto, SOURCE, 2), 0);
    assert_passes(later_out, later_in, 800, 100);
    struct packet report = { .bytes = { 0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44 }, .size = 8 };
    assert_false(shield_out_report(later_out, report.bytes, &report.size)); /* none twice */
    shield_close(out);
    shield_close(in);
    shield_close(later_out);
    shield_close(later_in);
}

static void a_stranger_after_a_restart_costs_a_bounded_number_of_tries(void **state)
{
    struct crypto crypto = crypto_of(lines[CRYPTO_AES_128_80]);
    struct shield *out, *in;
    (void)state;
    assert_int_equal(shield_open_in(&in, &crypto, INT64_MAX), 0);
    for (int i = 0; i < 2 * SHIELD_TRIES; i++) {
        struct packet junk = packet_of((uint16_t)i);
        assert_false(shield_in(in, junk.bytes, &junk.size));
    }
    assert_int_equal(shield_open_out(&out, &crypto, SOURCE, SHIELD_FRESH), 0);
    assert_passes(out, in, 9, 1); /* of one that has not gone round */
    shield_close(out);
    shield_close(in);
}

static void keys_that_leave_something_open_are_not_taken(void **state)
{
    static const char *const wrong[] = {
        "",
        "1",
        "x AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
        "1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
        "1 AES_CM_128_HMAC_SHA1_80 WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGV",
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVzzz",
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubG*z",
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
        ("1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz "
         "UNENCRYPTED_SRTP"),
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz KDR=1",
        "1234567890 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
    };
    struct crypto crypto;
    char line[CRYPTO_LINE_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(crypto_read(&crypto, wrong[i], strlen(wrong[i])));
    crypto = crypto_of("7 aes_cm_128_hmac_sha1_80 "
                       "INLINE:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^31 WSH=128");
    crypto_write(&crypto, line);
    assert_string_equal(line, "a=crypto:7 AES_CM_128_HMAC_SHA1_80 "
                              "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n");
    struct crypto bad = { .tag = 1, .suite = CRYPTO_AES_128_80, .key = "short" };
    struct shield *shield = NULL;
    assert_int_equal(shield_open_out(&shield, &bad, SOURCE, SHIELD_FRESH), -EBADMSG);
    assert_null(shield);
    shield_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_suite_carries_sound_and_reports),
        cmocka_unit_test(what_is_forged_repeated_or_in_the_clear_is_not_heard),
        cmocka_unit_test(a_long_call_goes_on_in_another_process),
        cmocka_unit_test(a_stranger_after_a_restart_costs_a_bounded_number_of_tries),
        cmocka_unit_test(keys_that_leave_something_open_are_not_taken),
    };
    return cmocka_run_group_tests_name("shield", tests, NULL, NULL);
}
