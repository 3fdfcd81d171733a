/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our registration with carriers that want one (RFC 3261 §10): said before it ends, with the answer to
 * the last challenge, so that one message is enough. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

enum {
    EXPIRES_S = 600, /* what we ask for */
    EXPIRES_MIN_S = 60,
    AGAIN_MS = 30000,   /* after one that failed */
    REFUSED_MS = 300000 /* after one whose password was not taken: accounts get locked */
};

void carriers_open(struct carrier *carrier, const struct carrier_settings *settings,
                   const char *passwords_path)
{
    carrier_open(carrier, settings);
    if (!settings->account[0] || !passwords_path)
        return;
    int status = enrol_read_password(passwords_path, settings->name, carrier->password);
    if (status < 0)
        log_error("no password of carrier name=%s file=%s: %s", settings->name, passwords_path,
                  strerror(-status));
}

static void say(struct exchange *exchange, struct carrier *carrier, uint32_t place)
{
    const struct carrier_settings *settings = &carrier->settings;
    struct enrolment *own = &carrier->enrolment;
    char uri[128], who[128], contact[SIP_CONTACT_BYTES], headers[ENROL_HEADER_BYTES + 32];
    struct dialog dialog;
    uint64_t transaction;
    bool six = strchr(settings->address, ':') != NULL;
    (void)snprintf(uri, sizeof uri, six ? "sip:[%s]:%u;transport=%s" : "sip:%s:%u;transport=%s",
                   settings->address, (unsigned)settings->port, settings->transport);
    (void)snprintf(who, sizeof who, six ? "sip:%s@[%s]" : "sip:%s@%s", settings->account,
                   settings->address);
    dialog_to(&dialog, who, own->tag, who, own->call_id);
    (void)text_copy(dialog.target, sizeof dialog.target, uri);
    (void)dialog_peer_of_uri(&dialog.peer, uri);
    stack_contact(exchange->stack, &dialog.peer, false, contact);
    int length = snprintf(headers, sizeof headers, "Expires: %d\r\n", EXPIRES_S);
    struct enrol_answer answer = { .user = settings->account,
                                   .password = carrier->password,
                                   .method = "REGISTER",
                                   .uri = uri,
                                   .count = ++own->count };
    char authorization[ENROL_HEADER_BYTES];
    if (own->challenge[0] && enrol_authorize(own->challenge, &answer, authorization) == 0)
        (void)text_copy(headers + length, sizeof headers - (size_t)length, authorization);
    struct sip_request request = { .method = "REGISTER",
                                   .dialog = &dialog,
                                   .cseq = ++own->cseq,
                                   .contact = contact,
                                   .headers = headers };
    uint64_t token = ++exchange->serial << 16 | (CARRIERS_ENROL + place);
    own->asked = true;
    if (stack_send(exchange->stack, &request, token, &transaction) < 0)
        carriers_hear_register(exchange, token, NULL);
}

void carriers_enrol(struct exchange *exchange, uint32_t place)
{
    struct carrier *carrier = &exchange->carriers[place];
    struct enrolment *own = &carrier->enrolment;
    if (!carrier->settings.account[0] || !carrier->settings.address[0] || own->asked ||
        own->due_ms > exchange->mono_ms)
        return;
    if (!own->call_id[0]) {
        uint64_t random[2];
        randombytes_buf(random, sizeof random);
        (void)snprintf(own->call_id, sizeof own->call_id, "%016" PRIx64 "@yihao", random[0]);
        (void)snprintf(own->tag, sizeof own->tag, "r%016" PRIx64, random[1]);
    }
    own->challenged = false;
    say(exchange, carrier, place);
}

static void take(struct exchange *exchange, struct carrier *carrier,
                 const struct sip_message *response)
{
    struct enrolment *own = &carrier->enrolment;
    int expires = response->contact_expires >= 0 ? response->contact_expires : response->expires;
    if (expires < EXPIRES_MIN_S)
        expires = expires < 0 ? EXPIRES_S : EXPIRES_MIN_S;
    own->due_ms = exchange->mono_ms + (uint64_t)expires * 500; /* at half time */
    if (!own->enrolled)
        log_info("registered with carrier name=%s expires=%d", carrier->settings.name, expires);
    own->enrolled = true;
}

void carriers_hear_register(struct exchange *exchange, uint64_t token,
                            const struct sip_message *response)
{
    uint64_t place = (token & 0xffff) - CARRIERS_ENROL;
    int status = response ? response->status : 0;
    if (place >= exchange->carrier_count || (status > 0 && status < 200))
        return;
    struct carrier *carrier = &exchange->carriers[place];
    struct enrolment *own = &carrier->enrolment;
    own->asked = false;
    if (status >= 200 && status < 300) {
        take(exchange, carrier, response);
        return;
    }
    if (status == 401 && response->challenge[0] && !own->challenged) {
        (void)text_copy(own->challenge, sizeof own->challenge, response->challenge);
        own->challenged = true;
        own->count = 0;
        say(exchange, carrier, (uint32_t)place);
        return;
    }
    log_error("carrier does not register us name=%s status=%d", carrier->settings.name, status);
    own->enrolled = false;
    own->challenge[0] = 0;
    own->due_ms = exchange->mono_ms + (status == 401 || status == 403 ? REFUSED_MS : AGAIN_MS);
}
