/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * O16 by owner: each millisecond until an order is closed for the first time is one owner's, by the table
 * of proto/owner.h; a department's time on a task that it sent back was air. */
#include <errno.h>

#include "dispatcher/views/kpi.h"
#include "proto/owner.h"

static struct key ledger_key(uint64_t incident)
{
    return key_of1(VIEW_LEDGER, incident);
}

static void book(struct incident_ledger *ledger, uint64_t at_ms)
{
    uint64_t ms = at_ms > ledger->since_ms ? at_ms - ledger->since_ms : 0;
    ledger->owned_ms[ledger->owner] += ms;
    if (ledger->owner == OWNER_DEPARTMENT)
        ledger->lead_ms += ms;
    ledger->since_ms += ms;
}

/* Whose it is now. */
static void pass(struct incident_ledger *ledger, uint64_t at_ms)
{
    book(ledger, at_ms);
    ledger->owner =
        owner_of(ledger->state, ledger->return_asked ? OVERLAY_RETURN_ASKED : OVERLAY_NONE);
}

static int put(const struct change *change, const struct incident_ledger *ledger)
{
    return row_put(change, ledger_key(ledger->incident), SCHEMA_INCIDENT_LEDGER, ledger);
}

/* Unless it is a draft that is complete now, or has had its first end. */
static int begin(const struct change *change, uint64_t started_ms, enum incident_state state)
{
    struct incident_ledger ledger = { .incident = 0 };
    struct incident_stamps stamps;
    uint64_t incident = change->event->incident;
    int status = row_take(change, ledger_key(incident), SCHEMA_INCIDENT_LEDGER, &ledger);
    if (status == -ENOENT)
        status = kpi_stamps_of(change, incident, &stamps);
    if (status != -ENOENT)
        return status;
    ledger = (struct incident_ledger){ .incident = incident,
                                       .state = state,
                                       .since_ms = started_ms,
                                       .owner = owner_of(state, OVERLAY_NONE),
                                       .owned_ms_count = OWNER_COUNT };
    return put(change, &ledger);
}

/* Returns whether the event changes anything. */
static bool take(struct incident_ledger *ledger, const struct event *event)
{
    switch (event->kind) {
    case EVENT_INCIDENT_MOVED:
        ledger->state = event->incident_moved.to;
        pass(ledger, event->at_ms);
        return true;
    case EVENT_TASK_OPENED:
        book(ledger, event->at_ms);
        ledger->lead_task = event->task;
        ledger->lead_ms = 0;
        ledger->return_asked = false;
        pass(ledger, event->at_ms);
        return true;
    default: /* a step of a task */
        break;
    }
    bool asked = event->task_moved.to == TASK_STATE_RETURN_ASKED;
    bool returned = event->task_moved.step == TASK_STEP_RETURN_ACCEPT;
    if (event->task != ledger->lead_task || (asked == ledger->return_asked && !returned))
        return false;
    ledger->return_asked = asked;
    pass(ledger, event->at_ms);
    if (returned) {
        ledger->air_ms += ledger->lead_ms;
        ledger->lead_ms = 0;
    }
    return true;
}

int kpi_ledger_pass(const struct change *change)
{
    const struct event *event = change->event;
    struct incident_ledger ledger;
    switch (event->kind) {
    case EVENT_INCIDENT_DRAFTED:
        return begin(change, event->incident_drafted.started_ms, INCIDENT_STATE_DRAFT);
    case EVENT_INCIDENT_REGISTERED:
        return begin(change, event->incident_registered.started_ms, INCIDENT_STATE_REGISTERED);
    case EVENT_TASK_OPENED:
        if (event->task_opened.kind != TASK_KIND_LEAD)
            return 0;
        break;
    case EVENT_INCIDENT_MOVED:
    case EVENT_TASK_MOVED:
        break;
    default: /* passes no ball */
        return 0;
    }
    int status = row_take(change, ledger_key(event->incident), SCHEMA_INCIDENT_LEDGER, &ledger);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    return take(&ledger, event) ? put(change, &ledger) : 0;
}

int kpi_ledger_close(const struct change *change, uint32_t lead)
{
    static const enum kpi_count counts[OWNER_COUNT] = {
        [OWNER_CENTRE] = KPI_COUNT_OWNED_CENTRE_MS,
        [OWNER_DEPARTMENT] = KPI_COUNT_OWNED_DEPARTMENT_MS,
        [OWNER_CITIZEN] = KPI_COUNT_OWNED_CITIZEN_MS,
        [OWNER_DISPUTE] = KPI_COUNT_OWNED_DISPUTE_MS,
        [OWNER_SUSPENDED] = KPI_COUNT_OWNED_SUSPENDED_MS,
        [OWNER_OTHER_LINE] = KPI_COUNT_OWNED_OTHER_LINE_MS,
    };
    struct incident_ledger ledger;
    struct key key = ledger_key(change->event->incident);
    uint64_t at_ms = change->event->at_ms;
    int status = row_take(change, key, SCHEMA_INCIDENT_LEDGER, &ledger);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    ledger.owned_ms[OWNER_DEPARTMENT] -= ledger.air_ms;
    status = kpi_add_to_order(change, at_ms, lead, KPI_COUNT_OWNED_AIR_MS, ledger.air_ms);
    for (enum owner owner = OWNER_NONE + 1; status == 0 && owner < OWNER_COUNT; owner++)
        status = kpi_add_to_order(change, at_ms, lead, counts[owner], ledger.owned_ms[owner]);
    return status < 0 ? status : row_remove(change, key);
}
