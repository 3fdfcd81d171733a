/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a contact stands where it stands: a slow walk over all who wait and all takers, for a person who
 * asked. Decides nothing. */
#include <string.h>

#include "dispatcher/core/offer.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/taker.h"

static enum ahead_rule rule_of(const struct core *core, const struct contact *other,
                               const struct contact *contact)
{
    if (other->band != contact->band)
        return AHEAD_RULE_BAND;
    if (core->weighted && contact->band >= BAND_URGENT)
        return AHEAD_RULE_WEIGHT;
    return other->due_ms != contact->due_ms ? AHEAD_RULE_DEADLINE : AHEAD_RULE_ARRIVAL;
}

/* Keeps the nearest ones, nearest first. */
static void put_ahead(const struct core *core, uint64_t now_ms, const struct contact *contact,
                      const struct contact *other, struct explanation *explanation)
{
    const uint32_t room = sizeof explanation->ahead / sizeof explanation->ahead[0];
    uint32_t at = explanation->ahead_count;
    while (at > 0 && queue_before(core, now_ms,
                                  core_contact(core, explanation->ahead[at - 1].contact), other))
        at--;
    if (at == room)
        return;
    if (explanation->ahead_count < room)
        explanation->ahead_count++;
    memmove(&explanation->ahead[at + 1], &explanation->ahead[at],
            (explanation->ahead_count - at - 1) * sizeof explanation->ahead[0]);
    explanation->ahead[at] = (struct ahead){ .contact = other->id,
                                             .line = other->line->row.line,
                                             .band = other->band,
                                             .due_ms = other->due_ms,
                                             .rule = rule_of(core, other, contact) };
}

static void explain_place(const struct core *core, uint64_t now_ms, const struct contact *contact,
                          struct explanation *explanation)
{
    for (uint32_t i = 0; i < core->contacts.reached; i++) {
        const struct contact *other = pool_at(&core->contacts, i);
        if (!other->id || !pile_has(&other->place.node))
            continue;
        explanation->waiting++;
        if (other == contact || !pile_has(&contact->place.node) ||
            !queue_before(core, now_ms, other, contact))
            continue;
        explanation->place++;
        put_ahead(core, now_ms, contact, other, explanation);
    }
    explanation->place += pile_has(&contact->place.node);
}

static uint32_t level_of(const struct user *taker, const struct line *line)
{
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        if (taker->row.skills[i].line == line->row.line)
            return taker->row.skills[i].level;
    return 0;
}

/* A ready taker: free for the contact, or held back by one of the rules. */
static void count_ready(const struct core *core, const struct contact *contact,
                        const struct user *taker, struct able_takers *able)
{
    bool urgent = queue_is_urgent(contact);
    bool speaks = !contact->language || contact->any_language ||
                  taker->row.languages & 1U << contact->language;
    able->ready++;
    if (taker->rest_ms && !(urgent && taker->ordinary_rest))
        able->resting++;
    else if (!urgent && contact->level && level_of(taker, queue_line(contact)) > contact->level)
        able->outside_ring++;
    else if (!speaks)
        able->other_language++;
    else if (!urgent && taker->emergency && core->emergency_ready <= core->reserve.takers)
        able->held++;
}

static void count_able(const struct core *core, const struct contact *contact,
                       struct able_takers *able)
{
    for (uint32_t i = 0; i < core->users.reached; i++) {
        const struct user *taker = pool_at(&core->users, i);
        bool reachable = contact->channel == CHANNEL_SMS || taker_phone(taker)[0];
        enum taker_state state = taker_state(taker);
        if (!taker->signed_on || !reachable || !level_of(taker, queue_line(contact)))
            continue;
        able->signed_on++;
        able->offered += state == TAKER_STATE_OFFERED;
        able->talking += state == TAKER_STATE_TALKING;
        able->wrap_up += state == TAKER_STATE_WRAP_UP;
        able->away += state == TAKER_STATE_AWAY;
        if (state == TAKER_STATE_READY)
            count_ready(core, contact, taker, able);
    }
}

static enum wait_reason reason_of(const struct contact *contact, const struct able_takers *able)
{
    if (contact->leases[0].id)
        return WAIT_REASON_OFFERED;
    if (contact->state != CONTACT_STATE_WAITING)
        return WAIT_REASON_NONE;
    if (!queue_is_reachable(contact))
        return WAIT_REASON_GATEWAY;
    if (contact->parked_ms)
        return WAIT_REASON_PARKED;
    if (able->signed_on == 0)
        return WAIT_REASON_NO_TAKER;
    if (able->held)
        return WAIT_REASON_RESERVE;
    if (able->outside_ring)
        return WAIT_REASON_RING;
    if (able->other_language)
        return WAIT_REASON_LANGUAGE;
    return able->resting ? WAIT_REASON_RESTING : WAIT_REASON_ALL_BUSY;
}

static void explain_offers(const struct contact *contact, struct explanation *explanation)
{
    const uint32_t room = sizeof explanation->ended / sizeof explanation->ended[0];
    for (uint32_t i = 0; i < OFFERS_MAX && contact->leases[i].id; i++) {
        const struct lease *lease = &contact->leases[i];
        explanation->offers[explanation->offers_count++] =
            (struct live_offer){ .offer = lease->id,
                                 .taker = lease->taker->row.user,
                                 .until_ms = lease->until_ms,
                                 .rang = lease->rang,
                                 .kind = lease->kind };
    }
    for (enum offer_end cause = 0; cause < OFFER_END_COUNT; cause++)
        if (contact->ended_by[cause] && explanation->ended_count < room)
            explanation->ended[explanation->ended_count++] =
                (struct offer_tally){ .cause = cause, .count = contact->ended_by[cause] };
}

bool core_explain(const struct core *core, uint64_t id, uint64_t now_ms,
                  struct explanation *explanation)
{
    const struct contact *contact = core_contact(core, id);
    memset(explanation, 0, sizeof *explanation);
    if (!contact)
        return false;
    explanation->contact = id;
    explanation->state = contact->state;
    explanation->line = contact->line->row.line;
    explanation->band = contact->band;
    explanation->channel = contact->channel;
    explanation->arrived_ms = contact->arrived_ms;
    explanation->due_ms = contact->due_ms;
    explanation->language = contact->language;
    explanation->any_language = contact->any_language;
    explanation->level = contact->level;
    explanation->widen_ms = contact->widen_ms;
    explanation->weight = contact->line->row.weight;
    explanation->reserve = core->reserve.takers;
    explanation->emergency_ready = core->emergency_ready;
    explanation->transfer = contact->transfer.kind;
    explanation->transfer_line = contact->transfer.kind ? contact->transfer.line->row.line : 0;
    explanation->transfer_taker = contact->transfer.named;
    explanation->now_ms = now_ms;
    explanation->has_able = true;
    count_able(core, contact, &explanation->able);
    explain_place(core, now_ms, contact, explanation);
    explain_offers(contact, explanation);
    explanation->reason = reason_of(contact, &explanation->able);
    return true;
}
