/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * layout: each schema's fields by their number, as they lie on the wire. Private to the codec. */
#ifndef PROTO_LAYOUT_H
#define PROTO_LAYOUT_H

#include "proto/schema.h"

/* https://protobuf.dev/programming-guides/encoding: how a field's value is written. */
enum wire_type {
    WIRE_VARINT = 0,
    WIRE_EIGHT = 1, /* bytes */
    WIRE_SIZED = 2,
    WIRE_FOUR = 5
};

/* A schema's fields sorted by number: those of the oneof behind the others. */
struct layout {
    const struct field **fields;
    uint32_t plain_count;
    uint32_t count;
};

struct layouts {
    struct layout of[SCHEMA_COUNT];
    const struct field *fields[];
};

/* Returns NULL when memory is short. layouts_close() accepts NULL. */
struct layouts *layouts_open(void);
void layouts_close(struct layouts *layouts);

/* The place of the field of this number from `low` on and before `high`, or where it would be. */
uint32_t layout_seek(const struct layout *layout, uint32_t number, uint32_t low, uint32_t high);

/* The oneof's member of this number, NULL: it has none. */
const struct field *layout_body(const struct layout *layout, uint32_t number);

/* Is it written as a bare number? */
static inline bool field_is_number(const struct field *field)
{
    return field->type == FIELD_UINT32 || field->type == FIELD_UINT64 ||
           field->type == FIELD_BOOL || field->type == FIELD_ENUM;
}

#endif
