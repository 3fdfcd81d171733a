/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * smpp_pdu: one SMPP protocol data unit (SMPP v3.4 issue 1.2, §4 and §5; the broadcast PDUs of SMPP
 * v5.0 §4.4) as a flat struct and back. All PDUs share the struct because SMPP's fields mean the same everywhere; which of them a
 * PDU has, and in which order, is its row in smpp_pdu.c.
 *
 * Guarantees: reading never looks behind `length`, never allocates, and gives the same bytes back
 * when what it read is written again (format.h). The text (`short_message`) and the optional parameters borrow from the bytes that were read. */
#ifndef GATEWAYS_SMS_SMPP_PDU_H
#define GATEWAYS_SMS_SMPP_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/sms/format.h"

enum {
    SMPP_HEADER_BYTES = 16,
    SMPP_PDU_MAX = 65536, /* longer is garbage: 255 parts of a text are half of it */
    SMPP_MESSAGE_ID_BYTES = 65,
    SMPP_ADDRESS_BYTES = 21,
    SMPP_DATA_ADDRESS_BYTES = 65, /* of data_sm */
    SMPP_SHORT_MESSAGE_MAX = 254
};

/* Command ids are 32 bits wide with the top one set in answers, so only the requests are an enum. */
enum smpp_command {
    SMPP_BIND_RECEIVER = 0x1,
    SMPP_BIND_TRANSMITTER = 0x2,
    SMPP_QUERY_SM = 0x3,
    SMPP_SUBMIT_SM = 0x4,
    SMPP_DELIVER_SM = 0x5,
    SMPP_UNBIND = 0x6,
    SMPP_REPLACE_SM = 0x7,
    SMPP_CANCEL_SM = 0x8,
    SMPP_BIND_TRANSCEIVER = 0x9,
    SMPP_OUTBIND = 0xB,
    SMPP_ENQUIRE_LINK = 0x15,
    SMPP_SUBMIT_MULTI = 0x21,
    SMPP_ALERT_NOTIFICATION = 0x102,
    SMPP_DATA_SM = 0x103,
    SMPP_BROADCAST_SM = 0x111,
    SMPP_QUERY_BROADCAST_SM = 0x112,
    SMPP_CANCEL_BROADCAST_SM = 0x113
};
#define SMPP_RESPONSE              FORMAT_RESPONSE
#define SMPP_GENERIC_NACK          0x80000000u
#define SMPP_RESP(request)         ((uint32_t)(request) | SMPP_RESPONSE)
#define SMPP_SUBMIT_SM_RESP        SMPP_RESP(SMPP_SUBMIT_SM)
#define SMPP_DELIVER_SM_RESP       SMPP_RESP(SMPP_DELIVER_SM)
#define SMPP_UNBIND_RESP           SMPP_RESP(SMPP_UNBIND)
#define SMPP_ENQUIRE_LINK_RESP     SMPP_RESP(SMPP_ENQUIRE_LINK)
#define SMPP_BIND_TRANSCEIVER_RESP SMPP_RESP(SMPP_BIND_TRANSCEIVER)

/* command_status, SMPP v3.4 §5.1.3: those this gateway says or decides upon. */
#define SMPP_STATUSES(X)                                                                           \
    X(ROK, 0x00, "no error")                                                                       \
    X(RINVMSGLEN, 0x01, "message length is invalid")                                               \
    X(RINVCMDLEN, 0x02, "command length is invalid")                                               \
    X(RINVCMDID, 0x03, "invalid command id")                                                       \
    X(RINVBNDSTS, 0x04, "wrong bind state for the command")                                        \
    X(RALYBND, 0x05, "already bound")                                                              \
    X(RSYSERR, 0x08, "system error")                                                               \
    X(RINVSRCADR, 0x0A, "invalid source address")                                                  \
    X(RINVDSTADR, 0x0B, "invalid destination address")                                             \
    X(RBINDFAIL, 0x0D, "bind failed")                                                              \
    X(RINVPASWD, 0x0E, "invalid password")                                                         \
    X(RINVSYSID, 0x0F, "invalid system id")                                                        \
    X(RCANCELFAIL, 0x11, "cancel failed")                                                          \
    X(RREPLACEFAIL, 0x13, "replace failed")                                                        \
    X(RMSGQFUL, 0x14, "message queue full")                                                        \
    X(RSUBMITFAIL, 0x45, "submit failed")                                                          \
    X(RTHROTTLED, 0x58, "throttling limit exceeded")                                               \
    X(RX_T_APPN, 0x64, "receiver: temporary error")                                                \
    X(RX_P_APPN, 0x65, "receiver: permanent error")                                                \
    X(RQUERYFAIL, 0x67, "query failed")                                                            \
    X(RDELIVERYFAILURE, 0xFE, "delivery failure")

enum smpp_status {
#define SMPP_STATUS_NAME(name, value, words) SMPP_##name = (value),
    SMPP_STATUSES(SMPP_STATUS_NAME)
#undef SMPP_STATUS_NAME
};

/* Optional parameters, §5.3.2. */
enum smpp_tag {
    SMPP_TAG_RECEIPTED_MESSAGE_ID = 0x001E,
    SMPP_TAG_USER_MESSAGE_REFERENCE = 0x0204,
    SMPP_TAG_DESTINATION_PORT = 0x020B,
    SMPP_TAG_SAR_MSG_REF_NUM = 0x020C,
    SMPP_TAG_SAR_TOTAL_SEGMENTS = 0x020E,
    SMPP_TAG_SAR_SEGMENT_SEQNUM = 0x020F,
    SMPP_TAG_SC_INTERFACE_VERSION = 0x0210,
    SMPP_TAG_NETWORK_ERROR_CODE = 0x0423,
    SMPP_TAG_MESSAGE_PAYLOAD = 0x0424,
    SMPP_TAG_MESSAGE_STATE = 0x0427
};

/* esm_class, §5.2.12. */
enum {
    SMPP_ESM_TYPE_MASK = 0x3C,
    SMPP_ESM_RECEIPT = 0x04,
    SMPP_ESM_INTERMEDIATE = 0x20,
    SMPP_ESM_UDHI = 0x40
};

struct smpp_pdu {
    uint32_t command;
    uint32_t status;
    uint32_t sequence;
    bool bodiless; /* an answer that is a header alone, as an error may be */

    char system_id[16];
    char password[9];
    char system_type[13];
    uint8_t interface_version;
    uint8_t addr_ton;
    uint8_t addr_npi;
    char address_range[41];

    char service_type[6];
    uint8_t source_ton;
    uint8_t source_npi;
    char source[SMPP_DATA_ADDRESS_BYTES];
    uint8_t dest_ton;
    uint8_t dest_npi;
    char dest[SMPP_DATA_ADDRESS_BYTES];
    uint8_t esm_class;
    uint8_t protocol_id;
    uint8_t priority;
    char schedule[17];
    char validity[17];
    uint8_t registered_delivery;
    uint8_t replace_if_present;
    uint8_t data_coding;
    uint8_t default_message;
    struct octets short_message;

    char message_id[SMPP_MESSAGE_ID_BYTES];

    char final_date[17]; /* query_sm_resp */
    uint8_t message_state;
    uint8_t error_code;
    uint8_t dest_count; /* submit_multi: number_of_dests, and the dest_addresses as they stand */
    struct octets dests;
    uint8_t failed_count; /* submit_multi_resp: no_unsuccess, and the unsuccess_smes */
    struct octets failed;
    uint8_t esme_ton; /* alert_notification */
    uint8_t esme_npi;
    char esme[SMPP_DATA_ADDRESS_BYTES];

    struct tlvs tlvs; /* unknown ones too */
};

extern const struct format smpp_format;

/* How long the PDU at the start of a stream is. Returns its length (16 … SMPP_PDU_MAX), 0 while
 * less than four octets are there, or -EBADMSG: no PDU can begin so, the stream cannot be trusted
 * any more. */
int smpp_pdu_measure(const uint8_t *bytes, size_t count);

/* Reads one whole PDU. Returns 0; -ENOTSUP for a command without a row; -EBADMSG when the body does
 * not fit its row. The header's members are set in each case (length ≥ SMPP_HEADER_BYTES is the
 * caller's duty, by smpp_pdu_measure()). Broken optional parameters are no error: a citizen's text
 * is not lost for them. */
int smpp_pdu_read(struct smpp_pdu *pdu, const uint8_t *bytes, size_t length);

/* Writes the PDU. Returns 0 and *length, -ENOBUFS, -EINVAL for a member too long, -ENOTSUP for a
 * command without a row. */
int smpp_pdu_write(const struct smpp_pdu *pdu, uint8_t *bytes, size_t size, size_t *length);

/* NULL when the PDU does not have it. */
const struct tlv *smpp_pdu_tlv(const struct smpp_pdu *pdu, enum smpp_tag tag);

/* The parameter as a big-endian number of up to four octets; `absent` when it is not there or not
 * such a number. */
uint32_t smpp_pdu_number(const struct smpp_pdu *pdu, enum smpp_tag tag, uint32_t absent);

/* The value is borrowed. Returns false when the PDU has FORMAT_TLVS_MAX already. */
bool smpp_pdu_add(struct smpp_pdu *pdu, enum smpp_tag tag, const uint8_t *bytes, size_t count);

/* The text: message_payload when it is there, short_message otherwise (§5.3.2.32). */
struct octets smpp_pdu_text(const struct smpp_pdu *pdu);

/* One of a submit_multi's dest_addresses, an SME address (§4.5.1.1). Returns its octets, at most SMPP_DEST_BYTES. */
enum {
    SMPP_DEST_BYTES = 1 + 2 + SMPP_ADDRESS_BYTES
};
size_t smpp_dest_write(uint8_t octets[SMPP_DEST_BYTES], uint8_t ton, uint8_t npi,
                       const char *address);

/* Takes the next unsuccess_sme (§4.5.2.1) from those of a submit_multi_resp; false when there is none. */
bool smpp_failed_next(struct octets *failed, char address[SMPP_ADDRESS_BYTES], uint32_t *status);

/* For logs; "command" and "status" for unknown ones. */
const char *smpp_command_name(uint32_t command);
const char *smpp_status_name(uint32_t status);

#endif
