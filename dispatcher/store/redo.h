/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * redo: what the last turns changed, one entry behind the other in a file of fixed size. An entry is
 * durable when redo_sync() returns: one write, one wait for the disk, which begins its work before anybody
 * waits for it. What it tells is brought into
 * the tables later, by many turns at once (docs/decisions/0011-redo.md).
 *
 * Each entry stands on pages of its own, carries the state of the tables it continues (`base`) and its
 * number since then, and a tag over all of it: what a power cut left torn, and what tells of an older
 * state, ends the reading. One thread at a time. */
#ifndef DISPATCHER_STORE_REDO_H
#define DISPATCHER_STORE_REDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dispatcher/store/store.h"

enum {
    REDO_BYTES = 8 << 20,
    REDO_PAGE = 4096
};

struct redo;

/* Opens or makes FOLDER/redo (the caller syncs the folder); the first call of redo_next() reads the first entry that continues the
 * tables as they were at `base`. Returns 0 or a negative errno. Close with redo_close() (accepts
 * NULL). */
int redo_open(struct redo **redo, const char *folder, uint64_t base);
void redo_close(struct redo *redo);

/* The next entry, valid until the next call of any of these. Returns 0, -ENOENT behind the last. */
int redo_next(struct redo *redo, struct slice *entry);

/* The tables hold it all, and stand at `base` now: begins anew. */
void redo_restart(struct redo *redo, uint64_t base);

/* Whether there is room for an entry of so many bytes. */
bool redo_fits(const struct redo *redo, size_t size);

/* Gives the entry to the disk; redo_sync() returns when it is durable. Between the two nothing else is
 * called. Return 0 or a negative errno: then nothing may be written any more. */
int redo_write(struct redo *redo, struct slice entry);
int redo_sync(struct redo *redo);

/* The same in pieces, while the entry still grows: it is one when redo_end() returned 0, and what was added to one that
 * is begun anew was nothing. redo_add() returns -EFBIG when there is no room for so much. */
void redo_begin(struct redo *redo);
int redo_add(struct redo *redo, struct slice piece);
int redo_end(struct redo *redo);

#endif
