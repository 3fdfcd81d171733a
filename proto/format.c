/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/hex.h"
#include "base/require.h"

static void format_fields(struct text *text, enum schema_id id, const char *message);

static bool is_set(const struct field *field, const char *message)
{
    uint32_t count = 0;
    bool has = false;
    if (field->maximum > 0 || field->type == FIELD_BYTES) {
        memcpy(&count, message + field->count_offset, sizeof count);
        return count > 0;
    }
    const char *at = message + field->offset;
    switch (field->type) {
    case FIELD_UINT32:
    case FIELD_ENUM:
        memcpy(&count, at, sizeof count);
        return count != 0;
    case FIELD_UINT64: {
        uint64_t value;
        memcpy(&value, at, sizeof value);
        return value != 0;
    }
    case FIELD_BOOL:
        return *(const bool *)at;
    case FIELD_TEXT:
        return *at != 0;
    case FIELD_DIGEST:
        for (uint32_t i = 0; i < field->bound; i++)
            has |= at[i] != 0;
        return has;
    case FIELD_MESSAGE:
        memcpy(&has, message + field->count_offset, sizeof has);
        return has;
    case FIELD_BYTES:
        break;
    }
    return false;
}

static void format_value(struct text *text, const struct field *field, const char *at)
{
    uint32_t small;
    uint64_t big;
    char digits[2 * 64 + 1];
    switch (field->type) {
    case FIELD_UINT32:
        memcpy(&small, at, sizeof small);
        text_print(text, "%" PRIu32, small);
        break;
    case FIELD_UINT64:
        memcpy(&big, at, sizeof big);
        text_print(text, "%" PRIu64, big);
        break;
    case FIELD_BOOL:
        text_add(text, *(const bool *)at ? "yes" : "no");
        break;
    case FIELD_ENUM:
        memcpy(&small, at, sizeof small);
        text_add(text, field->words->words[small]);
        break;
    case FIELD_TEXT:
        text_add_char(text, '"');
        text_add(text, at);
        text_add_char(text, '"');
        break;
    case FIELD_DIGEST:
        hex_write((const uint8_t *)at, field->bound <= 64 ? field->bound : 64, digits);
        text_add(text, digits);
        break;
    case FIELD_MESSAGE:
        text_add_char(text, '(');
        format_fields(text, field->message, at);
        text_add_char(text, ')');
        break;
    case FIELD_BYTES:
        break;
    }
}

static void format_field(struct text *text, const struct field *field, const char *message)
{
    uint32_t count = 1;
    if (field->maximum > 0 || field->type == FIELD_BYTES)
        memcpy(&count, message + field->count_offset, sizeof count);
    text_print(text, "%s=", field->name);
    if (field->type == FIELD_BYTES) {
        text_print(text, "%" PRIu32 "B", count);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(text, ',');
        format_value(text, field, message + field->offset + i * field->stride);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by the types, none of which nests in itself
static void format_fields(struct text *text, enum schema_id id, const char *message)
{
    const struct schema *schema = &schemas[id];
    bool first = true;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->in_oneof || !is_set(field, message))
            continue;
        if (!first)
            text_add_char(text, ' ');
        first = false;
        format_field(text, field, message);
    }
}

void format_message(struct text *text, enum schema_id id, const void *message)
{
    const struct schema *schema = &schemas[id];
    const struct field *body = NULL;
    if (schema->has_kind) {
        uint32_t kind;
        memcpy(&kind, (const char *)message + schema->kind_offset, sizeof kind);
        body = schema_body(schema, kind);
        text_add(text, body ? body->name : "none");
        text_add_char(text, ' ');
    }
    format_fields(text, id, message);
    if (!body)
        return;
    size_t before = text->length;
    text_add_char(text, ' ');
    format_fields(text, body->message, (const char *)message + body->offset);
    if (text->length == before + 1 && !text->cut)
        text->bytes[--text->length] = 0;
}
