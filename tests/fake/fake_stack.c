/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/fake_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/fake/transcript.h"

enum {
    PLACES = 4096,
    INVITES = 16
};

struct stack {
    struct stack_handlers handlers;
    void *owner;
    uint64_t last;           /* transaction */
    uint64_t tokens[PLACES]; /* of server transactions */
    uint64_t invite_token;   /* of our last INVITE */
    uint64_t asked_token;    /* of our last request that wants an answer */
    unsigned invites;
    struct dialog dialogs[INVITES]; /* of our INVITEs */
    uint32_t cseq;
    uint32_t said_cseq; /* of our last request */
    char to_tag[SIP_TAG_BYTES];
    char body[2048];
    char headers[1024];
};

struct stack *fake_stack_make(const struct stack_handlers *handlers, void *owner)
{
    struct stack *stack = calloc(1, sizeof *stack);
    stack->handlers = *handlers;
    stack->owner = owner;
    return stack;
}

void stack_close(struct stack *stack)
{
    free(stack);
}

uint16_t stack_port(const struct stack *stack)
{
    (void)stack;
    return 5060;
}

void stack_contact(const struct stack *stack, const struct wire_peer *peer, bool secure,
                   char contact[SIP_CONTACT_BYTES])
{
    (void)stack, (void)peer, (void)secure;
    (void)snprintf(contact, SIP_CONTACT_BYTES, "<sip:yihao@192.0.2.1>");
}

void stack_reuse(struct stack *stack, const struct wire_peer *source, const char *contact)
{
    (void)stack, (void)source, (void)contact;
}

bool stack_proves(const struct stack *stack, const struct wire_peer *peer, const char *name)
{
    (void)stack, (void)peer, (void)name;
    return false;
}

void stack_own(struct stack *stack, uint64_t transaction, uint64_t token)
{
    stack->tokens[transaction % PLACES] = token;
}

/* What extensions say in these headers, for the transcript: " RSeq: 1". */
static const char *terms_of(const char *headers, char *terms, size_t size)
{
    static const char *const told[] = { "RSeq: ",      "RAck: ",       "Session-Expires: ",
                                        "Min-SE: ",    "Event: ",      "Subscription-State: ",
                                        "Reason: SIP", "Replaces: ",   "Refer-Sub: ",
                                        "Refer-To: ",  "Referred-By: " };
    struct text text = text_into(terms, size);
    for (size_t i = 0; i < sizeof told / sizeof told[0] && headers; i++) {
        const char *line = strstr(headers, told[i]);
        if (line)
            text_print(&text, " %.*s", (int)strcspn(line, "\r\n"), line);
    }
    return terms;
}

int stack_reply(struct stack *stack, uint64_t transaction, const struct sip_reply *reply)
{
    if (reply->to_tag)
        (void)text_copy(stack->to_tag, sizeof stack->to_tag, reply->to_tag);
    const char *media = reply->body ? strstr(reply->body, "m=") : NULL;
    if (reply->body)
        (void)text_copy(stack->body, sizeof stack->body, reply->body);
    int length = media ? (int)strcspn(media, "\r\n") : 0;
    char terms[160];
    transcript_say("reply %d to=%d%s%.*s%s", reply->status, (int)transaction, media ? " " : "",
                   length, media ? media : "", terms_of(reply->headers, terms, sizeof terms));
    return 0;
}

int stack_send(struct stack *stack, const struct sip_request *request, uint64_t token,
               uint64_t *transaction)
{
    struct wire_peer peer;
    dialog_next_hop(request->dialog, &peer);
    if (peer.port == 0)
        return -1;
    *transaction = ++stack->last;
    stack->said_cseq = request->cseq;
    stack->asked_token = token ? token : stack->asked_token;
    if (request->body && !request->body_type)
        (void)text_copy(stack->body, sizeof stack->body, request->body);
    (void)text_copy(stack->headers, sizeof stack->headers,
                    request->headers ? request->headers : "");
    bool by_itself = request->headers && strstr(request->headers, "answer-after=0");
    char terms[320];
    const char *route = request->dialog->route_count > 0 ? request->dialog->routes[0] : "";
    transcript_say("send %s %s%s%s%s%s%s%s%s%s%.*s", request->method, request->dialog->target,
                   route[0] ? " through " : "", route, by_itself ? " answering by itself" : "",
                   request->branch ? " again" : "", terms_of(request->headers, terms, sizeof terms),
                   request->display && request->display[0] ? " shows " : "",
                   request->display ? request->display : "", request->body_type ? " says " : "",
                   request->body_type ? (int)strcspn(request->body, "\r\n") : 0,
                   request->body_type ? request->body : "");
    if (strcmp(request->method, "INVITE") == 0) {
        stack->invite_token = token;
        stack->dialogs[stack->invites++ % INVITES] = *request->dialog;
    }
    return 0;
}

size_t stack_head(struct stack *stack, uint64_t id, char *head, size_t size)
{
    (void)stack;
    return (size_t)snprintf(head, size, "INVITE of %d", (int)id);
}

int stack_resume(struct stack *stack, const char *head, size_t length,
                 const struct wire_peer *source, uint64_t token, uint64_t *id)
{
    transcript_say("resume %.*s from=%s", (int)length, head, source->ip);
    *id = ++stack->last;
    stack_own(stack, *id, token);
    return 0;
}

void stack_branch(struct stack *stack, uint64_t id, char branch[STACK_BRANCH_BYTES])
{
    (void)stack;
    (void)snprintf(branch, STACK_BRANCH_BYTES, "branch-%d", (int)id);
}

void stack_cancel(struct stack *stack, uint64_t transaction, bool elsewhere)
{
    (void)stack, (void)transaction, (void)elsewhere;
    transcript_say("send CANCEL");
}

uint64_t fake_stack_request(struct stack *stack, const struct sip_message *request)
{
    uint64_t transaction = ++stack->last;
    int verdict = request->to.tag[0] ? 0 : stack->handlers.stranger(stack->owner, request);
    if (verdict != 0) {
        transcript_say("refuse %d to=%d", verdict, (int)transaction);
        return transaction;
    }
    stack->tokens[transaction % PLACES] = 0;
    stack->handlers.request(stack->owner, transaction, request);
    return transaction;
}

void fake_stack_cancel(struct stack *stack, uint64_t transaction)
{
    stack->handlers.cancel(stack->owner, stack->tokens[transaction % PLACES]);
}

void fake_stack_ack(struct stack *stack, uint64_t transaction, const struct sip_message *ack)
{
    stack->handlers.ack(stack->owner, stack->tokens[transaction % PLACES], ack);
}

void fake_stack_ack_missing(struct stack *stack, uint64_t transaction)
{
    stack->handlers.ack_missing(stack->owner, stack->tokens[transaction % PLACES]);
}

void fake_stack_answer(struct stack *stack, int status, const char *sdp)
{
    struct sip_message message = { .status = status, .method = SIP_INVITE };
    (void)text_copy(message.to.tag, sizeof message.to.tag, "phone");
    (void)text_copy(message.contact, sizeof message.contact, "sip:1001@192.0.2.9");
    message.description = sdp;
    message.description_length = sdp ? strlen(sdp) : 0;
    stack->handlers.response(stack->owner, stack->invite_token, &message);
}

uint64_t fake_stack_token(const struct stack *stack)
{
    return stack->invite_token;
}

void fake_stack_cancelled(struct stack *stack, uint64_t token)
{
    struct sip_message message = { .status = 487, .method = SIP_INVITE };
    stack->handlers.response(stack->owner, token, &message);
}

void fake_stack_phone(struct stack *stack, unsigned nth, enum sip_method method, const char *sdp)
{
    struct sip_message message = { .request = true, .method = method };
    message.description = sdp;
    message.description_length = sdp ? strlen(sdp) : 0;
    fake_stack_phone_says(stack, nth, &message);
}

void fake_stack_phone_says(struct stack *stack, unsigned nth, const struct sip_message *words)
{
    const struct dialog *dialog = &stack->dialogs[nth - 1];
    struct sip_message message = *words;
    message.request = true;
    message.cseq = ++stack->cseq;
    (void)text_copy(message.to.tag, sizeof message.to.tag, dialog->local_tag);
    (void)text_copy(message.from.tag, sizeof message.from.tag, "phone");
    (void)text_copy(message.call_id, sizeof message.call_id, dialog->call_id);
    (void)text_copy(message.contact, sizeof message.contact, "sip:1001@192.0.2.9");
    (void)fake_stack_request(stack, &message);
}

const struct dialog *fake_stack_dialog(const struct stack *stack, unsigned nth)
{
    return &stack->dialogs[nth - 1];
}

void fake_stack_options(struct stack *stack, uint64_t token, int status)
{
    struct sip_message message = { .status = status, .method = SIP_OPTIONS };
    stack->handlers.response(stack->owner, token, &message);
}

void fake_stack_respond(struct stack *stack, uint64_t token, const struct sip_message *response)
{
    stack->handlers.response(stack->owner, token, response);
}

void fake_stack_says(struct stack *stack, enum sip_method method, int status)
{
    struct sip_message message = { .status = status, .method = method };
    stack->handlers.response(stack->owner, stack->asked_token, &message);
}

void fake_stack_fail(struct stack *stack)
{
    stack->handlers.failed(stack->owner, stack->invite_token);
}

const char *fake_stack_body(const struct stack *stack)
{
    return stack->body;
}

const char *fake_stack_headers(const struct stack *stack)
{
    return stack->headers;
}

const char *fake_stack_tag(const struct stack *stack)
{
    return stack->to_tag;
}

uint32_t fake_stack_cseq(const struct stack *stack)
{
    return stack->said_cseq;
}
