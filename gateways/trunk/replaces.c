/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A taker goes on at another telephone of the same desk, or picks up there what rings: INVITE with Replaces (RFC 3891).
 * Only the dialogs of legs that we called, and only from the address that the leg is at: for all others there is no
 * such dialog. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "gateways/trunk/call.h"

/* The leg that is meant; ringing ones have but the tag of a provisional response. */
static struct phone *find(struct exchange *exchange, const struct sip_message *invite)
{
    const struct replaces *wanted = &invite->replaces;
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        bool talks = phone->state == PHONE_TALKING;
        if (phone->token == 0 || !phone->call || (!talks && phone->state != PHONE_RINGING))
            continue;
        const char *remote = talks ? phone->dialog.remote_tag : phone->early_tag;
        if (strcmp(phone->dialog.call_id, wanted->call_id) == 0 &&
            strcmp(phone->dialog.local_tag, wanted->to_tag) == 0 && remote[0] &&
            strcmp(remote, wanted->from_tag) == 0 &&
            strcmp(phone->dialog.peer.ip, invite->source.ip) == 0)
            return phone;
    }
    return NULL;
}

static bool begin_leg(struct exchange *exchange, struct phone *fresh, uint64_t transaction,
                      const struct sip_message *invite)
{
    char tag[32];
    uint64_t random;
    randombytes_buf(&random, sizeof random);
    (void)snprintf(tag, sizeof tag, "p%016" PRIx64, random);
    dialog_from_invite(&fresh->dialog, invite, tag);
    fresh->media.secured = carriers_secure(exchange, fresh->dialog.peer.ip);
    bool described = invite->description && codecs_read(&fresh->theirs, invite->description,
                                                        invite->description_length) == 0;
    if (!described || !leg_agrees(&fresh->media, &fresh->theirs) ||
        !leg_open_media(exchange, &fresh->media, fresh->token))
        return false;
    session_hear_request(exchange, &fresh->session, invite);
    stack_own(exchange->stack, transaction, fresh->token);
    return true;
}

static void answer(struct exchange *exchange, struct phone *fresh, uint64_t transaction)
{
    char body[CODECS_ANSWER_BYTES], headers[256], contact[SIP_CONTACT_BYTES];
    leg_describe(exchange, &fresh->media, &fresh->theirs, body);
    stack_contact(exchange->stack, &fresh->dialog.peer, fresh->dialog.secure, contact);
    struct sip_reply reply = { .status = 200,
                               .to_tag = fresh->dialog.local_tag,
                               .contact = contact,
                               .headers = session_headers(&fresh->session, headers, sizeof headers),
                               .body = body };
    (void)stack_reply(exchange->stack, transaction, &reply);
}

/* The fresh leg is what the old one was, and the dispatcher need not know. */
static void take_place(struct exchange *exchange, struct phone *old, struct phone *fresh)
{
    bool talks = old->state == PHONE_TALKING;
    struct call *call = old->call;
    log_info("replace call=%" PRIu64 " offer=%" PRIu64 " %s", call->number, old->offer,
             talks ? "talking" : "ringing");
    fresh->offer = old->offer;
    fresh->user = old->user;
    fresh->role = old->role;
    fresh->line = old->line;
    fresh->answered_ms = old->answered_ms;
    fresh->auto_answer = true; /* nobody presses a key for it any more */
    memcpy(fresh->uri, old->uri, sizeof fresh->uri);
    fresh->call = call;
    old->offer = 0;
    old->reported = old->elsewhere = true;
    old->call = NULL;
    if (call->phone == old)
        call->phone = fresh;
    phone_step(exchange, fresh, talks ? PHONE_REPLACE : PHONE_PICK_UP);
    if (talks) {
        leg_connect_media(exchange, &fresh->media, &fresh->theirs);
        call_arrange(exchange, call);
    }
    phone_step(exchange, old, talks ? PHONE_RELEASE : PHONE_WITHDRAW);
}

/* Our 200 died with a former process, and the telephone asks once more for the place that it has. */
static bool say_again(struct exchange *exchange, uint64_t transaction,
                      const struct sip_message *invite)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        if (phone->token == 0 || phone->state != PHONE_TALKING ||
            phone->dialog.remote_cseq != invite->cseq ||
            strcmp(phone->dialog.call_id, invite->call_id) != 0 ||
            strcmp(phone->dialog.remote_tag, invite->from.tag) != 0)
            continue;
        stack_own(exchange->stack, transaction, phone->token);
        answer(exchange, phone, transaction);
        return true;
    }
    return false;
}

void replaces_hear(struct exchange *exchange, uint64_t transaction,
                   const struct sip_message *invite)
{
    if (say_again(exchange, transaction, invite))
        return;
    struct phone *old = find(exchange, invite);
    int status = !invite->replaces.call_id[0]                                 ? 400
                 : !old                                                       ? 481
                 : old->state == PHONE_TALKING && invite->replaces.early_only ? 486
                                                                              : 0;
    struct phone *fresh = status == 0 ? phone_take(exchange) : NULL;
    if (status == 0 && !fresh)
        status = 503;
    if (fresh && !begin_leg(exchange, fresh, transaction, invite)) {
        leg_close_media(exchange, &fresh->media);
        phone_give(exchange, fresh);
        status = 488;
    }
    if (status != 0) {
        if (log_allowed(&exchange->deny_lines))
            log_warn("deny replacement source=%s status=%d", invite->source.ip, status);
        exchange_reply(exchange, transaction, status, NULL);
        return;
    }
    phone_touch(exchange, old);
    phone_touch(exchange, fresh);
    answer(exchange, fresh, transaction);
    take_place(exchange, old, fresh);
}
