/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mate: a second thread that does what the first one gives it, in the order it was given, while the first goes
 * on. What is given is counted, not named: what the numbers stand for lies with the owner of both. */
#ifndef DISPATCHER_STORE_MATE_H
#define DISPATCHER_STORE_MATE_H

#include <stdbool.h>
#include <stdint.h>

struct mate;

/* In the mate's thread: does some of what was given, from `done` on and below `given`, and returns up to where; at
 * least one. What the giver wrote before mate_give() is seen here, what is written here is seen behind mate_wait(). */
typedef uint64_t mate_step(void *owner, uint64_t done, uint64_t given);

/* No thread runs before something is given. Returns 0 or -ENOMEM. Close with mate_close(), which accepts NULL and
 * returns when all that was given is done. */
int mate_open(struct mate **mate, mate_step *step, void *owner);
void mate_close(struct mate *mate);

/* Whether there is one: false on a single processor or when no thread is to be had; then nothing may be given. */
bool mate_is_there(struct mate *mate);

/* So many more. By one thread, as all of these. */
void mate_give(struct mate *mate, uint64_t count);

/* Of all that was ever given, how much. */
uint64_t mate_given(const struct mate *mate);

/* Whether at most so many are not done yet; mate_wait() returns when it is so. */
bool mate_waits_at_most(struct mate *mate, uint64_t undone);
void mate_wait(struct mate *mate, uint64_t undone);

#endif
