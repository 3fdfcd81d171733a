/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/rows.h"

#include <string.h>

#include "proto/schema.h"

uint64_t stir(uint64_t number, uint64_t value)
{
    number = (number ^ value) * 0x9e3779b97f4a7c15;
    return number ^ number >> 29;
}

uint64_t stir_text(uint64_t number, const char *text)
{
    for (; *text; text++)
        number = (number ^ (uint8_t)*text) * 0x100000001b3; /* FNV-1a */
    return stir(number, 0);
}

static uint64_t stir_bytes(uint64_t number, const char *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        number = (number ^ (uint8_t)bytes[i]) * 0x100000001b3;
    return stir(number, size);
}

static uint64_t stir_fields(uint64_t number, enum schema_id id, const char *row);

static uint64_t scalar(const struct field *field, const char *value)
{
    uint64_t wide = 0;
    uint32_t narrow = 0;
    switch (field->type) {
    case FIELD_UINT64:
        memcpy(&wide, value, sizeof wide);
        return wide;
    case FIELD_BOOL:
        return *value != 0;
    default:
        memcpy(&narrow, value, sizeof narrow);
        return narrow;
    }
}

// NOLINTNEXTLINE(misc-no-recursion): no type nests in itself
static uint64_t stir_value(uint64_t number, const struct field *field, const char *row,
                           const char *value)
{
    uint32_t size = field->bound;
    switch (field->type) {
    case FIELD_UINT32:
    case FIELD_UINT64:
    case FIELD_BOOL:
    case FIELD_ENUM:
        return stir(number, scalar(field, value));
    case FIELD_TEXT:
        return stir_text(number, value);
    case FIELD_BYTES:
        memcpy(&size, row + field->count_offset, sizeof size);
        return stir_bytes(number, value, size);
    case FIELD_DIGEST:
        return stir_bytes(number, value, size);
    case FIELD_MESSAGE:
        return stir_fields(number, field->message, value);
    }
    return number;
}

/* How many values it has; a single one at its default is absent. */
static uint32_t values_of(const struct field *field, const char *row)
{
    static const char zero[64];
    uint32_t count;
    if (field->maximum > 0 || field->type == FIELD_BYTES) {
        memcpy(&count, row + field->count_offset, sizeof count);
        return field->maximum > 0 ? count : count > 0;
    }
    if (field->type == FIELD_MESSAGE)
        return row[field->count_offset] != 0;
    if (field->type == FIELD_TEXT)
        return row[field->offset] != 0;
    if (field->type == FIELD_DIGEST)
        return memcmp(row + field->offset, zero, field->bound) != 0;
    return scalar(field, row + field->offset) != 0;
}

// NOLINTNEXTLINE(misc-no-recursion): no type nests in itself
static uint64_t stir_fields(uint64_t number, enum schema_id id, const char *row)
{
    const struct schema *schema = &schemas[id];
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        uint32_t count = values_of(field, row);
        for (uint32_t j = 0; j < count; j++)
            number = stir_value(stir(stir(number, field->number), j), field, row,
                                row + field->offset + j * field->stride);
    }
    return number;
}

uint64_t row_fingerprint(enum schema_id id, const void *row)
{
    return stir_fields(stir_text(0, schemas[id].name), id, row);
}
