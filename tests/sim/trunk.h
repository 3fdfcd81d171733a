/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trunk: a gateway for calls, its lines, and the telephones of citizens and seats behind it. */
#ifndef TESTS_SIM_TRUNK_H
#define TESTS_SIM_TRUNK_H

#include "tests/sim/port.h"

enum {
    CALLS_MAX = 8192 /* live ones of one trunk; above it the carrier says busy */
};

enum call_state {
    CALL_WAITING,
    CALL_RINGING, /* at a seat's phone */
    CALL_ANSWERING,
    CALL_TALKING,
    CALL_FINISHING /* the taker pressed the button; a release should come */
};

struct call {
    uint64_t number;
    uint32_t line, citizen, taker;
    uint64_t contact; /* 0: the dispatcher has not answered yet */
    uint64_t offer;
    uint64_t arrive_ticket, answer_ticket, keep_ticket;
    enum call_state state;
    bool accepted; /* promised to the citizen: it is in the spool or in the journal */
};

struct trunk {
    struct sim *sim;
    struct port port;
    uint64_t next_call;
    uint64_t orders_seen;
    struct call *calls;
    uint32_t count;
};

void trunk_open(struct trunk *trunk, struct sim *sim, uint32_t gateway);
void trunk_close(struct trunk *trunk);

/* A citizen dials. */
void trunk_call(struct trunk *trunk, uint32_t line, uint32_t citizen);

/* A seat's phone registers. */
void trunk_register(struct trunk *trunk, uint32_t user);

/* The process dies with all its calls, and comes back later. */
void trunk_crash(struct trunk *trunk, uint64_t for_ms);

#endif
