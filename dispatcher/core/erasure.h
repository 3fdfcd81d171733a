/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * erasure: what a person told, or a case, is to be destroyed. One asks, with a reason and on what basis in law; an auditor,
 * another person, approves; an operator has it run. Nothing is erased while the case is open or a contact of
 * the person is not over, nor what is to be preserved: both are asked three times, and for each thing once more as it goes.
 * The dispatcher finds what is to go, one key at a time (dispatcher/io/erasure.c).
 *
 * preservation: an order that nothing of a person or case is erased until it is lifted. */
#ifndef DISPATCHER_CORE_ERASURE_H
#define DISPATCHER_CORE_ERASURE_H

#include "dispatcher/core/decision.h"

enum {
    ERASURES_MAX = 256, /* that wait or run; then REFUSAL_LIMIT */
    PRESERVATIONS_MAX = 4096
};

/* What stands against it: STILL_OPEN or PRESERVED. Of a case (its id), a person, or both; 0: none. */
enum refusal erasure_objection(const struct core *core, uint64_t id, uint64_t caller);

/* The first order that it is to be preserved; 0: none. */
uint64_t preservation_of(const struct core *core, uint64_t incident, uint64_t caller);

/* A rule of retention has this case, or contact of which no case came, erased, or its sound alone: it is asked and
 * begins at once. Wants room among the erasures. */
void erasure_by_rule(struct decision *decision, const struct retention_step *step,
                     const struct retention_row *rule);

enum refusal decide_erasure_ask(struct decision *decision);
enum refusal decide_erasure_rule(struct decision *decision);
enum refusal decide_erasure_run(struct decision *decision);
enum refusal decide_erasure_step(struct decision *decision);
enum refusal decide_preservation_set(struct decision *decision);
enum refusal decide_preservation_lift(struct decision *decision);

void apply_erasure_asked(struct core *core, const struct event *event);
void apply_erasure_moved(struct core *core, const struct event *event);
void apply_erased(struct core *core, const struct event *event);
void apply_preservation_begun(struct core *core, const struct event *event);
void apply_preservation_lifted(struct core *core, const struct event *event);

#endif
