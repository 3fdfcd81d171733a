/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The leg to a seat's phone: what the table of leg.h says, done. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

enum {
    PHONE_HEADERS_BYTES = 640 + REFER_CALL_ID_BYTES + 2 * REFER_TAG_BYTES
};

/* branch NULL: a new request; else the one of a former process, once more. */
static bool say_invite(struct exchange *exchange, struct phone *phone, const char *branch)
{
    char body[CODECS_ANSWER_BYTES], contact[SIP_CONTACT_BYTES], headers[PHONE_HEADERS_BYTES];
    leg_describe(exchange, &phone->media, NULL, body);
    stack_contact(exchange->stack, &phone->dialog.peer, phone->dialog.secure, contact);
    struct text text = text_into(headers, sizeof headers);
    text_add(&text, SESSION_ALLOW);
    if (phone->auto_answer)
        text_print(&text,
                   "Call-Info: <%s>;answer-after=0\r\n"
                   "Alert-Info: <http://localhost>;info=alert-autoanswer\r\n",
                   phone->dialog.local_uri);
    refer_describe(phone, &text);
    if (phone->call && phone->call->line.emergency)
        text_add(&text, "Resource-Priority: esnet.1\r\n"); /* RFC 7135: never required */
    REQUIRE(!text.cut);
    char display[64] = "";
    if (phone_is_planned(phone))
        alone_display(phone, display, sizeof display);
    struct sip_request invite = { .method = "INVITE",
                                  .dialog = &phone->dialog,
                                  .cseq = phone->invite_cseq,
                                  .branch = branch,
                                  .display = display,
                                  .contact = contact,
                                  .headers = headers,
                                  .body = body };
    int status = stack_send(exchange->stack, &invite, phone->token, &phone->invite);
    if (status < 0)
        log_warn("cannot call phone offer=%" PRIu64 " uri=%s: %s", phone->offer, phone->uri,
                 strerror(-status));
    else
        stack_branch(exchange->stack, phone->invite, phone->branch);
    return status == 0;
}

static bool send_invite(struct exchange *exchange, struct phone *phone, bool auto_answer)
{
    char uri[96], call_id[64], tag[32];
    uint64_t random[2];
    if (!leg_open_media(exchange, &phone->media, phone->token))
        return false;
    randombytes_buf(random, sizeof random);
    const char *host = exchange->address;
    bool ipv6 = strchr(host, ':') != NULL;
    (void)snprintf(call_id, sizeof call_id, "%016" PRIx64 "@yihao", random[0]);
    (void)snprintf(tag, sizeof tag, "p%016" PRIx64, random[1]);
    /* The phone's display shows the line; who calls stays with the console and its trail. */
    (void)snprintf(uri, sizeof uri, ipv6 ? "sip:%" PRIu32 "@[%s]:%u" : "sip:%" PRIu32 "@%s:%u",
                   phone->line, host, (unsigned)stack_port(exchange->stack));
    dialog_to(&phone->dialog, uri, tag, phone->uri, call_id);
    phone->media.secured = carriers_secure(exchange, phone->dialog.peer.ip);
    phone->media.dtls = carriers_agree(exchange, phone->dialog.peer.ip);
    phone->invite_cseq = ++phone->dialog.local_cseq;
    phone->auto_answer = auto_answer;
    phone->rseq = 0;
    phone->answered_early = false;
    return say_invite(exchange, phone, NULL);
}

struct phone *phone_ring(struct exchange *exchange, struct call *call, uint64_t offer,
                         const char *uri)
{
    struct phone *phone = uri[0] ? phone_take(exchange) : NULL;
    if (!phone)
        return NULL;
    phone->offer = offer;
    phone->call = call;
    phone->line = call->line.number;
    phone->fail_cause = OFFER_END_PHONE_FAILED;
    (void)text_copy(phone->uri, sizeof phone->uri, uri + (uri[0] == '<'));
    phone->uri[strcspn(phone->uri, "> \t\r\n")] = 0;
    return phone;
}

/* What rings goes on ringing: the phone takes our INVITE for a repetition of the one it has. */
void phone_resume(struct exchange *exchange, struct phone *phone)
{
    bool withdrawn = phone->state == PHONE_TURNING || phone->state == PHONE_WITHDRAWN;
    if (phone->state == PHONE_TALKING) {
        if (!phone->call)
            phone_step(exchange, phone, PHONE_RELEASE);
        return;
    }
    if (!say_invite(exchange, phone, phone->branch)) {
        phone_step(exchange, phone, PHONE_REFUSE);
        return;
    }
    if (withdrawn)
        stack_cancel(exchange->stack, phone->invite, phone->elsewhere);
    else if (!phone->call)
        phone_step(exchange, phone, PHONE_WITHDRAW);
}

static void report_offer(struct exchange *exchange, const struct phone *phone,
                         enum command_kind kind)
{
    struct command command = { .kind = kind };
    uint64_t ticket;
    if (phone_is_planned(phone)) { /* no offer: who answers is told, and nothing else */
        if (kind == COMMAND_OFFER_ANSWER)
            alone_report(exchange, phone);
        return;
    }
    if (kind == COMMAND_OFFER_RING)
        command.offer_ring.offer = phone->offer;
    else if (kind == COMMAND_OFFER_ANSWER)
        command.offer_answer.offer = phone->offer;
    else
        command.offer_fail =
            (struct offer_fail){ .offer = phone->offer, .cause = phone->fail_cause };
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

static bool is_party(const struct phone *phone)
{
    return phone->role != ROOM_TAKER && phone->role != ROOM_RECEIVER;
}

static void report_party(struct exchange *exchange, const struct phone *phone,
                         enum command_kind kind)
{
    struct command command = { .kind = kind };
    uint64_t ticket;
    if (kind == COMMAND_PARTY_JOIN) {
        command.party_join.party = phone->offer;
    } else {
        command.party_leave.party = phone->offer;
        command.party_leave.cause = phone->fail_cause == OFFER_END_DECLINED ? PARTY_OUT_DECLINED
                                    : phone->fail_cause == OFFER_END_UNANSWERED
                                        ? PARTY_OUT_UNANSWERED
                                        : PARTY_OUT_FAILED;
    }
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

void phone_report_again(struct exchange *exchange, const struct phone *phone)
{
    if (phone->state == PHONE_RINGING && !is_party(phone))
        report_offer(exchange, phone, COMMAND_OFFER_RING);
    if (phone->state == PHONE_TALKING && is_party(phone))
        report_party(exchange, phone, COMMAND_PARTY_JOIN);
    else if (phone->state == PHONE_TALKING)
        report_offer(exchange, phone, COMMAND_OFFER_ANSWER);
}

static void report_fail(struct exchange *exchange, struct phone *phone)
{
    if (phone->reported)
        return;
    phone->reported = true;
    exchange->counts.phone_failures++;
    if (is_party(phone)) {
        report_party(exchange, phone, COMMAND_PARTY_LEAVE);
        return;
    }
    report_offer(exchange, phone, COMMAND_OFFER_FAIL);
    /* With no dispatcher to say it, the caller comes back to the sender here. */
    if (phone->role == ROOM_RECEIVER && phone->call && !link_is_up(exchange->link))
        call_hold(exchange, phone->call, false);
}

/* Parts the phone from its call; whatever it says from now on concerns nobody. */
static struct call *detach(struct exchange *exchange, struct phone *phone)
{
    struct call *call = phone->call;
    if (call && call->phone == phone)
        call->phone = call_other_phone(exchange, call, phone);
    phone->call = NULL;
    return call;
}

/* The first that answers has the caller; the dispatcher learns of the others by that. */
static void win(struct exchange *exchange, struct phone *phone)
{
    struct phone *other;
    phone->call->phone = phone;
    while ((other = call_other_phone(exchange, phone->call, phone)) != NULL) {
        other->call = NULL;
        other->reported = true;
        other->elsewhere = true;
        phone_step(exchange, other, PHONE_WITHDRAW);
    }
}

/* Who takes part beside the phone that has the caller. */
static void do_take_part(struct exchange *exchange, struct phone *phone)
{
    log_info("join call=%" PRIu64 " number=%" PRIu64 " role=%s", phone->call->number, phone->offer,
             room_role_name(phone->role));
    leg_connect_media(exchange, &phone->media, &phone->theirs);
    call_arrange(exchange, phone->call);
    if (phone->role == ROOM_RECEIVER && phone->call->phone)
        refer_reached(exchange, phone->call->phone);
    if (is_party(phone))
        report_party(exchange, phone, COMMAND_PARTY_JOIN);
    else
        report_offer(exchange, phone, COMMAND_OFFER_ANSWER);
}

static void do_connect(struct exchange *exchange, struct phone *phone)
{
    REQUIRE(phone->call); /* whom it rings for is with it until it parts */
    const struct phone *with = phone->call->phone;
    if (phone->role == ROOM_RECEIVER && (!with || with->state != PHONE_TALKING))
        phone->role = ROOM_TAKER; /* the sender left meanwhile */
    if (phone->role != ROOM_TAKER) {
        do_take_part(exchange, phone);
        return;
    }
    win(exchange, phone);
    phone->answered_ms = exchange->wall_ms;
    leg_connect_media(exchange, &phone->media, &phone->theirs);
    exchange->counts.connected++;
    log_info("connect call=%" PRIu64 " offer=%" PRIu64, phone->call->number, phone->offer);
    caller_step(exchange, phone->call, CALLER_CONNECT);
    report_offer(exchange, phone, COMMAND_OFFER_ANSWER);
}

static void do_bye(struct exchange *exchange, struct phone *phone)
{
    uint64_t transaction;
    struct sip_request bye = { .method = "BYE",
                               .dialog = &phone->dialog,
                               .cseq = ++phone->dialog.local_cseq,
                               .headers = "Reason: Q.850;cause=16\r\n" };
    (void)stack_send(exchange->stack, &bye, 0, &transaction);
}

static void part(struct exchange *exchange, struct phone *phone, unsigned acts)
{
    bool had_caller = phone->call && phone->call->phone == phone;
    struct call *call = detach(exchange, phone);
    if (call && acts & PHONE_DO_PARK && had_caller)
        call_park(exchange, call);
    else if (call && acts & PHONE_DO_PARK)
        call_arrange(exchange, call);
    else if (call && acts & PHONE_DO_LEFT)
        call_left(exchange, call, phone, had_caller);
}

void phone_step(struct exchange *exchange, struct phone *phone, enum phone_step step)
{
    struct leg_rule rule = phone_rule(phone->state, step);
    if (rule.to == PHONE_NONE || (step == PHONE_PRESS && phone->auto_answer))
        return;
    phone_touch(exchange, phone);
    phone->state = (enum phone_state)rule.to;
    bool called = true;
    if (rule.acts & PHONE_DO_INVITE)
        called = send_invite(exchange, phone, phone->auto_answer);
    if (rule.acts & PHONE_DO_INVITE_AUTO)
        called = send_invite(exchange, phone, true);
    if (rule.acts & PHONE_DO_REPORT_RING && !is_party(phone))
        report_offer(exchange, phone, COMMAND_OFFER_RING);
    if (rule.acts & PHONE_DO_CANCEL)
        stack_cancel(exchange->stack, phone->invite, phone->elsewhere);
    if (rule.acts & PHONE_DO_BYE)
        do_bye(exchange, phone);
    if (rule.acts & PHONE_DO_CONNECT)
        do_connect(exchange, phone);
    if (rule.acts & PHONE_DO_REPORT_FAIL)
        report_fail(exchange, phone);
    if (rule.acts & (PHONE_DO_PARK | PHONE_DO_LEFT | PHONE_DO_CLOSE) || rule.to == PHONE_WITHDRAWN)
        part(exchange, phone, rule.acts);
    if (rule.acts & PHONE_DO_CLOSE) {
        refer_gone(exchange, phone);
        hearing_end(exchange, phone->call, phone);
        leg_close_media(exchange, &phone->media);
        phone_give(exchange, phone);
    }
    if (!called)
        phone_step(exchange, phone, PHONE_REFUSE); /* the state is CALLING: it ends there */
}

static void hear_answer(struct exchange *exchange, struct phone *phone,
                        const struct sip_message *response)
{
    dialog_from_answer(&phone->dialog, response);
    struct codecs fresh;
    bool described = phone->answered_early;
    if (response->description) {
        described = codecs_read(&fresh, response->description, response->description_length) == 0;
        leg_take_theirs(&phone->media, &phone->theirs, &fresh);
    }
    bool sound = described && leg_agrees(&phone->media, &phone->theirs);
    session_hear_answer(exchange, &phone->session, response);
    if (!sound)
        exchange->counts.no_media++;
    phone_step(exchange, phone, sound ? PHONE_ANSWER : PHONE_DEAF);
}

void phone_hear_response(struct exchange *exchange, struct phone *phone,
                         const struct sip_message *response)
{
    int status = response->status;
    if (response->method != SIP_INVITE)
        return;
    if (phone->state == PHONE_TALKING) {
        session_hear_refreshed(exchange, phone->call, phone, response);
        return;
    }
    if (status > 100 && status < 200)
        early_acknowledge(exchange, phone, response);
    if (status > 100 && status < 200)
        (void)text_copy(phone->early_tag, sizeof phone->early_tag, response->to.tag);
    if (status == 180 || status == 181 || status == 182 || status == 183) {
        phone_step(exchange, phone, PHONE_PROGRESS);
    } else if (status < 200) {
        return;
    } else if (status < 300) {
        hear_answer(exchange, phone, response);
    } else if (status == 487) {
        phone_step(exchange, phone, PHONE_CANCELLED);
    } else {
        log_info("phone refuses offer=%" PRIu64 " status=%d", phone->offer, status);
        phone->fail_cause = status == 603 ? OFFER_END_DECLINED : OFFER_END_PHONE_FAILED;
        phone_step(exchange, phone, PHONE_REFUSE);
    }
}

/* The hold key of a phone that has a caller does what the console's does. */
static void hear_hold(struct exchange *exchange, struct phone *phone)
{
    bool holds = phone->theirs.way == CODECS_SENDS || phone->theirs.way == CODECS_SILENT;
    struct call *call = phone->call;
    if (holds == phone->holds || !call || call->phone != phone)
        return;
    struct command command = { .kind = holds ? COMMAND_CONTACT_HOLD : COMMAND_CONTACT_RESUME };
    uint64_t ticket;
    phone->holds = holds;
    if (holds)
        command.contact_hold.call = call->number;
    else
        command.contact_resume.call = call->number;
    call_hold(exchange, call, holds);
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

void phone_hear_invite(struct exchange *exchange, struct phone *phone, uint64_t transaction,
                       const struct sip_message *invite)
{
    char headers[256];
    if (leg_refuses(exchange, &phone->media, transaction, invite))
        return;
    dialog_retarget(&phone->dialog, invite);
    session_hear_request(exchange, &phone->session, invite);
    stack_own(exchange->stack, transaction, phone->token);
    leg_renegotiate(exchange, &phone->media, &phone->theirs, transaction, invite,
                    session_headers(&phone->session, headers, sizeof headers));
    hear_hold(exchange, phone);
}
