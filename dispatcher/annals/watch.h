/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * watch: whether whoever leads by the annals is still there, as seen by who follows. It may be wrong: taking the epoch makes
 * sure (annals.h). Pure, so that the simulation of three dispatchers runs it (tests/sim/trio.h). */
#ifndef DISPATCHER_ANNALS_WATCH_H
#define DISPATCHER_ANNALS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/annals/annals.h"

enum {
    WATCH_SILENT_MS = 2000 /* a leader so silent is replaced */
};

struct watch {
    struct annals_stand seen; /* the last sign of life … */
    uint64_t seen_ms;         /* … and since when it is the last, by the steady clock */
};

/* From now on; or it could not be seen just now: who cannot see hears no silence. */
void watch_begin(struct watch *watch, uint64_t now_ms);
void watch_blind(struct watch *watch, uint64_t now_ms);

/* The stand is the newest there is. Returns true when the epoch may be taken: nobody ever had it, it was laid down, `own` had
 * it in a former life, or who has it was silent for WATCH_SILENT_MS. */
bool watch_may_rise(struct watch *watch, const struct annals_stand *stand, const char *own,
                    uint64_t now_ms);

#endif
