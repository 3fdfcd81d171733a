/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/sgip_pdu.h"

#define NUMBER(member)      FIELD_NUMBER_OF(sgip_pdu, member, FIELD_MEMBER(sgip_pdu, member))
#define FIXED(member, wire) FIELD_FIXED_OF(sgip_pdu, member, wire)
#define CONTENT             FIELD_OCTETS_OF(sgip_pdu, content, 4, SGIP_CONTENT_MAX)
#define RESERVE             FIXED(reserve, 8)
#define COUNT(array)        (sizeof(array) / sizeof((array)[0]))

static const struct field header_fields[] = { NUMBER(command), NUMBER(node), NUMBER(stamp),
                                              NUMBER(sequence) };

static const struct field bind[] = { NUMBER(login_type), FIXED(login_name, 16),
                                     FIXED(login_password, 16), RESERVE };
static const struct field answer[] = { NUMBER(result), RESERVE };
static const struct field submit[] = {
    FIXED(sp_number, 21),
    FIXED(charge_number, 21),
    FIELD_LIST_OF(sgip_pdu, receivers, SGIP_RECEIVER_BYTES, SGIP_RECEIVERS_MAX),
    FIXED(corp_id, 5),
    FIXED(service_type, 10),
    NUMBER(fee_type),
    FIXED(fee_value, 6),
    FIXED(given_value, 6),
    NUMBER(agent_flag),
    NUMBER(morelate_flag),
    NUMBER(priority),
    FIXED(expire_time, 16),
    FIXED(schedule_time, 16),
    NUMBER(report_flag),
    NUMBER(tp_pid),
    NUMBER(tp_udhi),
    NUMBER(coding),
    NUMBER(message_type),
    CONTENT,
    RESERVE,
};
static const struct field deliver[] = { FIXED(user_number, 21),
                                        FIXED(sp_number, 21),
                                        NUMBER(tp_pid),
                                        NUMBER(tp_udhi),
                                        NUMBER(coding),
                                        CONTENT,
                                        RESERVE };
static const struct field report[] = { NUMBER(submit_node),     NUMBER(submit_stamp),
                                       NUMBER(submit_sequence), NUMBER(report_type),
                                       FIXED(user_number, 21),  NUMBER(state),
                                       NUMBER(error_code),      RESERVE };

static const struct format_row rows[] = {
    FORMAT_ROW(SGIP_BIND, "SGIP_BIND", bind),
    FORMAT_ROW(SGIP_RESP(SGIP_BIND), "SGIP_BIND_RESP", answer),
    FORMAT_BARE(SGIP_UNBIND, "SGIP_UNBIND"),
    FORMAT_BARE(SGIP_RESP(SGIP_UNBIND), "SGIP_UNBIND_RESP"),
    FORMAT_ROW(SGIP_SUBMIT, "SGIP_SUBMIT", submit),
    FORMAT_ROW(SGIP_RESP(SGIP_SUBMIT), "SGIP_SUBMIT_RESP", answer),
    FORMAT_ROW(SGIP_DELIVER, "SGIP_DELIVER", deliver),
    FORMAT_ROW(SGIP_RESP(SGIP_DELIVER), "SGIP_DELIVER_RESP", answer),
    FORMAT_ROW(SGIP_REPORT, "SGIP_REPORT", report),
    FORMAT_ROW(SGIP_RESP(SGIP_REPORT), "SGIP_REPORT_RESP", answer),
};

const struct format sgip_format = {
    .header = header_fields,
    .header_count = COUNT(header_fields),
    .header_bytes = SGIP_HEADER_BYTES,
    .pdu_max = SGIP_PDU_MAX,
    .record_bytes = sizeof(struct sgip_pdu),
    .rows = rows,
    .row_count = COUNT(rows),
};
