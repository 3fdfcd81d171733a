/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/access.h"

#include <string.h>

#include "proto/schema.h"

/* The roles' short names in the tables. */
enum {
    GATEWAY = 1, /* ROLE_NONE's bit: a program by its own right */
    TAKER = ROLES_TAKER,
    DEPARTMENT = 1 << ROLE_DEPARTMENT,
    SUPERVISOR = ROLES_SUPERVISOR,
    AUDITOR = ROLES_AUDITOR,
    REVIEWER = ROLES_REVIEWER,
    DIRECTOR = ROLES_DIRECTOR,
    ADJUDICATOR = ROLES_ADJUDICATOR,
    HEAD = 1 << ROLE_DEPARTMENT_HEAD,
    SECURITY = ROLES_SECURITY,
    CENTRE = TAKER | SUPERVISOR,
    STAFF = ROLES_STAFF,
    WATCHING = SUPERVISOR | AUDITOR | ROLES_OPERATOR,
    GUARDING = ROLES_OPERATOR | SECURITY | AUDITOR,
    LISTENING = TAKER | SUPERVISOR | AUDITOR,
    WORKING = ROLES_CENTRE | ROLES_DEPARTMENT
};

/* Who gives a command. What is missing here nobody gives but the dispatcher itself: clock, sessions and
 * the city's tables, which come from their files alone. */
static const uint16_t command_roles[COMMAND_KIND_COUNT] = {
    [COMMAND_GATEWAY_RISE] = GATEWAY,
    [COMMAND_CONTACT_ARRIVE] = GATEWAY,
    [COMMAND_CONTACT_END] = GATEWAY,
    [COMMAND_CONTACT_KEEP] = GATEWAY,
    [COMMAND_GATEWAY_SETTLE] = GATEWAY,
    [COMMAND_CONTACT_SURVIVE] = GATEWAY,
    [COMMAND_SOUND_REPORT] = GATEWAY,
    [COMMAND_CALLS_TURN_AWAY] = GATEWAY,
    [COMMAND_OFFER_RING] = GATEWAY,
    [COMMAND_OFFER_ANSWER] = GATEWAY,
    [COMMAND_OFFER_FAIL] = GATEWAY,
    [COMMAND_RECORDING_STORE] = GATEWAY,
    [COMMAND_PHONE_REGISTER] = GATEWAY,
    [COMMAND_TEXT_REPORT] = GATEWAY,
    [COMMAND_TEXT_SEND] = GATEWAY,
    [COMMAND_TEXT_RETURN] = GATEWAY,
    [COMMAND_TEXT_PHONE] = CENTRE,

    [COMMAND_TAKER_SIGN_ON] = TAKER,
    [COMMAND_TAKER_SIGN_OFF] = CENTRE,
    [COMMAND_TAKER_READY] = CENTRE,
    [COMMAND_TAKER_AWAY] = CENTRE,
    [COMMAND_WRAP_UP_FINISH] = CENTRE,
    [COMMAND_CONTACT_DISPOSE] = CENTRE,
    [COMMAND_HANDOVER_LEAVE] = CENTRE,
    [COMMAND_HANDOVER_TAKE] = CENTRE,
    [COMMAND_OFFER_ACCEPT] = TAKER,
    [COMMAND_OFFER_DECLINE] = TAKER,
    [COMMAND_CONTACT_FINISH] = CENTRE,
    [COMMAND_CONTACT_RELINE] = CENTRE,
    [COMMAND_CONTACT_WRITE] = CENTRE,
    [COMMAND_CONTACT_TYPE] = GATEWAY,
    [COMMAND_CALLER_LOCATE] = GATEWAY,
    [COMMAND_CALLBACK_FINISH] = CENTRE,

    [COMMAND_INCIDENT_REGISTER] = CENTRE,
    [COMMAND_INCIDENT_ATTACH] = CENTRE,
    [COMMAND_INCIDENT_DISPATCH] = CENTRE,
    [COMMAND_INCIDENT_ANSWER_DIRECTLY] = CENTRE,
    [COMMAND_INCIDENT_VOID] = CENTRE,
    [COMMAND_INCIDENT_TELL] = CENTRE,
    [COMMAND_SURVEY_ANSWER] = CENTRE,
    [COMMAND_REVISIT_FINISH] = CENTRE,
    [COMMAND_INCIDENT_REOPEN] = CENTRE,
    [COMMAND_INCIDENT_NOTE] = STAFF | DEPARTMENT,

    [COMMAND_TASK_SIGN] = DEPARTMENT | SUPERVISOR,
    [COMMAND_TASK_PROGRESS] = DEPARTMENT | SUPERVISOR,
    [COMMAND_TASK_SEND_BACK] = DEPARTMENT | SUPERVISOR,
    [COMMAND_TASK_RULE_RETURN] = CENTRE,
    [COMMAND_TASK_REPLY] = DEPARTMENT | SUPERVISOR,
    [COMMAND_TASK_REJECT_REPLY] = CENTRE | REVIEWER,

    [COMMAND_INCIDENT_DRAFT] = CENTRE,
    [COMMAND_INCIDENT_REVIEW] = REVIEWER | SUPERVISOR,
    [COMMAND_INCIDENT_ASK_INFO] = CENTRE | REVIEWER | DEPARTMENT,
    [COMMAND_INCIDENT_GIVE_INFO] = CENTRE | DEPARTMENT,
    [COMMAND_INCIDENT_OBJECT] = SUPERVISOR | REVIEWER,
    [COMMAND_INCIDENT_DISPUTE] = SUPERVISOR | ADJUDICATOR,
    [COMMAND_INCIDENT_RULE_DISPUTE] = ADJUDICATOR | DIRECTOR,
    [COMMAND_INCIDENT_RESUME] = CENTRE | DIRECTOR,
    [COMMAND_INCIDENT_EXPLAIN] = REVIEWER | SUPERVISOR,
    [COMMAND_INCIDENT_CONTROL] = CENTRE | DEPARTMENT,
    [COMMAND_INCIDENT_PRIORITIZE] = CENTRE,
    [COMMAND_INCIDENT_CONCEAL] = STAFF,
    [COMMAND_INCIDENT_GRANT] = SUPERVISOR,
    [COMMAND_INCIDENT_REVOKE] = SUPERVISOR,
    [COMMAND_INCIDENT_URGE] = STAFF,
    [COMMAND_INCIDENT_SUPERVISE] = SUPERVISOR | DIRECTOR,
    [COMMAND_INCIDENT_BOUNCE] = CENTRE,
    [COMMAND_PETITION_ASK] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_PETITION_RULE] = STAFF | SECURITY,
    [COMMAND_PETITION_CANCEL] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_TASK_ADD] = CENTRE | DEPARTMENT,
    [COMMAND_TASK_RECALL] = CENTRE,
    [COMMAND_TASK_FORWARD] = DEPARTMENT | SUPERVISOR,
    [COMMAND_DEMAND_ANSWER] = DEPARTMENT | HEAD | SUPERVISOR,

    [COMMAND_HISTORY_DOUBT] = GATEWAY,
    [COMMAND_PERSONAL_READ] = STAFF | DEPARTMENT | AUDITOR,
    [COMMAND_SESSION_CLOSE] = ROLES_ALL,
    [COMMAND_EXPORT_BEGIN] = WATCHING,
    [COMMAND_WORDS_SEARCH] = SUPERVISOR | AUDITOR,

    [COMMAND_CONTACT_DIGITS] = GATEWAY,
    [COMMAND_CALLBACK_OFFER] = CENTRE,
    [COMMAND_CALLBACK_QUEUE] = CENTRE,
    [COMMAND_CALLBACK_TRY] = CENTRE,
    [COMMAND_CONTACT_SILENT] = GATEWAY | CENTRE,
    [COMMAND_CONTACT_SPEAK] = CENTRE,
    [COMMAND_SILENCE_CHECK] = CENTRE,
    [COMMAND_SILENCE_RULE] = SUPERVISOR,
    [COMMAND_MARK_ASK] = CENTRE,
    [COMMAND_MARK_CONFIRM] = SUPERVISOR,
    [COMMAND_MARK_END] = SUPERVISOR,
    [COMMAND_STORM_ENTER] = SUPERVISOR,
    [COMMAND_STORM_LEAVE] = SUPERVISOR,
    [COMMAND_CLUSTER_ANNOUNCE] = SUPERVISOR,

    [COMMAND_CONTACT_TRANSFER] = GATEWAY | CENTRE,
    [COMMAND_TRANSFER_CANCEL] = GATEWAY | CENTRE,
    [COMMAND_TRANSFER_FINISH] = GATEWAY | CENTRE,
    [COMMAND_CONTACT_HOLD] = GATEWAY | CENTRE,
    [COMMAND_CONTACT_RESUME] = GATEWAY | CENTRE,
    [COMMAND_CONTACT_MUTE] = CENTRE,
    [COMMAND_CONTACT_UNMUTE] = CENTRE,
    [COMMAND_CONTACT_PARK] = CENTRE,
    [COMMAND_CONTACT_UNPARK] = CENTRE,
    [COMMAND_CONTACT_PRESS] = CENTRE,
    [COMMAND_ATTACHMENT_STORE] = ROLES_DEPARTMENT,
    [COMMAND_PARTY_INVITE] = CENTRE,
    [COMMAND_PARTY_CHANGE] = SUPERVISOR,
    [COMMAND_PARTY_DROP] = CENTRE,
    [COMMAND_PARTY_TAKE_OVER] = SUPERVISOR,
    [COMMAND_PARTY_JOIN] = GATEWAY,
    [COMMAND_PARTY_LEAVE] = GATEWAY,
    [COMMAND_CONTACT_NEED] = GATEWAY | CENTRE,

    [COMMAND_UNIT_REPORT] = DEPARTMENT | CENTRE,
    [COMMAND_UNIT_PLACE] = GATEWAY | DEPARTMENT | CENTRE,
    [COMMAND_UNIT_ALERT] = DEPARTMENT | CENTRE,
    [COMMAND_UNIT_CHECK_IN] = DEPARTMENT | CENTRE,
    [COMMAND_UNIT_STAFF] = DEPARTMENT | CENTRE,
    [COMMAND_PLAN_ACTIVATE] = CENTRE,
    [COMMAND_INCIDENT_FLAG] = CENTRE,

    [COMMAND_INCIDENT_MERGE] = CENTRE | REVIEWER,
    [COMMAND_INCIDENT_UNMERGE] = SUPERVISOR | REVIEWER,
    [COMMAND_INCIDENT_LINK] = CENTRE | REVIEWER,
    [COMMAND_INCIDENT_UNLINK] = CENTRE | REVIEWER,
    [COMMAND_INCIDENT_SPLIT] = CENTRE | REVIEWER,
    [COMMAND_INCIDENT_UPGRADE] = CENTRE | DEPARTMENT | REVIEWER,
    [COMMAND_INCIDENT_DOWNGRADE] = CENTRE,

    [COMMAND_GUIDE_BEGIN] = CENTRE,
    [COMMAND_GUIDE_ANSWER] = CENTRE,
    [COMMAND_GUIDE_UNDO] = CENTRE,

    [COMMAND_SUBSCRIPTION_SET] = CENTRE,
    [COMMAND_NOTICE_CREATE] = SUPERVISOR,
    [COMMAND_NOTICE_ADD] = SUPERVISOR,
    [COMMAND_NOTICE_START] = SUPERVISOR | DIRECTOR,
    [COMMAND_NOTICE_PAUSE] = SUPERVISOR | DIRECTOR,
    [COMMAND_NOTICE_GO_ON] = SUPERVISOR | DIRECTOR,
    [COMMAND_NOTICE_STOP] = SUPERVISOR | DIRECTOR,
    [COMMAND_NOTICE_CORRECT] = SUPERVISOR | DIRECTOR,
    [COMMAND_NOTICE_AGAIN] = SUPERVISOR | DIRECTOR,

    [COMMAND_ARTICLE_DRAFT] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_ARTICLE_WRITE] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_ARTICLE_REVIEW] = SUPERVISOR | REVIEWER,
    [COMMAND_ARTICLE_PUBLISH] = SUPERVISOR | REVIEWER,
    [COMMAND_ARTICLE_ARCHIVE] = SUPERVISOR | REVIEWER,
    [COMMAND_ARTICLE_CORRECT] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_ARTICLE_RATE] = STAFF | DEPARTMENT | HEAD,

    [COMMAND_READING_ASSIGN] = SUPERVISOR | REVIEWER,
    [COMMAND_READING_END] = SUPERVISOR | REVIEWER,
    [COMMAND_READING_CONFIRM] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_EXAM_DRAFT] = SUPERVISOR | REVIEWER,
    [COMMAND_EXAM_WRITE] = SUPERVISOR | REVIEWER,
    [COMMAND_EXAM_OPEN] = SUPERVISOR | REVIEWER,
    [COMMAND_EXAM_END] = SUPERVISOR | REVIEWER,
    [COMMAND_EXAM_BEGIN] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_EXAM_ANSWER] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_EXAM_HAND_IN] = STAFF | DEPARTMENT | HEAD,
    [COMMAND_EXAM_STRIKE] = SUPERVISOR,

    [COMMAND_AMENDMENT_DRAFT] = ROLES_OPERATOR,
    [COMMAND_AMENDMENT_WRITE] = ROLES_OPERATOR,
    [COMMAND_AMENDMENT_SUBMIT] = ROLES_OPERATOR,
    [COMMAND_AMENDMENT_WITHDRAW] = ROLES_OPERATOR,
    [COMMAND_AMENDMENT_RULE] = SECURITY,

    [COMMAND_ERASURE_ASK] = SUPERVISOR | DIRECTOR | ROLES_OPERATOR,
    [COMMAND_ERASURE_RULE] = AUDITOR,
    [COMMAND_ERASURE_RUN] = ROLES_OPERATOR,
    [COMMAND_RETENTION_RUN] = ROLES_OPERATOR,
    [COMMAND_PRESERVATION_SET] = SUPERVISOR | AUDITOR,
    [COMMAND_PRESERVATION_LIFT] = SUPERVISOR | AUDITOR,

    [COMMAND_SIGNET_ENROL] = DEPARTMENT | HEAD | SUPERVISOR,
    [COMMAND_SIGNET_RULE] = SECURITY,
    [COMMAND_SIGNET_REVOKE] = DEPARTMENT | HEAD | SUPERVISOR | SECURITY,
    [COMMAND_GLASS_ASK] = TAKER | WATCHING | REVIEWER,
    [COMMAND_GLASS_AGREE] = SUPERVISOR | DIRECTOR | ADJUDICATOR,
    [COMMAND_GLASS_END] = ROLES_CENTRE,
    [COMMAND_GLASS_REVIEW] = AUDITOR,
};

/* Break-glass: narrow on purpose, and nothing in it that reads. */
static const struct access_glass glasses[GLASS_RIGHT_COUNT] = {
    [GLASS_RIGHT_STORM] = { TAKER | REVIEWER,
                            SUPERVISOR | DIRECTOR | ADJUDICATOR,
                            { COMMAND_STORM_ENTER, COMMAND_STORM_LEAVE,
                              COMMAND_CLUSTER_ANNOUNCE } },
    [GLASS_RIGHT_SHIFT] = { TAKER | REVIEWER,
                            SUPERVISOR | DIRECTOR | ADJUDICATOR,
                            { COMMAND_SILENCE_RULE, COMMAND_MARK_END, COMMAND_PARTY_TAKE_OVER } },
    [GLASS_RIGHT_WARNING] = { TAKER | REVIEWER,
                              SUPERVISOR | DIRECTOR | ADJUDICATOR,
                              { COMMAND_NOTICE_CREATE, COMMAND_NOTICE_ADD, COMMAND_NOTICE_START,
                                COMMAND_NOTICE_PAUSE, COMMAND_NOTICE_GO_ON, COMMAND_NOTICE_STOP,
                                COMMAND_NOTICE_CORRECT, COMMAND_NOTICE_AGAIN } },
    [GLASS_RIGHT_ORDERS] = { TAKER | REVIEWER,
                             SUPERVISOR | DIRECTOR | ADJUDICATOR,
                             { COMMAND_TASK_SIGN, COMMAND_TASK_PROGRESS, COMMAND_TASK_REPLY,
                               COMMAND_TASK_SEND_BACK, COMMAND_TASK_FORWARD } },
    /* It gives no command: export_begin asks for it. */
    [GLASS_RIGHT_EXPORT] = { WATCHING, SUPERVISOR | DIRECTOR, { COMMAND_NONE } },
};

/* Who reads. A department's user sees of it what concerns the department alone (narrow()). */
static const uint16_t query_roles[QUERY_KIND_COUNT] = {
    [QUERY_STATUS] = ROLES_ALL,
    [QUERY_CITY] = ROLES_ALL,
    [QUERY_CHECKPOINT] = ROLES_ALL,
    [QUERY_PROOF] = WATCHING,
    [QUERY_MANIFEST] = WATCHING,
    [QUERY_CONSISTENCY] = ROLES_ALL,
    [QUERY_SUCCESSIONS] = ROLES_ALL,
    [QUERY_VIEWINGS] = SUPERVISOR | AUDITOR,
    [QUERY_EVENTS] = WORKING,
    [QUERY_ARTICLES] = WORKING,
    [QUERY_ARTICLE] = WORKING,
    [QUERY_READINGS] = WORKING,
    [QUERY_READING_LISTS] = WORKING,
    [QUERY_READING_PROGRESS] = SUPERVISOR | REVIEWER,
    [QUERY_EXAMS] = STAFF | DEPARTMENT | HEAD,
    [QUERY_EXAM_LIST] = SUPERVISOR | REVIEWER,
    [QUERY_EXAM_PAPER] = STAFF | DEPARTMENT | HEAD,
    [QUERY_EXAM_RESULTS] = SUPERVISOR,
    [QUERY_EXAM_MARKS] = STAFF | DEPARTMENT | HEAD,
    [QUERY_AMENDMENTS] = GUARDING,
    [QUERY_AMENDMENT] = GUARDING,
    [QUERY_TABLE_PAGE] = GUARDING,
    [QUERY_AMENDMENT_CHECK] = GUARDING,
    [QUERY_RETENTION] = WATCHING,
    [QUERY_ERASURES] = WATCHING | DIRECTOR,
    [QUERY_PRESERVATIONS] = WATCHING | DIRECTOR,
    [QUERY_SIGNETS] = DEPARTMENT | HEAD | SECURITY | WATCHING,
    [QUERY_GLASSES] = ROLES_CENTRE,
    [QUERY_GRANTS] = SUPERVISOR | AUDITOR,
    [QUERY_INCIDENTS] = WORKING,
    [QUERY_INCIDENT] = WORKING,
    [QUERY_TASKS] = WORKING,
    [QUERY_PETITIONS] = WORKING,
    [QUERY_PRECEDENTS] = WORKING,
    [QUERY_UNITS] = WORKING,
    [QUERY_PLANS] = WORKING,
    [QUERY_QUESTIONS] = WORKING,
    [QUERY_TEXTS] = LISTENING | ROLES_DEPARTMENT,
    [QUERY_TEXT_PREVIEW] = ROLES_DEPARTMENT,
    [QUERY_CONTACTS] = ROLES_CENTRE,
    [QUERY_TAKERS] = ROLES_CENTRE,
    [QUERY_STORM] = ROLES_CENTRE,
    [QUERY_KPI] = ROLES_CENTRE,
    [QUERY_COVERAGE] = ROLES_CENTRE,
    [QUERY_NOTICES] = ROLES_CENTRE,
    [QUERY_MARKS] = LISTENING,
    [QUERY_CALLBACKS] = LISTENING,
    [QUERY_RECORDINGS] = LISTENING,
    [QUERY_GUIDE] = LISTENING,
    [QUERY_FIXES] = LISTENING,
    [QUERY_LOAD] = ROLES_CENTRE,
    [QUERY_HANDOVERS] = CENTRE,
    [QUERY_LIKELY] = CENTRE,
    [QUERY_EXPLAIN] = CENTRE,
};

/* What asks for the password once more when it was given too long ago. */
static const uint8_t command_proofs[COMMAND_KIND_COUNT] = {
    [COMMAND_EXPORT_BEGIN] = ACCESS_PROOF_ALWAYS,
    [COMMAND_PARTY_INVITE] = ACCESS_PROOF_LISTENING,
    [COMMAND_PARTY_CHANGE] = ACCESS_PROOF_LISTENING,
    [COMMAND_PERSONAL_READ] = ACCESS_PROOF_PLAYBACK,
    [COMMAND_AMENDMENT_SUBMIT] = ACCESS_PROOF_ALWAYS,
    [COMMAND_AMENDMENT_RULE] = ACCESS_PROOF_ALWAYS,
    [COMMAND_SIGNET_ENROL] = ACCESS_PROOF_ALWAYS,
    [COMMAND_SIGNET_RULE] = ACCESS_PROOF_ALWAYS,
    [COMMAND_GLASS_AGREE] = ACCESS_PROOF_ALWAYS,
};
static const uint8_t query_proofs[QUERY_KIND_COUNT] = {
    [QUERY_MANIFEST] = ACCESS_PROOF_ALWAYS,
};

/* What a locked screen may still do: answer and end the call, nothing else. */
static const bool locked_commands[COMMAND_KIND_COUNT] = {
    [COMMAND_OFFER_ACCEPT] = true, [COMMAND_OFFER_DECLINE] = true,  [COMMAND_CONTACT_FINISH] = true,
    [COMMAND_CONTACT_HOLD] = true, [COMMAND_CONTACT_RESUME] = true, [COMMAND_TAKER_AWAY] = true,
    [COMMAND_CONTACT_MUTE] = true, [COMMAND_CONTACT_UNMUTE] = true,
};
static const bool locked_queries[QUERY_KIND_COUNT] = {
    [QUERY_STATUS] = true,
    [QUERY_CITY] = true,
    [QUERY_CONTACTS] = true,
    [QUERY_TAKERS] = true,
};
static const bool locked_events[EVENT_KIND_COUNT] = {
    [EVENT_CONTACT_ARRIVED] = true,  [EVENT_CONTACT_CONNECTED] = true,
    [EVENT_CONTACT_HELD] = true,     [EVENT_CONTACT_RESUMED] = true,
    [EVENT_CONTACT_MUTED] = true,    [EVENT_CONTACT_UNMUTED] = true,
    [EVENT_CONTACT_PARKED] = true,   [EVENT_CONTACT_UNPARKED] = true,
    [EVENT_CONTACT_ENDED] = true,    [EVENT_OFFER_MADE] = true,
    [EVENT_OFFER_RANG] = true,       [EVENT_OFFER_ACCEPTED] = true,
    [EVENT_OFFER_ENDED] = true,      [EVENT_TAKER_SIGNED_ON] = true,
    [EVENT_TAKER_SIGNED_OFF] = true, [EVENT_TAKER_BECAME_READY] = true,
    [EVENT_TAKER_WENT_AWAY] = true,  [EVENT_WRAP_UP_STARTED] = true,
    [EVENT_WRAP_UP_ENDED] = true,
};

static bool has(const struct user_row *user, uint32_t roles)
{
    return (user->roles & roles) != 0;
}

bool access_is_bound(const struct user_row *user)
{
    return !has(user, ROLES_CENTRE | ROLES_SECURITY);
}

bool access_is_sound(uint32_t roles)
{
    uint32_t apart = roles & ROLES_APART;
    return apart == 0 || apart == roles ? (apart & (apart - 1)) == 0 : false;
}

uint32_t access_command_roles(enum command_kind kind)
{
    return (unsigned)kind < COMMAND_KIND_COUNT ? command_roles[kind] & ~(uint32_t)GATEWAY : 0;
}

uint32_t access_query_roles(enum query_kind kind)
{
    return (unsigned)kind < QUERY_KIND_COUNT ? query_roles[kind] : 0;
}

enum access_proof access_command_proof(enum command_kind kind)
{
    return (unsigned)kind < COMMAND_KIND_COUNT ? command_proofs[kind] : ACCESS_PROOF_NONE;
}

enum access_proof access_query_proof(enum query_kind kind)
{
    return (unsigned)kind < QUERY_KIND_COUNT ? query_proofs[kind] : ACCESS_PROOF_NONE;
}

bool access_wants_proof(const struct command *command)
{
    enum party_role role = command->kind == COMMAND_PARTY_INVITE ? command->party_invite.role
                                                                 : command->party_change.role;
    enum read_reason reason = command->personal_read.reason;
    switch (access_command_proof(command->kind)) {
    case ACCESS_PROOF_ALWAYS:
        return true;
    case ACCESS_PROOF_LISTENING:
        return role == PARTY_ROLE_LISTENER || role == PARTY_ROLE_COACH || role == PARTY_ROLE_BARGE;
    case ACCESS_PROOF_PLAYBACK:
        return (command->personal_read.fields & 1U << PERSONAL_FIELD_RECORDING) &&
               (reason == READ_REASON_SUPERVISION || reason == READ_REASON_AUDIT);
    case ACCESS_PROOF_NONE:
        break;
    }
    return false;
}

const struct access_glass *access_glass(enum glass_right right)
{
    return (unsigned)right < GLASS_RIGHT_COUNT ? &glasses[right] : &glasses[GLASS_RIGHT_NONE];
}

bool access_glass_gives(enum glass_right right, enum command_kind kind)
{
    const struct access_glass *glass = access_glass(right);
    for (size_t i = 0; i < sizeof glass->commands / sizeof glass->commands[0]; i++)
        if (kind != COMMAND_NONE && glass->commands[i] == kind)
            return true;
    return false;
}

bool access_glass_may(uint32_t roles, enum command_kind kind)
{
    for (enum glass_right right = GLASS_RIGHT_NONE; right < GLASS_RIGHT_COUNT; right++)
        if ((access_glass(right)->asks & roles) && access_glass_gives(right, kind))
            return true;
    return false;
}

bool access_locked_command(enum command_kind kind)
{
    return (unsigned)kind < COMMAND_KIND_COUNT && locked_commands[kind];
}

bool access_locked_query(enum query_kind kind)
{
    return (unsigned)kind < QUERY_KIND_COUNT && locked_queries[kind];
}

bool access_locked_event(enum event_kind kind)
{
    return (unsigned)kind < EVENT_KIND_COUNT && locked_events[kind];
}

bool access_hears_gateways(enum command_kind kind)
{
    return (unsigned)kind < COMMAND_KIND_COUNT && (command_roles[kind] & GATEWAY);
}

enum refusal access_command(const struct user_row *user, enum command_kind kind)
{
    uint32_t roles = access_command_roles(kind);
    if (roles == 0)
        return REFUSAL_UNKNOWN_KIND;
    return has(user, roles) ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
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
             query->kind == QUERY_PETITIONS || query->kind == QUERY_TEXT_PREVIEW;
    if (!department)
        return REFUSAL_NONE;
    if (user->department == 0 || (*department != 0 && *department != user->department))
        return REFUSAL_NOT_ALLOWED;
    *department = user->department;
    return REFUSAL_NONE;
}

/* Of tests everybody sees what is their own; who writes them what is right, supervisors how others stand. */
static void narrow_exams(const struct user_row *user, struct query *query)
{
    if (query->kind == QUERY_EXAMS && (query->exams.user == 0 || !has(user, SUPERVISOR)))
        query->exams.user = user->user;
    uint32_t *whose = query->kind == QUERY_EXAM_PAPER   ? &query->exam_paper.user
                      : query->kind == QUERY_EXAM_MARKS ? &query->exam_marks.user
                                                        : NULL;
    if (!whose || (*whose == 0 && has(user, SUPERVISOR | REVIEWER)) || has(user, SUPERVISOR))
        return;
    *whose = user->user;
}

enum refusal access_query(const struct user_row *user, struct query *query, bool *owned)
{
    *owned = false;
    if ((unsigned)query->kind >= QUERY_KIND_COUNT || query->kind == QUERY_NONE)
        return REFUSAL_UNKNOWN_KIND;
    if (!has(user, query_roles[query->kind]))
        return REFUSAL_NOT_ALLOWED;
    if (query->kind == QUERY_SIGNETS && !has(user, SECURITY | WATCHING))
        query->signets.user = user->user;
    if (query->kind == QUERY_READINGS &&
        (query->readings.user == 0 || !has(user, SUPERVISOR | REVIEWER)))
        query->readings.user = user->user;
    narrow_exams(user, query);
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
    if (query->kind == QUERY_TEXT_PREVIEW)
        return query->text_preview.incident;
    return query->kind == QUERY_TEXTS ? query->texts.incident : 0;
}

void circle_add_person(struct circle *circle, uint32_t user)
{
    if (user != 0 && circle->person_count < CIRCLE_PERSONS_MAX)
        circle->persons[circle->person_count++] = user;
}

void circle_add_task(struct circle *circle, enum task_state state, uint32_t department)
{
    bool has_it = state != TASK_STATE_RETURNED && state != TASK_STATE_RECALLED;
    if (has_it && circle->department_count < CIRCLE_DEPARTMENTS_MAX)
        circle->departments[circle->department_count++] = department;
}

bool access_is_within(const struct circle *circle, const struct user_row *user)
{
    for (uint32_t i = 0; i < circle->person_count; i++)
        if (circle->persons[i] == user->user)
            return true;
    for (uint32_t i = 0; i < circle->department_count; i++)
        if (has(user, ROLES_DEPARTMENT) && circle->departments[i] == user->department)
            return true;
    return false;
}

bool access_owns(const struct user_row *user, const struct incident_detail *detail)
{
    for (uint32_t i = 0; i < detail->tasks_count; i++)
        if (detail->tasks[i].department == user->department && user->department != 0)
            return true;
    return false;
}

/* The citizen's blind index, wherever a message has one: who holds two of them knows that it is one person. */
static bool is_caller(const struct field *field)
{
    return field->type == FIELD_UINT64 && strcmp(field->name, "caller") == 0;
}

// NOLINTBEGIN(misc-no-recursion): no type nests in itself
static bool has_caller(enum schema_id id)
{
    for (uint32_t i = 0; i < schemas[id].field_count; i++) {
        const struct field *field = &schemas[id].fields[i];
        if (is_caller(field) || (field->type == FIELD_MESSAGE && has_caller(field->message)))
            return true;
    }
    return false;
}

static void drop_callers(enum schema_id id, char *message)
{
    for (uint32_t i = 0; i < schemas[id].field_count; i++) {
        const struct field *field = &schemas[id].fields[i];
        uint32_t count = 1;
        if (is_caller(field))
            schema_clear_field(field, message);
        if (field->type != FIELD_MESSAGE)
            continue;
        if (field->maximum > 0)
            memcpy(&count, message + field->count_offset, sizeof count);
        for (uint32_t at = 0; at < count; at++)
            drop_callers(field->message, message + field->offset + at * field->stride);
    }
}
// NOLINTEND(misc-no-recursion)

static const struct field *body_of(enum schema_id id, uint32_t kind)
{
    return schema_body(&schemas[id], kind);
}

bool access_names_caller(const struct event *event)
{
    const struct field *body = body_of(SCHEMA_EVENT, (uint32_t)event->kind);
    return body && has_caller(body->message);
}

void access_redact(const struct user_row *user, struct answer *answer)
{
    if (answer->kind == ANSWER_USERS && !has(user, WATCHING))
        for (uint32_t i = 0; i < answer->users.rows_count; i++) {
            answer->users.rows[i].login[0] = 0;
            answer->users.rows[i].phone[0] = 0;
        }
    const struct field *body = body_of(SCHEMA_ANSWER, (uint32_t)answer->kind);
    if (access_is_bound(user) && body)
        drop_callers(body->message, (char *)answer + body->offset);
}

void access_redact_event(const struct user_row *user, struct event *event)
{
    if (event->kind == EVENT_USER_DEFINED && !has(user, WATCHING)) {
        event->user_defined.row.login[0] = 0;
        event->user_defined.row.phone[0] = 0;
    }
    const struct field *body = body_of(SCHEMA_EVENT, (uint32_t)event->kind);
    if (access_is_bound(user) && body)
        drop_callers(body->message, (char *)event + body->offset);
}
