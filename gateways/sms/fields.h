/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fields: reads and writes the body of a PDU by a table of its fields, so that a new PDU is a row
 * and not a pair of functions. Numbers are big endian, as all the operators' protocols have them.
 *
 * Reading is strict: a field that does not fit in what is left, a string without its end or longer
 * than its limit ends with -EBADMSG, and nothing behind `length` is ever looked at. */
#ifndef GATEWAYS_SMS_FIELDS_H
#define GATEWAYS_SMS_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/* Borrowed octets: of the PDU that was read, or of whoever writes one. */
struct octets {
    const uint8_t *bytes;
    size_t count;
};

enum field_kind {
    FIELD_NUMBER,   /* `size` octets (1, 2 or 4) into an unsigned integer of that size */
    FIELD_C_STRING, /* up to `size` octets with the NUL into char[size] */
    FIELD_OCTETS    /* one octet of length, at most `size`, then so many octets: struct octets */
};

struct field {
    enum field_kind kind;
    uint16_t offset; /* of the member in the record */
    uint16_t size;
};

/* Reads `count` fields into record. Returns 0 and the octets taken in *used, or -EBADMSG; the
 * record's members up to the bad field are set then. */
int fields_read(const struct field *fields, size_t count, void *record, const uint8_t *bytes,
                size_t length, size_t *used);

/* Returns 0 and the octets written in *used, -ENOBUFS when they do not fit in `size`, or -EINVAL
 * when a member is longer than its field allows. */
int fields_write(const struct field *fields, size_t count, const void *record, uint8_t *bytes,
                 size_t size, size_t *used);

#endif
