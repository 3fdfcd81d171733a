/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reserve: how many idle takers of emergency lines ordinary contacts leave alone. Priority decides who
 * is next, only a reserve decides whether anyone is free (Gurvich, Armony and Mandelbaum 2008).
 *
 * max(RESERVE_LEAST, RESERVE_PERMILLE of those signed on), plus what the service level asks for: one
 * more when fewer than RESERVE_GOAL of the emergencies answered in the last five minutes were answered
 * in time, one less after five minutes in which all were; never above RESERVE_MOST of those signed on,
 * so that a handful of takers who do everything keep doing everything. Every change is an event. */
#ifndef DISPATCHER_CORE_RESERVE_H
#define DISPATCHER_CORE_RESERVE_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* Decides the reserve's change when it is due; false when it stays. */
bool reserve_next(struct decision *decision);

/* An emergency was answered. */
void reserve_count(struct core *core, uint64_t at_ms, bool in_time);

void apply_reserve_changed(struct core *core, const struct event *event);

#endif
