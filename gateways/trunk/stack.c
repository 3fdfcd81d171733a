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

#include "base/heap.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"

enum {
    BUCKETS = 16384,
    KEY_BYTES = 16,
    BRANCH_BYTES = 48,
    NEVER = -1
};

/* What libosip2's state machine said while it ran; the owner hears of it afterwards, because a
 * handler that answers would run the same machine inside itself. */
enum news {
    NEWS_NONE,
    NEWS_REQUEST,
    NEWS_RESPONSE,
    NEWS_FAILED
};

struct hash_link {
    struct transaction *next;
    uint8_t key[KEY_BYTES];
    bool in;
};

struct transaction {
    struct heap_node timer; /* first: the heap hands out this node */
    uint64_t id;            /* 0: free slot */
    uint64_t token;
    osip_transaction_t *machine; /* NULL once it ended; then only `kept` and `until` matter */
    struct wire_peer peer;
    bool server;
    bool invite;
    bool ended;     /* the machine is to be freed after the turn */
    bool cancelled; /* a CANCEL is wanted */
    bool cancel_sent;
    bool provisional;
    bool acked;
    enum news news;
    uint64_t cancel_id;      /* the transaction of our CANCEL */
    char branch[BRANCH_BYTES];
    struct hash_link by_branch;
    struct hash_link by_dialog;
    char *kept; /* server: our 2xx; client: our ACK; sent again when asked for */
    size_t kept_length;
    char kept_tag[SIP_TAG_BYTES]; /* client: To tag of the 2xx that was acknowledged */
    int64_t repeat_ms;            /* server: when the 2xx goes out again, NEVER */
    int64_t repeat_step_ms;
    int64_t until_ms; /* when a finished INVITE is forgotten, or a cancelled one given up; NEVER */
};

struct stack {
    osip_t *osip;
    struct wire *wire;
    struct stack_handlers handlers;
    void *owner;
    struct sip_self self;
    int64_t t1_ms;
    uint8_t hash_key[crypto_shorthash_siphashx24_KEYBYTES];
    uint64_t serial;
    struct transaction *slots;
    uint32_t *free_slots;
    uint32_t free_count;
    struct heap timers;
    struct heap_node **timer_nodes;
    struct transaction **branch_buckets;
    struct transaction **dialog_buckets;
    uint32_t *changed; /* slots whose machine ended or failed since the last sweep */
    uint32_t changed_count;
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

/* The clock libosip2 arms its timers by. */
static int64_t now_ms(void)
{
    struct timespec now;
    REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- table ------------------------------------------------------------------------------------- */

static struct transaction *transaction_find(struct stack *stack, uint64_t id)
{
    struct transaction *found = &stack->slots[id % STACK_TRANSACTIONS_MAX];
    return id != 0 && found->id == id ? found : NULL;
}

static struct transaction **bucket_of(struct transaction **buckets, const uint8_t *key)
{
    uint32_t hash;
    memcpy(&hash, key, sizeof hash);
    return &buckets[hash % BUCKETS];
}

static struct hash_link *link_of(struct stack *stack, struct transaction *transaction,
                                 struct transaction *const *buckets)
{
    return buckets == stack->branch_buckets ? &transaction->by_branch : &transaction->by_dialog;
}

static void table_insert(struct stack *stack, struct transaction **buckets,
                         struct transaction *transaction, const uint8_t key[KEY_BYTES])
{
    struct hash_link *link = link_of(stack, transaction, buckets);
    struct transaction **bucket = bucket_of(buckets, key);
    memcpy(link->key, key, KEY_BYTES);
    link->next = *bucket;
    link->in = true;
    *bucket = transaction;
}

static void table_remove(struct stack *stack, struct transaction **buckets,
                         struct transaction *transaction)
{
    struct hash_link *link = link_of(stack, transaction, buckets);
    if (!link->in)
        return;
    struct transaction **at = bucket_of(buckets, link->key);
    while (*at != transaction)
        at = &link_of(stack, *at, buckets)->next;
    *at = link->next;
    link->in = false;
}

static struct transaction *table_find(struct stack *stack, struct transaction **buckets,
                                      const uint8_t key[KEY_BYTES])
{
    struct transaction *found = *bucket_of(buckets, key);
    while (found && memcmp(link_of(stack, found, buckets)->key, key, KEY_BYTES) != 0)
        found = link_of(stack, found, buckets)->next;
    return found;
}

/* A keyed hash of 128 bits stands for the words: strangers cannot aim at one bucket. */
static void make_key(const struct stack *stack, uint8_t key[KEY_BYTES], const char *words)
{
    (void)crypto_shorthash_siphashx24(key, (const uint8_t *)words, strlen(words), stack->hash_key);
}

/* RFC 3261 §17.2.3: branch, sent-by and method; the ACK of a refusal belongs to its INVITE. False
 * for the branch of an older standard. */
static bool branch_key(const struct stack *stack, uint8_t key[KEY_BYTES],
                       const osip_message_t *request, const char *method)
{
    osip_generic_param_t *branch = NULL;
    osip_via_t *via = osip_list_get(&request->vias, 0);
    char words[2 * FILTER_LINE_BYTES];
    (void)osip_via_param_get_byname(via, (char *)(uintptr_t)"branch", &branch);
    if (!branch || !branch->gvalue || strncmp(branch->gvalue, "z9hG4bK", 7) != 0 ||
        strlen(branch->gvalue) == 7)
        return false;
    struct text text = text_into(words, sizeof words);
    text_print(&text, "%s|%s|%s|%s", method, branch->gvalue, via->host ? via->host : "",
               via->port ? via->port : "5060");
    make_key(stack, key, words);
    return true;
}

static void dialog_key(const struct stack *stack, uint8_t key[KEY_BYTES],
                       const struct sip_message *message, const char *method)
{
    char words[SIP_CALL_ID_BYTES + SIP_TAG_BYTES + 64];
    struct text text = text_into(words, sizeof words);
    text_print(&text, "%s|%s|%s|%" PRIu32, method, message->call_id, message->from.tag,
               message->cseq);
    make_key(stack, key, words);
}

static struct transaction *transaction_take(struct stack *stack)
{
    if (stack->free_count == 0) {
        stack->counts.transactions_full++;
        return NULL;
    }
    uint32_t slot = stack->free_slots[--stack->free_count];
    struct transaction *fresh = &stack->slots[slot];
    memset(fresh, 0, sizeof *fresh);
    fresh->id = ++stack->serial * STACK_TRANSACTIONS_MAX + slot;
    fresh->repeat_ms = fresh->until_ms = NEVER;
    return fresh;
}

static void transaction_give(struct stack *stack, struct transaction *transaction)
{
    heap_remove(&stack->timers, &transaction->timer);
    table_remove(stack, stack->branch_buckets, transaction);
    table_remove(stack, stack->dialog_buckets, transaction);
    if (transaction->machine)
        osip_transaction_free2(transaction->machine);
    free(transaction->kept);
    transaction->id = 0;
    stack->free_slots[stack->free_count++] = (uint32_t)(transaction - stack->slots);
}

static void mark_changed(struct stack *stack, struct transaction *transaction)
{
    stack->changed[stack->changed_count++] = (uint32_t)(transaction - stack->slots);
}

/* ---- timers ------------------------------------------------------------------------------------ */

struct armed {
    const struct timeval *at;
    int event;
};

/* The timers of the machine's present state, the one that ends it first. */
static void machine_armed(const osip_transaction_t *t, struct armed armed[2])
{
    armed[0] = armed[1] = (struct armed){ NULL, NEVER };
    switch (t->state) {
    case ICT_CALLING:
        armed[0] = (struct armed){ &t->ict_context->timer_b_start, TIMEOUT_B };
        armed[1] = (struct armed){ &t->ict_context->timer_a_start, TIMEOUT_A };
        break;
    case ICT_COMPLETED:
        armed[0] = (struct armed){ &t->ict_context->timer_d_start, TIMEOUT_D };
        break;
    case IST_COMPLETED:
        armed[0] = (struct armed){ &t->ist_context->timer_h_start, TIMEOUT_H };
        armed[1] = (struct armed){ &t->ist_context->timer_g_start, TIMEOUT_G };
        break;
    case IST_CONFIRMED:
        armed[0] = (struct armed){ &t->ist_context->timer_i_start, TIMEOUT_I };
        break;
    case NICT_TRYING:
    case NICT_PROCEEDING:
        armed[0] = (struct armed){ &t->nict_context->timer_f_start, TIMEOUT_F };
        armed[1] = (struct armed){ &t->nict_context->timer_e_start, TIMEOUT_E };
        break;
    case NICT_COMPLETED:
        armed[0] = (struct armed){ &t->nict_context->timer_k_start, TIMEOUT_K };
        break;
    case NIST_COMPLETED:
        armed[0] = (struct armed){ &t->nist_context->timer_j_start, TIMEOUT_J };
        break;
    default: /* libosip2's enumeration; proceeding or terminated: no timer */
        break;
    }
}

static int64_t armed_at(const struct armed *armed)
{
    if (!armed->at || armed->at->tv_sec == -1)
        return NEVER;
    return (int64_t)armed->at->tv_sec * 1000 + (armed->at->tv_usec + 999) / 1000;
}

static int64_t earlier(int64_t a, int64_t b)
{
    if (a == NEVER || b == NEVER)
        return a == NEVER ? b : a;
    return a < b ? a : b;
}

static void arm(struct stack *stack, struct transaction *transaction)
{
    int64_t due = earlier(transaction->repeat_ms, transaction->until_ms);
    if (transaction->machine && !transaction->ended) {
        struct armed armed[2];
        machine_armed(transaction->machine, armed);
        due = earlier(due, earlier(armed_at(&armed[0]), armed_at(&armed[1])));
    }
    if (due == NEVER)
        heap_remove(&stack->timers, &transaction->timer);
    else
        heap_set(&stack->timers, &transaction->timer, (uint64_t)due, transaction->id);
}

/* libosip2's T1 is a constant; a shorter one is for tests. */
static void set_pace(const struct stack *stack, osip_transaction_t *machine)
{
    int t1 = (int)stack->t1_ms;
    if (t1 == STACK_T1_MS)
        return;
    if (machine->ict_context) {
        machine->ict_context->timer_a_length = t1;
        machine->ict_context->timer_b_length = 64 * t1;
        machine->ict_context->timer_d_length = 64 * t1;
    }
    if (machine->ist_context) {
        machine->ist_context->timer_g_length = t1;
        machine->ist_context->timer_h_length = 64 * t1;
    }
    if (machine->nict_context) {
        machine->nict_context->timer_e_length = t1;
        machine->nict_context->timer_f_length = 64 * t1;
    }
    if (machine->nist_context)
        machine->nist_context->timer_j_length = 64 * t1;
}

/* ---- libosip2's callbacks ---------------------------------------------------------------------- */

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
        mark_changed(stack, transaction);
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

/* Runs the machine over what waits for it and arms its timer. */
static void machine_run(struct stack *stack, struct transaction *transaction)
{
    osip_event_t *event;
    while ((event = osip_fifo_tryget(transaction->machine->transactionff)))
        (void)osip_transaction_execute(transaction->machine, event);
    arm(stack, transaction);
}

static void adopt(struct stack *stack, struct transaction *transaction,
                  osip_transaction_t *machine)
{
    (void)osip_remove_transaction(stack->osip, machine); /* O(1): it is the only one there */
    transaction->machine = machine;
    (void)osip_transaction_set_reserved1(machine, stack);
    (void)osip_transaction_set_reserved2(machine, transaction);
    set_pace(stack, machine);
}

/* ---- client side ------------------------------------------------------------------------------- */

static void make_branch(const struct stack *stack, struct transaction *transaction)
{
    uint64_t random;
    (void)stack;
    randombytes_buf(&random, sizeof random);
    (void)snprintf(transaction->branch, sizeof transaction->branch,
                   "z9hG4bK%016" PRIx64 "%016" PRIx64, transaction->id, random);
}

/* Our branches name their transaction. */
static struct transaction *client_find(struct stack *stack, const osip_message_t *response)
{
    osip_generic_param_t *branch = NULL;
    char digits[17];
    osip_via_t *via = osip_list_get(&response->vias, 0);
    (void)osip_via_param_get_byname(via, (char *)(uintptr_t)"branch", &branch);
    if (!branch || !branch->gvalue || strlen(branch->gvalue) != 7 + 32)
        return NULL;
    memcpy(digits, branch->gvalue + 7, 16);
    digits[16] = 0;
    struct transaction *found = transaction_find(stack, strtoull(digits, NULL, 16));
    if (!found || found->server || strcmp(found->branch, branch->gvalue) != 0)
        return NULL;
    if (strcmp(response->cseq->method, "CANCEL") == 0)
        return transaction_find(stack, found->cancel_id);
    return found;
}

static int client_start(struct stack *stack, struct transaction *transaction,
                        osip_message_t *request, bool invite)
{
    osip_transaction_t *machine = NULL;
    if (osip_transaction_init(&machine, invite ? ICT : NICT, stack->osip, request) != 0) {
        osip_message_free(request);
        transaction_give(stack, transaction);
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

int stack_send(struct stack *stack, const struct sip_request *request, uint64_t token,
               uint64_t *id)
{
    struct wire_peer peer;
    osip_message_t *message = NULL;
    dialog_next_hop(request->dialog, &peer);
    if (peer.port == 0)
        return -EHOSTUNREACH;
    struct transaction *fresh = transaction_take(stack);
    if (!fresh)
        return -ENOBUFS;
    fresh->peer = peer;
    fresh->token = token;
    make_branch(stack, fresh);
    size_t length = sip_build_request(stack->out, sizeof stack->out, request, &stack->self,
                                      fresh->branch, peer.tcp);
    if (length == 0 || osip_message_init(&message) != 0 ||
        osip_message_parse(message, stack->out, length) != 0) {
        osip_message_free(message);
        transaction_give(stack, fresh);
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
    struct transaction *fresh = cancel ? transaction_take(stack) : NULL;
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
    struct transaction *invite = transaction_find(stack, id);
    if (!invite || !invite->invite || invite->server || invite->cancelled || !invite->machine ||
        invite->ended || invite->machine->state == ICT_COMPLETED)
        return;
    invite->cancelled = true;
    invite->until_ms = now_ms() + 64 * stack->t1_ms;
    if (invite->provisional)
        send_cancel(stack, invite);
    arm(stack, invite);
}

static size_t write_ack(struct stack *stack, const struct sip_message *answer,
                        const struct wire_peer *peer, struct wire_peer *next_hop)
{
    struct dialog dialog;
    char branch[BRANCH_BYTES];
    uint64_t random[2];
    dialog_to(&dialog, answer->from.uri, answer->from.tag, answer->to.uri, answer->call_id);
    (void)text_copy(dialog.local_tag, sizeof dialog.local_tag, answer->from.tag);
    dialog_from_answer(&dialog, answer);
    dialog.peer = *peer;
    dialog_next_hop(&dialog, next_hop);
    randombytes_buf(random, sizeof random);
    (void)snprintf(branch, sizeof branch, "z9hG4bK%016" PRIx64 "%016" PRIx64, random[0],
                   random[1]);
    struct sip_request ack = { .method = "ACK", .dialog = &dialog, .cseq = answer->cseq };
    return sip_build_request(stack->out, sizeof stack->out, &ack, &stack->self, branch,
                             next_hop->tcp);
}

/* RFC 3261 §13.2.2.4: a 2xx of another branch of a fork is acknowledged and ended at once. */
static void hang_up_fork(struct stack *stack, const struct sip_message *answer,
                         const struct wire_peer *peer)
{
    struct wire_peer next_hop;
    struct dialog dialog;
    uint64_t id;
    size_t length = write_ack(stack, answer, peer, &next_hop);
    if (length > 0)
        (void)wire_send(stack->wire, &next_hop, stack->out, length);
    dialog_to(&dialog, answer->from.uri, answer->from.tag, answer->to.uri, answer->call_id);
    dialog_from_answer(&dialog, answer);
    dialog.peer = *peer;
    struct sip_request bye = { .method = "BYE", .dialog = &dialog, .cseq = answer->cseq + 1 };
    (void)stack_send(stack, &bye, 0, &id);
}

static void acknowledge(struct stack *stack, struct transaction *transaction,
                        const struct sip_message *answer)
{
    struct wire_peer next_hop;
    size_t length = write_ack(stack, answer, &transaction->peer, &next_hop);
    if (length == 0)
        return;
    transaction->kept = malloc(length);
    if (transaction->kept) {
        memcpy(transaction->kept, stack->out, length);
        transaction->kept_length = length;
    }
    (void)text_copy(transaction->kept_tag, sizeof transaction->kept_tag, answer->to.tag);
    transaction->peer = next_hop;
    transaction->until_ms = now_ms() + 64 * stack->t1_ms;
    (void)wire_send(stack->wire, &next_hop, stack->out, length);
    arm(stack, transaction);
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
    uint64_t id = transaction->id, token = transaction->token;
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
        transaction->until_ms = NEVER;
        if (message->status < 300)
            acknowledge(stack, transaction, message);
        arm(stack, transaction);
    }
    if (token != 0 && message->status > 100)
        stack->handlers.response(stack->owner, token, message);
    (void)id;
}

/* ---- server side ------------------------------------------------------------------------------- */

/* RFC 3261 §18.2.2, RFC 3581: over the same connection, or to where it came from, at the port it
 * came from when the sender asked for that, else at the port of its Via. */
static void reply_peer(struct wire_peer *peer, const struct wire_peer *source,
                       const osip_message_t *request)
{
    osip_generic_param_t *rport = NULL;
    osip_via_t *via = osip_list_get(&request->vias, 0);
    *peer = *source;
    (void)osip_via_param_get_byname(via, (char *)(uintptr_t)"rport", &rport);
    if (source->tcp || rport)
        return;
    unsigned long port = via->port ? strtoul(via->port, NULL, 10) : 5060;
    peer->port = port > 0 && port < 65536 ? (uint16_t)port : 5060;
}

/* Says no without a transaction: the request is malformed, or a twin of one already known. */
static void reply_stateless(struct stack *stack, const osip_message_t *request, int status)
{
    struct wire_peer peer;
    char *bytes = NULL;
    size_t length = 0;
    struct sip_reply reply = { .status = status, .to_tag = "0" };
    if (!request->from || !request->to || !request->call_id || !request->cseq)
        return;
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
        transaction->repeat_ms = NEVER;
        arm(stack, transaction);
        if (transaction->token != 0)
            stack->handlers.ack(stack->owner, transaction->token, message);
    }
    osip_event_free(event);
}

static void hear_cancel(struct stack *stack, osip_event_t *event)
{
    uint8_t key[KEY_BYTES];
    struct transaction *invite = NULL;
    if (branch_key(stack, key, event->sip, "INVITE"))
        invite = table_find(stack, stack->branch_buckets, key);
    if (!invite) {
        dialog_key(stack, key, &stack->message, "INVITE");
        invite = table_find(stack, stack->dialog_buckets, key);
    }
    /* A CANCEL is answered at once and needs no memory of it: repeated, it gets the same answer. */
    reply_stateless(stack, event->sip, invite ? 200 : 481);
    bool open = invite && invite->machine && !invite->ended &&
                invite->machine->state == IST_PROCEEDING;
    osip_event_free(event);
    if (open && invite->token != 0)
        stack->handlers.cancel(stack->owner, invite->token);
}

static void start_server(struct stack *stack, osip_event_t *event, const uint8_t *by_branch,
                         const uint8_t *by_dialog)
{
    struct transaction *fresh = transaction_take(stack);
    osip_transaction_t *machine =
        fresh ? osip_create_transaction(stack->osip, event) : NULL;
    if (!machine) {
        if (fresh)
            transaction_give(stack, fresh);
        osip_event_free(event); /* the sender tries again, or at the twin */
        return;
    }
    fresh->server = true;
    fresh->invite = stack->message.method == SIP_INVITE;
    reply_peer(&fresh->peer, &stack->message.source, event->sip);
    if (by_branch)
        table_insert(stack, stack->branch_buckets, fresh, by_branch);
    table_insert(stack, stack->dialog_buckets, fresh, by_dialog);
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
    uint8_t by_branch[KEY_BYTES], by_dialog[KEY_BYTES];
    const char *method = message->method == SIP_ACK ? "INVITE" : message->method_name;
    bool cookie = branch_key(stack, by_branch, event->sip, method);
    dialog_key(stack, by_dialog, message, method);
    if (message->method == SIP_CANCEL) {
        hear_cancel(stack, event);
        return;
    }
    struct transaction *known = NULL;
    if (cookie)
        known = table_find(stack, stack->branch_buckets, by_branch);
    bool same_branch = known != NULL;
    if (!known)
        known = table_find(stack, stack->dialog_buckets, by_dialog);
    if (message->method == SIP_ACK) {
        hear_ack(stack, known, event);
        return;
    }
    if (!known) {
        start_server(stack, event, cookie ? by_branch : NULL, by_dialog);
        return;
    }
    if (cookie && !same_branch && known->by_branch.in && message->to.tag[0] == 0 &&
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

static void on_wire(void *owner, const struct wire_peer *peer, const char *bytes,
                    const struct filtered *filtered)
{
    struct stack *stack = owner;
    char head[FILTER_FRAME_BYTES + 256];
    const char *start = bytes + filtered->skip;
    size_t length = filter_copy_head(start, filtered->head, head, sizeof head);
    osip_event_t *event = length > 0 ? osip_parse(head, length) : NULL;
    if (!event || !event->sip) {
        stack->counts.unparsed++;
        osip_event_free(event);
        return;
    }
    int status =
        sip_message_read(&stack->message, event->sip, start + filtered->head, filtered->body);
    stack->message.source = *peer;
    if (MSG_IS_REQUEST(event->sip) && osip_list_get(&event->sip->vias, 0))
        (void)osip_message_fix_last_via_header(event->sip, peer->ip, peer->port);
    if (status < 0) {
        stack->counts.unparsed++;
        if (MSG_IS_REQUEST(event->sip) && !MSG_IS_ACK(event->sip))
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
    struct transaction *transaction = transaction_find(stack, id);
    if (transaction)
        transaction->token = token;
}

int stack_reply(struct stack *stack, uint64_t id, const struct sip_reply *reply)
{
    struct transaction *transaction = transaction_find(stack, id);
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
        transaction->repeat_ms = now_ms() + stack->t1_ms;
        transaction->until_ms = now_ms() + 64 * stack->t1_ms;
    }
    (void)osip_transaction_add_event(transaction->machine, event);
    machine_run(stack, transaction);
    return 0;
}

/* ---- turn -------------------------------------------------------------------------------------- */

/* Machines that ended are freed here: inside their callbacks libosip2 still uses them. */
static void sweep(struct stack *stack)
{
    for (uint32_t i = 0; i < stack->changed_count; i++) {
        struct transaction *transaction = &stack->slots[stack->changed[i]];
        if (transaction->id == 0)
            continue;
        bool failed = transaction->news == NEWS_FAILED && !transaction->server;
        uint64_t token = transaction->token;
        osip_transaction_free2(transaction->machine);
        transaction->machine = NULL;
        if (transaction->until_ms == NEVER)
            transaction_give(stack, transaction);
        else
            arm(stack, transaction);
        if (failed && token != 0)
            stack->handlers.failed(stack->owner, token);
    }
    stack->changed_count = 0;
}

/* Repeats a 2xx, forgets a finished INVITE, gives up a cancelled one. Returns false when the
 * transaction is gone. */
static bool own_timers(struct stack *stack, struct transaction *transaction, int64_t now)
{
    uint64_t token = transaction->token;
    if (transaction->repeat_ms != NEVER && transaction->repeat_ms <= now) {
        if (transaction->kept)
            (void)wire_send(stack->wire, &transaction->peer, transaction->kept,
                            transaction->kept_length);
        transaction->repeat_step_ms *= 2;
        if (transaction->repeat_step_ms > 8 * stack->t1_ms) /* T2 */
            transaction->repeat_step_ms = 8 * stack->t1_ms;
        transaction->repeat_ms = now + transaction->repeat_step_ms;
    }
    if (transaction->until_ms == NEVER || transaction->until_ms > now)
        return true;
    bool missing = transaction->server && !transaction->acked;
    bool given_up = !transaction->server && transaction->machine && !transaction->ended;
    if (transaction->ended) { /* swept at the end of this turn */
        transaction->until_ms = NEVER;
        return false;
    }
    transaction_give(stack, transaction);
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
    if (transaction->machine && !transaction->ended) {
        struct armed armed[2];
        machine_armed(transaction->machine, armed);
        int64_t first = armed_at(&armed[0]), second = armed_at(&armed[1]);
        bool is_first = first != NEVER && first <= now;
        if (is_first || (second != NEVER && second <= now)) {
            osip_event_t *event = osip_malloc(sizeof *event);
            if (!event)
                return; /* again in the next turn */
            memset(event, 0, sizeof *event);
            event->type = (type_t)(is_first ? armed[0].event : armed[1].event);
            event->transactionid = transaction->machine->transactionid;
            (void)osip_transaction_add_event(transaction->machine, event);
            machine_run(stack, transaction);
            return;
        }
    }
    arm(stack, transaction);
}

int stack_turn(struct stack *stack, uint64_t mono_ms)
{
    wire_turn(stack->wire, mono_ms);
    sweep(stack);
    int64_t now = now_ms();
    struct heap_node *first;
    for (int i = 0; i < STACK_TRANSACTIONS_MAX; i++) {
        first = heap_first(&stack->timers);
        if (!first || (int64_t)first->key > now)
            break;
        fire(stack, (struct transaction *)(void *)first, now);
    }
    sweep(stack);
    first = heap_first(&stack->timers);
    if (stack->changed_count > 0)
        return 0;
    if (!first)
        return 60000;
    int64_t wait = (int64_t)first->key - now;
    return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
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
    if (sodium_init() < 0)
        goto fail;
    randombytes_buf(fresh->hash_key, sizeof fresh->hash_key);
    fresh->slots = calloc(STACK_TRANSACTIONS_MAX, sizeof *fresh->slots);
    fresh->free_slots = calloc(STACK_TRANSACTIONS_MAX, sizeof *fresh->free_slots);
    fresh->changed = calloc(STACK_TRANSACTIONS_MAX, sizeof *fresh->changed);
    fresh->timer_nodes = calloc(STACK_TRANSACTIONS_MAX, sizeof(struct heap_node *));
    fresh->branch_buckets = calloc(BUCKETS, sizeof(struct transaction *));
    fresh->dialog_buckets = calloc(BUCKETS, sizeof(struct transaction *));
    if (!fresh->slots || !fresh->free_slots || !fresh->changed || !fresh->timer_nodes ||
        !fresh->branch_buckets || !fresh->dialog_buckets)
        goto fail;
    for (uint32_t i = 0; i < STACK_TRANSACTIONS_MAX; i++)
        fresh->free_slots[fresh->free_count++] = STACK_TRANSACTIONS_MAX - 1 - i;
    heap_init(&fresh->timers, fresh->timer_nodes, STACK_TRANSACTIONS_MAX);
    if (osip_init(&fresh->osip) != 0)
        goto fail;
    osip_trace_initialize_func(OSIP_FATAL, on_trace);
    set_callbacks(fresh->osip);
    status = wire_open(&fresh->wire, settings->address, settings->port, on_wire, fresh);
    if (status < 0)
        goto fail;
    (void)snprintf(fresh->self.host, sizeof fresh->self.host,
                   strchr(settings->address, ':') ? "[%s]" : "%s", settings->address);
    fresh->self.port = wire_port(fresh->wire);
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
    for (uint32_t i = 0; stack->slots && i < STACK_TRANSACTIONS_MAX; i++)
        if (stack->slots[i].id != 0)
            transaction_give(stack, &stack->slots[i]);
    wire_close(stack->wire);
    if (stack->osip)
        osip_release(stack->osip);
    free(stack->slots);
    free(stack->free_slots);
    free(stack->changed);
    free(stack->timer_nodes);
    free(stack->branch_buckets);
    free(stack->dialog_buckets);
    free(stack);
}

uint16_t stack_port(const struct stack *stack)
{
    return stack->self.port;
}

int stack_fd(const struct stack *stack)
{
    return wire_fd(stack->wire);
}

void stack_contact(const struct stack *stack, bool tcp, char contact[SIP_CONTACT_BYTES])
{
    (void)snprintf(contact, SIP_CONTACT_BYTES, "<sip:yihao@%s:%u%s>", stack->self.host,
                   (unsigned)stack->self.port, tcp ? ";transport=tcp" : "");
}

void stack_count(const struct stack *stack, struct stack_counts *counts)
{
    *counts = stack->counts;
    counts->parser_words = parser_words;
    counts->transactions = STACK_TRANSACTIONS_MAX - stack->free_count;
}

const struct wire_counts *stack_wire_count(const struct stack *stack)
{
    return wire_count(stack->wire);
}
