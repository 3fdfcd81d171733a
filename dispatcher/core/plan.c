/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/plan.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "dispatcher/core/check_in.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/recommend.h"
#include "dispatcher/core/run_card.h"
#include "dispatcher/core/scene.h"
#include "dispatcher/core/unit.h"

enum {
    KINDS_MAX = 24 /* of all levels of a card */
};

/* How many more units may wait there to be alerted. */
static uint32_t room_for_picks(const struct core *core, uint64_t incident)
{
    const struct scene *scene = core_scene(core, incident);
    uint32_t room = scene ? SCENE_PICKED_MAX - scene->picked_count : SCENE_PICKED_MAX;
    return room < PLAN_PICKS_MAX ? room : PLAN_PICKS_MAX;
}

/* A further alarm is more of the danger: what crews were asked for is asked on, or more often. */
static uint64_t check_in_of(const struct core *core, uint64_t incident, uint64_t level_ms)
{
    const struct scene *scene = core_scene(core, incident);
    uint64_t there_ms = scene ? scene->check_in_ms : 0;
    return !there_ms || (level_ms && level_ms < there_ms) ? level_ms : there_ms;
}

static uint32_t count_there(const struct core *core, const struct scene *scene, const char *kind)
{
    uint32_t count = 0;
    for (const struct unit *unit = unit_first(scene); unit; unit = unit_after(scene, unit))
        count += strcmp(unit->row.kind, kind) == 0;
    for (uint32_t i = 0; i < scene->picked_count; i++)
        count += strcmp(core_unit(core, scene->picked[i])->row.kind, kind) == 0;
    return count;
}

/* What is wanted, each kind once. */
struct wish {
    struct plan_need needs[KINDS_MAX];
    uint32_t count;
};

static void wish_more(struct wish *wish, const struct run_card_row *level)
{
    for (uint32_t i = 0; i < level->needs_count; i++) {
        uint32_t at = 0;
        while (at < wish->count && strcmp(wish->needs[at].kind, level->needs[i].kind) != 0)
            at++;
        if (at == KINDS_MAX)
            return;
        if (at == wish->count)
            wish->needs[wish->count++] = level->needs[i];
        else
            wish->needs[at].count += level->needs[i].count;
    }
}

static void wish_less(struct wish *wish, const struct core *core, const struct scene *scene)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < wish->count; i++) {
        uint32_t there = count_there(core, scene, wish->needs[i].kind);
        if (there >= wish->needs[i].count)
            continue;
        wish->needs[kept] = wish->needs[i];
        wish->needs[kept++].count -= there;
    }
    wish->count = kept;
}

/* A level of the scene's own card asks for what stands in it; where another card counts by now, its
 * levels up to this one ask for all they name but for what is there. */
static struct wish wish_of(const struct core *core, uint64_t incident,
                           const struct run_card_row *level)
{
    struct wish wish = { .count = 0 };
    const struct scene *scene = core_scene(core, incident);
    uint32_t card = level->run_card / RUN_CARD_LEVELS, last = level->run_card % RUN_CARD_LEVELS;
    bool other = scene && scene->card && scene->card != card;
    for (uint32_t at = other ? 1 : last; at <= last; at++) {
        const struct run_card *below = run_card_level(core, card, at);
        if (below)
            wish_more(&wish, &below->row);
    }
    if (other)
        wish_less(&wish, core, scene);
    return wish;
}

static void draw_up(struct decision *decision, const struct incident *incident,
                    const struct run_card_row *level, enum plan_cause cause, bool alerts)
{
    struct event *event = incident_event(decision, EVENT_PLAN_ACTIVATED, incident);
    struct plan_activated *plan = &event->plan_activated;
    const struct wish wish = wish_of(decision->core, incident->id, level);
    plan->card = level->run_card / RUN_CARD_LEVELS;
    plan->level = level->run_card % RUN_CARD_LEVELS;
    plan->cause = cause;
    plan->alerts = alerts;
    plan->check_in_ms = check_in_of(decision->core, incident->id, level->check_in_ms);
    plan->asks_crews = alerts && plan->check_in_ms;
    plan->radius_m = level->radius_m;
    const struct request_for_units request = { .incident = incident,
                                               .needs = wish.needs,
                                               .needs_count = wish.count,
                                               .radius_m = level->radius_m,
                                               .most = room_for_picks(decision->core, incident->id),
                                               .at_ms = decision->at_ms };
    recommend(decision->core, &request, plan);
}

void plan_dispatched(struct decision *decision, const struct incident *incident)
{
    const struct run_card *card = run_card_of(decision->core, incident, decision->at_ms);
    if (card) {
        draw_up(decision, incident, &card->row, PLAN_CAUSE_DISPATCH, card->row.automatic);
        return;
    }
    /* The card was taken away, or its hours ended, since the incident went out. */
    struct event *event = incident_event(decision, EVENT_PLAN_ACTIVATED, incident);
    event->plan_activated.cause = PLAN_CAUSE_DISPATCH;
}

void plan_learnt(struct decision *decision, const struct incident *before,
                 const struct incident *now)
{
    const struct core *core = decision->core;
    const struct scene *scene = core_scene(core, now->id);
    if (!scene || !scene->card || !incident_takes_units(now))
        return;
    const struct run_card *card = run_card_of(core, now, decision->at_ms);
    if (!card || card == run_card_of(core, before, decision->at_ms))
        return;
    if (wish_of(core, now->id, &card->row).count > 0)
        draw_up(decision, now, &card->row, PLAN_CAUSE_FACTS, false);
}

/* Each who was wanted is followed once. Where those who follow do not answer either, more of the city would
 * be sent into a silence that has another cause: a person looks. */
static bool may_follow(const struct scene *scene, const struct unit *unit)
{
    uint32_t there = 0, silent = 0;
    for (const struct unit *other = unit_first(scene); other; other = unit_after(scene, other)) {
        if (strcmp(other->row.kind, unit->row.kind) != 0)
            continue;
        there++;
        silent += other->unanswered;
    }
    return 2 * silent < there; /* each silent one has brought another */
}

/* Who cannot go on is followed at once; who does not answer, where the card alerts by itself. After
 * the incident's end it is a proposal: somebody has to look. */
void plan_replace(struct decision *decision, const struct unit *unit, uint64_t incident,
                  enum plan_cause cause)
{
    const struct core *core = decision->core;
    const struct incident *of = core_incident(core, incident);
    const struct scene *scene = core_scene(core, incident);
    if (!of)
        return;
    struct event *event = incident_event(decision, EVENT_PLAN_ACTIVATED, of);
    struct plan_activated *plan = &event->plan_activated;
    plan->cause = cause;
    plan->alerts =
        incident_takes_units(of) && incident == unit->incident &&
        (cause == PLAN_CAUSE_UNABLE || (scene && scene->automatic && may_follow(scene, unit)));
    struct plan_need need = { .count = 1 };
    (void)text_copy(need.kind, sizeof need.kind, unit->row.kind);
    uint32_t room = room_for_picks(core, incident);
    const struct request_for_units request = {
        .incident = of, .needs = &need, .needs_count = 1, .most = room, .at_ms = decision->at_ms
    };
    recommend(core, &request, plan);
}

/* An alarm level is only raised; the same card's present one is there already. */
static enum refusal check_level(const struct core *core, uint64_t incident, uint32_t card,
                                uint32_t level)
{
    const struct scene *scene = core_scene(core, incident);
    if (!scene || scene->card != card || scene->level < level)
        return REFUSAL_NONE;
    return scene->level == level ? REFUSAL_ALREADY : REFUSAL_LEVEL_LOWER;
}

enum refusal decide_plan_activate(struct decision *decision)
{
    const struct plan_activate *asked = &decision->command->plan_activate;
    const struct core *core = decision->core;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    const struct run_card *card = run_card_of(core, incident, decision->at_ms);
    uint32_t number = card ? card->row.run_card / RUN_CARD_LEVELS : 0;
    const struct run_card *level = run_card_level(core, number, asked->level ? asked->level : 1);
    if (!level)
        return REFUSAL_NO_PLAN;
    if (incident_is_closed(incident->state))
        return REFUSAL_WRONG_STATE;
    if (asked->propose) {
        draw_up(decision, incident, &level->row, PLAN_CAUSE_PROPOSED, false);
        return REFUSAL_NONE;
    }
    if (!incident_takes_units(incident))
        return REFUSAL_NOT_DISPATCHED;
    refusal = check_level(core, incident->id, number, level->row.run_card % RUN_CARD_LEVELS);
    if (refusal)
        return refusal;
    if (!scene_may_open(core, incident->id) || room_for_picks(core, incident->id) < PLAN_PICKS_MAX)
        return REFUSAL_LIMIT;
    draw_up(decision, incident, &level->row, PLAN_CAUSE_RAISED, true);
    return REFUSAL_NONE;
}

void apply_plan_activated(struct core *core, const struct event *event)
{
    const struct plan_activated *plan = &event->plan_activated;
    if (!plan->alerts && plan->cause != PLAN_CAUSE_DISPATCH)
        return; /* a proposal is for people */
    struct scene *scene = scene_open(core, event->incident);
    if (plan->cause == PLAN_CAUSE_DISPATCH) {
        scene->plan_due = false;
        scene->automatic = plan->alerts;
    }
    if (plan->alerts && plan->card) {
        scene->card = plan->card;
        scene->level = plan->level;
        scene->check_in_ms = plan->check_in_ms;
    }
    if (plan->asks_crews)
        check_in_asked(core, scene, event->at_ms + plan->check_in_ms);
    for (uint32_t i = 0; plan->alerts && i < plan->picks_count; i++) {
        struct unit *unit = core_unit(core, plan->picks[i].unit);
        REQUIRE(unit && scene->picked_count < SCENE_PICKED_MAX && !unit->picked);
        unit->picked = event->incident;
        scene->picked[scene->picked_count++] = unit->row.unit;
    }
    scene_refile(core, event->incident);
}
