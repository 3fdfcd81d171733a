/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * guard: whoever looks at a damaged page comes back with an error; without it LMDB, which trusts every
 * number on a page, would end the process with a signal (a pointer into nowhere, a page that the disk does not
 * give) or with an assertion (docs/decisions/0026-damaged-pages.md).
 *
 * A step under guard takes no lock and no memory that somebody else would miss: it may end at any
 * read. Signals that no guard waits for do what they did before. Private to dispatcher/store. */
#ifndef DISPATCHER_STORE_GUARD_H
#define DISPATCHER_STORE_GUARD_H

typedef int guarded_step(void *owner);

/* Before the first guard, and again where somebody else may have taken the signals since. By one thread. */
void guard_prepare(void);

/* What the step returned; `broken` when it met what cannot be read. May be nested: the innermost ends. */
int guard_call(guarded_step *step, void *owner, int broken);

/* Ends the step under guard in this thread, if there is one; returns when there is none. */
void guard_break(void);

#endif
