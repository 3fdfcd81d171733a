/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tie: one incident says how it belongs to another: caused by it, the same scene, a follow-up, a
 * repetition. Each keeps its own work. */
#ifndef DISPATCHER_CORE_TIE_H
#define DISPATCHER_CORE_TIE_H

#include "dispatcher/core/decision.h"

enum {
    TIES_PER_INCIDENT_MAX = 16 /* that one incident says of others */
};

struct tie {
    uint64_t other; /* 0: a free slot */
    enum relation relation;
    struct tie *next;
};

/* The event that ties them; the incident may be registered by the same decision. */
void tie_say(struct decision *decision, const struct incident *incident, uint64_t other,
             enum relation relation);

/* The incident is forgotten, and what it said with it. */
void ties_forget(struct core *core, struct incident *incident);

enum refusal decide_incident_link(struct decision *decision);
enum refusal decide_incident_unlink(struct decision *decision);

void apply_incident_linked(struct core *core, const struct event *event);
void apply_incident_unlinked(struct core *core, const struct event *event);

#endif
