/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * decision: one turn of thought. A decide_… function reads the state (const) and writes events here;
 * nothing has happened until they are applied. */
#ifndef DISPATCHER_CORE_DECISION_H
#define DISPATCHER_CORE_DECISION_H

#include "dispatcher/core/state.h"

struct decision {
    const struct core *core;
    const struct command *command;
    struct verdict *verdict;
    uint64_t at_ms;
    enum actor_kind actor_kind;
    uint32_t actor;
    const struct user *user;       /* the actor, when it is a user */
    const struct gateway *gateway; /* the actor, when it is a gateway */
    uint64_t glass;                /* the break-glass that lets the actor do it, 0: the role does */
    uint64_t next_id;
};

/* The next event, its body absent, valid until the verdict is reused. */
struct event *decision_event(struct decision *decision, enum event_kind kind);

/* The next free id. */
uint64_t decision_id(struct decision *decision);

/* Is the actor a user with this role? The system has all of them. */
bool decision_may(const struct decision *decision, enum role role);

/* The system itself or a supervisor: may do for others what they may do for themselves. */
bool decision_forces(const struct decision *decision);

#endif
