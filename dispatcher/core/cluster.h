/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cluster: many calls about one place in a short time, on incidents that were registered or attached
 * (PARAMETER_CLUSTER_CALLS numbers in …_WINDOW_MS within …_RADIUS_M of each other). Who arrives on its line from
 * its place, or with a number that told of it, is likely about it: noted beside the contact; a
 * person attaches it, nothing is merged by itself. On an ordinary line a supervisor may have it
 * announced, and the citizen may ask for the result by a key instead of waiting. */
#ifndef DISPATCHER_CORE_CLUSTER_H
#define DISPATCHER_CORE_CLUSTER_H

#include "dispatcher/core/decision.h"

/* The contact (NULL: none) tells of the incident: a cluster may form or grow. */
void cluster_sight(struct decision *decision, const struct contact *contact,
                   const struct incident *incident);

/* The contact that just arrived may be about a cluster. */
void cluster_arrival(struct decision *decision, const struct event *arrived);

/* The citizen pressed the key: attached, and the wait is over. */
enum refusal cluster_subscribe(struct decision *decision, const struct contact *contact);

/* Nothing of it for so long. */
void cluster_due(struct decision *decision, const struct cluster *cluster);

enum refusal decide_cluster_announce(struct decision *decision);

/* Learns from what has just been applied. */
void cluster_hear(struct core *core, const struct event *event);

/* As the city's quiet time now says. */
void clusters_refile(struct core *core);

void apply_cluster_formed(struct core *core, const struct event *event);
void apply_cluster_grew(struct core *core, const struct event *event);
void apply_cluster_announced(struct core *core, const struct event *event);
void apply_cluster_ended(struct core *core, const struct event *event);
void apply_contact_likely(struct core *core, const struct event *event);

#endif
