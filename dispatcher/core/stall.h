/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stall: the watchdog's eye. It looks for a contact that waits beside a taker who could have it, by
 * walking all of both with rules written down once more: the queue's lanes and seats are not asked. What
 * it finds is a bug; QueueMend builds lanes and seats anew so that nobody waits for the bug's cure. */
#ifndef DISPATCHER_CORE_STALL_H
#define DISPATCHER_CORE_STALL_H

#include "dispatcher/core/decision.h"

enum refusal decide_queue_mend(struct decision *decision);

void apply_queue_stalled(struct core *core, const struct event *event);

#endif
