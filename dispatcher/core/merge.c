/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/merge.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/registration.h"
#include "dispatcher/core/telling.h"

/* ---- may they be one? ---------------------------------------------------------------------- */

const struct incident *merge_parent(const struct core *core, const struct incident *incident)
{
    return link_held(&incident->sibling) ? core_incident(core, incident->parent) : NULL;
}

/* Who is asked to follow a follower follows whom that one follows. */
static const struct incident *head_of(const struct core *core, const struct incident *incident)
{
    const struct incident *parent;
    while ((parent = merge_parent(core, incident)))
        incident = parent;
    return incident;
}

/* Its citizen was not told yet: an answer can still reach those who join. */
static bool is_open(enum incident_state state)
{
    return !incident_is_closed(state) && state != INCIDENT_STATE_DRAFT &&
           state != INCIDENT_STATE_MERGED && state != INCIDENT_STATE_TOLD &&
           state != INCIDENT_STATE_REVISIT && state != INCIDENT_STATE_PENDING_CLOSE;
}

/* Categories are AABBCC: the first two digits are the field. */
static bool same_field(const struct incident *a, const struct incident *b)
{
    return a->category / 10000 == b->category / 10000;
}

static bool same_event(const struct incident *a, const struct incident *b)
{
    uint64_t apart_ms = a->started_ms > b->started_ms ? a->started_ms - b->started_ms
                                                      : b->started_ms - a->started_ms;
    bool near = !cell_is_known(a->cell) || !cell_is_known(b->cell) ||
                cell_distance_m(a->cell, b->cell) <= MERGE_RADIUS_M;
    return same_field(a, b) && near && apart_ms <= MERGE_WINDOW_H * HOUR_MS;
}

static enum refusal check_basis(const struct decision *decision, const struct incident *child,
                                const struct incident *parent)
{
    if (child->emergency != parent->emergency)
        return REFUSAL_UNLIKE;
    if (child->emergency && decision->actor_kind != ACTOR_KIND_USER)
        return REFUSAL_HUMAN_DECIDES;
    switch (decision->command->incident_merge.basis) {
    case MERGE_BASIS_SAME_EVENT:
        return same_event(child, parent) ? REFUSAL_NONE : REFUSAL_UNLIKE;
    case MERGE_BASIS_SAME_CITIZEN:
        return child->caller && child->caller == parent->caller && same_field(child, parent)
                   ? REFUSAL_NONE
                   : REFUSAL_UNLIKE;
    case MERGE_BASIS_JUDGED: /* in words, by somebody who answers for it */
        if (!decision->command->has_personal)
            return REFUSAL_REASON_MISSING;
        return decision_forces(decision) || decision_may(decision, ROLE_REVIEWER)
                   ? REFUSAL_NONE
                   : REFUSAL_NOT_ALLOWED;
    case MERGE_BASIS_NONE:
    case MERGE_BASIS_COUNT:
        break;
    }
    return REFUSAL_REASON_MISSING;
}

static enum refusal check_room(const struct core *core, const struct incident *child,
                               const struct incident *parent)
{
    if (parent->family ? parent->family->count >= MERGE_CHILDREN_MAX
                       : pool_room(&core->families) == 0)
        return REFUSAL_LIMIT;
    if (child->family && child->family->height + 1 > MERGE_DEPTH_MAX)
        return REFUSAL_LIMIT;
    return REFUSAL_NONE;
}

/* What the child knows is the parent's danger, too; its secrecy is its citizen's own. */
static void tell_parent(struct decision *decision, const struct incident *child,
                        const struct incident *parent)
{
    struct guidance guidance = { .priority = child->priority,
                                 .risks = child->risks & ~(1U << RISK_TEXT_UNSAFE) };
    incident_raise(decision, parent, &guidance, child->id);
}

static void follow(struct decision *decision, const struct incident *child,
                   const struct incident *parent, enum merge_basis basis)
{
    incident_step(decision, child, child->state, INCIDENT_STEP_MERGE);
    struct event *event = incident_event(decision, EVENT_INCIDENT_MERGED, child);
    event->incident_merged.parent = parent->id;
    event->incident_merged.basis = basis;
}

enum refusal decide_incident_merge(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct incident_merge *asked = &decision->command->incident_merge;
    const struct incident *parent = core_incident(core, asked->parent);
    const struct incident *child;
    enum refusal refusal = incident_find(decision, asked->child, INCIDENT_STEP_MERGE, &child);
    if (!parent && (!refusal || refusal == REFUSAL_WRONG_STATE))
        return REFUSAL_NO_SUCH_INCIDENT;
    if (child == parent)
        return REFUSAL_SAME_INCIDENT;
    if (refusal)
        return refusal;
    parent = head_of(core, parent);
    if (parent == child)
        return REFUSAL_MERGE_CYCLE;
    if (!is_open(parent->state))
        return REFUSAL_PARENT_CLOSED;
    refusal = check_basis(decision, child, parent);
    if (!refusal)
        refusal = check_room(core, child, parent);
    if (refusal)
        return refusal;
    follow(decision, child, parent, asked->basis);
    tell_parent(decision, child, parent);
    return REFUSAL_NONE;
}

/* ---- somebody else calls about it ---------------------------------------------------------- */

const struct incident *merge_own(const struct core *core, const struct incident *incident,
                                 uint64_t caller)
{
    const struct incident *head = head_of(core, incident);
    if (!caller || head->emergency || incident->caller == caller)
        return incident;
    if (head->caller == caller)
        return head;
    const struct incident *child = head->family ? list_first(&head->family->children) : NULL;
    while (child && child->caller != caller)
        child = list_next(&head->family->children, &child->sibling);
    return child ? child : incident;
}

bool merge_is_to_be_told(const struct core *core, const struct incident *incident)
{
    const struct incident *head = head_of(core, incident);
    return !head->emergency && is_open(head->state);
}

static bool may_join(const struct core *core, const struct contact *contact,
                     const struct incident *head, uint64_t caller)
{
    struct incident alone = { .family = NULL };
    struct incident known = *head;
    known.risks |= contact_guidance(contact).risks;
    return caller && caller != head->caller && !contact->incident && !head->emergency &&
           is_open(head->state) && !citizen_text_endangers(&known) && registration_has_room(core) &&
           !check_room(core, &alone, head);
}

/* The matter is the head's; the citizen, the hour, the place and what was answered are the contact's. */
static struct incident register_follower(struct decision *decision, const struct contact *contact,
                                         const struct incident *head, uint64_t caller)
{
    struct cell cell = cell_is_known(contact->cell) ? contact->cell : head->cell;
    struct event *event = decision_event(decision, EVENT_INCIDENT_REGISTERED);
    event->incident = decision_id(decision);
    event->contact = contact->id;
    event->line = head->line;
    event->taker = decision->user ? decision->user->row.user : 0;
    event->incident_registered =
        (struct incident_registered){ .number = registration_number(decision),
                                      .category = head->category,
                                      .priority = head->priority,
                                      .sla = head->sla,
                                      .district = head->district,
                                      .secrecy = head->secrecy,
                                      .caller = caller,
                                      .started_ms = contact->arrived_ms,
                                      .east_cell = cell.east,
                                      .north_cell = cell.north };
    guide_fill(contact, false, &event->incident_registered); /* should it go its own way */
    decision->verdict->incident = event->incident;
    decision->verdict->number = event->incident_registered.number;
    struct incident child = registration_seen(event);
    child.state = INCIDENT_STATE_REGISTERED;
    return child;
}

bool merge_join(struct decision *decision, const struct contact *contact,
                const struct incident *incident, uint64_t caller)
{
    const struct incident *head = head_of(decision->core, incident);
    if (!may_join(decision->core, contact, head, caller))
        return false;
    struct incident child = register_follower(decision, contact, head, caller);
    registration_attach(decision, contact, &child, true);
    guide_registered(decision, contact, &child);
    citizen_text_order(decision, TEMPLATE_RECEIVED, &child, 0);
    follow(decision, &child, head, MERGE_BASIS_SAME_EVENT);
    return true;
}

/* ---- and apart again ----------------------------------------------------------------------- */

/* Its own clock, as if it had never followed: from the citizen's first contact. */
static void go_own_way(struct decision *decision, const struct incident *child, uint64_t parent,
                       enum unmerge_reason reason)
{
    incident_step(decision, child, INCIDENT_STATE_MERGED, INCIDENT_STEP_UNMERGE);
    struct event *event = incident_event(decision, EVENT_INCIDENT_UNMERGED, child);
    event->incident_unmerged.parent = parent;
    event->incident_unmerged.reason = reason;
    clock_begin(decision, child, child->round, CLOCK_KIND_DISPATCH, child->started_ms);
}

enum refusal decide_incident_unmerge(struct decision *decision)
{
    const struct incident_unmerge *asked = &decision->command->incident_unmerge;
    const struct incident *child;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &child);
    if (refusal)
        return refusal;
    if (child->state != INCIDENT_STATE_MERGED)
        return REFUSAL_NOT_MERGED;
    if (asked->reason == UNMERGE_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    /* The parent's answer is out or on its way: somebody else than who merged them looks again. */
    const struct incident *parent = core_incident(decision->core, child->parent);
    if ((!parent || !is_open(parent->state)) && decision->user &&
        (!decision_forces(decision) || decision->user->row.user == child->merged_by))
        return REFUSAL_SAME_PERSON;
    go_own_way(decision, child, child->parent, asked->reason);
    return REFUSAL_NONE;
}

/* ---- the parent's answer ------------------------------------------------------------------- */

/* Who can be texted gets the text and is told when the message centre took it; who cannot, but could
 * be called, is somebody's task; nobody else can be told. */
static void tell_child(struct decision *decision, const struct incident *child)
{
    if (child->anonymous || !child->caller)
        telling_told(decision, child, TELL_MEANS_EXCUSED, EXCUSE_REASON_ANONYMOUS, 0);
    else
        telling_begin(decision, child);
}

bool merge_next(struct decision *decision)
{
    const struct family *family = list_first(&decision->core->calling);
    if (!family)
        return false;
    const struct incident *child = list_first(&family->children);
    struct event *event = incident_event(decision, EVENT_FOLLOWER_CALLED, child);
    event->follower_called.parent = family->parent;
    event->follower_called.told = family->told;
    event->follower_called.answer_of = family->answer_of;
    if (!family->told) {
        go_own_way(decision, child, family->parent, UNMERGE_REASON_PARENT_GONE);
        return true;
    }
    struct incident called = *child;
    called.answer_of = family->answer_of;
    tell_child(decision, &called);
    return true;
}

/* ---- what becomes of it -------------------------------------------------------------------- */

static struct family *family_of(struct core *core, struct incident *parent)
{
    if (parent->family)
        return parent->family;
    struct family *family = pool_take(&core->families);
    family->parent = parent->id;
    family->head = parent;
    list_init(&family->children);
    parent->family = family;
    return family;
}

static void leave(struct core *core, struct incident *child)
{
    struct incident *parent = core_incident(core, child->parent);
    if (!link_held(&child->sibling))
        return;
    REQUIRE(parent && parent->family);
    struct family *family = parent->family;
    link_leave(&child->sibling);
    family->count--;
    if (family->count > 0)
        return;
    link_leave(&family->calling);
    parent->family = NULL;
    pool_give(&core->families, family);
}

static void call(struct core *core, struct incident *parent, bool told, uint64_t answer_of)
{
    struct family *family = parent->family;
    if (!family || link_held(&family->calling))
        return;
    family->told = told;
    family->answer_of = answer_of;
    list_append(&core->calling, &family->calling, family);
}

void merge_moved(struct core *core, struct incident *incident, enum incident_step step)
{
    /* A child that is told calls its own when its turn came, by apply_follower_called(). */
    if (step == INCIDENT_STEP_TELL || step == INCIDENT_STEP_ANSWER_DIRECTLY)
        call(core, incident, true, incident->id);
    else if (incident_is_closed(incident->state))
        call(core, incident, false, 0);
}

void apply_incident_merged(struct core *core, const struct event *event)
{
    struct incident *child = core_incident(core, event->incident);
    struct incident *parent = core_incident(core, event->incident_merged.parent);
    REQUIRE(child && parent && child != parent && child->state == INCIDENT_STATE_MERGED);
    struct family *family = family_of(core, parent);
    child->parent = parent->id;
    child->merged_by = event->actor_kind == ACTOR_KIND_USER ? event->actor : 0;
    list_append(&family->children, &child->sibling, child);
    family->count++;
    uint32_t height = child->family ? child->family->height + 1 : 1;
    if (height > family->height)
        family->height = height;
    incident_heard(core, parent->id, child->callers);
}

void apply_incident_unmerged(struct core *core, const struct event *event)
{
    struct incident *child = core_incident(core, event->incident);
    REQUIRE(child && child->parent == event->incident_unmerged.parent);
    leave(core, child);
    incident_heard(core, child->parent, -(int64_t)child->callers);
    child->parent = child->answer_of = 0;
    child->merged_by = 0;
}

void apply_follower_called(struct core *core, const struct event *event)
{
    const struct follower_called *called = &event->follower_called;
    struct incident *child = core_incident(core, event->incident);
    REQUIRE(child && child->state == INCIDENT_STATE_MERGED && child->parent == called->parent);
    leave(core, child);
    child->answer_of = called->answer_of;
    if (called->told)
        call(core, child, true, called->answer_of);
}
