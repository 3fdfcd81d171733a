/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every decision about an incident needs: to find it, to move it, to start its clock. */
#include "dispatcher/core/incident.h"

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/dispute.h"
#include "dispatcher/core/inquiry.h"
#include "dispatcher/core/suspension.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/telling.h"
#include "dispatcher/core/work.h"

struct event *incident_event(struct decision *decision, enum event_kind kind,
                             const struct incident *incident)
{
    struct event *event = decision_event(decision, kind);
    event->incident = incident->id;
    event->line = incident->line;
    return event;
}

struct incident_moved *incident_move(struct decision *decision, const struct incident *incident,
                                     enum incident_state from, enum incident_step step)
{
    enum incident_state to = incident_next(incident->emergency, from, step);
    REQUIRE(to != INCIDENT_STATE_NONE);
    struct event *event = incident_event(decision, EVENT_INCIDENT_MOVED, incident);
    event->incident_moved.step = step;
    event->incident_moved.from = from;
    event->incident_moved.to = to;
    event->incident_moved.round = incident->round + (to == INCIDENT_STATE_REDO);
    return &event->incident_moved;
}

enum incident_state incident_step(struct decision *decision, const struct incident *incident,
                                  enum incident_state from, enum incident_step step)
{
    return incident_move(decision, incident, from, step)->to;
}

void incident_clock(struct decision *decision, const struct incident *incident, uint32_t round,
                    enum clock_kind clock)
{
    clock_begin(decision, incident, round, clock, decision->at_ms);
}

enum refusal incident_may(const struct incident *incident, enum incident_step step)
{
    return incident_next(incident->emergency, incident->state, step) ? REFUSAL_NONE
                                                                     : REFUSAL_WRONG_STATE;
}

enum refusal incident_find(struct decision *decision, uint64_t id, enum incident_step step,
                           const struct incident **incident)
{
    *incident = core_incident(decision->core, id);
    if (!*incident)
        return REFUSAL_NO_SUCH_INCIDENT;
    decision->verdict->incident = id;
    decision->verdict->number = (*incident)->number;
    return step ? incident_may(*incident, step) : REFUSAL_NONE;
}

void incident_replied(struct decision *decision, const struct incident *incident)
{
    work_finish(decision, incident);
    incident_step(decision, incident, incident->state, INCIDENT_STEP_REPLY);
    if (incident->handed_on) {
        struct incident replied = *incident;
        replied.state = INCIDENT_STATE_REPLIED;
        telling_told(decision, &replied, TELL_MEANS_EXCUSED, EXCUSE_REASON_FOLLOWED_UP, 0);
        return;
    }
    if (decision->core->parameters[PARAMETER_REPLY_REVIEW] && !incident->emergency)
        incident_clock(decision, incident, incident->round, CLOCK_KIND_REVIEW);
    else
        telling_begin(decision, incident);
}

void incident_next_round(struct decision *decision, const struct incident *incident)
{
    incident_clock(decision, incident, incident->round + 1, CLOCK_KIND_DISPATCH);
    citizen_text_order(decision, TEMPLATE_REDO, incident, 0);
}

void incident_due(struct decision *decision, const struct incident *incident)
{
    REQUIRE(!incident->promise.reported);
    switch (incident->clock) {
    case CLOCK_KIND_SURVEY:
        telling_ask_in_person(decision, incident);
        return;
    case CLOCK_KIND_INFO:
        inquiry_lapse(decision, incident);
        return;
    case CLOCK_KIND_SUSPENSION:
        suspension_end(decision, incident);
        return;
    case CLOCK_KIND_DISPUTE:
        if (dispute_fall_back(decision, incident))
            return;
        break;
    case CLOCK_KIND_ARCHIVE:
        incident_step(decision, incident, incident->state, INCIDENT_STEP_ARCHIVE);
        return;
    default: /* somebody owes something */
        break;
    }
    struct event *event = incident_event(decision, EVENT_CLOCK_OVERDUE, incident);
    event->clock_overdue.clock = incident->clock;
    event->clock_overdue.due_ms = incident->promise.due_ms;
    event->clock_overdue.subject = incident->id;
}

enum refusal decide_incident_note(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, decision->command->incident_note.incident,
                                         INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    const struct user *user = decision->user;
    if (user && !decision_may(decision, ROLE_TAKER) && !decision_may(decision, ROLE_SUPERVISOR) &&
        !task_of(incident, user->row.department))
        return REFUSAL_NOT_YOURS;
    const struct task *own = user ? task_open_of(incident, user->row.department) : NULL;
    struct event *event = incident_event(decision, EVENT_INCIDENT_NOTED, incident);
    event->task = own ? own->id : 0;
    event->department = own ? own->department : 0;
    return REFUSAL_NONE;
}
