/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The journal's inside, for the files of this folder alone. */
#ifndef DISPATCHER_JOURNAL_STATE_H
#define DISPATCHER_JOURNAL_STATE_H

#include "dispatcher/journal/chain.h"
#include "dispatcher/journal/checkpoint.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/scribe.h"
#include "dispatcher/journal/succession.h"
#include "dispatcher/journal/tree.h"
#include "dispatcher/journal/vault.h"
#include "dispatcher/store/key.h"
#include "dispatcher/store/store.h"
#include "dispatcher/store/tables.h"
#include "dispatcher/views/views.h"
#include "proto/codec.h"

/* Keys of TABLE_TREE. */
enum tree_entry {
    TREE_CHECKPOINT = 1, /* be64 seq → packed Checkpoint */
    TREE_NODE = 2,       /* level, be64 index → hash */
    TREE_WITNESSED = 3,  /* be64 seq → nothing: of a checkpoint that a witness signed, too */
    TREE_SUCCESSION = 4  /* be64 number → packed Succession */
};

/* Keys of TABLE_LEDGER. */
enum ledger_entry {
    LEDGER_EPOCH = 1,
    LEDGER_PEER = 2,       /* sender → be64 epoch ‖ be64 seq */
    LEDGER_ORDER = 3,      /* gateway, be64 seq → sealed packed Order */
    LEDGER_ORDER_LAST = 4, /* gateway → be64 the last seq given */
    LEDGER_SEALED = 5,     /* be64 subject, be64 seq → nothing */
    LEDGER_ANSWERED = 6    /* be64 n → be64 at_ms ‖ key in TABLE_ANSWERS, oldest first */
};

enum {
    ROWS_PER_BLOCK = 64
};

/* The rows of one turn; their places do not move while more come. */
struct turn_rows {
    struct stored_event *blocks[JOURNAL_TURN_EVENTS_MAX / ROWS_PER_BLOCK];
    uint32_t count;
};

struct journal {
    struct store *store;
    struct codec *codec;
    struct views *views;
    struct vault vault;
    const char *home; /* NULL: no file follows the vault's root */
    struct signer signer;
    bool sealed_elsewhere; /* then the signer is empty */
    bool takes_over;
    uint64_t epoch;
    uint64_t opened_ms;
    uint64_t durable; /* seq */
    int error;

    struct transaction *turn;
    struct scribe *scribe;
    struct chain chain; /* with the open turn's events, as far as the scribe is */
    struct tree tree;
    uint64_t appended; /* seq and time of the last event, the open turn's included */
    uint64_t appended_ms;
    struct checkpoint checkpoint; /* the newest; seq 0: none */
    uint64_t uncovered_ms;        /* time of the first event no checkpoint covers, 0: none */
    uint64_t stated_seq;          /* of the last state given out to be signed … */
    uint64_t unstated_ms;         /* … and the time of the first event behind it, 0: none */
    struct lineage lineage;
    struct succession succession; /* the newest; number 0: none */
    uint64_t now_ms;
    struct turn_rows rows[2];
    uint32_t rows_now;
    uint32_t gathered; /* rows of this turn that lie in the table */
    struct record record;

    uint64_t answered_first; /* LEDGER_ANSWERED: the oldest and the next number */
    uint64_t answered_next;
    uint32_t answered_in_turn;
};

/* Opens its store, or takes over the one that settings names. */
int journal_take_store(struct journal *journal, const struct journal_settings *settings);

/* A read, through the open turn when there is one; *read is what to end afterwards. */
int journal_look(struct journal *journal, struct transaction **transaction,
                 struct transaction **read);

/* What the open turn appended so far is written, and lies in the tables: before they, chain or tree are looked at. */
int journal_gather(struct journal *journal);

/* As journal_look(), and the open turn's events are there, too. */
int journal_look_back(struct journal *journal, struct transaction **transaction,
                      struct transaction **read);

/* Within the open turn: the row, whose link the chain followed, into tree, tables and views. */
int journal_keep(struct journal *journal, const struct stored_event *row,
                 const struct event *event);

/* Remembers the first error of a turn. */
int journal_fail(struct journal *journal, int status);

/* Whose nodes are looked up. */
struct nodes {
    struct transaction *transaction;
    const struct suite *suite;
};

/* A tree_lookup over stored nodes and links; owner is a struct nodes. */
int journal_node(void *owner, uint32_t level, uint64_t index, uint8_t hash[TREE_HASH_BYTES]);

/* The first checkpoint at or above seq; -ENOENT. */
int journal_checkpoint_from(struct transaction *transaction, struct codec *codec, uint64_t seq,
                            struct checkpoint *checkpoint);

/* -ENOENT: there is none. */
int journal_checkpoint_newest(struct transaction *transaction, struct codec *codec,
                              struct checkpoint *checkpoint);

/* The suite with which the stored journal was begun; -ENOENT: it is empty; -EBADMSG: one that this program does
 * not know. */
int journal_suite_find(struct transaction *transaction, struct codec *codec,
                       const struct suite **suite);

/* At the opening: that suite, or of an empty journal the wanted one (NULL: the default). -EKEYREJECTED: our keys are of another. */
int journal_suite_take(struct journal *journal, struct transaction *transaction,
                       const struct suite *wanted);

/* Stores it in the open turn. */
int journal_checkpoint_put(struct journal *journal, const struct checkpoint *checkpoint);

/* The first one that a witness signed, at or above seq; seq 0: the newest; -ENOENT. */
int journal_witnessed_from(struct transaction *transaction, struct codec *codec, uint64_t seq,
                           struct checkpoint *checkpoint);

/* That the journal's first `second` records begin with its first `first`. */
int journal_consistency(struct journal *journal, struct transaction *read, uint64_t first,
                        uint64_t second, struct consistency *consistency);

/* The first succession at or above number; -ENOENT. */
int journal_succession_from(struct transaction *transaction, struct codec *codec, uint64_t number,
                            struct succession *succession);

/* Follows the stored successions from the city's first key to the newest checkpoint. */
int journal_lineage_read(struct journal *journal, struct transaction *transaction);

/* Answers with the successions behind `after`. */
int journal_successions(struct journal *journal, struct transaction *read, uint64_t after,
                        struct answer *answer);

/* Opening and pruning of the answers. */
int ledger_open(struct journal *journal, struct transaction *write);
int ledger_prune(struct journal *journal);

#endif
