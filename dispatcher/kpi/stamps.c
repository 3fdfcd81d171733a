/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/kpi/stamps.h"

#include "base/require.h"

static bool set(uint64_t *stamp, uint64_t at_ms)
{
    REQUIRE(stamp);
    if (*stamp || !at_ms)
        return false;
    *stamp = at_ms;
    return true;
}

/* NULL: the step has no stamp. */
static uint64_t *stamp_of_step(struct incident_stamps *stamps, enum incident_step step)
{
    switch (step) {
    case INCIDENT_STEP_DISPATCH:
    case INCIDENT_STEP_REDISPATCH:
    case INCIDENT_STEP_RULE:
        return &stamps->ordered_ms;
    case INCIDENT_STEP_SIGN:
        return &stamps->signed_ms;
    case INCIDENT_STEP_ARRIVE:
        return &stamps->on_scene_ms;
    case INCIDENT_STEP_CONTROL:
        return &stamps->controlled_ms;
    case INCIDENT_STEP_REPLY:
        return &stamps->replied_ms;
    case INCIDENT_STEP_TELL:
        return &stamps->told_ms;
    case INCIDENT_STEP_REOPEN:
        return &stamps->reopened_ms;
    default: /* the many steps that are no milestone */
        return NULL;
    }
}

static bool moved(struct incident_stamps *stamps, const struct event *event)
{
    REQUIRE(stamps);
    const struct incident_moved *move = &event->incident_moved;
    uint64_t *stamp = stamp_of_step(stamps, move->step);
    bool changed = false;
    if (stamp)
        changed = set(stamp, event->at_ms);
    if (move->to == INCIDENT_STATE_CLOSED || move->to == INCIDENT_STATE_DIRECT)
        changed |= set(&stamps->closed_ms, event->at_ms);
    bool direct = move->to == INCIDENT_STATE_DIRECT;
    if (direct || (stamps->direct_ms && move->to != INCIDENT_STATE_ARCHIVED)) {
        stamps->direct_ms = direct ? event->at_ms : 0;
        changed = true;
    }
    if (move->to == INCIDENT_STATE_REDO && stamps->complained_ms) {
        stamps->complained_ms = 0;
        changed = true;
    }
    return changed;
}

/* Sent back and taken back, or a later order to lead, before anybody replied: the first was wrong. */
static bool misdirected(struct incident_stamps *stamps, const struct event *event)
{
    bool again = event->kind == EVENT_TASK_MOVED ? event->task_moved.step == TASK_STEP_RETURN_ACCEPT
                                                 : event->task_opened.kind == TASK_KIND_LEAD &&
                                                       event->at_ms > stamps->ordered_ms;
    return again && stamps->ordered_ms && !stamps->replied_ms &&
           set(&stamps->misdirected_ms, event->at_ms);
}

/* A bad verdict waits for something to be done. */
static bool rated(struct incident_stamps *stamps, const struct event *event)
{
    const struct survey_answered *answer = &event->survey_answered;
    if (answer->solved == DEGREE_NO || answer->satisfied == DEGREE_NO)
        stamps->complained_ms = event->at_ms;
    if (stamps->complained_ms == event->at_ms)
        stamps->redo_until_ms = answer->redo_until_ms;
    bool first = set(&stamps->rated_ms, event->at_ms);
    return set(&stamps->asked_ms, event->at_ms) || first || stamps->complained_ms == event->at_ms;
}

bool stamps_see(struct incident_stamps *stamps, const struct event *event, uint64_t answered_ms)
{
    switch (event->kind) {
    case EVENT_INCIDENT_REGISTERED:
        stamps->incident = event->incident;
        (void)set(&stamps->arrived_ms, event->incident_registered.started_ms);
        (void)set(&stamps->answered_ms, answered_ms);
        return set(&stamps->registered_ms, event->at_ms);
    case EVENT_INCIDENT_MOVED:
        return moved(stamps, event);
    case EVENT_TASK_OPENED:
        return misdirected(stamps, event);
    case EVENT_TASK_MOVED:
        if (event->task_moved.step == TASK_STEP_ROLL)
            return set(&stamps->rolled_ms, event->at_ms);
        if (event->task_moved.step == TASK_STEP_ARRIVE)
            return set(&stamps->on_scene_ms, event->at_ms);
        return misdirected(stamps, event);
    case EVENT_SURVEY_ANSWERED:
        return rated(stamps, event);
    case EVENT_TEXT_ORDERED:
        return event->text_ordered.template == TEMPLATE_SURVEY &&
               set(&stamps->asked_ms, event->at_ms);
    case EVENT_REVISIT_TRIED:
        return set(&stamps->asked_ms, event->at_ms);
    default: /* the many kinds that are no milestone */
        return false;
    }
}

uint64_t contact_answered_ms(const struct event *connected)
{
    uint64_t told_ms = connected->contact_connected.answered_ms;
    return told_ms ? told_ms : connected->at_ms;
}
