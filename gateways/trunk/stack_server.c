/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The requests we hear: which transaction they belong to, and our answers. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>

/* libosip2's name for a header. */
#undef REQUIRE

#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/stack_state.h"

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

void stack_refuse(struct stack *stack, const osip_message_t *request, int status)
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
        stack_run(stack, transaction);
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
    stack_refuse(stack, event->sip, invite ? 200 : 481);
    bool open =
        invite && invite->machine && !invite->ended && invite->machine->state == IST_PROCEEDING;
    osip_event_free(event);
    if (open && invite->token != 0)
        stack->handlers.cancel(stack->owner, invite->token);
}

static void start_server(struct stack *stack, osip_event_t *event, const uint8_t *by_branch,
                         const uint8_t *by_dialog)
{
    struct transaction *fresh = stack_take(stack);
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
    stack_adopt(stack, fresh, machine);
    (void)osip_transaction_add_event(machine, event);
    stack_run(stack, fresh);
    stack->counts.requests_in++;
    if (fresh->news == NEWS_REQUEST) {
        fresh->news = NEWS_NONE;
        stack->handlers.request(stack->owner, fresh->id, &stack->message);
    }
}

void stack_hear_request(struct stack *stack, osip_event_t *event)
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
    int verdict = known || message->to.tag[0] || !stack->handlers.stranger
                      ? 0
                      : stack->handlers.stranger(stack->owner, message);
    if (verdict != 0) {
        stack->counts.strangers++;
        if (verdict > 0)
            stack_refuse(stack, event->sip, verdict);
        osip_event_free(event);
        return;
    }
    if (!known) {
        start_server(stack, event, cookie ? by_branch : NULL, by_dialog);
        return;
    }
    if (cookie && !same_branch && known->links[INDEX_BRANCH].in && message->to.tag[0] == 0 &&
        !known->ended) {
        stack->counts.merged++; /* RFC 3261 §8.2.2.2: the same request by another path */
        stack_refuse(stack, event->sip, 482);
        osip_event_free(event);
        return;
    }
    stack->counts.retransmissions_in++;
    if (known->machine && !known->ended) {
        (void)osip_transaction_add_event(known->machine, event);
        stack_run(stack, known);
        known->news = NEWS_NONE;
        return;
    }
    stack->counts.invites_absorbed += known->invite; /* RFC 6026 §7.1 */
    osip_event_free(event);
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
    stack_run(stack, transaction);
    return 0;
}
