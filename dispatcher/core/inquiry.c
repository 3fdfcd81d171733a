/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/inquiry.h"

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/draft.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/work.h"

#define FACTS_ALL ((1U << FACT_COUNT) - 2) /* without bit 0, FACT_NONE */

/* The lead asks once it spoke with the citizen; the centre at any time before the dispatch. */
static enum refusal check_asker(const struct decision *decision, const struct incident *incident)
{
    const struct user *user = decision->user;
    if (incident->state != INCIDENT_STATE_HANDLING)
        return !user || decision_may(decision, ROLE_TAKER) ||
                       decision_may(decision, ROLE_REVIEWER) || decision_forces(decision)
                   ? REFUSAL_NONE
                   : REFUSAL_NOT_YOURS;
    const struct task *lead = task_lead(incident);
    REQUIRE(lead);
    if (user && !decision_forces(decision) && user->row.department != lead->department)
        return REFUSAL_NOT_YOURS;
    return task_is_open(lead->state) ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

enum refusal decide_incident_ask_info(struct decision *decision)
{
    const struct incident_ask_info *asked = &decision->command->incident_ask_info;
    const struct incident *incident;
    enum refusal refusal =
        incident_find(decision, asked->incident, INCIDENT_STEP_ASK_INFO, &incident);
    if (!refusal)
        refusal = check_asker(decision, incident);
    if (refusal)
        return refusal;
    if (asked->missing == 0)
        return REFUSAL_REASON_MISSING;
    if (asked->missing & ~FACTS_ALL)
        return REFUSAL_MALFORMED;
    bool working = incident->state == INCIDENT_STATE_HANDLING;
    if (working && incident->info_pauses >= decision->core->parameters[PARAMETER_INFO_LIMIT])
        return REFUSAL_LIMIT;
    if (!incident->caller || incident->category == 0)
        return REFUSAL_INCOMPLETE; /* nobody to ask, or nothing to go on with when no answer comes */
    struct event *event = incident_event(decision, EVENT_INFO_ASKED, incident);
    event->info_asked.missing = asked->missing;
    event->info_asked.pauses = incident->info_pauses + working;
    work_pause(decision, incident);
    incident_step(decision, incident, incident->state, INCIDENT_STEP_ASK_INFO);
    incident_clock(decision, incident, incident->round, CLOCK_KIND_INFO);
    citizen_text_order(decision, TEMPLATE_INFO, incident, 0);
    return REFUSAL_NONE;
}

/* Back to where it came from: to the departments that have it, or to the start. */
static void go_on(struct decision *decision, const struct incident *incident, bool lapsed)
{
    incident_event(decision, EVENT_INFO_GIVEN, incident)->info_given.lapsed = lapsed;
    if (task_lead(incident)) {
        incident_step(decision, incident, incident->state, INCIDENT_STEP_INFO_CONTINUED);
        work_resume(decision, incident);
        return;
    }
    draft_goes_on(decision, incident, INCIDENT_STEP_INFO_GIVEN);
}

enum refusal decide_incident_give_info(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_give_info.incident,
                                         INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    if (incident->state != INCIDENT_STATE_PENDING_INFO)
        return REFUSAL_WRONG_STATE;
    const struct user *user = decision->user;
    if (user && !decision_may(decision, ROLE_TAKER) && !decision_forces(decision) &&
        !task_open_of(incident, user->row.department))
        return REFUSAL_NOT_YOURS;
    go_on(decision, incident, false);
    return REFUSAL_NONE;
}

void inquiry_lapse(struct decision *decision, const struct incident *incident)
{
    go_on(decision, incident, true);
}

void apply_info_asked(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident);
    incident->info_pauses = (uint8_t)event->info_asked.pauses;
}

void apply_info_given(struct core *core, const struct event *event)
{
    const struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->state == INCIDENT_STATE_PENDING_INFO);
}
