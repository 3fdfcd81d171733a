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
#include "base/text.h"
#include "gateways/trunk/mend.h"
#include "gateways/trunk/transaction.h"

struct stack {
    osip_t *osip;
    struct wire *wire;
    struct stack_handlers handlers;
    void *owner;
    struct sip_self self;
    int64_t t1_ms;
    struct transactions all;
    struct stack_counts counts;
    struct sip_message message; /* the one being heard */
    char out[SIP_BUILD_BYTES];
};

static uint64_t parser_words;

/* libosip2 writes a line to stdout per bad packet unless it is told where to write. */
static void on_trace(const char *file, int line, osip_trace_level_t level, const char *format,
                     va_list list)
{
    (void)file, (void)line, (void)level, (void)format, (void)list;
    parser_words++;
}

/* ---- keys -------------------------------------------------------------------------------------- */

/* RFC 3261 §17.2.3: branch, sent-by and method; the ACK of a refusal belongs to its INVITE. False
 * for the branch of an older standard. */
static bool branch_key(const struct stack *stack, uint8_t key[TRANSACTION_KEY_BYTES],
                       const osip_message_t *request, const char *method)
{
    const osip_via_t *via = osip_list_get(&request->vias, 0);
    const char *branch = sip_parameter(&via->via_params, "branch");
    char words[2 * FILTER_LINE_BYTES];
    if (!branch || strncmp(branch, "z9hG4bK", 7) != 0 || strlen(branch) == 7)
        return false;
    struct text text = text_into(words, sizeof words);
    text_print(&text, "%s|%s|%s|%s", method, branch, via->host ? via->host : "",
               via->port ? via->port : "5060");
    transaction_key(&stack->all, key, words);
    return true;
}

static void dialog_key(const struct stack *stack, uint8_t key[TRANSACTION_KEY_BYTES],
                       const struct sip_message *message, const char *method)
{
    char words[SIP_CALL_ID_BYTES + SIP_TAG_BYTES + 64];
    struct text text = text_into(words, sizeof words);
    text_print(&text, "%s|%s|%s|%" PRIu32, method, message->call_id, message->from.tag,
               message->cseq);
    transaction_key(&stack->all, key, words);
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

static struct transaction *take(struct stack *stack)
{
    struct transaction *fresh = transaction_take(&stack->all);
    stack->counts.transactions_full += fresh == NULL;
    return fresh;
}

/* Runs the machine over what waits for it and arms its timer. */
static void machine_run(struct stack *stack, struct transaction *transaction)
{
    osip_event_t *event;
    while ((event = osip_fifo_tryget(transaction->machine->transactionff)))
        (void)osip_transaction_execute(transaction->machine, event);
    transaction_arm(&stack->all, transaction);
}

static void adopt(struct stack *stack, struct transaction *transaction, osip_transaction_t *machine)
{
    (void)osip_remove_transaction(stack->osip, machine); /* O(1): it is the only one there */
    transaction->machine = machine;
    (void)osip_transaction_set_reserved1(machine, stack);
    (void)osip_transaction_set_reserved2(machine, transaction);
    if (stack->t1_ms != STACK_T1_MS)
        transaction_set_pace(transaction, (int)stack->t1_ms);
}

/* ---- client side ------------------------------------------------------------------------------- */

static void make_branch(struct transaction *transaction)
{
    uint64_t random;
    randombytes_buf(&random, sizeof random);
    (void)snprintf(transaction->branch, sizeof transaction->branch,
                   "z9hG4bK%016" PRIx64 "%016" PRIx64, transaction->id, random);
}

/* Our branches name their transaction. */
static struct transaction *client_find(struct stack *stack, const osip_message_t *response)
{
    char digits[17];
    const osip_via_t *via = osip_list_get(&response->vias, 0);
    const char *branch = sip_parameter(&via->via_params, "branch");
    if (!branch || strlen(branch) != 7 + 32)
        return NULL;
    memcpy(digits, branch + 7, 16);
    digits[16] = 0;
    struct transaction *found = transaction_find(&stack->all, strtoull(digits, NULL, 16));
    if (!found || found->server || strcmp(found->branch, branch) != 0)
        return NULL;
    if (strcmp(response->cseq->method, "CANCEL") == 0)
        return transaction_find(&stack->all, found->cancel_id);
    return found;
}

static int client_start(struct stack *stack, struct transaction *transaction,
                        osip_message_t *request, bool invite)
{
    osip_transaction_t *machine = NULL;
    if (osip_transaction_init(&machine, invite ? ICT : NICT, stack->osip, request) != 0) {
        osip_message_free(request);
        transaction_give(&stack->all, transaction);
        return -ENOMEM;
    }
    adopt(stack, transaction, machine);
    transaction->invite = invite;
    osip_event_t *event = osip_new_outgoing_sipmessage(request);
    REQUIRE(event);
    (void)osip_transaction_add_event(machine, event);
    machine_run(stack, transaction);
    return 0;
}

/* By the connection it came by, which passes every firewall on the way, while that is open. */
static void next_hop(const struct stack *stack, const struct dialog *dialog, struct wire_peer *peer)
{
    if (dialog->peer.connection != 0 && wire_holds(stack->wire, &dialog->peer))
        *peer = dialog->peer;
    else
        dialog_next_hop(dialog, peer);
}

int stack_send(struct stack *stack, const struct sip_request *request, uint64_t token, uint64_t *id)
{
    struct wire_peer peer;
    osip_message_t *message = NULL;
    next_hop(stack, request->dialog, &peer);
    if (peer.port == 0)
        return -EHOSTUNREACH;
    struct transaction *fresh = take(stack);
    if (!fresh)
        return -ENOBUFS;
    fresh->peer = peer;
    fresh->token = token;
    make_branch(fresh);
    size_t length = sip_build_request(stack->out, sizeof stack->out, request, &stack->self,
                                      fresh->branch, &peer);
    if (length == 0 || osip_message_init(&message) != 0 ||
        osip_message_parse(message, stack->out, length) != 0) {
        osip_message_free(message);
        transaction_give(&stack->all, fresh);
        return -EMSGSIZE;
    }
    uint64_t fresh_id = fresh->id;
    int status = client_start(stack, fresh, message, strcmp(request->method, "INVITE") == 0);
    if (status == 0)
        *id = fresh_id;
    return status;
}

static void send_cancel(struct stack *stack, struct transaction *invite)
{
    invite->cancel_sent = true;
    osip_message_t *cancel = sip_build_cancel(invite->machine->orig_request);
    struct transaction *fresh = cancel ? take(stack) : NULL;
    if (!fresh) {
        osip_message_free(cancel);
        return; /* until_ms gives the INVITE up */
    }
    fresh->peer = invite->peer;
    invite->cancel_id = fresh->id;
    (void)client_start(stack, fresh, cancel, false);
}

void stack_cancel(struct stack *stack, uint64_t id)
{
    struct transaction *invite = transaction_find(&stack->all, id);
    if (!invite || !invite->invite || invite->server || invite->cancelled || !invite->machine ||
        invite->ended || invite->machine->state == ICT_COMPLETED)
        return;
    invite->cancelled = true;
    invite->until_ms = transaction_now_ms() + 64 * stack->t1_ms;
    if (invite->provisional)
        send_cancel(stack, invite);
    transaction_arm(&stack->all, invite);
}

static size_t write_ack(struct stack *stack, const struct sip_message *answer,
                        const struct wire_peer *peer, struct wire_peer *hop)
{
    struct dialog dialog;
    char branch[TRANSACTION_BRANCH_BYTES];
    uint64_t random[2];
    dialog_to(&dialog, answer->from.uri, answer->from.tag, answer->to.uri, answer->call_id);
    (void)text_copy(dialog.local_tag, sizeof dialog.local_tag, answer->from.tag);
    dialog_from_answer(&dialog, answer);
    dialog.peer = *peer;
    next_hop(stack, &dialog, hop);
    randombytes_buf(random, sizeof random);
    (void)snprintf(branch, sizeof branch, "z9hG4bK%016" PRIx64 "%016" PRIx64, random[0], random[1]);
    struct sip_request ack = { .method = "ACK", .dialog = &dialog, .cseq = answer->cseq };
    return sip_build_request(stack->out, sizeof stack->out, &ack, &stack->self, branch, hop);
}

/* RFC 3261 §13.2.2.4: a 2xx of another branch of a fork is acknowledged and ended at once. */
static void hang_up_fork(struct stack *stack, const struct sip_message *answer,
                         const struct wire_peer *peer)
{
    struct wire_peer hop;
    struct dialog dialog;
    uint64_t id;
    size_t length = write_ack(stack, answer, peer, &hop);
    if (length > 0)
        (void)wire_send(stack->wire, &hop, stack->out, length);
    dialog_to(&dialog, answer->from.uri, answer->from.tag, answer->to.uri, answer->call_id);
    dialog_from_answer(&dialog, answer);
    dialog.peer = *peer;
    struct sip_request bye = { .method = "BYE", .dialog = &dialog, .cseq = answer->cseq + 1 };
    (void)stack_send(stack, &bye, 0, &id);
}

static void acknowledge(struct stack *stack, struct transaction *transaction,
                        const struct sip_message *answer)
{
    struct wire_peer hop;
    size_t length = write_ack(stack, answer, &transaction->peer, &hop);
    if (length == 0)
        return;
    transaction->kept = malloc(length);
    if (transaction->kept) {
        memcpy(transaction->kept, stack->out, length);
        transaction->kept_length = length;
    }
    (void)text_copy(transaction->kept_tag, sizeof transaction->kept_tag, answer->to.tag);
    transaction->peer = hop;
    transaction->until_ms = transaction_now_ms() + 64 * stack->t1_ms;
    (void)wire_send(stack->wire, &hop, stack->out, length);
    transaction_arm(&stack->all, transaction);
}

static void answer_again(struct stack *stack, struct transaction *transaction,
                         const struct sip_message *answer)
{
    if (answer->status / 100 != 2 || !transaction->invite)
        return;
    if (strcmp(transaction->kept_tag, answer->to.tag) != 0)
        hang_up_fork(stack, answer, &answer->source);
    else if (transaction->kept)
        (void)wire_send(stack->wire, &transaction->peer, transaction->kept,
                        transaction->kept_length);
}

static void hear_response(struct stack *stack, osip_event_t *event)
{
    const struct sip_message *message = &stack->message;
    struct transaction *transaction = client_find(stack, event->sip);
    stack->counts.responses_in++;
    if (!transaction) {
        stack->counts.stray_responses++;
        osip_event_free(event);
        return;
    }
    if (!transaction->machine || transaction->ended) {
        stack->counts.retransmissions_in++;
        answer_again(stack, transaction, message);
        osip_event_free(event);
        return;
    }
    uint64_t token = transaction->token;
    transaction->news = NEWS_NONE;
    (void)osip_transaction_add_event(transaction->machine, event);
    machine_run(stack, transaction);
    if (transaction->news != NEWS_RESPONSE)
        return;
    transaction->news = NEWS_NONE;
    if (transaction->invite && message->status < 200) {
        transaction->provisional = true;
        if (transaction->cancelled && !transaction->cancel_sent)
            send_cancel(stack, transaction);
    } else if (transaction->invite) {
        transaction->until_ms = TRANSACTION_NEVER;
        if (message->status < 300)
            acknowledge(stack, transaction, message);
        transaction_arm(&stack->all, transaction);
    }
    if (token != 0 && message->status > 100)
        stack->handlers.response(stack->owner, token, message);
}

/* ---- server side ------------------------------------------------------------------------------- */

/* RFC 3261 §18.2.2, RFC 3581: over the same connection, or to where it came from, at the port it
 * came from when the sender asked for that, else at the port of its Via; a connection that is closed by
 * then is made anew to that port. */
static void reply_peer(struct wire_peer *peer, const struct wire_peer *source,
                       const osip_message_t *request)
{
    const osip_via_t *via = osip_list_get(&request->vias, 0);
    *peer = *source;
    if (!source->tcp && sip_parameter(&via->via_params, "rport"))
        return;
    uint16_t usual = source->tls ? 5061 : 5060;
    unsigned long port = via->port ? strtoul(via->port, NULL, 10) : usual;
    peer->port = port > 0 && port < 65536 ? (uint16_t)port : usual;
}

/* Says no without a transaction: the request is malformed, or a twin of one already known. */
static void reply_stateless(struct stack *stack, const osip_message_t *request, int status)
{
    struct wire_peer peer;
    char *bytes = NULL;
    size_t length = 0;
    struct sip_reply reply = { .status = status, .to_tag = "0" };
    if (!request->from || !request->to || !request->call_id || !request->cseq ||
        !osip_list_get(&request->vias, 0))
        return; /* without a Via there is nobody to answer (RFC 3261 §8.2.6.2) */
    osip_message_t *message = sip_build_reply(request, &reply);
    if (!message)
        return;
    reply_peer(&peer, &stack->message.source, request);
    if (osip_message_to_str(message, &bytes, &length) == 0)
        (void)wire_send(stack->wire, &peer, bytes, length);
    osip_free(bytes);
    osip_message_free(message);
}

static void hear_ack(struct stack *stack, struct transaction *transaction, osip_event_t *event)
{
    const struct sip_message *message = &stack->message;
    if (!transaction) {
        osip_event_free(event);
        return;
    }
    if (transaction->machine && !transaction->ended &&
        transaction->machine->state == IST_COMPLETED) {
        (void)osip_transaction_add_event(transaction->machine, event);
        machine_run(stack, transaction);
        return;
    }
    bool first = transaction->kept && !transaction->acked;
    if (first) {
        transaction->acked = true;
        transaction->repeat_ms = TRANSACTION_NEVER;
        transaction_arm(&stack->all, transaction);
        if (transaction->token != 0)
            stack->handlers.ack(stack->owner, transaction->token, message);
    }
    osip_event_free(event);
}

static void hear_cancel(struct stack *stack, osip_event_t *event)
{
    uint8_t key[TRANSACTION_KEY_BYTES];
    struct transaction *invite = NULL;
    if (branch_key(stack, key, event->sip, "INVITE"))
        invite = transaction_lookup(&stack->all, INDEX_BRANCH, key);
    if (!invite) {
        dialog_key(stack, key, &stack->message, "INVITE");
        invite = transaction_lookup(&stack->all, INDEX_DIALOG, key);
    }
    /* A CANCEL is answered at once and needs no memory of it: repeated, it gets the same answer. */
    reply_stateless(stack, event->sip, invite ? 200 : 481);
    bool open =
        invite && invite->machine && !invite->ended && invite->machine->state == IST_PROCEEDING;
    osip_event_free(event);
    if (open && invite->token != 0)
        stack->handlers.cancel(stack->owner, invite->token);
}

static void start_server(struct stack *stack, osip_event_t *event, const uint8_t *by_branch,
                         const uint8_t *by_dialog)
{
    struct transaction *fresh = take(stack);
    osip_transaction_t *machine = fresh ? osip_create_transaction(stack->osip, event) : NULL;
    if (!machine) {
        if (fresh)
            transaction_give(&stack->all, fresh);
        osip_event_free(event); /* the sender tries again, or at the twin */
        return;
    }
    fresh->server = true;
    fresh->invite = stack->message.method == SIP_INVITE;
    reply_peer(&fresh->peer, &stack->message.source, event->sip);
    if (by_branch)
        transaction_index(&stack->all, fresh, INDEX_BRANCH, by_branch);
    transaction_index(&stack->all, fresh, INDEX_DIALOG, by_dialog);
    adopt(stack, fresh, machine);
    (void)osip_transaction_add_event(machine, event);
    machine_run(stack, fresh);
    stack->counts.requests_in++;
    if (fresh->news == NEWS_REQUEST) {
        fresh->news = NEWS_NONE;
        stack->handlers.request(stack->owner, fresh->id, &stack->message);
    }
}

static void hear_request(struct stack *stack, osip_event_t *event)
{
    const struct sip_message *message = &stack->message;
    uint8_t by_branch[TRANSACTION_KEY_BYTES], by_dialog[TRANSACTION_KEY_BYTES];
    const char *method = message->method == SIP_ACK ? "INVITE" : message->method_name;
    bool cookie = branch_key(stack, by_branch, event->sip, method);
    dialog_key(stack, by_dialog, message, method);
    if (message->method == SIP_CANCEL) {
        hear_cancel(stack, event);
        return;
    }
    struct transaction *known = NULL;
    if (cookie)
        known = transaction_lookup(&stack->all, INDEX_BRANCH, by_branch);
    bool same_branch = known != NULL;
    if (!known)
        known = transaction_lookup(&stack->all, INDEX_DIALOG, by_dialog);
    if (message->method == SIP_ACK) {
        hear_ack(stack, known, event);
        return;
    }
    if (!known) {
        start_server(stack, event, cookie ? by_branch : NULL, by_dialog);
        return;
    }
    if (cookie && !same_branch && known->links[INDEX_BRANCH].in && message->to.tag[0] == 0 &&
        !known->ended) {
        stack->counts.merged++; /* RFC 3261 §8.2.2.2: the same request by another path */
        reply_stateless(stack, event->sip, 482);
        osip_event_free(event);
        return;
    }
    stack->counts.retransmissions_in++;
    if (known->machine && !known->ended) {
        (void)osip_transaction_add_event(known->machine, event);
        machine_run(stack, known);
        known->news = NEWS_NONE;
        return;
    }
    stack->counts.invites_absorbed += known->invite; /* RFC 6026 §7.1 */
    osip_event_free(event);
}

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
        hear_request(stack, event);
        return true;
    }
    reply_stateless(stack, event->sip, method == SIP_UNKNOWN ? 501 : stack->message.flaw);
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

static void on_wire(void *owner, const struct wire_peer *peer, const char *bytes,
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
            reply_stateless(stack, event->sip, 400);
        osip_event_free(event);
    } else if (stack->message.request) {
        hear_request(stack, event);
    } else {
        hear_response(stack, event);
    }
}

void stack_own(struct stack *stack, uint64_t id, uint64_t token)
{
    struct transaction *transaction = transaction_find(&stack->all, id);
    if (transaction)
        transaction->token = token;
}

int stack_reply(struct stack *stack, uint64_t id, const struct sip_reply *reply)
{
    struct transaction *transaction = transaction_find(&stack->all, id);
    if (!transaction || !transaction->server || !transaction->machine || transaction->ended)
        return -ENOENT;
    osip_message_t *message = sip_build_reply(transaction->machine->orig_request, reply);
    osip_event_t *event = message ? osip_new_outgoing_sipmessage(message) : NULL;
    if (!event) {
        osip_message_free(message);
        return -ENOMEM;
    }
    if (transaction->invite && reply->status / 100 == 2) {
        transaction->repeat_step_ms = stack->t1_ms;
        transaction->repeat_ms = transaction_now_ms() + stack->t1_ms;
        transaction->until_ms = transaction_now_ms() + 64 * stack->t1_ms;
    }
    (void)osip_transaction_add_event(transaction->machine, event);
    machine_run(stack, transaction);
    return 0;
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
    machine_run(stack, transaction);
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
    status = wire_open(&fresh->wire, &wire, on_wire, fresh);
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
