/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kept_table: what is kept of a call, of a leg to a phone and of who is gone, as tables of fields. What a table does not
 * name belongs to the process alone: tokens, transactions, channels, tickets.
 * tests/golden/kept.ok is the tables as text.
 *
 * Pure. What is read is checked: numbers and words within their bounds, or nothing is read at all. */
#ifndef GATEWAYS_TRUNK_KEPT_TABLE_H
#define GATEWAYS_TRUNK_KEPT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/kept.h"

enum kept_type {
    KEPT_END,
    KEPT_NUMBER, /* 1, 2, 4 or 8 bytes, below the limit when there is one; enumerations and bool too */
    KEPT_TEXT
};

struct kept_field {
    const char *name;
    enum kept_type type;
    uint32_t size; /* bytes in memory */
    size_t offset;
    uint64_t limit;
};

extern const struct kept_field kept_call_fields[]; /* of struct call; the last is KEPT_END */
extern const struct kept_field kept_phone_fields[];
extern const struct kept_field kept_gone_fields[];

/* The longest body a table makes; what a table means. */
uint32_t kept_table_bytes(const struct kept_field *fields);
uint64_t kept_table_layout(const struct kept_field *fields);

/* Writes the fields; returns the size. */
size_t kept_pack(const struct kept_field *fields, const void *record, uint8_t body[KEPT_BODY_MAX]);

/* Fills the named fields of *record and leaves the others. Returns false, *record then being undefined,
 * for bytes that are no such record. */
bool kept_unpack(const struct kept_field *fields, void *record, const uint8_t *body, size_t size);

#endif
