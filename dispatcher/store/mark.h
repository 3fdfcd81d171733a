/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mark: struct store_mark, reckoned and written. Private to dispatcher/store. */
#ifndef DISPATCHER_STORE_MARK_H
#define DISPATCHER_STORE_MARK_H

#include "dispatcher/store/store.h"

enum {
    MARK_BYTES = 8 + 32
};

/* Where a store stands that nobody listened to so far: like no other, whatever others hold. */
void mark_begin(struct store_mark *mark);

/* Where a store stands after these changes. */
struct store_mark mark_after(const struct store_mark *before, struct slice changes);

void mark_write(const struct store_mark *mark, uint8_t value[MARK_BYTES]);
struct store_mark mark_read(const uint8_t value[MARK_BYTES]);

/* The key it lies under. */
struct slice mark_key(void);

/* Makes FOLDER/writer.lock and takes it: of a store there is one writer, and LMDB would let several write in
 * turn, nor does it notice a second opening by the same process. Returns the descriptor, whose closing
 * gives it back, -EBUSY, or another negative errno. */
int writer_lock(const char *folder, int mode);

bool folder_holds_store(const char *folder);

#endif
