/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trunk: a gateway for calls, its lines, and the telephones of citizens and seats behind it. */
#ifndef TESTS_SIM_TRUNK_H
#define TESTS_SIM_TRUNK_H

#include "tests/sim/port.h"

struct dial_plan;

enum {
    CALLS_MAX = 8192, /* live ones of one trunk; above it the carrier says busy */
    LEGS_MAX = 512    /* telephones that ring by the lines' plans */
};

enum call_state {
    CALL_WAITING,
    CALL_RINGING, /* at a seat's phone */
    CALL_ANSWERING,
    CALL_TALKING,
    CALL_FINISHING /* the taker pressed the button; a release should come */
};

struct call {
    uint64_t number, arrived_ms; /* UTC */
    uint32_t line, citizen, taker;
    uint64_t contact; /* 0: the dispatcher has not answered yet */
    uint64_t offer;
    uint64_t arrive_ticket, answer_ticket, keep_ticket;
    enum call_state state;
    uint64_t answered_ms; /* UTC */
    uint32_t plan_step;   /* of the line's plan: the next one */
    uint64_t plan_ms;     /* not before */
    bool kept;            /* the citizen was told that they are heard */
    bool survived;        /* it began without a dispatcher */
    uint64_t survive_ticket;
    uint64_t told_ms; /* UTC: answered then, says the last report */
    char phone[64];   /* that rings or answered */
};

/* A telephone that rings by a line's plan. */
struct leg {
    uint64_t id, call;
    uint32_t user; /* 0: an overflow number */
    char uri[64];
};

struct trunk {
    struct sim *sim;
    struct port port;
    uint64_t next_call;
    struct call *calls;
    uint32_t count;
    struct dial_plan *plan; /* in its file: it outlives the process */
    bool alone;
    uint64_t silent_ms; /* UTC: the last word before */
    uint64_t last_leg;
    struct leg legs[LEGS_MAX];
    uint32_t leg_count;
};

void trunk_open(struct trunk *trunk, struct sim *sim, uint32_t gateway);
void trunk_close(struct trunk *trunk);

/* A citizen dials. */
void trunk_call(struct trunk *trunk, uint32_t line, uint32_t citizen);

/* A seat's phone registers. */
void trunk_register(struct trunk *trunk, uint32_t user);

/* The process dies with all its calls, and comes back later. */
void trunk_crash(struct trunk *trunk, uint64_t for_ms);

/* ---- between trunk.c and survive.c --------------------------------------------------------------- */

/* NULL: none. */
struct call *trunk_find(struct trunk *trunk, uint64_t number);

uint64_t trunk_submit(struct trunk *trunk, struct command command);

/* From now on the citizen and a taker talk. */
void trunk_talk(struct trunk *trunk, struct call *call);

/* All calls are named to a dispatcher that may not know them any more, or not yet. */
void trunk_name_all(struct trunk *trunk);

#endif
