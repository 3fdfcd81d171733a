/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * contact: one call or text of a citizen, from arrival to its end. Nothing that was accepted is ever
 * without an owner: the queue, a taker, an incident, or a callback. */
#ifndef DISPATCHER_CORE_CONTACT_H
#define DISPATCHER_CORE_CONTACT_H

#include "dispatcher/core/decision.h"

/* NONE: the step is not permitted. Rows of the golden table tests/golden/contact_table.txt. */
bool contact_may_move(enum contact_state from, enum contact_state to);

/* The only writer of contact->state. */
void contact_move(struct core *core, struct contact *contact, enum contact_state to);

/* An event about this contact: contact, line and incident are filled in. */
struct event *contact_event(struct decision *decision, enum event_kind kind,
                            const struct contact *contact);

/* Not over. */
bool contact_is_live(const struct contact *contact);

/* Who has it, 0: nobody, or a telephone that is nobody's seat (survival.h). */
uint32_t contact_taker(const struct contact *contact);

/* In conversation with the taker, offered, or being handed over to them; parked by them; or theirs last. */
bool contact_is_with(const struct contact *contact, const struct user *taker);

/* Ends it, whatever it is doing: offer, wrap-up and callback follow. */
void contact_end(struct decision *decision, const struct contact *contact, enum end_cause cause);

/* Ends what has just arrived and needs no person: it is on the trail and in nobody's queue. Incident:
 * the one it is about, 0: none. */
void contact_end_by_rule(struct decision *decision, const struct event *arrived, uint64_t incident);

/* Its deadline is due: the offer's lease, or the answer target. */
void contact_due_now(struct decision *decision, const struct contact *contact);

enum refusal decide_contact_arrive(struct decision *decision);
enum refusal decide_contact_end(struct decision *decision);
enum refusal decide_contact_finish(struct decision *decision);
enum refusal decide_contact_reline(struct decision *decision);
enum refusal decide_recording_store(struct decision *decision);
enum refusal decide_sound_report(struct decision *decision);

void apply_contact_arrived(struct core *core, const struct event *event);
void apply_contact_connected(struct core *core, const struct event *event);
void apply_contact_ended(struct core *core, const struct event *event);
void apply_contact_relined(struct core *core, const struct event *event);
void apply_contact_attached(struct core *core, const struct event *event);

#endif
