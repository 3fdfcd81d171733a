/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/closure.h"

#include "dispatcher/core/draft.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/work.h"

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

/* Somebody says it was no request at all: that takes two persons. */
static bool blames(enum void_reason reason)
{
    return reason == VOID_REASON_NUISANCE || reason == VOID_REASON_ABUSIVE ||
           reason == VOID_REASON_FALSE_KNOWING;
}

static bool is_false_alarm(enum void_reason reason)
{
    return reason == VOID_REASON_FALSE_GOOD_FAITH || reason == VOID_REASON_FALSE_KNOWING;
}

static enum refusal check_void(const struct decision *decision, const struct incident *incident,
                               enum void_reason reason)
{
    if (reason == VOID_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    /* A silent call to 110 may be somebody who cannot speak: a second person looks. */
    if (incident->emergency && !decision_forces(decision))
        return REFUSAL_NOT_ALLOWED;
    bool begun = incident->state != INCIDENT_STATE_DRAFT &&
                 incident->state != INCIDENT_STATE_REGISTERED &&
                 incident->state != INCIDENT_STATE_PENDING_INFO;
    if (begun ? !is_false_alarm(reason) : is_false_alarm(reason) && !incident->emergency)
        return REFUSAL_WRONG_STATE; /* units are out: only that there was nothing */
    return REFUSAL_NONE;
}

enum refusal decide_incident_void(struct decision *decision)
{
    const struct incident_void *asked = &decision->command->incident_void;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_VOID, &incident);
    if (!refusal)
        refusal = check_void(decision, incident, asked->reason);
    if (refusal)
        return refusal;
    if (blames(asked->reason))
        return petition_of_nuisance(decision, incident, asked->reason);
    work_recall(decision, incident);
    incident_move(decision, incident, incident->state, INCIDENT_STEP_VOID)->reason = asked->reason;
    return REFUSAL_NONE;
}

/* How long it may be reopened; a new fact reopens whatever is not yet archived. */
static bool may_reopen(const struct decision *decision, const struct incident *incident)
{
    const uint64_t *parameters = decision->core->parameters;
    uint64_t window_ms =
        parameters[incident->state == INCIDENT_STATE_DIRECT ? PARAMETER_DIRECT_WINDOW_MS
                                                            : PARAMETER_REOPEN_WINDOW_MS];
    return decision->at_ms <= incident->closed_ms + window_ms ||
           (incident->state == INCIDENT_STATE_CLOSED &&
            decision->command->incident_reopen.new_fact);
}

enum refusal decide_incident_reopen(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_reopen.incident,
                                         INCIDENT_STEP_REOPEN, &incident);
    if (refusal)
        return refusal;
    if (!may_reopen(decision, incident))
        return REFUSAL_TOO_LATE;
    if (incident_next(incident->emergency, incident->state, INCIDENT_STEP_REOPEN) ==
        INCIDENT_STATE_REDO) {
        incident_step(decision, incident, incident->state, INCIDENT_STEP_REOPEN);
        incident_next_round(decision, incident);
        return REFUSAL_NONE;
    }
    if (incident->category == 0)
        return REFUSAL_INCOMPLETE;
    draft_goes_on(decision, incident, INCIDENT_STEP_REOPEN);
    return REFUSAL_NONE;
}

enum refusal decide_incident_object(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_object.incident,
                                         INCIDENT_STEP_OBJECT, &incident);
    if (refusal)
        return refusal;
    if (decision->at_ms >
        incident->closed_ms + decision->core->parameters[PARAMETER_REOPEN_WINDOW_MS])
        return REFUSAL_TOO_LATE;
    if (incident->category == 0)
        return REFUSAL_INCOMPLETE;
    draft_goes_on(decision, incident, INCIDENT_STEP_OBJECT);
    return REFUSAL_NONE;
}

/* Who received it first keeps it: whole, it waits for its dispatch; else its taker completes it. */
enum refusal decide_incident_bounce(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_bounce.incident,
                                         INCIDENT_STEP_BOUNCE, &incident);
    if (refusal)
        return refusal;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_BOUNCE);
    if (incident->sla == SLA_CLASS_NONE) {
        incident_clock(decision, incident, incident->round, CLOCK_KIND_DRAFT);
        return REFUSAL_NONE;
    }
    incident_step(decision, incident, INCIDENT_STATE_DRAFT, INCIDENT_STEP_COMPLETE);
    incident_clock(decision, incident, incident->round, CLOCK_KIND_DISPATCH);
    return REFUSAL_NONE;
}

enum close_code closure_of(enum degree solved)
{
    return solved == DEGREE_YES ? CLOSE_CODE_SOLVED : CLOSE_CODE_MOSTLY_SOLVED;
}
