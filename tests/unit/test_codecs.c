/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateways/trunk/codecs.h"

static const struct codecs_own own = { .ip = "192.0.2.1", .port = 20000, .session = 5 };

static struct codecs read(const char *body)
{
    struct codecs codecs;
    assert_int_equal(codecs_read(&codecs, body, strlen(body)), 0);
    return codecs;
}

static const char *answer(const struct codecs *offer)
{
    static char body[CODECS_ANSWER_BYTES];
    (void)codecs_write_answer(body, sizeof body, &own, offer);
    return strstr(body, "m=") ? strstr(body, "m=") : "";
}

static void a_carriers_offer_is_answered_with_a_law(void **state)
{
    (void)state;
    struct codecs codecs = read("v=0\r\no=x 1 1 IN IP4 192.0.2.9\r\ns=-\r\ny=0100\r\n"
                                "c=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 96\r\n"
                                "a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-16\r\n"
                                "a=ptime:20\r\n");
    assert_true(codecs_match(&codecs));
    assert_string_equal(codecs.ip, "192.0.2.7");
    assert_int_equal(codecs.port, 40000);
    assert_int_equal(codecs.ptime_ms, 20);
    assert_string_equal(answer(&codecs), "m=audio 20000 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\n"
                                         "a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\n"
                                         "a=ptime:20\r\na=sendrecv\r\n");
}

static void mu_law_alone_is_answered_with_mu_law(void **state)
{
    (void)state;
    struct codecs codecs = read("v=0\nc=IN IP4 192.0.2.7\nm=audio 4 RTP/AVP 0\n");
    assert_non_null(strstr(answer(&codecs), "RTP/AVP 0\r\n"));
}

static void who_knows_no_g711_is_answered_with_what_is_known(void **state)
{
    (void)state;
    struct codecs codecs = read("v=0\nc=IN IP4 192.0.2.7\nm=audio 4 RTP/AVP 111 9 18 101\n"
                                "a=rtpmap:111 opus/48000/2\na=rtpmap:101 telephone-event/8000\n");
    assert_true(codecs_match(&codecs));
    assert_string_equal(answer(&codecs), "m=audio 20000 RTP/AVP 9 101\r\na=rtpmap:9 G722/8000\r\n"
                                         "a=rtpmap:101 telephone-event/8000\r\n"
                                         "a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n");
    codecs = read("v=0\nc=IN IP4 192.0.2.7\nm=audio 4 RTP/AVP 111 101\n"
                  "a=rtpmap:111 opus/48000/2\na=rtpmap:101 telephone-event/8000\n");
    assert_true(codecs_match(&codecs));
    assert_string_equal(answer(&codecs),
                        "m=audio 20000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n"
                        "a=fmtp:111 maxplaybackrate=8000;useinbandfec=1\r\na=ptime:20\r\n"
                        "a=sendrecv\r\n");
    codecs = read("v=0\nc=IN IP4 192.0.2.7\nm=audio 4 RTP/AVP 18 8\na=rtpmap:18 opus/48000/2\n");
    assert_int_equal(codecs_choose(&codecs), CODECS_A_LAW); /* and 18 stays G.729 */
    assert_int_equal(codecs.opus, CODECS_NONE);
}

static void other_streams_are_refused_in_their_place(void **state)
{
    (void)state;
    struct codecs codecs = read("v=0\r\nc=IN IP6 2001:db8::7\r\nm=video 5000 RTP/SAVPF 96\r\n"
                                "m=audio 40000 RTP/AVP 8\r\nc=IN IP4 192.0.2.8\r\n"
                                "m=text 6000 RTP/AVP 98\r\nc=IN IP4 192.0.2.99\r\n");
    assert_string_equal(codecs.ip, "192.0.2.8");
    assert_false(codecs.ipv6);
    const char *body = answer(&codecs);
    assert_int_equal(strncmp(body, "m=video 0 RTP/SAVPF 0\r\nm=audio 20000 RTP/AVP 8\r\n", 48), 0);
    assert_non_null(strstr(body, "m=text 0 RTP/AVP 0\r\n"));
}

static void hold_is_answered_by_its_counterpart(void **state)
{
    (void)state;
    struct codecs codecs =
        read("v=0\r\nc=IN IP4 192.0.2.7\r\na=sendonly\r\nm=audio 4 RTP/AVP 8\r\n");
    assert_non_null(strstr(answer(&codecs), "a=recvonly\r\n"));
    codecs = read("v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4 RTP/AVP 8\r\na=sendrecv\r\n");
    assert_non_null(strstr(answer(&codecs), "a=inactive\r\n"));
}

static void what_cannot_be_understood_still_gets_a_law(void **state)
{
    (void)state;
    struct codecs codecs = read("v=0\r\nc=IN IP4 192.0.2.7\r\nm=audio 4 RTP/AVP 18\r\n");
    assert_false(codecs_match(&codecs));
    assert_non_null(strstr(answer(&codecs), "m=audio 20000 RTP/AVP 8\r\n"));
    codecs = read("v=0\r\n");
    assert_false(codecs_match(&codecs));
    assert_non_null(strstr(answer(&codecs), "m=audio 20000 RTP/AVP 8\r\n"));
}

static void hostile_descriptions_are_refused(void **state)
{
    static char many[CODECS_BODY_BYTES + 100];
    struct codecs codecs;
    (void)state;
    assert_int_equal(codecs_read(&codecs, "hello", 5), -EBADMSG);
    assert_int_equal(codecs_read(&codecs, "v=0\r\nm=audio 99999 RTP/AVP 8\r\n", 30), -EBADMSG);
    memset(many, '\n', sizeof many - 1);
    memcpy(many, "v=0", 3);
    assert_int_equal(codecs_read(&codecs, many, 4096), -EBADMSG); /* too many lines */
    assert_int_equal(codecs_read(&codecs, many, sizeof many), -EBADMSG);
    strcpy(many, "v=0\r\n");
    for (int i = 0; i <= CODECS_MEDIA_MAX; i++)
        strcat(many, "m=video 1 RTP/AVP 96\r\n");
    assert_int_equal(codecs_read(&codecs, many, strlen(many)), -EBADMSG);
    codecs = read("v=0\r\nc=IN IP4 evil.example.org\r\nm=audio 4 RTP/AVP 8\r\n");
    assert_false(codecs_match(&codecs)); /* names are never resolved */
}

static void our_offer_is_understood_by_ourselves(void **state)
{
    char body[CODECS_ANSWER_BYTES];
    (void)state;
    size_t length = codecs_write_offer(body, sizeof body, &own);
    assert_int_equal(length, strlen(body));
    struct codecs codecs = read(body);
    assert_true(codecs_match(&codecs));
    assert_int_equal(codecs.events, 101);
    assert_int_equal(codecs.port, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_carriers_offer_is_answered_with_a_law),
        cmocka_unit_test(mu_law_alone_is_answered_with_mu_law),
        cmocka_unit_test(who_knows_no_g711_is_answered_with_what_is_known),
        cmocka_unit_test(other_streams_are_refused_in_their_place),
        cmocka_unit_test(hold_is_answered_by_its_counterpart),
        cmocka_unit_test(what_cannot_be_understood_still_gets_a_law),
        cmocka_unit_test(hostile_descriptions_are_refused),
        cmocka_unit_test(our_offer_is_understood_by_ourselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
