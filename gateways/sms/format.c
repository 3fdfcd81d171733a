/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/format.h"

#include <errno.h>
#include <string.h>

#include "base/require.h"

/* ----------------------------------------------------------------------- optional parameters */

const struct tlv *tlvs_find(const struct tlvs *tlvs, uint16_t tag)
{
    for (size_t i = 0; i < tlvs->count; i++)
        if (tlvs->items[i].tag == tag)
            return &tlvs->items[i];
    return NULL;
}

uint32_t tlvs_number(const struct tlvs *tlvs, uint16_t tag, uint32_t absent)
{
    const struct tlv *tlv = tlvs_find(tlvs, tag);

    if (!tlv || tlv->value.count < 1 || tlv->value.count > 4)
        return absent;
    return (uint32_t)fields_number(tlv->value.bytes, tlv->value.count);
}

bool tlvs_add(struct tlvs *tlvs, uint16_t tag, const uint8_t *bytes, size_t count)
{
    if (tlvs->count == FORMAT_TLVS_MAX)
        return false;
    tlvs->items[tlvs->count++] = (struct tlv){ tag, { bytes, count } };
    return true;
}

static void tlvs_read(struct tlvs *tlvs, const uint8_t *bytes, size_t left)
{
    while (left > 0) {
        size_t length = left < 4 ? 0 : (size_t)fields_number(bytes + 2, 2);

        if (left < 4 || left - 4 < length) {
            tlvs->broken = true;
            return;
        }
        if (!tlvs_add(tlvs, (uint16_t)fields_number(bytes, 2), bytes + 4, length))
            return;
        bytes += 4 + length;
        left -= 4 + length;
    }
}

static int tlvs_write(const struct tlvs *tlvs, uint8_t *bytes, size_t size, size_t *used)
{
    size_t at = 0;

    for (size_t i = 0; i < tlvs->count; i++) {
        const struct tlv *tlv = &tlvs->items[i];

        if (tlv->value.count > UINT16_MAX)
            return -EINVAL;
        if (size - at < 4 + tlv->value.count)
            return -ENOBUFS;
        bytes[at] = (uint8_t)(tlv->tag >> 8);
        bytes[at + 1] = (uint8_t)tlv->tag;
        bytes[at + 2] = (uint8_t)(tlv->value.count >> 8);
        bytes[at + 3] = (uint8_t)tlv->value.count;
        if (tlv->value.count > 0)
            memcpy(bytes + at + 4, tlv->value.bytes, tlv->value.count);
        at += 4 + tlv->value.count;
    }
    *used = at;
    return 0;
}

/* ------------------------------------------------------------------------------------- whole */

static const struct format_row *row_of(const struct format *format, uint32_t command)
{
    for (size_t i = 0; i < format->row_count; i++)
        if (format->rows[i].command == command)
            return &format->rows[i];
    return NULL;
}

static uint32_t command_of(const void *record)
{
    uint32_t command;

    memcpy(&command, record, sizeof command);
    return command;
}

int format_measure(const struct format *format, const uint8_t *bytes, size_t count)
{
    if (count < FORMAT_LENGTH_BYTES)
        return 0;
    uint64_t length = fields_number(bytes, FORMAT_LENGTH_BYTES);
    if (length < format->header_bytes || length > format->pdu_max)
        return -EBADMSG;
    return (int)length;
}

int format_read(const struct format *format, void *record, const uint8_t *bytes, size_t length)
{
    size_t used = 0;

    memset(record, 0, format->record_bytes);
    if (length < format->header_bytes)
        return -EBADMSG;
    int status = fields_read(format->header, format->header_count, record,
                             bytes + FORMAT_LENGTH_BYTES, length - FORMAT_LENGTH_BYTES, &used);
    REQUIRE(status == 0 && used + FORMAT_LENGTH_BYTES == format->header_bytes);
    bytes += format->header_bytes;
    length -= format->header_bytes;

    const struct format_row *row = row_of(format, command_of(record));
    if (!row)
        return -ENOTSUP;
    if (length == 0 && row->count > 0 && row->command & FORMAT_RESPONSE &&
        format->bodiless_offset != 0) {
        *(bool *)((char *)record + format->bodiless_offset) = true;
        return 0;
    }
    if (fields_read(row->fields, row->count, record, bytes, length, &used) != 0)
        return -EBADMSG;
    if (row->count > 0 && format->tlvs_offset != 0)
        tlvs_read((struct tlvs *)(void *)((char *)record + format->tlvs_offset), bytes + used,
                  length - used);
    return 0;
}

static int body_write(const struct format *format, const struct format_row *row, const void *record,
                      uint8_t *bytes, size_t size, size_t *used)
{
    const char *members = record;
    size_t more = 0;

    *used = 0;
    if (format->bodiless_offset != 0 && *(const bool *)(members + format->bodiless_offset))
        return 0;
    int status = fields_write(row->fields, row->count, record, bytes, size, used);
    if (status != 0 || format->tlvs_offset == 0)
        return status;
    status = tlvs_write((const struct tlvs *)(const void *)(members + format->tlvs_offset),
                        bytes + *used, size - *used, &more);
    *used += more;
    return status;
}

int format_write(const struct format *format, const void *record, uint8_t *bytes, size_t size,
                 size_t *length)
{
    const struct format_row *row = row_of(format, command_of(record));
    size_t used = 0;

    if (!row)
        return -ENOTSUP;
    if (size < format->header_bytes)
        return -ENOBUFS;
    int status = fields_write(format->header, format->header_count, record,
                              bytes + FORMAT_LENGTH_BYTES, size - FORMAT_LENGTH_BYTES, &used);
    if (status == 0)
        status = body_write(format, row, record, bytes + format->header_bytes,
                            size - format->header_bytes, &used);
    if (status != 0)
        return status;
    *length = format->header_bytes + used;
    for (int i = 0; i < FORMAT_LENGTH_BYTES; i++)
        bytes[i] = (uint8_t)(*length >> 8 * (FORMAT_LENGTH_BYTES - 1 - i));
    return 0;
}

const char *format_name(const struct format *format, uint32_t command)
{
    const struct format_row *row = row_of(format, command);

    return row ? row->name : "command";
}
