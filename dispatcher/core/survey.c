/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/survey.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/closure.h"
#include "dispatcher/core/incident.h"

enum {
    NOON_MIN = 12 * 60, /* of the city's day */
    EVENING_MIN = 18 * 60,
    REDO_DAYS = 3 /* working days */
};

static bool is_yes(enum degree degree)
{
    return degree == DEGREE_YES || degree == DEGREE_MOSTLY;
}

bool survey_is_good(enum degree contacted, enum degree solved, enum degree satisfied)
{
    return is_yes(contacted) && is_yes(solved) && is_yes(satisfied);
}

const struct incident *survey_of_reply(const struct core *core, const struct command *command,
                                       const struct line *line)
{
    const struct contact_arrive *asked = &command->contact_arrive;
    if (asked->channel != CHANNEL_SMS || !command->caller || !asked->contacted || !asked->solved ||
        !asked->satisfied)
        return NULL;
    const struct incident *incident =
        index_find(&core->index, ENTRY_CALLER_TOLD, command->caller, 0);
    if (line->row.emergency)
        while (incident && incident->line != line->row.line)
            incident = incident->told_older;
    return incident;
}

void survey_rated(struct decision *decision, struct survey_answered *answered)
{
    if (answered->solved == DEGREE_NO || answered->satisfied == DEGREE_NO)
        answered->redo_until_ms = calendar_after(decision->core, MEASURE_WORKING_DAY,
                                                 decision->at_ms, REDO_DAYS * DAY_MS);
}

void survey_answered(struct decision *decision, const struct incident *incident,
                     enum degree contacted, enum degree solved, enum degree satisfied,
                     enum channel channel)
{
    struct event *event = incident_event(decision, EVENT_SURVEY_ANSWERED, incident);
    event->survey_answered.contacted = contacted;
    event->survey_answered.solved = solved;
    event->survey_answered.satisfied = satisfied;
    event->survey_answered.channel = channel;
    event->survey_answered.round = incident->round;
    survey_rated(decision, &event->survey_answered);
    if (channel == CHANNEL_VOICE) /* who answers the text itself has it */
        citizen_text_recall(decision, incident->survey);
    if (survey_is_good(contacted, solved, satisfied)) {
        incident_move(decision, incident, incident->state, INCIDENT_STEP_SATISFIED)->close =
            closure_of(solved);
        return;
    }
    incident_step(decision, incident, incident->state, INCIDENT_STEP_UNSATISFIED);
    incident_next_round(decision, incident);
}

void survey_revisit(struct decision *decision, const struct incident *incident)
{
    struct event *event = incident_event(decision, EVENT_REVISIT_OPENED, incident);
    event->revisit_opened.due_ms =
        clock_due(decision->core, incident, incident->round, CLOCK_KIND_REVISIT, decision->at_ms);
    event->revisit_opened.tries = incident->tries;
}

static bool degrees_complete(enum degree contacted, enum degree solved, enum degree satisfied)
{
    return contacted != DEGREE_NONE && solved != DEGREE_NONE && satisfied != DEGREE_NONE;
}

enum refusal decide_survey_answer(struct decision *decision)
{
    const struct survey_answer *asked = &decision->command->survey_answer;
    const struct incident *incident = core_incident(decision->core, asked->incident);
    if (!incident)
        return REFUSAL_NO_SUCH_INCIDENT;
    if (incident->state != INCIDENT_STATE_TOLD && incident->state != INCIDENT_STATE_REVISIT)
        return REFUSAL_WRONG_STATE;
    if (!degrees_complete(asked->contacted, asked->solved, asked->satisfied))
        return REFUSAL_MALFORMED;
    decision->verdict->incident = incident->id;
    bool said = decision->user || !asked->channel; /* to a person */
    survey_answered(decision, incident, asked->contacted, asked->solved, asked->satisfied,
                    said ? CHANNEL_VOICE : asked->channel);
    return REFUSAL_NONE;
}

/* Which part of the day it is, as a bit. */
static uint32_t part_of_day(const struct core *core, uint64_t at_ms)
{
    uint64_t minute =
        (at_ms / MINUTE_MS + core->parameters[PARAMETER_UTC_OFFSET_MIN]) % (DAY_MS / MINUTE_MS);
    return minute < NOON_MIN ? 1 : minute < EVENING_MIN ? 2 : 4;
}

/* Who is not at home in the morning may be in the evening, and who is away today tomorrow. */
static bool is_enough(const struct core *core, const struct revisit_tried *tried)
{
    const uint64_t *parameters = core->parameters;
    uint32_t parts = (tried->parts & 1) + (tried->parts >> 1 & 1) + (tried->parts >> 2 & 1);
    bool spread = tried->days >= parameters[PARAMETER_REVISIT_DAYS] &&
                  parts >= parameters[PARAMETER_REVISIT_PARTS];
    return tried->tries >= parameters[PARAMETER_REVISIT_TRIES] * (spread ? 1 : 2);
}

static void tried_in_vain(struct decision *decision, const struct incident *incident,
                          const struct revisit_tried *tried)
{
    if (!is_enough(decision->core, tried)) {
        incident_clock(decision, incident, incident->round, CLOCK_KIND_REVISIT);
        return;
    }
    incident_move(decision, incident, incident->state, INCIDENT_STEP_UNREACHABLE)->close =
        CLOSE_CODE_UNREACHABLE;
    citizen_text_order(decision, TEMPLATE_NOT_RATED, incident, 0);
}

enum refusal decide_revisit_finish(struct decision *decision)
{
    const struct revisit_finish *asked = &decision->command->revisit_finish;
    const struct incident *incident = core_incident(decision->core, asked->incident);
    if (!incident)
        return REFUSAL_NO_SUCH_INCIDENT;
    if (incident->state != INCIDENT_STATE_REVISIT)
        return REFUSAL_WRONG_STATE;
    if (asked->reached && !degrees_complete(asked->contacted, asked->solved, asked->satisfied))
        return REFUSAL_MALFORMED;
    decision->verdict->incident = incident->id;
    struct event *event = incident_event(decision, EVENT_REVISIT_TRIED, incident);
    event->revisit_tried.reached = asked->reached;
    event->revisit_tried.tries = incident->tries + 1;
    bool again = incident->tried_on == calendar_date(decision->core, decision->at_ms);
    event->revisit_tried.days = incident->tried_days + !again;
    event->revisit_tried.parts =
        incident->tried_parts | part_of_day(decision->core, decision->at_ms);
    if (asked->reached)
        survey_answered(decision, incident, asked->contacted, asked->solved, asked->satisfied,
                        CHANNEL_VOICE);
    else
        tried_in_vain(decision, incident, &event->revisit_tried);
    return REFUSAL_NONE;
}

void apply_survey_answered(struct core *core, const struct event *event)
{
    const struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->told && event->survey_answered.round == incident->round);
}

void apply_revisit_opened(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->state == INCIDENT_STATE_REVISIT);
    incident->clock = CLOCK_KIND_REVISIT;
    incident->promise = (struct promise){ .due_ms = event->revisit_opened.due_ms };
    incident_refile(core, incident);
}

void apply_revisit_tried(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && event->revisit_tried.tries == incident->tries + 1);
    incident->tries = event->revisit_tried.tries;
    incident->tried_days = (uint8_t)event->revisit_tried.days;
    incident->tried_parts = (uint8_t)event->revisit_tried.parts;
    incident->tried_on = event->revisit_tried.days ? calendar_date(core, event->at_ms) : 0;
}
