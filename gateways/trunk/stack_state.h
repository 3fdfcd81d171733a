/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stack_state: what the files of the stack share; nobody else includes it. stack.c opens, hears and
 * turns; stack_client.c is the side that asks, stack_server.c the side that answers; stack_resume.c goes on with
 * what an earlier process left. */
#ifndef GATEWAYS_TRUNK_STACK_STATE_H
#define GATEWAYS_TRUNK_STACK_STATE_H

#include "gateways/trunk/stack.h"
#include "gateways/trunk/transaction.h"

struct osip;
struct osip_event;
struct osip_message;
struct osip_transaction;

struct stack {
    struct osip *osip;
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

/* A place for a transaction; NULL, counted, when all are in use. */
struct transaction *stack_take(struct stack *stack);
/* Gives the fresh state machine its place. */
void stack_adopt(struct stack *stack, struct transaction *transaction,
                 struct osip_transaction *machine);
/* Runs the machine over what waits for it and arms its timer. */
void stack_run(struct stack *stack, struct transaction *transaction);

/* What the wire calls for each message. */
void stack_hear(void *owner, const struct wire_peer *peer, const char *bytes,
                const struct filtered *filtered);

/* Gives a client transaction the branch of an earlier process's. */
void stack_take_branch(struct stack *stack, struct transaction *transaction, const char *branch);

/* Both take the event; its message is stack->message. */
void stack_hear_response(struct stack *stack, struct osip_event *event);
void stack_hear_request(struct stack *stack, struct osip_event *event);

/* Says no without a transaction: the request is malformed, or a twin of one already known. */
void stack_refuse(struct stack *stack, const struct osip_message *request, int status);

#endif
