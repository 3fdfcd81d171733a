/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fake_stack: stack.h without sockets. What is said goes to the transcript; a test plays the
 * outside parties with plain messages. */
#ifndef TESTS_FAKE_FAKE_STACK_H
#define TESTS_FAKE_FAKE_STACK_H

#include "gateways/trunk/stack.h"

struct stack *fake_stack_make(const struct stack_handlers *handlers, void *owner);

/* A request from outside begins a server transaction; its number is returned. */
uint64_t fake_stack_request(struct stack *stack, const struct sip_message *request);
void fake_stack_cancel(struct stack *stack, uint64_t transaction);
void fake_stack_ack(struct stack *stack, uint64_t transaction, const struct sip_message *ack);
void fake_stack_ack_missing(struct stack *stack, uint64_t transaction);

/* The answer to our last INVITE; sdp NULL: none. */
void fake_stack_answer(struct stack *stack, int status, const char *sdp);
/* The newest INVITE's token, and 487 to that of an older one that was cancelled. */
uint64_t fake_stack_token(const struct stack *stack);
void fake_stack_cancelled(struct stack *stack, uint64_t token);
/* The answer to an OPTIONS that we asked this leg. */
void fake_stack_options(struct stack *stack, uint64_t token, int status);
/* Any response to what we sent for this leg. */
void fake_stack_respond(struct stack *stack, uint64_t token, const struct sip_message *response);
/* The answer to our last request that wants one. */
void fake_stack_says(struct stack *stack, enum sip_method method, int status);
void fake_stack_fail(struct stack *stack);

/* A request of the phone that answered our nth INVITE, counted from 1, inside its dialog. */
void fake_stack_phone(struct stack *stack, unsigned nth, enum sip_method method, const char *sdp);

/* The same with more words in it; the dialog and the sequence are filled in. */
void fake_stack_phone_says(struct stack *stack, unsigned nth, const struct sip_message *words);
/* Our nth INVITE's dialog, as it went out. */
const struct dialog *fake_stack_dialog(const struct stack *stack, unsigned nth);

/* What our last request said in headers of its own. */
const char *fake_stack_headers(const struct stack *stack);

/* The To tag of our last reply, which names the dialog. */
const char *fake_stack_tag(const struct stack *stack);

/* The description in our last reply or INVITE that had one. */
const char *fake_stack_body(const struct stack *stack);

/* The sequence number of our last request. */
uint32_t fake_stack_cseq(const struct stack *stack);

#endif
