/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/emergency.h"

#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"

enum incident_state emergency_reinforce(struct decision *decision, const struct incident *incident)
{
    return incident_step(decision, incident, incident->state, INCIDENT_STEP_REINFORCE);
}

void emergency_arrived(struct decision *decision, const struct incident *incident)
{
    if (incident->emergency && incident_may(incident, INCIDENT_STEP_ARRIVE) == REFUSAL_NONE)
        incident_step(decision, incident, incident->state, INCIDENT_STEP_ARRIVE);
}

enum refusal decide_incident_control(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_control.incident,
                                         INCIDENT_STEP_CONTROL, &incident);
    if (refusal)
        return refusal;
    const struct user *user = decision->user;
    if (user && !decision_may(decision, ROLE_TAKER) && !decision_forces(decision) &&
        !task_open_of(incident, user->row.department))
        return REFUSAL_NOT_YOURS;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_CONTROL);
    return REFUSAL_NONE;
}
