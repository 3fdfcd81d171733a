/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A caller's own carrier puts them through to a number outside, asked by REFER (RFC 3515): only where its profile says
 * that it can, only on the dispatcher's order, never with an emergency. Until it says that somebody is there the caller
 * is the taker's; then our leg ends. What it says too late is heard still: who was put through is gone. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "gateways/trunk/call.h"

enum {
    SIP_URI_ROOM = 161
};

/* status 0: the carrier was not asked. */
static void report_failure(struct exchange *exchange, struct call *call, int status)
{
    struct command command = { .kind = COMMAND_TRANSFER_CANCEL };
    uint64_t ticket;
    call->refer_runs = false;
    call_touch(exchange, call);
    log_warn("carrier does not put through call=%" PRIu64 " status=%d", call->number, status);
    command.transfer_cancel.call = call->number;
    command.transfer_cancel.status = (uint32_t)status;
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

static bool is_able(const struct call *call)
{
    return call->state == CALLER_TALKING && !call->line.emergency && call->carrier &&
           strcmp(call->carrier->settings.refer, "yes") == 0;
}

void refer_out(struct exchange *exchange, struct call *call, const char *phone)
{
    char headers[4 * SIP_URI_ROOM], uri[SIP_URI_ROOM], contact[SIP_CONTACT_BYTES];
    uint64_t transaction;
    if (call->refer_runs) /* the order came again */
        return;
    (void)text_copy(uri, sizeof uri, phone + (phone[0] == '<'));
    uri[strcspn(uri, "> \t\r\n")] = 0;
    struct text text = text_into(headers, sizeof headers);
    text_print(&text, "Refer-To: <%s>\r\nReferred-By: <%s>\r\n", uri, call->dialog.local_uri);
    if (!is_able(call) || !uri[0] || text.cut) {
        report_failure(exchange, call, 0);
        return;
    }
    stack_contact(exchange->stack, &call->dialog.peer, call->dialog.secure, contact);
    call->refer_cseq = ++call->dialog.local_cseq;
    call->refer_runs = true;
    call_touch(exchange, call);
    struct sip_request refer = { .method = "REFER",
                                 .dialog = &call->dialog,
                                 .cseq = call->refer_cseq,
                                 .contact = contact,
                                 .headers = headers };
    log_info("refer call=%" PRIu64 " carrier=%s to=%s", call->number, call->carrier->settings.name,
             uri);
    if (stack_send(exchange->stack, &refer, call->token, &transaction) < 0)
        report_failure(exchange, call, 503);
}

void refer_out_leave(struct exchange *exchange, struct call *call)
{
    call->refer_runs = false;
    call_touch(exchange, call);
}

void refer_out_hear(struct exchange *exchange, struct call *call, int status)
{
    if (call->refer_runs && status >= 300)
        report_failure(exchange, call, status);
}

void refer_out_hear_notice(struct exchange *exchange, struct call *call, uint64_t transaction,
                           const struct sip_message *notice)
{
    bool ours = call && call->refer_cseq && notice->of_refer &&
                (notice->refer_event == 0 || notice->refer_event == call->refer_cseq);
    exchange_reply(exchange, transaction, ours ? 200 : 481, NULL);
    if (!ours || (notice->fragment < 200 && !notice->subscription_over))
        return;
    if (notice->fragment < 200 || notice->fragment >= 300) {
        if (call->refer_runs)
            report_failure(exchange, call, notice->fragment ? notice->fragment : 487);
        return;
    }
    log_info("carrier put through call=%" PRIu64, call->number);
    call->refer_runs = false;
    call->cause = END_CAUSE_REFERRED;
    caller_step(exchange, call, CALLER_RELEASE);
}
