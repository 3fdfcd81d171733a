/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/petition.h"

#include "base/require.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"

enum {
    TAKER = 1U << ROLE_TAKER,
    SUPERVISOR = 1U << ROLE_SUPERVISOR,
    SECURITY = 1U << ROLE_SECURITY,
    REVIEWER = 1U << ROLE_REVIEWER,
    DIRECTOR = 1U << ROLE_DIRECTOR,
    ADJUDICATOR = 1U << ROLE_ADJUDICATOR,
    HEAD = 1U << ROLE_DEPARTMENT_HEAD,
    CENTRE = TAKER | SUPERVISOR
};

/* Who asks, who answers at each stage. The first row that fits the kind and the occasion. */
const struct approval approvals[] = {
    { PETITION_KIND_EXTENSION, OCCASION_SECOND, HEAD, { DIRECTOR }, false, false },
    { PETITION_KIND_EXTENSION, OCCASION_ANY, HEAD, { SUPERVISOR }, false, false },
    { PETITION_KIND_SUSPENSION, OCCASION_ANY, HEAD, { DIRECTOR }, false, false },
    { PETITION_KIND_WITHDRAWAL, OCCASION_ANY, CENTRE, { CENTRE }, false, false },
    { PETITION_KIND_NOT_ACCEPTED,
      OCCASION_DISPUTED,
      ADJUDICATOR | DIRECTOR | SUPERVISOR,
      { ADJUDICATOR | DIRECTOR },
      false,
      false },
    { PETITION_KIND_NOT_ACCEPTED, OCCASION_ANY, CENTRE | REVIEWER, { SUPERVISOR }, false, false },
    { PETITION_KIND_CLOSE,
      OCCASION_ANY,
      REVIEWER | SUPERVISOR,
      { SUPERVISOR | DIRECTOR },
      false,
      false },
    { PETITION_KIND_SECRECY, OCCASION_ANY, CENTRE, { DIRECTOR, SECURITY }, false, false },
    { PETITION_KIND_NUISANCE, OCCASION_ANY, CENTRE, { SUPERVISOR }, false, false },
    { PETITION_KIND_PRIORITY, OCCASION_ANY, CENTRE, { SUPERVISOR }, false, false },
    { PETITION_KIND_TRANSFER, OCCASION_CITY, CENTRE, { CENTRE }, true, true },
    { PETITION_KIND_TRANSFER, OCCASION_ANY, CENTRE, { CENTRE }, false, true },
};
const uint32_t approval_count = sizeof approvals / sizeof approvals[0];

static const struct approval *approval_of(enum petition_kind kind, enum occasion occasion)
{
    for (uint32_t i = 0; i < approval_count; i++)
        if (approvals[i].kind == kind &&
            (approvals[i].occasion == occasion || approvals[i].occasion == OCCASION_ANY))
            return &approvals[i];
    return NULL;
}

struct petition *core_petition(const struct core *core, uint64_t id)
{
    return index_find(&core->index, ENTRY_PETITION, id, 0);
}

const struct petition *petition_open_of(const struct incident *incident, enum petition_kind kind)
{
    for (const struct petition *petition = incident->petitions; petition; petition = petition->next)
        if (petition->asked.kind == kind)
            return petition;
    return NULL;
}

static uint64_t stage_due(const struct decision *decision, const struct incident *incident,
                          const struct petition_asked *asked)
{
    const struct core *core = decision->core;
    if (asked->kind == PETITION_KIND_TRANSFER)
        return decision->at_ms +
               core->parameters[asked->line ? PARAMETER_HANDSHAKE_MS : PARAMETER_HANDSHAKE_CITY_MS];
    return clock_due(core, incident, incident->round, CLOCK_KIND_PETITION, decision->at_ms);
}

static bool has_role(const struct decision *decision, uint32_t roles)
{
    return !decision->user || (decision->user->row.roles & roles);
}

static enum refusal ask(struct decision *decision, const struct incident *incident,
                        const struct petition_asked *asked, const struct task *task,
                        enum occasion occasion)
{
    const struct approval *approval = approval_of(asked->kind, occasion);
    REQUIRE(approval);
    if (!has_role(decision, approval->askers))
        return REFUSAL_NOT_ALLOWED;
    if (petition_open_of(incident, asked->kind))
        return REFUSAL_ALREADY;
    if (pool_room(&decision->core->petitions) == 0)
        return REFUSAL_LIMIT;
    struct event *event = incident_event(decision, EVENT_PETITION_ASKED, incident);
    event->task = task ? task->id : 0;
    event->department = decision->user ? decision->user->row.department : 0;
    event->petition_asked = *asked;
    event->petition_asked.petition = decision_id(decision);
    event->petition_asked.extraordinary = occasion == OCCASION_SECOND;
    event->petition_asked.disputed = occasion == OCCASION_DISPUTED;
    event->petition_asked.roles = approval->stages[0];
    event->petition_asked.due_ms = stage_due(decision, incident, asked);
    decision->verdict->petition = event->petition_asked.petition;
    return REFUSAL_NONE;
}

enum refusal petition_open(struct decision *decision, const struct incident *incident,
                           const struct petition_asked *asked, const struct task *task)
{
    return ask(decision, incident, asked, task, OCCASION_ANY);
}

enum refusal petition_of_nuisance(struct decision *decision, const struct incident *incident,
                                  enum void_reason reason)
{
    return petition_open(
        decision, incident,
        &(struct petition_asked){ .kind = PETITION_KIND_NUISANCE, .nuisance = reason }, NULL);
}

enum refusal decide_petition_ask(struct decision *decision)
{
    const struct petition_ask *wish = &decision->command->petition_ask;
    const struct task *task = wish->task ? core_task(decision->core, wish->task) : NULL;
    if (wish->task && !task)
        return REFUSAL_NO_SUCH_TASK;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, task ? task->incident->id : wish->incident,
                                         INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    struct petition_asked asked = { .kind = wish->kind,
                                    .until_ms = wish->until_ms,
                                    .extension = wish->extension,
                                    .suspension = wish->suspension,
                                    .not_accepted = wish->not_accepted,
                                    .means = wish->means,
                                    .excuse = wish->excuse,
                                    .nuisance = wish->nuisance,
                                    .secrecy = wish->secrecy,
                                    .priority = wish->priority,
                                    .line = wish->line };
    enum occasion occasion = OCCASION_ANY;
    refusal = petition_check(decision, incident, task, &asked, &occasion);
    return refusal ? refusal : ask(decision, incident, &asked, task, occasion);
}

static const struct approval *approval_for(const struct petition *petition)
{
    const struct petition_asked *asked = &petition->asked;
    enum occasion occasion = OCCASION_ANY;
    if (asked->extraordinary)
        occasion = OCCASION_SECOND;
    else if (asked->disputed)
        occasion = OCCASION_DISPUTED;
    else if (asked->kind == PETITION_KIND_TRANSFER && asked->line == 0)
        occasion = OCCASION_CITY;
    return approval_of(asked->kind, occasion);
}

/* The other line answers for itself: somebody who takes its calls. */
static bool serves(const struct user *user, uint32_t line)
{
    for (uint32_t i = 0; i < user->row.skills_count; i++)
        if (user->row.skills[i].line == line)
            return true;
    return user->row.roles & SUPERVISOR;
}

static enum refusal check_answer(const struct decision *decision, const struct petition *petition,
                                 const struct approval *approval)
{
    const struct user *user = decision->user;
    if (!user)
        return REFUSAL_NONE;
    if (!(user->row.roles & petition->roles))
        return REFUSAL_NOT_ALLOWED;
    if (petition->asked.kind == PETITION_KIND_TRANSFER && petition->asked.line &&
        !serves(user, petition->asked.line))
        return REFUSAL_NOT_ALLOWED;
    if (approval->alone)
        return REFUSAL_NONE;
    for (uint32_t i = 0; i < petition->stage; i++)
        if (petition->persons[i] == user->row.user)
            return REFUSAL_SAME_PERSON;
    return REFUSAL_NONE;
}

static struct event *petition_event(struct decision *decision, enum event_kind kind,
                                    const struct petition *petition)
{
    struct event *event = incident_event(decision, kind, petition->incident);
    event->task = petition->task;
    event->department = petition->department;
    return event;
}

static void end(struct decision *decision, const struct petition *petition, enum petition_end end)
{
    struct event *event = petition_event(decision, EVENT_PETITION_ENDED, petition);
    event->petition_ended.petition = petition->id;
    event->petition_ended.kind = petition->asked.kind;
    event->petition_ended.end = end;
}

static void ask_next_stage(struct decision *decision, const struct petition *petition,
                           uint32_t roles)
{
    struct event *event = petition_event(decision, EVENT_PETITION_AGREED, petition);
    event->petition_agreed.petition = petition->id;
    event->petition_agreed.kind = petition->asked.kind;
    event->petition_agreed.stage = petition->stage;
    event->petition_agreed.roles = roles;
    event->petition_agreed.due_ms = stage_due(decision, petition->incident, &petition->asked);
}

static enum refusal find(struct decision *decision, uint64_t id, const struct petition **petition)
{
    *petition = core_petition(decision->core, id);
    if (!*petition)
        return REFUSAL_NO_SUCH_PETITION;
    decision->verdict->petition = id;
    decision->verdict->incident = (*petition)->incident->id;
    decision->verdict->number = (*petition)->incident->number;
    return REFUSAL_NONE;
}

enum refusal decide_petition_rule(struct decision *decision)
{
    const struct petition_rule *asked = &decision->command->petition_rule;
    const struct petition *petition;
    enum refusal refusal = find(decision, asked->petition, &petition);
    if (refusal)
        return refusal;
    const struct approval *approval = approval_for(petition);
    REQUIRE(approval);
    refusal = check_answer(decision, petition, approval);
    if (refusal)
        return refusal;
    uint32_t next = petition->stage < PETITION_STAGES_MAX ? approval->stages[petition->stage] : 0;
    if (!asked->agree) {
        end(decision, petition, PETITION_END_REFUSED);
        petition_refuse(decision, petition);
    } else if (next) {
        ask_next_stage(decision, petition, next);
    } else if (!petition_fits(decision->core, petition)) {
        return REFUSAL_WRONG_STATE;
    } else {
        end(decision, petition, PETITION_END_GRANTED);
        petition_grant(decision, petition);
    }
    return REFUSAL_NONE;
}

enum refusal decide_petition_cancel(struct decision *decision)
{
    const struct petition *petition;
    enum refusal refusal = find(decision, decision->command->petition_cancel.petition, &petition);
    if (refusal)
        return refusal;
    if (decision->user && decision->user->row.user != petition->persons[0])
        return REFUSAL_NOT_YOURS;
    if (petition->asked.kind == PETITION_KIND_CLOSE)
        return REFUSAL_WRONG_STATE; /* the second person decides, either way */
    end(decision, petition, PETITION_END_CANCELLED);
    return REFUSAL_NONE;
}

void petition_due(struct decision *decision, const struct petition *petition)
{
    if (!petition_fits(decision->core, petition)) {
        end(decision, petition, PETITION_END_OVERTAKEN);
        return;
    }
    const struct approval *approval = approval_for(petition);
    if (approval && approval->lapses) {
        end(decision, petition, PETITION_END_LAPSED); /* who has it keeps it */
        return;
    }
    struct event *event = petition_event(decision, EVENT_CLOCK_OVERDUE, petition);
    event->clock_overdue.clock = CLOCK_KIND_PETITION;
    event->clock_overdue.due_ms = petition->due_ms;
    event->clock_overdue.subject = petition->id;
}

/* ---- what events do ------------------------------------------------------------------------ */

static void refile(struct core *core, struct petition *petition)
{
    uint64_t due_ms = petition->late ? NEVER : petition->due_ms;
    if (!petition_fits(core, petition))
        due_ms = core->at_ms;
    deadline_set(core, &petition->deadline, due_ms, petition->id);
}

void petitions_refile(struct core *core, struct incident *incident)
{
    for (struct petition *petition = incident->petitions; petition; petition = petition->next)
        refile(core, petition);
}

static void forget(struct core *core, struct petition *petition)
{
    struct petition **place = &petition->incident->petitions;
    while (*place != petition)
        place = &(*place)->next;
    *place = petition->next;
    deadline_set(core, &petition->deadline, NEVER, petition->id);
    index_remove(&core->index, ENTRY_PETITION, petition->id, 0);
    pool_give(&core->petitions, petition);
}

void petitions_forget(struct core *core, struct incident *incident)
{
    while (incident->petitions)
        forget(core, incident->petitions);
}

void apply_petition_asked(struct core *core, const struct event *event)
{
    const struct petition_asked *asked = &event->petition_asked;
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && !petition_open_of(incident, asked->kind));
    struct petition *petition = pool_take(&core->petitions);
    core_id_used(core, asked->petition);
    petition->id = asked->petition;
    petition->incident = incident;
    petition->task = event->task;
    petition->department = event->department;
    petition->asked = *asked;
    petition->roles = asked->roles;
    petition->due_ms = asked->due_ms;
    petition->stage = 1;
    petition->persons[0] = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    petition->deadline.kind = DEADLINE_PETITION;
    petition->deadline.owner = petition;
    petition->next = incident->petitions;
    incident->petitions = petition;
    index_put(&core->index, ENTRY_PETITION, petition->id, 0, petition);
    refile(core, petition);
}

void apply_petition_agreed(struct core *core, const struct event *event)
{
    const struct petition_agreed *agreed = &event->petition_agreed;
    struct petition *petition = core_petition(core, agreed->petition);
    REQUIRE(petition && petition->stage == agreed->stage && agreed->stage < PETITION_STAGES_MAX);
    petition->persons[petition->stage++] = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    petition->roles = agreed->roles;
    petition->due_ms = agreed->due_ms;
    petition->late = false;
    refile(core, petition);
}

void apply_petition_ended(struct core *core, const struct event *event)
{
    const struct petition_ended *ended = &event->petition_ended;
    struct petition *petition = core_petition(core, ended->petition);
    REQUIRE(petition && petition->asked.kind == ended->kind);
    struct task *task = petition->task ? core_task(core, petition->task) : NULL;
    if (task && ended->kind == PETITION_KIND_EXTENSION && ended->end == PETITION_END_GRANTED)
        task->extensions++;
    forget(core, petition);
}

void apply_petition_overdue(struct core *core, uint64_t id)
{
    struct petition *petition = core_petition(core, id);
    REQUIRE(petition && !petition->late);
    petition->late = true;
    refile(core, petition);
}
