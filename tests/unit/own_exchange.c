/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/own_exchange.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/parts.h"

/* ---------------------------------------------------------------------------- the played link */

struct link link_played;

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

struct exchange *exchange;
char folder[64];
uint64_t mono;
uint64_t wall;
static char heard[8192]; /* what the centre heard, a word a PDU */
static struct text hearing;
const uint8_t *own_key;
uint32_t last_submit; /* its sequence */
uint32_t last_question;
char last_text[512]; /* its letters */
char last_validity[17];
struct part last_part;
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
        const struct tlv *sar = smpp_pdu_tlv(&pdu, SMPP_TAG_SAR_SEGMENT_SEQNUM);
        last_part = part;
        if (sar)
            last_part.index = sar->value.bytes[0];
        assert_true(letters_read(&part.reading, part.octets.bytes, part.octets.count, &text));
        last_submit = pdu.sequence;
        (void)text_copy(last_validity, sizeof last_validity, pdu.validity);
        text_print(&hearing, "submit(%s>%s) ", pdu.source, pdu.dest);
    } else if (pdu.command == SMPP_REPLACE_SM) {
        last_question = pdu.sequence;
        text_print(&hearing, "replace(%s,%s,%u) ", pdu.message_id, pdu.source,
                   (unsigned)pdu.short_message.count);
    } else if (pdu.command == SMPP_SUBMIT_MULTI) {
        last_submit = pdu.sequence;
        text_print(&hearing, "multi(%s>%u) ", pdu.source, pdu.dest_count);
    } else if (pdu.command == SMPP_DELIVER_SM_RESP) {
        text_print(&hearing, "answer(%u,%u) ", pdu.sequence, pdu.status);
    } else if (pdu.command == SMPP_QUERY_SM || pdu.command == SMPP_CANCEL_SM) {
        last_question = pdu.sequence;
        text_print(&hearing, "%s(%s) ", pdu.command == SMPP_QUERY_SM ? "query" : "cancel",
                   pdu.message_id);
    }
}

static const struct exchange_port port = { port_connect, port_close, port_write };

/* A turn waits for no disk: somebody in danger may be waiting for the turn. */
static bool turning;

/* The linker gives these fsync() and fdatasync() of everything (sms.cmake). */
int __wrap_fdatasync(int file);
int __wrap_fdatasync(int file)
{
    assert_false(turning);
    return (int)syscall(SYS_fdatasync, file);
}

int __wrap_fsync(int file);
int __wrap_fsync(int file)
{
    assert_false(turning);
    return (int)syscall(SYS_fsync, file);
}

void turn(void)
{
    struct unsynced files[EXCHANGE_FILES];
    uint64_t wait = 0;

    turning = true;
    exchange_turn(exchange, mono, wall, &wait);
    turning = false;
    int count = exchange_unsynced(exchange, files);
    for (int i = 0; i < count; i++)
        assert_int_equal(unsynced_sync(&files[i]), 0);
    if (count > 0)
        exchange_synced(exchange);
}

void pass(uint64_t ms)
{
    mono += ms;
    wall += ms;
    turn();
}

void say(const struct smpp_pdu *pdu)
{
    uint8_t bytes[1024];
    size_t length = 0;

    assert_int_equal(smpp_pdu_write(pdu, bytes, sizeof bytes, &length), 0);
    /* Half a PDU first, as TCP may cut it. */
    exchange_clock(exchange, mono, wall);
    assert_int_equal(exchange_bytes(exchange, 0, bytes, length / 2), 0);
    assert_int_equal(exchange_bytes(exchange, 0, bytes, length), length);
}

void live(unsigned minutes)
{
    struct smpp_pdu enquiry = { .command = SMPP_ENQUIRE_LINK, .sequence = 7 };

    for (unsigned i = 0; i < minutes * 3; i++) {
        pass(20 * 1000);
        say(&enquiry);
    }
}

void bind_again(void)
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

void expect(const char *words)
{
    assert_string_equal(heard, words);
    hearing = text_into(heard, sizeof heard);
}

void hearing_take(char *words, size_t size)
{
    (void)text_copy(words, size, heard);
    hearing = text_into(heard, sizeof heard);
}

struct sms_settings own_sms;

static void open_exchange(void)
{
    static const struct sms_settings usual = { .centre_count = 1,
                                               .centres = { { .name = "centre",
                                                              .protocol = "smpp",
                                                              .account = "yihao",
                                                              .bind = "transceiver",
                                                              .send_with = "submit_sm",
                                                              .long_with = "header8",
                                                              .binds = 1,
                                                              .window = 10,
                                                              .enquire_s = 30,
                                                              .query_min = 60,
                                                              .receipt_h = 72 } } };
    struct exchange_settings settings = {
        .name = "sms-1", .folder = folder, .originals_key = own_key, .sms = &own_sms, .seed = 12
    };

    if (own_sms.centre_count == 0)
        own_sms = usual;
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

int begin(void **state)
{
    (void)state;
    memset(&link_played, 0, sizeof link_played);
    (void)text_copy(folder, sizeof folder, "/tmp/yihao-sms-XXXXXX");
    assert_non_null(mkdtemp(folder));
    own_sms.centre_count = 0;
    mono = 1000;
    wall = 1795000000000;
    open_exchange();
    setup_lines();
    bind_again();
    return 0;
}

int end(void **state)
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
void kill_and_restart(void)
{
    exchange_close(exchange);
    memset(&link_played, 0, sizeof link_played);
    open_exchange();
    turn();
    bind_again();
}

void lose_connection(void)
{
    connected = false;
    exchange_clock(exchange, mono, wall);
    exchange_lost(exchange, 0);
}

void text_in(uint32_t sequence, const char *dest, const char *letters)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM, .sequence = sequence };

    (void)text_copy(pdu.source, sizeof pdu.source, "13800138000");
    (void)text_copy(pdu.dest, sizeof pdu.dest, dest);
    pdu.short_message = (struct octets){ (const uint8_t *)letters, strlen(letters) };
    say(&pdu);
    turn();
}

void part_in(uint32_t sequence, uint8_t index, uint8_t total, const char *letters)
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

void receipt_in(uint32_t sequence, const char *words)
{
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM,
                            .sequence = sequence,
                            .esm_class = SMPP_ESM_RECEIPT };

    pdu.short_message = (struct octets){ (const uint8_t *)words, strlen(words) };
    say(&pdu);
    turn();
}

void outcome(uint64_t ticket, enum refusal refusal)
{
    struct outcome answer = { .refusal = refusal };

    exchange_link_handlers()->outcome(exchange, ticket, &answer);
    turn();
}

void order_text(uint64_t seq, uint64_t text, const char *words, bool receipt)
{
    order_valid(seq, text, words, receipt, 0);
}

void order_valid(uint64_t seq, uint64_t text, const char *words, bool receipt, uint64_t until_ms)
{
    struct order order = { .seq = seq, .kind = ORDER_TEXT };

    order.text.text = text;
    order.text.receipt = receipt;
    order.text.until_ms = until_ms;
    (void)text_copy(order.text.from, sizeof order.text.from, "12345");
    (void)text_copy(order.text.number, sizeof order.text.number, "13900139000");
    (void)text_copy(order.text.words, sizeof order.text.words, words);
    exchange_link_handlers()->order(exchange, &order);
    turn();
}

void answer_submit(uint32_t sequence, uint32_t status, const char *id)
{
    struct smpp_pdu pdu = { .command = SMPP_SUBMIT_SM_RESP,
                            .sequence = sequence,
                            .status = status };

    (void)text_copy(pdu.message_id, sizeof pdu.message_id, id);
    say(&pdu);
    turn();
}

void expect_report(uint64_t ticket, enum text_state state, uint32_t cause)
{
    const struct command *command = &link_played.commands[ticket];

    assert_int_equal(link_played.tickets, ticket);
    assert_int_equal(command->kind, COMMAND_TEXT_REPORT);
    assert_int_equal(command->text_report.state, state);
    assert_int_equal(command->text_report.cause, cause);
}

void order_fenced(uint64_t seq, uint64_t text, bool urgent)
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

void expect_question(uint64_t ticket, uint32_t count)
{
    assert_int_equal(link_played.tickets, ticket);
    assert_int_equal(link_played.commands[ticket].kind, COMMAND_TEXT_SEND);
    assert_int_equal(link_played.commands[ticket].text_send.texts_count, count);
}
