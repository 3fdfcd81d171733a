/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * leave: asks the dispatcher for leave to send the outbox's texts (decision 0012), and gives back what it
 * cannot send. Leave is asked for when a text can go out; until then the twin may have it.
 *
 * Given back:
 *  - when no centre is within reach for LEAVE_UNABLE_MS, all of which nothing is out; the dispatcher hears
 *    when one is again;
 *  - while some are, a text that none of them takes for so long (its operator's own is away, the others
 *    refused it): the twin may have a line there. Each text is the twin's once in a gateway's life: it may
 *    have none, either, and gives it back.
 *
 * Times: mono_ms for how long, wall_ms (UTC) for the outbox. */
#ifndef GATEWAYS_SMS_LEAVE_H
#define GATEWAYS_SMS_LEAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/link/link.h"
#include "gateways/sms/centres.h"
#include "gateways/sms/outbox.h"

enum {
    LEAVE_ASKS_MAX = 16,     /* questions of up to OUTBOX_ASKS_MAX texts each */
    LEAVE_UNABLE_MS = 10000, /* without a way out for so long, the twin shall send */
    LEAVE_URGENT_MS = 1000,  /* while somebody in danger waits for an answer */
    LEAVE_LOOK_MS = 1000,    /* between looks for texts that no centre takes … */
    LEAVE_AGAIN_MS = 60000   /* … and when there was no twin to take them */
};

/* Embedded by its owner; what it points to is borrowed for its life. */
struct leave {
    struct outbox *outbox;
    const struct centres *centres;
    struct link *link; /* set before the first look out */
    struct {
        uint64_t ticket; /* 0: free */
        uint32_t count;
        uint64_t texts[OUTBOX_ASKS_MAX];
    } asks[LEAVE_ASKS_MAX];
    uint32_t asks_open;
    uint64_t able_ms;     /* when a centre stood last */
    uint64_t look_ms;     /* look for texts that no centre takes */
    bool told_unable;     /* the dispatcher was */
    uint64_t able_ticket; /* of that word, 0: none is on its way */
    uint32_t returned;    /* texts that go back with it … */
    uint64_t returns[OUTBOX_ASKS_MAX];
    uint64_t life; /* of this process, in the keys of its commands */
    uint64_t asked;
};

void leave_init(struct leave *leave, struct outbox *outbox, const struct centres *centres,
                uint64_t life, uint64_t mono_ms);

/* Says and asks what is due. */
void leave_look_out(struct leave *leave, uint64_t mono_ms, uint64_t wall_ms);

/* When it will be by the time alone; UINT64_MAX for never. */
uint64_t leave_due(const struct leave *leave);

/* What the dispatcher said, or that the spool has it. False: the ticket is somebody else's. */
bool leave_settled(struct leave *leave, uint64_t ticket, enum refusal refusal, uint64_t wall_ms);
bool leave_spooled(struct leave *leave, uint64_t ticket);

#endif
