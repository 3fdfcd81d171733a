/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transactions that outlive the process: what is kept of them, and how they stand again. */
#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>

/* libosip2's name for a header. */
#undef REQUIRE

#include "base/text.h"
#include "gateways/trunk/stack_state.h"

size_t stack_head(struct stack *stack, uint64_t id, char *head, size_t size)
{
    const struct transaction *transaction = transaction_find(&stack->all, id);
    if (!transaction || !transaction->server || !transaction->invite || !transaction->machine)
        return 0;
    return sip_build_head(transaction->machine->orig_request, head, size);
}

static void note_resumed(void *owner, uint64_t transaction, const struct sip_message *request)
{
    (void)request;
    *(uint64_t *)owner = transaction;
}

/* Heard like any other, but that nobody else is told of it. */
int stack_resume(struct stack *stack, const char *head, size_t length,
                 const struct wire_peer *source, uint64_t token, uint64_t *id)
{
    uint64_t found = 0;
    struct filtered filtered;
    void *owner = stack->owner;
    struct stack_handlers handlers = stack->handlers;
    if (filter_datagram(head, length, &filtered) != FILTER_PASS)
        return -EBADMSG;
    stack->owner = &found;
    stack->handlers = (struct stack_handlers){ .request = note_resumed };
    stack_hear(stack, source, head, &filtered);
    stack->owner = owner;
    stack->handlers = handlers;
    if (found == 0)
        return -EBADMSG;
    stack_own(stack, found, token);
    *id = found;
    return 0;
}

void stack_branch(struct stack *stack, uint64_t id, char branch[STACK_BRANCH_BYTES])
{
    const struct transaction *transaction = transaction_find(&stack->all, id);
    branch[0] = 0;
    if (transaction)
        (void)text_copy(branch, STACK_BRANCH_BYTES, transaction->branch);
}

void stack_take_branch(struct stack *stack, struct transaction *transaction, const char *branch)
{
    uint8_t key[TRANSACTION_KEY_BYTES];
    (void)text_copy(transaction->branch, sizeof transaction->branch, branch);
    transaction_key(&stack->all, key, branch);
    transaction_index(&stack->all, transaction, INDEX_BRANCH, key);
}
