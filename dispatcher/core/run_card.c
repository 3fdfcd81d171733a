/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/run_card.h"

#include "base/require.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/plan.h"
#include "dispatcher/core/rows.h"

/* ---- which card ---------------------------------------------------------------------------- */

static bool fits_category(uint32_t wanted, uint32_t category)
{
    if (wanted == 0)
        return true;
    if (wanted < 100)
        return category / 10000 == wanted;
    return wanted < 10000 ? category / 100 == wanted : category == wanted;
}

static bool fits_place(const struct run_card_row *row, const struct incident *incident)
{
    struct cell premise = { row->east_cell, row->north_cell };
    if (row->district && row->district != incident->district)
        return false;
    if (!cell_is_known(premise))
        return true;
    return cell_is_known(incident->cell) &&
           cell_distance_m(premise, incident->cell) <= row->within_m;
}

/* What guided questions found out is a fact for the card, too. */
static uint32_t flags_of(const struct incident *incident)
{
    static const enum plan_flag by_risk[RISK_COUNT] = {
        [RISK_WEAPON] = PLAN_FLAG_WEAPON,
        [RISK_TRAPPED] = PLAN_FLAG_TRAPPED,
        [RISK_CHILD] = PLAN_FLAG_CHILD,
        [RISK_INJURED] = PLAN_FLAG_INJURED,
        [RISK_NOT_BREATHING] = PLAN_FLAG_NOT_BREATHING,
        [RISK_GAS] = PLAN_FLAG_GAS,
        [RISK_HAZARDOUS] = PLAN_FLAG_HAZMAT,
        [RISK_WATER] = PLAN_FLAG_WATER,
        [RISK_CROWD] = PLAN_FLAG_CROWD,
    };
    uint32_t flags = incident->plan_flags;
    for (enum risk risk = 1; risk < RISK_COUNT; risk++)
        if (by_risk[risk] && incident->risks & 1U << risk)
            flags |= 1U << by_risk[risk];
    return flags;
}

static bool fits_flags(const struct run_card_row *row, uint32_t flags)
{
    for (uint32_t i = 0; i < row->flags_count; i++)
        if (!(flags & 1U << row->flags[i]))
            return false;
    return true;
}

/* hhmm in the city. */
static uint32_t time_of_day(const struct core *core, uint64_t at_ms)
{
    uint64_t minute = (at_ms / 60000 + core->parameters[PARAMETER_UTC_OFFSET_MIN]) % (24 * 60);
    return (uint32_t)(minute / 60 * 100 + minute % 60);
}

static bool fits_time(const struct run_card_row *row, uint32_t now)
{
    if (row->from_time == row->until_time)
        return true;
    if (row->from_time < row->until_time)
        return now >= row->from_time && now < row->until_time;
    return now >= row->from_time || now < row->until_time; /* over midnight */
}

static bool fits(const struct core *core, const struct run_card_row *row,
                 const struct incident *incident, uint64_t at_ms)
{
    return !row->retired && row->run_card % RUN_CARD_LEVELS == 1 &&
           fits_category(row->category, incident->category) && fits_place(row, incident) &&
           fits_flags(row, flags_of(incident)) &&
           (!row->priority || (incident->priority && incident->priority <= row->priority)) &&
           fits_time(row, time_of_day(core, at_ms));
}

/* Larger is more particular: place, flags, district, category, hours, priority, in this order. */
static uint64_t particular(const struct run_card_row *row)
{
    uint64_t digits = row->category == 0      ? 0
                      : row->category < 100   ? 1
                      : row->category < 10000 ? 2
                                              : 3;
    uint64_t rank = row->east_cell != 0;
    rank = rank << 4 | row->flags_count;
    rank = rank << 1 | (row->district != 0);
    rank = rank << 2 | digits;
    rank = rank << 1 | (row->from_time != row->until_time);
    return rank << 4 | (row->priority ? (uint64_t)PRIORITY_COUNT - row->priority : 0);
}

const struct run_card *run_card_of(const struct core *core, const struct incident *incident,
                                   uint64_t at_ms)
{
    const struct run_card *best = NULL;
    for (uint32_t i = 0; i < core->run_cards.reached; i++) {
        const struct run_card *card = pool_at(&core->run_cards, i);
        if (!fits(core, &card->row, incident, at_ms))
            continue;
        uint64_t rank = particular(&card->row);
        uint64_t best_rank = best ? particular(&best->row) : 0;
        if (!best || rank > best_rank ||
            (rank == best_rank && card->row.run_card < best->row.run_card))
            best = card;
    }
    return best;
}

const struct run_card *run_card_level(const struct core *core, uint32_t card, uint32_t level)
{
    if (level == 0 || level >= RUN_CARD_LEVELS)
        return NULL;
    const struct run_card *found =
        index_find(&core->index, ENTRY_RUN_CARD, (uint64_t)card * RUN_CARD_LEVELS + level, 0);
    return found && !found->row.retired ? found : NULL;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static bool is_time(uint32_t time)
{
    return time / 100 < 24 && time % 100 < 60;
}

static bool is_sound(const struct run_card_row *row)
{
    uint32_t sum = 0;
    if (row->run_card < RUN_CARD_LEVELS || row->run_card % RUN_CARD_LEVELS == 0 ||
        !is_time(row->from_time) || !is_time(row->until_time) ||
        !cell_is_sound((struct cell){ row->east_cell, row->north_cell }))
        return false;
    for (uint32_t i = 0; i < row->needs_count; i++) {
        if (!*row->needs[i].kind || row->needs[i].count == 0 ||
            row->needs[i].count > PLAN_PICKS_MAX)
            return false;
        sum += row->needs[i].count;
    }
    return sum > 0 && sum <= PLAN_PICKS_MAX;
}

enum refusal decide_run_card_define(struct decision *decision)
{
    const struct run_card_define *asked = &decision->command->run_card_define;
    const struct core *core = decision->core;
    if (!asked->has_row || !is_sound(&asked->row))
        return REFUSAL_MALFORMED;
    const struct run_card *known = index_find(&core->index, ENTRY_RUN_CARD, asked->row.run_card, 0);
    if (!known && pool_room(&core->run_cards) == 0)
        return REFUSAL_LIMIT;
    if (known && run_card_fingerprint(&known->row) == run_card_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_RUN_CARD_DEFINED);
    event->run_card_defined.has_row = true;
    event->run_card_defined.row = asked->row;
    return REFUSAL_NONE;
}

void apply_run_card_defined(struct core *core, const struct event *event)
{
    const struct run_card_row *row = &event->run_card_defined.row;
    struct run_card *card = index_find(&core->index, ENTRY_RUN_CARD, row->run_card, 0);
    if (!card) {
        card = pool_take(&core->run_cards);
        index_put(&core->index, ENTRY_RUN_CARD, row->run_card, 0, card);
    }
    card->row = *row;
}

/* ---- the facts a card may ask for ---------------------------------------------------------- */

enum refusal decide_incident_flag(struct decision *decision)
{
    const struct incident_flag *asked = &decision->command->incident_flag;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    uint32_t flags = incident->plan_flags;
    for (uint32_t i = 0; i < asked->flags_count; i++) {
        if (asked->flags[i] == PLAN_FLAG_NONE)
            return REFUSAL_MALFORMED;
        flags |= 1U << asked->flags[i];
    }
    if (flags == incident->plan_flags)
        return REFUSAL_ALREADY;
    struct event *event = incident_event(decision, EVENT_INCIDENT_FLAGGED, incident);
    event->incident_flagged.flags = flags;
    struct incident now = *incident;
    now.plan_flags = flags;
    plan_learnt(decision, incident, &now);
    return REFUSAL_NONE;
}

void apply_incident_flagged(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident);
    incident->plan_flags = event->incident_flagged.flags;
}
