/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/story/staff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void define(struct world *w, uint32_t user, enum role role, uint32_t department)
{
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row =
        (struct user_row){ .user = user, .roles = 1U << role, .department = department };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

int staffed(void **state)
{
    int status = world_setup(state);
    struct world *w = *state;
    define(w, OTHER_SUPERVISOR, ROLE_SUPERVISOR, 0);
    define(w, REVIEWER, ROLE_REVIEWER, 0);
    define(w, DIRECTOR, ROLE_DIRECTOR, 0);
    define(w, ADJUDICATOR, ROLE_ADJUDICATOR, 0);
    define(w, SECURITY, ROLE_SECURITY, 0);
    define(w, HEAD_OF_WATER, ROLE_DEPARTMENT_HEAD, 2);
    on_duty(w, 1001);
    world_skip(w);
    return status;
}

uint64_t registered(struct world *w)
{
    return register_incident(w, 1001, talk(w, 12345, LI), 20100);
}

uint64_t handled(struct world *w)
{
    uint64_t incident = registered(w);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    return incident;
}

struct command asking(uint32_t user, uint64_t incident, enum petition_kind kind)
{
    struct command command = from_user(user, COMMAND_PETITION_ASK);
    command.petition_ask.incident = incident;
    command.petition_ask.kind = kind;
    return command;
}

enum refusal agree(struct world *w, uint32_t user, uint64_t petition)
{
    struct command command = from_user(user, COMMAND_PETITION_RULE);
    command.petition_rule.petition = petition;
    command.petition_rule.agree = true;
    return world_send(w, command);
}

enum refusal disagree(struct world *w, uint32_t user, uint64_t petition)
{
    struct command command = from_user(user, COMMAND_PETITION_RULE);
    command.petition_rule.petition = petition;
    return world_send(w, command);
}

enum refusal about(struct world *w, uint32_t user, enum command_kind kind, uint64_t incident)
{
    struct command command = from_user(user, kind);
    command.incident_resume.incident = incident; /* the first field of all of them */
    return world_send(w, command);
}
