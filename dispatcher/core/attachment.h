/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attachment: a picture or document that a department adds to its task while it is open. Where it lies and its
 * digest stand in the trail; what opens it travels as personal data and lies sealed under the incident, so that
 * it is erased with it. */
#ifndef DISPATCHER_CORE_ATTACHMENT_H
#define DISPATCHER_CORE_ATTACHMENT_H

#include "dispatcher/core/decision.h"

enum {
    TASK_ATTACHMENTS_MAX = 16
};

enum refusal decide_attachment_store(struct decision *decision);

void apply_attachment_stored(struct core *core, const struct event *event);

#endif
