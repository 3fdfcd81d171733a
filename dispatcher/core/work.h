/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * work: all tasks of an incident at once. */
#ifndef DISPATCHER_CORE_WORK_H
#define DISPATCHER_CORE_WORK_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* Takes back every open task: the incident goes another way. */
void work_recall(struct decision *decision, const struct incident *incident);

/* Takes back what only informs or watches: the lead is done. */
void work_finish(struct decision *decision, const struct incident *incident);

/* The departments' clocks stand still, or go on. */
void work_pause(struct decision *decision, const struct incident *incident);
void work_resume(struct decision *decision, const struct incident *incident);

/* Do departments work on it now? Not while it waits for facts, is suspended or disputed. */
bool work_goes_on(const struct incident *incident);

#endif
