/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * statement: what is signed: a domain's name, then numbers (8 bytes, big-endian) and hashes at fixed
 * places. format: docs/trail-format.md. */
#ifndef PROTO_STATEMENT_H
#define PROTO_STATEMENT_H

#include <stddef.h>
#include <stdint.h>

enum {
    STATEMENT_BYTES_MAX = 256
};

struct statement {
    size_t size;
    uint8_t bytes[STATEMENT_BYTES_MAX];
};

/* The domain's letters, without their end. */
struct statement statement_of(const char *domain);

void statement_add(struct statement *statement, const void *bytes, size_t size);
void statement_add_number(struct statement *statement, uint64_t number);

#endif
