/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/cluster.h"

#include "base/require.h"
#include "dispatcher/core/announcement.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/merge.h"
#include "dispatcher/core/place.h"
#include "dispatcher/core/registration.h"
#include "dispatcher/core/storm.h"

enum {
    TOLD_AT_ONCE_MAX = 24 /* waiting contacts that one command touches */
};

/* Its place; CLUSTERS_MAX when it is not there. */
static uint32_t find(const struct core *core, uint64_t id)
{
    uint32_t at = 0;
    while (at < CLUSTERS_MAX && (id == 0 || core->clusters[at].id != id))
        at++;
    return at;
}

static struct cluster *known(struct core *core, uint64_t id)
{
    uint32_t at = find(core, id);
    REQUIRE(at < CLUSTERS_MAX);
    return &core->clusters[at];
}

static bool is_near(const struct core *core, struct cell a, struct cell b)
{
    return cell_is_known(a) && cell_is_known(b) &&
           cell_distance_m(a, b) <= core->parameters[PARAMETER_CLUSTER_RADIUS_M];
}

static const struct cluster *covering(const struct core *core, struct cell cell)
{
    for (uint32_t i = 0; i < CLUSTERS_MAX; i++)
        if (core->clusters[i].id && is_near(core, core->clusters[i].cell, cell))
            return &core->clusters[i];
    return NULL;
}

/* The sighting, counted back from the newest; NULL when there are no more. */
static const struct sighting *sighting(const struct core *core, uint32_t back)
{
    uint32_t held = core->sighting_count < SIGHTINGS_MAX ? core->sighting_count : SIGHTINGS_MAX;
    return back < held ? &core->sightings[(core->sighting_count - 1 - back) % SIGHTINGS_MAX] : NULL;
}

static struct cell cell_of(const struct contact *contact, const struct incident *incident)
{
    return contact && cell_is_known(contact->cell) ? contact->cell : incident->cell;
}

/* Is this number among the newer ones? One who calls five times is one. */
static bool counted(const struct core *core, uint32_t back, uint64_t caller, uint64_t newest)
{
    if (caller == 0)
        return false;
    for (uint32_t i = 0; i < back; i++)
        if (sighting(core, i)->caller == caller)
            return true;
    return caller == newest;
}

/* Sightings near the place within the window, the one that is being made included; *first is the
 * incident of the oldest. */
static uint32_t count_near(const struct decision *decision, struct cell cell, uint64_t caller,
                           uint64_t *first)
{
    const struct core *core = decision->core;
    uint32_t count = 1;
    const struct sighting *seen;
    for (uint32_t back = 0; (seen = sighting(core, back)); back++) {
        if (seen->at_ms + core->parameters[PARAMETER_CLUSTER_WINDOW_MS] < decision->at_ms)
            break;
        if (!is_near(core, seen->cell, cell) || counted(core, back, seen->caller, caller))
            continue;
        *first = seen->incident;
        count++;
    }
    return count;
}

static void likely(struct decision *decision, uint64_t contact, uint32_t line, uint64_t incident,
                   uint64_t cluster)
{
    struct event *event = decision_event(decision, EVENT_CONTACT_LIKELY);
    event->contact = contact;
    event->line = line;
    event->incident = incident;
    event->contact_likely.cluster = cluster;
}

/* Those who wait on the cluster's line already. */
static void find_waiting(struct decision *decision, uint64_t cluster, const struct line *line,
                         uint64_t incident, struct cell cell)
{
    uint32_t found = 0;
    for (const struct contact *contact = list_first(&line->standing);
         contact && found < TOLD_AT_ONCE_MAX;
         contact = list_next(&line->standing, &contact->place.of_line)) {
        if (contact->channel != CHANNEL_VOICE || contact->taker || contact->likely ||
            contact->incident || !is_near(decision->core, contact->cell, cell))
            continue;
        likely(decision, contact->id, line->row.line, incident, cluster);
        found++;
    }
}

static bool has_room(const struct core *core)
{
    for (uint32_t i = 0; i < CLUSTERS_MAX; i++)
        if (core->clusters[i].id == 0)
            return true;
    return false;
}

static void form(struct decision *decision, const struct incident *incident, uint64_t first,
                 struct cell cell, uint32_t calls)
{
    const struct line *line = core_line(decision->core, incident->line);
    if (!has_room(decision->core))
        return; /* the oldest ends by itself; the incidents are there all the same */
    struct event *event = decision_event(decision, EVENT_CLUSTER_FORMED);
    event->incident = first;
    event->line = incident->line;
    event->cluster_formed.cluster = decision_id(decision);
    event->cluster_formed.east_cell = cell.east;
    event->cluster_formed.north_cell = cell.north;
    event->cluster_formed.calls = calls;
    find_waiting(decision, event->cluster_formed.cluster, line, first, cell);
    storm_by_cluster(decision, event->cluster_formed.cluster, incident->line);
}

void cluster_sight(struct decision *decision, const struct contact *contact,
                   const struct incident *incident)
{
    const struct core *core = decision->core;
    struct cell cell = cell_of(contact, incident);
    uint64_t caller = contact ? contact->caller : incident->caller;
    if (!cell_is_known(cell))
        return;
    const struct cluster *cluster = covering(core, cell);
    if (cluster) {
        struct event *event = decision_event(decision, EVENT_CLUSTER_GREW);
        event->incident = cluster->incident;
        event->line = cluster->line;
        event->cluster_grew.cluster = cluster->id;
        event->cluster_grew.calls = cluster->calls + 1;
        return;
    }
    uint64_t first = incident->id;
    uint32_t calls = count_near(decision, cell, caller, &first);
    if (calls >= core->parameters[PARAMETER_CLUSTER_CALLS])
        form(decision, incident, first, cell, calls);
}

/* Did this number tell of the cluster's incident? */
static bool told(const struct core *core, const struct cluster *cluster, uint64_t caller)
{
    const struct sighting *seen;
    for (uint32_t back = 0; caller && (seen = sighting(core, back)); back++)
        if (seen->caller == caller && is_near(core, seen->cell, cluster->cell))
            return true;
    return false;
}

void cluster_arrival(struct decision *decision, const struct event *arrived)
{
    const struct core *core = decision->core;
    struct cell cell = { arrived->contact_arrived.east_cell, arrived->contact_arrived.north_cell };
    const struct line *line = core_line(core, arrived->line);
    for (uint32_t i = 0; i < CLUSTERS_MAX; i++) {
        const struct cluster *cluster = &core->clusters[i];
        bool fits = cluster->id && cluster->line == arrived->line &&
                    (is_near(core, cluster->cell, cell) ||
                     told(core, cluster, arrived->contact_arrived.caller));
        if (!fits)
            continue;
        likely(decision, arrived->contact, arrived->line, cluster->incident, cluster->id);
        if (cluster->announced && !line->row.emergency &&
            arrived->contact_arrived.channel == CHANNEL_VOICE)
            announce_arrived(decision, arrived, ANNOUNCEMENT_CLUSTER);
        return;
    }
}

/* Nobody is let go who would not be told. false: the result was told already, or cannot be told to this caller. */
static bool attach(struct decision *decision, const struct contact *contact,
                   const struct incident *incident)
{
    const struct incident *own = merge_own(decision->core, incident, contact->caller);
    if (!contact->caller || !merge_is_to_be_told(decision->core, incident))
        return false;
    if (own->caller != contact->caller)
        return merge_join(decision, contact, incident, contact->caller);
    registration_attach(decision, contact, own, false);
    return true;
}

enum refusal cluster_subscribe(struct decision *decision, const struct contact *contact)
{
    const struct incident *incident = core_incident(decision->core, contact->likely);
    if (contact->line->row.emergency)
        return REFUSAL_EMERGENCY_LINE;
    if (contact->state != CONTACT_STATE_WAITING || contact->parked_ms || contact->incident ||
        !incident || !attach(decision, contact, incident))
        return REFUSAL_WRONG_STATE;
    decision->actor_kind = ACTOR_KIND_SYSTEM; /* what follows is the rule's, and ends the leg */
    decision->actor = 0;
    contact_end(decision, contact, END_CAUSE_SUBSCRIBED);
    return REFUSAL_NONE;
}

void cluster_due(struct decision *decision, const struct cluster *cluster)
{
    struct event *event = decision_event(decision, EVENT_CLUSTER_ENDED);
    event->incident = cluster->incident;
    event->line = cluster->line;
    event->cluster_ended.cluster = cluster->id;
    event->cluster_ended.calls = cluster->calls;
}

/* Those who wait hear it now. */
static void tell_waiting(struct decision *decision, const struct cluster *cluster)
{
    const struct line *line = core_line(decision->core, cluster->line);
    uint32_t found = 0;
    for (const struct contact *contact = list_first(&line->standing);
         contact && found < TOLD_AT_ONCE_MAX;
         contact = list_next(&line->standing, &contact->place.of_line)) {
        if (contact->channel != CHANNEL_VOICE || contact->taker ||
            contact->likely != cluster->incident || contact->incident || contact->dial)
            continue;
        announce(decision, contact, ANNOUNCEMENT_CLUSTER);
        found++;
    }
}

enum refusal decide_cluster_announce(struct decision *decision)
{
    const struct cluster_announce *asked = &decision->command->cluster_announce;
    uint32_t at = find(decision->core, asked->cluster);
    if (at == CLUSTERS_MAX)
        return REFUSAL_NO_SUCH_CLUSTER;
    const struct cluster *cluster = &decision->core->clusters[at];
    if (core_line(decision->core, cluster->line)->row.emergency)
        return REFUSAL_EMERGENCY_LINE;
    if (cluster->announced == asked->on)
        return REFUSAL_ALREADY;
    struct event *event = decision_event(decision, EVENT_CLUSTER_ANNOUNCED);
    event->incident = cluster->incident;
    event->line = cluster->line;
    event->cluster_announced.cluster = cluster->id;
    event->cluster_announced.on = asked->on;
    if (asked->on)
        tell_waiting(decision, cluster);
    return REFUSAL_NONE;
}

static void remember(struct core *core, const struct event *event, const struct contact *contact)
{
    const struct incident *incident = core_incident(core, event->incident);
    if (!incident)
        return;
    struct cell cell = cell_of(contact, incident);
    if (!cell_is_known(cell))
        return;
    core->sightings[core->sighting_count++ % SIGHTINGS_MAX] =
        (struct sighting){ .at_ms = event->at_ms,
                           .incident = incident->id,
                           .caller = contact ? contact->caller : incident->caller,
                           .line = incident->line,
                           .cell = cell };
}

void cluster_hear(struct core *core, const struct event *event)
{
    if (event->kind == EVENT_CONTACT_ATTACHED)
        remember(core, event, core_contact(core, event->contact));
    else if (event->kind == EVENT_INCIDENT_REGISTERED && event->contact == 0)
        remember(core, event, NULL);
}

static void refile(struct core *core, struct cluster *cluster)
{
    deadline_set(core, &cluster->deadline,
                 cluster->id ? cluster->grew_ms + core->parameters[PARAMETER_CLUSTER_QUIET_MS]
                             : NEVER,
                 cluster->id);
}

void clusters_refile(struct core *core)
{
    for (uint32_t i = 0; i < CLUSTERS_MAX; i++)
        if (core->clusters[i].id)
            refile(core, &core->clusters[i]);
}

void apply_cluster_formed(struct core *core, const struct event *event)
{
    const struct cluster_formed *formed = &event->cluster_formed;
    struct cluster *cluster = core->clusters;
    while (cluster->id != 0)
        cluster++;
    REQUIRE(cluster < core->clusters + CLUSTERS_MAX);
    core_id_used(core, formed->cluster);
    cluster->id = formed->cluster;
    cluster->incident = event->incident;
    cluster->line = event->line;
    cluster->calls = formed->calls;
    cluster->grew_ms = event->at_ms;
    cluster->cell = (struct cell){ formed->east_cell, formed->north_cell };
    cluster->announced = false;
    cluster->deadline.kind = DEADLINE_CLUSTER;
    cluster->deadline.owner = cluster;
    refile(core, cluster);
}

void apply_cluster_grew(struct core *core, const struct event *event)
{
    struct cluster *cluster = known(core, event->cluster_grew.cluster);
    cluster->calls = event->cluster_grew.calls;
    cluster->grew_ms = event->at_ms;
    refile(core, cluster);
}

void apply_cluster_announced(struct core *core, const struct event *event)
{
    struct cluster *cluster = known(core, event->cluster_announced.cluster);
    cluster->announced = event->cluster_announced.on;
}

void apply_cluster_ended(struct core *core, const struct event *event)
{
    struct cluster *cluster = known(core, event->cluster_ended.cluster);
    cluster->id = 0;
    refile(core, cluster);
}

void apply_contact_likely(struct core *core, const struct event *event)
{
    struct contact *contact = core_contact(core, event->contact);
    REQUIRE(contact && event->incident);
    contact->likely = event->incident;
}
