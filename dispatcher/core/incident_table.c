/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/require.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"

/* One row per state, one cell per permitted step; an empty cell is a refusal. */
static const enum incident_state incidents[INCIDENT_STATE_COUNT][INCIDENT_STEP_COUNT] = {
    [INCIDENT_STATE_NONE] = {
        [INCIDENT_STEP_REGISTER] = INCIDENT_STATE_REGISTERED,
    },
    [INCIDENT_STATE_REGISTERED] = {
        [INCIDENT_STEP_DISPATCH] = INCIDENT_STATE_DISPATCHED,
        [INCIDENT_STEP_ANSWER_DIRECTLY] = INCIDENT_STATE_DIRECT,
        [INCIDENT_STEP_VOID] = INCIDENT_STATE_VOID,
        [INCIDENT_STEP_WITHDRAW] = INCIDENT_STATE_WITHDRAWN,
    },
    [INCIDENT_STATE_DISPATCHED] = {
        [INCIDENT_STEP_SIGN] = INCIDENT_STATE_HANDLING,
        [INCIDENT_STEP_RETURN] = INCIDENT_STATE_REGISTERED,
    },
    [INCIDENT_STATE_HANDLING] = {
        [INCIDENT_STEP_RETURN] = INCIDENT_STATE_REGISTERED,
        [INCIDENT_STEP_REPLY] = INCIDENT_STATE_REPLIED,
    },
    [INCIDENT_STATE_REPLIED] = {
        [INCIDENT_STEP_TELL] = INCIDENT_STATE_TOLD,
        [INCIDENT_STEP_REJECT_REPLY] = INCIDENT_STATE_HANDLING,
    },
    [INCIDENT_STATE_TOLD] = {
        [INCIDENT_STEP_SATISFIED] = INCIDENT_STATE_CLOSED,
        [INCIDENT_STEP_UNSATISFIED] = INCIDENT_STATE_REDO,
        [INCIDENT_STEP_NO_ANSWER] = INCIDENT_STATE_REVISIT,
        [INCIDENT_STEP_UNREACHABLE] = INCIDENT_STATE_CLOSED, /* nobody there to be asked */
    },
    [INCIDENT_STATE_REVISIT] = {
        [INCIDENT_STEP_SATISFIED] = INCIDENT_STATE_CLOSED,
        [INCIDENT_STEP_UNSATISFIED] = INCIDENT_STATE_REDO,
        [INCIDENT_STEP_UNREACHABLE] = INCIDENT_STATE_CLOSED,
    },
    [INCIDENT_STATE_REDO] = {
        [INCIDENT_STEP_REDISPATCH] = INCIDENT_STATE_DISPATCHED,
    },
    [INCIDENT_STATE_CLOSED] = {
        [INCIDENT_STEP_REOPEN] = INCIDENT_STATE_REDO,
    },
    [INCIDENT_STATE_DIRECT] = {
        [INCIDENT_STEP_REOPEN] = INCIDENT_STATE_REGISTERED,
    },
    [INCIDENT_STATE_VOID] = {
        [INCIDENT_STEP_REOPEN] = INCIDENT_STATE_REGISTERED,
    },
    [INCIDENT_STATE_WITHDRAWN] = {
        [INCIDENT_STEP_REOPEN] = INCIDENT_STATE_REGISTERED,
    },
};

static const enum task_state tasks[TASK_STATE_COUNT][TASK_STEP_COUNT] = {
    [TASK_STATE_NONE] = {
        [TASK_STEP_SEND] = TASK_STATE_SENT,
    },
    [TASK_STATE_SENT] = {
        [TASK_STEP_SIGN] = TASK_STATE_SIGNED,
        [TASK_STEP_SEND_BACK] = TASK_STATE_RETURN_ASKED,
        [TASK_STEP_RECALL] = TASK_STATE_RECALLED,
    },
    [TASK_STATE_SIGNED] = {
        [TASK_STEP_ROLL] = TASK_STATE_ROLLING,
        [TASK_STEP_ARRIVE] = TASK_STATE_ARRIVED,
        [TASK_STEP_SEND_BACK] = TASK_STATE_RETURN_ASKED,
        [TASK_STEP_REPLY] = TASK_STATE_REPLIED,
        [TASK_STEP_RECALL] = TASK_STATE_RECALLED,
    },
    [TASK_STATE_ROLLING] = {
        [TASK_STEP_ARRIVE] = TASK_STATE_ARRIVED,
        [TASK_STEP_REPLY] = TASK_STATE_REPLIED,
        [TASK_STEP_RECALL] = TASK_STATE_RECALLED,
    },
    [TASK_STATE_ARRIVED] = {
        [TASK_STEP_REPLY] = TASK_STATE_REPLIED,
        [TASK_STEP_RECALL] = TASK_STATE_RECALLED,
    },
    [TASK_STATE_RETURN_ASKED] = {
        [TASK_STEP_RETURN_ACCEPT] = TASK_STATE_RETURNED,
        /* Who asked for a return has read the order: the refusal stands for the signature. */
        [TASK_STEP_RETURN_REFUSE] = TASK_STATE_SIGNED,
        [TASK_STEP_RECALL] = TASK_STATE_RECALLED,
    },
    [TASK_STATE_REPLIED] = {
        [TASK_STEP_REJECT_REPLY] = TASK_STATE_SIGNED,
    },
};

enum incident_state incident_next(enum incident_state from, enum incident_step step)
{
    REQUIRE((unsigned)from < INCIDENT_STATE_COUNT && (unsigned)step < INCIDENT_STEP_COUNT);
    return incidents[from][step];
}

enum task_state task_next(enum task_state from, enum task_step step)
{
    REQUIRE((unsigned)from < TASK_STATE_COUNT && (unsigned)step < TASK_STEP_COUNT);
    return tasks[from][step];
}

bool incident_is_closed(enum incident_state state)
{
    return state == INCIDENT_STATE_CLOSED || state == INCIDENT_STATE_DIRECT ||
           state == INCIDENT_STATE_VOID || state == INCIDENT_STATE_WITHDRAWN;
}

bool task_is_open(enum task_state state)
{
    return state == TASK_STATE_SENT || state == TASK_STATE_SIGNED || state == TASK_STATE_ROLLING ||
           state == TASK_STATE_ARRIVED || state == TASK_STATE_RETURN_ASKED;
}
