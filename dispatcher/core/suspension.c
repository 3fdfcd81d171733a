/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/suspension.h"

#include "dispatcher/core/incident.h"
#include "dispatcher/core/work.h"

void suspension_end(struct decision *decision, const struct incident *incident)
{
    incident_step(decision, incident, incident->state, INCIDENT_STEP_RESUME);
    work_resume(decision, incident);
}

enum refusal decide_incident_resume(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_resume.incident,
                                         INCIDENT_STEP_RESUME, &incident);
    if (!refusal)
        suspension_end(decision, incident);
    return refusal;
}
