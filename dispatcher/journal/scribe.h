/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scribe: writes the records of a turn: seals what citizens said, packs, chains, and lets the tree grow. The
 * first SCRIBE_ALONE of a turn are written as they come. Those of a longer turn, as a storm makes them, are
 * written in the same order by a thread, while the journal goes on with the tables and the views.
 *
 * It touches no table: keys come with the sheet, and the tree's nodes are handed over by scribe_finish(). Until that
 * returned, the rows, chain and tree are the scribe's. */
#ifndef DISPATCHER_JOURNAL_SCRIBE_H
#define DISPATCHER_JOURNAL_SCRIBE_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/journal/chain.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/tree.h"
#include "dispatcher/journal/vault.h"

enum {
    SCRIBE_ALONE = 32, /* a thread's wake-up costs as much as these */
    SCRIBE_AHEAD = 64, /* sheets that may wait; a power of two */
    SCRIBE_LEVEL = 4,  /* nodes below this level are cheaper computed from the links than stored */
    SCRIBE_NODES_MAX = (JOURNAL_TURN_EVENTS_MAX >> (SCRIBE_LEVEL - 1)) + TREE_LEVELS_MAX
};

/* What is to be written, and where to. */
struct sheet {
    struct stored_event *row;
    struct record record; /* with the event, and the subject if something is to be sealed */
    struct personal personal;
    uint8_t key[VAULT_KEY_BYTES]; /* the subject's */
};

/* Of the tree, complete now. */
struct scribe_node {
    uint32_t level;
    uint64_t index;
    uint8_t hash[TREE_HASH_BYTES];
};

struct scribe;

/* chain and tree are borrowed for as long as it is open. Returns 0 or -ENOMEM. Close with scribe_close(), which
 * accepts NULL. */
int scribe_open(struct scribe **scribe, struct chain *chain, struct tree *tree);
void scribe_close(struct scribe *scribe);

/* A new turn; the last one was finished. */
void scribe_begin(struct scribe *scribe);

/* The next sheet, to be filled and given; what it held before is still there. */
struct sheet *scribe_sheet(struct scribe *scribe);

/* Returns 0, or a negative errno when the record could not be written; that of another thread comes with
 * scribe_finish(). */
int scribe_give(struct scribe *scribe);

/* All that was given is written. Returns 0 or the turn's first error; *nodes are those that became
 * complete since the last call, borrowed until the next sheet is given. */
int scribe_finish(struct scribe *scribe, const struct scribe_node **nodes, uint32_t *count);

#endif
