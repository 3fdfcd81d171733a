/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * secret: an incident of SECRECY_SEALED is there for its circle alone (proto/access.h): whoever else names it
 * in a command hears that there is no such thing. A grant takes one more person into the circle for a
 * while: given by a supervisor, never to oneself, taken back by one or ended by the clock. */
#ifndef DISPATCHER_CORE_SECRET_H
#define DISPATCHER_CORE_SECRET_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

enum {
    GRANTS_MAX = 256, /* at a time; then REFUSAL_LIMIT */
    GRANT_HOURS_MAX = 72
};

/* NULL: the user has none on this incident. */
const struct grant *core_grant(const struct core *core, uint64_t incident, uint32_t user);

/* May the user know of it? */
bool secret_shows(const struct core *core, const struct incident *incident,
                  const struct user *user);

/* NO_SUCH_INCIDENT, NO_SUCH_TASK or NO_SUCH_CONTACT when the command names what its giver may not
 * know of. Grants themselves are given by who does not see. */
enum refusal secret_check(const struct decision *decision);

void grant_due(struct decision *decision, const struct grant *grant);

enum refusal decide_incident_grant(struct decision *decision);
enum refusal decide_incident_revoke(struct decision *decision);

void apply_grant_given(struct core *core, const struct event *event);
void apply_grant_ended(struct core *core, const struct event *event);

#endif
