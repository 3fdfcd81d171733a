/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * callback: an emergency call that got lost is somebody's task until the citizen is reached, calls
 * again, or a person decides. One open callback per number; withheld numbers get one each. */
#ifndef DISPATCHER_CORE_CALLBACK_H
#define DISPATCHER_CORE_CALLBACK_H

#include "dispatcher/core/decision.h"

/* The caller's open callback; NULL for none or a withheld number. */
const struct callback *callback_of(const struct core *core, uint64_t caller);

/* Opens one for the contact, unless the number waits for one already. */
void callback_open(struct decision *decision, const struct contact *contact);
void callback_end(struct decision *decision, const struct callback *callback,
                  enum callback_end end);

/* Nobody called back in time. */
void callback_due(struct decision *decision, const struct callback *callback);

enum refusal decide_callback_finish(struct decision *decision);

void apply_callback_opened(struct core *core, const struct event *event);
void apply_callback_ended(struct core *core, const struct event *event);

#endif
