/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * callback: an emergency call that got lost is somebody's task until the citizen is reached, calls
 * again, or a person decides. One open callback per number; withheld numbers get one each.
 *
 * Every try is an event. Busy: again soon, so many times; no answer: a text goes out and a supervisor
 * decides. A number that cannot be dialled never is; where a ringing telephone is a danger only a
 * supervisor may try. */
#ifndef DISPATCHER_CORE_CALLBACK_H
#define DISPATCHER_CORE_CALLBACK_H

#include "dispatcher/core/decision.h"

/* The caller's open callback; NULL for none or a withheld number. */
const struct callback *callback_of(const struct core *core, uint64_t caller);

/* Opens one for the contact, unless the number waits for one already. */
void callback_open(struct decision *decision, const struct contact *contact);
void callback_end(struct decision *decision, const struct callback *callback,
                  enum callback_end end);

/* Sets its deadline: the next try, or the promise. Called after every change of it. */
void callback_refile(struct core *core, struct callback *callback);

/* Nobody called back in time, or it is time for the next try. */
void callback_due(struct decision *decision, const struct callback *callback);

enum refusal decide_callback_finish(struct decision *decision);
enum refusal decide_callback_try(struct decision *decision);

void apply_callback_opened(struct core *core, const struct event *event);
void apply_callback_tried(struct core *core, const struct event *event);
void apply_callback_fell(struct core *core, const struct event *event);
void apply_callback_ended(struct core *core, const struct event *event);

#endif
