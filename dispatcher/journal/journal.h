/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * journal: what happened, for ever. Every event is stored as the exact bytes that were hashed
 * (a packed Record), chained by the suite's hash (proto/suite.h), and covered by a signed checkpoint at
 * least every second of activity or 1,000 events. Personal data is sealed per contact or incident with a
 * key of its own from the vault; destroying that key erases it and the chain still verifies.
 *
 * One writer. A turn is: journal_begin, journal_append … (and journal_answer, journal_order …),
 * journal_commit: one LMDB transaction with fsync, views included. Any commit error is latched and
 * final: the caller ends the process (LMDB does not remember a failed fsync, we must).
 *
 * format: docs/trail-format.md. */
#ifndef DISPATCHER_JOURNAL_JOURNAL_H
#define DISPATCHER_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/store/store.h"
#include "proto/message.h"
#include "proto/suite.h"

struct journal;
struct views;

enum {
    JOURNAL_TURN_EVENTS_MAX = 16384,  /* events of one turn; more is -E2BIG */
    JOURNAL_CHECKPOINT_MS = 1000,     /* a checkpoint at least this long after an event … */
    JOURNAL_CHECKPOINT_EVENTS = 1000, /* … or after so many */
    JOURNAL_PROBE_MS = 100,           /* for a look at the database's pages before it is opened */
    /* More than the former leader, who does not know of it, is started again before it is stopped. */
    JOURNAL_TAKE_OVER_EPOCHS = 1000,
    JOURNAL_ANSWERS_MAX = 1000000,            /* answers kept … */
    JOURNAL_ANSWERS_MS = 7 * 24 * 3600 * 1000 /* … and how long */
};

struct journal_settings {
    const char *folder; /* made when missing, by a temporary name and rename */
    uint32_t map_gib;   /* LMDB's address space; grown when full */
    const struct suite *
        suite; /* that an empty journal begins with, and another keeps its own; NULL: the default */
    uint8_t vault_key[32];  /* the root that wraps the sealing keys */
    uint8_t orders_key[32]; /* seals orders that wait; zeros: it follows from vault_key */
    const char *home;       /* whose keys/vault.key follows each erasure; NULL: no file does */
    uint8_t sign_secret[64];
    uint8_t sign_public[32];
    store_tell *tell; /* told of every committed turn (dispatcher/store/store.h); NULL: nobody */
    void *owner;
    store_assure *assure; /* asked before each turn is durable here; NULL: nobody */
    void *assurer;
    /* What journal_open_tables() opened, which the journal takes over in any case; NULL: it opens the folder. */
    struct store *store;
    bool takes_over; /* the epoch rises by JOURNAL_TAKE_OVER_EPOCHS */
    /* The key that signs is another process's (yihao-sealer): sign_secret is not used, and the journal
     * is covered by what journal_seal() is given. sign_public: the city's first key. */
    bool sealed_elsewhere;
};

/* The journal's tables, without reading them: for who only keeps what another one's turns changed. */
int journal_open_tables(struct store **store, const char *folder, uint32_t map_gib);

/* What journal_open() wants of a home's keys (of one sealed elsewhere without the secret), and whose they are
 * (borrowed). Returns as keys_read_bytes(). */
int journal_read_keys(struct journal_settings *settings, const char *home);

/* Opens or creates. Returns 0 and *journal; -EBADMSG when the chain's end does not verify; -EKEYREJECTED
 * when the keys are not those of its tables or its suite; another negative errno. Close with journal_close(), which accepts NULL. */
int journal_open(struct journal **journal, const struct journal_settings *settings);
void journal_close(struct journal *journal);

/* The last durable event, and the epoch of this opening (rises by one with every open). */
uint64_t journal_seq(const struct journal *journal);
uint64_t journal_epoch(const struct journal *journal);

/* With which it was begun. */
const struct suite *journal_suite(const struct journal *journal);

/* Views that live in the same store and are kept in the same transactions. */
struct views *journal_views(struct journal *journal);

/* ---- a turn -------------------------------------------------------------------------------- */

int journal_begin(struct journal *journal);

/* Stores the event (event->seq must be the next). personal: sealed beside it under event->incident,
 * or else event->contact; neither, or NULL: nothing is kept. Contacts and incidents draw their numbers
 * from one series, so that a subject is one or the other. *row receives what is published (borrowed
 * until the next but one journal_begin). Returns 0 or a negative errno, which journal_commit() will
 * repeat. */
int journal_append(struct journal *journal, const struct event *event,
                   const struct personal *personal, const struct stored_event **row);

/* Remembers the outcome of a submission: by (sender, epoch, seq) for the window, by (sender, key)
 * for repeats (empty key: the window alone). digest: over the command's content, to tell a reused key
 * from a repeat. outcome->personal is not kept: a repeated PersonalRead unseals again. The newest
 * JOURNAL_ANSWERS_MAX of the last JOURNAL_ANSWERS_MS stay. */
int journal_answer(struct journal *journal, const char *sender, const uint8_t digest[32],
                   const struct outcome *outcome);

/* Keeps an order for a gateway until it says done; gives it the gateway's next seq (order->seq). It is
 * sealed where it lies, since a text carries the citizen's number. */
int journal_order(struct journal *journal, const char *gateway, struct order *order);
int journal_order_done(struct journal *journal, const char *gateway, uint64_t seq);

/* Makes the turn durable. at_ms dates the checkpoint. Returns 0; on any error the journal refuses
 * everything from then on and the caller must end the process. */
int journal_commit(struct journal *journal, uint64_t at_ms);

/* Keeps a witness's signature beside the checkpoint of this seq, inside a turn; no event, nothing hashed
 * changes. Returns 0; -ENOENT: there is no such checkpoint; -EBADMSG: the signature does not hold;
 * -ENOSPC: it has as many as it can. */
int journal_cosign(struct journal *journal, uint64_t seq, const struct cosignature *cosignature);

/* When a checkpoint over what is not covered yet is due; UINT64_MAX: all is covered. Any turn then
 * signs one with its commit; of a journal that is sealed elsewhere journal_state() must be signed. */
uint64_t journal_checkpoint_due_ms(const struct journal *journal);

/* ---- sealed elsewhere ------------------------------------------------------------------------ */

bool journal_is_sealed_elsewhere(const struct journal *journal);

/* The newest checkpoint and the newest succession that are kept; seq and number 0: none. */
const struct checkpoint *journal_checkpoint(const struct journal *journal);
const struct succession *journal_succession(const struct journal *journal);

/* The time of the first event that no checkpoint covers; 0: all are covered. */
uint64_t journal_uncovered_ms(const struct journal *journal);

/* Between turns: what the next checkpoint says of all that is durable; unsigned. */
void journal_state(struct journal *journal, uint64_t at_ms, struct checkpoint *statement);

/* That the first `second` records go on from the first `first`. Returns 0 or a negative errno; -ENOENT
 * when there are not so many. */
int journal_prove(struct journal *journal, uint64_t first, uint64_t second,
                  struct consistency *proof);

/* Inside a turn: keeps a checkpoint that was signed, or a succession of the key. Returns 0; -EBADMSG: it is
 * not one of these records and this line of keys, and nothing was kept; another negative errno is the
 * journal's, final. holds: what checkpoint_holds() said of it, which may be asked in another thread before. */
int journal_seal(struct journal *journal, const struct checkpoint *checkpoint, bool holds);
int journal_succeed(struct journal *journal, const struct succession *succession);

/* Between turns, when nothing waits: brings into the tables what the redo file holds
 * (dispatcher/store/redo.h), so that other processes see it and a restart has less to finish. Takes as
 * long as a commit of many turns. */
int journal_settle(struct journal *journal);

/* Frees what readers of dead processes hold; call every ten seconds. */
void journal_tend(struct journal *journal);

/* ---- reading ------------------------------------------------------------------------------- */

/* Up to `max` stored events behind `after`, also while a turn is open (then the durable ones).
 * Returns how many, or a negative errno. */
int journal_read(struct journal *journal, uint64_t after, struct stored_event *rows, int max);

/* How often something was read that a damaged disk has changed or does not give: such a read is told -EBADMSG, a question
 * BUSY, and the process goes on (docs/decisions/0026-damaged-pages.md). */
uint64_t journal_damage(const struct journal *journal);

/* Unpacks a stored event's record. Returns 0 or -EBADMSG. */
int journal_unpack(struct journal *journal, const struct stored_event *row, struct record *record);

/* The next four see the open turn, too. */

/* The row with which a closed incident left memory. Returns 0, or -ENOENT: it is there, or unknown. */
int journal_left(struct journal *journal, uint64_t incident, struct closed_incident *row);

/* All personal data sealed under a contact or incident, the newest value of each field. Returns 0,
 * -ENOENT when there is none, -EKEYREVOKED when its key was destroyed. */
int journal_personal(struct journal *journal, uint64_t subject, struct personal *personal);

/* Which events' words are meant; `event` is without its personal data. */
typedef bool journal_meant(const struct event *event);

/* Only what the newest event that is meant sealed under the subject: a reply, whatever was noted after
 * it. Errors as above; -ENOENT also when no such event sealed anything. */
int journal_personal_of(struct journal *journal, uint64_t subject, journal_meant *meant,
                        struct personal *personal);

/* Only what event `seq` sealed under the subject: a description stays readable behind the replies
 * that came after it; and what no words are, the key of a recording. Errors as above; -ENOENT also when that event sealed nothing for the subject. */
int journal_personal_at(struct journal *journal, uint64_t subject, uint64_t seq,
                        struct personal *personal);

/* What was answered before. taken: the last seq taken of (sender, epoch), 0 when none. find: the
 * outcome of (sender, key): 0, -ENOENT, or -EKEYREJECTED when the digest differs. */
uint64_t journal_taken(struct journal *journal, const char *sender, uint64_t epoch);
int journal_find_answer(struct journal *journal, const char *sender, const char *key,
                        const uint8_t digest[32], struct outcome *outcome);

/* Durable orders of a gateway behind `after`, oldest first. Returns how many, or a negative errno. */
int journal_orders(struct journal *journal, const char *gateway, uint64_t after,
                   struct order *orders, int max);

/* Destroys the sealing key of a contact or incident, inside a turn: vault.h; appending an Erased does it. Once the turn is durable, the root
 * of before is overwritten in the home's keys. */
int journal_erase(struct journal *journal, uint64_t subject);

/* Was the subject's key destroyed? */
bool journal_is_erased(struct journal *journal, uint64_t subject);

/* Was anything ever sealed under it? */
bool journal_has_sealed(struct journal *journal, uint64_t subject);

/* For who only keeps what another one's turns changed: steps the home's own vault.key on to where the tables are.
 * Returns 0 or a negative errno. */
int journal_follow_root(struct store *store, const char *home);

/* Answers every question: checkpoints, proofs, manifests and successions (what `yihao trail export` asks)
 * from the journal, all others from its views. A manifest of a journal that is sealed elsewhere is not
 * signed yet. */
void journal_query(struct journal *journal, const struct query *query, uint64_t now_ms,
                   struct answer *answer);

/* Takes secrets out of an answer (views_conceal). */
void journal_conceal(struct journal *journal, const struct user_row *user,
                     const struct query *query, struct answer *answer);

#endif
