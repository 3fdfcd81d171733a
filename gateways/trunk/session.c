/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Session timers (RFC 4028): a dialog holds until it is refreshed, by them or by us. When a refresh
 * fails to come, or ours is not answered, the leg's sound decides: nobody who can be heard is hung up.
 * phone NULL: the caller's leg. */
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "base/log.h"
#include "gateways/trunk/call.h"

enum {
    SESSION_ANSWER_MS = 32000,
    SESSION_AGAIN_MS = 10000, /* after 491 or 5xx */
    SESSION_LATE_MAX_S = 32
};

static struct session *session_of(struct call *call, struct phone *phone)
{
    return phone ? &phone->session : &call->session;
}

/* Half the time when we refresh; when they do, shortly before the end (RFC 4028 §10). */
static void arm(struct exchange *exchange, struct session *session)
{
    uint32_t late = session->expires_s / 3;
    if (late > SESSION_LATE_MAX_S)
        late = SESSION_LATE_MAX_S;
    uint32_t wait_s = session->ours ? session->expires_s / 2 : session->expires_s - late;
    session->asked = false;
    session->due_ms = exchange->mono_ms + wait_s * 1000ULL;
}

bool session_is_short(const struct sip_message *request)
{
    return request->session_expires != 0 && request->session_expires < SESSION_MIN_S;
}

void session_hear_request(struct exchange *exchange, struct session *session,
                          const struct sip_message *request)
{
    if (request->updates)
        session->updates = true;
    if (request->session_expires < SESSION_MIN_S)
        return; /* says nothing of it, or what is too short to be kept */
    session->expires_s = request->session_expires;
    session->ours = request->refresher == SIP_UAS || (!request->timer && request->refresher == 0);
    session->timer = request->timer;
    arm(exchange, session);
}

void session_hear_answer(struct exchange *exchange, struct session *session,
                         const struct sip_message *answer)
{
    if (answer->updates)
        session->updates = true;
    session->expires_s = answer->session_expires >= SESSION_MIN_S ? answer->session_expires : 0;
    session->ours = answer->refresher != SIP_UAS;
    session->timer = true;
    arm(exchange, session);
}

const char *session_headers(const struct session *session, char *headers, size_t size)
{
    (void)snprintf(headers, size, SESSION_ALLOW);
    if (session->expires_s != 0)
        (void)snprintf(headers, size,
                       SESSION_ALLOW "Session-Expires: %" PRIu32 ";refresher=%s\r\n%s",
                       session->expires_s, session->ours ? "uas" : "uac",
                       !session->ours && session->timer ? "Require: timer\r\n" : "");
    return headers;
}

static void refresh(struct exchange *exchange, struct call *call, struct phone *phone)
{
    struct session *session = session_of(call, phone);
    struct dialog *dialog = phone ? &phone->dialog : &call->dialog;
    struct leg_media *media = phone ? &phone->media : &call->media;
    char body[CODECS_ANSWER_BYTES], contact[SIP_CONTACT_BYTES], headers[96];
    uint64_t transaction;
    stack_contact(exchange->stack, &dialog->peer, dialog->secure, contact);
    (void)snprintf(headers, sizeof headers,
                   "Supported: timer\r\nSession-Expires: %" PRIu32 ";refresher=uac\r\n",
                   session->expires_s);
    struct sip_request request = { .method = session->updates ? "UPDATE" : "INVITE",
                                   .dialog = dialog,
                                   .cseq = ++dialog->local_cseq,
                                   .contact = contact,
                                   .headers = headers };
    if (!session->updates && media->channel != 0) {
        media->version++;
        leg_describe(exchange, media, NULL, body);
        request.body = body;
    }
    session->asked = true;
    if (phone)
        phone_touch(exchange, phone);
    else
        call_touch(exchange, call);
    session->due_ms = exchange->mono_ms + SESSION_ANSWER_MS;
    if (stack_send(exchange->stack, &request, phone ? phone->token : call->token, &transaction) < 0)
        session->due_ms = exchange->mono_ms + SESSION_AGAIN_MS;
}

bool session_crosses(const struct session *session)
{
    return session->asked && !session->updates;
}

void session_hear_refreshed(struct exchange *exchange, struct call *call, struct phone *phone,
                            const struct sip_message *response)
{
    struct session *session = session_of(call, phone);
    if (!session->asked || response->status < 200)
        return;
    if (response->status < 300) {
        if (response->description)
            leg_hear_answer(exchange, phone ? &phone->media : &call->media,
                            phone ? &phone->theirs : &call->theirs, response);
        uint32_t before = session->expires_s;
        session_hear_answer(exchange, session, response);
        if (session->expires_s == 0) { /* they forgot to repeat it */
            session->expires_s = before;
            session->ours = true;
            arm(exchange, session);
        }
    } else if (response->status == 481 || response->status == 408) {
        life_lose(exchange, call, phone);
    } else {
        session->asked = false;
        session->updates = session->updates && response->status != 405 && response->status != 501;
        if (response->status == 422 && response->min_se > session->expires_s)
            session->expires_s = response->min_se;
        session->due_ms = exchange->mono_ms + SESSION_AGAIN_MS;
    }
}

void session_tick(struct exchange *exchange, struct call *call, struct phone *phone)
{
    struct session *session = session_of(call, phone);
    const struct leg_life *life = phone ? &phone->life : &call->life;
    bool confirmed = phone ? phone->state == PHONE_TALKING : call->state == CALLER_TALKING;
    if (session->expires_s == 0 || session->due_ms > exchange->mono_ms || !confirmed)
        return;
    if (session->ours && !session->asked) {
        refresh(exchange, call, phone);
        return;
    }
    log_warn("session not refreshed call=%" PRIu64 " quiet=%d", call ? call->number : 0,
             life->quiet);
    if (life->quiet) {
        life_lose(exchange, call, phone);
        return;
    }
    session->asked = false; /* who is heard stays */
    session->due_ms = exchange->mono_ms + session->expires_s * 1000ULL;
}
