/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What must hold whenever the core says that nothing is left to do, and in the end. */
#include "dispatcher/core/core.h" /* what it counts, no more */
#include "tests/sim/ledger.h"
#include "tests/sim/witness.h"

static void rest_of_contacts(const struct auditor *auditor, uint64_t now_ms)
{
    PROMISE("I7", auditor->owed_callbacks == 0, "a lost emergency without a callback");
    PROMISE("I6", auditor->strangers || auditor->reserve == auditor_reserve(auditor),
            "another reserve than the rule's");
    for (uint32_t i = 0; i < auditor->live_contact_count; i++) {
        const struct seen_contact *contact = &auditor->contacts[auditor->live_contacts[i]];
        if (contact->stranger)
            continue;
        witness_about(contact->id, 0, 0);
        bool stands = contact->state != CONTACT_STATE_CONNECTED;
        PROMISE("I9", !stands || contact->late || contact->parker || contact->due_ms > now_ms,
                "a late answer unnoticed");
        auditor_rest_of_park(contact, now_ms);
        for (uint32_t j = 0; j < 2; j++)
            PROMISE("I9", !contact->offers[j].id || contact->offers[j].until_ms > now_ms,
                    "an offer stuck beyond its lease");
        auditor_rest_of_transfer(auditor, contact, now_ms);
        auditor_rest_of_caller(contact, now_ms);
        PROMISE("I2", !contact->stranded || auditor->gateway_keep_ms[contact->gateway] > now_ms,
                "a call of a gateway's former life is still here");
        for (uint32_t j = 0; stands && j < auditor->taker_count; j++)
            PROMISE("I5", !auditor_fits(auditor, &auditor->takers[j], contact),
                    "somebody waits for a taker who is idle");
    }
}

static void rest_of_incidents(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->open_incident_count; i++) {
        const struct seen_incident *incident = &auditor->incidents[auditor->open_incidents[i]];
        if (incident->stranger)
            continue;
        witness_about(0, incident->id, 0);
        PROMISE("I9", !incident->clock || incident->reported || incident->clock_due_ms > now_ms,
                "an incident's clock unnoticed");
        bool runs = auditor_work_in(incident->state) == AUDITOR_WORK_NONE &&
                    incident->state != INCIDENT_STATE_MERGED; /* its parent's clock does */
        PROMISE("I9", !runs || incident->clock, "an open step without a clock");
        PROMISE("I29", !incident->owed_priority, "an answer that asks for more changes nothing");
        auditor_rest_of_family(auditor, incident);
        auditor_check_tasks(auditor, incident);
    }
}

static void rest_of_tasks(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->open_task_count; i++) {
        const struct seen_task *task = &auditor->tasks[auditor->open_tasks[i]];
        if (task->stranger)
            continue;
        witness_about(0, task->incident, task->id);
        PROMISE("I9", task->reply_reported || task->reply_due_ms > now_ms,
                "a late reply unnoticed");
        PROMISE("I9",
                task->state != TASK_STATE_SENT || task->sign_reported || task->sign_due_ms > now_ms,
                "a missing signature unnoticed");
        PROMISE("I9",
                task->state != TASK_STATE_RETURN_ASKED || task->rule_reported ||
                    task->rule_due_ms > now_ms,
                "a send-back unnoticed");
    }
}

static void rest_of_callbacks(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->callback_count; i++) {
        const struct seen_callback *callback = &auditor->callbacks[i];
        if (callback->ended)
            continue;
        witness_about(callback->contact, 0, 0);
        PROMISE("I9", callback->reported || callback->due_ms > now_ms, "a callback unnoticed");
        PROMISE("I35", !callback->next_ms || callback->next_ms > now_ms,
                "a busy number is never tried again");
    }
}

void auditor_rest(const struct auditor *auditor, uint64_t now_ms)
{
    rest_of_contacts(auditor, now_ms);
    rest_of_incidents(auditor, now_ms);
    rest_of_tasks(auditor, now_ms);
    rest_of_callbacks(auditor, now_ms);
    auditor_rest_of_storm(auditor, now_ms);
    auditor_rest_of_units(auditor, now_ms);
    auditor_rest_of_texts(auditor, now_ms);
    auditor_rest_of_grants(auditor, now_ms);
    auditor_rest_of_marks(auditor, now_ms);
    auditor_rest_of_parties(auditor);
    auditor_rest_of_survivals(auditor, now_ms);
    witness_about(0, 0, 0);
    for (uint32_t i = 0; i < auditor->taker_count; i++) {
        const struct seen_taker *taker = &auditor->takers[i];
        if (taker->stranger)
            continue;
        PROMISE("I9", !taker->wrap_up_ms || taker->wrap_up_ms > now_ms, "a wrap-up without end");
        PROMISE("I8", !taker->must_go_away, "missed calls and was not sent away");
        PROMISE("I9", !taker->cut_short && !taker->cut_in, "a pause is cut short for nobody");
    }
}

void auditor_count(const struct auditor *auditor, const struct core_counts *counts)
{
    uint32_t in[CONTACT_STATE_COUNT] = { 0 };
    uint32_t signed_on = 0, callbacks = 0, strangers = 0;
    for (uint32_t i = 0; i < auditor->live_contact_count; i++) {
        const struct seen_contact *contact = &auditor->contacts[auditor->live_contacts[i]];
        in[contact->state]++;
        strangers += contact->stranger;
    }
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        signed_on += auditor->takers[i].on;
    for (uint32_t i = 0; i < auditor->callback_count; i++)
        callbacks += !auditor->callbacks[i].ended;
    PROMISE("I23", counts->signed_on == signed_on, "signed-on takers are miscounted");
    PROMISE("I23", counts->open_incidents == auditor->open_incident_count,
            "open incidents are miscounted");
    PROMISE("I23", counts->open_tasks == auditor->open_task_count, "open tasks are miscounted");
    PROMISE("I23", counts->callbacks == callbacks, "callbacks are miscounted");
    PROMISE("I23",
            strangers || (counts->waiting == in[CONTACT_STATE_WAITING] &&
                          counts->offered == in[CONTACT_STATE_OFFERED] &&
                          counts->connected == in[CONTACT_STATE_CONNECTED]),
            "contacts are miscounted");
}

void auditor_drained(const struct auditor *auditor)
{
    for (uint32_t i = 0; i < auditor->live_contact_count; i++) {
        const struct seen_contact *contact = &auditor->contacts[auditor->live_contacts[i]];
        if (contact->stranger)
            continue;
        witness_about(contact->id, 0, 0);
        auditor_broken("I22", "the queue does not drain");
    }
}

void auditor_finished(const struct auditor *auditor, bool all)
{
    for (uint32_t i = 0; i < auditor->promised_count; i++)
        PROMISE("I1",
                ledger_find(auditor, LEDGER_CALL, auditor->promised[i] & ~(255ULL << 56),
                            auditor->promised[i] >> 56),
                "a citizen was told they are heard, and nobody knows them");
    for (uint32_t i = 0; i < SEEN_GATEWAYS_MAX; i++)
        PROMISE("I1", auditor->counted_away[i] >= auditor->turned_away[i],
                "a citizen was turned away, and nobody counts them");
    auditor_finished_texts(auditor);
    auditor_finished_survivals(auditor);
    for (uint32_t i = 0; all && i < auditor->callback_count; i++)
        PROMISE("I22", auditor->callbacks[i].ended, "a callback is never made");
    for (uint32_t i = 0; all && i < auditor->open_incident_count; i++) {
        const struct seen_incident *incident = &auditor->incidents[auditor->open_incidents[i]];
        if (incident->stranger || incident->state == INCIDENT_STATE_MERGED)
            continue;
        witness_about(0, incident->id, 0);
        auditor_broken("I22", "an incident is never closed");
    }
}
