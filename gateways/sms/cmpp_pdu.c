/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/cmpp_pdu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NUMBER(member, wire) FIELD_NUMBER_OF(cmpp_pdu, member, wire)
#define FIXED(member, wire)  FIELD_FIXED_OF(cmpp_pdu, member, wire)
#define COUNT(array)         (sizeof(array) / sizeof((array)[0]))

static const struct field header_fields[] = { NUMBER(command, 4), NUMBER(sequence, 4) };

static const struct field connect_fields[] = { FIXED(source_addr, 6),
                                               FIELD_RAW_OF(cmpp_pdu, authenticator),
                                               NUMBER(version, 1), NUMBER(stamp, 4) };
static const struct field connect_resp_2[] = { NUMBER(result, 1),
                                               FIELD_RAW_OF(cmpp_pdu, authenticator),
                                               NUMBER(version, 1) };
static const struct field connect_resp_3[] = { NUMBER(result, 4),
                                               FIELD_RAW_OF(cmpp_pdu, authenticator),
                                               NUMBER(version, 1) };

#define SUBMIT_HEAD                                                                                \
    NUMBER(msg_id, 8), NUMBER(pk_total, 1), NUMBER(pk_number, 1), NUMBER(registered_delivery, 1),  \
        NUMBER(msg_level, 1), FIXED(service_id, 10), NUMBER(fee_user_type, 1)
#define SUBMIT_MIDDLE                                                                              \
    NUMBER(tp_pid, 1), NUMBER(tp_udhi, 1), NUMBER(msg_fmt, 1), FIXED(msg_src, 6),                  \
        FIXED(fee_type, 2), FIXED(fee_code, 6), FIXED(valid_time, 17), FIXED(at_time, 17),         \
        FIXED(source, 21)
#define RECEIVERS(octets) FIELD_LIST_OF(cmpp_pdu, receivers, octets, CMPP_RECEIVERS_MAX)
#define CONTENT           FIELD_OCTETS_OF(cmpp_pdu, content, 1, 255)

static const struct field submit_2[] = { SUBMIT_HEAD,   FIXED(fee_terminal, 21),
                                         SUBMIT_MIDDLE, RECEIVERS(21),
                                         CONTENT,       FIXED(reserve, 8) };
static const struct field submit_3[] = {
    SUBMIT_HEAD,   FIXED(fee_terminal, 32), NUMBER(fee_terminal_type, 1),
    SUBMIT_MIDDLE, RECEIVERS(32),           NUMBER(receivers_type, 1),
    CONTENT,       FIXED(link_id, 20)
};
static const struct field answer_2[] = { NUMBER(msg_id, 8), NUMBER(result, 1) };
static const struct field answer_3[] = { NUMBER(msg_id, 8), NUMBER(result, 4) };

#define DELIVER_HEAD                                                                               \
    NUMBER(msg_id, 8), FIXED(dest, 21), FIXED(service_id, 10), NUMBER(tp_pid, 1),                  \
        NUMBER(tp_udhi, 1), NUMBER(msg_fmt, 1)

static const struct field deliver_2[] = { DELIVER_HEAD, FIXED(source, 21),
                                          NUMBER(registered_delivery, 1), CONTENT,
                                          FIXED(reserve, 8) };
static const struct field deliver_3[] = {
    DELIVER_HEAD, FIXED(source, 32), NUMBER(source_type, 1), NUMBER(registered_delivery, 1),
    CONTENT,      FIXED(link_id, 20)
};

#define QUERY_HEAD FIXED(query_day, 8), NUMBER(query_type, 1), FIXED(query_code, 10)

static const struct field query[] = { QUERY_HEAD, FIXED(reserve, 8) };
static const struct field query_resp[] = { QUERY_HEAD,
                                           NUMBER(query_counts[0], 4),
                                           NUMBER(query_counts[1], 4),
                                           NUMBER(query_counts[2], 4),
                                           NUMBER(query_counts[3], 4),
                                           NUMBER(query_counts[4], 4),
                                           NUMBER(query_counts[5], 4),
                                           NUMBER(query_counts[6], 4),
                                           NUMBER(query_counts[7], 4) };
static const struct field cancel[] = { NUMBER(msg_id, 8) };
static const struct field cancel_resp_2[] = { NUMBER(result, 1) };
static const struct field cancel_resp_3[] = { NUMBER(result, 4) };
static const struct field active_test_resp[] = { NUMBER(reserved, 1) };

/* The rows of one version, whose tables end in `version`. */
#define ROWS(version)                                                                              \
    FORMAT_ROW(CMPP_CONNECT, "CMPP_CONNECT", connect_fields),                                      \
        FORMAT_ROW(CMPP_RESP(CMPP_CONNECT), "CMPP_CONNECT_RESP", connect_resp_##version),          \
        FORMAT_BARE(CMPP_TERMINATE, "CMPP_TERMINATE"),                                             \
        FORMAT_BARE(CMPP_RESP(CMPP_TERMINATE), "CMPP_TERMINATE_RESP"),                             \
        FORMAT_ROW(CMPP_SUBMIT, "CMPP_SUBMIT", submit_##version),                                  \
        FORMAT_ROW(CMPP_RESP(CMPP_SUBMIT), "CMPP_SUBMIT_RESP", answer_##version),                  \
        FORMAT_ROW(CMPP_DELIVER, "CMPP_DELIVER", deliver_##version),                               \
        FORMAT_ROW(CMPP_RESP(CMPP_DELIVER), "CMPP_DELIVER_RESP", answer_##version),                \
        FORMAT_ROW(CMPP_QUERY, "CMPP_QUERY", query),                                               \
        FORMAT_ROW(CMPP_RESP(CMPP_QUERY), "CMPP_QUERY_RESP", query_resp),                          \
        FORMAT_ROW(CMPP_CANCEL, "CMPP_CANCEL", cancel),                                            \
        FORMAT_ROW(CMPP_RESP(CMPP_CANCEL), "CMPP_CANCEL_RESP", cancel_resp_##version),             \
        FORMAT_BARE(CMPP_ACTIVE_TEST, "CMPP_ACTIVE_TEST"),                                         \
        FORMAT_ROW(CMPP_RESP(CMPP_ACTIVE_TEST), "CMPP_ACTIVE_TEST_RESP", active_test_resp)

static const struct format_row rows_2[] = { ROWS(2) };
static const struct format_row rows_3[] = { ROWS(3) };

#define FORMAT(rows_of_it)                                                                         \
    {                                                                                              \
        .header = header_fields, .header_count = COUNT(header_fields),                             \
        .header_bytes = CMPP_HEADER_BYTES, .pdu_max = CMPP_PDU_MAX,                                \
        .record_bytes = sizeof(struct cmpp_pdu), .rows = (rows_of_it),                             \
        .row_count = COUNT(rows_of_it)                                                             \
    }

const struct format cmpp2_format = FORMAT(rows_2);
const struct format cmpp3_format = FORMAT(rows_3);

int cmpp_report_read(struct cmpp_report *report, struct octets content)
{
#define REPORT_FIELDS(octets)                                                                      \
    FIELD_NUMBER_OF(cmpp_report, msg_id, 8), FIELD_FIXED_OF(cmpp_report, stat, 7),                 \
        FIELD_FIXED_OF(cmpp_report, submit_time, 10), FIELD_FIXED_OF(cmpp_report, done_time, 10),  \
        FIELD_FIXED_OF(cmpp_report, dest, octets), FIELD_NUMBER_OF(cmpp_report, smsc_sequence, 4)
    static const struct field report_2[] = { REPORT_FIELDS(21) };
    static const struct field report_3[] = { REPORT_FIELDS(32) };
#undef REPORT_FIELDS
    bool is_3 = content.count >= 71;
    size_t count = content.count >= 60 ? COUNT(report_2) : 2;
    size_t used = 0;

    memset(report, 0, sizeof *report);
    return fields_read(is_3 ? report_3 : report_2, count, report, content.bytes, content.count,
                       &used);
}

/* Bits 64–61 month, 60–56 day, 55–51 hour, 50–45 minute, 44–39 second, 38–17 gateway, 16–1 sequence. */
static const struct {
    unsigned bits, digits;
} id_parts[] = { { 4, 2 }, { 5, 2 }, { 5, 2 }, { 6, 2 }, { 6, 2 }, { 22, 7 }, { 16, 5 } };

void cmpp_id_print(char id[CMPP_ID_BYTES], uint64_t msg_id)
{
    unsigned shift = 64;
    size_t at = 0;

    for (size_t i = 0; i < COUNT(id_parts); i++) {
        shift -= id_parts[i].bits;
        uint64_t value = msg_id >> shift & ((1ULL << id_parts[i].bits) - 1);
        at += (size_t)snprintf(id + at, CMPP_ID_BYTES - at, "%0*llu", (int)id_parts[i].digits,
                               (unsigned long long)value);
    }
}

uint64_t cmpp_id_read(const char *id)
{
    uint64_t msg_id = 0;

    if (strlen(id) != 22 || strspn(id, "0123456789") != 22)
        return 0;
    for (size_t i = 0; i < COUNT(id_parts); i++) {
        uint64_t value = 0;

        for (unsigned digit = 0; digit < id_parts[i].digits; digit++)
            value = value * 10 + (uint64_t)(*id++ - '0');
        if (value >> id_parts[i].bits != 0)
            return 0;
        msg_id = msg_id << id_parts[i].bits | value;
    }
    return msg_id;
}
