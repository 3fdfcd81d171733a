/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mark: what is known of a number: it was misused, its owner is hard of hearing or speaks another
 * language. A nuisance mark takes two persons, lasts 7, 30 or 90 days, ends by itself and can be
 * appealed. On an ordinary line it costs a place further back and brings an announcement; on an
 * emergency line every mark is a note beside the call: never a band, never a wait, never a refusal. */
#ifndef DISPATCHER_CORE_MARK_H
#define DISPATCHER_CORE_MARK_H

#include "dispatcher/core/decision.h"

enum {
    MARKS_MAX = 4096
};

struct mark *core_mark(const struct core *core, uint64_t id);

/* Bits (1 << MarkKind) of the marks that stand on the number. */
uint32_t marks_of(const struct core *core, uint64_t caller);

/* Its time is over. */
void mark_due(struct decision *decision, const struct mark *mark);

/* The citizen behind the arriving contact asked for it, or for its end. Returns false when there is no
 * room. */
bool mark_by_citizen(struct decision *decision, const struct event *arrived, enum mark_kind kind);
void mark_end_by_citizen(struct decision *decision, uint64_t caller, enum mark_kind kind);

enum refusal decide_mark_ask(struct decision *decision);
enum refusal decide_mark_confirm(struct decision *decision);
enum refusal decide_mark_end(struct decision *decision);

void apply_mark_asked(struct core *core, const struct event *event);
void apply_mark_set(struct core *core, const struct event *event);
void apply_mark_ended(struct core *core, const struct event *event);

#endif
