/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The city: its lines, people and rules, and who calls when. */
#include <stdio.h>
#include <string.h>

#include "base/require.h"
#include "tests/sim/sim.h"
#include "tests/sim/survive.h"

enum {
    CALLBACK_LINE_PERMILLE = 30 /* contacts without a number */
};

const uint32_t line_numbers[LINE_COUNT] = { 110, 119, 120, 122, 12345 };

static uint64_t below(struct sim *sim, uint64_t limit)
{
    return kernel_below(&sim->kernel, STREAM_CITY, limit);
}

static void define(struct sim *sim, struct command *command)
{
    enum refusal refusal = node_system(&sim->node, command);
    REQUIRE(refusal == REFUSAL_NONE || refusal == REFUSAL_ALREADY);
}

static void define_lines(struct sim *sim)
{
    for (uint32_t i = 0; i < LINE_COUNT; i++) {
        struct command command = command_of(COMMAND_LINE_DEFINE);
        struct line_row *row = &command.line_define.row;
        command.line_define.has_row = true;
        row->line = line_numbers[i];
        row->emergency = i < 4;
        row->band = i < 3 ? BAND_LIFE : i == 3 ? BAND_EMERGENCY : BAND_ORDINARY;
        row->answer_target_ms = i < 4 ? 10 * SECOND_MS : 15 * SECOND_MS;
        caller_rings(sim, row);
        survive_row(sim, row);
        define(sim, &command);
    }
}

/* Every fourth taker can take all lines, so that no line is ever without anybody. */
static void add_skills(struct sim *sim, struct user_row *row, uint32_t place)
{
    for (uint32_t i = 0; i < LINE_COUNT; i++)
        if (place % 4 == 0 || below(sim, 2))
            row->skills[row->skills_count++] =
                (struct skill){ line_numbers[i], 1 + (uint32_t)below(sim, 3) };
}

static void define_user(struct sim *sim, uint32_t user, enum role role, uint32_t department,
                        uint32_t place)
{
    struct command command = command_of(COMMAND_USER_DEFINE);
    struct user_row *row = &command.user_define.row;
    command.user_define.has_row = true;
    row->user = user;
    row->roles = 1U << role;
    if (role == ROLE_DIRECTOR) /* whoever else may have to be the second person */
        row->roles |= 1U << ROLE_SUPERVISOR | 1U << ROLE_REVIEWER | 1U << ROLE_ADJUDICATOR;
    if (role == ROLE_DEPARTMENT)
        row->roles |= 1U << ROLE_DEPARTMENT_HEAD;
    if (user == CHIEF)
        row->roles |= 1U << ROLE_ADJUDICATOR | 1U << ROLE_DIRECTOR;
    row->department = department;
    (void)snprintf(row->login, sizeof row->login, "u%u", user);
    if (user == SUPERVISOR) /* listens in */
        (void)snprintf(row->phone, sizeof row->phone, "sip:%u@seats", user);
    if (role == ROLE_TAKER) {
        if (place % 4 == 0 || below(sim, 6) > 0)
            (void)snprintf(row->phone, sizeof row->phone, "sip:%u@seats", user);
        row->auto_answer = below(sim, 2);
        add_skills(sim, row, place);
        caller_tongues(sim, row);
    }
    define(sim, &command);
}

static void define_people(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->swarm.departments; i++) {
        struct command command = command_of(COMMAND_DEPARTMENT_DEFINE);
        command.department_define.has_row = true;
        command.department_define.row.department = i + 1;
        command.department_define.row.force = i < 3;
        if (i % 2 == 0)
            (void)snprintf(command.department_define.row.phone,
                           sizeof command.department_define.row.phone, "sip:%u@departments", i + 1);
        define(sim, &command);
        define_user(sim, FIRST_CLERK + i, ROLE_DEPARTMENT, i + 1, i);
    }
    for (uint32_t i = 0; i < sim->swarm.takers; i++)
        define_user(sim, FIRST_TAKER + i, ROLE_TAKER, 0, i);
    define_user(sim, SUPERVISOR, ROLE_SUPERVISOR, 0, 0);
    define_user(sim, AUDITOR_USER, ROLE_AUDITOR, 0, 0);
    define_user(sim, OPERATOR, ROLE_OPERATOR, 0, 0);
    define_user(sim, DIRECTOR, ROLE_DIRECTOR, 0, 0);
    define_user(sim, CHIEF, ROLE_SUPERVISOR, 0, 0);
}

static void define_categories(struct sim *sim)
{
    static const struct category_row rows[] = {
        { .category = 10100, .priority = PRIORITY_P0, .sla = SLA_CLASS_E0 },
        { .category = 10200, .priority = PRIORITY_P1, .sla = SLA_CLASS_E1 },
        { .category = 10300, .priority = PRIORITY_P2, .sla = SLA_CLASS_E2 },
        { .category = 20100, .priority = PRIORITY_P3, .sla = SLA_CLASS_G },
        { .category = 20200, .priority = PRIORITY_P3, .sla = SLA_CLASS_L },
        { .category = 20300, .priority = PRIORITY_P4, .sla = SLA_CLASS_Q },
    };
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct command command = command_of(COMMAND_CATEGORY_DEFINE);
        command.category_define.has_row = true;
        command.category_define.row = rows[i];
        define(sim, &command);
    }
}

static void define_gateway(struct sim *sim, uint32_t gateway, enum gateway_kind kind,
                           const char *name)
{
    struct command command = command_of(COMMAND_GATEWAY_DEFINE);
    command.gateway_define.has_row = true;
    command.gateway_define.row.gateway = gateway;
    command.gateway_define.row.kind = kind;
    (void)snprintf(command.gateway_define.row.name, sizeof command.gateway_define.row.name, "%s",
                   name);
    define(sim, &command);
}

static void define_gateways(struct sim *sim)
{
    char name[16];
    for (uint32_t i = 1; i <= sim->swarm.trunks; i++) {
        (void)snprintf(name, sizeof name, "trunk-%u", i);
        define_gateway(sim, i, GATEWAY_KIND_TRUNK, name);
    }
    for (uint32_t i = TRUNKS_MAX + 1; i <= TRUNKS_MAX + sim->swarm.posts; i++) {
        (void)snprintf(name, sizeof name, "sms-%u", i);
        define_gateway(sim, i, GATEWAY_KIND_SMS, name);
    }
    define_gateway(sim, GATEWAY_CONSOLE, GATEWAY_KIND_CONSOLE, "console");
}

static void define_parameters(struct sim *sim)
{
    for (enum parameter parameter = 1; parameter < PARAMETER_COUNT; parameter++) {
        if (!sim->swarm.parameters[parameter])
            continue;
        struct command command = command_of(COMMAND_PARAMETER_SET);
        command.parameter_set.parameter = parameter;
        command.parameter_set.value = sim->swarm.parameters[parameter];
        define(sim, &command);
    }
    for (enum template template = 1; template <TEMPLATE_COUNT; template ++) {
        if (template_name(template)[0] == '?')
            continue;
        struct command command = command_of(COMMAND_TEMPLATE_DEFINE);
        command.template_define.has_row = true;
        command.template_define.row.template = template;
        (void)snprintf(command.template_define.row.text_zh,
                       sizeof command.template_define.row.text_zh, "{number} {date} {text}");
        define(sim, &command);
    }
}

/* The rest of the tables, one row each: what nobody in this simulation looks at. */
static void define_others(struct sim *sim)
{
    struct command limit = command_of(COMMAND_LIMIT_DEFINE);
    limit.limit_define.has_row = true;
    limit.limit_define.row = (struct limit_row){ .sla = SLA_CLASS_V,
                                                 .dispatch_ms = HOUR_MS,
                                                 .sign_ms = HOUR_MS,
                                                 .reply_ms = DAY_MS,
                                                 .tell_ms = DAY_MS,
                                                 .working_time = true };
    define(sim, &limit);
    struct command day = command_of(COMMAND_DAY_DEFINE);
    day.day_define.has_row = true;
    day.day_define.row = (struct day_row){ .day = 20260405, .name_zh = "清明节" };
    define(sim, &day);
    struct command district = command_of(COMMAND_DISTRICT_DEFINE);
    district.district_define.has_row = true;
    district.district_define.row = (struct district_row){ .district = 110101, .name_zh = "东城区" };
    define(sim, &district);
    crew_rows(sim, define);
    talk_rows(sim, define, 1);
    struct command load = command_of(COMMAND_CITY_LOAD);
    memset(load.city_load.digest, 7, sizeof load.city_load.digest);
    define(sim, &load);
}

void city_define(struct sim *sim)
{
    define_lines(sim);
    define_gateways(sim);
    define_people(sim);
    define_categories(sim);
    define_parameters(sim);
    define_others(sim);
}

/* ---- the day --------------------------------------------------------------------------------- */

/* Contacts of each hour, permille of the day: emergencies have their evening, the city's desk its
 * morning. */
static const uint32_t
    curves[2][24] = {
        { 30, 24, 20, 16, 14, 16, 24, 36, 42, 46, 48, 48,
          46, 46, 46, 48, 50, 54, 60, 66, 64, 58, 54, 44 },
        { 8, 6, 5, 4, 4, 6, 14, 34, 78, 96, 94, 72, 48, 60, 82, 88, 80, 62, 44, 38, 32, 22, 14, 9 },
    };

/* Each line's part of the contacts, permille. */
static const uint32_t shares[LINE_COUNT] = { 260, 20, 70, 90, 560 };

uint32_t city_citizen(struct sim *sim)
{
    struct kernel *kernel = &sim->kernel;
    if (kernel_chance(kernel, STREAM_WORKLOAD, CALLBACK_LINE_PERMILLE))
        return 0;
    if (sim->last_citizen && kernel_chance(kernel, STREAM_WORKLOAD, sim->swarm.repeat_permille))
        return sim->last_citizen;
    sim->last_citizen = 1 + (uint32_t)kernel_below(kernel, STREAM_WORKLOAD, CITIZENS);
    return sim->last_citizen;
}

static void reach_out(struct sim *sim, uint32_t line)
{
    struct kernel *kernel = &sim->kernel;
    uint32_t citizen = city_citizen(sim);
    bool text = kernel_chance(kernel, STREAM_WORKLOAD, line == 12345 ? 120 : 20);
    if (text) {
        post_text(&sim->posts[kernel_below(kernel, STREAM_WORKLOAD, sim->swarm.posts)], line,
                  citizen, "hello");
        return;
    }
    struct trunk *trunk = &sim->trunks[kernel_below(kernel, STREAM_WORKLOAD, sim->swarm.trunks)];
    for (uint32_t i = 0; i < sim->swarm.trunks && !trunk->port.alive; i++)
        trunk = &sim->trunks[i];
    trunk_call(trunk, line, citizen);
}

enum {
    CALLS_NOW = 8 /* beside the line's place */
};

/* The rate is that of this hour; nobody plans further ahead than its change. */
static void somebody_calls(void *owner, uint64_t which)
{
    struct sim *sim = owner;
    struct kernel *kernel = &sim->kernel;
    uint64_t place = which & (CALLS_NOW - 1);
    if (sim->closing)
        return;
    if (which & CALLS_NOW)
        reach_out(sim, line_numbers[place]);
    uint64_t hour = kernel->now_ms / HOUR_MS % 24;
    uint64_t a_day = (uint64_t)sim->swarm.volume * shares[place] * curves[place == 4][hour];
    uint64_t mean_ms = a_day ? HOUR_MS * 1000000 / a_day : DAY_MS;
    if (kernel->now_ms < sim->flood_until_ms)
        mean_ms /= sim->swarm.flood + 1;
    uint64_t wait_ms = kernel_wait(kernel, STREAM_WORKLOAD, mean_ms);
    bool now = wait_ms <= 10 * MINUTE_MS;
    kernel_plan(kernel, now ? wait_ms : 10 * MINUTE_MS, somebody_calls, sim,
                now ? place | CALLS_NOW : place);
}

static void begin_flood(void *owner, uint64_t what)
{
    struct sim *sim = owner;
    struct kernel *kernel = &sim->kernel;
    (void)what;
    if (sim->closing || !sim->swarm.flood)
        return;
    sim->flood_until_ms = kernel->now_ms + kernel_wait(kernel, STREAM_WORKLOAD, 6 * MINUTE_MS);
    kernel_plan(kernel, kernel_wait(kernel, STREAM_WORKLOAD, 10 * HOUR_MS), begin_flood, sim, 0);
}

void city_wake(struct sim *sim)
{
    for (uint32_t i = 0; i < LINE_COUNT; i++)
        somebody_calls(sim, i);
    if (sim->swarm.flood)
        kernel_plan(&sim->kernel, kernel_wait(&sim->kernel, STREAM_WORKLOAD, 5 * HOUR_MS),
                    begin_flood, sim, 0);
}
