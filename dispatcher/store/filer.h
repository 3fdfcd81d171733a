/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * filer: puts a long turn's changes into the tables while they are still being noted, and while the disk makes
 * them durable: by a mate (mate.h). A short turn's are left to the caller, since a thread's wake-up costs as much.
 * Between filer_begin() and filer_finish() nobody else touches the tables. Private to dispatcher/store. */
#ifndef DISPATCHER_STORE_FILER_H
#define DISPATCHER_STORE_FILER_H

#include "dispatcher/store/changes.h"

struct filer;

/* Does the changes in the tables. Returns 0 or LMDB's status. */
typedef int filer_do(struct transaction *transaction, struct slice changes);

/* changes are borrowed for as long as it is open. Returns 0 or -ENOMEM. Close with filer_close() (accepts NULL). */
int filer_open(struct filer **filer, filer_do *file, const struct changes *changes);
void filer_close(struct filer *filer);

/* What is noted from here on is to be filed. */
void filer_begin(struct filer *filer, struct transaction *transaction);

/* Before a change is noted for which the noted ones may have to move. */
void filer_pause(struct filer *filer, const struct change *next);

/* After one was noted. */
void filer_follow(struct filer *filer);

/* Nothing more is noted. Returns whether a mate is at work on what is not filed yet. */
bool filer_end(struct filer *filer);

/* Waits for the mate. Returns 0 or the first status of a change that failed; up to *done they are filed, and behind
 * it lies what is left to the caller. */
int filer_finish(struct filer *filer, size_t *done);

#endif
