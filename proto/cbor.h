/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cbor: a reader over bytes of RFC 8949 in the one form that CTAP2 writes: definite lengths, every number as
 * short as it can be, no tags and no floating point. It copies nothing and takes no memory. A false answer is
 * final: the reader is not to be used any further. */
#ifndef PROTO_CBOR_H
#define PROTO_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CBOR_DEPTH_MAX = 4 /* of what is skipped */
};

struct cbor {
    const uint8_t *at; /* not read yet */
    size_t left;
};

bool cbor_integer(struct cbor *cbor, int64_t *value);

/* *bytes points into what is read. */
bool cbor_bytes(struct cbor *cbor, const uint8_t **bytes, size_t *size);

/* A map's head: so many pairs follow. */
bool cbor_map(struct cbor *cbor, uint64_t *pairs);

/* One whole item, whatever it is. */
bool cbor_skip(struct cbor *cbor);

#endif
