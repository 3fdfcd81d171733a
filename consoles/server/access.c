/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/access.h"

#include <string.h>

enum {
    TAKING = ROLES_TAKER | ROLES_SUPERVISOR,
    WORKING = ROLES_DEPARTMENT | ROLES_SUPERVISOR,
    WATCHING = ROLES_SUPERVISOR | ROLES_AUDITOR | ROLES_OPERATOR,
    LISTENING = ROLES_TAKER | ROLES_SUPERVISOR | ROLES_AUDITOR
};

/* What is missing here is no person's command: gateways, clock and configuration have their ways. */
static const uint16_t command_roles[COMMAND_KIND_COUNT] = {
    [COMMAND_TAKER_SIGN_ON] = TAKING,
    [COMMAND_TAKER_SIGN_OFF] = TAKING,
    [COMMAND_TAKER_READY] = TAKING,
    [COMMAND_TAKER_AWAY] = TAKING,
    [COMMAND_WRAP_UP_FINISH] = TAKING,
    [COMMAND_OFFER_ACCEPT] = TAKING,
    [COMMAND_OFFER_DECLINE] = TAKING,
    [COMMAND_CONTACT_FINISH] = TAKING,
    [COMMAND_CONTACT_RELINE] = TAKING,
    [COMMAND_CONTACT_WRITE] = TAKING,
    [COMMAND_CONTACT_TRANSFER] = TAKING,
    [COMMAND_TRANSFER_CANCEL] = TAKING,
    [COMMAND_TRANSFER_FINISH] = TAKING,
    [COMMAND_CONTACT_HOLD] = TAKING,
    [COMMAND_CONTACT_RESUME] = TAKING,
    [COMMAND_PARTY_INVITE] = TAKING,
    [COMMAND_PARTY_CHANGE] = ROLES_SUPERVISOR,
    [COMMAND_PARTY_DROP] = TAKING,
    [COMMAND_PARTY_TAKE_OVER] = ROLES_SUPERVISOR,
    [COMMAND_CONTACT_NEED] = TAKING,
    [COMMAND_CALLBACK_FINISH] = TAKING,
    [COMMAND_CALLBACK_OFFER] = TAKING,
    [COMMAND_CALLBACK_QUEUE] = TAKING,
    [COMMAND_CALLBACK_TRY] = TAKING,
    [COMMAND_CONTACT_SILENT] = TAKING,
    [COMMAND_CONTACT_SPEAK] = TAKING,
    [COMMAND_SILENCE_CHECK] = TAKING,
    [COMMAND_SILENCE_RULE] = ROLES_SUPERVISOR,
    [COMMAND_MARK_ASK] = TAKING,
    [COMMAND_MARK_CONFIRM] = ROLES_SUPERVISOR,
    [COMMAND_MARK_END] = ROLES_SUPERVISOR,
    [COMMAND_STORM_ENTER] = ROLES_SUPERVISOR,
    [COMMAND_STORM_LEAVE] = ROLES_SUPERVISOR,
    [COMMAND_CLUSTER_ANNOUNCE] = ROLES_SUPERVISOR,
    [COMMAND_INCIDENT_REGISTER] = TAKING,
    [COMMAND_INCIDENT_ATTACH] = TAKING,
    [COMMAND_INCIDENT_DISPATCH] = TAKING,
    [COMMAND_INCIDENT_ANSWER_DIRECTLY] = TAKING,
    [COMMAND_INCIDENT_VOID] = TAKING,
    [COMMAND_INCIDENT_TELL] = TAKING,
    [COMMAND_SURVEY_ANSWER] = TAKING,
    [COMMAND_REVISIT_FINISH] = TAKING,
    [COMMAND_INCIDENT_REOPEN] = TAKING,
    [COMMAND_INCIDENT_NOTE] = ROLES_STAFF | ROLES_DEPARTMENT,
    [COMMAND_TASK_SIGN] = WORKING,
    [COMMAND_TASK_PROGRESS] = WORKING,
    [COMMAND_TASK_SEND_BACK] = WORKING,
    [COMMAND_TASK_REPLY] = WORKING,
    [COMMAND_TASK_RULE_RETURN] = TAKING,
    [COMMAND_DEMAND_ANSWER] = WORKING,
    [COMMAND_TASK_REJECT_REPLY] = TAKING | ROLES_REVIEWER,
    [COMMAND_INCIDENT_DRAFT] = TAKING,
    [COMMAND_INCIDENT_REVIEW] = ROLES_REVIEWER | ROLES_SUPERVISOR,
    [COMMAND_INCIDENT_ASK_INFO] = TAKING | ROLES_REVIEWER | ROLES_DEPARTMENT,
    [COMMAND_INCIDENT_GIVE_INFO] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_INCIDENT_OBJECT] = ROLES_SUPERVISOR | ROLES_REVIEWER,
    [COMMAND_INCIDENT_DISPUTE] = ROLES_SUPERVISOR | ROLES_ADJUDICATOR,
    [COMMAND_INCIDENT_RULE_DISPUTE] = ROLES_ADJUDICATOR | ROLES_DIRECTOR,
    [COMMAND_INCIDENT_RESUME] = TAKING | ROLES_DIRECTOR,
    [COMMAND_INCIDENT_EXPLAIN] = ROLES_REVIEWER | ROLES_SUPERVISOR,
    [COMMAND_INCIDENT_CONTROL] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_INCIDENT_PRIORITIZE] = TAKING,
    [COMMAND_INCIDENT_CONCEAL] = ROLES_STAFF,
    [COMMAND_INCIDENT_URGE] = ROLES_STAFF,
    [COMMAND_INCIDENT_SUPERVISE] = ROLES_SUPERVISOR | ROLES_DIRECTOR,
    [COMMAND_INCIDENT_BOUNCE] = TAKING,
    [COMMAND_PETITION_ASK] = ROLES_STAFF | ROLES_DEPARTMENT,
    [COMMAND_PETITION_RULE] = ROLES_STAFF | ROLES_AUDITOR,
    [COMMAND_PETITION_CANCEL] = ROLES_STAFF | ROLES_DEPARTMENT,
    [COMMAND_TASK_ADD] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_TASK_RECALL] = TAKING,
    [COMMAND_TASK_FORWARD] = WORKING,
    [COMMAND_UNIT_REPORT] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_UNIT_PLACE] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_UNIT_ALERT] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_UNIT_CHECK_IN] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_UNIT_STAFF] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_PLAN_ACTIVATE] = TAKING,
    [COMMAND_INCIDENT_FLAG] = TAKING,
    [COMMAND_INCIDENT_MERGE] = TAKING,
    [COMMAND_INCIDENT_UNMERGE] = ROLES_SUPERVISOR,
    [COMMAND_INCIDENT_LINK] = TAKING,
    [COMMAND_INCIDENT_UNLINK] = TAKING,
    [COMMAND_INCIDENT_SPLIT] = TAKING,
    [COMMAND_INCIDENT_UPGRADE] = TAKING | ROLES_DEPARTMENT,
    [COMMAND_INCIDENT_DOWNGRADE] = TAKING,
    [COMMAND_GUIDE_BEGIN] = TAKING,
    [COMMAND_GUIDE_ANSWER] = TAKING,
    [COMMAND_GUIDE_UNDO] = TAKING,
    [COMMAND_SUBSCRIPTION_SET] = TAKING,
    [COMMAND_NOTICE_CREATE] = ROLES_SUPERVISOR,
    [COMMAND_NOTICE_ADD] = ROLES_SUPERVISOR,
    [COMMAND_NOTICE_START] = ROLES_SUPERVISOR | ROLES_DIRECTOR,
    [COMMAND_NOTICE_PAUSE] = ROLES_SUPERVISOR | ROLES_DIRECTOR,
    [COMMAND_NOTICE_GO_ON] = ROLES_SUPERVISOR | ROLES_DIRECTOR,
    [COMMAND_NOTICE_STOP] = ROLES_SUPERVISOR | ROLES_DIRECTOR,
    [COMMAND_PERSONAL_READ] = TAKING | ROLES_DEPARTMENT | ROLES_AUDITOR,
};

static const uint16_t query_roles[QUERY_KIND_COUNT] = {
    [QUERY_STATUS] = ROLES_ALL,      [QUERY_CONTACTS] = ROLES_CENTRE,
    [QUERY_TAKERS] = ROLES_CENTRE,   [QUERY_INCIDENTS] = ROLES_ALL,
    [QUERY_INCIDENT] = ROLES_ALL,    [QUERY_TASKS] = ROLES_ALL,
    [QUERY_MARKS] = LISTENING,       [QUERY_STORM] = ROLES_CENTRE,
    [QUERY_CALLBACKS] = LISTENING,   [QUERY_EVENTS] = ROLES_ALL,
    [QUERY_CITY] = ROLES_ALL,        [QUERY_TEXTS] = LISTENING | ROLES_DEPARTMENT,
    [QUERY_RECORDINGS] = LISTENING,  [QUERY_PETITIONS] = ROLES_ALL,
    [QUERY_PRECEDENTS] = ROLES_ALL,  [QUERY_KPI] = ROLES_CENTRE | ROLES_AUDITOR,
    [QUERY_UNITS] = ROLES_ALL,       [QUERY_PLANS] = ROLES_ALL,
    [QUERY_COVERAGE] = ROLES_CENTRE, [QUERY_LIKELY] = TAKING,
    [QUERY_QUESTIONS] = ROLES_ALL,   [QUERY_GUIDE] = LISTENING,
    [QUERY_EXPLAIN] = TAKING,        [QUERY_NOTICES] = ROLES_CENTRE | ROLES_AUDITOR,
    [QUERY_FIXES] = LISTENING,
};

static bool has(const struct user_row *user, uint32_t roles)
{
    return (user->roles & roles) != 0;
}

bool access_is_bound(const struct user_row *user)
{
    return !has(user, ROLES_CENTRE);
}

enum refusal access_command(const struct user_row *user, enum command_kind kind)
{
    if ((unsigned)kind >= COMMAND_KIND_COUNT || command_roles[kind] == 0)
        return REFUSAL_UNKNOWN_KIND;
    return has(user, command_roles[kind]) ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
}

/* The department a list is limited to, NULL for what is no list of departments' work. */
static uint32_t *limit_of(struct query *query)
{
    if (query->kind == QUERY_INCIDENTS)
        return &query->incidents.department;
    if (query->kind == QUERY_UNITS)
        return &query->units.department;
    return query->kind == QUERY_TASKS ? &query->tasks.department : NULL;
}

static enum refusal narrow(const struct user_row *user, struct query *query, bool *owned)
{
    uint32_t *department = limit_of(query);
    if (query->kind == QUERY_INCIDENTS && query->incidents.caller != 0)
        return REFUSAL_NOT_ALLOWED;
    if (query->kind == QUERY_EVENTS && (query->events.incident == 0 || query->events.contact != 0))
        return REFUSAL_NOT_ALLOWED;
    if (query->kind == QUERY_PETITIONS && query->petitions.incident == 0)
        return REFUSAL_NOT_ALLOWED;
    if (query->kind == QUERY_TEXTS && query->texts.incident == 0)
        return REFUSAL_NOT_ALLOWED;
    *owned = query->kind == QUERY_EVENTS || query->kind == QUERY_INCIDENT ||
             query->kind == QUERY_TEXTS || query->kind == QUERY_PLANS ||
             query->kind == QUERY_PETITIONS;
    if (!department)
        return REFUSAL_NONE;
    if (user->department == 0 || (*department != 0 && *department != user->department))
        return REFUSAL_NOT_ALLOWED;
    *department = user->department;
    return REFUSAL_NONE;
}

enum refusal access_query(const struct user_row *user, struct query *query, bool *owned)
{
    *owned = false;
    if ((unsigned)query->kind >= QUERY_KIND_COUNT || query->kind == QUERY_NONE)
        return REFUSAL_UNKNOWN_KIND;
    if (!has(user, query_roles[query->kind]))
        return REFUSAL_NOT_ALLOWED;
    bool everything =
        query->kind == QUERY_EVENTS && query->events.incident == 0 && query->events.contact == 0;
    if (everything && !has(user, WATCHING))
        return REFUSAL_NOT_ALLOWED;
    return access_is_bound(user) ? narrow(user, query, owned) : REFUSAL_NONE;
}

uint64_t access_subject(const struct query *query)
{
    if (query->kind == QUERY_INCIDENT)
        return query->incident.incident;
    if (query->kind == QUERY_EVENTS)
        return query->events.incident;
    if (query->kind == QUERY_PLANS)
        return query->plans.incident;
    if (query->kind == QUERY_PETITIONS)
        return query->petitions.incident;
    return query->kind == QUERY_TEXTS ? query->texts.incident : 0;
}

bool access_owns(const struct user_row *user, const struct incident_detail *detail)
{
    for (uint32_t i = 0; i < detail->tasks_count; i++)
        if (detail->tasks[i].department == user->department && user->department != 0)
            return true;
    return false;
}

void access_redact(const struct user_row *user, struct answer *answer)
{
    if (answer->kind == ANSWER_USERS && !has(user, WATCHING))
        for (uint32_t i = 0; i < answer->users.rows_count; i++) {
            answer->users.rows[i].login[0] = 0;
            answer->users.rows[i].phone[0] = 0;
        }
    if (!access_is_bound(user))
        return;
    if (answer->kind == ANSWER_INCIDENTS)
        for (uint32_t i = 0; i < answer->incidents.rows_count; i++)
            answer->incidents.rows[i].caller = 0;
    if (answer->kind == ANSWER_INCIDENT_DETAIL)
        answer->incident_detail.row.caller = 0;
}

void access_redact_event(const struct user_row *user, struct event *event)
{
    if (event->kind == EVENT_USER_DEFINED && !has(user, WATCHING)) {
        event->user_defined.row.login[0] = 0;
        event->user_defined.row.phone[0] = 0;
    }
    if (!access_is_bound(user))
        return;
    if (event->kind == EVENT_CONTACT_ARRIVED)
        event->contact_arrived.caller = 0;
    if (event->kind == EVENT_CALLBACK_OPENED)
        event->callback_opened.caller = 0;
    if (event->kind == EVENT_INCIDENT_REGISTERED)
        event->incident_registered.caller = 0;
    if (event->kind == EVENT_MARK_ASKED)
        event->mark_asked.caller = 0;
    if (event->kind == EVENT_INCIDENT_DRAFTED)
        event->incident_drafted.caller = 0;
}

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
           event->kind == EVENT_SESSION_REFUSED || event->kind == EVENT_PERSONAL_WAS_READ;
}

static bool is_about_the_city(const struct event *event)
{
    return (event->kind >= EVENT_PARAMETER_CHANGED && event->kind <= EVENT_UNIT_DEFINED) ||
           event->kind == EVENT_RUN_CARD_DEFINED || event->kind == EVENT_COVERAGE_DEFINED;
}

void audience_of(struct audience *audience, const struct event *event,
                 const struct incident_detail *detail)
{
    *audience = (struct audience){ .roles = ROLES_CENTRE };
    if (is_about_a_session(event)) {
        audience->roles = WATCHING;
        audience->user = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
        return;
    }
    if (event->kind == EVENT_USER_DEFINED) { /* carries logins and phones */
        audience->roles = WATCHING;
        return;
    }
    if (is_about_the_city(event)) {
        audience->roles = ROLES_ALL;
        return;
    }
    /* These carry the citizen's blind index; a department reads them redacted, in the trail. */
    if (event->kind == EVENT_CONTACT_ARRIVED || event->kind == EVENT_CALLBACK_OPENED ||
        event->kind == EVENT_INCIDENT_REGISTERED || event->kind == EVENT_MARK_ASKED ||
        event->kind == EVENT_INCIDENT_DRAFTED)
        return;
    add_department(audience, event->department);
    for (uint32_t i = 0; detail && i < detail->tasks_count; i++)
        add_department(audience, detail->tasks[i].department);
}

bool audience_holds(const struct audience *audience, const struct user_row *user)
{
    if (has(user, audience->roles) || (audience->user != 0 && audience->user == user->user))
        return true;
    for (uint32_t i = 0; i < audience->department_count; i++)
        if (has(user, ROLES_DEPARTMENT) && audience->departments[i] == user->department)
            return true;
    return false;
}
