/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dispute: whose duty it is, is not clear. The parties are heard (on site, where ordered); the ruling
 * names the lead, which cannot send it back any more. Nobody ruled in time: the backstop department
 * has it, the district's own or the city's. A ruling that is a precedent decides like cases: the same
 * category in the same district. */
#ifndef DISPATCHER_CORE_DISPUTE_H
#define DISPATCHER_CORE_DISPUTE_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

enum {
    DISPUTE_PARTIES_MAX = sizeof(((struct dispute_opened *)0)->parties) / sizeof(uint32_t)
};

/* Opens it by itself: the incident (now in `from`, no task open) flew around often enough. */
void dispute_open(struct decision *decision, const struct incident *incident,
                  enum incident_state from, const uint32_t *parties, uint32_t count);

/* The ruling is overdue. False: there is no backstop department, somebody has to rule. */
bool dispute_fall_back(struct decision *decision, const struct incident *incident);

/* The department that a ruling gave such matters to; 0: none did. */
uint32_t precedent_of(const struct core *core, uint32_t category, uint32_t district);

enum refusal decide_incident_dispute(struct decision *decision);
enum refusal decide_incident_rule_dispute(struct decision *decision);

void apply_dispute_opened(struct core *core, const struct event *event);
void apply_dispute_ruled(struct core *core, const struct event *event);

#endif
