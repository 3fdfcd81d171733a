/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * silence: the procedure for a caller who is not heard, as a table (silence.c). Prompted once, any key
 * says "somebody is here who cannot speak", 5 twice says "danger": from then on nothing rings there, a text
 * that makes no sound asks for facts, and a supervisor sees it. No reaction in
 * PARAMETER_SILENCE_MS, or a call that ended meanwhile: a checklist (recall once, place, history) and a
 * supervisor's ruling. The procedure never makes an emergency void. */
#ifndef DISPATCHER_CORE_SILENCE_H
#define DISPATCHER_CORE_SILENCE_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* NONE: the step is not permitted. Rows of the golden table. */
enum silence_state silence_next(enum silence_state state, enum silence_step step);

/* It is not clear yet what is behind the silence. */
bool silence_is_open(enum silence_state state);

/* Do the caller's keys answer the prompt? */
bool silence_listens(const struct contact *contact);
enum refusal silence_keys(struct decision *decision, const struct contact *contact,
                          const char *digits);

/* No reaction until then; NEVER. */
uint64_t silence_due(const struct contact *contact);
void silence_no_reaction(struct decision *decision, const struct contact *contact);

/* The call has ended; what is not clear goes to the checklist. */
void silence_gone(struct decision *decision, const struct contact *contact);

enum refusal decide_contact_silent(struct decision *decision);
enum refusal decide_contact_speak(struct decision *decision);
enum refusal decide_silence_check(struct decision *decision);
enum refusal decide_silence_rule(struct decision *decision);

void apply_silence_moved(struct core *core, const struct event *event);
void apply_silence_checked(struct core *core, const struct event *event);

#endif
