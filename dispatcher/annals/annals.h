/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * annals: the turns of the journal one behind the other, kept where the machine that writes them cannot take them along
 * when it is lost: a folder on another disk (LMDB) or a PostgreSQL cluster. A turn is what one commit changed in the
 * journal's tables (dispatcher/store/store.h), the events among it; who does all turns in their order holds the same
 * journal. docs/decisions/0043-annals.md.
 *
 * The contract, which tests/unit/test_annals.c holds every kind to:
 * - Only the next turn is taken, only under the present epoch, and several at once wholly or not at all.
 * - ANNALS_WRITTEN is durable. ANNALS_UNKNOWN may be written or not: annals_stand() says which, and after it returned
 *   nothing that was asked before can still come to be written.
 * - What is read is bit for bit what was written, and leads from mark to mark.
 * - The epoch only rises. Whoever takes it has from then on deposed who had it, whatever that one believes.
 * - Nothing alters or removes a turn: there is no call for it. */
#ifndef DISPATCHER_ANNALS_ANNALS_H
#define DISPATCHER_ANNALS_ANNALS_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/store/store.h"

enum {
    ANNALS_BATCH_MAX = 256,          /* turns appended at once */
    ANNALS_TURN_BYTES_MAX = 1 << 27, /* of one turn: a city's tables; more is refused with -E2BIG */
    ANNALS_PIECE_BYTES = 256 * 1024, /* a longer turn is kept in pieces */
    ANNALS_HOLDER_BYTES = 192,
    ANNALS_PLACE_BYTES = 512 /* of an address */
};

/* changes are borrowed. */
struct annals_turn {
    struct store_mark after;
    uint64_t at_ms; /* unix time at which it was first to be written */
    struct slice changes;
};

struct annals_stand {
    struct store_mark begin; /* where the first turn begins; all zeros: there is none yet */
    struct store_mark last;  /* where the last leads to */
    uint64_t epoch;          /* 0: nobody ever took it */
    uint64_t beat;           /* rises while who has the epoch lives */
    char holder[ANNALS_HOLDER_BYTES]; /* who took the epoch */
};

enum annals_outcome {
    ANNALS_WRITTEN,
    ANNALS_REFUSED, /* they do not follow the last turn; nothing was written */
    ANNALS_DEPOSED, /* another epoch; nothing was written */
    ANNALS_UNKNOWN  /* no answer, or one that promises too little */
};

struct annals;

/* Told of each turn; the changes are borrowed. Another result than 0 ends the reading with it. */
typedef int annals_take(void *owner, const struct annals_turn *turn);

/* place: "lmdb:FOLDER" (made when missing; one process at a time, -EBUSY), or "postgresql://…" as libpq knows it, whose
 * schema ops/annals makes. Returns 0 and *annals; -EINVAL: no such kind; another negative errno. Close with
 * annals_close(), which accepts NULL. One thread. A call takes some five seconds at most, and two more for each host of a
 * place that does not answer. */
int annals_open(struct annals **annals, const char *place);
void annals_close(struct annals *annals);

/* How it stands, definitely. Returns 0 or a negative errno: nothing is known. */
int annals_stand(struct annals *annals, struct annals_stand *stand);

/* How it stood just now, without waiting for anybody or keeping anybody waiting: what was asked before may still come. For
 * who only watches. Returns 0 or a negative errno. */
int annals_look(struct annals *annals, struct annals_stand *stand);

/* Takes the epoch that is `stand->epoch` and makes it one higher, when beat and last turn are still the stand's, too:
 * whoever has it gave no sign of life since. Returns 0 and *epoch; -ESTALE: it did, or somebody else was faster; another
 * negative errno: nothing is known. */
int annals_rise(struct annals *annals, const struct annals_stand *stand, const char *holder,
                uint64_t *epoch);

/* Says that who has this epoch lives. */
enum annals_outcome annals_beat(struct annals *annals, uint64_t epoch);

/* before: where the first of them begins; in annals without a turn they begin there. */
enum annals_outcome annals_append(struct annals *annals, uint64_t epoch,
                                  const struct store_mark *before, const struct annals_turn *turns,
                                  uint32_t count);

/* Gives up to max turns behind `after`, whether or not somebody writes meanwhile. Returns how many, or a negative errno;
 * -EBADMSG: what is kept does not lead from mark to mark. after->turn must not lie before where the annals begin. */
int annals_read(struct annals *annals, const struct store_mark *after, uint32_t max,
                annals_take *take, void *owner);

/* Appends one turn, and when the outcome is unknown finds it out and goes on, for as long as goes_on() says so, which is
 * asked before each step (NULL: it is found out, and not tried again). Never ANNALS_REFUSED for a turn that is the last one there already. */
typedef bool annals_goes_on(void *owner);
enum annals_outcome annals_keep(struct annals *annals, uint64_t epoch,
                                const struct store_mark *before, const struct annals_turn *turn,
                                annals_goes_on *goes_on, void *owner);

#endif
