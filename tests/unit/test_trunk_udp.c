/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real stack over real UDP and TCP sockets, spoken to by hand-written messages; the bus and the
 * sound are fakes. T1 is 10 ms here, so that what takes 32 s in the field takes 0.6 s. */
#include <arpa/inet.h>
#include <errno.h>
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
#include "gateways/trunk/exchange.h"
#include "tests/fake/fake_link.h"
#include "tests/fake/fake_media.h"
#include "tests/fake/transcript.h"

enum {
    FIRST_CALL = 1000,
    TURN_MS = 5,
    PATIENCE_MS = 3000
};

static uint16_t caller_port;

struct world {
    struct exchange *exchange;
    struct registrar *registrar;
    struct stack *stack;
    struct link *link;
    struct media *media;
    int caller; /* UDP sockets of the two outside parties */
    int phone;
    uint16_t phone_port;
    char heard[16384];
};

static int open_party(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct exchange_settings settings = { .address = "127.0.0.1",
                                          .lines_path = "/nonexistent/lines",
                                          .first_call = FIRST_CALL };
    struct stack_settings stack = { .address = "127.0.0.1", .t1_ms = 10 };
    fake_link_first_call = FIRST_CALL - 1;
    assert_int_equal(registrar_open(&w->registrar, "/nonexistent/phones", "city"), 0);
    settings.registrar = w->registrar;
    w->exchange = exchange_create(&settings);
    w->link = fake_link_make(&exchange_link_handlers, w->exchange);
    w->media = fake_media_make();
    assert_int_equal(stack_open(&w->stack, &stack, &exchange_stack_handlers, w->exchange), 0);
    exchange_connect(w->exchange, w->stack, w->link, w->media);
    w->caller = open_party(&caller_port);
    w->phone = open_party(&w->phone_port);
    (void)transcript_take();
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    stack_close(w->stack);
    link_close(w->link);
    media_close(w->media);
    exchange_destroy(w->exchange);
    registrar_close(w->registrar);
    (void)close(w->caller);
    (void)close(w->phone);
    free(w);
    return 0;
}

static void turn(struct world *w)
{
    uint64_t now = clock_mono_ms();
    exchange_tick(w->exchange, now, clock_wall_ms());
    (void)stack_turn(w->stack, now);
}

static void say_bytes(struct world *w, int party, const char *bytes, size_t length)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(stack_port(w->stack)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(sendto(party, bytes, length, 0, (struct sockaddr *)&to, sizeof to), length);
}

static void say(struct world *w, int party, const char *words)
{
    say_bytes(w, party, words, strlen(words));
}

/* Waits until the party hears a message that begins so; others before it are passed over. */
static const char *hear(struct world *w, int party, const char *start)
{
    uint64_t end = clock_mono_ms() + PATIENCE_MS;
    while (clock_mono_ms() < end) {
        struct pollfd wait = { .fd = party, .events = POLLIN };
        turn(w);
        if (poll(&wait, 1, TURN_MS) <= 0)
            continue;
        ssize_t got = recv(party, w->heard, sizeof w->heard - 1, 0);
        assert_true(got >= 0);
        w->heard[got] = 0;
        if (strncmp(w->heard, start, strlen(start)) == 0)
            return w->heard;
    }
    fail_msg("never heard %s; last: %.200s", start, w->heard);
    return NULL;
}

/* Lets the stack work; true when nothing that begins so comes meanwhile. */
static bool silent(struct world *w, int party, const char *start, int for_ms)
{
    uint64_t end = clock_mono_ms() + (uint64_t)for_ms;
    while (clock_mono_ms() < end) {
        struct pollfd wait = { .fd = party, .events = POLLIN };
        turn(w);
        if (poll(&wait, 1, TURN_MS) <= 0)
            continue;
        ssize_t got = recv(party, w->heard, sizeof w->heard - 1, 0);
        w->heard[got > 0 ? got : 0] = 0;
        if (strncmp(w->heard, start, strlen(start)) == 0)
            return false;
    }
    return true;
}

static const char offer[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                            "t=0 0\r\nm=audio 40000 RTP/AVP 8 101\r\n"
                            "a=rtpmap:101 telephone-event/8000\r\n";

static const char *request(const char *method, const char *user, const char *branch,
                           const char *to_tag, int cseq, const char *body)
{
    static char words[4096];
    (void)snprintf(words, sizeof words,
                   "%s sip:%s@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport%s%s\r\n"
                   "From: <sip:13800001111@127.0.0.1>;tag=caller\r\n"
                   "To: <sip:%s@127.0.0.1>%s%s\r\nCall-ID: one@test\r\nCSeq: %d %s\r\n"
                   "Contact: <sip:caller@127.0.0.1:%u>\r\nMax-Forwards: 70\r\n%s"
                   "Content-Length: %zu\r\n\r\n%s",
                   method, user, branch[0] ? ";branch=" : "", branch, user,
                   to_tag[0] ? ";tag=" : "", to_tag, cseq,
                   method[0] == 'R' && method[2] == 'T' ? "INVITE" : method, (unsigned)caller_port,
                   body[0] ? "Content-Type: application/sdp\r\n" : "", strlen(body), body);
    return words;
}

static const char *header_of(const char *message, const char *name)
{
    static char value[512];
    const char *at = strstr(message, name);
    assert_non_null(at);
    at += strlen(name);
    size_t length = strcspn(at, "\r\n");
    memcpy(value, at, length);
    value[length] = 0;
    return value;
}

static const char *tag_of_to(const char *message)
{
    static char tag[128];
    const char *at = strstr(strstr(message, "\r\nTo:"), ";tag=");
    assert_non_null(at);
    (void)snprintf(tag, sizeof tag, "%.*s", (int)strcspn(at + 5, ";\r\n"), at + 5);
    return tag;
}

/* A response of the phone to what it heard. */
static void phone_answers(struct world *w, const char *heard, int status, const char *body)
{
    static char words[4096], via[512], from[256], to[256], call_id[128], cseq[64];
    (void)snprintf(via, sizeof via, "%s", header_of(heard, "Via: "));
    (void)snprintf(from, sizeof from, "%s", header_of(heard, "From: "));
    (void)snprintf(to, sizeof to, "%s", header_of(heard, "To: "));
    (void)snprintf(call_id, sizeof call_id, "%s", header_of(heard, "Call-ID: "));
    (void)snprintf(cseq, sizeof cseq, "%s", header_of(heard, "CSeq: "));
    (void)snprintf(words, sizeof words,
                   "SIP/2.0 %d Words\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s\r\nCall-ID: %s\r\n"
                   "CSeq: %s\r\nContact: <sip:1001@127.0.0.1:%u>\r\n%sContent-Length: %zu\r\n\r\n"
                   "%s",
                   status, via, from, to, strstr(to, ";tag=") ? "" : ";tag=phone", call_id, cseq,
                   (unsigned)w->phone_port, body[0] ? "Content-Type: application/sdp\r\n" : "",
                   strlen(body), body);
    say(w, w->phone, words);
}

static void offer_to_phone(struct world *w, uint64_t number)
{
    char uri[64];
    (void)snprintf(uri, sizeof uri, "sip:1001@127.0.0.1:%u", (unsigned)w->phone_port);
    fake_link_offer(w->link, number, 1, uri, false);
}

/* ------------------------------------------------------------------------------------------------ */

static void a_citizen_talks_to_a_taker(void **state)
{
    struct world *w = *state;
    char tag[128];
    say(w, w->caller, request("INVITE", "110", "z9hG4bK1", "", 1, offer));
    (void)hear(w, w->caller, "SIP/2.0 100");
    assert_true(silent(w, w->caller, "SIP/2.0 18", 50));
    fake_link_outcome(w->link, REFUSAL_NONE);
    assert_non_null(strstr(hear(w, w->caller, "SIP/2.0 183"), "m=audio 20000 RTP/AVP 8 101"));
    offer_to_phone(w, 7);
    const char *invite = hear(w, w->phone, "INVITE sip:1001@127.0.0.1");
    assert_non_null(strstr(invite, "m=audio 20002 RTP/AVP 8 0 9 107 101"));
    phone_answers(w, invite, 180, "");
    phone_answers(w, invite, 200, offer);
    (void)hear(w, w->phone, "ACK sip:1001@127.0.0.1");
    (void)snprintf(tag, sizeof tag, "%s", tag_of_to(hear(w, w->caller, "SIP/2.0 200")));
    (void)hear(w, w->caller, "SIP/2.0 200"); /* again, until the ACK comes */
    say(w, w->caller, request("ACK", "110", "z9hG4bK2", tag, 1, ""));
    (void)silent(w, w->caller, "none", 60);
    assert_true(silent(w, w->caller, "SIP/2.0 200", 200));
    say(w, w->caller, request("BYE", "110", "z9hG4bK3", tag, 2, ""));
    (void)hear(w, w->caller, "SIP/2.0 200");
    phone_answers(w, hear(w, w->phone, "BYE sip:1001"), 200, "");
    assert_string_equal(transcript_take(),
                        "report ContactArrive call=1 line=110 called=110 number=13800001111\n"
                        "media open channel=1 port=20000\n"
                        "media connect channel=1 to=127.0.0.1:40000 law=8 events=101\n"
                        "media record channel=1\n"
                        "media play channel=1 first=welcome-110\n"
                        "media open channel=2 port=20002\n"
                        "report OfferRing offer=7\n"
                        "media connect channel=2 to=127.0.0.1:40000 law=8 events=101\n"
                        "media connect channel=1 to=127.0.0.1:40000 law=8 events=101\n"
                        "media room 1:2 2:1\n"
                        "report OfferAnswer offer=7\n"
                        "report ContactEnd call=1 cause=caller\n"
                        "media close channel=2\n"
                        "media close channel=1\n");
    assert_int_equal(exchange_calls(w->exchange), 0);
}

/* Brings the caller to waiting; w->heard is the 183. */
static void caller_waits(struct world *w, const char *branch)
{
    say(w, w->caller, request("INVITE", "110", branch, "", 1, offer));
    (void)hear(w, w->caller, "SIP/2.0 100");
    fake_link_outcome(w->link, REFUSAL_NONE);
    (void)hear(w, w->caller, "SIP/2.0 183");
}

/* Brings the call to talking; the tag of the caller's dialog is returned. */
static const char *both_talk(struct world *w)
{
    static char tag[128];
    caller_waits(w, "z9hG4bKtalk");
    offer_to_phone(w, 7);
    phone_answers(w, hear(w, w->phone, "INVITE"), 200, offer);
    (void)hear(w, w->phone, "ACK");
    (void)snprintf(tag, sizeof tag, "%s", tag_of_to(hear(w, w->caller, "SIP/2.0 200")));
    say(w, w->caller, request("ACK", "110", "z9hG4bKtalkack", tag, 1, ""));
    (void)silent(w, w->caller, "none", 40);
    return tag;
}

static void a_retransmitted_invite_is_one_call(void **state)
{
    struct world *w = *state;
    say(w, w->caller, request("INVITE", "110", "z9hG4bKa", "", 1, offer));
    say(w, w->caller, request("INVITE", "110", "z9hG4bKa", "", 1, offer));
    (void)hear(w, w->caller, "SIP/2.0 100");
    (void)hear(w, w->caller, "SIP/2.0 100");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void an_old_style_invite_without_branch_is_one_call(void **state)
{
    struct world *w = *state;
    say(w, w->caller, request("INVITE", "110", "", "", 1, offer));
    (void)hear(w, w->caller, "SIP/2.0 100");
    say(w, w->caller, request("INVITE", "110", "", "", 1, offer));
    (void)hear(w, w->caller, "SIP/2.0 100");
    assert_int_equal(exchange_calls(w->exchange), 1);
    say(w, w->caller, request("CANCEL", "110", "", "", 1, ""));
    (void)hear(w, w->caller, "SIP/2.0 200");
    (void)hear(w, w->caller, "SIP/2.0 487");
    assert_int_equal(exchange_calls(w->exchange), 0);
}

/* RFC 6026: libosip2 alone would begin a second call here. */
static void an_invite_repeated_after_its_200_is_absorbed(void **state)
{
    struct world *w = *state;
    struct stack_counts counts;
    (void)both_talk(w);
    say(w, w->caller, request("INVITE", "110", "z9hG4bKtalk", "", 1, offer));
    assert_true(silent(w, w->caller, "SIP/2.0 1", 60));
    stack_count(w->stack, &counts);
    assert_int_equal(counts.invites_absorbed, 1);
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void the_same_invite_by_another_path_is_482(void **state)
{
    struct world *w = *state;
    caller_waits(w, "z9hG4bKpath1");
    say(w, w->caller, request("INVITE", "110", "z9hG4bKpath2", "", 1, offer));
    (void)hear(w, w->caller, "SIP/2.0 482");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_caller_who_gives_up_is_reported(void **state)
{
    struct world *w = *state;
    caller_waits(w, "z9hG4bKc");
    (void)transcript_take();
    say(w, w->caller, request("CANCEL", "110", "z9hG4bKc", "", 1, ""));
    (void)hear(w, w->caller, "SIP/2.0 200");
    (void)hear(w, w->caller, "SIP/2.0 487");
    say(w, w->caller, request("ACK", "110", "z9hG4bKc", "x", 1, ""));
    assert_string_equal(transcript_take(), "report ContactEnd call=1 cause=cancelled\n"
                                           "media close channel=1\n");
    /* The ACK ends the repetition of the 487. */
    (void)silent(w, w->caller, "none", 30);
    assert_true(silent(w, w->caller, "SIP/2.0 487", 100));
}

static void a_cancel_that_crosses_the_answer_changes_nothing(void **state)
{
    struct world *w = *state;
    (void)both_talk(w);
    say(w, w->caller, request("CANCEL", "110", "z9hG4bKtalk", "", 1, ""));
    (void)hear(w, w->caller, "SIP/2.0 200");
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void the_taker_hangs_up(void **state)
{
    struct world *w = *state;
    char words[2048];
    caller_waits(w, "z9hG4bKh");
    offer_to_phone(w, 7);
    char invite[4096];
    (void)snprintf(invite, sizeof invite, "%s", hear(w, w->phone, "INVITE"));
    phone_answers(w, invite, 200, offer);
    (void)hear(w, w->phone, "ACK");
    const char *tag = tag_of_to(hear(w, w->caller, "SIP/2.0 200"));
    say(w, w->caller, request("ACK", "110", "z9hG4bKhack", tag, 1, ""));
    (void)silent(w, w->caller, "none", 40);
    char from[256], call_id[128];
    (void)snprintf(from, sizeof from, "%s", header_of(invite, "From: "));
    (void)snprintf(call_id, sizeof call_id, "%s", header_of(invite, "Call-ID: "));
    (void)snprintf(words, sizeof words,
                   "BYE sip:yihao@127.0.0.1 SIP/2.0\r\n"
                   "Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKp\r\n"
                   "From: %s;tag=phone\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 BYE\r\n"
                   "Content-Length: 0\r\n\r\n",
                   header_of(invite, "To: "), from, call_id);
    (void)transcript_take();
    say(w, w->phone, words);
    (void)hear(w, w->phone, "SIP/2.0 200");
    (void)hear(w, w->caller, "BYE sip:caller@127.0.0.1");
    assert_string_equal(transcript_take(), "report ContactEnd call=1 cause=taker\n"
                                           "media close channel=1\nmedia close channel=2\n");
}

static void answer_in_the_console_makes_the_phone_answer_by_itself(void **state)
{
    struct world *w = *state;
    char invite[4096];
    caller_waits(w, "z9hG4bKpress");
    offer_to_phone(w, 7);
    (void)snprintf(invite, sizeof invite, "%s", hear(w, w->phone, "INVITE"));
    phone_answers(w, invite, 180, "");
    (void)silent(w, w->phone, "none", 20);
    fake_link_order(w->link, ORDER_ANSWER, 7);
    const char *cancel = hear(w, w->phone, "CANCEL");
    phone_answers(w, cancel, 200, "");
    phone_answers(w, invite, 487, "");
    (void)hear(w, w->phone, "ACK");
    const char *again = hear(w, w->phone, "INVITE");
    assert_non_null(strstr(again, ";answer-after=0\r\n"));
    assert_non_null(strstr(again, ";info=alert-autoanswer\r\n"));
    phone_answers(w, again, 200, offer);
    (void)hear(w, w->phone, "ACK");
    (void)hear(w, w->caller, "SIP/2.0 200");
}

/* RFC 3261 §9.1: no CANCEL before a provisional response. */
static void a_withdrawn_offer_is_cancelled_when_the_phone_first_speaks(void **state)
{
    struct world *w = *state;
    char invite[4096];
    caller_waits(w, "z9hG4bKw");
    offer_to_phone(w, 7);
    (void)snprintf(invite, sizeof invite, "%s", hear(w, w->phone, "INVITE"));
    fake_link_order(w->link, ORDER_WITHDRAW, 7);
    assert_true(silent(w, w->phone, "CANCEL", 30));
    phone_answers(w, invite, 180, "");
    (void)hear(w, w->phone, "CANCEL");
    /* The phone had answered already: the two cross. */
    phone_answers(w, invite, 200, offer);
    (void)hear(w, w->phone, "ACK");
    (void)hear(w, w->phone, "BYE");
    assert_true(silent(w, w->caller, "SIP/2.0 200", 40));
    assert_int_equal(exchange_calls(w->exchange), 1);
}

static void a_busy_phone_fails_the_offer_and_the_caller_waits_on(void **state)
{
    struct world *w = *state;
    caller_waits(w, "z9hG4bKbusy");
    offer_to_phone(w, 7);
    const char *invite = hear(w, w->phone, "INVITE");
    (void)transcript_take();
    phone_answers(w, invite, 486, "");
    (void)hear(w, w->phone, "ACK");
    assert_string_equal(transcript_take(), "report OfferFail offer=7 cause=phone_failed\n"
                                           "media close channel=2\n");
    assert_int_equal(exchange_calls(w->exchange), 1);
    offer_to_phone(w, 8);
    (void)hear(w, w->phone, "INVITE");
}

static void a_phone_that_says_nothing_fails_the_offer(void **state)
{
    struct world *w = *state;
    caller_waits(w, "z9hG4bKmute");
    offer_to_phone(w, 7);
    (void)transcript_take();
    assert_true(silent(w, w->phone, "none", 900)); /* 64 * T1 */
    assert_string_equal(transcript_take(), "report OfferFail offer=7 cause=phone_failed\n"
                                           "media close channel=2\n");
}

static void a_200_repeated_by_the_phone_is_acknowledged_again(void **state)
{
    struct world *w = *state;
    char invite[4096];
    caller_waits(w, "z9hG4bKtwo");
    offer_to_phone(w, 7);
    (void)snprintf(invite, sizeof invite, "%s", hear(w, w->phone, "INVITE"));
    phone_answers(w, invite, 200, offer);
    (void)hear(w, w->phone, "ACK");
    phone_answers(w, invite, 200, offer);
    (void)hear(w, w->phone, "ACK");
}

static void an_answer_without_ack_ends_the_call(void **state)
{
    struct world *w = *state;
    caller_waits(w, "z9hG4bKnoack");
    offer_to_phone(w, 7);
    phone_answers(w, hear(w, w->phone, "INVITE"), 200, offer);
    (void)hear(w, w->caller, "BYE");
    (void)hear(w, w->phone, "BYE");
    assert_int_equal(exchange_calls(w->exchange), 0);
}

static void unknown_numbers_and_methods_are_told_so(void **state)
{
    struct world *w = *state;
    say(w, w->caller, request("INVITE", "999", "z9hG4bK404", "", 1, offer));
    (void)hear(w, w->caller, "SIP/2.0 404");
    say(w, w->caller, request("OPTIONS", "110", "z9hG4bKopt", "", 2, ""));
    (void)hear(w, w->caller, "SIP/2.0 200");
    say(w, w->caller, request("BYE", "110", "z9hG4bKbye", "nobody", 3, ""));
    (void)hear(w, w->caller, "SIP/2.0 481");
    say(w, w->caller, request("CANCEL", "110", "z9hG4bKcan", "", 4, ""));
    (void)hear(w, w->caller, "SIP/2.0 481");
    say(w, w->caller, request("MESSAGE", "110", "z9hG4bKmsg", "", 5, ""));
    (void)hear(w, w->caller, "SIP/2.0 405");
    say(w, w->caller, request("FROBNICATE", "110", "z9hG4bKfro", "", 6, ""));
    (void)hear(w, w->caller, "SIP/2.0 501");
    say(w, w->caller, request("REGISTER", "1001", "z9hG4bKreg", "", 7, ""));
    (void)hear(w, w->caller, "SIP/2.0 404");
    say(w, w->caller, request("RETRY", "110", "z9hG4bKmix", "", 8, ""));
    (void)hear(w, w->caller, "SIP/2.0 400"); /* CSeq names another method */
    assert_int_equal(exchange_calls(w->exchange), 0);
}

static void garbage_is_counted_and_does_no_harm(void **state)
{
    struct world *w = *state;
    static char flood[16000];
    memset(flood, 'x', sizeof flood);
    say(w, w->caller, "\r\n\r\n");
    say(w, w->caller, "hello");
    say_bytes(w, w->caller, flood, sizeof flood);
    say_bytes(w, w->caller, "INVITE sip:110@x SIP/2.0\r\n\0\r\n\r\n", 31);
    (void)silent(w, w->caller, "none", 30);
    const struct wire_counts *counts = stack_wire_count(w->stack);
    assert_int_equal(counts->refused[FILTER_KEEP_ALIVE], 1);
    assert_int_equal(counts->refused[FILTER_CUT], 1);
    assert_int_equal(counts->refused[FILTER_TOO_LONG], 1);
    assert_int_equal(counts->refused[FILTER_CONTROL_BYTE], 1);
    caller_waits(w, "z9hG4bKafter");
}

static int connect_tcp(struct world *w)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(stack_port(w->stack)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void tcp_frames_may_come_in_pieces(void **state)
{
    struct world *w = *state;
    int fd = connect_tcp(w), udp = w->caller;
    char words[4096];
    w->caller = fd;
    (void)snprintf(words, sizeof words, "%s", request("INVITE", "110", "z9hG4bKtcp", "", 1, offer));
    size_t half = strlen(words) / 2;
    assert_int_equal(send(fd, "\r\n\r\n", 4, 0), 4);
    (void)hear(w, fd, "\r\n"); /* RFC 5626 pong */
    assert_int_equal(send(fd, words, half, 0), half);
    (void)silent(w, fd, "none", 20);
    assert_int_equal(exchange_calls(w->exchange), 0);
    assert_int_equal(send(fd, words + half, strlen(words) - half, 0), strlen(words) - half);
    (void)hear(w, fd, "SIP/2.0 100");
    fake_link_outcome(w->link, REFUSAL_NONE);
    assert_non_null(strstr(hear(w, fd, "SIP/2.0 183"), ";transport=tcp>"));
    (void)close(fd);
    w->caller = udp;
    (void)silent(w, udp, "none", 20);
}

/* A request of the caller with further header lines. */
static const char *request_with(const char *method, const char *branch, const char *to_tag,
                                int cseq, const char *headers, const char *body)
{
    static char words[4096];
    const char *plain = request(method, "110", branch, to_tag, cseq, body);
    const char *at = strstr(plain, "Max-Forwards:");
    assert_non_null(at);
    (void)snprintf(words, sizeof words, "%.*s%s%s", (int)(at - plain), plain, headers, at);
    return words;
}

static void a_carrier_acknowledges_the_183_and_moves_the_sound_before_the_answer(void **state)
{
    struct world *w = *state;
    char tag[128];
    say(w, w->caller,
        request_with("INVITE", "z9hG4bK1", "", 1,
                     "Supported: 100rel, timer\r\nAllow: INVITE, ACK, UPDATE, PRACK\r\n"
                     "Session-Expires: 1800;refresher=uac\r\n",
                     offer));
    (void)hear(w, w->caller, "SIP/2.0 100");
    fake_link_outcome(w->link, REFUSAL_NONE);
    const char *progress = hear(w, w->caller, "SIP/2.0 183");
    assert_non_null(strstr(progress, "Require: 100rel\r\n"));
    assert_non_null(strcasestr(progress, "RSeq: 1\r\n"));
    (void)snprintf(tag, sizeof tag, "%s", tag_of_to(progress));
    (void)hear(w, w->caller, "SIP/2.0 183"); /* again, until the PRACK comes */
    say(w, w->caller, request_with("PRACK", "z9hG4bK2", tag, 2, "RAck: 1 1 INVITE\r\n", ""));
    assert_non_null(strstr(hear(w, w->caller, "SIP/2.0 200"), "CSeq: 2 PRACK"));
    assert_true(silent(w, w->caller, "SIP/2.0 183", 1200));
    say(w, w->caller, request("UPDATE", "110", "z9hG4bK3", tag, 3, offer));
    const char *updated = hear(w, w->caller, "SIP/2.0 200");
    assert_non_null(strstr(updated, "CSeq: 3 UPDATE"));
    assert_non_null(strstr(updated, "m=audio 20000"));
    offer_to_phone(w, 7);
    phone_answers(w, hear(w, w->phone, "INVITE sip:1001"), 200, offer);
    const char *answer = hear(w, w->caller, "SIP/2.0 200");
    assert_non_null(strstr(answer, "CSeq: 1 INVITE"));
    assert_null(strstr(answer, "m=audio"));
    assert_non_null(strcasestr(answer, "Session-Expires: 1800;refresher=uac\r\n"));
    say(w, w->caller, request("ACK", "110", "z9hG4bK4", tag, 1, ""));
    say(w, w->caller, request("BYE", "110", "z9hG4bK5", tag, 4, ""));
    (void)hear(w, w->caller, "SIP/2.0 200");
    phone_answers(w, hear(w, w->phone, "BYE sip:1001"), 200, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_citizen_talks_to_a_taker, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_retransmitted_invite_is_one_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_old_style_invite_without_branch_is_one_call, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_invite_repeated_after_its_200_is_absorbed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_same_invite_by_another_path_is_482, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_caller_who_gives_up_is_reported, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancel_that_crosses_the_answer_changes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_taker_hangs_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answer_in_the_console_makes_the_phone_answer_by_itself,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_withdrawn_offer_is_cancelled_when_the_phone_first_speaks,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_busy_phone_fails_the_offer_and_the_caller_waits_on,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_phone_that_says_nothing_fails_the_offer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_200_repeated_by_the_phone_is_acknowledged_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_without_ack_ends_the_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_numbers_and_methods_are_told_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(garbage_is_counted_and_does_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tcp_frames_may_come_in_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_carrier_acknowledges_the_183_and_moves_the_sound_before_the_answer, set_up,
            tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
