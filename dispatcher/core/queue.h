/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * queue: ONE queue for all lines. Bands are strict; inside an emergency band the earliest deadline is
 * next, then the earliest arrival. Inside an ordinary band, when the city gave its lines weights, the
 * most weight × waiting time is next (accumulating priority; Kleinrock 1964): it never leaves the band.
 * Its index are lanes: contacts of a line whom exactly the same takers may take. Deciding compares the
 * first of each lane that is not empty; nobody walks the waiting or the takers.
 *
 * Who answers: among the idle with the line's skill the lowest level, then the longest idle. A ring
 * (LineRow.rings) admits higher levels only after some waiting; a language is demanded first and
 * preferred later. An ordinary contact leaves the reserve alone (reserve.h). An emergency also reaches
 * takers in wrap-up or in the pause after an offer, and after offers nobody answered it asks two takers
 * at once: that second offer stands behind all emergencies who have none. Who must be dialled is one
 * taker's, always. */
#ifndef DISPATCHER_CORE_QUEUE_H
#define DISPATCHER_CORE_QUEUE_H

#include <stdbool.h>

#include "dispatcher/core/state.h"

/* A taker's row at the ranks of the idle is the level of the skill; behind all who are ready come
 * those in wrap-up or in the pause after an offer, level by level: only emergencies reach for them. */
enum {
    SEAT_WRAP_UP = LEVEL_MAX + 1
};
_Static_assert(SEAT_WRAP_UP + LEVEL_MAX < RANK_ROWS, "each level has two rows");

/* Puts the contact where its state belongs: into the queue or out of it, and sets its deadline.
 * Called after every change of the contact. */
void queue_file(struct core *core, struct contact *contact);

/* Which contact goes to which taker next; false when nobody waits whom an idle taker may take. */
bool queue_next(const struct core *core, uint64_t now_ms, const struct contact **contact,
                const struct user **taker);

/* Does a come before b? Both stand in the queue. */
bool queue_before(const struct core *core, uint64_t now_ms, const struct contact *a,
                  const struct contact *b);

/* May it take the reserve and takers in wrap-up? */
bool queue_is_urgent(const struct contact *contact);

/* Does a silent gateway, or one in another life, keep it from being connected? */
bool queue_is_reachable(const struct contact *contact);

/* The line whose takers are asked: its own, or the one it is being handed over to. */
struct line *queue_line(const struct contact *contact);

/* Who waits on an ordinary line: when they are told how long. */
void queue_refile_waits(struct core *core);

/* Forgets all lanes and builds them anew. */
void queue_rebuild(struct core *core);

#endif
