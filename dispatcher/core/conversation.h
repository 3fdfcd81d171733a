/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * conversation: a contact by text from its first words to its end. Further texts of the same number to
 * the same line join it, whoever has it or however it waits; a finished one begins a new contact. The
 * taker answers in words of their own. Words are personal data: here is only that there were some, and
 * when.
 *
 * On an ordinary line a citizen who does not answer the taker for PARAMETER_TEXT_STALE_MS has left; on
 * an emergency line a person decides that, and as long as it is the taker's turn nothing ends anywhere.
 *
 * A call in which the citizen types, as deaf people do, has a conversation beside it: what the taker writes then is
 * typed in the call and needs no number to send it to. */
#ifndef DISPATCHER_CORE_CONVERSATION_H
#define DISPATCHER_CORE_CONVERSATION_H

#include "dispatcher/core/decision.h"

/* The open conversation a text of this command's caller to the line belongs to, NULL: none. */
const struct contact *conversation_of(const struct core *core, const struct command *command,
                                      const struct line *line);

/* The arriving text is one more of this contact. */
void conversation_join(struct decision *decision, const struct contact *contact);

/* A text to an emergency line is acknowledged at once, silent-safe. */
void conversation_receipt(struct decision *decision, const struct event *arrived);

/* When the citizen has been silent for too long; NEVER: not by the clock. */
uint64_t conversation_due(const struct contact *contact);

enum refusal decide_contact_write(struct decision *decision);
enum refusal decide_contact_type(struct decision *decision);

void apply_text_received(struct core *core, const struct event *event);
void apply_typing_opened(struct core *core, const struct event *event);
void apply_text_typed(struct core *core, const struct event *event);

/* The taker's words were ordered. */
void conversation_written(struct core *core, const struct event *event);

#endif
