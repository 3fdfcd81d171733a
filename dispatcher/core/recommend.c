/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/recommend.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "dispatcher/core/unit.h"

/* How well it is known where a unit is. */
enum knowledge {
    KNOWN_FRESH,
    KNOWN_STATION,
    KNOWN_STALE,
    KNOWN_NOT
};

/* Distances first, then the own district, then anybody. */
enum tier {
    TIER_DISTANCE,
    TIER_DISTRICT,
    TIER_ANYBODY
};

struct candidate {
    const struct unit *unit;
    enum tier tier;
    enum knowledge knowledge;
    bool resting;
    uint32_t distance_m;
    uint32_t travel_s;
    uint32_t age_s;
};

/* One wanted kind: the best so far, best first, and why the others are not among them. */
struct choice {
    struct candidate best[PLAN_PICKS_MAX];
    uint32_t count;
    uint32_t wanted;
    uint32_t fit;       /* candidates in all */
    uint32_t nearest_m; /* of the rested ones not chosen, straight; UINT32_MAX: none */
    uint32_t of_kind;
    uint32_t kept_away[HOLE_REASON_COUNT];
};

static enum knowledge locate(const struct core *core, const struct unit *unit, uint64_t at_ms,
                             struct cell *cell, uint32_t *age_s)
{
    *cell = unit->cell;
    *age_s = 0;
    if (unit->measured_ms) {
        uint64_t age_ms = at_ms - unit->measured_ms;
        *age_s = (uint32_t)(age_ms / 1000);
        return age_ms <= core->parameters[PARAMETER_POSITION_STALE_MS] ? KNOWN_FRESH : KNOWN_STALE;
    }
    *cell = (struct cell){ unit->row.east_cell, unit->row.north_cell };
    return cell_is_known(*cell) && unit->state == UNIT_STATE_AVAILABLE ? KNOWN_STATION : KNOWN_NOT;
}

static uint32_t travel_s(const struct core *core, const struct unit *unit, uint32_t distance_m)
{
    uint64_t road_m = (uint64_t)distance_m * core->parameters[PARAMETER_ROAD_PERCENT] / 100;
    uint64_t seconds = road_m * 3600 / (core->parameters[PARAMETER_UNIT_SPEED_KMH] * 1000);
    if (unit->state == UNIT_STATE_AVAILABLE)
        seconds += core->parameters[PARAMETER_TURNOUT_MS] / 1000;
    return (uint32_t)seconds;
}

static bool is_resting(const struct core *core, const struct unit *unit, uint64_t at_ms)
{
    return unit->idle_ms && at_ms < unit->idle_ms + core->parameters[PARAMETER_UNIT_REST_MS];
}

/* The gate that every unit of the kind passes or not; fills the candidate. */
static enum hole_reason gate(const struct core *core, const struct request_for_units *request,
                             const struct unit *unit, struct candidate *candidate)
{
    const struct incident *incident = request->incident;
    struct cell cell;
    if (unit_is_out(unit->state) || unit->picked)
        return HOLE_REASON_ALL_BUSY;
    if (!unit_is_free(unit))
        return HOLE_REASON_OUT_OF_SERVICE;
    if (!unit_is_staffed(unit))
        return HOLE_REASON_UNSTAFFED;
    *candidate = (struct candidate){ .unit = unit,
                                     .tier = TIER_ANYBODY,
                                     .resting = is_resting(core, unit, request->at_ms) };
    candidate->knowledge = locate(core, unit, request->at_ms, &cell, &candidate->age_s);
    bool own = unit->row.district && unit->row.district == incident->district;
    if (cell_is_known(incident->cell) && candidate->knowledge <= KNOWN_STATION) {
        candidate->tier = TIER_DISTANCE;
        candidate->distance_m = cell_distance_m(incident->cell, cell);
        candidate->travel_s = travel_s(core, unit, candidate->distance_m);
        if (request->radius_m && candidate->distance_m > request->radius_m)
            return HOLE_REASON_OUT_OF_RADIUS;
    } else if (own) {
        candidate->tier = TIER_DISTRICT;
    } else if (candidate->knowledge == KNOWN_STALE) {
        return HOLE_REASON_POSITION_TOO_STALE;
    } else if (request->radius_m) {
        /* Nobody can tell that it is inside. */
        return cell_is_known(incident->cell) || incident->district ? HOLE_REASON_OUT_OF_RADIUS
                                                                   : HOLE_REASON_PLACE_UNKNOWN;
    }
    if (candidate->resting && !incident->emergency)
        return HOLE_REASON_RESTING;
    return HOLE_REASON_NONE;
}

static bool is_before(const struct candidate *a, const struct candidate *b)
{
    if (a->resting != b->resting)
        return b->resting;
    if (a->tier != b->tier)
        return a->tier < b->tier;
    if (a->travel_s != b->travel_s)
        return a->travel_s < b->travel_s;
    if (a->unit->idle_ms != b->unit->idle_ms)
        return a->unit->idle_ms < b->unit->idle_ms;
    return a->unit->row.unit < b->unit->row.unit;
}

static void not_chosen(struct choice *choice, const struct candidate *candidate)
{
    if (candidate->tier == TIER_DISTANCE && !candidate->resting &&
        candidate->distance_m < choice->nearest_m)
        choice->nearest_m = candidate->distance_m;
}

static void consider(struct choice *choice, const struct candidate *candidate)
{
    choice->fit++;
    uint32_t at = choice->count;
    while (at > 0 && is_before(candidate, &choice->best[at - 1]))
        at--;
    if (at == choice->wanted) {
        not_chosen(choice, candidate);
        return;
    }
    if (choice->count == choice->wanted)
        not_chosen(choice, &choice->best[--choice->count]);
    memmove(&choice->best[at + 1], &choice->best[at],
            (choice->count - at) * sizeof choice->best[0]);
    choice->best[at] = *candidate;
    choice->count++;
}

static enum pick_reason reason_of(const struct choice *choice, uint32_t at)
{
    const struct candidate *pick = &choice->best[at];
    if (pick->resting)
        return PICK_REASON_REST_OVERRIDDEN;
    if (choice->fit == 1)
        return PICK_REASON_ONLY_ONE;
    if (pick->tier == TIER_DISTRICT)
        return PICK_REASON_OWN_DISTRICT;
    if (pick->tier == TIER_ANYBODY)
        return PICK_REASON_LONGEST_IDLE;
    uint32_t nearest_m = choice->nearest_m;
    for (uint32_t i = at + 1; i < choice->count; i++)
        if (choice->best[i].tier == TIER_DISTANCE && !choice->best[i].resting &&
            choice->best[i].distance_m < nearest_m)
            nearest_m = choice->best[i].distance_m;
    if (nearest_m < pick->distance_m)
        return PICK_REASON_NEAREST_BY_TRAVEL;
    return pick->knowledge == KNOWN_STATION ? PICK_REASON_NEXT_STATION
                                            : PICK_REASON_NEAREST_BY_DISTANCE;
}

static void tell_picks(const struct choice *choice, struct plan_activated *plan)
{
    for (uint32_t i = 0; i < choice->count; i++) {
        const struct candidate *pick = &choice->best[i];
        plan->picks[plan->picks_count++] = (struct plan_pick){ .unit = pick->unit->row.unit,
                                                               .reason = reason_of(choice, i),
                                                               .distance_m = pick->distance_m,
                                                               .travel_s = pick->travel_s,
                                                               .age_s = pick->age_s };
    }
}

static void tell_hole(const struct choice *choice, const struct plan_need *need,
                      struct plan_activated *plan)
{
    enum hole_reason most = HOLE_REASON_ALL_BUSY;
    if (choice->count >= need->count || plan->holes_count == PLAN_HOLES_MAX)
        return;
    for (enum hole_reason reason = HOLE_REASON_ALL_BUSY; reason < HOLE_REASON_COUNT; reason++)
        if (choice->kept_away[reason] > choice->kept_away[most])
            most = reason;
    struct plan_hole *hole = &plan->holes[plan->holes_count++];
    *hole = (struct plan_hole){ .missing = need->count - choice->count,
                                .reason = choice->kept_away[most] ? most : HOLE_REASON_NONE_OF_KIND,
                                .busy = choice->kept_away[HOLE_REASON_ALL_BUSY],
                                .far = choice->kept_away[HOLE_REASON_OUT_OF_RADIUS],
                                .stale = choice->kept_away[HOLE_REASON_POSITION_TOO_STALE],
                                .unstaffed = choice->kept_away[HOLE_REASON_UNSTAFFED],
                                .resting = choice->kept_away[HOLE_REASON_RESTING],
                                .out = choice->kept_away[HOLE_REASON_OUT_OF_SERVICE],
                                .unplaced = choice->kept_away[HOLE_REASON_PLACE_UNKNOWN] };
    (void)text_copy(hole->kind, sizeof hole->kind, need->kind);
}

static void choose(const struct core *core, const struct request_for_units *request,
                   const struct plan_need *need, struct plan_activated *plan)
{
    uint32_t room = request->most - plan->picks_count;
    struct choice choice = { .wanted = need->count < room ? need->count : room,
                             .nearest_m = UINT32_MAX };
    for (uint32_t i = 0; i < core->units.reached; i++) {
        const struct unit *unit = pool_at(&core->units, i);
        struct candidate candidate;
        if (unit->row.retired || strcmp(unit->row.kind, need->kind) != 0)
            continue;
        enum hole_reason kept = gate(core, request, unit, &candidate);
        if (kept)
            choice.kept_away[kept]++;
        else if (choice.wanted > 0)
            consider(&choice, &candidate);
    }
    tell_picks(&choice, plan);
    tell_hole(&choice, need, plan);
}

void recommend(const struct core *core, const struct request_for_units *request,
               struct plan_activated *plan)
{
    REQUIRE(request->most <= PLAN_PICKS_MAX);
    for (uint32_t i = 0; i < request->needs_count; i++)
        choose(core, request, &request->needs[i], plan);
}
