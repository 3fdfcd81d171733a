/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rows: a number for each row of the city's configuration that changes with any of its fields. Tells
 * an unchanged row from a changed one, and goes into the core's digest. */
#ifndef DISPATCHER_CORE_ROWS_H
#define DISPATCHER_CORE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"

/* Stirs a value, or a text up to its end, into the number. */
uint64_t stir(uint64_t number, uint64_t value);
uint64_t stir_text(uint64_t number, const char *text);
uint64_t stir_bytes(uint64_t number, const uint8_t *bytes, size_t size);

uint64_t line_fingerprint(const struct line_row *row);
uint64_t department_fingerprint(const struct department_row *row);
uint64_t user_fingerprint(const struct user_row *row);
uint64_t category_fingerprint(const struct category_row *row);
uint64_t gateway_fingerprint(const struct gateway_row *row);
uint64_t limit_fingerprint(const struct limit_row *row);
uint64_t day_fingerprint(const struct day_row *row);
uint64_t template_fingerprint(const struct template_row *row);
uint64_t district_fingerprint(const struct district_row *row);
uint64_t unit_fingerprint(const struct unit_row *row);

#endif
