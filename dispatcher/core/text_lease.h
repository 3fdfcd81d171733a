/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * text_lease: which message gateway sends a text. Each ordered text is leased to one gateway, and a
 * gateway asks (TextSend) before the first part goes out, so that no two ever send the same text
 * unawares (docs/decisions/0012-texts-go-out-once.md):
 *  - a gateway fell silent, or never came, and a twin is up: what it was not sending yet is leased to the twin at once;
 *  - what it was sending it may have sent. Its return is waited for, for PARAMETER_TEXT_DOUBT_MS; a
 *    text to somebody in danger is not kept waiting. The twin is told that it is doubtful;
 *  - a gateway that lives and reaches no message centre says so (TextReturn) and gives back what it did not
 *    send: that and what it was not sending yet goes to the twin, when the twin has a way out. */
#ifndef DISPATCHER_CORE_TEXT_LEASE_H
#define DISPATCHER_CORE_TEXT_LEASE_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* The live message gateway with the fewest texts that is not `other`; with `other` NULL one that is
 * gone, when none is alive. 0: the city has none. */
uint32_t text_lease_choose(const struct core *core, const struct gateway *other);

/* gateway NULL: the system itself speaks, or nobody holds the text. */
bool text_lease_is_with(const struct citizen_text *text, const struct gateway *gateway);

/* Texts of a fallen gateway go to another one. */
void text_lease_due(struct decision *decision, const struct gateway *gateway);

enum refusal decide_text_send(struct decision *decision);
enum refusal decide_text_return(struct decision *decision);

void text_lease_begin(struct core *core, struct citizen_text *text, struct gateway *gateway);
void text_lease_end(struct core *core, struct citizen_text *text);

/* A gateway rose or fell, or what it can do changed. */
void text_lease_refile(struct core *core);

void apply_text_leased(struct core *core, const struct event *event);
void apply_text_sending(struct core *core, const struct event *event);
void apply_text_returned(struct core *core, const struct event *event);

#endif
