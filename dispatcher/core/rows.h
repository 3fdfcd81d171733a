/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rows: a number for each row of the city's configuration that changes with any of its fields. Tells
 * an unchanged row from a changed one, and goes into the core's digest.
 *
 * It walks the row's schema: a field counts by its number in proto/rows.proto, one at its default not
 * at all. A field that a later version adds leaves the numbers of older rows as they are. */
#ifndef DISPATCHER_CORE_ROWS_H
#define DISPATCHER_CORE_ROWS_H

#include <stdint.h>

#include "proto/message.h"

/* Stirs a value, or a text up to its end, into the number. */
uint64_t stir(uint64_t number, uint64_t value);
uint64_t stir_text(uint64_t number, const char *text);

/* `row` is the struct of schema `id`. */
uint64_t row_fingerprint(enum schema_id id, const void *row);

static inline uint64_t line_fingerprint(const struct line_row *row)
{
    return row_fingerprint(SCHEMA_LINE_ROW, row);
}

static inline uint64_t department_fingerprint(const struct department_row *row)
{
    return row_fingerprint(SCHEMA_DEPARTMENT_ROW, row);
}

static inline uint64_t user_fingerprint(const struct user_row *row)
{
    return row_fingerprint(SCHEMA_USER_ROW, row);
}

static inline uint64_t category_fingerprint(const struct category_row *row)
{
    return row_fingerprint(SCHEMA_CATEGORY_ROW, row);
}

static inline uint64_t gateway_fingerprint(const struct gateway_row *row)
{
    return row_fingerprint(SCHEMA_GATEWAY_ROW, row);
}

static inline uint64_t limit_fingerprint(const struct limit_row *row)
{
    return row_fingerprint(SCHEMA_LIMIT_ROW, row);
}

static inline uint64_t day_fingerprint(const struct day_row *row)
{
    return row_fingerprint(SCHEMA_DAY_ROW, row);
}

static inline uint64_t disposition_fingerprint(const struct disposition_row *row)
{
    return row_fingerprint(SCHEMA_DISPOSITION_ROW, row);
}

static inline uint64_t retention_fingerprint(const struct retention_row *row)
{
    return row_fingerprint(SCHEMA_RETENTION_ROW, row);
}

static inline uint64_t wish_fingerprint(const struct wish_row *row)
{
    return row_fingerprint(SCHEMA_WISH_ROW, row);
}

static inline uint64_t template_fingerprint(const struct template_row *row)
{
    return row_fingerprint(SCHEMA_TEMPLATE_ROW, row);
}

static inline uint64_t district_fingerprint(const struct district_row *row)
{
    return row_fingerprint(SCHEMA_DISTRICT_ROW, row);
}

static inline uint64_t forecast_fingerprint(const struct forecast_row *row)
{
    return row_fingerprint(SCHEMA_FORECAST_ROW, row);
}

static inline uint64_t unit_fingerprint(const struct unit_row *row)
{
    return row_fingerprint(SCHEMA_UNIT_ROW, row);
}

static inline uint64_t run_card_fingerprint(const struct run_card_row *row)
{
    return row_fingerprint(SCHEMA_RUN_CARD_ROW, row);
}

static inline uint64_t coverage_fingerprint(const struct coverage_row *row)
{
    return row_fingerprint(SCHEMA_COVERAGE_ROW, row);
}

#endif
