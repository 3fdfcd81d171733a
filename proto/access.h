/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * access: who may order and read what. ONE table: the core decides every command by it, the dispatcher
 * and the console server every read, docs/access.md is printed from it. Pure: it looks at the user's
 * row and the message, never at a store.
 *
 * Separation of duties 三员分立: who runs the machines (operator), who says who may do what (security)
 * and who looks back (auditor) are three people, and none of them does the city's work. */
#ifndef PROTO_ACCESS_H
#define PROTO_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

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
    ROLES_SECURITY = 1 << ROLE_SECURITY,
    ROLES_STAFF =
        ROLES_TAKER | ROLES_SUPERVISOR | ROLES_REVIEWER | ROLES_DIRECTOR | ROLES_ADJUDICATOR,
    ROLES_CENTRE = ROLES_STAFF | ROLES_AUDITOR | ROLES_OPERATOR,
    ROLES_ALL = ROLES_CENTRE | ROLES_DEPARTMENT | ROLES_SECURITY,
    ROLES_APART = ROLES_OPERATOR | ROLES_SECURITY | ROLES_AUDITOR, /* each alone */
    ROLES_SECONDED =
        1 << ROLE_DEPARTMENT_HEAD | ROLES_SUPERVISOR, /* their signets wait for a second person */
    ROLES_PRIVILEGED = ROLES_APART | ROLES_SUPERVISOR | ROLES_DIRECTOR | ROLES_ADJUDICATOR
};

/* A department's user and nothing more: bound to what concerns the department. */
bool access_is_bound(const struct user_row *user);

/* May one person hold these roles together? */
bool access_is_sound(uint32_t roles);

/* Who gives this command, who asks this: a set of roles, 0: nobody. */
uint32_t access_command_roles(enum command_kind kind);
uint32_t access_query_roles(enum query_kind kind);

/* Step-up: what wants a session that proved itself, with password and code, within PARAMETER_PROOF_MS. */
enum access_proof {
    ACCESS_PROOF_NONE,
    ACCESS_PROOF_ALWAYS,
    ACCESS_PROOF_LISTENING, /* as listener, coach or barge */
    ACCESS_PROOF_PLAYBACK   /* of a recording, by who looks back: supervision, audit */
};
enum access_proof access_command_proof(enum command_kind kind);
enum access_proof access_query_proof(enum query_kind kind);

/* Does this very command want it? */
bool access_wants_proof(const struct command *command);

/* Break-glass: what two persons open for the first of them. Each right has who may ask for it, who may agree,
 * and what it lets the asker do besides what the role does. Held by the core. */
struct access_glass {
    uint32_t asks, agrees;         /* sets of roles */
    enum command_kind commands[8]; /* the rest are COMMAND_NONE */
};
const struct access_glass *access_glass(enum glass_right right);
bool access_glass_gives(enum glass_right right, enum command_kind kind);

/* Is there a right that gives it to one of these roles? */
bool access_glass_may(uint32_t roles, enum command_kind kind);

/* What goes on behind a locked screen: the call in hand and the next one, nothing that is read. Held by
 * the console server, whose screens are locked. */
bool access_locked_command(enum command_kind kind);
bool access_locked_query(enum query_kind kind);
bool access_locked_event(enum event_kind kind);

/* May a program give this command by its own right? */
bool access_hears_gateways(enum command_kind kind);

/* REFUSAL_NONE, NOT_ALLOWED, or UNKNOWN_KIND for what is not a person's command. */
enum refusal access_command(const struct user_row *user, enum command_kind kind);

/* REFUSAL_NONE or NOT_ALLOWED. Narrows the query of a bound user to the own department. Sets
 * *owned when the answer may be given only after access_owns() said so for this incident. */
enum refusal access_query(const struct user_row *user, struct query *query, bool *owned);

/* The incident a query is about, 0 when its number has to be looked up first. */
uint64_t access_subject(const struct query *query);

/* Who may see a secret incident (SECRECY_SEALED): who wrote it down, the people of the departments that have
 * it, and whom a grant names. Whatever does not fit stays outside. */
enum {
    CIRCLE_PERSONS_MAX = 64,
    CIRCLE_DEPARTMENTS_MAX = 32
};
struct circle {
    uint32_t person_count;
    uint32_t persons[CIRCLE_PERSONS_MAX];
    uint32_t department_count;
    uint32_t departments[CIRCLE_DEPARTMENTS_MAX];
};
void circle_add_person(struct circle *circle, uint32_t user);
void circle_add_task(struct circle *circle, enum task_state state, uint32_t department);
bool access_is_within(const struct circle *circle, const struct user_row *user);

bool access_owns(const struct user_row *user, const struct incident_detail *detail);

/* Does an event of this kind hold the citizen's blind index? */
bool access_names_caller(const struct event *event);

/* Takes out of an answer what this user may not see. */
void access_redact(const struct user_row *user, struct answer *answer);
void access_redact_event(const struct user_row *user, struct event *event);

#endif
