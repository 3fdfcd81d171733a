/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * merge: several incidents are one matter. The child follows its parent: one work for all, and every
 * citizen hears of it. Nothing moves and nothing is lost: contacts, recordings, order number and the
 * time of the first contact stay the child's, and unmerging gives it its own clock back.
 *
 * When the parent is told, its children's turn comes one after the other, spread over ticks: each
 * citizen gets the parent's result, or the reason why not is recorded, and is asked how it was; who
 * is not content reopens the own incident alone. When the parent ends without an answer (void,
 * withdrawn, transferred …) its children go their own ways.
 *
 * Whoever else calls about a work order and is attached to it follows it, too: with an order and a number
 * of the citizen's own, registered and merged at once.
 *
 * A parent may follow another one in its turn, its children with it. For emergencies a human decides.
 * Decisions: docs/decisions/0010-merging.md. */
#ifndef DISPATCHER_CORE_MERGE_H
#define DISPATCHER_CORE_MERGE_H

#include "dispatcher/core/decision.h"

enum {
    MERGE_CHILDREN_MAX = 65536, /* that follow one parent at once */
    MERGE_DEPTH_MAX = 8,        /* parents above each other */
    MERGE_RADIUS_M = 1500,      /* the same event is not wider ... */
    MERGE_WINDOW_H = 24         /* ... and not longer; a reviewer may judge otherwise */
};

/* Those who follow one parent; there while there are any. */
struct family {
    uint64_t parent; /* 0: a free slot */
    struct incident *head;
    struct list children; /* oldest first */
    uint32_t count;
    uint32_t height;    /* at least how many parents stand above each other below this one */
    bool told;          /* what its children are called for */
    uint64_t answer_of; /* whose reply they are told */
    struct link calling;
};

/* The parent an incident follows now, NULL: none. */
const struct incident *merge_parent(const struct core *core, const struct incident *incident);

/* Where the caller's further contact about the incident belongs: what of it is the caller's own already, or
 * the incident itself. */
const struct incident *merge_own(const struct core *core, const struct incident *incident,
                                 uint64_t caller);

/* Is the incident a work order whose result, or that of the one it follows, is still to come? */
bool merge_is_to_be_told(const struct core *core, const struct incident *incident);

/* Registers an order for the contact that follows the incident. false: nothing is to follow: it is an
 * emergency, it is over or told, a word about it could endanger, the caller is not known or is its own, the
 * contact is about something else already, or there is no room. */
bool merge_join(struct decision *decision, const struct contact *contact,
                const struct incident *incident, uint64_t caller);

/* One child's turn, when a parent was told or ended; false: nobody's. */
bool merge_next(struct decision *decision);

/* The incident moved: its children may have to be called. */
void merge_moved(struct core *core, struct incident *incident, enum incident_step step);

enum refusal decide_incident_merge(struct decision *decision);
enum refusal decide_incident_unmerge(struct decision *decision);

void apply_incident_merged(struct core *core, const struct event *event);
void apply_incident_unmerged(struct core *core, const struct event *event);
void apply_follower_called(struct core *core, const struct event *event);

#endif
