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
    FIELD_NUMBER, /* `wire` octets (1, 2, 4 or 8) into an unsigned integer of `size` octets ≥ wire */
    FIELD_C_STRING, /* up to `size` octets with the NUL into char[size] */
    FIELD_FIXED,    /* exactly `wire` octets, text to the first NUL, into char[size > wire] */
    FIELD_RAW,      /* exactly `wire` octets into uint8_t[wire] */
    FIELD_OCTETS,   /* `wire` octets of length, at most `size`, then so many: struct octets */
    FIELD_LIST,     /* one octet of count, at most `size`, then so many items of `wire` octets:
                       struct octets over them all */
    FIELD_GROUP     /* one octet of count, into the uint8_t at `size` of the record, then so many
                       items of a length their own: struct octets over them all */
};

struct field {
    enum field_kind kind;
    uint16_t offset; /* of the member in the record */
    uint16_t size;
    uint16_t wire;
    /* FIELD_GROUP: how long the item at the start of the bytes is; 0 when it is none. */
    size_t (*item)(const uint8_t *bytes, size_t left);
};

/* Rows for a table over `struct record`. */
#define FIELD_MEMBER(record, member) sizeof(((struct record *)0)->member)
#define FIELD_NUMBER_OF(record, member, wire)                                                      \
    {                                                                                              \
        FIELD_NUMBER, offsetof(struct record, member), FIELD_MEMBER(record, member), (wire), NULL  \
    }
#define FIELD_C_STRING_OF(record, member)                                                          \
    {                                                                                              \
        FIELD_C_STRING, offsetof(struct record, member), FIELD_MEMBER(record, member), 0, NULL     \
    }
#define FIELD_FIXED_OF(record, member, wire)                                                       \
    {                                                                                              \
        FIELD_FIXED, offsetof(struct record, member), FIELD_MEMBER(record, member), (wire), NULL   \
    }
#define FIELD_RAW_OF(record, member)                                                               \
    {                                                                                              \
        FIELD_RAW, offsetof(struct record, member), 0, FIELD_MEMBER(record, member), NULL          \
    }
#define FIELD_OCTETS_OF(record, member, wire, most)                                                \
    {                                                                                              \
        FIELD_OCTETS, offsetof(struct record, member), (most), (wire), NULL                        \
    }
#define FIELD_LIST_OF(record, member, item_octets, most)                                           \
    {                                                                                              \
        FIELD_LIST, offsetof(struct record, member), (most), (item_octets), NULL                   \
    }
#define FIELD_GROUP_OF(record, counter, member, item)                                              \
    {                                                                                              \
        FIELD_GROUP, offsetof(struct record, member), offsetof(struct record, counter), 0, (item)  \
    }

/* Reads `count` fields into record. Returns 0 and the octets taken in *used, or -EBADMSG; the
 * record's members up to the bad field are set then. */
int fields_read(const struct field *fields, size_t count, void *record, const uint8_t *bytes,
                size_t length, size_t *used);

/* Returns 0 and the octets written in *used, -ENOBUFS when they do not fit in `size`, or -EINVAL
 * when a member is longer than its field allows. */
int fields_write(const struct field *fields, size_t count, const void *record, uint8_t *bytes,
                 size_t size, size_t *used);

/* Big-endian number of up to eight octets. */
uint64_t fields_number(const uint8_t *bytes, size_t count);

#endif
