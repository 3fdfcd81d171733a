/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * survival: whom a line's callers reach while a gateway has no dispatcher (docs/decisions/0019-survival.md).
 * A plan is words: steps with a blank between, rung one after the other; in a step targets with & between,
 * rung at once. A target is a taker's number or a SIP address with a numeric host:
 *     1001&1002&1003 1004 sip:05516266@10.1.2.3
 * Pure. */
#ifndef PROTO_SURVIVAL_H
#define PROTO_SURVIVAL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SURVIVAL_STEPS_MAX = 8,
    SURVIVAL_TARGETS_MAX = 8, /* of a step */
    SURVIVAL_WORDS_BYTES = 257
};

struct survival_target {
    uint32_t step; /* from 0 */
    uint32_t user; /* 0: `uri` says it */
    char uri[161];
};

/* Is it a plan, or empty? */
bool survival_is_sound(const char *words);

/* Takes the next target off a sound plan; *step is where reading stands, 0 in the beginning. False: that
 * was all. */
bool survival_next(const char **words, uint32_t *step, struct survival_target *target);

uint32_t survival_steps(const char *words);

#endif
