/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scene: where units work for one incident. What nobody says follows here by itself: picks of a plan
 * are alerted one by one, and units whose task or incident ended are released. */
#ifndef DISPATCHER_CORE_SCENE_H
#define DISPATCHER_CORE_SCENE_H

#include "dispatcher/core/decision.h"

/* Departments work on it: units may be sent. */
bool incident_takes_units(const struct incident *incident);

/* Is there a scene, or room for one? */
bool scene_may_open(const struct core *core, uint64_t incident);

/* The incident's scene, made if there is none. */
struct scene *scene_open(struct core *core, uint64_t incident);

/* Decides one consequence; false when all scenes are at rest. */
bool scene_next(struct decision *decision);

/* Looks anew at what follows there; called by whatever changed it. A scene where nothing is left
 * goes. */
void scene_refile(struct core *core, uint64_t incident);

/* The incident went out to departments: its run card is read. */
void scene_dispatched(struct core *core, const struct incident *incident);

void scene_unpick(struct core *core, struct scene *scene, struct unit *unit);

#endif
