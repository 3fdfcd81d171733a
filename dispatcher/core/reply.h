/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reply: a department reports what it did; assisting ones first, the lead last. */
#ifndef DISPATCHER_CORE_REPLY_H
#define DISPATCHER_CORE_REPLY_H

#include "dispatcher/core/decision.h"

enum refusal decide_task_reply(struct decision *decision);
enum refusal decide_task_reject_reply(struct decision *decision);

#endif
