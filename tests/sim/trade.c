/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The newer half of the trade: reviews, missing facts, disputes, suspensions, petitions that a second
 * person rules, merging and linking, upgrades, urging and supervision. A share of the incidents goes
 * these ways; whatever they leave waiting is taken up again by trade_mend(). */
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

static uint32_t some_department(struct sim *sim)
{
    return 1 + (uint32_t)between(sim, 0, sim->swarm.departments - 1);
}

static uint64_t some_incident(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    if (!auditor->open_incident_count)
        return 0;
    uint64_t place = between(sim, 0, auditor->open_incident_count - 1);
    return auditor->incidents[auditor->open_incidents[place]].id;
}

/* ---- what is done on purpose ----------------------------------------------------------------- */

static void petition(struct sim *sim, uint64_t id)
{
    static const enum petition_kind kinds[] = { PETITION_KIND_WITHDRAWAL,
                                                PETITION_KIND_NOT_ACCEPTED,
                                                PETITION_KIND_SUSPENSION, PETITION_KIND_SECRECY,
                                                PETITION_KIND_PRIORITY };
    struct command command = command_of(COMMAND_PETITION_ASK);
    struct petition_ask *asked = &command.petition_ask;
    asked->incident = id;
    asked->kind = kinds[between(sim, 0, 4)];
    asked->until_ms = node_clock_ms(&sim->node) + between(sim, DAY_MS, 5 * DAY_MS);
    asked->told = true;
    asked->suspension = 1;
    asked->not_accepted = 1;
    asked->means = TELL_MEANS_PHONE;
    asked->secrecy = SECRECY_OPEN;
    asked->priority = PRIORITY_P3;
    console_send(sim, SUPERVISOR, &command);
}

static void merge(struct sim *sim, uint64_t id)
{
    struct command command =
        command_of(chance(sim, 500) ? COMMAND_INCIDENT_MERGE : COMMAND_INCIDENT_LINK);
    if (command.kind == COMMAND_INCIDENT_MERGE) {
        command.incident_merge.child = id;
        command.incident_merge.parent = some_incident(sim);
        command.incident_merge.basis = 1;
    } else {
        command.incident_link.incident = id;
        command.incident_link.other = some_incident(sim);
        command.incident_link.relation = 1;
    }
    console_send(sim, SUPERVISOR, &command);
}

static void small_step(struct sim *sim, uint64_t id)
{
    struct command command = command_of(COMMAND_INCIDENT_URGE);
    command.incident_urge.incident = id;
    switch (between(sim, 0, 5)) {
    case 0:
        command = command_of(COMMAND_INCIDENT_SUPERVISE);
        command.incident_supervise.incident = id;
        command.incident_supervise.level = (uint32_t)between(sim, 0, 3);
        break;
    case 1:
        command = command_of(COMMAND_INCIDENT_PRIORITIZE);
        command.incident_prioritize.incident = id;
        command.incident_prioritize.priority = (enum priority)between(sim, 1, 4);
        break;
    case 2:
        command = command_of(COMMAND_TASK_ADD);
        command.task_add.incident = id;
        command.task_add.department = some_department(sim);
        break;
    case 3:
        command = command_of(COMMAND_INCIDENT_CONTROL);
        command.incident_control.incident = id;
        break;
    case 4:
        command = command_of(COMMAND_INCIDENT_CONCEAL);
        command.incident_conceal.incident = id;
        command.incident_conceal.secrecy = SECRECY_CONTACT_HIDDEN;
        break;
    default:
        break;
    }
    console_send(sim, SUPERVISOR, &command);
}

static void big_step(struct sim *sim, uint64_t id)
{
    struct command command = command_of(COMMAND_INCIDENT_ASK_INFO);
    command.incident_ask_info.incident = id;
    command.incident_ask_info.missing = 2;
    switch (between(sim, 0, 4)) {
    case 0:
        command = command_of(COMMAND_INCIDENT_DISPUTE);
        command.incident_dispute.incident = id;
        command.incident_dispute.parties_count = 2;
        command.incident_dispute.parties[0] = 1;
        command.incident_dispute.parties[1] = 2;
        break;
    case 1:
        command = command_of(COMMAND_INCIDENT_UPGRADE);
        command.incident_upgrade.incident = id;
        command.incident_upgrade.line = 110;
        command.incident_upgrade.category = 10100;
        break;
    case 2:
        petition(sim, id);
        return;
    case 3:
        merge(sim, id);
        return;
    default:
        break;
    }
    console_send(sim, SUPERVISOR, &command);
}

static void do_more(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    if (sim->healing)
        return;
    if (chance(sim, 600))
        small_step(sim, id);
    else
        big_step(sim, id);
}

/* ---- what others wait for ---------------------------------------------------------------------- */

static void rule(void *owner, uint64_t petition)
{
    struct sim *sim = owner;
    struct command command = command_of(COMMAND_PETITION_RULE);
    command.petition_rule.petition = petition;
    command.petition_rule.agree = chance(sim, 700);
    console_send(sim, DIRECTOR, &command);
}

void trade_review(struct sim *sim, uint64_t id)
{
    struct command command = command_of(COMMAND_INCIDENT_REVIEW);
    command.incident_review.incident = id;
    command.incident_review.pass = sim->healing || chance(sim, 900);
    command.incident_review.defect = command.incident_review.pass ? DEFECT_NONE : 1;
    console_send(sim, DIRECTOR, &command);
}

bool trade_mend(struct sim *sim, const struct seen_incident *incident)
{
    struct command command = command_of(COMMAND_INCIDENT_RESUME);
    command.incident_resume.incident = incident->id;
    switch ((uint32_t)incident->state) {
    case INCIDENT_STATE_DRAFT:
        command = command_of(COMMAND_INCIDENT_REGISTER);
        command.incident_register.draft = incident->id;
        command.incident_register.category = 20100;
        break;
    case INCIDENT_STATE_PENDING_INFO:
        command = command_of(COMMAND_INCIDENT_GIVE_INFO);
        command.incident_give_info.incident = incident->id;
        break;
    case INCIDENT_STATE_DISPUTE:
        command = command_of(COMMAND_INCIDENT_RULE_DISPUTE);
        command.incident_rule_dispute.incident = incident->id;
        command.incident_rule_dispute.lead = some_department(sim);
        break;
    case INCIDENT_STATE_SUSPENDED:
        break;
    default:
        return false;
    }
    console_send(sim, DIRECTOR, &command);
    return true;
}

static void mend(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_incident *incident = auditor_incident(&sim->auditor, id);
    if (incident)
        (void)trade_mend(sim, incident);
}

void trade_see(struct sim *sim, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_INCIDENT_REGISTERED:
        if (chance(sim, sim->swarm.trade))
            soon(sim, 30 * MINUTE_MS, do_more, event->incident);
        break;
    case EVENT_INCIDENT_DRAFTED:
        soon(sim, 10 * MINUTE_MS, mend, event->incident);
        break;
    case EVENT_INCIDENT_MOVED:
        soon(sim, 2 * HOUR_MS, mend, event->incident);
        break;
    case EVENT_PETITION_ASKED:
        soon(sim, 20 * MINUTE_MS, rule, event->petition_asked.petition);
        break;
    case EVENT_PETITION_AGREED:
        soon(sim, 20 * MINUTE_MS, rule, event->petition_agreed.petition);
        break;
    default:
        break;
    }
}
