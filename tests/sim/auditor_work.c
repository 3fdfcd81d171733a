/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on incidents, tasks, clocks and callbacks. */
#include "tests/sim/ledger.h"

enum {
    UTC_OFFSET_H = 8 /* the simulation's city stands still */
};
static const enum clock_kind last_known_clock = CLOCK_KIND_CALLBACK;

#define DAY_MS  86400000ULL
#define HOUR_MS 3600000ULL

/* ---- due times ------------------------------------------------------------------------------- */

/* Working time ends on a working day: in its hours, or at its midnight. (I9) */
static void check_working(const struct seen_incident *incident, uint64_t at_ms, uint64_t due_ms)
{
    enum sla_class sla = incident->round > 1 && !incident->emergency ? SLA_CLASS_R : incident->sla;
    if (due_ms <= at_ms || (sla != SLA_CLASS_G && sla != SLA_CLASS_Q && sla != SLA_CLASS_R))
        return;
    uint64_t local_ms = due_ms + UTC_OFFSET_H * HOUR_MS - 1;
    uint64_t weekday = (local_ms / DAY_MS + 3) % 7; /* 1970-01-01 was a Thursday; 0: Monday */
    PROMISE("I9", weekday < 5, "a working time ends on a weekend");
}

/* ---- tasks ----------------------------------------------------------------------------------- */

void auditor_check_tasks(const struct auditor *auditor, const struct seen_incident *incident)
{
    uint32_t leads = 0, lead = 0, open = 0;
    for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task) {
        const struct seen_task *task = &auditor->tasks[at - 1];
        if (task->stranger)
            return;
        open += auditor_task_is_open(task->state);
        bool gone = task->state == TASK_STATE_RETURNED || task->state == TASK_STATE_RECALLED;
        if (task->kind == TASK_KIND_LEAD && !gone) {
            leads++;
            lead = task->department;
        }
    }
    for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task)
        if (auditor->tasks[at - 1].kind == TASK_KIND_ASSIST &&
            auditor_task_is_open(auditor->tasks[at - 1].state))
            PROMISE("I10", auditor->tasks[at - 1].department != lead, "the lead assists itself");
    enum auditor_work work = auditor_work_in(incident->state);
    PROMISE("I10", leads <= 1, "two leads");
    PROMISE("I10", work != AUDITOR_WORK_OPEN || (leads == 1 && open > 0),
            "one lead while departments work");
    PROMISE("I10", work != AUDITOR_WORK_NONE || open == 0, "a department works on what rests");
}

static void see_task(struct auditor *auditor, const struct event *event)
{
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    const struct task_opened *opened = &event->task_opened;
    uint32_t place = auditor->task_count;
    PROMISE("I10", incident && incident->round == opened->round, "a task of this round");
    PROMISE("I9", opened->sign_due_ms && opened->reply_due_ms, "a task without a clock");
    check_working(incident, event->at_ms, opened->sign_due_ms);
    check_working(incident, event->at_ms, opened->reply_due_ms);
    struct seen_clock sign = { 0 }, reply = { 0 };
    if (opened->has_sign)
        sign = auditor_clock(auditor, event->at_ms, &opened->sign, opened->sign_due_ms);
    if (opened->has_reply)
        reply = auditor_clock(auditor, event->at_ms, &opened->reply, opened->reply_due_ms);
    *LEDGER_ADD(auditor, task) = (struct seen_task){ .id = event->task,
                                                     .incident = event->incident,
                                                     .department = event->department,
                                                     .round = opened->round,
                                                     .next_task = incident->first_task,
                                                     .kind = opened->kind,
                                                     .state = TASK_STATE_SENT,
                                                     .sign = sign,
                                                     .reply = reply,
                                                     .sign_due_ms = opened->sign_due_ms,
                                                     .reply_due_ms = opened->reply_due_ms };
    incident->first_task = place + 1;
    ledger_put(auditor, LEDGER_TASK, event->task, 0, place);
    LEDGER_ENTER(auditor, open_task, tasks, place, open_at);
}

static void check_lead_replies_last(const struct auditor *auditor, const struct seen_task *lead)
{
    const struct seen_incident *incident = ledger_incident(auditor, lead->incident);
    for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task)
        PROMISE("I10",
                &auditor->tasks[at - 1] == lead ||
                    !auditor_task_is_open(auditor->tasks[at - 1].state),
                "the lead replies before an assisting department");
}

/* Emergencies are never sent back; work orders only so often, and not after the centre has ruled. */
static void check_send_back(struct auditor *auditor, struct seen_task *task, enum task_step step)
{
    struct seen_incident *incident = ledger_incident(auditor, task->incident);
    if (step == TASK_STEP_SEND_BACK)
        PROMISE("I8",
                incident->stranger ||
                    (!incident->emergency && !task->final &&
                     incident->returns < auditor->parameters[PARAMETER_RETURN_LIMIT]),
                "sent back what may not be sent back");
    task->final |= step == TASK_STEP_RETURN_REFUSE;
}

static void see_task_move(struct auditor *auditor, const struct event *event)
{
    const struct task_moved *moved = &event->task_moved;
    struct seen_task *task = ledger_task(auditor, event->task);
    PROMISE("I8", task, "a move of no task");
    if (!task->stranger) {
        PROMISE("I8", !task->forgotten && task->state == moved->from, "a task's move");
        PROMISE("I8", auditor_task_is_open(task->state) || moved->step == TASK_STEP_REJECT_REPLY,
                "an ended task moves");
        PROMISE("I8", moved->step != TASK_STEP_REPLY || !task->late,
                "late for an emergency, and nobody said why");
        if (task->kind == TASK_KIND_LEAD && moved->step == TASK_STEP_REPLY)
            check_lead_replies_last(auditor, task);
    }
    if (!task->stranger)
        check_send_back(auditor, task, moved->step);
    bool was_open = auditor_task_is_open(task->state);
    bool is_open = auditor_task_is_open(moved->to);
    task->state = moved->to;
    if (moved->step == TASK_STEP_REPLY)
        task->solved = moved->solved;
    if (was_open && !is_open && !task->forgotten)
        LEDGER_LEAVE(auditor, open_task, tasks, task->open_at, open_at);
    if (!was_open && is_open)
        LEDGER_ENTER(auditor, open_task, tasks, (uint32_t)(task - auditor->tasks), open_at);
}

/* What the citizen would be told is what all say who worked on it. */
static void check_no_contradiction(const struct auditor *auditor,
                                   const struct seen_incident *incident)
{
    bool solved = false, unsolved = false;
    for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task) {
        const struct seen_task *task = &auditor->tasks[at - 1];
        bool replied = task->state == TASK_STATE_REPLIED && task->round == incident->round;
        if (task->stranger)
            return;
        solved |= replied && task->kind == TASK_KIND_LEAD &&
                  (task->solved == DEGREE_YES || task->solved == DEGREE_MOSTLY);
        unsolved |= replied && task->kind == TASK_KIND_ASSIST && task->solved == DEGREE_NO;
    }
    PROMISE("I10", !solved || !unsolved, "solved, says the lead, and an assist says no");
}

/* ---- incidents ------------------------------------------------------------------------------- */

/* A draft has its number from the beginning. */
static void see_draft(struct auditor *auditor, const struct event *event)
{
    const struct incident_drafted *row = &event->incident_drafted;
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    PROMISE("I12", row->again == (incident != NULL), "a draft begins twice");
    if (!incident) {
        uint32_t place = auditor->incident_count;
        PROMISE("I17", row->number > auditor->last_number, "an order number comes again");
        auditor->last_number = row->number;
        incident = LEDGER_ADD(auditor, incident);
        *incident = (struct seen_incident){ .id = event->incident,
                                            .number = row->number,
                                            .line = event->line,
                                            .round = 1,
                                            .state = INCIDENT_STATE_DRAFT,
                                            .started_ms = row->started_ms,
                                            .since_ms = row->started_ms,
                                            .owner = OWNER_COUNT,
                                            .emergency = row->emergency };
        ledger_put(auditor, LEDGER_INCIDENT, event->incident, 0, place);
        LEDGER_ENTER(auditor, open_incident, incidents, place, open_at);
    }
    PROMISE("I8", incident->stranger || incident->state == INCIDENT_STATE_DRAFT,
            "what was registered becomes a draft again");
    incident->caller = row->caller;
    incident->priority = row->priority;
    incident->secrecy = row->secrecy;
}

static bool is_unsafe(const struct incident_registered *row)
{
    return row->text_unsafe || row->anonymous;
}

/* The draft is complete; its move says so next. */
static void see_completion(struct seen_incident *incident, const struct incident_registered *row)
{
    PROMISE("I12", incident->number == row->number, "a draft changes its number");
    PROMISE("I8", incident->stranger || incident->state == INCIDENT_STATE_DRAFT,
            "registered twice");
    incident->caller = row->caller;
    incident->sla = row->sla;
    incident->priority = row->priority;
    incident->secrecy = row->secrecy;
    incident->unsafe = is_unsafe(row);
}

static void see_registration(struct auditor *auditor, const struct event *event)
{
    const struct incident_registered *row = &event->incident_registered;
    uint32_t place = auditor->incident_count;
    struct seen_incident *drafted = ledger_incident(auditor, event->incident);
    auditor_check_guided(auditor, row->origin ? NULL : ledger_contact(auditor, event->contact),
                         row);
    if (drafted) {
        see_completion(drafted, row);
        return;
    }
    PROMISE("I17", row->number > auditor->last_number, "an order number comes again");
    auditor->last_number = row->number;
    *LEDGER_ADD(auditor, incident) = (struct seen_incident){ .id = event->incident,
                                                             .caller = row->caller,
                                                             .number = row->number,
                                                             .line = event->line,
                                                             .round = 1,
                                                             .sla = row->sla,
                                                             .state = INCIDENT_STATE_REGISTERED,
                                                             .started_ms = row->started_ms,
                                                             .since_ms = row->started_ms,
                                                             .owner = OWNER_COUNT,
                                                             .priority = row->priority,
                                                             .secrecy = row->secrecy,
                                                             .emergency = row->emergency,
                                                             .unsafe = is_unsafe(row) };
    ledger_put(auditor, LEDGER_INCIDENT, event->incident, 0, place);
    LEDGER_ENTER(auditor, open_incident, incidents, place, open_at);
}

static void forget_tasks(struct auditor *auditor, struct seen_incident *incident)
{
    for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task) {
        struct seen_task *task = &auditor->tasks[at - 1];
        bool open = auditor_task_is_open(task->state);
        PROMISE("I10", task->stranger || !open, "an open task is left behind");
        if (open && !task->forgotten)
            LEDGER_LEAVE(auditor, open_task, tasks, task->open_at, open_at);
        task->forgotten = true;
    }
    incident->first_task = 0;
}

static void check_all_replied(const struct auditor *auditor, const struct seen_incident *incident)
{
    for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task)
        PROMISE("I10", !auditor_task_is_open(auditor->tasks[at - 1].state),
                "replied while a department works");
}

static void check_reopening(const struct auditor *auditor, const struct seen_incident *incident,
                            const struct incident_moved *moved)
{
    /* What was closed comes back at any time with a new fact. */
    enum parameter window = moved->from == INCIDENT_STATE_DIRECT ? PARAMETER_DIRECT_WINDOW_MS
                                                                 : PARAMETER_REOPEN_WINDOW_MS;
    if (moved->step == INCIDENT_STEP_REOPEN && moved->from != INCIDENT_STATE_CLOSED)
        PROMISE("I8", auditor->at_ms <= incident->closed_ms + auditor->parameters[window],
                "reopened when its time was over");
}

static void check_move(const struct auditor *auditor, const struct seen_incident *incident,
                       const struct incident_moved *moved)
{
    PROMISE("I8", incident->state == moved->from, "a move from where it is not");
    PROMISE("I8",
            auditor_incident_may_move(incident->emergency, moved->from, moved->step, moved->to),
            "a move that is not listed");
    PROMISE("I12", moved->round == incident->round + (moved->to == INCIDENT_STATE_REDO),
            "rounds rise by one");
    if (moved->to == INCIDENT_STATE_CLOSED || moved->to == INCIDENT_STATE_DIRECT)
        PROMISE("I8", incident->told, "closed without telling");
    if (moved->step == INCIDENT_STEP_SATISFIED)
        PROMISE("I12", incident->rated_well, "closed as satisfied, and it was not");
    if (moved->step == INCIDENT_STEP_UNSATISFIED)
        PROMISE("I12", incident->rated && !incident->rated_well, "done again without need");
    if (moved->step == INCIDENT_STEP_UNREACHABLE && moved->from == INCIDENT_STATE_REVISIT)
        PROMISE("I8", incident->tries >= auditor->parameters[PARAMETER_REVISIT_TRIES],
                "given up before they tried often enough");
    check_reopening(auditor, incident, moved);
    if (moved->step == INCIDENT_STEP_REPLY)
        check_all_replied(auditor, incident);
}

static void see_incident_move(struct auditor *auditor, const struct event *event)
{
    const struct incident_moved *moved = &event->incident_moved;
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    PROMISE("I8", incident, "a move of no incident");
    if (!incident->stranger)
        check_move(auditor, incident, moved);
    if (!incident->stranger && moved->to == INCIDENT_STATE_REPLIED)
        check_no_contradiction(auditor, incident);
    bool was_closed = auditor_incident_is_closed(incident->state);
    bool is_closed = auditor_incident_is_closed(moved->to);
    if (moved->round != incident->round)
        incident->texts = 0;
    incident->state = moved->to;
    incident->round = moved->round;
    incident->clock = CLOCK_KIND_NONE;
    incident->rated = incident->rated_well = false;
    incident->returns += moved->step == INCIDENT_STEP_RETURN;
    if (is_closed)
        incident->closed_ms = event->at_ms;
    if (moved->to == INCIDENT_STATE_REDO)
        incident->tries = 0;
    if (moved->from == INCIDENT_STATE_MERGED && moved->step == INCIDENT_STEP_TELL) {
        incident->parent = 0; /* told like its parent: from here on it goes its own way */
        incident->called = false;
    }
    if (was_closed != is_closed) {
        if (is_closed)
            LEDGER_LEAVE(auditor, open_incident, incidents, incident->open_at, open_at);
        else
            LEDGER_ENTER(auditor, open_incident, incidents,
                         (uint32_t)(incident - auditor->incidents), open_at);
    }
    if (moved->to == INCIDENT_STATE_REDO || moved->to == INCIDENT_STATE_REGISTERED) {
        incident->told = false;
        forget_tasks(auditor, incident);
    } else if (is_closed || moved->to == INCIDENT_STATE_DISPUTE) { /* a ruling sends it out anew */
        forget_tasks(auditor, incident);
    }
}

static void see_survey(struct auditor *auditor, const struct event *event)
{
    const struct survey_answered *answered = &event->survey_answered;
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    PROMISE("I12", incident, "a rating of nothing");
    if (incident->stranger)
        return;
    PROMISE("I12", incident->told && answered->round == incident->round,
            "a rating of what nobody was told");
    PROMISE("I12",
            incident->state == INCIDENT_STATE_TOLD || incident->state == INCIDENT_STATE_REVISIT,
            "a rating nobody asked for");
    incident->rated = true;
    incident->rated_well = answered->contacted <= DEGREE_MOSTLY &&
                           answered->solved <= DEGREE_MOSTLY &&
                           answered->satisfied <= DEGREE_MOSTLY;
}

/* ---- petitions ------------------------------------------------------------------------------- */

/* What takes two persons is done by two, and comes to one end. (I21) */
static void see_petition(struct auditor *auditor, const struct event *event)
{
    uint64_t id = event->kind == EVENT_PETITION_ASKED    ? event->petition_asked.petition
                  : event->kind == EVENT_PETITION_AGREED ? event->petition_agreed.petition
                                                         : event->petition_ended.petition;
    uint32_t place = ledger_find(auditor, LEDGER_PETITION, id, 0);
    if (event->kind == EVENT_PETITION_ASKED) {
        PROMISE("I21", !place, "a petition's number comes again");
        ledger_put(auditor, LEDGER_PETITION, id, 0, auditor->petition_count);
        *LEDGER_ADD(auditor, petition) = (struct seen_petition){ id, event->actor, false };
        return;
    }
    PROMISE("I21", place && !auditor->petitions[place - 1].ended, "a petition that is not open");
    if (event->kind == EVENT_PETITION_ENDED)
        auditor->petitions[place - 1].ended = true;
    bool agreed =
        event->kind == EVENT_PETITION_AGREED || event->petition_ended.end == PETITION_END_GRANTED;
    PROMISE("I21",
            !agreed || event->actor_kind != ACTOR_KIND_USER ||
                event->actor != auditor->petitions[place - 1].asker,
            "who asked agrees with themselves");
}

/* ---- clocks ---------------------------------------------------------------------------------- */

static void overdue_once(bool *reported, uint64_t due_ms, const struct event *event)
{
    PROMISE("I9", !*reported, "reported as overdue twice");
    PROMISE("I9", due_ms == event->clock_overdue.due_ms, "overdue at another time");
    PROMISE("I9", event->at_ms >= due_ms, "overdue before its time");
    *reported = true;
}

static void task_overdue(struct seen_task *task, const struct event *event)
{
    switch ((uint32_t)event->clock_overdue.clock) {
    case CLOCK_KIND_SIGN:
        overdue_once(&task->sign_reported, task->sign_due_ms, event);
        break;
    case CLOCK_KIND_REPLY:
        overdue_once(&task->reply_reported, task->reply_due_ms, event);
        break;
    case CLOCK_KIND_RULE_RETURN:
        overdue_once(&task->rule_reported, task->rule_due_ms, event);
        break;
    default:
        break;
    }
}

/* Whoever acknowledges an emergency late, or is late at the scene, owes a reason; nobody else does. */
static void check_reason_owed(struct auditor *auditor, struct seen_task *task,
                              const struct event *event)
{
    const struct seen_incident *incident = ledger_incident(auditor, task->incident);
    enum clock_kind clock = event->clock_overdue.clock;
    bool owes = incident && incident->emergency &&
                (task->kind == TASK_KIND_LEAD || task->kind == TASK_KIND_ASSIST) &&
                (clock == CLOCK_KIND_SIGN || clock == CLOCK_KIND_ARRIVE);
    PROMISE("I9", event->clock_overdue.owes_reason == owes, "who owes a reason for being late");
    task->late |= owes;
}

static void see_overdue(struct auditor *auditor, const struct event *event)
{
    const struct clock_overdue *overdue = &event->clock_overdue;
    if (overdue->clock == CLOCK_KIND_ANSWER) {
        struct seen_contact *contact = ledger_contact(auditor, overdue->subject);
        PROMISE("I9", contact, "overdue nobody");
        overdue_once(&contact->late, contact->due_ms, event);
    } else if (overdue->clock == CLOCK_KIND_CALLBACK) {
        struct seen_callback *callback = ledger_callback(auditor, overdue->subject);
        PROMISE("I9", callback && !callback->ended, "an ended callback is overdue");
        overdue_once(&callback->reported, callback->due_ms, event);
    } else if (event->task) {
        struct seen_task *task = ledger_task(auditor, event->task);
        PROMISE("I9", task && (task->stranger || auditor_task_is_open(task->state)),
                "an ended task is overdue");
        if (!task->stranger) {
            task_overdue(task, event);
            check_reason_owed(auditor, task, event);
        }
    } else {
        struct seen_incident *incident = ledger_incident(auditor, overdue->subject);
        bool known = overdue->clock <= last_known_clock;
        PROMISE("I9", incident || !known, "overdue nothing");
        if (!incident || incident->stranger || (!known && incident->clock != overdue->clock))
            return;
        PROMISE("I9", incident->clock == overdue->clock, "the clock that does not run");
        overdue_once(&incident->reported, incident->clock_due_ms, event);
    }
}

/* Each rung of the ladder once, and not before its time. */
static void see_rung(struct auditor *auditor, const struct event *event)
{
    const struct ladder_climbed *rung = &event->ladder_climbed;
    const struct seen_task *task = ledger_task(auditor, event->task);
    uint64_t which = (uint64_t)rung->level << 16 | (uint64_t)rung->cause << 8 | rung->clock;
    PROMISE("I9", event->at_ms >= rung->at_due_ms, "a rung is climbed before its time");
    if (!task || task->stranger)
        return;
    PROMISE("I9", !ledger_find(auditor, LEDGER_RUNG, event->task, which), "a rung climbed twice");
    ledger_put(auditor, LEDGER_RUNG, event->task, which, 0);
}

static void set_clock(struct auditor *auditor, const struct event *event, enum clock_kind clock,
                      uint64_t due_ms)
{
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    PROMISE("I9", incident, "a clock of nothing");
    incident->clock = clock;
    incident->clock_due_ms = due_ms;
    incident->promise = (struct seen_clock){ 0 };
    incident->reported = false;
    if (clock == CLOCK_KIND_DISPATCH || clock == CLOCK_KIND_TELL)
        check_working(incident, event->at_ms, due_ms);
}

static void see_clock(struct auditor *auditor, const struct event *event)
{
    const struct clock_started *started = &event->clock_started;
    uint64_t start_ms = started->start_ms ? started->start_ms : event->at_ms;
    struct seen_clock clock = { 0 };
    if (started->has_length)
        clock = auditor_clock(auditor, start_ms, &started->length, started->due_ms);
    if (!event->task) {
        set_clock(auditor, event, started->clock, started->due_ms);
        struct seen_incident *incident = ledger_incident(auditor, event->incident);
        incident->promise = clock;
        PROMISE("I30", !incident->unmerged || start_ms == incident->started_ms,
                "parted, and the citizen's wait begins anew");
        incident->unmerged = false;
        return;
    }
    struct seen_task *task = ledger_task(auditor, event->task);
    PROMISE("I9", task, "a clock of no task");
    if (started->clock != CLOCK_KIND_RULE_RETURN)
        return;
    task->rule_due_ms = started->due_ms;
    task->rule_reported = false;
}

/* ---- callbacks ---------------------------------------------------------------------------------- */

static void see_callback(struct auditor *auditor, const struct event *event)
{
    const struct callback_opened *opened = &event->callback_opened;
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    uint32_t known = ledger_find(auditor, LEDGER_CALLER_CALLBACK, opened->caller, 0);
    uint32_t place = auditor->callback_count;
    PROMISE("I7", contact, "a callback to nobody");
    PROMISE("I7", !opened->caller || !known || auditor->callbacks[known - 1].ended,
            "two callbacks to one number");
    PROMISE("I9",
            contact->stranger ||
                opened->due_ms == event->at_ms + auditor->parameters[PARAMETER_CALLBACK_DUE_MS],
            "a callback is due at another time");
    auditor->open_callbacks++;
    auditor->owed_callbacks -= contact->owed;
    contact->owed = false;
    *LEDGER_ADD(auditor, callback) = (struct seen_callback){ .id = opened->callback,
                                                             .contact = event->contact,
                                                             .caller = opened->caller,
                                                             .undiallable = opened->undiallable,
                                                             .quiet = opened->quiet,
                                                             .due_ms = opened->due_ms };
    PROMISE("I35",
            opened->quiet == contact->quiet &&
                opened->undiallable == (contact->undiallable || !contact->caller),
            "a callback forgets what it may do");
    ledger_put(auditor, LEDGER_CALLBACK, opened->callback, 0, place);
    if (opened->caller)
        ledger_put(auditor, LEDGER_CALLER_CALLBACK, opened->caller, 0, place);
}

static void see_callback_end(struct auditor *auditor, const struct event *event)
{
    struct seen_callback *callback = ledger_callback(auditor, event->callback_ended.callback);
    PROMISE("I7", callback && !callback->ended, "a callback ends once");
    auditor->open_callbacks--;
    callback->ended = true;
}

/* What somebody owes: tasks, callbacks, and their clocks. */
static bool see_duty(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_TASK_OPENED:
        see_task(auditor, event);
        return true;
    case EVENT_TASK_MOVED:
        see_task_move(auditor, event);
        return true;
    case EVENT_CALLBACK_OPENED:
        see_callback(auditor, event);
        return true;
    case EVENT_CALLBACK_ENDED:
        see_callback_end(auditor, event);
        return true;
    case EVENT_CLOCK_STARTED:
        see_clock(auditor, event);
        return true;
    case EVENT_LADDER_CLIMBED:
        see_rung(auditor, event);
        return true;
    case EVENT_CLOCK_OVERDUE:
        see_overdue(auditor, event);
        return true;
    default:
        return false;
    }
}

/* What is closed may leave memory; it left, and comes back, as it is on the trail. (I12) */
static void check_row(const struct auditor *auditor, const struct event *event)
{
    const struct closed_incident *row = event->kind == EVENT_INCIDENT_LEFT
                                            ? &event->incident_left.row
                                            : &event->incident_returned.row;
    const struct seen_incident *incident = ledger_incident(auditor, event->incident);
    PROMISE("I12", incident && auditor_incident_is_closed(incident->state),
            "what is open leaves memory");
    PROMISE("I12",
            incident->stranger ||
                (row->incident == incident->id && row->number == incident->number &&
                 row->state == incident->state && row->round == incident->round &&
                 row->caller == incident->caller && row->started_ms == incident->started_ms &&
                 row->emergency == incident->emergency && row->told == incident->told),
            "it leaves, or comes back, as another");
}

bool auditor_see_work(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_INCIDENT_REGISTERED:
        see_registration(auditor, event);
        return true;
    case EVENT_INCIDENT_DRAFTED:
        see_draft(auditor, event);
        return true;
    case EVENT_PETITION_ASKED:
    case EVENT_PETITION_AGREED:
    case EVENT_PETITION_ENDED:
        see_petition(auditor, event);
        return true;
    case EVENT_PRIORITY_CHANGED:
        PROMISE("I8", ledger_incident(auditor, event->incident), "nothing is more urgent");
        ledger_incident(auditor, event->incident)->sla = event->priority_changed.sla;
        ledger_incident(auditor, event->incident)->priority = event->priority_changed.to;
        return true;
    case EVENT_SECRECY_CHANGED:
        PROMISE("I8", ledger_incident(auditor, event->incident), "nothing is more secret");
        ledger_incident(auditor, event->incident)->secrecy = event->secrecy_changed.to;
        return true;
    case EVENT_REPLY_PASSED:
    case EVENT_INFO_ASKED:
    case EVENT_INFO_GIVEN:
    case EVENT_DISPUTE_OPENED:
    case EVENT_DISPUTE_RULED:
    case EVENT_INCIDENT_URGED:
    case EVENT_INCIDENT_SUPERVISED:
    case EVENT_TASK_FORWARDED:
        return true;
    case EVENT_INCIDENT_MOVED:
        see_incident_move(auditor, event);
        return true;
    case EVENT_INCIDENT_LEFT:
    case EVENT_INCIDENT_RETURNED:
        check_row(auditor, event);
        return true;
    case EVENT_CITIZEN_TOLD:
        PROMISE("I8", ledger_incident(auditor, event->incident), "told of nothing");
        ledger_incident(auditor, event->incident)->told = true;
        return true;
    case EVENT_SURVEY_ANSWERED:
        see_survey(auditor, event);
        return true;
    case EVENT_REVISIT_OPENED:
        set_clock(auditor, event, CLOCK_KIND_REVISIT, event->revisit_opened.due_ms);
        return true;
    case EVENT_REVISIT_TRIED:
        PROMISE("I12", ledger_incident(auditor, event->incident), "a visit about nothing");
        ledger_incident(auditor, event->incident)->tries = event->revisit_tried.tries;
        return true;
    case EVENT_INCIDENT_NOTED:
        return true;
    default:
        return see_duty(auditor, event);
    }
}
