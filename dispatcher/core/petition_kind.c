/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kinds of petitions: what each wants to know, when it fits, what it does. */
#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/overlay.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/registration.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/work.h"

/* ---- what is wanted ------------------------------------------------------------------------ */

/* The citizen knows that it takes longer, or will read it. */
static bool hears_of_it(const struct decision *decision, const struct incident *incident)
{
    return decision->command->petition_ask.told || citizen_may_be_texted(incident);
}

static bool is_of(const struct decision *decision, const struct task *task)
{
    return !decision->user || decision->user->row.department == task->department;
}

/* One signature for the table below, whether or not a kind has occasions. */
// NOLINTBEGIN(readability-non-const-parameter)

/* Before the due time only; once ordinarily, once more extraordinarily. */
static enum refusal check_extension(const struct decision *decision,
                                    const struct incident *incident, const struct task *task,
                                    struct petition_asked *asked, enum occasion *occasion)
{
    if (!task)
        return REFUSAL_NO_SUCH_TASK;
    if (!is_of(decision, task))
        return REFUSAL_NOT_YOURS;
    if (incident->emergency || incident->state != INCIDENT_STATE_HANDLING ||
        !task_is_open(task->state) || !task_owes_reply(task))
        return REFUSAL_WRONG_STATE;
    if (asked->extension == EXTENSION_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    if (task->reply.reported || decision->at_ms >= task->reply.due_ms)
        return REFUSAL_TOO_LATE;
    if (task->extensions >= 2)
        return REFUSAL_LIMIT;
    if (asked->until_ms <= task->reply.due_ms ||
        asked->until_ms >
            task->reply.due_ms + decision->core->parameters[PARAMETER_EXTENSION_MAX_MS])
        return REFUSAL_MALFORMED;
    *occasion = task->extensions ? OCCASION_SECOND : OCCASION_ANY;
    return hears_of_it(decision, incident) ? REFUSAL_NONE : REFUSAL_CITIZEN_NOT_TOLD;
}

static enum refusal check_suspension(const struct decision *decision,
                                     const struct incident *incident, const struct task *task,
                                     struct petition_asked *asked, enum occasion *occasion)
{
    (void)task;
    (void)occasion;
    enum refusal refusal = incident_may(incident, INCIDENT_STEP_SUSPEND);
    if (refusal)
        return refusal;
    const struct task *lead = task_lead(incident);
    REQUIRE(lead);
    if (!is_of(decision, lead))
        return REFUSAL_NOT_YOURS;
    if (asked->suspension == SUSPENSION_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    if (asked->until_ms <= decision->at_ms ||
        asked->until_ms > decision->at_ms + decision->core->parameters[PARAMETER_SUSPENSION_MAX_MS])
        return REFUSAL_MALFORMED;
    return hears_of_it(decision, incident) ? REFUSAL_NONE : REFUSAL_CITIZEN_NOT_TOLD;
}

/* Somebody may be pressed to take it back: not where people are at risk. */
static enum refusal check_withdrawal(const struct decision *decision,
                                     const struct incident *incident, const struct task *task,
                                     struct petition_asked *asked, enum occasion *occasion)
{
    (void)decision;
    (void)task;
    (void)asked;
    (void)occasion;
    enum refusal refusal = incident_may(incident, INCIDENT_STEP_WITHDRAW);
    if (refusal)
        return refusal;
    return overlay_protects(incident) ? REFUSAL_PROTECTED : REFUSAL_NONE;
}

static enum refusal check_not_accepted(const struct decision *decision,
                                       const struct incident *incident, const struct task *task,
                                       struct petition_asked *asked, enum occasion *occasion)
{
    (void)decision;
    (void)task;
    enum refusal refusal = incident_may(incident, INCIDENT_STEP_REFUSE);
    if (refusal)
        return refusal;
    if (asked->not_accepted == NOT_ACCEPTED_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    if (asked->means == TELL_MEANS_NONE)
        return REFUSAL_CITIZEN_NOT_TOLD;
    if (asked->means == TELL_MEANS_EXCUSED && asked->excuse == EXCUSE_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    if (asked->means == TELL_MEANS_SMS && !citizen_may_be_texted(incident))
        return REFUSAL_NOT_ALLOWED;
    if (asked->means != TELL_MEANS_EXCUSED)
        asked->excuse = EXCUSE_REASON_NONE;
    if (incident->state == INCIDENT_STATE_DISPUTE)
        *occasion = OCCASION_DISPUTED;
    return REFUSAL_NONE;
}

static enum refusal check_secrecy(const struct decision *decision, const struct incident *incident,
                                  const struct task *task, struct petition_asked *asked,
                                  enum occasion *occasion)
{
    (void)decision;
    (void)task;
    (void)occasion;
    if (incident_is_closed(incident->state))
        return REFUSAL_WRONG_STATE;
    if (asked->secrecy == SECRECY_NONE)
        return REFUSAL_MALFORMED;
    return asked->secrecy < incident->secrecy ? REFUSAL_NONE : REFUSAL_ALREADY;
}

static enum refusal check_nuisance(const struct decision *decision, const struct incident *incident,
                                   const struct task *task, struct petition_asked *asked,
                                   enum occasion *occasion)
{
    (void)decision;
    (void)task;
    (void)occasion;
    enum refusal refusal = incident_may(incident, INCIDENT_STEP_VOID);
    if (refusal)
        return refusal;
    if (asked->nuisance != VOID_REASON_NUISANCE && asked->nuisance != VOID_REASON_ABUSIVE &&
        asked->nuisance != VOID_REASON_FALSE_KNOWING)
        return REFUSAL_REASON_MISSING;
    return REFUSAL_NONE;
}

static enum refusal check_priority(const struct decision *decision, const struct incident *incident,
                                   const struct task *task, struct petition_asked *asked,
                                   enum occasion *occasion)
{
    (void)decision;
    (void)task;
    (void)occasion;
    /* Once units are out, a grade is only raised. */
    if (!incident->emergency ||
        (incident->state != INCIDENT_STATE_DRAFT && incident->state != INCIDENT_STATE_REGISTERED))
        return REFUSAL_WRONG_STATE;
    if (asked->priority == PRIORITY_NONE)
        return REFUSAL_MALFORMED;
    return asked->priority > incident->priority ? REFUSAL_NONE : REFUSAL_ALREADY;
}

static enum refusal check_transfer(const struct decision *decision, const struct incident *incident,
                                   const struct task *task, struct petition_asked *asked,
                                   enum occasion *occasion)
{
    (void)task;
    enum refusal refusal = incident_may(incident, INCIDENT_STEP_TRANSFER);
    if (refusal)
        return refusal;
    if (incident->bounced) /* once is enough: the shift leads of both talk */
        return REFUSAL_NOT_ALLOWED;
    if (asked->line == 0) {
        *occasion = OCCASION_CITY;
        return REFUSAL_NONE;
    }
    const struct line *line = core_line(decision->core, asked->line);
    if (!line || line->row.retired)
        return REFUSAL_NO_SUCH_LINE;
    if (asked->line == incident->line)
        return REFUSAL_ALREADY;
    if (incident->category == 0)
        return REFUSAL_INCOMPLETE;
    return registration_has_room(decision->core) ? REFUSAL_NONE : REFUSAL_LIMIT;
}

static enum refusal (*const checks[PETITION_KIND_COUNT])(const struct decision *decision,
                                                         const struct incident *incident,
                                                         const struct task *task,
                                                         struct petition_asked *asked,
                                                         enum occasion *occasion) = {
    [PETITION_KIND_EXTENSION] = check_extension,
    [PETITION_KIND_SUSPENSION] = check_suspension,
    [PETITION_KIND_WITHDRAWAL] = check_withdrawal,
    [PETITION_KIND_NOT_ACCEPTED] = check_not_accepted,
    [PETITION_KIND_SECRECY] = check_secrecy,
    [PETITION_KIND_NUISANCE] = check_nuisance,
    [PETITION_KIND_PRIORITY] = check_priority,
    [PETITION_KIND_TRANSFER] = check_transfer,
};

enum refusal petition_check(const struct decision *decision, const struct incident *incident,
                            const struct task *task, struct petition_asked *asked,
                            enum occasion *occasion)
{
    if ((unsigned)asked->kind >= PETITION_KIND_COUNT || !checks[asked->kind])
        return REFUSAL_MALFORMED;
    return checks[asked->kind](decision, incident, task, asked, occasion);
}

// NOLINTEND(readability-non-const-parameter)

/* ---- whether it still fits ------------------------------------------------------------------ */

static bool extension_fits(const struct core *core, const struct petition *petition)
{
    const struct task *task = core_task(core, petition->task);
    return task && task_is_open(task->state) &&
           petition->incident->state == INCIDENT_STATE_HANDLING;
}

bool petition_fits(const struct core *core, const struct petition *petition)
{
    static const enum incident_step steps[PETITION_KIND_COUNT] = {
        [PETITION_KIND_SUSPENSION] = INCIDENT_STEP_SUSPEND,
        [PETITION_KIND_WITHDRAWAL] = INCIDENT_STEP_WITHDRAW,
        [PETITION_KIND_NOT_ACCEPTED] = INCIDENT_STEP_REFUSE,
        [PETITION_KIND_CLOSE] = INCIDENT_STEP_CLOSE,
        [PETITION_KIND_NUISANCE] = INCIDENT_STEP_VOID,
        [PETITION_KIND_TRANSFER] = INCIDENT_STEP_TRANSFER,
    };
    const struct incident *incident = petition->incident;
    if (petition->asked.kind == PETITION_KIND_EXTENSION)
        return extension_fits(core, petition);
    if (petition->asked.kind == PETITION_KIND_PRIORITY)
        return incident->state == INCIDENT_STATE_DRAFT ||
               incident->state == INCIDENT_STATE_REGISTERED;
    enum incident_step step = steps[petition->asked.kind];
    return step ? incident_may(incident, step) == REFUSAL_NONE
                : !incident_is_closed(incident->state);
}

/* ---- what follows ---------------------------------------------------------------------------- */

static void grant_extension(struct decision *decision, const struct petition *petition)
{
    const struct incident *incident = petition->incident;
    const struct task *task = core_task(decision->core, petition->task);
    REQUIRE(task);
    clock_extend(decision, task, petition->asked.until_ms);
    citizen_text_order(decision, TEMPLATE_EXTENDED, incident, 0);
}

static void grant_suspension(struct decision *decision, const struct petition *petition)
{
    const struct incident *incident = petition->incident;
    work_pause(decision, incident);
    incident_move(decision, incident, incident->state, INCIDENT_STEP_SUSPEND)->petition =
        petition->id;
    clock_start(decision, incident, CLOCK_KIND_SUSPENSION, petition->asked.until_ms);
    citizen_text_order(decision, TEMPLATE_EXTENDED, incident, 0);
}

static void grant_withdrawal(struct decision *decision, const struct petition *petition)
{
    const struct incident *incident = petition->incident;
    work_recall(decision, incident);
    struct incident_moved *moved =
        incident_move(decision, incident, incident->state, INCIDENT_STEP_WITHDRAW);
    moved->petition = petition->id;
    moved->close = CLOSE_CODE_WITHDRAWN;
    citizen_text_order(decision, TEMPLATE_WITHDRAWN, incident, 0);
}

static void grant_not_accepted(struct decision *decision, const struct petition *petition)
{
    const struct petition_asked *asked = &petition->asked;
    const struct incident *incident = petition->incident;
    uint64_t text = 0;
    if (asked->means == TELL_MEANS_SMS)
        text = citizen_text_order(decision, TEMPLATE_NOT_ACCEPTED, incident, 0);
    struct event *event = incident_event(decision, EVENT_CITIZEN_TOLD, incident);
    event->citizen_told.means = asked->means;
    event->citizen_told.excuse = asked->excuse;
    event->citizen_told.text = text;
    struct incident_moved *moved =
        incident_move(decision, incident, incident->state, INCIDENT_STEP_REFUSE);
    moved->petition = petition->id;
    moved->not_accepted = asked->not_accepted;
    moved->close = CLOSE_CODE_OTHER_CHANNEL;
}

static void grant_close(struct decision *decision, const struct petition *petition)
{
    const struct incident *incident = petition->incident;
    struct incident_moved *moved =
        incident_move(decision, incident, incident->state, INCIDENT_STEP_CLOSE);
    moved->petition = petition->id;
    moved->close = petition->asked.close;
}

static void grant_nuisance(struct decision *decision, const struct petition *petition)
{
    const struct incident *incident = petition->incident;
    work_recall(decision, incident);
    struct incident_moved *moved =
        incident_move(decision, incident, incident->state, INCIDENT_STEP_VOID);
    moved->petition = petition->id;
    moved->reason = petition->asked.nuisance;
}

/* The other line has its own record from now on; the citizen tells nothing twice. */
static void grant_transfer(struct decision *decision, const struct petition *petition)
{
    const struct incident *incident = petition->incident;
    struct incident_moved *moved =
        incident_move(decision, incident, incident->state, INCIDENT_STEP_TRANSFER);
    moved->petition = petition->id;
    moved->close = CLOSE_CODE_OTHER_CHANNEL;
    if (petition->asked.line)
        registration_push(decision, incident, petition->asked.line);
}

void petition_grant(struct decision *decision, const struct petition *petition)
{
    switch (petition->asked.kind) {
    case PETITION_KIND_EXTENSION:
        grant_extension(decision, petition);
        return;
    case PETITION_KIND_SUSPENSION:
        grant_suspension(decision, petition);
        return;
    case PETITION_KIND_WITHDRAWAL:
        grant_withdrawal(decision, petition);
        return;
    case PETITION_KIND_NOT_ACCEPTED:
        grant_not_accepted(decision, petition);
        return;
    case PETITION_KIND_CLOSE:
        grant_close(decision, petition);
        return;
    case PETITION_KIND_SECRECY:
        overlay_secrecy(decision, petition->incident, petition->asked.secrecy, petition->id);
        return;
    case PETITION_KIND_NUISANCE:
        grant_nuisance(decision, petition);
        return;
    case PETITION_KIND_PRIORITY:
        overlay_priority(decision, petition->incident, petition->asked.priority, petition->id);
        return;
    case PETITION_KIND_TRANSFER:
        grant_transfer(decision, petition);
        return;
    case PETITION_KIND_NONE:
    case PETITION_KIND_COUNT:
        break;
    }
    REQUIRE(!"a kind of petition");
}

void petition_refuse(struct decision *decision, const struct petition *petition)
{
    const struct incident *incident = petition->incident;
    if (petition->asked.kind != PETITION_KIND_CLOSE ||
        incident->state != INCIDENT_STATE_PENDING_CLOSE)
        return;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_UNSATISFIED);
    incident_next_round(decision, incident);
}
