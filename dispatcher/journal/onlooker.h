/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * onlooker: it remembers the last checkpoint it believed, on its disk, and believes a newer one only when the
 * city's line of keys signed it and the journal goes on from there (docs/trail-format.md). Whoever rewrites history,
 * even with the city's signing key, cannot show it one that does. Once in doubt it stays so, across
 * restarts, until a person has looked and removed its file `doubt`. A witness is an onlooker that signs, a
 * console's server one that tells everybody. No sockets, no clock. */
#ifndef DISPATCHER_JOURNAL_ONLOOKER_H
#define DISPATCHER_JOURNAL_ONLOOKER_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/journal/checkpoint.h"
#include "proto/message.h"

struct onlooker;

/* Reads what lies in the folder, which must exist: last, line, doubt. city_key: the first with which the
 * city signed; later ones are followed (dispatcher/journal/succession.h). Returns 0 or a negative errno;
 * close with onlooker_close(), NULL is fine. */
int onlooker_open(struct onlooker **onlooker, const char *folder, const uint8_t city_key[32]);
void onlooker_close(struct onlooker *onlooker);

enum onlooker_step {
    ONLOOKER_STEP_WAIT,  /* nothing new, or in doubt */
    ONLOOKER_STEP_LINE,  /* ask for the successions behind `first`, then call onlooker_follow() */
    ONLOOKER_STEP_PROVE, /* ask for consistency from first to second, then call onlooker_prove() */
    ONLOOKER_STEP_BELIEVE, /* checkpoint seq is what happened; it is remembered */
    ONLOOKER_STEP_DOUBT    /* tell everybody: the first time */
};

struct onlooker_word {
    enum onlooker_step step;
    uint64_t first; /* PROVE, LINE; DOUBT: what was believed last */
    uint64_t seq;   /* the checkpoint's */
    enum doubt_reason reason;
};

/* Shown the newest checkpoint. BELIEVE also when it is the one it knows. */
struct onlooker_word onlooker_see(struct onlooker *onlooker, const struct checkpoint *shown);

/* Given the next successions of the city's key; none: there are no more. */
struct onlooker_word onlooker_follow(struct onlooker *onlooker,
                                     const struct successions *successions);

/* Given the path between the last one and the one shown. */
struct onlooker_word onlooker_prove(struct onlooker *onlooker, const struct consistency *proof);

/* The last one it believes; seq 0: none yet. */
const struct checkpoint *onlooker_last(const struct onlooker *onlooker);

/* The one it was shown and does not believe; NULL: it is in no doubt. */
const struct checkpoint *onlooker_doubted(const struct onlooker *onlooker);

#endif
