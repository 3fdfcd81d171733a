/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A taker's telephone asks by REFER to hand its caller over (RFC 3515): the dispatcher decides, and the telephone
 * hears by NOTIFY what became of it. When it has spoken with the other telephone before (RFC 5589 §7), our INVITE
 * there takes the place of what the two have between them: we are the transferee for the caller. Whoever calls from
 * outside is refused: it would be our line that pays. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

enum {
    ANSWER_MS = 1000, /* the telephone has its 202 by then */
    WORD_MS =
        30000, /* after a kill: what the dispatcher decided shows by then, in a transfer or not at all */
    TAKER_DIGITS = 9
};

/* What the dispatcher's no is in SIP; the others are 603: it would be the same elsewhere. */
static int status_of(enum refusal refusal)
{
    switch (refusal) {
    case REFUSAL_NO_SUCH_USER:
    case REFUSAL_NO_SUCH_LINE:
        return 404;
    case REFUSAL_TAKER_BUSY:
        return 486;
    case REFUSAL_TRANSFER_RUNS:
        return 491;
    case REFUSAL_BUSY:
    case REFUSAL_LIMIT:
        return 503;
    default:
        return 603;
    }
}

static void refuse(struct exchange *exchange, uint64_t transaction, int status, const char *why)
{
    char headers[96];
    (void)snprintf(headers, sizeof headers, "Reason: SIP;cause=%d;text=\"%s\"\r\n", status, why);
    exchange_reply(exchange, transaction, status, headers);
}

/* status 0: it is under way. */
static void notify(struct exchange *exchange, struct phone *phone, int status)
{
    static const struct {
        int status;
        const char *words;
    } words[] = { { 200, "OK" },        { 404, "Not Found" },  { 480, "Unavailable" },
                  { 486, "Busy Here" }, { 487, "Terminated" }, { 503, "Unavailable" } };
    char headers[192], body[64], contact[SIP_CONTACT_BYTES];
    uint64_t transaction;
    if (phone->referral.silent)
        return;
    const char *reason = status ? "Declined" : "Trying";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].status == status)
            reason = words[i].words;
    (void)snprintf(body, sizeof body, "SIP/2.0 %d %s\r\n", status ? status : 100, reason);
    (void)snprintf(
        headers, sizeof headers, "Event: refer;id=%" PRIu32 "\r\nSubscription-State: %s\r\n",
        phone->referral.event, status ? "terminated;reason=noresource" : "active;expires=180");
    stack_contact(exchange->stack, &phone->dialog.peer, phone->dialog.secure, contact);
    struct sip_request request = { .method = "NOTIFY",
                                   .dialog = &phone->dialog,
                                   .cseq = ++phone->dialog.local_cseq,
                                   .contact = contact,
                                   .headers = headers,
                                   .body_type = "message/sipfrag;version=2.0",
                                   .body = body };
    (void)stack_send(exchange->stack, &request, 0, &transaction);
}

static void report(struct exchange *exchange, struct phone *phone,
                   const struct contact_transfer *asked)
{
    struct command command = { .kind = COMMAND_CONTACT_TRANSFER };
    command.contact_transfer = *asked;
    phone->referral.ticket = 0;
    (void)exchange_report(exchange, &command, NULL, &phone->referral.ticket);
}

/* asked: with REFERRAL_ASK; transaction: of that REFER. */
static void step_as(struct exchange *exchange, struct phone *phone, enum referral_step step,
                    uint64_t transaction, const struct contact_transfer *asked)
{
    struct phone_referral *referral = &phone->referral;
    struct referral_rule rule = referral_rule(referral->state, step);
    referral->state = (enum referral_state)rule.to;
    if (rule.acts & REFERRAL_DO_BUSY)
        refuse(exchange, transaction, 491, refusal_name(REFUSAL_TRANSFER_RUNS));
    if (rule.acts & REFERRAL_DO_REPORT && asked) {
        referral->transaction = transaction;
        referral->late_ms = exchange->mono_ms + ANSWER_MS;
        report(exchange, phone, asked);
    }
    if (rule.acts & REFERRAL_DO_REFUSE)
        refuse(exchange, referral->transaction, referral->status, referral->why);
    if (rule.acts & REFERRAL_DO_ACCEPT)
        exchange_reply(exchange, referral->transaction, 202,
                       referral->silent ? "Refer-Sub: false\r\n" : NULL);
    if (rule.acts & REFERRAL_DO_TRYING)
        notify(exchange, phone, 0);
    if (rule.acts & REFERRAL_DO_DONE)
        notify(exchange, phone, 200);
    if (rule.acts & REFERRAL_DO_FAILED)
        notify(exchange, phone, referral->status);
    if (referral->state == REFERRAL_NONE)
        memset(referral, 0, sizeof *referral);
}

static void step(struct exchange *exchange, struct phone *phone, enum referral_step step,
                 int status, const char *why)
{
    if (phone->referral.state == REFERRAL_NONE)
        return;
    phone_touch(exchange, phone);
    phone->referral.status = status;
    phone->referral.why = why;
    step_as(exchange, phone, step, 0, NULL);
}

/* Digits that are no line the gateway knows are a taker, or a desk: the dispatcher knows. */
static bool target_of(const struct exchange *exchange, const struct refer_to *refer_to,
                      struct contact_transfer *asked)
{
    const struct line *line = dial_plan_find(&exchange->plan, refer_to->scheme, refer_to->user);
    size_t digits = strspn(refer_to->user, "0123456789");
    if (line)
        asked->line = line->number;
    else if (digits > 0 && digits <= TAKER_DIGITS && refer_to->user[digits] == 0)
        asked->taker = (uint32_t)strtoul(refer_to->user, NULL, 10);
    return asked->line || asked->taker;
}

static bool is_ours(const struct exchange *exchange, const char *call_id)
{
    if (!call_id[0])
        return false;
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        if (exchange->phones[i].token && strcmp(exchange->phones[i].dialog.call_id, call_id) == 0)
            return true;
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++)
        if (exchange->calls[i].token && strcmp(exchange->calls[i].dialog.call_id, call_id) == 0)
            return true;
    return false;
}

/* 0: it may be asked; *why is a word for the telephone's display. */
static int inspect(const struct exchange *exchange, const struct phone *phone,
                   const struct sip_message *request, struct contact_transfer *asked,
                   const char **why)
{
    const struct call *call = phone->call;
    *why = "malformed";
    if (request->refer_count != 1 || !request->refer_to.user[0])
        return 400;
    *why = "not_yours";
    if (phone->state != PHONE_TALKING || !call || call->phone != phone)
        return 403;
    *why = "no_such_dialog"; /* no dialog of ours gives way so: the two telephones' own alone */
    if (is_ours(exchange, request->refer_to.replaces.call_id))
        return 403;
    *why = "no_dispatcher";
    if (exchange->alone || !link_is_up(exchange->link))
        return 503;
    asked->call = call->number;
    (void)text_copy(asked->referred_by, sizeof asked->referred_by,
                    request->referred_by[0] ? request->referred_by : phone->dialog.remote_uri);
    *why = "outside";
    if (!target_of(exchange, &request->refer_to, asked))
        return 603;
    *why = "no_such_dialog"; /* a line has none: whoever is free is called */
    return asked->line && request->refer_to.replaces.call_id[0] ? 403 : 0;
}

static void begin(struct phone_referral *referral, const struct sip_message *request,
                  const struct contact_transfer *asked)
{
    referral->event = request->cseq;
    referral->silent = request->refer_silent;
    referral->taker = asked->taker;
    referral->replaces = request->refer_to.replaces;
}

void refer_hear(struct exchange *exchange, struct call *call, struct phone *phone,
                uint64_t transaction, const struct sip_message *request)
{
    struct contact_transfer asked = { 0 };
    const char *why = "outside";
    int status = call ? 603 : inspect(exchange, phone, request, &asked, &why);
    if (status == 0) {
        if (phone->referral.state == REFERRAL_NONE)
            begin(&phone->referral, request, &asked);
        step_as(exchange, phone, REFERRAL_ASK, transaction, &asked);
        return;
    }
    exchange->counts.refers_refused++;
    if (log_allowed(&exchange->deny_lines))
        log_warn("refuse to refer source=%s to=%s status=%d: %s", request->source.ip,
                 request->refer_to.user, status, why);
    refuse(exchange, transaction, status, why);
}

bool refer_hear_outcome(struct exchange *exchange, uint64_t ticket, enum refusal refusal)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        if (phone->token == 0 || phone->referral.ticket != ticket)
            continue;
        bool good = refusal == REFUSAL_NONE || refusal == REFUSAL_ALREADY;
        phone->referral.ticket = 0;
        exchange->counts.refers += good;
        exchange->counts.refers_refused += !good;
        step(exchange, phone, good ? REFERRAL_ALLOW : REFERRAL_DENY, status_of(refusal),
             refusal_name(refusal));
        return true;
    }
    return false;
}

void refer_reached(struct exchange *exchange, struct phone *phone)
{
    step(exchange, phone, REFERRAL_REACHED, 200, "");
}

void refer_missed(struct exchange *exchange, struct phone *phone, enum transfer_outcome outcome)
{
    int status = outcome == TRANSFER_OUTCOME_UNANSWERED  ? 480
                 : outcome == TRANSFER_OUTCOME_CANCELLED ? 487
                                                         : 603;
    step(exchange, phone, REFERRAL_MISSED, status, transfer_outcome_name(outcome));
}

void refer_gone(struct exchange *exchange, struct phone *phone)
{
    step(exchange, phone, REFERRAL_GONE, 487, "gone");
}

void refer_describe(const struct phone *receiver, struct text *headers)
{
    const struct phone *sender = receiver->call ? receiver->call->phone : NULL;
    if (!sender || sender == receiver || receiver->role != ROOM_RECEIVER)
        return;
    const struct phone_referral *referral = &sender->referral;
    const struct replaces *replaces = &referral->replaces;
    if (referral->state == REFERRAL_NONE || !replaces->call_id[0] ||
        referral->taker != receiver->user)
        return;
    text_print(headers, "Replaces: %s;to-tag=%s;from-tag=%s%s\r\n", replaces->call_id,
               replaces->to_tag, replaces->from_tag, replaces->early_only ? ";early-only" : "");
}

/* The outcome went to the former process: a REFER without an answer comes again; one that is under way shows in the
 * orders of its transfer, unless the dispatcher refused it. */
void refer_resume(const struct exchange *exchange, struct phone *phone)
{
    if (phone->referral.state == REFERRAL_ASKED)
        memset(&phone->referral, 0, sizeof phone->referral);
    phone->referral.late_ms = exchange->mono_ms + WORD_MS;
}

void refer_tick(struct exchange *exchange, struct phone *phone)
{
    if (phone->referral.state == REFERRAL_LATE && phone->referral.ticket == 0 &&
        phone->referral.late_ms <= exchange->mono_ms)
        step(exchange, phone, REFERRAL_DENY, 503, "");
    if (phone->referral.state == REFERRAL_ASKED && phone->referral.late_ms <= exchange->mono_ms)
        step(exchange, phone, REFERRAL_WAIT_OVER, 0, "");
}
