/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/packer.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/require.h"

/* Bytes written so far: from `at` to the end of the room. */
struct tail {
    const struct layouts *layouts;
    uint8_t *begin;
    uint8_t *at;
    bool full;
};

/* ---- bytes --------------------------------------------------------------------------------- */

static uint8_t *take_room(struct tail *tail, size_t size)
{
    if (tail->full || size > (size_t)(tail->at - tail->begin)) {
        tail->full = true;
        return NULL;
    }
    return tail->at -= size;
}

static void put_bytes(struct tail *tail, const void *bytes, size_t size)
{
    uint8_t *at = take_room(tail, size);
    if (at && size > 0)
        memcpy(at, bytes, size);
}

static void put_varint(struct tail *tail, uint64_t number)
{
    size_t size = 1;
    if (number < 0x80) { /* most are: tags, enums, sizes */
        uint8_t *byte = take_room(tail, 1);
        if (byte)
            *byte = (uint8_t)number;
        return;
    }
    for (uint64_t rest = number >> 7; rest; rest >>= 7)
        size++;
    uint8_t *at = take_room(tail, size);
    if (!at)
        return;
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at = (uint8_t)number;
}

static void put_tag(struct tail *tail, uint32_t number, enum wire_type type)
{
    put_varint(tail, (uint64_t)number << 3 | type);
}

/* Of a value that was written from `end` on. */
static void put_size_and_tag(struct tail *tail, const uint8_t *end, uint32_t number)
{
    put_varint(tail, (uint64_t)(end - tail->at));
    put_tag(tail, number, WIRE_SIZED);
}

/* ---- fields -------------------------------------------------------------------------------- */

static void put_message(struct tail *tail, enum schema_id id, const char *plain);

static uint64_t number_of(const struct field *field, const char *from)
{
    uint64_t wide;
    uint32_t narrow;
    if (field->type == FIELD_BOOL)
        return *(const bool *)from;
    if (field->type == FIELD_UINT64) {
        memcpy(&wide, from, sizeof wide);
        return wide;
    }
    memcpy(&narrow, from, sizeof narrow);
    return narrow;
}

/* One value of what has a size: a text or a message. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static void put_sized(struct tail *tail, const struct field *field, const char *from)
{
    const uint8_t *end = tail->at;
    if (field->type == FIELD_MESSAGE) {
        put_message(tail, field->message, from);
    } else {
        const char *zero = memchr(from, 0, field->bound + 1);
        REQUIRE(zero != NULL);
        put_bytes(tail, from, (size_t)(zero - from));
    }
    put_size_and_tag(tail, end, field->number);
}

/* Numbers are packed: all of them behind one tag. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static void put_list(struct tail *tail, const struct field *field, const char *plain)
{
    const uint8_t *end = tail->at;
    const char *elements = plain + field->offset;
    uint32_t count;
    memcpy(&count, plain + field->count_offset, sizeof count);
    REQUIRE(count <= field->maximum);
    bool packed = field_is_number(field);
    for (uint32_t i = count; i-- > 0;) {
        const char *element = elements + i * field->stride;
        if (packed)
            put_varint(tail, number_of(field, element));
        else
            put_sized(tail, field, element);
    }
    if (packed && count > 0)
        put_size_and_tag(tail, end, field->number);
}

static bool is_zero(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void put_blob(struct tail *tail, const struct field *field, const char *plain)
{
    const char *bytes = plain + field->offset;
    uint32_t size = field->bound;
    if (field->type == FIELD_BYTES)
        memcpy(&size, plain + field->count_offset, sizeof size);
    else if (is_zero(bytes, size))
        return;
    REQUIRE(size <= field->bound);
    if (size == 0)
        return;
    const uint8_t *end = tail->at;
    put_bytes(tail, bytes, size);
    put_size_and_tag(tail, end, field->number);
}

/* A single value that is no member of a oneof; what is absent or zero is not written. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static void put_single(struct tail *tail, const struct field *field, const char *plain)
{
    const char *from = plain + field->offset;
    if (field_is_number(field)) {
        uint64_t number = number_of(field, from);
        if (number == 0)
            return;
        put_varint(tail, number);
        put_tag(tail, field->number, WIRE_VARINT);
    } else if (field->type == FIELD_BYTES || field->type == FIELD_DIGEST) {
        put_blob(tail, field, plain);
    } else if (field->type == FIELD_MESSAGE ? *(const bool *)(plain + field->count_offset)
                                            : from[0] != 0) {
        put_sized(tail, field, from);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static void put_message(struct tail *tail, enum schema_id id, const char *plain)
{
    const struct schema *schema = &schemas[id];
    const struct layout *layout = &tail->layouts->of[id];
    const struct field *body = NULL;
    if (schema->has_kind) {
        uint32_t kind;
        memcpy(&kind, plain + schema->kind_offset, sizeof kind);
        body = layout_body(layout, kind);
    }
    for (uint32_t i = layout->plain_count; i-- > 0;) {
        const struct field *field = layout->fields[i];
        if (body && body->number > field->number) {
            put_sized(tail, body, plain + body->offset);
            body = NULL;
        }
        if (field->maximum > 0)
            put_list(tail, field, plain);
        else
            put_single(tail, field, plain);
    }
    if (body)
        put_sized(tail, body, plain + body->offset);
}

int packer_pack(const struct layouts *layouts, enum schema_id id, const void *message,
                uint8_t *bytes, size_t room)
{
    struct tail tail = { layouts, bytes, bytes + room, false };
    put_message(&tail, id, message);
    if (tail.full)
        return -EMSGSIZE;
    size_t size = (size_t)(bytes + room - tail.at);
    memmove(bytes, tail.at, size);
    return (int)size;
}
