/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * smgp_pdu: one PDU of China Telecom's SMGP 3.0 (中国电信短消息网关协议, §7 "消息定义") as a flat struct
 * and back (format.h). A message's id is ten octets of packed decimal digits, twenty as people read
 * them. */
#ifndef GATEWAYS_SMS_SMGP_PDU_H
#define GATEWAYS_SMS_SMGP_PDU_H

#include "gateways/sms/format.h"

enum {
    SMGP_HEADER_BYTES = 12,
    SMGP_PDU_MAX = 8192, /* 100 receivers of 21 octets and a text, with room */
    SMGP_RECEIVERS_MAX = 100,
    SMGP_RECEIVER_BYTES = 21,
    SMGP_ID_OCTETS = 10,
    SMGP_ID_BYTES = 21 /* printed */
};

enum smgp_command {
    SMGP_LOGIN = 0x1,
    SMGP_SUBMIT = 0x2,
    SMGP_DELIVER = 0x3,
    SMGP_ACTIVE_TEST = 0x4,
    SMGP_EXIT = 0x6,
    SMGP_QUERY = 0x7
};
#define SMGP_RESP(request) ((uint32_t)(request) | FORMAT_RESPONSE)

/* Status, §7.3. */
enum smgp_status {
    SMGP_STATUS_OK = 0,
    SMGP_STATUS_BUSY = 1,
    SMGP_STATUS_MANY = 2,
    SMGP_STATUS_STRUCTURE = 10,
    SMGP_STATUS_COMMAND = 11,
    SMGP_STATUS_REPEATED = 12,
    SMGP_STATUS_ADDRESS = 20,
    SMGP_STATUS_LOGIN = 21,
    SMGP_STATUS_VERSION = 22,
    SMGP_STATUS_FORMAT = 34,
    SMGP_STATUS_LENGTH = 36,
    SMGP_STATUS_ROUTE = 39,
    SMGP_STATUS_SOURCE = 46,
    SMGP_STATUS_DEST = 47,
    SMGP_STATUS_NO_ROUTE = 58
};

enum smgp_tag {
    SMGP_TAG_TP_PID = 0x0001,
    SMGP_TAG_TP_UDHI = 0x0002,
    SMGP_TAG_PK_TOTAL = 0x0009,
    SMGP_TAG_PK_NUMBER = 0x000A,
    SMGP_TAG_MSG_SRC = 0x0010
};

struct smgp_pdu {
    uint32_t command;
    uint32_t sequence;

    char client_id[9];
    uint8_t authenticator[16];
    uint8_t login_mode;
    uint32_t stamp;
    uint8_t version;
    uint32_t status;

    uint8_t msg_id[SMGP_ID_OCTETS];
    uint8_t msg_type;
    uint8_t need_report;
    uint8_t priority;
    char service_id[11];
    char fee_type[3];
    char fee_code[7];
    char fixed_fee[7];
    uint8_t format;
    char valid_time[18];
    char at_time[18];
    char source[22];
    char charge[22];
    struct octets receivers; /* of SUBMIT, each padded to 21 octets */
    char dest[22];
    uint8_t is_report;
    char received_time[15];
    struct octets content;
    char reserve[9];

    char query_day[9];
    uint8_t query_type;
    char query_code[11];
    uint32_t query_counts[8];

    struct tlvs tlvs; /* unknown ones too */
};

extern const struct format smgp_format;

/* Twenty hexadecimal digits, of which all are decimal ones when the centre does as it should. */
void smgp_id_print(char id[SMGP_ID_BYTES], const uint8_t msg_id[SMGP_ID_OCTETS]);

#endif
