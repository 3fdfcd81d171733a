/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * witness: an onlooker (dispatcher/journal/onlooker.h) that signs what it believes. No sockets, no clock. */
#ifndef GATEWAYS_WITNESS_WITNESS_H
#define GATEWAYS_WITNESS_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/journal/onlooker.h"
#include "proto/message.h"
#include "proto/suite.h"

struct witness;

/* Reads or makes what lies in the folder: sign.secret (0600), sign.public, last, line, doubt. city_key: the
 * first with which the city signed; later ones are followed (dispatcher/journal/succession.h). suite: the
 * city's, with which it signs, too; a checkpoint of another is not signed. Returns 0 or a negative errno; close with witness_close(), NULL is fine. */
int witness_open(struct witness **witness, const char *folder, const uint8_t city_key[32],
                 const struct suite *suite);
void witness_close(struct witness *witness);

const uint8_t *witness_key(const struct witness *witness);

struct witness_word {
    struct onlooker_word seen; /* BELIEVE: send the cosignature for checkpoint seq */
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
