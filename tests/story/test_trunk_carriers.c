/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of carriers: who may call in, what room they have, whether they answer, maintenance; and how
 * their numbers are written. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "gateways/trunk/carrier.h"
#include "gateways/trunk/enrol.h"
#include "tests/story/switchboard.h"

enum {
    ASK_S = 30,
    CARRIERS_TOKEN = 0x7f00
};

static const struct carrier_settings unicom = { .name = "unicom",
                                                .source_count = 1,
                                                .sources = { "192.0.2.0/24" },
                                                .address = "192.0.2.7",
                                                .port = 5060,
                                                .transport = "udp",
                                                .ask_s = ASK_S,
                                                .capacity = 10,
                                                .reserve = 80,
                                                .country = "86",
                                                .area = "0551" };
static char drained[64];

static int set_up_unicom(void **state)
{
    struct exchange_settings settings = { .carrier_count = 1,
                                          .carriers = &unicom,
                                          .drained_path = drained };
    (void)snprintf(drained, sizeof drained, "/tmp/yihao-drained-%d", (int)getpid());
    (void)unlink(drained);
    return set_up_with(state, &settings);
}

static int tear_down_unicom(void **state)
{
    (void)unlink(drained);
    return tear_down(state);
}

static void answer_options(struct world *w, unsigned nth, int status)
{
    struct sip_message answer = { .status = status, .method = SIP_OPTIONS };
    fake_stack_respond(w->stack, (uint64_t)nth << 16 | CARRIERS_TOKEN, &answer);
}

static void call_from(struct world *w, const char *ip, const char *line, const char *number)
{
    w->callers++;
    struct sip_message invite = message_of(w, SIP_INVITE, line);
    (void)text_copy(invite.source.ip, sizeof invite.source.ip, ip);
    (void)text_copy(invite.identity, sizeof invite.identity, number);
    invite.description = sdp;
    invite.description_length = strlen(sdp);
    w->invite = fake_stack_request(w->stack, &invite);
}

static void say_drained(const char *words)
{
    FILE *file = fopen(drained, "w");
    assert_non_null(file);
    (void)fputs(words, file);
    (void)fclose(file);
}

/* ------------------------------------------------------------------------------------------------ */

static void a_carrier_is_asked_and_is_down_after_two_silences(void **state)
{
    struct world *w = *state;
    const struct carrier *carrier = exchange_carrier(w->exchange, 0);
    expect("send OPTIONS sip:192.0.2.7:5060;transport=udp\n");
    answer_options(w, 1, 200);
    wait_for(w, ASK_S * 1000);
    expect("send OPTIONS sip:192.0.2.7:5060;transport=udp\n");
    answer_options(w, 1, 404); /* whatever it says, it is there */
    assert_true(carrier->up);
    for (int i = 0; i < CARRIER_FAILURES; i++) {
        assert_true(carrier->up);
        wait_for(w, ASK_S * 1000);
        answer_options(w, 1, 503);
    }
    assert_false(carrier->up);
    assert_int_equal(carrier->downs, 1);
    (void)transcript_take();
    call_from(w, "192.0.2.7", "110", "13800001111"); /* who calls is taken whatever we think */
    assert_non_null(strstr(transcript_take(), "report ContactArrive"));
    fake_link_outcome(w->link, REFUSAL_NONE);
    wait_for(w, ASK_S * 1000);
    answer_options(w, 1, 200);
    assert_true(carrier->up);
}

static void strangers_are_refused_without_a_trace_and_scanners_hear_nothing(void **state)
{
    struct world *w = *state;
    (void)transcript_take();
    call_from(w, "198.51.100.9", "12345", "13800001111");
    call_from(w, "198.51.100.9", "test-110", "13800001111");
    expect("refuse 403 to=2\n"
           "refuse 403 to=3\n");
    struct sip_message scan = message_of(w, SIP_OPTIONS, "100");
    (void)text_copy(scan.source.ip, sizeof scan.source.ip, "198.51.100.9");
    scan.scanner = true;
    (void)fake_stack_request(w->stack, &scan);
    expect("refuse -1 to=4\n");
    scan = message_of(w, SIP_INVITE, "110"); /* a cry for help by an attack tool is none */
    (void)text_copy(scan.source.ip, sizeof scan.source.ip, "198.51.100.9");
    scan.scanner = true;
    (void)fake_stack_request(w->stack, &scan);
    expect("refuse -1 to=5\n");
}

/* Two at a time of one address, six a minute of all: what is above hears nothing, no 4xx. */
static void a_stranger_s_cry_for_help_is_taken_and_believed_in_nothing(void **state)
{
    struct world *w = *state;
    struct exchange_counts counts;
    (void)transcript_take();
    call_from(w, "198.51.100.9", "110", "13800001111");
    expect("reply 100 to=2\n"
           "report ContactArrive call=1 line=110 called=110 number=\n");
    call_from(w, "198.51.100.9", "119", "13800001111");
    (void)transcript_take();
    call_from(w, "198.51.100.9", "120", "13800001111");
    expect("refuse -1 to=4\n");
    const char *const others[] = { "198.51.100.10", "198.51.100.11", "198.51.100.12",
                                   "198.51.100.13" };
    for (size_t i = 0; i < 4; i++) {
        call_from(w, others[i], "110", "13800001111");
        assert_non_null(strstr(transcript_take(), "report ContactArrive"));
    }
    call_from(w, "198.51.100.14", "110", "13800001111");
    expect("refuse -1 to=9\n");
    exchange_count(w->exchange, &counts);
    assert_int_equal(counts.strangers_taken, 6);
    assert_int_equal(counts.strangers_flood, 2);
    fake_link_outcome(w->link, REFUSAL_NONE);
    wait_for(w, STRANGERS_WINDOW_MS);
    (void)transcript_take();
    call_from(w, "198.51.100.14", "110", "13800001111");
    assert_non_null(strstr(transcript_take(), "report ContactArrive"));
    call_from(w, "192.0.2.7", "110", "13800001111"); /* the trunk's are as ever */
    assert_non_null(strstr(transcript_take(), "number=13800001111"));
    fake_link_outcome(w->link, REFUSAL_NONE);
}

static void ordinary_calls_leave_the_emergency_lines_their_share(void **state)
{
    struct world *w = *state;
    (void)transcript_take();
    for (int i = 0; i < 2; i++) /* 20 % of 10 */
        call_from(w, "192.0.2.7", "12345", "13800001111");
    (void)transcript_take();
    call_from(w, "192.0.2.7", "12345", "13800001111");
    expect("reply 503 to=4\n");
    for (int i = 0; i < 12; i++) { /* emergency calls are taken above the contract, too */
        call_from(w, "192.0.2.7", "119", "13800001111");
        assert_non_null(strstr(transcript_take(), "report ContactArrive"));
    }
    assert_int_equal(exchange_carrier(w->exchange, 0)->calls, 14);
    assert_int_equal(exchange_carrier(w->exchange, 0)->full, 1);
    fake_link_outcome(w->link, REFUSAL_NONE);
}

static void who_found_no_place_is_told_of_by_the_minute(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 5; i++) /* two of ten are for ordinary calls */
        call_from(w, "192.0.2.7", "12345", "13800001111");
    (void)transcript_take();
    wait_for(w, 18000); /* the minute ends in 20 s */
    assert_null(strstr(transcript_take(), "CallsTurnAway"));
    wait_for(w, 3000);
    assert_non_null(strstr(transcript_take(), "report CallsTurnAway line=12345 calls=3\n"));
    say_drained("unicom\n"); /* asked to come by the twin: nobody is turned away */
    wait_for(w, 1100);
    call_from(w, "192.0.2.7", "12345", "13800001111");
    wait_for(w, 61000);
    assert_null(strstr(transcript_take(), "CallsTurnAway"));
    fake_link_outcome(w->link, REFUSAL_NONE);
}

static void a_drained_carrier_keeps_its_emergency_calls(void **state)
{
    struct world *w = *state;
    struct sip_message options = message_of(w, SIP_OPTIONS, "yihao");
    (void)transcript_take();
    say_drained("telecom\nunicom\n");
    wait_for(w, 1100);
    (void)fake_stack_request(w->stack, &options);
    expect("reply 503 to=2\n");
    call_from(w, "192.0.2.7", "12345", "13800001111");
    expect("reply 503 to=3\n");
    call_from(w, "192.0.2.7", "110", "13800001111");
    assert_non_null(strstr(transcript_take(), "report ContactArrive"));
    fake_link_outcome(w->link, REFUSAL_NONE);
    assert_int_equal(unlink(drained), 0);
    wait_for(w, 1100);
    (void)transcript_take();
    (void)fake_stack_request(w->stack, &options);
    expect("reply 200 to=5\n");
}

static void numbers_are_written_as_the_city_writes_them(void **state)
{
    static const struct {
        const char *came, *plain;
    } rows[] = {
        { "+8613800001111", "13800001111" },
        { "008613800001111", "13800001111" },
        { "13800001111", "13800001111" },
        { "+86-551-6266-1111", "055162661111" },
        { "62661111", "055162661111" },
        { "055162661111", "055162661111" },
        { "+442079460000", "+442079460000" },
        { "00442079460000", "+442079460000" },
        { "Anonymous", "" },
        { "restricted", "" },
        { "110", "110" },
        { "alice", "alice" },
        { "", "" },
        { "138 0000;npdi", "05511380000" },
    };
    struct carrier carrier;
    char plain[CARRIER_NUMBER_BYTES];
    (void)state;
    carrier_open(&carrier, &unicom);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        carrier_number(&carrier, rows[i].came, plain);
        assert_string_equal(plain, rows[i].plain);
    }
}

static void a_call_carries_its_carriers_name_and_a_plain_number(void **state)
{
    struct world *w = *state;
    (void)transcript_take();
    call_from(w, "192.0.2.7", "110", "+86-551-6266-1111");
    expect("reply 100 to=2\n"
           "report ContactArrive call=1 line=110 called=110 number=055162661111\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
}

/* ---- registration ------------------------------------------------------------------------------ */

static char passwords[64];

static int set_up_telecom(void **state)
{
    static struct carrier_settings telecom;
    struct exchange_settings settings = { .carrier_count = 1,
                                          .carriers = &telecom,
                                          .passwords_path = passwords };
    telecom = unicom;
    telecom.ask_s = 3600;
    (void)text_copy(telecom.account, sizeof telecom.account, "4001");
    (void)snprintf(passwords, sizeof passwords, "/tmp/yihao-carriers-%d", (int)getpid());
    FILE *file = fopen(passwords, "w");
    assert_non_null(file);
    (void)fputs("telecom:other\nunicom:secret:with:colons\n", file);
    (void)fclose(file);
    return set_up_with(state, &settings);
}

static int tear_down_telecom(void **state)
{
    (void)unlink(passwords);
    return tear_down(state);
}

static void answer_register(struct world *w, int status, const char *challenge)
{
    struct sip_message answer = {
        .status = status, .method = SIP_REGISTER, .contact_expires = -1, .expires = 120
    };
    (void)text_copy(answer.challenge, sizeof answer.challenge, challenge);
    fake_stack_respond(w->stack, 0x7f80, &answer);
}

static void a_carrier_that_wants_a_registration_gets_one_and_it_is_kept_up(void **state)
{
    struct world *w = *state;
    static const char challenge[] = "Digest realm=\"c\", nonce=\"n\", qop=\"auth\"";
    const struct carrier *carrier = exchange_carrier(w->exchange, 0);
    assert_string_equal(carrier->password, "secret:with:colons");
    expect("send OPTIONS sip:192.0.2.7:5060;transport=udp\n"
           "send REGISTER sip:192.0.2.7:5060;transport=udp\n");
    answer_register(w, 401, challenge);
    expect("send REGISTER sip:192.0.2.7:5060;transport=udp\n");
    assert_false(carrier->enrolment.enrolled);
    answer_register(w, 200, "");
    assert_true(carrier->enrolment.enrolled);
    wait_for(w, 59800);
    expect("");
    wait_for(w, 400); /* half of the 120 s it was given; the answer is in it already */
    expect("send REGISTER sip:192.0.2.7:5060;transport=udp\n");
    answer_register(w, 401, challenge); /* the nonce has aged */
    expect("send REGISTER sip:192.0.2.7:5060;transport=udp\n");
    answer_register(w, 401, challenge); /* no loop */
    expect("");
    assert_false(carrier->enrolment.enrolled);
    wait_for(w, 299000);
    expect("");
    wait_for(w, 1200);
    expect("send REGISTER sip:192.0.2.7:5060;transport=udp\n");
}

/* RFC 7616 §3.9.1 */
static void the_answer_to_a_challenge_is_the_standards_own(void **state)
{
    static const struct {
        const char *algorithm, *response;
    } rows[] = {
        { "MD5", "8ca523f5e9506fed4657c9700eebdbec" },
        { "SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" },
    };
    struct enrol_answer answer = { .user = "Mufasa",
                                   .password = "Circle of Life",
                                   .method = "GET",
                                   .uri = "/dir/index.html",
                                   .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                                   .count = 1 };
    char header[ENROL_HEADER_BYTES], challenge[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(challenge, sizeof challenge,
                       "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
                       "algorithm=%s, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                       "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
                       rows[i].algorithm);
        assert_int_equal(enrol_authorize(challenge, &answer, header), 0);
        assert_non_null(strstr(header, rows[i].response));
    }
    assert_true(enrol_authorize("Basic realm=\"x\"", &answer, header) < 0);
    assert_true(enrol_authorize("Digest nonce=\"x\", algorithm=SHA-512", &answer, header) < 0);
    assert_true(enrol_authorize("Digest nonce=\"x\", qop=\"auth-int\"", &answer, header) < 0);
}

/* ---- secured sound ----------------------------------------------------------------------------- */

static const char secured[] =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
    "m=audio 40000 RTP/SAVP 8\r\na=crypto:1 F8_128_HMAC_SHA1_80 inline:"
    "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:"
    "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20\r\n";

static int set_up_secured(void **state)
{
    static struct carrier_settings demanding;
    struct exchange_settings settings = { .carrier_count = 1,
                                          .carriers = &demanding,
                                          .phones_secured = true };
    demanding = unicom;
    demanding.capacity = 0;
    (void)text_copy(demanding.srtp, sizeof demanding.srtp, "must");
    int status = set_up_with(state, &settings);
    (void)transcript_take();
    return status;
}

/* The key in our last description. */
static const char *own_key(struct world *w, char key[41])
{
    const char *line =
        strstr(fake_stack_body(w->stack), "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:");
    assert_non_null(line);
    (void)snprintf(key, 41, "%s", strstr(line, "inline:") + 7);
    return key;
}

static void who_offers_secured_sound_is_answered_with_a_key_of_ours(void **state)
{
    struct world *w = *state;
    char first[41], again[41];
    call_in(w, "12345", secured);
    fake_link_outcome(w->link, REFUSAL_NONE);
    const char *story = transcript_take();
    assert_non_null(strstr(story, "media connect channel=1 to=192.0.2.7:40000 law=8 events=0 "
                                  "suite=AES_CM_128_HMAC_SHA1_80\n"));
    assert_non_null(strstr(story, "m=audio 20000 RTP/SAVP 8\n"));
    assert_null(strstr(secured, own_key(w, first)));
    char tag[64];
    (void)text_copy(tag, sizeof tag, fake_stack_tag(w->stack));
    inside(w, SIP_UPDATE, tag, 2, secured); /* one key for the life of the dialog */
    assert_non_null(strstr(transcript_take(), "m=audio 20000 RTP/SAVP 8\n"));
    assert_string_equal(own_key(w, again), first);
    inside(w, SIP_UPDATE, tag, 3, sdp);
    expect("reply 488 to=4\n");
}

/* RFC 6141 §3.4: as if it had never been sent. */
static void a_further_offer_that_is_refused_changes_nothing(void **state)
{
    struct world *w = *state;
    char tag[64];
    call_in(w, "12345", secured);
    fake_link_outcome(w->link, REFUSAL_NONE);
    (void)text_copy(tag, sizeof tag, fake_stack_tag(w->stack));
    offer(w, 7);
    fake_stack_answer(w->stack, 200, secured);
    acknowledge(w, NULL);
    (void)transcript_take();
    struct sip_message moves = message_of(w, SIP_INVITE, "yihao");
    (void)text_copy(moves.to.tag, sizeof moves.to.tag, tag);
    (void)text_copy(moves.contact, sizeof moves.contact, "sip:caller@192.0.2.66");
    moves.cseq = 2;
    moves.session_expires = 120;
    moves.description = sdp;
    moves.description_length = strlen(sdp);
    (void)fake_stack_request(w->stack, &moves);
    expect("reply 488 to=4\n");
    wait_for(w, 119000); /* no timer runs by it … */
    expect("");
    fake_link_release(w->link, 1, END_CAUSE_TAKER, ANNOUNCEMENT_NONE);
    assert_non_null(
        strstr(transcript_take(), "send BYE sip:caller@192.0.2.7\n")); /* … and nobody moved */
}

static void in_the_clear_an_ordinary_call_is_488_and_a_cry_for_help_is_taken(void **state)
{
    struct world *w = *state;
    call_in(w, "12345", sdp);
    expect("reply 488 to=2\n");
    call_in(w, "110", sdp);
    fake_link_outcome(w->link, REFUSAL_NONE);
    const char *story = transcript_take();
    assert_non_null(strstr(story, "media connect channel=1 to=192.0.2.7:40000 law=8 events=0\n"));
    assert_non_null(strstr(story, "m=audio 20000 RTP/AVP 8\n"));
}

static void a_phone_that_answers_in_the_clear_is_not_spoken_to(void **state)
{
    struct world *w = *state;
    call_in(w, "110", secured);
    fake_link_outcome(w->link, REFUSAL_NONE);
    offer(w, 7);
    const char *body = fake_stack_body(w->stack);
    assert_non_null(strstr(body, "m=audio 20002 RTP/SAVP 8 0 9 107 101\r\n"));
    assert_non_null(strstr(body, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, sdp);
    const char *story = transcript_take();
    assert_non_null(strstr(story, "report OfferFail offer=7 cause=phone_failed\n"));
    assert_null(strstr(story, "media connect"));
    offer(w, 8);
    (void)transcript_take();
    fake_stack_answer(w->stack, 200, secured);
    story = transcript_take();
    assert_non_null(strstr(story, "suite=AES_CM_128_HMAC_SHA1_80\n"));
    assert_non_null(strstr(story, "report OfferAnswer offer=8\n"));
}

/* ---- keys by a handshake ------------------------------------------------------------------------ */

#define PRINT                                                                                      \
    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:"                                             \
    "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF"
#define AGREED(setup, port)                                                                        \
    "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"                    \
    "a=fingerprint:sha-256 " PRINT "\r\nm=audio " port " UDP/TLS/RTP/SAVP 8\r\na=setup:" setup     \
    "\r\na=rtcp-mux\r\n"

static int set_up_agreed(void **state)
{
    const struct exchange_settings settings = { .address = "192.0.2.1",
                                                .lines_path = "/nonexistent/lines",
                                                .phones_dtls = true };
    return set_up_with(state, &settings);
}

static void keys_came(struct world *w, int64_t channel)
{
    struct media_event keys = { .kind = MEDIA_SECURED,
                                .owner = fake_media_owner(w->media, channel) };
    keys.keys.own.suite = keys.keys.theirs.suite = CRYPTO_GCM_256;
    exchange_hear_media(w->exchange, &keys);
}

static void who_offers_a_handshake_is_answered_as_its_client(void **state)
{
    struct world *w = *state;
    char story[1024], tag[SIP_TAG_BYTES];
    call_in(w, "12345", AGREED("actpass", "40000"));
    fake_link_outcome(w->link, REFUSAL_NONE);
    (void)text_copy(story, sizeof story, transcript_take());
    assert_non_null(strstr(story, "to=192.0.2.7:40000 law=8 events=0 handshake=client"));
    assert_non_null(strstr(story, "m=audio 20000 UDP/TLS/RTP/SAVP 8"));
    assert_non_null(strstr(fake_stack_body(w->stack), "a=setup:active\r\na=rtcp-mux\r\n"));
    (void)text_copy(tag, sizeof tag, fake_stack_tag(w->stack));
    keys_came(w, 1);
    inside(w, SIP_UPDATE, tag, 2, AGREED("actpass", "40000")); /* the same association */
    assert_non_null(strstr(transcript_take(), " suite=AEAD_AES_256_GCM\n"));
    assert_non_null(strstr(fake_stack_body(w->stack), "a=setup:active\r\n"));
    inside(w, SIP_UPDATE, tag, 3, AGREED("active", "40002")); /* another way: another one */
    assert_non_null(
        strstr(transcript_take(), "to=192.0.2.7:40002 law=8 events=0 handshake=server"));
    assert_non_null(strstr(fake_stack_body(w->stack), "a=setup:passive\r\n"));
}

static void a_phone_is_offered_a_handshake_where_the_city_wants_it(void **state)
{
    struct world *w = *state;
    caller_waits(w, "110"); /* in the clear: a cry for help */
    offer(w, 7);
    (void)transcript_take();
    assert_non_null(strstr(fake_stack_body(w->stack), "UDP/TLS/RTP/SAVP 8 0 9 107 101"));
    assert_non_null(strstr(fake_stack_body(w->stack), "a=setup:actpass\r\na=rtcp-mux\r\n"));
    fake_stack_answer(w->stack, 200, AGREED("active", "40004"));
    assert_non_null(
        strstr(transcript_take(), "to=192.0.2.7:40004 law=8 events=0 handshake=server"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up_unicom, tear_down_unicom)
        STORY(a_carrier_is_asked_and_is_down_after_two_silences),
        STORY(strangers_are_refused_without_a_trace_and_scanners_hear_nothing),
        STORY(a_stranger_s_cry_for_help_is_taken_and_believed_in_nothing),
        STORY(ordinary_calls_leave_the_emergency_lines_their_share),
        STORY(who_found_no_place_is_told_of_by_the_minute),
        STORY(a_drained_carrier_keeps_its_emergency_calls),
        STORY(numbers_are_written_as_the_city_writes_them),
        STORY(a_call_carries_its_carriers_name_and_a_plain_number),
        cmocka_unit_test_setup_teardown(
            a_carrier_that_wants_a_registration_gets_one_and_it_is_kept_up, set_up_telecom,
            tear_down_telecom),
        cmocka_unit_test(the_answer_to_a_challenge_is_the_standards_own),
        cmocka_unit_test_setup_teardown(who_offers_secured_sound_is_answered_with_a_key_of_ours,
                                        set_up_secured, tear_down),
        cmocka_unit_test_setup_teardown(a_further_offer_that_is_refused_changes_nothing,
                                        set_up_secured, tear_down),
        cmocka_unit_test_setup_teardown(
            in_the_clear_an_ordinary_call_is_488_and_a_cry_for_help_is_taken, set_up_secured,
            tear_down),
        cmocka_unit_test_setup_teardown(a_phone_that_answers_in_the_clear_is_not_spoken_to,
                                        set_up_secured, tear_down),
        cmocka_unit_test_setup_teardown(who_offers_a_handshake_is_answered_as_its_client,
                                        set_up_agreed, tear_down),
        cmocka_unit_test_setup_teardown(a_phone_is_offered_a_handshake_where_the_city_wants_it,
                                        set_up_agreed, tear_down),
    };
    return cmocka_run_group_tests_name("trunk_carriers", tests, NULL, NULL);
}
