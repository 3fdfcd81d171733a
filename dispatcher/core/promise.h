/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * promise: the arithmetic of one clock. A promise is a start, a length in its measure and the sum of
 * its pauses; the due time follows: the moment at which length and pauses have passed since the
 * start. So a pause loses no millisecond and gives none away, whatever class, length or calendar
 * hold later:
 *   - a pause counts only as far as the clock would have run (a holiday in it costs nothing twice);
 *   - another class keeps start and pauses, in whatever measure it counts;
 *   - nothing but start, length and pauses moves the due time: no urge, no re-sending. */
#ifndef DISPATCHER_CORE_PROMISE_H
#define DISPATCHER_CORE_PROMISE_H

#include "dispatcher/core/state.h"

/* What it is reckoned from; the due time is left as it is. */
void promise_fill(struct promise *promise, uint64_t start_ms, struct span length,
                  enum sla_class sla, uint32_t calendar, bool provisional);

/* A promise that starts now. */
struct promise promise_begin(const struct core *core, struct span length, enum sla_class sla,
                             uint64_t start_ms);

/* Does it run: due some time, and not paused? */
bool promise_runs(const struct promise *promise);

struct span promise_length(const struct promise *promise);

/* The moment at which this much of its measure has passed; pauses do not count. */
uint64_t promise_at(const struct core *core, const struct promise *promise,
                    const struct pauses *pauses, uint64_t length_ms);

/* Reckons the due time with the present calendar. */
void promise_reckon(const struct core *core, struct promise *promise, const struct pauses *pauses);

/* Stops it; goes on. A promise of an old journal, whose start is not known, shifts by the wall clock. */
void promise_pause(struct promise *promise, uint64_t at_ms);
void promise_resume(const struct core *core, struct promise *promise, struct pauses *pauses,
                    uint64_t at_ms);

/* A length that ends at until_ms, or at the next counted moment behind it; never shorter than it was.
 * A paused promise gets its length, and goes on when it is resumed. */
void promise_extend(const struct core *core, struct promise *promise, const struct pauses *pauses,
                    uint64_t until_ms);

/* Another length: same start, same pauses. */
void promise_relength(const struct core *core, struct promise *promise, const struct pauses *pauses,
                      struct span length, enum sla_class sla);

/* What an event says of it, and back. */
void promise_tell(const struct promise *promise, const struct pauses *pauses,
                  struct clock_moved *moved);
void promise_take(struct promise *promise, struct pauses *pauses, const struct clock_moved *moved,
                  uint64_t at_ms);

#endif
