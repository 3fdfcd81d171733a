/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * packer: structs → protobuf bytes, straight from the field tables. Writes from the end to the front,
 * so that the length of what is nested is known when it is written before it. Private to the codec. */
#ifndef PROTO_PACKER_H
#define PROTO_PACKER_H

#include <stddef.h>
#include <stdint.h>

#include "proto/layout.h"

/* As codec_pack(), but for the limit of a frame. */
int packer_pack(const struct layouts *layouts, enum schema_id id, const void *message,
                uint8_t *bytes, size_t room);

#endif
