/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * leg: the two halves of a call as tables: the caller's leg, where we are called, and the phone's
 * leg, where we call a seat. A cell says the next state and what is to be done; an empty cell means
 * that the step changes nothing there. tests/golden/legs.ok is these tables as text.
 *
 * Pure. RFC 3261 §9 (CANCEL), §13 (INVITE), §15 (BYE). */
#ifndef GATEWAYS_TRUNK_LEG_H
#define GATEWAYS_TRUNK_LEG_H

#include <stdint.h>

enum caller_state {
    CALLER_NONE,
    CALLER_ARRIVING, /* told the dispatcher; not yet durable */
    CALLER_WAITING,  /* stands in the queue and hears the announcement */
    CALLER_ANSWERED, /* our 200 is out, its ACK is not here */
    CALLER_TALKING,
    CALLER_LEAVING, /* to be hung up, but RFC 3261 §15 wants the ACK first */
    CALLER_OVER,
    CALLER_STATE_COUNT
};

enum caller_step {
    CALLER_INVITE,
    CALLER_KEPT,    /* durable in the journal or in the spool */
    CALLER_REFUSE,  /* the dispatcher does not take it (ordinary lines only) */
    CALLER_CONNECT, /* a seat's phone answered */
    CALLER_PARK,    /* the phone is gone again, the caller waits for the next */
    CALLER_ACK,
    CALLER_ACK_MISSING,
    CALLER_CANCEL,
    CALLER_BYE,
    CALLER_RELEASE, /* we hang up */
    CALLER_STEP_COUNT
};

/* What a step does, in this order. */
enum caller_act {
    CALLER_DO_TRYING = 1 << 0,   /* 100 */
    CALLER_DO_ARRIVE = 1 << 1,   /* report ContactArrive */
    CALLER_DO_PROGRESS = 1 << 2, /* 183 with sound, or 180 */
    CALLER_DO_PLAY = 1 << 3,     /* the waiting announcement; the recording begins */
    CALLER_DO_OK = 1 << 4,       /* 200 */
    CALLER_DO_BRIDGE = 1 << 5,
    CALLER_DO_GONE = 1 << 6, /* 487 */
    CALLER_DO_DENY = 1 << 7, /* 480 or 503 */
    CALLER_DO_BYE = 1 << 8,
    CALLER_DO_REPORT_END = 1 << 9, /* ContactEnd */
    CALLER_DO_DROP_PHONE = 1 << 10,
    CALLER_DO_CLOSE = 1 << 11 /* the call's place is free again */
};

enum phone_state {
    PHONE_NONE,
    PHONE_CALLING, /* INVITE is out */
    PHONE_RINGING,
    PHONE_TURNING,   /* CANCEL is out; an INVITE that answers by itself follows */
    PHONE_WITHDRAWN, /* CANCEL is out; nothing follows */
    PHONE_TALKING,
    PHONE_OVER,
    PHONE_STATE_COUNT
};

enum phone_step {
    PHONE_OFFER,
    PHONE_PROGRESS,  /* 180, 183 */
    PHONE_ANSWER,    /* 200 with sound we understand */
    PHONE_DEAF,      /* 200 without */
    PHONE_CANCELLED, /* 487 */
    PHONE_REFUSE,    /* another final response, or none in time */
    PHONE_PRESS,     /* the taker pressed Answer in the console */
    PHONE_WITHDRAW,  /* the dispatcher takes the offer back, or the caller is gone */
    PHONE_EXPIRE,    /* rang too long */
    PHONE_BYE,
    PHONE_RELEASE, /* we hang up */
    PHONE_DEAD,    /* no sound for too long */
    PHONE_REPLACE, /* called us to take the place of a leg that talks (RFC 3891) … */
    PHONE_PICK_UP, /* … or of one that rings */
    PHONE_STEP_COUNT
};

enum phone_act {
    PHONE_DO_INVITE = 1 << 0,
    PHONE_DO_INVITE_AUTO = 1 << 1, /* with headers that make the phone answer by itself */
    PHONE_DO_REPORT_RING = 1 << 2, /* OfferRing */
    PHONE_DO_CONNECT = 1 << 3,     /* the caller's CALLER_CONNECT; OfferAnswer */
    PHONE_DO_CANCEL = 1 << 4,
    PHONE_DO_BYE = 1 << 5,
    PHONE_DO_REPORT_FAIL = 1 << 6, /* OfferFail */
    PHONE_DO_PARK = 1 << 7,        /* who was with the caller: the caller's CALLER_PARK */
    PHONE_DO_LEFT = 1 << 8,        /* it left: what follows depends on what it was there */
    PHONE_DO_CLOSE = 1 << 9
};

struct leg_rule {
    uint8_t to; /* 0: the step changes nothing in this state */
    uint16_t acts;
};

struct leg_rule caller_rule(enum caller_state state, enum caller_step step);
struct leg_rule phone_rule(enum phone_state state, enum phone_step step);

const char *caller_state_name(enum caller_state state);
const char *caller_step_name(enum caller_step step);
const char *phone_state_name(enum phone_state state);
const char *phone_step_name(enum phone_step step);

/* Names of act bits, in order, for the golden text; NULL behind the last. */
extern const char *const caller_act_names[];
extern const char *const phone_act_names[];

#endif
