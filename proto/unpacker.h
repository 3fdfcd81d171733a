/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unpacker: protobuf bytes → structs, straight into the field tables' places. Private to the codec.
 *
 * Fields may come in any order; unknown ones are skipped. Of a single field that comes twice the last
 * counts, lists add up. A value that is not of its field's type, or beyond its range, is refused. */
#ifndef PROTO_UNPACKER_H
#define PROTO_UNPACKER_H

#include <stddef.h>
#include <stdint.h>

#include "proto/layout.h"

/* As codec_unpack(), but for the limit of a frame. */
int unpacker_read(const struct layouts *layouts, enum schema_id id, const uint8_t *bytes,
                  size_t size, void *message);

#endif
