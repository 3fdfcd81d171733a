/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/smpp_pdu.h"

#include <errno.h>
#include <string.h>

#define NUMBER(member)   FIELD_NUMBER_OF(smpp_pdu, member, FIELD_MEMBER(smpp_pdu, member))
#define C_STRING(member) FIELD_C_STRING_OF(smpp_pdu, member)
#define UP_TO(member, octets)                                                                      \
    {                                                                                              \
        FIELD_C_STRING, offsetof(struct smpp_pdu, member), (octets), 0, NULL                       \
    }
#define OCTETS(member, most)         FIELD_OCTETS_OF(smpp_pdu, member, 1, most)
#define GROUP(counter, member, item) FIELD_GROUP_OF(smpp_pdu, counter, member, item)
#define COUNT(array)                 (sizeof(array) / sizeof((array)[0]))

#define SOURCE                       NUMBER(source_ton), NUMBER(source_npi), UP_TO(source, SMPP_ADDRESS_BYTES)
#define DEST                         NUMBER(dest_ton), NUMBER(dest_npi), UP_TO(dest, SMPP_ADDRESS_BYTES)

static size_t c_string_length(const uint8_t *bytes, size_t left, size_t most)
{
    const uint8_t *end = left == 0 ? NULL : memchr(bytes, 0, left < most ? left : most);

    return end ? (size_t)(end - bytes) + 1 : 0;
}

/* §4.5.1.1: dest_flag: an address, or the name of a distribution list. */
enum {
    DEST_IS_ADDRESS = 1,
    DEST_IS_LIST = 2
};

static size_t dest_item(const uint8_t *bytes, size_t left)
{
    size_t head = left > 0 && bytes[0] == DEST_IS_ADDRESS ? 3
                  : left > 0 && bytes[0] == DEST_IS_LIST  ? 1
                                                          : 0;

    if (head == 0 || left < head)
        return 0;
    size_t name = c_string_length(bytes + head, left - head, SMPP_ADDRESS_BYTES);
    return name == 0 ? 0 : head + name;
}

/* §4.5.2.1: an address and what went wrong with it. */
static size_t failed_item(const uint8_t *bytes, size_t left)
{
    size_t name = left < 2 ? 0 : c_string_length(bytes + 2, left - 2, SMPP_ADDRESS_BYTES);

    return name == 0 || left < 2 + name + 4 ? 0 : 2 + name + 4;
}

static const struct field header_fields[] = { NUMBER(command), NUMBER(status), NUMBER(sequence) };

/* §4.1 */
static const struct field bind[] = { C_STRING(system_id),    C_STRING(password),
                                     C_STRING(system_type),  NUMBER(interface_version),
                                     NUMBER(addr_ton),       NUMBER(addr_npi),
                                     C_STRING(address_range) };
static const struct field system_id_only[] = { C_STRING(system_id) };
static const struct field outbind[] = { C_STRING(system_id), C_STRING(password) };

/* §4.4.1 and §4.6.1: the same fields. The limit of 254 octets of text is the writer's: centres are
 * known to send 255. */
static const struct field sm[] = {
    C_STRING(service_type),
    SOURCE,
    DEST,
    NUMBER(esm_class),
    NUMBER(protocol_id),
    NUMBER(priority),
    C_STRING(schedule),
    C_STRING(validity),
    NUMBER(registered_delivery),
    NUMBER(replace_if_present),
    NUMBER(data_coding),
    NUMBER(default_message),
    OCTETS(short_message, 255),
};
/* §4.5.1 */
static const struct field multi[] = {
    C_STRING(service_type),
    SOURCE,
    GROUP(dest_count, dests, dest_item),
    NUMBER(esm_class),
    NUMBER(protocol_id),
    NUMBER(priority),
    C_STRING(schedule),
    C_STRING(validity),
    NUMBER(registered_delivery),
    NUMBER(replace_if_present),
    NUMBER(data_coding),
    NUMBER(default_message),
    OCTETS(short_message, 255),
};
static const struct field multi_resp[] = { C_STRING(message_id),
                                           GROUP(failed_count, failed, failed_item) };
static const struct field message_id_only[] = { C_STRING(message_id) };
/* §4.7.1 */
static const struct field data[] = {
    C_STRING(service_type), NUMBER(source_ton), NUMBER(source_npi),
    C_STRING(source),       NUMBER(dest_ton),   NUMBER(dest_npi),
    C_STRING(dest),         NUMBER(esm_class),  NUMBER(registered_delivery),
    NUMBER(data_coding)
};
/* §4.8 … §4.10 */
static const struct field query[] = { C_STRING(message_id), SOURCE };
static const struct field query_resp[] = { C_STRING(message_id), C_STRING(final_date),
                                           NUMBER(message_state), NUMBER(error_code) };
static const struct field cancel[] = { C_STRING(service_type), C_STRING(message_id), SOURCE, DEST };
static const struct field replace[] = { C_STRING(message_id),        SOURCE,
                                        C_STRING(schedule),          C_STRING(validity),
                                        NUMBER(registered_delivery), NUMBER(default_message),
                                        OCTETS(short_message, 255) };
/* §4.12.1 */
static const struct field alert[] = { NUMBER(source_ton), NUMBER(source_npi), C_STRING(source),
                                      NUMBER(esme_ton),   NUMBER(esme_npi),   C_STRING(esme) };
/* v5.0 §4.4.1 … §4.4.3 */
static const struct field broadcast[] = {
    C_STRING(service_type),     SOURCE,
    C_STRING(message_id),       NUMBER(priority),
    C_STRING(schedule),         C_STRING(validity),
    NUMBER(replace_if_present), NUMBER(data_coding),
    NUMBER(default_message),
};
static const struct field cancel_broadcast[] = { C_STRING(service_type), C_STRING(message_id),
                                                 SOURCE };

static const struct format_row rows[] = {
    FORMAT_BARE(SMPP_GENERIC_NACK, "generic_nack"),
    FORMAT_BARE(SMPP_UNBIND, "unbind"),
    FORMAT_BARE(SMPP_RESP(SMPP_UNBIND), "unbind_resp"),
    FORMAT_BARE(SMPP_ENQUIRE_LINK, "enquire_link"),
    FORMAT_BARE(SMPP_RESP(SMPP_ENQUIRE_LINK), "enquire_link_resp"),
    FORMAT_BARE(SMPP_RESP(SMPP_REPLACE_SM), "replace_sm_resp"),
    FORMAT_BARE(SMPP_RESP(SMPP_CANCEL_SM), "cancel_sm_resp"),
    FORMAT_BARE(SMPP_RESP(SMPP_CANCEL_BROADCAST_SM), "cancel_broadcast_sm_resp"),
    FORMAT_ROW(SMPP_BIND_RECEIVER, "bind_receiver", bind),
    FORMAT_ROW(SMPP_RESP(SMPP_BIND_RECEIVER), "bind_receiver_resp", system_id_only),
    FORMAT_ROW(SMPP_BIND_TRANSMITTER, "bind_transmitter", bind),
    FORMAT_ROW(SMPP_RESP(SMPP_BIND_TRANSMITTER), "bind_transmitter_resp", system_id_only),
    FORMAT_ROW(SMPP_BIND_TRANSCEIVER, "bind_transceiver", bind),
    FORMAT_ROW(SMPP_RESP(SMPP_BIND_TRANSCEIVER), "bind_transceiver_resp", system_id_only),
    FORMAT_ROW(SMPP_OUTBIND, "outbind", outbind),
    FORMAT_ROW(SMPP_SUBMIT_SM, "submit_sm", sm),
    FORMAT_ROW(SMPP_RESP(SMPP_SUBMIT_SM), "submit_sm_resp", message_id_only),
    FORMAT_ROW(SMPP_SUBMIT_MULTI, "submit_multi", multi),
    FORMAT_ROW(SMPP_RESP(SMPP_SUBMIT_MULTI), "submit_multi_resp", multi_resp),
    FORMAT_ROW(SMPP_DELIVER_SM, "deliver_sm", sm),
    FORMAT_ROW(SMPP_RESP(SMPP_DELIVER_SM), "deliver_sm_resp", message_id_only),
    FORMAT_ROW(SMPP_DATA_SM, "data_sm", data),
    FORMAT_ROW(SMPP_RESP(SMPP_DATA_SM), "data_sm_resp", message_id_only),
    FORMAT_ROW(SMPP_QUERY_SM, "query_sm", query),
    FORMAT_ROW(SMPP_RESP(SMPP_QUERY_SM), "query_sm_resp", query_resp),
    FORMAT_ROW(SMPP_CANCEL_SM, "cancel_sm", cancel),
    FORMAT_ROW(SMPP_REPLACE_SM, "replace_sm", replace),
    FORMAT_ROW(SMPP_ALERT_NOTIFICATION, "alert_notification", alert),
    FORMAT_ROW(SMPP_BROADCAST_SM, "broadcast_sm", broadcast),
    FORMAT_ROW(SMPP_RESP(SMPP_BROADCAST_SM), "broadcast_sm_resp", message_id_only),
    FORMAT_ROW(SMPP_QUERY_BROADCAST_SM, "query_broadcast_sm", query),
    FORMAT_ROW(SMPP_RESP(SMPP_QUERY_BROADCAST_SM), "query_broadcast_sm_resp", message_id_only),
    FORMAT_ROW(SMPP_CANCEL_BROADCAST_SM, "cancel_broadcast_sm", cancel_broadcast),
};

const struct format smpp_format = {
    .header = header_fields,
    .header_count = COUNT(header_fields),
    .header_bytes = SMPP_HEADER_BYTES,
    .pdu_max = SMPP_PDU_MAX,
    .record_bytes = sizeof(struct smpp_pdu),
    .tlvs_offset = offsetof(struct smpp_pdu, tlvs),
    .bodiless_offset = offsetof(struct smpp_pdu, bodiless),
    .rows = rows,
    .row_count = COUNT(rows),
};

int smpp_pdu_measure(const uint8_t *bytes, size_t count)
{
    return format_measure(&smpp_format, bytes, count);
}

int smpp_pdu_read(struct smpp_pdu *pdu, const uint8_t *bytes, size_t length)
{
    return format_read(&smpp_format, pdu, bytes, length);
}

int smpp_pdu_write(const struct smpp_pdu *pdu, uint8_t *bytes, size_t size, size_t *length)
{
    return format_write(&smpp_format, pdu, bytes, size, length);
}

const struct tlv *smpp_pdu_tlv(const struct smpp_pdu *pdu, enum smpp_tag tag)
{
    return tlvs_find(&pdu->tlvs, (uint16_t)tag);
}

uint32_t smpp_pdu_number(const struct smpp_pdu *pdu, enum smpp_tag tag, uint32_t absent)
{
    return tlvs_number(&pdu->tlvs, (uint16_t)tag, absent);
}

bool smpp_pdu_add(struct smpp_pdu *pdu, enum smpp_tag tag, const uint8_t *bytes, size_t count)
{
    return tlvs_add(&pdu->tlvs, (uint16_t)tag, bytes, count);
}

struct octets smpp_pdu_text(const struct smpp_pdu *pdu)
{
    const struct tlv *payload = smpp_pdu_tlv(pdu, SMPP_TAG_MESSAGE_PAYLOAD);

    return payload && pdu->short_message.count == 0 ? payload->value : pdu->short_message;
}

size_t smpp_dest_write(uint8_t octets[SMPP_DEST_BYTES], uint8_t ton, uint8_t npi,
                       const char *address)
{
    size_t length = strnlen(address, SMPP_ADDRESS_BYTES - 1);

    octets[0] = DEST_IS_ADDRESS;
    octets[1] = ton;
    octets[2] = npi;
    memcpy(octets + 3, address, length);
    octets[3 + length] = 0;
    return 3 + length + 1;
}

bool smpp_failed_next(struct octets *failed, char address[SMPP_ADDRESS_BYTES], uint32_t *status)
{
    size_t size = failed_item(failed->bytes, failed->count);

    if (size == 0)
        return false;
    memcpy(address, failed->bytes + 2, size - 2 - 4);
    *status = (uint32_t)fields_number(failed->bytes + size - 4, 4);
    failed->bytes += size;
    failed->count -= size;
    return true;
}

const char *smpp_command_name(uint32_t command)
{
    return format_name(&smpp_format, command);
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
