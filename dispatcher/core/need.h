/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * need: which takers a waiting contact may have besides those with the line's skill: a ring of levels
 * that opens with time (never on emergency lines), and a language that is demanded first and preferred
 * when it has waited for it; it is never forgotten. */
#ifndef DISPATCHER_CORE_NEED_H
#define DISPATCHER_CORE_NEED_H

#include "dispatcher/core/decision.h"

struct need {
    uint32_t level;    /* takers up to this level, 0: all */
    bool any_language; /* preferred, no longer demanded */
    uint64_t widen_ms; /* when that changes, 0: never */
};

/* What a contact needs now that arrived on the line then and has demanded the language since. */
struct need need_of(const struct decision *decision, const struct line *line, uint64_t arrived_ms,
                    enum language language, uint64_t needed_ms);

/* The contact has waited for its next ring or for its language. */
void need_widen(struct decision *decision, const struct contact *contact);

/* Rings that begin at once and open with time, on a line that may have them. */
bool need_rings_are_sound(const struct line_row *row);

enum refusal decide_contact_need(struct decision *decision);

void apply_contact_needed(struct core *core, const struct event *event);
void apply_contact_widened(struct core *core, const struct event *event);

#endif
