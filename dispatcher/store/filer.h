/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * filer: takes a long turn's changes while they are still being noted: gives them to the redo file's disk, and puts
 * them into the tables while the disk makes them durable. A mate (mate.h) does both; a short turn's changes are left
 * to the caller, since a thread's wake-up costs as much. Between filer_begin() and filer_finish() nobody else touches
 * the tables or the redo file. Private to dispatcher/store. */
#ifndef DISPATCHER_STORE_FILER_H
#define DISPATCHER_STORE_FILER_H

#include "dispatcher/store/changes.h"

struct filer;
struct redo;

/* Does the changes in the tables. Returns 0 or LMDB's status. */
typedef int filer_do(struct transaction *transaction, struct slice changes);

/* changes are borrowed for as long as it is open. Returns 0 or -ENOMEM. Close with filer_close() (accepts NULL). */
int filer_open(struct filer **filer, filer_do *file, const struct changes *changes);
void filer_close(struct filer *filer);

/* The turn's changes begin at turn_at; those noted from here on are to be filed. redo NULL: by the caller. */
void filer_begin(struct filer *filer, struct transaction *transaction, struct redo *redo,
                 size_t turn_at);

/* Before a change is noted for which the noted ones may have to move. */
void filer_pause(struct filer *filer, const struct change *next);

/* After one was noted. */
void filer_follow(struct filer *filer);

/* Whether a mate is at work on this turn. */
bool filer_works(const struct filer *filer);

/* Nothing more is noted, and a mate works: returns when the entry is given to the disk, with 0 or a negative errno. What
 * is to be filed is being filed. Without this call the turn is no entry. */
int filer_write(struct filer *filer);

/* Waits for the mate. Returns 0 or the first status of a change that failed; up to *done they are filed, and behind
 * it lies what is left to the caller. */
int filer_finish(struct filer *filer, size_t *done);

#endif
