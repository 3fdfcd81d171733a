/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * turns: what each turn of the leader changed in its journal, given to the standby in order
 * (docs/decisions/0016-standby.md). While the standby is in step nothing is spoken before it has the turn on its
 * disk, too; when it does not answer for TURNS_WAIT_MS the leader goes on alone, and says so, until
 * the standby has caught up. One ROUTER of its own, CURVE and ZAP as on the bus; only the key "standby" is heard.
 *
 * A message is a head (little-endian: magic, kind, the store's mark) and, for TURN, the changes. */
#ifndef DISPATCHER_IO_TURNS_H
#define DISPATCHER_IO_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dispatcher/store/store.h"
#include "proto/keys.h"

enum {
    TURNS_MAX = 65536,                  /* turns kept for a standby that was away … */
    TURNS_BYTES_MAX = 64 * 1024 * 1024, /* … and their bytes */
    TURNS_WAIT_MS = 1000,
    TURNS_BEAT_MS = 500,
    TURNS_GONE_MS = 3000, /* a standby that was silent so long is gone */
    TURN_BYTES_MAX = 128 * 1024 * 1024,
    TURNS_SILENT_MS = 2000, /* a leader so silent is asked of the arbiter */
    TURNS_RESIGN_MS = 300   /* the standby says that it was asked to lead */
};

#define TURNS_STANDBY "standby" /* its key's name */

enum {
    EXIT_TWIN_LEADS =
        3 /* a dispatcher's: not to be started again before a person looked (RestartPreventExitStatus) */
};

enum turn_kind {
    TURN_FOLLOW = 1, /* standby: I stand here; give me what follows */
    TURN_GIVEN,      /* leader: a turn, and where it leads to */
    TURN_DONE,       /* standby: I have it on my disk */
    TURN_BEAT,       /* leader: I live, and stand here */
    TURN_UNKNOWN,    /* leader: I cannot lead on from where you stand */
    TURN_LEAD        /* leader: you have all, I say nothing more; lead */
};

enum {
    TURN_HEAD_BYTES = 4 + 4 + 8 + 32
};
void turn_head_write(uint8_t head[TURN_HEAD_BYTES], enum turn_kind kind,
                     const struct store_mark *mark);
/* Returns false for anything else. */
bool turn_head_read(const uint8_t *bytes, size_t size, enum turn_kind *kind,
                    struct store_mark *mark);

struct turns;

/* Before the journal opens: its opening is a turn, too. Returns NULL without memory. */
struct turns *turns_open(void);
void turns_close(struct turns *turns);

/* Listens for the standby. Returns 0 or a negative errno. */
int turns_bind(struct turns *turns, const char *home, const char *endpoint,
               const struct curve_keys *keys);

/* The journal's store tells every turn to this; owner: the turns. */
void turns_tell(void *owner, const struct store_mark *before, const struct store_mark *after,
                struct slice changes);

/* Hears the standby and gives what it lacks. Call it in each turn of the loop. */
void turns_serve(struct turns *turns, uint64_t mono_ms);

/* From here on the leader goes on alone only when the arbiter granted it (docs/decisions/0035-arbiter.md). name: of
 * this dispatcher there; epoch: of its journal. Returns 0 or a negative errno. */
int turns_obey(struct turns *turns, const char *home, const char *endpoint,
               const struct curve_keys *keys, const char *name, uint64_t epoch);

enum turns_end {
    TURNS_MAY_SPEAK,
    TURNS_DEPOSED, /* the arbiter says that the twin leads */
    TURNS_STOPPED  /* a signal to end came while it was cut off from both */
};

/* After a commit: returns when the standby has it, or at once when none is in step. With an arbiter it returns when
 * the standby has it or the arbiter granted to go on alone, however long that takes. */
enum turns_end turns_wait(struct turns *turns);

/* The arbiter says that the twin leads: end. */
bool turns_are_over(const struct turns *turns);

/* Hands the lead to the standby: it has all and is asked to lead; nothing may be said or committed after it. Returns
 * false, and nothing happened, when the standby is not in step, or the arbiter does not know it yet. */
bool turns_resign(struct turns *turns);

struct turns_figures {
    bool present, in_step;
    uint64_t last;                /* turn of the leader */
    uint64_t done;                /* of the standby */
    uint64_t alone;               /* how often the standby fell out of step */
    bool judged, arbiter_answers; /* there is an arbiter, and it does */
};
void turns_measure(const struct turns *turns, struct turns_figures *figures);

#endif
