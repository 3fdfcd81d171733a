/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/leg.h"

#include <stddef.h>

#include "base/require.h"

enum {
    CALLER_END = CALLER_DO_REPORT_END | CALLER_DO_DROP_PHONE | CALLER_DO_CLOSE,
};

/* clang-format off */
static const struct leg_rule caller_rules[CALLER_STATE_COUNT][CALLER_STEP_COUNT] = {
    [CALLER_NONE] = {
        [CALLER_INVITE] = { CALLER_ARRIVING, CALLER_DO_TRYING | CALLER_DO_ARRIVE },
    },
    [CALLER_ARRIVING] = {
        [CALLER_KEPT] = { CALLER_WAITING, CALLER_DO_PROGRESS | CALLER_DO_PLAY },
        [CALLER_REFUSE] = { CALLER_OVER, CALLER_DO_DENY | CALLER_DO_CLOSE },
        [CALLER_CANCEL] = { CALLER_OVER, CALLER_DO_GONE | CALLER_END },
        [CALLER_RELEASE] = { CALLER_OVER, CALLER_DO_DENY | CALLER_END },
    },
    [CALLER_WAITING] = {
        [CALLER_REFUSE] = { CALLER_OVER, CALLER_DO_DENY | CALLER_DO_DROP_PHONE | CALLER_DO_CLOSE },
        [CALLER_CONNECT] = { CALLER_ANSWERED, CALLER_DO_OK | CALLER_DO_BRIDGE },
        [CALLER_CANCEL] = { CALLER_OVER, CALLER_DO_GONE | CALLER_END },
        /* RFC 3261 §15: the caller may end an early dialog by BYE. */
        [CALLER_BYE] = { CALLER_OVER, CALLER_DO_GONE | CALLER_END },
        [CALLER_RELEASE] = { CALLER_OVER, CALLER_DO_DENY | CALLER_END },
    },
    [CALLER_ANSWERED] = {
        [CALLER_CONNECT] = { CALLER_ANSWERED, CALLER_DO_BRIDGE },
        [CALLER_PARK] = { CALLER_ANSWERED, CALLER_DO_PLAY },
        [CALLER_ACK] = { CALLER_TALKING, 0 },
        [CALLER_ACK_MISSING] = { CALLER_OVER, CALLER_DO_BYE | CALLER_END },
        [CALLER_BYE] = { CALLER_OVER, CALLER_END },
        [CALLER_RELEASE] = { CALLER_LEAVING, CALLER_DO_REPORT_END | CALLER_DO_DROP_PHONE },
    },
    [CALLER_TALKING] = {
        [CALLER_CONNECT] = { CALLER_TALKING, CALLER_DO_BRIDGE },
        [CALLER_PARK] = { CALLER_TALKING, CALLER_DO_PLAY },
        [CALLER_ACK_MISSING] = { CALLER_OVER, CALLER_DO_BYE | CALLER_END }, /* of a re-INVITE */
        [CALLER_BYE] = { CALLER_OVER, CALLER_END },
        [CALLER_RELEASE] = { CALLER_OVER, CALLER_DO_BYE | CALLER_END },
    },
    [CALLER_LEAVING] = {
        [CALLER_ACK] = { CALLER_OVER, CALLER_DO_BYE | CALLER_DO_CLOSE },
        [CALLER_ACK_MISSING] = { CALLER_OVER, CALLER_DO_BYE | CALLER_DO_CLOSE },
        [CALLER_BYE] = { CALLER_OVER, CALLER_DO_CLOSE },
    },
};

static const struct leg_rule phone_rules[PHONE_STATE_COUNT][PHONE_STEP_COUNT] = {
    [PHONE_NONE] = {
        [PHONE_OFFER] = { PHONE_CALLING, PHONE_DO_INVITE },
        [PHONE_REPLACE] = { PHONE_TALKING, 0 },
        [PHONE_PICK_UP] = { PHONE_TALKING, PHONE_DO_CONNECT },
    },
    [PHONE_CALLING] = {
        [PHONE_PROGRESS] = { PHONE_RINGING, PHONE_DO_REPORT_RING },
        [PHONE_ANSWER] = { PHONE_TALKING, PHONE_DO_CONNECT },
        [PHONE_DEAF] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_CANCELLED] = { PHONE_OVER, PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_REFUSE] = { PHONE_OVER, PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_PRESS] = { PHONE_TURNING, PHONE_DO_CANCEL },
        [PHONE_WITHDRAW] = { PHONE_WITHDRAWN, PHONE_DO_CANCEL },
        [PHONE_EXPIRE] = { PHONE_WITHDRAWN, PHONE_DO_CANCEL | PHONE_DO_REPORT_FAIL },
    },
    [PHONE_RINGING] = {
        [PHONE_ANSWER] = { PHONE_TALKING, PHONE_DO_CONNECT },
        [PHONE_DEAF] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_CANCELLED] = { PHONE_OVER, PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_REFUSE] = { PHONE_OVER, PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_PRESS] = { PHONE_TURNING, PHONE_DO_CANCEL },
        [PHONE_WITHDRAW] = { PHONE_WITHDRAWN, PHONE_DO_CANCEL },
        [PHONE_EXPIRE] = { PHONE_WITHDRAWN, PHONE_DO_CANCEL | PHONE_DO_REPORT_FAIL },
    },
    [PHONE_TURNING] = {
        [PHONE_ANSWER] = { PHONE_TALKING, PHONE_DO_CONNECT }, /* 200 and CANCEL crossed */
        [PHONE_DEAF] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_CANCELLED] = { PHONE_CALLING, PHONE_DO_INVITE_AUTO },
        [PHONE_REFUSE] = { PHONE_OVER, PHONE_DO_REPORT_FAIL | PHONE_DO_CLOSE },
        [PHONE_WITHDRAW] = { PHONE_WITHDRAWN, 0 },
        [PHONE_EXPIRE] = { PHONE_WITHDRAWN, PHONE_DO_REPORT_FAIL },
    },
    [PHONE_WITHDRAWN] = {
        [PHONE_ANSWER] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_CLOSE }, /* crossed: too late */
        [PHONE_DEAF] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_CLOSE },
        [PHONE_CANCELLED] = { PHONE_OVER, PHONE_DO_CLOSE },
        [PHONE_REFUSE] = { PHONE_OVER, PHONE_DO_CLOSE },
    },
    [PHONE_TALKING] = {
        /* The dispatcher withdrew while the phone answered: the caller goes back to waiting. */
        [PHONE_WITHDRAW] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_PARK | PHONE_DO_CLOSE },
        [PHONE_BYE] = { PHONE_OVER, PHONE_DO_LEFT | PHONE_DO_CLOSE },
        [PHONE_DEAD] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_LEFT | PHONE_DO_CLOSE },
        [PHONE_RELEASE] = { PHONE_OVER, PHONE_DO_BYE | PHONE_DO_CLOSE },
    },
};
/* clang-format on */

struct leg_rule caller_rule(enum caller_state state, enum caller_step step)
{
    REQUIRE(state < CALLER_STATE_COUNT && step < CALLER_STEP_COUNT);
    return caller_rules[state][step];
}

struct leg_rule phone_rule(enum phone_state state, enum phone_step step)
{
    REQUIRE(state < PHONE_STATE_COUNT && step < PHONE_STEP_COUNT);
    return phone_rules[state][step];
}

const char *caller_state_name(enum caller_state state)
{
    static const char *const names[CALLER_STATE_COUNT] = {
        [CALLER_NONE] = "NONE",       [CALLER_ARRIVING] = "ARRIVING",
        [CALLER_WAITING] = "WAITING", [CALLER_ANSWERED] = "ANSWERED",
        [CALLER_TALKING] = "TALKING", [CALLER_LEAVING] = "LEAVING",
        [CALLER_OVER] = "OVER",
    };
    return names[state];
}

const char *caller_step_name(enum caller_step step)
{
    static const char *const names[CALLER_STEP_COUNT] = {
        [CALLER_INVITE] = "INVITE",
        [CALLER_KEPT] = "KEPT",
        [CALLER_REFUSE] = "REFUSE",
        [CALLER_CONNECT] = "CONNECT",
        [CALLER_PARK] = "PARK",
        [CALLER_ACK] = "ACK",
        [CALLER_ACK_MISSING] = "ACK_MISSING",
        [CALLER_CANCEL] = "CANCEL",
        [CALLER_BYE] = "BYE",
        [CALLER_RELEASE] = "RELEASE",
    };
    return names[step];
}

const char *phone_state_name(enum phone_state state)
{
    static const char *const names[PHONE_STATE_COUNT] = {
        [PHONE_NONE] = "NONE",       [PHONE_CALLING] = "CALLING", [PHONE_RINGING] = "RINGING",
        [PHONE_TURNING] = "TURNING", [PHONE_TALKING] = "TALKING", [PHONE_WITHDRAWN] = "WITHDRAWN",
        [PHONE_OVER] = "OVER",
    };
    return names[state];
}

const char *phone_step_name(enum phone_step step)
{
    static const char *const names[PHONE_STEP_COUNT] = {
        [PHONE_OFFER] = "OFFER",     [PHONE_PROGRESS] = "PROGRESS", [PHONE_ANSWER] = "ANSWER",
        [PHONE_DEAF] = "DEAF",       [PHONE_REFUSE] = "REFUSE",     [PHONE_CANCELLED] = "CANCELLED",
        [PHONE_PRESS] = "PRESS",     [PHONE_WITHDRAW] = "WITHDRAW", [PHONE_EXPIRE] = "EXPIRE",
        [PHONE_BYE] = "BYE",         [PHONE_RELEASE] = "RELEASE",   [PHONE_DEAD] = "DEAD",
        [PHONE_REPLACE] = "REPLACE", [PHONE_PICK_UP] = "PICK_UP",
    };
    return names[step];
}

const char *const caller_act_names[] = { "trying",     "arrive", "progress", "play", "ok",
                                         "bridge",     "gone",   "deny",     "bye",  "end",
                                         "drop_phone", "close",  NULL };

const char *const phone_act_names[] = { "invite", "invite_auto", "ring", "connect", "cancel", "bye",
                                        "fail",   "park",        "left", "close",   NULL };
