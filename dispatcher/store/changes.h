/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * changes: what a write changed, one behind the other in the order it was done: what the redo file and a
 * standby are given, and what is done again after the map grew. Private to dispatcher/store.
 *
 * Numbers as this machine writes them. Changes that earlier builds noted, with long heads alone, are read; they do not
 * read ours. */
#ifndef DISPATCHER_STORE_CHANGES_H
#define DISPATCHER_STORE_CHANGES_H

#include "dispatcher/store/store.h"

enum change_kind {
    CHANGE_PUT,
    CHANGE_APPEND,
    CHANGE_REMOVE,
    CHANGE_KIND_COUNT
};

/* Key and value are borrowed. */
struct change {
    enum change_kind kind;
    uint32_t table;
    struct slice key;
    struct slice value; /* of CHANGE_REMOVE: empty */
};

struct changes {
    uint8_t *bytes;
    size_t size;
    size_t room;
};

/* Returns 0 or -ENOMEM. Close with changes_close(), also after that. */
int changes_open(struct changes *changes);
void changes_close(struct changes *changes);

/* Returns 0 or -ENOMEM: then nothing was noted. Bytes of earlier ones may move. */
int changes_note(struct changes *changes, const struct change *change);

/* Whether noting it would move them. */
bool changes_move(const struct changes *changes, const struct change *change);

/* What was noted behind the first `size` bytes, borrowed until the next is noted. */
struct slice changes_behind(const struct changes *changes, size_t size);

/* Takes the first off the rest. Returns 0, -ENOENT when nothing is left, or -EBADMSG: these are no changes. */
int changes_take(struct slice *rest, struct change *change);

/* The mark that a write's changes end with. */
bool changes_marked(struct slice changes, struct store_mark *mark);

#endif
