/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether anybody is still at the other end of a leg. A telephone that loses power or network sends
 * neither CANCEL nor BYE; its sound stops. Sound may stop for good reasons too (mute, silence
 * suppression, a carrier without early sound), so that a leg without sound is asked by OPTIONS inside its
 * dialog (RFC 3261 §11, §12.2), and only one that does not answer is lost.
 *
 * In an early dialog not every carrier answers at all: there a leg is lost only when it showed before
 * that it can be heard, by sound or by an answer. */
#include <inttypes.h>

#include "base/log.h"
#include "gateways/trunk/call.h"

static bool is_confirmed(const struct call *call, const struct phone *phone)
{
    return phone ? phone->state == PHONE_TALKING
                 : call->state == CALLER_ANSWERED || call->state == CALLER_TALKING;
}

static bool is_early(const struct call *call, const struct phone *phone)
{
    return !phone && call->state == CALLER_WAITING;
}

void life_lose(struct exchange *exchange, struct call *call, struct phone *phone)
{
    exchange->counts.lost++;
    if (phone) {
        log_warn("phone is gone offer=%" PRIu64 " call=%" PRIu64, phone->offer,
                 phone->call ? phone->call->number : 0);
        if (phone->call && phone->call->phone == phone)
            phone->call->phone_lost = true;
        phone_step(exchange, phone, PHONE_DEAD);
        return;
    }
    log_warn("caller is gone call=%" PRIu64, call->number);
    call->cause = END_CAUSE_MEDIA_LOST;
    caller_step(exchange, call, CALLER_RELEASE);
}

static void fail(struct exchange *exchange, struct call *call, struct phone *phone)
{
    struct leg_life *life = phone ? &phone->life : &call->life;
    bool shown = is_confirmed(call, phone) || life->sounded;
    life->asked = false;
    life->failures++;
    life->ask_ms = 0; /* once more at once */
    if (!life->quiet || (!is_confirmed(call, phone) && !is_early(call, phone)))
        return;
    if (shown || (life->answered && life->failures >= LIFE_FAILURES))
        life_lose(exchange, call, phone);
}

void life_hear_quiet(struct call *call, struct phone *phone, bool quiet, bool sounded)
{
    struct leg_life *life = phone ? &phone->life : &call->life;
    life->quiet = quiet;
    life->sounded |= sounded || !quiet;
    life->ask_ms = 0; /* at once */
    if (!quiet)
        life->failures = 0;
}

void life_hear_answer(struct exchange *exchange, struct call *call, struct phone *phone, int status)
{
    struct leg_life *life = phone ? &phone->life : &call->life;
    if (status < 200)
        return;
    if (status == 481 || status == 408) { /* it does not know this dialog */
        if (life->asked)
            fail(exchange, call, phone);
        return;
    }
    life->asked = false;
    life->answered = true;
    life->failures = 0;
}

void life_tick(struct exchange *exchange, struct call *call, struct phone *phone)
{
    struct leg_life *life = phone ? &phone->life : &call->life;
    struct dialog *dialog = phone ? &phone->dialog : &call->dialog;
    uint64_t transaction;
    if (life->asked && life->asked_ms + LIFE_ANSWER_MS <= exchange->mono_ms) {
        fail(exchange, call, phone);
        return;
    }
    if (!life->quiet || life->asked || life->ask_ms > exchange->mono_ms ||
        (!is_confirmed(call, phone) && !is_early(call, phone)))
        return;
    struct sip_request request = { .method = "OPTIONS",
                                   .dialog = dialog,
                                   .cseq = ++dialog->local_cseq };
    life->asked_ms = exchange->mono_ms;
    life->ask_ms = exchange->mono_ms + LIFE_EVERY_MS;
    life->asked = true;
    exchange->counts.probes++;
    if (phone)
        phone_touch(exchange, phone); /* the sequence number */
    else
        call_touch(exchange, call);
    if (stack_send(exchange->stack, &request, phone ? phone->token : call->token, &transaction) < 0)
        life->asked = false; /* nothing left here: no proof of anything */
}
