/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * referral: a telephone that asks by REFER to hand its caller over, and the subscription that this begins by itself
 * (RFC 3515 §2.4), as a table. tests/golden/referrals.ok is the table as text. Pure. */
#ifndef GATEWAYS_TRUNK_REFERRAL_H
#define GATEWAYS_TRUNK_REFERRAL_H

#include <stdint.h>

enum referral_state {
    REFERRAL_NONE,
    REFERRAL_ASKED, /* the dispatcher decides, the REFER has no answer yet */
    REFERRAL_LATE,  /* it decides still, and the phone has its 202 */
    REFERRAL_TRYING,
    REFERRAL_STATE_COUNT
};

enum referral_step {
    REFERRAL_ASK,
    REFERRAL_ALLOW,
    REFERRAL_DENY,
    REFERRAL_WAIT_OVER, /* a REFER must not wait long for its answer (RFC 4320) */
    REFERRAL_REACHED,
    REFERRAL_MISSED,
    REFERRAL_GONE, /* the telephone's leg, or the caller, is no more */
    REFERRAL_STEP_COUNT
};

enum referral_act {
    REFERRAL_DO_REPORT = 1 << 0, /* ContactTransfer */
    REFERRAL_DO_BUSY = 1 << 1,   /* 491: one at a time */
    REFERRAL_DO_REFUSE = 1 << 2, /* the refusal's status */
    REFERRAL_DO_ACCEPT = 1 << 3, /* 202 */
    REFERRAL_DO_TRYING = 1 << 4, /* NOTIFY: 100 */
    REFERRAL_DO_DONE = 1 << 5,   /* the last NOTIFY: 200 */
    REFERRAL_DO_FAILED = 1 << 6, /* the last NOTIFY: why not */
};

struct referral_rule {
    uint8_t to;
    uint8_t acts; /* none, and the same state: the step changes nothing there */
};

struct referral_rule referral_rule(enum referral_state state, enum referral_step step);
const char *referral_state_name(enum referral_state state);
const char *referral_step_name(enum referral_step step);
extern const char *const referral_act_names[]; /* of act bits, in order; NULL behind the last */

#endif
