/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/smgp_pdu.h"

#include <stdio.h>

#define NUMBER(member)      FIELD_NUMBER_OF(smgp_pdu, member, FIELD_MEMBER(smgp_pdu, member))
#define FIXED(member, wire) FIELD_FIXED_OF(smgp_pdu, member, wire)
#define RAW(member)         FIELD_RAW_OF(smgp_pdu, member)
#define CONTENT             FIELD_OCTETS_OF(smgp_pdu, content, 1, 255)
#define COUNT(array)        (sizeof(array) / sizeof((array)[0]))

static const struct field header_fields[] = { NUMBER(command), NUMBER(sequence) };

static const struct field login[] = { FIXED(client_id, 8), RAW(authenticator), NUMBER(login_mode),
                                      NUMBER(stamp), NUMBER(version) };
static const struct field login_resp[] = { NUMBER(status), RAW(authenticator), NUMBER(version) };
static const struct field submit[] = {
    NUMBER(msg_type),
    NUMBER(need_report),
    NUMBER(priority),
    FIXED(service_id, 10),
    FIXED(fee_type, 2),
    FIXED(fee_code, 6),
    FIXED(fixed_fee, 6),
    NUMBER(format),
    FIXED(valid_time, 17),
    FIXED(at_time, 17),
    FIXED(source, 21),
    FIXED(charge, 21),
    FIELD_LIST_OF(smgp_pdu, receivers, SMGP_RECEIVER_BYTES, SMGP_RECEIVERS_MAX),
    CONTENT,
    FIXED(reserve, 8),
};
static const struct field answer[] = { RAW(msg_id), NUMBER(status) };
static const struct field deliver[] = { RAW(msg_id),       NUMBER(is_report),
                                        NUMBER(format),    FIXED(received_time, 14),
                                        FIXED(source, 21), FIXED(dest, 21),
                                        CONTENT,           FIXED(reserve, 8) };
#define QUERY_HEAD FIXED(query_day, 8), NUMBER(query_type), FIXED(query_code, 10)
static const struct field query[] = { QUERY_HEAD, FIXED(reserve, 8) };
static const struct field query_resp[] = { QUERY_HEAD,
                                           NUMBER(query_counts[0]),
                                           NUMBER(query_counts[1]),
                                           NUMBER(query_counts[2]),
                                           NUMBER(query_counts[3]),
                                           NUMBER(query_counts[4]),
                                           NUMBER(query_counts[5]),
                                           NUMBER(query_counts[6]),
                                           NUMBER(query_counts[7]),
                                           FIXED(reserve, 8) };

static const struct format_row rows[] = {
    FORMAT_ROW(SMGP_LOGIN, "Login", login),
    FORMAT_ROW(SMGP_RESP(SMGP_LOGIN), "Login_Resp", login_resp),
    FORMAT_ROW(SMGP_SUBMIT, "Submit", submit),
    FORMAT_ROW(SMGP_RESP(SMGP_SUBMIT), "Submit_Resp", answer),
    FORMAT_ROW(SMGP_DELIVER, "Deliver", deliver),
    FORMAT_ROW(SMGP_RESP(SMGP_DELIVER), "Deliver_Resp", answer),
    FORMAT_BARE(SMGP_ACTIVE_TEST, "Active_Test"),
    FORMAT_BARE(SMGP_RESP(SMGP_ACTIVE_TEST), "Active_Test_Resp"),
    FORMAT_BARE(SMGP_EXIT, "Exit"),
    FORMAT_BARE(SMGP_RESP(SMGP_EXIT), "Exit_Resp"),
    FORMAT_ROW(SMGP_QUERY, "Query", query),
    FORMAT_ROW(SMGP_RESP(SMGP_QUERY), "Query_Resp", query_resp),
};

const struct format smgp_format = {
    .header = header_fields,
    .header_count = COUNT(header_fields),
    .header_bytes = SMGP_HEADER_BYTES,
    .pdu_max = SMGP_PDU_MAX,
    .record_bytes = sizeof(struct smgp_pdu),
    .tlvs_offset = offsetof(struct smgp_pdu, tlvs),
    .rows = rows,
    .row_count = COUNT(rows),
};

void smgp_id_print(char id[SMGP_ID_BYTES], const uint8_t msg_id[SMGP_ID_OCTETS])
{
    for (size_t i = 0; i < SMGP_ID_OCTETS; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", (unsigned)msg_id[i]);
}
