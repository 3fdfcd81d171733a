/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The invariants. Every step of tests and simulation walks them, production every minute. */
#include "base/require.h"
#include "dispatcher/core/ball.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/coverage.h"
#include "dispatcher/core/fix.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/merge.h"
#include "dispatcher/core/number.h"
#include "dispatcher/core/queue.h"
#include "dispatcher/core/scene.h"
#include "dispatcher/core/taker.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/unit.h"

/* Offers stand first things first; more than one is an emergency's, one beside a conversation is a
 * transfer's. Whoever is asked knows it. */
static void check_offers(const struct core *core, const struct contact *contact)
{
    enum contact_state state = contact->state;
    bool connected = state == CONTACT_STATE_CONNECTED;
    const struct transfer *transfer = &contact->transfer;
    REQUIRE(connected || (state == CONTACT_STATE_OFFERED) == (contact->leases[0].id != 0));
    REQUIRE(!contact->leases[1].id || (contact->leases[0].id && queue_is_urgent(contact)));
    for (uint32_t i = 0; i < OFFERS_MAX && contact->leases[i].id; i++) {
        const struct lease *lease = &contact->leases[i];
        REQUIRE(core_offer(core, lease->id) == contact && lease->taker->contact == contact);
        REQUIRE(connected == (lease->kind == OFFER_KIND_TRANSFER));
    }
    REQUIRE(!connected ? !contact->taker || !contact_is_live(contact)
                       : !contact->taker || contact->taker->contact == contact);
    REQUIRE(!transfer->kind || (connected && transfer->line));
    REQUIRE(!transfer->receiver || (transfer->receiver->contact == contact && transfer->offer));
    REQUIRE(!connected || transfer->kind || !contact->leases[0].id);
}

/* Nobody is held or muted, and nobody takes part, but in a conversation. */
static void check_parties(const struct core *core, const struct contact *contact)
{
    bool connected = contact->state == CONTACT_STATE_CONNECTED;
    REQUIRE((!contact->held_ms && !contact->muted_ms) || connected);
    for (uint32_t i = 0; i < PARTIES_MAX; i++) {
        const struct party *party = &contact->parties[i];
        REQUIRE(!party->id || (connected && core_party(core, party->id) == contact));
        REQUIRE(!party->user || party->user->guest_of == contact->id);
        REQUIRE(!party->id || (party->user != NULL) != (party->department != 0));
    }
}

/* Exactly one owner: the queue, a taker, or nobody any more. */
static void check_contact(const struct core *core, const struct contact *contact)
{
    enum contact_state state = contact->state;
    bool ended = state == CONTACT_STATE_ENDED || state == CONTACT_STATE_ABANDONED;
    REQUIRE(core_contact(core, contact->id) == contact);
    REQUIRE(core_call(core, contact->gateway->row.gateway, contact->call) == contact);
    check_offers(core, contact);
    check_parties(core, contact);
    REQUIRE(ended == link_held(&contact->ended));
    number_check(core, contact, !ended);
    REQUIRE(!contact->stale_ms || state == CONTACT_STATE_CONNECTED);
    REQUIRE((contact->channel == CHANNEL_VOICE && !ended && !contact->dial) ==
            link_held(&contact->of_gateway));
    REQUIRE(!contact->dial || (contact->caller && !contact->undiallable));
    if (pile_has(&contact->place.node))
        REQUIRE(!ended && !contact->leases[1].id && !contact->transfer.receiver);
    if (state == CONTACT_STATE_WAITING)
        REQUIRE(pile_has(&contact->place.node) ==
                (queue_is_reachable(contact) && !contact->parked_ms));
    REQUIRE(!contact->parked_ms || (state == CONTACT_STATE_WAITING && contact->parker &&
                                    heap_has(&contact->deadline.node)));
    if (state == CONTACT_STATE_OFFERED)
        REQUIRE(heap_has(&contact->deadline.node));
}

static void check_fix(const struct core *core, const struct fix *fix)
{
    REQUIRE(core_fix(core, fix->id) == fix && link_held(&fix->by_age));
    REQUIRE(!fix->older || (fix->older->newer == fix && fix->older->caller == fix->caller));
}

static void check_taker(const struct user *taker)
{
    if (taker->contact)
        REQUIRE(taker->signed_on && contact_is_with(taker->contact, taker) && !taker->wrap_up_ms);
    if (taker->wrap_up_ms)
        REQUIRE(heap_has(&taker->deadline.node));
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        if (taker->lines[i])
            REQUIRE((taker->seats[0][i].rank != NULL) == taker_is_open(taker));
}

/* What tasks an incident has in each state. */
static const enum {
    WORK_NONE,
    WORK_OPEN,
    WORK_DONE,
    WORK_ANY
} shapes[INCIDENT_STATE_COUNT] = {
    [INCIDENT_STATE_DISPATCHED] = WORK_OPEN, [INCIDENT_STATE_HANDLING] = WORK_OPEN,
    [INCIDENT_STATE_SUSPENDED] = WORK_OPEN,  [INCIDENT_STATE_ON_SCENE] = WORK_OPEN,
    [INCIDENT_STATE_CONTROLLED] = WORK_OPEN, [INCIDENT_STATE_PENDING_INFO] = WORK_ANY,
    [INCIDENT_STATE_REPLIED] = WORK_DONE,    [INCIDENT_STATE_TOLD] = WORK_DONE,
    [INCIDENT_STATE_REVISIT] = WORK_DONE,    [INCIDENT_STATE_PENDING_CLOSE] = WORK_DONE,
};

static void check_incident(const struct core *core, const struct incident *incident)
{
    uint32_t leads = 0;
    uint32_t open = 0;
    REQUIRE(core_incident(core, incident->id) == incident);
    ball_check(incident, core->at_ms);
    REQUIRE(incident_is_closed(incident->state) == link_held(&incident->closed));
    for (const struct task *task = list_first(&incident->tasks); task;
         task = list_next(&incident->tasks, &task->of_incident)) {
        REQUIRE(task->incident == incident && task->round == incident->round);
        leads += task->kind == TASK_KIND_LEAD;
        open += task_is_open(task->state);
        if (task->kind == TASK_KIND_ASSIST && task_is_open(task->state))
            REQUIRE(task->department != task_lead(incident)->department);
    }
    REQUIRE(leads <= 1);
    REQUIRE(shapes[incident->state] != WORK_OPEN || (leads == 1 && open > 0));
    REQUIRE(shapes[incident->state] != WORK_DONE ||
            ((leads == 1 || incident->parent) && open == 0));
    REQUIRE(shapes[incident->state] != WORK_NONE || open == 0);
    if (incident->state == INCIDENT_STATE_CLOSED || incident->state == INCIDENT_STATE_TOLD ||
        incident->state == INCIDENT_STATE_REVISIT || incident->state == INCIDENT_STATE_DIRECT)
        REQUIRE(incident->told);
    /* Every open step has a clock: nothing waits unnoticed. */
    bool follows = link_held(&incident->sibling);
    REQUIRE(!follows || incident->state == INCIDENT_STATE_MERGED);
    if (!incident_is_closed(incident->state) && open == 0 && !follows)
        REQUIRE(incident->clock != CLOCK_KIND_NONE && incident->promise.due_ms);
}

/* One incident at a time; both sides of every relation say the same. */
static void check_unit(const struct core *core, const struct unit *unit)
{
    bool out = unit_is_out(unit->state);
    REQUIRE(core_unit(core, unit->row.unit) == unit);
    REQUIRE(unit->state != UNIT_STATE_NONE && out == (unit->incident != 0));
    REQUIRE(out == link_held(&unit->of_scene));
    REQUIRE(out || unit->stack_count == 0);
    REQUIRE(out || (!unit->check_in_ms && !unit->sign.due_ms));
    REQUIRE(unit->unanswered <= (unit->state == UNIT_STATE_ALERTED));
    for (uint32_t i = 0; i < unit->stack_count; i++) {
        REQUIRE(core_scene(core, unit->stack[i]) && unit->stack[i] != unit->incident);
        for (uint32_t j = 0; j < i; j++)
            REQUIRE(unit->stack[j] != unit->stack[i]);
    }
}

static void check_scene(const struct core *core, const struct scene *scene)
{
    uint32_t stacked = 0;
    for (const struct unit *unit = unit_first(scene); unit; unit = unit_after(scene, unit))
        REQUIRE(unit->incident == scene->incident);
    for (uint32_t i = 0; i < core->units.reached; i++) {
        const struct unit *unit = pool_at(&core->units, i);
        for (uint32_t j = 0; j < unit->stack_count; j++)
            stacked += unit->stack[j] == scene->incident;
    }
    REQUIRE(stacked == scene->stacked);
    for (uint32_t i = 0; i < scene->picked_count; i++)
        REQUIRE(core_unit(core, scene->picked[i])->picked == scene->incident);
}

/* At rest, every unit's department works on its incident, unless the unit cannot go yet. */
static void check_work(const struct core *core)
{
    for (uint32_t i = 0; i < core->units.reached; i++) {
        const struct unit *unit = pool_at(&core->units, i);
        const struct incident *incident = core_incident(core, unit->incident);
        if (unit->incident && unit_next(unit->row.machine, unit->state, UNIT_STEP_RELEASE))
            REQUIRE(incident && task_open_of(incident, unit->row.department));
    }
}

static void check_coverage(const struct core *core, const struct coverage *coverage)
{
    uint32_t available = 0;
    for (uint32_t i = 0; i < core->units.reached; i++)
        available += coverage_counts(coverage, pool_at(&core->units, i));
    REQUIRE(available == coverage->available);
}

static void check_units(const struct core *core)
{
    for (uint32_t i = 0; i < core->units.reached; i++)
        check_unit(core, pool_at(&core->units, i));
    for (const struct fix *fix = list_first(&core->fixes_by_age); fix;
         fix = list_next(&core->fixes_by_age, &fix->by_age))
        check_fix(core, fix);
    for (uint32_t i = 0; i < core->scenes.reached; i++) {
        const struct scene *scene = pool_at(&core->scenes, i);
        if (scene->incident)
            check_scene(core, scene);
    }
    for (uint32_t i = 0; i < core->coverages.reached; i++)
        check_coverage(core, pool_at(&core->coverages, i));
}

static void check_counters(const struct core *core)
{
    uint32_t contacts[CONTACT_STATE_COUNT] = { 0 };
    uint32_t incidents[INCIDENT_STATE_COUNT] = { 0 };
    uint32_t tasks[TASK_STATE_COUNT] = { 0 };
    uint32_t queued = 0;
    for (uint32_t i = 0; i < core->contacts.reached; i++)
        queued += pile_has(&((const struct contact *)pool_at(&core->contacts, i))->place.node);
    REQUIRE(queued == core->queued);
    for (uint32_t i = 0; i < core->contacts.reached; i++)
        contacts[((const struct contact *)pool_at(&core->contacts, i))->state]++;
    for (uint32_t i = 0; i < core->incidents.reached; i++)
        incidents[((const struct incident *)pool_at(&core->incidents, i))->state]++;
    for (uint32_t i = 0; i < core->tasks.reached; i++)
        tasks[((const struct task *)pool_at(&core->tasks, i))->state]++;
    for (uint32_t i = 1; i < CONTACT_STATE_COUNT; i++)
        REQUIRE(contacts[i] == core->contacts_in[i]);
    for (uint32_t i = 1; i < INCIDENT_STATE_COUNT; i++)
        REQUIRE(incidents[i] == core->incidents_in[i]);
    for (uint32_t i = 1; i < TASK_STATE_COUNT; i++)
        REQUIRE(tasks[i] == core->tasks_in[i]);
}

static void check_reserve(const struct core *core)
{
    uint32_t on = 0;
    uint32_t ready = 0;
    for (uint32_t i = 0; i < core->users.reached; i++) {
        const struct user *user = pool_at(&core->users, i);
        if (!user->row.user)
            continue;
        check_taker(user);
        on += user->emergency && user->signed_on;
        ready += user->emergency && taker_is_open(user) && !user->wrap_up_ms && !user->rest_ms;
    }
    REQUIRE(on == core->emergency_on && ready == core->emergency_ready);
}

/* Every follower is in its parent's family, and no way up leads in a circle. */
static void check_families(const struct core *core)
{
    uint64_t children = 0;
    uint64_t followers = 0;
    for (uint32_t i = 0; i < core->families.reached; i++) {
        const struct family *family = pool_at(&core->families, i);
        if (!family->parent)
            continue;
        REQUIRE(family->count > 0 && family->head->family == family);
        REQUIRE(core_incident(core, family->parent) == family->head);
        children += family->count;
    }
    for (uint32_t i = 0; i < core->incidents.reached; i++) {
        const struct incident *incident = pool_at(&core->incidents, i);
        const struct incident *above = incident->id ? merge_parent(core, incident) : NULL;
        followers += above != NULL;
        for (uint32_t depth = 0; above; above = merge_parent(core, above))
            REQUIRE(++depth <= MERGE_DEPTH_MAX);
    }
    REQUIRE(children == followers);
}

/* Every guide belongs to its contact and follows an edition that is there. */
static void check_guides(const struct core *core)
{
    uint32_t followed = 0;
    uint32_t guides = 0;
    for (uint32_t i = 0; i < core->editions.reached; i++) {
        const struct edition *edition = pool_at(&core->editions, i);
        REQUIRE(!edition->tree || !edition->shelved || edition->guides > 0);
        followed += edition->guides;
    }
    for (uint32_t i = 0; i < core->guides.reached; i++) {
        const struct guide *guide = pool_at(&core->guides, i);
        if (!guide->contact)
            continue;
        guides++;
        REQUIRE(core_contact(core, guide->contact)->guide == guide);
        REQUIRE(!guide->asked || edition_question(guide->edition, guide->asked));
    }
    REQUIRE(followed == guides && guides == pool_used(&core->guides));
}

void core_check(const struct core *core)
{
    for (uint32_t i = 0; i < core->contacts.reached; i++) {
        const struct contact *contact = pool_at(&core->contacts, i);
        if (contact->id)
            check_contact(core, contact);
    }
    for (uint32_t i = 0; i < core->incidents.reached; i++) {
        const struct incident *incident = pool_at(&core->incidents, i);
        if (incident->id)
            check_incident(core, incident);
    }
    check_counters(core);
    check_guides(core);
    check_families(core);
    check_reserve(core);
    check_units(core);
    if (core->unsettled)
        return;
    REQUIRE(!list_first(&core->unsettled_scenes));
    check_work(core);
    const struct contact *contact;
    const struct user *taker;
    REQUIRE(!queue_next(core, core->at_ms, &contact, &taker)); /* nobody waits for an idle taker */
}
