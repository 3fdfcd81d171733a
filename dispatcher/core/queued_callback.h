/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * queued_callback: a contact of an ordinary line whose citizen hung up and is called when it is their
 * turn. The contact goes on waiting without a leg: band, due time and arrival stay, so that who
 * hangs up loses nothing and gains nothing. It is offered like any other, to one taker, who
 * calls out; there are never more under way than takers held for them. */
#ifndef DISPATCHER_CORE_QUEUED_CALLBACK_H
#define DISPATCHER_CORE_QUEUED_CALLBACK_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* The number's contact that waits to be called back; NULL for none. */
const struct contact *queued_callback_of(const struct core *core, uint64_t caller);

/* The leg ends, the contact stays. */
enum refusal queued_callback_begin(struct decision *decision, const struct contact *contact);

/* When something happens to it by itself: the next try, or its lapse; NEVER for contacts with a leg. */
uint64_t queued_callback_due(const struct contact *contact);
void queued_callback_fall(struct decision *decision, const struct contact *contact);

/* It became an emergency: a busy number is left alone no longer. */
void queued_callback_hasten(struct decision *decision, const struct contact *contact);

/* May it be offered now? Not while a busy number is left alone. */
bool queued_callback_is_ripe(const struct contact *contact);

/* How the taker's call went. */
enum refusal queued_callback_tried(struct decision *decision, const struct contact *contact,
                                   enum try_result result);

enum refusal decide_callback_offer(struct decision *decision);
enum refusal decide_callback_queue(struct decision *decision);

void apply_callback_queued(struct core *core, const struct event *event);
void queued_callback_apply_tried(struct core *core, const struct event *event);
void queued_callback_apply_fell(struct core *core, const struct event *event);

/* It ended, or reached its citizen: the number waits no more. */
void queued_callback_forget(struct core *core, const struct contact *contact);

#endif
