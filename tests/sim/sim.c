/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sim: a random city against the core, watched by the auditor. The same seed is the same run.
 *     sim SEED STEPS          (many at once: ops/sim)
 *     sim SEED STEPS FILE     also does what happens rarely, and writes the history (tests/golden)
 * Citizens call, text, give up and rate; takers come, go, miss and decline; gateways die; departments
 * sign, send back, stay silent; now and then the dispatcher dies too and comes back from its events. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/require.h"
#include "dispatcher/core/core.h"
#include "tests/golden/journal_file.h"
#include "tests/sim/auditor.h"

#define MONDAY_MORNING_MS 1772413200000ULL
#define DAY_MS            86400000.0

enum {
    TAKERS = 12,
    DEPARTMENTS = 6,
    TRUNKS = 3,
    SMS = TRUNKS + 1, /* gateway number */
    CALLERS = 40,
    HISTORY_MAX = 2000000,
    REST_EVERY = 8 /* steps between two looks at everything: the auditor scans lists */
};

static const struct core_limits limits = { .lines = 8,
                                           .departments = 16,
                                           .users = 64,
                                           .categories = 8,
                                           .gateways = 8,
                                           .contacts = 512,
                                           .incidents = 1024,
                                           .tasks = 4096,
                                           .callbacks = 512,
                                           .texts = 1024 };

struct sim {
    struct prng prng;
    struct core *core;
    void *memory;
    struct event *history;
    uint32_t history_count;
    struct auditor auditor;
    struct verdict verdict;
    uint64_t now_ms;
    uint64_t next_call;
    uint64_t epoch[SMS + 1];
    uint64_t done;
    uint64_t refused;
    bool rare; /* rare things happen, too */
};

static uint64_t below(struct sim *sim, uint64_t limit)
{
    return prng_below(&sim->prng, limit);
}

static enum refusal send(struct sim *sim, struct command command)
{
    command.at_ms = sim->now_ms;
    core_step(sim->core, &command, &sim->verdict);
    for (uint32_t i = 0; i < sim->verdict.count; i++) {
        REQUIRE(sim->history_count < HISTORY_MAX);
        sim->history[sim->history_count++] = sim->verdict.events[i];
        auditor_see(&sim->auditor, &sim->verdict.events[i]);
    }
    if (sim->verdict.refusal)
        sim->refused++;
    else
        sim->done++;
    return sim->verdict.refusal;
}

static struct command by_system(enum command_kind kind)
{
    return (struct command){ .actor_kind = ACTOR_KIND_SYSTEM, .kind = kind };
}

static struct command by_gateway(uint32_t gateway, enum command_kind kind)
{
    return (struct command){ .actor_kind = ACTOR_KIND_GATEWAY, .actor = gateway, .kind = kind };
}

static struct command by_user(uint32_t user, enum command_kind kind)
{
    return (struct command){ .actor_kind = ACTOR_KIND_USER, .actor = user, .kind = kind };
}

static const uint32_t lines[] = { 110, 119, 120, 122, 12345 };

static void define_lines(struct sim *sim)
{
    for (uint32_t i = 0; i < 5; i++) {
        struct command command = by_system(COMMAND_LINE_DEFINE);
        command.line_define.has_row = true;
        command.line_define.row = (struct line_row){ .line = lines[i],
                                                     .emergency = i < 4,
                                                     .band = i < 3    ? BAND_LIFE
                                                             : i == 3 ? BAND_EMERGENCY
                                                                      : BAND_ORDINARY,
                                                     .answer_target_ms = i < 4 ? 10000 : 15000 };
        REQUIRE(!send(sim, command));
    }
}

static void define_users(struct sim *sim)
{
    for (uint32_t i = 0; i < TAKERS + DEPARTMENTS + 1; i++) {
        struct command command = by_system(COMMAND_USER_DEFINE);
        struct user_row *row = &command.user_define.row;
        command.user_define.has_row = true;
        *row = (struct user_row){ .user = 1000 + i, .roles = 1U << ROLE_TAKER };
        if (i >= TAKERS) {
            row->roles = i < TAKERS + DEPARTMENTS ? 1U << ROLE_DEPARTMENT : 1U << ROLE_SUPERVISOR;
            row->department = i < TAKERS + DEPARTMENTS ? i - TAKERS + 1 : 0;
        } else {
            if (below(sim, 6) > 0)
                memcpy(row->phone, "sip:seat", 9);
            for (uint32_t j = 0; j < 5; j++)
                if (below(sim, 2))
                    row->skills[row->skills_count++] =
                        (struct skill){ lines[j], 1 + (uint32_t)below(sim, 3) };
        }
        REQUIRE(!send(sim, command));
    }
}

static void define_rest(struct sim *sim)
{
    for (uint32_t i = 1; i <= DEPARTMENTS; i++) {
        struct command command = by_system(COMMAND_DEPARTMENT_DEFINE);
        command.department_define.has_row = true;
        command.department_define.row.department = i;
        REQUIRE(!send(sim, command));
    }
    for (uint32_t i = 1; i <= SMS; i++) {
        struct command command = by_system(COMMAND_GATEWAY_DEFINE);
        command.gateway_define.has_row = true;
        command.gateway_define.row.gateway = i;
        REQUIRE(!send(sim, command));
        struct command rise = by_gateway(i, COMMAND_GATEWAY_RISE);
        rise.gateway_rise.epoch = sim->epoch[i] = 1;
        REQUIRE(!send(sim, rise));
    }
    for (uint32_t i = 1; i <= 4; i++) {
        struct command command = by_system(COMMAND_CATEGORY_DEFINE);
        command.category_define.has_row = true;
        command.category_define.row.category = i;
        command.category_define.row.priority = (enum priority)i;
        command.category_define.row.sla = i < 3 ? SLA_CLASS_L : SLA_CLASS_G;
        REQUIRE(!send(sim, command));
    }
    struct command reserve = by_system(COMMAND_PARAMETER_SET);
    reserve.parameter_set.parameter = PARAMETER_RESERVE_PERMILLE;
    reserve.parameter_set.value = below(sim, 300);
    (void)send(sim, reserve);
}

/* ---- what people do ------------------------------------------------------------------------- */

static const struct seen_contact *any_contact(struct sim *sim, enum contact_state state)
{
    const struct auditor *auditor = &sim->auditor;
    uint32_t start = (uint32_t)below(sim, auditor->contact_count + 1ULL);
    for (uint32_t i = 0; i < auditor->contact_count; i++) {
        const struct seen_contact *contact =
            &auditor->contacts[(start + i) % auditor->contact_count];
        if (contact->state == state)
            return contact;
    }
    return NULL;
}

static const struct seen_incident *any_incident(struct sim *sim, enum incident_state state)
{
    const struct auditor *auditor = &sim->auditor;
    uint32_t start = (uint32_t)below(sim, auditor->incident_count + 1ULL);
    for (uint32_t i = 0; i < auditor->incident_count; i++) {
        const struct seen_incident *incident =
            &auditor->incidents[(start + i) % auditor->incident_count];
        if (incident->state == state)
            return incident;
    }
    return NULL;
}

static const struct seen_task *any_task(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    if (auditor->task_count == 0)
        return NULL;
    uint32_t young = auditor->task_count < 64 ? auditor->task_count : 64;
    return &auditor->tasks[auditor->task_count - 1 - below(sim, young)];
}

static void citizen_comes(struct sim *sim)
{
    bool text = below(sim, 5) == 0;
    struct command command =
        by_gateway(text ? SMS : 1 + (uint32_t)below(sim, TRUNKS), COMMAND_CONTACT_ARRIVE);
    command.caller = below(sim, CALLERS);
    command.contact_arrive.call = sim->next_call++;
    if (below(sim, 50) == 0) /* a gateway repeats itself */
        command.contact_arrive.call -= below(sim, 20);
    command.contact_arrive.line = lines[below(sim, 5)];
    command.contact_arrive.channel = text ? CHANNEL_SMS : CHANNEL_VOICE;
    command.contact_arrive.arrived_ms = sim->now_ms - below(sim, 3000);
    if (text && below(sim, 2)) {
        command.contact_arrive.contacted = DEGREE_YES;
        command.contact_arrive.solved = (enum degree)(1 + below(sim, 3));
        command.contact_arrive.satisfied = (enum degree)(1 + below(sim, 3));
    }
    (void)send(sim, command);
}

static void call_ends(struct sim *sim)
{
    static const enum contact_state states[] = { CONTACT_STATE_WAITING, CONTACT_STATE_OFFERED,
                                                 CONTACT_STATE_CONNECTED, CONTACT_STATE_CONNECTED };
    const struct seen_contact *contact = any_contact(sim, states[below(sim, 4)]);
    if (!contact)
        return;
    if (contact->channel == CHANNEL_SMS || below(sim, 3) == 0) {
        struct command command = by_user(contact->taker, COMMAND_CONTACT_FINISH);
        command.contact_finish.contact = contact->id;
        (void)send(sim, command);
        return;
    }
    struct command command = by_gateway(contact->gateway, COMMAND_CONTACT_END);
    command.contact_end.call = contact->call;
    command.contact_end.cause = below(sim, 8) ? END_CAUSE_CALLER : END_CAUSE_MEDIA_LOST;
    (void)send(sim, command);
}

static void offer_is_met(struct sim *sim)
{
    const struct seen_contact *contact = any_contact(sim, CONTACT_STATE_OFFERED);
    if (!contact)
        return;
    uint64_t offer = contact->offer;
    struct command command = by_gateway(contact->gateway, COMMAND_OFFER_ANSWER);
    switch (below(sim, 8)) {
    case 0:
        command = by_user(contact->taker, COMMAND_OFFER_DECLINE);
        command.offer_decline.offer = offer;
        break;
    case 1:
        command = by_gateway(contact->gateway, COMMAND_OFFER_FAIL);
        command.offer_fail.offer = offer;
        command.offer_fail.cause = (enum offer_end)(1 + below(sim, 7));
        break;
    case 2:
    case 3:
        command = by_user(contact->taker, COMMAND_OFFER_ACCEPT);
        command.offer_accept.offer = offer;
        break;
    default:
        command.offer_answer.offer = offer;
    }
    (void)send(sim, command);
}

static void taker_moves(struct sim *sim)
{
    uint32_t taker = 1000 + (uint32_t)below(sim, TAKERS);
    struct command command = by_user(taker, COMMAND_TAKER_READY);
    switch (below(sim, 10)) {
    case 0:
    case 1:
        command.kind = COMMAND_TAKER_SIGN_ON;
        break;
    case 2:
        command.kind = COMMAND_TAKER_SIGN_OFF;
        break;
    case 3:
        command.kind = COMMAND_TAKER_AWAY;
        command.taker_away.reason = AWAY_REASON_BREAK;
        break;
    case 4:
        command.kind = COMMAND_WRAP_UP_FINISH;
        break;
    default:
        break;
    }
    (void)send(sim, command);
}

static void gateway_suffers(struct sim *sim)
{
    uint32_t gateway = 1 + (uint32_t)below(sim, SMS);
    struct command command = by_gateway(gateway, COMMAND_GATEWAY_RISE);
    if (below(sim, 2)) {
        command = by_system(COMMAND_GATEWAY_FALL);
        command.gateway_fall.gateway = gateway;
        command.gateway_fall.epoch = sim->epoch[gateway];
    } else {
        sim->epoch[gateway] += below(sim, 2);
        command.gateway_rise.epoch = sim->epoch[gateway];
    }
    (void)send(sim, command);
}

static void incident_begins(struct sim *sim)
{
    const struct seen_contact *contact = any_contact(sim, CONTACT_STATE_CONNECTED);
    if (!contact)
        return;
    struct command command = by_user(contact->taker, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact->id;
    command.incident_register.category = 1 + (uint32_t)below(sim, 4);
    command.incident_register.text_unsafe = below(sim, 8) == 0;
    command.incident_register.anonymous = below(sim, 8) == 0;
    (void)send(sim, command);
}

static void dispatch_something(struct sim *sim)
{
    static const enum incident_state states[] = { INCIDENT_STATE_REGISTERED, INCIDENT_STATE_REDO,
                                                  INCIDENT_STATE_HANDLING };
    const struct seen_incident *incident = any_incident(sim, states[below(sim, 3)]);
    if (!incident)
        return;
    struct command command = by_user(1000, COMMAND_INCIDENT_DISPATCH);
    command.incident_dispatch.incident = incident->id;
    command.incident_dispatch.lead = (uint32_t)below(sim, DEPARTMENTS + 1);
    command.incident_dispatch.assists_count = (uint32_t)below(sim, 3);
    for (uint32_t i = 0; i < command.incident_dispatch.assists_count; i++)
        command.incident_dispatch.assists[i] = 1 + (uint32_t)below(sim, DEPARTMENTS);
    (void)send(sim, command);
}

static void department_works(struct sim *sim)
{
    const struct seen_task *task = any_task(sim);
    if (!task)
        return;
    struct command command = by_user(999 + TAKERS + task->department, COMMAND_TASK_SIGN);
    command.task_sign.task = task->id;
    switch (below(sim, 9)) {
    case 0:
        command.kind = COMMAND_TASK_SEND_BACK;
        command.task_send_back.task = task->id;
        command.task_send_back.reason = RETURN_REASON_DUTY;
        break;
    case 1:
        command = by_user(1000 + TAKERS + DEPARTMENTS, COMMAND_TASK_RULE_RETURN);
        command.task_rule_return.task = task->id;
        command.task_rule_return.accept = below(sim, 2);
        break;
    case 2:
        command = by_user(1000 + TAKERS + DEPARTMENTS, COMMAND_TASK_REJECT_REPLY);
        command.task_reject_reply.task = task->id;
        break;
    case 3:
    case 4:
    case 5:
        command.kind = COMMAND_TASK_REPLY;
        command.task_reply.task = task->id;
        break;
    default:
        break;
    }
    (void)send(sim, command);
}

static void text_is_reported(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    if (auditor->text_count == 0)
        return;
    uint32_t young = auditor->text_count < 16 ? auditor->text_count : 16;
    struct command command = by_gateway(SMS, COMMAND_TEXT_REPORT);
    command.text_report.text = auditor->texts[auditor->text_count - 1 - below(sim, young)].id;
    command.text_report.state = (enum text_state)(TEXT_STATE_SENT + below(sim, 3));
    (void)send(sim, command);
}

static void centre_cares(struct sim *sim)
{
    static const enum incident_state states[] = { INCIDENT_STATE_REPLIED, INCIDENT_STATE_REVISIT,
                                                  INCIDENT_STATE_REGISTERED, INCIDENT_STATE_CLOSED,
                                                  INCIDENT_STATE_VOID };
    const struct seen_incident *incident = any_incident(sim, states[below(sim, 5)]);
    if (!incident)
        return;
    struct command command = by_user(1000 + TAKERS + DEPARTMENTS, COMMAND_INCIDENT_REOPEN);
    command.incident_reopen.incident = incident->id;
    switch ((uint32_t)incident->state) {
    case INCIDENT_STATE_REPLIED:
        command.kind = COMMAND_INCIDENT_TELL;
        command.incident_tell.incident = incident->id;
        command.incident_tell.means = (enum tell_means)(1 + below(sim, 3));
        command.incident_tell.excuse = (enum excuse_reason)below(sim, EXCUSE_REASON_COUNT);
        break;
    case INCIDENT_STATE_REVISIT:
        command.kind = COMMAND_REVISIT_FINISH;
        command.revisit_finish.incident = incident->id;
        command.revisit_finish.reached = below(sim, 2);
        command.revisit_finish.contacted = DEGREE_YES;
        command.revisit_finish.solved = (enum degree)(1 + below(sim, 3));
        command.revisit_finish.satisfied = DEGREE_YES;
        break;
    case INCIDENT_STATE_REGISTERED:
        command.kind = below(sim, 2) ? COMMAND_INCIDENT_VOID : COMMAND_INCIDENT_ANSWER_DIRECTLY;
        command.incident_void.incident = incident->id;
        if (command.kind == COMMAND_INCIDENT_VOID)
            command.incident_void.reason = VOID_REASON_TEST;
        break;
    default:
        break;
    }
    (void)send(sim, command);
}

static void small_things(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    if (below(sim, 2) && auditor->incident_count) {
        struct command command = by_user(1000 + TAKERS + DEPARTMENTS, COMMAND_PERSONAL_READ);
        command.personal_read.subject = auditor->incidents[below(sim, auditor->incident_count)].id;
        command.personal_read.reason = (enum read_reason)below(sim, READ_REASON_COUNT);
        uint64_t reads = auditor->reads;
        bool may = send(sim, command) == REFUSAL_NONE;
        REQUIRE(auditor->reads == reads + may);
        return;
    }
    if (auditor->callback_count) {
        struct command command = by_user(1000, COMMAND_CALLBACK_FINISH);
        command.callback_finish.callback =
            auditor->callbacks[below(sim, auditor->callback_count)].id;
        command.callback_finish.end = CALLBACK_END_REACHED;
        (void)send(sim, command);
    }
    const struct seen_contact *contact = any_contact(sim, CONTACT_STATE_WAITING);
    if (!contact)
        return;
    struct command command = by_user(1000 + TAKERS + DEPARTMENTS, COMMAND_CONTACT_RELINE);
    command.contact_reline.contact = contact->id;
    command.contact_reline.line = lines[below(sim, 5)];
    (void)send(sim, command);
}

/* ---- what happens rarely: for a history with every kind of event ---------------------------- */

static void configuration_changes(struct sim *sim)
{
    struct command limit = by_system(COMMAND_LIMIT_DEFINE);
    limit.limit_define.has_row = true;
    limit.limit_define.row = (struct limit_row){ .sla = SLA_CLASS_L,
                                                 .dispatch_ms = 1800000,
                                                 .sign_ms = 7200000,
                                                 .reply_ms = 172800000,
                                                 .tell_ms = 86400000,
                                                 .working_time = true };
    (void)send(sim, limit);
    struct command day = by_system(COMMAND_DAY_DEFINE);
    day.day_define.has_row = true;
    day.day_define.row = (struct day_row){ .day = 20260404, .name_zh = "清明节" };
    (void)send(sim, day);
    struct command template = by_system(COMMAND_TEMPLATE_DEFINE);
    template.template_define.has_row = true;
    template.template_define.row =
        (struct template_row){ .template = TEMPLATE_RESULT, .text_zh = "{number}：{text}" };
    (void)send(sim, template);
    struct command district = by_system(COMMAND_DISTRICT_DEFINE);
    district.district_define.has_row = true;
    district.district_define.row = (struct district_row){ .district = 110101, .name_zh = "东城区" };
    (void)send(sim, district);
    struct command unit = by_system(COMMAND_UNIT_DEFINE);
    unit.unit_define.has_row = true;
    unit.unit_define.row = (struct unit_row){ .unit = 1, .department = 1, .kind = "patrol" };
    (void)send(sim, unit);
    struct command city = by_system(COMMAND_CITY_LOAD);
    memset(city.city_load.digest, 7, sizeof city.city_load.digest);
    (void)send(sim, city);
}

static void people_come_and_go(struct sim *sim)
{
    static const enum command_kind kinds[] = { COMMAND_SESSION_OPEN, COMMAND_SESSION_CLOSE,
                                               COMMAND_SESSION_REFUSE };
    for (uint32_t i = 0; i < 3; i++) {
        struct command session = by_system(kinds[i]);
        session.session_open.user = 1000 + i; /* the three bodies begin alike */
        (void)send(sim, session);
    }
    struct command phone = by_gateway(1, COMMAND_PHONE_REGISTER);
    phone.phone_register = (struct phone_register){ 1000, "sip:1000@seat", sim->now_ms + 3600000 };
    (void)send(sim, phone);
}

static void records_are_finished(struct sim *sim)
{
    const struct seen_contact *contact = any_contact(sim, CONTACT_STATE_ENDED);
    const struct seen_incident *incident = any_incident(sim, INCIDENT_STATE_HANDLING);
    const struct seen_task *task = any_task(sim);
    if (!contact || !incident || !task)
        return;
    struct command recording = by_gateway(contact->gateway, COMMAND_RECORDING_STORE);
    recording.recording_store = (struct recording_store){
        .call = contact->call, .file = "2026/a.wav", .size = 64000, .duration_ms = 8000
    };
    (void)send(sim, recording);
    struct command note = by_user(1000 + TAKERS + DEPARTMENTS, COMMAND_INCIDENT_NOTE);
    note.incident_note.incident = incident->id;
    (void)send(sim, note);
    struct command attach = by_user(1000 + TAKERS + DEPARTMENTS, COMMAND_INCIDENT_ATTACH);
    attach.incident_attach = (struct incident_attach){ incident->id, contact->id };
    (void)send(sim, attach);
    struct command roll = by_user(999 + TAKERS + task->department, COMMAND_TASK_PROGRESS);
    roll.task_progress = (struct task_progress){ task->id, TASK_STEP_ROLL };
    (void)send(sim, roll);
}

static void a_phone_rings(struct sim *sim)
{
    const struct seen_contact *contact = any_contact(sim, CONTACT_STATE_OFFERED);
    if (!contact)
        return;
    struct command ring = by_gateway(contact->gateway, COMMAND_OFFER_RING);
    ring.offer_ring.offer = contact->offer;
    (void)send(sim, ring);
}

static void rare_things(struct sim *sim, uint64_t step)
{
    if (step == 0) {
        configuration_changes(sim);
        people_come_and_go(sim);
    }
    if (step % 97 == 96)
        records_are_finished(sim);
    if (step % 13 == 12)
        a_phone_rings(sim);
}

/* ---- time, death, and the run --------------------------------------------------------------- */

static void turn_clock(struct sim *sim)
{
    static const uint64_t most[] = { 1, 1, 100, 500, 500, 1000, 2000, 2000, 5000, 20000, 60000 };
    uint64_t most_ms = most[below(sim, sizeof most / sizeof most[0])];
    if (below(sim, 100) == 0)
        most_ms = 36000000; /* a quiet night */
    uint64_t until_ms = sim->now_ms + below(sim, most_ms + 1);
    while (core_next_deadline_ms(sim->core) <= until_ms) {
        uint64_t due_ms = core_next_deadline_ms(sim->core);
        sim->now_ms = due_ms > sim->now_ms ? due_ms : sim->now_ms;
        REQUIRE(send(sim, by_system(COMMAND_TICK)) == REFUSAL_NONE);
    }
    sim->now_ms = until_ms;
}

/* The process dies and comes back from what it wrote down. */
static void die_and_recover(struct sim *sim)
{
    uint64_t digest = core_digest(sim->core);
    memset(sim->memory, 0, core_size(&limits));
    sim->core = core_init(sim->memory, core_size(&limits), &limits);
    for (uint32_t i = 0; i < sim->history_count; i++)
        core_apply(sim->core, &sim->history[i]);
    REQUIRE(core_digest(sim->core) == digest);
}

static void act(struct sim *sim)
{
    static void (*const acts[])(struct sim * sim) = {
        citizen_comes,    citizen_comes,    citizen_comes,      offer_is_met,     offer_is_met,
        offer_is_met,     call_ends,        call_ends,          taker_moves,      taker_moves,
        taker_moves,      incident_begins,  dispatch_something, department_works, department_works,
        department_works, department_works, text_is_reported,   text_is_reported, centre_cares,
        small_things,
    };
    if (below(sim, 200) == 0)
        gateway_suffers(sim);
    else
        acts[below(sim, sizeof acts / sizeof acts[0])](sim);
}

static void run(struct sim *sim, uint64_t steps)
{
    for (uint64_t i = 0; i < steps; i++) {
        turn_clock(sim);
        act(sim);
        if (sim->rare)
            rare_things(sim, i);
        core_check(sim->core);
        if (i % REST_EVERY == 0) {
            turn_clock(sim);
            auditor_rest(&sim->auditor, sim->now_ms);
        }
        if (below(sim, steps / 3 + 1) == 0)
            die_and_recover(sim);
    }
    die_and_recover(sim);
}

int main(int argc, char **argv)
{
    struct sim sim = { .now_ms = MONDAY_MORNING_MS, .next_call = 1000 };
    if (argc < 3 || argc > 4) {
        (void)fprintf(stderr, "usage: sim SEED STEPS [FILE]\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[1], NULL, 10);
    prng_seed(&sim.prng, seed);
    sim.memory = calloc(1, core_size(&limits));
    sim.history = malloc(sizeof *sim.history * HISTORY_MAX);
    REQUIRE(sim.memory && sim.history);
    sim.core = core_init(sim.memory, core_size(&limits), &limits);
    auditor_open(&sim.auditor);
    define_lines(&sim);
    define_users(&sim);
    define_rest(&sim);
    sim.rare = argc > 3;
    run(&sim, strtoull(argv[2], NULL, 10));
    if (argc > 3)
        journal_file_write(argv[3], sim.history, sim.history_count);
    (void)printf("seed %" PRIu64 ": %.1f days, %" PRIu64 " done, %" PRIu64
                 " refused, %u events, %u contacts, %u incidents, digest %016" PRIx64 "\n",
                 seed, (double)(sim.now_ms - MONDAY_MORNING_MS) / DAY_MS, sim.done, sim.refused,
                 sim.history_count, sim.auditor.contact_count, sim.auditor.incident_count,
                 core_digest(sim.core));
    auditor_close(&sim.auditor);
    free(sim.history);
    free(sim.memory);
    return 0;
}
