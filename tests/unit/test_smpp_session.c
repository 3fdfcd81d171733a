/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/centres.h"
#include "gateways/sms/protocol.h"
#include "gateways/sms/smpp_pdu.h"
#include "tests/golden/golden_text.h"

/* What the session did, a word each. */
static char said[4096];
static struct text saying;
static struct session session;
static struct centre_settings centre;
static uint64_t now;

static void say_connect(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "connect ");
}

static void say_close(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "close ");
}

static void say_write(void *owner, uint16_t bind, const uint8_t *bytes, size_t length)
{
    struct smpp_pdu pdu;

    (void)owner;
    (void)bind;
    assert_int_equal(smpp_pdu_read(&pdu, bytes, length), 0);
    text_print(&saying, "%s#%u", smpp_command_name(pdu.command), pdu.sequence);
    text_print(&saying, pdu.status ? "!%s " : " ", smpp_status_name(pdu.status));
}

static void say_bound(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "bound ");
}

static void say_ended(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    text_add(&saying, "ended ");
}

static struct piece_token last_token;

static void say_letter(void *owner, const struct piece_in *in)
{
    (void)owner;
    last_token = in->token;
    text_print(&saying, "text#%u ", in->token.sequence[2]);
}

static void say_receipt(void *owner, const struct receipt *receipt, const struct piece_token *token)
{
    (void)owner;
    last_token = *token;
    text_print(&saying, "receipt(%s) ", receipt->message_id);
}

static void say_answered(void *owner, const struct piece_answer *answer)
{
    (void)owner;
    text_print(&saying, "taken(%d,%u,%s) ", (int)answer->parcel.text, answer->status,
               answer->message_id);
}

static void say_unknown(void *owner, struct parcel parcel)
{
    (void)owner;
    text_print(&saying, "unknown(%d) ", (int)parcel.text);
}

static const struct session_handlers handlers = {
    say_connect, say_close,   say_write,    say_bound,   say_ended,
    say_letter,  say_receipt, say_answered, say_unknown, say_answered,
};

static void expect(const char *words)
{
    assert_string_equal(said, words);
    saying = text_into(said, sizeof said);
}

static void hear(uint32_t command, uint32_t sequence, uint32_t status, const char *id)
{
    struct smpp_pdu pdu = { .command = command, .sequence = sequence, .status = status };
    uint8_t bytes[256];
    size_t length = 0;

    (void)text_copy(pdu.message_id, sizeof pdu.message_id, id);
    assert_int_equal(smpp_pdu_write(&pdu, bytes, sizeof bytes, &length), 0);
    session_take(&session, bytes, length, now);
}

static void wait_ms(uint64_t ms)
{
    uint64_t end = now + ms;

    while (session_due(&session) <= end) {
        if (session_due(&session) > now)
            now = session_due(&session);
        session_tick(&session, now);
    }
    now = end;
}

static int start(void **state)
{
    (void)state;
    centre = (struct centre_settings){ .protocol = "smpp",
                                       .account = "yihao",
                                       .send_with = "submit_sm",
                                       .window = 2,
                                       .enquire_s = 30 };
    now = 1000;
    saying = text_into(said, sizeof said);
    session_init(&session,
                 &(struct session_bind){ &centre, 0, SESSION_ROLE_BOTH, 0, &handlers, NULL }, 110,
                 now);
    session_tick(&session, now);
    return 0;
}

static int start_bound(void **state)
{
    start(state);
    session_connected(&session, now);
    hear(SMPP_RESP(SMPP_BIND_TRANSCEIVER), 1, 0, "");
    expect("connect bind_transceiver#1 bound ");
    return 0;
}

static int submit(uint64_t text)
{
    struct piece_out piece = { .dest = "13800138000", .parcel.text = text };

    return session_submit(&session, &piece, now);
}

/* The whole tables as people read them. */
static void the_states_are_those_of_the_golden_tables(void **state)
{
    (void)state;
    static const char *const names[] = { "smpp", "cmpp2", "cmpp3", "sgip", "smgp" };
    static char table[16384];
    struct text text = text_into(table, sizeof table);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const session_table *states = protocol_find(names[i])->states;

        for (int from = SESSION_STATE_CLOSED; from < SESSION_STATE_COUNT; from++)
            for (int step = 0; step < SESSION_STEP_COUNT; step++) {
                enum session_state to = (enum session_state)(*states)[from][step];

                if (to != SESSION_STATE_NONE)
                    text_print(&text, "%-5s %-10s %-12s -> %s\n", names[i],
                               session_state_name((enum session_state)from),
                               session_step_name((enum session_step)step), session_state_name(to));
            }
    }
    assert_golden("tests/golden/sessions.ok", table);
}

static void a_lost_centre_is_tried_again_ever_more_slowly_with_jitter(void **state)
{
    (void)state;
    uint64_t wait = 1000;

    expect("connect ");
    for (int i = 0; i < 12; i++) {
        uint64_t lost = now;

        session_lost(&session, now);
        expect("close ended ");
        uint64_t due = session_due(&session);
        assert_true(due >= lost + wait / 2 && due <= lost + wait + wait / 2);
        wait_ms(due - now);
        expect("connect ");
        wait = wait * 2 > 60000 ? 60000 : wait * 2;
    }
}

static void a_refused_bind_waits_like_a_lost_connection(void **state)
{
    (void)state;
    session_connected(&session, now);
    hear(SMPP_RESP(SMPP_BIND_TRANSCEIVER), 1, SMPP_RINVPASWD, "");
    expect("connect bind_transceiver#1 close ended ");
    assert_true(session_due(&session) >= now + 500);
}

static void a_silent_centre_is_asked_and_then_given_up(void **state)
{
    (void)state;
    wait_ms(30000);
    expect("enquire_link#2 ");
    hear(SMPP_ENQUIRE_LINK_RESP, 2, 0, "");
    wait_ms(30000);
    expect("enquire_link#3 ");
    wait_ms(SESSION_ANSWER_MS);
    expect("close ended ");
}

/* Two binds of one centre, each with a text on its way: the first one's answer comes on the second. */
static void an_answer_on_another_bind_is_no_other_texts(void **state)
{
    static struct session other;

    (void)state;
    session_init(&other,
                 &(struct session_bind){ &centre, 0, SESSION_ROLE_BOTH, 1, &handlers, NULL }, 111,
                 now);
    session_tick(&other, now);
    session_connected(&other, now);
    uint32_t bind = other.last_sequence;
    uint8_t bytes[64];
    size_t length = 0;
    struct smpp_pdu bound = { .command = SMPP_RESP(SMPP_BIND_TRANSCEIVER), .sequence = bind };
    assert_int_equal(smpp_pdu_write(&bound, bytes, sizeof bytes, &length), 0);
    session_take(&other, bytes, length, now);
    assert_true(session_is_bound(&other));
    assert_int_equal(submit(1), 0);
    struct piece_out piece = { .parcel = { 2, 0 }, .total = 1, .index = 1, .dest = "13800138000" };
    assert_int_equal(session_submit(&other, &piece, now), 0);
    assert_true(other.last_sequence != session.last_sequence);
    struct smpp_pdu answer = { .command = SMPP_SUBMIT_SM_RESP,
                               .sequence = session.last_sequence,
                               .message_id = "id-1" };
    assert_int_equal(smpp_pdu_write(&answer, bytes, sizeof bytes, &length), 0);
    session_take(&other, bytes, length, now);
    assert_int_equal(other.counts.stray, 1);
    assert_int_equal(other.in_flight, 1);
    assert_int_equal(session.in_flight, 1);
    session_lost(&other, now); /* mid-window: its own text is in doubt, the first one's is not */
    assert_int_equal(session.in_flight, 1);
    assert_int_equal(other.counts.unknown_outcomes, 1);
    assert_int_equal(session.counts.unknown_outcomes, 0);
}

static void the_window_bounds_what_waits_for_answers(void **state)
{
    (void)state;
    assert_int_equal(submit(1), 0);
    assert_int_equal(submit(2), 0);
    assert_false(session_room(&session, false, now));
    assert_int_equal(submit(3), -EAGAIN);
    expect("submit_sm#2 submit_sm#3 ");
    hear(SMPP_SUBMIT_SM_RESP, 3, 0, "id-2");
    expect("taken(2,0,id-2) ");
    assert_int_equal(submit(3), 0);
    hear(SMPP_SUBMIT_SM_RESP, 77, 0, "nobody's");
    hear(SMPP_GENERIC_NACK, 2, SMPP_RINVCMDLEN, "");
    expect("submit_sm#4 taken(1,2,) ");
    assert_int_equal(session.counts.stray, 1);
}

static void answers_that_never_came_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(submit(1), 0);
    assert_int_equal(submit(2), 0);
    session_lost(&session, now);
    expect("submit_sm#2 submit_sm#3 close unknown(1) unknown(2) ended ");
    assert_int_equal(submit(3), -ENOTCONN);
}

static void a_centre_that_does_not_answer_a_submit_is_given_up(void **state)
{
    (void)state;
    assert_int_equal(submit(1), 0);
    now += SESSION_SUBMIT_MS - 1;
    hear(SMPP_ENQUIRE_LINK, 9, 0, "");
    expect("submit_sm#2 enquire_link_resp#9 ");
    wait_ms(1);
    expect("close unknown(1) ended ");
}

static void a_throttled_gateway_pauses_and_recovers(void **state)
{
    (void)state;
    assert_int_equal(submit(1), 0);
    hear(SMPP_SUBMIT_SM_RESP, 2, SMPP_RTHROTTLED, "");
    assert_false(session_room(&session, false, now));
    now += BUCKET_PAUSE_MS;
    int taken = 0;
    for (int i = 0; i < 100; i++, now += 10) {
        if (submit(2) == 0) {
            taken++;
            hear(SMPP_SUBMIT_SM_RESP, session.last_sequence, 0, "x");
        }
    }
    assert_true(taken >= 1 && taken <= 4);
    now += 3600 * 1000;
    assert_true(session_room(&session, false, now));
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(submit(3), 0);
        hear(SMPP_SUBMIT_SM_RESP, session.last_sequence, 0, "x");
    }
}

static void texts_are_handed_up_and_unknown_commands_refused(void **state)
{
    (void)state;
    uint8_t query[16] = { 0, 0, 0, 16, 0, 0, 0, 0x33, 0, 0, 0, 0, 0, 0, 0, 5 };
    uint8_t broken[17] = { 0, 0, 0, 17, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 6, 'x' };

    hear(SMPP_DELIVER_SM, 4, 0, "");
    session_take(&session, query, sizeof query, now);
    session_take(&session, broken, sizeof broken, now);
    session_answer(&session, &last_token, PIECE_TAKEN);
    expect(
        "text#4 generic_nack#5!ESME_RINVCMDID generic_nack#6!ESME_RINVMSGLEN deliver_sm_resp#4 ");
    session_garbage(&session, now);
    expect("generic_nack#0!ESME_RINVCMDLEN close ended ");
}

static void a_text_before_the_bind_is_not_taken(void **state)
{
    (void)state;
    session_connected(&session, now);
    hear(SMPP_DELIVER_SM, 4, 0, "");
    expect("connect bind_transceiver#1 deliver_sm_resp#4!ESME_RINVBNDSTS ");
}

static void stopping_unbinds_and_does_not_come_back(void **state)
{
    (void)state;
    session_stop(&session, now);
    assert_false(session_is_over(&session));
    hear(SMPP_UNBIND_RESP, 2, 0, "");
    expect("unbind#2 close ended ");
    assert_true(session_is_over(&session));
    assert_true(session_due(&session) == UINT64_MAX);
}

static void a_centre_that_unbinds_is_answered_and_tried_again(void **state)
{
    (void)state;
    hear(SMPP_UNBIND, 8, 0, "");
    expect("unbind_resp#8 close ended ");
    wait_ms(1500);
    expect("connect ");
}

/* ------------------------------------------------------------------------------- all together */

enum {
    GATEWAYS = 20,
    MINUTES = 10
};

static uint32_t attempts; /* of all gateways, in the second under way */

static void count_connect(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
    attempts++;
}

static void no_write(void *owner, uint16_t bind, const uint8_t *bytes, size_t length)
{
    (void)owner;
    (void)bind;
    (void)bytes;
    (void)length;
}

static void no_word(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
}

static const struct session_handlers counting = {
    .connect = count_connect,
    .close = no_word,
    .write = no_write,
    .bound = no_word,
    .ended = no_word,
};

/* The centre of twenty gateways with four binds each goes away for ten minutes: each try fails at once.
 * A gateway tries once a second at most on the average, and soon the twenty never come together. */
/* A centre that calls: outbind with these words. */
static void call(const char *account, const char *password)
{
    struct smpp_pdu pdu = { .command = SMPP_OUTBIND, .sequence = 7 };
    uint8_t bytes[64];
    size_t length = 0;

    (void)text_copy(pdu.system_id, sizeof pdu.system_id, account);
    (void)text_copy(pdu.password, sizeof pdu.password, password);
    assert_int_equal(smpp_pdu_write(&pdu, bytes, sizeof bytes, &length), 0);
    session_take(&session, bytes, length, now);
}

static void a_centre_that_calls_by_outbind_is_bound_as_receiver(void **state)
{
    (void)state;
    (void)text_copy(centre.listen_account, sizeof centre.listen_account, "operator");
    (void)text_copy(centre.listen_password, sizeof centre.listen_password, "called");
    session_init(&session,
                 &(struct session_bind){ &centre, 0, SESSION_ROLE_ANSWER, 0, &handlers, NULL }, 110,
                 now);
    saying = text_into(said, sizeof said);
    assert_false(session_accepted(&session, now)); /* nobody listens yet */
    session_tick(&session, now);
    assert_true(session_accepted(&session, now));
    assert_false(session_accepted(&session, now)); /* one caller on each bind */
    hear(SMPP_DELIVER_SM, 3, 0, "");
    call("operator", "wrong");
    expect("deliver_sm_resp#3!ESME_RINVBNDSTS close ended ");
    wait_ms(2000);
    assert_true(session_accepted(&session, now));
    call("operator", "called");
    hear(SMPP_RESP(SMPP_BIND_RECEIVER), 1, 0, "");
    hear(SMPP_DELIVER_SM, 4, 0, "");
    expect("bind_receiver#1 bound text#4 ");
    assert_false(session_sends(&session)); /* a receiver */
    session_lost(&session, now);
    wait_ms(2000);
    assert_true(session_accepted(&session, now)); /* it may call again */
    expect("close ended ");
    wait_ms(60000); /* who called and says nothing is hung up on */
    expect("close ended ");
}

static void twenty_gateways_do_not_storm_a_centre_that_comes_back(void **state)
{
    (void)state;
    static const struct sms_settings sms = { .centre_count = 1,
                                             .centres = { { .protocol = "smpp",
                                                            .bind = "split",
                                                            .binds = 2,
                                                            .window = 10,
                                                            .enquire_s = 30 } } };
    struct centres *gateways[GATEWAYS] = { NULL };
    uint32_t total = 0;
    uint32_t most = 0;

    for (uint32_t i = 0; i < GATEWAYS; i++)
        assert_int_equal(centres_open(&gateways[i], &sms, &counting, NULL, 7000 + 100 * i, 0), 0);
    attempts = 0;
    for (uint64_t ms = 0; ms < MINUTES * 60 * 1000; ms += 10) {
        for (uint32_t i = 0; i < GATEWAYS; i++) {
            centres_clock(gateways[i], ms, 0);
            if (centres_due(gateways[i]) <= ms)
                centres_tick(gateways[i]);
            for (uint16_t bind = 0; bind < centres_binds(gateways[i]); bind++)
                if (centres_bind(gateways[i], bind)->state == SESSION_STATE_CONNECTING)
                    centres_lost(gateways[i], bind);
        }
        if (ms % 1000 != 990)
            continue;
        total += attempts;
        if (ms > 60 * 1000 && attempts > most)
            most = attempts;
        attempts = 0;
    }
    assert_true(total <= GATEWAYS * MINUTES * 60);        /* ≤ 1 a second and gateway */
    assert_true(total >= GATEWAYS * 4 * MINUTES * 2 / 3); /* and none gave up */
    assert_true(most <= GATEWAYS); /* 80 binds, never more than a quarter in one second */
    for (uint32_t i = 0; i < GATEWAYS; i++)
        centres_close(gateways[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_states_are_those_of_the_golden_tables),
        cmocka_unit_test_setup(a_lost_centre_is_tried_again_ever_more_slowly_with_jitter, start),
        cmocka_unit_test_setup(a_refused_bind_waits_like_a_lost_connection, start),
        cmocka_unit_test_setup(a_silent_centre_is_asked_and_then_given_up, start_bound),
        cmocka_unit_test_setup(an_answer_on_another_bind_is_no_other_texts, start_bound),
        cmocka_unit_test_setup(the_window_bounds_what_waits_for_answers, start_bound),
        cmocka_unit_test_setup(answers_that_never_came_are_unknown, start_bound),
        cmocka_unit_test_setup(a_centre_that_does_not_answer_a_submit_is_given_up, start_bound),
        cmocka_unit_test_setup(a_throttled_gateway_pauses_and_recovers, start_bound),
        cmocka_unit_test_setup(texts_are_handed_up_and_unknown_commands_refused, start_bound),
        cmocka_unit_test_setup(a_text_before_the_bind_is_not_taken, start),
        cmocka_unit_test_setup(stopping_unbinds_and_does_not_come_back, start_bound),
        cmocka_unit_test_setup(a_centre_that_unbinds_is_answered_and_tried_again, start_bound),
        cmocka_unit_test_setup(a_centre_that_calls_by_outbind_is_bound_as_receiver, start),
        cmocka_unit_test(twenty_gateways_do_not_storm_a_centre_that_comes_back),
    };
    return cmocka_run_group_tests_name("smpp session", tests, NULL, NULL);
}
