/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * access: who may ask, see and order what through a console (docs/console-api.md §3–§5). Pure: it
 * looks at the user's row and the message, never at a store. The dispatcher checks every command
 * again; this server alone answers for queries and for the stream. */
#ifndef CONSOLES_SERVER_ACCESS_H
#define CONSOLES_SERVER_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    AUDIENCE_DEPARTMENTS_MAX = 32 /* as many tasks as struct incident_detail holds */
};

/* Sets of roles, as in user_row.roles. */
enum {
    ROLES_TAKER = 1 << ROLE_TAKER,
    ROLES_DEPARTMENT = 1 << ROLE_DEPARTMENT | 1 << ROLE_DEPARTMENT_HEAD,
    ROLES_SUPERVISOR = 1 << ROLE_SUPERVISOR,
    ROLES_AUDITOR = 1 << ROLE_AUDITOR,
    ROLES_OPERATOR = 1 << ROLE_OPERATOR,
    ROLES_REVIEWER = 1 << ROLE_REVIEWER,
    ROLES_DIRECTOR = 1 << ROLE_DIRECTOR,
    ROLES_ADJUDICATOR = 1 << ROLE_ADJUDICATOR,
    ROLES_STAFF =
        ROLES_TAKER | ROLES_SUPERVISOR | ROLES_REVIEWER | ROLES_DIRECTOR | ROLES_ADJUDICATOR,
    ROLES_CENTRE = ROLES_STAFF | ROLES_AUDITOR | ROLES_OPERATOR,
    ROLES_ALL = ROLES_CENTRE | ROLES_DEPARTMENT
};

/* A department's user and nothing more: bound to what concerns the department. */
bool access_is_bound(const struct user_row *user);

/* REFUSAL_NONE, NOT_ALLOWED, or UNKNOWN_KIND for what is not a person's command. */
enum refusal access_command(const struct user_row *user, enum command_kind kind);

/* REFUSAL_NONE or NOT_ALLOWED. Narrows the query of a bound user to the own department. Sets
 * *owned when the answer may be given only after access_owns() said so for this incident. */
enum refusal access_query(const struct user_row *user, struct query *query, bool *owned);

/* The incident a query is about, 0 when its number has to be looked up first. */
uint64_t access_subject(const struct query *query);

bool access_owns(const struct user_row *user, const struct incident_detail *detail);

/* Takes out of an answer what this user may not see. */
void access_redact(const struct user_row *user, struct answer *answer);
void access_redact_event(const struct user_row *user, struct event *event);

/* Who follows an event live. */
struct audience {
    uint32_t roles;
    uint32_t user; /* sees it whatever the roles, 0: nobody in particular */
    uint32_t department_count;
    uint32_t departments[AUDIENCE_DEPARTMENTS_MAX];
};

/* detail: the incident the event is about as it stands after it, NULL when there is none. */
void audience_of(struct audience *audience, const struct event *event,
                 const struct incident_detail *detail);
bool audience_holds(const struct audience *audience, const struct user_row *user);

#endif
