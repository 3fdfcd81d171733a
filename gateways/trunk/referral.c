/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/referral.h"

#include <stdbool.h>

static const struct {
    bool set;
    struct referral_rule rule;
} rules[REFERRAL_STATE_COUNT][REFERRAL_STEP_COUNT] = {
    [REFERRAL_NONE] = {
        [REFERRAL_ASK] = { true, { REFERRAL_ASKED, REFERRAL_DO_REPORT } },
    },
    [REFERRAL_ASKED] = {
        [REFERRAL_ASK] = { true, { REFERRAL_ASKED, REFERRAL_DO_BUSY } },
        [REFERRAL_ALLOW] = { true, { REFERRAL_TRYING, REFERRAL_DO_ACCEPT | REFERRAL_DO_TRYING } },
        [REFERRAL_DENY] = { true, { REFERRAL_NONE, REFERRAL_DO_REFUSE } },
        [REFERRAL_WAIT_OVER] = { true, { REFERRAL_LATE, REFERRAL_DO_ACCEPT | REFERRAL_DO_TRYING } },
        [REFERRAL_REACHED] = { true, { REFERRAL_NONE, REFERRAL_DO_ACCEPT | REFERRAL_DO_DONE } },
        [REFERRAL_MISSED] = { true, { REFERRAL_NONE, REFERRAL_DO_REFUSE } },
        [REFERRAL_GONE] = { true, { REFERRAL_NONE, REFERRAL_DO_REFUSE } },
    },
    [REFERRAL_LATE] = {
        [REFERRAL_ASK] = { true, { REFERRAL_LATE, REFERRAL_DO_BUSY } },
        [REFERRAL_ALLOW] = { true, { REFERRAL_TRYING, 0 } },
        [REFERRAL_DENY] = { true, { REFERRAL_NONE, REFERRAL_DO_FAILED } },
        [REFERRAL_REACHED] = { true, { REFERRAL_NONE, REFERRAL_DO_DONE } },
        [REFERRAL_MISSED] = { true, { REFERRAL_NONE, REFERRAL_DO_FAILED } },
        [REFERRAL_GONE] = { true, { REFERRAL_NONE, REFERRAL_DO_FAILED } },
    },
    [REFERRAL_TRYING] = {
        [REFERRAL_ASK] = { true, { REFERRAL_TRYING, REFERRAL_DO_BUSY } },
        [REFERRAL_REACHED] = { true, { REFERRAL_NONE, REFERRAL_DO_DONE } },
        [REFERRAL_MISSED] = { true, { REFERRAL_NONE, REFERRAL_DO_FAILED } },
        [REFERRAL_GONE] = { true, { REFERRAL_NONE, REFERRAL_DO_FAILED } },
    },
};

struct referral_rule referral_rule(enum referral_state state, enum referral_step step)
{
    if (!rules[state][step].set)
        return (struct referral_rule){ (uint8_t)state, 0 };
    return rules[state][step].rule;
}

const char *referral_state_name(enum referral_state state)
{
    static const char *const names[] = { "none", "asked", "late", "trying" };
    return names[state];
}

const char *referral_step_name(enum referral_step step)
{
    static const char *const names[] = { "ask",     "allow",  "deny", "wait-over",
                                         "reached", "missed", "gone" };
    return names[step];
}

const char *const referral_act_names[] = { "report", "busy", "refuse", "accept",
                                           "trying", "done", "failed", 0 };
