/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The centre's clerks: they dispatch, rule on send-backs, tell citizens, visit, call back, and reopen
 * what a citizen complains about. */
#include "tests/sim/sim.h"

static bool chance(struct sim *sim, uint32_t permille)
{
    return kernel_chance(&sim->kernel, STREAM_PEOPLE, permille);
}

static uint64_t between(struct sim *sim, uint64_t from, uint64_t to)
{
    return kernel_between(&sim->kernel, STREAM_PEOPLE, from, to);
}

static void soon(struct sim *sim, uint64_t mean_ms, happening *happens, uint64_t what)
{
    kernel_plan(&sim->kernel, kernel_wait(&sim->kernel, STREAM_PEOPLE, mean_ms), happens, sim,
                what);
}

static void send(struct sim *sim, const struct command *command)
{
    console_send(sim, SUPERVISOR, command);
}

static void dispatch(struct sim *sim, uint64_t id)
{
    struct command command = command_of(COMMAND_INCIDENT_DISPATCH);
    struct incident_dispatch *asked = &command.incident_dispatch;
    uint32_t departments = sim->swarm.departments;
    asked->incident = id;
    asked->lead = 1 + (uint32_t)between(sim, 0, departments - 1);
    uint32_t wanted = chance(sim, 250) ? 1 + (uint32_t)between(sim, 0, 1) : 0;
    for (uint32_t i = 0; i < wanted; i++)
        asked->assists[asked->assists_count++] =
            1 + (asked->lead - 1 + 1 + i * 2 + (uint32_t)between(sim, 0, 1)) % departments;
    send(sim, &command);
}

static void settle_dispute(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    if (!incident || incident->state != INCIDENT_STATE_DISPUTE)
        return;
    struct command command = command_of(COMMAND_INCIDENT_RULE_DISPUTE);
    command.incident_rule_dispute.incident = id;
    command.incident_rule_dispute.lead = 1 + (uint32_t)between(sim, 0, sim->swarm.departments - 1);
    command.incident_rule_dispute.precedent = chance(sim, 300);
    console_send(sim, CHIEF, &command);
}

/* A second person's word; one in five is a no. */
static void answer_petition(void *owner, uint64_t petition)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_PETITION_RULE);
    command.petition_rule.petition = petition;
    command.petition_rule.agree = chance(sim, 800);
    console_send(sim, CHIEF, &command);
}

static void take_up(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    if (!incident)
        return;
    if (trade_mend(sim, incident))
        return;
    if (incident->state == INCIDENT_STATE_REDO ||
        incident->state == INCIDENT_STATE_PENDING_DISPATCH) {
        dispatch(sim, id);
        return;
    }
    if (incident->state != INCIDENT_STATE_REGISTERED)
        return;
    trade_review(sim, id); /* refused where no review is wanted */
    struct command command = command_of(COMMAND_INCIDENT_ANSWER_DIRECTLY);
    command.incident_answer_directly.incident = id;
    if (incident->line == 12345 && chance(sim, 450)) {
        send(sim, &command);
    } else if (chance(sim, 40)) {
        command = command_of(COMMAND_INCIDENT_VOID);
        command.incident_void.incident = id;
        command.incident_void.reason = (enum void_reason)between(sim, 1, VOID_REASON_COUNT - 1);
        send(sim, &command);
    } else {
        dispatch(sim, id);
    }
}

/* The result's text told nobody: by telephone, or it is written down why not. */
static void tell(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    if (!incident || incident->state != INCIDENT_STATE_REPLIED)
        return;
    trade_review(sim, id);
    struct command command = command_of(COMMAND_INCIDENT_TELL);
    command.incident_tell.incident = id;
    command.incident_tell.means = TELL_MEANS_PHONE;
    if (!incident->caller || chance(sim, 200)) {
        command.incident_tell.means = TELL_MEANS_EXCUSED;
        command.incident_tell.excuse = (enum excuse_reason)between(sim, 1, EXCUSE_REASON_COUNT - 1);
    }
    send(sim, &command);
}

static void reject(void *owner, uint64_t task)
{
    struct command command = command_of(COMMAND_TASK_REJECT_REPLY);
    command.task_reject_reply.task = task;
    command.task_reject_reply.defect = (enum defect)(1 + task % (DEFECT_COUNT - 1));
    send(owner, &command);
}

static void rule(void *owner, uint64_t task)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_TASK_RULE_RETURN);
    command.task_rule_return.task = task;
    command.task_rule_return.accept = chance(sim, 600);
    send(sim, &command);
}

static void visit(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    if (!incident || incident->state != INCIDENT_STATE_REVISIT)
        return;
    struct command command = command_of(COMMAND_REVISIT_FINISH);
    struct revisit_finish *asked = &command.revisit_finish;
    asked->incident = id;
    asked->reached = chance(sim, 600);
    asked->contacted = DEGREE_YES;
    asked->solved = chance(sim, sim->swarm.unsolved) ? DEGREE_NO : DEGREE_YES;
    asked->satisfied = chance(sim, 800) ? DEGREE_YES : DEGREE_MOSTLY;
    send(sim, &command);
    soon(sim, 2 * HOUR_MS, visit, id);
}

static void reopen(void *owner, uint64_t id)
{
    struct command command = command_of(COMMAND_INCIDENT_REOPEN);
    command.incident_reopen.incident = id;
    send(owner, &command);
}

static void call_back(void *owner, uint64_t callback)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_CALLBACK_FINISH);
    command.callback_finish.callback = callback;
    command.callback_finish.end = (enum callback_end)between(sim, 2, CALLBACK_END_COUNT - 1);
    send(sim, &command);
}

/* Somebody must go on with what is secret: the supervisor and the chief name each other. */
static void open_secret(struct sim *sim, uint64_t incident, uint64_t at_ms)
{
    static const uint32_t pairs[2][2] = { { CHIEF, SUPERVISOR }, { SUPERVISOR, CHIEF } };
    for (int i = 0; i < 2; i++) {
        struct command command = command_of(COMMAND_INCIDENT_GRANT);
        command.incident_grant.incident = incident;
        command.incident_grant.user = pairs[i][1];
        command.incident_grant.until_ms = at_ms + 12 * HOUR_MS;
        command.incident_grant.purpose = READ_PURPOSE_VERIFY;
        console_send(sim, pairs[i][0], &command);
    }
}

static bool goes_on(const struct sim *sim, uint64_t id)
{
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    return incident && incident->secrecy == SECRECY_SEALED && incident->closed_ms == 0;
}

static void moved(struct sim *sim, const struct event *event)
{
    switch ((uint32_t)event->incident_moved.to) {
    case INCIDENT_STATE_REGISTERED:
    case INCIDENT_STATE_REDO:
    case INCIDENT_STATE_PENDING_DISPATCH:
        soon(sim, 10 * MINUTE_MS, take_up, event->incident);
        break;
    case INCIDENT_STATE_DISPUTE:
        soon(sim, 4 * HOUR_MS, settle_dispute, event->incident);
        break;
    case INCIDENT_STATE_REPLIED:
        soon(sim, 3 * HOUR_MS, tell, event->incident);
        break;
    case INCIDENT_STATE_REVISIT:
        soon(sim, HOUR_MS, visit, event->incident);
        break;
    case INCIDENT_STATE_CLOSED:
    case INCIDENT_STATE_DIRECT:
    case INCIDENT_STATE_VOID:
        if (!sim->healing && chance(sim, 20))
            soon(sim, 12 * HOUR_MS, reopen, event->incident);
        break;
    default:
        break;
    }
}

void office_see(struct sim *sim, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_INCIDENT_REGISTERED:
        if (event->incident_registered.secrecy == SECRECY_SEALED)
            open_secret(sim, event->incident, event->at_ms);
        soon(sim, event->incident_registered.emergency ? 20 * SECOND_MS : 10 * MINUTE_MS, take_up,
             event->incident);
        break;
    case EVENT_INCIDENT_MOVED:
        moved(sim, event);
        break;
    case EVENT_SECRECY_CHANGED:
        if (event->secrecy_changed.to == SECRECY_SEALED)
            open_secret(sim, event->incident, event->at_ms);
        break;
    case EVENT_GRANT_ENDED:
        if (goes_on(sim, event->incident))
            open_secret(sim, event->incident, event->at_ms);
        break;
    case EVENT_TASK_MOVED:
        if (event->task_moved.to == TASK_STATE_RETURN_ASKED)
            soon(sim, 20 * MINUTE_MS, rule, event->task);
        else if (event->task_moved.to == TASK_STATE_REPLIED && chance(sim, 30))
            soon(sim, MINUTE_MS, reject, event->task);
        break;
    case EVENT_PETITION_ASKED:
        soon(sim, HOUR_MS, answer_petition, event->petition_asked.petition);
        break;
    case EVENT_PETITION_ENDED: /* no, or too late: the incident is there still */
        soon(sim, 10 * MINUTE_MS, take_up, event->incident);
        break;
    case EVENT_CALLBACK_OPENED:
        soon(sim, 2 * MINUTE_MS, call_back, event->callback_opened.callback);
        break;
    default:
        break;
    }
}

void office_sweep(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    for (uint32_t i = 0; i < auditor->open_incident_count; i++) {
        const struct seen_incident *incident = &auditor->incidents[auditor->open_incidents[i]];
        if (incident->secrecy == SECRECY_SEALED)
            open_secret(sim, incident->id, auditor->at_ms);
        take_up(sim, incident->id);
        tell(sim, incident->id);
        settle_dispute(sim, incident->id);
        if (incident->state == INCIDENT_STATE_REVISIT)
            soon(sim, 10 * MINUTE_MS, visit, incident->id);
    }
    for (uint32_t i = 0; i < auditor->open_task_count; i++)
        if (auditor->tasks[auditor->open_tasks[i]].state == TASK_STATE_RETURN_ASKED)
            rule(sim, auditor->tasks[auditor->open_tasks[i]].id);
    for (uint32_t i = 0; i < auditor->callback_count; i++)
        if (!auditor->callbacks[i].ended)
            call_back(sim, auditor->callbacks[i].id);
}
