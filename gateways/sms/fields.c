/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/fields.h"

#include <errno.h>
#include <string.h>

#include "base/require.h"

static void number_set(void *member, uint16_t size, uint32_t value)
{
    uint8_t one = (uint8_t)value;
    uint16_t two = (uint16_t)value;

    switch (size) {
    case 1:
        memcpy(member, &one, sizeof one);
        return;
    case 2:
        memcpy(member, &two, sizeof two);
        return;
    case 4:
        memcpy(member, &value, sizeof value);
        return;
    }
    REQUIRE(!"a number has 1, 2 or 4 octets");
}

static uint32_t number_get(const void *member, uint16_t size)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;

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
    }
    REQUIRE(!"a number has 1, 2 or 4 octets");
}

/* Returns the octets taken, or 0 when the field is not there as it must be. */
static size_t field_read(const struct field *field, void *member, const uint8_t *bytes, size_t left)
{
    struct octets octets;
    const uint8_t *end;
    uint32_t value = 0;

    switch (field->kind) {
    case FIELD_NUMBER:
        if (left < field->size)
            return 0;
        for (uint16_t i = 0; i < field->size; i++)
            value = value << 8 | bytes[i];
        number_set(member, field->size, value);
        return field->size;
    case FIELD_C_STRING:
        end = left == 0 ? NULL : memchr(bytes, 0, left < field->size ? left : field->size);
        if (!end)
            return 0;
        memcpy(member, bytes, (size_t)(end - bytes) + 1);
        return (size_t)(end - bytes) + 1;
    case FIELD_OCTETS:
        if (left < 1 || bytes[0] > field->size || left - 1 < bytes[0])
            return 0;
        octets = (struct octets){ bytes + 1, bytes[0] };
        memcpy(member, &octets, sizeof octets);
        return 1 + octets.count;
    }
    REQUIRE(!"unknown kind of field");
}

int fields_read(const struct field *fields, size_t count, void *record, const uint8_t *bytes,
                size_t length, size_t *used)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        char *member = (char *)record + fields[i].offset;
        size_t taken = field_read(&fields[i], member, bytes + at, length - at);

        if (taken == 0)
            return -EBADMSG;
        at += taken;
    }
    *used = at;
    return 0;
}

static int field_write(const struct field *field, const void *member, uint8_t *bytes, size_t left,
                       size_t *used)
{
    struct octets octets;
    uint32_t value;
    size_t length;

    switch (field->kind) {
    case FIELD_NUMBER:
        if (left < field->size)
            return -ENOBUFS;
        value = number_get(member, field->size);
        for (uint16_t i = 0; i < field->size; i++)
            bytes[i] = (uint8_t)(value >> 8 * (field->size - 1 - i));
        *used = field->size;
        return 0;
    case FIELD_C_STRING:
        length = strnlen(member, field->size);
        if (length == field->size)
            return -EINVAL;
        if (left < length + 1)
            return -ENOBUFS;
        memcpy(bytes, member, length + 1);
        *used = length + 1;
        return 0;
    case FIELD_OCTETS:
        memcpy(&octets, member, sizeof octets);
        if (octets.count > field->size)
            return -EINVAL;
        if (left < octets.count + 1)
            return -ENOBUFS;
        bytes[0] = (uint8_t)octets.count;
        if (octets.count > 0)
            memcpy(bytes + 1, octets.bytes, octets.count);
        *used = octets.count + 1;
        return 0;
    }
    REQUIRE(!"unknown kind of field");
}

int fields_write(const struct field *fields, size_t count, const void *record, uint8_t *bytes,
                 size_t size, size_t *used)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        const char *member = (const char *)record + fields[i].offset;
        size_t written = 0;
        int status = field_write(&fields[i], member, bytes + at, size - at, &written);

        if (status != 0)
            return status;
        at += written;
    }
    *used = at;
    return 0;
}
