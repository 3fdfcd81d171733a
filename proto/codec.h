/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * codec: protobuf bytes ↔ plain structs, straight by the field tables (layout, packer, unpacker). It
 * takes no memory and copies nothing but the values.
 *
 * What comes out of codec_unpack() is safe to use: every text is valid UTF-8 without control
 * characters and within its bound, every enumeration value is known, every list within its maximum.
 * A oneof member of a newer program comes out as kind NONE; the caller answers UNKNOWN_KIND. */
#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "proto/schema.h"

enum {
    FRAME_MAX_BYTES = 65536 /* docs/decisions/0004-link.md */
};

/* The order of all fields on the wire. */
struct codec;

/* Returns NULL when memory is short. codec_close() accepts NULL. */
struct codec *codec_open(void);
void codec_close(struct codec *codec);

/* Reads size bytes as message `id` into `message`, a struct of that schema, overwriting all of it
 * that is meaningful. Returns 0; -EBADMSG for bytes that are no such message or break a bound, an
 * encoding or an enumeration; -EMSGSIZE above FRAME_MAX_BYTES; *message is then undefined. */
int codec_unpack(struct codec *codec, enum schema_id id, const uint8_t *bytes, size_t size,
                 void *message);

/* Writes the message to bytes (room for `room`). Returns the size, or -EMSGSIZE. The struct is the
 * program's own: a bound it breaks is a bug. The bytes of equal messages are equal. */
int codec_pack(struct codec *codec, enum schema_id id, const void *message, uint8_t *bytes,
               size_t room);

#endif
