/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/load.h"

#include <string.h>

#include "base/require.h"

enum {
    TAKERS = 200
};

static void step(struct load *load, struct command *command)
{
    command->at_ms = load->now_ms;
    core_step(load->core, command, &load->verdict);
    load->steps++;
    load->events += load->verdict.count;
    load->refused += load->verdict.refusal != REFUSAL_NONE;
    for (uint32_t i = 0; load->see && i < load->verdict.count; i++)
        load->see(load->owner, &load->verdict.events[i]);
}

static void system_step(struct load *load, struct command command)
{
    command.actor_kind = ACTOR_KIND_SYSTEM;
    step(load, &command);
    REQUIRE(!load->verdict.refusal);
}

void load_build(struct load *load)
{
    static const uint32_t lines[] = { 110, 119, 120, 122, 12345 };
    for (uint32_t i = 0; i < 5; i++) {
        struct command line = { .kind = COMMAND_LINE_DEFINE, .line_define = { .has_row = true } };
        line.line_define.row = (struct line_row){ .line = lines[i],
                                                  .emergency = i < 4,
                                                  .band = i < 4 ? BAND_LIFE : BAND_ORDINARY,
                                                  .answer_target_ms = 10000 };
        system_step(load, line);
    }
    for (uint32_t i = 0; i < TAKERS; i++) {
        struct command user = { .kind = COMMAND_USER_DEFINE, .user_define = { .has_row = true } };
        struct user_row *row = &user.user_define.row;
        *row = (struct user_row){ .user = 1000 + i,
                                  .roles = 1U << ROLE_TAKER,
                                  .skills_count = 5,
                                  .phone = "sip:seat@phones" };
        for (uint32_t j = 0; j < 5; j++)
            row->skills[j] = (struct skill){ lines[j], 1 + i % 2 };
        system_step(load, user);
        struct command on = { .actor_kind = ACTOR_KIND_USER,
                              .actor = 1000 + i,
                              .kind = COMMAND_TAKER_SIGN_ON };
        step(load, &on);
        on.kind = COMMAND_TAKER_READY;
        step(load, &on);
    }
    struct command department = { .kind = COMMAND_DEPARTMENT_DEFINE,
                                  .department_define = { .has_row = true,
                                                         .row = { .department = 1 } } };
    system_step(load, department);
    struct command category = { .kind = COMMAND_CATEGORY_DEFINE,
                                .category_define = { .has_row = true, .row = { .category = 1 } } };
    category.category_define.row.sla = SLA_CLASS_G;
    system_step(load, category);
    struct command gateway = { .kind = COMMAND_GATEWAY_DEFINE,
                               .gateway_define = { .has_row = true, .row = { .gateway = 1 } } };
    system_step(load, gateway);
}

/* The next command, its body absent: as the dispatcher has it from the bus, no byte more is cleared than
 * its kind needs. */
static struct command *command_of(struct load *load, enum command_kind kind,
                                  enum actor_kind actor_kind, uint32_t actor)
{
    struct command *command = &load->command;
    memset(command, 0, command_sizes[kind]);
    command->kind = kind;
    command->actor_kind = actor_kind;
    command->actor = actor;
    return command;
}

static const struct event *offer_of(const struct load *load)
{
    const struct event *offer = NULL;
    for (uint32_t i = 0; i < load->verdict.count; i++)
        if (load->verdict.events[i].kind == EVENT_OFFER_MADE)
            offer = &load->verdict.events[i];
    REQUIRE(offer);
    return offer;
}

void load_request(struct load *load)
{
    struct command *command = command_of(load, COMMAND_CONTACT_ARRIVE, ACTOR_KIND_GATEWAY, 1);
    command->caller = 1 + load->call % 90000;
    command->contact_arrive.call = ++load->call;
    command->contact_arrive.line = load->call % 3 ? 12345 : 110;
    command->contact_arrive.channel = CHANNEL_VOICE;
    step(load, command);
    uint64_t contact = load->verdict.contact;
    const struct event *offer = offer_of(load);
    uint32_t taker = offer->taker;
    command = command_of(load, COMMAND_OFFER_ANSWER, ACTOR_KIND_GATEWAY, 1);
    command->offer_answer.offer = offer->offer;
    step(load, command);
    command = command_of(load, COMMAND_INCIDENT_REGISTER, ACTOR_KIND_USER, taker);
    command->incident_register.contact = contact;
    command->incident_register.category = 1;
    command->incident_register.text_unsafe = true;
    step(load, command);
    uint64_t incident = load->verdict.incident;
    command = command_of(load, COMMAND_CONTACT_END, ACTOR_KIND_GATEWAY, 1);
    command->contact_end.call = load->call;
    step(load, command);
    command = command_of(load, COMMAND_INCIDENT_DISPATCH, ACTOR_KIND_USER, taker);
    command->incident_dispatch.incident = incident;
    command->incident_dispatch.lead = 1;
    step(load, command);
    load->open[load->open_count++] = (struct load_open){ incident, load->verdict.task };
    step(load, command_of(load, COMMAND_WRAP_UP_FINISH, ACTOR_KIND_USER, taker));
}

void load_close(struct load *load, uint64_t which)
{
    struct load_open closed = load->open[which];
    struct command *command = command_of(load, COMMAND_TASK_SIGN, ACTOR_KIND_SYSTEM, 0);
    command->task_sign.task = closed.task;
    step(load, command);
    command = command_of(load, COMMAND_TASK_REPLY, ACTOR_KIND_SYSTEM, 0);
    command->task_reply.task = closed.task;
    command->task_reply.solved = DEGREE_YES;
    step(load, command);
    command = command_of(load, COMMAND_INCIDENT_TELL, ACTOR_KIND_SYSTEM, 0);
    command->incident_tell.incident = closed.incident;
    command->incident_tell.means = TELL_MEANS_PHONE;
    command->incident_tell.excuse = EXCUSE_REASON_NONE;
    step(load, command);
    command = command_of(load, COMMAND_SURVEY_ANSWER, ACTOR_KIND_SYSTEM, 0);
    command->survey_answer.incident = closed.incident;
    command->survey_answer.contacted = DEGREE_YES;
    command->survey_answer.solved = command->survey_answer.satisfied = DEGREE_YES;
    step(load, command);
    REQUIRE(!load->verdict.refusal);
    load->open[which] = load->open[--load->open_count];
}
