/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/telling.h"

#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/mark.h"
#include "dispatcher/core/survey.h"

void telling_ask_in_person(struct decision *decision, const struct incident *incident)
{
    incident_step(decision, incident, INCIDENT_STATE_TOLD, INCIDENT_STEP_NO_ANSWER);
    survey_revisit(decision, incident);
}

/* The citizen knows the result, or it is recorded why not. What follows is the question how it was,
 * unless there is nobody who could or wants to be asked. */
void telling_told(struct decision *decision, const struct incident *incident, enum tell_means means,
                  enum excuse_reason excuse, uint64_t text)
{
    struct event *event = incident_event(decision, EVENT_CITIZEN_TOLD, incident);
    event->citizen_told.means = means;
    event->citizen_told.excuse = excuse;
    event->citizen_told.text = text;
    if (means != TELL_MEANS_SMS)
        citizen_text_recall(decision, incident->result);
    incident_step(decision, incident, incident->state, INCIDENT_STEP_TELL);
    if (excuse == EXCUSE_REASON_ANONYMOUS || excuse == EXCUSE_REASON_DECLINED ||
        excuse == EXCUSE_REASON_FOLLOWED_UP) {
        incident_move(decision, incident, INCIDENT_STATE_TOLD, INCIDENT_STEP_UNREACHABLE)->close =
            CLOSE_CODE_UNREACHABLE;
        return;
    }
    if (means == TELL_MEANS_EXCUSED ||
        marks_of(decision->core, incident->caller) & 1U << MARK_KIND_NO_SURVEY ||
        !citizen_text_order(decision, TEMPLATE_SURVEY, incident, 0)) {
        telling_ask_in_person(decision, incident);
        return;
    }
    incident_clock(decision, incident, incident->round, CLOCK_KIND_SURVEY);
}

void telling_begin(struct decision *decision, const struct incident *incident)
{
    incident_clock(decision, incident, incident->round, CLOCK_KIND_TELL);
    citizen_text_order(decision, TEMPLATE_RESULT, incident, 0);
}

static void result_reported(struct decision *decision, const struct incident *incident,
                            const struct citizen_text *text, enum text_state state)
{
    if (incident->state == INCIDENT_STATE_REPLIED || incident->state == INCIDENT_STATE_MERGED) {
        if (state == TEXT_STATE_FAILED)
            clock_start(decision, incident, CLOCK_KIND_TELL, decision->at_ms);
        else
            telling_told(decision, incident, TELL_MEANS_SMS, EXCUSE_REASON_NONE, text->id);
    } else if (incident->state == INCIDENT_STATE_TOLD && state == TEXT_STATE_FAILED) {
        /* The message centre took the result and could not deliver it after all. */
        telling_ask_in_person(decision, incident);
    }
}

void incident_text_reported(struct decision *decision, const struct incident *incident,
                            const struct citizen_text *text, enum text_state state)
{
    if (text->id == incident->result)
        result_reported(decision, incident, text, state);
    else if (text->id == incident->survey && incident->state == INCIDENT_STATE_TOLD &&
             state == TEXT_STATE_FAILED)
        telling_ask_in_person(decision, incident);
}

enum refusal decide_incident_tell(struct decision *decision)
{
    const struct incident_tell *asked = &decision->command->incident_tell;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_TELL, &incident);
    if (refusal)
        return refusal;
    if (incident->clock == CLOCK_KIND_REVIEW)
        return REFUSAL_NOT_REVIEWED;
    /* A follower hears what its parent did, and that is still out. */
    if (incident->state == INCIDENT_STATE_MERGED && incident->clock != CLOCK_KIND_TELL)
        return REFUSAL_WRONG_STATE;
    switch (asked->means) {
    case TELL_MEANS_NONE:
    case TELL_MEANS_COUNT:
        return REFUSAL_MALFORMED;
    case TELL_MEANS_SMS: /* once more by text; told when the message centre took it */
        if (!citizen_may_be_texted(incident))
            return REFUSAL_NOT_ALLOWED;
        if (citizen_has_text(incident, TEMPLATE_RESULT))
            return REFUSAL_TEXTED_BEFORE;
        citizen_text_order(decision, TEMPLATE_RESULT, incident, 0);
        return REFUSAL_NONE;
    case TELL_MEANS_PHONE:
        telling_told(decision, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE, 0);
        return REFUSAL_NONE;
    case TELL_MEANS_EXCUSED:
        if (asked->excuse == EXCUSE_REASON_NONE)
            return REFUSAL_REASON_MISSING;
        telling_told(decision, incident, TELL_MEANS_EXCUSED, asked->excuse, 0);
        return REFUSAL_NONE;
    }
    return REFUSAL_MALFORMED;
}
