/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mute: the citizen in conversation no longer hears the taker, who hears them on. Who else takes part
 * hears the taker, and so does the recording. It ends with the taker's part in the conversation; the
 * trail has both moments. */
#ifndef DISPATCHER_CORE_MUTE_H
#define DISPATCHER_CORE_MUTE_H

#include "dispatcher/core/decision.h"

/* Nothing when nobody is muted. */
void mute_end(struct decision *decision, const struct contact *contact);

enum refusal decide_contact_mute(struct decision *decision);
enum refusal decide_contact_unmute(struct decision *decision);

void apply_contact_muted(struct core *core, const struct event *event);
void apply_contact_unmuted(struct core *core, const struct event *event);

#endif
