/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * citizen_text: a text ordered to a citizen, kept until its final report. Only its kind is known
 * here; number and words are personal data and templates outside the core.
 *
 * Guarantees:
 *  - who must not be texted is not: TextExcused says why, and whether a person must tell instead;
 *  - what can wait is held until the quiet hours are over (TextHeld, then TextOrdered), and is looked
 *    at once more then: what holds no longer is not said;
 *  - of each step of an incident (template and round) the citizen gets one text. It may be ordered
 *    again only when it failed. */
#ifndef DISPATCHER_CORE_CITIZEN_TEXT_H
#define DISPATCHER_CORE_CITIZEN_TEXT_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* May this citizen be texted at all? Not without a number, not when a text could endanger, not when
 * identity is hidden (hotline practice: minors, domestic violence, sealed orders). */
bool citizen_may_be_texted(const struct incident *incident);

/* Could a word about this incident endanger somebody, whoever reads it? */
bool citizen_text_endangers(const struct incident *incident);

/* Orders a text about the incident (or the contact alone), or holds it until morning. Returns its id,
 * 0 when the citizen is excused from it, or when there is no room: nobody is told by it then, and the clock
 * of the telling or the survey brings a person to it. */
uint64_t citizen_text_order(struct decision *decision, enum template template,
                            const struct incident *incident, uint64_t contact);

/* When the quiet hours that are on at this moment end; 0 when none are. */
uint64_t citizen_quiet_until(const struct core *core, uint64_t at_ms);

/* The quiet hours are over for this text. */
void citizen_text_due(struct decision *decision, const struct citizen_text *text);

/* Somebody who is texted once and then waits: is this step's text out or on its way? */
bool citizen_has_text(const struct incident *incident, enum template template);

/* What it says holds no longer (the citizen heard it, or answered it): it is excused before it goes out, and
 * taken back from where it is after that. Nothing happens for a text that is over, or 0. */
void citizen_text_recall(struct decision *decision, uint64_t id);

enum refusal decide_text_report(struct decision *decision);
enum refusal decide_text_phone(struct decision *decision);

void apply_text_held(struct core *core, const struct event *event);
void apply_text_excused(struct core *core, const struct event *event);
void apply_text_ordered(struct core *core, const struct event *event);
void apply_text_reported(struct core *core, const struct event *event);
void apply_text_recalled(struct core *core, const struct event *event);

#endif
