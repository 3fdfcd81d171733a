/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/statement.h"

#include <endian.h>
#include <string.h>

#include "base/require.h"

struct statement statement_of(const char *domain)
{
    struct statement statement = { .size = 0 };
    statement_add(&statement, domain, strlen(domain));
    return statement;
}

void statement_add(struct statement *statement, const void *bytes, size_t size)
{
    REQUIRE(size <= sizeof statement->bytes - statement->size);
    memcpy(statement->bytes + statement->size, bytes, size);
    statement->size += size;
}

void statement_add_number(struct statement *statement, uint64_t number)
{
    number = htobe64(number);
    statement_add(statement, &number, sizeof number);
}
