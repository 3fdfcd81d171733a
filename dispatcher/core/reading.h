/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reading: lists of articles that a role must read, by when, and who says that they did. Nothing is decided by
 * what somebody read: here is only which lists there are; the rest is in the events (docs/decisions/0038-reading.md). */
#ifndef DISPATCHER_CORE_READING_H
#define DISPATCHER_CORE_READING_H

#include "dispatcher/core/decision.h"

enum refusal decide_reading_assign(struct decision *decision);
enum refusal decide_reading_end(struct decision *decision);
enum refusal decide_reading_confirm(struct decision *decision);

void apply_reading_assigned(struct core *core, const struct event *event);
void apply_reading_ended(struct core *core, const struct event *event);

#endif
