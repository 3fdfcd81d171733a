/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/explanation.h"

#include "dispatcher/core/incident.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/survey.h"

static bool is_code(enum close_code close)
{
    return close == CLOSE_CODE_NOT_AGREED || close == CLOSE_CODE_PROMISED ||
           close == CLOSE_CODE_NOT_VERIFIED;
}

enum refusal decide_incident_explain(struct decision *decision)
{
    const struct incident_explain *asked = &decision->command->incident_explain;
    const struct incident *incident;
    enum refusal refusal =
        incident_find(decision, asked->incident, INCIDENT_STEP_EXPLAIN, &incident);
    if (refusal)
        return refusal;
    if (!asked->contacted || !asked->solved || !asked->satisfied ||
        survey_is_good(asked->contacted, asked->solved, asked->satisfied))
        return REFUSAL_MALFORMED;
    if (!is_code(asked->close))
        return REFUSAL_REASON_MISSING;
    struct event *event = incident_event(decision, EVENT_SURVEY_ANSWERED, incident);
    event->survey_answered.contacted = asked->contacted;
    event->survey_answered.solved = asked->solved;
    event->survey_answered.satisfied = asked->satisfied;
    event->survey_answered.channel = CHANNEL_VOICE;
    event->survey_answered.round = incident->round;
    survey_rated(decision, &event->survey_answered);
    incident_step(decision, incident, incident->state, INCIDENT_STEP_EXPLAIN);
    incident_clock(decision, incident, incident->round, CLOCK_KIND_CLOSE);
    return petition_open(
        decision, incident,
        &(struct petition_asked){ .kind = PETITION_KIND_CLOSE, .close = asked->close }, NULL);
}
