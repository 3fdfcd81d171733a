/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/trunk/body.h"
#include "gateways/trunk/filter.h"

#define HEAD                                                                                       \
    "INVITE sip:110@192.0.2.1 SIP/2.0\r\n"                                                         \
    "Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1\r\n"                                               \
    "From: <sip:1@x>;tag=1\r\nTo: <sip:110@x>\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n"

static enum filter_cause datagram(const char *words)
{
    struct filtered filtered;
    return filter_datagram(words, strlen(words), &filtered);
}

static enum filter_cause stream(const char *words, struct filtered *filtered)
{
    return filter_stream(words, strlen(words), filtered);
}

static void an_ordinary_invite_passes(void **state)
{
    struct filtered filtered;
    static const char words[] = "\r\n" HEAD "l: 3\r\n\r\nabcdef";
    (void)state;
    assert_int_equal(filter_datagram(words, strlen(words), &filtered), FILTER_PASS);
    assert_int_equal(filtered.skip, 2);
    assert_int_equal(filtered.body, 3);
    assert_string_equal(words + filtered.skip + filtered.head, "abcdef");
    assert_int_equal(datagram(HEAD "\r\n"), FILTER_PASS);
    assert_int_equal(datagram("SIP/2.0 200 OK\nv: x\nf: x\nt: x\ni: x\nCSeq: 1 BYE\n\n"),
                     FILTER_PASS);
}

static void content_length_is_read_strictly(void **state)
{
    static const char *const bad[] = {
        "4294967299", "-1", "+3", "3 4", "0x3", "65536", "", "99999"
    };
    char words[1024];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(words, sizeof words, HEAD "Content-Length: %s\r\n\r\nabc", bad[i]);
        assert_int_equal(datagram(words), FILTER_BAD_LENGTH);
    }
    assert_int_equal(datagram(HEAD "Content-Length: 4\r\n\r\nabc"), FILTER_CUT);
    assert_int_equal(datagram(HEAD "Content-Length:\r\n 3\r\n\r\nabc"), FILTER_BAD_LENGTH);
    assert_int_equal(datagram(HEAD "Content-Length: 3\r\n 4\r\n\r\nabc"), FILTER_BAD_LENGTH);
    assert_int_equal(datagram(HEAD "l: 3\r\nContent-Length : 3\r\n\r\nabc"), FILTER_REPEATED);
}

static void every_limit_refuses_by_its_own_cause(void **state)
{
    static char words[20000];
    struct text text;
    (void)state;
    text = text_into(words, sizeof words);
    text_add(&text, HEAD);
    for (int i = 0; i < FILTER_LINES_MAX; i++)
        text_add(&text, "X: 1\r\n");
    text_add(&text, "\r\n");
    assert_int_equal(datagram(words), FILTER_MANY_LINES);

    text = text_into(words, sizeof words);
    text_add(&text, HEAD "X: ");
    for (int i = 0; i < FILTER_LINE_BYTES; i++)
        text_add(&text, "x");
    text_add(&text, "\r\n\r\n");
    assert_int_equal(datagram(words), FILTER_LONG_LINE);

    text = text_into(words, sizeof words);
    text_add(&text, HEAD "Accept: ");
    for (int i = 0; i <= FILTER_COMMAS_MAX; i++)
        text_add(&text, "a/b,");
    text_add(&text, "\r\n\r\n");
    assert_int_equal(datagram(words), FILTER_MANY_COMMAS);

    text = text_into(words, sizeof words);
    text_add(&text, HEAD "Contact: <sip:x@y");
    for (int i = 0; i <= FILTER_PARAMETERS_MAX; i++)
        text_add(&text, ";a");
    text_add(&text, ">\r\n\r\n");
    assert_int_equal(datagram(words), FILTER_MANY_PARAMETERS);

    text = text_into(words, sizeof words);
    text_add(&text, HEAD);
    for (int i = 0; i < FILTER_VIAS_MAX; i++)
        text_add(&text, "v: SIP/2.0/UDP x\r\n");
    text_add(&text, "\r\n");
    assert_int_equal(datagram(words), FILTER_MANY_VIAS);

    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = 0;
    assert_int_equal(datagram(words), FILTER_TOO_LONG);
    assert_int_equal(datagram(HEAD "From: <sip:2@x>\r\n\r\n"), FILTER_REPEATED);
    assert_int_equal(datagram("OPTIONS sip:x SIP/2.0\r\nVia: x\r\n\r\n"), FILTER_MISSING);
    assert_int_equal(datagram("GET / HTTP/1.1\r\n\r\n"), FILTER_START_LINE);
    assert_int_equal(datagram("INVITE sip:a b SIP/2.0\r\n\r\n"), FILTER_START_LINE);
    assert_int_equal(datagram(HEAD "no colon\r\n\r\n"), FILTER_BAD_LINE);
    assert_int_equal(datagram(HEAD "X: a\rb\r\n\r\n"), FILTER_CONTROL_BYTE);
    assert_int_equal(datagram(HEAD), FILTER_CUT);
    assert_int_equal(datagram("\r\n\r\n"), FILTER_KEEP_ALIVE);
}

static void a_stream_is_cut_into_its_messages(void **state)
{
    struct filtered filtered;
    static const char two[] = HEAD "Content-Length: 3\r\n\r\nabc" HEAD "Content-Length: 0\r\n\r\n";
    (void)state;
    size_t first = sizeof HEAD - 1 + strlen("Content-Length: 3\r\n\r\nabc");
    for (size_t length = 1; length < first; length++)
        assert_int_equal(filter_stream(two, length, &filtered), FILTER_MORE);
    assert_int_equal(stream(two, &filtered), FILTER_PASS);
    assert_int_equal(filtered.head + filtered.body, first);
    assert_int_equal(stream(two + first, &filtered), FILTER_PASS);
    assert_int_equal(stream(HEAD "\r\n", &filtered), FILTER_BAD_LENGTH); /* must be there */
    assert_int_equal(stream(HEAD "Content-Length: 20000\r\n\r\n", &filtered), FILTER_TOO_LONG);
    assert_int_equal(stream("\r\n\r\n", &filtered), FILTER_KEEP_ALIVE);
}

static void the_parser_sees_no_body(void **state)
{
    static const char words[] = HEAD "Content-Length: 3\r\nX: 1\r\nl\t: 3\r\n\r\nabc";
    char copy[512];
    (void)state;
    size_t head = strlen(words) - 3;
    size_t length = filter_copy_head(words, head, copy, sizeof copy);
    assert_int_equal(length, strlen(copy));
    assert_string_equal(copy, HEAD "X: 1\r\n\r\n");
    assert_int_equal(filter_copy_head(words, head, copy, 64), 0);
}

static void a_description_is_found_beside_a_location(void **state)
{
    static const char nested[] =
        "--out\r\nContent-Type: application/pidf+xml\r\n\r\n<presence/>\r\n"
        "--out\r\nContent-Type: multipart/mixed;boundary=\"in\"\r\n\r\n"
        "--in\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        "--in\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--in--\r\n--out--\r\n";
    (void)state;
    struct body_part part = body_find_sdp("multipart/mixed; boundary=out", nested, strlen(nested));
    assert_non_null(part.bytes);
    assert_int_equal(strncmp(part.bytes, "v=0\r\n", part.length), 0);
    assert_null(body_find_sdp("multipart/mixed", nested, strlen(nested)).bytes);
    assert_null(body_find_sdp("text/plain", "v=0", 3).bytes);
    assert_int_equal(body_find_sdp("application/sdp", "v=0\r\n", 5).length, 5);
    assert_int_equal(body_find_sdp("", "v=0\r\n", 5).length, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_invite_passes),
        cmocka_unit_test(content_length_is_read_strictly),
        cmocka_unit_test(every_limit_refuses_by_its_own_cause),
        cmocka_unit_test(a_stream_is_cut_into_its_messages),
        cmocka_unit_test(the_parser_sees_no_body),
        cmocka_unit_test(a_description_is_found_beside_a_location),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
