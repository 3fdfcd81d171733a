/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fnv: FNV-1a in 64 bits (draft-eastlake-fnv), for what only has to differ: no secret hangs on it, and whoever
 * wants two inputs to meet can make them. */
#ifndef BASE_FNV_H
#define BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv_word(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * UINT64_C(0x100000001b3);
}

static inline uint64_t fnv_add(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = fnv_word(hash, (uint8_t)bytes[i]);
    return hash;
}

#endif
