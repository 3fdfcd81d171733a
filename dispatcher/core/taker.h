/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * taker: a user who answers. The state is derived from sign-on, wish, offer, conversation and
 * wrap-up, so that no flag can stick (docs/principles.md 2 and 3). */
#ifndef DISPATCHER_CORE_TAKER_H
#define DISPATCHER_CORE_TAKER_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

enum taker_state taker_state(const struct user *taker);

/* The seat's phone: what it registered, or else its static contact; "" for none. */
const char *taker_phone(const struct user *taker);

/* Puts the taker where its state belongs: seats among the idle of its lines, counters, deadline.
 * Called after every change of the taker. */
void taker_refile(struct core *core, struct user *taker);

/* Before the taker's skills change: leaves the idle of all lines. After: finds the lines again. */
void taker_leave_seats(struct user *taker);
void taker_find_seats(struct core *core, struct user *taker);

/* Does the taker stand among the idle? Those in wrap-up or between two offers do, for emergencies. */
bool taker_is_open(const struct user *taker);

/* Forgets all seats and files them anew. */
void takers_rebuild_seats(struct core *core);

/* A line came or changed: every taker's seats and skills are looked at anew. */
void takers_find_seats(struct core *core);

/* The taker's row is about to retire: leaves the seat at once, or after the conversation. */
void taker_retire(struct decision *decision, const struct user *taker);

/* As an event is applied: they have nobody in hand any more, and stand last among the idle. */
void taker_let_go(struct core *core, struct user *taker, uint64_t at_ms);

/* The conversation is over: wrap-up begins, unless it lasts no time or the taker has retired. */
void taker_wrap_up(struct decision *decision, const struct contact *contact);

/* The wrap-up's time is over, or the pause after an offer. */
void taker_due(struct decision *decision, const struct user *taker);

/* An emergency needs them now: ends the wrap-up, and the pause after an offer. */
void taker_cut_in(struct decision *decision, const struct user *taker);

enum refusal decide_taker_sign_on(struct decision *decision);
enum refusal decide_taker_sign_off(struct decision *decision);
enum refusal decide_taker_ready(struct decision *decision);
enum refusal decide_taker_away(struct decision *decision);
enum refusal decide_wrap_up_finish(struct decision *decision);
enum refusal decide_phone_register(struct decision *decision);

void apply_taker_signed_on(struct core *core, const struct event *event);
void apply_taker_signed_off(struct core *core, const struct event *event);
void apply_taker_became_ready(struct core *core, const struct event *event);
void apply_taker_went_away(struct core *core, const struct event *event);
void apply_wrap_up_started(struct core *core, const struct event *event);
void apply_wrap_up_ended(struct core *core, const struct event *event);
void apply_taker_rested(struct core *core, const struct event *event);
void apply_phone_registered(struct core *core, const struct event *event);

#endif
