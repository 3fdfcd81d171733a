/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * key: builds a table's key piece by piece. Numbers are big-endian, so that keys sort as numbers do;
 * texts carry their length in front, so that no key is the beginning of another's text. */
#ifndef DISPATCHER_STORE_KEY_H
#define DISPATCHER_STORE_KEY_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "base/unset.h"
#include "dispatcher/store/store.h"

enum {
    KEY_BYTES_MAX = STORE_KEY_BYTES_MAX + 8 /* the least key behind the longest, too */
};

struct key {
    size_t size;
    uint8_t bytes[KEY_BYTES_MAX];
};

static inline void key_bytes(struct key *key, const void *bytes, size_t size)
{
    REQUIRE(size <= sizeof key->bytes - key->size);
    if (size > 0)
        memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

static inline void key_u8(struct key *key, uint8_t number)
{
    key_bytes(key, &number, sizeof number);
}

static inline void key_u64(struct key *key, uint64_t number)
{
    number = htobe64(number);
    key_bytes(key, &number, sizeof number);
}

static inline void key_text(struct key *key, const char *words)
{
    size_t length = strlen(words);
    REQUIRE(length <= UINT8_MAX);
    key_u8(key, (uint8_t)length);
    key_bytes(key, words, length);
}

/* A key that begins with a kind, the way tables shared by several kinds are built. */
static inline struct key key_of(uint8_t kind)
{
    struct key key UNSET;
    key.size = 0;
    key_u8(&key, kind);
    return key;
}

static inline struct key key_of1(uint8_t kind, uint64_t first)
{
    struct key key UNSET;
    key.size = 0;
    key_u8(&key, kind);
    key_u64(&key, first);
    return key;
}

static inline struct key key_of2(uint8_t kind, uint64_t first, uint64_t second)
{
    struct key key UNSET;
    key.size = 0;
    key_u8(&key, kind);
    key_u64(&key, first);
    key_u64(&key, second);
    return key;
}

static inline struct slice key_slice(const struct key *key)
{
    return (struct slice){ key->bytes, key->size };
}

static inline bool slice_starts_with(struct slice slice, const struct key *key)
{
    return slice.size >= key->size && memcmp(slice.data, key->bytes, key->size) == 0;
}

/* The number at `offset` of a key or value; 0 when it is not that long, as on a damaged page. */
static inline uint64_t slice_u64(struct slice slice, size_t offset)
{
    uint64_t number;
    if (offset > slice.size || slice.size - offset < sizeof number)
        return 0;
    memcpy(&number, (const uint8_t *)slice.data + offset, sizeof number);
    return be64toh(number);
}

#endif
