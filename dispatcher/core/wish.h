/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wish: what a citizen asks for by a word in a text to an ordinary line: the state of an order, another
 * round, urging, withdrawal, no more surveys, help. The dispatcher read the word (the city's table) and
 * found the order; here it is done by the same rules as for a person who asks, and answered by text. What
 * the rules do not grant goes to a person. */
#ifndef DISPATCHER_CORE_WISH_H
#define DISPATCHER_CORE_WISH_H

#include "dispatcher/core/decision.h"

/* Does what the arriving text asks for and ends its contact. False, with nothing decided: a person. */
bool wish_grant(struct decision *decision, const struct event *arrived, const struct line *line);

/* Does what is asked about this incident: STATUS (may it be told), URGE, REOPEN, WITHDRAW. A refusal has
 * decided nothing. */
enum refusal wish_do(struct decision *decision, const struct incident *incident,
                     enum citizen_wish wish);

/* Decides the command as the system would; what it decided is taken back when it is refused. */
enum refusal wish_carry_out(struct decision *decision, const struct command *command,
                            enum refusal (*decide)(struct decision *decision));

enum refusal decide_wish_define(struct decision *decision);

void apply_wish_defined(struct core *core, const struct event *event);

#endif
