/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of the gateway between a message centre and a dispatcher that are both played here: the
 * centre writes real PDUs, the link is one that holds what was submitted until the test answers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/assembly.h"
#include "gateways/sms/exchange.h"
#include "gateways/sms/smpp_pdu.h"

enum {
    TICKETS_MAX = 64
};

/* ---------------------------------------------------------------------------- the played link */

struct link {
    uint64_t tickets;
    bool full;
    struct command commands[TICKETS_MAX];
    struct personal personals[TICKETS_MAX];
    uint64_t done;
};

static struct link link_played;

int link_submit(struct link *link, const struct command *command, const struct personal *personal,
                const uint8_t *token, size_t token_size, uint64_t *ticket)
{
    assert_true(token == NULL && token_size == 0);
    if (link->full)
        return -ENOBUFS;
    assert_true(link->tickets < TICKETS_MAX - 1);
    *ticket = ++link->tickets;
    link->commands[*ticket] = *command;
    if (personal)
        link->personals[*ticket] = *personal;
    return 0;
}

void link_order_done(struct link *link, uint64_t seq)
{
    link->done = seq;
}

/* -------------------------------------------------------------------------- the played centre */

static struct exchange *exchange;
static char folder[64];
static uint64_t mono;
static uint64_t wall;
static char heard[8192]; /* what the centre heard, a word a PDU */
static struct text hearing;
static uint32_t last_submit; /* its sequence */
static uint32_t last_question;
static char last_text[512]; /* its letters */
static bool connected;

static void port_connect(void *owner, uint32_t bind)
{
    (void)owner;
    (void)bind;
    connected = true;
}

static void port_close(void *owner, uint32_t bind)
{
    (void)owner;
    (void)bind;
    connected = false;
}

static void port_write(void *owner, uint32_t bind, const uint8_t *bytes, size_t length)
{
    struct smpp_pdu pdu;

    (void)owner;
    (void)bind;
    assert_int_equal(smpp_pdu_read(&pdu, bytes, length), 0);
    if (pdu.command == SMPP_SUBMIT_SM) {
        struct text text = text_into(last_text, sizeof last_text);
        struct part part;

        part_read(&part, &(struct piece_in){ .coding = pdu.data_coding,
                                             .has_header = pdu.esm_class & SMPP_ESM_UDHI,
                                             .text = pdu.short_message });
        assert_true(letters_read(&part.reading, part.octets.bytes, part.octets.count, &text));
        last_submit = pdu.sequence;
        text_print(&hearing, "submit(%s>%s) ", pdu.source, pdu.dest);
    } else if (pdu.command == SMPP_DELIVER_SM_RESP) {
        text_print(&hearing, "answer(%u,%u) ", pdu.sequence, pdu.status);
    } else if (pdu.command == SMPP_QUERY_SM || pdu.command == SMPP_CANCEL_SM) {
        last_question = pdu.sequence;
        text_print(&hearing, "%s(%s) ", pdu.command == SMPP_QUERY_SM ? "query" : "cancel",
                   pdu.message_id);
    }
}

static const struct exchange_port port = { port_connect, port_close, port_write };

static void turn(void)
{
    uint64_t wait = 0;

    assert_int_equal(exchange_turn(exchange, mono, wall, &wait), 0);
}

static void pass(uint64_t ms)
{
    mono += ms;
    wall += ms;
    turn();
}

static void say(const struct smpp_pdu *pdu)
{
    uint8_t bytes[1024];
    size_t length = 0;

    assert_int_equal(smpp_pdu_write(pdu, bytes, sizeof bytes, &length), 0);
    /* Half a PDU first, as TCP may cut it. */
    exchange_clock(exchange, mono, wall);
    assert_int_equal(exchange_bytes(exchange, 0, bytes, length / 2), 0);
    assert_int_equal(exchange_bytes(exchange, 0, bytes, length), length);
}

static void bind_again(void)
{
    struct smpp_pdu bound = { .command = SMPP_RESP(SMPP_BIND_TRANSCEIVER) };

    for (int i = 0; i < 200 && !connected; i++)
        pass(1000);
    assert_true(connected);
    exchange_clock(exchange, mono, wall);
    exchange_connected(exchange, 0);
    /* The bind's sequence is the next one the session took; try until it fits. */
    for (uint32_t i = 1; i < 200; i++) {
        if (session_is_bound(centres_bind(exchange_centres(exchange), 0)))
            break;
        bound.sequence = i;
        say(&bound);
    }
    turn();
}

static void expect(const char *words)
{
    assert_string_equal(heard, words);
    hearing = text_into(heard, sizeof heard);
}

static void open_exchange(void)
{
    static const struct sms_settings sms = { .centre_count = 1,
                                             .centres = { { .name = "centre",
                                                            .protocol = "smpp",
                                                            .account = "yihao",
                                                            .bind = "transceiver",
                                                            .send_with = "submit_sm",
                                                            .binds = 1,
                                                            .window = 10,
                                                            .enquire_s = 30,
                                                            .query_min = 60,
                                                            .receipt_h = 72 } } };
    struct exchange_settings settings = {
        .name = "sms-1", .folder = folder, .sms = &sms, .seed = 12
    };

    connected = false;
    assert_int_equal(exchange_open(&exchange, &settings, &port, NULL, mono, wall), 0);
    exchange_set_link(exchange, &link_played);
    hearing = text_into(heard, sizeof heard);
}

static void setup_lines(void)
{
    struct setup setup = { .lines_count = 2 };

    setup.lines[0].line = 110;
    (void)text_copy(setup.lines[0].short_number, sizeof setup.lines[0].short_number, "12110");
    setup.lines[1].line = 12345;
    (void)text_copy(setup.lines[1].short_number, sizeof setup.lines[1].short_number, "12345");
    exchange_link_handlers()->setup(exchange, &setup);
    turn();
}

static int begin(void **state)
{
    (void)state;
    memset(&link_played, 0, sizeof link_played);
    (void)text_copy(folder, sizeof folder, "/tmp/yihao-sms-XXXXXX");
    assert_non_null(mkdtemp(folder));
    mono = 1000;
    wall = 1795000000000;
    open_exchange();
    setup_lines();
    bind_again();
    return 0;
}

static int end(void **state)
{
    static const char *const files[] = { "inbox", "outbox", "lines" };
    char path[128];

    (void)state;
    exchange_close(exchange);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

/* The process dies and comes again; the connection with it. */
static void kill_and_restart(void)
{
    exchange_close(exchange);
    memset(&link_played, 0, sizeof link_played);
    open_exchange();
    turn();
    bind_again();
}

static void lose_connection(void)
{
    connected = false;
    exchange_clock(exchange, mono, wall);
    exchange_lost(exchange, 0);
}

static void text_in(uint32_t sequence, const char *dest, const char *letters)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM, .sequence = sequence };

    (void)text_copy(pdu.source, sizeof pdu.source, "13800138000");
    (void)text_copy(pdu.dest, sizeof pdu.dest, dest);
    pdu.short_message = (struct octets){ (const uint8_t *)letters, strlen(letters) };
    say(&pdu);
    turn();
}

static void part_in(uint32_t sequence, uint8_t index, uint8_t total, const char *letters)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM,
                            .sequence = sequence,
                            .esm_class = SMPP_ESM_UDHI };
    uint8_t octets[160] = { 5, 0, 3, 77, total, index };
    size_t length = strlen(letters);

    memcpy(octets + 6, letters, length);
    (void)text_copy(pdu.source, sizeof pdu.source, "13800138000");
    (void)text_copy(pdu.dest, sizeof pdu.dest, "12110");
    pdu.short_message = (struct octets){ octets, 6 + length };
    say(&pdu);
    turn();
}

static void receipt_in(uint32_t sequence, const char *words)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM,
                            .sequence = sequence,
                            .esm_class = SMPP_ESM_RECEIPT };

    pdu.short_message = (struct octets){ (const uint8_t *)words, strlen(words) };
    say(&pdu);
    turn();
}

static void outcome(uint64_t ticket, enum refusal refusal)
{
    struct outcome answer = { .refusal = refusal };

    exchange_link_handlers()->outcome(exchange, ticket, &answer);
    turn();
}

static void order_text(uint64_t seq, uint64_t text, const char *words, bool receipt)
{
    struct order order = { .seq = seq, .kind = ORDER_TEXT };

    order.text.text = text;
    order.text.receipt = receipt;
    (void)text_copy(order.text.from, sizeof order.text.from, "12345");
    (void)text_copy(order.text.number, sizeof order.text.number, "13900139000");
    (void)text_copy(order.text.words, sizeof order.text.words, words);
    exchange_link_handlers()->order(exchange, &order);
    turn();
}

static void answer_submit(uint32_t sequence, uint32_t status, const char *id)
{
    struct smpp_pdu pdu = { .command = SMPP_SUBMIT_SM_RESP,
                            .sequence = sequence,
                            .status = status };

    (void)text_copy(pdu.message_id, sizeof pdu.message_id, id);
    say(&pdu);
    turn();
}

static void expect_report(uint64_t ticket, enum text_state state, uint32_t cause)
{
    const struct command *command = &link_played.commands[ticket];

    assert_int_equal(link_played.tickets, ticket);
    assert_int_equal(command->kind, COMMAND_TEXT_REPORT);
    assert_int_equal(command->text_report.state, state);
    assert_int_equal(command->text_report.cause, cause);
}

/* ---------------------------------------------------------------------------- citizens' texts */

static void the_centre_is_answered_only_when_the_contact_is_certain(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    expect("");
    assert_int_equal(link_played.tickets, 1);
    const struct contact_arrive *arrive = &link_played.commands[1].contact_arrive;
    assert_int_equal(arrive->line, 110);
    assert_int_equal(arrive->channel, CHANNEL_SMS);
    assert_string_equal(arrive->called, "12110");
    assert_string_equal(arrive->trunk, "sms-1");
    assert_string_equal(link_played.personals[1].number, "13800138000");
    assert_string_equal(link_played.personals[1].text, "help");
    outcome(1, REFUSAL_NONE);
    expect("answer(7,0) ");
}

static void the_spool_is_as_good_as_the_dispatcher(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    exchange_link_handlers()->spooled(exchange, 1);
    turn();
    expect("answer(7,0) ");
    outcome(1, REFUSAL_NONE);
    expect("");
}

static void a_number_without_a_line_is_refused_and_counted(void **state)
{
    struct exchange_counts counts;

    (void)state;
    text_in(7, "99999", "help");
    expect("answer(7,11) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.unknown_numbers, 1);
}

static void a_repeat_after_a_lost_connection_is_the_same_contact(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    outcome(1, REFUSAL_NONE);
    expect("answer(7,0) ");
    lose_connection(); /* the answer may not have arrived */
    bind_again();
    text_in(3, "12110", "help");
    expect("answer(3,0) ");
    assert_int_equal(link_played.tickets, 1);
}

static void the_same_words_again_are_a_new_contact(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    outcome(1, REFUSAL_NONE);
    pass(2000);
    text_in(8, "12110", "help");
    assert_int_equal(link_played.tickets, 2);
    assert_string_not_equal(link_played.commands[1].key, link_played.commands[2].key);
}

static void a_repeat_after_a_crash_keeps_the_command_key(void **state)
{
    char key[41];

    (void)state;
    text_in(7, "12110", "help");
    (void)text_copy(key, sizeof key, link_played.commands[1].key);
    kill_and_restart(); /* nobody knows whether the dispatcher has it */
    text_in(1, "12110", "help");
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.commands[1].key, key);
    outcome(1, REFUSAL_NONE);
    expect("answer(1,0) ");
}

static void a_text_the_dispatcher_cannot_take_now_stays_with_the_centre(void **state)
{
    (void)state;
    text_in(7, "12110", "help");
    outcome(1, REFUSAL_LIMIT);
    expect("answer(7,100) ");
    text_in(8, "12110", "help");
    assert_int_equal(link_played.tickets, 2);
    assert_string_not_equal(link_played.commands[1].key, link_played.commands[2].key);
    link_played.full = true;
    text_in(9, "12110", "other");
    expect("answer(9,100) ");
}

static void parts_are_answered_at_once_and_make_one_contact_in_any_order(void **state)
{
    (void)state;
    part_in(1, 3, 3, "three");
    part_in(2, 1, 3, "one ");
    part_in(3, 1, 3, "one ");
    expect("answer(1,0) answer(2,0) answer(3,0) ");
    assert_int_equal(link_played.tickets, 0);
    part_in(4, 2, 3, "two ");
    expect("answer(4,0) ");
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text, "one two three");
}

static void parts_outlive_the_process(void **state)
{
    (void)state;
    part_in(1, 2, 2, "two");
    kill_and_restart();
    part_in(1, 1, 2, "one ");
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text, "one two");
    kill_and_restart(); /* before the outcome: it goes up again under the same key */
    turn();
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text, "one two");
    outcome(1, REFUSAL_NONE);
    kill_and_restart();
    assert_int_equal(link_played.tickets, 0);
}

static void a_missing_part_does_not_hold_up_a_cry_for_help(void **state)
{
    (void)state;
    part_in(1, 2, 2, "fire in the");
    pass(ASSEMBLY_WAIT_MS);
    assert_int_equal(link_played.tickets, 1);
    assert_string_equal(link_played.personals[1].text,
                        "〔缺第1/2条 part 1 of 2 missing〕fire in the");
}

static void a_refused_long_text_is_tried_again_by_the_gateway(void **state)
{
    (void)state;
    part_in(1, 1, 2, "one ");
    part_in(2, 2, 2, "two");
    outcome(1, REFUSAL_LIMIT);
    assert_int_equal(link_played.tickets, 1);
    pass(INBOX_AGAIN_MS);
    assert_int_equal(link_played.tickets, 2);
    assert_string_not_equal(link_played.commands[1].key, link_played.commands[2].key);
}

/* -------------------------------------------------------------------------- the city's texts */

static void a_text_goes_out_and_its_fate_comes_back(void **state)
{
    (void)state;
    order_text(1, 42, "您的诉求已受理", true);
    expect("submit(12345>13900139000) ");
    assert_string_equal(last_text, "您的诉求已受理");
    assert_int_equal(link_played.done, 1);
    answer_submit(last_submit, 0, "m-1");
    expect_report(1, TEXT_STATE_SENT, 0);
    assert_string_equal(link_played.commands[1].text_report.reference, "m-1");
    outcome(1, REFUSAL_NONE);
    receipt_in(9, "id:m-1 stat:DELIVRD err:000");
    expect("answer(9,0) ");
    expect_report(2, TEXT_STATE_DELIVERED, 0);
}

static void a_text_is_sent_once_however_often_it_is_ordered(void **state)
{
    (void)state;
    order_text(1, 42, "once", false);
    order_text(2, 42, "once", false);
    expect("submit(12345>13900139000) ");
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    order_text(3, 42, "once", false);
    kill_and_restart();
    order_text(4, 42, "once", false);
    expect("");
    assert_int_equal(link_played.tickets, 0);
}

static void an_answered_part_is_not_sent_again_after_a_crash(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    kill_and_restart();
    expect("");
    expect_report(1, TEXT_STATE_SENT, 0); /* its outcome was not heard: the same key again */
    receipt_in(9, "id:m-1 stat:UNDELIV err:012");
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_FAILED, 12);
}

static void what_was_reported_is_not_reported_after_a_restart(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    kill_and_restart();
    assert_int_equal(link_played.tickets, 0);
    receipt_in(9, "id:m-1 stat:DELIVRD err:000");
    expect_report(1, TEXT_STATE_DELIVERED, 0);
}

static void an_unanswered_part_is_sent_again_and_counted(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_text(1, 42, "maybe twice", false);
    lose_connection();
    bind_again();
    expect("submit(12345>13900139000) submit(12345>13900139000) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.possible_duplicates, 1);
    kill_and_restart();
    expect("submit(12345>13900139000) ");
}

/* ------------------------------------------------------------------------------ leave and doubt */

static void order_fenced(uint64_t seq, uint64_t text, bool urgent)
{
    struct order order = { .seq = seq, .kind = ORDER_TEXT };

    order.text.text = text;
    order.text.receipt = true;
    order.text.fenced = true;
    order.text.urgent = urgent;
    (void)text_copy(order.text.from, sizeof order.text.from, "12345");
    (void)text_copy(order.text.number, sizeof order.text.number, "13900139000");
    (void)text_copy(order.text.words, sizeof order.text.words, "once");
    exchange_link_handlers()->order(exchange, &order);
    turn();
}

static void expect_question(uint64_t ticket, uint32_t count)
{
    assert_int_equal(link_played.tickets, ticket);
    assert_int_equal(link_played.commands[ticket].kind, COMMAND_TEXT_SEND);
    assert_int_equal(link_played.commands[ticket].text_send.texts_count, count);
}

static void a_fenced_text_goes_out_with_leave_alone(void **state)
{
    (void)state;
    order_fenced(1, 42, false);
    expect("");
    expect_question(1, 1);
    exchange_link_handlers()->spooled(exchange, 1); /* no answer yet */
    turn();
    expect("");
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
    answer_submit(last_submit, 0, "m-1");
    expect_report(2, TEXT_STATE_SENT, 0);
}

static void what_another_gateway_sends_is_dropped_and_may_come_back(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_fenced(1, 42, false);
    outcome(1, REFUSAL_NOT_LEASED);
    expect("");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.held, 0);
    assert_int_equal(counts.outbox.dropped, 1);
    kill_and_restart();
    assert_int_equal(link_played.tickets, 0);
    order_fenced(2, 42, false); /* the other one is gone now */
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

static void leave_is_asked_for_anew_after_a_restart(void **state)
{
    char first[sizeof link_played.commands[1].key];

    (void)state;
    order_fenced(1, 42, false);
    (void)text_copy(first, sizeof first, link_played.commands[1].key);
    wall += 5;
    kill_and_restart();
    expect_question(1, 1);
    assert_string_not_equal(link_played.commands[1].key, first); /* not the old answer */
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

static void a_refused_question_of_several_is_put_one_by_one(void **state)
{
    (void)state;
    link_played.full = true;
    order_fenced(1, 42, false);
    order_fenced(2, 43, false);
    link_played.full = false;
    turn();
    expect_question(1, 2);
    outcome(1, REFUSAL_NOT_LEASED);
    expect_question(3, 1);
    outcome(2, REFUSAL_NOT_LEASED);
    outcome(3, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

static void marked_receipt_in(uint32_t sequence, uint16_t mark, const char *words)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM,
                            .sequence = sequence,
                            .esm_class = SMPP_ESM_RECEIPT };
    uint8_t value[2] = { (uint8_t)(mark >> 8), (uint8_t)mark };

    (void)text_copy(pdu.source, sizeof pdu.source, "13900139000");
    pdu.short_message = (struct octets){ (const uint8_t *)words, strlen(words) };
    assert_true(smpp_pdu_add(&pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, value, 2));
    say(&pdu);
    turn();
}

static void a_receipt_proves_what_was_not_answered(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_text(1, 42, "once", true);
    expect("submit(12345>13900139000) ");
    kill_and_restart();
    pass(OUTBOX_DOUBT_MS / 2);
    expect("");
    marked_receipt_in(9, 42 * 32, "id:m-1 stat:DELIVRD err:000");
    expect_report(1, TEXT_STATE_SENT, 0);
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_DELIVERED, 0);
    outcome(2, REFUSAL_NONE);
    pass(OUTBOX_DOUBT_MS);
    expect("answer(9,0) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.cleared_up, 1);
    assert_int_equal(counts.outbox.possible_duplicates, 0);
}

static void without_a_receipt_it_is_sent_again_in_the_end(void **state)
{
    struct exchange_counts counts;

    (void)state;
    order_text(1, 42, "once", true);
    expect("submit(12345>13900139000) ");
    lose_connection();
    bind_again();
    pass(OUTBOX_DOUBT_MS - 1000);
    marked_receipt_in(9, 43 * 32, "id:m-9 stat:DELIVRD err:000"); /* another text's */
    expect("answer(9,0) ");
    pass(2000);
    expect("submit(12345>13900139000) ");
    exchange_count(exchange, &counts);
    assert_int_equal(counts.outbox.possible_duplicates, 1);
}

static void help_is_not_kept_waiting_by_doubt(void **state)
{
    (void)state;
    order_fenced(1, 42, true);
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
    lose_connection();
    bind_again();
    expect("submit(12345>13900139000) ");
}

static void a_receipt_may_overtake_the_answer(void **state)
{
    (void)state;
    order_text(1, 42, "quick", true);
    receipt_in(9, "id:255 stat:DELIVRD err:000");
    answer_submit(last_submit, 0, "ff"); /* the same number in hexadecimal */
    expect_report(1, TEXT_STATE_SENT, 0);
    outcome(1, REFUSAL_NONE);
    expect_report(2, TEXT_STATE_DELIVERED, 0);
}

static void a_refused_text_fails_with_the_centres_cause(void **state)
{
    (void)state;
    order_text(1, 42, "to nobody", true);
    answer_submit(last_submit, SMPP_RINVDSTADR, "");
    expect_report(1, TEXT_STATE_FAILED, SMPP_RINVDSTADR);
}

static void a_throttled_text_is_tried_again_later(void **state)
{
    (void)state;
    order_text(1, 42, "patience", true);
    answer_submit(last_submit, SMPP_RTHROTTLED, "");
    assert_int_equal(link_played.tickets, 0);
    pass(OUTBOX_RETRY_FIRST_MS);
    expect("submit(12345>13900139000) submit(12345>13900139000) ");
    answer_submit(last_submit, 0, "m-1");
    expect_report(1, TEXT_STATE_SENT, 0);
}

/* ---------------------------------------------------------------- what the centres are asked */

static void recall(uint64_t seq, uint64_t text, uint32_t count)
{
    struct order order = { .seq = seq, .kind = ORDER_RECALL, .recall = { text, count } };

    exchange_link_handlers()->order(exchange, &order);
    turn();
}

static void state_in(uint32_t command, const char *id, uint8_t message_state)
{
    struct smpp_pdu pdu = { .command = SMPP_RESP(command),
                            .sequence = last_question,
                            .message_state = message_state };

    (void)text_copy(pdu.message_id, sizeof pdu.message_id, id);
    say(&pdu);
    turn();
}

static void a_recalled_text_is_not_sent(void **state)
{
    (void)state;
    order_fenced(1, 42, false);
    order_fenced(2, 43, false);
    recall(3, 42, 2);
    expect_report(4, TEXT_STATE_EXCUSED, 0);
    outcome(1, REFUSAL_NONE); /* leave comes too late */
    outcome(2, REFUSAL_NONE);
    expect("");
    kill_and_restart();
    expect("");
    expect_report(2, TEXT_STATE_EXCUSED, 0);
}

static void what_the_centre_has_is_cancelled_there(void **state)
{
    (void)state;
    order_text(1, 42, "the dam breaks", true);
    recall(2, 42, 1); /* its answer is not there yet */
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    turn();
    expect("submit(12345>13900139000) cancel(m-1) ");
    state_in(SMPP_CANCEL_SM, "", 0);
    pass(EXCHANGE_TIDY_MS);
    turn();
    expect("query(m-1) "); /* not every centre gives a receipt for it */
    state_in(SMPP_QUERY_SM, "m-1", 4);
    expect_report(2, TEXT_STATE_FAILED, RECEIPT_UNKNOWN_ERROR);
}

/* A line on which the centre is heard. */
static void live(unsigned minutes)
{
    struct smpp_pdu enquiry = { .command = SMPP_ENQUIRE_LINK, .sequence = 7 };

    for (unsigned i = 0; i < minutes * 3; i++) {
        pass(20 * 1000);
        say(&enquiry);
    }
}

static void a_receipt_that_does_not_come_is_asked_for(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
    live(59);
    expect("");
    live(2);
    expect("query(m-1) ");
    state_in(SMPP_QUERY_SM, "m-1", 1); /* ENROUTE: at twice the age once more */
    assert_int_equal(link_played.tickets, 1);
    live(55);
    expect("");
    live(10);
    expect("query(m-1) ");
    state_in(SMPP_QUERY_SM, "m-1", 2);
    expect_report(2, TEXT_STATE_DELIVERED, 0);
}

static void a_text_of_which_nobody_knows_is_a_persons(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    pass(72ULL * 3600 * 1000 + 1);
    turn();
    expect_report(2, TEXT_STATE_FAILED, OUTBOX_NO_RECEIPT);
}

static void who_has_no_way_out_says_so_and_gives_back(void **state)
{
    (void)state;
    order_fenced(1, 42, false);
    lose_connection();
    outcome(1, REFUSAL_NONE); /* leave, and nobody to send it to */
    order_fenced(2, 43, false);
    expect_question(1, 1); /* and none is asked for what cannot go out */
    pass(EXCHANGE_UNABLE_MS);
    const struct command *command = &link_played.commands[2];
    assert_int_equal(link_played.tickets, 2);
    assert_int_equal(command->kind, COMMAND_TEXT_RETURN);
    assert_false(command->text_return.able);
    assert_int_equal(command->text_return.texts_count, 1);
    assert_int_equal(command->text_return.texts[0], 42);
    outcome(2, REFUSAL_NONE);
    bind_again();
    assert_int_equal(link_played.tickets, 4);
    assert_true(link_played.commands[3].text_return.able);
    assert_int_equal(link_played.commands[4].kind, COMMAND_TEXT_SEND);
    assert_int_equal(link_played.commands[4].text_send.texts_count, 2);
    outcome(4, REFUSAL_NOT_LEASED);
    outcome(5, REFUSAL_NOT_LEASED);
    outcome(6, REFUSAL_NONE);
    expect("submit(12345>13900139000) ");
}

static void one_full_centre_does_not_hold_up_the_others(void **state)
{
    struct outbox *outbox = NULL;
    struct order_text order = { .words = "once", .number = "13900139000" };
    struct piece_out piece;
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/another", folder);
    assert_int_equal(outbox_open(&outbox, path, wall), 0);
    for (order.text = 1; order.text <= 3; order.text++)
        assert_int_equal(outbox_put(outbox, &order, wall), 0);
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.parcel.text, 1);
    outbox_park(outbox, piece.parcel, 2);
    assert_true(outbox_is_parked(outbox, 2));
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.parcel.text, 2);
    outbox_postpone(outbox, piece.parcel, wall + 1000);
    assert_true(outbox_next(outbox, 0, wall, &piece));
    assert_int_equal(piece.parcel.text, 3);
    assert_true(outbox_next(outbox, 1U << 2, wall, &piece));
    assert_int_equal(piece.parcel.text, 1);
    outbox_close(outbox);
    assert_int_equal(unlink(path), 0);
}

static void a_number_that_cannot_be_one_fails_at_once(void **state)
{
    struct order order = { .seq = 5, .kind = ORDER_TEXT };

    (void)state;
    order.text.text = 43;
    exchange_link_handlers()->order(exchange, &order);
    turn();
    expect_report(1, TEXT_STATE_FAILED, SMPP_RINVMSGLEN);
    assert_int_equal(link_played.done, 5);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_centre_is_answered_only_when_the_contact_is_certain),
        STORY(the_spool_is_as_good_as_the_dispatcher),
        STORY(a_number_without_a_line_is_refused_and_counted),
        STORY(a_repeat_after_a_lost_connection_is_the_same_contact),
        STORY(the_same_words_again_are_a_new_contact),
        STORY(a_repeat_after_a_crash_keeps_the_command_key),
        STORY(a_text_the_dispatcher_cannot_take_now_stays_with_the_centre),
        STORY(parts_are_answered_at_once_and_make_one_contact_in_any_order),
        STORY(parts_outlive_the_process),
        STORY(a_missing_part_does_not_hold_up_a_cry_for_help),
        STORY(a_refused_long_text_is_tried_again_by_the_gateway),
        STORY(a_text_goes_out_and_its_fate_comes_back),
        STORY(a_recalled_text_is_not_sent),
        STORY(what_the_centre_has_is_cancelled_there),
        STORY(a_receipt_that_does_not_come_is_asked_for),
        STORY(a_text_of_which_nobody_knows_is_a_persons),
        STORY(who_has_no_way_out_says_so_and_gives_back),
        STORY(one_full_centre_does_not_hold_up_the_others),
        STORY(a_text_is_sent_once_however_often_it_is_ordered),
        STORY(an_answered_part_is_not_sent_again_after_a_crash),
        STORY(what_was_reported_is_not_reported_after_a_restart),
        STORY(an_unanswered_part_is_sent_again_and_counted),
        STORY(a_receipt_may_overtake_the_answer),
        STORY(a_refused_text_fails_with_the_centres_cause),
        STORY(a_fenced_text_goes_out_with_leave_alone),
        STORY(what_another_gateway_sends_is_dropped_and_may_come_back),
        STORY(leave_is_asked_for_anew_after_a_restart),
        STORY(a_refused_question_of_several_is_put_one_by_one),
        STORY(a_receipt_proves_what_was_not_answered),
        STORY(without_a_receipt_it_is_sent_again_in_the_end),
        STORY(help_is_not_kept_waiting_by_doubt),
        STORY(a_throttled_text_is_tried_again_later),
        STORY(a_number_that_cannot_be_one_fails_at_once),
    };
    return cmocka_run_group_tests_name("sms exchange", tests, NULL, NULL);
}
