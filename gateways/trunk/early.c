/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reliable provisional responses (RFC 3262). Ours to a caller who can acknowledge them are said again until
 * the PRACK comes; a 200 waits for it for a moment, for no longer: a caller whose PRACK was lost is
 * connected all the same. A phone's are acknowledged. Who called without an offer gets ours this early,
 * so that the announcement is heard. */
#include <stdio.h>
#include <string.h>

#include "gateways/trunk/call.h"

enum {
    EARLY_AGAIN_MS = 500, /* T1, doubled each time */
    EARLY_UNTIL_MS = 32000,
    EARLY_HOLD_MS = 2000 /* how long a 200 waits for the PRACK */
};

static void say(struct exchange *exchange, struct call *call)
{
    char headers[64];
    const struct call_early *early = &call->early;
    (void)snprintf(headers, sizeof headers, "Require: 100rel\r\nRSeq: %u\r\n",
                   (unsigned)early->rseq);
    caller_reply(exchange, call, early->status, early->body[0] ? early->body : NULL, headers);
}

void early_say(struct exchange *exchange, struct call *call, int status, const char *body)
{
    struct call_early *early = &call->early;
    if (!early->wanted || early->acknowledged) {
        caller_reply(exchange, call, status, body, NULL);
        return;
    }
    if (early->rseq == 0) {
        early->rseq = 1;
        early->status = status;
        (void)snprintf(early->body, sizeof early->body, "%s", body ? body : "");
        early->until_ms = exchange->mono_ms + EARLY_UNTIL_MS;
        early->step_ms = EARLY_AGAIN_MS;
        early->again_ms = exchange->mono_ms + early->step_ms;
    }
    say(exchange, call);
}

bool early_holds(struct exchange *exchange, struct call *call)
{
    struct call_early *early = &call->early;
    if (early->rseq == 0 || early->acknowledged || !early->body[0])
        return false;
    if (early->held_ms == 0)
        early->held_ms = exchange->mono_ms + EARLY_HOLD_MS;
    return early->held_ms > exchange->mono_ms;
}

void early_tick(struct exchange *exchange, struct call *call)
{
    struct call_early *early = &call->early;
    if (early->rseq == 0 || early->acknowledged || early->until_ms <= exchange->mono_ms)
        return;
    if (call->state == CALLER_ANSWERED && early->held_ms != 0 && !early_holds(exchange, call)) {
        early->until_ms = 0;
        early->held_ms = 0;
        caller_connect(exchange, call);
        return;
    }
    if (early->again_ms > exchange->mono_ms)
        return;
    early->step_ms *= 2;
    early->again_ms = exchange->mono_ms + early->step_ms;
    say(exchange, call);
}

/* The answer to our offer, an offer of theirs, or nothing but the acknowledgement. */
static void take_description(struct exchange *exchange, struct call *call, uint64_t transaction,
                             const struct sip_message *prack)
{
    bool ours = !call->has_offer && !call->early.settled;
    if (prack->description && !ours) {
        if (leg_refuses(exchange, &call->media, transaction, prack))
            return;
        leg_renegotiate(exchange, &call->media, &call->theirs, transaction, prack, NULL);
        return;
    }
    exchange_reply(exchange, transaction, 200, NULL);
    if (!prack->description)
        return;
    call->early.settled = true;
    leg_hear_answer(exchange, &call->media, &call->theirs, prack);
    if (call->state == CALLER_WAITING)
        caller_play(exchange, call);
}

void early_hear_prack(struct exchange *exchange, struct call *call, uint64_t transaction,
                      const struct sip_message *prack)
{
    struct call_early *early = &call->early;
    if (early->rseq == 0 || prack->rseq != early->rseq || prack->rack_cseq != early->cseq) {
        exchange_reply(exchange, transaction, 481, NULL);
        return;
    }
    early->acknowledged = true;
    early->settled = early->settled || (call->has_offer && early->body[0]);
    take_description(exchange, call, transaction, prack);
    if (call->state == CALLER_ANSWERED && early->held_ms != 0) {
        early->held_ms = 0;
        caller_connect(exchange, call);
    }
}

void early_acknowledge(struct exchange *exchange, struct phone *phone,
                       const struct sip_message *response)
{
    char rack[64];
    uint64_t transaction;
    struct dialog dialog = phone->dialog;
    if (!response->reliable || response->rseq == 0 || response->rseq == phone->rseq ||
        !response->to.tag[0])
        return;
    phone->rseq = response->rseq;
    dialog_from_answer(&dialog, response);
    (void)snprintf(rack, sizeof rack, "RAck: %u %u INVITE\r\n", (unsigned)response->rseq,
                   (unsigned)response->cseq);
    struct sip_request prack = {
        .method = "PRACK", .dialog = &dialog, .cseq = ++phone->dialog.local_cseq, .headers = rack
    };
    (void)stack_send(exchange->stack, &prack, 0, &transaction);
    struct codecs fresh;
    if (!response->description ||
        codecs_read(&fresh, response->description, response->description_length) < 0)
        return;
    leg_take_theirs(&phone->media, &phone->theirs, &fresh);
    phone->answered_early = true;
}
