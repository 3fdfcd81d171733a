/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * telling: the citizen learns the result, by text or by a person, or it is recorded why not; then the
 * question how it was. */
#ifndef DISPATCHER_CORE_TELLING_H
#define DISPATCHER_CORE_TELLING_H

#include "dispatcher/core/decision.h"

/* The reply may be told: by text at once, where that is allowed, else by a person in time. */
void telling_begin(struct decision *decision, const struct incident *incident);

/* No answer by text can come, or none came: a person asks. */
void telling_ask_in_person(struct decision *decision, const struct incident *incident);

/* The citizen knows the result, or it is recorded why not; what follows is the question how it was. */
void telling_told(struct decision *decision, const struct incident *incident, enum tell_means means,
                  enum excuse_reason excuse, uint64_t text);

/* What a report about one of its texts means for the incident. */
void incident_text_reported(struct decision *decision, const struct incident *incident,
                            const struct citizen_text *text, enum text_state state);

enum refusal decide_incident_tell(struct decision *decision);

#endif
