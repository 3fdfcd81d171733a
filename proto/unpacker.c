/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/unpacker.h"

#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "base/utf8.h"

/* Bytes still to be read. */
struct head {
    const struct layouts *layouts;
    const uint8_t *at;
    const uint8_t *end;
};

/* ---- bytes --------------------------------------------------------------------------------- */

static int take_long_varint(struct head *head, uint64_t *number)
{
    *number = 0;
    for (uint32_t shift = 0; shift < 64 && head->at < head->end; shift += 7) {
        uint8_t byte = *head->at++;
        if (shift == 63 && byte > 1)
            return -EBADMSG;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return 0;
    }
    return -EBADMSG;
}

/* Most of them are one byte. */
static inline int take_varint(struct head *head, uint64_t *number)
{
    if (head->at == head->end || *head->at >= 0x80)
        return take_long_varint(head, number);
    *number = *head->at++;
    return 0;
}

/* What has a size, as a head of its own. */
static int take_sized(struct head *head, struct head *part)
{
    uint64_t size;
    if (take_varint(head, &size) < 0 || size > (size_t)(head->end - head->at))
        return -EBADMSG;
    *part = (struct head){ head->layouts, head->at, head->at + size };
    head->at += size;
    return 0;
}

static int skip(struct head *head, uint32_t wire_type)
{
    struct head part;
    uint64_t number;
    size_t size = wire_type == WIRE_EIGHT ? 8 : 4;
    if (wire_type == WIRE_VARINT)
        return take_varint(head, &number);
    if (wire_type == WIRE_SIZED)
        return take_sized(head, &part);
    if ((wire_type != WIRE_EIGHT && wire_type != WIRE_FOUR) ||
        size > (size_t)(head->end - head->at))
        return -EBADMSG;
    head->at += size;
    return 0;
}

/* ---- values -------------------------------------------------------------------------------- */

static int read_message(struct head *head, enum schema_id id, char *plain);

static int read_number(const struct field *field, struct head *head, char *to)
{
    uint64_t number;
    if (take_varint(head, &number) < 0)
        return -EBADMSG;
    uint32_t narrow = (uint32_t)number;
    switch (field->type) {
    case FIELD_UINT64:
        memcpy(to, &number, sizeof number);
        return 0;
    case FIELD_BOOL:
        *(bool *)to = number != 0;
        return 0;
    case FIELD_ENUM:
        if (number >= field->words->count || !field->words->words[number])
            return -EBADMSG;
        break;
    case FIELD_UINT32:
        if (number > UINT32_MAX)
            return -EBADMSG;
        break;
    case FIELD_TEXT:
    case FIELD_BYTES:
    case FIELD_DIGEST:
    case FIELD_MESSAGE:
        REQUIRE(!"a number");
    }
    memcpy(to, &narrow, sizeof narrow);
    return 0;
}

/* A text or a message. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_sized(const struct field *field, struct head *part, char *to)
{
    if (field->type == FIELD_MESSAGE)
        return read_message(part, field->message, to);
    size_t size = (size_t)(part->end - part->at);
    if (size > field->bound || !utf8_is_text((const char *)part->at, size))
        return -EBADMSG;
    memcpy(to, part->at, size);
    to[size] = 0;
    return 0;
}

static int read_blob(const struct field *field, const struct head *part, char *plain)
{
    size_t size = (size_t)(part->end - part->at);
    if (size > field->bound)
        return -EBADMSG;
    if (field->type == FIELD_BYTES) {
        uint32_t kept = (uint32_t)size;
        memcpy(plain + field->count_offset, &kept, sizeof kept);
    } else if (size == 0) {
        memset(plain + field->offset, 0, field->bound);
    } else if (size != field->bound) {
        return -EBADMSG;
    }
    if (size > 0)
        memcpy(plain + field->offset, part->at, size);
    return 0;
}

/* The list's next element, from `part` (NULL: a bare number at the head). */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_element(const struct field *field, struct head *head, struct head *part,
                        char *plain)
{
    uint32_t count;
    memcpy(&count, plain + field->count_offset, sizeof count);
    if (count >= field->maximum)
        return -EBADMSG;
    char *to = plain + field->offset + count * field->stride;
    int status = part ? read_sized(field, part, to) : read_number(field, head, to);
    count++;
    memcpy(plain + field->count_offset, &count, sizeof count);
    return status;
}

/* Numbers come packed, all behind one tag, or one by one. */
// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_list(const struct field *field, struct head *head, uint32_t wire_type, char *plain)
{
    struct head part;
    if (wire_type == WIRE_VARINT)
        return field_is_number(field) ? read_element(field, head, NULL, plain) : -EBADMSG;
    if (take_sized(head, &part) < 0)
        return -EBADMSG;
    if (!field_is_number(field))
        return read_element(field, head, &part, plain);
    int status = 0;
    while (status == 0 && part.at < part.end)
        status = read_element(field, &part, NULL, plain);
    return status;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_field(const struct field *field, struct head *head, uint32_t wire_type, char *plain)
{
    struct head part;
    if (wire_type != WIRE_SIZED && (wire_type != WIRE_VARINT || !field_is_number(field)))
        return -EBADMSG;
    if (field->maximum > 0)
        return read_list(field, head, wire_type, plain);
    if (wire_type == WIRE_VARINT)
        return read_number(field, head, plain + field->offset);
    if (field_is_number(field) || take_sized(head, &part) < 0)
        return -EBADMSG;
    if (field->type == FIELD_BYTES || field->type == FIELD_DIGEST)
        return read_blob(field, &part, plain);
    if (field->type == FIELD_MESSAGE && !field->in_oneof)
        *(bool *)(plain + field->count_offset) = true;
    return read_sized(field, &part, plain + field->offset);
}

/* ---- messages ------------------------------------------------------------------------------ */

enum {
    WIPED_BYTES_MAX = 1024 /* a struct that is cleared whole, not field by field */
};

/* Where a message's own fields are read next: those before it were read, or cleared on the way. */
struct cursor {
    const struct layout *layout;
    uint32_t place;
    bool wiped; /* all of it was cleared at once */
};

/* A oneof's room is left alone: its member clears what it needs of it. */
static struct cursor begin(const struct layout *layout, const struct schema *schema, char *plain)
{
    struct cursor cursor = { layout, 0, !schema->has_kind && schema->size <= WIPED_BYTES_MAX };
    if (cursor.wiped)
        memset(plain, 0, schema->size);
    return cursor;
}

static void clear_up_to(struct cursor *cursor, uint32_t place, char *plain)
{
    for (; cursor->place < place && !cursor->wiped; cursor->place++)
        schema_clear_field(cursor->layout->fields[cursor->place], plain);
    cursor->place = place;
}

/* The field of this number, and all before it cleared that did not come; NULL: it is not known, or of
 * the oneof. Mostly fields come in the order of their numbers. */
static const struct field *find_plain(struct cursor *cursor, uint32_t number, char *plain)
{
    const struct layout *layout = cursor->layout;
    uint32_t place = cursor->place;
    while (place < layout->plain_count && layout->fields[place]->number < number)
        place++;
    if (place == cursor->place && place > 0 && number <= layout->fields[place - 1]->number) {
        place = layout_seek(layout, number, 0, place); /* an earlier one */
        return layout->fields[place]->number == number ? layout->fields[place] : NULL;
    }
    if (place == layout->plain_count || layout->fields[place]->number != number)
        return NULL;
    clear_up_to(cursor, place + (layout->fields[place]->maximum > 0), plain);
    cursor->place = place + 1;
    return layout->fields[place];
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static int read_message(struct head *head, enum schema_id id, char *plain)
{
    const struct schema *schema = &schemas[id];
    struct cursor cursor = begin(&head->layouts->of[id], schema, plain);
    uint32_t kind = 0;
    int status = 0;
    while (status == 0 && head->at < head->end) {
        uint64_t tag;
        if (take_varint(head, &tag) < 0 || tag >> 3 == 0 || tag > UINT32_MAX)
            return -EBADMSG;
        uint32_t number = (uint32_t)(tag >> 3), wire_type = tag & 7;
        const struct field *field = find_plain(&cursor, number, plain);
        if (!field && (field = layout_body(cursor.layout, number)))
            kind = number;
        status = field ? read_field(field, head, wire_type, plain) : skip(head, wire_type);
    }
    clear_up_to(&cursor, cursor.layout->plain_count, plain);
    if (schema->has_kind)
        memcpy(plain + schema->kind_offset, &kind, sizeof kind);
    return status;
}

int unpacker_read(const struct layouts *layouts, enum schema_id id, const uint8_t *bytes,
                  size_t size, void *message)
{
    struct head head = { layouts, bytes, bytes + size };
    return read_message(&head, id, message);
}
