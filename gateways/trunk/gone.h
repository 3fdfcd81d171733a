/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gone: callers who hung up before the dispatcher took their arrival: it refused it (no room, a line it does
 * not know yet), or the link was full. Who called an emergency line, or spoke with somebody whom the line's plan
 * rang, is said again until the dispatcher has them, and is an abandoned contact or a kept conversation there;
 * anybody else is counted as turned away. They outlive the process. Private to trunk. */
#ifndef GATEWAYS_TRUNK_GONE_H
#define GATEWAYS_TRUNK_GONE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    GONE_MAX = 256,
    GONE_PAUSE_MAX = 3 /* how often the pause between two tries doubles */
};

struct gone {
    uint64_t call; /* 0: free place */
    uint32_t line;
    bool emergency;
    enum language language;
    uint64_t arrived_ms; /* UTC */
    char trunk[33], called[33], number[33], position[49], address[385], text[1024];
    enum end_cause cause;
    uint32_t user;        /* who spoke with them, and … */
    uint64_t answered_ms; /* … since when (UTC); 0: nobody */
    char phone[161];
    uint32_t tries;
    uint64_t retry_ms; /* monotonic; 0: it is on its way */
    uint64_t ticket;   /* of what is said last */
};

struct call;
struct exchange;

/* The caller hangs up while the dispatcher does not have them, and nothing is on its way. */
void gone_take(struct exchange *exchange, const struct call *call);

/* link_handlers.refused: an arrival, or what followed it. */
void gone_hear_refused(void *owner, const struct submit *submit, enum refusal refusal);

/* True: the ticket was one of theirs. */
bool gone_hear_outcome(struct exchange *exchange, uint64_t ticket, enum refusal refusal);

/* Says again who is due. */
void gone_tick(struct exchange *exchange);

/* Those whom a former process left. */
void gone_take_up(struct exchange *exchange);

#endif
