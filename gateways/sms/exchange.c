/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/sms/evidence.h"
#include "gateways/sms/leave.h"
#include "gateways/sms/questions.h"
#include "gateways/sms/sending.h"
#include "gateways/sms/smpp_pdu.h"
#include "proto/aml.h"

enum {
    RECEIPTS_MAX = 1024 /* taken and not answered yet */
};

struct exchange {
    char name[32];
    char lines_path[PATH_MAX];
    char lines_fresh[PATH_MAX];
    struct unsynced lines; /* its fd is -1: they are on the disk, or not yet written */
    bool lines_changed;
    const struct exchange_port *port;
    void *owner;
    struct link *link;
    struct inbox *inbox;
    struct evidence evidence;
    struct outbox *outbox;
    struct centres *centres;
    struct sending sending;
    struct short_numbers numbers;
    bool numbers_known;
    bool setup_came;
    bool stirred; /* the link said something since the last turn */
    struct setup setup;
    uint64_t mono_ms; /* of the call under way */
    uint64_t wall_ms;
    uint64_t tidy_ms;
    uint64_t order_taken; /* the last order noted; done when the files are synced */
    uint64_t order_syncing;
    uint64_t order_done;
    bool syncing; /* the files are in others' hands */
    bool erases;  /* what is over shall go from the files, then the order is done */
    int error;    /* of what could not be erased: final */
    struct piece_token receipts[RECEIPTS_MAX];
    uint32_t receipts_count;
    struct {
        uint64_t ticket;
        uint64_t text;
        enum text_state state;
    } reports[EXCHANGE_REPORTS_MAX];
    uint32_t reports_open;
    struct leave leave;
    struct exchange_counts counts;
    struct log_limit unknown_limit, refusal_limit, session_limit;
};

/* ------------------------------------------------------------------------ the centres' word */

static void on_connect(void *owner, uint16_t bind)
{
    struct exchange *exchange = owner;

    exchange->port->connect(exchange->owner, bind);
}

static void on_close(void *owner, uint16_t bind)
{
    struct exchange *exchange = owner;

    exchange->port->close(exchange->owner, bind);
}

static void on_write(void *owner, uint16_t bind, const uint8_t *bytes, size_t length)
{
    struct exchange *exchange = owner;

    evidence_wrote(&exchange->evidence, bytes, length, exchange->wall_ms);
    exchange->port->write(exchange->owner, bind, bytes, length);
}

static void on_bound(void *owner, uint16_t bind)
{
    struct exchange *exchange = owner;
    const struct session *session = centres_bind(exchange->centres, bind);

    inbox_connection(exchange->inbox, bind, session->connection, exchange->wall_ms);
    log_info("bound centre=%s bind=%u account=%s", session->centre->name, (unsigned)bind,
             session->centre->account);
}

static void on_ended(void *owner, uint16_t bind)
{
    struct exchange *exchange = owner;
    const struct session *session = centres_bind(exchange->centres, bind);

    inbox_connection(exchange->inbox, bind, 0, exchange->wall_ms);
    if (log_allowed(&exchange->session_limit))
        log_warn("connection ended centre=%s bind=%u, next try in %" PRIu64 " ms",
                 session->centre->name, (unsigned)bind,
                 session->due_ms > exchange->mono_ms ? session->due_ms - exchange->mono_ms : 0);
}

static void on_receipt(void *owner, const struct receipt *receipt, const struct piece_token *token)
{
    struct exchange *exchange = owner;

    if (exchange->receipts_count == RECEIPTS_MAX) {
        centres_answer(exchange->centres, token, PIECE_FULL);
        return;
    }
    outbox_note_receipt(exchange->outbox, receipt, exchange->wall_ms);
    evidence_receipt(&exchange->evidence, receipt, exchange->wall_ms);
    exchange->receipts[exchange->receipts_count++] = *token;
}

static void on_letter(void *owner, const struct piece_in *in)
{
    struct exchange *exchange = owner;

    if (short_numbers_find(&exchange->numbers, in->dest) == 0) {
        exchange->counts.unknown_numbers++;
        if (log_allowed(&exchange->unknown_limit))
            log_warn("text to %s refused: no line has this short number", in->dest);
        centres_answer(exchange->centres, &in->token, PIECE_NO_NUMBER);
        return;
    }
    if (inbox_take(exchange->inbox, in, exchange->wall_ms) == -ENOBUFS)
        centres_answer(exchange->centres, &in->token, PIECE_FULL);
}

static void on_answered(void *owner, const struct piece_answer *answer)
{
    struct exchange *exchange = owner;

    sending_answered(&exchange->sending, answer, exchange->wall_ms);
}

static void on_unknown(void *owner, struct parcel parcel)
{
    struct exchange *exchange = owner;

    sending_unknown(&exchange->sending, parcel);
}

static void on_replaced(void *owner, const struct piece_answer *answer)
{
    struct exchange *exchange = owner;

    sending_replaced(&exchange->sending, answer, exchange->wall_ms);
}

static const struct session_handlers session_handlers = {
    .connect = on_connect,
    .close = on_close,
    .write = on_write,
    .bound = on_bound,
    .ended = on_ended,
    .letter = on_letter,
    .receipt = on_receipt,
    .answered = on_answered,
    .unknown = on_unknown,
    .replaced = on_replaced,
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
    if (refusal == REFUSAL_MALFORMED) /* a telephone's place, and nobody's number */
        return PIECE_REFUSED;
    return refusal == REFUSAL_NO_SUCH_LINE ? PIECE_NO_NUMBER : PIECE_LATER;
}

static void on_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct exchange *exchange = owner;

    exchange->stirred = true;
    if (leave_settled(&exchange->leave, ticket, outcome->refusal, exchange->wall_ms))
        return;
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
    if (!report_settled(exchange, ticket) && !leave_spooled(&exchange->leave, ticket))
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

/* The order comes again after a restart when this fails. */
static void erase_order(struct exchange *exchange, const struct order_erase *order)
{
    int status = evidence_erase(&exchange->evidence, order);

    if (status < 0) {
        log_error("what was kept of an erased contact cannot be destroyed: %s", strerror(-status));
        exchange->error = status;
        return;
    }
    log_info("erased pdus=%d", status);
    exchange->counts.erased += (uint64_t)status;
    outbox_erase(exchange->outbox, order->texts, order->texts_count, exchange->wall_ms);
    exchange->erases = true;
}

static void on_order(void *owner, const struct order *order)
{
    struct exchange *exchange = owner;

    exchange->stirred = true;
    switch (order->kind) {
    case ORDER_TEXT:
        text_order(exchange, &order->text);
        break;
    case ORDER_RECALL:
        outbox_recall(exchange->outbox, order->recall.text, order->recall.count);
        break;
    case ORDER_CORRECT:
        outbox_correct(exchange->outbox, &order->correct, exchange->wall_ms);
        break;
    case ORDER_ERASE:
        erase_order(exchange, &order->erase);
        break;
    case ORDER_RELEASE:
        break; /* a text has no line to hang up */
    case ORDER_OFFER:
    case ORDER_ANSWER:
    case ORDER_WITHDRAW:
    case ORDER_ANNOUNCE:
    case ORDER_HAND_OVER:
    case ORDER_HOLD:
    case ORDER_MUTE:
    case ORDER_PARK:
    case ORDER_PARTY:
    case ORDER_TRANSFER:
    case ORDER_PRESS:
    case ORDER_TYPE:
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
    centres_clock(exchange->centres, mono_ms, wall_ms);
}

bool exchange_is_stirred(const struct exchange *exchange)
{
    return exchange->stirred;
}

/* ------------------------------------------------------------------------------------ turns */

static void setup_take(struct exchange *exchange)
{
    struct short_numbers before = exchange->numbers;

    exchange->setup_came = false;
    short_numbers_set(&exchange->numbers, &exchange->setup);
    if (exchange->numbers_known && short_numbers_same(&before, &exchange->numbers))
        return; /* as at each connection */
    exchange->numbers_known = true;
    exchange->lines_changed = true;
    log_info("short numbers set count=%" PRIu32, exchange->numbers.count);
}

static void lines_write(struct exchange *exchange)
{
    int file = short_numbers_write(&exchange->numbers, exchange->lines_fresh);

    exchange->lines_changed = false;
    if (file < 0)
        log_error("%s cannot be written: %s", exchange->lines_fresh, strerror(-file));
    if (exchange->lines.fd >= 0)
        (void)close(exchange->lines.fd);
    exchange->lines = (struct unsynced){ file, exchange->lines_fresh, exchange->lines_path };
}

static void arrival_of(const struct exchange *exchange, const struct inbox_contact *contact,
                       struct command *command)
{
    struct contact_arrive *arrive = &command->contact_arrive;

    command->kind = COMMAND_CONTACT_ARRIVE;
    arrive->call = contact->call;
    arrive->line = short_numbers_find(&exchange->numbers, contact->dest);
    arrive->channel = CHANNEL_SMS;
    (void)text_copy(arrive->trunk, sizeof arrive->trunk, exchange->name);
    (void)text_copy(arrive->called, sizeof arrive->called, contact->dest);
    arrive->arrived_ms = contact->arrived_ms;
    memcpy(arrive->original, contact->original, sizeof arrive->original);
}

/* A telephone's own text about its place is no contact. One that cannot be read is kept as words. */
static void location_of(struct exchange *exchange, const struct inbox_contact *contact,
                        struct command *command, struct personal *personal)
{
    struct aml aml;

    exchange->counts.locations++;
    if (aml_read(&aml, contact->words) != 0) {
        aml = (struct aml){ .source = FIX_SOURCE_UNKNOWN };
        exchange->counts.bad_locations++;
    }
    aml_command(&aml, FIX_MEANS_TEXT, command, personal);
}

static void contact_submit(struct exchange *exchange, const struct inbox_contact *contact)
{
    struct command command = { 0 };
    struct personal personal = { 0 };
    uint64_t ticket = 0;
    struct text key = text_into(command.key, sizeof command.key);

    text_print(&key, "in-%" PRIx64, contact->call);
    if (aml_is(contact->words))
        location_of(exchange, contact, &command, &personal);
    else
        arrival_of(exchange, contact, &command);
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
    command.text_report.edition = report->edition;
    (void)text_copy(command.text_report.reference, sizeof command.text_report.reference,
                    report->reference);
    memcpy(command.text_report.original, report->kept, sizeof report->kept);
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

    while (inbox_next_contact(exchange->inbox, exchange->wall_ms, &contact))
        contact_submit(exchange, &contact);
    leave_look_out(&exchange->leave, exchange->mono_ms, exchange->wall_ms);
}

static void report_up(struct exchange *exchange)
{
    struct outbox_report report;

    while (exchange->reports_open < EXCHANGE_REPORTS_MAX &&
           outbox_next_report(exchange->outbox, &report) && report_submit(exchange, &report))
        outbox_report_is_out(exchange->outbox);
}

/* Says what becomes certain when the files are synced. */
static void settle(struct exchange *exchange)
{
    struct inbox_answer answer;

    while (inbox_next_answer(exchange->inbox, exchange->wall_ms, &answer))
        centres_answer(exchange->centres, &answer.token, answer.verdict);
    for (uint32_t i = 0; i < exchange->receipts_count; i++)
        centres_answer(exchange->centres, &exchange->receipts[i], PIECE_TAKEN);
    exchange->receipts_count = 0;
}

/* A kill takes nothing of what anybody was told: all that was noted is the kernel's before it is said. */
static void files_flush(struct exchange *exchange)
{
    evidence_flush(&exchange->evidence);
    outbox_flush(exchange->outbox);
    inbox_flush(exchange->inbox);
}

int exchange_unsynced(struct exchange *exchange, struct unsynced files[EXCHANGE_FILES])
{
    struct unsynced outbox, inbox;
    int count = 0;

    evidence_flush(&exchange->evidence);
    int status = exchange->error ? exchange->error : outbox_unsynced(exchange->outbox, &outbox);

    if (status == 0)
        status = inbox_unsynced(exchange->inbox, &inbox);
    if (status != 0)
        return status;
    if (outbox.fd >= 0)
        files[count++] = outbox;
    if (inbox.fd >= 0)
        files[count++] = inbox;
    if (exchange->lines.fd >= 0)
        files[count++] = exchange->lines;
    if (!exchange->erases)
        exchange->order_syncing = exchange->order_taken;
    exchange->syncing = count > 0;
    if (count == 0)
        exchange_synced(exchange);
    return count;
}

void exchange_synced(struct exchange *exchange)
{
    exchange->syncing = false;
    if (exchange->lines.fd >= 0)
        (void)close(exchange->lines.fd);
    exchange->lines.fd = -1;
    if (exchange->order_syncing == exchange->order_done)
        return;
    exchange->order_done = exchange->order_syncing;
    link_order_done(exchange->link, exchange->order_done);
}

_Static_assert((int)EXCHANGE_KEPT_FILES == (int)EVIDENCE_FILES, "all of them");

unsigned exchange_kept(struct exchange *exchange, int files[EXCHANGE_KEPT_FILES])
{
    return evidence_unsynced(&exchange->evidence, files);
}

void exchange_not_kept(struct exchange *exchange)
{
    exchange->counts.originals_failures++;
}

static uint64_t wait_of(const struct exchange *exchange)
{
    uint64_t wait = exchange->syncing
                        ? EXCHANGE_TIDY_MS
                        : sending_until(exchange->tidy_ms, exchange->mono_ms, EXCHANGE_TIDY_MS);

    wait = sending_until(inbox_due(exchange->inbox), exchange->wall_ms, wait);
    if (exchange->numbers_known)
        wait = sending_until(centres_due(exchange->centres), exchange->mono_ms, wait);
    wait = sending_until(leave_due(&exchange->leave), exchange->mono_ms, wait);
    uint64_t sending = sending_wait(&exchange->sending, exchange->mono_ms, exchange->wall_ms);
    return sending < wait ? sending : wait;
}

void exchange_turn(struct exchange *exchange, uint64_t mono_ms, uint64_t wall_ms, uint64_t *wait_ms)
{
    exchange_clock(exchange, mono_ms, wall_ms);
    exchange->stirred = false;
    if (exchange->setup_came)
        setup_take(exchange);
    if (exchange->lines_changed && !exchange->syncing)
        lines_write(exchange);
    /* Without the short numbers every text would be refused. */
    if (exchange->numbers_known && centres_due(exchange->centres) <= mono_ms)
        centres_tick(exchange->centres);
    files_flush(exchange);
    submit_up(exchange);
    sending_turn(&exchange->sending, mono_ms, wall_ms);
    if (exchange->tidy_ms <= mono_ms && !exchange->syncing) {
        exchange->tidy_ms = mono_ms + EXCHANGE_TIDY_MS;
        struct outbox_patience patience[QUESTIONS_PATIENCES];
        questions_patience(exchange->centres, patience);
        outbox_tidy(exchange->outbox, patience, wall_ms);
        inbox_tidy(exchange->inbox);
        evidence_tidy(&exchange->evidence, wall_ms);
    }
    if (exchange->erases && !exchange->syncing && inbox_rewrite(exchange->inbox)) {
        outbox_rewrite(exchange->outbox);
        exchange->erases = false;
    }
    files_flush(exchange);
    report_up(exchange); /* what all of that brought, too */
    settle(exchange);
    *wait_ms = wait_of(exchange);
}

struct centres *exchange_centres(struct exchange *exchange)
{
    return exchange->centres;
}

size_t exchange_bytes(struct exchange *exchange, uint32_t bind, const uint8_t *bytes, size_t count)
{
    return centres_bytes(exchange->centres, bind, bytes, count);
}

void exchange_connected(struct exchange *exchange, uint32_t bind)
{
    centres_connected(exchange->centres, bind);
}

void exchange_lost(struct exchange *exchange, uint32_t bind)
{
    centres_lost(exchange->centres, bind);
}

uint16_t exchange_accepted(struct exchange *exchange, uint32_t centre)
{
    return centres_accepted(exchange->centres, centre);
}

void exchange_stop(struct exchange *exchange)
{
    centres_stop(exchange->centres);
}

bool exchange_is_over(const struct exchange *exchange)
{
    return centres_is_over(exchange->centres);
}

/* ------------------------------------------------------------------------------------ opening */

static int path_of(char path[PATH_MAX], const char *folder, const char *file)
{
    struct text text = text_into(path, PATH_MAX);
    text_print(&text, "%s/%s", folder, file);
    return text.cut ? -ENAMETOOLONG : 0;
}

static int files_open(struct exchange *exchange, const char *folder, const uint8_t *originals_key)
{
    char path[PATH_MAX];
    int status = path_of(exchange->lines_path, folder, "lines");
    if (status == 0)
        status = path_of(exchange->lines_fresh, folder, "lines.new");
    if (status != 0)
        return status;
    exchange->numbers_known = short_numbers_read(&exchange->numbers, exchange->lines_path) == 0 &&
                              exchange->numbers.count > 0;
    (void)path_of(path, folder, "outbox");
    status = outbox_open(&exchange->outbox, path);
    if (status != 0)
        return status;
    (void)path_of(path, folder, "inbox");
    status = inbox_open(&exchange->inbox, path);
    if (status == 0)
        status = evidence_open(&exchange->evidence, folder, originals_key, exchange->outbox);
    if (status != 0)
        return status;
    inbox_keep_originals(exchange->inbox, exchange->evidence.heard);
    sending_init(&exchange->sending, exchange->outbox, exchange->centres, &exchange->evidence);
    return 0;
}

int exchange_open(struct exchange **exchange, const struct exchange_settings *settings,
                  const struct exchange_port *port, void *owner, uint64_t mono_ms, uint64_t wall_ms)
{
    struct exchange *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    fresh->port = port;
    fresh->owner = owner;
    fresh->lines.fd = -1;
    fresh->mono_ms = mono_ms;
    fresh->wall_ms = wall_ms;
    fresh->tidy_ms = mono_ms; /* much may be too old after a pause */
    (void)text_copy(fresh->name, sizeof fresh->name, settings->name);
    int status = centres_open(&fresh->centres, settings->sms, &session_handlers, fresh,
                              settings->seed, mono_ms);
    if (status == 0)
        status = files_open(fresh, settings->folder, settings->originals_key);
    if (status != 0) {
        exchange_close(fresh);
        return status;
    }
    leave_init(&fresh->leave, fresh->outbox, fresh->centres, wall_ms ^ settings->seed << 20,
               mono_ms);
    if (settings->shares_account)
        outbox_share_account(fresh->outbox);
    *exchange = fresh;
    return 0;
}

void exchange_close(struct exchange *exchange)
{
    if (!exchange)
        return;
    outbox_close(exchange->outbox);
    inbox_close(exchange->inbox);
    evidence_close(&exchange->evidence);
    if (exchange->lines.fd >= 0)
        (void)close(exchange->lines.fd);
    centres_close(exchange->centres);
    free(exchange);
}

void exchange_set_link(struct exchange *exchange, struct link *link)
{
    exchange->link = link;
    exchange->leave.link = link;
}

void exchange_count(const struct exchange *exchange, struct exchange_counts *counts)
{
    *counts = exchange->counts;
    inbox_count(exchange->inbox, &counts->inbox);
    outbox_count(exchange->outbox, &counts->outbox);
    counts->bundled = exchange->sending.bundled;
    counts->replaced = exchange->sending.replaced;
    counts->originals_failures += evidence_failures(&exchange->evidence);
}
