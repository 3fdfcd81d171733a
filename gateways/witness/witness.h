/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * witness: it remembers the last checkpoint it saw and signs a newer one only when the journal goes on
 * from there (docs/trail-format.md). Whoever rewrites history, even with the city's signing key, cannot
 * show it one that does. Once in doubt it stays so, across restarts, until a person has looked and
 * removed its file `doubt`. No sockets, no clock. */
#ifndef GATEWAYS_WITNESS_WITNESS_H
#define GATEWAYS_WITNESS_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/journal/checkpoint.h"
#include "proto/message.h"

struct witness;

/* Reads or makes what lies in the folder: sign.secret (0600), sign.public, last, line, doubt. city_key: the
 * first with which the city signed; later ones are followed (dispatcher/journal/succession.h). Returns 0 or a negative errno; close with witness_close(), NULL is fine. */
int witness_open(struct witness **witness, const char *folder, const uint8_t city_key[32]);
void witness_close(struct witness *witness);

const uint8_t *witness_key(const struct witness *witness);

enum witness_step {
    WITNESS_STEP_WAIT,  /* nothing new, or in doubt */
    WITNESS_STEP_LINE,  /* ask for the successions behind `first`, then call witness_follow() */
    WITNESS_STEP_PROVE, /* ask for consistency from first to second, then call witness_prove() */
    WITNESS_STEP_SIGN,  /* send the cosignature for checkpoint seq */
    WITNESS_STEP_DOUBT  /* tell everybody: the first time */
};

struct witness_word {
    enum witness_step step;
    uint64_t first; /* PROVE, LINE; DOUBT: what was signed last */
    uint64_t seq;   /* the checkpoint's */
    enum doubt_reason reason;
    struct cosignature cosignature;
};

/* Shown the newest checkpoint. */
struct witness_word witness_see(struct witness *witness, const struct checkpoint *shown,
                                uint64_t now_ms);

/* Given the next successions of the city's key; none: there are no more. */
struct witness_word witness_follow(struct witness *witness, const struct successions *successions,
                                   uint64_t now_ms);

/* Given the path between the last one and the one shown. */
struct witness_word witness_prove(struct witness *witness, const struct consistency *proof,
                                  uint64_t now_ms);

struct witness_counts {
    uint64_t seq;   /* the last checkpoint it believes */
    uint64_t at_ms; /* when it was signed by the city */
    uint64_t signed_count;
    bool doubts;
};
struct witness_counts witness_count(const struct witness *witness);

#endif
