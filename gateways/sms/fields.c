/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/fields.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/require.h"

uint64_t fields_number(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void number_set(void *member, uint16_t size, uint64_t value)
{
    uint8_t one = (uint8_t)value;
    uint16_t two = (uint16_t)value;
    uint32_t four = (uint32_t)value;

    switch (size) {
    case 1:
        memcpy(member, &one, sizeof one);
        return;
    case 2:
        memcpy(member, &two, sizeof two);
        return;
    case 4:
        memcpy(member, &four, sizeof four);
        return;
    case 8:
        memcpy(member, &value, sizeof value);
        return;
    }
    REQUIRE(!"a number has 1, 2, 4 or 8 octets");
}

static uint64_t number_get(const void *member, uint16_t size)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    switch (size) {
    case 1:
        memcpy(&one, member, sizeof one);
        return one;
    case 2:
        memcpy(&two, member, sizeof two);
        return two;
    case 4:
        memcpy(&four, member, sizeof four);
        return four;
    case 8:
        memcpy(&eight, member, sizeof eight);
        return eight;
    }
    REQUIRE(!"a number has 1, 2, 4 or 8 octets");
}

static void octets_set(void *member, const uint8_t *bytes, size_t count)
{
    struct octets octets = { bytes, count };

    memcpy(member, &octets, sizeof octets);
}

/* ----------------------------------------------------------------------------------- reading */

static size_t fixed_read(const struct field *field, char *member, const uint8_t *bytes, size_t left)
{
    REQUIRE(field->size > field->wire);
    if (left < field->wire)
        return 0;
    size_t length = strnlen((const char *)bytes, field->wire);
    memcpy(member, bytes, length);
    member[length] = '\0';
    return field->wire;
}

static size_t counted_read(const struct field *field, void *member, const uint8_t *bytes,
                           size_t left)
{
    bool is_list = field->kind == FIELD_LIST;
    size_t head = is_list ? 1 : field->wire;

    if (left < head)
        return 0;
    uint64_t count = fields_number(bytes, head);
    size_t octets = is_list ? (size_t)count * field->wire : (size_t)count;
    if (count > field->size || left - head < octets)
        return 0;
    octets_set(member, bytes + head, octets);
    return head + octets;
}

static size_t group_read(const struct field *field, char *record, const uint8_t *bytes, size_t left)
{
    size_t at = 1;

    if (left < 1)
        return 0;
    for (uint8_t i = 0; i < bytes[0]; i++) {
        size_t taken = field->item(bytes + at, left - at);

        if (taken == 0)
            return 0;
        at += taken;
    }
    number_set(record + field->size, 1, bytes[0]);
    octets_set(record + field->offset, bytes + 1, at - 1);
    return at;
}

/* Returns the octets taken, or 0 when the field is not there as it must be. */
static size_t field_read(const struct field *field, char *record, const uint8_t *bytes, size_t left)
{
    char *member = record + field->offset;
    const uint8_t *end;

    switch (field->kind) {
    case FIELD_NUMBER:
        if (left < field->wire)
            return 0;
        number_set(member, field->size, fields_number(bytes, field->wire));
        return field->wire;
    case FIELD_C_STRING:
        end = left == 0 ? NULL : memchr(bytes, 0, left < field->size ? left : field->size);
        if (!end)
            return 0;
        memcpy(member, bytes, (size_t)(end - bytes) + 1);
        return (size_t)(end - bytes) + 1;
    case FIELD_FIXED:
        return fixed_read(field, member, bytes, left);
    case FIELD_RAW:
        if (left < field->wire)
            return 0;
        memcpy(member, bytes, field->wire);
        return field->wire;
    case FIELD_OCTETS:
    case FIELD_LIST:
        return counted_read(field, member, bytes, left);
    case FIELD_GROUP:
        return group_read(field, record, bytes, left);
    }
    REQUIRE(!"unknown kind of field");
}

int fields_read(const struct field *fields, size_t count, void *record, const uint8_t *bytes,
                size_t length, size_t *used)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        size_t taken = field_read(&fields[i], record, bytes + at, length - at);

        if (taken == 0)
            return -EBADMSG;
        at += taken;
    }
    *used = at;
    return 0;
}

/* ----------------------------------------------------------------------------------- writing */

static void number_write(uint8_t *bytes, size_t wire, uint64_t value)
{
    for (size_t i = 0; i < wire; i++)
        bytes[i] = (uint8_t)(value >> 8 * (wire - 1 - i));
}

static int text_write(const struct field *field, const char *member, uint8_t *bytes, size_t left,
                      size_t *used)
{
    bool is_fixed = field->kind == FIELD_FIXED;
    size_t length = strnlen(member, field->size);

    if (length == field->size || (is_fixed && length > field->wire))
        return -EINVAL;
    *used = is_fixed ? field->wire : length + 1;
    if (left < *used)
        return -ENOBUFS;
    memset(bytes, 0, *used);
    memcpy(bytes, member, length);
    return 0;
}

/* A head of `wire` octets that says `number`, then the octets. */
static int counted_write(struct octets octets, size_t wire, size_t number, uint8_t *bytes,
                         size_t left, size_t *used)
{
    if (left < wire || left - wire < octets.count)
        return -ENOBUFS;
    number_write(bytes, wire, number);
    if (octets.count > 0)
        memcpy(bytes + wire, octets.bytes, octets.count);
    *used = wire + octets.count;
    return 0;
}

static int field_write(const struct field *field, const char *record, uint8_t *bytes, size_t left,
                       size_t *used)
{
    const char *member = record + field->offset;
    struct octets octets;

    switch (field->kind) {
    case FIELD_NUMBER:
        if (left < field->wire)
            return -ENOBUFS;
        number_write(bytes, field->wire, number_get(member, field->size));
        *used = field->wire;
        return 0;
    case FIELD_C_STRING:
    case FIELD_FIXED:
        return text_write(field, member, bytes, left, used);
    case FIELD_RAW:
        if (left < field->wire)
            return -ENOBUFS;
        memcpy(bytes, member, field->wire);
        *used = field->wire;
        return 0;
    case FIELD_OCTETS:
        memcpy(&octets, member, sizeof octets);
        if (octets.count > field->size)
            return -EINVAL;
        return counted_write(octets, field->wire, octets.count, bytes, left, used);
    case FIELD_LIST:
        memcpy(&octets, member, sizeof octets);
        if (octets.count % field->wire != 0 || octets.count / field->wire > field->size)
            return -EINVAL;
        return counted_write(octets, 1, octets.count / field->wire, bytes, left, used);
    case FIELD_GROUP:
        memcpy(&octets, member, sizeof octets);
        return counted_write(octets, 1, (size_t)number_get(record + field->size, 1), bytes, left,
                             used);
    }
    REQUIRE(!"unknown kind of field");
}

int fields_write(const struct field *fields, size_t count, const void *record, uint8_t *bytes,
                 size_t size, size_t *used)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        size_t written = 0;
        int status = field_write(&fields[i], record, bytes + at, size - at, &written);

        if (status != 0)
            return status;
        at += written;
    }
    *used = at;
    return 0;
}
