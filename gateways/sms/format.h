/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * format: how the PDUs of a protocol look: all begin with their length in four octets, then a
 * header, then the body by its command's row, then, where the row says so, optional parameters (tag
 * and length of two octets each, SMPP v3.4 §3.2.4, SMGP 3.0 §7). A protocol is a table of rows over
 * one flat record, whose first member is the command.
 *
 * Guarantees: reading never looks behind `length`, never allocates, and gives the same bytes back
 * when what it read is written again (but for octets behind the body that no row knows, and what
 * stands behind the NUL of a padded field). Octets in the record borrow from the bytes. */
#ifndef GATEWAYS_SMS_FORMAT_H
#define GATEWAYS_SMS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/sms/fields.h"

enum {
    FORMAT_LENGTH_BYTES = 4,
    FORMAT_TLVS_MAX = 32 /* optional parameters kept of one PDU; more are not looked at */
};

/* In all four protocols an answer is its request's command with the top bit. */
#define FORMAT_RESPONSE 0x80000000u

struct tlv {
    uint16_t tag;
    struct octets value;
};

struct tlvs {
    bool broken; /* what follows the last good one is none */
    uint8_t count;
    struct tlv items[FORMAT_TLVS_MAX];
};

/* NULL when it is not there. */
const struct tlv *tlvs_find(const struct tlvs *tlvs, uint16_t tag);
/* As a big-endian number of up to four octets; `absent` when it is not there or not such a number. */
uint32_t tlvs_number(const struct tlvs *tlvs, uint16_t tag, uint32_t absent);
/* The value is borrowed. False when there are FORMAT_TLVS_MAX already. */
bool tlvs_add(struct tlvs *tlvs, uint16_t tag, const uint8_t *bytes, size_t count);

struct format_row {
    uint32_t command;
    const char *name;
    const struct field *fields;
    size_t count;
};

/* A row of a command with a table of fields, and of one without a body. */
#define FORMAT_ROW(command, name, fields)                                                          \
    {                                                                                              \
        (command), name, fields, sizeof(fields) / sizeof(fields)[0]                                \
    }
#define FORMAT_BARE(command, name)                                                                 \
    {                                                                                              \
        (command), name, NULL, 0                                                                   \
    }

struct format {
    const struct field *header; /* behind the length */
    size_t header_count;
    size_t header_bytes; /* with the length */
    size_t pdu_max;      /* longer is garbage */
    size_t record_bytes;
    size_t tlvs_offset;     /* of struct tlvs in the record; 0: the protocol has none */
    size_t bodiless_offset; /* of a bool: an answer of a header alone; 0: no such thing */
    const struct format_row *rows;
    size_t row_count;
};

/* How long the PDU at the start of a stream is. Returns its length, 0 while fewer than four octets
 * are there, or -EBADMSG: no PDU can begin so, the stream cannot be trusted any more. */
int format_measure(const struct format *format, const uint8_t *bytes, size_t count);

/* Reads one whole PDU of `length` octets. Returns 0; -ENOTSUP for a command without a row; -EBADMSG
 * when the body does not fit its row. The header's members are set in each case when there are as
 * many octets. Broken optional parameters are no error: a citizen's text is not lost for them. */
int format_read(const struct format *format, void *record, const uint8_t *bytes, size_t length);

/* Returns 0 and *length, -ENOBUFS, -EINVAL for a member too long, -ENOTSUP for a command without a
 * row. */
int format_write(const struct format *format, const void *record, uint8_t *bytes, size_t size,
                 size_t *length);

/* For logs; "command" for an unknown one. */
const char *format_name(const struct format *format, uint32_t command);

#endif
