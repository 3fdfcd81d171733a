/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/review.h"

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/telling.h"

bool review_wanted(const struct core *core, const struct incident *incident)
{
    return core->parameters[PARAMETER_PRE_REVIEW] && !incident->emergency;
}

void review_not_again(struct decision *decision, const struct incident *incident)
{
    if (review_wanted(decision->core, incident))
        incident_step(decision, incident, INCIDENT_STATE_REGISTERED, INCIDENT_STEP_PASS_REVIEW);
    incident_clock(decision, incident, incident->round, CLOCK_KIND_DISPATCH);
}

/* The dispatch clock goes on where it is: a review costs the centre its own time. */
static void keep_dispatch_clock(struct decision *decision, const struct incident *incident)
{
    if (incident->promise.reported || incident->clock != CLOCK_KIND_DISPATCH)
        incident_clock(decision, incident, incident->round, CLOCK_KIND_DISPATCH);
    else
        clock_start(decision, incident, CLOCK_KIND_DISPATCH, incident->promise.due_ms);
}

static enum refusal review_record(struct decision *decision, const struct incident *incident)
{
    const struct incident_review *asked = &decision->command->incident_review;
    enum incident_step step = asked->pass ? INCIDENT_STEP_PASS_REVIEW : INCIDENT_STEP_FAIL_REVIEW;
    enum refusal refusal = incident_may(incident, step);
    if (refusal)
        return refusal;
    if (decision->user && decision->user->row.user == incident->taker)
        return REFUSAL_SAME_PERSON;
    struct incident_moved *moved = incident_move(decision, incident, incident->state, step);
    moved->defect = asked->defect;
    if (asked->pass)
        keep_dispatch_clock(decision, incident);
    else
        incident_clock(decision, incident, incident->round, CLOCK_KIND_DRAFT);
    return REFUSAL_NONE;
}

static enum refusal review_reply(struct decision *decision, const struct incident *incident)
{
    const struct incident_review *asked = &decision->command->incident_review;
    if (incident->clock != CLOCK_KIND_REVIEW)
        return REFUSAL_WRONG_STATE;
    if (asked->pass) {
        incident_event(decision, EVENT_REPLY_PASSED, incident);
        telling_begin(decision, incident);
        return REFUSAL_NONE;
    }
    const struct task *lead = task_lead(incident);
    REQUIRE(lead);
    task_step(decision, lead, TASK_STEP_REJECT_REPLY)->task_moved.defect = asked->defect;
    incident_move(decision, incident, incident->state, INCIDENT_STEP_REJECT_REPLY)->defect =
        asked->defect;
    return REFUSAL_NONE;
}

enum refusal decide_incident_review(struct decision *decision)
{
    const struct incident_review *asked = &decision->command->incident_review;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    if (!asked->pass && asked->defect == DEFECT_NONE)
        return REFUSAL_REASON_MISSING;
    return incident->state == INCIDENT_STATE_REPLIED ? review_reply(decision, incident)
                                                     : review_record(decision, incident);
}

void apply_reply_passed(struct core *core, const struct event *event)
{
    const struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->state == INCIDENT_STATE_REPLIED &&
            incident->clock == CLOCK_KIND_REVIEW);
}
