/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "proto/schema.h"

const struct field *schema_body(const struct schema *schema, uint32_t number)
{
    for (uint32_t i = 0; i < schema->field_count; i++)
        if (schema->fields[i].in_oneof && schema->fields[i].number == number)
            return &schema->fields[i];
    return NULL;
}

static size_t scalar_size(enum field_type type)
{
    switch (type) {
    case FIELD_UINT32:
        return sizeof(uint32_t);
    case FIELD_UINT64:
        return sizeof(uint64_t);
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_ENUM:
        return sizeof(enum refusal);
    case FIELD_TEXT:
        return 1; /* the terminator */
    case FIELD_BYTES:
    case FIELD_DIGEST:
    case FIELD_MESSAGE:
        return 0;
    }
    return 0;
}

void schema_clear_field(const struct field *field, char *message)
{
    if (field->maximum > 0 || field->type == FIELD_BYTES)
        memset(message + field->count_offset, 0, sizeof(uint32_t));
    else if (field->type == FIELD_DIGEST)
        memset(message + field->offset, 0, field->bound);
    else if (field->type == FIELD_MESSAGE) {
        memset(message + field->count_offset, 0, sizeof(bool));
        schema_clear(field->message, message + field->offset);
    } else
        memset(message + field->offset, 0, scalar_size(field->type));
}

void schema_clear(enum schema_id id,
                  void *message) // NOLINT(misc-no-recursion): no type nests in itself
{
    const struct schema *schema = &schemas[id];
    for (uint32_t i = 0; i < schema->field_count; i++)
        if (!schema->fields[i].in_oneof)
            schema_clear_field(&schema->fields[i], message);
    if (schema->has_kind)
        memset((char *)message + schema->kind_offset, 0, sizeof(enum frame_kind));
}
