/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * citizen_text: a text ordered to a citizen, kept until its final report. Only its kind is known
 * here; number and words are personal data and templates outside the core. */
#ifndef DISPATCHER_CORE_CITIZEN_TEXT_H
#define DISPATCHER_CORE_CITIZEN_TEXT_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* May this citizen be texted at all? Not without a number, not when a text could endanger, not when
 * identity is hidden (hotline practice: minors, domestic violence, sealed orders). */
bool citizen_may_be_texted(const struct incident *incident);

/* Orders a text about the incident (or the contact alone); returns its id. */
uint64_t citizen_text_order(struct decision *decision, enum template template,
                            const struct incident *incident, uint64_t contact);

enum refusal decide_text_report(struct decision *decision);

void apply_text_ordered(struct core *core, const struct event *event);
void apply_text_reported(struct core *core, const struct event *event);

#endif
