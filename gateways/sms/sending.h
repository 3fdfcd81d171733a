/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sending: hands what is due in the outbox to the centres: who is in danger first, then questions about what was
 * sent before, then all others, each by the way the routes name. Where a centre wants it (`submit_multi`), a notice's
 * equal texts go in bundles; one that was refused or is in doubt goes alone. */
#ifndef GATEWAYS_SMS_SENDING_H
#define GATEWAYS_SMS_SENDING_H

#include "base/log.h"
#include "gateways/sms/bundle.h"
#include "gateways/sms/centres.h"
#include "gateways/sms/evidence.h"
#include "gateways/sms/outbox.h"
#include "gateways/sms/routes.h"

/* How long until then, at most `most_ms`. */
static inline uint64_t sending_until(uint64_t due_ms, uint64_t now_ms, uint64_t most_ms)
{
    uint64_t wait = due_ms > now_ms ? due_ms - now_ms : 0;

    return wait < most_ms ? wait : most_ms;
}

/* Embedded by its owner; what it points to is borrowed for its life. */
struct sending {
    struct outbox *outbox;
    struct centres *centres;
    struct evidence *evidence;
    struct routes routes;
    struct bundles bundles;
    uint64_t mono_ms; /* of the turn under way */
    uint64_t wall_ms;
    uint64_t bundled;  /* texts that went out in bundles */
    uint64_t replaced; /* texts that got other words at their centre */
    struct log_limit refusal_limit;
};

/* Tells the outbox what all its centres can take, too. */
void sending_init(struct sending *sending, struct outbox *outbox, struct centres *centres,
                  struct evidence *evidence);

void sending_turn(struct sending *sending, uint64_t mono_ms, uint64_t wall_ms);
/* How long nothing will be due by the time alone; UINT64_MAX: for ever. */
uint64_t sending_wait(const struct sending *sending, uint64_t mono_ms, uint64_t wall_ms);

/* What a session brought back of a piece or a bundle. */
void sending_answered(struct sending *sending, const struct piece_answer *answer, uint64_t wall_ms);
void sending_replaced(struct sending *sending, const struct piece_answer *answer, uint64_t wall_ms);
void sending_unknown(struct sending *sending, struct parcel parcel);

#endif
