/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cmpp_pdu: one PDU of China Mobile's CMPP (中国移动通信互联网短信网关接口协议) 2.0 or 3.0, §7 "消息定义"
 * of either, as a flat struct and back (format.h). The versions differ in the width of numbers and of
 * terminals' ids, so each has its own rows over the same struct. */
#ifndef GATEWAYS_SMS_CMPP_PDU_H
#define GATEWAYS_SMS_CMPP_PDU_H

#include "gateways/sms/format.h"

enum {
    CMPP_HEADER_BYTES = 12,
    CMPP_PDU_MAX = 8192, /* 100 receivers of 32 octets and a text, with room */
    CMPP_RECEIVERS_MAX = 100,
    CMPP_ID_BYTES = 24 /* of a Msg_Id as people read it */
};

enum cmpp_command {
    CMPP_CONNECT = 0x1,
    CMPP_TERMINATE = 0x2,
    CMPP_SUBMIT = 0x4,
    CMPP_DELIVER = 0x5,
    CMPP_QUERY = 0x6,
    CMPP_CANCEL = 0x7,
    CMPP_ACTIVE_TEST = 0x8
};
#define CMPP_RESP(request) ((uint32_t)(request) | FORMAT_RESPONSE)

/* Result of SUBMIT_RESP and DELIVER_RESP, §7.4.3.2. */
enum cmpp_result {
    CMPP_RESULT_OK = 0,
    CMPP_RESULT_STRUCTURE = 1,
    CMPP_RESULT_COMMAND = 2,
    CMPP_RESULT_REPEATED = 3,
    CMPP_RESULT_LENGTH = 4,
    CMPP_RESULT_TARIFF = 5,
    CMPP_RESULT_TOO_LONG = 6,
    CMPP_RESULT_SERVICE = 7,
    CMPP_RESULT_FLOW = 8,
    CMPP_RESULT_NOT_MINE = 9 /* 3.0: this gateway does not serve the number; 2.0: any other error */
};

struct cmpp_pdu {
    uint32_t command;
    uint32_t sequence;

    /* CONNECT and its answer */
    char source_addr[7];
    uint8_t authenticator[16];
    uint8_t version;
    uint32_t stamp;  /* MMDDHHMMSS */
    uint32_t result; /* Status, Result, Success_Id */

    /* SUBMIT, DELIVER */
    uint64_t msg_id;
    uint8_t pk_total, pk_number;
    uint8_t registered_delivery;
    uint8_t msg_level;
    char service_id[11];
    uint8_t fee_user_type;
    char fee_terminal[33];
    uint8_t fee_terminal_type;
    uint8_t tp_pid, tp_udhi;
    uint8_t msg_fmt;
    char msg_src[7];
    char fee_type[3];
    char fee_code[7];
    char valid_time[18];
    char at_time[18];
    char source[33]; /* Src_Id, Src_terminal_Id */
    uint8_t source_type;
    struct octets receivers; /* of SUBMIT, each padded to 21 or 32 octets */
    uint8_t receivers_type;
    char dest[22]; /* Dest_Id */
    struct octets content;
    char link_id[21]; /* 3.0 */
    char reserve[9];  /* 2.0 */

    /* QUERY and its answer */
    char query_day[9];
    uint8_t query_type;
    char query_code[11];
    uint32_t query_counts[8]; /* MT_TLMsg … MO_FL */

    uint8_t reserved; /* ACTIVE_TEST_RESP */
};

extern const struct format cmpp2_format;
extern const struct format cmpp3_format;

/* What a DELIVER with Registered_Delivery 1 has as content, §7.4.4.1 of 2.0 (60 octets), §8.4.3.8 of
 * 3.0 (71). */
struct cmpp_report {
    uint64_t msg_id;
    char stat[8];
    char submit_time[11];
    char done_time[11];
    char dest[33];
    uint32_t smsc_sequence;
};

/* Either length, by the octets alone: gateways of 2.0 are known that send 3.0's. Octets behind
 * done_time that are missing are taken as empty. Returns 0 or -EBADMSG. */
int cmpp_report_read(struct cmpp_report *report, struct octets content);

/* Msg_Id as it stands in bills and logs: MMDDHHMMSS, seven digits of gateway, five of sequence; and
 * back, 0 for what is none. */
void cmpp_id_print(char id[CMPP_ID_BYTES], uint64_t msg_id);
uint64_t cmpp_id_read(const char *id);

#endif
