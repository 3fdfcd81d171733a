/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/stack.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>
#include <sodium.h>

/* libosip2's name for a header. */
#undef REQUIRE

#include "base/log.h"
#include "base/require.h"
#include "gateways/trunk/mend.h"
#include "gateways/trunk/stack_state.h"

static uint64_t parser_words;

/* libosip2 writes a line to stdout per bad packet unless it is told where to write. */
static void on_trace(const char *file, int line, osip_trace_level_t level, const char *format,
                     va_list list)
{
    (void)file, (void)line, (void)level, (void)format, (void)list;
    parser_words++;
}

/* ---- libosip2's callbacks ---------------------------------------------------------------------- */

/* NOLINTNEXTLINE(readability-non-const-parameter): libosip2's signature */
static int on_send(osip_transaction_t *machine, osip_message_t *message, char *host, int port,
                   int socket)
{
    char *bytes = NULL;
    size_t length = 0;
    (void)host, (void)port, (void)socket;
    struct transaction *transaction = osip_transaction_get_reserved2(machine);
    struct stack *stack = osip_transaction_get_reserved1(machine);
    if (osip_message_to_str(message, &bytes, &length) != 0)
        return -1;
    int status = wire_send(stack->wire, &transaction->peer, bytes, length);
    if (transaction->server && transaction->invite && MSG_IS_STATUS_2XX(message) &&
        !transaction->kept) {
        transaction->kept = malloc(length);
        if (transaction->kept) {
            memcpy(transaction->kept, bytes, length);
            transaction->kept_length = length;
        }
    }
    osip_free(bytes);
    return status < 0 ? -1 : 0;
}

static void on_kill(int type, osip_transaction_t *machine)
{
    (void)type;
    struct transaction *transaction = osip_transaction_get_reserved2(machine);
    struct stack *stack = osip_transaction_get_reserved1(machine);
    if (!transaction->ended) {
        transaction->ended = true;
        transaction_mark(&stack->all, transaction);
    }
}

static void on_heard(int type, osip_transaction_t *machine, osip_message_t *message)
{
    (void)type, (void)message;
    struct transaction *transaction = osip_transaction_get_reserved2(machine);
    transaction->news = transaction->server ? NEWS_REQUEST : NEWS_RESPONSE;
}

static void on_timeout(int type, osip_transaction_t *machine, osip_message_t *message)
{
    (void)type, (void)message;
    struct transaction *transaction = osip_transaction_get_reserved2(machine);
    transaction->news = NEWS_FAILED;
}

static void on_transport_error(int type, osip_transaction_t *machine, int error)
{
    (void)type, (void)error;
    struct transaction *transaction = osip_transaction_get_reserved2(machine);
    transaction->news = NEWS_FAILED;
}

static void set_callbacks(osip_t *osip)
{
    osip_set_cb_send_message(osip, on_send);
    for (int i = 0; i < OSIP_KILL_CALLBACK_COUNT; i++)
        (void)osip_set_kill_transaction_callback(osip, i, on_kill);
    for (int i = 0; i < OSIP_TRANSPORT_ERROR_CALLBACK_COUNT; i++)
        (void)osip_set_transport_error_callback(osip, i, on_transport_error);
    for (int i = OSIP_ICT_STATUS_1XX_RECEIVED; i <= OSIP_ICT_STATUS_6XX_RECEIVED; i++)
        if (i != OSIP_ICT_STATUS_2XX_RECEIVED_AGAIN)
            (void)osip_set_message_callback(osip, i, on_heard);
    (void)osip_set_message_callback(osip, OSIP_IST_INVITE_RECEIVED, on_heard);
    for (int i = OSIP_NICT_STATUS_1XX_RECEIVED; i <= OSIP_NICT_STATUS_6XX_RECEIVED; i++)
        if (i != OSIP_NICT_STATUS_2XX_RECEIVED_AGAIN)
            (void)osip_set_message_callback(osip, i, on_heard);
    for (int i = OSIP_NIST_REGISTER_RECEIVED; i <= OSIP_NIST_UNKNOWN_REQUEST_RECEIVED; i++)
        (void)osip_set_message_callback(osip, i, on_heard);
    (void)osip_set_message_callback(osip, OSIP_ICT_STATUS_TIMEOUT, on_timeout);
    (void)osip_set_message_callback(osip, OSIP_NICT_STATUS_TIMEOUT, on_timeout);
}

struct transaction *stack_take(struct stack *stack)
{
    struct transaction *fresh = transaction_take(&stack->all);
    stack->counts.transactions_full += fresh == NULL;
    return fresh;
}

void stack_run(struct stack *stack, struct transaction *transaction)
{
    osip_event_t *event;
    while ((event = osip_fifo_tryget(transaction->machine->transactionff)))
        (void)osip_transaction_execute(transaction->machine, event);
    transaction_arm(&stack->all, transaction);
}

void stack_adopt(struct stack *stack, struct transaction *transaction, osip_transaction_t *machine)
{
    (void)osip_remove_transaction(stack->osip, machine); /* O(1): it is the only one there */
    transaction->machine = machine;
    (void)osip_transaction_set_reserved1(machine, stack);
    (void)osip_transaction_set_reserved2(machine, transaction);
    if (stack->t1_ms != STACK_T1_MS)
        transaction_set_pace(transaction, (int)stack->t1_ms);
}

/* ---- hearing ----------------------------------------------------------------------------------- */

/* What is left of a request that could not be read as it stood: an INVITE goes on with its flaw, what
 * belongs to one, too; anything else is refused here. False when nothing could be made out. */
static bool hear_mended(struct stack *stack, const struct wire_peer *peer, const char *bytes,
                        size_t length, int flaw)
{
    char head[MEND_HEAD_BYTES];
    struct mended mended;
    if (!mend_request(&mended, head, bytes, length))
        return false;
    osip_event_t *event = osip_parse(head, mended.length);
    if (!event || !event->sip || !MSG_IS_REQUEST(event->sip) ||
        sip_message_read(&stack->message, event->sip, mended.body, mended.body_length) < 0) {
        osip_event_free(event);
        return false;
    }
    stack->counts.mended++;
    stack->message.source = *peer;
    stack->message.flaw = mended.other_version ? 505 : mended.other_scheme ? 416 : flaw;
    (void)osip_message_fix_last_via_header(event->sip, peer->ip, peer->port);
    enum sip_method method = stack->message.method;
    if (method == SIP_INVITE || method == SIP_ACK || method == SIP_CANCEL || method == SIP_BYE) {
        stack_hear_request(stack, event);
        return true;
    }
    stack_refuse(stack, event->sip, method == SIP_UNKNOWN ? 501 : stack->message.flaw);
    osip_event_free(event);
    return true;
}

static bool on_refused(void *owner, const struct wire_peer *peer, const char *bytes, size_t length,
                       enum filter_cause cause)
{
    bool too_large = cause == FILTER_TOO_LONG || cause == FILTER_LONG_LINE ||
                     cause == FILTER_MANY_LINES || cause == FILTER_MANY_VIAS ||
                     cause == FILTER_MANY_PARAMETERS || cause == FILTER_MANY_COMMAS;
    return hear_mended(owner, peer, bytes, length, too_large ? 513 : 400);
}

void stack_hear(void *owner, const struct wire_peer *peer, const char *bytes,
                const struct filtered *filtered)
{
    struct stack *stack = owner;
    char head[FILTER_FRAME_BYTES + 256];
    const char *start = bytes + filtered->skip;
    size_t length = filter_copy_head(start, filtered->head, head, sizeof head);
    osip_event_t *event = length > 0 ? osip_parse(head, length) : NULL;
    size_t whole = filtered->head + filtered->body;
    if (!event || !event->sip) {
        stack->counts.unparsed++;
        osip_event_free(event);
        (void)hear_mended(stack, peer, start, whole, 400);
        return;
    }
    int status =
        sip_message_read(&stack->message, event->sip, start + filtered->head, filtered->body);
    stack->message.source = *peer;
    if (MSG_IS_REQUEST(event->sip) && osip_list_get(&event->sip->vias, 0))
        (void)osip_message_fix_last_via_header(event->sip, peer->ip, peer->port);
    if (status < 0) {
        stack->counts.unparsed++;
        bool mended = MSG_IS_INVITE(event->sip) && hear_mended(stack, peer, start, whole, 400);
        if (!mended && MSG_IS_REQUEST(event->sip) && !MSG_IS_ACK(event->sip))
            stack_refuse(stack, event->sip, 400);
        osip_event_free(event);
    } else if (stack->message.request) {
        stack_hear_request(stack, event);
    } else {
        stack_hear_response(stack, event);
    }
}

/* ---- turn -------------------------------------------------------------------------------------- */

/* Machines that ended are freed here: inside their callbacks libosip2 still uses them. */
static void sweep(struct stack *stack)
{
    for (uint32_t i = 0; i < stack->all.changed_count; i++) {
        struct transaction *transaction = &stack->all.slots[stack->all.changed[i]];
        if (transaction->id == 0)
            continue;
        bool failed = transaction->news == NEWS_FAILED && !transaction->server;
        uint64_t token = transaction->token;
        osip_transaction_free2(transaction->machine);
        transaction->machine = NULL;
        if (transaction->until_ms == TRANSACTION_NEVER)
            transaction_give(&stack->all, transaction);
        else
            transaction_arm(&stack->all, transaction);
        if (failed && token != 0)
            stack->handlers.failed(stack->owner, token);
    }
    stack->all.changed_count = 0;
}

/* Repeats a 2xx, forgets a finished INVITE, gives up a cancelled one. Returns false when the
 * transaction is gone. */
static bool own_timers(struct stack *stack, struct transaction *transaction, int64_t now)
{
    uint64_t token = transaction->token;
    if (transaction->repeat_ms != TRANSACTION_NEVER && transaction->repeat_ms <= now) {
        if (transaction->kept)
            (void)wire_send(stack->wire, &transaction->peer, transaction->kept,
                            transaction->kept_length);
        transaction->repeat_step_ms *= 2;
        if (transaction->repeat_step_ms > 8 * stack->t1_ms) /* T2 */
            transaction->repeat_step_ms = 8 * stack->t1_ms;
        transaction->repeat_ms = now + transaction->repeat_step_ms;
    }
    if (transaction->until_ms == TRANSACTION_NEVER || transaction->until_ms > now)
        return true;
    bool missing = transaction->server && !transaction->acked;
    bool given_up = !transaction->server && transaction->machine && !transaction->ended;
    if (transaction->machine && transaction->ended) { /* swept at the end of this turn */
        transaction->until_ms = TRANSACTION_NEVER;
        return false;
    }
    transaction_give(&stack->all, transaction);
    if (missing && token != 0)
        stack->handlers.ack_missing(stack->owner, token);
    if (given_up && token != 0)
        stack->handlers.failed(stack->owner, token);
    return false;
}

static void fire(struct stack *stack, struct transaction *transaction, int64_t now)
{
    if (!own_timers(stack, transaction, now))
        return;
    int timeout = transaction_timeout(transaction, now);
    if (timeout == TRANSACTION_NEVER) {
        transaction_arm(&stack->all, transaction);
        return;
    }
    osip_event_t *event = osip_malloc(sizeof *event);
    if (!event)
        return; /* again in the next turn */
    memset(event, 0, sizeof *event);
    event->type = (type_t)timeout;
    event->transactionid = transaction->machine->transactionid;
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the machine owns the event from here on */
    (void)osip_transaction_add_event(transaction->machine, event);
    stack_run(stack, transaction);
}

int stack_turn(struct stack *stack, uint64_t mono_ms)
{
    wire_turn(stack->wire, mono_ms);
    sweep(stack);
    int64_t now = transaction_now_ms(), next;
    for (int i = 0; i < STACK_TRANSACTIONS_MAX; i++) {
        struct transaction *due = transaction_due(&stack->all, now, &next);
        if (!due)
            break;
        fire(stack, due, now);
    }
    sweep(stack);
    (void)transaction_due(&stack->all, now, &next);
    if (stack->all.changed_count > 0)
        return 0;
    if (next == TRANSACTION_NEVER || next - now > STACK_TURN_MAX_MS)
        return STACK_TURN_MAX_MS;
    return next > now ? (int)(next - now) : 0;
}

/* ---- opening ----------------------------------------------------------------------------------- */

int stack_open(struct stack **stack, const struct stack_settings *settings,
               const struct stack_handlers *handlers, void *owner)
{
    int status = -ENOMEM;
    struct stack *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->handlers = *handlers;
    fresh->owner = owner;
    fresh->t1_ms = settings->t1_ms ? settings->t1_ms : STACK_T1_MS;
    status = transactions_init(&fresh->all, STACK_TRANSACTIONS_MAX);
    if (status < 0)
        goto fail;
    status = -ENOMEM;
    if (osip_init(&fresh->osip) != 0)
        goto fail;
    osip_trace_initialize_func(OSIP_FATAL, on_trace);
    set_callbacks(fresh->osip);
    struct wire_settings wire = { .address = settings->address,
                                  .port = settings->port,
                                  .tls_port = settings->tls_port,
                                  .server = settings->server,
                                  .client = settings->client,
                                  .name_of = settings->name_of,
                                  .name_owner = owner,
                                  .refused = on_refused };
    status = wire_open(&fresh->wire, &wire, stack_hear, fresh);
    if (status < 0)
        goto fail;
    (void)snprintf(fresh->self.host, sizeof fresh->self.host,
                   strchr(settings->address, ':') ? "[%s]" : "%s", settings->address);
    fresh->self.port = wire_port(fresh->wire);
    fresh->self.tls_port = wire_tls_port(fresh->wire);
    *stack = fresh;
    return 0;

fail:
    stack_close(fresh);
    return status;
}

void stack_close(struct stack *stack)
{
    if (!stack)
        return;
    transactions_done(&stack->all);
    wire_close(stack->wire);
    if (stack->osip)
        osip_release(stack->osip);
    free(stack);
}

uint16_t stack_port(const struct stack *stack)
{
    return stack->self.port;
}

uint16_t stack_tls_port(const struct stack *stack)
{
    return stack->self.tls_port;
}

int stack_fd(const struct stack *stack)
{
    return wire_fd(stack->wire);
}

void stack_contact(const struct stack *stack, const struct wire_peer *peer, bool secure,
                   char contact[SIP_CONTACT_BYTES])
{
    const char *transport = peer->tls ? ";transport=tls" : peer->tcp ? ";transport=tcp" : "";
    bool over_tls = peer->tls || secure;
    (void)snprintf(contact, SIP_CONTACT_BYTES, "<%s:yihao@%s:%u%s>", secure ? "sips" : "sip",
                   stack->self.host, (unsigned)(over_tls ? stack->self.tls_port : stack->self.port),
                   secure ? "" : transport);
}

void stack_reuse(struct stack *stack, const struct wire_peer *source, const char *contact)
{
    struct wire_peer named;
    if (source->tcp && dialog_peer_of_uri(&named, contact) && strcmp(named.ip, source->ip) == 0)
        wire_reuse(stack->wire, source, named.port);
}

bool stack_proves(const struct stack *stack, const struct wire_peer *peer, const char *name)
{
    return wire_proves(stack->wire, peer, name);
}

void stack_count(const struct stack *stack, struct stack_counts *counts)
{
    *counts = stack->counts;
    counts->parser_words = parser_words;
    counts->transactions = STACK_TRANSACTIONS_MAX - stack->all.free_count;
}

const struct wire_counts *stack_wire_count(const struct stack *stack)
{
    return wire_count(stack->wire);
}
