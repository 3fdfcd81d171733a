/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/smpp_pdu.h"

#include <errno.h>
#include <string.h>

#define NUMBER(member)                                                                             \
    {                                                                                              \
        FIELD_NUMBER, offsetof(struct smpp_pdu, member), sizeof(((struct smpp_pdu *)0)->member)    \
    }
#define C_STRING(member)                                                                           \
    {                                                                                              \
        FIELD_C_STRING, offsetof(struct smpp_pdu, member), sizeof(((struct smpp_pdu *)0)->member)  \
    }
#define OCTETS(member, most)                                                                       \
    {                                                                                              \
        FIELD_OCTETS, offsetof(struct smpp_pdu, member), (most)                                    \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct field header_fields[] = { NUMBER(command), NUMBER(status), NUMBER(sequence) };

/* §4.1.5 */
static const struct field bind_fields[] = { C_STRING(system_id),    C_STRING(password),
                                            C_STRING(system_type),  NUMBER(interface_version),
                                            NUMBER(addr_ton),       NUMBER(addr_npi),
                                            C_STRING(address_range) };
static const struct field bind_resp_fields[] = { C_STRING(system_id) };

/* §4.4.1 and §4.6.1: the same fields */
static const struct field sm_fields[] = {
    C_STRING(service_type),
    NUMBER(source_ton),
    NUMBER(source_npi),
    C_STRING(source),
    NUMBER(dest_ton),
    NUMBER(dest_npi),
    C_STRING(dest),
    NUMBER(esm_class),
    NUMBER(protocol_id),
    NUMBER(priority),
    C_STRING(schedule),
    C_STRING(validity),
    NUMBER(registered_delivery),
    NUMBER(replace_if_present),
    NUMBER(data_coding),
    NUMBER(default_message),
    /* The limit of 254 is the writer's (centres are known to send 255). */
    OCTETS(short_message, 255),
};
static const struct field sm_resp_fields[] = { C_STRING(message_id) };

struct pdu_row {
    uint32_t command;
    const struct field *fields;
    size_t count;
};

static const struct pdu_row rows[] = {
    { SMPP_GENERIC_NACK, NULL, 0 },
    { SMPP_UNBIND, NULL, 0 },
    { SMPP_UNBIND_RESP, NULL, 0 },
    { SMPP_ENQUIRE_LINK, NULL, 0 },
    { SMPP_ENQUIRE_LINK_RESP, NULL, 0 },
    { SMPP_BIND_TRANSCEIVER, bind_fields, COUNT(bind_fields) },
    { SMPP_BIND_TRANSCEIVER_RESP, bind_resp_fields, COUNT(bind_resp_fields) },
    { SMPP_SUBMIT_SM, sm_fields, COUNT(sm_fields) },
    { SMPP_SUBMIT_SM_RESP, sm_resp_fields, COUNT(sm_resp_fields) },
    { SMPP_DELIVER_SM, sm_fields, COUNT(sm_fields) },
    { SMPP_DELIVER_SM_RESP, sm_resp_fields, COUNT(sm_resp_fields) },
};

static const struct pdu_row *row_of(uint32_t command)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].command == command)
            return &rows[i];
    return NULL;
}

/* ---------------------------------------------------------------------------------- octets */

static uint32_t big_endian(const uint8_t *bytes, size_t count)
{
    uint32_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void tlvs_read(struct smpp_pdu *pdu, const uint8_t *bytes, size_t left)
{
    while (left > 0) {
        size_t length = left < 4 ? 0 : big_endian(bytes + 2, 2);

        if (left < 4 || left - 4 < length) {
            pdu->tlvs_broken = true;
            return;
        }
        if (pdu->tlv_count == SMPP_TLVS_MAX)
            return;
        pdu->tlvs[pdu->tlv_count++] =
            (struct smpp_tlv){ (uint16_t)big_endian(bytes, 2), { bytes + 4, length } };
        bytes += 4 + length;
        left -= 4 + length;
    }
}

static int tlvs_write(const struct smpp_pdu *pdu, uint8_t *bytes, size_t size, size_t *used)
{
    size_t at = 0;

    for (size_t i = 0; i < pdu->tlv_count; i++) {
        const struct smpp_tlv *tlv = &pdu->tlvs[i];

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

/* ------------------------------------------------------------------------------------ whole */

int smpp_pdu_measure(const uint8_t *bytes, size_t count)
{
    uint32_t length;

    if (count < 4)
        return 0;
    length = big_endian(bytes, 4);
    if (length < SMPP_HEADER_BYTES || length > SMPP_PDU_MAX)
        return -EBADMSG;
    return (int)length;
}

int smpp_pdu_read(struct smpp_pdu *pdu, const uint8_t *bytes, size_t length)
{
    const struct pdu_row *row;
    size_t used = 0;

    memset(pdu, 0, sizeof *pdu);
    if (length < SMPP_HEADER_BYTES)
        return -EBADMSG;
    (void)fields_read(header_fields, COUNT(header_fields), pdu, bytes + 4, 12, &used);
    bytes += SMPP_HEADER_BYTES;
    length -= SMPP_HEADER_BYTES;

    row = row_of(pdu->command);
    if (!row)
        return -ENOTSUP;
    if (length == 0 && row->count > 0 && pdu->command & SMPP_RESPONSE) {
        pdu->bodiless = true;
        return 0;
    }
    if (fields_read(row->fields, row->count, pdu, bytes, length, &used) != 0)
        return -EBADMSG;
    if (row->count == 0)
        return 0;
    tlvs_read(pdu, bytes + used, length - used);
    return 0;
}

int smpp_pdu_write(const struct smpp_pdu *pdu, uint8_t *bytes, size_t size, size_t *length)
{
    const struct pdu_row *row = row_of(pdu->command);
    size_t at = 4;
    size_t used = 0;
    int status;

    if (!row)
        return -ENOTSUP;
    if (size < SMPP_HEADER_BYTES)
        return -ENOBUFS;
    (void)fields_write(header_fields, COUNT(header_fields), pdu, bytes + at, size - at, &used);
    at += used;
    if (!pdu->bodiless) {
        status = fields_write(row->fields, row->count, pdu, bytes + at, size - at, &used);
        if (status != 0)
            return status;
        at += used;
        status = tlvs_write(pdu, bytes + at, size - at, &used);
        if (status != 0)
            return status;
        at += used;
    }
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(at >> 8 * (3 - i));
    *length = at;
    return 0;
}

const struct smpp_tlv *smpp_pdu_tlv(const struct smpp_pdu *pdu, enum smpp_tag tag)
{
    for (size_t i = 0; i < pdu->tlv_count; i++)
        if (pdu->tlvs[i].tag == tag)
            return &pdu->tlvs[i];
    return NULL;
}

uint32_t smpp_pdu_number(const struct smpp_pdu *pdu, enum smpp_tag tag, uint32_t absent)
{
    const struct smpp_tlv *tlv = smpp_pdu_tlv(pdu, tag);

    if (!tlv || tlv->value.count < 1 || tlv->value.count > 4)
        return absent;
    return big_endian(tlv->value.bytes, tlv->value.count);
}

bool smpp_pdu_add(struct smpp_pdu *pdu, enum smpp_tag tag, const uint8_t *bytes, size_t count)
{
    if (pdu->tlv_count == SMPP_TLVS_MAX)
        return false;
    pdu->tlvs[pdu->tlv_count++] = (struct smpp_tlv){ (uint16_t)tag, { bytes, count } };
    return true;
}

struct octets smpp_pdu_text(const struct smpp_pdu *pdu)
{
    const struct smpp_tlv *payload = smpp_pdu_tlv(pdu, SMPP_TAG_MESSAGE_PAYLOAD);

    return payload && pdu->short_message.count == 0 ? payload->value : pdu->short_message;
}

const char *smpp_command_name(uint32_t command)
{
    switch (command) {
#define COMMAND_NAME(name, value, words)                                                           \
    case value:                                                                                    \
        return #words;
        SMPP_COMMANDS(COMMAND_NAME)
#undef COMMAND_NAME
    }
    return "command";
}

const char *smpp_status_name(uint32_t status)
{
    switch (status) {
#define STATUS_NAME(name, value, words)                                                            \
    case value:                                                                                    \
        return "ESME_" #name;
        SMPP_STATUSES(STATUS_NAME)
#undef STATUS_NAME
    }
    return "status";
}
