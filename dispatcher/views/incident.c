/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

static bool is_open(enum incident_state state)
{
    switch (state) {
    case INCIDENT_STATE_NONE:
    case INCIDENT_STATE_CLOSED:
    case INCIDENT_STATE_DIRECT:
    case INCIDENT_STATE_VOID:
    case INCIDENT_STATE_WITHDRAWN:
    case INCIDENT_STATE_NOT_ACCEPTED:
    case INCIDENT_STATE_MERGED:
    case INCIDENT_STATE_TRANSFERRED:
    case INCIDENT_STATE_ARCHIVED:
        return false;
    default:
        return true;
    }
}

static bool task_is_open(enum task_state state)
{
    return state != TASK_STATE_NONE && state != TASK_STATE_RETURNED &&
           state != TASK_STATE_REPLIED && state != TASK_STATE_RECALLED;
}

static struct key incident_key(uint64_t incident)
{
    return key_of1(VIEW_INCIDENT, incident);
}

static int incident_get(const struct change *change, uint64_t incident, struct incident_row *row)
{
    return row_take(change, incident_key(incident), SCHEMA_INCIDENT_ROW, row);
}

static int incident_file(const struct change *change, enum incident_by by, uint64_t value,
                         uint64_t incident, bool in)
{
    struct key key = key_of3(VIEW_INCIDENT_BY, by, value, incident);
    return in ? mark_put(change, key) : mark_remove(change, key);
}

static int state_refile(const struct change *change, const struct incident_row *before,
                        const struct incident_row *row)
{
    bool was_open = is_open(before->state), open = is_open(row->state);
    int status = 0;
    if (before->state != INCIDENT_STATE_NONE)
        status = incident_file(change, BY_STATE, before->state, row->incident, false);
    if (status == 0)
        status = incident_file(change, BY_STATE, row->state, row->incident, true);
    if (status == 0 && was_open != open)
        status = incident_file(change, BY_OPEN, 1, row->incident, open);
    if (status == 0 && was_open != open)
        status = number_add(change, key_of2(VIEW_COUNT, COUNT_OPEN, 0), open ? 1 : -1);
    return status;
}

static int overdue_count(const struct change *change, bool before, bool now)
{
    return before == now ? 0
                         : number_add(change, key_of2(VIEW_COUNT, COUNT_OVERDUE, 0), now ? 1 : -1);
}

/* Moves it from one list to another; 0 is no list. */
static int fact_refile(const struct change *change, enum incident_by by, uint64_t before,
                       uint64_t value, uint64_t incident)
{
    int status = 0;
    if (before == value)
        return 0;
    if (before)
        status = incident_file(change, by, before, incident, false);
    return status < 0 || !value ? status : incident_file(change, by, value, incident, true);
}

/* A draft's day is that of its begin until it is registered. */
static uint32_t registered_on(const struct change *change, const struct incident_row *row)
{
    return row->registered_ms ? day_of(change->views, row->registered_ms) : 0;
}

static uint64_t cell_of(const struct incident_row *row)
{
    return row->east_cell && row->north_cell ? cell_value(row->east_cell, row->north_cell) : 0;
}

static int facts_refile(const struct change *change, const struct incident_row *before,
                        const struct incident_row *row)
{
    uint64_t incident = row->incident;
    int status = fact_refile(change, BY_CATEGORY, before->category, row->category, incident);
    if (status == 0)
        status = fact_refile(change, BY_DISTRICT, before->district, row->district, incident);
    if (status == 0)
        status = fact_refile(change, BY_TAKER, before->taker, row->taker, incident);
    if (status == 0)
        status = fact_refile(change, BY_LINE, before->line, row->line, incident);
    if (status == 0)
        status = fact_refile(change, BY_CALLER, before->caller, row->caller, incident);
    if (status == 0)
        status = fact_refile(change, BY_CELL, cell_of(before), cell_of(row), incident);
    if (status == 0)
        status = fact_refile(change, BY_SECRET, before->secrecy >= SECRECY_SEALED,
                             row->secrecy >= SECRECY_SEALED, incident);
    return status < 0 ? status
                      : fact_refile(change, BY_DAY, registered_on(change, before),
                                    registered_on(change, row), incident);
}

static int incident_save(const struct change *change, const struct incident_row *before,
                         const struct incident_row *row)
{
    int status = before->state == row->state ? 0 : state_refile(change, before, row);
    if (status == 0)
        status = facts_refile(change, before, row);
    if (status == 0)
        status = overdue_count(change, before->overdue, row->overdue);
    return status < 0 ? status
                      : row_put(change, incident_key(row->incident), SCHEMA_INCIDENT_ROW, row);
}

static int incident_registered(const struct change *change)
{
    const struct event *event = change->event;
    const struct incident_registered *registered = &event->incident_registered;
    struct incident_row before = { .incident = event->incident };
    struct incident_row row = { .incident = event->incident,
                                .number = registered->number,
                                .line = event->line,
                                .category = registered->category,
                                .priority = registered->priority,
                                .sla = registered->sla,
                                .state = INCIDENT_STATE_REGISTERED,
                                .district = registered->district,
                                .secrecy = registered->secrecy,
                                .emergency = registered->emergency,
                                .round = 1,
                                .registered_ms = event->at_ms,
                                .moved_ms = event->at_ms,
                                .taker = event->taker ? event->taker : event->actor,
                                .caller = registered->caller,
                                .started_ms = registered->started_ms,
                                .origin = registered->origin,
                                .east_cell = registered->east_cell,
                                .north_cell = registered->north_cell };
    int status = incident_save(change, &before, &row);
    return status < 0 ? status : incident_file(change, BY_NUMBER, row.number, row.incident, true);
}

/* A draft is filed as it will stand when it is registered. */
static int incident_drafted(const struct change *change)
{
    const struct event *event = change->event;
    const struct incident_drafted *drafted = &event->incident_drafted;
    struct incident_row before = { .incident = event->incident };
    struct incident_row row = { .incident = event->incident,
                                .number = drafted->number,
                                .line = event->line,
                                .category = drafted->category,
                                .priority = drafted->priority,
                                .state = INCIDENT_STATE_DRAFT,
                                .district = drafted->district,
                                .secrecy = drafted->secrecy,
                                .emergency = drafted->emergency,
                                .round = 1,
                                .registered_ms = event->at_ms,
                                .moved_ms = event->at_ms,
                                .taker = event->taker ? event->taker : event->actor,
                                .caller = drafted->caller,
                                .started_ms = drafted->started_ms };
    int status = incident_save(change, &before, &row);
    return status < 0 ? status : incident_file(change, BY_NUMBER, row.number, row.incident, true);
}

static void incident_moved(const struct event *event, struct incident_row *row)
{
    const struct incident_moved *moved = &event->incident_moved;
    row->state = moved->to;
    row->round = moved->round;
    row->moved_ms = event->at_ms;
    row->clock = CLOCK_KIND_NONE;
    row->due_ms = 0;
    row->overdue = false;
    row->revisit = moved->to == INCIDENT_STATE_REVISIT;
    row->suspended_until_ms = 0;
    row->void_reason = moved->to == INCIDENT_STATE_VOID ? moved->reason : VOID_REASON_NONE;
    row->close = is_open(moved->to) ? CLOSE_CODE_NONE : moved->close ? moved->close : row->close;
    if (moved->step == INCIDENT_STEP_RETURN)
        row->returns++;
}

static void incident_raised(const struct incident_raised *raised, struct incident_row *row)
{
    row->priority = raised->priority;
    row->sla = raised->sla;
    row->secrecy = raised->secrecy;
    row->risks = raised->risks;
    if (raised->due_ms)
        row->due_ms = raised->due_ms;
}

static void clock_started(struct incident_row *row, enum clock_kind clock, uint64_t due_ms)
{
    row->clock = clock;
    row->due_ms = due_ms;
    row->overdue = false;
    if (clock == CLOCK_KIND_SUSPENSION)
        row->suspended_until_ms = due_ms;
}

static void facts_changed(struct incident_row *row, uint32_t category, enum priority priority,
                          uint32_t district, enum secrecy secrecy)
{
    row->category = category;
    row->priority = priority;
    row->district = district;
    row->secrecy = secrecy;
}

/* What lies over the incident whatever its state; false: nothing of that. */
static bool overlay_change(const struct event *event, struct incident_row *row)
{
    switch (event->kind) {
    case EVENT_INFO_ASKED:
        row->missing = event->info_asked.missing;
        return true;
    case EVENT_INFO_GIVEN:
        row->missing = 0;
        return true;
    case EVENT_PRIORITY_CHANGED:
        row->priority = event->priority_changed.to;
        row->sla = event->priority_changed.sla;
        return true;
    case EVENT_SECRECY_CHANGED:
        row->secrecy = event->secrecy_changed.to;
        return true;
    case EVENT_INCIDENT_URGED:
        row->urges = event->incident_urged.urges;
        return true;
    case EVENT_INCIDENT_SUPERVISED:
        row->supervise = event->incident_supervised.to;
        return true;
    case EVENT_PETITION_ASKED:
        row->petition = event->petition_asked.kind;
        return true;
    case EVENT_PETITION_ENDED:
        if (row->petition == event->petition_ended.kind)
            row->petition = PETITION_KIND_NONE;
        return true;
    default:
        return false;
    }
}

/* What a clock of the whole incident, and no task's, changes in its row. */
static bool clock_change(const struct event *event, struct incident_row *row)
{
    switch (event->kind) {
    case EVENT_CLOCK_STARTED:
        if (event->task)
            return false;
        clock_started(row, event->clock_started.clock, event->clock_started.due_ms);
        return true;
    case EVENT_CLOCK_OVERDUE:
        if (event->task || event->clock_overdue.clock == CLOCK_KIND_ANSWER ||
            event->clock_overdue.clock == CLOCK_KIND_CALLBACK ||
            event->clock_overdue.clock == CLOCK_KIND_PETITION)
            return false;
        row->overdue = true;
        return true;
    case EVENT_CLOCK_MOVED:
        if (event->task)
            return false;
        row->due_ms = event->clock_moved.due_ms;
        return true;
    default: /* the many kinds that leave the row as it is */
        return overlay_change(event, row);
    }
}

/* What the event changes in the row of its incident; false: nothing. */
static bool row_change(const struct event *event, struct incident_row *row)
{
    switch (event->kind) {
    case EVENT_INCIDENT_DRAFTED:
        facts_changed(row, event->incident_drafted.category, event->incident_drafted.priority,
                      event->incident_drafted.district, event->incident_drafted.secrecy);
        row->caller = event->incident_drafted.caller;
        return true;
    case EVENT_INCIDENT_REGISTERED: /* a draft is completed */
        facts_changed(row, event->incident_registered.category, event->incident_registered.priority,
                      event->incident_registered.district, event->incident_registered.secrecy);
        row->sla = event->incident_registered.sla;
        row->registered_ms = event->at_ms;
        row->caller = event->incident_registered.caller;
        row->east_cell = event->incident_registered.east_cell;
        row->north_cell = event->incident_registered.north_cell;
        return true;
    case EVENT_INCIDENT_MOVED:
        incident_moved(event, row);
        return true;
    case EVENT_CONTACT_ATTACHED:
        row->contacts++;
        return true;
    case EVENT_INCIDENT_RAISED:
        incident_raised(&event->incident_raised, row);
        return true;
    case EVENT_CITIZEN_TOLD:
        row->told = event->citizen_told.means;
        return true;
    case EVENT_SURVEY_ANSWERED:
        row->solved = event->survey_answered.solved;
        row->satisfied = event->survey_answered.satisfied;
        return true;
    case EVENT_REVISIT_OPENED:
        row->revisit = true;
        clock_started(row, CLOCK_KIND_REVISIT, event->revisit_opened.due_ms);
        return true;
    case EVENT_REVISIT_TRIED:
        row->revisit = !event->revisit_tried.reached;
        return true;
    case EVENT_TASK_OPENED:
        if (event->task_opened.kind != TASK_KIND_LEAD)
            return false;
        row->lead = event->department;
        row->level = LADDER_LEVEL_NONE;
        return true;
    case EVENT_LADDER_CLIMBED:
        if (event->ladder_climbed.level <= row->level)
            return false;
        row->level = event->ladder_climbed.level;
        return true;
    default:
        return clock_change(event, row);
    }
}

/* ---- tasks --------------------------------------------------------------------------------- */

static int task_save(const struct change *change, const struct task_row *before,
                     const struct task_row *row)
{
    bool was_open = task_is_open(before->state), open = task_is_open(row->state);
    int status = overdue_count(change, before->overdue, row->overdue);
    for (int any = 0; status == 0 && was_open != open && any < 2; any++) {
        struct key key = key_of2(VIEW_TASK_OPEN, any ? 0 : row->department, row->task);
        status = open ? mark_put(change, key) : mark_remove(change, key);
    }
    return status < 0 ? status
                      : row_put(change, key_of1(VIEW_TASK, row->task), SCHEMA_TASK_ROW, row);
}

static int task_opened(const struct change *change, const struct incident_row *incident)
{
    const struct event *event = change->event;
    const struct task_opened *opened = &event->task_opened;
    struct task_row before = { .task = event->task };
    struct task_row row = { .task = event->task,
                            .incident = event->incident,
                            .department = event->department,
                            .kind = opened->kind,
                            .state = TASK_STATE_SENT,
                            .sent_ms = event->at_ms,
                            .moved_ms = event->at_ms,
                            .due_ms =
                                opened->sign_due_ms ? opened->sign_due_ms : opened->reply_due_ms,
                            .clock = opened->sign_due_ms ? CLOCK_KIND_SIGN : CLOCK_KIND_REPLY,
                            .returnable = !opened->final,
                            .round = opened->round,
                            .version = event->seq,
                            .number = incident->number,
                            .category = incident->category,
                            .priority = incident->priority,
                            .district = incident->district,
                            .reply_due_ms = opened->reply_due_ms,
                            .first_due_ms = opened->reply_due_ms };
    int status = task_save(change, &before, &row);
    if (status == 0)
        status = mark_put(change, key_of2(VIEW_TASK_HAS, row.incident, row.task));
    for (int any = 0; status == 0 && any < 2; any++)
        status = mark_put(change, key_of2(VIEW_TASK_BY, any ? 0 : row.department, row.task));
    if (status == 0)
        status = incident_file(change, BY_DEPARTMENT, row.department, row.incident, true);
    return status;
}

static void task_clock(struct task_row *row, enum clock_kind clock, uint64_t due_ms)
{
    row->clock = due_ms ? clock : CLOCK_KIND_NONE;
    row->due_ms = due_ms;
    row->overdue = false;
}

/* First times; what comes later changes none of them. */
static void task_stamp(const struct event *event, struct task_row *row)
{
    enum task_step step = event->task_moved.step;
    uint64_t *stamp = step == TASK_STEP_SIGN     ? &row->signed_ms
                      : step == TASK_STEP_ARRIVE ? &row->arrived_ms
                      : step == TASK_STEP_REPLY  ? &row->replied_ms
                                                 : NULL;
    if (stamp && !*stamp)
        *stamp = event->at_ms;
}

static void demand(struct task_row *row, enum ladder_level level, uint64_t due_ms)
{
    row->demanded = level;
    row->demand_due_ms = due_ms;
}

static void task_moved(const struct event *event, struct task_row *row)
{
    const struct task_moved *moved = &event->task_moved;
    row->state = moved->to;
    row->moved_ms = event->at_ms;
    row->version = event->seq;
    task_stamp(event, row);
    bool urged = row->demanded == LADDER_LEVEL_URGE_1;
    if ((moved->step == TASK_STEP_SIGN && urged) || !task_is_open(moved->to))
        demand(row, LADDER_LEVEL_NONE, 0);
    switch (moved->step) {
    case TASK_STEP_SIGN:
    case TASK_STEP_CONTACT:
    case TASK_STEP_ARRIVE: /* the next acknowledgement's clock follows as an event, or none does */
    case TASK_STEP_REJECT_REPLY:
        task_clock(row, CLOCK_KIND_REPLY, row->reply_due_ms);
        break;
    case TASK_STEP_SEND_BACK:
        row->reason = moved->reason;
        task_clock(row, CLOCK_KIND_NONE, 0); /* the centre's clock follows as an event */
        break;
    case TASK_STEP_RETURN_REFUSE:
        row->returnable = false;
        task_clock(row, CLOCK_KIND_REPLY, row->reply_due_ms);
        break;
    case TASK_STEP_RETURN_ACCEPT:
    case TASK_STEP_REPLY:
    case TASK_STEP_RECALL:
    case TASK_STEP_NOTE:
        task_clock(row, CLOCK_KIND_NONE, 0);
        break;
    case TASK_STEP_NONE:
    case TASK_STEP_SEND:
    case TASK_STEP_ROLL:
    case TASK_STEP_COUNT:
        break;
    }
}

static void task_overdue(const struct event *event, struct task_row *row)
{
    row->overdue = true;
    row->owes_reason |= event->clock_overdue.owes_reason;
    if (event->clock_overdue.clock == CLOCK_KIND_REPLY && !row->replied_ms && !row->missed_ms)
        row->missed_ms = row->reply_due_ms;
}

static void task_answered(const struct demand_answered *answered, struct task_row *row)
{
    if (answered->level)
        demand(row, LADDER_LEVEL_NONE, 0);
    if (!answered->reason)
        return;
    row->owes_reason = false;
    row->late_reason = answered->reason;
}

/* The department's word from the spot. */
static bool task_noted(struct task_row *row)
{
    bool asked = row->demanded == LADDER_LEVEL_ORANGE, awaited = row->clock == CLOCK_KIND_FEEDBACK;
    if (asked)
        demand(row, LADDER_LEVEL_NONE, 0);
    if (awaited)
        task_clock(row, CLOCK_KIND_REPLY, row->reply_due_ms);
    return asked || awaited;
}

/* What else its clocks do; false: nothing that the row tells. */
static bool task_clock_changed(const struct event *event, struct task_row *row)
{
    switch (event->kind) {
    case EVENT_CLOCK_MOVED:
        if (event->clock_moved.clock == CLOCK_KIND_REPLY && event->clock_moved.due_ms)
            row->reply_due_ms = event->clock_moved.due_ms;
        if (event->clock_moved.demand_due_ms)
            row->demand_due_ms = event->clock_moved.demand_due_ms;
        if (row->clock == event->clock_moved.clock)
            row->due_ms = event->clock_moved.due_ms;
        return true;
    case EVENT_LADDER_CLIMBED:
        if (event->ladder_climbed.level > row->level)
            row->level = event->ladder_climbed.level;
        if (event->ladder_climbed.due_ms)
            demand(row, event->ladder_climbed.level, event->ladder_climbed.due_ms);
        return true;
    case EVENT_INCIDENT_URGED:
        if (!event->incident_urged.due_ms)
            return false;
        demand(row, LADDER_LEVEL_URGE_1, event->incident_urged.due_ms);
        return true;
    case EVENT_CLOCK_OVERDUE: /* nobody answered the demand */
        demand(row, LADDER_LEVEL_NONE, 0);
        return true;
    case EVENT_DEMAND_ANSWERED:
        task_answered(&event->demand_answered, row);
        return true;
    case EVENT_INCIDENT_NOTED:
        return task_noted(row);
    default: /* the many kinds that are about no clock */
        return false;
    }
}

/* What a petition about it means for the task. */
static bool task_petitioned(const struct event *event, struct task_row *row)
{
    if (event->kind == EVENT_PETITION_ASKED) {
        row->extension_asked = true;
        return true;
    }
    if (event->kind != EVENT_PETITION_ENDED)
        return false;
    row->extension_asked = false;
    row->extensions += event->petition_ended.end == PETITION_END_GRANTED;
    return true;
}

/* The petition's own row tells it. */
static bool is_petitions_clock(const struct event *event)
{
    return event->kind == EVENT_CLOCK_OVERDUE && event->clock_overdue.clock == CLOCK_KIND_PETITION;
}

static bool is_overdue_work(const struct event *event)
{
    return event->kind == EVENT_CLOCK_OVERDUE && !is_petitions_clock(event) &&
           event->clock_overdue.clock != CLOCK_KIND_DEMAND;
}

static int task_changed(const struct change *change)
{
    const struct event *event = change->event;
    struct task_row before, row;
    int status = row_take(change, key_of1(VIEW_TASK, event->task), SCHEMA_TASK_ROW, &before);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row = before;
    if (event->kind == EVENT_TASK_MOVED)
        task_moved(event, &row);
    else if (event->kind == EVENT_CLOCK_STARTED)
        task_clock(&row, event->clock_started.clock, event->clock_started.due_ms);
    else if (is_overdue_work(event))
        task_overdue(event, &row);
    else if (event->kind == EVENT_TASK_FORWARDED)
        row.handler = event->task_forwarded.handler;
    else if (is_petitions_clock(event) ||
             (!task_petitioned(event, &row) && !task_clock_changed(event, &row)))
        return 0;
    return task_save(change, &before, &row);
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* A contact that was split off is the other one's no more; that one's trail keeps what it told. */
static int contact_attached(const struct change *change)
{
    const struct event *event = change->event;
    uint64_t left = event->contact_attached.left;
    struct incident_row row;
    int status = mark_put(change, key_of2(VIEW_INCIDENT_HAS, event->incident, event->contact));
    if (status < 0 || !left)
        return status;
    status = incident_get(change, left, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    if (row.contacts > 0)
        row.contacts--;
    status = row_put(change, incident_key(left), SCHEMA_INCIDENT_ROW, &row);
    return status < 0 ? status
                      : mark_remove(change, key_of2(VIEW_INCIDENT_HAS, left, event->contact));
}

static int incident_changed(const struct change *change)
{
    const struct event *event = change->event;
    struct incident_row before, row;
    int status = incident_get(change, event->incident, &before);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row = before;
    if (row_change(event, &row))
        status = incident_save(change, &before, &row);
    if (status == 0 && event->kind == EVENT_TASK_OPENED)
        status = task_opened(change, &row);
    if (status == 0 && event->kind == EVENT_CONTACT_ATTACHED)
        status = contact_attached(change);
    return status;
}

/* ---- out of memory and back ------------------------------------------------------------------ */

int views_left(struct transaction *transaction, uint64_t incident, uint64_t *seq)
{
    struct key prefix = key_of1(VIEW_LEFT, incident);
    struct slice value;
    return view_next(transaction, &prefix, &prefix, seq, &value);
}

/* Stored at once: a command of the same turn may name the incident. */
static int left_changed(const struct change *change)
{
    const struct event *event = change->event;
    uint64_t seq = event->seq;
    bool left = event->kind == EVENT_INCIDENT_LEFT;
    int status = left ? 0 : views_left(change->write, event->incident, &seq);
    if (status < 0)
        return status;
    struct key key = key_of2(VIEW_LEFT, event->incident, seq);
    return left ? transaction_put(change->write, TABLE_VIEWS, key_slice(&key),
                                  (struct slice){ .data = NULL })
                : transaction_remove(change->write, TABLE_VIEWS, key_slice(&key));
}

/* Nobody finds it by the citizen's number any more. */
static int incident_erased(const struct change *change)
{
    struct incident_row before, row;
    int status = incident_get(change, change->event->incident, &before);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row = before;
    row.caller = 0;
    row.erased_ms = change->event->at_ms;
    if (before.caller)
        status = incident_file(change, BY_CALLER, before.caller, before.incident, false);
    return status < 0 ? status : incident_save(change, &before, &row);
}

int apply_to_incidents(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_INCIDENT_DRAFTED && !event->incident_drafted.again)
        return incident_drafted(change);
    if (event->kind == EVENT_INCIDENT_REGISTERED) {
        struct incident_row row;
        int known = incident_get(change, event->incident, &row); /* a draft, perhaps */
        if (known != 0)
            return known == -ENOENT ? incident_registered(change) : known;
    }
    if (event->kind == EVENT_ERASED)
        return event->incident == event->erased.subject ? incident_erased(change) : 0;
    if (event->kind == EVENT_INCIDENT_LEFT || event->kind == EVENT_INCIDENT_RETURNED)
        return left_changed(change);
    int status = event->incident ? incident_changed(change) : 0;
    if (status == 0 && event->task && event->kind != EVENT_TASK_OPENED)
        status = task_changed(change);
    return status;
}
