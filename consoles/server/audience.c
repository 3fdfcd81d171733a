/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/audience.h"

enum {
    WATCHING = ROLES_SUPERVISOR | ROLES_AUDITOR | ROLES_OPERATOR | ROLES_SECURITY
};

static void add_department(struct audience *audience, uint32_t department)
{
    for (uint32_t i = 0; i < audience->department_count; i++)
        if (audience->departments[i] == department)
            return;
    if (department != 0 && audience->department_count < AUDIENCE_DEPARTMENTS_MAX)
        audience->departments[audience->department_count++] = department;
}

static bool is_about_a_session(const struct event *event)
{
    return event->kind == EVENT_SESSION_OPENED || event->kind == EVENT_SESSION_CLOSED ||
           event->kind == EVENT_SESSION_REFUSED || event->kind == EVENT_SESSION_PROVED ||
           event->kind == EVENT_EXPORT_BEGUN || event->kind == EVENT_PERSONAL_WAS_READ ||
           event->kind == EVENT_WORDS_SEARCHED;
}

static bool is_about_the_city(const struct event *event)
{
    return (event->kind >= EVENT_PARAMETER_CHANGED && event->kind <= EVENT_UNIT_DEFINED) ||
           event->kind == EVENT_RUN_CARD_DEFINED || event->kind == EVENT_COVERAGE_DEFINED;
}

/* Questions, and how people stand: for those who write tests and answer for people, and for the person. */
static bool is_about_an_exam(const struct event *event)
{
    return event->kind == EVENT_EXAM_DRAFTED || event->kind == EVENT_EXAM_WRITTEN ||
           event->kind == EVENT_EXAM_BEGUN || event->kind == EVENT_EXAM_ANSWERED ||
           event->kind == EVENT_EXAM_CLOSED || event->kind == EVENT_EXAM_STRUCK;
}

static uint32_t examined_by(const struct event *event)
{
    if (event->kind == EVENT_EXAM_CLOSED)
        return event->exam_closed.user;
    if (event->kind == EVENT_EXAM_STRUCK)
        return event->exam_struck.user;
    return event->kind == EVENT_EXAM_BEGUN || event->kind == EVENT_EXAM_ANSWERED ? event->actor : 0;
}

/* A grant is told to whom it names, also when it ends. */
static uint32_t named_by(const struct event *event)
{
    if (event->kind == EVENT_GRANT_GIVEN)
        return event->grant_given.user;
    return event->kind == EVENT_GRANT_ENDED ? event->grant_ended.user : 0;
}

void audience_of(struct audience *audience, const struct event *event,
                 const struct incident_detail *detail, const struct circle *circle)
{
    *audience = (struct audience){ .roles = ROLES_CENTRE,
                                   .locked = access_locked_event(event->kind),
                                   .user = named_by(event) };
    if (circle) {
        audience->secret = true;
        audience->circle = *circle;
        if (is_about_a_session(event) && event->actor_kind == ACTOR_KIND_USER)
            audience->user = event->actor;
        return;
    }
    if (is_about_a_session(event)) {
        audience->roles = WATCHING;
        audience->user = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
        return;
    }
    /* The first carries logins and phones. */
    if (event->kind == EVENT_USER_DEFINED || event->kind == EVENT_HISTORY_DOUBTED) {
        audience->roles = WATCHING;
        return;
    }
    if (event->kind >= EVENT_AMENDMENT_DRAFTED && event->kind <= EVENT_AMENDMENT_MOVED) {
        audience->roles = WATCHING; /* its rows carry them, too */
        return;
    }
    if (is_about_an_exam(event)) {
        audience->roles = ROLES_SUPERVISOR | ROLES_AUDITOR;
        audience->user = examined_by(event);
        return;
    }
    if (is_about_the_city(event) || event->kind == EVENT_EXAM_OPENED ||
        event->kind == EVENT_EXAM_ENDED) {
        audience->roles = ROLES_ALL;
        return;
    }
    if (access_names_caller(event)) /* a department reads it without, in the trail */
        return;
    add_department(audience, event->department);
    for (uint32_t i = 0; detail && i < detail->tasks_count; i++)
        add_department(audience, detail->tasks[i].department);
}

bool audience_holds(const struct audience *audience, const struct user_row *user)
{
    if (audience->secret)
        return (audience->user != 0 && audience->user == user->user) ||
               access_is_within(&audience->circle, user);
    if ((user->roles & audience->roles) || (audience->user != 0 && audience->user == user->user))
        return true;
    for (uint32_t i = 0; i < audience->department_count; i++)
        if ((user->roles & ROLES_DEPARTMENT) && audience->departments[i] == user->department)
            return true;
    return false;
}
