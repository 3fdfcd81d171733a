/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * send_back: a department says the task is not its own; the centre rules. */
#ifndef DISPATCHER_CORE_SEND_BACK_H
#define DISPATCHER_CORE_SEND_BACK_H

#include "dispatcher/core/decision.h"

enum refusal decide_task_send_back(struct decision *decision);
enum refusal decide_task_rule_return(struct decision *decision);

#endif
