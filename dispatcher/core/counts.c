/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "dispatcher/core/core.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/pool.h"
#include "dispatcher/core/state.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/task.h"

/* For figures alone: nothing that is decided walks the contacts. */
static void count_emergencies(const struct core *core, struct core_counts *counts)
{
    for (uint32_t i = 0; i < core->contacts.reached; i++) {
        const struct contact *contact = pool_at(&core->contacts, i);
        if (contact->id == 0 || !contact->line || !contact->line->row.emergency ||
            contact->parked_ms ||
            (contact->state != CONTACT_STATE_WAITING && contact->state != CONTACT_STATE_OFFERED))
            continue;
        counts->emergency_waiting++;
        if (counts->emergency_since_ms == 0 || contact->arrived_ms < counts->emergency_since_ms)
            counts->emergency_since_ms = contact->arrived_ms;
    }
}

void core_count(const struct core *core, struct core_counts *counts)
{
    *counts = (struct core_counts){
        .waiting = core->contacts_in[CONTACT_STATE_WAITING],
        .offered = core->contacts_in[CONTACT_STATE_OFFERED],
        .connected = core->contacts_in[CONTACT_STATE_CONNECTED],
        .callbacks = pool_used(&core->callbacks),
        .reserve = core->reserve.takers,
        .emergency_ready = core->emergency_ready,
    };
    count_emergencies(core, counts);
    for (enum incident_state state = 0; state < INCIDENT_STATE_COUNT; state++)
        if (!incident_is_closed(state))
            counts->open_incidents += core->incidents_in[state];
    for (enum task_state state = 0; state < TASK_STATE_COUNT; state++)
        if (task_is_open(state))
            counts->open_tasks += core->tasks_in[state];
    for (uint32_t i = 0; i < core->users.reached; i++) {
        const struct user *user = pool_at(&core->users, i);
        counts->signed_on += user->signed_on;
        counts->ready += taker_state(user) == TAKER_STATE_READY;
    }
    memcpy(counts->refused, core->refused, sizeof counts->refused);
}
