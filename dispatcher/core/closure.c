/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/closure.h"

#include "dispatcher/core/incident.h"

enum refusal decide_incident_answer_directly(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal =
        incident_find(decision, decision->command->incident_answer_directly.incident,
                      INCIDENT_STEP_ANSWER_DIRECTLY, &incident);
    if (refusal)
        return refusal;
    struct event *event = incident_event(decision, EVENT_CITIZEN_TOLD, incident);
    event->citizen_told.means = TELL_MEANS_PHONE;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_ANSWER_DIRECTLY);
    return REFUSAL_NONE;
}

enum refusal decide_incident_void(struct decision *decision)
{
    const struct incident_void *asked = &decision->command->incident_void;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_VOID, &incident);
    if (refusal)
        return refusal;
    if (asked->reason == VOID_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    /* A silent call to 110 may be somebody who cannot speak: a second person looks. */
    if (incident->emergency && !decision_forces(decision))
        return REFUSAL_NOT_ALLOWED;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_VOID);
    decision->verdict->events[decision->verdict->count - 1].incident_moved.reason = asked->reason;
    return REFUSAL_NONE;
}

enum refusal decide_incident_reopen(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_reopen.incident,
                                         INCIDENT_STEP_REOPEN, &incident);
    if (refusal)
        return refusal;
    uint64_t window_ms = decision->core->parameters[PARAMETER_REOPEN_WINDOW_MS];
    if (decision->at_ms > incident->closed_ms + window_ms)
        return REFUSAL_WRONG_STATE;
    enum incident_state to =
        incident_step(decision, incident, incident->state, INCIDENT_STEP_REOPEN);
    if (to == INCIDENT_STATE_REDO)
        incident_next_round(decision, incident);
    else
        incident_clock(decision, incident, incident->round, CLOCK_KIND_DISPATCH);
    return REFUSAL_NONE;
}
