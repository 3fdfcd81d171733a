/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/visit.h"

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/closure.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/inquiry.h"
#include "dispatcher/core/overlay.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/survey.h"
#include "dispatcher/core/wish.h"

/* While the answer is on its way the newest words of the order are the answer's. */
static enum refusal add(struct decision *decision, const struct incident *incident)
{
    if (!decision->command->has_personal)
        return REFUSAL_INCOMPLETE;
    if (incident_is_closed(incident->state) || incident->state == INCIDENT_STATE_REPLIED ||
        incident->state == INCIDENT_STATE_MERGED)
        return REFUSAL_WRONG_STATE;
    if (incident->state != INCIDENT_STATE_PENDING_INFO)
        return REFUSAL_NONE;
    struct command command = *decision->command;
    command.kind = COMMAND_INCIDENT_GIVE_INFO;
    command.incident_give_info.incident = incident->id;
    return wish_carry_out(decision, &command, decide_incident_give_info);
}

static enum refusal rate(struct decision *decision, const struct incident *incident)
{
    const struct citizen_visit *asked = &decision->command->citizen_visit;
    struct command command = *decision->command;
    command.kind = COMMAND_SURVEY_ANSWER;
    command.survey_answer = (struct survey_answer){ .incident = incident->id,
                                                    .contacted = asked->contacted,
                                                    .solved = asked->solved,
                                                    .satisfied = asked->satisfied,
                                                    .channel = CHANNEL_WEB };
    return wish_carry_out(decision, &command, decide_survey_answer);
}

static enum refusal act(struct decision *decision, const struct incident *incident)
{
    switch (decision->command->citizen_visit.act) {
    case VISIT_ACT_LOOK:
        return REFUSAL_NONE;
    case VISIT_ACT_ADD:
        return add(decision, incident);
    case VISIT_ACT_RATE:
        return rate(decision, incident);
    case VISIT_ACT_REOPEN:
        return wish_do(decision, incident, CITIZEN_WISH_REOPEN);
    case VISIT_ACT_URGE:
        return wish_do(decision, incident, CITIZEN_WISH_URGE);
    case VISIT_ACT_WITHDRAW:
        return wish_do(decision, incident, CITIZEN_WISH_WITHDRAW);
    case VISIT_ACT_NONE:
    case VISIT_ACT_COUNT:
        break;
    }
    return REFUSAL_MALFORMED;
}

enum refusal decide_citizen_visit(struct decision *decision)
{
    const struct citizen_visit *asked = &decision->command->citizen_visit;
    const struct incident *incident = core_incident(decision->core, asked->incident);
    if (!incident || incident->emergency || !citizen_may_be_texted(incident))
        return REFUSAL_NO_SUCH_INCIDENT;
    decision->verdict->incident = incident->id;
    decision->verdict->number = incident->number;
    incident_event(decision, EVENT_CITIZEN_VISITED, incident)->citizen_visited.act = asked->act;
    return act(decision, incident);
}

void apply_citizen_visited(struct core *core, const struct event *event)
{
    REQUIRE(core_incident(core, event->incident));
}
