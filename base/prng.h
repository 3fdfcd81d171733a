/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * prng: xoshiro256** seeded by splitmix64. For jitter, simulation and tests; never for secrets
 * (keys and tokens come from libsodium). Same seed, same numbers, on every machine. */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state[4];
};

void prng_seed(struct prng *prng, uint64_t seed);
uint64_t prng_next(struct prng *prng);

/* 0 … limit - 1, limit ≥ 1. */
uint64_t prng_below(struct prng *prng, uint64_t limit);

#endif
