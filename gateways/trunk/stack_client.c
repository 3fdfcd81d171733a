/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The requests we send: INVITE and what follows it, CANCEL, ACK, forks. */
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

#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/stack_state.h"

/* ---- client side ------------------------------------------------------------------------------- */

static void make_branch(struct transaction *transaction)
{
    uint64_t random;
    randombytes_buf(&random, sizeof random);
    (void)snprintf(transaction->branch, sizeof transaction->branch,
                   "z9hG4bK%016" PRIx64 "%016" PRIx64, transaction->id, random);
}

/* Our branches name their transaction; those of an earlier process are looked up. */
static struct transaction *client_find(struct stack *stack, const osip_message_t *response)
{
    char digits[17];
    uint8_t key[TRANSACTION_KEY_BYTES];
    const osip_via_t *via = osip_list_get(&response->vias, 0);
    const char *branch = sip_parameter(&via->via_params, "branch");
    if (!branch || strlen(branch) != 7 + 32)
        return NULL;
    memcpy(digits, branch + 7, 16);
    digits[16] = 0;
    struct transaction *found = transaction_find(&stack->all, strtoull(digits, NULL, 16));
    if (!found || found->server || strcmp(found->branch, branch) != 0) {
        transaction_key(&stack->all, key, branch);
        found = transaction_lookup(&stack->all, INDEX_BRANCH, key);
    }
    if (!found || found->server)
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
    stack_adopt(stack, transaction, machine);
    transaction->invite = invite;
    osip_event_t *event = osip_new_outgoing_sipmessage(request);
    REQUIRE(event);
    (void)osip_transaction_add_event(machine, event);
    stack_run(stack, transaction);
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
    struct transaction *fresh = stack_take(stack);
    if (!fresh)
        return -ENOBUFS;
    fresh->peer = peer;
    fresh->token = token;
    if (request->branch)
        stack_take_branch(stack, fresh, request->branch);
    else
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
    osip_message_t *cancel = sip_build_cancel(invite->machine->orig_request, invite->elsewhere);
    struct transaction *fresh = cancel ? stack_take(stack) : NULL;
    if (!fresh) {
        osip_message_free(cancel);
        return; /* until_ms gives the INVITE up */
    }
    fresh->peer = invite->peer;
    invite->cancel_id = fresh->id;
    (void)client_start(stack, fresh, cancel, false);
}

void stack_cancel(struct stack *stack, uint64_t id, bool elsewhere)
{
    struct transaction *invite = transaction_find(&stack->all, id);
    if (!invite || !invite->invite || invite->server || invite->cancelled || !invite->machine ||
        invite->ended || invite->machine->state == ICT_COMPLETED)
        return;
    invite->cancelled = true;
    invite->elsewhere = elsewhere;
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

/* The 2xx to an INVITE of an earlier process, or one that comes long after its ACK. */
static void hear_stray(struct stack *stack, const struct sip_message *answer)
{
    struct wire_peer hop;
    stack->counts.stray_responses++;
    if (answer->method != SIP_INVITE || answer->status / 100 != 2 ||
        !stack->handlers.known(stack->owner, answer))
        return;
    size_t length = write_ack(stack, answer, &answer->source, &hop);
    if (length > 0)
        (void)wire_send(stack->wire, &hop, stack->out, length);
}

void stack_hear_response(struct stack *stack, osip_event_t *event)
{
    const struct sip_message *message = &stack->message;
    struct transaction *transaction = client_find(stack, event->sip);
    stack->counts.responses_in++;
    if (!transaction) {
        hear_stray(stack, message);
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
    stack_run(stack, transaction);
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
