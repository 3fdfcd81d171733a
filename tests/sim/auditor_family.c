/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on families: incidents that follow another one. Nobody is lost in one: a child
 * keeps its number, its citizen and the time of the first contact; each is told what the parent's
 * citizen was told, or goes its own way. (I30) */
#include "tests/sim/ledger.h"

static struct seen_incident *known(struct auditor *auditor, uint64_t id)
{
    struct seen_incident *incident = ledger_incident(auditor, id);
    PROMISE("I30", incident, "a family of nobody");
    return incident;
}

static bool follows(const struct auditor *auditor, const struct seen_incident *incident,
                    uint64_t whom)
{
    for (uint32_t depth = 0; incident && depth < 16; depth++) {
        if (incident->id == whom)
            return true;
        incident = incident->parent ? ledger_incident(auditor, incident->parent) : NULL;
    }
    return false;
}

static void see_merged(struct auditor *auditor, const struct event *event)
{
    struct seen_incident *child = known(auditor, event->incident);
    struct seen_incident *parent = known(auditor, event->incident_merged.parent);
    bool strange = child->stranger || parent->stranger;
    PROMISE("I30", strange || child->state == INCIDENT_STATE_MERGED, "who is not merged follows");
    PROMISE("I30", strange || !child->parent, "who follows follows another one, too");
    PROMISE("I30", strange || !follows(auditor, parent, child->id), "a family in a circle");
    PROMISE("I30",
            strange || (!auditor_incident_is_closed(parent->state) && !parent->told &&
                        parent->state != INCIDENT_STATE_MERGED),
            "followed whom can tell nothing any more");
    PROMISE("I7", strange || child->emergency == parent->emergency,
            "an emergency among work orders");
    PROMISE("I7", !child->emergency || event->actor_kind == ACTOR_KIND_USER,
            "an emergency is merged by no person");
    child->parent = parent->id;
    child->called = false;
    parent->children++;
    parent->followers++;
}

static void see_unmerged(struct auditor *auditor, const struct event *event)
{
    struct seen_incident *child = known(auditor, event->incident);
    struct seen_incident *parent = known(auditor, event->incident_unmerged.parent);
    PROMISE("I30", child->stranger || child->parent == parent->id,
            "parted from whom it did not follow");
    if (child->parent == parent->id && !child->called)
        parent->followers--;
    child->parent = 0;
    child->called = false;
    child->unmerged = true;
}

static void see_called(struct auditor *auditor, const struct event *event)
{
    const struct follower_called *called = &event->follower_called;
    struct seen_incident *child = known(auditor, event->incident);
    struct seen_incident *parent = known(auditor, called->parent);
    bool strange = child->stranger || parent->stranger;
    PROMISE("I30", strange || child->parent == parent->id, "called by whom it does not follow");
    PROMISE("I30", strange || !child->called, "called twice");
    PROMISE("I30",
            strange || parent->told || parent->called || auditor_incident_is_closed(parent->state),
            "called before there was an answer");
    PROMISE("I30", strange || !called->told || ledger_incident(auditor, called->answer_of),
            "called for nobody's answer");
    if (child->parent == parent->id)
        parent->followers--;
    child->called = true;
}

/* Each says of the other once how it belongs to it. */
static void see_tie(struct auditor *auditor, const struct event *event)
{
    bool link = event->kind == EVENT_INCIDENT_LINKED;
    uint64_t other = link ? event->incident_linked.other : event->incident_unlinked.other;
    enum relation relation =
        link ? event->incident_linked.relation : event->incident_unlinked.relation;
    uint64_t which = other << 8 | relation;
    uint32_t place = ledger_find(auditor, LEDGER_TIE, event->incident, which);
    PROMISE("I30", ledger_incident(auditor, event->incident), "nobody is tied");
    PROMISE("I30", (place == 2) != link, link ? "tied twice" : "untied, and was not tied");
    ledger_put(auditor, LEDGER_TIE, event->incident, which, link);
}

bool auditor_see_family(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_INCIDENT_MERGED:
        see_merged(auditor, event);
        return true;
    case EVENT_INCIDENT_UNMERGED:
        see_unmerged(auditor, event);
        return true;
    case EVENT_FOLLOWER_CALLED:
        see_called(auditor, event);
        return true;
    case EVENT_INCIDENT_LINKED:
    case EVENT_INCIDENT_UNLINKED:
        see_tie(auditor, event);
        return true;
    case EVENT_INCIDENT_HANDED_ON:
        PROMISE("I30",
                ledger_incident(auditor, event->incident) &&
                    ledger_incident(auditor, event->incident_handed_on.to),
                "handed on to nothing");
        return true;
    default:
        return false;
    }
}

void auditor_rest_of_family(const struct auditor *auditor, const struct seen_incident *incident)
{
    PROMISE("I30", !incident->unmerged, "parted, and nobody's clock runs");
    if (incident->state == INCIDENT_STATE_MERGED) {
        const struct seen_incident *parent = ledger_incident(auditor, incident->parent);
        PROMISE("I30", parent, "merged, and follows nobody");
        PROMISE("I30",
                parent->stranger || incident->called ||
                    (!auditor_incident_is_closed(parent->state) && !parent->told),
                "the parent was told, and its child does not hear of it");
        PROMISE("I30", !incident->called || incident->told || incident->clock,
                "called, and nobody tells the citizen");
    }
}
