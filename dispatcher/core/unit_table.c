/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/require.h"
#include "dispatcher/core/unit.h"

/* What every unit has in common. One row per state, one cell per permitted step; an empty cell is a
 * refusal. RELEASE is the end of its task or incident. */
static const enum unit_state common[UNIT_STATE_COUNT][UNIT_STEP_COUNT] = {
    [UNIT_STATE_AVAILABLE] = {
        [UNIT_STEP_ALERT] = UNIT_STATE_ALERTED,
        [UNIT_STEP_TAKE_OUT] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_GO_OFF] = UNIT_STATE_OFF_DUTY,
    },
    [UNIT_STATE_ALERTED] = {
        [UNIT_STEP_SIGN] = UNIT_STATE_SIGNED,
        [UNIT_STEP_ROLL] = UNIT_STATE_ROLLING, /* who rolls has read the order */
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_AVAILABLE,
        [UNIT_STEP_RELEASE] = UNIT_STATE_AVAILABLE,
    },
    [UNIT_STATE_SIGNED] = {
        [UNIT_STEP_ROLL] = UNIT_STATE_ROLLING,
        [UNIT_STEP_ARRIVE] = UNIT_STATE_ARRIVED, /* it stood there already */
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_AVAILABLE,
        [UNIT_STEP_RELEASE] = UNIT_STATE_AVAILABLE,
    },
    [UNIT_STATE_ROLLING] = {
        [UNIT_STEP_ARRIVE] = UNIT_STATE_ARRIVED,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_LEFT,
        [UNIT_STEP_RELEASE] = UNIT_STATE_LEFT,
    },
    [UNIT_STATE_ARRIVED] = {
        [UNIT_STEP_LEAVE] = UNIT_STATE_LEFT,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_LEFT,
        [UNIT_STEP_RELEASE] = UNIT_STATE_LEFT,
    },
    [UNIT_STATE_LEFT] = {
        [UNIT_STEP_RETURN] = UNIT_STATE_AVAILABLE,
        [UNIT_STEP_ALERT] = UNIT_STATE_ALERTED,
        [UNIT_STEP_TAKE_OUT] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_GO_OFF] = UNIT_STATE_OFF_DUTY,
    },
    [UNIT_STATE_OUT_OF_SERVICE] = {
        [UNIT_STEP_PUT_IN] = UNIT_STATE_AVAILABLE,
        [UNIT_STEP_GO_OFF] = UNIT_STATE_OFF_DUTY,
    },
    [UNIT_STATE_OFF_DUTY] = {
        [UNIT_STEP_COME_ON] = UNIT_STATE_AVAILABLE,
    },
};

/* With a patient aboard nothing but the hospital ends the run: neither the centre's stand-down nor
 * the end of the incident. */
static const enum unit_state ambulance[UNIT_STATE_COUNT][UNIT_STEP_COUNT] = {
    [UNIT_STATE_ARRIVED] = {
        [UNIT_STEP_LOAD] = UNIT_STATE_LOADED,
    },
    [UNIT_STATE_LOADED] = {
        [UNIT_STEP_LEAVE_SCENE] = UNIT_STATE_LEFT_SCENE,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
    },
    [UNIT_STATE_LEFT_SCENE] = {
        [UNIT_STEP_REACH_HOSPITAL] = UNIT_STATE_AT_HOSPITAL,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
    },
    [UNIT_STATE_AT_HOSPITAL] = {
        [UNIT_STEP_HAND_OVER] = UNIT_STATE_HANDED_OVER,
    },
    [UNIT_STATE_HANDED_OVER] = {
        [UNIT_STEP_LEAVE] = UNIT_STATE_LEFT,
        [UNIT_STEP_RETURN] = UNIT_STATE_AVAILABLE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_LEFT,
        [UNIT_STEP_RELEASE] = UNIT_STATE_LEFT,
    },
};

static const enum unit_state engine[UNIT_STATE_COUNT][UNIT_STEP_COUNT] = {
    [UNIT_STATE_ARRIVED] = {
        [UNIT_STEP_DEPLOY] = UNIT_STATE_DEPLOYED,
    },
    [UNIT_STATE_DEPLOYED] = {
        [UNIT_STEP_WATER] = UNIT_STATE_WATER_ON,
        [UNIT_STEP_CONTROL] = UNIT_STATE_UNDER_CONTROL, /* a rescue needs no water */
        [UNIT_STEP_LEAVE] = UNIT_STATE_LEFT,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_LEFT,
        [UNIT_STEP_RELEASE] = UNIT_STATE_LEFT,
    },
    [UNIT_STATE_WATER_ON] = {
        [UNIT_STEP_CONTROL] = UNIT_STATE_UNDER_CONTROL,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_LEFT,
        [UNIT_STEP_RELEASE] = UNIT_STATE_LEFT,
    },
    [UNIT_STATE_UNDER_CONTROL] = {
        [UNIT_STEP_WATER] = UNIT_STATE_WATER_ON, /* it flared up again */
        [UNIT_STEP_PUT_OUT] = UNIT_STATE_OUT,
        [UNIT_STEP_LEAVE] = UNIT_STATE_LEFT,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_LEFT,
        [UNIT_STEP_RELEASE] = UNIT_STATE_LEFT,
    },
    [UNIT_STATE_OUT] = {
        [UNIT_STEP_WATER] = UNIT_STATE_WATER_ON,
        [UNIT_STEP_LEAVE] = UNIT_STATE_LEFT,
        [UNIT_STEP_UNABLE] = UNIT_STATE_OUT_OF_SERVICE,
        [UNIT_STEP_STAND_DOWN] = UNIT_STATE_LEFT,
        [UNIT_STEP_RELEASE] = UNIT_STATE_LEFT,
    },
};

enum unit_state unit_next(enum unit_machine machine, enum unit_state from, enum unit_step step)
{
    REQUIRE((unsigned)from < UNIT_STATE_COUNT && (unsigned)step < UNIT_STEP_COUNT);
    enum unit_state own = UNIT_STATE_NONE;
    if (machine == UNIT_MACHINE_AMBULANCE)
        own = ambulance[from][step];
    else if (machine == UNIT_MACHINE_ENGINE)
        own = engine[from][step];
    return own ? own : common[from][step];
}

bool unit_is_out(enum unit_state state)
{
    return state >= UNIT_STATE_ALERTED && state <= UNIT_STATE_OUT;
}
