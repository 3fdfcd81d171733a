/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trunk: a gateway for calls, its lines, and the telephones of citizens and seats behind it. */
#ifndef TESTS_SIM_TRUNK_H
#define TESTS_SIM_TRUNK_H

#include "tests/sim/port.h"

struct dial_plan;

enum {
    CALLS_MAX = 8192, /* live ones of one trunk; above it the carrier says busy */
    LEGS_MAX = 512,   /* telephones that ring by the lines' plans */
    GONE_MAX = 4096,  /* more than a seed has */
    EARLIER_MAX =
        8 /* telephones that die one after the other under one caller while nobody hears of it */
};

enum call_state {
    CALL_WAITING,
    CALL_RINGING, /* at a seat's phone */
    CALL_ANSWERING,
    CALL_TALKING,
    CALL_FINISHING /* the taker pressed the button; a release should come */
};

/* Who answered then: said, and not heard of since. */
struct report {
    uint64_t ticket, answered_ms;
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
    struct report earlier[EARLIER_MAX];
    uint32_t earlier_count;
    char phone[64]; /* that rings or answered */
};

/* A telephone that rings by a line's plan. */
struct leg {
    uint64_t id, call;
    uint32_t user; /* 0: an overflow number */
    char uri[64];
};

/* Hung up before the dispatcher had room for them. */
struct gone {
    uint64_t call, arrived_ms; /* UTC */
    uint32_t line, citizen;
    enum end_cause cause;
    struct contact_survive talk; /* answered_ms 0: with nobody */
    uint64_t ticket;             /* 0: nothing is on its way */
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
    struct gone gone[GONE_MAX]; /* in a file: they outlive the process */
    uint32_t gone_count;
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

/* Counted by the dispatcher, as somebody whom no queue saw. */
void trunk_turn_away(struct trunk *trunk, uint64_t call, uint32_t line, uint64_t arrived_ms);

/* ---- gone.c ---------------------------------------------------------------------------------- */

/* The citizen hangs up, the dispatcher does not have them, and nothing is on its way. */
void gone_take(struct trunk *trunk, const struct call *call, enum end_cause cause);
void gone_hear_refused(struct trunk *trunk, const struct command *said, uint32_t citizen,
                       enum refusal refusal);
/* True: the ticket was one of theirs. */
bool gone_hear_outcome(struct trunk *trunk, uint64_t ticket, enum refusal refusal);
void gone_crash(struct trunk *trunk);

#endif
