/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sgip_pdu: one PDU of China Unicom's SGIP 1.2 (中国联通短消息网关系统接口协议, §4 "消息定义") as a flat
 * struct and back (format.h). Its sequence number has three parts: the node that asks, when, and a
 * counter; together they are a text's id for ever. */
#ifndef GATEWAYS_SMS_SGIP_PDU_H
#define GATEWAYS_SMS_SGIP_PDU_H

#include "gateways/sms/format.h"

enum {
    SGIP_HEADER_BYTES = 20,
    SGIP_PDU_MAX = 8192, /* 100 receivers of 21 octets and a text, with room */
    SGIP_RECEIVERS_MAX = 100,
    SGIP_RECEIVER_BYTES = 21,
    SGIP_CONTENT_MAX = 1024,
    SGIP_ID_BYTES = 31 /* of an id as people read it, three times ten digits */
};

enum sgip_command {
    SGIP_BIND = 0x1,
    SGIP_UNBIND = 0x2,
    SGIP_SUBMIT = 0x3,
    SGIP_DELIVER = 0x4,
    SGIP_REPORT = 0x5
};
#define SGIP_RESP(request) ((uint32_t)(request) | FORMAT_RESPONSE)

enum sgip_login {
    SGIP_LOGIN_SP = 1, /* we bind to the SMG, to submit */
    SGIP_LOGIN_SMG = 2 /* it binds to us, to deliver and report */
};

/* Result, appendix "错误码". */
enum sgip_result {
    SGIP_RESULT_OK = 0,
    SGIP_RESULT_LOGIN = 1,
    SGIP_RESULT_TWICE = 2,
    SGIP_RESULT_MANY = 3,
    SGIP_RESULT_TYPE = 4,
    SGIP_RESULT_FORMAT = 5,
    SGIP_RESULT_NUMBER = 6,
    SGIP_RESULT_MESSAGE_ID = 7,
    SGIP_RESULT_LENGTH = 8,
    SGIP_RESULT_SEQUENCE = 9,
    SGIP_RESULT_OPERATION = 10,
    SGIP_RESULT_BUSY = 11,
    SGIP_RESULT_UNREACHABLE = 21,
    SGIP_RESULT_ROUTE = 22,
    SGIP_RESULT_NO_ROUTE = 23
};

struct sgip_pdu {
    uint32_t command;
    uint32_t node, stamp, sequence;

    uint8_t login_type;
    char login_name[17];
    char login_password[17];

    char sp_number[22];
    char charge_number[22];
    struct octets receivers; /* UserNumber of SUBMIT, each padded to 21 octets */
    char user_number[22];    /* of DELIVER and REPORT */
    char corp_id[6];
    char service_type[11];
    uint8_t fee_type;
    char fee_value[7];
    char given_value[7];
    uint8_t agent_flag;
    uint8_t morelate_flag;
    uint8_t priority;
    char expire_time[17];
    char schedule_time[17];
    uint8_t report_flag;
    uint8_t tp_pid, tp_udhi;
    uint8_t coding;
    uint8_t message_type;
    struct octets content;

    uint32_t submit_node, submit_stamp, submit_sequence; /* of the text a REPORT is about */
    uint8_t report_type;
    uint8_t state;
    uint8_t error_code;

    uint8_t result;
    char reserve[9];
};

extern const struct format sgip_format;

#endif
