/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/prng.h"

#include "base/require.h"

static uint64_t turn(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64U - bits);
}

void prng_seed(struct prng *prng, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += 0x9E3779B97F4A7C15U;
        uint64_t mixed = seed;
        mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
        prng->state[i] = mixed ^ mixed >> 31U;
    }
}

uint64_t prng_next(struct prng *prng)
{
    uint64_t *s = prng->state;
    uint64_t result = turn(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17U;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = turn(s[3], 45);
    return result;
}

uint64_t prng_below(struct prng *prng, uint64_t limit)
{
    REQUIRE(limit > 0);
    uint64_t unfair = (0 - limit) % limit; /* values below this would favour the small results */
    uint64_t value;
    do {
        value = prng_next(prng);
    } while (value < unfair);
    return value % limit;
}
