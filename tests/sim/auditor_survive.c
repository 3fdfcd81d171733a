/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on what gateways did without a dispatcher: each caller whom a telephone of a plan answered is
 * told of once, with that telephone, that line and that time; they are with the seat whose telephone it is, or
 * with nobody's; nobody is asked for them meanwhile. (I38) */
#include <string.h>

#include "tests/sim/ledger.h"

/* ---- what happened ----------------------------------------------------------------------------- */

/* Of a call, the one answered then; a telephone may die, and another one answer. NULL: none. */
static struct seen_survival *answered_at(const struct auditor *auditor, uint32_t gateway,
                                         uint64_t call, uint64_t answered_ms)
{
    uint32_t place = ledger_find(auditor, LEDGER_SURVIVAL, call, gateway);
    while (place && auditor->survivals[place - 1].said.answered_ms != answered_ms)
        place = auditor->survivals[place - 1].before;
    return place ? &auditor->survivals[place - 1] : NULL;
}

/* NULL: the dispatcher never had the call. */
static const struct seen_contact *called(const struct auditor *auditor,
                                         const struct seen_survival *survival)
{
    uint32_t place = ledger_find(auditor, LEDGER_CALL, survival->said.call, survival->gateway);
    return place ? &auditor->contacts[place - 1] : NULL;
}

void auditor_survives(struct auditor *auditor, uint32_t gateway, uint32_t line,
                      const struct contact_survive *said, bool alone)
{
    uint32_t place = auditor->survival_count;
    if (answered_at(auditor, gateway, said->call, said->answered_ms))
        return; /* said again */
    uint32_t before = ledger_find(auditor, LEDGER_SURVIVAL, said->call, gateway);
    *LEDGER_ADD(auditor, survival) = (struct seen_survival){
        .gateway = gateway, .line = line, .said = *said, .before = before, .alone = alone
    };
    ledger_put(auditor, LEDGER_SURVIVAL, said->call, gateway, place);
}

void auditor_stood(struct auditor *auditor, uint32_t gateway)
{
    for (uint32_t i = 0; i < auditor->survival_count; i++)
        auditor->survivals[i].alone &= auditor->survivals[i].gateway != gateway;
}

/* Else its callers are offered while they talk. */
static void see_rise(struct auditor *auditor, const struct gateway_rose *rose)
{
    bool same = auditor->gateway_epoch[rose->gateway % SEEN_GATEWAYS_MAX] == rose->epoch;
    for (uint32_t i = 0; same && !rose->hold_until_ms && i < auditor->survival_count; i++) {
        const struct seen_survival *survival = &auditor->survivals[i];
        PROMISE("I38",
                survival->gateway != rose->gateway || !survival->alone || survival->told ||
                    survival->over,
                "a gateway was alone, and does not say so");
    }
    auditor_stood(auditor, rose->gateway);
}

void auditor_survival_kept(struct auditor *auditor, uint32_t gateway, uint64_t call,
                           uint64_t answered_ms)
{
    struct seen_survival *survival = answered_at(auditor, gateway, call, answered_ms);
    PROMISE("I38", survival, "a report of nobody");
    survival->kept = true;
}

void auditor_survival_heard(struct auditor *auditor, uint32_t gateway, uint64_t call,
                            uint64_t answered_ms, enum refusal refusal)
{
    struct seen_survival *survival = answered_at(auditor, gateway, call, answered_ms);
    PROMISE("I38", survival, "a report of nobody");
    const struct seen_contact *contact = called(auditor, survival);
    if (refusal == REFUSAL_ALREADY && !survival->told && contact) {
        PROMISE("I38", contact->stranger || contact->answered_by == survival->said.user,
                "another is thought to have answered");
        survival->over =
            true; /* it was an offer's telephone, and the answer to that came in time */
        return;
    }
    if (refusal == REFUSAL_NONE || refusal == REFUSAL_ALREADY) {
        PROMISE("I38", survival->told || (contact && contact->stranger),
                "who was answered without a dispatcher is not told of");
        return;
    }
    bool over = !contact || contact->dial || contact->state == CONTACT_STATE_ENDED ||
                contact->state == CONTACT_STATE_ABANDONED;
    PROMISE("I38", over || contact->stranger, "a report is refused, and the caller is here");
    survival->over = true;
}

/* ---- what the trail says ------------------------------------------------------------------------ */

/* Whose seat may have the conversation: on duty, and in no other one. */
static uint32_t adopter(struct auditor *auditor, const struct seen_contact *contact, uint32_t user)
{
    if (!user)
        return 0;
    const struct seen_taker *taker = auditor_taker(auditor, user);
    const struct seen_contact *has = ledger_contact(auditor, taker->contact);
    bool talks = has && has != contact && has->state == CONTACT_STATE_CONNECTED &&
                 has->offers[0].taker != user && has->offers[1].taker != user;
    return taker->on && !taker->row.retired && !taker->guest_of && !talks ? user : 0;
}

/* The one this event tells of, not told before. */
static struct seen_survival *told(struct auditor *auditor, const struct contact_survived *survived)
{
    struct seen_survival *survival =
        answered_at(auditor, survived->gateway, survived->call, survived->answered_ms);
    PROMISE("I38", survival, "told of whom no telephone answered");
    PROMISE("I38", !survival->told, "told of twice");
    survival->told = true;
    return survival;
}

static void see_survived(struct auditor *auditor, const struct event *event)
{
    const struct contact_survived *survived = &event->contact_survived;
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I38", contact && contact->call == survived->call, "nobody was answered");
    const struct seen_survival *survival = told(auditor, survived);
    PROMISE("I38",
            survived->user == survival->said.user &&
                strcmp(survived->phone, survival->said.phone) == 0,
            "another telephone than the one that answered");
    PROMISE("I38", contact->dialled == survival->line,
            "another line than the one that was dialled");
    if (contact->stranger)
        return;
    if (contact->state == CONTACT_STATE_ENDED || contact->state == CONTACT_STATE_ABANDONED) {
        PROMISE("I38", survived->from == contact->state, "told of another state");
        uint32_t place = ledger_find(auditor, LEDGER_CALLER_CALLBACK, contact->caller, 0);
        const struct seen_callback *callback = place ? &auditor->callbacks[place - 1] : NULL;
        contact->owes_reached =
            contact->caller && callback && !callback->ended && callback->contact == contact->id;
        return;
    }
    PROMISE(
        "I38",
        !contact->dial && contact->channel == CHANNEL_VOICE && !contact->offers[0].id &&
            contact->state == CONTACT_STATE_WAITING &&
            (survived->from == CONTACT_STATE_WAITING || survived->from == CONTACT_STATE_OFFERED),
        "somebody is still asked for who is talking");
    PROMISE("I38", event->taker == adopter(auditor, contact, survived->user),
            "another seat than the one whose telephone it is");
    contact->survived_ms = survived->answered_ms;
}

void auditor_see_survived_connect(struct auditor *auditor, const struct event *event)
{
    const struct contact_connected *connected = &event->contact_connected;
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I38", contact && (contact->stranger || contact->survived_ms),
            "connected without an offer, and without a telephone that answered");
    uint64_t at_ms = contact->survived_ms < event->at_ms ? contact->survived_ms : event->at_ms;
    if (at_ms < contact->arrived_ms)
        at_ms = contact->arrived_ms; /* the gateway's clock is another */
    PROMISE("I38",
            contact->stranger || (connected->answered_ms == at_ms &&
                                  connected->waited_ms == at_ms - contact->arrived_ms &&
                                  connected->in_time == (at_ms <= contact->due_ms)),
            "answered at another time");
    contact->survived_ms = contact->parked_ms = 0;
    contact->state = CONTACT_STATE_CONNECTED;
    contact->taker = contact->answered_by = event->taker;
    contact->widen_ms = 0;
    if (!event->taker)
        return;
    struct seen_taker *taker = auditor_taker(auditor, event->taker);
    PROMISE("I4", taker->stranger || (taker->on && !taker->contact), "a taker has two contacts");
    taker->contact = contact->id;
    taker->unanswered = 0;
    taker->cut_in = taker->cut_short = false;
}

static void see_reached(struct auditor *auditor, const struct event *event)
{
    const struct callback_ended *ended = &event->callback_ended;
    const struct seen_callback *callback = ledger_callback(auditor, ended->callback);
    struct seen_contact *contact = callback ? ledger_contact(auditor, callback->contact) : NULL;
    if (!contact || !contact->owes_reached)
        return;
    PROMISE("I38", ended->end == CALLBACK_END_REACHED,
            "who was answered without a dispatcher was not reached");
    contact->owes_reached = false;
}

bool auditor_see_survival(struct auditor *auditor, const struct event *event)
{
    if (event->kind == EVENT_CALLBACK_ENDED)
        see_reached(auditor, event);
    if (event->kind == EVENT_GATEWAY_ROSE)
        see_rise(auditor, &event->gateway_rose);
    if (event->kind != EVENT_CONTACT_SURVIVED)
        return false;
    see_survived(auditor, event);
    return true;
}

/* ---- at rest, and in the end --------------------------------------------------------------------- */

void auditor_rest_of_survivals(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < SEEN_GATEWAYS_MAX; i++)
        PROMISE("I38", !auditor->gateway_hold_ms[i] || auditor->gateway_hold_ms[i] > now_ms,
                "a gateway that tells nothing is waited for");
    for (uint32_t i = 0; i < auditor->survival_count; i++) {
        const struct seen_survival *survival = &auditor->survivals[i];
        uint32_t place = ledger_find(auditor, LEDGER_CALL, survival->said.call, survival->gateway);
        const struct seen_contact *contact = place ? &auditor->contacts[place - 1] : NULL;
        PROMISE("I38",
                !contact || contact->stranger || (!contact->survived_ms && !contact->owes_reached),
                "answered without a dispatcher, and nothing follows");
    }
}

void auditor_finished_survivals(const struct auditor *auditor)
{
    for (uint32_t i = 0; i < auditor->survival_count; i++) {
        const struct seen_survival *survival = &auditor->survivals[i];
        const struct seen_contact *contact = called(auditor, survival);
        bool home = contact && contact->dial; /* sent home to be called, and the two crossed */
        /* An offer's telephone, and its answer was heard in time after all. */
        bool heard = contact && survival->said.user && contact->answered_by == survival->said.user;
        PROMISE("I38", !survival->kept || survival->told || survival->over || home || heard,
                "who was answered without a dispatcher is never told of");
    }
}
