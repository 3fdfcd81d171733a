/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stack: SIP transactions over UDP, TCP and TLS. libosip2 parses and runs the state machines of RFC 3261
 * §17; its transactions are kept in our own table and timer heap, because its lists cost O(n) each.
 * On top of it:
 *   - RFC 6026: an INVITE that was accepted stays known for 64*T1, so that its retransmission is
 *     not a second call; the 2xx is repeated until the ACK comes.
 *   - A request without an RFC 3261 branch is recognised by Call-ID, From tag and CSeq.
 *   - A 2xx to our INVITE is acknowledged here, again when it repeats; a second 2xx of another
 *     branch of a fork is acknowledged and hung up.
 *   - What does not follow SIP is read as far as it can be (mend.h); `flaw` of the message tells it.
 *   - A CANCEL is sent as soon as the first provisional response allows it (RFC 3261 §9.1).
 *
 * Single thread. Handlers run inside stack_turn() and may call everything of this header. */
#ifndef GATEWAYS_TRUNK_STACK_H
#define GATEWAYS_TRUNK_STACK_H

#include "gateways/trunk/dialog.h"
#include "gateways/trunk/sip_build.h"
#include "gateways/trunk/sip_message.h"
#include "gateways/trunk/wire.h"

enum {
    STACK_TRANSACTIONS_MAX = 8192, /* about 21 KB each while libosip2 has it */
    STACK_T1_MS = 500,
    STACK_TURN_MAX_MS = 60000,
    STACK_BRANCH_BYTES = 48,
    STACK_SILENCE = -1
};

struct stack;

struct stack_settings {
    const char *address; /* numeric, where we are reached */
    uint16_t port;       /* 0: any free one */
    uint16_t tls_port;   /* 0: any free one, when there is a server */
    uint32_t t1_ms;      /* 0: STACK_T1_MS; tests turn faster */
    struct tls *server;  /* these three as in struct wire_settings */
    struct tls *client;
    const char *(*name_of)(void *owner, const char *ip);
};

/* `transaction` names a server transaction until its final response went out; `token` is what the
 * owner gave with stack_own() or stack_send(). Messages are borrowed. */
struct stack_handlers {
    /* Before anything is kept of a request that begins something: 0 lets it in, a status refuses it,
     * STACK_SILENCE drops it. NULL: all are let in. */
    int (*stranger)(void *owner, const struct sip_message *request);
    void (*request)(void *owner, uint64_t transaction, const struct sip_message *request);
    /* A CANCEL for an INVITE without final response; it has been answered already. */
    void (*cancel)(void *owner, uint64_t token);
    void (*ack)(void *owner, uint64_t token, const struct sip_message *ack);
    void (*ack_missing)(void *owner, uint64_t token); /* 64*T1 after our 2xx */
    void (*response)(void *owner, uint64_t token, const struct sip_message *response);
    /* No final response, or the message could not be sent. */
    void (*failed)(void *owner, uint64_t token);
    /* Does a 2xx to an INVITE, which no transaction waits for, belong to a dialog that stands? Then it
     * is acknowledged. */
    bool (*known)(void *owner, const struct sip_message *answer);
};

int stack_open(struct stack **stack, const struct stack_settings *settings,
               const struct stack_handlers *handlers, void *owner);
void stack_close(struct stack *stack);

uint16_t stack_port(const struct stack *stack);
uint16_t stack_tls_port(const struct stack *stack); /* 0: none */
int stack_fd(const struct stack *stack);

/* Hears, fires timers, speaks. Returns the milliseconds until it wants to be called again. */
int stack_turn(struct stack *stack, uint64_t mono_ms);

/* The owner's word for a server INVITE transaction. `id` is a transaction as handlers.request named
 * it, or as stack_send() gave it. */
void stack_own(struct stack *stack, uint64_t id, uint64_t token);

/* Answers. Returns 0, or -ENOENT when the transaction is over. */
int stack_reply(struct stack *stack, uint64_t id, const struct sip_reply *reply);

/* Sends a request (not ACK, not CANCEL). token 0: nobody wants the answer. Returns 0 and the
 * transaction's *id, or -EHOSTUNREACH, -ENOBUFS, -ENOMEM, -EMSGSIZE. */
int stack_send(struct stack *stack, const struct sip_request *request, uint64_t token,
               uint64_t *id);

/* Withdraws our INVITE; elsewhere: because another took the call (RFC 3326). Its final response (mostly 487) still comes, or stack_handlers.failed
 * after 64*T1. */
void stack_cancel(struct stack *stack, uint64_t id, bool elsewhere);

/* What a later process needs to answer this INVITE. Returns its length; 0 when the transaction is no
 * server INVITE, or when `size` is too small. */
size_t stack_head(struct stack *stack, uint64_t id, char *head, size_t size);

/* The INVITE of an earlier process stands again, without an answer yet. Returns 0 and its *id, or
 * -EBADMSG. */
int stack_resume(struct stack *stack, const char *head, size_t length,
                 const struct wire_peer *source, uint64_t token, uint64_t *id);

/* The branch of our request, for sip_request.branch of a later process: to the other side the request
 * is then the one it has. */
void stack_branch(struct stack *stack, uint64_t id, char branch[STACK_BRANCH_BYTES]);

/* "<sip:yihao@host:port>" as the peer reaches us; secure: a sips: URI, as RFC 3261 §12.1.1 wants. */
void stack_contact(const struct stack *stack, const struct wire_peer *peer, bool secure,
                   char contact[SIP_CONTACT_BYTES]);

/* What is to go to this contact goes over the connection that it came by, if it names the same
 * address. */
void stack_reuse(struct stack *stack, const struct wire_peer *source, const char *contact);

/* As wire_proves(). */
bool stack_proves(const struct stack *stack, const struct wire_peer *peer, const char *name);

struct stack_counts {
    uint64_t requests_in, responses_in, retransmissions_in, unparsed, mended, merged,
        stray_responses;
    uint64_t strangers, invites_absorbed, transactions_full, parser_words;
    uint32_t transactions;
};
void stack_count(const struct stack *stack, struct stack_counts *counts);
const struct wire_counts *stack_wire_count(const struct stack *stack);

#endif
