/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The torture messages of RFC 4475 (49) and RFC 5118 (12), octet for octet through the filter, the
 * parser, the transactions and the exchange. tests/torture/NAME.dat is the message; the table says what
 * the gateway answers to it, and what it answers when the same message calls 110 instead: what does not
 * strictly follow SIP but can be understood as a cry for help is taken.
 *
 * tests/torture/README.md says where the gateway differs from what the RFCs suggest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "gateways/trunk/exchange.h"
#include "tests/fake/fake_link.h"
#include "tests/fake/fake_media.h"
#include "tests/fake/fake_wire.h"
#include "tests/fake/transcript.h"

enum {
    SILENCE = 0,
    TAKEN = 1, /* the dispatcher has the call and the caller hears 180 or 183 */
    NOT_A_CALL = -1,
    MESSAGE_BYTES = 16384
};

static const struct {
    const char *name;
    int answer;
    int urgent; /* the same message for 110 */
} rows[] = {
    /* RFC 4475 §3.1.1: valid */
    { "wsinv", 481, TAKEN }, /* a To tag: a dialog that nobody knows */
    { "intmeth", 501, NOT_A_CALL },
    { "esc01", 404, TAKEN },
    { "escnull", 404, NOT_A_CALL },
    { "esc02", 501, NOT_A_CALL },
    { "lwsdisp", 200, NOT_A_CALL },
    { "longreq", 513, TAKEN },
    { "dblreq", 404, NOT_A_CALL },
    { "semiuri", 200, NOT_A_CALL },
    { "transports", 200, NOT_A_CALL },
    { "mpart01", 405, NOT_A_CALL },
    { "unreason", SILENCE, NOT_A_CALL },
    { "noreason", SILENCE, NOT_A_CALL },
    /* §3.1.2: invalid */
    { "badinv01", 400, TAKEN },
    { "clerr", 400, TAKEN },
    { "ncl", 400, TAKEN },
    { "scalar02", 400, NOT_A_CALL },
    { "scalarlg", SILENCE, NOT_A_CALL },
    { "quotbal", 400, TAKEN },
    { "ltgtruri", 400, TAKEN },
    { "lwsruri", 400, TAKEN },
    { "lwsstart", 400, TAKEN },
    { "trws", 400, NOT_A_CALL },
    { "escruri", 404, TAKEN },
    { "baddate", 404, TAKEN },
    { "regbadct", 404, NOT_A_CALL },
    { "badaspec", 400, NOT_A_CALL },
    { "baddn", 400, NOT_A_CALL },
    { "badvers", 505, NOT_A_CALL },
    { "mismatch01", 400, NOT_A_CALL },
    { "mismatch02", 400, NOT_A_CALL },
    { "bigcode", SILENCE, NOT_A_CALL },
    /* §3.2: transactions */
    { "badbranch", 200, NOT_A_CALL },
    /* §3.3: the application's */
    { "insuf", 400, TAKEN },
    { "unkscm", 416, NOT_A_CALL },
    { "novelsc", 416, NOT_A_CALL },
    { "unksm2", 404, NOT_A_CALL },
    { "bext01", 420, NOT_A_CALL },
    { "invut", 415, TAKEN },
    { "regaut01", 404, NOT_A_CALL },
    { "multi01", 400, TAKEN },
    { "mcl01", 400, NOT_A_CALL },
    { "bcast", SILENCE, NOT_A_CALL },
    { "zeromf", 200, NOT_A_CALL },
    { "cparam01", 404, NOT_A_CALL },
    { "cparam02", 404, NOT_A_CALL },
    { "regescrt", 404, NOT_A_CALL },
    { "sdp01", 404, TAKEN },
    /* §3.4: RFC 2543 */
    { "inv2543", 404, TAKEN },
    /* RFC 5118 */
    { "ipv6-good", 404, NOT_A_CALL },
    { "ipv6-bad", 404, NOT_A_CALL },
    { "port-ambiguous", 404, NOT_A_CALL },
    { "port-unambiguous", 404, NOT_A_CALL },
    { "via-received-param-with-delim", 481, NOT_A_CALL },
    { "via-received-param-no-delim", 481, NOT_A_CALL },
    { "ipv6-in-sdp", 404, TAKEN },
    { "mult-ip-in-header", 481, NOT_A_CALL },
    { "mult-ip-in-sdp", 404, TAKEN },
    { "ipv4-mapped-ipv6", 404, TAKEN },
    { "ipv6-bug-abnf-3-colons", 200, NOT_A_CALL },
    { "ipv6-correct-abnf-2-colons", 200, NOT_A_CALL },
};

struct city {
    struct exchange *exchange;
    struct registrar *registrar;
    struct stack *stack;
    struct link *link;
    struct media *media;
};

static void open_city(struct city *city)
{
    struct exchange_settings settings = { .address = "127.0.0.1",
                                          .lines_path = "/nonexistent/lines",
                                          .first_call = 1 };
    struct stack_settings stack = { .address = "127.0.0.1", .port = 5060 };
    log_open("torture", LOG_ERROR);
    assert_int_equal(registrar_open(&city->registrar, "/nonexistent/phones", "city"), 0);
    settings.registrar = city->registrar;
    city->exchange = exchange_create(&settings);
    city->link = fake_link_make(&exchange_link_handlers, city->exchange);
    city->media = fake_media_make();
    assert_int_equal(stack_open(&city->stack, &stack, &exchange_stack_handlers, city->exchange), 0);
    exchange_connect(city->exchange, city->stack, city->link, city->media);
}

static void close_city(struct city *city)
{
    stack_close(city->stack);
    link_close(city->link);
    media_close(city->media);
    exchange_destroy(city->exchange);
    registrar_close(city->registrar);
    (void)transcript_take();
}

static int said(void)
{
    const char *words = fake_wire_said();
    return strncmp(words, "SIP/2.0 ", 8) == 0 ? atoi(words + 8) : SILENCE;
}

static int answer_to(const char *bytes, size_t length)
{
    struct city city;
    open_city(&city);
    fake_wire_forget();
    fake_wire_hear_datagram(bytes, length);
    (void)stack_turn(city.stack, 1000);
    int status = said();
    if (status == 100 && strstr(transcript_take(), "report ContactArrive")) {
        fake_link_outcome(city.link, REFUSAL_NONE);
        (void)stack_turn(city.stack, 1001);
        if (said() == 180 || said() == 183)
            status = TAKEN;
    }
    close_city(&city);
    return status;
}

static size_t read_message(const char *name, char bytes[MESSAGE_BYTES])
{
    char path[256];
    (void)snprintf(path, sizeof path, TORTURE_FOLDER "/%s.dat", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, MESSAGE_BYTES, file);
    (void)fclose(file);
    assert_true(length > 0 && length < MESSAGE_BYTES);
    return length;
}

/* The user of the request URI becomes 110; a To tag becomes another parameter: the call is new. */
static size_t make_urgent(char bytes[MESSAGE_BYTES], size_t length)
{
    static char fresh[MESSAGE_BYTES + 8];
    char *user = memmem(bytes, length, "sip:", 4);
    assert_non_null(user);
    user += 4;
    char *sign = memchr(user, '@', length - (size_t)(user - bytes));
    assert_non_null(sign);
    size_t before = (size_t)(user - bytes), rest = length - (size_t)(sign - bytes);
    memcpy(fresh, bytes, before);
    memcpy(fresh + before, "110", 3);
    memcpy(fresh + before + 3, sign, rest);
    length = before + 3 + rest;
    char *tag = memmem(fresh, length, "tag    = 1918181833n", 20);
    if (tag)
        memcpy(tag, "bag", 3);
    memcpy(bytes, fresh, length);
    return length;
}

static void every_message_gets_its_answer(void **state)
{
    static char bytes[MESSAGE_BYTES];
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = read_message(rows[i].name, bytes);
        int answer = answer_to(bytes, length);
        if (answer != rows[i].answer) {
            print_error("%s: answered %d, not %d\n", rows[i].name, answer, rows[i].answer);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

static void whoever_calls_110_is_taken_however_badly_it_is_said(void **state)
{
    static char bytes[MESSAGE_BYTES];
    unsigned wrong = 0, calls = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].urgent == NOT_A_CALL)
            continue;
        size_t length = make_urgent(bytes, read_message(rows[i].name, bytes));
        int answer = answer_to(bytes, length);
        calls++;
        if (answer != rows[i].urgent) {
            print_error("%s for 110: answered %d\n", rows[i].name, answer);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(calls, 20);
}

static void a_mended_call_can_be_given_up_and_is_not_taken_twice(void **state)
{
    static char bytes[MESSAGE_BYTES], again[MESSAGE_BYTES];
    struct city city;
    (void)state;
    size_t length = make_urgent(bytes, read_message("quotbal", bytes));
    memcpy(again, bytes, length);
    open_city(&city);
    (void)transcript_take();
    fake_wire_hear_datagram(bytes, length);
    fake_wire_hear_datagram(again, length);
    assert_int_equal(exchange_calls(city.exchange), 1);
    memcpy(again, "CANCEL", 6);
    char *cseq = memmem(again, length, "8 INVITE", 8);
    assert_non_null(cseq);
    memcpy(cseq + 2, "CANCEL", 6);
    fake_wire_hear_datagram(again, length);
    (void)stack_turn(city.stack, 1000);
    assert_int_equal(exchange_calls(city.exchange), 0);
    assert_int_equal(said(), 487);
    close_city(&city);
}

static void over_a_connection_too(void **state)
{
    static char bytes[MESSAGE_BYTES];
    struct city city;
    (void)state;
    size_t length = make_urgent(bytes, read_message("ncl", bytes));
    open_city(&city);
    fake_wire_hear_stream(bytes, length);
    assert_int_equal(exchange_calls(city.exchange), 1);
    close_city(&city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_gets_its_answer),
        cmocka_unit_test(whoever_calls_110_is_taken_however_badly_it_is_said),
        cmocka_unit_test(a_mended_call_can_be_given_up_and_is_not_taken_twice),
        cmocka_unit_test(over_a_connection_too),
    };
    return cmocka_run_group_tests_name("torture", tests, NULL, NULL);
}
