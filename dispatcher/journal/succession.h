/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * succession: the key that signs the trail gives way to the next one and is destroyed, so that whoever
 * steals a key cannot sign what was before it. Each succession is signed by the key it ends (or by the
 * spare key that the succession before it named, when that key was lost), and says how far the journal
 * was: from there the next key signs, and the former nothing more.
 * lineage: the line of keys from the city's first, which is published, to the one of now.
 * format: docs/trail-format.md. */
#ifndef DISPATCHER_JOURNAL_SUCCESSION_H
#define DISPATCHER_JOURNAL_SUCCESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/journal/checkpoint.h"
#include "proto/message.h"

enum {
    SUCCESSIONS_MAX = 40000 /* one a day for a hundred years */
};

/* Fills in algorithm and signature. */
void succession_sign(struct succession *succession, const struct signer *signer);

/* By the suite it names. */
bool succession_holds(const struct succession *succession, const uint8_t public_key[32]);

/* Of successions in order: the first that covers record seq; count: none does. */
uint32_t succession_over(const struct succession *successions, uint32_t count, uint64_t seq);

struct lineage {
    const struct suite
        *suite; /* NULL: the first statement that holds tells; no other is believed behind it */
    uint64_t number; /* of successions followed */
    uint8_t key[32]; /* that signs now */
    uint8_t spare[32];
    uint64_t since_size; /* where this key's time began … */
    uint64_t since_ms;
    uint64_t seen_size; /* … and the newest it is known to have signed */
    uint64_t seen_ms;
};

void lineage_init(struct lineage *lineage, const uint8_t first_key[32]);

/* Whether the succession comes next: right number and signature, and it leaves out nothing that was seen
 * under the former key. The lineage goes on to the new key then, and is unchanged otherwise. */
bool lineage_follow(struct lineage *lineage, const struct succession *succession);

/* Goes on from a succession that was followed before. */
void lineage_resume(struct lineage *lineage, const struct succession *followed);

/* Whether the checkpoint is of the present key and its time, and its signature holds. */
bool lineage_take(struct lineage *lineage, const struct checkpoint *checkpoint);

/* The same of one whose signature was looked at before, by checkpoint_holds(). */
bool lineage_take_held(struct lineage *lineage, const struct checkpoint *checkpoint);

#endif
