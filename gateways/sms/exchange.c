/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"

enum {
    RECEIPTS_MAX = 1024 /* taken and not answered yet */
};

struct exchange {
    char name[32];
    char lines_path[PATH_MAX];
    const struct exchange_port *port;
    void *owner;
    struct link *link;
    struct inbox *inbox;
    struct outbox *outbox;
    struct smpp_session session;
    struct short_numbers numbers;
    bool numbers_known;
    bool setup_came;
    bool stirred; /* the link said something since the last turn */
    struct setup setup;
    uint64_t mono_ms; /* of the call under way */
    uint64_t wall_ms;
    uint64_t tidy_ms;
    uint64_t order_taken; /* the last order noted; done when the files are synced */
    uint64_t order_done;
    /* Receipts are answered when the outbox is durable. */
    struct piece_token receipts[RECEIPTS_MAX];
    uint32_t receipts_count;
    struct {
        uint64_t ticket;
        uint64_t text;
        enum text_state state;
    } reports[EXCHANGE_REPORTS_MAX];
    uint32_t reports_open;
    struct exchange_counts counts;
    struct log_limit unknown_limit, refusal_limit, session_limit;
    uint8_t pdu[SMPP_PDU_MAX];
};

/* ------------------------------------------------------------------------- the session's word */

static void on_connect(void *owner)
{
    struct exchange *exchange = owner;

    exchange->port->connect(exchange->owner);
}

static void on_close(void *owner)
{
    struct exchange *exchange = owner;

    exchange->port->close(exchange->owner);
}

static void on_send(void *owner, const struct smpp_pdu *pdu)
{
    struct exchange *exchange = owner;
    size_t length = 0;
    int status = smpp_pdu_write(pdu, exchange->pdu, sizeof exchange->pdu, &length);

    REQUIRE(status == 0);
    exchange->port->write(exchange->owner, exchange->pdu, length);
}

static void on_bound(void *owner)
{
    struct exchange *exchange = owner;

    inbox_connection(exchange->inbox, exchange->session.bind_number, exchange->session.connection,
                     exchange->wall_ms);
    log_info("bound to the message centre as %s", exchange->session.settings.system_id);
}

static void on_ended(void *owner)
{
    struct exchange *exchange = owner;

    if (log_allowed(&exchange->session_limit))
        log_warn("connection to the message centre ended; next try in %" PRIu64 " ms",
                 exchange->session.due_ms - exchange->mono_ms);
}

static void on_receipt(void *owner, const struct receipt *receipt, const struct piece_token *token)
{
    struct exchange *exchange = owner;

    if (exchange->receipts_count == RECEIPTS_MAX) {
        smpp_session_answer(&exchange->session, token, PIECE_FULL);
        return;
    }
    outbox_note_receipt(exchange->outbox, receipt);
    exchange->receipts[exchange->receipts_count++] = *token;
}

static void on_letter(void *owner, const struct piece_in *in)
{
    struct exchange *exchange = owner;

    if (short_numbers_find(&exchange->numbers, in->dest) == 0) {
        exchange->counts.unknown_numbers++;
        if (log_allowed(&exchange->unknown_limit))
            log_warn("text to %s refused: no line has this short number", in->dest);
        smpp_session_answer(&exchange->session, &in->token, PIECE_NO_NUMBER);
        return;
    }
    if (inbox_take(exchange->inbox, in, exchange->wall_ms) == -ENOBUFS)
        smpp_session_answer(&exchange->session, &in->token, PIECE_FULL);
}

static void on_answered(void *owner, const struct piece_answer *answer)
{
    struct exchange *exchange = owner;

    outbox_note_answer(exchange->outbox, answer, exchange->wall_ms);
    if (answer->verdict != PIECE_TAKEN && log_allowed(&exchange->refusal_limit))
        log_warn("text %" PRIu64 " part %" PRIu32 " refused by the centre: %s (0x%" PRIx32 ")",
                 answer->parcel.text, answer->parcel.part + 1, smpp_status_name(answer->status),
                 answer->status);
}

static void on_unknown(void *owner, struct parcel parcel)
{
    struct exchange *exchange = owner;

    outbox_note_unknown(exchange->outbox, parcel);
}

static const struct smpp_handlers session_handlers = {
    .connect = on_connect,
    .close = on_close,
    .send = on_send,
    .bound = on_bound,
    .ended = on_ended,
    .letter = on_letter,
    .receipt = on_receipt,
    .answered = on_answered,
    .unknown = on_unknown,
};

/* ----------------------------------------------------------------------------- the link's word */

static bool report_settled(struct exchange *exchange, uint64_t ticket)
{
    for (uint32_t i = 0; i < EXCHANGE_REPORTS_MAX && ticket != 0; i++) {
        if (exchange->reports[i].ticket != ticket)
            continue;
        exchange->reports[i].ticket = 0;
        exchange->reports_open--;
        outbox_reported(exchange->outbox, exchange->reports[i].text, exchange->reports[i].state);
        return true;
    }
    return false;
}

/* What the centre hears when the dispatcher does not take its text. */
static enum piece_verdict verdict_of(enum refusal refusal)
{
    if (refusal == REFUSAL_NONE)
        return PIECE_TAKEN;
    return refusal == REFUSAL_NO_SUCH_LINE ? PIECE_NO_NUMBER : PIECE_LATER;
}

static void on_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct exchange *exchange = owner;

    exchange->stirred = true;
    if (outcome->refusal != REFUSAL_NONE && log_allowed(&exchange->refusal_limit))
        log_error("dispatcher refused %s: %s", outcome->key, refusal_name(outcome->refusal));
    if (report_settled(exchange, ticket))
        return;
    if (!inbox_settled(exchange->inbox, ticket, verdict_of(outcome->refusal), exchange->wall_ms))
        exchange->counts.late_refusals += outcome->refusal != REFUSAL_NONE;
}

static void on_spooled(void *owner, uint64_t ticket)
{
    struct exchange *exchange = owner;

    exchange->stirred = true;
    if (!report_settled(exchange, ticket))
        (void)inbox_settled(exchange->inbox, ticket, PIECE_TAKEN, exchange->wall_ms);
}

static void text_order(struct exchange *exchange, const struct order_text *order)
{
    int status = outbox_put(exchange->outbox, order, exchange->wall_ms);

    if (status == 0 || status == -EEXIST)
        return;
    log_error("text %" PRIu64 " cannot be sent: %s", order->text, strerror(-status));
    outbox_refuse(exchange->outbox, order, status == -ENOBUFS ? SMPP_RMSGQFUL : SMPP_RINVMSGLEN,
                  exchange->wall_ms);
}

static void on_order(void *owner, const struct order *order)
{
    struct exchange *exchange = owner;

    exchange->stirred = true;
    switch (order->kind) {
    case ORDER_TEXT:
        text_order(exchange, &order->text);
        break;
    case ORDER_RELEASE:
        break; /* a text has no line to hang up */
    case ORDER_OFFER:
    case ORDER_ANSWER:
    case ORDER_WITHDRAW:
    case ORDER_ANNOUNCE:
    case ORDER_HAND_OVER:
    case ORDER_NONE:
    case ORDER_KIND_COUNT:
        exchange->counts.other_orders++;
        break;
    }
    exchange->order_taken = order->seq;
}

static void on_setup(void *owner, const struct setup *setup)
{
    struct exchange *exchange = owner;

    exchange->stirred = true;
    exchange->setup = *setup;
    exchange->setup_came = true;
}

static const struct link_handlers link_handlers = {
    .outcome = on_outcome,
    .spooled = on_spooled,
    .order = on_order,
    .setup = on_setup,
};

const struct link_handlers *exchange_link_handlers(void)
{
    return &link_handlers;
}

void exchange_clock(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms)
{
    exchange->mono_ms = mono_ms;
    exchange->wall_ms = wall_ms;
}

bool exchange_is_stirred(const struct exchange *exchange)
{
    return exchange->stirred;
}

/* ------------------------------------------------------------------------------------ turns */

static void setup_take(struct exchange *exchange)
{
    exchange->setup_came = false;
    short_numbers_set(&exchange->numbers, &exchange->setup);
    exchange->numbers_known = true;
    int status = short_numbers_write(&exchange->numbers, exchange->lines_path);
    if (status != 0)
        log_error("%s cannot be written: %s", exchange->lines_path, strerror(-status));
    log_info("short numbers set count=%" PRIu32, exchange->numbers.count);
}

static void contact_submit(struct exchange *exchange, const struct inbox_contact *contact)
{
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    struct contact_arrive *arrive = &command.contact_arrive;
    struct personal personal = { 0 };
    uint64_t ticket = 0;
    struct text key = text_into(command.key, sizeof command.key);

    text_print(&key, "in-%" PRIx64, contact->call);
    arrive->call = contact->call;
    arrive->line = short_numbers_find(&exchange->numbers, contact->dest);
    arrive->channel = CHANNEL_SMS;
    (void)text_copy(arrive->trunk, sizeof arrive->trunk, exchange->name);
    (void)text_copy(arrive->called, sizeof arrive->called, contact->dest);
    arrive->arrived_ms = contact->arrived_ms;
    (void)text_copy(personal.number, sizeof personal.number, contact->source);
    (void)text_copy(personal.text, sizeof personal.text, contact->words);
    int status = link_submit(exchange->link, &command, &personal, NULL, 0, &ticket);
    if (status == 0) {
        inbox_submitted(exchange->inbox, contact->call, ticket);
        return;
    }
    if (log_allowed(&exchange->refusal_limit))
        log_error("contact cannot be submitted: %s", strerror(-status));
    inbox_not_submitted(exchange->inbox, contact->call, exchange->wall_ms);
}

static bool report_submit(struct exchange *exchange, const struct outbox_report *report)
{
    struct command command = { .kind = COMMAND_TEXT_REPORT };
    uint64_t ticket = 0;
    uint32_t slot = 0;
    struct text key = text_into(command.key, sizeof command.key);

    text_print(&key, "text-%" PRIu64 "-%d", report->text, (int)report->state);
    command.text_report.text = report->text;
    command.text_report.state = report->state;
    command.text_report.cause = report->cause;
    (void)text_copy(command.text_report.reference, sizeof command.text_report.reference,
                    report->reference);
    if (link_submit(exchange->link, &command, NULL, NULL, 0, &ticket) != 0)
        return false;
    while (exchange->reports[slot].ticket != 0)
        slot++;
    exchange->reports[slot].ticket = ticket;
    exchange->reports[slot].text = report->text;
    exchange->reports[slot].state = report->state;
    exchange->reports_open++;
    exchange->counts.reports++;
    return true;
}

static void submit_up(struct exchange *exchange)
{
    struct inbox_contact contact;
    struct outbox_report report;

    while (inbox_next_contact(exchange->inbox, exchange->wall_ms, &contact))
        contact_submit(exchange, &contact);
    while (exchange->reports_open < EXCHANGE_REPORTS_MAX &&
           outbox_next_report(exchange->outbox, &report) && report_submit(exchange, &report))
        outbox_report_is_out(exchange->outbox);
}

static void send_down(struct exchange *exchange)
{
    struct smpp_session *session = &exchange->session;
    struct piece_out piece;

    while (smpp_session_room(session, exchange->mono_ms) &&
           outbox_next(exchange->outbox, exchange->wall_ms, &piece)) {
        outbox_note_sending(exchange->outbox, piece.parcel);
        int status = smpp_session_submit(session, &piece, exchange->mono_ms);
        if (status != 0) {
            outbox_note_unknown(exchange->outbox, piece.parcel);
            return;
        }
    }
}

/* Says what has become certain. */
static int settle(struct exchange *exchange)
{
    struct inbox_answer answer;
    int status = outbox_sync(exchange->outbox);

    if (status == 0)
        status = inbox_sync(exchange->inbox);
    if (status != 0) {
        log_error("a file of the gateway cannot be written: %s", strerror(-status));
        return status;
    }
    while (inbox_next_answer(exchange->inbox, exchange->wall_ms, &answer))
        smpp_session_answer(&exchange->session, &answer.token, answer.verdict);
    for (uint32_t i = 0; i < exchange->receipts_count; i++)
        smpp_session_answer(&exchange->session, &exchange->receipts[i], PIECE_TAKEN);
    exchange->receipts_count = 0;
    if (exchange->order_taken != exchange->order_done) {
        exchange->order_done = exchange->order_taken;
        link_order_done(exchange->link, exchange->order_done);
    }
    return 0;
}

static uint64_t wait_until(uint64_t due_ms, uint64_t now_ms, uint64_t wait_ms)
{
    uint64_t wait = due_ms > now_ms ? due_ms - now_ms : 0;

    return wait < wait_ms ? wait : wait_ms;
}

static uint64_t wait_of(const struct exchange *exchange)
{
    const struct smpp_session *session = &exchange->session;
    uint64_t wait = wait_until(exchange->tidy_ms, exchange->mono_ms, EXCHANGE_TIDY_MS);

    wait = wait_until(inbox_due(exchange->inbox), exchange->wall_ms, wait);
    if (exchange->numbers_known)
        wait = wait_until(smpp_session_due(session), exchange->mono_ms, wait);
    if (!smpp_session_is_bound(session) || session->in_flight >= session->settings.window)
        return wait;
    uint64_t sending = wait_until(outbox_due(exchange->outbox), exchange->wall_ms, UINT64_MAX);
    uint64_t allowed =
        wait_until(bucket_due(&session->bucket, exchange->mono_ms), exchange->mono_ms, UINT64_MAX);
    if (allowed > sending)
        sending = allowed;
    return outbox_due(exchange->outbox) != UINT64_MAX && sending < wait ? sending : wait;
}

int exchange_turn(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms, uint64_t *wait_ms)
{
    exchange_clock(exchange, mono_ms, wall_ms);
    exchange->stirred = false;
    if (exchange->setup_came)
        setup_take(exchange);
    /* Without the short numbers every text would be refused. */
    if (exchange->numbers_known && smpp_session_due(&exchange->session) <= mono_ms)
        smpp_session_tick(&exchange->session, mono_ms);
    submit_up(exchange);
    send_down(exchange);
    if (exchange->tidy_ms <= mono_ms) {
        exchange->tidy_ms = mono_ms + EXCHANGE_TIDY_MS;
        outbox_tidy(exchange->outbox, wall_ms);
        inbox_tidy(exchange->inbox);
    }
    int status = settle(exchange);
    *wait_ms = wait_of(exchange);
    return status;
}

size_t exchange_bytes(struct exchange *exchange, const uint8_t *bytes, size_t count,
                      uint64_t mono_ms, uint64_t wall_ms)
{
    size_t at = 0;

    exchange_clock(exchange, mono_ms, wall_ms);
    while (exchange->session.state >= SMPP_STATE_BINDING) {
        int length = smpp_pdu_measure(bytes + at, count - at);

        if (length < 0) {
            smpp_session_garbage(&exchange->session, mono_ms);
            return count;
        }
        if (length == 0 || (size_t)length > count - at)
            return at;
        smpp_session_take(&exchange->session, bytes + at, (size_t)length, mono_ms);
        at += (size_t)length;
    }
    return count; /* the connection is over: what else came is nobody's */
}

void exchange_connected(struct exchange *exchange, uint64_t mono_ms)
{
    exchange->mono_ms = mono_ms;
    smpp_session_connected(&exchange->session, mono_ms);
}

void exchange_lost(struct exchange *exchange, uint64_t mono_ms)
{
    exchange->mono_ms = mono_ms;
    smpp_session_lost(&exchange->session, mono_ms);
}

void exchange_stop(struct exchange *exchange, uint64_t mono_ms)
{
    exchange->mono_ms = mono_ms;
    smpp_session_stop(&exchange->session, mono_ms);
}

bool exchange_is_over(const struct exchange *exchange)
{
    return smpp_session_is_over(&exchange->session);
}

/* ------------------------------------------------------------------------------------ opening */

static int path_of(char path[PATH_MAX], const char *folder, const char *file)
{
    struct text text = text_into(path, PATH_MAX);

    text_print(&text, "%s/%s", folder, file);
    return text.cut ? -ENAMETOOLONG : 0;
}

static int files_open(struct exchange *exchange, const char *folder, uint64_t wall_ms)
{
    char path[PATH_MAX];
    int status = path_of(exchange->lines_path, folder, "lines");

    if (status != 0)
        return status;
    exchange->numbers_known = short_numbers_read(&exchange->numbers, exchange->lines_path) == 0 &&
                              exchange->numbers.count > 0;
    (void)path_of(path, folder, "outbox");
    status = outbox_open(&exchange->outbox, path, wall_ms);
    if (status != 0)
        return status;
    (void)path_of(path, folder, "inbox");
    return inbox_open(&exchange->inbox, path);
}

int exchange_open(struct exchange **exchange, const struct exchange_settings *settings,
                  const struct exchange_port *port, void *owner, uint64_t mono_ms, uint64_t wall_ms)
{
    struct exchange *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    fresh->port = port;
    fresh->owner = owner;
    fresh->mono_ms = mono_ms;
    fresh->wall_ms = wall_ms;
    fresh->tidy_ms = mono_ms + EXCHANGE_TIDY_MS;
    (void)text_copy(fresh->name, sizeof fresh->name, settings->name);
    smpp_session_init(&fresh->session, &settings->smpp, &session_handlers, fresh, settings->seed,
                      mono_ms);
    int status = files_open(fresh, settings->folder, wall_ms);
    if (status != 0) {
        exchange_close(fresh);
        return status;
    }
    *exchange = fresh;
    return 0;
}

void exchange_close(struct exchange *exchange)
{
    if (!exchange)
        return;
    outbox_close(exchange->outbox);
    inbox_close(exchange->inbox);
    free(exchange);
}

void exchange_set_link(struct exchange *exchange, struct link *link)
{
    exchange->link = link;
}

void exchange_count(const struct exchange *exchange, struct exchange_counts *counts)
{
    *counts = exchange->counts;
    counts->session = exchange->session.counts;
    inbox_count(exchange->inbox, &counts->inbox);
    outbox_count(exchange->outbox, &counts->outbox);
    counts->bound = smpp_session_is_bound(&exchange->session);
}
