/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * survey: did somebody contact you, is it solved, are you satisfied? The citizen's answer, by text or
 * to a person, closes the incident or sends it into a further round. Silence is never "satisfied". */
#ifndef DISPATCHER_CORE_SURVEY_H
#define DISPATCHER_CORE_SURVEY_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* Contacted, solved, satisfied all yes or mostly yes. */
bool survey_is_good(enum degree contacted, enum degree solved, enum degree satisfied);

/* The incident a text answers: the caller's last told one that waits for its rating; NULL when the
 * command is no survey reply. A text to an emergency line rates incidents of that line alone. */
const struct incident *survey_of_reply(const struct core *core, const struct command *command,
                                       const struct line *line);

/* Until when something should be done about a bad one, by the city's calendar. */
void survey_rated(struct decision *decision, struct survey_answered *answered);

/* Records the answer and moves the incident: CLOSED, or REDO. */
void survey_answered(struct decision *decision, const struct incident *incident,
                     enum degree contacted, enum degree solved, enum degree satisfied,
                     enum channel channel);

/* A person has to ask: opens the revisit. The incident is (or is being moved) in REVISIT. */
void survey_revisit(struct decision *decision, const struct incident *incident);

enum refusal decide_survey_answer(struct decision *decision);
enum refusal decide_revisit_finish(struct decision *decision);

void apply_survey_answered(struct core *core, const struct event *event);
void apply_revisit_opened(struct core *core, const struct event *event);
void apply_revisit_tried(struct core *core, const struct event *event);

#endif
